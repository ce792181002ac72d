# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools whose documents are read, each by its own file."""

from __future__ import annotations

import dataclasses
import typing as t

from .. import community_aws
from . import airship, cloudformation, copilot, deployfish, terraform_state
from .translated import Translated

if t.TYPE_CHECKING:
    from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Tool:
    """A tool: the name, the recogniser and the reader of its documents."""

    name: str
    recognised: Callable[[t.Any], bool]
    read: Callable[[t.Any, str | None], Translated]


TOOLS: t.Final = (
    Tool(terraform_state.TOOL, terraform_state.recognised, terraform_state.read),
    Tool(cloudformation.TOOL, cloudformation.recognised, cloudformation.read),
    Tool(deployfish.TOOL, deployfish.recognised, deployfish.read),
    Tool(copilot.TOOL, copilot.recognised, copilot.read),
    Tool(airship.TOOL, airship.recognised, airship.read),
)


def translate(document: t.Any, service_name: str | None) -> Translated | None:
    """Return what the document of a known tool declares, else ``None``.

    ``service_name`` chooses among several services. Raises DeclarationError where it is not clear
    which one is meant.
    """
    for tool in TOOLS:
        if tool.recognised(document):
            return tool.read(document, service_name)
    return community_aws.translated(document, service_name)
