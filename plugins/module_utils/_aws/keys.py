# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call KMS: whether a key can be used."""

from __future__ import annotations

import typing as t

from .api import Api


class Keys(Api):
    """The API of KMS. ``client`` is boto3's for ``kms``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "kms")

    def key(self, reference: str) -> dict[str, t.Any]:
        """DescribeKey, by id, alias or ARN. NotFoundError when there is none."""
        found: dict[str, t.Any] = self.call("DescribeKey", f"key {reference}", KeyId=reference)[
            "KeyMetadata"
        ]
        return found
