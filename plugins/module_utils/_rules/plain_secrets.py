# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell by its name or its form whether a plain value is likely a secret."""

from __future__ import annotations

import itertools
import re
import typing as t

WORDS: t.Final = frozenset(
    {
        "apikey",
        "credential",
        "credentials",
        "passcode",
        "passphrase",
        "passwd",
        "password",
        "pwd",
        "secret",
        "token",
    }
)
"""Words of a name that make its value a secret."""

PAIRS: t.Final = frozenset(
    (first, "key")
    for first in ("api", "private", "access", "encryption", "signing", "auth", "master", "license")
)

HARMLESS_ENDS: t.Final = frozenset(
    {
        "algorithm",
        "arn",
        "audience",
        "bucket",
        "class",
        "count",
        "dir",
        "directory",
        "enabled",
        "endpoint",
        "expires",
        "expiration",
        "expiry",
        "field",
        "file",
        "header",
        "host",
        "id",
        "issuer",
        "kind",
        "length",
        "lifetime",
        "limit",
        "max",
        "min",
        "minutes",
        "name",
        "path",
        "policy",
        "port",
        "prefix",
        "provider",
        "refresh",
        "region",
        "required",
        "rotation",
        "seconds",
        "size",
        "store",
        "timeout",
        "ttl",
        "type",
        "uri",
        "url",
        "version",
    }
)
"""Last words of a name that say where a secret is, or something else about it."""

_SECRET_FORMS: t.Final = re.compile(
    r"""
      -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                 # access keys of AWS
    | \bgh[pousr]_[0-9A-Za-z]{36}                   # tokens of GitHub
    | \bglpat-[0-9A-Za-z_-]{20}                     # tokens of GitLab
    | \bxox[baprs]-[0-9A-Za-z-]{10}                 # tokens of Slack
    | (?<=[a-z0-9+.-])://[^/\s:@]*:[^/\s@]+@        # a URL with a password, also behind jdbc:
    """,
    re.VERBOSE,
)
_HARMLESS_VALUES: t.Final = re.compile(
    r"""
      \s* | true | false | yes | no | on | off | none | null
    | arn:.+ | (?:ssm|secretsmanager|vault|sm|file|env|https?)[:/].+   # where the secret is
    | /[\w./-]+                                                       # a path or a parameter
    | [$][{(].+[)}] | [$]\w+ | \*+ | x+                                # filled in by the container
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def looks_secret(name: str, value: t.Any) -> bool:
    """Return True if a plain value under this name is likely a secret."""
    text = str(value or "")
    if _SECRET_FORMS.search(text):
        return True
    if _HARMLESS_VALUES.fullmatch(text):
        return False
    # DbPassword and DB_PASSWORD have the same words.
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    words = [word for word in re.split(r"[^A-Za-z]+", apart.lower()) if word]
    if not words or words[-1] in HARMLESS_ENDS or "public" in words:
        return False
    return any(word in WORDS for word in words) or any(
        pair in PAIRS for pair in itertools.pairwise(words)
    )
