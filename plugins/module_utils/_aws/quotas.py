# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Service Quotas: how much the account may have."""

from __future__ import annotations

import typing as t

from .api import Api


class Quotas(Api):
    """The API of Service Quotas. ``client`` is boto3's for ``service-quotas``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "servicequotas")

    def quota(self, service: str, code: str) -> float:
        """GetServiceQuota: the value that holds for this account and region."""
        answer = self.call(
            "GetServiceQuota", f"quota {code} of {service}", ServiceCode=service, QuotaCode=code
        )
        return float(answer["Quota"]["Value"])
