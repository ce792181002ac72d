# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to get into another account: the arguments of a client that has a profile or an assumed role."""

from __future__ import annotations

import typing as t

try:
    import botocore
    import botocore.exceptions
except ImportError:
    pass  # amazon.aws says so to the user

from .errors import translated

Credentials = dict[str, t.Any]

SESSION: t.Final = "steadystate-ecs-inventory"


def of_profile(name: str) -> Credentials:
    """The credentials of a profile; those of the connection must not stand beside them."""
    return {"profile_name": name, "aws_access_key_id": None, "aws_secret_access_key": None, "aws_session_token": None}


def of_role(sts: t.Any, arn: str, external_id: str | None = None) -> Credentials:
    """AssumeRole by boto3's client for ``sts``: temporary credentials of the role."""
    try:
        answer = sts.assume_role(RoleArn=arn, RoleSessionName=SESSION, **({"ExternalId": external_id} if external_id else {}))
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        raise translated(error, "sts:AssumeRole", f"role {arn}") from error
    given = answer["Credentials"]
    return {
        "profile_name": None,
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
