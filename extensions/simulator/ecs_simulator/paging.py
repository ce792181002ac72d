# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a listing: `maxResults`, and an opaque `nextToken`."""

from __future__ import annotations

import base64
import typing as t

from .errors import invalid_parameter

MOST_RESULTS = 100


def page(
    member: str, items: list[t.Any], request: dict[str, t.Any], *, default: int = MOST_RESULTS
) -> dict[str, t.Any]:
    """The page of `items` that the request asks for, under the name `member`."""
    size = request.get("maxResults", default)
    if not 1 <= size <= MOST_RESULTS:
        raise invalid_parameter(f"maxResults must be between 1 and {MOST_RESULTS}, not {size}.")
    start = _offset(request["nextToken"]) if request.get("nextToken") else 0
    answer: dict[str, t.Any] = {member: items[start : start + size]}
    if start + size < len(items):
        answer["nextToken"] = base64.urlsafe_b64encode(f"from:{start + size}".encode()).decode()
    return answer


def _offset(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from:"))
    except ValueError:
        raise invalid_parameter("Invalid token.") from None
