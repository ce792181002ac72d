# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call AWS Lambda: whether a function can be invoked."""

from __future__ import annotations

import typing as t

from .api import Api


class Functions(Api):
    """The API of Lambda. ``client`` is boto3's for ``lambda``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "lambda")

    def state(self, arn: str) -> str:
        """GetFunction: the state of a function. NotFoundError when there is none.

        Its configuration has environment variables, which are dropped here.
        """
        found = self.call("GetFunction", f"function {arn}", FunctionName=arn)["Configuration"]
        return str(found.get("State") or "Active")
