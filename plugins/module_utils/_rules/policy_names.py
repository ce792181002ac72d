# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the names and ARNs that go into a policy.

Everything in the ARNs of a policy passes here, so that nothing in it is a pattern (``*``, ``?``) or
a variable (``${...}``) to IAM, except a ``*`` where a pattern is documented, and so that no ARN of
another account, region or partition is taken for one of ours.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from . import arn
from .errors import DeclarationError
from .shape import boolean, wrong_type

if t.TYPE_CHECKING:
    from collections.abc import Mapping


class Place(t.NamedTuple):
    """Partition, region and account that a policy is for."""

    partition: str
    region: str
    account: str


@dataclasses.dataclass(frozen=True)
class _Kind:
    """A kind of name: what it is called, its characters, its length.

    The characters are a set of a regular expression.
    """

    phrase: str
    characters: str
    most: int

    def fits(self, name: str, also: str = "") -> bool:
        return (
            len(name) <= self.most and re.fullmatch(f"[{self.characters}{also}]+", name) is not None
        )


_LETTERS: t.Final = "A-Za-z0-9"
_KINDS: t.Final[Mapping[str, _Kind]] = {
    # API reference of ECS: clusterName, serviceName, family.
    "cluster": _Kind("cluster", rf"{_LETTERS}_\-", 255),
    "service": _Kind("service", rf"{_LETTERS}_\-", 255),
    "family": _Kind("family", rf"{_LETTERS}_\-", 255),
    # API reference of IAM, CreateRole. IAM takes all of ASCII in a path, we take these only.
    "role": _Kind("role", rf"{_LETTERS}_+=,.@\-", 64),
    # API reference of EventBridge Scheduler, CreateSchedule.
    "schedule": _Kind("schedule", rf"{_LETTERS}_.\-", 64),
    "schedule group": _Kind("schedule group", rf"{_LETTERS}_.\-", 64),
    # API reference of EventBridge, PutTargets.
    "rule": _Kind("rule", rf"{_LETTERS}_.\-", 64),
    "event bus": _Kind("event bus", rf"{_LETTERS}_./\-", 256),
    # API reference of CloudWatch Logs, CreateLogGroup.
    "log group": _Kind("log group", rf"{_LETTERS}_./#\-", 512),
}
_WRITTEN: t.Final = {
    "role": "letters, digits and _+=,.@-, after its path if it has one",
    "schedule": "letters, digits and _.-",
    "schedule group": "letters, digits and _.-",
    "rule": "letters, digits and _.-",
    "event bus": "letters, digits and _./-",
    "log group": "letters, digits and _./#-",
}
_PATH: t.Final = re.compile(rf"(?:[{_LETTERS}_+=,.@\-]+/)*")
_REGION: t.Final = re.compile(r"[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}")
_MOST_OF_A_PATH: t.Final = 510


def account(value: t.Any, path: str = "account") -> str:
    """Check the number of an account. Raises DeclarationError."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{12}", value):
        raise DeclarationError(
            path, f"{value!r} is not a valid account", "expected its twelve digits, as text"
        )
    return value


def region(value: t.Any, path: str = "region") -> str:
    """Check the name of a region. Raises DeclarationError."""
    if not isinstance(value, str) or not _REGION.fullmatch(value):
        raise DeclarationError(
            path, f"{value!r} is not a valid region", "expected one such as eu-west-1"
        )
    return value


def name(value: t.Any, kind: str, path: str, *, pattern: bool = False) -> str:
    """Check a name; with ``pattern`` it may have a ``*``. Raises DeclarationError."""
    given, known = text(value, path), _KINDS[kind]
    if not known.fits(given, "*" if pattern else ""):
        form = _WRITTEN.get(kind, "letters, digits, - and _")
        or_pattern = ", a pattern of names with *" if pattern else ""
        expected = f"expected its name ({form}){or_pattern}{_OR_ARN.get(kind, '')}"
        raise DeclarationError(path, f"{given!r} names no {known.phrase}", expected)
    return given


_OR_ARN: t.Final = {"cluster": " or its ARN", "service": " or its ARN", "role": " or its ARN"}


def cluster(value: t.Any, place: Place, path: str) -> str:
    """Return the name of a cluster given by name or ARN. Raises DeclarationError."""
    given = text(value, path)
    return name(
        _of_ecs(given, "cluster", place, path) if given.startswith("arn:") else given,
        "cluster",
        path,
    )


def service(value: t.Any, place: Place, path: str) -> arn.ServiceReference:
    """Read a service given by name, pattern of names or ARN. Raises DeclarationError."""
    given = text(value, path)
    if not given.startswith("arn:"):
        return arn.ServiceReference(name(given, "service", path, pattern=True))
    within, dummy, named = _of_ecs(given, "service", place, path).rpartition("/")
    return arn.ServiceReference(
        name(named, "service", path), name(within, "cluster", path) if within else None
    )


def role(value: t.Any, place: Place, path: str) -> str:
    """Return the ARN of a role of the account. Raises DeclarationError."""
    if not isinstance(value, str) or not value or "*" in value:
        raise DeclarationError(path, "names no single role to pass", "expected its name or ARN")
    if value.startswith("arn:"):
        return _role_arn(value, place, path, place.account)
    name = _role_name(value.removeprefix("/"), value, path)
    return f"arn:{place.partition}:iam::{place.account}:role/{name}"


def foreign_role(value: t.Any, place: Place, path: str) -> str:
    """Check the ARN of a role to assume, in any account. Raises DeclarationError."""
    given = text(value, path)
    if not given.startswith("arn:"):
        raise DeclarationError(
            path,
            f"{given!r} is not the ARN of a role",
            "expected arn:PARTITION:iam::ACCOUNT:role/NAME",
        )
    return _role_arn(given, place, path, None)


def _role_arn(given: str, place: Place, path: str, owner: str | None) -> str:
    parts = arn.parse(given, path)
    if parts.service != "iam" or parts.region or not parts.resource.startswith("role/"):
        raise DeclarationError(
            path,
            f"{given!r} is not the ARN of a role",
            "expected arn:PARTITION:iam::ACCOUNT:role/NAME",
        )
    account(parts.account, path)
    _same("partition", parts.partition, place.partition, given, path)
    if owner is not None and parts.account != owner:
        problem = f"{given!r} is a role of account {parts.account}"
        raise DeclarationError(path, problem, f"only roles of account {owner} can be passed there")
    _role_name(parts.resource.removeprefix("role/"), given, path)
    return given


def _role_name(named: str, given: str, path: str) -> str:
    """Check a role's name with its path; ``given`` is what the user wrote."""
    within, slash, last = named.rpartition("/")
    if (
        not _KINDS["role"].fits(last)
        or not _PATH.fullmatch(within + slash)
        or len(within) > _MOST_OF_A_PATH
    ):
        raise DeclarationError(
            path, f"{given!r} names no role", f"expected its name ({_WRITTEN['role']}) or its ARN"
        )
    return named


def _of_ecs(given: str, kind: str, place: Place, path: str) -> str:
    """Return what an ARN of ECS names, after the kind of its resource."""
    parts = arn.parse(given, path)
    if parts.service != "ecs" or not parts.resource.startswith(f"{kind}/"):
        raise DeclarationError(
            path, f"{given!r} names no {kind}", f"expected an ARN such as {_sample(kind, place)}"
        )
    for what, found, ours in (
        ("partition", parts.partition, place.partition),
        ("region", parts.region, place.region),
        ("account", parts.account, place.account),
    ):
        _same(what, found, ours, given, path)
    return parts.resource.removeprefix(f"{kind}/")


def _sample(kind: str, place: Place) -> str:
    named = "NAME" if kind == "cluster" else "CLUSTER/NAME"
    return f"arn:{place.partition}:ecs:{place.region}:{place.account}:{kind}/{named}"


def _same(what: str, found: str, ours: str, given: str, path: str) -> None:
    if found != ours:
        problem = f"{given!r} is in {what} {found}, and the policy is for {ours}"
        raise DeclarationError(path, problem, f"make a policy for each {what}")


def text(value: t.Any, path: str) -> str:
    """Check that a value is text and not empty. Raises DeclarationError.

    A number is refused: YAML may have made it of something else.
    """
    if not isinstance(value, str):
        raise wrong_type(path, value, "text (quote a number)")
    if not value:
        raise DeclarationError(path, "is empty", "leave it out, or name something")
    return value


def texts(value: t.Any, path: str) -> list[str]:
    """Check a list of texts. Raises DeclarationError, also for one text alone."""
    return [text(entry, f"{path}[{number}]") for number, entry in enumerate(listed(value, path))]


def dictionaries(value: t.Any, path: str) -> list[dict[str, t.Any]]:
    """Check a list of dictionaries. Raises DeclarationError."""
    return [
        dictionary(entry, f"{path}[{number}]") for number, entry in enumerate(listed(value, path))
    ]


def listed(value: t.Any, path: str) -> list[t.Any]:
    if not isinstance(value, (list, tuple)):
        raise wrong_type(path, value, "a list")
    return list(value)


def dictionary(value: t.Any, path: str) -> dict[str, t.Any]:
    if not isinstance(value, dict):
        raise wrong_type(path, value, "a dictionary")
    return value


def asked_for(value: t.Any, path: str) -> bool:
    """Return True if options are given.

    An empty dictionary asks for what they are for, and so does ``true``.
    """
    return isinstance(value, dict) or boolean(value, path)
