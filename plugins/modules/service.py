# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service
short_description: Create, update or delete an ECS service, with one call and only if something
  differs
version_added: 0.1.0
description:
  - Creates or updates a service as declared. An option that is not given is not changed; an empty
    list removes what is live, and a setting can be switched off.
  - Makes no change if nothing differs. A change is one C(UpdateService) call; tags are changed
    with C(TagResource) and C(UntagResource).
  - Attributes that cannot be changed on an existing service are reported together before any
    change, as are all known mistakes in the options, as in M(steadystate.ecs.declaration_check).
  - If somebody else deploys between the read and the update, a new plan is made from that
    deployment. It is never rolled back.
author:
  - steadystate.ecs contributors (@steadystate)
options:
  state:
    description:
      - V(present) creates or updates the service, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
    required: true
  task_definition:
    description:
      - C(family:revision) or ARN of the task definition to run. A family alone means its newest
        ACTIVE revision.
      - Required if the service does not exist yet, unless an external controller deploys.
    type: str
  expected_task_definition:
    description:
      - ARN of the live task definition that O(task_definition) was made from,
        RV(steadystate.ecs.task_definition#module:expected_task_definition).
      - If another one is live by then, the fields that the pipeline owns are taken from that one,
        and a revision is selected again.
      - By default the one that is live when the module starts.
    type: str
  express_image:
    description:
      - Image of the primary container of a service that Express Mode manages,
        RV(steadystate.ecs.task_definition#module:express_image). It is deployed by
        C(UpdateExpressGatewayService); everything else of the service stays as it is.
      - Needs botocore 1.41.1.
    type: str
    version_added: 0.2.0
  desired_count:
    description:
      - Number of tasks. Sent when the service is created; later only if C(desiredCount) is removed
        from O(live_fields).
    type: int
  launch_type:
    description: Launch type, V(EC2), V(FARGATE), V(EXTERNAL) or V(MANAGED_INSTANCES).
    type: str
  capacity_provider_strategy:
    description: Capacity providers with C(capacity_provider), C(weight) and C(base). AWS requires
      a new deployment for a change.
    type: list
    elements: dict
  platform_version:
    description: Fargate platform version.
    type: str
  network_configuration:
    description: C(awsvpc_configuration) with C(subnets), C(security_groups) and
      C(assign_public_ip) (V(ENABLED), V(DISABLED), or a boolean).
    type: dict
  load_balancers:
    description: Target groups with C(target_group_arn), C(container_name) and C(container_port).
    type: list
    elements: dict
  service_registries:
    description: Service discovery registries with C(registry_arn).
    type: list
    elements: dict
  deployment_configuration:
    description: Deployment settings, C(maximum_percent), C(minimum_healthy_percent),
      C(deployment_circuit_breaker), C(alarms), C(strategy) and more.
    type: dict
  deployment_controller:
    description: Who deploys, C(type) V(ECS), V(CODE_DEPLOY) or V(EXTERNAL).
    type: dict
  placement_constraints:
    description: Constraints for placing tasks on instances.
    type: list
    elements: dict
  placement_strategy:
    description: Strategies for placing tasks on instances, in their order.
    type: list
    elements: dict
  health_check_grace_period_seconds:
    description: Seconds after the start of a task in which failed health checks are ignored.
    type: int
  scheduling_strategy:
    description: Scheduling strategy, V(REPLICA) or V(DAEMON).
    type: str
  enable_ecs_managed_tags:
    description: Whether ECS tags the tasks with the names of cluster and service.
    type: bool
  enable_execute_command:
    description: Whether to enable ECS Exec.
    type: bool
  propagate_tags:
    description: Source of the tags of tasks, V(TASK_DEFINITION), V(SERVICE) or V(NONE).
    type: str
  availability_zone_rebalancing:
    description: Whether tasks are redistributed over zones, V(ENABLED) or V(DISABLED).
    type: str
  service_connect_configuration:
    description: Service Connect; only C(enabled=false) disables it.
    type: dict
  volume_configurations:
    description: Volumes that are created when a task is launched.
    type: list
    elements: dict
  role:
    description: Role that ECS uses with a classic load balancer.
    type: str
  options:
    description:
      - Further members of C(CreateService) as a dictionary, in snake_case or camelCase. Every
        member that the installed SDK knows is accepted.
      - A member that is set both here and as an option is an error.
    type: dict
    default: {}
  scale:
    description:
      - Set the number of tasks now, even if somebody else owns it.
    type: int
  allow_zero:
    description:
      - Accept O(desired_count=0). By default a declared count of 0 is an error, because it is more
        often an empty variable.
    type: bool
    default: false
  deployment_in_progress:
    description:
      - What to do if another deployment is in progress before this call starts one. V(wait) until
        it has ended, V(fail), or V(supersede) it.
      - O(wait_timeout) limits the wait.
      - With O(state=absent) only V(fail) has an effect, unless O(force=true). It applies to
        deployments by CodeDeploy and to task sets of an external controller as well.
    type: str
    choices: [wait, fail, supersede]
    default: wait
  force_new_deployment:
    description:
      - V(true) starts a deployment even if nothing differs, and the module then always reports a
        change.
      - V(when_needed) starts one if a change would not reach running tasks, such as
        O(enable_execute_command), O(propagate_tags) or O(enable_ecs_managed_tags). Otherwise the
        module warns about such a change.
    type: raw
    default: false
    aliases: [refresh]
  warn_in_progress:
    description:
      - Warn if nothing is deployed, O(wait=false), and the deployment of the declaration is in
        progress or has failed.
    type: bool
    default: true
    version_added: 0.2.0
  replace:
    description:
      - Delete the service and create it again if an attribute differs that cannot be changed in
        place. No tasks run in between.
      - Everything that is not declared is created as it is live, including the task definition,
        the tags, and the number of tasks unless C(desiredCount) is removed from O(live_fields).
        What ECS does not accept together with the declaration is left out, with a warning.
      - Mistakes that are known before are reported before anything is deleted.
      - AWS removes the scalable target of a deleted service, with its policies and scheduled
        actions. Create them again with M(steadystate.ecs.scaling).
      - If a run ends in between, repeat it with O(replace=true) and O(desired_count), because ECS
        does not show how many tasks a deleted service had.
    type: bool
    default: false
  force:
    description:
      - With O(state=absent), delete the service at once. By default its tasks are stopped first.
    type: bool
    default: false
  wait:
    description:
      - Wait for the deployment that this call started, or with O(state=absent) until the service
        is gone.
      - If there is nothing to deploy but a deployment of the declaration is in progress, wait for
        that one.
      - Without a deployment, wait until the service is steady, which means that it runs as many
        tasks as it should. After O(scale) that is this number. If somebody sets another number
        while the module waits, the task fails.
      - The task fails unless the deployment succeeds. A rollback is a failure.
    type: bool
    default: false
  rollback_on_failure:
    description:
      - With O(wait=true), restore the previous task definition if the deployment fails or times
        out. The task still fails.
      - Does nothing if ECS rolled back itself, or if somebody else deployed in between.
    type: bool
    default: false
  suspend_scaling:
    description:
      - Suspend auto scaling of the service before a deployment starts, or while one is in progress
        that is waited for. The state from before is remembered in a tag of the scalable target.
      - It is restored when the task fails, and with O(wait) when the deployment has ended. Without
        O(wait), O(steadystate.ecs.wait_for_deployment#module:restore_scaling) restores it.
      - What a killed run has left suspended is restored, with a warning, unless a deployment is in
        progress. If another run has suspended scaling for its own deployment meanwhile, it is left
        to that run.
      - Scaling is not suspended if the desired count is outside the limits, because AWS would then
        change the count; the module warns. Fails if the scalable target has no ARN (created before
        March 2023), because it cannot be tagged.
    type: bool
    default: false
    version_added: 0.2.0
  scaling:
    description:
      - Auto scaling of the service, as C(ecs_scaling) of role P(steadystate.ecs.service#role). With
        its C(suspend_during_deploy) it means O(suspend_scaling=true) if the deployment is waited
        for, with O(wait) or O(warn_in_progress=false).
      - Mistakes in it are refused. Nothing else of it is used here.
    type: raw
    version_added: 0.2.0
  wait_timeout:
    description:
      - Maximum seconds to wait.
    type: int
    default: 1200
  on_interrupt:
    description:
      - With O(wait=true), what to do with the deployment if the run is interrupted, as
        O(steadystate.ecs.wait_for_deployment#module:on_interrupt).
    type: str
    choices: [leave, rollback]
    default: leave
    version_added: 0.2.0
extends_documentation_fragment:
  - steadystate.ecs._options
  - steadystate.ecs._options.task_set
  - steadystate.ecs._options.code_deploy
  - steadystate.ecs._options.live
  - steadystate.ecs._options.ownership
  - steadystate.ecs._options.show_values
  - steadystate.ecs._options.tags
  - steadystate.ecs._options.until
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.changes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.task_definition
  - module: steadystate.ecs.live_task_info
"""

EXAMPLES = r"""
- name: Look up what the service runs
  steadystate.ecs.live_task_info:
    cluster: production
    service: web
  register: live

- name: Build the container definitions with the live image
  steadystate.ecs.container_definition:
    live: "{{ live }}"
    containers:
      - name: web
        bootstrap_image: registry.example/web:1.0
        ports: [8080]
  register: built

- name: Register a revision only if something differs
  steadystate.ecs.task_definition:
    live: "{{ live }}"
    family: production-web
    container_definitions: "{{ built.container_definitions }}"
    requires_compatibilities: [FARGATE]
    network_mode: awsvpc
    cpu: 256
    memory: 512
  register: selected

- name: Create or update the service
  steadystate.ecs.service:
    live: "{{ live }}"
    cluster: production
    service: web
    task_definition: "{{ selected.task_definition_arn }}"
    expected_task_definition: "{{ selected.expected_task_definition }}"
    desired_count: 2
    launch_type: FARGATE
    network_configuration:
      awsvpc_configuration:
        subnets: [subnet-0a, subnet-0b]
        security_groups: [sg-01]
    deployment_configuration:
      deployment_circuit_breaker:
        enable: true
        rollback: true
    wait: true

- name: Scale the service now
  steadystate.ecs.service:
    cluster: production
    service: web
    scale: 5

- name: Restart the tasks to read a changed secret
  steadystate.ecs.service:
    cluster: production
    service: web
    refresh: true

- name: Delete a service and wait until it is gone
  steadystate.ecs.service:
    cluster: production
    service: old-web
    state: absent
    wait: true
"""

RETURN = r"""
service:
  description: The service as returned by C(DescribeServices); unchanged in check mode, null if
    there is none.
  returned: always
  type: dict
  sample: {"serviceName": "web", "status": "ACTIVE"}
action:
  description: What was done, V(none), V(create), V(update), V(replace) or V(delete).
  returned: always
  type: str
  sample: update
differences:
  description: Where declared and live differ.
  returned: with O(state=present)
  type: list
  elements: dict
  sample: [{"path": "desiredCount", "change": "changed", "live": 2, "declared": 3}]
summary:
  description: What differs besides the task definition, in one line and without values.
  returned: with O(state=present)
  type: str
  sample: "desiredCount changed"
  version_added: 0.2.0
task_definition_arn:
  description: The task definition that the service runs or is being deployed. It is not
    O(task_definition) if somebody deployed another one during the run.
  returned: with O(state=present)
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:8
  version_added: 0.2.0
images:
  description: The image of each container in RV(task_definition_arn), if that is not
    O(task_definition) because somebody deployed during the run. Empty otherwise.
  returned: with O(state=present)
  type: dict
  sample: {"web": "registry.example/web:3.0"}
  version_added: 0.2.0
meanings:
  description:
    - The effect of each changed member, V(in_place), V(deployment), V(forced_deployment),
      V(replacement), V(refused) or V(tags).
  returned: with O(state=present)
  type: dict
  sample: {"taskDefinition": "deployment"}
deployment_id:
  description: Id of the deployment that this call started, null if it started none.
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
previous_task_definition_arn:
  description:
    - ARN of the task definition that this call replaced, the target for a rollback. If somebody
      deployed during the run it is theirs. Null if this call started no deployment, or the first
      one.
  returned: always
  type: str
  sample: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
  version_added: 0.2.0
pending_deployment_id:
  description:
    - Id of the deployment of the declaration that has not yet succeeded, either started by this
      call, or found in progress or failed. Null if there is none. A deployment by CodeDeploy
      is in progress until the original task set has been terminated.
  returned: always
  type: str
  sample: ecs-svc/1234567890123456789
unsteady_deployment_id:
  description:
    - Id of the PRIMARY deployment if it succeeded, but the service does not run as many tasks as it
      should, for example right after its desired count was changed. Null otherwise.
  returned: always
  type: str
  sample: null
  version_added: 0.2.0
verdict:
  description: How the deployment ended, V(succeeded), V(failed), V(rolled_back), V(superseded) or
    V(timed_out); V(succeeded), too, after the service has become steady. V(paused) if it waits for
    an answer. Null if there was nothing to wait for, or a lifecycle stage was reached.
  returned: always
  type: str
  sample: succeeded
rollback:
  description:
    - The restored task definition, the deployment that restores it, and how that ended.
    - C(verdict) is V(failed) with a C(deployment_id) that is null if it could
      not be restored, and null if the end of that deployment is not known, because the wait for it
      failed or was interrupted.
  returned: when O(rollback_on_failure) did something, or tried to
  type: dict
  sample:
    task_definition_arn: arn:aws:ecs:eu-west-1:111122223333:task-definition/production-web:7
    verdict: succeeded
    deployment_id: ecs-svc/42
reason:
  description: Why the deployment did not succeed, as reported by AWS.
  returned: when the deployment did not succeed
  type: str
  sample: "ECS deployment circuit breaker: tasks failed to start."
dossier:
  description: Details of a failed deployment, as
    RV(steadystate.ecs.wait_for_deployment#module:dossier).
  returned: when the deployment did not succeed
  type: dict
  sample: {"reason": "ECS deployment circuit breaker: tasks failed to start.", "events": []}
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._aws.scaling import declared
from ..module_utils._jobs import converge, express, live, scaling, scaling_suspension, wait
from ..module_utils._jobs.select import UNKNOWN_REVISION
from ..module_utils._jobs.watch import Waiting
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import (
    acceptance,
    arn,
    code_deploy_settings,
    deployment,
    findings,
    ownership,
    readable,
    shape,
    tags,
    task_sets,
)
from ..module_utils._rules.errors import DeclarationError, RefusedError
from ..module_utils._rules.express import is_express
from ..module_utils._rules.interrupts import ON_INTERRUPT
from ..module_utils._rules.service_plan import DesiredService, forced, scaled

if t.TYPE_CHECKING:
    from ..module_utils._aws.gateway import Gateway
    from ..module_utils._rules.deployment import Progress
    from ..module_utils._rules.documents import Document

MEMBERS: t.Final[options.Specification] = {
    "task_definition": {"type": "str"},
    "desired_count": {"type": "int"},
    "launch_type": {"type": "str"},
    "capacity_provider_strategy": {"type": "list", "elements": "dict"},
    "platform_version": {"type": "str"},
    "network_configuration": {"type": "dict"},
    "load_balancers": {"type": "list", "elements": "dict"},
    "service_registries": {"type": "list", "elements": "dict"},
    "deployment_configuration": {"type": "dict"},
    "deployment_controller": {"type": "dict"},
    "placement_constraints": {"type": "list", "elements": "dict"},
    "placement_strategy": {"type": "list", "elements": "dict"},
    "health_check_grace_period_seconds": {"type": "int"},
    "scheduling_strategy": {"type": "str"},
    "enable_ecs_managed_tags": {"type": "bool"},
    "enable_execute_command": {"type": "bool"},
    "propagate_tags": {"type": "str"},
    "availability_zone_rebalancing": {"type": "str"},
    "service_connect_configuration": {"type": "dict"},
    "volume_configurations": {"type": "list", "elements": "dict"},
    "role": {"type": "str"},
}


SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.TASK_SET,
        **options.CODE_DEPLOY,
        **options.LIVE,
        **options.OWNERSHIP,
        **options.SHOW_VALUES,
        **options.TAGS,
        **options.until(),
        **MEMBERS,
        "service": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "expected_task_definition": {"type": "str"},
        "express_image": {"type": "str"},
        "options": {"type": "dict", "default": {}},
        "scale": {"type": "int"},
        "allow_zero": {"type": "bool", "default": False},
        "deployment_in_progress": {
            "type": "str",
            "choices": ["wait", "fail", "supersede"],
            "default": "wait",
        },
        "force_new_deployment": {"type": "raw", "default": False, "aliases": ["refresh"]},
        "warn_in_progress": {"type": "bool", "default": True},
        "replace": {"type": "bool", "default": False},
        "force": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": False},
        "rollback_on_failure": {"type": "bool", "default": False},
        "suspend_scaling": {"type": "bool", "default": False},
        "scaling": {"type": "raw"},
        "wait_timeout": {"type": "int", "default": 1200},
        "on_interrupt": {"type": "str", "choices": list(ON_INTERRUPT), "default": "leave"},
    },
    sealed=("service",),
)


def run(call: Call) -> Result:
    """Return the service as it is now and what was done to it."""
    params = call.params
    gateway = call.ecs()
    suspends = params["suspend_scaling"] or (declared(params["scaling"]).suspends and _waits(call))
    answer = live.given_or_looked_up(gateway, params["live"], params["cluster"], params["service"])
    if params["state"] == "absent":
        return _delete(call, gateway, answer)
    declaration = _declaration(call, gateway, answer)
    _refuse_count(call, declaration, answer)
    suspension = _suspension(call, gateway, declaration, answer["service"]) if suspends else None
    with scaling_suspension.during(suspension, waits=params["wait"]):
        outcome = _converged(call, gateway, declaration, answer)
        if suspension:
            suspension.note_deployed(
                started=outcome.deployment.id if outcome.deployment else "",
                pending=outcome.pending.id if outcome.pending else "",
                count=outcome.live.desired if outcome.live else None,
            )
        for warning in _warnings(call, declaration.name, outcome):
            call.warn(warning)
        ended = None
        if params["wait"] and not call.check_mode:
            ended = _succeeded(call, gateway, declaration, outcome)
    return _result(call, gateway, declaration.name, outcome, ended)


def _converged(
    call: Call, gateway: Gateway, declaration: DesiredService, answer: Document
) -> converge.Converged:
    """Bring the service to what is declared, or deploy an image by Express Mode."""
    if call.params["express_image"]:
        return _deploy_image(call, gateway, answer)
    return converge.converge(
        gateway,
        declaration,
        answer["service"],
        clock=call.clock,
        check_mode=call.check_mode,
        report=call.reporter(declaration.name),
    )


def _succeeded(
    call: Call, gateway: Gateway, declaration: DesiredService, outcome: converge.Converged
) -> Progress | None:
    """Wait for the deployment, and return how it ended."""
    with call.interrupts():
        return converge.succeed(
            gateway,
            declaration,
            outcome,
            Waiting(
                declaration.timeout,
                call.clock,
                call.reporter(declaration.name),
                until=declaration.until,
                on_interrupt=call.params["on_interrupt"],
                logs=call.logs(),
            ),
            rollback=call.params["rollback_on_failure"],
        )


def _result(
    call: Call,
    gateway: Gateway,
    name: str,
    outcome: converge.Converged,
    ended: Progress | None,
) -> Result:
    show_values = call.params["show_values"]
    return {
        "changed": outcome.changed,
        "service": outcome.service,
        "action": outcome.action,
        "differences": readable.data(outcome.differences, show_values=show_values),
        "summary": readable.summary(
            difference
            for difference in outcome.differences
            if difference.member != "taskDefinition"
        ),
        "task_definition_arn": outcome.runs,
        "images": _images(gateway, outcome),
        "meanings": outcome.meanings,
        "deployment_id": outcome.deployment.id if outcome.deployment else None,
        "previous_task_definition_arn": outcome.replaced,
        "pending_deployment_id": outcome.pending.id if outcome.pending else None,
        "unsteady_deployment_id": outcome.unsteady.id if outcome.unsteady else None,
        "verdict": ended.verdict if ended else None,
        "diff": readable.diff(
            outcome.differences,
            before=f"service {name}",
            headline=outcome.headline,
            # Of a new service everything is new.
            summary="" if outcome.action == "create" else readable.summary(outcome.differences),
            show_values=show_values,
        ),
    }


def _images(gateway: Gateway, outcome: converge.Converged) -> dict[str, str]:
    """Return the images that the service got instead of the selected ones."""
    found = gateway.task_definition(outcome.runs) if outcome.unused and outcome.runs else None
    containers = found["taskDefinition"]["containerDefinitions"] if found else ()
    return {container["name"]: container["image"] for container in containers}


def _deploy_image(call: Call, gateway: Gateway, answer: Document) -> converge.Converged:
    """Deploy an image to a service of Express Mode."""
    params, service = call.params, answer["service"]
    if not answer["exists"] or not is_express(service):
        raise DeclarationError(
            "express_image",
            f"service {answer['service_name']} is not managed by Express Mode",
            "give task_definition",
        )
    wanted = express.NewImage(
        answer["cluster"],
        answer["service_name"],
        params["express_image"],
        in_progress=params["deployment_in_progress"],
        timeout=params["wait_timeout"],
    )
    return express.deploy(gateway, wanted, service, clock=call.clock, check_mode=call.check_mode)


def _refuse_count(call: Call, declaration: DesiredService, answer: Document) -> None:
    """Refuse a new desired count that auto scaling would not keep."""
    # The count of a DAEMON service follows its instances, whatever is declared.
    if not answer["exists"] or answer["service"].get("schedulingStrategy") == "DAEMON":
        return
    service = ownership.service(declaration.service, answer["service"], declaration.fields)
    count = scaled(service, declaration).get("desiredCount")
    if count is None or count == answer["service"].get("desiredCount"):
        return
    limits = call.scaling(arn.cluster_name(declaration.cluster), declaration.name)
    beyond = scaling.beyond_limits(limits, count, warn=call.warn)
    if beyond:
        raise DeclarationError(
            "desired_count" if declaration.scale is None else "scale",
            f"{count} {beyond}",
            "change the limits with steadystate.ecs.scaling first",
        )


def _suspension(
    call: Call, gateway: Gateway, declaration: DesiredService, service: Document | None
) -> scaling_suspension.Suspension | None:
    """Suspend auto scaling of a service that exists."""
    if service is None:
        return None
    ahead = converge.converge(gateway, declaration, service, clock=call.clock, check_mode=True)
    return scaling_suspension.for_deployment(
        scaling_suspension.Scaled(
            gateway,
            call.scaling(arn.cluster_name(declaration.cluster), declaration.name),
            declaration.cluster,
            declaration.name,
            call.warn,
            call.check_mode,
        ),
        begins=ahead.deploys or ahead.action == "replace" or ahead.pending is not None,
        count=service.get("desiredCount"),
    )


def _waits(call: Call) -> bool:
    """Return True if this task or a later one waits for the deployment."""
    return bool(call.params["wait"] or not call.params["warn_in_progress"])


def _warnings(call: Call, name: str, outcome: converge.Converged) -> t.Iterator[str]:
    """What the user has to know although nothing failed."""
    yield from outcome.notes
    if outcome.unused:
        yield (
            f"Somebody deployed to service {name} during this run. {outcome.unused}, "
            "which was selected before, is not used."
        )
    if outcome.later:
        yield (
            f"Service {name}: running tasks do not get the new {', '.join(outcome.later)}, "
            "only tasks that start from now on. "
            "force_new_deployment=when_needed replaces them."
        )
    if not _waits(call) and not outcome.deploys and outcome.deployment is None and outcome.live:
        yield from filter(None, [deployment.told_in_progress(outcome.live, outcome.pending)])


def _delete(call: Call, gateway: Gateway, answer: Document) -> Result:
    cluster, name = answer["cluster"], answer["service_name"]
    if answer["exists"] and is_express(answer["service"]):
        raise RefusedError(
            f"service {name} is managed by Express Mode; delete it, and what Express Mode made for "
            "it, with `aws ecs delete-express-gateway-service`"
        )
    timeout, began = call.params["wait_timeout"], call.clock.monotonic()
    outcome = converge.delete(
        gateway,
        cluster,
        name,
        answer["service"],
        force=call.params["force"],
        in_progress=call.params["deployment_in_progress"],
        timeout=timeout,
        clock=call.clock,
        check_mode=call.check_mode,
        code_deploy=code_deploy_settings.read(call.params["code_deploy"]),
    )
    if call.params["wait"] and outcome.changed and not call.check_mode:
        wait.until_gone(gateway, cluster, name, timeout=timeout, clock=call.clock, began=began)
    return {
        "changed": outcome.changed,
        "service": outcome.service,
        "action": outcome.action,
        "deployment_id": None,
        "previous_task_definition_arn": None,
        "pending_deployment_id": None,
        "unsteady_deployment_id": None,
        "verdict": None,
    }


def _declaration(call: Call, gateway: Gateway, answer: Document) -> DesiredService:
    params = call.params
    members = {
        "cluster": answer["cluster"],
        "service_name": answer["service_name"],
        **{name: params[name] for name in MEMBERS},
    }
    given = shape.merged(members, params["options"])
    _refuse_mistakes(call, gateway, answer, given)
    declared = shape.normalize(
        given, gateway.input_shape("CreateService"), path="", sdk=gateway.sdk
    )
    tagged = tags.of_one(params["tags"], declared.get("tags"))
    if tagged is not None:
        declared["tags"] = tagged
    return DesiredService(
        service=declared,
        fields=ownership.parse(params["live_fields"], gateway.shapes()),
        expected=params["expected_task_definition"],
        replace=params["replace"],
        force_new_deployment=forced(params["force_new_deployment"]),
        purge_tags=params["purge_tags"],
        scale=params["scale"],
        allow_zero=params["allow_zero"],
        in_progress=params["deployment_in_progress"],
        timeout=params["wait_timeout"],
        code_deploy=code_deploy_settings.read(params["code_deploy"]),
        task_set=task_sets.declared(
            params["task_set"], gateway.input_shape("CreateTaskSet"), gateway.sdk
        ),
        until=params["until"],
    )


def _refuse_mistakes(call: Call, gateway: Gateway, answer: Document, given: Document) -> None:
    """Refuse all that is known to be wrong with the options before anything is called."""
    params, definition = call.params, live.described(answer)
    wanted = params["task_definition"]
    if wanted not in (None, answer.get("task_definition_arn")):
        # Where the service may be created again, what it is to run has to suit it before that.
        known = params["replace"] and answer["service"] and not wanted.endswith(UNKNOWN_REVISION)
        definition = gateway.task_definition(wanted) if known else None
    count = {} if params["scale"] is None else {"desired_count": params["scale"]}
    if params["task_set"] is not None:
        # It is that of the task set.
        given = {name: value for name, value in given.items() if name != "task_definition"}
    found = acceptance.service_alone(
        given | count,
        params["tags"],
        live.known(answer),
        shapes=gateway.shapes(),
        sdk=gateway.sdk,
        fields=ownership.parse(params["live_fields"], gateway.shapes()),
        task=definition["taskDefinition"] if definition else None,
        replace=params["replace"],
    )
    findings.refuse(found, f"options of service {answer['service_name']}")
    for place, problem, advice in shape.suspicious(params["tags"], "tags"):
        call.warn(f"{place} {problem}; {advice}")


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
