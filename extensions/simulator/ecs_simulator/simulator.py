# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator inside this process, for tests."""

from __future__ import annotations

import threading
import typing as t

from .control import Control
from .server import Server
from .world import World

if t.TYPE_CHECKING:
    import types


class Simulator:
    """`with Simulator() as simulator:` listens on a free port of 127.0.0.1 until the block ends."""

    def __init__(self, *, region: str = "eu-west-1", account: str = "111122223333", seed: int = 1, speed: float = 1.0, port: int = 0) -> None:
        self.region = region
        self.world = World(region=region, account=account, seed=seed, speed=speed)
        self._server = Server(self.world, port)
        self.url = self._server.url
        self.control = Control(self.url)
        self._session: t.Any = None

    def client(self, service: str = "ecs", **options: t.Any) -> t.Any:
        """A boto3 client of the simulator, with made-up credentials."""
        if self._session is None:
            import boto3

            # One session for all clients: it reads the models of the API once.
            self._session = boto3.Session(aws_access_key_id="simulator", aws_secret_access_key="simulator", region_name=self.region)
        return self._session.client(service, endpoint_url=self.url, **options)

    def warm_up(self, services: t.Iterable[str]) -> None:
        """Load what the first clients and requests would: for a process that is about to fork others."""
        for service in ("ecs", *services):
            self.client(service)
        self.world.call("ListClusters", {})
        self._server.elsewhere.warm_up(services)

    def __enter__(self) -> Simulator:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: types.TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
