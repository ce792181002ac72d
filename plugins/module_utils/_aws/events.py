# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way to the rules of EventBridge, which are older than its Scheduler and run tasks, too."""

from __future__ import annotations

import typing as t

from .._rules.errors import AwsError
from .api import Api

Answer = dict[str, t.Any]


class Events:
    """Calls of the EventBridge API as methods. ``client`` is boto3's client for ``events``."""

    def __init__(self, client: t.Any) -> None:
        self._api = Api(client, "events")

    def buses(self) -> list[str]:
        """ListEventBuses: their names."""
        return [bus["Name"] for bus in self._pages("ListEventBuses", "all event buses", "EventBuses")]

    def rule_names(self, bus: str, target: str) -> list[str]:
        """ListRuleNamesByTarget: the rules of a bus that have this target."""
        return self._pages("ListRuleNamesByTarget", f"target {target} of event bus {bus}", "RuleNames", EventBusName=bus, TargetArn=target)

    def targets(self, bus: str, rule: str) -> list[Answer]:
        """ListTargetsByRule; a rule that is gone has none."""
        try:
            return self._pages("ListTargetsByRule", f"rule {rule} of event bus {bus}", "Targets", EventBusName=bus, Rule=rule)
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return []
            raise

    def _pages(self, operation: str, resource: str, member: str, /, **request: t.Any) -> list[t.Any]:
        return self._api.pages(operation, resource, member, token="NextToken", **request)
