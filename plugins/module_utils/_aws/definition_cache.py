# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cache task definitions on disk: what is registered under an ARN never changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import typing as t

from .. import _whole_files
from .._rules.documents import Document
from .._rules.errors import SteadyStateError

_CHANGING: t.Final = frozenset({"status", "deregisteredAt", "deleteRequestedAt"})

_UNFINISHED: t.Final = ".new-"


class DefinitionCache:
    """Answers of DescribeTaskDefinition in a directory, one file each.

    Files are readable by their owner only: environment variables may be secrets. ``sdk`` is part of
    a file's name: a newer SDK may know members that an older one dropped. Status and tags of a
    revision can change, so they are not kept. A file that cannot be read, is not as it was written,
    or that another user has put there, is ignored. What a killed process was writing is removed.
    """

    def __init__(self, directory: str, sdk: str) -> None:
        """Create the directory if it is missing.

        SteadyStateError where it cannot be made, or where another user owns it: who could read
        the values in it, and have others be found.
        """
        self._directory = pathlib.Path(directory)
        self._sdk = sdk
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            owner = self._directory.stat().st_uid
        except OSError as error:
            raise SteadyStateError(
                f"cache directory {directory} cannot be made: {error.strerror}"
            ) from error
        if owner != os.geteuid():
            raise SteadyStateError(
                f"cache directory {directory} is not used: user {owner} owns it, and this is user"
                f" {os.geteuid()}; name a directory of this user, or one that is not there yet"
            )
        _whole_files.remove_abandoned(directory, _UNFINISHED)

    def get(self, arn: str) -> Document | None:
        """Return the definition of an ARN without status and tags, or ``None``."""
        try:
            with self._path(arn).open(encoding="utf-8") as file:
                if os.fstat(file.fileno()).st_uid != os.geteuid():
                    return None
                kept = json.load(file)
        except (OSError, ValueError):
            return None
        return (
            kept
            if isinstance(kept, dict) and kept.pop("digest", None) == self._digest(arn, kept)
            else None
        )

    def put(self, arn: str, answer: Document) -> None:
        """Keep an answer, whole or not at all. Failing to write is no error."""
        definition = {
            name: member
            for name, member in answer["taskDefinition"].items()
            if name not in _CHANGING
        }
        kept = {**answer, "taskDefinition": definition, "tags": []}
        content = json.dumps({**kept, "digest": self._digest(arn, kept)}).encode()
        with contextlib.suppress(OSError):
            _whole_files.write(str(self._path(arn)), content, prefix=_UNFINISHED)

    def _digest(self, arn: str, kept: Document) -> str:
        """Return the digest by which a damaged or edited file is found."""
        return hashlib.sha256(
            json.dumps([self._sdk, arn, kept], sort_keys=True).encode()
        ).hexdigest()

    def _path(self, arn: str) -> pathlib.Path:
        return self._directory / f"{hashlib.sha256(f'{self._sdk} {arn}'.encode()).hexdigest()}.json"
