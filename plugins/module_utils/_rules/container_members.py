# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be written in a container, for the reference of modules and roles.

One entry for each member that users write, beside the short forms that read it. The documentation
is made of this table, and a test reads every example by the rules.
"""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass(frozen=True)
class Member:
    """A member of a container: its type in documentation, its meaning, examples."""

    type: str
    text: str
    examples: tuple[str, ...] = ()
    elements: str = ""

    @property
    def description(self) -> tuple[str, ...]:
        """The sentences of the documentation."""
        written = " or ".join(f"C({example})" for example in self.examples)
        return (self.text, f"For example {written}.") if written else (self.text,)


MEMBERS: t.Final[dict[str, Member]] = {
    "name": Member("str", "Name of the container. Required.", ("name: web",)),
    "bootstrap_image": Member(
        "str",
        "The image until the pipeline has deployed one. Later the live image is kept.",
        ("bootstrap_image: registry.example/web:1.0",),
    ),
    "image": Member(
        "str",
        "A pinned image, which replaces the live one. Give this or C(bootstrap_image).",
        ("image: public.ecr.aws/nginx/nginx:1.27",),
    ),
    "essential": Member(
        "bool",
        "Whether the task stops when this container does. The default of ECS is true.",
        ("essential: false",),
    ),
    "cpu": Member("int", "CPU units of the container; 1024 are one vCPU.", ("cpu: 256",)),
    "memory": Member(
        "int",
        "Hard limit in MiB. On EC2, this or C(memory_reservation) is required, unless the task has"
        " one.",
        ("memory: 512",),
    ),
    "memory_reservation": Member(
        "int", "Soft limit in MiB, up to C(memory).", ("memory_reservation: 256",)
    ),
    "command": Member(
        "list",
        "The command, a list of arguments.",
        ("command: [bin/serve, --port, '8080']",),
        "str",
    ),
    "entry_point": Member(
        "list", "The entry point, a list of arguments.", ("entry_point: [sh, -c]",), "str"
    ),
    "environment": Member(
        "raw",
        "Environment variables as a dictionary, or the API's list of C(name) and C(value). A name"
        " without a value is an error; C(omit) leaves it out. Confidential values go into"
        " C(secrets).",
        ("environment: {LOG_LEVEL: info, PORT: '8080'}",),
    ),
    "secrets": Member(
        "raw",
        "Environment variables from AWS Secrets Manager or the Parameter Store, as a dictionary of"
        " ARNs, or the API's list of C(name) and C(valueFrom). One key of a JSON secret is"
        " C(ARN:key:stage:version); quote what ends with a colon.",
        (
            "secrets: {TOKEN: 'arn:aws:ssm:eu-west-1:111122223333:parameter/web/token'}",
            "secrets: {PASSWORD:"
            " 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:web-Ab12Cd:password::'}",
        ),
    ),
    "ports": Member(
        "raw",
        "Ports, short for C(port_mappings). A port, C(host:container), a protocol, a range, or a"
        " dictionary of the API. Quote what has a colon.",
        (
            "ports: [8080]",
            "ports: ['8080:80', 53/udp]",
            "ports: [8000-8010]",
            "ports: [{container_port: 8080, name: http, app_protocol: http2}]",
        ),
    ),
    "health_check": Member(
        "raw",
        "A command for the shell, a list of arguments, or a dictionary with C(command),"
        " C(interval), C(timeout), C(retries) and C(start_period). C(NONE) turns off the image's.",
        (
            "health_check: curl --fail http://localhost:8080/health",
            "health_check: [bin/healthy]",
            "health_check: {command: [bin/healthy], interval: 10, retries: 5}",
        ),
    ),
    "depends_on": Member(
        "raw",
        "Containers that have to be there first, as a list of names, which waits for their start,"
        " or a dictionary of conditions, C(start), C(complete), C(success) or C(healthy).",
        ("depends_on: [log-router]", "depends_on: {migrate: success, cache: healthy}"),
    ),
    "mount_points": Member(
        "raw",
        "Volumes of the task and where they are mounted, as C(volume:/path) or C(volume:/path:ro),"
        " a dictionary of paths, or the API's list.",
        ("mount_points: ['data:/var/lib/data', 'config:/etc/app:ro']",),
    ),
    "log": Member(
        "dict",
        "Logs to CloudWatch, short for C(log_configuration) with the driver C(awslogs); C(group),"
        " C(region), C(prefix) and further options of the driver with or without C(awslogs-).",
        ("log: {group: /ecs/web, region: eu-west-1, prefix: web}",),
    ),
    "log_configuration": Member(
        "dict",
        "Logs to any driver. C(secret_options) may be a dictionary.",
        (
            "log_configuration: {log_driver: awsfirelens, options: {Name: datadog},"
            " secret_options: {apikey: 'arn:aws:ssm:eu-west-1:111122223333:parameter/datadog'}}",
        ),
    ),
    "firelens_configuration": Member(
        "dict",
        "Makes this container the log router of the task.",
        ("firelens_configuration: {type: fluentbit}",),
    ),
    "ulimits": Member(
        "raw",
        "Limits as a dictionary of numbers, of C(soft:hard), or of C(soft) and C(hard).",
        ("ulimits: {nofile: 65536}", "ulimits: {nofile: '1024:65536'}"),
    ),
    "docker_labels": Member(
        "dict", "Labels. Their names are kept as they are.", ("docker_labels: {team: shop}",)
    ),
    "system_controls": Member(
        "raw",
        "Kernel parameters as a dictionary, or the API's list.",
        ("system_controls: {net.core.somaxconn: '1024'}",),
    ),
    "extra_hosts": Member(
        "raw",
        "Entries of C(/etc/hosts) as a dictionary, a list of C(name:address), or the API's list.",
        ("extra_hosts: {db.internal: 10.0.0.5}",),
    ),
    "linux_parameters": Member(
        "dict",
        "Kernel options. C(tmpfs) may be a dictionary of paths and sizes in MiB.",
        ("linux_parameters: {init_process_enabled: true, tmpfs: {/tmp: 64}}",),
    ),
    "resource_requirements": Member(
        "list",
        "GPUs and inference accelerators, on EC2.",
        ("resource_requirements: [{type: GPU, value: '1'}]",),
        "dict",
    ),
    "stop_timeout": Member(
        "int",
        "Seconds from the signal to stop until the container is killed, up to 120 on Fargate.",
        ("stop_timeout: 60",),
    ),
    "start_timeout": Member(
        "int", "Seconds to wait for what C(depends_on) names.", ("start_timeout: 120",)
    ),
    "readonly_root_filesystem": Member(
        "bool", "Mount the root file system read-only.", ("readonly_root_filesystem: true",)
    ),
    "user": Member("str", "User and group in the container.", ("user: '1000:1000'",)),
    "working_directory": Member(
        "str", "Directory in which commands run.", ("working_directory: /srv/app",)
    ),
    "repository_credentials": Member(
        "dict",
        "Credentials of a private registry, a secret of AWS Secrets Manager.",
        (
            "repository_credentials: {credentials_parameter:"
            " 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:registry-Ab12Cd'}",
        ),
    ),
}
"""In the order in which people write them."""
