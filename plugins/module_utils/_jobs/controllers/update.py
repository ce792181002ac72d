# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Update or delete a service; the answer may be lost."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from ..._rules.code_deploy_settings import Settings
from ..._rules.errors import NoAnswerError, RefusedError
from ..._rules.live_service import LiveService
from ..._rules.service import carried_out, starts_deployment
from ..live import read
from ..watch import SHOWN_WITHIN, Watch, Watched

if t.TYPE_CHECKING:
    from ..._aws.gateway import Gateway
    from ..._rules.clock import Clock
    from ..._rules.documents import Document
    from ..._rules.lifecycle import Gate
    from ..._rules.live_service import Entry
    from ..._rules.timeline import Report

ATTEMPTS: t.Final = 3
"""How often a call is made whose answer is lost and that was not carried out."""

LISTED_WITHIN: t.Final = (0.0, 1.0, 2.0, 4.0)
"""Seconds to pause before each look for what our own call has changed."""


def deployment_in_progress(service: str, deployment: str) -> RefusedError:
    """Return the refusal to deploy beside a deployment that goes on."""
    return RefusedError(
        f"service {service}: deployment {deployment} is in progress", deployment_id=deployment
    )


def kept_deploying(service: str, attempts: int, left: str | None) -> RefusedError:
    """Return the refusal to go on where somebody deployed during each attempt.

    ``left`` is the task definition that is left in place, where that is known.
    """
    return RefusedError(
        f"service {service}: somebody else deployed during each of {attempts} attempts to update "
        "it; run again when the pipeline is done",
        task_definition_arn=left,
    )


def unreadable(service: str, deployed: str | None, **facts: t.Any) -> RefusedError:
    """Return the refusal to go on from a stranger's task definition that is gone."""
    return RefusedError(
        f"service {service}: somebody deployed {deployed} during this run, and it cannot be read",
        task_definition_arn=deployed,
        **facts,
    )


@dataclasses.dataclass(frozen=True)
class Sent:
    """The update was carried out and displaced nothing unknown to the plan.

    ``deployment`` is the one that it started, ``None`` when it started none. It is ``attached``
    where an earlier run has started it, and nothing was sent.
    """

    service: LiveService
    deployment: Entry | None
    attached: bool = False


@dataclasses.dataclass(frozen=True)
class Stale:
    """Somebody deployed ``deployed`` meanwhile, the ARN of a task definition.

    ``ours`` is the deployment that displaced it, ``None`` when nothing was sent. ``service`` is the
    service as it is now.
    """

    service: LiveService
    deployed: str | None
    ours: Entry | None = None


@dataclasses.dataclass
class ServiceHandle:
    """The service to update or delete, and the time to wait by.

    ``notes`` collects what could not be looked at and did not end the job. ``report`` is told how a
    deployment goes that is waited for. ``code_deploy`` is what the user says of deployments by
    CodeDeploy. ``in_progress`` is what to do about a deployment that goes on, and ``timeout`` how
    many seconds from now to wait for it. ``task_set`` has the members of CreateTaskSet, where task
    sets are ours to create. ``pauses`` is to leave a deployment at its gate, where the controller
    has no gates of its own.
    """

    gateway: Gateway
    cluster: str
    name: str
    clock: Clock
    notes: list[str] = dataclasses.field(default_factory=list)
    report: Report | None = None
    code_deploy: Settings = dataclasses.field(default_factory=Settings)
    task_set: Document | None = None
    pauses: bool = False
    in_progress: str = "wait"
    timeout: float = 0.0

    def __post_init__(self) -> None:
        self.deadline = self.clock.monotonic() + self.timeout
        self._wrote_at: float | None = None
        self._started: Entry | None = None

    def refuse_in_progress(self, deployment: str) -> None:
        """Refuse a deployment that goes on, where the user wants none."""
        if self.in_progress == "fail":
            raise deployment_in_progress(self.name, deployment)

    def in_the_way(
        self,
        deployment: str,
        gates: t.Sequence[Gate],
        *,
        kind: str = "deployment",
        waits: str = "",
        supersede: str = "does not wait for it",
    ) -> RefusedError:
        """Return the refusal to deploy while another deployment waits or goes on.

        ``waits`` is what it waits for, by default the gates. ``supersede`` is what
        deployment_in_progress=supersede does.
        """
        waited = self.in_progress != "fail"
        state = f"still in progress after {self.timeout:g} seconds" if waited else "in progress"
        waits = waits or "; ".join(map(str, gates))
        answer = f"; {waits} (see deployment_gate)" if waits else ""
        return RefusedError(
            f"service {self.name}: {kind} {deployment} is {state}{answer}; "
            f"deployment_in_progress=supersede {supersede}",
            deployment_id=deployment,
            gates=[gate.data for gate in gates],
        )

    def watch(self, deployment: Entry) -> Watch:
        """Return what looks at one of its deployments."""
        return Watch(self.gateway, self.cluster, self.name, Watched.of(deployment))

    def wrote(self, started: Entry | None = None) -> None:
        """Note that this run has just changed the service, and started this deployment.

        Looks may not show it yet.
        """
        self._wrote_at = self.clock.monotonic()
        self._started = started or self._started

    def read(self, shows: t.Callable[[LiveService], object] | None = None) -> LiveService:
        """Return the service; RefusedError when somebody has deleted it.

        A look may be answered from before this run's own call. One that does not show the service,
        or shows a PRIMARY deployment that is older than ours, is made again until that call must be
        shown. ``shows`` is whether a look shows what else must be there; it is then made again for
        some more seconds, because it may be answered in part.
        """
        began = self.clock.monotonic()
        for pause in itertools.chain(LISTED_WITHIN, itertools.repeat(LISTED_WITHIN[-1])):
            self.clock.sleep(pause)
            found, now = read(self.gateway, self.cluster, self.name), self.clock.monotonic()
            settled = self._wrote_at is None or now - self._wrote_at >= SHOWN_WITHIN
            late = settled and now - began >= sum(LISTED_WITHIN)
            if found is None or not found.active:
                if settled:
                    break
            elif late or ((settled or self._follows(found)) and (shows is None or shows(found))):
                return found
        raise RefusedError(
            f"service {self.name}: somebody deleted it during this run; run again to create it"
        )

    def _follows(self, live: LiveService) -> bool:
        """Return whether a look shows our last deployment as PRIMARY, or a newer one."""
        ours, now = self._started, live.deployment
        return ours is None or now is None or now.began_after(ours.created_at)

    def update(self, request: Document, seen: LiveService) -> LiveService | Stale:
        """Send UpdateService and return the service after it.

        ``seen`` is the service before. Where the answer is lost the service is read back first: a
        request that starts a deployment would start two. Somebody else's deployment that is found
        then is ``Stale``: it is not ours, and ours is not to be sent on top of it.
        """
        known = {entry.id for entry in seen.entries}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                updated = LiveService.of(
                    self.gateway.update_service(
                        {"cluster": self.cluster, "service": self.name, **request}
                    )
                )
            except NoAnswerError as lost:
                found = self._deployed_beside(known) if starts_deployment(request) else None
                if found is not None:
                    if not carried_out(request, seen.document, found.document):
                        return Stale(found, found.task_definition)
                    self.wrote(found.deployment)
                    return found
                if attempt == ATTEMPTS:
                    lost.message += (
                        f" Whether service {self.name} was updated is not known; run again."
                    )
                    lost.facts["changed"] = True
                    raise
            else:
                self.wrote(updated.deployment)
                return updated
        raise AssertionError

    def in_place(self, request: Document, seen: LiveService) -> tuple[LiveService, Document]:
        """Update what starts no deployment; return the service and what is left."""
        here, deployed = self.divided(request)
        updated = self.update(here, seen) if here else seen
        return updated.service if isinstance(updated, Stale) else updated, deployed

    @staticmethod
    def divided(request: Document) -> tuple[Document, Document]:
        """Return what is changed in place, and what a deployment is needed for."""
        deployed = {
            member: value for member, value in request.items() if starts_deployment({member: value})
        }
        here = {member: value for member, value in request.items() if member not in deployed}
        return here, deployed

    def delete(self, *, force: bool) -> LiveService | None:
        """Delete the service and return it as it is then.

        Where the answer is lost, DescribeServices tells.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return LiveService.of(
                    self.gateway.delete_service(self.cluster, self.name, force=force)
                )
            except NoAnswerError:
                found = read(self.gateway, self.cluster, self.name)
                if found is None or not found.active:
                    return found
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError

    def _deployed_beside(self, known: t.Collection[str]) -> LiveService | None:
        """Return the service if its PRIMARY deployment is none of these."""
        for pause in LISTED_WITHIN:
            self.clock.sleep(pause)
            found = self.read()
            if found.deployment_id not in known:
                return found
        return None
