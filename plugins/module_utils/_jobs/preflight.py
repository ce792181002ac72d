# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check declared and live services before anything is touched."""

from __future__ import annotations

import dataclasses
import typing as t

from .._rules import acceptance, arn, declaration, preflight, scaling_declaration, shape
from .._rules.acceptance import Allowed, LiveState
from .._rules.documents import Document
from .._rules.errors import (
    AccessDeniedError,
    DeclarationError,
    NotFoundError,
    RejectedError,
    SteadyStateError,
    UndecidedError,
)
from .._rules.findings import Named
from .._rules.preflight import Finding, Subject
from .._rules.preflight_capacity import NO_CLUSTER
from .._rules.preflight_checks import PREFLIGHT
from . import live, location
from .preflight_answers import Answers
from .preflight_reads import READS

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .._aws.gateway import Gateway
    from .._rules.arn import ServiceKey
    from .._rules.shape import Shape
    from .preflight_answers import Gateways

_ALLOWING: t.Final = ("replace", "allow_zero", "force_bootstrap_image")


@dataclasses.dataclass(frozen=True)
class PreflightQuery:
    """The services to check, and how the user wrote them.

    ``path`` is what the list is called. With ``patch_live`` declared containers replace those of
    the live task definition, whose other members stay. ``answers`` are those of ``live_task_info``
    that are known already, by place. Without ``aws`` nothing is called: what is live is not known.
    ``connection`` has the options of the connection in use.
    """

    services: Sequence[t.Any] = ()
    clusters: Sequence[str] = ()
    path: str = "services"
    prefix: str | None = None
    live_fields: Sequence[str] | None = None
    answers: Mapping[ServiceKey, Document] = dataclasses.field(default_factory=dict)
    aws: bool = True
    patch_live: bool = False
    connection: Mapping[str, t.Any] | None = None


@dataclasses.dataclass(frozen=True)
class Preflight:
    """What a preflight found, and the services that it looked at."""

    findings: tuple[Finding, ...]
    subjects: tuple[Subject, ...]


@dataclasses.dataclass(frozen=True)
class _Entry:
    """One service: its variables without their prefix, and how paths into them begin.

    ``label`` names the variables together; ``given`` is empty for a service of a cluster.
    """

    place: ServiceKey
    given: Document
    prefix: str
    label: str


def examine(
    gateway: Gateway,
    gateways: Gateways,
    asked: PreflightQuery,
    *,
    shapes: Mapping[str, Shape],
    scaling_shapes: Mapping[str, Shape],
    sdk: str,
) -> Preflight:
    """Return all findings about the services, most severe first.

    The checks that need no call come first, then those that ask AWS about all services at once.
    ``gateway`` looks up what is live. ``shapes`` and ``sdk`` are for reading declarations, with
    ``scaling_shapes`` those of auto scaling.
    """
    looking = _Looking(gateway, asked, shapes, scaling_shapes, sdk)
    entries = [*looking.declared(), *looking.listed()]
    if asked.aws:
        looking.look(entries)
    subjects = [subject for entry in entries for subject in looking.checked(entry)]
    found = looking.found
    if asked.aws and subjects:
        found += _read(gateways, subjects)
    return Preflight(tuple(preflight.ordered(found)), tuple(subjects))


def _read(gateways: Gateways, subjects: Sequence[Subject]) -> Iterator[Finding]:
    answers = Answers(gateways)
    for check in READS:
        found: list[Finding] = []
        try:
            found += check.find(answers, subjects)
        except SteadyStateError as error:
            found += [
                preflight.not_checked(subject.path("name"), error, subject.place)
                for subject in subjects
            ]
        yield from found


class _Looking:
    """Reads services, declared and live, and collects what is found of each."""

    def __init__(
        self,
        gateway: Gateway,
        asked: PreflightQuery,
        shapes: Mapping[str, Shape],
        scaling_shapes: Mapping[str, Shape],
        sdk: str,
    ) -> None:
        self._gateway, self._asked, self._shapes, self._sdk = gateway, asked, shapes, sdk
        self._scaling_shapes = scaling_shapes
        self._live: dict[ServiceKey, Document] = dict(asked.answers)
        self._known: set[ServiceKey] = set()
        self._arns: dict[str, str] = {}
        self.found: list[Finding] = []

    def declared(self) -> Iterator[_Entry]:
        """Yield the services that are declared or named."""
        for index, declared in enumerate(self._asked.services):
            given, path = declaration.sourced(declared, f"{self._asked.path}[{index}]")
            try:
                entry = self._entry(given, path)
                if entry.place in self._known:
                    raise DeclarationError(path, "is there more than once", "keep one")
            except DeclarationError as error:
                self.found.append(Finding.of(error, path))
                continue
            self._known.add(entry.place)
            yield entry

    def _entry(self, given: t.Any, path: str) -> _Entry:
        region = self._gateway.region if self._asked.aws else None
        connection = self._asked.connection if self._asked.aws else None
        found = declaration.identified(given, path, region, connection)
        cluster, place = found.cluster, found.place
        if cluster.startswith("arn:") and self._arns.setdefault(place[0], cluster) != cluster:
            problem = f"is {cluster}, but another service is in {self._arns[place[0]]}"
            raise DeclarationError(f"{path}.cluster", problem, "give services of one account")
        label = f"{path}({'/'.join(place)})"
        prefix = f"{label}." if self._asked.prefix is None else self._asked.prefix
        return _Entry(place, found.given, prefix, label)

    def listed(self) -> Iterator[_Entry]:
        """Yield the services of whole clusters that are not declared."""
        for given in self._asked.clusters:
            cluster = arn.cluster_name(given)
            try:
                location.refuse_elsewhere(self._gateway, **{f"clusters[{given}]": given})
                found = self._gateway.service_arns(given)
            except NotFoundError:
                self.found.append(
                    Finding(f"clusters[{given}]", "error", cluster, "there is no such cluster")
                )
                continue
            except AccessDeniedError as error:
                self.found.append(preflight.not_checked(f"clusters[{given}]", error, cluster))
                continue
            except DeclarationError as error:
                self.found.append(Finding.of(error, cluster))
                continue
            except RejectedError as error:
                # As the ARN of a cluster of another account is.
                self.found.append(Finding(f"clusters[{given}]", "error", cluster, error.message))
                continue
            for name in sorted(map(arn.service_name, found)):
                if (cluster, name) in self._known:
                    continue
                label = f"{cluster}/{name}"
                yield _Entry(
                    (cluster, name), {"cluster": cluster, "service": name}, f"{label}.", label
                )

    def look(self, entries: Iterable[_Entry]) -> None:
        """Look up what is live, as far as it is not known."""
        clusters: dict[str, list[_Entry]] = {}
        for entry in entries:
            if entry.place not in self._live:
                clusters.setdefault(entry.place[0], []).append(entry)
        for cluster, members in clusters.items():
            self._look(cluster, members)

    def _look(self, cluster: str, entries: list[_Entry]) -> None:
        try:
            answers = live.live_tasks(
                self._gateway,
                self._arns.get(cluster, cluster),
                [entry.place[1] for entry in entries],
            )
        except (AccessDeniedError, UndecidedError) as error:
            if len(entries) > 1:
                # One service that cannot be described hides the others of its call.
                for entry in entries:
                    self._look(cluster, [entry])
                return
            place = f"{entries[0].prefix}service"
            self.found.append(preflight.not_checked(place, error, "/".join(entries[0].place)))
            return
        except NotFoundError:
            self.found += [
                Finding(f"{entry.prefix}cluster", "error", cluster, *NO_CLUSTER)
                for entry in entries
            ]
            return
        except RejectedError as error:
            # As a service by an ARN of another account is.
            self.found += [
                Finding(f"{entry.prefix}service", "error", "/".join(entry.place), error.message)
                for entry in entries
            ]
            return
        for entry, answer in zip(entries, answers, strict=True):
            self._live[entry.place] = answer

    def checked(self, entry: _Entry) -> Iterator[Subject]:
        """Check a service without a call; yield it if anything of it is known."""
        answer = self._live.get(entry.place)
        resource = "/".join(entry.place)
        given = {name: entry.given.get(name) for name in acceptance.VARIABLES}
        given["cluster"], given["service"] = entry.place
        if given["live_fields"] is None:
            given["live_fields"] = self._asked.live_fields
        names: Mapping[str, str] = {}
        seen = LiveState(known=False)
        if answer is not None:
            seen = live.known(answer)
        if not declaration.declares_something(entry.given):
            # Named only: the service is checked as it is.
            if answer is None:
                if not self._asked.aws:
                    self.found.append(
                        Finding(
                            f"{entry.prefix}service",
                            "not_checked",
                            resource,
                            "not checked: nothing is declared, and AWS is not asked",
                            "declare the service, or set aws to true",
                        )
                    )
                return
            if not answer["exists"]:
                self.found.append(
                    Finding(f"{entry.prefix}service", "error", resource, answer["reason"])
                )
                return
        if answer and answer["task_definition"]:
            names = self._filled(given, answer["task_definition"], f"{entry.prefix}live.")
        examined = acceptance.examined(
            given,
            seen,
            self._allowed(entry),
            shapes=self._shapes,
            sdk=self._sdk,
            prefix=entry.prefix,
            names=names,
            further=PREFLIGHT,
        )
        self.found += preflight.offline(examined.found, resource)
        if entry.given.get("scaling") is not None:
            mistakes = scaling_declaration.mistakes(
                entry.given["scaling"],
                entry.given.get("service_options"),
                self._scaling_shapes,
                self._sdk,
                monitoring=self._shapes["service"].members.get("monitoring"),
                # What is live is not known without an answer.
                exists=answer is None or answer["exists"],
                prefix=entry.prefix,
            )
            self.found += preflight.offline(mistakes, resource)
        by = entry.given.get("code_deploy")
        words = examined.words.with_part("code_deploy", f"{entry.prefix}code_deploy", by)
        subject = Subject(*entry.place, examined.service, words, by if isinstance(by, dict) else {})
        self.found += [
            subject.finding(
                ("containers", Named(container["name"]), "image"),
                "not_checked",
                "not checked: the image is that of the live service, which is not known",
            )
            for container in subject.containers
            if not seen.known and not container.get("image")
        ]
        yield subject

    def _allowed(self, entry: _Entry) -> Allowed:
        """Return what the user has allowed.

        What says neither yes nor no is a finding.
        """
        allowed: dict[str, bool] = {}
        for name in _ALLOWING:
            value, path = entry.given.get(name), f"{entry.prefix}{name}"
            try:
                allowed[name] = value is not None and shape.boolean(value, path)
            except DeclarationError as error:
                allowed[name] = False
                self.found.append(Finding.of(error, "/".join(entry.place)))
        return Allowed(
            allowed["replace"],
            allowed["allow_zero"],
            allowed["force_bootstrap_image"],
            # Without members, {}, it allows them, too.
            task_sets=entry.given.get("task_set") is not None,
        )

    def _filled(self, given: Document, definition: Document, prefix: str) -> Mapping[str, str]:
        """Take from the live task definition what stays, and return its names."""
        if given["containers"] is not None and not self._asked.patch_live:
            return {}
        rest = dict(definition)
        containers, given["family"] = (
            rest.pop("containerDefinitions", None),
            rest.pop("family", None),
        )
        if given["containers"] is None:
            given["containers"] = containers
        if given["task"] is not None:
            return {"containers": f"{prefix}containers"}
        given["task"] = rest
        return {"containers": f"{prefix}containers", "task": f"{prefix}task"}
