# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m ecs_simulator`: listen until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import typing as t

from .server import Server
from .world import World


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="ecs_simulator", description="A local Amazon ECS that moves in time."
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8087,
        help="port on 127.0.0.1; 0 takes a free one (default %(default)s)",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="virtual seconds per real second (default %(default)s)",
    )
    parser.add_argument("--region", default="eu-west-1", help="default %(default)s")
    parser.add_argument("--account", default="111122223333", help="default %(default)s")
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="the same seed and calls give the same identifiers (default %(default)s)",
    )
    options = parser.parse_args(arguments)
    world = World(
        region=options.region, account=options.account, seed=options.seed, speed=options.speed
    )
    with Server(world, options.port) as server:
        signal.signal(signal.SIGTERM, _leave)
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
    return 0


def _leave(dummy_signal: int, dummy_frame: t.Any) -> t.NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
