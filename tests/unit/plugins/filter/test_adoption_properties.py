# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of adopting: whatever service there is, the variables change nothing of it, would
make it again, and have nothing that could be left out.
"""

from __future__ import annotations

import copy
import pathlib
import random
import tempfile
import typing as t

import botocore
from ansible.parsing.dataloader import DataLoader
from ecs_simulator.registration import described
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.plugins.filter.to_variables import to_variables
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    arn,
    container_definition,
    ownership,
    shape,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import service as service_rules
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    task_definition as task_rules,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.adoption import (
    Adopted,
    Existing,
    adopt,
)
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.documents import (
    Document,
    examples,
)
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.test_service_properties import (
    SERVICE,
    live,
)
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.test_task_definition_properties import (
    ACCOUNT,
    TASK,
)

SHAPES: t.Final = {"task": TASK.shape, "service": SERVICE.shape}
CONTAINER: t.Final = TASK.shape.members["containerDefinitions"].member
SDK: t.Final = f"botocore {botocore.__version__}"
SETTINGS: t.Final = settings(deadline=None, print_blob=True)

definitions: t.Final = st.binary(min_size=700, max_size=700).map(TASK.document)
services: t.Final = st.binary(min_size=500, max_size=500).map(SERVICE.document)
seeds: t.Final = st.integers(0, 2**32)


def as_ecs_takes_it(definition: Document) -> Document:
    """The definition without what ECS refuses: a variable that is a secret, too, a second port on
    one host port, a health check that does not say its kind, a log driver without its group.
    """
    for container in definition["containerDefinitions"]:
        secrets = {secret["name"] for secret in container.get("secrets") or ()}
        if container.get("environment"):
            container["environment"] = [
                variable for variable in container["environment"] if variable["name"] not in secrets
            ]
        if container.get("portMappings"):
            container["portMappings"] = list(
                {
                    container_definition.UNIQUE["portMappings"](port): port
                    for port in container["portMappings"]
                }.values()
            )
        if container.get("healthCheck"):
            command = container["healthCheck"]["command"]
            container["healthCheck"]["command"] = [
                "CMD-SHELL" if len(command) == 1 else "CMD",
                *command,
            ]
        log = container.get("logConfiguration")
        if log and log["logDriver"] == "awslogs":
            log["options"] = {
                **(log.get("options") or {}),
                "awslogs-group": "/ecs/web",
                "awslogs-region": "eu-west-1",
                "mode": "non-blocking",
            }
    return definition


def existing(definition: Document, service: Document, seed: int) -> Existing:
    task_definition = {
        "taskDefinition": described(
            as_ecs_takes_it(definition), random=random.Random(seed), account=ACCOUNT
        ),
        "tags": [],
    }
    there = live(service, seed)
    cluster, name = arn.cluster_name(there["clusterArn"]), there["serviceName"]
    return Existing(task_definition, there, cluster, name, f"{cluster}-{name}")


def next_run(
    variables: Document, task_definition: Document | None, service: Document | None
) -> tuple[Document, Document]:
    """What role service asks for, step by step: the inputs of RegisterTaskDefinition and of
    CreateService, in which what is owned is left alone.
    """
    fields = ownership.parse(variables.get("ecs_live_fields"), SHAPES)
    built = container_definition.build(
        variables["ecs_containers"],
        task_definition and task_definition["containerDefinitions"],
        shape=TASK.shape,
        fields=fields,
        force_bootstrap_image=False,
        sdk=SDK,
    )
    family = variables.get("ecs_family", f"{variables['ecs_cluster']}-{variables['ecs_service']}")
    task = shape.normalize(
        {
            "family": family,
            "container_definitions": built.container_definitions,
            **variables.get("ecs_task", {}),
        },
        TASK.shape,
        path="",
        sdk=SDK,
    )
    task = ownership.task(task, task_definition and {"taskDefinition": task_definition}, fields)
    members = {
        "cluster": variables["ecs_cluster"],
        "service_name": variables["ecs_service"],
        **variables.get("ecs_service_options", {}),
    }
    declared = shape.normalize(members, SERVICE.shape, path="", sdk=SDK)
    if "ecs_tags" in variables:
        task["tags"] = declared["tags"] = [
            {"key": key, "value": value} for key, value in variables["ecs_tags"].items()
        ]
    return task, ownership.service(declared, service, fields)


def written_and_read(adopted: Adopted) -> Document:
    """The variables as Ansible loads the file."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "variables.yml")
        path.write_text(to_variables(adopted.variables, adopted.notes), encoding="utf-8")
        return t.cast("Document", DataLoader().load_from_file(str(path)))


def test_the_next_run_changes_nothing_and_the_file_is_short() -> None:
    shortened, adopted_services = set(), 0

    web = {"name": "web", "image": "web:1", "logConfiguration": {"logDriver": "awslogs"}}

    @settings(SETTINGS, max_examples=200)
    @given(definition=definitions, service=services, seed=seeds)
    # The one form that chance does not always bring.
    @example(
        definition={"family": "web", "containerDefinitions": [web]},
        service=SERVICE.document(bytes(500)),
        seed=0,
    )
    def check(definition: Document, service: Document, seed: int) -> None:
        nonlocal adopted_services
        there = existing(definition, service, seed)
        adopted = adopt(there, SHAPES, SDK)
        assert adopted.next_run == []
        variables = written_and_read(adopted)
        task, declared = next_run(variables, there.definition, there.service)
        assert task_rules.differences(task, there.task_definition) == []
        assert service_rules.differences(declared, there.service or {}) == []
        adopted_services += 1
        shortened.update(
            name
            for container in variables["ecs_containers"]
            for name, value in container.items()
            if is_short(name, value)
        )

    check()
    assert adopted_services >= 200
    # A form that is never used could be any form.
    assert shortened == {
        "ports",
        "environment",
        "secrets",
        "system_controls",
        "health_check",
        "ulimits",
        "depends_on",
        "mount_points",
        "log",
        "extra_hosts",
    }


def is_short(name: str, value: t.Any) -> bool:
    """Whether a member of a container stands in a form that the API has not."""
    member = CONTAINER.members.get(shape.api_name(name, CONTAINER.members) or "")
    if member is None:
        return name != "bootstrap_image"
    if member.type_name == "list" and member.member.type_name == "structure":
        return isinstance(value, dict) or any(isinstance(entry, str) for entry in value)
    return member.type_name == "structure" and not isinstance(value, dict)


@settings(SETTINGS, max_examples=examples(60))
@given(definition=definitions, service=services, seed=seeds)
def test_a_service_that_is_gone_is_created_as_it_was(
    definition: Document, service: Document, seed: int
) -> None:
    there = existing(definition, service, seed)
    task, declared = next_run(adopt(there, SHAPES, SDK).variables, None, None)
    assert task_rules.canonical(
        described(task, random=random.Random(seed), account=ACCOUNT)
    ) == task_rules.canonical(there.definition)
    again = live({**declared, "taskDefinition": "web:7"}, seed)
    for before, after in ((there.service, again), (again, there.service)):
        asked = {
            name: member
            for name, member in service_rules.described(before or {}).items()
            if name in SERVICE.shape.members
        }
        assert service_rules.differences(asked, after or {}) == []


@settings(SETTINGS, max_examples=examples(60))
@given(definition=definitions, service=services, seed=seeds)
def test_no_member_could_be_left_out(definition: Document, service: Document, seed: int) -> None:
    there = existing(definition, service, seed)
    task, declared = next_run(adopt(there, SHAPES, SDK).variables, None, None)
    for path, without in each_without_one_member(task, TASK.shape):
        assert task_rules.differences(without, there.task_definition), path
    options = {
        name: member
        for name, member in declared.items()
        if name not in ("cluster", "serviceName", "tags")
    }
    created = service_rules.SERVICE.filled(options, ())
    for path, without in each_without_one_member(options, SERVICE.shape):
        assert service_rules.SERVICE.filled(without, ()) != created, path


def each_without_one_member(document: Document, of: t.Any) -> t.Iterator[tuple[str, Document]]:
    """The document without each member, at any depth, that the API does not require."""

    def places(value: t.Any, of: t.Any, path: str) -> t.Iterator[tuple[str, Document, str]]:
        if of.type_name == "list":
            for index, item in enumerate(value):
                yield from places(item, of.member, f"{path}[{index}]")
        elif of.type_name == "structure" and not of.is_document_type:
            for name, member in value.items():
                if name not in of.required_members and not of.is_tagged_union:
                    yield f"{path}.{name}", value, name
                yield from places(member, of.members[name], f"{path}.{name}")

    changed = copy.deepcopy(document)
    for path, structure, name in list(places(changed, of, "")):
        member = structure.pop(name)
        yield path, changed
        structure[name] = member
