# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle stages, traffic weights and hooks of native deployments.

These are BLUE_GREEN, CANARY and LINEAR ones.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import typing as t

from .errors import invalid_parameter
from .failures import hook_failure, stopped_by

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .clock import Clock
    from .deployments import Deployment
    from .failures import Failure
    from .names import Names
    from .service_deployments import ServiceDeployment
    from .services import Service

Document = dict[str, t.Any]

STAGE_TAKES = 10.0
SHIFT_TAKES = 30.0
HOOK_ANSWERS_AFTER = 5.0
# A hook that answers IN_PROGRESS is asked again.
HOOK_ASKED_AGAIN_AFTER = 30.0
HOOK_ANSWERS = ("SUCCEEDED", "FAILED", "IN_PROGRESS")
_TIMEOUT = {"timeoutInMinutes": 1440, "action": "ROLLBACK"}
# Hooks know this stage; `lifecycleStage` of a service deployment has no such value.
NOT_SHOWN = "PRE_PRODUCTION_TRAFFIC_SHIFT"


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a deployment, with the percentages that the new revision gets.

    `seconds` None lasts until the tasks are healthy, or the old ones gone.
    """

    stage: str
    seconds: float | None = STAGE_TAKES
    production: float = 0.0
    test: float = 0.0


def plan(configuration: Document, *, reconciles: bool) -> Iterator[Step]:
    """Return the steps of a deployment in order.

    `reconciles`: it took over from one that had not ended.
    """
    if reconciles:
        yield Step("RECONCILE_SERVICE")
    yield from (Step("PRE_SCALE_UP"), Step("SCALE_UP", None), Step("POST_SCALE_UP"))
    yield from (
        Step("TEST_TRAFFIC_SHIFT", SHIFT_TAKES, test=100.0),
        Step("POST_TEST_TRAFFIC_SHIFT", test=100.0),
    )
    before = 0.0
    for percent, seconds in _shifts(configuration):
        yield Step(NOT_SHOWN, 0.0, before, 100.0)
        yield Step("PRODUCTION_TRAFFIC_SHIFT", SHIFT_TAKES + seconds, percent, 100.0)
        before = percent
    yield Step("POST_PRODUCTION_TRAFFIC_SHIFT", STAGE_TAKES, 100.0, 100.0)
    yield Step("BAKE_TIME", 60.0 * configuration["bakeTimeInMinutes"], 100.0, 100.0)
    yield Step("CLEAN_UP", None, 100.0, 100.0)


def _shifts(configuration: Document) -> Iterator[tuple[float, float]]:
    """Return the steps of production traffic in percent, and the seconds of each."""
    if configuration["strategy"] == "CANARY":
        canary = configuration["canaryConfiguration"]
        if canary["canaryPercent"] < 100:
            yield canary["canaryPercent"], 60.0 * canary["canaryBakeTimeInMinutes"]
    elif configuration["strategy"] == "LINEAR":
        linear, number = configuration["linearConfiguration"], 1
        while number * linear["stepPercent"] < 100:
            yield round(number * linear["stepPercent"], 1), 60.0 * linear["stepBakeTimeInMinutes"]
            number += 1
    yield 100.0, 0.0


class Lifecycle:
    """Lifecycle hooks and what they answer.

    `answers` are by patterns of ARNs; the last match counts, and SUCCEEDED if there is none.
    """

    def __init__(
        self,
        clock: Clock,
        names: Names,
        *,
        allow_starts: Callable[[Service, Deployment], None],
        fail: Callable[[ServiceDeployment, Failure], None],
        roll_back: Callable[[ServiceDeployment, Failure], None],
    ) -> None:
        self._clock = clock
        self._names = names
        self._allow_starts = allow_starts
        self._fail = fail
        self._roll_back = roll_back
        self._paused: dict[str, Callable[[str], None]] = {}
        self._answers: dict[str, str] = {}

    def set_hook(self, target: str, status: str) -> None:
        if status not in HOOK_ANSWERS:
            raise ValueError(f"status must be one of {', '.join(HOOK_ANSWERS)}, not {status}")
        self._answers.pop(target, None)
        self._answers[target] = status

    def answer_of(self, target: str) -> str:
        """Return what the function of a hook answers."""
        return next(
            (
                answer
                for pattern, answer in reversed(self._answers.items())
                if fnmatch.fnmatchcase(target, pattern)
            ),
            "SUCCEEDED",
        )

    def begin(self, record: ServiceDeployment) -> None:
        completed = record.service.completed
        reconciles = any(
            deployment not in (record.target, completed)
            for deployment in record.service.deployments
        )
        record.steps = list(plan(record.configuration, reconciles=reconciles))
        self._enter(record)

    def proceed(self, record: ServiceDeployment, stage: str) -> None:
        """The stage that waited for tasks has what it waited for."""
        if record.steps and record.steps[0].stage == stage:
            self._leave(record, record.steps[0])

    def proceed_hook(self, record: ServiceDeployment, hook_id: str, action: str) -> None:
        """ContinueServiceDeployment."""
        if not any(
            hook["hookId"] == hook_id and hook["status"] == "AWAITING_ACTION"
            for hook in record.hooks
        ):
            raise invalid_parameter(f"The lifecycle hook {hook_id} does not await an action.")
        self._paused.pop(hook_id)(action)

    def _enter(self, record: ServiceDeployment) -> None:
        if record.status != "IN_PROGRESS":
            return
        step = record.steps[0]
        record.stage = record.stage if step.stage == NOT_SHOWN else step.stage
        record.production, record.test, record.updated = (
            step.production,
            step.test,
            self._clock.now(),
        )
        hooks = [
            hook
            for hook in record.configuration.get("lifecycleHooks", ())
            if step.stage in hook.get("lifecycleStages", ())
        ]
        self._run_hooks(record, step, hooks)

    def _run_hooks(self, record: ServiceDeployment, step: Step, hooks: list[Document]) -> None:
        """All at once; when the last one is done, the stage itself."""
        waiting = [self._detail(hook, self._clock.now()) for hook in hooks]
        record.hooks += waiting
        if not waiting:
            self._run(record, step)

        def done(detail: Document) -> None:
            detail["status"] = "SUCCEEDED"
            waiting.remove(detail)
            if not waiting:
                self._run(record, step)

        for detail in list(waiting):
            self._run_hook(record, step, detail, functools.partial(done, detail))

    def _detail(self, hook: Document, now: float) -> Document:
        """Return a hook as DescribeServiceDeployments shows it."""
        timeout = {**_TIMEOUT, **hook.get("timeoutConfiguration", {})}
        pauses = hook.get("targetType") == "PAUSE"
        return {
            "hookId": self._names.uuid(),
            "targetType": hook.get("targetType", "AWS_LAMBDA"),
            **({} if pauses else {"targetArn": hook.get("hookTargetArn", "")}),
            "status": "AWAITING_ACTION" if pauses else "IN_PROGRESS",
            "expiresAt": now + 60.0 * timeout["timeoutInMinutes"],
            "timeoutAction": timeout["action"],
        }

    def _run_hook(
        self, record: ServiceDeployment, step: Step, detail: Document, done: Callable[[], None]
    ) -> None:

        def act(action: str) -> None:
            if action == "CONTINUE":
                done()
                return
            detail["status"] = "FAILED"
            self._roll_back(record, stopped_by("ContinueServiceDeployment", record.target))

        if detail["targetType"] == "PAUSE":
            self._paused[detail["hookId"]] = act
            self._clock.after(
                detail["expiresAt"] - self._clock.now(),
                lambda: self._expire(record, step, detail, done),
            )
        else:
            self._clock.after(HOOK_ANSWERS_AFTER, lambda: self._ask(record, step, detail, done))

    def _ask(
        self, record: ServiceDeployment, step: Step, detail: Document, done: Callable[[], None]
    ) -> None:
        if record.status != "IN_PROGRESS":
            return
        target = detail["targetArn"]
        status = self.answer_of(target)
        if status == "FAILED":
            detail["status"] = "FAILED"
            self._fail(
                record,
                hook_failure(
                    step.stage, f"failed. Lifecycle hook target {target} returned FAILED status."
                ),
            )
        elif status == "SUCCEEDED":
            done()
        elif self._clock.now() >= detail["expiresAt"]:
            self._expire(record, step, detail, done)
        else:
            self._clock.after(HOOK_ASKED_AGAIN_AFTER, lambda: self._ask(record, step, detail, done))

    def _expire(
        self, record: ServiceDeployment, step: Step, detail: Document, done: Callable[[], None]
    ) -> None:
        if record.status != "IN_PROGRESS" or detail["status"] not in (
            "AWAITING_ACTION",
            "IN_PROGRESS",
        ):
            return
        self._paused.pop(detail["hookId"], None)
        if detail["timeoutAction"] == "CONTINUE":
            done()
        else:
            self._fail(record, hook_failure(step.stage, "timed out."))
        detail["status"] = "TIMED_OUT"

    def _run(self, record: ServiceDeployment, step: Step) -> None:
        if step.seconds is not None:
            self._clock.after(step.seconds, lambda: self._leave(record, step))
        else:
            self._allow_starts(record.service, record.target)

    def _leave(self, record: ServiceDeployment, step: Step) -> None:
        if record.status == "IN_PROGRESS" and record.steps[0] is step and len(record.steps) > 1:
            del record.steps[0]
            self._enter(record)
