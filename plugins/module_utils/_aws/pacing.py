# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pace calls to the published rate limits of ECS, so that none is throttled."""

from __future__ import annotations

import collections
import dataclasses
import threading
import typing as t

from .._rules.errors import ThrottledError, of_aws
from .._rules.throttling import Bucket, at_rate, bucket_of

if t.TYPE_CHECKING:
    from .._rules.clock import Clock

HEADROOM: t.Final = 0.995
"""The share of the rate that is used: ECS does not see a call at the moment we send it."""


@dataclasses.dataclass
class _Level:
    tokens: float
    seen: float


class Pacer:
    """Delay calls as the token buckets of the ECS API require, and count them.

    ``rate`` is how many calls a second each bucket gives, ``None`` as published; ``0`` does not
    wait. All clients that it is attached to share the buckets; the SDK's own retries are paced,
    too. Safe for threads.
    """

    def __init__(self, clock: Clock, rate: float | None = None) -> None:
        self._clock = clock
        self._rate = rate
        self._lock = threading.Lock()
        self._levels: dict[Bucket, _Level] = {}
        self.calls: collections.Counter[str] = collections.Counter()
        self.throttled = 0

    def attach(self, client: t.Any) -> None:
        """Pace the calls of boto3's client for ``ecs``."""
        client.meta.events.register("before-send.ecs", self._before_send)
        # First: the SDK's own handler answers, and whoever comes after it is not asked.
        client.meta.events.register_first("needs-retry.ecs", self._after_answer)

    def _before_send(self, event_name: str, **dummy: t.Any) -> None:
        operation = event_name.rpartition(".")[2]
        pause = self._take(operation)
        if pause > 0:
            self._clock.sleep(pause)

    def _after_answer(self, event_name: str, response: t.Any, **dummy: t.Any) -> None:
        if (
            response is None
            or of_aws(response[1].get("Error", {}).get("Code", "")) is not ThrottledError
        ):
            return
        with self._lock:
            self.throttled += 1
            bucket = bucket_of(event_name.rpartition(".")[2])
            if bucket in self._levels:
                # Somebody else takes from it, too: for ECS it is empty, so it is for us.
                self._levels[bucket].tokens = min(self._levels[bucket].tokens, 0.0)

    def _take(self, operation: str) -> float:
        """Take a token and return the seconds to wait for it.

        The bucket goes below zero, so that callers are served in their order.
        """
        with self._lock:
            self.calls[operation] += 1
            bucket = bucket_of(operation)
            if bucket is None or self._rate == 0:
                return 0.0
            paced = at_rate(bucket, self._rate)
            now = self._clock.monotonic()
            level = self._levels.setdefault(bucket, _Level(paced.burst, now))
            level.tokens = (
                min(paced.burst, level.tokens + (now - level.seen) * paced.rate * HEADROOM) - 1
            )
            level.seen = now
            return -level.tokens / (paced.rate * HEADROOM)
