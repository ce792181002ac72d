# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of the ECS API: of one call, and of calls in an account and Region."""

from __future__ import annotations

import dataclasses
import typing as t

SERVICES_PER_CALL: t.Final = 10
"""How many services one DescribeServices takes."""

TASKS_PER_CALL: t.Final = 100
"""How many tasks one DescribeTasks takes."""


@dataclasses.dataclass(frozen=True)
class Bucket:
    """A token bucket: ``burst`` calls at once, then ``rate`` calls a second.

    Its operations share it.
    """

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
"""The buckets of the operations that this collection calls, as AWS publishes them.

ECS API reference, "Request throttling for the Amazon ECS API".
AWS raises them on request, and whatever else runs in the account takes from them, too.
"""


def bucket_of(operation: str) -> Bucket | None:
    """The bucket that an operation takes from; ``None`` for one that is not listed."""
    return next((bucket for bucket in BUCKETS if operation in bucket.operations), None)


def at_rate(bucket: Bucket, rate: float | None) -> Bucket:
    """Return the bucket limited to ``rate`` calls a second, if there is a rate.

    A lower rate shrinks the burst in proportion.
    """
    if rate is None:
        return bucket
    return dataclasses.replace(bucket, rate=rate, burst=bucket.burst * min(1.0, rate / bucket.rate))
