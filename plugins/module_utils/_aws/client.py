# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connect to AWS with the connection options of a module or plugin."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import typing as t

try:
    import botocore.config
    import botocore.session
except ImportError:
    pass  # AnsibleAWSModule says so to the user

from .._rules import ownership
from . import api, ecr, events, identity, logs, scaling, scheduler
from .gateway import FleetGateway, Gateway, input_shapes

if t.TYPE_CHECKING:
    from .ecr import Registry
    from .events import Events
    from .logs import Logs
    from .pacing import Pacer
    from .scaling import Scaling
    from .scheduler import Scheduler

AGENT: t.Final = "steadystate.ecs/0.2.0"
"""What calls have at the end of their user agent, after amazon.aws's own."""

_NOTES: t.Final = "steadystate.ecs changes"


@dataclasses.dataclass(frozen=True)
class Gateways:
    """The gateways to AWS, each made when it is asked for.

    ``client`` makes boto3's client for a service, as amazon.aws's modules and plugins do.
    """

    client: t.Callable[..., t.Any]

    def __post_init__(self) -> None:
        """Let each client tell AWS that it is of this collection.

        amazon.aws has a name for all clients of the process, some of which are its own.
        """
        object.__setattr__(self, "client", _identified(self.client))

    def ecs(self, **connection: t.Any) -> Gateway:
        """Return the gateway to ECS; ``connection`` overrides single connection options.

        It connects when it is called: a step that has the live answer often calls nothing.
        """
        return Gateway(
            lambda: self.client("ecs", **connection),
            code_deploy=lambda: self.client("codedeploy", **connection),
        )

    def fleet(self, pacer: Pacer, *, threads: int) -> Gateway:
        """Return the gateway to ECS for many calls at once, which ``pacer`` lets pass.

        Two pools of ``threads`` share the client, one of them for task definitions. It retries
        adaptively: with eight threads, the SDK's other modes give up at ECS's published quotas.
        """
        client = self.client(
            "ecs",
            config={
                "retries": {"mode": "adaptive", "total_max_attempts": 10},
                "max_pool_connections": 2 * threads,
            },
        )
        pacer.attach(client)
        return FleetGateway(client, code_deploy=lambda: self.client("codedeploy"))

    def account(self) -> str:
        """Return the account of the credentials."""
        return identity.account(self.client("sts"))

    def _in(self, region: str | None, service: str) -> t.Any:
        return self.client(service, region=region) if region else self.client(service)

    def registry(self) -> Registry:
        """Return the gateway to ECR, which connects to the region of each repository."""
        return ecr.Registry(lambda region: self.client("ecr", region=region))

    def events(self) -> Events:
        """Return the gateway to the rules of EventBridge."""
        return events.Events(self.client("events"))

    def logs(self, region: str | None = None) -> Logs:
        """Return the gateway to CloudWatch Logs. It connects when a log is read."""
        return logs.Logs(lambda: self._in(region, "logs"))

    def scaling(self, cluster: str, service: str) -> Scaling:
        """Return the gateway to the auto scaling of a service. It connects when it calls."""
        return scaling.Scaling(lambda: self.client("application-autoscaling"), cluster, service)

    def scalings(self, *, threads: int) -> t.Callable[[str, str], Scaling]:
        """Return what makes gateways to auto scaling, which share a client.

        The client is made when the first of them calls.
        """
        lock = threading.Lock()
        made: list[t.Any] = []

        def client() -> t.Any:
            with lock:
                if not made:
                    retries = {"mode": "adaptive", "total_max_attempts": 10}
                    config = {"retries": retries, "max_pool_connections": threads}
                    made.append(self.client("application-autoscaling", config=config))
                return made[0]

        return lambda cluster, service: scaling.Scaling(client, cluster, service)

    def scheduler(self) -> Scheduler:
        """Return the gateway to EventBridge Scheduler."""
        return scheduler.Scheduler(self.client("scheduler"))


def _identified(make: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    def made(service: str, **options: t.Any) -> t.Any:
        config = {"user_agent_extra": AGENT, **(options.pop("config", None) or {})}
        return make(service, config=config, **options)

    return made


def noting(make: t.Callable[..., t.Any], changes: list[str]) -> t.Callable[..., t.Any]:
    """Return what makes clients as ``make`` does, which note what they change.

    ``changes`` gets each operation that has changed something or whose answer was lost, as
    ``Api.call`` tells.
    """

    def note(operation: str, **dummy: t.Any) -> None:
        changes.append(operation)

    def made(*arguments: t.Any, **options: t.Any) -> t.Any:
        client = make(*arguments, **options)
        # A client may be one that noted for somebody else.
        client.meta.events.unregister(api.CHANGED, unique_id=_NOTES)
        client.meta.events.register(api.CHANGED, note, unique_id=_NOTES)
        return client

    return made


def load_models() -> None:
    """Load what ECS clients and declarations need, once for all forks of this process.

    A client that nobody uses reads it, for the SDK alone knows all of it.
    """
    # Whatever is wrong here, such as a setting of the user's, is for the task that needs it to
    # tell: an error would end ansible-playbook before its first task.
    with contextlib.suppress(Exception):
        # The SDK reads the members of a shape when they are first asked for.
        ownership.parse(None, input_shapes())
        session = botocore.session.Session()
        session.register_component("data_loader", api.loader())
        session.create_client(
            "ecs",
            region_name="eu-west-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
            # What is given here is not looked for in the user's settings.
            endpoint_url="https://ecs.invalid",
            config=botocore.config.Config(retries={"mode": "legacy", "total_max_attempts": 1}),
        )


@contextlib.contextmanager
def loaded_models() -> t.Iterator[None]:
    """Let sessions of the SDK use what is loaded.

    Sessions with other models, which AWS_DATA_PATH names, load their own.
    """
    made = botocore.session.create_loader
    botocore.session.create_loader = lambda path=None: made(path) if path else api.loader()
    try:
        yield
    finally:
        botocore.session.create_loader = made
