# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SDK's exceptions become one family of errors that name the operation, the resource and, where AWS says it, the missing action."""

from __future__ import annotations

import re
import typing as t

from .._rules.errors import AccessDeniedError, AwsError

_DENIED: t.Final = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "403"})


def translated(error: Exception, operation: str, resource: str) -> AwsError:
    """The error for what boto3 raised while it did ``operation`` (``ecs:UpdateService``) on ``resource``."""
    answer = getattr(error, "response", None)
    facts = {"operation": operation, "resource": resource}
    if answer is None:
        # The SDK's own texts show the value that it refuses; a value may be a secret.
        text = re.sub(r"value: .*?, type:", "type:", str(error), flags=re.DOTALL)
        return AwsError(f"{operation} on {resource} was not answered: {text}", **facts)
    code, text = answer["Error"].get("Code", ""), answer["Error"].get("Message", "")
    if code in _DENIED:
        action = re.search(r"not authorized to perform: (\S+)", text)
        return AccessDeniedError(f"Access denied: {operation} on {resource}. {text}", code=code, missing_action=action[1] if action else operation, **facts)
    return AwsError(f"{operation} on {resource} failed with {code}: {text}", code=code, **facts)
