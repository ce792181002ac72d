# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose credentials these are, as the Security Token Service tells everybody who has some."""

from __future__ import annotations

import typing as t

try:
    import botocore
    import botocore.exceptions
except ImportError:
    pass  # the amazon.aws bases say so to the user

from .errors import translated


def account(client: t.Any) -> str:
    """GetCallerIdentity: the account. ``client`` is boto3's client for ``sts``; the call needs no permission."""
    try:
        return str(client.get_caller_identity()["Account"])
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        raise translated(error, "sts:GetCallerIdentity", "the caller") from error
