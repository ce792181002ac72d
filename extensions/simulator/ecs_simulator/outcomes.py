# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose what becomes of a task by image tag or label `simulator.outcome`."""

from __future__ import annotations

import dataclasses
import re
import typing as t

OUTCOME_LABEL = "simulator.outcome"
SECONDS_LABEL = "simulator.seconds"

PULL_ERROR = "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: not found"
SECRETS_ERROR = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    "unable to retrieve secret from asm: service call has been retried 1 time(s): AccessDeniedException"
)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What becomes of a task, and after how many seconds; None means never.

    `runs_after` and `fails_after` count from the start, `exits_after` and `unhealthy_after`
    from RUNNING.
    """

    runs_after: float | None = 28
    fails_after: float | None = None
    start_error: str = ""
    exits_after: float | None = None
    exit_code: int = 0
    unhealthy_after: float | None = None
    container: str = ""


OK = Outcome()
# Seen on AWS with one task: a third crash after about 2 minutes, a third failed pull after 11
# minutes.
_BY_NAME = {
    "slow": Outcome(runs_after=240),
    "unpullable": Outcome(runs_after=None, fails_after=132, start_error=PULL_ERROR),
    "no-secret": Outcome(runs_after=None, fails_after=60, start_error=SECRETS_ERROR),
    "crash": Outcome(exits_after=4, exit_code=1),
    "unhealthy": Outcome(unhealthy_after=90),
    "hang": Outcome(runs_after=None),
}
_EXIT = re.compile(r"exit-(\d{1,3})")
SECONDS_OF_A_ONE_OFF_TASK = 30.0


def outcome_of(definition: dict[str, t.Any], *, one_off: bool) -> Outcome:
    """Return the outcome of the first container that is not ok."""
    containers = definition["containerDefinitions"]
    for container in containers:
        outcome = _of_container(container)
        if outcome is not OK:
            return outcome
    return (
        dataclasses.replace(
            OK, exits_after=_seconds(containers[0]), container=containers[0]["name"]
        )
        if one_off
        else OK
    )


def _of_container(container: dict[str, t.Any]) -> Outcome:
    image = container["image"]
    wanted = container.get("dockerLabels", {}).get(OUTCOME_LABEL) or _tag(image)
    exited = _EXIT.match(wanted)
    if exited:
        return Outcome(
            exits_after=_seconds(container), exit_code=int(exited[1]), container=container["name"]
        )
    for name, outcome in _BY_NAME.items():
        if wanted.startswith(name):
            return dataclasses.replace(
                outcome,
                start_error=outcome.start_error.format(image=image),
                container=container["name"],
            )
    return OK


def _tag(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def _seconds(container: dict[str, t.Any]) -> float:
    try:
        return float(
            container.get("dockerLabels", {}).get(SECONDS_LABEL, SECONDS_OF_A_ONE_OFF_TASK)
        )
    except ValueError:
        return SECONDS_OF_A_ONE_OFF_TASK
