# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the report as one HTML file, ``page.html`` with the report in it as JSON.

Nothing of the report is ever markup. It stands in a script element that is data, and the page's
script puts it on the screen as text. Should that fail, a policy in the page lets no script run but
that one, and no request leave.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import typing as t

from ...module_utils._rules.documents import Document
from .kinds import KINDS

# What could end the script element or begin a comment in it.
_ESCAPED: t.Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def render(report: Document, template: str) -> str:
    """Render the page.

    ``template`` is ``page.html``, with one style, one script, ``{{policy}}`` and ``{{data}}``.
    """
    policy = "; ".join(
        [
            "default-src 'none'",
            *(
                f"{tag}-src '{_hash(content)}'"
                for tag in ("script", "style")
                for content in re.findall(f"<{tag}>(.*?)</{tag}>", template, re.DOTALL)
            ),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    kinds = {
        name: {"label": kind.label, "severity": kind.severity, "meaning": kind.meaning}
        for name, kind in KINDS.items()
    }
    data = {"report": report, "kinds": kinds}
    filled = {
        "{{policy}}": policy,
        "{{data}}": json.dumps(data, separators=(",", ":"), default=str).translate(_ESCAPED),
    }
    return re.sub("|".join(map(re.escape, filled)), lambda match: filled[match[0]], template)


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
