# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service scheduler: deployments, scaling and draining, and the events that tell of them.

``Failures`` and ``Lifecycle`` know nothing of the scheduler: it hands them what they call back.
"""

from __future__ import annotations

import math
import typing as t

from .deployments import Deployment
from .events import EventLog
from .failures import Failures, stopped_by
from .lifecycle import Lifecycle
from .outcomes import outcome_of
from .service_deployments import ServiceDeployment
from .service_settings import revision_settings

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from .clock import Clock
    from .images import Images
    from .names import Names
    from .service_deployments import History
    from .services import Service
    from .tasks import Task, Tasks

Document = dict[str, t.Any]

BEGINS_AFTER = 2
FIRST_START_AFTER = 14
# Changes this close together are handled at once, so that two tasks make one event.
LOOKS_AGAIN_AFTER = 2
STEADY_STATE_REPEATS = 6 * 3600
# Seconds until the next start, by starts without a healthy task: tasks that never ran, and tasks that ran and ended.
BACK_OFF_NEVER_RAN = (2, 240, 300, 450, 600, 900)
BACK_OFF_RAN = (10, 15, 30, 60, 120, 240, 480, 900)

SUPERSEDED = "Service deployment stopped because a new service deployment was started."
DELETED = "Service deployment stopped because the service was deleted."


class ServiceScheduler:
    def __init__(
        self, clock: Clock, names: Names, tasks: Tasks, images: Images, history: History
    ) -> None:
        self._clock = clock
        self._names = names
        self._tasks = tasks
        self._images = images
        self._history = history
        self._events = EventLog(clock, names)
        self.lists_displaced = True
        self.failures = Failures(
            clock, self._events, reconcile=self.reconcile, look_again=self.look_again
        )
        self.lifecycle = Lifecycle(
            clock,
            names,
            allow_starts=self.allow_starts,
            fail=self.failures.fail,
            roll_back=self.failures.roll_back,
        )

    def deploy(self, service: Service, definition: Document) -> Deployment:
        """A new PRIMARY deployment of the service's settings. Nothing has started when this returns, as in the answer of the API."""
        now = self._clock.now()
        deployment = self._new(service, revision_settings(service.members), definition)
        sources = [old for old in service.deployments if old.running_count]
        displaced = (
            service.rollout if service.rollout is not None and service.rollout.unfinished else None
        )
        if displaced is not None:
            displaced.status = "STOP_REQUESTED"
        if not self.lists_displaced:
            service.deployments = [
                old for old in service.deployments if old.live or old is service.completed
            ]
        for old in service.deployments:
            old.status = "ACTIVE"
        deployment.status = "PRIMARY"
        service.deployments.insert(0, deployment)
        service.steady = False
        record = ServiceDeployment(
            arn=self._names.arn(
                "service-deployment", service.cluster, service.name, self._names.characters()
            ),
            service=service,
            target=deployment,
            sources=sources,
            configuration=service.members["deploymentConfiguration"],
            created=now,
            updated=now,
            desired=service.desired,
        )
        service.rollout = record
        if service.controller == "ECS":
            self._history.add(record, created=now)
        self._clock.after(BEGINS_AFTER, lambda: self._begin(record, displaced))
        if not record.native:
            self._clock.after(FIRST_START_AFTER, lambda: self.allow_starts(service, deployment))
        return deployment

    def add_task_set(
        self, service: Service, settings: Document, definition: Document
    ) -> Deployment:
        """A further task set of a service whose deployments are another controller's."""
        deployment = self._new(service, settings, definition)
        service.deployments.append(deployment)
        service.steady = False
        self._clock.after(FIRST_START_AFTER, lambda: self.allow_starts(service, deployment))
        return deployment

    def now(self) -> float:
        return self._clock.now()

    def scaled(self, service: Service) -> None:
        service.steady = False
        self.look_again(service, FIRST_START_AFTER)

    def drain(self, service: Service) -> None:
        """Stop all tasks of a service that is deleted."""
        if service.rollout is not None and service.rollout.unfinished:
            service.rollout.finish("STOPPED", self._clock.now(), DELETED)
        for deployment in service.deployments:
            deployment.desired = 0
        self._stop_tasks(
            service, [task for deployment in service.deployments for task in deployment.live]
        )
        self.look_again(service)

    def stop(self, record: ServiceDeployment) -> None:
        """StopServiceDeployment with ROLLBACK."""
        record.status, record.updated = "ROLLBACK_REQUESTED", self._clock.now()
        record.target.halted = True
        self._clock.after(
            BEGINS_AFTER,
            lambda: self.failures.roll_back(
                record, stopped_by("StopServiceDeployment", record.target)
            ),
        )

    def _begin(self, record: ServiceDeployment, displaced: ServiceDeployment | None) -> None:
        now = self._clock.now()
        if displaced is not None:
            displaced.finish("STOPPED", now, SUPERSEDED)
        if record.status == "PENDING":
            record.begin(now)
            self.failures.begin_watch(record)
            if record.native:
                self.lifecycle.begin(record)
        if record.service.primary is record.target and not record.native:
            record.target.desired = record.service.desired

    def _new(self, service: Service, settings: Document, definition: Document) -> Deployment:
        now, digits = self._clock.now(), self._names.digits()
        revision_arn = self._names.arn("service-revision", service.cluster, service.name, digits)
        deployment = Deployment(
            f"ecs-svc/{digits}",
            revision_arn,
            settings,
            definition,
            self._images.resolved(definition),
            now,
            now,
        )
        deployment.enter("IN_PROGRESS", f"ECS deployment {deployment.id} in progress.", now)
        return deployment

    def allow_starts(self, service: Service, deployment: Deployment) -> None:
        deployment.begun = True
        self.reconcile(service)

    def look_again(self, service: Service, seconds: float = LOOKS_AGAIN_AFTER) -> None:
        """One look for all that changes until then."""
        due = self._clock.now() + seconds
        if service.wakes_at is not None and service.wakes_at <= due:
            return
        service.wakes_at = due
        self._clock.after(
            seconds, lambda: self.reconcile(service) if service.wakes_at == due else None
        )

    def reconcile(self, service: Service) -> None:
        service.wakes_at = None
        self._tell_targets(service)
        self._drop_drained(service)
        primary = service.primary
        if service.status != "ACTIVE":
            self._drained(service)
        elif service.has_task_sets:
            self._reconcile_task_sets(service)
        elif primary is not None:
            full = self._at_full_strength(service, primary)
            self._stop_surplus(service, primary, full)
            for deployment in full:
                self._start_missing(
                    service,
                    deployment,
                    service.desired,
                    self._room(service) if full == [primary] else service.desired,
                )
            if full:
                for deployment in service.deployments:
                    deployment.desired = (
                        service.desired if deployment in full else len(deployment.live)
                    )
            for deployment in full:
                self._settle(service, deployment)

    def _reconcile_task_sets(self, service: Service) -> None:
        """Keep each task set at its own scale: none of them replaces another."""
        now, desired = self._clock.now(), service.desired
        self._stop_tasks(
            service,
            [
                task
                for task_set in service.deployments
                for task in task_set.live[task_set.share_of(desired) :]
            ],
        )
        kept = [
            task_set
            for task_set in service.deployments
            if task_set.begun and task_set.status != "DRAINING"
        ]
        for task_set in kept:
            share = task_set.share_of(desired)
            task_set.desired = share
            self._start_missing(service, task_set, share, share)
            task_set.settle(len(task_set.healthy) == share == len(task_set.live), now)
            if task_set.stable and task_set.rollout_state == "IN_PROGRESS":
                self._complete(service, task_set)
        for task_set in service.deployments:
            if task_set.status == "DRAINING":
                task_set.desired = 0
        if kept and all(task_set.stable for task_set in kept):
            self._be_steady(service)
        else:
            service.steady = False

    def _at_full_strength(self, service: Service, primary: Deployment) -> list[Deployment]:
        """The deployments that have all their tasks: two while traffic is shifted from one to the other."""
        if service.rollout is not None and service.rollout.holds:
            full = [
                deployment
                for deployment in service.deployments
                if deployment in (primary, service.completed)
            ]
        else:
            full = [primary]
        return [deployment for deployment in full if deployment.begun]

    def _drop_drained(self, service: Service) -> None:
        now = self._clock.now()
        service.deployments = [
            kept
            for kept in service.deployments
            if kept.status == "PRIMARY"
            or kept.tasks
            or kept.shown_until > now
            or (service.has_task_sets and kept.status == "ACTIVE")
        ]

    def _stop_surplus(self, service: Service, primary: Deployment, full: list[Deployment]) -> None:
        surplus = [task for deployment in full for task in deployment.live[service.desired :]]
        old = [
            task
            for deployment in service.deployments
            if deployment not in full
            for task in deployment.live
        ]
        if full not in ([], [primary]) or _is_early(service, primary, "BLOCKING"):
            surplus += old
        elif full and not primary.halted:
            # Tasks that never got healthy serve nobody; the others stay until they are replaced, or make room down to the minimum.
            surplus += [task for task in old if not task.healthy]
            healthy_old = [task for task in old if task.healthy]
            spare = len(primary.healthy) + len(healthy_old) - service.desired
            no_room = len(primary.live) < service.desired and self._room(service) <= 0
            if no_room:
                spare = max(
                    spare, len(primary.healthy) + len(healthy_old) - self._fewest_healthy(service)
                )
            surplus += healthy_old[: max(0, spare)]
        self._stop_tasks(service, surplus)

    def _start_missing(
        self, service: Service, deployment: Deployment, wanted: int, room: int
    ) -> None:
        missing = min(wanted - len(deployment.live), room)
        if missing <= 0 or deployment.halted or deployment.tripped:
            return
        wait = deployment.next_start - self._clock.now()
        if wait > 0:
            self.look_again(service, wait)
            return
        started = [self._start_task(service, deployment) for dummy in range(missing)]
        deployment.tasks += started
        deployment.starts += 1
        service.steady = False
        replaced = (
            f" Amazon ECS replaced {missing} tasks due to an unhealthy status."
            if deployment.replaces_unhealthy
            else ""
        )
        deployment.replaces_unhealthy = False
        self._events.add(service, f"has started {missing} tasks: {_listed(started)}.{replaced}")

    def _settle(self, service: Service, deployment: Deployment) -> None:
        now, record = self._clock.now(), service.rollout
        whole = len(deployment.healthy) == service.desired == len(deployment.live)
        alone = len(service.deployments) == 1
        if deployment.halted:
            return
        if record is not None and record.holds:
            if whole and deployment is record.target:
                self.lifecycle.proceed(record, "SCALE_UP")
            return
        enough = (
            (whole and alone)
            or _is_early(service, deployment, "DEFERRED")
            or (alone and _is_early(service, deployment, "BLOCKING"))
        )
        if enough and deployment.rollout_state == "IN_PROGRESS":
            if not deployment.baking and record is not None:
                deployment.baking, deployment.earliest_completion = True, now + record.bakes_for
            if now < deployment.earliest_completion:
                self.look_again(service, deployment.earliest_completion - now)
                return
            self._complete(service, deployment)
        if whole and alone:
            self._be_steady(service)

    def _be_steady(self, service: Service) -> None:
        now = self._clock.now()
        if not service.steady:
            service.steady, service.steady_since = True, now
            self._steady_state(service, now)

    def _complete(self, service: Service, primary: Deployment) -> None:
        now = self._clock.now()
        primary.enter("COMPLETED", f"ECS deployment {primary.id} completed.", now)
        service.completed = primary
        if service.rollout is not None and service.rollout.unfinished:
            rolled_back = service.rollout.back_to is primary
            service.rollout.finish("ROLLBACK_SUCCESSFUL" if rolled_back else "SUCCESSFUL", now)
        if service.controller == "ECS":
            self._events.add(service, f"(deployment {primary.id}) deployment completed.")

    def _steady_state(self, service: Service, since: float) -> None:
        """Repeated for as long as the same steady state lasts."""
        if not service.steady or service.steady_since != since:
            return
        self._events.add(service, "has reached a steady state.", later=0.001)
        self._clock.after(STEADY_STATE_REPEATS, lambda: self._steady_state(service, since))

    def _drained(self, service: Service) -> None:
        """A deleted service is INACTIVE once all its tasks are STOPPING or STOPPED."""
        tasks = [task for deployment in service.deployments for task in deployment.tasks]
        if all(task.status in ("STOPPING", "STOPPED") for task in tasks):
            service.status, service.deployments = "INACTIVE", []

    def _start_task(self, service: Service, deployment: Deployment) -> Task:
        settings = deployment.described()
        members: Document = {
            "group": f"service:{service.name}",
            "startedBy": deployment.id,
            "enableExecuteCommand": service.members["enableExecuteCommand"],
            **{
                name: settings[name]
                for name in ("launchType", "platformVersion", "platformFamily")
                if name in settings
            },
        }
        strategy = deployment.settings.get("capacityProviderStrategy")
        if strategy:
            members["capacityProviderName"] = strategy[0]["capacityProvider"]
        if service.members["propagateTags"] == "SERVICE":
            members["tags"] = service.tags
        checks = any(
            "healthCheck" in container
            for container in deployment.definition["containerDefinitions"]
        )
        return self._tasks.start(
            service.cluster,
            deployment.definition,
            outcome_of(deployment.definition, one_off=False),
            members,
            checked=checks or bool(_groups(service, deployment)),
            drains=bool(_groups(service, deployment)),
            digests=deployment.digests,
            listener=lambda task, what: self._hear(service, deployment, task, what),
        )

    def _stop_tasks(self, service: Service, tasks: Iterable[Task]) -> None:
        stopped = [task for task in tasks if not task.ended]
        ran = [task for task in stopped if task.running]
        for task in stopped:
            self._tasks.stop(
                task,
                "ServiceSchedulerInitiated",
                f"Scaling activity initiated by (deployment {task.document['startedBy']})",
            )
        if ran:
            service.steady = False
            self._events.add(service, f"has stopped {len(ran)} running tasks: {_listed(ran)}.")
            self.look_again(service)

    def _tell_targets(self, service: Service) -> None:
        """Events about the load balancer: new tasks that run, and tasks that leave."""
        for deployment in service.deployments:
            for group in _groups(service, deployment):
                new = [task for task in deployment.tasks if task.running and not task.registered]
                gone = [task for task in deployment.tasks if task.ended and task.registered]
                if new:
                    self._events.add(
                        service, f"registered {len(new)} targets in (target-group {group})"
                    )
                if gone:
                    self._events.add(
                        service, f"deregistered {len(gone)} targets in (target-group {group})"
                    )
                    self._events.add(
                        service,
                        f"has begun draining connections on {len(gone)} tasks.",
                        about=f", taskSet {deployment.id}",
                    )
        for deployment in service.deployments:
            for task in deployment.tasks:
                task.registered = task.running

    def _hear(self, service: Service, deployment: Deployment, task: Task, what: str) -> None:
        """What a task of this deployment reports."""
        if what == "stopped":
            deployment.tasks.remove(task)
        elif what == "running":
            self.failures.look_at_alarms(service)
        elif what == "healthy" and service.breaker["resetOnHealthyTask"]:
            deployment.starts = 0
            self.failures.forget(service, deployment)
        elif what == "unhealthy":
            groups = _groups(service, deployment)
            self._tell_unhealthy(service, deployment, task)
            deployment.replaces_unhealthy = True
            checks = (
                f"ELB health checks in (target-group {groups[0]})"
                if groups
                else "container health checks"
            )
            self._tasks.stop(task, "ServiceSchedulerInitiated", f"Task failed {checks}")
            self.failures.count(service, deployment, 0)
        elif what == "failed":
            self._events.add_once(
                service, f"was unable to place a task. Reason: {task.outcome.start_error}."
            )
            self.failures.count(service, deployment, _step(BACK_OFF_NEVER_RAN, deployment.starts))
        elif what == "exited":
            self.failures.count(service, deployment, _step(BACK_OFF_RAN, deployment.starts))
        self.look_again(service)

    def _tell_unhealthy(self, service: Service, deployment: Deployment, task: Task) -> None:
        if not _groups(service, deployment):
            self._events.add(service, f"(task {task.id}) failed container health checks.")
        for balancer in _balancers(service, deployment):
            self._events.add(
                service,
                f"(task {task.id}) (port {balancer.get('containerPort')}) is unhealthy in (target-group {balancer.get('targetGroupArn')}) "
                "due to (reason Health checks failed with these codes: [500]).",
            )

    def _fewest_healthy(self, service: Service) -> int:
        return math.ceil(
            service.desired
            * service.members["deploymentConfiguration"]["minimumHealthyPercent"]
            / 100
        )

    def _room(self, service: Service) -> int:
        """How many more tasks may start under maximumPercent."""
        most = service.desired * service.members["deploymentConfiguration"]["maximumPercent"] // 100
        return most - sum(len(deployment.live) for deployment in service.deployments)


def _is_early(service: Service, deployment: Deployment, cleanup: str) -> bool:
    """Return True if enough tasks are healthy for an early success of this kind."""
    record = service.rollout
    if record is None or record.early is None or deployment is not record.target:
        return False
    least = math.ceil(service.desired * record.early["healthyPercent"] / 100)
    return (
        record.early["sourceServiceRevisionCleanup"] == cleanup
        and len(deployment.healthy) >= least
        and deployment.begun
    )


def _balancers(service: Service, deployment: Deployment) -> list[Document]:
    """The load balancers of the service, or those that a task set has of its own."""
    balancers = deployment.settings if service.has_task_sets else service.members
    return t.cast("list[Document]", balancers["loadBalancers"])


def _groups(service: Service, deployment: Deployment) -> list[str]:
    return [
        balancer["targetGroupArn"]
        for balancer in _balancers(service, deployment)
        if "targetGroupArn" in balancer
    ]


def _step(steps: tuple[int, ...], starts: int) -> int:
    return steps[min(max(0, starts - 1), len(steps) - 1)]


def _listed(tasks: list[Task]) -> str:
    return " ".join(f"(task {task.id})" for task in tasks)
