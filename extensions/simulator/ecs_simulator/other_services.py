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
    from collections.abc import Callable, Iterator

    from .errors import ApiError
    from .names import Names

Document = dict[str, t.Any]

LIMITED = (
    AUTO_SCALING,
    "ec2",
    "ecr",
    "elasticfilesystem",
    "elasticloadbalancing",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "scheduler",
    "secretsmanager",
    "servicediscovery",
    "servicequotas",
    "ssm",
    "sts",
)
"""The services whose calls the policy of an access key limits and for which faults can be
arranged; all others are free.
"""
FREE = frozenset({("sts", "GetCallerIdentity")})
"""What no policy limits: everybody may ask who he is."""

QUERY = {
    "elasticloadbalancing": "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
"""The services that take a form and answer in XML, with their names there."""

_QUERY_ERROR = (
    '<ErrorResponse xmlns="{}"><Error>'
    "<Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"
)
_EC2_ERROR = (
    "<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors>"
    "<RequestID>0</RequestID></Response>"
)
_REST = {"elasticfilesystem": "efs", "lambda": "lambda", "scheduler": "scheduler"}
"""The services that speak REST, with botocore's names for them."""


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of an operation of a service, its members wherever the protocol has them."""

    service: str
    operation: str
    members: Document

    def refused(self, error: ApiError) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a refusal in the protocol of the service."""
        denied = error.code == "AccessDeniedException"
        status = 403 if denied else error.status
        if self.service in QUERY:
            code = "AccessDenied" if denied else error.code
            text = _QUERY_ERROR.format(
                QUERY[self.service], html.escape(code), html.escape(error.message)
            )
            return status, {"content-type": "text/xml"}, text.encode()
        if self.service == "ec2":
            code = "UnauthorizedOperation" if denied else error.code
            why = "You are not authorized to perform this operation. " if denied else ""
            text = _EC2_ERROR.format(html.escape(code), html.escape(why + error.message))
            return status, {"content-type": "text/xml"}, text.encode()
        if self.service in _REST:
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
    if service in QUERY or service == "ec2":
        return _query(service, body)
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        members = {}
    if target:
        return Call(service, target.rpartition(".")[2], members)
    address = urllib.parse.urlsplit(path)
    for operation, known_method, pattern in _routes(service) if service in _REST else ():
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


def _query(service: str, body: bytes) -> Call:
    """The call of a service that takes a form."""
    form = {
        name: values[0]
        for name, values in urllib.parse.parse_qs(body.decode("utf-8", "replace")).items()
    }
    return Call(service, form.get("Action", "UnknownOperation"), form)


@functools.cache
def _routes(service: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Operation, method and path of a service that speaks REST, from botocore's model."""
    import botocore.session

    model: t.Any = botocore.session.get_session().get_service_model(_REST[service])
    found = []
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        found.append(
            (
                operation,
                http["method"],
                re.compile(
                    re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", http["requestUri"].partition("?")[0])
                ),
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
    for resource in _listed(_RESOURCES[call.service](call, names)):
        yield Use(f"{call.service}:{call.operation}", resource)
    targets = {"scheduler": [call.members.get("Target")], "events": call.members.get("Targets")}
    for role in dict.fromkeys(
        target.get("RoleArn") for target in targets.get(call.service) or () if target
    ):
        if role:
            passed_to = f"{call.service}.amazonaws.com"
            yield Use("iam:PassRole", role, {"iam:PassedToService": passed_to})


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _log(call: Call, names: Names) -> str:
    if call.operation == "DescribeLogGroups":
        return "*"
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


def _any(call: Call, names: Names) -> str:
    return "*"


def _role(call: Call, names: Names) -> str:
    if call.operation == "SimulatePrincipalPolicy":
        return str(call.members.get("PolicySourceArn") or "*")
    named = call.members.get("RoleName")
    return f"arn:aws:iam::{names.account}:role/{named}" if named else "*"


def _secret(call: Call, names: Names) -> str:
    secret = str(call.members.get("SecretId") or "*")
    place = f"arn:aws:secretsmanager:{names.region}:{names.account}:secret"
    return secret if secret.startswith("arn:") else f"{place}:{secret}-??????"


def _parameters(call: Call, names: Names) -> list[str]:
    place = f"arn:aws:ssm:{names.region}:{names.account}:parameter"
    asked = call.members.get("Names") or ()
    return [
        name if name.startswith("arn:") else f"{place}/{name.removeprefix('/')}" for name in asked
    ] or ["*"]


def _key(call: Call, names: Names) -> str:
    key = str(call.members.get("KeyId") or "*")
    return (
        key if key.startswith("arn:") else f"arn:aws:kms:{names.region}:{names.account}:key/{key}"
    )


def _function(call: Call, names: Names) -> str:
    function = str(call.members.get("FunctionName") or "*")
    place = f"arn:aws:lambda:{names.region}:{names.account}:function"
    return function if function.startswith("arn:") else f"{place}:{function}"


def _discovered(call: Call, names: Names) -> str:
    identifier = call.members.get("Id")
    place = f"arn:aws:servicediscovery:{names.region}:{names.account}"
    return f"{place}:service/{identifier}" if identifier else "*"


def _quota(call: Call, names: Names) -> str:
    service, code = (call.members.get(name) for name in ("ServiceCode", "QuotaCode"))
    place = f"arn:aws:servicequotas:{names.region}:{names.account}"
    return f"{place}:{service}/{code}" if service and code else "*"


def _file_system(call: Call, names: Names) -> str:
    place = f"arn:aws:elasticfilesystem:{names.region}:{names.account}"
    point, system = call.members.get("AccessPointId"), call.members.get("FileSystemId")
    if point and call.operation == "DescribeAccessPoints":
        return f"{place}:access-point/{point}"
    return f"{place}:file-system/{system}" if system else "*"


_RESOURCES: dict[str, Callable[[Call, Names], str | list[str]]] = {
    "ec2": _any,
    "ecr": _repository,
    "elasticfilesystem": _file_system,
    "elasticloadbalancing": _any,
    "events": _rule,
    "iam": _role,
    "kms": _key,
    "lambda": _function,
    "logs": _log,
    "scheduler": _schedule,
    "secretsmanager": _secret,
    "servicediscovery": _discovered,
    "servicequotas": _quota,
    "ssm": _parameters,
    "sts": _assumed_role,
}
