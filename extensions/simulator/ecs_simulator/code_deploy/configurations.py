# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployment configurations: how fast the production traffic is shifted."""

from __future__ import annotations

import typing as t

from ..errors import ApiError
from ..paging import page

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..clock import Clock
    from ..names import Names

Document = dict[str, t.Any]

ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"


def _canary(minutes: int) -> Document:
    return {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": minutes},
    }


def _linear(minutes: int) -> Document:
    return {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": 10, "linearInterval": minutes},
    }


_PREDEFINED = {
    ALL_AT_ONCE: {"type": "AllAtOnce"},
    "CodeDeployDefault.ECSCanary10Percent5Minutes": _canary(5),
    "CodeDeployDefault.ECSCanary10Percent15Minutes": _canary(15),
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes": _linear(1),
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": _linear(3),
}


class Configurations:
    """The operations on deployment configurations."""

    def __init__(self, clock: Clock, names: Names) -> None:
        self._clock = clock
        self._names = names
        self._by_name: dict[str, Document] = {}
        for number, (name, routing) in enumerate(_PREDEFINED.items(), 1):
            members = {"computePlatform": "ECS", "trafficRoutingConfig": routing}
            self._add(name, f"00000000-0000-0000-0000-{number:012}", members)

    def create_deployment_config(self, request: Document) -> Document:
        name = request["deploymentConfigName"]
        if name in self._by_name:
            raise ApiError(
                "DeploymentConfigAlreadyExistsException",
                f"The deployment configuration {name} exists already.",
            )
        routing = request.get("trafficRoutingConfig", {})
        if request.get("computePlatform") == "ECS" and not _complete(routing):
            raise ApiError(
                "InvalidTrafficRoutingConfigurationException",
                "A configuration for ECS needs a trafficRoutingConfig with the block of its type.",
            )
        members = {name: value for name, value in request.items() if name != "deploymentConfigName"}
        return {
            "deploymentConfigId": self._add(name, self._names.uuid(), members)["deploymentConfigId"]
        }

    def get_deployment_config(self, request: Document) -> Document:
        return {"deploymentConfigInfo": self.find(request["deploymentConfigName"])}

    def list_deployment_configs(self, request: Document) -> Document:
        return page("deploymentConfigsList", list(self._by_name), request)

    def delete_deployment_config(self, request: Document) -> Document:
        if request["deploymentConfigName"] in _PREDEFINED:
            raise ApiError(
                "InvalidOperationException", "A predefined configuration cannot be deleted."
            )
        self._by_name.pop(request["deploymentConfigName"], None)
        return {}

    def find(self, name: str) -> Document:
        """Raises ApiError DeploymentConfigDoesNotExistException."""
        if name not in self._by_name:
            raise ApiError(
                "DeploymentConfigDoesNotExistException",
                f"No Deployment Configuration found for name: {name}",
            )
        return self._by_name[name]

    def shifts(self, name: str) -> list[tuple[float, float]]:
        """Return the steps of production traffic in percent, and the seconds of each."""
        return list(_shifts(self.find(name)["trafficRoutingConfig"]))

    def _add(self, name: str, identifier: str, members: Document) -> Document:
        self._by_name[name] = {
            "deploymentConfigId": identifier,
            "deploymentConfigName": name,
            "createTime": self._clock.now(),
            **members,
        }
        return self._by_name[name]


def _complete(routing: Document) -> bool:
    return {
        "AllAtOnce": True,
        "TimeBasedCanary": "timeBasedCanary" in routing,
        "TimeBasedLinear": "timeBasedLinear" in routing,
    }.get(routing.get("type", ""), False)


def _shifts(routing: Document) -> Iterator[tuple[float, float]]:
    if routing["type"] == "TimeBasedCanary":
        canary = routing["timeBasedCanary"]
        yield float(canary["canaryPercentage"]), 60.0 * canary["canaryInterval"]
    elif routing["type"] == "TimeBasedLinear":
        linear = routing["timeBasedLinear"]
        for percent in range(linear["linearPercentage"], 100, linear["linearPercentage"]):
            yield float(percent), 60.0 * linear["linearInterval"]
    yield 100.0, 0.0
