# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a preflight that ask AWS, and change nothing there."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .._rules.preflight import Finding, Subject


class Gateways(t.Protocol):
    """The gateways to AWS that the checks use."""


@dataclasses.dataclass(frozen=True)
class ReadCheck:
    """A check that asks AWS about all services at once.

    ``sentence`` holds where it finds nothing, ``permissions`` are the actions that it calls. What
    it is denied is a finding of its own, so that the rest is checked; an error that leaves
    ``find`` makes the whole check a finding.
    """

    name: str
    sentence: str
    permissions: tuple[str, ...]
    find: Callable[[Gateways, Sequence[Subject]], Iterable[Finding]]


READS: t.Final[tuple[ReadCheck, ...]] = ()
"""Every check that asks AWS."""
