# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the options of connections, however they are written."""

from __future__ import annotations

import typing as t

from .shape import BOOLEANS

if t.TYPE_CHECKING:
    from collections.abc import Mapping

ALIASES: t.Final = {
    "aws_access_key": "access_key",
    "aws_access_key_id": "access_key",
    "aws_endpoint_url": "endpoint_url",
    "aws_profile": "profile",
    "aws_region": "region",
    "aws_secret_access_key": "secret_key",
    "aws_secret_key": "secret_key",
    "aws_session_token": "session_token",
}
"""Other names of the options of amazon.aws."""


def options(given: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options that have a value, by their own names."""
    return {
        ALIASES.get(str(name), str(name)): value
        for name, value in given.items()
        if value is not None and value != ""
    }


def others(given: Mapping[str, t.Any], in_use: Mapping[str, t.Any]) -> list[str]:
    """Return the names of the given options that are different in use."""
    used = options(in_use)
    return [
        name
        for name, value in options(given).items()
        if name not in used or _meant(name, value) != _meant(name, used[name])
    ]


def _meant(name: str, value: t.Any) -> t.Any:
    if name == "endpoint_url":
        return str(value).rstrip("/").lower()
    if name in ("validate_certs", "debug_botocore_endpoint_logs"):
        return BOOLEANS.get(str(value).lower(), value)
    return value if isinstance(value, dict) else str(value)
