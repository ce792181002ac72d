# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call the operations of ECS on managed daemons."""

from __future__ import annotations

import typing as t

from .._rules.documents import Document
from .._rules.errors import NotFoundError, RejectedError

if t.TYPE_CHECKING:
    from .gateway import Gateway


class Daemons:
    """The operations on daemons, by the gateway of ECS."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def daemon(self, arn: str) -> Document | None:
        """DescribeDaemon; ``None`` when there is none."""
        try:
            return self.gateway.call("DescribeDaemon", arn, daemonArn=arn)["daemon"]
        except NotFoundError:
            return None

    def revision(self, arn: str) -> Document | None:
        """DescribeDaemonRevisions for one revision."""
        answer = self.gateway.call("DescribeDaemonRevisions", arn, daemonRevisionArns=[arn])
        return next(iter(answer["daemonRevisions"]), None)

    def deployment(self, arn: str) -> Document | None:
        """DescribeDaemonDeployments for one deployment."""
        answer = self.gateway.call("DescribeDaemonDeployments", arn, daemonDeploymentArns=[arn])
        return next(iter(answer["daemonDeployments"]), None)

    def definition(self, reference: str) -> Document | None:
        """DescribeDaemonTaskDefinition; ``None`` when there is none.

        A bare family means its newest revision.
        """
        try:
            return self.gateway.call(
                "DescribeDaemonTaskDefinition",
                f"daemon task definition {reference}",
                daemonTaskDefinition=reference,
            )["daemonTaskDefinition"]
        except NotFoundError:
            return None
        except RejectedError as error:
            # The model has no exception of its own for it.
            if error.code == "ClientException" and "could not be found" in error.message:
                return None
            raise

    def register(self, request: Document) -> str:
        """RegisterDaemonTaskDefinition: the ARN of the new revision."""
        return self.gateway.call(
            "RegisterDaemonTaskDefinition", f"family {request['family']}", **request
        )["daemonTaskDefinitionArn"]

    def create(self, request: Document) -> Document:
        """CreateDaemon, with a token that makes it repeatable."""
        return self.gateway.call("CreateDaemon", f"daemon {request['daemonName']}", **request)

    def update(self, request: Document) -> Document:
        """UpdateDaemon, which replaces container instances."""
        return self.gateway.call("UpdateDaemon", request["daemonArn"], **request)

    def delete(self, arn: str) -> Document:
        """DeleteDaemon."""
        return self.gateway.call("DeleteDaemon", arn, daemonArn=arn)
