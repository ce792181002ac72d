# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call IAM: who may assume a role, and what a principal may do."""

from __future__ import annotations

import typing as t

from .._rules.documents import Document
from .api import Api


class Iam(Api):
    """The API of IAM. ``client`` is boto3's for ``iam``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "iam")

    def role(self, name: str) -> Document:
        """GetRole: the role with its trust policy. NotFoundError when there is none."""
        found: Document = self.call("GetRole", f"role {name}", RoleName=name)["Role"]
        return found

    def simulate(
        self,
        principal: str,
        actions: t.Sequence[str],
        resources: t.Sequence[str],
        context: t.Mapping[str, str],
    ) -> list[Document]:
        """SimulatePrincipalPolicy: an evaluation of each action, with its resources.

        ``context`` gives the condition keys that the real call has. Resource-based policies are
        not asked.
        """
        entries = [
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in context.items()
        ]
        return self.pages(
            "SimulatePrincipalPolicy",
            f"principal {principal}",
            "EvaluationResults",
            token="Marker",
            PolicySourceArn=principal,
            ActionNames=list(actions),
            ResourceArns=list(resources),
            ContextEntries=entries,
        )
