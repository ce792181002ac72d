# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call AWS Cloud Map: services and namespaces."""

from __future__ import annotations

import typing as t

from .._rules.documents import Document
from .api import Api


class Discovery(Api):
    """The API of Cloud Map. ``client`` is boto3's for ``servicediscovery``."""

    def __init__(self, client: t.Any) -> None:
        super().__init__(client, "servicediscovery")

    def service(self, identifier: str) -> Document:
        """GetService by id (``srv-...``). NotFoundError when there is none."""
        found: Document = self.call("GetService", f"service {identifier}", Id=identifier)["Service"]
        return found

    def namespaces(self) -> list[Document]:
        """ListNamespaces: all of the account, with names and ARNs."""
        return self.pages("ListNamespaces", "all namespaces", "Namespaces", token="NextToken")
