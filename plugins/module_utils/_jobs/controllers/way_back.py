# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan how a service that ECS deploys goes back to what it ran before."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from ..._rules import arn, revisions
from ..._rules import deployment as deployments
from ..._rules.canonical import Difference
from ..._rules.code_deploy_settings import Settings
from ..._rules.errors import AccessDeniedError, DeclarationError, RefusedError, UnsupportedError
from ..._rules.live_service import began_after
from ..._rules.revisions import PastRevision
from ..._rules.task_definition import content_differences, registrable
from .. import history
from ..select import own_tags, select

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.documents import Document
    from ..._rules.live_service import LiveService
    from ..revisions import EventBridge
    from ..watch import Waiting

DEREGISTERED: t.Final = (
    "A pipeline may have deregistered it, as ecs-deploy does unless it is called with "
    "--no-deregister; "
    "register_again=true registers its content as a new revision"
)


@dataclasses.dataclass(frozen=True)
class WayBack:
    """Where to go back to, and how.

    It is ``steps`` successful deployments back unless a revision is named. ``deployment_id`` is the
    only deployment to go back from: when another one has replaced it, nothing is done.
    ``register_again`` takes an INACTIVE task definition by registering its content. With
    ``deregister``, ``event_bridge`` tells which schedules use a revision. ``task_set`` has the
    members of CreateTaskSet, where task sets are ours to create.
    """

    cluster: str
    service: str
    waiting: Waiting
    revision: str | None = None
    task_definition: str | None = None
    steps: int | None = None
    deployment_id: str | None = None
    pin_digests: bool = False
    register_again: bool = False
    deregister: bool = False
    event_bridge: EventBridge | None = None
    wait: bool = True
    code_deploy: Settings = dataclasses.field(default_factory=Settings)
    task_set: Document | None = None

    def __post_init__(self) -> None:
        if self.deregister and not self.wait:
            raise DeclarationError(
                "deregister",
                "needs wait=true",
                "what a rollback that may still fail would need must not be deregistered",
            )

    @property
    def back(self) -> int:
        """How many successful deployments to go back."""
        return self.steps or 1


@dataclasses.dataclass(frozen=True)
class Plan:
    """The way back.

    ``task_definition`` is what the service will run: that of the target, or a revision of it with
    pinned digests. ``stops`` is the deployment to stop, by the ARN of a service deployment or the
    id that CodeDeploy gave it, ``returning`` one that is taken back already, ``following`` one
    that is on its way to the target. ``explanation`` is why nothing is done where that may
    surprise.
    """

    action: t.Literal["none", "update", "stop_deployment"]
    service: LiveService
    target: PastRevision
    task_definition: str
    differences: tuple[Difference, ...]
    history_problem: str = ""
    stops: str | None = None
    returning: str | None = None
    following: str | None = None
    explanation: str = ""

    @property
    def previous(self) -> str:
        """The task definition that is live before."""
        return self.service.reference

    @property
    def headline(self) -> str:
        """What is done, for people."""
        if self.action == "none":
            on_its_way = self.service.in_progress or self.following
            return f"{self.task_definition} is {'on its way' if on_its_way else 'live'} already"
        if self.action == "stop_deployment":
            back = "ECS goes" if self.service.by_ecs else "its controller goes"
            return f"stops the deployment in progress, {back} back to {self.task_definition}"
        return f"deploys {self.task_definition}"


def roll_back(gateway: Gateway, wanted: WayBack, live: LiveService, *, check_mode: bool) -> Plan:
    """Plan the way back: to what is named, or by the history of the service."""
    if wanted.deployment_id and live.deployment_id != wanted.deployment_id:
        return moved_on(wanted, live)
    asked = revisions.named(wanted.revision, wanted.task_definition, live.reference)
    if asked:
        return towards(gateway, wanted, live, _named(gateway, wanted, asked), check_mode=check_mode)
    past = history.of_successes(gateway, wanted.cluster, wanted.service)
    _refuse_unseen(wanted, live, past)
    if live.in_progress or revisions.unfinished(
        past.deployments, (*revisions.STARTED, *revisions.GOING_BACK)
    ):
        return _plan_in_flight(gateway, wanted, live, past, check_mode=check_mode)
    taken_back = None if wanted.steps else _taken_back(live, past)
    if taken_back:
        told = f"ECS has rolled deployment {taken_back} of service {wanted.service} back"
        return stopped_before(live, told, past.problem)
    known = past.successful or known_otherwise(gateway, wanted, live)
    running = _running(live, known)
    before = list(
        itertools.dropwhile(lambda target: target.task_definition == running.task_definition, known)
    )
    if (
        before
        and len(before) < len(known)
        and _returned(gateway, wanted, live, running, before, past.problem)
    ):
        return already_back(wanted, live, before[0].task_definition, past.problem)
    candidates = list(revisions.earlier(known, running, by_digest=wanted.pin_digests))
    target = _nth(wanted, live, candidates, past)
    _refuse_forward(wanted, live, target, past)
    return towards(gateway, wanted, live, target, past.problem, candidates, check_mode=check_mode)


def nothing(live: LiveService, explanation: str, problem: str = "") -> Plan:
    """The plan to leave the service as it is."""
    return Plan(
        "none",
        live,
        PastRevision(live.reference, "deployments"),
        live.reference,
        (),
        problem,
        explanation=explanation,
    )


def moved_on(wanted: WayBack, live: LiveService, now: str | None = None) -> Plan:
    """The plan where the only deployment to go back from was replaced by ``now``."""
    return nothing(
        live,
        f"service {wanted.service} no longer runs deployment {wanted.deployment_id}; "
        f"{now or live.deployment_id or 'none'} has replaced it",
    )


def stopped_before(live: LiveService, told: str, problem: str = "") -> Plan:
    """The plan where the newest deployment did not stay, as is ``told``."""
    back = f"{told} already, and {live.reference} is live"
    return nothing(live, f"{back}; name a revision, or steps, to go back further", problem)


def already_back(wanted: WayBack, live: LiveService, before: str, problem: str = "") -> Plan:
    """The plan where the live task definition is where ``before`` was rolled back to."""
    back = f"service {wanted.service} was brought back from {before} to {live.reference} already"
    return nothing(live, f"{back}; name a revision to go anywhere else", problem)


def refuse_pinning(wanted: WayBack, live: LiveService) -> None:
    """Refuse to pin digests where another controller than ECS deploys."""
    if wanted.pin_digests:
        raise RefusedError(
            f"service {wanted.service}: pin_digests needs service revisions, and ECS keeps those "
            f"of its own deployments only; the deployment controller is {live.controller}"
        )


def _refuse_unseen(wanted: WayBack, live: LiveService, past: history.History) -> None:
    """Refuse where the history knows of a deployment that the service hid.

    It is read after the service.
    """
    shown = {entry.id for entry in live.entries}
    now = live.primary
    for brief in past.deployments:
        unseen = deployments.id_of(brief) not in shown
        if (
            unseen
            and brief["status"] in (*revisions.STARTED, "SUCCESSFUL")
            and now
            and began_after(brief["createdAt"], now.created_at)
        ):
            raise RefusedError(
                f"service {wanted.service}: somebody deployed during this run, "
                "and that is left in place; look at it and run again if it has to go too",
                service_deployment_arn=brief["serviceDeploymentArn"],
            )


def _returned(
    gateway: Gateway,
    wanted: WayBack,
    live: LiveService,
    running: PastRevision,
    before: t.Sequence[PastRevision],
    problem: str,
) -> bool:
    """Return whether the newest deployment brought the service back.

    ``before`` is what was deployed before it, newest first. A release that is deployed again after
    a rollback has the newer revision; a way back has the older one. With pinned digests, or when an
    INACTIVE one was registered again, it is a new revision of the same content.
    """
    now, last = (
        arn.task_definition(running.task_definition),
        arn.task_definition(before[0].task_definition),
    )
    if now.family == last.family:
        back = (now.revision or 0) < (last.revision or 0)
    else:
        back = any(target.task_definition == running.task_definition for target in before)
    copied = wanted.pin_digests or wanted.register_again
    return back or (copied and _resumed(gateway, wanted, live, before, problem) is not None)


def _taken_back(live: LiveService, past: history.History) -> str | None:
    """Return the id of the newest deployment if ECS has rolled it back."""
    if past.deployments:
        newest = past.deployments[0]
        return (
            deployments.deployment_id(newest["targetServiceRevisionArn"])
            if newest["status"] == "ROLLBACK_SUCCESSFUL"
            else None
        )
    found, now = live.newest(), live.primary
    return (
        found[0] if found and now and found[0] != now.id and not now.began_after(found[1]) else None
    )


def _plan_in_flight(
    gateway: Gateway, wanted: WayBack, live: LiveService, past: history.History, *, check_mode: bool
) -> Plan:
    """Plan the way back while a deployment goes on.

    One step back is what ECS itself goes back to: the last revision that was deployed with success.
    """
    known = past.successful or revisions.known_otherwise(live.document, ())
    candidates = list(revisions.distinct(known, by_digest=wanted.pin_digests))
    returning = revisions.unfinished(past.deployments, revisions.GOING_BACK)
    moving = revisions.unfinished(past.deployments, revisions.STARTED)
    running = (
        moving["serviceDeploymentArn"] if moving else live.document.get("currentServiceDeployment")
    )
    if returning and wanted.back == 1:
        target = _nth(wanted, live, candidates, past)
        return Plan(
            "none",
            live,
            target,
            target.task_definition,
            (),
            past.problem,
            returning=returning["serviceDeploymentArn"],
        )
    resumed = _resumed(gateway, wanted, live, known, past.problem) if moving else None
    if resumed:
        return resumed
    target = _nth(wanted, live, candidates, past)
    _refuse_forward(wanted, live, target, past)
    if wanted.back > 1 or not running:
        return towards(
            gateway, wanted, live, target, past.problem, candidates, check_mode=check_mode
        )
    gateway.require("StopServiceDeployment")
    return Plan(
        "stop_deployment",
        live,
        target,
        target.task_definition,
        tuple(_differences(gateway, live, target)),
        past.problem,
        stops=running,
    )


def _refuse_forward(
    wanted: WayBack, live: LiveService, target: PastRevision, past: history.History
) -> None:
    """Refuse to go to a newer revision where no history allows it.

    The history would say that it was deployed before the live one.
    """
    if past.problem and is_older(live.reference, target.task_definition):
        state = "is moving to" if live.in_progress else "runs"
        raise RefusedError(
            f"service {wanted.service} {state} {live.reference}, and the rollback target "
            f"{target.task_definition} is newer. Without a history the live revision may itself be "
            f"a rollback; set revision or task_definition. {past.problem}",
            history_problem=past.problem,
        )


def is_older(one: str, other: str) -> bool:
    one_reference, other_reference = arn.task_definition(one), arn.task_definition(other)
    return one_reference.family == other_reference.family and (one_reference.revision or 0) < (
        other_reference.revision or 0
    )


def _resumed(
    gateway: Gateway,
    wanted: WayBack,
    live: LiveService,
    known: t.Sequence[PastRevision],
    problem: str,
) -> Plan | None:
    """Return the plan to let go on what an earlier run started before it died.

    Stopping it would bring back what that run left.
    """
    if not known:
        return None
    moving = live.reference
    back = list(revisions.earlier(known, known[0], by_digest=wanted.pin_digests))[wanted.back - 1 :]
    copied = wanted.pin_digests or wanted.register_again
    if not back or (moving != back[0].task_definition and not copied):
        return None
    try:
        plan = towards(gateway, wanted, live, back[0], problem, check_mode=True)
    except RefusedError:
        return None
    return plan if plan.action == "none" else None


def _nth(
    wanted: WayBack, live: LiveService, candidates: t.Sequence[PastRevision], past: history.History
) -> PastRevision:
    if len(candidates) >= wanted.back:
        return candidates[wanted.back - 1]
    if past.problem:
        raise nothing_known(wanted, live, past.problem)
    has = (
        f"only {len(candidates)} other revision(s) that were"
        if candidates
        else "no other revision that was"
    )
    raise RefusedError(
        f"service {wanted.service} has {has} deployed with success to go back to; "
        "name one by revision or task_definition",
        known=len(candidates),
    )


def nothing_known(wanted: WayBack, live: LiveService, problem: str) -> RefusedError:
    return RefusedError(
        f"service {wanted.service} has no history to go by, and neither its deployments nor "
        "its tasks of the last hour show what ran before "
        f"{live.reference}; name it by revision or task_definition. {problem}",
        history_problem=problem,
    )


def known_otherwise(gateway: Gateway, wanted: WayBack, live: LiveService) -> list[PastRevision]:
    return revisions.known_otherwise(
        live.document, gateway.tasks(wanted.cluster, service=wanted.service, status="STOPPED")
    )


def _running(live: LiveService, known: t.Sequence[PastRevision]) -> PastRevision:
    """Return what the service runs.

    It has its digests where a revision of its history says them.
    """
    current = [revision["arn"] for revision in live.document.get("currentServiceRevisions") or ()]
    definition = live.reference
    same = [target for target in known if target.task_definition == definition]
    return next(
        (target for target in same if target.service_revision in current),
        same[0] if same else PastRevision(definition, "deployments"),
    )


def _named(gateway: Gateway, wanted: WayBack, asked: str) -> PastRevision:
    if ":service-revision/" in asked:
        found = gateway.service_revisions([asked])
        if not found:
            raise RefusedError(f"there is no service revision {asked}")
        if not arn.same_service_name(found[0]["serviceArn"], wanted.service):
            raise RefusedError(f"service revision {asked} is not one of service {wanted.service}")
        return revisions.of_revision(found[0], "named")
    if not wanted.pin_digests:
        return PastRevision(asked, "named")
    past = history.of_successes(gateway, wanted.cluster, wanted.service)
    ran = next(
        (
            target
            for target in past.successful
            if arn.same_task_definition(asked, target.task_definition)
        ),
        None,
    )
    if ran is None:
        raise RefusedError(
            f"pin_digests: no successful deployment of service {wanted.service} says which "
            f"digests {asked} ran. {past.problem}".rstrip()
        )
    return dataclasses.replace(ran, source="named")


def towards(
    gateway: Gateway,
    wanted: WayBack,
    live: LiveService,
    target: PastRevision,
    problem: str = "",
    candidates: t.Sequence[PastRevision] = (),
    *,
    check_mode: bool,
) -> Plan:
    """Return the plan to deploy a target.

    Pinning registers its revision, or finds that an earlier run has.
    """
    described = gateway.task_definition(target.task_definition)
    inactive = described is None or described["taskDefinition"]["status"] != "ACTIVE"
    if described is None or (inactive and not wanted.register_again):
        raise _unusable(gateway, wanted, live, target, described, candidates)
    reference = described["taskDefinition"]["taskDefinitionArn"]
    target = dataclasses.replace(target, task_definition=reference)
    current = (
        described
        if arn.same_task_definition(reference, live.reference)
        else gateway.task_definition(live.reference)
    )
    declared = registrable(described["taskDefinition"])
    if wanted.pin_digests:
        pinned = revisions.pinned(declared, target.digests)
        if pinned != declared:
            reference = _registered(
                gateway, "pin_digests", pinned, described, current, check_mode=check_mode
            )
            declared, inactive = pinned, False
    if inactive and not arn.same_task_definition(reference, live.reference):
        reference = _registered(
            gateway, "register_again", declared, described, None, check_mode=check_mode
        )
    found = content_differences(declared, current) if current else []
    same = arn.same_task_definition(reference, live.reference)
    if not same:
        found = [Difference(("taskDefinition",), live.reference, reference), *found]
    return Plan("none" if same else "update", live, target, reference, tuple(found), problem)


def _registered(
    gateway: Gateway,
    option: str,
    declared: Document,
    described: Document,
    current: Document | None,
    *,
    check_mode: bool,
) -> str:
    if described.get("unknownMembers"):
        raise RefusedError(
            f"{option}: {gateway.sdk} does not know {', '.join(described['unknownMembers'])} "
            f"of {described['taskDefinition']['taskDefinitionArn']}, "
            f"which a new revision would lose; update botocore, or go back without {option}",
            unknown_members=described["unknownMembers"],
        )
    return select(
        gateway,
        {**declared, "tags": own_tags(described)},
        current,
        purge_tags=True,
        check_mode=check_mode,
    ).arn


def _differences(gateway: Gateway, live: LiveService, target: PastRevision) -> list[Difference]:
    if arn.same_task_definition(target.task_definition, live.reference):
        return []
    wanted, current = (
        gateway.task_definition(target.task_definition),
        gateway.task_definition(live.reference),
    )
    found = (
        content_differences(registrable(wanted["taskDefinition"]), current)
        if wanted and current
        else []
    )
    return [Difference(("taskDefinition",), live.reference, target.task_definition), *found]


def _unusable(
    gateway: Gateway,
    wanted: WayBack,
    live: LiveService,
    target: PastRevision,
    described: Document | None,
    candidates: t.Sequence[PastRevision],
) -> RefusedError:
    """Return the refusal of a target that ECS would refuse.

    It names the nearest one that ECS would take.
    """
    status = described["taskDefinition"]["status"] if described else "missing"
    usable, hint = _nearest(gateway, wanted, live, target, candidates)
    again = f". {DEREGISTERED}" if described else ""
    return RefusedError(
        f"service {wanted.service} cannot go back to {target.task_definition}: it is {status}, "
        f"and ECS deploys only ACTIVE ones; {hint}{again}",
        nearest=usable,
        task_definition_arn=target.task_definition,
    )


def _nearest(
    gateway: Gateway,
    wanted: WayBack,
    live: LiveService,
    target: PastRevision,
    candidates: t.Sequence[PastRevision],
) -> tuple[str | None, str]:
    """Return the nearest ACTIVE task definition and what is to be said of it.

    An older one that was deployed with success comes before any other.
    """
    try:
        active = gateway.task_definition_arns(arn.task_definition(target.task_definition).family)
    except (AccessDeniedError, UnsupportedError) as error:
        return None, f"the other revisions could not be listed. {error.message}"
    others = [reference for reference in active if reference != live.reference]
    older = itertools.dropwhile(
        lambda candidate: candidate.task_definition != target.task_definition, candidates
    )
    good = next(
        (candidate.task_definition for candidate in older if candidate.task_definition in others),
        None,
    )
    if good:
        return good, f"the nearest usable one is {good} (deployed with success before)"
    failed = history.failed_task_definitions(gateway, wanted.cluster, wanted.service)
    usable = revisions.nearest(
        target.task_definition, [reference for reference in others if reference not in failed]
    )
    if usable:
        return (
            usable,
            f"the nearest usable one is {usable} (whether it was ever deployed is not known)",
        )
    if others:
        return (
            None,
            f"the deployment of its family's other ACTIVE revisions failed: {', '.join(others)}",
        )
    return None, "its family has no other ACTIVE revision"
