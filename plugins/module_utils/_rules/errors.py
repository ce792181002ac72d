# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one family of errors that a module, a lookup or a role turns into a failed task."""

from __future__ import annotations

import typing as t


class SteadyStateError(Exception):
    """Something the user has to know: one sentence, then facts.

    ``facts`` are the further keys of a failed task's result; no secret may be among them.
    """

    def __init__(self, message: str, **facts: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class DeclarationError(SteadyStateError):
    """The declaration cannot be right: which ``path`` of it, what is wrong there, what would be right."""

    def __init__(self, path: str, problem: str, expected: str = "") -> None:
        super().__init__(f"{path}: {problem}" + (f"; {expected}" if expected else ""), path=path)
        self.path, self.problem, self.expected = path, problem, expected


class RefusedError(SteadyStateError):
    """What was asked for is understood, and is not done: because AWS would refuse it or because nobody allowed it."""


class AwsError(SteadyStateError):
    """A call to AWS failed.

    ``code`` is the API's own name of the error, empty when no answer came.
    """

    def __init__(self, message: str, *, code: str = "", **facts: t.Any) -> None:
        super().__init__(message, error_code=code, **facts)
        self.code = code


class AccessDeniedError(AwsError):
    """The credentials lack a permission. Never to be read as "does not exist"."""


class NoAnswerError(AwsError):
    """No usable answer came: the network failed, or what came is not an answer to what was asked.

    Nothing may be concluded from it. A mutating call may have been carried out all the same: read back before repeating it.
    """
