# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image registry as ECS sees it: digests, and tags that move."""

from __future__ import annotations

import collections
import hashlib
import typing as t

from .errors import invalid_parameter

Document = dict[str, t.Any]


class Images:
    def __init__(self) -> None:
        self._moves: collections.Counter[str] = collections.Counter()

    def move_tag(self, image: str) -> str:
        """From now on this image has another digest, which is returned."""
        if "@" in image:
            raise invalid_parameter(f"{image} is pinned to its digest: only a tag can move.")
        self._moves[image] += 1
        return self.digest(image)

    def digest(self, image: str) -> str:
        """Return the digest of an image.

        It is the one the image is pinned to, else one made of its text and the number of
        moves of its tag.
        """
        if "@" in image:
            return image.partition("@")[2]
        moves = self._moves[image]
        return f"sha256:{hashlib.sha256(f'{image}#{moves}'.encode() if moves else image.encode()).hexdigest()}"

    def resolved(self, definition: Document) -> list[Document]:
        """Return what the containers of a task definition run now.

        The form is that of a service revision.
        """
        return [
            {
                "containerName": container["name"],
                "image": container["image"],
                "imageDigest": self.digest(container["image"]),
            }
            for container in definition["containerDefinitions"]
        ]
