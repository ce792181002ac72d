# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task definitions on disk: what is registered under an ARN never changes, so it need not be asked for twice."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import tempfile
import typing as t

from .._rules.errors import SteadyStateError

Answer = dict[str, t.Any]


class DefinitionCache:
    """Answers of DescribeTaskDefinition below a directory, one file each, readable by their owner only: variables may be secrets.

    ``sdk`` is part of a file's name: a newer SDK may know members that an older one dropped. Status and tags of a revision can change, so they
    are not kept. A file that cannot be read, or is not as it was written, is as good as none.
    """

    def __init__(self, directory: str, sdk: str) -> None:
        """Make the directory if it is not there; SteadyStateError when that cannot be done."""
        self._directory = pathlib.Path(directory)
        self._sdk = sdk
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SteadyStateError(f"cache directory {directory} cannot be made: {error.strerror}") from error

    def get(self, arn: str) -> Answer | None:
        """The definition of an ARN without status and tags, ``None`` when it is not there."""
        try:
            kept = json.loads(self._path(arn).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept if isinstance(kept, dict) and kept.pop("digest", None) == self._digest(arn, kept) else None

    def put(self, arn: str, answer: Answer) -> None:
        """Keep an answer, whole or not at all; where it cannot be written it is asked for again next time."""
        definition = {name: member for name, member in answer["taskDefinition"].items() if name not in ("status", "deregisteredAt", "deleteRequestedAt")}
        kept = {**answer, "taskDefinition": definition, "tags": []}
        with contextlib.suppress(OSError):
            handle, unfinished = tempfile.mkstemp(dir=self._directory, prefix=".new-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({**kept, "digest": self._digest(arn, kept)}, file)
            os.replace(unfinished, self._path(arn))

    def _digest(self, arn: str, kept: Answer) -> str:
        """Return what tells a file that was damaged, edited or is about another revision."""
        return hashlib.sha256(json.dumps([self._sdk, arn, kept], sort_keys=True).encode()).hexdigest()

    def _path(self, arn: str) -> pathlib.Path:
        return self._directory / f"{hashlib.sha256(f'{self._sdk} {arn}'.encode()).hexdigest()}.json"
