# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After any pruning, what runs and the last success can be deployed again."""

from __future__ import annotations

import typing as t
import urllib.request

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.tests.unit.plugins.modules.test_prune import (
    arn,
    deploy,
    listed,
    prune,
    register,
    rule,
    schedule,
    serve,
    start,
)

if t.TYPE_CHECKING:
    from ..conftest import Ecs

SERVICES: t.Final = {"web": "production", "shop": "staging"}
BREAKER: t.Final = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}

REVISIONS: t.Final = 8
NUMBER: t.Final = st.integers(1, REVISIONS)
DEPLOYED: t.Final = st.fixed_dictionaries({name: st.lists(NUMBER, max_size=6) for name in SERVICES})
STEPS: t.Final = st.lists(
    st.one_of(
        st.tuples(st.just("register"), st.sampled_from(["1", "1", "1", "crash"])),
        st.tuples(st.just("deploy"), st.sampled_from(sorted(SERVICES)), NUMBER),
        st.tuples(st.just("settle")),
        st.tuples(st.just("pass"), st.integers(1, 200)),
        st.tuples(st.just("start"), NUMBER, st.sampled_from(sorted(SERVICES.values()))),
        st.tuples(st.just("schedule"), NUMBER),
        st.tuples(st.just("rule"), NUMBER),
        st.tuples(st.just("deregister"), NUMBER),
    ),
    max_size=8,
)


def perform(ecs: Ecs, step: tuple[t.Any, ...]) -> None:
    """One thing that somebody does; what ECS would refuse is left out."""
    kind, *arguments = step
    named = [argument for argument in arguments if isinstance(argument, int)]
    if kind in ("deploy", "start", "schedule", "rule", "deregister") and named[0] not in listed(
        ecs
    ):
        return
    if kind == "register":
        register(ecs, arguments[0])
    elif kind == "deploy":
        ecs.client.update_service(
            cluster=SERVICES[arguments[0]], service=arguments[0], taskDefinition=arn(arguments[1])
        )
    elif kind == "settle":
        ecs.settle()
    elif kind == "pass":
        ecs.control.advance(arguments[0])
    elif kind == "start":
        start(ecs, *arguments)
    elif kind == "schedule":
        present = ecs.client_of("scheduler").list_schedules()["Schedules"]
        schedule(ecs, f"report-{len(present)}", arn(arguments[0]))
    elif kind == "rule":
        rule(ecs, f"on-{arguments[0]}", arn(arguments[0]))
    elif kind == "deregister" and len(listed(ecs)) > 1:
        ecs.client.deregister_task_definition(taskDefinition=arn(arguments[0]))


def runs(ecs: Ecs) -> set[str]:
    """Return what runs, is scheduled or started by a rule, by AWS's own answers."""
    found = set()
    for name, cluster in SERVICES.items():
        service = ecs.client.describe_services(cluster=cluster, services=[name])["services"][0]
        found |= {
            service["taskDefinition"],
            *(deployment["taskDefinition"] for deployment in service["deployments"]),
        }
        arns = ecs.client.list_tasks(cluster=cluster)["taskArns"]
        found |= {
            task["taskDefinitionArn"]
            for task in (
                ecs.client.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else ()
            )
        }
    scheduler, events = ecs.client_of("scheduler"), ecs.client_of("events")
    found |= {
        scheduler.get_schedule(Name=brief["Name"])["Target"]["EcsParameters"]["TaskDefinitionArn"]
        for brief in scheduler.list_schedules()["Schedules"]
    }
    for named in events.list_rules()["Rules"]:
        found |= {
            target["EcsParameters"]["TaskDefinitionArn"]
            for target in events.list_targets_by_rule(Rule=named["Name"])["Targets"]
        }
    return found


def successes(ecs: Ecs, name: str) -> list[str]:
    """What the service was deployed with successfully, newest first, each once."""
    briefs = ecs.client.list_service_deployments(
        cluster=SERVICES[name], service=name, status=["SUCCESSFUL"]
    )["serviceDeployments"]
    revisions = [
        ecs.client.describe_service_revisions(
            serviceRevisionArns=[brief["targetServiceRevisionArn"]]
        )
        for brief in briefs
    ]
    return list(
        dict.fromkeys(found["serviceRevisions"][0]["taskDefinition"] for found in revisions)
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    deployed=DEPLOYED,
    steps=STEPS,
    keep=st.integers(0, 3),
    keep_successful=st.integers(0, 3),
    delete=st.booleans(),
)
def test_what_runs_and_what_can_be_gone_back_to_survives(
    ecs: Ecs,
    deployed: dict[str, list[int]],
    steps: list[tuple[t.Any, ...]],
    keep: int,
    keep_successful: int,
    delete: bool,
) -> None:
    ecs.control.reset()
    urllib.request.urlopen(
        urllib.request.Request(f"{ecs.simulator.url}/moto-api/reset", method="POST")
    ).close()
    for dummy in range(REVISIONS):
        register(ecs)
    for name, cluster in SERVICES.items():
        ecs.client.create_cluster(clusterName=cluster)
        serve(ecs, name, 1, cluster, deploymentConfiguration=BREAKER)
        for number in deployed[name]:
            deploy(ecs, name, number, cluster)
    for step in steps:
        perform(ecs, step)
    before = set(map(arn, listed(ecs)))
    needed = runs(ecs)
    good = {
        name: [
            revision for revision in successes(ecs, name)[:keep_successful] if revision in before
        ]
        for name in SERVICES
    }
    wanted = {"keep": keep, "keep_successful": keep_successful, "delete": delete}

    predicted = prune(ecs, check_mode=True, **wanted)
    assert set(map(arn, listed(ecs))) == before
    result = prune(ecs, **wanted)

    assert result == predicted
    after = set(map(arn, listed(ecs)))
    assert needed & before <= after, "what was in use is still ACTIVE"
    deleted = set(map(arn, listed(ecs, "DELETE_IN_PROGRESS")))
    assert not needed & deleted, "what is in use was not deleted, INACTIVE as it may be"
    assert {max(before, key=lambda revision: int(revision.rpartition(":")[2]))} <= after, (
        "the newest one"
    )
    assert before - after == set(result["pruned"])
    assert deleted == set(result["deleted"])
    assert after <= set(result["kept"]), "there is a reason for each that was kept"
    assert not prune(ecs, **wanted)["changed"]
    for name, revisions in good.items():
        for revision in revisions:
            ecs.client.update_service(cluster=SERVICES[name], service=name, taskDefinition=revision)
