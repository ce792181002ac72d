# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_definition
short_description: Build container definitions that keep the live image
version_added: 0.1.0
description:
  - Builds container definitions from a declaration and keeps the live values of the fields that
    the pipeline owns, in particular the image.
  - If nothing is live yet, uses the C(bootstrap_image) of each container.
  - Without O(containers), returns the live containers with new images from O(images),
    O(image_definitions) or O(tag).
  - Registers nothing; pass the result to M(steadystate.ecs.task_definition).
author:
  - steadystate.ecs contributors (@steadystate)
options:
  images:
    description:
      - New images for the live containers, by container name. Other containers keep their images.
    type: dict
  image_definitions:
    description:
      - New images in the form of CodePipeline's C(imagedefinitions.json), a list of C(name) and
        C(imageUri).
    type: list
    elements: dict
  tag:
    description:
      - New tag, or digest C(sha256:...), for the images of one repository. Images of other
        repositories keep their tags.
      - The repository is that of O(container). By default it is the only repository, that of the
        container named like the service, or that of the only essential container.
    type: str
  container:
    description:
      - Name of a container whose repository O(tag) applies to.
    type: str
  service:
    description:
      - Name or ARN of the ECS service to look up if O(live) is not given.
    type: str
  force_bootstrap_image:
    description:
      - Use C(bootstrap_image) even if an image is live.
    type: bool
    default: false
extends_documentation_fragment:
  - steadystate.ecs._containers
  - steadystate.ecs._options.show_definitions
  - steadystate.ecs._options
  - steadystate.ecs._options.live
  - steadystate.ecs._options.ownership
  - steadystate.ecs._attributes
  - steadystate.ecs._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: steadystate.ecs.live_task_info
  - module: steadystate.ecs.task_definition
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
        environment:
          LOG_LEVEL: info
        secrets:
          DATABASE_URL: arn:aws:ssm:eu-west-1:111122223333:parameter/web/database_url
        health_check: curl --fail http://localhost:8080/health
        log:
          group: /ecs/web
          region: eu-west-1
          prefix: web
  register: built

- name: Set a new image in the live container definitions
  steadystate.ecs.container_definition:
    live: "{{ live }}"
    images:
      web: registry.example/web:2.1
"""

RETURN = r"""
container_definitions:
  description: The container definitions in the API's own shape.
  returned: always
  type: list
  elements: dict
  sample:
    - name: web
      image: registry.example/web:2.0
      portMappings:
        - containerPort: 8080
images:
  description: The image of each container by name, and its source, V(live), V(declared),
    V(bootstrap), or V(previous) if the service was deleted and ECS still shows what it ran last.
  returned: always
  type: dict
  sample: {"web": {"image": "registry.example/web:2.0", "source": "live"}}
"""

import typing as t

from ..module_utils import _options as options
from ..module_utils._jobs import live
from ..module_utils._module import Call, Result, Spec, run_module
from ..module_utils._rules import container_definition, image_deploy, ownership
from ..module_utils._rules.errors import RefusedError

SPEC: t.Final = Spec(
    options={
        **options.CLUSTER,
        **options.SHOW_VALUES,
        **options.SERVICE,
        **options.LIVE,
        **options.OWNERSHIP,
        "containers": {"type": "list", "elements": "dict"},
        "images": {"type": "dict"},
        "image_definitions": {"type": "list", "elements": "dict"},
        "tag": {"type": "str"},
        "container": {"type": "str"},
        "force_bootstrap_image": {"type": "bool", "default": False},
    },
    required_one_of=[("live", "service"), ("containers", "images", "image_definitions", "tag")],
    mutually_exclusive=[("containers", "images", "image_definitions", "tag")],
    required_by={"container": ("tag",)},
    sealed=("container_definitions",),
)


def run(call: Call) -> Result:
    """Return the container definitions and the origin of their images."""
    params = call.params
    gateway = call.ecs()
    found = live.given_or_looked_up(gateway, params["live"], params["cluster"], params["service"])
    if params["containers"] is None:
        return _images_deployed(params, found)
    built = container_definition.build(
        params["containers"],
        (live.last_definition(found) or {}).get("containerDefinitions"),
        shape=gateway.input_shape("RegisterTaskDefinition"),
        fields=ownership.parse(params["live_fields"], gateway.shapes()),
        force_bootstrap_image=params["force_bootstrap_image"],
        sdk=gateway.sdk,
        path="containers",
    )
    for place, problem, advice in container_definition.suspicious(
        params["containers"], "containers"
    ):
        call.warn(f"{place} {problem}; {advice}")
    return {
        "changed": False,
        "container_definitions": built.container_definitions,
        "images": _origins(built.images, found),
    }


def _origins(
    images: dict[str, dict[str, str]], found: dict[str, t.Any]
) -> dict[str, dict[str, str]]:
    """Return the images with where each came from.

    Of a deleted service nothing is live any more.
    """
    if found["exists"]:
        return images
    return {
        name: {**image, "source": "previous" if image["source"] == "live" else image["source"]}
        for name, image in images.items()
    }


def _images_deployed(params: dict[str, t.Any], found: dict[str, t.Any]) -> Result:
    """Return the live container definitions with other images."""
    if not found["task_definition"]:
        raise RefusedError(f"there is nothing live to deploy an image to: {found['reason']}")
    if found["unknown_members"]:
        raise RefusedError(
            f"the live task definition has {', '.join(found['unknown_members'])}, "
            "which the installed SDK would lose; install a newer botocore",
            unknown_members=found["unknown_members"],
        )
    definitions = found["task_definition"]["containerDefinitions"]
    if params["tag"] is not None:
        images = image_deploy.tagged(
            definitions, params["tag"], container=params["container"], service=found["service_name"]
        )
    elif params["image_definitions"] is not None:
        images = image_deploy.from_code_pipeline(params["image_definitions"])
    else:
        images = {name: str(image) for name, image in params["images"].items()}
    deployed = image_deploy.deployed(definitions, images)
    return {
        "changed": False,
        "container_definitions": deployed,
        "images": {
            each["name"]: {
                "image": each["image"],
                "source": "declared" if each["name"] in images else "live",
            }
            for each in deployed
        },
    }


def main() -> None:
    """Run the module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
