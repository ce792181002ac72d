# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare a rehearsal from the live service, and render its result."""

from __future__ import annotations

import dataclasses
import math
import re
import typing as t
from collections import Counter

from . import acceptable_service, acceptable_task, arn
from . import service as service_rules
from .documents import Document
from .live_service import LiveService, controller_of

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .shape import Shape

Kind = t.Literal[
    "none", "in_place", "create", "deployment", "replacement", "refused", "not_rehearsed"
]

KINDS: t.Final[Mapping[Kind, str]] = {
    "none": "Nothing would change.",
    "in_place": "The service would be updated in place, without a deployment.",
    "create": "The service would be created.",
    "deployment": "The service would be updated, which starts a deployment.",
    "replacement": "The service would be deleted and created again.",
    "refused": "The declaration would be refused.",
    "not_rehearsed": "The simulator cannot rehearse this service.",
}
"""What can come of a run, with its meaning."""

TARGET_GROUP_HEALTHY_AFTER: t.Final = 150
"""Seconds: five checks, 30 s apart, as Elastic Load Balancing's defaults are."""

HEALTH_CHECK_INTERVAL: t.Final = 30
"""Seconds between health checks of a container (API reference, HealthCheck)."""

_ACCOUNT: t.Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]*):(\d{12}):")
_FARGATE: t.Final = ("FARGATE", "FARGATE_SPOT")


@dataclasses.dataclass(frozen=True)
class Seed:
    """What a rehearsal begins with: the cluster, and the service as it is live.

    ``definition`` and ``service`` are inputs of RegisterTaskDefinition and CreateService, ``None``
    if nothing is live.
    """

    cluster: str
    account: str
    region: str
    providers: tuple[str, ...] = ()
    definition: Document | None = None
    service: Document | None = None

    @property
    def own_providers(self) -> list[str]:
        """Return the capacity providers that AWS does not bring."""
        return [name for name in self.providers if name not in _FARGATE]


def seed(
    answer: Document, definition: Document | None, declared: t.Any, shapes: Mapping[str, Shape]
) -> Seed:
    """Return what a rehearsal of this declaration begins with.

    ``answer`` is that of ``live_task_info``, ``definition`` its task definition as
    DescribeTaskDefinition has it. The account and the region are those that ARNs name most often.
    """
    places = Counter(_ACCOUNT.findall(" ".join([*_texts(answer), *_texts(declared)])))
    account = Counter(place[1] for place in places.elements()).most_common(1)
    region = Counter(place[0] for place in places.elements() if place[0]).most_common(1)
    known: Document = {
        "account": account[0][0] if account else "111122223333",
        "region": region[0][0] if region else "eu-west-1",
        "cluster": arn.cluster_name(answer["cluster"]),
    }
    strategies = [_strategy(declared), LiveService.of(answer["service"] or {}).capacity_providers]
    known["providers"] = tuple(dict.fromkeys(name for names in strategies for name in names))
    if not answer["exists"] or definition is None:
        return Seed(**known)
    task = _cut(definition["taskDefinition"], shapes["task"])
    if definition.get("tags"):
        task["tags"] = definition["tags"]
    service = _cut(service_rules.described(answer["service"]), shapes["service"])
    for member in ("role", "clientToken"):
        service.pop(member, None)
    if service.get("capacityProviderStrategy"):
        service.pop("launchType", None)
    if service.get("schedulingStrategy") == "DAEMON":
        service.pop("desiredCount", None)
    if service.get("launchType") not in (None, "FARGATE"):
        service.pop("platformVersion", None)
    service |= {"cluster": known["cluster"], "taskDefinition": task["family"]}
    return Seed(**known, definition=task, service=service)


def _texts(value: t.Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _strategy(declared: t.Any) -> list[str]:
    """Return the capacity providers that a declaration names."""
    if isinstance(declared, dict):
        return [
            name
            for key, value in declared.items()
            for name in (
                [value]
                if key in ("capacity_provider", "capacityProvider") and isinstance(value, str)
                else _strategy(value)
            )
        ]
    if isinstance(declared, (list, tuple)):
        return [name for item in declared for name in _strategy(item)]
    return []


def _cut(value: t.Any, of: Shape) -> t.Any:
    """Return a document with the members that an input has."""
    if of.type_name == "structure" and not of.is_document_type and isinstance(value, dict):
        return {
            name: _cut(member, of.members[name])
            for name, member in value.items()
            if name in of.members and member is not None
        }
    if of.type_name == "list" and isinstance(value, list):
        return [_cut(item, of.member) for item in value]
    return value


@dataclasses.dataclass(frozen=True)
class Limits:
    """How many tasks run during a deployment, and how long it takes at least.

    ``rounds`` is how often ECS starts tasks and waits for them, ``seconds`` how long health checks
    and bake times take at least, which ``because`` explains.
    """

    desired: int
    least: int
    most: int
    rounds: int
    seconds: int
    because: tuple[str, ...]


def limits(service: Document, task: Document) -> Limits:
    """Return what the numbers of a service allow, as it would be afterwards."""
    desired = service.get("desiredCount") or 0
    configuration = service.get("deploymentConfiguration") or {}
    strategy = configuration.get("strategy") or "ROLLING"
    minimum, maximum = acceptable_service.percentages(service)
    healthy, reasons = healthy_after(service, task)
    if strategy != "ROLLING" or controller_of(service) == "CODE_DEPLOY":
        baking, why = _baking(configuration, strategy)
        return Limits(desired, desired, 2 * desired, 1, healthy + baking, (*reasons, *why))
    least, most = math.ceil(desired * minimum / 100), math.floor(desired * maximum / 100)
    rounds = _rounds(desired, least, most)
    bake = 60 * (configuration.get("bakeTimeInMinutes") or 0)
    if bake:
        reasons = (*reasons, f"the bake time is {bake} s")
    if rounds > 1 and healthy:
        reasons = (*reasons, f"tasks start in {rounds} rounds")
    return Limits(desired, least, most, rounds, rounds * healthy + bake, reasons)


def _rounds(desired: int, least: int, most: int) -> int:
    """Return how often tasks are started at least; 0 if none can be.

    ECS stops old tasks down to the minimum and fills up to the maximum with new ones.
    """
    return math.ceil(desired / (most - least)) if most > least else 0


def _baking(configuration: Document, strategy: str) -> tuple[int, list[str]]:
    minutes, why = float(configuration.get("bakeTimeInMinutes") or 0), []
    if minutes:
        why.append(f"the bake time is {minutes * 60:g} s")
    if strategy == "CANARY":
        canary = configuration.get("canaryConfiguration") or {}
        waits = float(canary.get("canaryBakeTimeInMinutes") or 0)
        why.append(f"the canary bakes for {waits * 60:g} s")
        minutes += waits
    if strategy == "LINEAR":
        linear = configuration.get("linearConfiguration") or {}
        steps = math.ceil(100 / float(linear.get("stepPercent") or 100)) - 1
        waits = float(linear.get("stepBakeTimeInMinutes") or 0)
        why.append(f"{steps} steps bake for {waits * 60:g} s each")
        minutes += steps * waits
    return round(minutes * 60), why


def healthy_after(service: Document, task: Document) -> tuple[int, tuple[str, ...]]:
    """Return the seconds until a started task is healthy at least, and why."""
    containers = {container["name"]: container for container in acceptable_task.containers(task)}
    inside = max((_container_healthy(name, containers) for name in containers), default=0)
    reasons = [f"the health checks of the containers take {inside} s"] if inside else []
    balanced = bool(service.get("loadBalancers"))
    if balanced:
        reasons.append(
            f"a target group of the default settings takes {TARGET_GROUP_HEALTHY_AFTER} s"
        )
    return max(inside, TARGET_GROUP_HEALTHY_AFTER if balanced else 0), tuple(reasons)


def _container_healthy(
    name: str, containers: Mapping[str, Document], seen: tuple[str, ...] = ()
) -> int:
    """Return when a container is healthy, after those that it waits for."""
    container = containers.get(name)
    if container is None or name in seen:
        return 0
    before = max(
        (
            _container_healthy(entry.get("containerName") or "", containers, (*seen, name))
            for entry in container.get("dependsOn") or ()
            if entry.get("condition") == "HEALTHY"
        ),
        default=0,
    )
    check = container.get("healthCheck") or {}
    if not check or (check.get("command") or [""])[0] == "NONE":
        return before
    return before + int(check.get("interval") or HEALTH_CHECK_INTERVAL)


def told(message: str) -> str:
    """Return an event of ECS without the names of simulated tasks and deployments."""
    text = re.sub(r"^\(service [^()]*\) ?|\(deployment [^()]*\) ?", "", message)
    return re.sub(r":?(?: \(task [^()]*\))+", "", text).strip().removesuffix(".")


@dataclasses.dataclass(frozen=True)
class Step:
    """What happens ``after`` so many seconds of simulated time."""

    after: float
    what: str


@dataclasses.dataclass(frozen=True)
class Rehearsal:
    """What came of a rehearsal."""

    kind: Kind
    reason: str = ""
    steps: tuple[Step, ...] = ()
    differences: tuple[str, ...] = ()
    verdict: str | None = None
    duration: float = 0.0
    most_tasks: int = 0
    limits: Limits | None = None
    notes: tuple[str, ...] = ()

    def data(self) -> Document:
        """Return it as the module does."""
        return {**dataclasses.asdict(self), "text": text(self)}


def text(rehearsal: Rehearsal) -> str:
    """Return a rehearsal for people."""
    lines = [f"Rehearsal: {KINDS[rehearsal.kind]}"]
    if rehearsal.reason:
        lines += [f"  {line}" for line in rehearsal.reason.splitlines()]
    if rehearsal.differences and rehearsal.kind != "create":
        lines.append(f"  differs: {', '.join(rehearsal.differences)}")
    lines += [f"  {_time(step.after)} {step.what}" for step in rehearsal.steps]
    if rehearsal.verdict:
        ended = rehearsal.verdict.replace("_", " ")
        lines.append(f"  {_time(rehearsal.duration)} {ended} (simulated time)")
    known = rehearsal.limits
    if known is not None and rehearsal.kind in ("deployment", "create", "replacement"):
        lines.append(
            f"  tasks: {known.desired} desired, {known.least} to {known.most} during a deployment;"
            f" at most {rehearsal.most_tasks} at once in this rehearsal"
        )
        if known.seconds:
            lines.append(f"  at least {known.seconds} s: {'; '.join(known.because)}")
    lines += [f"  note: {note}" for note in rehearsal.notes]
    return "\n".join(lines)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:3d}:{rest:02d}"


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps by their time; those of one moment stay in their order."""
    return tuple(sorted(steps, key=lambda step: step.after))
