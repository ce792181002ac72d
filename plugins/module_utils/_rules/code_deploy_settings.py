# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say of deployments by CodeDeploy."""

from __future__ import annotations

import dataclasses
import typing as t

from . import app_spec
from .documents import Document
from .errors import DeclarationError

ROLLBACK_EVENTS: t.Final = (
    "DEPLOYMENT_FAILURE",
    "DEPLOYMENT_STOP_ON_ALARM",
    "DEPLOYMENT_STOP_ON_REQUEST",
)

LONGEST_DESCRIPTION: t.Final = 256


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a user says of deployments by CodeDeploy.

    ``alarms`` and ``auto_rollback`` override those of the deployment group where they are given;
    an empty list turns them off.
    """

    application: str | None = None
    deployment_group: str | None = None
    deployment_config: str | None = None
    description: str | None = None
    appspec: Document | None = None
    hooks: t.Mapping[str, str] | None = None
    alarms: t.Sequence[str] | None = None
    auto_rollback: t.Sequence[str] | None = None


def read(given: Document | None) -> Settings:
    """Read the option ``code_deploy``.

    DeclarationError names what CodeDeploy would refuse.
    """
    if not given:
        return Settings()
    found = Settings(**{name: value for name, value in given.items() if value is not None})
    app_spec.refuse_mistakes(found.appspec, found.hooks)
    if found.deployment_group and not found.application:
        raise DeclarationError(
            "code_deploy.application",
            "is missing beside code_deploy.deployment_group",
            "a deployment group has a name only within its application",
        )
    if found.description and len(found.description) > LONGEST_DESCRIPTION:
        raise DeclarationError(
            "code_deploy.description",
            f"has {len(found.description)} characters",
            f"CodeDeploy accepts at most {LONGEST_DESCRIPTION}",
        )
    return found
