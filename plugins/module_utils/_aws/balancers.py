# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Elastic Load Balancing: target groups and listener rules."""

from __future__ import annotations

import typing as t

from .._rules.documents import Document
from .api import Api

BATCH: t.Final = 20
"""How many target groups, rules or listeners are asked for at once."""


class Balancers(Api):
    """The API of Elastic Load Balancing (v2). ``client`` is boto3's for ``elbv2``.

    AWS refuses the whole of a question with NotFoundError where one thing in it does not exist.
    """

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "elasticloadbalancing")

    def target_groups(self, arns: t.Sequence[str]) -> dict[str, Document]:
        """DescribeTargetGroups: those of at most ``BATCH`` ARNs."""
        return self._named("DescribeTargetGroups", "TargetGroups", "TargetGroupArn", arns)

    def rules(self, arns: t.Sequence[str]) -> dict[str, Document]:
        """DescribeRules: those of at most ``BATCH`` ARNs."""
        return self._named("DescribeRules", "Rules", "RuleArn", arns)

    def listeners(self, arns: t.Sequence[str]) -> dict[str, Document]:
        """DescribeListeners: those of at most ``BATCH`` ARNs."""
        return self._named("DescribeListeners", "Listeners", "ListenerArn", arns)

    def _named(
        self, operation: str, member: str, key: str, arns: t.Sequence[str]
    ) -> dict[str, Document]:
        asked = {f"{key}s": list(arns)}
        return {
            found[key]: found for found in self.call(operation, ", ".join(arns), **asked)[member]
        }
