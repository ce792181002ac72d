# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read `cpu` and `memory` of a task, and list the sizes of Fargate."""

from __future__ import annotations

import re

# CPU units -> MiB of memory, as documented for Fargate.
FARGATE_SIZES: dict[int, frozenset[int]] = {
    256: frozenset({512, 1024, 2048}),
    512: frozenset(range(1024, 4096 + 1, 1024)),
    1024: frozenset(range(2048, 8192 + 1, 1024)),
    2048: frozenset(range(4096, 16384 + 1, 1024)),
    4096: frozenset(range(8192, 30720 + 1, 1024)),
    8192: frozenset(range(16384, 61440 + 1, 4096)),
    16384: frozenset(range(32768, 122880 + 1, 8192)),
}


def cpu_units(text: str | int) -> int | None:
    """CPU units: `1024`, `1 vCPU` and `1vcpu` are 1024. None: not a size."""
    return _in_units(text, "vcpu")


def mebibytes(text: str | int) -> int | None:
    """MiB: `1024`, `1 GB` and `1gb` are 1024. None: not a size."""
    return _in_units(text, "gb")


def _in_units(text: str | int, thousands: str) -> int | None:
    match = re.fullmatch(
        rf"\s*(\d+|\d*\.\d+)\s*({thousands})?\s*", str(text), re.IGNORECASE | re.ASCII
    )
    if match is None:
        return None
    number, unit = match.groups()
    if unit:
        return int(float(number) * 1024)
    return int(number) if number.isdigit() else None
