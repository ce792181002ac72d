# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP on 127.0.0.1: the ECS API, the control verbs under /_simulator/, and every other AWS service through moto."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import socketserver
import threading
import time
import traceback
import typing as t
import uuid

from .elsewhere import Elsewhere
from .errors import ApiError
from .other_services import read
from .validation import TARGET_PREFIX
from .world import Answer

if t.TYPE_CHECKING:
    from .scenario import Fault
    from .world import World

CONTROL_PATH = "/_simulator/"
MOTO_PATH = "/moto-api/"
AMZ_JSON = "application/x-amz-json-1.1"
JSON = "application/json"
_REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 405: "Method Not Allowed", 415: "Unsupported Media Type", 500: "Internal Server Error",
    501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
}  # fmt: skip
_HERE = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


class Server(socketserver.ThreadingTCPServer):
    """One thread per connection, one lock around the world."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, world: World, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.world = world
        self.lock = threading.Lock()
        self.elsewhere = Elsewhere(world.account)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Connection(socketserver.StreamRequestHandler):
    """HTTP/1.1 with keep-alive, read by hand: http.server parses headers as e-mail, which costs more than answering."""

    server: Server
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            while self._handle_one():
                pass

    def _handle_one(self) -> bool:
        """Answer one request. False ends the connection."""
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
        target = headers.get("x-amz-target", "")
        if path.startswith((CONTROL_PATH, MOTO_PATH)) and (refused := _foreign(path, method, headers)):
            self._send(refused[0], json.dumps({"error": refused[1]}).encode(), JSON)
        elif path.startswith(CONTROL_PATH):
            status, answer = self._control(path, body)
            self._send(status, answer, JSON)
        elif target.startswith(f"{TARGET_PREFIX}."):
            return self._ecs(target.rpartition(".")[2], body, *_signed_for(headers)[:2]) and keep
        else:
            return self._elsewhere(method, path, headers, body, target) and keep
        return keep

    def _elsewhere(self, method: str, path: str, headers: dict[str, str], body: bytes, target: str) -> bool:
        """Answer for another service, which the caller may not be allowed to ask. False ends the connection."""
        access_key, dummy, service = _signed_for(headers)
        call = read(service, method, path, target, body)
        fault = refused = None
        if call is not None:
            with self.server.lock:
                fault = self.server.world.fault_elsewhere(call)
                refused = self.server.world.refusal_elsewhere(call, access_key)
                # moto knows what containers wrote only once somebody asks it.
                if refused is None and service == "logs" and self.server.elsewhere.there:
                    self.server.elsewhere.write_logs(self.server.world.new_log_events())
        arranged = fault.error() if fault is not None else None
        stopped = refused or (arranged if fault is not None and fault.when == "before" else None)
        if call is not None and stopped is not None:
            status, reply_headers, answer = call.refused(stopped)
        else:
            status, reply_headers, answer = self.server.elsewhere.answer(method, path, headers, body, self.server.url)
            if call is not None and arranged is not None:
                status, reply_headers, answer = (status, reply_headers, answer) if fault and fault.body else call.refused(arranged)
        return self._deliver(status, answer, reply_headers.pop("content-type", AMZ_JSON), reply_headers, fault)

    def _deliver(self, status: int, text: bytes, content_type: str, headers: dict[str, str], fault: Fault | None) -> bool:
        """Send an answer, or what a fault makes of it. False ends the connection."""
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        if fault is not None and fault.reset:
            self._reset()
            return False
        damaged = fault.damaged(text) if fault is not None else None
        if damaged is None:
            self._send(status, text, content_type, headers)
            return True
        # The page of a proxy has none of AWS's headers.
        self._send(damaged.status, damaged.text, damaged.content_type or content_type, {} if damaged.content_type else headers, damaged.length)
        return damaged.length == len(damaged.text)

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        while True:
            name, colon, value = self.rfile.readline(65537).decode("latin-1").partition(":")
            if not colon:
                return headers
            headers[name.strip().lower()] = value.strip()

    def _ecs(self, operation: str, body: bytes, access_key: str, region: str) -> bool:
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            refused = {"__type": "SerializationException", "message": "The request is not JSON."}
            self._send(400, json.dumps(refused).encode(), AMZ_JSON)
            return True
        with self.server.lock:
            try:
                answer = self.server.world.answer(operation, request, access_key, region)
            except Exception as bug:
                traceback.print_exc()
                answer = Answer(500, {"__type": "ServerException", "message": f"The simulator failed in {operation}: {type(bug).__name__}: {bug}"})
            # The answer shares values with the world, so it becomes text under the lock.
            text = json.dumps(answer.body).encode()
        return self._deliver(answer.status, text, AMZ_JSON, {"x-amzn-requestid": str(uuid.uuid4())}, answer.fault)

    def _control(self, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            parameters = json.loads(body or b"{}")
            with self.server.lock:
                return 200, json.dumps(self.server.world.control(path.removeprefix(CONTROL_PATH), parameters)).encode()
        except ApiError as refused:
            return 400, json.dumps({"error": str(refused)}).encode()
        except (KeyError, TypeError, ValueError) as wrong:
            return 400, json.dumps({"error": f"{type(wrong).__name__}: {wrong}"}).encode()

    def _reset(self) -> None:
        """End the connection with RST, as a load balancer that drops it does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()

    def _send(self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        said = len(body) if length is None else length
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Answer')}", f"content-type: {content_type}", f"content-length: {said}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items() if name not in ("content-length", "connection", "transfer-encoding")]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        self.wfile.flush()


def _foreign(path: str, method: str, headers: dict[str, str]) -> tuple[int, str] | None:
    """Status and reason to refuse a request that a page of another site may have sent through a browser on this machine.

    Such a page can send a POST to any address, and can have its own name resolved to 127.0.0.1; what it cannot do is to leave out `Origin`,
    to choose `Host`, or to send JSON without having asked before.
    """
    host = headers.get("host", "")
    if not _HERE.fullmatch(host):
        return 403, f"The simulator is controlled at 127.0.0.1, localhost or [::1], not at {host or 'no host'}."
    if "origin" in headers and headers["origin"] != f"http://{host}":
        return 403, f"The simulator is not controlled by pages of {headers['origin']}."
    if path.startswith(CONTROL_PATH):
        if method != "POST":
            return 405, f"Control verbs are sent by POST, not by {method}."
        if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return 415, f"Control verbs take {JSON}; give it as content-type."
    return None


def _signed_for(headers: dict[str, str]) -> tuple[str, str, str]:
    """Return the key that signed the request, and the region and service it is for.

    The header has `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request`.
    """
    key, *scope = headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    return (key, scope[1], scope[2]) if len(scope) > 2 else (key, "", "")
