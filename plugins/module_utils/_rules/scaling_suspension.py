# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember how auto scaling was before a deployment suspended it.

A tag of the scalable target says so. It is written before scaling is suspended and removed after
the state is restored. So a run that is killed in between leaves a tag by which the next run knows
the state to restore. The deployment that is started is added to the tag: while it goes on, the run
of an earlier deployment leaves scaling suspended.
"""

from __future__ import annotations

import re
import typing as t

from .documents import Document
from .errors import DeclarationError

TAG: t.Final = "steadystate.ecs:scaling-before-deployment"

FLAGS: t.Final[t.Mapping[str, str]] = {
    "DynamicScalingInSuspended": "in",
    "DynamicScalingOutSuspended": "out",
    "ScheduledScalingSuspended": "scheduled",
}
"""The three flags of a suspended state, and their names in the tag."""

SUSPENDED: t.Final[Document] = dict.fromkeys(FLAGS, True)

_FOR: t.Final = "for"

_WORDS: t.Final = {"on": False, "suspended": True}


def state_of(target: Document) -> Document:
    """Return the suspended state of a scalable target, with all three flags."""
    there = target.get("SuspendedState") or {}
    return {flag: bool(there.get(flag)) for flag in FLAGS}


def remembered(state: Document, deployment: str = "") -> str:
    """Return the value of the tag for a state: ``in=on out=on scheduled=suspended``.

    With the id of a ``deployment``, ``for=ecs-svc/1401099464416517480`` follows.
    """
    words = {suspended: word for word, suspended in _WORDS.items()}
    parts = [f"{name}={words[state[flag]]}" for flag, name in FLAGS.items()]
    return " ".join([*parts, f"{_FOR}={deployment}"] if deployment else parts)


def read(value: str) -> Document:
    """Return the state that a tag remembers.

    Raises DeclarationError if somebody has changed it so that it says nothing.
    """
    found = _parts(value)
    found.pop(_FOR, None)
    if set(found) != set(FLAGS.values()) or not set(found.values()) <= set(_WORDS):
        raise DeclarationError(
            f"tag {TAG} of the scalable target",
            f"{value!r} does not say how auto scaling was before a deployment",
            f"expected such as {remembered(dict.fromkeys(FLAGS, False))!r}; correct the tag, or "
            "remove it and resume scaling yourself",
        )
    return {flag: _WORDS[found[name]] for flag, name in FLAGS.items()}


def deployment_of(value: str) -> str:
    """Return the id of the deployment that a tag names; empty if it names none."""
    return _parts(value).get(_FOR, "")


def _parts(value: str) -> dict[str, str]:
    return dict(re.findall(r"\b(\w+)=(\S+)", value))


def told(state: Document) -> str:
    """Return a state in words."""
    off = [name for flag, name in FLAGS.items() if state[flag]]
    if not off:
        return "active"
    return "suspended" if len(off) == len(FLAGS) else f"suspended for {' and '.join(off)}"
