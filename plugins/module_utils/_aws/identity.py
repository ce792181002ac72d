# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out whose credentials these are."""

from __future__ import annotations

import typing as t

from .api import Api


def account(client: t.Any) -> str:
    """GetCallerIdentity by boto3's client for ``sts``: the account."""
    return str(Api(client, "sts").call("GetCallerIdentity", "the caller")["Account"])


def caller(client: t.Any) -> str:
    """GetCallerIdentity by boto3's client for ``sts``: the ARN of the principal."""
    return str(Api(client, "sts").call("GetCallerIdentity", "the caller")["Arn"])
