# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application behind HTTP on 127.0.0.1, with the faults that need a wire."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import time
import typing as t

from .application import Application, Reply, Request

if t.TYPE_CHECKING:
    from .world import World

_REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 405: "Method Not Allowed", 415: "Unsupported Media Type", 500: "Internal Server Error",
    501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
}  # fmt: skip
_OWN_HEADERS = ("content-length", "connection", "transfer-encoding")


class Server(socketserver.ThreadingTCPServer):
    """One thread per connection."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, world: World, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.application = Application(world, self.url)


class _Connection(socketserver.StreamRequestHandler):
    """HTTP/1.1 with keep-alive, read by hand.

    http.server parses headers as e-mail, which costs more than answering.
    """

    server: Server
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            while self._handle_one():
                pass

    def _handle_one(self) -> bool:
        """Answer one request. Return False at the end of the connection."""
        request_line = self.rfile.readline(65537).decode("latin-1").split()
        if len(request_line) != 3:
            return False
        method, path, version = request_line
        headers = self._headers()
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        body = self.rfile.read(int(headers.get("content-length") or 0))
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        return (
            self._deliver(self.server.application.answer(Request(method, path, headers, body)))
            and keep
        )

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        while True:
            name, colon, value = self.rfile.readline(65537).decode("latin-1").partition(":")
            if not colon:
                return headers
            headers[name.strip().lower()] = value.strip()

    def _deliver(self, reply: Reply) -> bool:
        """Send a reply, or what its fault makes of it.

        Returns False at the end of the connection.
        """
        fault = reply.fault
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        if fault is not None and fault.reset:
            self._reset()
            return False
        damaged = fault.damaged(reply.body) if fault is not None else None
        if damaged is None:
            self._send(reply.status, reply.body, reply.headers, len(reply.body))
            return True
        # The page of a proxy has none of AWS's headers.
        headers = {"content-type": damaged.content_type} if damaged.content_type else reply.headers
        self._send(damaged.status, damaged.text, headers, damaged.length)
        return damaged.length == len(damaged.text)

    def _reset(self) -> None:
        """End the connection with RST, as a load balancer that drops it does."""
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
        )
        self.connection.close()

    def _send(self, status: int, body: bytes, headers: dict[str, str], length: int) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Answer')}", f"content-length: {length}"]
        lines += [f"{name}: {value}" for name, value in headers.items() if name not in _OWN_HEADERS]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        self.wfile.flush()
