# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of a log are read, also when CloudWatch Logs shows them late."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._jobs.logs import tails
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import AccessDeniedError

STREAM: t.Final = {"container": "web", "group": "/ecs/web", "stream": "web/web/1"}
NO_LINES: t.Final = (
    "log of container web: log stream /ecs/web web/web/1 does not exist or has no lines"
)


class Logs:
    """Answers of CloudWatch Logs, one after the other, and a clock that only counts."""

    region = "eu-west-1"

    def __init__(self, *answers: list[str] | Exception | None) -> None:
        self._answers = list(answers)
        self.slept: list[float] = []

    def tail(self, group: str, stream: str, most: int) -> list[str] | None:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return sum(self.slept)


LATE: t.Final[list[tuple[tuple[list[str] | None, ...], list[list[str]], list[float]]]] = [
    ((["ready"],), [["ready"]], []),
    ((None, ["ready"]), [["ready"]], [3.0]),
    ((None, [], ["ready"]), [["ready"]], [3.0, 5.0]),
    ((None, None, None), [], [3.0, 5.0]),
]


@pytest.mark.parametrize(("answers", "lines", "slept"), LATE)
def test_a_log_that_is_late_is_read_again_after_a_pause(
    answers: tuple[list[str] | None, ...], lines: list[list[str]], slept: list[float]
) -> None:
    logs = Logs(*answers)
    read, unread = tails(logs, [STREAM], 5, clock=logs, late=(3.0, 5.0), expected=True)
    assert [tail["lines"] for tail in read] == lines
    assert unread == ([] if lines else [NO_LINES])
    assert logs.slept == slept


def test_an_empty_log_is_fine_where_no_lines_are_expected() -> None:
    assert tails(Logs([]), [STREAM], 5) == ([STREAM | {"lines": []}], [])


def test_a_log_that_may_not_be_read_is_told_with_the_missing_permission() -> None:
    denied = AccessDeniedError("denied", missing_action="logs:GetLogEvents")
    assert tails(Logs(denied), [STREAM], 5) == (
        [],
        ["log of container web: missing permission logs:GetLogEvents"],
    )
