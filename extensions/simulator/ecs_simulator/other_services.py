# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the operation and resources of requests to AWS services beside ECS.

Only services that policies limit are known here.
"""

from __future__ import annotations

import dataclasses
import functools
import html
import json
import re
import typing as t
import urllib.parse

from . import auto_scaling
from .policies import Use
from .validation import AUTO_SCALING

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .errors import ApiError
    from .names import Names

Document = dict[str, t.Any]

LIMITED = ("logs", "scheduler", "ecr", "events", "sts", AUTO_SCALING)
"""The services whose calls the policy of an access key limits and for which faults can be
arranged; all others are free.
"""
FREE = frozenset({("sts", "GetCallerIdentity")})
"""What no policy limits: everybody may ask who he is."""


_QUERY_ERROR = (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
    "<Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"
)


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of an operation of a service, its members wherever the protocol has them."""

    service: str
    operation: str
    members: Document

    def refused(self, error: ApiError) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a refusal in the protocol of the service."""
        if self.service == "sts":
            denied = error.code == "AccessDeniedException"
            code = "AccessDenied" if denied else error.code
            text = _QUERY_ERROR.format(html.escape(code), html.escape(error.message))
            return 403 if denied else error.status, {"content-type": "text/xml"}, text.encode()
        if self.service == "scheduler":
            status = 403 if error.code == "AccessDeniedException" else error.status
            return (
                status,
                {"x-amzn-errortype": error.code},
                json.dumps({"Message": error.message}).encode(),
            )
        return (
            error.status,
            {},
            json.dumps({"__type": error.code, "message": error.message}).encode(),
        )


def read(service: str, method: str, path: str, target: str, body: bytes) -> Call | None:
    """Return the call in a request.

    None stands for a service that neither policies limit nor faults can be arranged for.
    """
    if service not in LIMITED:
        return None
    if service == "sts":
        return _query(body)
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        members = {}
    if target:
        return Call(service, target.rpartition(".")[2], members)
    address = urllib.parse.urlsplit(path)
    for operation, known_method, pattern in _routes(service):
        match = pattern.fullmatch(address.path)
        if match and method == known_method:
            query = {
                name[:1].upper() + name[1:]: values[0]
                for name, values in urllib.parse.parse_qs(address.query).items()
            }
            labels = {
                name: urllib.parse.unquote(value) for name, value in match.groupdict().items()
            }
            return Call(service, operation, {**members, **query, **labels})
    return Call(service, "UnknownOperation", members)


def _query(body: bytes) -> Call:
    """The call of a service that takes a form."""
    form = {
        name: values[0]
        for name, values in urllib.parse.parse_qs(body.decode("utf-8", "replace")).items()
    }
    return Call("sts", form.get("Action", "UnknownOperation"), form)


@functools.cache
def _routes(service: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Operation, method and path of a service that speaks REST, from botocore's model."""
    import botocore.session

    model: t.Any = botocore.session.get_session().get_service_model(service)
    found = []
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        found.append(
            (
                operation,
                http["method"],
                re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", http["requestUri"])),
            )
        )
    return tuple(found)


def uses(call: Call, names: Names) -> Iterator[Use]:
    """Yield the operation on its resource, then iam:PassRole for roles of targets.

    The source is the Service Authorization Reference.
    """
    if call.service == AUTO_SCALING:
        yield from auto_scaling.uses(call.operation, call.members, names)
        return
    yield Use(f"{call.service}:{call.operation}", _RESOURCES[call.service](call, names))
    targets = {"scheduler": [call.members.get("Target")], "events": call.members.get("Targets")}
    for role in dict.fromkeys(
        target.get("RoleArn") for target in targets.get(call.service) or () if target
    ):
        if role:
            passed_to = f"{call.service}.amazonaws.com"
            yield Use("iam:PassRole", role, {"iam:PassedToService": passed_to})


def _log(call: Call, names: Names) -> str:
    group, stream = call.members.get("logGroupName", ""), call.members.get("logStreamName")
    return (
        f"arn:aws:logs:{names.region}:{names.account}:log-group:{group}:log-stream:{stream or ''}"
    )


def _schedule(call: Call, names: Names) -> str:
    place = f"arn:aws:scheduler:{names.region}:{names.account}"
    if call.operation.endswith("Schedule"):
        return f"{place}:schedule/{call.members.get('GroupName') or 'default'}/{call.members.get('Name', '')}"
    if call.operation.endswith("ScheduleGroup"):
        return f"{place}:schedule-group/{call.members.get('Name', '')}"
    return str(call.members.get("ResourceArn") or "*")


def _repository(call: Call, names: Names) -> str:
    repository = call.members.get("repositoryName")
    return (
        f"arn:aws:ecr:{names.region}:{call.members.get('registryId') or names.account}:repository/{repository}"
        if repository
        else "*"
    )


def _rule(call: Call, names: Names) -> str:
    member = "Name" if call.operation.endswith("Rule") and "Rule" not in call.members else "Rule"
    rule, bus = call.members.get(member), call.members.get("EventBusName") or "default"
    return (
        f"arn:aws:events:{names.region}:{names.account}:rule/{'' if bus == 'default' else bus + '/'}{rule}"
        if rule
        else "*"
    )


def _assumed_role(call: Call, names: Names) -> str:
    return str(call.members.get("RoleArn") or "*")


_RESOURCES = {
    "sts": _assumed_role,
    "logs": _log,
    "scheduler": _schedule,
    "ecr": _repository,
    "events": _rule,
}
