# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of reading a declaration: both cases of names mean the same, keys of maps are data,
and a document that was read stays as it is.
"""

from __future__ import annotations

import re
import typing as t

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import shape
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.documents import (
    Choices,
    Document,
    Level,
    is_structure,
)

MODEL: t.Final = botocore.session.get_session().get_service_model("ecs")
OPERATIONS: t.Final = ("RegisterTaskDefinition", "CreateService", "UpdateService", "RunTask")
SETTINGS: t.Final = settings(deadline=None, print_blob=True, max_examples=150)
sources: t.Final = st.binary(min_size=600, max_size=600)
choices: t.Final = st.binary(min_size=300, max_size=300)


def level(operation: str) -> Level:
    return Level(
        shape=MODEL.operation_model(operation).input_shape,
        values={
            "lifecycleHooks.hookDetails": (
                {"camelCase": {"snake_case": [None, {"Mixed_Case": 1}]}},
            )
        },
        # Not AWS's knowledge but what a union needs: exactly one member.
        needed={"sharingStrategy": ("nvidiaMps",), "containerConfigurations": ("logLevel",)},
        keys={},
        ordered=frozenset(),
        defaults={},
    )


LEVELS: t.Final = {operation: level(operation) for operation in OPERATIONS}
every_operation: t.Final = pytest.mark.parametrize("operation", OPERATIONS)


def read(document: Document, operation: str) -> Document:
    return shape.normalize(
        document, LEVELS[operation].shape, path="", sdk="botocore 1.44.5", required=True
    )


def snake(name: str) -> str:
    """As Ansible's camel_dict_to_snake_dict spells it: enableECSManagedTags is
    enable_ecs_managed_tags.
    """
    return re.sub(
        r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    ).lower()


def written(value: t.Any, of: t.Any, drawn: Choices) -> t.Any:
    """The document with some names in snake case: those of members, not the keys of maps and not
    what is inside a free-form document.
    """
    if is_structure(of) and isinstance(value, dict):
        return {
            snake(name) if drawn.chance(8) else name: written(below, of.members[name], drawn)
            for name, below in value.items()
        }
    if of.type_name == "list" and isinstance(value, list):
        return [written(entry, of.member, drawn) for entry in value]
    return value


def maps_of(value: t.Any, of: t.Any) -> t.Iterator[t.Any]:
    """The maps and free-form documents, in the order of the document."""
    if is_structure(of) and isinstance(value, dict):
        for name, below in value.items():
            yield from maps_of(below, of.members[name])
    elif of.type_name == "list" and isinstance(value, list):
        for entry in value:
            yield from maps_of(entry, of.member)
    elif of.type_name in ("map", "structure") and value is not None:
        yield value


@every_operation
@SETTINGS
@given(source=sources, case=choices)
def test_both_cases_of_names_give_the_same(operation: str, source: bytes, case: bytes) -> None:
    declared = LEVELS[operation].document(source)
    mixed = written(declared, LEVELS[operation].shape, Choices(case))
    assert read(mixed, operation) == read(declared, operation)
    assert read(
        written(declared, LEVELS[operation].shape, Choices(b"\xff" * 5000)), operation
    ) == read(declared, operation)


@every_operation
@SETTINGS
@given(source=sources)
def test_keys_of_maps_and_free_form_documents_stay_as_they_are(
    operation: str, source: bytes
) -> None:
    declared = LEVELS[operation].document(source)
    of = LEVELS[operation].shape
    assert list(maps_of(read(declared, operation), of)) == list(maps_of(declared, of))


@every_operation
@SETTINGS
@given(source=sources)
def test_what_was_read_once_reads_as_itself(operation: str, source: bytes) -> None:
    once = read(LEVELS[operation].document(source), operation)
    assert read(once, operation) == once


@every_operation
@SETTINGS
@given(source=sources, otherwise=choices)
def test_numbers_and_booleans_may_be_text_as_templates_leave_them(
    operation: str, source: bytes, otherwise: bytes
) -> None:
    of = LEVELS[operation]
    declared = of.document(source)
    respelled = templated(declared, of.shape, Choices(otherwise))
    assert read(respelled, operation) == read(declared, operation)


def templated(value: t.Any, of: t.Any, drawn: Choices) -> t.Any:
    if is_structure(of) and isinstance(value, dict):
        return {name: templated(below, of.members[name], drawn) for name, below in value.items()}
    if of.type_name == "list" and isinstance(value, list):
        return [
            *(templated(entry, of.member, drawn) for entry in value),
            *([None] if drawn.chance(2) else []),
        ]
    if (
        of.type_name in ("integer", "long", "double", "boolean")
        and value is not None
        and drawn.chance(8)
    ):
        return str(value)
    return value
