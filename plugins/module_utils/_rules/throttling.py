# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the ECS API takes: in one call, and of calls by the token buckets of an account and region."""

from __future__ import annotations

import dataclasses
import typing as t

SERVICES_PER_CALL: t.Final = 10
"""How many services one DescribeServices takes."""

TASKS_PER_CALL: t.Final = 100
"""How many tasks one DescribeTasks takes."""


@dataclasses.dataclass(frozen=True)
class Bucket:
    """So many calls at once (``burst``), and so many a second after that (``rate``); the operations of a bucket share it."""

    operations: frozenset[str]
    burst: float
    rate: float


def _bucket(burst: float, rate: float, *operations: str) -> Bucket:
    return Bucket(frozenset(operations), burst, rate)


BUCKETS: t.Final = (
    _bucket(50, 20, "DescribeClusters", "ListClusters"),
    _bucket(20, 1, "DeregisterTaskDefinition", "RegisterTaskDefinition"),
    _bucket(50, 20, "DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies"),
    _bucket(5, 1, "DeleteTaskDefinitions"),
    _bucket(20, 10, "TagResource", "UntagResource"),
    _bucket(100, 40, "RunTask", "StopTask"),
    _bucket(100, 20, "DescribeTasks", "ListTasks"),
    _bucket(50, 5, "CreateService", "DeleteService", "UpdateService"),
    _bucket(100, 20, "DescribeServices", "ListServices"),
    _bucket(50, 20, "DescribeServiceDeployments", "ListServiceDeployments"),
    _bucket(50, 20, "DescribeServiceRevisions"),
)
"""As AWS publishes them (ECS API reference, "Request throttling for the Amazon ECS API"), those of the operations that this collection calls.

AWS raises them on request, and whatever else runs in the account takes from them, too.
"""


def bucket_of(operation: str) -> Bucket | None:
    """The bucket that an operation takes from; ``None`` for one that is not listed."""
    return next((bucket for bucket in BUCKETS if operation in bucket.operations), None)


def at_rate(bucket: Bucket, rate: float | None) -> Bucket:
    """The bucket as a user wants it used: at another rate, of a lower one with a burst that is as much smaller; ``None`` leaves it as it is."""
    if rate is None:
        return bucket
    return dataclasses.replace(bucket, rate=rate, burst=bucket.burst * min(1.0, rate / bucket.rate))
