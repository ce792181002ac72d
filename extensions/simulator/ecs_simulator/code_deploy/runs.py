# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry out deployments of CodeDeploy in virtual time."""

from __future__ import annotations

import hashlib
import typing as t

from ..errors import ApiError
from .app_spec import written
from .deployments import EVENTS, TEST_EVENTS, Deployment, Event

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .. import deployments as ecs
    from ..clock import Clock
    from ..names import Names
    from ..services import Service
    from ..task_sets import TaskSets
    from .configurations import Configurations
    from .groups import Group, Groups

Document = dict[str, t.Any]

QUEUED_AFTER = 2.0
STARTS_AFTER = 5.0
EVENT_TAKES = 1.0
HOOK_ANSWERS_AFTER = 5.0
# What a function may take to report its status.
HOOK_TIMEOUT = 3600.0
LOOKS_AGAIN_AFTER = 5.0
REPLACEMENT_TIMEOUT = 3600.0
SHIFT_TAKES = 10.0
ALARM_SEEN_AFTER = 10.0
STOPS_AFTER = 2.0
ROLLBACK_NAMED_AFTER = 3.0


class Runs:
    """Runs the deployments.

    `alarming` are the names of the alarms in state ALARM, `ask` answers for the functions of
    hooks. `find_target_group` knows the ARNs of target groups that some other service made.
    """

    def __init__(
        self,
        clock: Clock,
        names: Names,
        task_sets: TaskSets,
        groups: Groups,
        configurations: Configurations,
        *,
        alarming: Callable[[], set[str]],
        ask: Callable[[str], str],
        find_target_group: Callable[[str], str | None],
    ) -> None:
        self._clock = clock
        self._names = names
        self._task_sets = task_sets
        self._groups = groups
        self._configurations = configurations
        self._alarming = alarming
        self._ask_function = ask
        self._find_target_group = find_target_group
        self.rollback_named_after = ROLLBACK_NAMED_AFTER
        self.all: dict[str, Deployment] = {}
        self._arns: dict[str, str] = {}

    def active_of(self, group: Group) -> Deployment | None:
        return next((run for run in self.all.values() if run.group is group and run.active), None)

    def begin(self, run: Deployment) -> None:
        """Let a new deployment take its course."""
        self.all[run.id] = run
        run.group.attempted = run
        run.previous = run.group.revision
        tests = bool((run.group.pair.get("testTrafficRoute") or {}).get("listenerArns"))
        run.events = [
            Event(name, function=run.spec.hooks.get(name, "") if run.undoes is None else "")
            for name in EVENTS
            if tests or name not in TEST_EVENTS
        ]
        self._clock.after(QUEUED_AFTER, lambda: self._enter(run, "Created", "Queued"))
        self._clock.after(STARTS_AFTER, lambda: self._start(run))

    def new_id(self) -> str:
        """Return an id as `d-A1B2C3D4E`."""
        return f"d-{self._names.hexadecimal(9).upper()}"

    def stop(self, run: Deployment, *, rolls_back: bool) -> None:
        """StopDeployment."""
        run.halted, run.waits_for, run.resume = True, "", None
        error = {"code": "MANUAL_STOP", "message": "The deployment was stopped by a user."}
        self._clock.after(STOPS_AFTER, lambda: self._end(run, "Stopped", error, rolls_back))

    def look_at_alarms(self) -> None:
        """Stop the deployments that watch an alarm in state ALARM."""
        for run in list(self.all.values()):
            if run.status in ("InProgress", "Ready") and not run.halted:
                self._look_at_alarms(run)

    def put_status(self, execution_id: str, status: str) -> None:
        """PutLifecycleEventHookExecutionStatus. Raises ApiError."""
        for run in self.all.values():
            for event in run.events:
                if event.execution_id and event.execution_id == execution_id:
                    if event.status != "InProgress":
                        raise ApiError(
                            "LifecycleEventAlreadyCompletedException",
                            f"The lifecycle event {event.name} is completed already.",
                        )
                    self._answered(run, event, status)
                    return
        raise ApiError(
            "InvalidLifecycleEventHookExecutionIdException",
            f"There is no lifecycle event hook execution {execution_id}.",
        )

    def _enter(self, run: Deployment, before: str, after: str) -> None:
        if run.status == before and not run.halted:
            run.status, run.updated = after, self._clock.now()

    def _start(self, run: Deployment) -> None:
        if not run.goes_on:
            return
        run.status, run.started, run.updated = "InProgress", self._clock.now(), self._clock.now()
        service = self._groups.service_of(run.group)
        if service is None:
            self._fail(run, "INVALID_ECS_SERVICE", "The ECS service does not exist or is INACTIVE.")
            return
        run.service, run.blue = service, service.primary
        if self._look_at_alarms(run):
            return
        if run.undoes is not None and _can_return(run.undoes, service):
            self._return_traffic(run, run.undoes)
        else:
            self._next(run)

    def _look_at_alarms(self, run: Deployment) -> bool:
        names = [alarm["name"] for alarm in run.alarms.get("alarms", ())]
        found = [name for name in names if name in self._alarming()]
        if not found or not run.alarms.get("enabled") or run.undoes is not None:
            return False
        run.halted, run.waits_for, run.resume = True, "", None
        error = {
            "code": "ALARM_ACTIVE",
            "message": "One or more alarms have been activated according to the Amazon "
            "CloudWatch metrics you selected, "
            "and the affected deployments have been stopped. Activated alarms: "
            f"<{', '.join(found)}>",
        }
        rolls_back = _rolls_back(run, "DEPLOYMENT_STOP_ON_ALARM")
        self._clock.after(ALARM_SEEN_AFTER, lambda: self._end(run, "Stopped", error, rolls_back))
        return True

    def _next(self, run: Deployment) -> None:
        """Begin the next lifecycle event, or what comes after the last one."""
        if not run.goes_on:
            return
        event = next((event for event in run.events if event.status == "Pending"), None)
        if event is None:
            self._wait_for_termination(run)
        elif event.name == "BeforeAllowTraffic" and self._is_paused(run):
            return
        else:
            event.begin(self._clock.now())
            run.updated = self._clock.now()
            if event.name == "Install":
                self._install(run, event)
            elif event.name == "AllowTraffic":
                self._shift(run, event, self._configurations.shifts(run.configuration))
            elif event.function:
                event.execution_id = self._names.uuid()
                self._call(run, event, self._clock.now() + HOOK_TIMEOUT)
            else:
                self._after(run, event, EVENT_TAKES, lambda: self._succeed(run, event))

    def _succeed(self, run: Deployment, event: Event) -> None:
        event.end("Succeeded", self._clock.now(), {"errorCode": "Success", "message": ""})
        self._next(run)

    def _after(
        self, run: Deployment, event: Event, seconds: float, function: Callable[[], None]
    ) -> None:
        """Call a function later, if the event is in progress still."""
        self._clock.after(
            seconds,
            lambda: function() if run.goes_on and event.status == "InProgress" else None,
        )

    def _call(self, run: Deployment, event: Event, until: float) -> None:
        """Call the function of a hook.

        One that answers IN_PROGRESS reports its status later.
        """

        def answer() -> None:
            status = self._ask_function(event.function)
            if status != "IN_PROGRESS":
                self._answered(run, event, "Succeeded" if status == "SUCCEEDED" else "Failed")
            elif self._clock.now() >= until:
                self._answered(run, event, "Failed", "did not report its status within an hour.")
            else:
                self._after(run, event, LOOKS_AGAIN_AFTER * 6, answer)

        self._after(run, event, HOOK_ANSWERS_AFTER, answer)

    def _answered(
        self, run: Deployment, event: Event, status: str, why: str = "returned Failed."
    ) -> None:
        if not run.goes_on:
            return
        if status == "Succeeded":
            self._succeed(run, event)
        elif status == "Failed":
            message = f"The Lambda function {event.function} {why}"
            event.end(
                "Failed",
                self._clock.now(),
                {"errorCode": "UnknownError", "scriptName": event.function, "message": message},
            )
            self._fail(
                run,
                "HOOK_EXECUTION_FAILURE",
                f"The deployment failed because a lifecycle event hook failed: {event.name}. "
                f"{message}",
            )

    def _install(self, run: Deployment, event: Event) -> None:
        """Start the replacement task set and wait until it is in a steady state."""
        service = t.cast("Service", run.service)
        for left_over in [other for other in service.deployments if other is not run.blue]:
            if left_over.status != "DRAINING":
                self._task_sets.end(service, left_over)
        try:
            members = {**run.spec.members, "loadBalancers": [self._balancer(run, service)]}
            run.green = self._task_sets.add_green(service, members, run.id)
        except ApiError as refused:
            if refused.code.startswith("ELASTIC"):
                self._fail(run, refused.code, refused.message)
                return
            self._fail(
                run,
                "ECS_UPDATE_ERROR",
                f"The ECS service cannot be updated due to an unexpected error: {refused.message} "
                f"(Service: AmazonECS; Status Code: {refused.status}; Error Code: "
                f"{refused.code}; Request ID: {self._names.uuid()}; Proxy: null)",
            )
            return
        until = self._clock.now() + REPLACEMENT_TIMEOUT

        def look() -> None:
            green = t.cast("ecs.Deployment", run.green)
            run.updated = self._clock.now()
            if green.stable:
                self._succeed(run, event)
            elif green not in service.deployments or green.status == "DRAINING":
                self._fail(
                    run,
                    "ECS_UPDATE_ERROR",
                    f"The task set {green.id} was deleted by somebody else.",
                )
            elif self._clock.now() >= until:
                self._fail(
                    run,
                    "TIMEOUT",
                    "The deployment timed out while waiting for the replacement task set to "
                    "become healthy. This time out period is 60 minutes.",
                )
            else:
                self._after(run, event, LOOKS_AGAIN_AFTER, look)

        self._after(run, event, LOOKS_AGAIN_AFTER, look)

    def _balancer(self, run: Deployment, service: Service) -> Document:
        """The target group of the pair that does not have the traffic."""
        balancers = service.members["loadBalancers"]
        arn = balancers[0].get("targetGroupArn", "") if balancers else ""
        blue = arn.split("/")[1] if arn.count("/") > 1 else ""
        self._arns[blue] = arn
        if blue not in run.group.target_groups:
            raise ApiError(
                "ELASTIC_LOAD_BALANCING_INVALID",
                f"The target group {blue or 'none'} of the primary task set is not one of the "
                f"deployment group: {', '.join(run.group.target_groups)}.",
            )
        green = next((name for name in run.group.target_groups if name != blue), blue)
        return {
            "targetGroupArn": self._target_group_arn(green, arn),
            "containerName": run.spec.container,
            "containerPort": run.spec.port,
        }

    def _target_group_arn(self, name: str, other: str) -> str:
        """The ARN of a target group of the same load balancer as another one."""
        made = f"{other.split('/')[0]}/{name}/{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        return self._find_target_group(name) or self._arns.get(name, made)

    def _is_paused(self, run: Deployment) -> bool:
        """Wait for ContinueDeployment, where the group says so. Return True if it waits."""
        seconds = run.group.ready_wait
        if seconds is None or run.continued or run.undoes is not None:
            return False
        run.status, run.updated, run.waits_for = "Ready", self._clock.now(), "READY_WAIT"

        def go_on() -> None:
            run.waits_for, run.resume = "", None
            run.status, run.continued = "InProgress", True
            self._next(run)

        def expire() -> None:
            if run.status == "Ready" and not run.halted:
                error = {
                    "code": "TIMEOUT",
                    "message": "The deployment was stopped because the wait time for rerouting "
                    "traffic expired.",
                }
                self._end(run, "Stopped", error, _rolls_back(run, "DEPLOYMENT_FAILURE"))

        run.resume = go_on
        self._clock.after(seconds, expire)
        return True

    def _shift(self, run: Deployment, event: Event, shifts: list[tuple[float, float]]) -> None:
        """Give green its traffic, step by step; the last step makes it PRIMARY."""
        (percent, seconds), rest = shifts[0], shifts[1:]

        def shifted() -> None:
            run.weight, run.updated = percent, self._clock.now()
            if rest:
                self._after(run, event, seconds, lambda: self._shift(run, event, rest))
                return
            self._task_sets.make_primary(
                t.cast("Service", run.service), t.cast("ecs.Deployment", run.green)
            )
            self._succeed(run, event)

        self._after(run, event, SHIFT_TAKES, shifted)

    def _wait_for_termination(self, run: Deployment) -> None:
        run.terminating, run.waits_for, run.updated = True, "TERMINATION_WAIT", self._clock.now()

        def terminate() -> None:
            if run.goes_on and run.waits_for:
                run.waits_for, run.resume = "", None
                service, blue = t.cast("Service", run.service), run.blue
                if blue is not None and blue in service.deployments:
                    self._task_sets.end(service, blue)
                self._clock.after(LOOKS_AGAIN_AFTER, lambda: self._end_well(run))

        run.resume = terminate
        wait = run.group.termination_wait if run.undoes is None else 0.0
        self._clock.after(wait, terminate)

    def _end_well(self, run: Deployment) -> None:
        if run.goes_on:
            run.status, run.completed, run.updated = (
                "Succeeded",
                self._clock.now(),
                self._clock.now(),
            )
            run.group.successful, run.group.revision = run, run.spec

    def _fail(self, run: Deployment, code: str, message: str) -> None:
        event = run.event
        if event is not None:
            event.end(
                "Failed", self._clock.now(), {"errorCode": "UnknownError", "message": message}
            )
        error = {"code": code, "message": message}
        self._end(run, "Failed", error, _rolls_back(run, "DEPLOYMENT_FAILURE"))

    def _end(self, run: Deployment, status: str, error: Document, rolls_back: bool) -> None:
        """End a deployment without success. Its task sets stay as they are."""
        if not run.active:
            return
        now = self._clock.now()
        run.status, run.completed, run.updated, run.error = status, now, now, error
        run.halted, run.waits_for, run.resume = True, "", None
        for event in run.events:
            if event.status == "InProgress":
                event.end("Failed", now, {"errorCode": "UnknownError", "message": error["message"]})
            elif event.status == "Pending":
                event.status = "Skipped"
        if rolls_back and run.undoes is None and run.service is not None:
            self._clock.after(self.rollback_named_after, lambda: self._roll_back(run))

    def _roll_back(self, run: Deployment) -> None:
        service, group = t.cast("Service", run.service), run.group
        other = self.active_of(group)
        spec = group.revision
        if spec is None and run.blue is not None:
            spec = written(
                run.blue.settings["taskDefinition"], run.blue.settings["loadBalancers"][0]
            )
        if other is not None or spec is None or service.status != "ACTIVE":
            why = (
                f"the deployment {other.id} is active" if other else "there is nothing to return to"
            )
            run.rollback_info = {"rollbackMessage": f"No rollback was started: {why}."}
            return
        back = Deployment(
            self.new_id(),
            group,
            spec,
            group.members["deploymentConfigName"],
            self._clock.now(),
            creator="codeDeployRollback",
            rollback={"enabled": False, "events": []},
            undoes=run,
        )
        message = f"Deployment {run.id} is rolled back by deployment {back.id}."
        run.rollback_info = {"rollbackDeploymentId": back.id, "rollbackMessage": message}
        back.rollback_info = {"rollbackTriggeringDeploymentId": run.id, "rollbackMessage": message}
        self.begin(back)

    def _return_traffic(self, run: Deployment, undone: Deployment) -> None:
        """Give the traffic back to the original task set and end the replacement."""
        service, blue = t.cast("Service", run.service), t.cast("ecs.Deployment", undone.blue)
        run.blue, run.green, run.weight = undone.green, blue, 100.0 - undone.weight
        for event in run.events:
            if event.name != "AllowTraffic":
                event.status = "Skipped"
        (event,) = [event for event in run.events if event.name == "AllowTraffic"]
        event.begin(self._clock.now())

        def shifted() -> None:
            run.weight = 100.0
            self._task_sets.make_primary(service, blue)
            event.end("Succeeded", self._clock.now(), {"errorCode": "Success", "message": ""})
            for task_set in service.deployments[:]:
                if task_set is not blue and task_set.status != "DRAINING":
                    self._task_sets.end(service, task_set)
            self._clock.after(LOOKS_AGAIN_AFTER, lambda: self._end_well(run))

        self._after(run, event, SHIFT_TAKES, shifted)


def _rolls_back(run: Deployment, event: str) -> bool:
    return bool(run.rollback.get("enabled")) and event in run.rollback.get("events", ())


def _can_return(undone: Deployment, service: Service) -> bool:
    """Return True if the original task set is there still."""
    return (
        undone.blue is not None
        and undone.blue in service.deployments
        and undone.blue.status != "DRAINING"
    )
