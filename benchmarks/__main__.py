# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the collection beside its peers and hold it against its goals: a table, and JSON on
request.

Without names, all measurements run but those of 100 and 10,000 services, which take an hour.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import typing as t

from ansible_collections.steadystate.ecs.benchmarks import drift, measure, tools

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.steadystate.ecs.benchmarks.measure import Result

JOBS: dict[str, Callable[[int], Result]] = {
    **tools.JOBS,
    "drift": lambda turns: drift.measured(1000, turns, declared=False),
    "drift-declared": lambda turns: drift.measured(1000, turns, declared=True),
    "drift-10000": lambda turns: drift.measured(10_000, turns, declared=False),
    "drift-10000-declared": lambda turns: drift.measured(10_000, turns, declared=True),
}
LONG = ("100-services", "drift-10000", "drift-10000-declared")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of {', '.join(JOBS)}")
    parser.add_argument(
        "--turns", type=int, default=7, help="turns that count, after one that does not"
    )
    parser.add_argument("--json", type=pathlib.Path, help="also write every run to this file")
    options = parser.parse_args()
    if unknown := set(options.names) - JOBS.keys():
        parser.error(f"unknown {', '.join(sorted(unknown))}; the names are {', '.join(JOBS)}")
    results = []
    for name in options.names or [name for name in JOBS if name not in LONG]:
        results.append(JOBS[name](options.turns))
        print(f"{measure.table(results[-1:])}\n\n{measure.goals(results[-1:])}\n", flush=True)
    if options.json:
        options.json.write_text(
            json.dumps(measure.as_document(results), indent=1), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
