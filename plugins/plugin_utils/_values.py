# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that results of this run hide, kept for its later steps.

They lie in ansible's own temporary directory of the run, which only its user can read and which is
removed when the run ends. What a killed run leaves there is of no use to anybody: it is encrypted,
and the key is only in the memory of the run. Each sealed result has a file of its own, so forks
need no lock.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hmac
import json
import multiprocessing
import os
import pathlib
import secrets
import typing as t

from ansible import constants as C

from ..module_utils._rules import sealed

# ansible-core brings it; ansible-test imports plugins without it.
with contextlib.suppress(ImportError):
    from cryptography.fernet import Fernet, InvalidToken


def seal(document: t.Any) -> t.Any:
    """Return the document with marks for its values, and keep these for the run."""
    name = secrets.token_hex(8)
    marked, values = sealed.seal(document, name)
    if values:
        place = _place()
        place.mkdir(mode=0o700, exist_ok=True)
        with open(
            os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600),
            "wb",
        ) as file:
            file.write(_cipher().encrypt(json.dumps(values).encode()))
    return marked


def opened(document: t.Any, path: str = "") -> t.Any:
    """Return the document with its values; DeclarationError if they are not kept."""
    return sealed.opened(document, _kept, path)


@functools.lru_cache(maxsize=64)
def _kept(name: str) -> tuple[str, ...] | None:
    try:
        return tuple(json.loads(_cipher().decrypt((_place() / name).read_bytes())))
    except (FileNotFoundError, InvalidToken):
        return None


@functools.cache
def _cipher() -> Fernet:
    """Return what encrypts with the key of this run.

    Python makes random bytes for each main process, for it and its workers to know each other by.
    Workers have them from it, also those that load this themselves.
    """
    secret = multiprocessing.current_process().authkey
    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"steadystate.ecs", "sha256")))


def _place() -> pathlib.Path:
    # The constant is the directory of this run; its configured value makes another one each time.
    return pathlib.Path(C.DEFAULT_LOCAL_TMP, "steadystate.ecs")  # type: ignore[attr-defined]
