# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: declarations
short_description: Declared ECS services as hosts of an inventory
version_added: 0.2.0
description:
  - Every service that the given files declare is a host with the variables of role
    P(steadystate.ecs.service#role), so one play creates or updates all of them, with C(serial),
    C(--limit), forks and the job slices of AWX.
  - Compares all of them with what is live in one pass, many services per call, and puts those that
    differ into the group V(ecs_differing). A play for this group does nothing where nothing
    differs, in a fraction of the time that a run of the role for every service takes.
  - The comparison only selects the services to run the role for. The role looks up what is live
    itself.
  - The name of the configuration file must end in C(declarations.ecs.yml),
    C(declarations.ecs.yaml), C(ecs_declarations.yml) or C(ecs_declarations.yaml).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  plugin:
    description: The name of this plugin. Other inventory plugins ignore the file.
    type: str
    required: true
    choices:
      - steadystate.ecs.declarations
  declarations:
    description:
      - Files with the variables of role P(steadystate.ecs.service#role), with or without the
        prefix C(ecs_), or a list of such as C(ecs_services); or directories of such files. The
        same files serve O(steadystate.ecs.drift#role:main:ecs_declarations).
      - Relative paths are relative to the current directory, or to the directory of the
        configuration file.
      - Templates are rendered with the variables of the file and extra variables. Variables of
        plays, groups and hosts are not known yet.
    type: list
    elements: str
    required: true
  compare:
    description:
      - Compare the declarations with what is live.
      - With V(false) AWS is not called, and there are no groups V(ecs_differing) and
        V(ecs_kind_KIND).
    type: bool
    default: true
  live_fields:
    description:
      - What the pipeline owns, where a declaration has no C(live_fields) of its own. These hosts
        have it as C(ecs_live_fields).
    type: list
    elements: str
  threads:
    description: How many calls are made at the same time.
    type: int
    default: 8
  rate_limit:
    description:
      - Calls per second that each of ECS's rate limits allows this run; V(0) for no limit. By
        default as AWS publishes them.
    type: float
notes:
  - A service is in V(ecs_differing) if it is missing, if its task definition, settings, tags or
    auto scaling differ, if a deployment is in progress or has failed, or if its declared auto
    scaling is suspended. It is always there if it declares C(schedules) or C(task_set), which the
    pass does not compare, or C(force_new_deployment) other than V(when_needed).
  - The pass knows the variables in the declarations only. Variables of role
    P(steadystate.ecs.service#role) from groups, plays or the command line, such as C(ecs_tags) for
    all services, are not compared. A service that differs only by them is not in V(ecs_differing).
  - The other groups are V(ecs_declared), V(ecs_cluster_NAME) and V(ecs_kind_KIND) for each kind of
    drift, such as V(ecs_kind_image_deployed). Role P(steadystate.ecs.drift#role) explains the
    kinds.
  - A service that cannot be read, or a file that is wrong, is an error, so the fleet never shrinks
    silently. If this plugin fails, Ansible continues with an empty inventory, unless
    C(any_unparsed_is_failed) is set in the section C(inventory) of its configuration. Set it.
  - A host has the region, profile and endpoint URL of this inventory as C(ecs_connection).
    Declarations must not set C(connection). Use an inventory for each region and account, with a
    profile or the environment for the credentials. Access keys in its file are an error.
  - Inventories are shown and stored, by AWX in its database. Keep values that are secret out of
    declarations; refer to them by C(secrets).
  - Needs the permissions of job C(drift) of P(steadystate.ecs.deploy_policy#lookup), without those
    that list.
extends_documentation_fragment:
  - constructed
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
seealso:
  - plugin: steadystate.ecs.services
    plugin_type: inventory
  - ref: ansible_collections.steadystate.ecs.docsite.fleets
    description: One change, many services
"""

EXAMPLES = r"""
# The services that the files in services/ declare; those that differ are in group ecs_differing
plugin: steadystate.ecs.declarations
region: eu-west-1
declarations: [services]

---
# The same, without a look at AWS
plugin: steadystate.ecs.declarations
declarations: [services/cart.yml, services/search.yml]
compare: false
"""

import datetime
import functools
import pathlib
import time
import typing as t

from ansible.errors import AnsibleError
from ansible.utils.vars import load_extra_vars

from ..plugin_utils import _bytecode

_bytecode.use()

from ..module_utils._aws.client import Gateways
from ..module_utils._aws.pacing import Pacer
from ..module_utils._aws.scaling import input_shapes
from ..module_utils._jobs import fleet
from ..module_utils._jobs.fleet_services import Scalings
from ..module_utils._rules import declared_fleet, numbers
from ..module_utils._rules import inventory as inventory_rules
from ..module_utils._rules.declaration import Reader
from ..module_utils._rules.errors import SteadyStateError
from ..plugin_utils._declarations import Declarations
from ..plugin_utils._inventory import Host, Inventory

if t.TYPE_CHECKING:
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader

    from ..module_utils._rules.documents import Document
    from ..module_utils._rules.drift import ServiceDrift


class InventoryModule(Inventory):
    NAME = "steadystate.ecs.declarations"
    INVENTORY_FILE_SUFFIXES = (
        "declarations.ecs.yml",
        "declarations.ecs.yaml",
        "ecs_declarations.yml",
        "ecs_declarations.yaml",
    )

    def _fill(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool) -> None:
        hosts = self._hosts(self._read(loader, str(pathlib.Path(path).parent)))
        inventory.add_group(declared_fleet.DECLARED)
        # Also if nothing differs; a play for it is an error where nothing was compared.
        if self.get_option("compare"):
            inventory.add_group(declared_fleet.DIFFERING)
        self._add(inventory, hosts)

    def _read_config_data(self, path: str) -> t.Any:
        config = super()._read_config_data(path)
        aliases = {
            name: option.get("aliases") or () for name, option in self.option_definitions.items()
        }
        try:
            declared_fleet.refuse_keys(config, aliases)
        except SteadyStateError as error:
            raise AnsibleError(error.message) from None
        return config

    def _set_frozen_credentials(self) -> None:
        """Nothing: roles would not know of a role that was assumed here."""

    def _read(self, loader: DataLoader, beside: str) -> list[Document]:
        files = Declarations(loader, self.templar, load_extra_vars(loader))
        return files.read(self.get_option("declarations"), beside)

    def _hosts(self, files: list[Document]) -> dict[str, Host]:
        """Return a host for each declaration, by its name."""
        threads, rate_limit = self.get_option("threads"), self.get_option("rate_limit")
        numbers.refuse({"threads": threads, "rate_limit": rate_limit})
        gateways = Gateways(self.client)
        gateway = gateways.fleet(Pacer(time, rate_limit), threads=threads)
        reader = Reader(
            gateway.shapes(),
            gateway.sdk,
            self.get_option("live_fields"),
            scaling_shapes=functools.cache(input_shapes),
            region=gateway.region,
        )
        declared = declared_fleet.by_host(
            files, [reader.read(file, "") for file in files], self.get_option("live_fields")
        )
        compared: dict[str, ServiceDrift] = {}
        if self.get_option("compare"):
            scaling = Scalings(
                gateways.scalings(threads=threads), datetime.datetime.now(datetime.UTC)
            )
            asked = fleet.FleetQuery(
                [each.declaration for each in declared.values()], tasks=False, unreleased=False
            )
            found = fleet.examine(
                gateway, asked, threads=threads, report=lambda line: None, scaling=scaling
            )
            compared = declared_fleet.found_by_host(found)
        connection = inventory_rules.way(
            {},
            gateway.region,
            profile=self.get_option("profile"),
            assume_role_arn=None,
            endpoint_url=self.get_option("endpoint_url"),
        )["connection"]
        return {
            name: Host(each.variables(connection), each.groups(compared.get(name)))
            for name, each in declared.items()
        }
