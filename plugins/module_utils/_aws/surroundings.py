# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connect to what services refer to, for a preflight.

These gateways are apart from the others because a run without a preflight needs none of them.
"""

from __future__ import annotations

from . import identity
from .balancers import Balancers
from .client import Gateways
from .code_deploy import CodeDeploy
from .discovery import Discovery
from .file_systems import FileSystems
from .functions import Functions
from .iam import Iam
from .keys import Keys
from .network import Network
from .parameters import Parameters
from .quotas import Quotas
from .secrets import Secrets


class Surroundings(Gateways):
    """The gateways to what services refer to, beside those to the services."""

    def caller(self) -> str:
        """Return the ARN of the principal whose credentials these are."""
        return identity.caller(self.client("sts"))

    def balancers(self) -> Balancers:
        """Return the gateway to Elastic Load Balancing. It connects when it is called."""
        return Balancers(lambda: self.client("elbv2"))

    def code_deploy(self) -> CodeDeploy:
        """Return the gateway to CodeDeploy. It connects when it is called."""
        return CodeDeploy(lambda: self.client("codedeploy"))

    def discovery(self) -> Discovery:
        """Return the gateway to Cloud Map. It connects when it is called."""
        return Discovery(lambda: self.client("servicediscovery"))

    def file_systems(self) -> FileSystems:
        """Return the gateway to EFS. It connects when it is called."""
        return FileSystems(lambda: self.client("efs"))

    def functions(self) -> Functions:
        """Return the gateway to Lambda. It connects when it is called."""
        return Functions(lambda: self.client("lambda"))

    def iam(self) -> Iam:
        """Return the gateway to IAM. It connects when it is called."""
        return Iam(lambda: self.client("iam"))

    def keys(self, region: str | None = None) -> Keys:
        """Return the gateway to KMS. It connects when it is called."""
        return Keys(lambda: self._in(region, "kms"))

    def network(self) -> Network:
        """Return the gateway to EC2. It connects when it is called."""
        return Network(lambda: self.client("ec2"))

    def parameters(self, region: str | None = None) -> Parameters:
        """Return the gateway to Systems Manager. It connects when it is called."""
        return Parameters(lambda: self._in(region, "ssm"))

    def quotas(self) -> Quotas:
        """Return the gateway to Service Quotas. It connects when it is called."""
        return Quotas(lambda: self.client("service-quotas"))

    def secrets(self, region: str | None = None) -> Secrets:
        """Return the gateway to Secrets Manager. It connects when it is called."""
        return Secrets(lambda: self._in(region, "secretsmanager"))
