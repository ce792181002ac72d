# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Systems Manager about parameters, never for what a SecureString holds."""

from __future__ import annotations

import typing as t

from .api import Api

BATCH: t.Final = 10
"""How many parameters one GetParameters takes."""


class Parameters(Api):
    """The API of Systems Manager. ``client`` is boto3's for ``ssm``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "ssm")

    def types(self, references: t.Sequence[str]) -> dict[str, str]:
        """GetParameters without decryption: the type of each that exists, at most ten.

        Parameters are asked for by name or ARN. The values that come along are dropped here.
        """
        answer = self.call(
            "GetParameters",
            f"parameters {', '.join(references)}",
            Names=list(references),
            WithDecryption=False,
        )
        # The version or label of NAME:3 stands apart in the answer.
        types = {
            f"{reference}{selector}": parameter["Type"]
            for parameter in answer["Parameters"]
            for reference in (parameter.get("ARN"), parameter["Name"])
            for selector in ("", parameter.get("Selector") or "")
            if reference
        }
        return {reference: types[reference] for reference in references if reference in types}
