# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Amazon EC2: subnets, security groups, and the ways out of a VPC."""

from __future__ import annotations

import typing as t

from .._rules.documents import Document
from .api import Api

BATCH: t.Final = 200
"""How many subnets or security groups are asked for at once."""

_TOKEN: t.Final = "NextToken"


class Network(Api):
    """The API of EC2. ``client`` is boto3's for ``ec2``.

    AWS refuses the whole of a question with NotFoundError where one id in it does not exist.
    """

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "ec2")

    def subnets(self, ids: t.Sequence[str]) -> dict[str, Document]:
        """DescribeSubnets: those of at most ``BATCH`` ids."""
        answer = self.call("DescribeSubnets", ", ".join(ids), SubnetIds=list(ids))
        return {found["SubnetId"]: found for found in answer["Subnets"]}

    def security_groups(self, ids: t.Sequence[str]) -> dict[str, Document]:
        """DescribeSecurityGroups: those of at most ``BATCH`` ids."""
        answer = self.call("DescribeSecurityGroups", ", ".join(ids), GroupIds=list(ids))
        return {found["GroupId"]: found for found in answer["SecurityGroups"]}

    def route_tables(self, vpc: str) -> list[Document]:
        """DescribeRouteTables: all of a VPC; each has at least its main one."""
        return self._of_vpc("DescribeRouteTables", "RouteTables", vpc)

    def endpoints(self, vpc: str) -> list[Document]:
        """DescribeVpcEndpoints: all of a VPC."""
        return self._of_vpc("DescribeVpcEndpoints", "VpcEndpoints", vpc)

    def _of_vpc(self, operation: str, member: str, vpc: str) -> list[Document]:
        narrowed = [{"Name": "vpc-id", "Values": [vpc]}]
        return self.pages(
            operation, f"VPC {vpc}", member, token=_TOKEN, Filters=narrowed, MaxResults=100
        )
