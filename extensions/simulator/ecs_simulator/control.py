# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control client: what a test or a rehearsal tells a running simulator."""

from __future__ import annotations

import json
import typing as t
import urllib.error
import urllib.request

Document = dict[str, t.Any]


class ControlError(Exception):
    """The simulator refused a control verb."""


class Control:
    """Control of the simulator that listens on `url`. Each method is one POST to /_simulator/<method> with its arguments as JSON."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def now(self) -> float:
        """The virtual time, in seconds since the epoch."""
        return t.cast(float, self._post("now")["now"])

    def advance(self, seconds: float) -> None:
        """Let virtual seconds pass at once; everything due in them happens in order."""
        self._post("advance", seconds=seconds)

    def speed(self, factor: float) -> None:
        """From now on a real second is `factor` virtual ones; 0 stops the clock."""
        self._post("speed", factor=factor)

    def fault(
        self,
        operation: str,
        *,
        count: int = 1,
        code: str | None = "ThrottlingException",
        status: int | None = None,
        message: str = "Rate exceeded",
        delay: float = 0.0,
        reset: bool = False,
        when: str = "before",
        after: int = 0,
        body: str | None = None,
    ) -> None:
        """Let the next `count` calls of `operation` (a pattern such as `Describe*`) fail, after letting `after` of them pass.

        They fail `when` "before" or "after" the operation was carried out, with the error `code` and its `status` (400) or, with `reset=True`,
        with a closed connection. `delay` is in real seconds; `code=None` only delays.
        `body` damages the answer instead, which says `status` 200 if nothing else is given: "empty", "half" (cut in the middle), "short" (cut,
        with a content-length that promises all of it), "html" (the page of a proxy) or "{}".
        Calls of other services are met by patterns with their name, `scheduler:GetSchedule` or `logs:*`.
        """
        told = {"count": count, "code": code, "status": status, "message": message, "delay": delay, "reset": reset, "when": when, "after": after}
        self._post("fault", operation=operation, body=body, **told)

    def clear_faults(self) -> None:
        """Forget the faults that have not met their calls yet."""
        self._post("clear_faults")

    def calls(self) -> list[Document]:
        """Every ECS call since the start or `clear_calls`, without actions.

        Each has `operation`, `parameters`, `error` (a code or None) and `caller` (the `access_key` and `region` it was signed with).
        """
        return t.cast("list[Document]", self._post("calls"))

    def clear_calls(self) -> None:
        self._post("clear_calls")

    def before(self, operation: str, nth: int, action: Document | list[Document]) -> None:
        """Run `action` just before the `nth` call of `operation` from now on (1 = the next one).

        An action is `{"operation": ..., "parameters": {...}}` or `{"deploy": {"cluster", "service", "container", "image"}}`, or a list of them.
        """
        self._post("before", operation=operation, nth=nth, action=action)

    def deploy(self, cluster: str, service: str, container: str, image: str) -> Document:
        """Act like a pipeline at once: the live task definition with another image. The answer is that of UpdateService."""
        return t.cast(Document, self._post("deploy", cluster=cluster, service=service, container=container, image=image))

    def bucket(self, operations: str, burst: float, rate: float, *, time: str = "virtual") -> None:
        """Throttle the operations of a pattern together: `burst` calls at once, `rate` a second after that, of "virtual" or "real" seconds.

        A call that finds the bucket empty is answered with ThrottlingException. A bucket takes the place of the one of the same pattern.
        """
        self._post("bucket", operations=operations, burst=burst, rate=rate, time=time)

    def move_tag(self, image: str) -> str:
        """Push another image under this tag: what starts from now on has the digest that is returned; what was resolved before keeps its own."""
        return t.cast(str, self._post("move_tag", image=image)["imageDigest"])

    def alarm(self, name: str, state: str = "ALARM") -> None:
        """A CloudWatch alarm changes its state ("ALARM" or "OK") as far as deployments are concerned that are configured with it."""
        self._post("alarm", name=name, state=state)

    def list_displaced(self, listed: bool) -> None:
        """Whether a deployment that another one displaces before it has a task is still listed, also in the answer of that UpdateService.

        AWS does not promise it. The service deployments tell of it either way.
        """
        self._post("list_displaced", listed=listed)

    def hook(self, target: str, status: str) -> None:
        """Lifecycle hooks whose ARN fits the pattern `target` answer "SUCCEEDED", "FAILED" or "IN_PROGRESS" (asked again) from now on."""
        self._post("hook", target=target, status=status)

    def code_deploy(self, cluster: str, service: str, task_definition: str, load_balancers: list[Document] | None = None) -> Document:
        """Act like AWS CodeDeploy: start a second task set of a service with the CODE_DEPLOY controller. The answer is that task set."""
        arguments = {"cluster": cluster, "service": service, "task_definition": task_definition, "load_balancers": load_balancers}
        return t.cast(Document, self._post("code_deploy", **arguments))

    def shift_traffic(self, cluster: str, service: str, *, wait: float = 300.0) -> Document:
        """Act like AWS CodeDeploy: the second task set becomes PRIMARY, the first ends `wait` virtual seconds later.

        Shifted again before that, the traffic goes back. The answer is the task set that has it.
        """
        return t.cast(Document, self._post("shift_traffic", cluster=cluster, service=service, wait=wait))

    def policy(self, access_key: str, document: Document | None) -> None:
        """Calls of ECS, CloudWatch Logs, EventBridge, EventBridge Scheduler and ECR signed with this key may do what this IAM policy allows; None lifts it.

        Keys without a policy may do everything. What a policy statement holds that the simulator does not understand is refused.
        """
        self._post("policy", access_key=access_key, document=document)

    def task_definition_extra(self, reference: str, members: Document) -> None:
        """Add members that botocore does not know to a stored task definition, as a newer API would."""
        self._post("task_definition_extra", reference=reference, members=members)

    def reset(self) -> None:
        """Everything as it was at the start."""
        self._post("reset")

    def _post(self, verb: str, **arguments: t.Any) -> t.Any:
        status, body = self._send(verb, json.dumps(arguments).encode())
        answer = json.loads(body)
        if status != 200:
            raise ControlError(answer["error"])
        return answer

    def _send(self, verb: str, body: bytes) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_simulator/{verb}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return 200, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()
