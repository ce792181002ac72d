# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the cases that `make test` runs; `make test-matrix` runs all of them."""

from __future__ import annotations

import typing as t

import pytest

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def but(kept: Collection[t.Any], cases: Iterable[t.Any]) -> list[t.Any]:
    """Return the cases of ``parametrize``, all but those kept marked as thorough.

    A case is a value, or a tuple of values whose first decides.
    """
    given = list(cases)
    assert set(kept) <= {_first(case) for case in given}
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=[] if _first(case) in kept else pytest.mark.thorough,
        )
        for case in given
    ]


def _first(case: t.Any) -> t.Any:
    return case[0] if isinstance(case, tuple) else case
