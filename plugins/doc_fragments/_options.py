# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""**PRIVATE** to the collection: options that its plugins share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  cluster:
    description:
      - Name or ARN of the ECS cluster.
    type: str
    default: default
"""

    SERVICE = r"""
options:
  service:
    description:
      - Name or ARN of the ECS service.
    type: str
"""

    LIVE = r"""
options:
  live:
    description:
      - The result of M(steadystate.ecs.live_task_info) for the service. The module makes no calls
        for what it contains.
      - By default the module looks the service up itself.
    type: dict
"""

    OWNERSHIP = r"""
options:
  live_fields:
    description:
      - Fields that the pipeline, auto scaling or people own. If something is live, their live
        values replace the declared ones. Entries that the pipeline added stay, and entries that it
        removed stay removed.
      - Names of the API in snake_case or camelCase, C(image), C(cpu), C(desired_count), or single
        entries, C(environment.GIT_SHA), C(environment.*), C(secrets.NAME),
        C(docker_labels.version), C(tags.NAME).
      - A name applies to containers, task definition and service. C(container.cpu),
        C(container[web].image), C(task.cpu) and C(service.tags.NAME) restrict it.
    type: list
    elements: str
    default:
      - image
      - desiredCount
"""

    SHOW_VALUES = r"""
options:
  show_values:
    description:
      - Show the values of environment variables, secrets, labels and driver options, and secrets
        in commands, in differences, in diff mode and in returned definitions.
      - By default only their names are shown, and whether they are added, changed or removed.
        Definitions have marks in their place, as those of M(steadystate.ecs.live_task_info).
    type: bool
    default: false
"""

    SHOW_DEFINITIONS = r"""
options:
  show_values:
    description:
      - Return the values of environment variables, secrets, labels and driver options, and secrets
        in commands.
      - By default a mark such as C((hidden 5e1f0c9a7b3d2468.3)) replaces each of them, so that no
        log and no database of AWX contains them. An argument of a command is returned up to the
        secret in it, such as C(--password=(hidden 5e1f0c9a7b3d2468.4)). Later tasks of the same
        run can still use the result, because the modules of this collection know the value of each
        mark. Other modules, and a later run, do not.
      - With C(async) it is C((hidden)) without a number, which is an error in later tasks.
    type: bool
    default: false
    version_added: 0.2.0
"""

    CODE_DEPLOY = r"""
options:
  code_deploy:
    description:
      - Settings for a service whose deployment controller is C(CODE_DEPLOY). For other services it
        has no effect.
    type: dict
    version_added: 0.2.0
    suboptions:
      application:
        description:
          - Application of CodeDeploy. By default the module searches all applications for the
            deployment group of the service.
        type: str
      deployment_group:
        description:
          - Deployment group of O(code_deploy.application). By default the deployment group of this
            ECS service. If you name both, the module needs no search and no permissions for it.
        type: str
      deployment_config:
        description:
          - Deployment configuration, such as V(CodeDeployDefault.ECSCanary10Percent5Minutes). By
            default that of the deployment group.
        type: str
      description:
        description:
          - Description of the deployment.
        type: str
      appspec:
        description:
          - The AppSpec as a dictionary. Only its task definition is replaced.
          - By default it is built from the selected task definition, the load balancer of the
            service, and the platform version, network configuration and capacity providers that
            differ.
        type: dict
      hooks:
        description:
          - Lambda functions by lifecycle event, V(BeforeInstall), V(AfterInstall),
            V(AfterAllowTestTraffic), V(BeforeAllowTraffic) or V(AfterAllowTraffic).
          - Not allowed with O(code_deploy.appspec).
        type: dict
      alarms:
        description:
          - Names of CloudWatch alarms. They replace those of the deployment group. An empty list
            turns alarms off for the deployment.
        type: list
        elements: str
      auto_rollback:
        description:
          - Events on which CodeDeploy rolls back. They replace those of the deployment group. An
            empty list turns automatic rollback off for the deployment.
        type: list
        elements: str
        choices:
          - DEPLOYMENT_FAILURE
          - DEPLOYMENT_STOP_ON_ALARM
          - DEPLOYMENT_STOP_ON_REQUEST
"""

    TASK_SET = r"""
options:
  task_set:
    description:
      - For a service whose deployment controller is C(EXTERNAL), lets this collection create its
        task sets. Members of C(CreateTaskSet) in snake_case or camelCase, such as
        C(network_configuration), C(load_balancers), C(launch_type), C(capacity_provider_strategy)
        and C(scale). Members that you leave out are copied from the live task set; V({}) creates
        one like the live one.
      - If the task definition or a member differs from the live task set, a new task set is
        created. When it is steady, it becomes PRIMARY and the former one is deleted. If it is not
        steady within the time to wait, it is deleted, and the task fails.
      - By default task sets are not changed, and a changed task definition is an error.
    type: dict
    version_added: 0.2.0
"""

    TAGS = r"""
options:
  tags:
    description:
      - Tags as a dictionary. Without it the tags are not changed; an empty dictionary removes them.
      - Tags that begin with C(aws:) are reserved for AWS and are not changed.
      - C(tags) among the further members, a list as in the API, is added; a tag in both is an
        error.
    type: dict
    aliases:
      - resource_tags
  purge_tags:
    description:
      - Whether tags that are not in O(tags) are removed.
    type: bool
    default: true
"""

    UNTIL = r"""
options:
  until:
    description:
      - With O(wait=true), what to wait for, as
        O(steadystate.ecs.wait_for_deployment#module:until). The rollback of a stopped deployment
        has no lifecycle stages, so the module waits until it ends.
      - With O(task_set), V(paused) lets the deployment stop at its gate, with or without O(wait).
        The new task set is created and becomes steady, but receives no traffic.
        M(steadystate.ecs.deployment_gate) continues the deployment or rolls it back. The next run
        with V(paused) changes nothing while the gate is open, and one without it continues the
        deployment. The first task set of a service, which replaces none, has no gate.
    type: str
    choices:
      - deployed
      - stable
      - paused
      - RECONCILE_SERVICE
      - PRE_SCALE_UP
      - SCALE_UP
      - POST_SCALE_UP
      - TEST_TRAFFIC_SHIFT
      - POST_TEST_TRAFFIC_SHIFT
      - PRE_PRODUCTION_TRAFFIC_SHIFT
      - PRODUCTION_TRAFFIC_SHIFT
      - POST_PRODUCTION_TRAFFIC_SHIFT
      - BAKE_TIME
      - CLEAN_UP
    default: deployed
    version_added: 0.2.0
"""
