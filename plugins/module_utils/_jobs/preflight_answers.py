# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask AWS about what services refer to, once about each thing and many at a time.

An answer is what was found, ``None`` for what does not exist, or the error that leaves it open.
"""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from .._rules import image, preflight_permissions
from .._rules.errors import (
    AccessDeniedError,
    AwsError,
    NoAnswerError,
    NotFoundError,
    SteadyStateError,
)
from .._rules.preflight_images import NO_REPOSITORY
from .._rules.preflight_secrets import region

if t.TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping

    from .._rules.preflight_permissions import Decision, Question

PATIENCE: t.Final = 20.0
"""Seconds for a question: a service that is not reached must not hold up the others."""

Answer = t.Any
"""What a lookup has found, or the error that it failed with."""


class Gateways(t.Protocol):
    """The gateways to AWS that the checks use."""

    def balancers(self) -> t.Any: ...
    def caller(self) -> str: ...
    def code_deploy(self) -> t.Any: ...
    def discovery(self) -> t.Any: ...
    def ecs(self) -> t.Any: ...
    def file_systems(self) -> t.Any: ...
    def functions(self) -> t.Any: ...
    def iam(self) -> t.Any: ...
    def keys(self, region: str | None = None) -> t.Any: ...
    def logs(self, region: str | None = None) -> t.Any: ...
    def network(self) -> t.Any: ...
    def parameters(self, region: str | None = None) -> t.Any: ...
    def quotas(self) -> t.Any: ...
    def registry(self) -> t.Any: ...
    def secrets(self, region: str | None = None) -> t.Any: ...


class Answers:
    """What AWS has told so far. Nothing is asked twice."""

    def __init__(self, gateways: Gateways) -> None:
        self._gateways = gateways
        self._made: dict[tuple[str, str], t.Any] = {}
        self._known: dict[tuple[str, str], Answer] = {}
        self._decided: dict[Question, list[Decision] | SteadyStateError] = {}
        self._silent: dict[Hashable, NoAnswerError] = {}

    def ask(self, kind: str, keys: Iterable[str]) -> dict[str, Answer]:
        """Return the answer about each key of a kind of LOOKUPS."""
        wanted = list(dict.fromkeys(keys))
        lookup = LOOKUPS[kind]
        groups: dict[Hashable, list[str]] = {}
        for key in wanted:
            if (kind, key) not in self._known:
                groups.setdefault(lookup.group(key), []).append(key)
        for group, members in groups.items():
            for start in range(0, len(members), lookup.most):
                batch = members[start : start + lookup.most]
                found = self._asked(lookup, (lookup.gateway, group), batch)
                self._known |= {(kind, key): answer for key, answer in found.items()}
        return {key: self._known[kind, key] for key in wanted}

    def one(self, kind: str, key: str) -> Answer:
        """Return the answer about one key."""
        return self.ask(kind, [key])[key]

    def _asked(self, lookup: Lookup, place: Hashable, keys: list[str]) -> dict[str, Answer]:
        if place in self._silent:
            return dict.fromkeys(keys, self._silent[place])
        try:
            found = lookup.find(self, keys)
        except NoAnswerError as error:
            self._silent[place] = error
            return dict.fromkeys(keys, error)
        except AwsError as error:
            if len(keys) > 1 and not (lookup.whole and isinstance(error, AccessDeniedError)):
                # AWS refuses all of a question for one thing in it.
                half = len(keys) // 2
                return {
                    **self._asked(lookup, place, keys[:half]),
                    **self._asked(lookup, place, keys[half:]),
                }
            return dict.fromkeys(keys, None if isinstance(error, NotFoundError) else error)
        return {key: found.get(key) for key in keys}

    @contextlib.contextmanager
    def to(self, name: str, place: str = "") -> Iterator[t.Any]:
        """Open a gateway by its name, in a region, for at most PATIENCE seconds."""
        if (name, place) not in self._made:
            make = getattr(self._gateways, name)
            self._made[name, place] = make(place) if place else make()
        gateway = self._made[name, place]
        with gateway.within(PATIENCE):
            yield gateway

    def region(self) -> str:
        """Return the region that is asked."""
        with self.to("ecs") as ecs:
            return str(ecs.region)

    def caller(self) -> str:
        """Return the ARN of the caller. Raises AwsError."""
        return str(self._once("caller", self._gateways.caller))

    def principal(self) -> str:
        """Return the ARN of the caller's user or role; empty for the root user.

        Raises SteadyStateError where it cannot be told.
        """
        role, known = preflight_permissions.principal(self.caller())
        if not role:
            return known
        found = self.one("role", role)
        if isinstance(found, AwsError):
            raise found
        if found is None:
            raise SteadyStateError(f"role {role}, to which the credentials belong, does not exist")
        return str(found["Arn"])

    def decisions(self, question: Question) -> list[Decision]:
        """Return what the caller may do; SteadyStateError where IAM does not tell."""
        if question not in self._decided:
            try:
                self._decided[question] = self._simulated(question)
            except SteadyStateError as error:
                self._decided[question] = error
        found = self._decided[question]
        if isinstance(found, SteadyStateError):
            raise found
        return found

    def _simulated(self, question: Question) -> list[Decision]:
        who = self.principal()
        if not who:
            return []
        if "simulation" in self._silent:
            raise self._silent["simulation"]
        try:
            with self.to("iam") as iam:
                results = iam.simulate(
                    who, question.actions, question.resources, dict(question.context)
                )
        except NoAnswerError as error:
            self._silent["simulation"] = error
            raise
        return preflight_permissions.decisions(results, question)

    def _once(self, name: str, look: Callable[[], Answer]) -> Answer:
        if (name, "") not in self._known:
            try:
                self._known[name, ""] = look()
            except AwsError as error:
                self._known[name, ""] = error
        found = self._known[name, ""]
        if isinstance(found, AwsError):
            raise found
        return found


def _together(key: str) -> Hashable:
    return ""


@dataclasses.dataclass(frozen=True)
class Lookup:
    """How a kind of thing is looked up.

    ``find`` returns what exists of at most ``most`` keys of one ``group``, or raises
    NotFoundError for all of them. ``whole``: IAM knows no resource for the question, so what is
    denied for several is denied for each.
    """

    gateway: str
    find: Callable[[Answers, list[str]], Mapping[str, Answer]]
    most: int = 1
    group: Callable[[str], Hashable] = _together
    whole: bool = False


def _single(
    gateway: str, method: str, wrap: Callable[[t.Any], Answer] = lambda found: found
) -> Lookup:
    """Return the lookup of a thing that AWS is asked for by itself."""

    def find(answers: Answers, keys: list[str]) -> dict[str, Answer]:
        with answers.to(gateway) as api:
            return {key: wrap(getattr(api, method)(key)) for key in keys}

    return Lookup(gateway, find)


def _several(gateway: str, method: str, most: int, *, whole: bool = True) -> Lookup:
    """Return the lookup of things that AWS is asked for together."""

    def find(answers: Answers, keys: list[str]) -> Mapping[str, Answer]:
        with answers.to(gateway) as api:
            found: Mapping[str, Answer] = getattr(api, method)(keys)
            return found

    return Lookup(gateway, find, most, whole=whole)


def _secret(answers: Answers, keys: list[str]) -> dict[str, Answer]:
    with answers.to("secrets", region(keys[0])) as api:
        return {key: api.secret(key) for key in keys}


def _key(answers: Answers, keys: list[str]) -> dict[str, Answer]:
    with answers.to("keys", region(keys[0])) as api:
        return {key: api.key(key) for key in keys}


def _parameters(answers: Answers, keys: list[str]) -> Mapping[str, Answer]:
    with answers.to("parameters", region(keys[0])) as api:
        found: Mapping[str, Answer] = api.types(keys)
        return found


def _log_group(answers: Answers, keys: list[str]) -> dict[str, Answer]:
    found = {}
    for key in keys:
        place, dummy, name = key.partition(":")
        with answers.to("logs", place) as api:
            found[key] = {"name": name} if api.has_group(name) else None
    return found


def _images(answers: Answers, keys: list[str]) -> dict[str, Answer]:
    parsed = {key: image.parse(key) for key in keys}
    repository = image.ecr_repository(parsed[keys[0]])
    with answers.to("registry") as registry:
        try:
            found = registry.platforms(repository, list(parsed.values()))
        except NotFoundError:
            return dict.fromkeys(keys, NO_REPOSITORY)
    return {key: found[one] for key, one in parsed.items() if one in found}


def _pull_through(answers: Answers, keys: list[str]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    with answers.to("registry") as registry:
        for key in keys:
            account, dummy, place = key.partition("/")
            found[key] = registry.pull_through(account, place)
    return found


def _repository(key: str) -> Hashable:
    return image.ecr_repository(image.parse(key))


def _namespaces(answers: Answers, keys: Collection[str]) -> dict[str, Answer]:
    with answers.to("discovery") as discovery:
        found = discovery.namespaces()
    return dict.fromkeys(keys, found)


def _deployment_groups(answers: Answers, keys: list[str]) -> dict[str, Answer]:
    """Look up the groups of every application, or one by its application and name."""
    found: dict[str, Answer] = {}
    with answers.to("code_deploy") as api:
        for key in keys:
            application, dummy, name = key.partition("/")
            found[key] = (
                api.named(application, [name])
                if name
                else [group for one in api.applications() for group in api.groups(one)]
            )
    return found


def _quota(answers: Answers, keys: list[str]) -> dict[str, Answer]:
    with answers.to("quotas") as quotas:
        return {key: {"value": quotas.quota(*key.split("/"))} for key in keys}


LOOKUPS: t.Final[Mapping[str, Lookup]] = {
    "access point": _single("file_systems", "access_point"),
    "capacity provider": _several("ecs", "capacity_providers", 10, whole=False),
    "cluster": _several("ecs", "clusters", 100, whole=False),
    "deployment groups": Lookup("code_deploy", _deployment_groups),
    "endpoints": _single("network", "endpoints"),
    "file system": _single("file_systems", "file_system"),
    "function": _single("functions", "state", lambda state: {"state": state}),
    "image": Lookup("registry", _images, 100, _repository),
    "key": Lookup("keys", _key, group=region),
    "listener": _several("balancers", "listeners", 20),
    "listener rule": _several("balancers", "rules", 20),
    "log group": Lookup("logs", _log_group, group=lambda key: key.partition(":")[0]),
    "mount targets": _single("file_systems", "mount_targets"),
    "namespaces": Lookup("discovery", _namespaces),
    "parameter": Lookup("parameters", _parameters, 10, region),
    "pull through rules": Lookup("registry", _pull_through, group=lambda key: key),
    "quota": Lookup("quotas", _quota),
    "registry": _single("discovery", "service"),
    "role": _single("iam", "role"),
    "route tables": _single("network", "route_tables"),
    "secret": Lookup("secrets", _secret, group=region),
    "security group": _several("network", "security_groups", 200),
    "subnet": _several("network", "subnets", 200),
    "target group": _several("balancers", "target_groups", 20),
}
"""What can be asked for, by kind."""
