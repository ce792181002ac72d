# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: live_task_info
short_description: Look up the task definition that an ECS service runs
version_added: 0.1.0
description:
  - Returns which task definition a service runs, and the image of each of its containers.
  - The live task definition is that of the PRIMARY deployment; if CodeDeploy or an external
    controller deploys, that of the PRIMARY task set.
  - A service that is missing, deleted or being deleted is not an error; RV(exists) is then false.
    A missing cluster is an error.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
  services:
    description:
      - Names or ARNs of several services of O(cluster). Every ten need one C(DescribeServices).
    type: list
    elements: str
extends_documentation_fragment:
  - steadystate.ecs._options.show_definitions
  - steadystate.ecs._options
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - plugin: steadystate.ecs.live_task
    plugin_type: lookup
  - module: steadystate.ecs.container_definition
"""

EXAMPLES = r"""
- name: Look up what the service runs
  steadystate.ecs.live_task_info:
    cluster: production
    service: web
  register: live

- name: Show the live image
  ansible.builtin.debug:
    msg: "{{ live.containers.web.image if live.exists else live.reason }}"
"""

RETURN = r"""
exists:
  description: Whether an ACTIVE service of that name exists.
  returned: with O(service)
  type: bool
  sample: true
reason:
  description: Why RV(exists) is false, or why no task definition is live; empty otherwise.
  returned: with O(service)
  type: str
  sample: ""
status:
  description: Status of the service, V(ACTIVE), V(DRAINING) or V(INACTIVE); null if it does not
    exist.
  returned: with O(service)
  type: str
  sample: ACTIVE
cluster:
  description: Name of the cluster.
  returned: with O(service)
  type: str
  sample: production
service_name:
  description: Name of the service.
  returned: with O(service)
  type: str
  sample: web
task_definition_arn:
  description:
    - ARN of the live task definition. Where another controller than ECS deploys it is that of the
      PRIMARY task set, else of the newest ACTIVE one.
    - Null when there is none; RV(reason) says why.
  returned: with O(service)
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
task_definition_status:
  description: Status of the live task definition, which may be V(INACTIVE).
  returned: with O(service)
  type: str
  sample: ACTIVE
default_family:
  description: C(CLUSTER-SERVICE), the default family of role P(steadystate.ecs.service#role).
  returned: with O(service)
  type: str
  sample: production-web
family:
  description: Family of the live task definition.
  returned: with O(service)
  type: str
  sample: production-web
revision:
  description: Revision of the live task definition.
  returned: with O(service)
  type: int
  sample: 7
task_definition:
  description: The live task definition in the API's own shape, without read-only members, as for
    C(RegisterTaskDefinition).
  returned: with O(service)
  type: dict
  sample:
    family: production-web
    containerDefinitions:
      - name: web
        image: registry.example/web:2.0
tags:
  description: Tags of the live task definition.
  returned: with O(service)
  type: dict
  sample: {"team": "shop"}
containers:
  description: The containers of the live task definition by name.
  returned: with O(service)
  type: dict
  sample:
    web:
      image: registry.example/web:2.0
      repository: registry.example/web
      tag: '2.0'
      digest: null
      essential: true
unknown_members:
  description: Paths in the live task definition that the installed SDK does not know. Registering
    the definition again would lose them.
  returned: with O(service)
  type: list
  elements: str
  sample: []
previous:
  description:
    - What a deleted service ran last, C(task_definition_arn) and C(task_definition), while ECS
      still shows the service (RV(status) is then V(DRAINING) or V(INACTIVE)). Null if the service
      exists or never existed.
  returned: with O(service)
  type: dict
  sample: null
  version_added: 0.2.0
deployment:
  description: The PRIMARY deployment; null if ECS does not deploy.
  returned: with O(service)
  type: dict
  sample:
    id: ecs-svc/1234567890123456789
    in_progress: false
    rollout_state: COMPLETED
    running_count: 2
service:
  description: The service as returned by C(DescribeServices); null if it does not exist.
  returned: with O(service)
  type: dict
  sample: {"serviceName": "web", "status": "ACTIVE", "desiredCount": 2}
looked_up_at:
  description: When ECS was asked, in UTC.
  returned: always
  type: str
  sample: "2026-11-20T09:14:07.131+00:00"
  version_added: 0.2.0
check_mode:
  description:
    - Whether the task ran in check mode, by the command line or by C(check_mode) of the play or the
      task. C(ansible_check_mode) knows only the command line.
  returned: always
  type: bool
  sample: false
  version_added: 0.2.0
services:
  description: The same values for each of O(services), in their order.
  returned: with O(services)
  type: list
  elements: dict
  sample: []
"""


import datetime
import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import live
from ..module_utils._module import Call, Result, Spec, run_module

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.SHOW_VALUES,
        **options.SERVICE,
        "services": {"type": "list", "elements": "str"},
    },
    mutually_exclusive=[("service", "services")],
    required_one_of=[("service", "services")],
    sealed=("task_definition", "previous", "service", "services"),
)


def run(call: Call) -> Result:
    """Return what one service, or each of several, runs."""
    one, several = call.params["service"], call.params["services"]
    now = datetime.datetime.fromtimestamp(call.clock.time(), datetime.UTC)
    answers = live.live_tasks(
        call.ecs(), call.params["cluster"], [one] if several is None else several
    )
    return {
        "changed": False,
        "check_mode": call.check_mode,
        "looked_up_at": now.isoformat(timespec="milliseconds"),
        **(answers[0] if several is None else {"services": answers}),
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
