# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator inside this process, for tests."""

from __future__ import annotations

import functools
import threading
import typing as t
import urllib.parse

from .application import Application, Request
from .control import Control
from .server import Server
from .world import World

if t.TYPE_CHECKING:
    import types
    from collections.abc import Iterable, Iterator


class Simulator:
    """Listens on a free port of 127.0.0.1 within a `with` block.

    Its own clients and its `control` call the application without HTTP, which takes half the time or less.
    """

    def __init__(
        self,
        *,
        region: str = "eu-west-1",
        account: str = "111122223333",
        seed: int = 1,
        speed: float = 1.0,
        port: int = 0,
    ) -> None:
        self.region = region
        self.world = World(region=region, account=account, seed=seed, speed=speed)
        self._server = Server(self.world, port)
        self._application = self._server.application
        self.url = self._server.url
        self.control: Control = _DirectControl(self.url, self._application)
        self._session: t.Any = None

    def client(self, service: str = "ecs", **options: t.Any) -> t.Any:
        """Return a boto3 client of the simulator, with made-up credentials."""
        if self._session is None:
            import boto3

            # One session for all clients: it reads the models of the API once.
            keys = {"aws_access_key_id": "simulator", "aws_secret_access_key": "simulator"}
            self._session = boto3.Session(**keys, region_name=self.region)
        client = self._session.client(service, endpoint_url=self.url, **options)
        client.meta.events.register("before-send", self._answer)
        if service == "ecs" and (client.meta.config.retries or {}).get("total_max_attempts") == 1:
            client.meta.events.register_last("before-call", self._call)
        return client

    def warm_up(self, services: Iterable[str]) -> None:
        """Load what first clients and requests need, before the process forks."""
        for service in ("ecs", *services):
            self.client(service)
        self.world.call("ListClusters", {})
        self._application.elsewhere.warm_up(services)

    def _answer(self, request: t.Any, **dummy: t.Any) -> t.Any:
        """Answer a request of botocore. Return None to send it over the wire."""
        if self._application.expects_faults():
            return None
        import botocore.awsrequest

        address = urllib.parse.urlsplit(request.url)
        path = f"{address.path}?{address.query}" if address.query else address.path
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        headers["host"] = address.netloc
        reply = self._application.answer(
            Request(request.method, path, headers, _bytes(request.body))
        )
        return botocore.awsrequest.AWSResponse(
            request.url, reply.status, reply.headers, _Raw(reply.body)
        )

    def _call(self, model: t.Any, params: t.Any, **dummy: t.Any) -> t.Any:
        """Answer a serialized call of ECS, unsigned. Return None to let botocore send it.

        Signing and sending take botocore twice as long as the rest.
        """
        if self._application.expects_faults():
            return None
        import botocore.awsrequest
        import botocore.endpoint
        import botocore.parsers

        scope = f"Credential=simulator/19700101/{self.region}/ecs/aws4_request"
        headers = {"x-amz-target": params["headers"]["X-Amz-Target"], "authorization": scope}
        reply = self._application.answer(Request("POST", "/", headers, _bytes(params["body"])))
        response = botocore.awsrequest.AWSResponse(
            self.url, reply.status, reply.headers, _Raw(reply.body)
        )
        parser = botocore.parsers.create_parser(model.service_model.resolved_protocol)
        answer = botocore.endpoint.convert_to_response_dict(response, model)
        return response, parser.parse(answer, model.output_shape)

    def __enter__(self) -> Simulator:
        serve = functools.partial(self._server.serve_forever, poll_interval=0.05)
        threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _DirectControl(Control):
    """Control of a simulator in this process."""

    def __init__(self, url: str, application: Application) -> None:
        super().__init__(url)
        self._application = application

    def _send(self, verb: str, body: bytes) -> tuple[int, bytes]:
        reply = self._application.control(verb, body)
        return reply.status, reply.body


class _Raw(t.NamedTuple):
    """A body as botocore reads it."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: str | bytes | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
