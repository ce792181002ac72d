# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answer for every AWS service but ECS by moto's server, if it is installed."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import typing as t
import urllib.parse

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .logs import Stream

NO_MOTO = "The simulator answers Amazon ECS only. Other AWS services are answered when moto is installed: pip install 'moto[server]'."


class Elsewhere:
    def __init__(self, account: str) -> None:
        self._account = account
        self._application: Callable[..., Iterable[bytes]] | None = None
        self._loading = threading.Lock()

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes, url: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body."""
        application = self._loaded()
        if application is None:
            return 501, {}, json.dumps({"__type": "NotImplemented", "message": NO_MOTO}).encode()
        started: dict[str, t.Any] = {}

        def start_response(
            status: str, reply_headers: list[tuple[str, str]], dummy: t.Any = None
        ) -> None:
            started.update(
                status=int(status.split()[0]),
                headers={name.lower(): value for name, value in reply_headers},
            )

        content = b"".join(
            application(_environment(method, path, headers, body, url), start_response)
        )
        return started["status"], started["headers"], content

    @property
    def there(self) -> bool:
        return self._loaded() is not None

    def target_group(self, name: str, region: str) -> str | None:
        """Return the ARN of a target group that was made here."""
        if self._application is None:
            return None
        from moto.backends import get_backend

        backend: t.Any = get_backend("elbv2")[os.environ["MOTO_ACCOUNT_ID"]][region]
        groups = [group for group in backend.target_groups.values() if group.name == name]
        return groups[0].arn if groups else None

    def warm_up(self, services: Iterable[str]) -> None:
        """Import moto and what it has of these services."""
        if self.there:
            from moto.backends import get_backend

            load: Callable[[t.Any], t.Any] = get_backend
            for service in services:
                load(service)

    def write_logs(self, streams: list[Stream]) -> None:
        """Write log events into moto, not by PutLogEvents.

        That refuses events more than two hours ahead, as those in virtual time may be.

        A stream that a user has written is left alone; one of the same name that another run of
        the simulator has written is replaced.
        """
        from moto.backends import get_backend

        for stream in streams:
            backend = get_backend("logs")[os.environ["MOTO_ACCOUNT_ID"]][stream.region]
            backend.ensure_log_group(stream.group)
            group = backend.groups[stream.group]
            written = group.streams.get(stream.name)
            if written is not None and not hasattr(written, "of_the_simulator"):
                continue
            if written is None or stream.new:
                group.streams.pop(stream.name, None)
                group.create_log_stream(stream.name)
                created: t.Any = group.streams[stream.name]
                created.of_the_simulator = True
            group.put_log_events(
                stream.name,
                [
                    {"timestamp": timestamp, "message": message}
                    for timestamp, message in stream.events
                ],
            )

    def _loaded(self) -> Callable[..., Iterable[bytes]] | None:
        """Import moto at the first request: that takes longer than all the rest."""
        with self._loading:
            if self._application is None:
                # Whoever asks moto asks for this account.
                os.environ.setdefault("MOTO_ACCOUNT_ID", self._account)
                try:
                    from moto.moto_server.werkzeug_app import (
                        DomainDispatcherApplication,
                        create_backend_app,
                    )
                except ImportError:
                    return None
                self._application = DomainDispatcherApplication(create_backend_app)
            return self._application


def _environment(
    method: str, path: str, headers: dict[str, str], body: bytes, url: str
) -> dict[str, t.Any]:
    """A request as WSGI (PEP 3333) wants it."""
    address = urllib.parse.urlsplit(url)
    path, dummy, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": urllib.parse.unquote(path, "latin-1"),
        "RAW_URI": path,
        "QUERY_STRING": query,
        "SERVER_NAME": address.hostname,
        "SERVER_PORT": str(address.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in headers.items()
            if name not in ("content-type", "content-length")
        },
    }
