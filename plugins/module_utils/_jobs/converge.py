# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a service to what was declared: create it, update it by one call, or leave it alone.

A plan is a value; it is sent, or somebody deployed meanwhile and it is made again from that.
"""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from .._rules import deployment as deployments
from .._rules import ownership
from .._rules import service as rules
from .._rules.arn import same_task_definition
from .._rules.canonical import Difference
from .._rules.errors import AccessDeniedError, AwsError, NoAnswerError, RefusedError
from .._rules.task_definition import registrable
from . import wait
from .live import exists, live_reference, with_revision_members
from .select import own_tags, retag, select
from .send import Sent, Stale, Target, give_back, send, take_back

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.deployment import Progress
    from .._rules.ownership import LiveFields
    from .watch import LogReader

Document = dict[str, t.Any]

Action = t.Literal["none", "create", "update", "replace", "delete"]

ROUNDS: t.Final = 3
"""How often a plan is made again because somebody deployed in between, before the run gives up."""

_NOT_IDEMPOTENT: t.Final = "Creation of service was not idempotent"
"""What CreateService says when a service of that name was created with other members."""


@dataclasses.dataclass(frozen=True)
class Declaration:
    """What is wanted of a service.

    ``service`` is the input of CreateService. ``expected`` is the ARN of the task definition that
    was live when its ``taskDefinition`` was chosen, ``None`` to go by what is seen first.
    ``scale`` is a desired count for now, whoever owns it. ``in_progress`` is what to do about a
    deployment that is going on when one is to be started.
    """

    service: Document
    fields: LiveFields
    expected: str | None = None
    replace: bool = False
    force_new_deployment: t.Literal["never", "always", "when_needed"] = "never"
    purge_tags: bool = True
    scale: int | None = None
    allow_zero: bool = False
    in_progress: t.Literal["wait", "fail", "supersede"] = "wait"
    timeout: float = 1200.0

    @property
    def cluster(self) -> str:
        return self.service["cluster"]

    @property
    def name(self) -> str:
        return self.service["serviceName"]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was done, or in check mode would be: the service afterwards and why.

    ``deployment`` is the one that was started (an element of ``deployments`` or ``taskSets``).
    ``replaced`` is the ARN of the task definition that was live before it. ``unused`` was selected
    for this run but not deployed, because a concurrent deployment forced a new plan. ``later`` are
    the changed members that running tasks do not get; ``deploys`` is whether a deployment starts;
    ``notes`` are what could not be looked at.
    """

    service: Document | None
    action: Action
    differences: list[Difference]
    meanings: dict[str, rules.Meaning]
    deployment: Document | None = None
    replaced: str | None = None
    unused: str | None = None
    later: tuple[str, ...] = ()
    deploys: bool = False
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return self.action != "none"

    @property
    def pending(self) -> Document | None:
        """The deployment of what is declared that has not ended well, whoever started it.

        ``None`` while ECS takes a newer deployment back: nobody declared that one.
        """
        if self.deployment or self.service is None or self.deploys:
            return self.deployment
        going_on = deployments.unsettled(self.service)
        return going_on if going_on and not deployments.returning(self.service) else None

    @property
    def headline(self) -> str:
        """What is done, for people."""
        return {
            "none": "leaves the service alone",
            "create": "creates the service",
            "update": "updates the service and starts a deployment" if self.deploys else "updates the service in place",
            "replace": "deletes the service and creates it again",
            "delete": "deletes the service",
        }[self.action]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to change of the service as it was seen: differences, their meanings, and the request of UpdateService."""

    live: Document
    found: list[Difference]
    meant: dict[str, rules.Meaning]
    request: Document
    later: tuple[str, ...]

    @property
    def changes(self) -> bool:
        return bool(self.request or self.found)

    @property
    def replaces(self) -> bool:
        return "replacement" in self.meant.values()

    @property
    def deploys(self) -> bool:
        return rules.starts_deployment(self.request)

    @property
    def tag_changes(self) -> list[Difference]:
        return [difference for difference in self.found if rules.member_of(difference.path) == "tags"]


def planned(declaration: Declaration, wanted: Document, live: Document) -> Plan:
    """Hold ``wanted`` (input of CreateService) against the live service.

    RefusedError names what cannot change, what the deployment controller refuses, and a count of
    zero that is not meant.
    """
    wanted = ownership.service(wanted, live, declaration.fields)
    if declaration.scale is not None:
        wanted = wanted | {"desiredCount": declaration.scale}
    found = [difference for difference in rules.differences(wanted, live) if declaration.purge_tags or not _removes_tag(difference)]
    meant = rules.meanings(found, live)
    _refuse(found, meant, live, declaration)
    request = rules.update_request(wanted, meant, live)
    later = rules.for_new_tasks(found, live) if not rules.starts_deployment(request) else ()
    if declaration.force_new_deployment == "always" or (declaration.force_new_deployment == "when_needed" and later):
        request["forceNewDeployment"], later = True, ()
    return Plan(live, found, meant, request, later)


def converge(gateway: Gateway, declaration: Declaration, live: Document | None, *, clock: wait.Clock, check_mode: bool) -> Outcome:
    """Create or update the service; ``live`` is its element of DescribeServices, ``None`` when there is none.

    Nothing is called when nothing differs. What cannot change is refused before anything is called.
    What somebody deploys during the run is never taken back: the plan is made again from it.
    """
    declaration = _with_a_revision(gateway, declaration)
    target = Target(gateway, declaration.cluster, declaration.name, clock)
    try:
        if exists(live):
            return _updated(target, declaration, live, check_mode=check_mode)
        return _created(target, declaration, live, check_mode=check_mode)
    except AccessDeniedError as error:
        registered = declaration.service.get("taskDefinition")
        if registered and not same_task_definition(registered, declaration.expected or ""):
            error.message += f" {registered} is registered; the next run uses it."
        raise


def _updated(target: Target, declaration: Declaration, live: Document, *, check_mode: bool) -> Outcome:
    """Bring a service that exists to the declaration, by one UpdateService where nobody interferes."""
    wanted = declaration.service
    base = declaration.expected or live_reference(live)
    expected, own, stale = base, set[str](), None
    deadline = target.clock.monotonic() + declaration.timeout
    for dummy in range(ROUNDS):
        live = with_revision_members(target.gateway, declaration.service, live)
        plan = planned(declaration, wanted, live)
        outcome = _outcome(declaration, wanted, plan, own)
        if check_mode or not plan.changes:
            return outcome
        result = _sent(target, dataclasses.replace(declaration, service=wanted), plan, expected, own, deadline=deadline)
        if isinstance(result, Outcome):
            return result
        if isinstance(result, Sent):
            started = result.deployment or None
            done = dataclasses.replace(outcome, service=result.service, deployment=started, replaced=base if started else None)
            return dataclasses.replace(done, notes=tuple(dict.fromkeys(target.notes)))
        # Whoever deployed on top of ours copied it, and with it the images that ours had displaced.
        wanted = _rebased(target, declaration, wanted, base, result.deployed, copied=expected if own else None)
        own |= {result.ours["id"]} if result.ours else set()
        live, base, expected, stale = result.service, result.deployed, live_reference(result.service), result
    now = give_back(target, stale)[0] if stale and stale.ours else expected
    raise RefusedError(
        f"service {declaration.name}: somebody else deployed during each of {ROUNDS} attempts to update it; run again when the pipeline is done",
        task_definition_arn=now,
    )


def _outcome(declaration: Declaration, wanted: Document, plan: Plan, own: t.Collection[str]) -> Outcome:
    ours = declaration.service.get("taskDefinition")
    unused = ours if ours not in (wanted.get("taskDefinition"), declaration.expected) else None
    action: Action = "replace" if plan.replaces else "update" if plan.changes else "none"
    outcome = Outcome(plan.live, action, plan.found, plan.meant, unused=unused, later=plan.later, deploys=plan.deploys)
    if not plan.changes and own:
        # An earlier round of this run has deployed it.
        return dataclasses.replace(outcome, action="update", deployment=deployments.current(plan.live))
    return outcome


def _sent(target: Target, declaration: Declaration, plan: Plan, expected: str, own: t.Collection[str], *, deadline: float) -> Sent | Stale | Outcome:
    """Carry the plan out, unless another task definition than ``expected`` is live by now.

    A deployment in progress is waited for first, unless it is one of our ``own``.
    """
    live, request = plan.live, plan.request
    if (plan.deploys or plan.replaces) and deployments.current(live).get("id") not in own:
        live = _when_idle(target, declaration, live, deadline=deadline)
    if "taskDefinition" in request or plan.replaces or live is not plan.live:
        live = target.read() if live is plan.live else live
        if not same_task_definition(expected, live_reference(live)):
            return Stale(live, live_reference(live), {})
    if plan.replaces:
        return _replaced(target, declaration, plan, expected)
    retag(target.gateway, live["serviceArn"], plan.tag_changes)
    if not request:
        return Sent(live, {})
    if plan.deploys and "taskDefinition" not in request:
        request = request | _usable_definition(target.gateway, live)
    result = send(target, request, live)
    if isinstance(result, Stale) and result.ours and "taskDefinition" not in declaration.service:
        # Nobody declared a task definition, so there is none to make again.
        give_back(target, result)
        return dataclasses.replace(result, service=target.read())
    return result


def _usable_definition(gateway: Gateway, live: Document) -> Document:
    """The task definition to deploy again: one that was deregistered meanwhile is registered once more."""
    described = gateway.task_definition(live_reference(live))
    if described is None or described["taskDefinition"]["status"] == "ACTIVE":
        return {}
    declared = registrable(described["taskDefinition"]) | {"tags": own_tags(described)}
    return {"taskDefinition": select(gateway, declared, None, purge_tags=False, check_mode=False).arn}


def succeed(gateway: Gateway, declaration: Declaration, outcome: Outcome, *, rollback: bool, clock: wait.Clock, logs: LogReader) -> Progress | None:
    """Wait for the deployment of what is declared, if one goes on; raise DeploymentFailedError unless it succeeded.

    With ``rollback`` the service first gets back what was live before, unless ECS went back by
    itself or somebody else deployed.
    """
    pending = outcome.pending
    if pending is None:
        return None
    try:
        return wait.for_success(gateway, declaration.cluster, declaration.name, pending, timeout=declaration.timeout, clock=clock, logs=logs)
    except wait.DeploymentFailedError as failed:
        if rollback and outcome.replaced and failed.facts["verdict"] in ("failed", "timed_out"):
            target = Target(gateway, declaration.cluster, declaration.name, clock)
            sent = take_back(target, pending["id"], outcome.replaced)
            if sent is None:
                failed.message += "\nNothing was taken back: another deployment has taken its place."
            else:
                back = wait.for_deployment(gateway, declaration.cluster, declaration.name, sent.deployment, timeout=declaration.timeout, clock=clock)
                failed.facts["rollback"] = {"task_definition_arn": outcome.replaced, "verdict": back.verdict, "deployment_id": back.deployment_id}
                failed.message += f"\nThe service was given {outcome.replaced} back: {back.verdict}"
        raise


def delete(
    gateway: Gateway,
    cluster: str,
    name: str,
    live: Document | None,
    *,
    force: bool,
    in_progress: str,
    timeout: float,
    clock: wait.Clock,
    check_mode: bool,
) -> Outcome:
    """Delete the service; one that does not exist or is on its way out is left alone.

    Without ``force`` its tasks are stopped first and waited for, and with ``in_progress`` "fail" a
    deployment in progress is a reason to refuse.
    """
    if not exists(live):
        return Outcome(live, "none", [], {})
    going_on = deployments.unsettled(live)
    if in_progress == "fail" and not force and going_on.get("rolloutState") != "FAILED" and going_on:
        raise _in_progress(name, going_on)
    if check_mode:
        return Outcome(live, "delete", [], {})
    target = Target(gateway, cluster, name, clock)
    if not force and live.get("desiredCount"):
        send(target, {"desiredCount": 0}, live)
        wait.until_empty(gateway, cluster, name, timeout=timeout, clock=clock)
    return Outcome(_deleted(target, force=force), "delete", [], {})


def _deleted(target: Target, *, force: bool) -> Document | None:
    """DeleteService; where its answer is lost, what DescribeServices says of the service then."""
    for attempt in range(ROUNDS):
        try:
            return target.gateway.delete_service(target.cluster, target.name, force=force)
        except NoAnswerError:
            found = target.gateway.service(target.cluster, target.name)
            if not exists(found):
                return found
            if attempt == ROUNDS - 1:
                raise
    raise AssertionError


def _with_a_revision(gateway: Gateway, declaration: Declaration) -> Declaration:
    """The declaration with the newest ACTIVE revision in place of a bare family: what a name means has to be known before it is compared."""
    reference = declaration.service.get("taskDefinition")
    if not reference or ":" in reference:
        return declaration
    newest = gateway.task_definition(reference)
    if newest is None:
        raise RefusedError(f"service {declaration.name}: family {reference} has no ACTIVE revision")
    return dataclasses.replace(declaration, service=declaration.service | {"taskDefinition": newest["taskDefinition"]["taskDefinitionArn"]})


def _created(target: Target, declaration: Declaration, live: Document | None, *, check_mode: bool) -> Outcome:
    """Create the service. One that is still DRAINING is waited for; one that somebody creates at the same time is joined."""
    if declaration.scale is not None:
        declaration = dataclasses.replace(declaration, service=declaration.service | {"desiredCount": declaration.scale})
    _refuse_zero(declaration, declaration.service.get("desiredCount"))
    found = [Difference(member, None, value) for member, value in declaration.service.items()]
    if check_mode:
        return Outcome(None, "create", found, {})
    if live and live.get("status") == "DRAINING":
        wait.until_gone(target.gateway, declaration.cluster, declaration.name, timeout=declaration.timeout, clock=target.clock)
    try:
        # The token makes repeating harmless: the same request twice is one service.
        created = target.gateway.create_service({**declaration.service, "clientToken": str(uuid.uuid4())})
    except AwsError as error:
        if _NOT_IDEMPOTENT not in error.message:
            raise
        found_there = target.read()
        joining = _joining(target, declaration, found_there)
        outcome = _updated(target, joining, found_there, check_mode=False)
        ours = declaration.service.get("taskDefinition")
        return dataclasses.replace(outcome, unused=outcome.unused or (ours if ours != joining.service.get("taskDefinition") else None))
    return Outcome(created, "create", found, {}, deployments.current(created) or None)


def _joining(target: Target, declaration: Declaration, live: Document) -> Declaration:
    """The declaration for a service that somebody else has created during this run, with the images that it runs."""
    ours, theirs = declaration.service.get("taskDefinition"), live_reference(live)
    if not ours or same_task_definition(ours, theirs):
        return dataclasses.replace(declaration, expected=theirs or None)
    wanted = _rebased(target, declaration, declaration.service, ours, theirs)
    return dataclasses.replace(declaration, service=wanted, expected=theirs)


def _replaced(target: Target, declaration: Declaration, plan: Plan, expected: str) -> Outcome:
    """Delete the service and create it again.

    What a pipeline deployed right before the deletion is what the deleted service names, so it is kept.
    """
    _deleted(target, force=True)
    gone = wait.until_gone(target.gateway, declaration.cluster, declaration.name, timeout=declaration.timeout, clock=target.clock)
    last = live_reference(gone) if gone else ""
    if last and "taskDefinition" in declaration.service and not same_task_definition(last, expected):
        declaration = dataclasses.replace(declaration, service=_rebased(target, declaration, declaration.service, expected, last))
    created = _created(target, declaration, None, check_mode=False)
    return dataclasses.replace(created, action="replace", differences=plan.found, meanings=plan.meant)


def _removes_tag(difference: Difference) -> bool:
    return rules.member_of(difference.path) == "tags" and difference.declared is None


def _refuse_zero(declaration: Declaration, count: int | None) -> None:
    if count == 0 and declaration.scale is None and not declaration.allow_zero:
        raise RefusedError(f"service {declaration.name}: desiredCount would be 0; allow_zero=true or scale=0 says that this is meant")


def _refuse(found: list[Difference], meant: dict[str, rules.Meaning], live: Document, declaration: Declaration) -> None:
    _refuse_zero(declaration, next((difference.declared for difference in found if difference.path == "desiredCount"), None))
    refused = sorted(member for member, meaning in meant.items() if meaning == "refused")
    if refused:
        raise RefusedError(
            f"service {live['serviceName']}: its deployment controller {rules.controller(live)} refuses to change {', '.join(refused)} by UpdateService; "
            "deploy through that controller",
            refused=refused,
        )
    fixed = sorted(member for member, meaning in meant.items() if meaning == "replacement")
    if fixed and not declaration.replace:
        paths = [difference.path for difference in found if rules.member_of(difference.path) in fixed]
        raise RefusedError(
            f"service {live['serviceName']}: {', '.join(paths)} cannot be changed on an existing service; replace=true deletes it and creates it again",
            replacement=fixed,
        )


def _when_idle(target: Target, declaration: Declaration, live: Document, *, deadline: float) -> Document:
    """The service when the deployment that is going on has ended, whichever way."""
    going_on = deployments.current(live)
    if declaration.in_progress == "supersede" or not rules.deploying(live):
        return live
    if declaration.in_progress == "fail":
        raise _in_progress(declaration.name, going_on)
    timeout = deadline - target.clock.monotonic()
    ended = wait.for_deployment(target.gateway, declaration.cluster, declaration.name, going_on, timeout=timeout, clock=target.clock)
    if ended.verdict == "timed_out":
        raise RefusedError(
            f"service {declaration.name}: deployment {going_on['id']} is still in progress after {declaration.timeout:g} seconds; "
            "deployment_in_progress=supersede does not wait for it",
            deployment_id=going_on["id"],
        )
    return target.read()


def _in_progress(name: str, deployment: Document) -> RefusedError:
    return RefusedError(f"service {name}: deployment {deployment['id']} is in progress", deployment_id=deployment["id"])


def _rebased(target: Target, declaration: Declaration, wanted: Document, base: str, onto: str, *, copied: str | None = None) -> Document:
    """``wanted`` made again: what the pipeline owns was taken from ``base`` and is now taken from ``onto``, what it deployed meanwhile.

    ``copied`` is what ``onto`` was made from, where that was an earlier task definition of this run.
    """
    if "taskDefinition" not in wanted:
        return wanted
    gateway = target.gateway
    before, ours, theirs = (gateway.task_definition(arn) for arn in (base, wanted["taskDefinition"], onto))
    if before is None or ours is None or theirs is None:
        raise RefusedError(f"service {declaration.name}: somebody deployed {onto} during this run, and it cannot be read", task_definition_arn=onto)
    onto_this = theirs["taskDefinition"]
    origin = gateway.task_definition(copied) if copied else None
    if origin:
        onto_this = ownership.not_touched(onto_this, origin["taskDefinition"], ours["taskDefinition"], declaration.fields)
    declared = ownership.rebase(registrable(ours["taskDefinition"]), before["taskDefinition"], onto_this, declaration.fields)
    selection = select(gateway, declared | {"tags": own_tags(ours)}, theirs, purge_tags=False, check_mode=False)
    return wanted | {"taskDefinition": selection.arn}
