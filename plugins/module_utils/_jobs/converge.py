# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a service to what was declared: create it, update it by one call, or leave it alone; never take back what somebody deployed meanwhile."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from .._rules import ownership
from .._rules import service as rules
from .._rules.arn import same_task_definition
from .._rules.canonical import Difference
from .._rules.errors import RefusedError
from .._rules.task_definition import registrable
from . import wait
from .live import exists, live_reference, with_revision_members
from .select import own_tags, retag, select

if t.TYPE_CHECKING:
    from .._aws.gateway import Gateway
    from .._rules.deployment import Progress
    from .._rules.ownership import LiveFields
    from .watch import LogReader

Document = dict[str, t.Any]

ROUNDS: t.Final = 3
"""How often a plan is made again because somebody deployed in between, before the run gives up."""


@dataclasses.dataclass(frozen=True)
class Declaration:
    """What is wanted of a service.

    ``service`` is the input of CreateService; ``expected`` the ARN of the task definition that was live when its ``taskDefinition`` was chosen,
    ``None`` to go by what is seen first. ``replace`` allows to delete and create, ``force_new_deployment`` asks for a deployment in any case.
    ``scale`` is a desired count for now, whoever owns it; a declared count of 0 has to be allowed by ``allow_zero``.
    ``in_progress`` is what to do about a deployment that is going on when one is to be started.
    """

    service: Document
    fields: LiveFields
    expected: str | None = None
    replace: bool = False
    force_new_deployment: bool = False
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

    ``deployment`` is the one that was started (an element of ``deployments``), ``replaced`` the ARN of the task definition that was live before it,
    ``unused`` that of one which was selected for this run in vain, because somebody deployed meanwhile.
    """

    service: Document | None
    action: t.Literal["none", "create", "update", "replace", "delete"]
    differences: list[Difference]
    meanings: dict[str, rules.Meaning]
    deployment: Document | None = None
    replaced: str | None = None
    unused: str | None = None

    @property
    def changed(self) -> bool:
        return self.action != "none"

    @property
    def headline(self) -> str:
        """What is done, for people."""
        starts = bool({"deployment", "forced_deployment"} & set(self.meanings.values()))
        return {
            "none": "leaves the service alone",
            "create": "creates the service",
            "update": "updates the service and starts a deployment" if starts else "updates the service in place",
            "replace": "deletes the service and creates it again",
            "delete": "deletes the service",
        }[self.action]


def converge(gateway: Gateway, declaration: Declaration, live: Document | None, *, clock: wait.Clock, check_mode: bool) -> Outcome:
    """Create or update the service; ``live`` is its element of DescribeServices, ``None`` when there is none.

    Nothing is called when nothing differs. Attributes that cannot change are refused before anything is called.
    Right before a new task definition is sent the service is read again, and the answer tells which deployment was displaced: when that is not
    the one that the plan was made from, the plan is made again from what was deployed meanwhile.
    """
    declaration = _with_a_revision(gateway, declaration)
    if not exists(live):
        return _create(gateway, declaration, check_mode=check_mode)
    live = with_revision_members(gateway, declaration.service, live)
    plan = declaration.service
    base = expected = declaration.expected or live_reference(live)
    own: set[str] = set()
    rounds, deadline = 0, clock.monotonic() + declaration.timeout
    while rounds < ROUNDS:
        wanted = ownership.service(plan, live, declaration.fields)
        if declaration.scale is not None:
            wanted = wanted | {"desiredCount": declaration.scale}
        found = [difference for difference in rules.differences(wanted, live) if declaration.purge_tags or not _removes_tag(difference)]
        meant = rules.meanings(found, live)
        _refuse(found, meant, live, declaration)
        if "replacement" in meant.values():
            return _replace(gateway, declaration, found, meant, live, clock=clock, check_mode=check_mode)
        request = rules.update_request(wanted, meant, live)
        if declaration.force_new_deployment:
            request["forceNewDeployment"] = True
        in_vain = declaration.service.get("taskDefinition") if plan is not declaration.service else None
        unused = in_vain if in_vain not in (plan.get("taskDefinition"), declaration.expected) else None
        outcome = Outcome(live, "update" if request or found else "none", found, meant, unused=unused)
        if check_mode or outcome.action == "none":
            return outcome
        if rules.starts_deployment(request) and rules.in_progress(live) and rules.primary(live)["id"] not in own and declaration.in_progress != "supersede":
            live = _when_idle(gateway, declaration, live, timeout=deadline - clock.monotonic(), clock=clock)
            continue
        rounds += 1
        if "taskDefinition" in request:
            live = _read_again(gateway, declaration)
            now = live_reference(live)
            if not same_task_definition(expected, now):
                plan = _rebased(gateway, declaration, plan, base, now)
                base = expected = now
                continue
        retag(gateway, live["serviceArn"], [difference for difference in found if rules.member_of(difference.path) == "tags"])
        if not request:
            return outcome
        updated = gateway.update_service({"cluster": declaration.cluster, "service": declaration.name, **request})
        started = rules.primary(updated)
        stranger = displaced_stranger(live, updated)
        if "taskDefinition" in request and stranger and not same_task_definition(expected, stranger):
            # Ours took over from a deployment that was not in the plan: give its images back at once, or all of it when there is no further round.
            if rounds == ROUNDS:
                gateway.update_service({"cluster": declaration.cluster, "service": declaration.name, "taskDefinition": stranger})
                break
            plan = _rebased(gateway, declaration, plan, base, stranger)
            base, expected, live = stranger, live_reference(updated), updated
            own.add(started["id"])
            continue
        if started.get("id") == rules.primary(live).get("id"):
            return dataclasses.replace(outcome, service=updated)
        return dataclasses.replace(outcome, service=updated, deployment=started, replaced=expected)
    raise RefusedError(
        f"service {declaration.name}: somebody else deployed during each of {ROUNDS} attempts to update it; run again when the pipeline is done",
        task_definition_arn=expected,
    )


def succeed(gateway: Gateway, declaration: Declaration, outcome: Outcome, *, rollback: bool, clock: wait.Clock, logs: LogReader) -> Progress | None:
    """Wait for the deployment that was started, if one was; raise DeploymentFailedError unless it succeeded.

    With ``rollback`` the service first gets the task definition back that was live before, unless ECS went back by itself or somebody else took over.
    """
    if outcome.deployment is None:
        return None
    try:
        return wait.for_success(gateway, declaration.cluster, declaration.name, outcome.deployment, timeout=declaration.timeout, clock=clock, logs=logs)
    except wait.DeploymentFailedError as failed:
        if rollback and outcome.replaced and failed.facts["verdict"] in ("failed", "timed_out"):
            updated = gateway.update_service({"cluster": declaration.cluster, "service": declaration.name, "taskDefinition": outcome.replaced})
            back = wait.for_deployment(gateway, declaration.cluster, declaration.name, rules.primary(updated), timeout=declaration.timeout, clock=clock)
            failed.facts["rollback"] = {"task_definition_arn": outcome.replaced, "verdict": back.verdict, "deployment_id": back.deployment_id}
            failed.message += f"\nThe service was given {outcome.replaced} back: {back.verdict}"
        raise


def delete(gateway: Gateway, cluster: str, name: str, live: Document | None, *, force: bool, timeout: float, clock: wait.Clock, check_mode: bool) -> Outcome:
    """Delete the service; one that does not exist or is on its way out is left alone. Without ``force`` its tasks are stopped first and waited for."""
    if not exists(live):
        return Outcome(live, "none", [], {})
    if check_mode:
        return Outcome(live, "delete", [], {})
    if not force and live.get("desiredCount"):
        gateway.update_service({"cluster": cluster, "service": name, "desiredCount": 0})
        wait.until_empty(gateway, cluster, name, timeout=timeout, clock=clock)
    return Outcome(gateway.delete_service(cluster, name, force=force), "delete", [], {})


def _with_a_revision(gateway: Gateway, declaration: Declaration) -> Declaration:
    """The declaration with the newest ACTIVE revision in place of a bare family: what a name means has to be known before it is compared."""
    reference = declaration.service.get("taskDefinition")
    if not reference or ":" in reference:
        return declaration
    newest = gateway.task_definition(reference)
    if newest is None:
        raise RefusedError(f"service {declaration.name}: family {reference} has no ACTIVE revision")
    return dataclasses.replace(declaration, service=declaration.service | {"taskDefinition": newest["taskDefinition"]["taskDefinitionArn"]})


def _create(gateway: Gateway, declaration: Declaration, *, check_mode: bool) -> Outcome:
    if declaration.scale is not None:
        declaration = dataclasses.replace(declaration, service=declaration.service | {"desiredCount": declaration.scale})
    _refuse_zero(declaration, declaration.service.get("desiredCount"))
    found = [Difference(member, None, value) for member, value in declaration.service.items()]
    if check_mode:
        return Outcome(None, "create", found, {})
    # The token makes the SDK's own retries harmless: the same request twice is one service.
    created = gateway.create_service({**declaration.service, "clientToken": str(uuid.uuid4())})
    return Outcome(created, "create", found, {}, rules.primary(created) or None)


def _replace(
    gateway: Gateway,
    declaration: Declaration,
    found: list[Difference],
    meant: dict[str, rules.Meaning],
    live: Document,
    *,
    clock: wait.Clock,
    check_mode: bool,
) -> Outcome:
    if check_mode:
        return Outcome(live, "replace", found, meant)
    gateway.delete_service(declaration.cluster, declaration.name, force=True)
    wait.until_gone(gateway, declaration.cluster, declaration.name, timeout=declaration.timeout, clock=clock)
    return dataclasses.replace(_create(gateway, declaration, check_mode=False), action="replace", differences=found, meanings=meant)


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
            f"service {live['serviceName']}: {', '.join(paths)} cannot change while the service exists; replace=true deletes it and creates it again",
            replacement=fixed,
        )


def _when_idle(gateway: Gateway, declaration: Declaration, live: Document, *, timeout: float, clock: wait.Clock) -> Document:
    """The service when the deployment that is going on has ended, whichever way."""
    deployment = rules.primary(live)
    if declaration.in_progress == "fail":
        raise RefusedError(f"service {declaration.name}: deployment {deployment['id']} is in progress", deployment_id=deployment["id"])
    ended = wait.for_deployment(gateway, declaration.cluster, declaration.name, deployment, timeout=timeout, clock=clock)
    if ended.verdict == "timed_out":
        raise RefusedError(
            f"service {declaration.name}: deployment {deployment['id']} is still in progress after {declaration.timeout:g} seconds; "
            "deployment_in_progress=supersede does not wait for it",
            deployment_id=deployment["id"],
        )
    return _read_again(gateway, declaration)


def _read_again(gateway: Gateway, declaration: Declaration) -> Document:
    live = gateway.service(declaration.cluster, declaration.name)
    if not exists(live):
        raise RefusedError(f"service {declaration.name}: somebody deleted it during this run; run again to create it")
    return with_revision_members(gateway, declaration.service, live)


def displaced_stranger(before: Document, updated: Document) -> str | None:
    """The task definition of a deployment that somebody started between our last look and our update, if there is one."""
    known = {deployment["id"] for deployment in (*before.get("deployments", ()), rules.primary(updated)) if deployment}
    strangers = [deployment for deployment in updated.get("deployments") or () if deployment["id"] not in known]
    return max(strangers, key=lambda deployment: deployment["createdAt"])["taskDefinition"] if strangers else None


def _rebased(gateway: Gateway, declaration: Declaration, plan: Document, base: str, onto: str) -> Document:
    """The plan made again: what the pipeline owns was taken from ``base`` and is now taken from ``onto``, what it deployed meanwhile."""
    before, ours, theirs = (gateway.task_definition(arn) for arn in (base, plan["taskDefinition"], onto))
    if before is None or ours is None or theirs is None:
        raise RefusedError(f"service {declaration.name}: somebody deployed {onto} during this run, and it cannot be read", task_definition_arn=onto)
    declared = ownership.rebase(registrable(ours["taskDefinition"]), before["taskDefinition"], theirs["taskDefinition"], declaration.fields)
    selection = select(gateway, declared | {"tags": own_tags(ours)}, theirs, purge_tags=False, check_mode=False)
    return plan | {"taskDefinition": selection.arn}
