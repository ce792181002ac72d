# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: services
short_description: ECS services as hosts of an inventory
version_added: 0.1.0
description:
  - Every service of the given clusters, regions and accounts is a host, so C(serial),
    C(max_fail_percentage), C(--limit), forks and the job slices of AWX work for services as for
    machines.
  - A host has C(ansible_connection=local), C(ecs_cluster), C(ecs_service) and C(ecs_connection),
    which are variables of the roles of this collection, and C(ecs_facts) with facts about the
    service. No other variable of the roles is set.
  - The name of the configuration file must end in C(services.ecs.yml), C(services.ecs.yaml),
    C(ecs_services.yml) or C(ecs_services.yaml).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  plugin:
    description: The name of this plugin. Other inventory plugins ignore the file.
    type: str
    required: true
    choices:
      - steadystate.ecs.services
  regions:
    description:
      - The regions to read, in every account. The services of the first one come first, which
        matters for C(serial).
      - By default the region of the connection; for an account with a profile the region of the
        profile, unless O(region) is set.
    type: list
    elements: str
    default: []
  accounts:
    description:
      - The accounts to read, each a dictionary. By default the account of the connection, which an
        empty dictionary means, too.
      - C(profile) is a profile of the AWS configuration, which may assume a role (C(role_arn) with
        C(source_profile) or C(credential_source)). C(ecs_connection) has the profile, so roles
        work on the services of this account without further settings.
      - C(assume_role_arn), with C(external_id) if the role requires one, is a role that this
        plugin assumes to read. Its credentials are never in a variable, so a play must assume
        C(ecs_facts.assumed_role_arn) itself. Otherwise AWS rejects its calls, because
        C(ecs_cluster) is the ARN of a cluster in another account.
      - Templates are allowed.
    type: list
    elements: dict
    default: []
  clusters:
    description:
      - Names of clusters, or patterns of them such as V(production-*).
      - A name that matches no cluster in any region and account is an error; a pattern that
        matches none is not.
    type: list
    elements: str
    default: ["*"]
  services:
    description:
      - Names of services, or patterns. Other services are not described, so they need no calls.
      - A name that matches no service is an error; a pattern that matches none is not.
    type: list
    elements: str
    default: ["*"]
  tags:
    description:
      - Only services with all these tags. Each has a value, or a list of values of which one must
        match. V(true) matches the text V(true), and no value the empty text.
    type: dict
    default: {}
  hostname:
    description:
      - The parts of a host's name, joined by dots, V(cluster), V(service), V(region) and
        V(account).
      - Two services with the same name are an error. The name of a service does not depend on
        other services.
    type: list
    elements: str
    default: [cluster, service]
  include_images:
    description:
      - Add the images of each service by container as C(ecs_facts.images). Needs one
        C(DescribeTaskDefinition) per distinct task definition.
      - Nothing else of the task definition is added, because an inventory is written to caches and
        logs.
    type: bool
    default: false
  strict_permissions:
    description:
      - Treat a denied permission in one of the accounts, regions or clusters as an error.
      - With V(false) it is a warning, and the inventory lacks what could not be read.
    type: bool
    default: true
notes:
  - Calls C(ListClusters) once per region and account, C(ListServices) once per hundred services of
    a cluster, and C(DescribeServices) once per ten. 1,000 services of one cluster need 111 calls.
    These are the required permissions, with C(DescribeTaskDefinition) for O(include_images).
  - C(ecs_cluster) is the ARN of the cluster, and C(ecs_connection) has the region and, if the
    inventory has them, profile and endpoint URL. So AWS rejects a play with the credentials of
    another account or in another region; it cannot change a service that happens to have the same
    name.
  - The groups are V(ecs_services), V(ecs_cluster_NAME), V(ecs_region_NAME), V(ecs_account_ID),
    V(ecs_launch_type_fargate), V(ecs_capacity_provider_NAME), V(ecs_tag_KEY_VALUE) (V(ecs_tag_KEY)
    where the value is empty) and the states V(ecs_state_deploying),
    V(ecs_state_deployment_failed), V(ecs_state_tasks_failing), V(ecs_state_below_desired),
    V(ecs_state_several_revisions), V(ecs_state_stopped) and V(ecs_state_steady). In names of
    groups all characters but letters, digits and underscores become underscores.
  - C(ecs_facts) has C(arn), C(account), C(region), C(cluster), C(cluster_arn), C(service),
    C(created_at), C(tags), C(launch_type), C(capacity_providers), C(scheduling_strategy),
    C(deployment_controller), C(desired_count), C(running_count), C(pending_count),
    C(task_definition_arn), C(family), C(revision), C(deployment_id), C(rollout_state),
    C(failed_tasks), C(states), C(assumed_role_arn) and, where asked for, C(images).
  - Two tags may map to one group, for example C(a=b_c) and C(a_b=c) to V(ecs_tag_a_b_c), and so
    may two names that differ in such a character. A warning names the group and its sources.
    O(keyed_groups) on C(ecs_facts) can separate them.
  - Text from AWS or from the cache is never treated as a template.
  - The cache contains the facts. Different options, profiles, access keys, regions and endpoints
    have different caches. Cached states can be old; roles always read what is live. A cache that
    is damaged, edited or of another version of this plugin is read again, with a warning.
  - If this plugin fails, Ansible continues with an empty inventory, unless
    C(any_unparsed_is_failed) is set in the section C(inventory) of its configuration. Set it.
extends_documentation_fragment:
  - inventory_cache
  - constructed
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
seealso:
  - ref: ansible_collections.steadystate.ecs.docsite.fleets
    description: A rolling change over many services
"""

EXAMPLES = r"""
# All services of a region
plugin: steadystate.ecs.services
region: eu-west-1

---
# The web services of production in two regions, grouped by the tag "team", kept for five minutes
plugin: steadystate.ecs.services
regions: [eu-west-1, eu-central-1]
clusters: [production]
services: [web-*]
hostname: [region, cluster, service]
keyed_groups:
  - key: ecs_facts.tags.team
    prefix: team
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: .inventory-cache
cache_timeout: 300

---
# Two accounts through profiles that assume a role, one through a role that the inventory assumes
plugin: steadystate.ecs.services
regions: [eu-west-1]
accounts:
  - profile: staging
  - profile: production
  - assume_role_arn: arn:aws:iam::444455556666:role/inventory
hostname: [account, cluster, service]
tags:
  managed_by: ansible
"""

import json
import typing as t

from ..plugin_utils import _bytecode

_bytecode.use()

from ..module_utils._aws import accounts
from ..module_utils._aws.client import Gateways
from ..module_utils._jobs import inventory as fleet
from ..module_utils._rules import inventory as rules
from ..module_utils._rules.documents import Document
from ..module_utils._rules.errors import AccessDeniedError, SteadyStateError
from ..plugin_utils._inventory import Host, Inventory

if t.TYPE_CHECKING:
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader

_LOOKED_UP_BY: t.Final = (
    *("regions", "clusters", "services", "tags", "include_images", "strict_permissions"),
    *("region", "profile", "access_key", "endpoint_url", "assume_role_arn"),
)
"""The options that decide, with ``accounts``, what AWS is asked, and as whom."""


def variables(told: Document) -> Document:
    """Return the variables of a host.

    What roles would take for an option says which service is meant; all else is in one dictionary.
    """
    return {
        "ecs_cluster": told["cluster_arn"],
        "ecs_service": told["service"],
        "ecs_connection": told["connection"],
        "ecs_facts": {name: fact for name, fact in told.items() if name != "connection"},
    }


class InventoryModule(Inventory):
    NAME = "steadystate.ecs.services"
    INVENTORY_FILE_SUFFIXES = (
        "services.ecs.yml",
        "services.ecs.yaml",
        "ecs_services.yml",
        "ecs_services.yaml",
    )

    def _fill(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool) -> None:
        kept = self._kept(path, cache)
        services = self._look_up() if kept is None else kept
        self._populate(inventory, rules.named(services, self.get_option("hostname")))
        if kept is None:
            # False: whatever there is in the cache is to be replaced.
            self.update_cached_result(path, False, rules.sealed(services))

    def _kept(self, path: str, cache: bool) -> list[Document] | None:
        """Return the services in the cache, or None if they have to be looked up."""
        try:
            found, kept = self.get_cached_result(path, cache)
            return rules.unsealed(kept, self._ways) if found else None
        except Exception as error:  # of any cache plugin
            reason = (
                error.message
                if isinstance(error, SteadyStateError)
                else f"{type(error).__name__} while it was read"
            )
            self.warn(f"All services of this inventory are looked up again. {reason}")
            return None

    def _ways(self, region: str) -> list[Document]:
        """Return how roles get to the services of a region, in each of the accounts."""
        regions = self.get_option("regions") or [self.get_option("region") or region]
        entries = enumerate(self._accounts() or [{}])
        return (
            [
                rules.way(rules.account(entry, f"accounts[{number}]"), region, **self._connection())
                for number, entry in entries
            ]
            if region in regions
            else []
        )

    def _connection(self) -> Document:
        return {
            name: self.get_option(name) for name in ("profile", "assume_role_arn", "endpoint_url")
        }

    def get_cache_key(self, path: str) -> str:
        """Return what tells caches apart: what AWS is asked, and as whom.

        The services of one account must not be taken for those of another.
        """
        return super().get_cache_key(
            json.dumps([path, self._accounts(), *map(self.get_option, _LOOKED_UP_BY)])
        )

    def _set_frozen_credentials(self) -> None:
        """Nothing yet: what is in the cache needs no role to be assumed."""

    def _look_up(self) -> list[Document]:
        super()._set_frozen_credentials()
        wanted = fleet.Filter(
            self.get_option("clusters"),
            self.get_option("services"),
            self.get_option("tags"),
            self.get_option("include_images"),
        )
        self._complete = True
        # An account that cannot be entered makes the inventory incomplete.
        places = list(self._places())
        services = fleet.services(places, wanted, self._tolerates, complete=self._complete)
        if not services:
            self.warn("No ECS service matches these options in these accounts and regions.")
        return services

    def _places(self) -> t.Iterator[fleet.AccountRegion]:
        """Every account in every region."""
        # Without a region the SDK takes that of the profile.
        regions = self.get_option("regions") or [self.get_option("region")]
        for number, entry in enumerate(self._accounts() or [{}]):
            account = rules.account(entry, f"accounts[{number}]")
            try:
                credentials = self._credentials(account)
            except SteadyStateError as error:
                if not self._tolerates(error):
                    raise
                continue
            for region in regions:
                gateway = Gateways(self.client).ecs(region=region, **credentials)
                yield fleet.AccountRegion(
                    gateway, rules.way(account, gateway.region, **self._connection())
                )

    def _accounts(self) -> t.Any:
        return self.templar.template(self.get_option("accounts"))

    def _credentials(self, account: Document) -> accounts.Credentials:
        if account.get("profile"):
            return accounts.of_profile(account["profile"])
        if account.get("assume_role_arn"):
            return accounts.of_role(
                Gateways(self.client).client("sts"),
                account["assume_role_arn"],
                account.get("external_id"),
            )
        return {}

    def _tolerates(self, error: SteadyStateError) -> bool:
        if self.get_option("strict_permissions") or not isinstance(error, AccessDeniedError):
            return False
        self._complete = False
        self.warn(f"The inventory is not complete. {error.message}")
        return True

    def _populate(self, inventory: InventoryData, services: t.Mapping[str, Document]) -> None:
        inventory.add_group(rules.ALL)
        self._add(
            inventory,
            {name: Host(variables(told), rules.groups(told)) for name, told in services.items()},
        )
