# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the client arguments for a profile or an assumed role."""

from __future__ import annotations

import typing as t

from .api import Api

Credentials = dict[str, t.Any]

SESSION: t.Final = "steadystate-ecs-inventory"


def of_profile(name: str) -> Credentials:
    """Return the credentials of a profile, with those of the connection emptied."""
    return {
        "profile_name": name,
        "aws_access_key_id": None,
        "aws_secret_access_key": None,
        "aws_session_token": None,
    }


def of_role(sts: t.Any, arn: str, external_id: str | None = None) -> Credentials:
    """AssumeRole by boto3's client for ``sts``: temporary credentials of the role."""
    external: Credentials = {"ExternalId": external_id} if external_id else {}
    given = Api(sts, "sts").call(
        "AssumeRole", f"role {arn}", RoleArn=arn, RoleSessionName=SESSION, **external
    )["Credentials"]
    return {
        "profile_name": None,
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
