# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the answers to thousands of calls in half the time of the SDK.

The SDK looks into its model for every member of every answer, and a container has sixty; here that
is done once. What is read is what the SDK reads, with times in ISO 8601 in UTC. An answer that is
none, or that has a union, a document or a list with nulls in it, is left to the SDK, and so are all
where botocore does not have the event yet (1.35.0).
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import typing as t

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so to the user
    import botocore.utils

from .api import READ, in_utc

Read = t.Callable[[t.Any], t.Any]

_YEAR_10000: t.Final = 253402300800
"""In seconds since 1970; Python has no such time."""


class AnswerReader:
    """Read answers in place of the SDK, for the clients that it is attached to."""

    def __init__(self) -> None:
        self._made: dict[str, Read | None] = {}

    def attach(self, client: t.Any) -> None:
        """Read the answers to all calls of boto3's client for ``ecs``."""
        client.meta.events.register("before-parse.ecs", self._before_parse, unique_id=READ)

    def _before_parse(
        self,
        operation_model: t.Any,
        response_dict: dict[str, t.Any],
        customized_response_dict: dict[str, t.Any],
        **dummy: t.Any,
    ) -> None:
        shape = operation_model.output_shape
        if response_dict["status_code"] >= 300 or shape is None:
            return
        try:
            read = _Structure(shape, self.of)(json.loads(response_dict["body"].decode()))
        except Exception:
            # What is wrong with it is for the SDK to say.
            return
        customized_response_dict.update(read, **{READ: True})
        response_dict["body"] = b"{}"

    def of(self, shape: t.Any) -> Read | None:
        """Return what reads a JSON value; ``None`` if the SDK takes it as it is."""
        if shape.name not in self._made:
            self._made[shape.name] = self._make(shape)
        return self._made[shape.name]

    def _make(self, shape: t.Any) -> Read | None:
        if shape.type_name == "structure":
            return _Structure(shape, self.of)
        if shape.type_name == "list":
            return _list_of(self.of(shape.member))
        if shape.type_name == "map":
            return _map_of(self.of(shape.value))
        return {"timestamp": _time, "blob": _not_simple}.get(shape.type_name)


class _Structure:
    """Reads the members of a structure that the SDK knows, in its order."""

    def __init__(self, shape: t.Any, of: t.Callable[[t.Any], Read | None]) -> None:
        self._shape = shape
        self._of = of

    @functools.cached_property
    def _members(self) -> list[tuple[str, str, Read | None]]:
        """Return the name of each member in JSON and in the model, and what reads it.

        Made when it is first needed, because a structure may be within itself.
        """
        if self._shape.is_tagged_union or self._shape.is_document_type:
            _not_simple(self._shape.name)
        return [
            (member.serialization.get("name", name), name, self._of(member))
            for name, member in self._shape.members.items()
        ]

    def __call__(self, value: t.Any) -> dict[str, t.Any]:
        get = value.get
        found = {}
        for there, name, read in self._members:
            member = get(there)
            if member is not None:
                found[name] = read(member) if read else member
        return found


def _list_of(read: Read | None) -> Read:
    if read is None:
        return list
    return lambda value: [read(item) for item in value]


def _map_of(read: Read | None) -> Read:
    if read is None:
        return lambda value: dict(value.items())
    return lambda value: {name: read(member) for name, member in value.items()}


def _time(value: t.Any) -> str:
    # As ECS sends times. The SDK takes six times as long, to know the zone of this machine.
    if type(value) in (int, float) and 0 <= value < _YEAR_10000:
        return datetime.datetime.fromtimestamp(value, datetime.UTC).isoformat()
    return in_utc(botocore.utils.parse_timestamp(value))


def _not_simple(value: t.Any) -> t.NoReturn:
    raise ValueError(f"{value} is left to the SDK")
