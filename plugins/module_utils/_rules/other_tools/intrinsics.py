# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluate intrinsic functions of CloudFormation.

Only what the template itself determines is evaluated. Everything else becomes a placeholder,
``${NAME}``, and a note with its path: a stack, another stack or the account would have to be asked.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from .. import placeholder

PHYSICAL_NAMES: t.Final = {
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ECS::Service": "ServiceName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
}
"""Resources whose ``Ref`` is the name that a property gives them."""

NO_VALUE: t.Final = object()
"""What ``AWS::NoValue`` is: the member is left out."""

_INDEX: t.Final = re.compile("[0-9]{1,9}")
_VARIABLE: t.Final = re.compile(r"\$\{([^{}]*)\}")


class Evaluator:
    """Evaluate values of one template, and collect what they need.

    ``notes`` has one line for each value that cannot be known, ``defaults`` the parameters whose
    default was taken, ``conditions`` what those make of the conditions that were needed.
    """

    def __init__(self, template: Mapping[str, t.Any]) -> None:
        self._parameters = _section(template, "Parameters")
        self._resources = _section(template, "Resources")
        self._mappings = _section(template, "Mappings")
        self._conditions = _section(template, "Conditions")
        self._resolving: list[str] = []
        self.notes: list[str] = []
        self.defaults: list[str] = []
        self.conditions: dict[str, bool] = {}

    def value(self, value: t.Any, path: str) -> t.Any:
        """Return the value with its functions evaluated, at every depth."""
        if isinstance(value, (list, tuple)):
            items = [
                self.value(item, f"{path}[{placeholder.label(_named(item), index)}]")
                for index, item in enumerate(value)
            ]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            (name, argument) = next(iter(value.items()))
            if name == "Ref" or str(name).startswith("Fn::"):
                return self._function(str(name), argument, path)
        members = {name: self.value(item, f"{path}.{name}") for name, item in value.items()}
        return {name: item for name, item in members.items() if item is not NO_VALUE}

    def _function(self, name: str, argument: t.Any, path: str) -> t.Any:
        if name == "Ref" and isinstance(argument, str):
            return self._reference(argument, path)
        if name == "Fn::Sub":
            return self._substituted(argument, path)
        if name == "Fn::GetAtt":
            parts = argument if isinstance(argument, list) else [argument]
            return self._unknown(".".join(map(str, parts)), name, path)
        if name == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
            delimiter, parts = argument[0], self._parts(argument[1], path)
            if (
                isinstance(delimiter, str)
                and isinstance(parts, list)
                and all(isinstance(part, (str, int)) for part in parts)
            ):
                return delimiter.join(map(_text, parts))
        if name == "Fn::FindInMap" and isinstance(argument, list) and len(argument) >= 3:
            found = self._in_mapping(argument, path)
            if found is not None:
                return found
        if name == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
            decided = self._decided(str(argument[0]))
            if decided is not None:
                return self.value(argument[1 if decided else 2], path)
        if name == "Fn::Split" and isinstance(argument, list) and len(argument) == 2:
            delimiter, text = argument[0], self.value(argument[1], path)
            if (
                isinstance(delimiter, str)
                and delimiter
                and isinstance(text, str)
                and not placeholder.is_placeholder(text)
            ):
                return text.split(delimiter)
        if name == "Fn::Select" and isinstance(argument, list) and len(argument) == 2:
            items = self._parts(argument[1], path)
            index = _INDEX.fullmatch(str(argument[0]))
            if isinstance(items, list) and index and int(index[0]) < len(items):
                return items[int(index[0])]
        return self._unknown(_told(name, argument), name, path)

    def _parts(self, argument: t.Any, path: str) -> t.Any:
        """Return the parts of a list argument, whose notes have the path of the function."""
        if not isinstance(argument, list):
            return self.value(argument, path)
        parts = [self.value(part, path) for part in argument]
        return [part for part in parts if part is not NO_VALUE]

    def _reference(self, name: str, path: str) -> t.Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        parameter = self._parameters.get(name)
        if isinstance(parameter, Mapping):
            return self._parameter(name, parameter, path)
        resource = self._resources.get(name)
        if isinstance(resource, Mapping) and name not in self._resolving:
            properties = resource.get("Properties")
            physical = PHYSICAL_NAMES.get(str(resource.get("Type")))
            if isinstance(properties, Mapping) and physical and properties.get(physical):
                self._resolving.append(name)
                try:
                    return self.value(properties[physical], path)
                finally:
                    self._resolving.remove(name)
        return self._unknown(name, "Ref", path)

    def _parameter(self, name: str, parameter: Mapping[str, t.Any], path: str) -> t.Any:
        """Return the default of a parameter, which may be a list in one text."""
        kind = str(parameter.get("Type"))
        hidden = str(parameter.get("NoEcho", "")).lower() == "true"
        if hidden or "Default" not in parameter or kind.startswith("AWS::SSM::Parameter"):
            return self._unknown(name, "Ref", path)
        if name not in self.defaults:
            self.defaults.append(name)
        default = parameter["Default"]
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return [part.strip() for part in str(default).split(",") if part.strip()]
        return default

    def _in_mapping(self, keys: list[t.Any], path: str) -> t.Any:
        """Return the entry of ``Mappings``, ``None`` where a key is not known."""
        found: t.Any = self._mappings
        notes = len(self.notes)
        for key in keys[:3]:
            told = self.value(key, path)
            found = found.get(told) if isinstance(found, Mapping) and _is_key(told) else None
        # The note about the function says it for its keys.
        del self.notes[notes:]
        return found

    def _decided(self, name: str) -> bool | None:
        """Return what a condition is, ``None`` where the template does not say."""
        if name not in self._conditions or name in self._resolving:
            return None
        self._resolving.append(name)
        notes = len(self.notes)
        try:
            decided = self._condition(self._conditions[name])
        finally:
            self._resolving.remove(name)
            # The note about Fn::If says it for the condition.
            del self.notes[notes:]
        if decided is not None:
            self.conditions[name] = decided
        return decided

    def _condition(self, expression: t.Any) -> bool | None:
        if not isinstance(expression, Mapping) or len(expression) != 1:
            return None
        (name, argument) = next(iter(expression.items()))
        if name == "Condition":
            return self._decided(str(argument))
        if name == "Fn::Equals" and isinstance(argument, list) and len(argument) == 2:
            sides = [self.value(side, "Conditions") for side in argument]
            return _text(sides[0]) == _text(sides[1]) if all(map(_is_key, sides)) else None
        if name not in ("Fn::And", "Fn::Or", "Fn::Not") or not isinstance(argument, list):
            return None
        parts = [self._condition(part) for part in argument]
        if not parts or None in parts:
            return None
        if name == "Fn::Not":
            return not parts[0]
        return all(parts) if name == "Fn::And" else any(parts)

    def _substituted(self, argument: t.Any, path: str) -> t.Any:
        """Return the text of ``Fn::Sub`` with every variable that is known filled in."""
        text, own = argument, {}
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], Mapping):
            text, own = argument
        if not isinstance(text, str):
            return self._unknown("Fn::Sub", "Fn::Sub", path)

        def filled(found: re.Match[str]) -> str:
            name = found.group(1)
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                value = self.value(own[name], path)
            elif "." in name:
                value = self._unknown(name, "Fn::GetAtt", path)
            else:
                value = self._reference(name, path)
            return _text(value) if isinstance(value, (str, int)) else f"${{{name}}}"

        return _VARIABLE.sub(filled, text)

    def _unknown(self, name: str, function: str, path: str) -> str:
        """Return the placeholder for a value that the template does not have."""
        told = f"${{{re.sub('[{}$]', '', name)}}}"
        note = f"{path} needs a value for {told}: {function} cannot be evaluated from the template"
        if note not in self.notes:
            self.notes.append(note)
        return told


_BY_NAME: t.Final = frozenset({"Fn::FindInMap", "Fn::If", "Fn::ImportValue"})
"""Functions whose first argument is a name; that of another may be a secret."""


def _told(name: str, argument: t.Any) -> str:
    """Name a function, with what it refers to: ``Fn::If IsProduction``."""
    first = argument[0] if isinstance(argument, list) and argument else argument
    return f"{name} {first}" if name in _BY_NAME and isinstance(first, str) else name


def _section(template: Mapping[str, t.Any], name: str) -> Mapping[str, t.Any]:
    found = template.get(name)
    return found if isinstance(found, Mapping) else {}


def _named(item: t.Any) -> t.Any:
    """Return the name and key of an entry, as the API spells them."""
    if not isinstance(item, Mapping):
        return item
    return {str(name).lower(): value for name, value in item.items() if name in ("Name", "Key")}


def _text(value: str | int) -> str:
    """Return a value as CloudFormation writes it in a text: ``true`` for a boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_key(value: t.Any) -> bool:
    return isinstance(value, (str, int)) and not placeholder.is_placeholder(str(value))
