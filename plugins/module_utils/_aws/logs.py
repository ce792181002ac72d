# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call CloudWatch Logs: the end of a container's log stream."""

from __future__ import annotations

import functools
import typing as t

from .._rules.errors import NotFoundError
from .api import Api

EMPTY_PAGES: t.Final = 5
"""Pages without events before the last ones that are passed over."""


def _earlier(read: t.Callable[..., t.Any], answer: dict[str, t.Any]) -> list[t.Any]:
    """Return the last events before a page without any.

    Such a page is not the end of a stream.
    """
    token = answer.get("nextBackwardToken")
    for dummy in range(EMPTY_PAGES if token else 0):
        page = read(nextToken=token, startFromHead=False)
        if page["events"] or page.get("nextBackwardToken") in (None, token):
            return t.cast("list[t.Any]", page["events"])
        token = page["nextBackwardToken"]
    return []


class Logs(Api):
    """The API of CloudWatch Logs.

    ``client`` is boto3's for ``logs``, or makes it when it is needed: few deployments fail.
    """

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "logs")

    def events(
        self, group: str, stream: str, token: str | None, most: int
    ) -> tuple[list[str], str] | None:
        """GetLogEvents: lines of a log stream, and the token for what follows.

        The oldest first. Without a ``token`` the last ``most`` lines. ``None`` when there is no
        such group or stream.
        """
        read = functools.partial(
            self.call,
            "GetLogEvents",
            f"log stream {group} {stream}",
            logGroupName=group,
            logStreamName=stream,
            limit=most,
        )
        try:
            if token:
                answer = read(nextToken=token, startFromHead=True)
            else:
                answer = read(startFromHead=False)
                answer["events"] = answer["events"] or _earlier(read, answer)
        except NotFoundError:
            return None
        lines = [line for event in answer["events"] for line in event["message"].splitlines()]
        return lines if token else lines[-most:], answer.get("nextForwardToken") or token or ""

    def tail(self, group: str, stream: str, most: int) -> list[str] | None:
        """GetLogEvents: the last ``most`` lines of a log stream, oldest first.

        ``None`` when there is no such group or stream.
        """
        found = self.events(group, stream, None, most)
        return found and found[0]

    def has_group(self, name: str) -> bool:
        """DescribeLogGroups by prefix: whether there is a group of exactly this name."""
        found = self.pages(
            "DescribeLogGroups", f"log group {name}", "logGroups", logGroupNamePrefix=name, limit=50
        )
        return any(group["logGroupName"] == name for group in found)
