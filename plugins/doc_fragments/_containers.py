# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""**PRIVATE** to the collection: option `containers` and its members."""

from __future__ import annotations

import json

from ..module_utils._rules.container_members import MEMBERS


def _suboptions() -> dict[str, object]:
    return {
        name: {
            "description": [*member.description],
            "type": member.type,
            **({"elements": member.elements} if member.elements else {}),
        }
        for name, member in MEMBERS.items()
    }


class ModuleDocFragment:
    # JSON is YAML. With a type, linters do not take it for text.
    DOCUMENTATION: str = json.dumps(
        {
            "options": {
                "containers": {
                    "description": [
                        "The containers. Each accepts every member of the API's"
                        " C(ContainerDefinition) that the installed SDK knows, in snake_case or"
                        " camelCase, C(port_mappings) or C(portMappings). Listed here are those"
                        " with short forms and the usual ones.",
                        "Warns about decimal numbers and file modes in values of C(environment)"
                        " and C(docker_labels), because YAML may have changed them. Quote them.",
                    ],
                    "type": "list",
                    "elements": "dict",
                    "suboptions": _suboptions(),
                }
            }
        }
    )
