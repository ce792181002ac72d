# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: declaration_check
short_description: Check a declaration before anything is changed
version_added: 0.2.0
description:
  - Checks the whole declaration of a service (containers, task, service and tags) and reports all
    mistakes at once.
  - Each mistake has its path, with the names as the user wrote them, and what would be right.
  - Rejects only what AWS rejects and what cannot work. It does not check whether a role, a subnet
    or a target group exists; M(steadystate.ecs.preflight_info) does.
  - For an existing service, the live values of members that are not declared are checked, too.
    Impossible changes are rejected, such as a new launch type, or a new task definition if the
    deployment controller is not V(ECS).
  - With O(compare=true) also tells whether role P(steadystate.ecs.service#role) has anything to do.
  - Changes nothing, and calls AWS only if O(live) is not given.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
    required: true
  family:
    description:
      - Family of the task definition, by default C(CLUSTER-SERVICE).
    type: str
  containers:
    description:
      - The containers, as O(steadystate.ecs.container_definition#module:containers). Without them
        only the service is checked.
    type: list
    elements: raw
  task:
    description:
      - Members of the task definition other than its containers, in snake_case or camelCase.
    type: raw
  service_options:
    description:
      - Members of the service other than its task definition, in snake_case or camelCase.
    type: raw
  tags:
    description:
      - Tags of the task definition and the service.
    type: raw
  scaling:
    description:
      - Auto scaling, as C(ecs_scaling) of role P(steadystate.ecs.service#role). A declared
        C(desired_count) has to be within its limits, and metrics of high resolution need
        C(monitoring).
    type: raw
    version_added: 0.2.0
  schedules:
    description:
      - Schedules and rules, as C(ecs_schedules) of role P(steadystate.ecs.service#role). Containers
        in their overrides have to be in O(containers), or without it in the live task definition.
      - If neither O(containers), O(task), O(service_options) nor O(tags) is given, only this,
        O(scaling), O(prune) and O(pre_deploy) are checked.
    type: list
    elements: dict
    version_added: 0.2.0
  prune:
    description:
      - What old revisions are pruned by, as C(ecs_prune) of role P(steadystate.ecs.service#role).
    type: dict
    version_added: 0.2.0
  pre_deploy:
    description:
      - Overrides of a task before the deployment, as C(ecs_pre_deploy) of role
        P(steadystate.ecs.deploy#role). Containers as in O(schedules).
    type: dict
    version_added: 0.2.0
  force_bootstrap_image:
    description:
      - Whether C(bootstrap_image) is used even if an image is live.
    type: bool
    default: false
  replace:
    description:
      - Whether the service may be deleted and created again if an attribute differs that cannot be
        changed in place.
    type: bool
    default: false
  allow_zero:
    description:
      - Whether a declared C(desired_count) of 0 is accepted.
    type: bool
    default: false
  compare:
    description:
      - Also compare the declaration with what is live, and tell in RV(differs) whether a step of
        role P(steadystate.ecs.service#role) may have something to change, to wait for or to warn
        of. If not, the result of the role is returned, too, and shown in one line.
      - What only AWS can tell counts as a difference, such as declared auto scaling or a deployment
        controller other than V(ECS), and so do missing O(containers).
    type: bool
    default: false
    version_added: 0.2.0
  force_new_deployment:
    description:
      - Whether a deployment will be started even if nothing differs, as
        O(steadystate.ecs.service#module:force_new_deployment). V(true) counts as a difference;
        a value that the module refuses is a mistake.
    type: raw
    default: false
    version_added: 0.2.0
  wait_timeout:
    description:
      - Seconds that a later step waits. It is only checked that they are not negative.
    type: int
    version_added: 0.2.0
  log_lines:
    description:
      - Log lines that a later step shows, checked in the same way.
    type: int
    version_added: 0.2.0
  max_removed_percent:
    description:
      - As O(steadystate.ecs.task_definition#module:max_removed_percent), checked in the same way.
    type: float
    version_added: 0.2.0
  prefix:
    description:
      - Prefix of these options in the user's variables, V(ecs_) for role
        P(steadystate.ecs.service#role). Used in messages.
    type: str
    default: ""
  misspelt:
    description:
      - Misspelt variables, as P(steadystate.ecs.misspelt#filter) finds them. They are reported
        with the other mistakes.
    type: list
    elements: dict
    default: []
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.task_set
  - steadystate.ecs._options.live
  - steadystate.ecs._options.ownership
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.container_definition
  - module: steadystate.ecs.task_definition
  - module: steadystate.ecs.service
"""

EXAMPLES = r"""
- name: Look up what the service runs
  steadystate.ecs.live_task_info:
    cluster: production
    service: web
  register: live

- name: Check the declaration
  steadystate.ecs.declaration_check:
    live: "{{ live }}"
    cluster: production
    service: web
    containers:
      - name: web
        bootstrap_image: registry.example/web:1.0
        ports: [8080]
    task:
      requires_compatibilities: [FARGATE]
      network_mode: awsvpc
      cpu: 256
      memory: 512
    service_options:
      desired_count: 2
      launch_type: FARGATE
      network_configuration:
        awsvpc_configuration:
          subnets: [subnet-0a, subnet-0b]
"""

RETURN = r"""
findings:
  description: The mistakes. Empty on success; the result of a failure has them.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The path, in the user's names.
      type: str
      sample: ecs_service_options.load_balancers[0].container_name
    problem:
      description: What is wrong. Never contains a value of an environment variable, a secret or a
        label.
      type: str
      sample: no container 'wbe'
    expected:
      description: What would be right.
      type: str
      sample: did you mean web?
    severity:
      description: V(error).
      type: str
      sample: error
  sample: []
differs:
  description: Whether a step of role P(steadystate.ecs.service#role) may have something to change,
    to wait for or to warn of. If not, the result of the role is returned, too.
  returned: on success, with O(compare=true)
  type: bool
  sample: true
  version_added: 0.2.0
"""

import typing as t
from collections.abc import Mapping

from ..module_utils import _options as options
from ..module_utils._aws import api, gateway, scaling, scheduler
from ..module_utils._jobs import live
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import (
    acceptance,
    declaration,
    findings,
    nothing_to_do,
    prune_settings,
    role_result,
    scaling_declaration,
    schedule_declaration,
    service_plan,
    task,
)
from ..module_utils._rules.errors import DeclarationError

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from ..module_utils._rules.documents import Document

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.TASK_SET,
        **options.LIVE,
        **options.OWNERSHIP,
        "service": {"type": "str", "required": True},
        "family": {"type": "str"},
        "containers": {"type": "list", "elements": "raw"},
        "task": {"type": "raw"},
        "service_options": {"type": "raw"},
        "tags": {"type": "raw"},
        "scaling": {"type": "raw"},
        "schedules": {"type": "list", "elements": "dict"},
        "prune": {"type": "dict"},
        "pre_deploy": {"type": "dict"},
        "force_bootstrap_image": {"type": "bool", "default": False},
        "replace": {"type": "bool", "default": False},
        "allow_zero": {"type": "bool", "default": False},
        "compare": {"type": "bool", "default": False},
        "force_new_deployment": {"type": "raw", "default": False},
        "wait_timeout": {"type": "int"},
        "log_lines": {"type": "int"},
        "max_removed_percent": {"type": "float"},
        "prefix": {"type": "str", "default": ""},
        "misspelt": {"type": "list", "elements": "dict", "default": []},
    },
)

COMPARED: t.Final = (
    *acceptance.VARIABLES,
    "scaling",
    "schedules",
    "task_set",
    "force_bootstrap_image",
    "force_new_deployment",
)
"""Variables of role ``service`` that say whether it has anything to do."""


def run(call: Call) -> Result:
    """Fail with all findings there are, or compare if that is wanted."""
    params = call.params
    given, cluster, service = params["live"], params["cluster"], params["service"]
    # No client is made where nothing is asked: that is most of what the step would cost.
    answer = (
        live.about(given, cluster, service)
        if given
        else live.given_or_looked_up(call.ecs(), None, cluster, service)
    )
    found: list[findings.Mistake] = []
    parts = ("scaling", "schedules", "prune", "pre_deploy")
    if all(params[name] is None for name in parts) or declaration.declares_something(params):
        found += acceptance.declaration(
            {name: params[name] for name in acceptance.VARIABLES},
            live.known(answer),
            acceptance.Allowed(
                params["replace"],
                params["allow_zero"],
                params["force_bootstrap_image"],
                task_sets=params["task_set"] is not None,
            ),
            shapes=gateway.input_shapes(),
            sdk=api.sdk(),
            prefix=params["prefix"],
        )
    if params["scaling"] is not None:
        found += scaling_declaration.mistakes(
            params["scaling"],
            params["service_options"],
            scaling.input_shapes(),
            api.sdk(),
            monitoring=gateway.input_shapes()["service"].members.get("monitoring"),
            exists=answer["exists"],
            prefix=params["prefix"],
        )
    if params["schedules"] is not None:
        found += schedule_declaration.mistakes(
            params["schedules"],
            _containers(params["containers"], live.described(answer)),
            scheduler.input_shapes(),
            api.sdk(),
            prefix=params["prefix"],
        )
    if params["prune"] is not None:
        path = f"{params['prefix']}prune"
        found += map(findings.Mistake.of, prune_settings.read(params["prune"], path)[1])
    if params["pre_deploy"] is not None:
        found += _overrides(params, _containers(params["containers"], live.described(answer)))
    found += _unclear(params)
    misspelt = [
        findings.Mistake(**{name: known[name] for name in known if name != "text"})
        for known in params["misspelt"]
    ]
    findings.refuse([*misspelt, *found])
    return {
        "changed": False,
        "findings": [],
        **(_compared(call, answer) if params["compare"] else {}),
    }


def _overrides(params: Document, containers: Sequence[str] | None) -> t.Iterator[findings.Mistake]:
    """Yield overrides that module ``run_task`` would refuse."""
    expected = scheduler.input_shapes()["RunTask"].members["overrides"]
    try:
        task.overrides(params["pre_deploy"], containers, expected, sdk=api.sdk())
    except DeclarationError as error:
        path = f"{params['prefix']}pre_deploy{error.path.removeprefix('overrides')}"
        yield findings.Mistake(path, error.problem, error.expected)


def _unclear(params: Document) -> t.Iterator[findings.Mistake]:
    """Yield a way to force a deployment that module ``service`` would refuse."""
    try:
        service_plan.forced(params["force_new_deployment"])
    except DeclarationError as error:
        path = f"{params['prefix']}{error.path}"
        yield findings.Mistake(path, error.problem, error.expected)


def _compared(call: Call, answer: Document) -> Result:
    """Return whether anything differs, and else the result of the role."""
    reader = declaration.Reader(gateway.input_shapes(), api.sdk())
    given = {name: call.params[name] for name in COMPARED}
    steps = nothing_to_do.steps(given, answer, live.described(answer), reader)
    if steps is None:
        return {"differs": True}
    told = role_result.result(steps, elapsed=role_result.elapsed(answer, call.clock.time()))
    line = role_result.line(steps, told, check_mode=call.check_mode)
    return {"differs": False, **told, "msg": line}


def _containers(declared: Sequence[t.Any] | None, described: Document | None) -> list[str] | None:
    """Return the names of the containers; ``None`` where they are not known."""
    if declared is None:
        definition = (described or {}).get("taskDefinition")
        return list(task.essentials(definition)) if definition else None
    names = [entry.get("name") for entry in declared if isinstance(entry, Mapping)]
    known = [name for name in names if isinstance(name, str)]
    return known if len(known) == len(declared) else None


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
