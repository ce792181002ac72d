# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand in for Session Manager's plugin, against a simulator.

The simulator hands out the command of a session, and it runs here, as in a container that has the
tools of this machine. Called, and speaking, as the plugin of AWS does.
"""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import subprocess
import sys
import typing as t
import urllib.error
import urllib.request

NAME: t.Final = "session-manager-plugin"
VERSION: t.Final = os.environ.get("STAND_IN_VERSION", "1.2.707.0")


def install(directory: pathlib.Path) -> pathlib.Path:
    """Make it a command in this directory, and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / NAME
    here = pathlib.Path(__file__).resolve()
    path.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(here))} "$@"\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


def main(arguments: list[str]) -> int:
    """Run the session that the arguments name."""
    if arguments == ["--version"]:
        print(VERSION)
        return 0
    named, _region, operation, _profile, parameters, endpoint = arguments
    session = json.loads(os.environ.get(named) or named)
    if operation != "StartSession" or not session["StreamUrl"].startswith("wss://"):
        print("Unknown operation")
        return 255
    print(f"\nStarting session with SessionId: {session['SessionId']}", flush=True)
    if not os.isatty(0):
        print("Cannot perform start session: EOF")
        return 255
    try:
        opened = _opened(endpoint, session["TokenValue"])
    except urllib.error.HTTPError as refused:
        print(f"Cannot perform start session: {refused.read().decode()}")
        return 255
    if f"_{opened['task']}_" not in json.loads(parameters)["Target"]:
        print("Cannot perform start session: the target is of another task")
        return 255
    _executed(opened["command"])
    print(f"\n\nExiting session with sessionId: {session['SessionId']}.\n")
    return 0


def _opened(endpoint: str, token: str) -> dict[str, str]:
    request = urllib.request.Request(
        f"{endpoint}/_simulator/session",
        data=json.dumps({"token": token}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return t.cast("dict[str, str]", json.load(answer))


def _executed(command: str) -> None:
    """Run the command; a terminal ends lines by a carriage return, too."""
    try:
        process = subprocess.Popen(
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        print(f'exec: "{shlex.split(command)[0]}": {error.strerror}', flush=True)
        return
    if process.stdout is not None:
        for line in process.stdout:
            sys.stdout.buffer.write(line.replace(b"\n", b"\r\n"))
            sys.stdout.buffer.flush()
    process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
