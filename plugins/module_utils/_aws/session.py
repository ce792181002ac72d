# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speak in a session of Systems Manager, by Session Manager's plugin.

The SDK has no data channel. The plugin is called as the AWS CLI does it (awscli
``customizations/sessionmanager.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import typing as t

from .._rules.errors import RefusedError, SteadyStateError

PLUGIN: t.Final = "session-manager-plugin"
INSTALL: t.Final = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "session-manager-working-with-install-plugin.html"
)

TOKEN_IN_ENVIRONMENT: t.Final = (1, 2, 497)
"""First version that takes the session from the environment, where no other user sees its token."""

_VARIABLE: t.Final = "AWS_SSM_START_SESSION_RESPONSE"
_LONGEST_LINE: t.Final = 1 << 24


class SessionTimeoutError(SteadyStateError):
    """A session did not end in time; ``text`` is what came of it."""

    def __init__(self, timeout: float, text: str) -> None:
        super().__init__(f"timed out after {timeout:g} seconds")
        self.text = text


class Sessions:
    """Runs the plugin, found on PATH or where ``path`` says."""

    def __init__(self, path: str | None = None) -> None:
        self._path = path

    def require(self) -> str:
        """Return the path of the plugin; RefusedError where it is not installed."""
        found = shutil.which(self._path or PLUGIN)
        if found:
            return found
        where = f"at {self._path}" if self._path else "on PATH"
        raise RefusedError(
            f"{PLUGIN} is not installed {where} on this host, and ECS Exec needs it; see {INSTALL}"
        )

    def run(
        self,
        session: dict[str, t.Any],
        target: str,
        *,
        region: str,
        endpoint: str,
        timeout: float,
        report: t.Callable[[str], None],
    ) -> str:
        """Return what a session prints until it ends.

        ``session`` is that of ExecuteCommand. ``report`` is told each line at once. Raises
        SessionTimeoutError.
        """
        plugin = self.require()
        told = {
            "SessionId": session["sessionId"],
            "StreamUrl": session["streamUrl"],
            "TokenValue": session["tokenValue"],
        }
        return asyncio.run(
            _run(plugin, json.dumps(told), target, region, endpoint, timeout, report)
        )


async def _run(
    plugin: str,
    session: str,
    target: str,
    region: str,
    endpoint: str,
    timeout: float,
    report: t.Callable[[str], None],
) -> str:
    hidden = await _version(plugin) >= TOKEN_IN_ENVIRONMENT
    environment = {**os.environ, _VARIABLE: session} if hidden else dict(os.environ)
    parameters = json.dumps({"Target": target})
    # It gives up where its standard input is at its end, and sets the terminal up: it gets one.
    ours, theirs = os.openpty()
    lines: list[str] = []
    try:
        process = await asyncio.create_subprocess_exec(
            plugin,
            _VARIABLE if hidden else session,
            region,
            "StartSession",
            "",
            parameters,
            endpoint,
            stdin=theirs,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
            limit=_LONGEST_LINE,
        )
        try:
            await asyncio.wait_for(_read(process, lines, report), timeout)
        except TimeoutError:
            raise SessionTimeoutError(timeout, "".join(lines)) from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    finally:
        os.close(theirs)
        os.close(ours)
    return "".join(lines)


async def _read(
    process: asyncio.subprocess.Process, lines: list[str], report: t.Callable[[str], None]
) -> None:
    if process.stdout is None:
        return
    async for line in process.stdout:
        lines.append(line.decode("utf-8", "replace"))
        report(lines[-1])
    await process.wait()


async def _version(plugin: str) -> tuple[int, ...]:
    """Return the version of the plugin; empty where it does not say one."""
    process = await asyncio.create_subprocess_exec(
        plugin,
        "--version",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, dummy = await process.communicate()
    found = re.match(rb"\s*(\d+)\.(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else ()
