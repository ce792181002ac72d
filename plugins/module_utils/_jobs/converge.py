# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a service to what was declared.

It is created, updated by one call, or left alone.
"""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from .._rules import ownership, recreation
from .._rules.arn import same_task_definition
from .._rules.canonical import Difference
from .._rules.documents import Document
from .._rules.errors import (
    AccessDeniedError,
    ConflictError,
    RefusedError,
    SteadyStateError,
    UnsupportedError,
)
from .._rules.express import refuse_changes
from .._rules.interrupts import Interrupted
from .._rules.live_service import Entry, LiveService, controller_of
from .._rules.service import ON_REVISIONS
from .._rules.service_plan import DesiredService, Plan, plan, refuse_zero, scaled
from .._rules.task_definition import registrable
from . import steady, wait
from .controllers import task_set_traffic
from .controllers.choose import controller_for
from .controllers.ecs import give_back
from .controllers.update import (
    Sent,
    ServiceHandle,
    Stale,
    kept_deploying,
    unreadable,
)
from .live import with_revision_members
from .select import UNKNOWN_REVISION, own_tags, retag, select
from .watch import DeploymentFailedError, Waiting, Watch, Watched

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.clock import Clock
    from .._rules.code_deploy_settings import Settings
    from .._rules.deployment import Progress
    from .._rules.service import Meaning
    from .._rules.service_plan import Action
    from .._rules.timeline import Report

ROUNDS: t.Final = 3
"""How often a plan is made again because somebody deployed in between, before the run gives up."""


@dataclasses.dataclass(frozen=True)
class Converged:
    """What was done, or in check mode would be: the service afterwards and why.

    ``deployment`` is the one that was started, ``attached`` one of the same that an earlier run has
    started and that goes on. ``unsettled`` is the deployment of what is live, where nothing is
    deployed and that has not ended well. ``replaced`` is the ARN of the task definition that was
    live before. ``task_definition`` is what the service runs then. ``unused`` was selected for this
    run but not deployed, because a concurrent deployment forced a new plan. ``later`` are the
    changed members that running tasks do not get; ``deploys`` is whether a deployment starts;
    ``notes`` are what could not be looked at.
    """

    live: LiveService | None
    action: Action
    differences: tuple[Difference, ...] = ()
    meanings: t.Mapping[str, Meaning] = dataclasses.field(default_factory=dict)
    deployment: Entry | None = None
    attached: Entry | None = None
    unsettled: Entry | None = None
    replaced: str | None = None
    task_definition: str | None = None
    unused: str | None = None
    later: tuple[str, ...] = ()
    deploys: bool = False
    notes: tuple[str, ...] = ()

    @property
    def service(self) -> Document | None:
        """Return the service as DescribeServices has it."""
        return self.live.document if self.live else None

    @property
    def changed(self) -> bool:
        return self.action != "none"

    @property
    def runs(self) -> str | None:
        """Return the task definition that the service runs, or is being deployed."""
        going_on = self.deployment or self.attached
        told = going_on.task_definition if going_on else None
        return told or self.task_definition or (self.live.task_definition if self.live else None)

    @property
    def pending(self) -> Entry | None:
        """Return the deployment of what is declared that has not ended well.

        Whoever started it.
        """
        return self.deployment or self.attached or self.unsettled

    @property
    def unsteady(self) -> Entry | None:
        """Return the PRIMARY deployment if it has ended and tasks are missing."""
        if self.pending or self.live is None or self.deploys or self.live.steady:
            return None
        return self.live.primary

    @property
    def headline(self) -> str:
        """What is done, for people."""
        return {
            "none": "leaves the service alone",
            "create": "creates the service",
            "update": "updates the service and starts a deployment"
            if self.deploys
            else "updates the service in place",
            "replace": "deletes the service and creates it again",
            "delete": "deletes the service",
        }[self.action]


@dataclasses.dataclass(frozen=True)
class Basis:
    """What a plan is made from: the service, and a declaration that suits it.

    What the pipeline owns was put into the declaration from the task definition ``base``.
    ``expected`` has to be live still when the update is sent. ``own`` are the ids of deployments
    that this run has started already.
    """

    desired: DesiredService
    live: LiveService
    base: str | None
    expected: str | None
    own: frozenset[str] = frozenset()


def converge(
    gateway: Gateway,
    desired: DesiredService,
    service: Document | None,
    *,
    clock: Clock,
    check_mode: bool,
    report: Report | None = None,
) -> Converged:
    """Create or update the service.

    ``service`` is its element of DescribeServices, if there is one. Nothing is called when nothing
    differs. What cannot change is refused before anything is called. What somebody deploys during
    the run is never taken back: the plan is made again from it. ``report`` is told how a deployment
    goes that is in the way.
    """
    desired = _with_a_revision(gateway, desired)
    handle = _handle(gateway, desired, clock, report)
    live = LiveService.of(service) if service else None
    try:
        if live and live.active:
            return _updated(handle, desired, live, check_mode=check_mode)
        return _created(handle, desired, live, check_mode=check_mode)
    except AccessDeniedError as error:
        registered = desired.task_definition
        if registered and not same_task_definition(registered, desired.expected or ""):
            error.message += f" {registered} is registered; the next run uses it."
        raise


def _handle(
    gateway: Gateway, desired: DesiredService, clock: Clock, report: Report | None
) -> ServiceHandle:
    return ServiceHandle(
        gateway,
        desired.cluster,
        desired.name,
        clock,
        report=report,
        code_deploy=desired.code_deploy,
        task_set=desired.task_set,
        pauses=desired.until == "paused",
        in_progress=desired.in_progress,
        timeout=desired.timeout,
    )


def _updated(
    handle: ServiceHandle, desired: DesiredService, live: LiveService, *, check_mode: bool
) -> Converged:
    """Plan, send, and plan again from whatever somebody deployed meanwhile.

    An update is sent only on top of what its plan was made from (``_ready``). What it displaces
    all the same is the base of the next plan, and after the last one it is given back.
    """
    expected = desired.expected or live.task_definition
    basis = Basis(desired, live, base=expected, expected=expected)
    stale: Stale | None = None
    for dummy in range(ROUNDS):
        basis = _rebased(handle, basis, stale) if stale else basis
        planned = plan(
            basis.desired, with_revision_members(handle.gateway, desired.service, basis.live)
        )
        if planned.live.express:
            refuse_changes(desired.name, [*planned.request, *(["it"] if planned.replaces else ())])
        if planned.replaces:
            _recreated(handle, basis.desired, planned.live)
        if check_mode and (planned.deploys or planned.replaces):
            refuse_in_progress(handle, planned.live, ends=planned.replaces)
        if check_mode or not planned.changes:
            attached = _attached(handle, planned)
            return _outcome(handle, desired, planned, basis, attached)
        match _sent(handle, planned, basis):
            case Sent() as sent:
                return _outcome(handle, desired, planned, basis, sent)
            case Stale() as found:
                stale = found
    raise kept_deploying(desired.name, ROUNDS, give_back(handle, stale) if stale else None)


def _attached(handle: ServiceHandle, planned: Plan) -> Sent | None:
    """Return the deployment that goes on and that ``_sent`` would attach to."""
    if not planned.deploys or planned.replaces or planned.tag_changes:
        return None
    ours = controller_for(planned.live).to_attach_to(handle, planned.request, planned.live)
    return Sent(planned.live, ours, attached=True) if ours else None


def _outcome(
    handle: ServiceHandle,
    desired: DesiredService,
    planned: Plan,
    basis: Basis,
    sent: Sent | None = None,
) -> Converged:
    selected, used = desired.task_definition, basis.desired.task_definition
    live, started = (sent.service, sent.deployment) if sent else (planned.live, None)
    action, attached = planned.action, None
    if sent and sent.attached:
        action, started, attached = "none", None, sent.deployment
    if not planned.changes and basis.own:
        # An earlier round of this run has deployed it.
        action, started = "update", planned.live.primary
    # What was displaced on the way, by an earlier round of this run, is what was live before.
    replaced = basis.base if basis.own else basis.expected
    keeps = planned.deploys and "taskDefinition" not in planned.request and not basis.own
    if keeps and started and started.kind == "deployment":
        # It may be what somebody deployed in the very moment before.
        replaced = started.task_definition
    settles = started is None and not planned.deploys and not planned.replaces
    unsettled = controller_for(live).unsettled(handle, live) if settles else None
    return Converged(
        live,
        action,
        planned.found,
        planned.meant,
        deployment=started,
        attached=attached,
        unsettled=unsettled,
        replaced=replaced if sent and started and not planned.replaces else None,
        task_definition=used,
        unused=selected if selected not in (used, desired.expected) else None,
        later=planned.later,
        deploys=planned.deploys,
        notes=tuple(dict.fromkeys(handle.notes)),
    )


def _sent(handle: ServiceHandle, planned: Plan, basis: Basis) -> Sent | Stale:
    """Carry the plan out, unless another task definition than expected is live by now."""
    live = _ready(handle, planned, basis)
    if isinstance(live, Stale):
        return live
    if planned.replaces:
        return _replaced(handle, basis, live)
    retag(handle.gateway, live.document["serviceArn"], planned.tag_changes)
    stale = task_set_traffic.end_replaced(handle, live) if planned.left_behind else None
    if stale:
        return stale
    request = planned.request
    if not request:
        return Sent(live, None)
    if planned.deploys and "taskDefinition" not in request:
        request = request | _usable_definition(handle.gateway, live)
    result = controller_for(live).deploy(handle, request, live)
    if isinstance(result, Stale) and result.ours and basis.desired.task_definition is None:
        # Nobody declared a task definition, so there is none to make again.
        give_back(handle, result)
        return dataclasses.replace(result, service=handle.read())
    return result


def _ready(handle: ServiceHandle, planned: Plan, basis: Basis) -> LiveService | Stale:
    """Return the service as it is right before the update.

    A deployment in progress is waited for first, unless it is one of our own, or the plan is stale
    anyway. A request without a task definition deploys what is live by then, which has to be what
    the plan was made from.
    """
    if not (planned.deploys or planned.replaces):
        return planned.live
    live = handle.read()
    if live.runs(basis.expected) and live.deployment_id not in basis.own:
        live = when_idle(handle, live, ends=planned.replaces)
    return live if live.runs(basis.expected) else Stale(live, live.task_definition)


def _usable_definition(gateway: Gateway, live: LiveService) -> Document:
    """Return the task definition to deploy again, as a request.

    One that was deregistered meanwhile is registered once more.
    """
    described = gateway.task_definition(live.task_definition) if live.task_definition else None
    if described is None or described["taskDefinition"]["status"] == "ACTIVE":
        return {}
    declared = registrable(described["taskDefinition"]) | {"tags": own_tags(described)}
    return {
        "taskDefinition": select(gateway, declared, None, purge_tags=False, check_mode=False).arn
    }


def succeed(
    gateway: Gateway,
    desired: DesiredService,
    outcome: Converged,
    how: Waiting,
    *,
    rollback: bool,
) -> Progress | None:
    """Wait for the deployment of what is declared, else for the steady state.

    ``None`` if there is nothing to wait for; DeploymentFailedError unless it succeeded. With
    ``rollback`` the service first gets back what was live before, unless ECS went back by itself or
    somebody else deployed.
    """
    pending, live = outcome.pending, outcome.live
    if pending is None:
        return (
            steady.until_steady(gateway, desired.cluster, live, how, count=desired.scale)
            if live
            else None
        )
    watch = Watch(gateway, desired.cluster, desired.name, Watched.of(pending))
    try:
        return wait.for_success(watch, how)
    except DeploymentFailedError as failed:
        if rollback and outcome.replaced and failed.ended.verdict in ("failed", "timed_out"):
            handle = _handle(gateway, desired, how.clock, how.report)
            _take_back(handle, pending, outcome.replaced, failed)
        raise


def _take_back(
    handle: ServiceHandle, pending: Entry, replaced: str, failed: DeploymentFailedError
) -> None:
    """Give the service back what was live before, and add to the error how that went.

    Whatever comes of it: how the deployment ended is what the user has to know first.
    """
    told: Document = {"task_definition_arn": replaced, "verdict": "failed", "deployment_id": None}
    trouble = f"{replaced} could not be deployed again"
    try:
        sent = controller_for(handle.read()).undo(handle, pending.id, replaced)
        if isinstance(sent, Stale):
            failed.message += "\nNothing was rolled back: another deployment has replaced it."
            return
        if sent.deployment is None:
            failed.message += (
                f"\nNothing was rolled back: {replaced} was also live before. Other changes to "
                "the service remain."
            )
            return
        ours = sent.deployment.id
        told |= {"verdict": None, "deployment_id": ours}
        trouble = f"Deployment {ours} rolls back to {replaced}; its outcome is not known"
        # CodeDeploy rolls a deployment back that goes on.
        stopped = ours == pending.id
        watch = handle.watch(sent.deployment)
        watch.watched.stop_requested = stopped
        back = wait.follow(watch, Waiting(handle.timeout, handle.clock, handle.report))
        if stopped and back.verdict == "succeeded":
            # It was over before it could be stopped: what was live before is deployed then.
            _take_back(handle, pending, replaced, failed)
            return
        told["verdict"] = "succeeded" if back.verdict == "rolled_back" else back.verdict
        failed.message += f"\nRollback to {replaced}: {back.verdict}"
    except SteadyStateError as error:
        failed.message += f"\n{trouble}: {error.message}"
    except Interrupted as interrupt:
        failed.facts["interrupted"] = True
        failed.message += f"\n{trouble}: interrupted by {interrupt.how}"
    failed.facts["rollback"] = told


def delete(
    gateway: Gateway,
    cluster: str,
    name: str,
    service: Document | None,
    *,
    force: bool,
    in_progress: str,
    timeout: float,
    clock: Clock,
    check_mode: bool,
    code_deploy: Settings,
) -> Converged:
    """Delete the service; one that does not exist or is on its way out is left alone.

    Without ``force`` its tasks are stopped first and waited for, and with ``in_progress`` "fail" a
    deployment in progress is a reason to refuse.
    """
    live = LiveService.of(service) if service else None
    if live is None or not live.active:
        return Converged(live, "none")
    handle = ServiceHandle(
        gateway, cluster, name, clock, code_deploy=code_deploy, in_progress=in_progress
    )
    if not force:
        refuse_in_progress(handle, live, ends=True)
    if check_mode:
        return Converged(live, "delete")
    # A DAEMON service has no desired count to set, and DeleteService takes it as it is.
    if not force and live.desired and live.document.get("schedulingStrategy") != "DAEMON":
        handle.update({"desiredCount": 0}, live)
        wait.until_empty(gateway, cluster, name, timeout=timeout, clock=clock)
    return Converged(handle.delete(force=force), "delete")


def _with_a_revision(gateway: Gateway, desired: DesiredService) -> DesiredService:
    """Return the declaration with a revision in place of a bare family.

    That is the newest ACTIVE one: what a name means has to be known before it is compared.
    """
    reference = desired.task_definition
    if not reference or ":" in reference:
        return desired
    newest = gateway.task_definition(reference)
    if newest is None:
        raise RefusedError(f"service {desired.name}: family {reference} has no ACTIVE revision")
    return _running(desired, newest["taskDefinition"]["taskDefinitionArn"])


def _running(desired: DesiredService, task_definition: str) -> DesiredService:
    """Return the declaration with another task definition."""
    return dataclasses.replace(
        desired, service=desired.service | {"taskDefinition": task_definition}
    )


def _created(
    handle: ServiceHandle, desired: DesiredService, live: LiveService | None, *, check_mode: bool
) -> Converged:
    """Create the service.

    One that is still DRAINING is waited for; one that somebody creates at the same time is joined.
    ``live`` is one that was deleted and that ECS still shows: with ``replace`` an earlier run may
    have died before it was created again.
    """
    if live is not None and desired.replace:
        desired = _recreated(handle, desired, live)
    desired = dataclasses.replace(desired, service=scaled(desired.service, desired))
    refuse_zero(desired, desired.service.get("desiredCount"))
    found = tuple(Difference((member,), None, value) for member, value in desired.service.items())
    if check_mode:
        return Converged(None, "create", found, task_definition=desired.task_definition)
    if live and live.status == "DRAINING":
        wait.until_gone(
            handle.gateway,
            desired.cluster,
            desired.name,
            timeout=desired.timeout,
            clock=handle.clock,
        )
    request, apart = _of_service(desired)
    try:
        # The token makes repeating harmless: the same request twice is one service.
        created = LiveService.of(
            handle.gateway.create_service({**request, "clientToken": str(uuid.uuid4())})
        )
        handle.wrote()
    except ConflictError:
        # It is there, whoever has created it.
        handle.wrote()
        return _joined(handle, desired, handle.read())
    if apart:
        match controller_for(created).deploy(handle, apart, created):
            case Sent(service, started):
                return Converged(
                    service,
                    "create",
                    found,
                    deployment=started,
                    task_definition=desired.task_definition,
                )
            case Stale(service):
                return _joined(handle, desired, service)
    return Converged(
        created,
        "create",
        found,
        deployment=created.primary,
        task_definition=desired.task_definition,
    )


def _of_service(desired: DesiredService) -> tuple[Document, Document]:
    """Return what CreateService is asked for, and what a task set is made of after it."""
    service = desired.service
    if desired.task_set is None or controller_of(service) != "EXTERNAL":
        return service, {}
    kept = {name: member for name, member in service.items() if name != "taskDefinition"}
    return kept, {name: service[name] for name in ("taskDefinition",) if name in service}


def _joined(handle: ServiceHandle, desired: DesiredService, live: LiveService) -> Converged:
    """Update a service that somebody else has created during this run.

    It keeps the images that it runs.
    """
    ours, theirs = desired.task_definition, live.task_definition
    joining = desired
    if ours and theirs and not live.runs(ours):
        joining = _based_on(handle, desired, ours, theirs)
    outcome = _updated(
        handle, dataclasses.replace(joining, expected=theirs), live, check_mode=False
    )
    return dataclasses.replace(
        outcome, unused=outcome.unused or (ours if ours != joining.task_definition else None)
    )


def _replaced(handle: ServiceHandle, basis: Basis, live: LiveService) -> Sent:
    """Delete the service and create it again with what is live and not declared.

    What a pipeline deployed right before the deletion is kept: the deleted service names it.
    """
    desired, expected = _recreated(handle, basis.desired, live), basis.expected
    if live.runs(desired.task_definition):
        usable = _usable_definition(handle.gateway, live)
        desired = dataclasses.replace(desired, service=desired.service | usable)
    handle.delete(force=True)
    try:
        gone = wait.until_gone(
            handle.gateway,
            desired.cluster,
            desired.name,
            timeout=desired.timeout,
            clock=handle.clock,
        )
        theirs = gone.task_definition if gone else None
        if gone and theirs and expected and not gone.runs(expected):
            desired = (
                _based_on(handle, desired, expected, theirs)
                if basis.desired.task_definition
                else _running(desired, theirs)
            )
        created = _created_with_tags(handle, desired, declared=basis.desired)
    except SteadyStateError as error:
        count = desired.service.get("desiredCount")
        wanted = "" if count is None else f", desired_count={count}"
        error.message += (
            f" Service {desired.name} is deleted and not created again; "
            f"run again with replace=true{wanted}."
        )
        error.facts["changed"] = True
        raise
    return Sent(t.cast("LiveService", created.live), created.deployment)


def _created_with_tags(
    handle: ServiceHandle, desired: DesiredService, *, declared: DesiredService
) -> Converged:
    """Create the service again, if need be without tags that nobody declared."""
    try:
        return _created(handle, desired, None, check_mode=False)
    except AccessDeniedError as error:
        if error.missing_action != "ecs:TagResource" or "tags" in declared.service:
            raise
        handle.notes.append(f"The tags of service {desired.name} were not kept. {error.message}")
        untagged = {name: value for name, value in desired.service.items() if name != "tags"}
        return _created(
            handle, dataclasses.replace(desired, service=untagged), None, check_mode=False
        )


def _recreated(handle: ServiceHandle, desired: DesiredService, live: LiveService) -> DesiredService:
    """Return the declaration with what is live and not declared.

    RefusedError for what is known to be impossible: nothing is deleted yet. A service that is
    deleted already has no count any more.
    """
    shown = _with_all_members(handle, live)
    definition = _definition(handle, desired, live)
    made = recreation.again(
        desired.service,
        shown.document,
        desired.fields,
        handle.gateway.input_shape("CreateService").members,
        task=definition["taskDefinition"] if definition else None,
        purge_tags=desired.purge_tags,
    )
    if made.lost:
        handle.notes.append(f"Service {desired.name} is created again without its {made.told}.")
    return dataclasses.replace(
        desired,
        service=made.members,
        # A live count of zero is meant.
        allow_zero=desired.allow_zero or live.active,
    )


def _definition(
    handle: ServiceHandle, desired: DesiredService, live: LiveService
) -> Document | None:
    """Return the task definition to create the service with.

    ``None`` for one that check mode does not register, and where task sets have it.
    """
    wanted = desired.task_definition or live.task_definition
    if controller_of(desired.service | live.document) == "EXTERNAL":
        return None
    if wanted is None:
        raise RefusedError(f"service {desired.name} runs no task definition; declare one")
    if wanted.endswith(UNKNOWN_REVISION):
        return None
    found = handle.gateway.task_definition(wanted)
    if found is None:
        raise RefusedError(f"service {desired.name}: there is no task definition {wanted}")
    if found["taskDefinition"].get("status", "ACTIVE") != "ACTIVE" and not live.runs(wanted):
        raise RefusedError(f"service {desired.name}: task definition {wanted} is not ACTIVE")
    return found


def _with_all_members(handle: ServiceHandle, live: LiveService) -> LiveService:
    """Return the live service with what its revision shows, if it can be read."""
    try:
        return with_revision_members(handle.gateway, ON_REVISIONS, live)
    except (AccessDeniedError, UnsupportedError) as error:
        members = " and ".join(ON_REVISIONS)
        handle.notes.append(
            f"Service {live.name} is created again without {members}, if it has them. "
            f"{error.message}"
        )
        return live


def when_idle(handle: ServiceHandle, live: LiveService, *, ends: bool = False) -> LiveService:
    """Return the service when the deployment that goes on has ended.

    How it ended makes no difference. ``ends`` is whether the service is to be deleted, which ends
    every deployment.
    """
    if handle.in_progress == "supersede":
        return live
    going_on = _going_on(handle, live, ends=ends)
    if going_on is None:
        return live
    handle.refuse_in_progress(going_on.id)
    left = handle.deadline - handle.clock.monotonic()
    ended = wait.follow(handle.watch(going_on), Waiting(left, handle.clock, handle.report))
    if ended.verdict == "timed_out":
        raise handle.in_the_way(going_on.id, ended.gates)
    return handle.read()


def refuse_in_progress(handle: ServiceHandle, live: LiveService, *, ends: bool = False) -> None:
    """Refuse a deployment that goes on, where the user wants none.

    ``ends`` is as for ``when_idle``.
    """
    going_on = _going_on(handle, live, ends=ends) if handle.in_progress == "fail" else None
    if going_on is not None:
        handle.refuse_in_progress(going_on.id)


def _going_on(handle: ServiceHandle, live: LiveService, *, ends: bool) -> Entry | None:
    controller = controller_for(live)
    return controller.active(handle, live) if ends else controller.to_wait_for(live)


def _rebased(handle: ServiceHandle, basis: Basis, stale: Stale) -> Basis:
    """Return what the next plan is made from after somebody deployed."""
    # Whoever deployed on top of ours copied it, and with it the images that ours had displaced.
    copied = basis.expected if basis.own else None
    return Basis(
        _based_on(handle, basis.desired, basis.base, stale.deployed, copied=copied),
        stale.service,
        base=stale.deployed,
        expected=stale.service.task_definition,
        own=basis.own | ({stale.ours.id} if stale.ours else set()),
    )


def _based_on(
    handle: ServiceHandle,
    desired: DesiredService,
    base: str | None,
    onto: str | None,
    *,
    copied: str | None = None,
) -> DesiredService:
    """Return the declaration with the task definition made again.

    What the pipeline owns was taken from ``base`` and is now taken from ``onto``, what it deployed
    meanwhile. ``copied`` is what ``onto`` was made from, where that was an earlier task definition
    of this run.
    """
    selected = desired.task_definition
    if selected is None:
        return desired
    gateway = handle.gateway
    before, ours, theirs = (
        gateway.task_definition(arn) if arn else None for arn in (base, selected, onto)
    )
    if before is None or ours is None or theirs is None:
        raise unreadable(desired.name, onto)
    onto_this = theirs["taskDefinition"]
    origin = gateway.task_definition(copied) if copied else None
    if origin:
        onto_this = ownership.not_touched(
            onto_this, origin["taskDefinition"], ours["taskDefinition"], desired.fields
        )
    declared = ownership.rebase(
        registrable(ours["taskDefinition"]), before["taskDefinition"], onto_this, desired.fields
    )
    return _running(
        desired,
        select(
            gateway, declared | {"tags": own_tags(ours)}, theirs, purge_tags=False, check_mode=False
        ).arn,
    )
