# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read events from a file, a line each, in place of ansible.eda's source.

That collection is on Galaxy only.
"""

from __future__ import annotations

import json
import pathlib
import typing as t

if t.TYPE_CHECKING:
    import asyncio


async def main(queue: asyncio.Queue[t.Any], args: dict[str, t.Any]) -> None:
    """The name of the queue is the path of the file."""
    lines = pathlib.Path(args["name"]).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        await queue.put({"body": json.loads(line), "meta": {"MessageId": str(number)}})
