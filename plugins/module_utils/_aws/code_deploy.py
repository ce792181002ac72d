# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call CodeDeploy: its deployment groups for ECS services, and their deployments."""

from __future__ import annotations

import contextlib
import typing as t

from .._rules.documents import Document
from .._rules.errors import NotFoundError
from .api import Api, batches

GROUPS_PER_CALL: t.Final = 100
DEPLOYMENTS_PER_CALL: t.Final = 25
REVISIONS_PER_CALL: t.Final = 25


def _text(deployment: Document) -> Document | None:
    """Return the AppSpec of a deployment that was given as text."""
    revision = deployment.get("revision") or {}
    found: Document | None = revision.get("appSpecContent") or revision.get("string")
    return found


class CodeDeploy(Api):
    """The API of CodeDeploy. ``client`` is boto3's for ``codedeploy``, or makes it."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "codedeploy")
        self.located: dict[tuple[str, str], tuple[str, str]] = {}
        """Application and deployment group by cluster and service, looked up once for a run."""

    def applications(self) -> list[str]:
        """ListApplications: the names of all applications."""
        return self.pages("ListApplications", f"region {self.region}", "applications")

    def groups(self, application: str) -> list[Document]:
        """ListDeploymentGroups and BatchGetDeploymentGroups: all groups of an application."""
        resource = f"application {application}"
        names = self.pages(
            "ListDeploymentGroups", resource, "deploymentGroups", applicationName=application
        )
        return [
            group
            for batch in batches(names, GROUPS_PER_CALL)
            for group in self.named(application, batch)
        ]

    def named(self, application: str, names: t.Sequence[str]) -> list[Document]:
        """BatchGetDeploymentGroups: those of these groups that exist."""
        return self.call(
            "BatchGetDeploymentGroups",
            f"deployment groups {', '.join(names)} of application {application}",
            applicationName=application,
            deploymentGroupNames=list(names),
        )["deploymentGroupsInfo"]

    def create(self, request: Document) -> str:
        """CreateDeployment: the id of the deployment.

        ConflictError while the group has an active one; NoAnswerError at the first missing answer:
        look for it before repeating the call.
        """
        return self.call(
            "CreateDeployment", f"deployment group {request['deploymentGroupName']}", **request
        )["deploymentId"]

    def deployment(self, deployment: str) -> Document | None:
        """GetDeployment; ``None`` when there is none of this id."""
        try:
            resource = f"deployment {deployment}"
            return self.call("GetDeployment", resource, deploymentId=deployment)["deploymentInfo"]
        except NotFoundError:
            return None

    def deployments(
        self,
        application: str,
        group: str,
        *,
        statuses: t.Sequence[str] = (),
        most: int | None = None,
    ) -> list[Document]:
        """ListDeployments and BatchGetDeployments: those of a group, newest first.

        ``most`` are taken from the list, which comes newest first.
        """
        narrowed: Document = {"includeOnlyStatuses": list(statuses)} if statuses else {}
        resource = f"deployment group {group} of application {application}"
        ids = self.pages(
            "ListDeployments",
            resource,
            "deployments",
            most=most,
            applicationName=application,
            deploymentGroupName=group,
            **narrowed,
        )
        found: list[Document] = []
        for batch in batches(ids, DEPLOYMENTS_PER_CALL):
            found += self.call("BatchGetDeployments", resource, deploymentIds=batch)[
                "deploymentsInfo"
            ]
        return sorted(found, key=lambda deployment: str(deployment["createTime"]), reverse=True)

    def with_content(self, deployments: t.Sequence[Document]) -> list[Document]:
        """BatchGetApplicationRevisions: the deployments with their AppSpecs as text.

        A deployment shows the digest of its AppSpec alone. One that is no longer known stays so.
        """
        by_application: dict[str, dict[str, Document]] = {}
        for deployment in deployments:
            shown = _text(deployment)
            if shown is not None and shown.get("sha256") and not shown.get("content"):
                application = by_application.setdefault(deployment["applicationName"], {})
                application[shown["sha256"]] = deployment["revision"]
        known: dict[str, str] = {}
        for name, revisions in by_application.items():
            for batch in batches(list(revisions.values()), REVISIONS_PER_CALL):
                with contextlib.suppress(NotFoundError):
                    found = self.call(
                        "BatchGetApplicationRevisions",
                        f"revisions of application {name}",
                        applicationName=name,
                        revisions=batch,
                    )["revisions"]
                    for revision in found:
                        shown = _text({"revision": revision["revisionLocation"]}) or {}
                        known[shown.get("sha256") or ""] = shown.get("content") or ""
        for deployment in deployments:
            shown = _text(deployment)
            if shown is not None and known.get(shown.get("sha256") or ""):
                shown["content"] = known[shown["sha256"]]
        return list(deployments)

    def target(self, deployment: str, cluster: str, service: str) -> Document | None:
        """GetDeploymentTarget: lifecycle events and task sets.

        ``None`` before the deployment has begun.
        """
        try:
            return self.call(
                "GetDeploymentTarget",
                f"deployment {deployment}",
                deploymentId=deployment,
                targetId=f"{cluster}:{service}",
            )["deploymentTarget"].get("ecsTarget")
        except NotFoundError:
            return None

    def stop(self, deployment: str, *, rollback: bool) -> None:
        """StopDeployment. ConflictError when it has ended already."""
        self.call(
            "StopDeployment",
            f"deployment {deployment}",
            deploymentId=deployment,
            autoRollbackEnabled=rollback,
        )

    def go_on(self, deployment: str, wait: str) -> None:
        """ContinueDeployment: end the READY_WAIT or the TERMINATION_WAIT.

        ConflictError when the deployment does not wait.
        """
        self.call(
            "ContinueDeployment",
            f"deployment {deployment}",
            deploymentId=deployment,
            deploymentWaitType=wait,
        )
