# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose credentials these are, as the Security Token Service tells everybody who has some."""

from __future__ import annotations

import typing as t

from .api import Api


def account(client: t.Any) -> str:
    """GetCallerIdentity: the account. ``client`` is boto3's client for ``sts``; the call needs no permission."""
    return str(Api(client, "sts").call("GetCallerIdentity", "the caller")["Account"])
