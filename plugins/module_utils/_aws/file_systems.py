# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call Amazon EFS: file systems, where they can be mounted, and access points."""

from __future__ import annotations

import typing as t

from .api import Api

Answer = dict[str, t.Any]


class FileSystems(Api):
    """The API of EFS. ``client`` is boto3's for ``efs``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "elasticfilesystem")

    def file_system(self, identifier: str) -> Answer:
        """DescribeFileSystems for one. NotFoundError when there is none."""
        resource = f"file system {identifier}"
        found: Answer = self.call("DescribeFileSystems", resource, FileSystemId=identifier)[
            "FileSystems"
        ][0]
        return found

    def access_point(self, identifier: str) -> Answer:
        """DescribeAccessPoints for one. NotFoundError when there is none."""
        resource = f"access point {identifier}"
        found: Answer = self.call("DescribeAccessPoints", resource, AccessPointId=identifier)[
            "AccessPoints"
        ][0]
        return found

    def mount_targets(self, identifier: str) -> list[Answer]:
        """DescribeMountTargets: all of a file system."""
        found: list[Answer] = []
        following: Answer = {}
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
