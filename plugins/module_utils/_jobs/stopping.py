# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask for the deployment that is watched to be stopped; the answer may be lost."""

from __future__ import annotations

import contextlib
import typing as t

from .._rules.errors import ConflictError, NoAnswerError, SteadyStateError
from .controllers.choose import controller_for

if t.TYPE_CHECKING:
    from .watch import Watch

ATTEMPTS: t.Final = 3
"""How often a stop is asked for whose answer is lost."""


@contextlib.contextmanager
def telling_change(*, asked: bool) -> t.Iterator[None]:
    """Let an error say that a stop which was asked for may have changed something."""
    try:
        yield
    except SteadyStateError as error:
        if asked:
            error.facts["changed"] = True
        raise


def ask(watch: Watch) -> None:
    """Ask for the deployment to be stopped, and note that.

    Where the answer is lost it is noted too, and asked for again: a deployment that is being
    stopped already is refused then. ConflictError where one is refused that was not asked for.
    """
    watched = watch.watched
    for attempt in range(1, ATTEMPTS + 1):
        try:
            controller_for(watch.service).stop(watch.gateway, watch.service, watch.named)
        except NoAnswerError:
            watched.stop_requested = True
            if attempt == ATTEMPTS:
                raise
        except ConflictError:
            if not watched.stop_requested:
                raise
            return
        else:
            watched.stop_requested = True
            return
