# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module or a plugin gets to ECS: through the client that amazon.aws makes from its connection options."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.common import set_collection_info

from . import identity
from .ecr import Registry
from .events import Events
from .gateway import Gateway
from .logs import Logs
from .pacing import Pacer
from .scheduler import Scheduler

set_collection_info(collection_name="steadystate.ecs", collection_version="0.1.0")


class HasClient(t.Protocol):
    """What is needed of AnsibleAWSModule or an AWS plugin base."""

    @property
    def client(self) -> t.Callable[..., t.Any]: ...


def ecs(plugin: HasClient, **connection: t.Any) -> Gateway:
    """The gateway to ECS with the connection options of a module or plugin, but for what ``connection`` says; asks AWS nothing yet."""
    return Gateway(plugin.client("ecs", **connection))


def account(plugin: HasClient) -> str:
    """The account of the credentials."""
    return identity.account(plugin.client("sts"))


def fleet(plugin: HasClient, pacer: Pacer, *, threads: int) -> Gateway:
    """The gateway for many calls at once: one client that twice so many ``threads`` share, half of them for task definitions. ``pacer`` lets its calls pass.

    Behind the pacer are the SDK's adaptive retries: its other modes give up under the published quotas of ECS when eight threads call.
    """
    client = plugin.client("ecs", config={"retries": {"mode": "adaptive", "total_max_attempts": 10}, "max_pool_connections": 2 * threads})
    pacer.attach(client)
    return Gateway(client)


def registry(plugin: HasClient) -> Registry:
    """The gateway to ECR with the same options, in the region of each repository; it connects only when images are looked up."""
    return Registry(lambda region: plugin.client("ecr", region=region))


def events(plugin: HasClient) -> Events:
    """The gateway to the rules of EventBridge with the same options; asks AWS nothing yet."""
    return Events(plugin.client("events"))


def logs(plugin: HasClient) -> Logs:
    """The gateway to CloudWatch Logs with the same options; it connects only when a log is read."""
    return Logs(lambda: plugin.client("logs"))


def scheduler(plugin: HasClient) -> Scheduler:
    """The gateway to EventBridge Scheduler with the same options; asks AWS nothing yet."""
    return Scheduler(plugin.client("scheduler"))
