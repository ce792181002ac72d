# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions of CloudFormation give a value or a note, whatever their arguments."""

from __future__ import annotations

import itertools
import json
import typing as t

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.adoption import adopt
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.existing import from_documents
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.other_tools.intrinsics import (
    NO_VALUE,
    Evaluator,
)

NAMES: t.Final = ("A", "B", "C", "AWS::NoValue", "AWS::Region")
OF_ONE: t.Final = ("Ref", "Condition", "Fn::Base64", "Fn::GetAtt", "Fn::ImportValue", "Fn::Sub")
OF_A_LIST: t.Final = ("Fn::And", "Fn::Not", "Fn::Or", "Fn::Cidr")
OF_TWO: t.Final = ("Fn::Equals", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub")
OF_THREE: t.Final = ("Fn::FindInMap", "Fn::If")
SCALARS: t.Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.floats(allow_nan=False),
    st.sampled_from(
        [*NAMES, "", ",", "a,b", "0", "1", "\u00b2", "9" * 5000, "${A}", "${A.B}-${!C}"]
    ),
    st.text(max_size=4),
)


def nested(below: st.SearchStrategy[t.Any]) -> st.SearchStrategy[t.Any]:
    lists = st.lists(below, max_size=3)
    either = below | SCALARS
    called = {
        **dict.fromkeys(OF_ONE, either),
        **dict.fromkeys(OF_A_LIST, lists),
        **dict.fromkeys(OF_TWO, st.tuples(SCALARS, either).map(list)),
        **dict.fromkeys(OF_THREE, st.tuples(SCALARS, either, either).map(list)),
    }
    return st.one_of(
        *(st.fixed_dictionaries({name: argument}) for name, argument in called.items()),
        *(st.fixed_dictionaries({name: below}) for name in called),
        lists,
        st.dictionaries(st.sampled_from([*NAMES, "Name", "Value", "Key"]), below, max_size=3),
    )


VALUES: t.Final = st.recursive(SCALARS, nested, max_leaves=12)
SECTIONS: t.Final = st.dictionaries(st.sampled_from(NAMES[:3]), VALUES, max_size=3) | VALUES
PARAMETERS: t.Final = st.dictionaries(
    st.sampled_from(NAMES[:3]),
    st.fixed_dictionaries({}, optional={"Type": SCALARS, "Default": VALUES, "NoEcho": SCALARS})
    | VALUES,
    max_size=3,
)
RESOURCES: t.Final = st.dictionaries(
    st.sampled_from(NAMES[:3]),
    st.fixed_dictionaries(
        {
            "Type": st.sampled_from(["AWS::Logs::LogGroup", "AWS::ECS::Cluster"]),
            "Properties": st.dictionaries(
                st.sampled_from(["LogGroupName", "ClusterName"]), VALUES, max_size=2
            ),
        }
    ),
    max_size=3,
)
TEMPLATES: t.Final = st.fixed_dictionaries(
    {
        "Parameters": PARAMETERS,
        "Resources": RESOURCES,
        "Mappings": SECTIONS,
        "Conditions": SECTIONS,
    }
)


ONE_OF_EACH_TYPE: t.Final = (
    *(None, True, -1, 1, 0.5, "", ",", "a,b", "0", "\u00b2", "9" * 5000, "A", "${A}"),
    *([], ["a", "b"], [1, None], {}, {"a": 1}, {"Ref": "A"}, {"Ref": "AWS::NoValue"}),
)


@pytest.mark.parametrize("name", sorted({*OF_ONE, *OF_A_LIST, *OF_TWO, *OF_THREE}))
def test_a_function_takes_arguments_of_every_type(name: str) -> None:
    template = {
        "Parameters": {"A": {"Type": "String", "Default": "a,b"}},
        "Mappings": {"A": {"a": {"b": 1}}},
        "Conditions": {"A": {"Fn::Equals": ["a", "a"]}},
    }
    twos = itertools.product(ONE_OF_EACH_TYPE, repeat=2)
    for argument in (*ONE_OF_EACH_TYPE, *twos, *itertools.product(ONE_OF_EACH_TYPE[::2], repeat=3)):
        given_argument = list(argument) if isinstance(argument, tuple) else argument
        Evaluator(template).value({name: given_argument}, "Resources.Task")


@settings(deadline=None, max_examples=60)
@given(template=TEMPLATES, value=VALUES)
def test_a_value_or_a_note(template: dict[str, t.Any], value: t.Any) -> None:
    evaluator = Evaluator(template)
    found = evaluator.value(value, "Resources.Task")
    if found is not NO_VALUE:
        json.dumps(found)
    assert all(note.startswith(("Resources.Task", "Conditions")) for note in evaluator.notes)


@settings(deadline=None, max_examples=40)
@given(template=TEMPLATES, value=VALUES, place=st.sampled_from(["", "Cpu", "Family", "Volumes"]))
def test_a_template_is_adopted_or_refused_with_the_place(
    template: dict[str, t.Any], value: t.Any, place: str
) -> None:
    container = {"Name": "web", "Image": value, "Environment": [{"Name": "A", "Value": value}]}
    properties = {"ContainerDefinitions": [container], **({place: value} if place else {})}
    resources = {
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties},
        "Service": {"Type": "AWS::ECS::Service", "Properties": {"DesiredCount": value}},
        "Whole": {"Type": "AWS::ECS::Service", "Properties": value},
    }
    for service in ("Service", "Whole"):
        document = {**template, "Resources": {**template["Resources"], **resources}}
        try:
            adopt(from_documents(document, None, None, service), gateway.input_shapes(), "botocore")
        except DeclarationError as error:
            assert error.path
