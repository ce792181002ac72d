# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many calls at a time, with their progress reported."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

Subject = t.TypeVar("Subject")
Result = t.TypeVar("Result")
Key = t.TypeVar("Key", bound=t.Hashable)


@dataclasses.dataclass(frozen=True)
class Parallel:
    """Threads that look at many things; progress goes to ``report`` in lines."""

    pool: concurrent.futures.Executor
    report: t.Callable[[str], None]

    def map(
        self, look: t.Callable[[Subject], Result], subjects: t.Collection[Subject], what: str
    ) -> t.Iterator[Result]:
        """Begin to look at all subjects, and return their results in order as they come."""
        return self._reported(self.pool.map(look, subjects), len(subjects), what)

    def _reported(self, results: t.Iterable[Result], count: int, what: str) -> t.Iterator[Result]:
        step = max(1, -(-count // 10))
        for number, result in enumerate(results, 1):
            if count > 1 and (number % step == 0 or number == count):
                self.report(f"{number} of {count} {what}")
            yield result


def batches(
    names_by_key: t.Mapping[Key, t.Sequence[str]], size: int
) -> list[tuple[Key, list[str]]]:
    """Cut the names of each cluster, or other key, into batches of at most ``size``."""
    return [
        (key, list(names[start : start + size]))
        for key, names in names_by_key.items()
        for start in range(0, len(names), size)
    ]
