# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventories of this collection have in common."""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ansible.errors import AnsibleError
from ansible.template import trust_as_template
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase

from ..module_utils._rules import inventory as rules
from ..module_utils._rules.errors import SteadyStateError

if t.TYPE_CHECKING:
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader

    from ..module_utils._rules.documents import Document


@dataclasses.dataclass(frozen=True)
class Host:
    """A service as a host.

    ``groups`` are names of groups, each with what it is made of.
    """

    variables: Document
    groups: t.Sequence[tuple[str, str]]


class Inventory(AWSInventoryBase):
    """An inventory whose hosts are services."""

    def parse(
        self,
        inventory: InventoryData,
        loader: DataLoader,
        path: str,
        cache: bool = True,
        *args: t.Any,
        **kwargs: t.Any,
    ) -> None:
        """All services, or none and an error."""
        super().parse(inventory, loader, path, cache, *args, **kwargs)
        try:
            self._fill(inventory, loader, path, cache)
        except SteadyStateError as error:
            # Ansible would tell the same again for the cause.
            raise AnsibleError(error.message) from None

    @abc.abstractmethod
    def _fill(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool) -> None:
        """Add the hosts to the inventory."""

    def _read_config_data(self, path: str) -> t.Any:
        config = super()._read_config_data(path)
        options = self.option_definitions
        aliases = {alias for option in options.values() for alias in option.get("aliases") or ()}
        try:
            rules.refuse_unknown_options(config, options.keys() | aliases)
        except SteadyStateError as error:
            raise AnsibleError(error.message) from None
        return config

    def _add(self, inventory: InventoryData, hosts: t.Mapping[str, Host]) -> None:
        """Add hosts by their names, with the groups and variables that the user composes."""
        strict = self.get_option("strict")
        made: list[tuple[str, str]] = []
        for name, host in hosts.items():
            inventory.add_host(name)
            known = {
                "ansible_connection": trust_as_template("local"),
                # As for the implicit localhost: the Python that has boto3.
                "ansible_python_interpreter": trust_as_template("{{ ansible_playbook_python }}"),
                **host.variables,
            }
            for variable, value in known.items():
                inventory.set_variable(name, variable, value)
            for wanted, what in host.groups:
                group = inventory.add_group(self._sanitize_group_name(wanted))
                inventory.add_host(name, group)
                made.append((group, what))
            self._set_composite_vars(
                self.get_option("compose"),
                {"inventory_hostname": name, **known},
                name,
                strict=strict,
            )
            self._add_host_to_composed_groups(self.get_option("groups"), known, name, strict=strict)
            self._add_host_to_keyed_groups(
                self.get_option("keyed_groups"), known, name, strict=strict
            )
        for group, whats in rules.ambiguous(made).items():
            self.warn(
                f"Group {group} has the services of {' and of '.join(whats)}. "
                "Use keyed_groups to tell them apart."
            )
