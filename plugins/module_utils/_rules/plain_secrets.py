# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell by its name or its form whether a plain value is likely a secret.

In a command, the name is that of a flag (``--password x``, ``--password=x``), or stands before the
value in the text of an argument (``DB_PASSWORD=x exec app``).
"""

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
        "requirepass",
        "secret",
        "token",
    }
)
"""Words of a name, or ends of words (PGPASSWORD), that make its value a secret."""

_ENDS: t.Final = tuple(WORDS)

PAIRS: t.Final = frozenset(
    (first, "key")
    for first in ("api", "private", "access", "encryption", "signing", "auth", "master", "license")
)

_HINT: t.Final = re.compile(
    "|".join(sorted(WORDS | {last for dummy, last in PAIRS})), re.IGNORECASE
)
"""Is in every name of a secret, so most texts need no closer look."""

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
        "env",
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
        "parameter",
        "path",
        "policy",
        "port",
        "prefix",
        "provider",
        "refresh",
        "rate",
        "region",
        "required",
        "rotation",
        "seconds",
        "size",
        "stdin",
        "store",
        "timeout",
        "ttl",
        "type",
        "uri",
        "url",
        "var",
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
    | (?<=[a-z0-9+.-])://([^/\s:@]*:(?![$])[^/\s@]+@)  # a URL with a password, also behind jdbc:
    | \bAuthorization:\s*(?:Basic|Bearer|Token)\s+([^\s$"'\\])
    """,
    re.VERBOSE,
)
"""The secret is the group that matches, or the whole if none does."""

_HARMLESS_VALUES: t.Final = re.compile(
    r"""
      \s* | true | false | yes | no | on | off | none | null
    | arn:.+ | (?:ssm|secretsmanager|vault|sm|file|env|https?)[:/].+   # where the secret is
    | /[\w./-]+                                                       # a path or a parameter
    | [$][{(].+[)}] | [$]\w+ | \*+ | x+                                # filled in by the container
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


_FLAG: t.Final = re.compile(r"(?P<name>-{1,2}[A-Za-z][\w.-]*)(?:=.*)?", re.DOTALL)

_NAMED: t.Final = re.compile(
    r"""
    (?<![\w.-]) (?P<name> -{0,2}[A-Za-z_][\w.-]*+ )
    (?:
        \\?["']? (?: :?= | \s+=\s+ )        # NAME=value, "name" = "value"
      | :-                                   # ${NAME:-value}
      | \\?["']\s*:\s* | :\s+               # "name":"value", Name: value
      | (?P<gap> (?: \s | \\\n )+ )         # --name value, NAME 'value'
    )
    (?= (?: '' | "" )*+ (?P<value>
        '[^']{0,200}' | "(?: \\. | [^"\\] ){0,200}"
      | (?: \\. | [^\s'"\\;&|)}] ){1,200} | ['"][^\s'"]{0,200}
    )? )
    """,
    re.VERBOSE | re.DOTALL,
)
"""A name in a text, and the beginning of the word behind it as a shell reads it."""

_FILLED_IN: t.Final = ("$(", "${", "`")
"""What a value begins with that the shell fills in."""


def looks_secret(name: str, value: t.Any) -> bool:
    """Return True if a plain value under this name is likely a secret."""
    text = str(value or "")
    if _SECRET_FORMS.search(text):
        return True
    return _names_secret(name) and not _HARMLESS_VALUES.fullmatch(text)


def _names_secret(name: str) -> bool:
    """Return True if a value under this name is a secret or harmless."""
    if not _HINT.search(name):
        return False
    # DbPassword and DB_PASSWORD have the same words.
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    words = [word for word in re.split(r"[^A-Za-z]+", apart.lower()) if word]
    if not words or words[-1] in HARMLESS_ENDS or "public" in words:
        return False
    return any(word.endswith(_ENDS) for word in words) or any(
        pair in PAIRS for pair in itertools.pairwise(words)
    )


def in_command(arguments: t.Iterable[t.Any]) -> t.Iterator[tuple[int, int]]:
    """Yield each argument with a secret: its index, where the secret begins."""
    flag = ""
    for index, argument in enumerate(arguments):
        text = str(argument) if isinstance(argument, (str, int, float)) else ""
        found = _FLAG.fullmatch(text)
        if _names_secret(flag) and not found and not _HARMLESS_VALUES.fullmatch(text):
            yield index, 0
        elif (begin := _begin(text)) is not None:
            yield index, begin
        flag = text if found and found["name"] == text else ""


def in_container(container: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str | int, ...]]:
    """Yield the steps to each argument with a secret in the commands of a container.

    A health check has many spellings, in which arguments have other places: it is named as a whole.
    """
    for member in ("entryPoint", "command"):
        for index, dummy in in_command(container.get(member) or ()):
            yield member, index
    if any(in_command((container.get("healthCheck") or {}).get("command") or ())):
        yield ("healthCheck",)


def _begin(text: str) -> int | None:
    """Return where the first secret in an argument begins."""
    form = _SECRET_FORMS.search(text)
    formed = [form.start(form.lastindex or 0)] if form else []
    names = _NAMED.finditer(text) if _HINT.search(text) else ()
    is_one_word = not re.search(r"\s", text)
    named = (found.end() for found in names if _is_secret(found, is_one_word=is_one_word))
    return min([*formed, *itertools.islice(named, 1)], default=None)


def _is_secret(found: re.Match[str], *, is_one_word: bool) -> bool:
    """Return True if the name found has a secret behind it."""
    name, word, text = found["name"], found["value"] or "", found.string
    is_flag = name.startswith("-")
    if found["gap"] and not word.startswith("'") and (not is_flag or _FLAG.fullmatch(word)):
        return False
    if not _names_secret(name):
        return False
    of_a_flag = is_flag and not found.start() and not found["gap"]
    if of_a_flag or is_one_word:
        # No shell reads it, so the value is all that follows.
        return not _HARMLESS_VALUES.fullmatch(text, found.end())
    value = _unquoted(word)
    return not value.startswith(_FILLED_IN) and not _HARMLESS_VALUES.fullmatch(value)


def _unquoted(word: str) -> str:
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted else word.strip("\\\"'")
