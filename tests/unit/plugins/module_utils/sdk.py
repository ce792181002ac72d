# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the SDK's models say of the actions that are called."""

from __future__ import annotations

import functools
import typing as t

import botocore.session

NAMED_OTHERWISE: t.Final = {
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "servicequotas": "service-quotas",
}
"""What botocore calls services that IAM calls otherwise."""


def model_of(action: str) -> t.Any:
    """Return the SDK's model of an action, such as ``ecs:DescribeServices``."""
    service, dummy, operation = action.partition(":")
    return _service(NAMED_OTHERWISE.get(service, service)).operation_model(operation)


@functools.cache
def _service(name: str) -> t.Any:
    return botocore.session.get_session().get_service_model(name)
