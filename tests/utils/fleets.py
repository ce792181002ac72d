# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets as `drift_info` reports them: of every kind, large, and hostile."""

from __future__ import annotations

import random
import typing as t

Document = dict[str, t.Any]

ACCOUNT: t.Final = "arn:aws:ecs:eu-west-1:111122223333"

HOSTILE: t.Final = (
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<!--<script>",
    "]]></failure><failure message='pwned'>",
    "&lt;b&gt; &amp; &#60;",
    '" onmouseover=window.pwned=1 x="\'',
    "javascript:window.pwned=1",
    "{{data}} {{ lookup('pipe', 'id') }} {{policy}}",
    "| a | b |\n| --- | --- |\n\n# heading\n\n- item",
    "`code` ``more`` ```",
    "[link](https://pwned.example) ![](https://pwned.example/x.png) <https://pwned.example> @everyone #1",
    "**bold** _it_ ~~no~~ $x^2$ \\` \\",
    "nul\x00 bell\x07 escape\x1b[31m delete\x7f next\x85",
    "lines\u2028and\u2029paragraphs\r\n\ttab",
    "right\u202eto left\u2066 zero\u200bwidth\ufeff",
    "half of a pair: \ud83d, no characters: \ufffe \uffff",
    "😀 café 日本",
    "__proto__",
    "constructor",
    "",
    " ",
    "x" * 3000,
)
"""Texts that have broken reports before: markup of every format, control characters, and what a
renderer might take for its own.
"""


def service(cluster: str, name: str, *kinds: str, **members: t.Any) -> Document:
    """A service as `drift_info` reports it."""
    return {
        "cluster": cluster,
        "service": name,
        "service_arn": f"{ACCOUNT}:service/{cluster}/{name}",
        "kinds": list(kinds),
        "differences": [],
        "summary": "",
        "task_definition_arn": f"{ACCOUNT}:task-definition/{cluster}-{name}:41",
        "images": [{"container": "app", "live": f"registry.example/{name}:2.0", "declared": None}],
        "launch_type": "FARGATE",
        "capacity_providers": [],
        "desired_count": 2,
        "running_count": 2,
        "pending_count": 0,
        "deployment": {
            "id": "ecs-svc/1",
            "in_progress": False,
            "rollout_state": "COMPLETED",
            "rollout_state_reason": "ECS deployment ecs-svc/1 completed.",
            "failed_tasks": 0,
            "created_at": "2026-11-24T14:03:00Z",
        },
        "tasks": [],
        "unreleased_task_definition_arn": None,
        "tags": {"team": "shop"},
        "problem": "",
        **members,
    }


def difference(path: str, live: t.Any, declared: t.Any, of: str = "task_definition") -> Document:
    change = "added" if live is None else "removed" if declared is None else "changed"
    return {"of": of, "path": path, "change": change, "live": live, "declared": declared}


def answer(services: list[Document]) -> Document:
    """The result of `drift_info` with these services."""
    names = {kind for found in services for kind in found["kinds"]}
    return {
        "changed": False,
        "services": services,
        "totals": {
            kind: sum(kind in found["kinds"] for found in services) for kind in sorted(names)
        },
        "examined": len(services),
        "calls": {
            "ListServices": 3,
            "DescribeServices": 1 + len(services) // 10,
            "DescribeTaskDefinition": len(services),
        },
        "throttled_calls": 2,
        "duration": 12.4,
        "region": "eu-west-1",
    }


def preflight(*texts: str) -> Document:
    """The result of `preflight_info` with these texts in findings of every severity."""
    findings = [
        {
            "path": text,
            "severity": severity,
            "resource": text,
            "reason": text,
            "fix": text,
            "permission": "iam:GetRole" if severity == "not_checked" else "",
        }
        for text in texts
        for severity in ("error", "warning", "not_checked")
    ]
    return {"changed": False, "findings": findings, "examined": 1}


def of_every_kind(cluster: str = "production") -> list[Document]:
    """A fleet in which everything has happened once, as an operator may meet it."""
    drifted = [
        difference("containerDefinitions[app].environment[LOG_LEVEL]", "(hidden)", "(hidden)"),
        difference("containerDefinitions[app].environment[FEATURE_CART]", None, "(hidden)"),
        difference(
            "containerDefinitions[app].image",
            "registry.example/checkout:2.0-hotfix",
            "registry.example/checkout:2.0",
        ),
        difference(
            "containerDefinitions[app].healthCheck",
            {"command": ["CMD", "true"], "interval": 30},
            None,
        ),
        difference("memory", "1024", "2048"),
    ]
    network = [
        difference(
            "networkConfiguration.awsvpcConfiguration.subnets",
            ["subnet-0a", "subnet-0b", "subnet-0d"],
            ["subnet-0a", "subnet-0b", "subnet-0c"],
            "service",
        ),
        difference(
            "deploymentConfiguration.deploymentCircuitBreaker.enable", False, True, "service"
        ),
        difference("healthCheckGracePeriodSeconds", None, 60, "service"),
    ]
    task = f"{ACCOUNT}:task/{cluster}/0f9de17a6465404e8b1b2356dc13c2f8"
    stale = {
        "task_arn": task,
        "task_definition_arn": f"{ACCOUNT}:task-definition/{cluster}-search:40",
        **dict.fromkeys(("container", "image", "digest", "registry_digest")),
    }
    moved = {
        "task_arn": task,
        "task_definition_arn": f"{ACCOUNT}:task-definition/{cluster}-mail:41",
        "container": "app",
        "image": "registry.example/mail:stable",
        "digest": "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        "registry_digest": "sha256:e258d248fda94c63753607f7c4494ee0fcbe92f1a76bfdac795c9d84101eb317",
    }
    moving = {
        "id": "ecs-svc/2",
        "in_progress": True,
        "rollout_state": "IN_PROGRESS",
        "rollout_state_reason": "ECS deployment ecs-svc/2 in progress.",
        "failed_tasks": 3,
        "created_at": "2026-11-25T01:58:00Z",
    }
    gone = {
        "service_arn": None,
        "task_definition_arn": None,
        "images": [],
        "launch_type": None,
        "deployment": None,
        "tags": {},
    }
    uncounted = dict.fromkeys(("desired_count", "running_count", "pending_count"))
    changed = "environment of container app changed: LOG_LEVEL; environment of container app added: FEATURE_CART; image, healthCheck, memory changed"
    denied = "Access denied: ecs:DescribeServices on services ledger of cluster production."
    return [
        service(cluster, "checkout", "definition_drift", differences=drifted, summary=changed),
        service(
            cluster,
            "cart",
            "definition_drift",
            "service_drift",
            differences=[*drifted[:2], *network],
            summary="environment of container app changed: LOG_LEVEL",
        ),
        service(
            cluster,
            "payments",
            "service_drift",
            differences=network,
            summary="subnets changed; deployment circuit breaker changed",
        ),
        service(
            cluster,
            "search",
            "task_drift",
            tasks=[stale],
            running_count=1,
            pending_count=1,
            summary="1 task on search:40",
        ),
        service(
            cluster, "mail", "tag_moved", tasks=[moved], summary="stable of container app has moved"
        ),
        service(cluster, "ledger", "unreadable", **gone, **uncounted, problem=denied),
        service(cluster, "invoices", "missing", **gone, **uncounted),
        service(cluster, "old-web", "undeclared", summary="nobody declares it"),
        service(
            cluster,
            "catalog",
            "unreleased",
            unreleased_task_definition_arn=f"{ACCOUNT}:task-definition/{cluster}-catalog:42",
            summary="catalog:42 waits",
        ),
        service(
            cluster, "reviews", "deploying", deployment=moving, running_count=3, pending_count=1
        ),
        service(
            cluster, "web", "image_deployed", launch_type=None, capacity_providers=["FARGATE_SPOT"]
        ),
        service(cluster, "accounts", "in_sync"),
    ]


NAMES: t.Final = (
    "cart",
    "catalog",
    "checkout",
    "invoices",
    "ledger",
    "mail",
    "orders",
    "payments",
    "pricing",
    "reviews",
    "search",
    "shipping",
    "stock",
    "users",
    "web",
)
CLUSTERS: t.Final = (
    "production",
    "production-us",
    "batch",
    "staging",
    "preview",
    "tools",
    "analytics",
    "partner",
)


def of_many(number: int) -> list[Document]:
    """Return a fleet of this size over several clusters, the same at every call."""
    dice = random.Random(7)
    patterns = of_every_kind()
    fleet = of_every_kind()
    for at in range(number - len(fleet)):
        cluster, name = dice.choice(CLUSTERS), f"{NAMES[at % len(NAMES)]}-{at:04}"
        drifting = cluster in ("production", "batch", "staging") and dice.random() < 0.05
        pattern = (
            patterns[dice.randrange(len(patterns) - 2)]
            if drifting
            else patterns[-1 - (dice.random() < 0.4)]
        )
        fleet.append(
            {
                **pattern,
                "cluster": cluster,
                "service": name,
                "service_arn": f"{ACCOUNT}:service/{cluster}/{name}",
                "images": [
                    {
                        "container": "app",
                        "live": f"registry.example/{name}:{dice.randrange(9)}.{dice.randrange(9)}",
                        "declared": None,
                    }
                ],
                "tags": {"team": dice.choice(("shop", "data", "platform"))},
            }
        )
    return fleet


def hostile(text: str, kind: str = "definition_drift") -> Document:
    """A service with this text in every field that takes text, as value and as key."""
    values: list[t.Any] = [text, [text, {text: text}], {text: [text]}]
    return {
        **dict.fromkeys(
            (
                "cluster",
                "service",
                "service_arn",
                "summary",
                "task_definition_arn",
                "unreleased_task_definition_arn",
                "launch_type",
            ),
            text,
        ),
        "problem": text if kind == "unreadable" else "",
        "kinds": [kind],
        "differences": [
            {
                "of": of,
                "path": text,
                "change": change,
                "live": None if change == "added" else value,
                "declared": None if change == "removed" else [value, text],
            }
            for of in ("task_definition", "service")
            for change in ("added", "removed", "changed")
            for value in values
        ],
        "images": [{"container": text, "live": text, "declared": text}],
        "capacity_providers": [text],
        "desired_count": 1,
        "running_count": 0,
        "pending_count": 0,
        "deployment": {
            "id": text,
            "in_progress": True,
            "rollout_state": text,
            "rollout_state_reason": text,
            "failed_tasks": 1,
            "created_at": text,
        },
        "tasks": [
            dict.fromkeys(
                (
                    "task_arn",
                    "task_definition_arn",
                    "container",
                    "image",
                    "digest",
                    "registry_digest",
                ),
                text,
            )
        ],
        "tags": {text: text},
    }
