# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answer requests: the ECS API, control verbs, and other AWS services by moto."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
import traceback
import typing as t
import uuid

from .elsewhere import Elsewhere
from .errors import ApiError
from .other_services import read
from .validation import CODE_DEPLOY, CODE_DEPLOY_PREFIX, TARGET_PREFIX
from .world import Answer

if t.TYPE_CHECKING:
    from .scenario import Fault
    from .world import World

CONTROL_PATH = "/_simulator/"
MOTO_PATH = "/moto-api/"
AMZ_JSON = "application/x-amz-json-1.1"
JSON = "application/json"
_HERE = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


class Request(t.NamedTuple):
    """An HTTP request. Names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclasses.dataclass(frozen=True)
class Reply:
    """An HTTP response, and the fault that delays, damages or drops it on its way."""

    status: int
    body: bytes
    headers: dict[str, str]
    fault: Fault | None = None


class Application:
    """Answers requests, one at a time."""

    def __init__(self, world: World, url: str) -> None:
        self.world = world
        self.elsewhere = Elsewhere(world.account)
        world.find_target_group = self.elsewhere.target_group
        self._url = url
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Reply:
        """Answer a request that came over the wire."""
        if request.path.startswith((CONTROL_PATH, MOTO_PATH)) and (refused := _foreign(request)):
            return _json(refused[0], {"error": refused[1]})
        if request.path.startswith(CONTROL_PATH):
            return self.control(request.path.removeprefix(CONTROL_PATH), request.body)
        target = request.headers.get("x-amz-target", "")
        if target.startswith(f"{TARGET_PREFIX}."):
            return self._api(target.rpartition(".")[2], request)
        if target.startswith(f"{CODE_DEPLOY_PREFIX}."):
            return self._api(f"{CODE_DEPLOY}:{target.rpartition('.')[2]}", request)
        return self._elsewhere(request, target)

    def control(self, verb: str, arguments: bytes) -> Reply:
        """Run a control verb with its arguments as JSON."""
        try:
            parameters = json.loads(arguments or b"{}")
            with self._lock:
                result = json.dumps(self.world.control(verb, parameters)).encode()
        except ApiError as refused:
            return _json(400, {"error": str(refused)})
        except (KeyError, TypeError, ValueError) as wrong:
            return _json(400, {"error": f"{type(wrong).__name__}: {wrong}"})
        return Reply(200, result, {"content-type": JSON})

    def expects_faults(self) -> bool:
        """Return True if a fault is arranged, which only the wire can carry out."""
        with self._lock:
            return self.world.scenario.expects_faults()

    def _api(self, operation: str, request: Request) -> Reply:
        """Answer for ECS or CodeDeploy."""
        try:
            members = json.loads(request.body or b"{}")
        except ValueError:
            return _json(
                400,
                {"__type": "SerializationException", "message": "The request is not JSON."},
                AMZ_JSON,
            )
        access_key, region, dummy = _signed_for(request.headers)
        with self._lock:
            try:
                answer = self.world.answer(operation, members, access_key, region)
            except Exception as bug:
                traceback.print_exc()
                message = f"The simulator failed in {operation}: {type(bug).__name__}: {bug}"
                answer = Answer(500, {"__type": "ServerException", "message": message})
            # The answer shares values with the world, so it becomes text under the lock.
            text = json.dumps(answer.body).encode()
        headers = {"content-type": AMZ_JSON, "x-amzn-requestid": str(uuid.uuid4())}
        return Reply(answer.status, text, headers, answer.fault)

    def _elsewhere(self, request: Request, target: str) -> Reply:
        """Answer for another service, unless a policy or a fault stops the call."""
        access_key, region, service = _signed_for(request.headers)
        call = read(service, request.method, request.path, target, request.body)
        if call is None:
            return self._moto(request)
        with self._lock:
            fault = self.world.fault_elsewhere(call)
            refused = self.world.refusal_elsewhere(call, access_key)
            # moto knows what containers wrote only once somebody asks it.
            if refused is None and service == "logs" and self.elsewhere.there:
                self.elsewhere.write_logs(self.world.new_log_events())
        arranged = fault.error() if fault is not None else None
        stopped = refused or (arranged if fault is not None and fault.when == "before" else None)
        caller = {"access_key": access_key, "region": region}
        with self._lock:
            if stopped is not None:
                self.world.log_elsewhere(call, caller, stopped)
                return _reply(*call.refused(stopped), fault)
            ours = self.world.answer_elsewhere(call, caller)
            text = json.dumps(ours.body).encode() if ours is not None else b""
            own = (
                self.world.own_answers.answer(call, access_key)
                if ours is None
                else (ours.status, {}, text)
            )
        if own is None:
            own = self.world.own_answers.mended(call, self.elsewhere.answer(*request, self._url))
        reply = _reply(*own, fault)
        if arranged is None or (fault is not None and fault.body):
            return reply
        return _reply(*call.refused(arranged), fault)

    def _moto(self, request: Request, fault: Fault | None = None) -> Reply:
        return _reply(*self.elsewhere.answer(*request, self._url), fault)


def _json(status: int, document: dict[str, t.Any], content_type: str = JSON) -> Reply:
    return Reply(status, json.dumps(document).encode(), {"content-type": content_type})


def _reply(status: int, headers: dict[str, str], body: bytes, fault: Fault | None) -> Reply:
    return Reply(status, body, {"content-type": AMZ_JSON, **headers}, fault)


def _foreign(request: Request) -> tuple[int, str] | None:
    """Return status and reason to refuse a request from a page of another site.

    Through a browser on this machine, such a page can send a POST to any address, and can have its
    own name resolved to 127.0.0.1. It cannot leave out `Origin`, choose `Host`, or send JSON
    without a preflight request.
    """
    headers = request.headers
    host = headers.get("host", "")
    if not _HERE.fullmatch(host):
        return (
            403,
            f"The simulator is controlled at 127.0.0.1, localhost or [::1], not at {host or 'no host'}.",
        )
    if "origin" in headers and headers["origin"] != f"http://{host}":
        return 403, f"The simulator is not controlled by pages of {headers['origin']}."
    if request.path.startswith(CONTROL_PATH):
        if request.method != "POST":
            return 405, f"Control verbs are sent by POST, not by {request.method}."
        if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return 415, f"Control verbs take {JSON}; give it as content-type."
    return None


def _signed_for(headers: dict[str, str]) -> tuple[str, str, str]:
    """Return access key, region and service of the request's signature.

    The header has `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request`.
    """
    key, *scope = (
        headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    )
    return (key, scope[1], scope[2]) if len(scope) > 2 else (key, "", "")
