# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: daemon
short_description: Deploy a managed daemon, and wait for its deployment
version_added: 0.2.0
description:
  - Creates, updates or deletes a managed daemon of Amazon ECS, an agent that runs once on each
    container instance of its capacity providers. They must be of Amazon ECS Managed Instances.
  - If the daemon runs what is declared, nothing is changed. Otherwise the newest revision of its
    daemon task definition is used if it is equal, or a revision is registered, and the daemon is
    updated.
  - Every update drains and replaces the container instances; a warning says so. A change of only
    the settings of deployments starts no deployment. It is sent with the next update.
  - Needs botocore 1.42.81.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  name:
    description: Name of the daemon.
    type: str
    required: true
  state:
    description: Whether the daemon exists.
    type: str
    choices: [present, absent]
    default: present
  task_definition:
    description:
      - The daemon task definition, in the shape of C(RegisterDaemonTaskDefinition) and in
        snake_case or in the case of the API. C(family) is the name of the daemon by default.
      - It is fully declarative. Whatever you leave out is removed.
    type: dict
  capacity_providers:
    description:
      - Names or ARNs of capacity providers.
      - Required if the daemon does not exist yet; by default they stay as they are.
    type: list
    elements: str
  drain_percent:
    description: Percentage of the container instances that are drained at the same time.
    type: float
  bake_time_in_minutes:
    description: Minutes in which alarms are watched after the last instance is replaced.
    type: int
  alarms:
    description: Names of the CloudWatch alarms that roll a deployment back.
    type: list
    elements: str
  propagate_tags:
    description: Whether the tasks get the tags of the daemon. By default this is not changed.
    type: str
    choices: [DAEMON, NONE]
  enable_ecs_managed_tags:
    description: Whether ECS tags the tasks. By default this is not changed.
    type: bool
  enable_execute_command:
    description: Whether commands can be run in the tasks with ECS Exec. By default this is not
      changed.
    type: bool
  critical:
    description:
      - Whether an instance is drained when its daemon task fails. By default this is not changed.
    type: bool
  tags:
    description: Tags of a daemon that is created. They are not changed later.
    type: dict
  wait:
    description: Wait for the deployment that was started, or that is in progress.
    type: bool
    default: true
  wait_timeout:
    description: Maximum seconds to wait. After that the deployment continues.
    type: int
    default: 3600
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.show_values
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.changes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Keep the log agent on every instance
  steadystate.ecs.daemon:
    cluster: production
    name: log-agent
    capacity_providers: [managed-instances]
    task_definition:
      cpu: 128
      memory: 256
      container_definitions:
        - name: agent
          image: registry.example/log-agent:2.0
          memory: 256
    drain_percent: 25
"""

RETURN = r"""
action:
  description: What was done, V(none), V(create), V(update) or V(delete).
  returned: success
  type: str
  sample: update
daemon_arn:
  description: ARN of the daemon; empty if there was none to delete.
  returned: success
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:daemon/production/log-agent
daemon_task_definition_arn:
  description: ARN of the daemon task definition; null if it would be registered, or the daemon was
    deleted.
  returned: success
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:daemon-task-definition/log-agent:2
deployment_arn:
  description: ARN of the deployment that was started or is in progress; null if there is none.
  returned: success
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:daemon-deployment/production/log-agent/Ab12
differences:
  description: Where declared and live differ, with V((hidden\)) for values that may be secret.
  returned: success
  type: list
  elements: dict
  sample:
    - path: containerDefinitions[agent].image
      live: registry.example/log-agent:1.0
      declared: registry.example/log-agent:2.0
verdict:
  description: How the deployment ended, V(succeeded); null if none was waited for. If the module
    fails, V(failed), V(rolled_back), V(superseded) or V(timed_out).
  returned: always
  type: str
  sample: succeeded
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._aws.daemons import Daemons
from ..module_utils._jobs import daemon
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import canonical, readable, shape
from ..module_utils._rules.errors import DeclarationError, NotFoundError
from ..module_utils._rules.timeline import timed

if t.TYPE_CHECKING:
    from ..module_utils._aws.gateway import Gateway

MEMBERS: t.Final[options.Specification] = {
    "propagate_tags": {"type": "str", "choices": ["DAEMON", "NONE"]},
    "enable_ecs_managed_tags": {"type": "bool"},
    "enable_execute_command": {"type": "bool"},
    "critical": {"type": "bool"},
}
SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.SHOW_VALUES,
        **MEMBERS,
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "task_definition": {"type": "dict"},
        "capacity_providers": {"type": "list", "elements": "str"},
        "drain_percent": {"type": "float"},
        "bake_time_in_minutes": {"type": "int"},
        "alarms": {"type": "list", "elements": "str"},
        "tags": {"type": "dict"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 3600},
    },
    required_if=[("state", "present", ("task_definition",))],
)
REPLACES: t.Final = (
    "The update of daemon {} drains and replaces the container instances of its capacity providers."
)


def run(call: Call) -> Result:
    """Return what was done to the daemon and how its deployment ended."""
    params, gateway = call.params, call.ecs()
    gateway.require("CreateDaemon")
    daemons, name = Daemons(gateway), params["name"]
    desired = _desired(call, gateway) if params["state"] == "present" else None
    cluster = _cluster_arn(gateway, params["cluster"])
    if desired is None:
        done = daemon.delete(daemons, cluster, name, check_mode=call.check_mode)
    else:
        done = daemon.converge(daemons, cluster, desired, check_mode=call.check_mode)
    if done.action == "update":
        call.warn(REPLACES.format(name))
    verdict = None
    if params["wait"] and done.deployment and not call.check_mode:
        daemon.wait(
            daemons,
            done,
            timeout=params["wait_timeout"],
            clock=call.clock,
            report=timed(call.reporter(f"daemon {name}"), call.clock),
        )
        verdict = "succeeded"
    return {
        "changed": done.changed,
        "action": done.action,
        "daemon_arn": done.arn,
        "daemon_task_definition_arn": done.definition_arn,
        "deployment_arn": done.deployment,
        "differences": readable.data(done.differences, show_values=params["show_values"]),
        "verdict": verdict,
        "diff": readable.diff(
            done.differences,
            before=f"daemon {name}",
            headline=done.action,
            summary=readable.summary(done.differences),
            show_values=params["show_values"],
        ),
    }


def _cluster_arn(gateway: Gateway, reference: str) -> str:
    if reference.startswith("arn:"):
        return reference
    found = gateway.clusters([reference]).get(reference)
    if found is None:
        raise NotFoundError(f"there is no cluster {reference}", code="ClusterNotFoundException")
    return t.cast(str, found["clusterArn"])


def _desired(call: Call, gateway: Gateway) -> daemon.Desired:
    params = call.params
    definition = shape.normalize(
        {"family": params["name"], **params["task_definition"]},
        gateway.input_shape("RegisterDaemonTaskDefinition"),
        path="task_definition",
        sdk=gateway.sdk,
    )
    drain = params["drain_percent"]
    if drain is not None and not 0 <= drain <= 100:
        raise DeclarationError("drain_percent", f"is {drain:g}", "give 0 to 100")
    settings = {
        "drainPercent": drain,
        "bakeTimeInMinutes": params["bake_time_in_minutes"],
        "alarms": {"alarmNames": params["alarms"], "enable": True} if params["alarms"] else None,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    given = {name: params[name] for name in MEMBERS if params[name] is not None}
    members = shape.normalize(
        given, gateway.input_shape("UpdateDaemon"), path="", sdk=gateway.sdk, required=False
    )
    if settings:
        members["deploymentConfiguration"] = settings
    providers = params["capacity_providers"]
    return daemon.Desired(
        params["name"],
        definition,
        tuple(providers) if providers is not None else None,
        members,
        tuple(canonical.tag_list(params["tags"] or {})),
    )


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
