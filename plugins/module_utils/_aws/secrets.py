# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Secrets Manager about secrets, never for their values."""

from __future__ import annotations

import typing as t

from .api import Api

SHOWN: t.Final = ("ARN", "Name", "KmsKeyId", "DeletedDate", "VersionIdsToStages")
"""Members that are kept of a description."""


class Secrets(Api):
    """The API of Secrets Manager. ``client`` is boto3's for ``secretsmanager``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "secretsmanager")

    def secret(self, reference: str) -> dict[str, t.Any]:
        """DescribeSecret: names, versions and key. NotFoundError when there is none."""
        answer = self.call("DescribeSecret", f"secret {reference}", SecretId=reference)
        return {name: answer[name] for name in SHOWN if name in answer}
