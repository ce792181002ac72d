# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control a running simulator, from a test or a rehearsal."""

from __future__ import annotations

import json
import typing as t
import urllib.error
import urllib.request

Document = dict[str, t.Any]


class ControlError(Exception):
    """The simulator refused a control verb."""


class Control:
    """Control the simulator that listens on `url`.

    Each method is one POST to /_simulator/<method> with its arguments as JSON.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def now(self) -> float:
        """Return the virtual time, in seconds since the epoch."""
        return t.cast(float, self._post("now")["now"])

    def advance(self, seconds: float) -> None:
        """Let virtual seconds pass at once; everything due in them happens in order."""
        self._post("advance", seconds=seconds)

    def speed(self, factor: float) -> None:
        """Let a real second be `factor` virtual ones from now on; 0 stops the clock."""
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
        """Let the next `count` calls of `operation` fail, after letting `after` pass.

        `operation` is a name or a pattern such as `Describe*`.

        They fail `when` "before" or "after" the operation was carried out, with the error `code`
        and its `status` (400) or, with `reset=True`, with a closed connection. `delay` is in real
        seconds; `code=None` only delays. `body` damages the answer instead, which says `status`
        200 if nothing else is given: "empty", "half" (cut in the middle), "short" (cut, with a
        content-length that promises all of it), "html" (the page of a proxy) or a JSON object as
        text, which is sent as it is. Calls of other services are met by patterns with their name,
        `scheduler:GetSchedule` or `logs:*`.
        """
        told = {
            "count": count,
            "code": code,
            "status": status,
            "message": message,
            "delay": delay,
            "reset": reset,
            "when": when,
            "after": after,
        }
        self._post("fault", operation=operation, body=body, **told)

    def clear_faults(self) -> None:
        """Forget the faults that have not met their calls yet."""
        self._post("clear_faults")

    def calls(self) -> list[Document]:
        """Return every ECS call since the start or `clear_calls`, without actions.

        Each has `operation`, `parameters`, `error` (a code or None) and `caller` (the
        `access_key` and `region` it was signed with).
        """
        return t.cast("list[Document]", self._post("calls"))

    def clear_calls(self) -> None:
        self._post("clear_calls")

    def before(self, operation: str, nth: int, action: Document | list[Document]) -> None:
        """Run `action` just before the `nth` call of `operation` (1 = the next one).

        An action is `{"operation": ..., "parameters": {...}}` or `{"deploy": {"cluster",
        "service", "container", "image"}}`, or a list of them.
        """
        self._post("before", operation=operation, nth=nth, action=action)

    def deploy(self, cluster: str, service: str, container: str, image: str) -> Document:
        """Deploy the live task definition with another image, as a pipeline does.

        Returns the answer of UpdateService.
        """
        return t.cast(
            Document,
            self._post(
                "deploy", cluster=cluster, service=service, container=container, image=image
            ),
        )

    def session(self, token: str) -> Document:
        """Open the session of an ExecuteCommand by its token.

        Returns `command`, `container`, `task` and `sessionId`, once. The simulator does not run the
        command.
        """
        return t.cast(Document, self._post("session", token=token))

    def bucket(self, operations: str, burst: float, rate: float, *, time: str = "virtual") -> None:
        """Throttle the operations of a pattern together by a token bucket.

        It lets `burst` calls pass at once and `rate` a second after that, in "virtual" or "real"
        `time`.

        A call that finds the bucket empty is answered with ThrottlingException. A bucket takes
        the place of the one of the same pattern.
        """
        self._post("bucket", operations=operations, burst=burst, rate=rate, time=time)

    def move_tag(self, image: str) -> str:
        """Push another image under this tag and return its digest.

        What starts from now on has this digest; what was resolved before keeps its own.
        """
        return t.cast(str, self._post("move_tag", image=image)["imageDigest"])

    def alarm(self, name: str, state: str = "ALARM") -> None:
        """Set the state of a CloudWatch alarm, "ALARM" or "OK".

        Only deployments that are configured with the alarm see it.
        """
        self._post("alarm", name=name, state=state)

    def list_displaced(self, listed: bool) -> None:
        """Set whether a deployment displaced before it has a task is still listed.

        This includes the answer of the displacing UpdateService.

        AWS does not promise it. The service deployments tell of it either way.
        """
        self._post("list_displaced", listed=listed)

    def hook(self, target: str, status: str) -> None:
        """Set what lifecycle hooks answer whose ARN matches the pattern `target`.

        The status is "SUCCEEDED", "FAILED" or "IN_PROGRESS", after which they are asked
        again.
        """
        self._post("hook", target=target, status=status)

    def code_deploy_hooks(self, deployment: str) -> list[Document]:
        """Return the calls of functions by the lifecycle hooks of a CodeDeploy deployment.

        Each has `lifecycleEventName`, `function`, `status`, and the
        `lifecycleEventHookExecutionId` that the function is called with.
        """
        return t.cast("list[Document]", self._post("code_deploy_hooks", deployment=deployment))

    def name_rollback_after(self, seconds: float) -> None:
        """Set how long after its end a CodeDeploy deployment names its automatic rollback.

        It starts then, too. The default is 3 virtual seconds; 0 names it at once.
        """
        self._post("name_rollback_after", seconds=seconds)

    def code_deploy(
        self,
        cluster: str,
        service: str,
        task_definition: str,
        load_balancers: list[Document] | None = None,
    ) -> Document:
        """Start and return a second task set, as AWS CodeDeploy does.

        The service needs the CODE_DEPLOY controller.
        """
        arguments = {
            "cluster": cluster,
            "service": service,
            "task_definition": task_definition,
            "load_balancers": load_balancers,
        }
        return t.cast(Document, self._post("code_deploy", **arguments))

    def shift_traffic(self, cluster: str, service: str, *, wait: float = 300.0) -> Document:
        """Make the second task set PRIMARY, as AWS CodeDeploy does.

        The first one ends `wait` virtual seconds later.

        Shifted again before that, the traffic goes back. The answer is the task set that has it.
        """
        return t.cast(
            Document, self._post("shift_traffic", cluster=cluster, service=service, wait=wait)
        )

    def policy(self, access_key: str, document: Document | None) -> None:
        """Limit the calls signed with this key to what an IAM policy allows.

        It holds for ECS, CloudWatch Logs, EventBridge, EventBridge Scheduler, ECR and STS; None
        lifts it.

        Keys without a policy may do everything. What a policy statement holds that the simulator
        does not understand is refused.
        """
        self._post("policy", access_key=access_key, document=document)

    def task_definition_extra(self, reference: str, members: Document) -> None:
        """Add members that botocore does not know to a stored task definition."""
        self._post("task_definition_extra", reference=reference, members=members)

    def reset(self) -> None:
        """Restore everything as it was at the start."""
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
