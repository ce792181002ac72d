# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fail a deployment and roll it back.

The reason is the circuit breaker, an alarm, a lifecycle hook or a request to stop.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .deployments import breaker_threshold

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .clock import Clock
    from .deployments import Deployment
    from .events import EventLog
    from .service_deployments import ServiceDeployment
    from .services import Service

# From the last failure to the rollback, as seen on AWS.
BREAKER_ACTS_AFTER = 44
ALARM_SEEN_AFTER = 10
FAILED_STATE_AFTER = 5
SHORTEST_ROLLBACK = 25
# A failed deployment is still listed for a while, with no tasks left.
FAILED_SHOWN_FOR = 20

NO_CANDIDATE = "No rollback candidate was found to run the rollback."


@dataclasses.dataclass(frozen=True)
class Failure:
    """The texts that tell of a failed deployment.

    `event` follows "deployment failed: ", `state_reason` is shown by the deployment, the
    others by the service deployment.
    """

    event: str
    state_reason: str
    rolled_back: str
    stopped: str = ""
    by: str = ""


BREAKER = Failure(
    event="tasks failed to start.",
    state_reason="ECS deployment circuit breaker: tasks failed to start.",
    rolled_back="Service deployment rolled back because the circuit breaker threshold was exceeded.",
    stopped="Service deployment stopped because the circuit breaker threshold was exceeded.",
    by="circuit breaker: ",
)
ALARM = Failure(
    event="alarm detected.",
    state_reason="ECS deployment failed: alarm detected.",
    rolled_back="Service deployment rolled back because a CloudWatch alarm was detected.",
    stopped="Service deployment stopped because a CloudWatch alarm was detected.",
)


def stopped_by(request: str, deployment: Deployment) -> Failure:
    """A user ended the deployment: no event says that it failed."""
    return Failure(
        "",
        f"ECS deployment {deployment.id} was stopped.",
        f"Service deployment rolled back because of a {request} request.",
    )


def hook_failure(stage: str, what: str) -> Failure:
    reason = f"Service deployment rolled back because {stage} lifecycle hook(s) {what}"
    return Failure(reason, reason, reason)


class Failures:
    """`alarming`: the names of the alarms in state ALARM."""

    def __init__(
        self,
        clock: Clock,
        events: EventLog,
        *,
        reconcile: Callable[[Service], None],
        look_again: Callable[[Service], None],
    ) -> None:
        self._clock = clock
        self._events = events
        self._reconcile = reconcile
        self._look_again = look_again
        self.alarming: set[str] = set()

    def count(self, service: Service, deployment: Deployment, back_off: float) -> None:
        """Count a failed task; the next one starts `back_off` seconds from now."""
        deployment.failed_tasks += 1
        deployment.next_start = self._clock.now() + back_off
        record = service.rollout
        if (
            deployment.rollout_state != "IN_PROGRESS"
            or deployment is not service.primary
            or record is None
        ):
            return
        record.failure_count = deployment.failed_tasks
        breaker = service.breaker
        if (
            breaker["enable"]
            and not deployment.tripped
            and deployment.failed_tasks >= breaker_threshold(breaker, service.desired)
        ):
            deployment.tripped = True
            self._clock.after(BREAKER_ACTS_AFTER, lambda: self._break(record))

    def forget(self, service: Service, deployment: Deployment) -> None:
        """A task of this deployment is healthy: counting begins anew."""
        deployment.failed_tasks = 0
        if (
            service.rollout is not None
            and service.rollout.target is deployment
            and service.rollout.unfinished
            and not service.rollout.triggered
        ):
            service.rollout.failure_count = 0

    def begin_watch(self, record: ServiceDeployment) -> None:
        """Watch the alarms, unless one is in ALARM when the deployment begins.

        That deployment may be the cure.
        """
        record.watched = record.alarms_configured and self.alarming.isdisjoint(record.alarm_names)

    def set_alarm(self, name: str, state: str, services: Iterable[Service]) -> None:
        if state not in ("ALARM", "OK"):
            raise ValueError(f"state must be ALARM or OK, not {state}")
        if state == "OK":
            self.alarming.discard(name)
            return
        self.alarming.add(name)
        for service in services:
            self.look_at_alarms(service)

    def look_at_alarms(self, service: Service) -> None:
        """Alarms count from the first running task of the new revision on."""
        record = service.rollout
        if (
            record is None
            or not record.watched
            or record.status != "IN_PROGRESS"
            or not record.target.running_count
        ):
            return
        found = [name for name in record.alarm_names if name in self.alarming]
        if found and not record.alarmed:
            record.alarmed = found
            self._clock.after(
                ALARM_SEEN_AFTER,
                lambda: self.fail(
                    record, ALARM, rollback=record.configuration["alarms"].get("rollback", False)
                ),
            )

    def fail(self, record: ServiceDeployment, failure: Failure, *, rollback: bool = True) -> None:
        """The deployment fails, unless it ended in the meantime or another one took over."""
        service, deployment = record.service, record.target
        if not _goes_on(record):
            return
        self._events.add(
            service, f"(deployment {deployment.id}) deployment failed: {failure.event}"
        )
        if rollback:
            self.roll_back(record, failure)
            return
        deployment.halted = True
        deployment.enter("FAILED", failure.state_reason, self._clock.now())
        record.finish("STOPPED", self._clock.now(), failure.stopped)

    def roll_back(self, record: ServiceDeployment, failure: Failure) -> None:
        """The last completed deployment becomes PRIMARY again under its own id."""
        service, failed, now = record.service, record.service.primary, self._clock.now()
        if failed is None or not record.unfinished or service.rollout is not record:
            return
        failed.halted = True
        target = service.completed
        if target is None or target is failed or target.rollout_state != "COMPLETED":
            failed.enter("FAILED", failure.state_reason, now)
            record.finish("ROLLBACK_FAILED", now, NO_CANDIDATE)
            return
        failed.status, failed.updated, failed.shown_until = "ACTIVE", now, now + FAILED_SHOWN_FOR
        if target not in service.deployments:
            service.deployments.append(target)
        service.deployments.sort(key=lambda deployment: deployment is not target)
        target.status, target.begun, target.earliest_completion = (
            "PRIMARY",
            True,
            now + SHORTEST_ROLLBACK,
        )
        target.enter(
            "IN_PROGRESS",
            f"ECS deployment {failure.by}rolling back to deploymentId {target.id}.",
            now,
        )
        target.failed_tasks, target.tripped, target.halted, target.next_start = 0, False, False, 0.0
        for name in failed.settings.keys() - target.settings.keys():
            service.members.pop(name, None)
        service.members.update(target.settings)
        service.steady = False
        record.roll_back(target, failure.rolled_back, now)
        self._events.add(service, f"rolling back to deployment {target.id}.")
        self._clock.after(
            FAILED_STATE_AFTER,
            lambda: failed.enter("FAILED", failure.state_reason, self._clock.now()),
        )
        self._clock.after(FAILED_SHOWN_FOR, lambda: self._reconcile(service))
        self._look_again(service)

    def _break(self, record: ServiceDeployment) -> None:
        record.triggered = _goes_on(record)
        self.fail(record, BREAKER, rollback=record.service.breaker["rollback"])


def _goes_on(record: ServiceDeployment) -> bool:
    service, deployment = record.service, record.target
    return (
        service.status == "ACTIVE"
        and service.rollout is record
        and service.primary is deployment
        and deployment.rollout_state == "IN_PROGRESS"
    )
