# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of comparing: any valid definition that ECS has stored in its own way is the same, any single change of it is one difference."""

from __future__ import annotations

import copy
import random
import typing as t

import botocore.session
from ecs_simulator.registration import described
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.task_definition import canonical, differences

SHAPE: t.Final = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
SETTINGS: t.Final = settings(max_examples=150, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
ACCOUNT: t.Final = "111122223333"

# The members that make an entry of a list what it is, as the paths of differences name it.
KEYS: t.Final[dict[str, t.Callable[[dict[str, t.Any]], str]]] = {
    "containerDefinitions": lambda entry: entry["name"],
    "volumes": lambda entry: entry["name"],
    "environment": lambda entry: entry["name"],
    "secrets": lambda entry: entry["name"],
    "secretOptions": lambda entry: entry["name"],
    "ulimits": lambda entry: entry["name"],
    "properties": lambda entry: entry["name"],
    "systemControls": lambda entry: entry["namespace"],
    "portMappings": lambda entry: f"{entry.get('containerPort', entry.get('containerPortRange'))}/{entry.get('protocol', 'tcp')}",
    "mountPoints": lambda entry: entry["containerPath"],
    "volumesFrom": lambda entry: entry["sourceContainer"],
    "dependsOn": lambda entry: entry["containerName"],
    "extraHosts": lambda entry: entry["hostname"],
    "devices": lambda entry: entry["hostPath"],
    "tmpfs": lambda entry: entry["containerPath"],
    "resourceRequirements": lambda entry: entry["type"],
    "inferenceAccelerators": lambda entry: entry["deviceName"],
    "placementConstraints": lambda entry: f"{entry['type']} {entry['expression']}",
}
# Lists that are maps in disguise: a difference is about the entry's value.
MAPS_IN_DISGUISE: t.Final = frozenset({"environment", "secrets", "secretOptions", "systemControls", "properties", "inferenceAccelerators"})
# What decides what a default elsewhere is, so that one change of it can rightly be several differences.
DECIDES_ELSEWHERE: t.Final = frozenset({"networkMode", "requiresCompatibilities", "operatingSystemFamily", "scope", "firelensConfiguration"})

words = st.text(alphabet="abcXYZ019-_/.:é ", min_size=1, max_size=6).map(lambda word: f"w{word}w")
SPECIAL: t.Final[dict[str, st.SearchStrategy[t.Any]]] = {
    "family": st.sampled_from(["web", "shop"]),
    "networkMode": st.sampled_from(["bridge", "awsvpc", "host", "none"]),
    "requiresCompatibilities": st.sampled_from([["FARGATE"], ["EC2"], ["EC2", "FARGATE"], ["EXTERNAL"]]),
    "RegisterTaskDefinition.cpu": st.sampled_from(["256", ".5 vCPU", "1 vCPU", "2048"]),
    "RegisterTaskDefinition.memory": st.sampled_from(["512", "1 GB", "4GB"]),
    "protocol": st.sampled_from(["tcp", "udp"]),
    "taskRoleArn": st.sampled_from(["task", "path/task", f"arn:aws:iam::{ACCOUNT}:role/task"]),
    "executionRoleArn": st.sampled_from(["execution", f"arn:aws:iam::{ACCOUNT}:role/execution"]),
}


def text_of(shape: t.Any) -> st.SearchStrategy[str]:
    return st.sampled_from(shape.enum) if getattr(shape, "enum", None) else words


def value_of(shape: t.Any, name: str, parent: str = "") -> st.SearchStrategy[t.Any]:
    special = SPECIAL.get(f"{parent}.{name}", SPECIAL.get(name))
    if special is not None:
        return special
    match shape.type_name:
        case "structure":
            return structure_of(shape, name)
        case "list":
            entries = st.lists(value_of(shape.member, name, parent), max_size=3)
            return entries.map(lambda found: unique(found, name)).filter(bool)
        case "map":
            return st.dictionaries(words, st.one_of(words, st.just("")), min_size=1, max_size=3)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(min_value=1, max_value=9000)
        case "double":
            return st.floats(min_value=0.5, max_value=99, width=16)
        case other:
            assert other == "string", other
            return text_of(shape)


def unique(entries: list[t.Any], name: str) -> list[t.Any]:
    if not entries or name not in KEYS:
        return [entry for index, entry in enumerate(entries) if entry not in entries[:index]]
    return list({KEYS[name](entry): entry for entry in entries}.values())


KEY_MEMBERS: t.Final[dict[str, tuple[str, ...]]] = {
    "containerDefinitions": ("name", "image"),
    "volumes": ("name",),
    "environment": ("name",),
    "systemControls": ("namespace", "value"),
    "properties": ("name",),
    "mountPoints": ("containerPath", "sourceVolume"),
    "volumesFrom": ("sourceContainer",),
    "placementConstraints": ("type", "expression"),
    "proxyConfiguration": ("containerName",),
    "firelensConfiguration": ("type",),
    "logConfiguration": ("logDriver",),
    "nvidiaMps": ("memory",),
    "efsVolumeConfiguration": ("fileSystemId",),
}


@st.composite
def structure_of(draw: st.DrawFn, shape: t.Any, name: str) -> dict[str, t.Any]:
    needed = {*shape.required_members, *KEY_MEMBERS.get(name, ())}
    share = draw(st.sampled_from([1, 3, 6]))
    document = {
        member: draw(value_of(below, member, shape.name.removesuffix("Request")))
        for member, below in shape.members.items()
        if member in needed or draw(st.integers(0, 6)) < share
    }
    return valid(document, name)


def valid(document: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    """The nearest definition that the API takes."""
    if name == "portMappings":
        if "containerPort" not in document or "containerPortRange" in document:
            document = {"containerPortRange": "8000-8010", **{key: document[key] for key in ("protocol", "name", "appProtocol") if key in document}}
    if name == "dockerVolumeConfiguration" and document.get("scope") != "shared":
        document.pop("autoprovision", None)
        document.setdefault("driver", "local")
    if name == "volumes":
        kinds = [kind for kind in document if kind.endswith("Configuration")]
        for kind in kinds[1:]:
            del document[kind]
        if kinds:
            document.pop("host", None)
    if name == "environment" and "value" in document and len(document["name"]) % 5 == 0:
        document["value"] = ""
    return document


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, t.Any]:
    task = draw(structure_of(SHAPE, "RegisterTaskDefinition"))
    task.pop("tags", None)
    own_network = task.get("networkMode") in ("awsvpc", "host")
    for container in task["containerDefinitions"]:
        for port in container.get("portMappings", ()):
            if own_network and "hostPort" in port:
                port["hostPort"] = port["containerPort"]
    return task


def stored(declared: dict[str, t.Any], seed: int) -> dict[str, t.Any]:
    return {"taskDefinition": described(declared, random=random.Random(seed), account=ACCOUNT)}


@SETTINGS
@given(declared=definitions(), seed=st.integers(0, 2**32))
def test_what_ecs_stores_of_a_definition_is_no_difference(declared: dict[str, t.Any], seed: int) -> None:
    assert differences(declared, stored(declared, seed)) == []


@SETTINGS
@given(declared=definitions(), seed=st.integers(0, 2**32))
def test_the_canonical_form_is_reached_at_once_from_either_side(declared: dict[str, t.Any], seed: int) -> None:
    once = canonical(stored(declared, seed)["taskDefinition"])
    assert canonical(once) == once
    assert canonical(canonical(declared)) == canonical(declared)


Place = tuple[tuple[str, ...], t.Callable[[], None]]


def changes(node: t.Any, name: str, path: str, parent: str = "") -> t.Iterator[tuple[str, t.Callable[[], set[str]]]]:
    """Every single change of the document: a label for it, and a function that makes it and returns the paths that must differ then."""
    for member, value in list(node.items()):
        if member in DECIDES_ELSEWHERE or (name == "restartPolicy" and member != "enabled" and not node["enabled"]):
            continue
        here = f"{path}.{member}" if path else member
        if isinstance(value, dict):
            if all(isinstance(item, str) for item in value.values()) and member in ("dockerLabels", "options", "driverOpts", "labels"):
                for key in value:
                    yield f"{member}{{}}", put(value, key, value[key] + "!", {f"{here}[{key}]"})
            else:
                yield from changes(value, member, here, name)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            if member not in KEYS:
                yield f"{member}[]", drop(value, 0, {here})
                continue
            for index, entry in enumerate(value):
                entry_path = f"{here}[{KEYS[member](entry)}]"
                yield f"{member}-", drop(value, index, {entry_path} if member != "environment" or "value" in entry else set())
                yield from entry_changes(entry, member, here, entry_path)
        elif isinstance(value, list):
            yield f"{member}[]", put(node, member, [*value, another(value[-1])], {here})
        else:
            yield member, put(node, member, another(value), {here})


def entry_changes(entry: dict[str, t.Any], member: str, here: str, entry_path: str) -> t.Iterator[tuple[str, t.Callable[[], set[str]]]]:
    for label, change in changes(entry, member, entry_path):

        def made(change: t.Callable[[], set[str]] = change) -> set[str]:
            expected = change()
            now = f"{here}[{KEYS[member](entry)}]"
            if now != entry_path:
                # Another key is another entry: one is gone, one is new.
                return {entry_path, now} if member != "environment" or "value" in entry else set()
            return {entry_path} if member in MAPS_IN_DISGUISE else expected

        yield label, made


def put(node: dict[str, t.Any], member: str, value: t.Any, paths: set[str]) -> t.Callable[[], set[str]]:
    def change() -> set[str]:
        node[member] = value
        return paths

    return change


def drop(entries: list[t.Any], index: int, paths: set[str]) -> t.Callable[[], set[str]]:
    def change() -> set[str]:
        del entries[index]
        return paths

    return change


OTHERS: t.Final[dict[t.Any, t.Any]] = {
    "tcp": "udp",
    "udp": "tcp",
    "256": "257",
    ".5 vCPU": "513",
    "1 vCPU": "1025",
    "512": "513",
    "1 GB": "1025",
    "4GB": "4097",
}


def another(value: t.Any) -> t.Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return OTHERS.get(value, f"{value}x")
    return value + 1


@SETTINGS
@given(declared=definitions(), seed=st.integers(0, 2**32), data=st.data())
def test_any_single_change_is_found_where_it_was_made_and_nowhere_else(declared: dict[str, t.Any], seed: int, data: st.DataObject) -> None:
    live = stored(declared, seed)
    mutated = copy.deepcopy(declared)
    found = list(changes(mutated, "RegisterTaskDefinition", ""))
    label, change = data.draw(st.sampled_from(found), label="change")
    expected = change()
    containers = [container["name"] for container in mutated["containerDefinitions"]]
    assume(len(set(containers)) == len(containers))
    event(f"changed {label}")
    assert {difference.path for difference in differences(mutated, live)} == expected
