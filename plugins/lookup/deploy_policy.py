# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: deploy_policy
short_description: Return the IAM policy for jobs of this collection
version_added: 0.1.0
description:
  - Returns the policy for the jobs on the services. It has the actions that they call, on the ARNs
    of these services where the action allows it, otherwise with C(ecs:cluster), and
    C(iam:PassRole) for the roles of these services.
  - R(The guide, ansible_collections.steadystate.ecs.docsite.policies) lists the actions of each
    job. The tests run each job with exactly its policy.
  - Invalid names and ARNs are errors, so none makes the policy broader. A name has the characters
    that AWS allows for its kind. An ARN is of O(account) and the region. A role to pass is a name,
    with its path if it has one, or an ARN. V(*) is a pattern in C(service) and C(family) only.
  - Types are strict. A single name instead of a list is an error, and so is a boolean that is
    neither true nor false.
  - Calls AWS only if O(account) or the region is not given.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  _terms:
    description:
      - The jobs. Those of the roles are V(service), V(deploy), V(rollback), V(drift) and V(adopt).
      - Those of modules are V(run_task), V(schedule), V(wait_for_deployment),
        V(stop_deployment), V(task_info), V(stop_task), V(logs), V(execute_command),
        V(gate) for M(steadystate.ecs.deployment_gate), V(deployment_info),
        V(task_definition_info), V(live) for M(steadystate.ecs.live_task_info) and the lookups, and
        V(prune) for O(steadystate.ecs.task_definition#module:prune).
      - V(inventory) is for P(steadystate.ecs.services#inventory).
      - V(classic) is the set of actions that deploy tools have traditionally needed, before ECS
        kept a history of deployments.
    type: list
    elements: str
    required: true
  services:
    description:
      - The services, each a dictionary of role variables with or without their prefix, as for role
        C(drift). An unknown name is an error.
      - C(cluster), C(service) and C(family) identify the service. C(service) and C(family) may be
        a pattern such as V(web-*); V(*) means all services of the cluster. The default of
        C(family) is C(CLUSTER-SERVICE). An ARN of a service implies the cluster; C(cluster) beside
        it must be the same.
      - C(task) has the roles to pass as C(task_role_arn) and C(execution_role_arn); C(pass_roles)
        is a list of roles to use without C(task).
      - C(containers) have the log groups and, for C(check_images), the ECR repositories.
        C(log_groups) is a list of log groups to use without C(containers). Logs in another region
        are not read. If no container has an image, C(check_images) is allowed for all repositories
        of the account.
      - Some options add actions, C(tags), C(schedules), C(pre_deploy), C(replace), C(on_timeout),
        C(on_interrupt), C(prune), C(pin_digests), C(deregister), C(check_images) and others in the
        guide. C(wait=false) leaves out what only waiting needs.
    type: list
    elements: dict
    default: []
  settings:
    description: Variables of all services.
    type: dict
    default: {}
  pass_roles:
    description:
      - Names or ARNs of the roles that may be passed to tasks, for services that do not set them.
        Empty if tasks have none.
      - They must be roles of O(account), because no other role can be passed.
    type: list
    elements: str
  clusters:
    description:
      - Names or ARNs of clusters, for jobs on all services of a cluster, V(drift), V(adopt),
        V(inventory), V(live), V(deployment_info).
      - Patterns are not allowed; use O(all_clusters) for all of them.
    type: list
    elements: str
    default: []
  all_clusters:
    description: Allow these jobs on all clusters of the account, and listing them.
    type: bool
    default: false
  account:
    description: Number of the account. By default the account of the credentials, from the
      Security Token Service.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.iam_managed_policy
"""

EXAMPLES = r"""
- name: Allow a pipeline to deploy one service
  amazon.aws.iam_managed_policy:
    name: deploy-production-web
    policy: >-
      {{ lookup('steadystate.ecs.deploy_policy', 'deploy', 'rollback', services=services,
      account='111122223333', region='eu-west-1') }}
  vars:
    services:
      - cluster: production
        service: web
        task:
          task_role_arn: arn:aws:iam::111122223333:role/web
          execution_role_arn: arn:aws:iam::111122223333:role/ecsTaskExecution
        log_groups: [/ecs/web]

- name: Show the policy of a nightly report on all clusters
  ansible.builtin.debug:
    msg: >-
      {{ lookup('steadystate.ecs.deploy_policy', 'drift', all_clusters=true,
      settings={'check_images': true}) }}
"""

RETURN = r"""
_raw:
  description:
    - The policy as a dictionary, in a list of one.
    - The names and the order of its statements are stable for the same input.
  type: list
  elements: dict
  sample:
    - Version: "2012-10-17"
      Statement:
        - Sid: Services
          Effect: Allow
          Action: ["ecs:DescribeServices", "ecs:UpdateService"]
          Resource: arn:aws:ecs:eu-west-1:111122223333:service/production/web
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ..plugin_utils import _bytecode

_bytecode.use()

from ..module_utils._aws.client import Gateways
from ..module_utils._rules import policy
from ..module_utils._rules.errors import SteadyStateError


class LookupModule(AWSLookupBase):
    def run(
        self,
        terms: list[t.Any],
        variables: dict[str, t.Any] | None = None,
        *args: t.Any,
        **kwargs: t.Any,
    ) -> list[t.Any]:
        """One policy for all jobs."""
        super().run(terms, variables, *args, **kwargs)
        shared = {"pass_roles": self.get_option("pass_roles"), **self.get_option("settings")}
        if not self.region:
            raise AnsibleLookupError("region is missing; give it, or set AWS_REGION")
        try:
            document = policy.document(
                self.get_option("services"),
                self._flatten(terms),
                account=self.get_option("account") or Gateways(self.client).account(),
                region=self.region,
                clusters=self.get_option("clusters"),
                all_clusters=self.get_option("all_clusters"),
                variables=shared,
            )
        except SteadyStateError as error:
            raise AnsibleLookupError(
                error.message
            ) from None  # ansible would tell the same again for the cause
        return [document]
