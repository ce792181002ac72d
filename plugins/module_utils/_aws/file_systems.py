# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Amazon EFS: file systems, where they can be mounted, and access points."""

from __future__ import annotations

import typing as t

from .._rules.documents import Document
from .api import Api


class FileSystems(Api):
    """The API of EFS. ``client`` is boto3's for ``efs``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "elasticfilesystem")

    def file_system(self, identifier: str) -> Document:
        """DescribeFileSystems for one. NotFoundError when there is none."""
        resource = f"file system {identifier}"
        found: Document = self.call("DescribeFileSystems", resource, FileSystemId=identifier)[
            "FileSystems"
        ][0]
        return found

    def access_point(self, identifier: str) -> Document:
        """DescribeAccessPoints for one. NotFoundError when there is none."""
        resource = f"access point {identifier}"
        found: Document = self.call("DescribeAccessPoints", resource, AccessPointId=identifier)[
            "AccessPoints"
        ][0]
        return found

    def mount_targets(self, identifier: str) -> list[Document]:
        """DescribeMountTargets: all of a file system."""
        found: list[Document] = []
        following: Document = {}
        while True:
            page = self.call(
                "DescribeMountTargets",
                f"file system {identifier}",
                FileSystemId=identifier,
                MaxItems=100,
                **following,
            )
            found += page["MountTargets"]
            if not page.get("NextMarker"):
                return found
            following = {"Marker": page["NextMarker"]}
