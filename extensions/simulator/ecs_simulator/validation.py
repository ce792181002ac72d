# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check requests against botocore's service model.

It knows required members, all members, types, and values of enumerations.

AWS ignores members it does not know. Here they are refused, because a misspelt member is what a
rehearsal is meant to find.
"""

from __future__ import annotations

import functools
import typing as t

import botocore.loaders
import botocore.model

from .errors import ApiError, invalid_parameter

TARGET_PREFIX = "AmazonEC2ContainerServiceV20141113"
AUTO_SCALING = "application-autoscaling"
CODE_DEPLOY = "codedeploy"
CODE_DEPLOY_PREFIX = "CodeDeploy_20141006"

# How the API names the JSON it found and the type it wanted.
_FOUND = {
    bool: "BOOLEAN_VALUE",
    int: "NUMBER_VALUE",
    float: "NUMBER_VALUE",
    str: "STRING_VALUE",
    list: "START_ARRAY",
    dict: "START_OBJECT",
}
_WANTED: dict[str, tuple[tuple[type, ...], str]] = {
    "structure": ((dict,), "a structure"),
    "map": ((dict,), "a map"),
    "list": ((list,), "a list"),
    "string": ((str,), "a String"),
    "boolean": ((bool,), "a Boolean"),
    "integer": ((int,), "an Integer"),
    "long": ((int,), "a Long"),
    "float": ((int, float), "a Float"),
    "double": ((int, float), "a Double"),
    "timestamp": ((int, float, str), "a Timestamp"),
}


@functools.cache
def service_model(service: str = "ecs") -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(
        botocore.loaders.Loader().load_service_model(service, "service-2"), service
    )


def of_service(operation: str) -> tuple[str, str]:
    """Return the service and the name of an operation: that of ECS has no prefix."""
    service, colon, name = operation.partition(":")
    return (service, name) if colon else ("ecs", operation)


@functools.cache
def _input_shape(operation: str) -> botocore.model.StructureShape:
    service, name = of_service(operation)
    return t.cast(
        botocore.model.StructureShape, service_model(service).operation_model(name).input_shape
    )


def knows(operation: str) -> bool:
    service, name = of_service(operation)
    return (
        service in ("ecs", CODE_DEPLOY, AUTO_SCALING)
        and name in service_model(service).operation_names
    )


def validated(operation: str, request: t.Any) -> dict[str, t.Any]:
    """Return the request without null members.

    Raises ApiError SerializationException or InvalidParameterException with the path.
    """
    return _walk(request, _input_shape(operation), "")


def _walk(value: t.Any, shape: t.Any, path: str) -> t.Any:
    types, wanted = _WANTED[shape.type_name]
    fits = isinstance(value, types) and not (isinstance(value, bool) and bool not in types)
    if not fits:
        found = _FOUND.get(type(value), "NULL_VALUE")
        raise ApiError(
            "SerializationException",
            f"{found} can not be converted to {wanted}{f' at {path}' if path else ''}",
        )
    if isinstance(shape, botocore.model.StructureShape):
        return _structure(value, shape, path)
    if isinstance(shape, botocore.model.ListShape):
        return [_walk(item, shape.member, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(shape, botocore.model.MapShape):
        return {key: _walk(item, shape.value, f"{path}.{key}") for key, item in value.items()}
    choices = getattr(shape, "enum", None)
    if choices and value not in choices:
        raise invalid_parameter(
            f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: Member must satisfy enum value set: [{', '.join(choices)}]"
        )
    return value


def _structure(
    value: dict[str, t.Any], shape: botocore.model.StructureShape, path: str
) -> dict[str, t.Any]:
    prefix = f"{path}." if path else ""
    members = {name: item for name, item in value.items() if item is not None}
    for name in members:
        if name not in shape.members:
            raise ApiError(
                "SerializationException",
                f"Unknown member {prefix}{name}; {shape.name} has {', '.join(shape.members) or 'no members'}.",
            )
    for name in shape.required_members:
        if name not in members:
            raise invalid_parameter(
                f"1 validation error detected: Value null at '{prefix}{name}' failed to satisfy constraint: Member must not be null"
            )
    return {
        name: _walk(item, shape.members[name], f"{prefix}{name}") for name, item in members.items()
    }
