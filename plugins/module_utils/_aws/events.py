# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call EventBridge about rules, which run tasks as its Scheduler does."""

from __future__ import annotations

import typing as t

from .._rules import errors
from .._rules.documents import Document
from .._rules.errors import NotFoundError
from .api import Api, batches

_TOKEN: t.Final = "NextToken"


class Events(Api):
    """The API of EventBridge. ``client`` is boto3's for ``events``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "events")

    def buses(self) -> list[str]:
        """ListEventBuses: their names."""
        return [
            bus["Name"]
            for bus in self.pages("ListEventBuses", "all event buses", "EventBuses", token=_TOKEN)
        ]

    def rule_names(self, bus: str, target: str) -> list[str]:
        """ListRuleNamesByTarget: the rules of a bus that have this target."""
        resource = f"target {target} of event bus {bus}"
        return self.pages(
            "ListRuleNamesByTarget",
            resource,
            "RuleNames",
            token=_TOKEN,
            EventBusName=bus,
            TargetArn=target,
        )

    def targets(self, bus: str, rule: str) -> list[Document] | None:
        """ListTargetsByRule: its targets; ``None`` when there is no such rule or bus."""
        resource = f"rule {rule} of event bus {bus}"
        try:
            return self.pages(
                "ListTargetsByRule", resource, "Targets", token=_TOKEN, EventBusName=bus, Rule=rule
            )
        except NotFoundError:
            return None

    def put_targets(self, bus: str, rule: str, targets: t.Sequence[Document]) -> None:
        """PutTargets: replace these targets as a whole. Other targets of the rule stay.

        EventBridge answers calls that failed in part. Raises the error of the first target that
        it did not take.
        """
        resource = f"rule {rule} of event bus {bus}"
        for some in batches(targets, 10):
            answer = self.call("PutTargets", resource, EventBusName=bus, Rule=rule, Targets=some)
            failed = answer["FailedEntries"]
            if not failed and answer.get("FailedEntryCount"):
                count = f"{answer['FailedEntryCount']} of {len(some)} targets were not updated"
                raise errors.RejectedError(f"events:PutTargets on {resource} failed: {count}")
            for entry in failed:
                code, text = entry.get("ErrorCode") or "", entry.get("ErrorMessage") or ""
                raise errors.of_aws(code, text)(
                    f"events:PutTargets on target {entry['TargetId']} of {resource} failed with "
                    f"{code}: {text}",
                    code=code,
                )
