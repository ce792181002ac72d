# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answer what moto lacks: the caller, simulated policies, quotas, caches of ECR.

Whoever calls is the role ``simulator``, whose policy is that of the access key.
"""

from __future__ import annotations

import html
import json
import os
import typing as t

from .errors import ApiError
from .other_services import QUERY
from .policies import Policies, Use

if t.TYPE_CHECKING:
    from .names import Names
    from .other_services import Call

Document = dict[str, t.Any]
Reply = tuple[int, dict[str, str], bytes]

QUOTAS = {
    ("ecs", "L-92E49DE3"): ("Tasks per service", 5000.0),
    ("fargate", "L-3032A538"): ("Fargate On-Demand vCPU resource count", 4000.0),
    ("fargate", "L-36FBB829"): ("Fargate Spot vCPU resource count", 4000.0),
}
"""By service and code: what AWS gives every account."""

_ALLOWED, _EXPLICIT, _IMPLICIT = "allowed", "explicitDeny", "implicitDeny"


class OwnAnswers:
    """The answers of one account."""

    def __init__(self, names: Names, policies: Policies) -> None:
        self._names, self._policies = names, policies
        self.quotas = {place: value for place, (dummy, value) in QUOTAS.items()}
        self._cached: dict[str, dict[str, Document]] = {}

    def answer(self, call: Call, access_key: str) -> Reply | None:
        """Return status, headers and body; None for what moto answers."""
        if (call.service, call.operation) == ("sts", "GetCallerIdentity"):
            return self._identity()
        if (call.service, call.operation) == ("servicequotas", "GetServiceQuota"):
            return self._quota(call)
        if (call.service, call.operation) == ("iam", "SimulatePrincipalPolicy"):
            return self._simulated(call, access_key)
        if (call.service, call.operation) == ("iam", "GetRole"):
            return self._own_role(call)
        if (call.service, call.operation) == ("ecr", "CreatePullThroughCacheRule"):
            return self._new_rule(call)
        if (call.service, call.operation) == ("ecr", "DescribePullThroughCacheRules"):
            return self._rules(call)
        return None

    def _new_rule(self, call: Call) -> Reply:
        registry = call.members.get("registryId") or self._names.account
        rule = {**call.members, "registryId": registry}
        self._cached.setdefault(registry, {})[call.members["ecrRepositoryPrefix"]] = rule
        return 200, {}, json.dumps(rule).encode()

    def _rules(self, call: Call) -> Reply:
        """All rules of a registry, whatever prefixes are asked for."""
        registry = call.members.get("registryId") or self._names.account
        found = list(self._cached.get(registry, {}).values())
        return 200, {}, json.dumps({"pullThroughCacheRules": found}).encode()

    @staticmethod
    def mended(call: Call, reply: Reply) -> Reply:
        """Return moto's answer as AWS gives it: a failure names the digest asked for."""
        status, headers, body = reply
        if (call.service, call.operation) != ("ecr", "BatchGetImage") or status != 200:
            return reply
        answer = json.loads(body)
        found = {str(image["imageId"].get("imageDigest")) for image in answer["images"]}
        digests = iter(
            asked["imageDigest"]
            for asked in call.members.get("imageIds") or ()
            if asked.get("imageDigest") and asked["imageDigest"] not in found
        )
        for failure in answer.get("failures") or ():
            if failure["imageId"].get("imageTag") == "null":
                failure["imageId"] = {"imageDigest": next(digests)}
        return status, headers, json.dumps(answer).encode()

    def _identity(self) -> Reply:
        who = self._names.caller
        return _xml(
            "sts",
            "GetCallerIdentity",
            f"<Arn>{who}</Arn><UserId>AROASIMULATOR:session</UserId>"
            f"<Account>{self._names.account}</Account>",
        )

    def _own_role(self, call: Call) -> Reply | None:
        """The role that calls, which moto does not know."""
        if call.members.get("RoleName") != "simulator":
            return None
        members = {
            "Path": "/",
            "RoleName": "simulator",
            "RoleId": "AROASIMULATOR",
            "Arn": self._role,
            "CreateDate": "2026-01-01T00:00:00Z",
        }
        return _xml("iam", "GetRole", f"<Role>{_members(members)}</Role>")

    @property
    def _role(self) -> str:
        return f"arn:aws:iam::{self._names.account}:role/simulator"

    def _quota(self, call: Call) -> Reply:
        place = (call.members.get("ServiceCode", ""), call.members.get("QuotaCode", ""))
        if place not in self.quotas:
            missing = ApiError(
                "NoSuchResourceException", "The request failed because the resource does not exist."
            )
            return call.refused(missing)
        service, code = place
        quota = {
            "ServiceCode": service,
            "QuotaCode": code,
            "QuotaName": QUOTAS[place][0],
            "Value": self.quotas[place],
            "Adjustable": True,
        }
        return 200, {}, json.dumps({"Quota": quota}).encode()

    def _simulated(self, call: Call, access_key: str) -> Reply:
        source = call.members.get("PolicySourceArn", "")
        if not source.startswith("arn:aws:iam::"):
            return call.refused(ApiError("InvalidInput", f"Invalid Entity Arn: {source}"))
        context = {
            call.members[key]: call.members[
                key.replace("ContextKeyName", "ContextKeyValues.member.1")
            ]
            for key in call.members
            if key.endswith(".ContextKeyName")
        }
        policies = self._policies_of(source, access_key)
        if policies is None:
            name = source.rpartition("/")[2]
            missing = ApiError(
                "NoSuchEntity", f"The role with name {name} cannot be found.", status=404
            )
            return call.refused(missing)
        resources = _form_list(call, "ResourceArns") or ["*"]
        results = "".join(
            _evaluation(
                action,
                {
                    resource: policies.decision("", Use(action, resource, context))
                    for resource in resources
                },
            )
            for action in _form_list(call, "ActionNames")
        )
        return _xml(
            "iam",
            "SimulatePrincipalPolicy",
            f"<IsTruncated>false</IsTruncated><EvaluationResults>{results}</EvaluationResults>",
        )

    def _policies_of(self, source: str, access_key: str) -> Policies | None:
        """The policies of a principal; those of a role as moto has them."""
        found = Policies(source)
        if source == self._role:
            statements = self._policies.statements(access_key)
            found.set(
                "",
                {"Statement": [_EVERYTHING] if statements is None else statements},
            )
            return found
        try:
            from moto.backends import get_backend
        except ImportError:
            return None
        backend: t.Any = get_backend("iam")[os.environ["MOTO_ACCOUNT_ID"]]["global"]
        roles = {role.arn: role for role in backend.get_roles()}
        if source not in roles:
            return None
        role = roles[source]
        texts = [
            *role.policies.values(),
            *(policy.document for policy in role.managed_policies.values()),
        ]
        documents = [json.loads(text) if isinstance(text, str) else text for text in texts]
        found.set(
            "",
            {
                "Statement": [
                    each for document in documents for each in _listed(document["Statement"])
                ]
            },
        )
        return found


_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _evaluation(action: str, decisions: dict[str, str]) -> str:
    worst = next(
        decision for decision in (_EXPLICIT, _IMPLICIT, _ALLOWED) if decision in decisions.values()
    )
    names = list(decisions)
    shown = {
        "EvalActionName": action,
        "EvalResourceName": names[0] if len(names) == 1 else "*",
        "EvalDecision": worst,
    }
    specific = "".join(
        f"<member>{_members({'EvalResourceName': name, 'EvalResourceDecision': decision})}</member>"
        for name, decision in decisions.items()
    )
    return (
        f"<member>{_members(shown)}"
        + (
            f"<ResourceSpecificResults>{specific}</ResourceSpecificResults>"
            if len(names) > 1
            else ""
        )
        + "</member>"
    )


def _form_list(call: Call, name: str) -> list[str]:
    prefix = f"{name}.member."
    found = {key: value for key, value in call.members.items() if key.startswith(prefix)}
    return [found[key] for key in sorted(found, key=lambda key: int(key.removeprefix(prefix)))]


def _members(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{html.escape(value)}</{name}>" for name, value in values.items())


def _xml(service: str, operation: str, result: str) -> Reply:
    text = (
        f'<{operation}Response xmlns="{QUERY[service]}"><{operation}Result>{result}'
        f"</{operation}Result></{operation}Response>"
    )
    return 200, {"content-type": "text/xml"}, text.encode()


def _listed(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else [value]
