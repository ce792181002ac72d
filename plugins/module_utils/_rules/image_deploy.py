# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose which containers get which new image when only images are deployed."""

from __future__ import annotations

import typing as t

from . import image
from .documents import Document
from .errors import DeclarationError
from .shape import nearest


def from_code_pipeline(definitions: t.Any) -> dict[str, str]:
    """Return the images by container of CodePipeline's ``imagedefinitions.json``.

    The file has ``[{"name": "web", "imageUri": "repo/web:2.1"}]``.
    """
    if not isinstance(definitions, list) or not all(
        isinstance(entry, dict) and {"name", "imageUri"} <= entry.keys() for entry in definitions
    ):
        raise DeclarationError(
            "image_definitions",
            "not an imagedefinitions.json",
            'expected [{"name": CONTAINER, "imageUri": IMAGE}]',
        )
    return {str(entry["name"]): str(entry["imageUri"]) for entry in definitions}


def tagged(
    live: t.Sequence[Document], tag: str, *, container: str | None, service: str
) -> dict[str, str]:
    """Return the images by container when one repository is deployed at ``tag``.

    All containers from that repository get it, no others.

    The repository is that of ``container``. If it is not given, it is the only repository, that of
    the container called like the service, or that of the only essential container.
    """
    images = {
        definition["name"]: image.parse(
            definition["image"], f"containerDefinitions[{definition['name']}].image"
        )
        for definition in live
    }
    chosen = container or _main_container(live, images, service)
    if chosen not in images:
        raise DeclarationError(
            "container", f"{chosen} not a live container", f"live are {', '.join(images)}"
        )
    return {
        name: str(found.with_tag(tag))
        for name, found in images.items()
        if found.same_repository(images[chosen])
    }


def _main_container(
    live: t.Sequence[Document], images: t.Mapping[str, image.Image], service: str
) -> str:
    essential = [definition["name"] for definition in live if definition.get("essential", True)]
    if len({found.repository for found in images.values()}) == 1:
        return next(iter(images))
    if service in images:
        return service
    if len(essential) == 1:
        return essential[0]
    raise DeclarationError(
        "tag",
        f"the containers {', '.join(images)} are from several repositories",
        "give container, or images by container",
    )


def deployed(live: t.Sequence[Document], images: t.Mapping[str, str]) -> list[Document]:
    """The live container definitions with new images and everything else as it is."""
    names = [definition["name"] for definition in live]
    for name, reference in images.items():
        if name not in names:
            near = nearest(name, names)
            raise DeclarationError(
                f"images.{name}",
                "not a live container",
                f"did you mean {near}?" if near else f"live are {', '.join(names)}",
            )
        image.parse(reference, f"images.{name}")
    return [
        {**definition, "image": images.get(definition["name"], definition["image"])}
        for definition in live
    ]
