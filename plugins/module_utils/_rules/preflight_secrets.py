# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets, parameters and keys of a service: they exist and have a value.

Values are never asked for, so whether a secret has a JSON key is not known.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .findings import Named
from .preflight_references import Reference, deep

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .documents import Document
    from .findings import Place
    from .preflight import Finding, Subject

_SECRET: t.Final = re.compile(
    r"(?P<arn>arn:[^:]+:secretsmanager:(?P<region>[^:]*):[^:]*:secret:[^:]+)"
    r"(?::(?P<json>[^:]*))?(?::(?P<stage>[^:]*))?(?::(?P<version>[^:]*))?"
)
_PARAMETER: t.Final = re.compile(r"arn:[^:]+:ssm:(?P<region>[^:]*):[^:]*:parameter/.+")


@dataclasses.dataclass(frozen=True)
class SecretReference(Reference):
    """A secret, and the version of it that is wanted; empty for the current one."""

    stage: str = ""
    version: str = ""


def _values(subject: Subject) -> Iterator[tuple[Place, str]]:
    """Yield what is a secret or a parameter."""
    for container in subject.containers:
        here: Place = ("containers", Named(container["name"]))
        for secret in container.get("secrets") or ():
            yield (*here, "secrets", Named(str(secret.get("name")))), secret.get("valueFrom")
        log = container.get("logConfiguration") or {}
        for option in log.get("secretOptions") or ():
            name = Named(str(option.get("name")))
            yield (*here, "logConfiguration", "secretOptions", name), option.get("valueFrom")


def _credentials(subject: Subject) -> Iterator[tuple[Place, str]]:
    """Yield the credentials of registries: the ARN of a secret, or its name."""
    for container in subject.containers:
        named = (container.get("repositoryCredentials") or {}).get("credentialsParameter")
        if named:
            here: Place = ("containers", Named(container["name"]))
            yield (*here, "repositoryCredentials", "credentialsParameter"), str(named)


def secrets(subject: Subject) -> Iterator[SecretReference]:
    """Yield the references to Secrets Manager."""
    for place, name in _credentials(subject):
        if not name.startswith("arn:"):
            yield SecretReference(subject, place, name, name)
    for place, value in (*_values(subject), *_credentials(subject)):
        match = _SECRET.fullmatch(str(value))
        if match:
            yield SecretReference(
                subject,
                place,
                match["arn"],
                match["arn"],
                match["stage"] or "",
                match["version"] or "",
            )


def parameters(subject: Subject) -> Iterator[Reference]:
    """Yield the references to parameters of Systems Manager, by name or ARN.

    Another text may be the secret itself, by mistake: its place is shown in its stead.
    """
    for place, value in _values(subject):
        text = str(value or "")
        if _PARAMETER.fullmatch(text):
            yield Reference(subject, place, text, text)
        elif text and not text.startswith("arn:"):
            yield Reference(subject, place, text, "")


def region(reference: str) -> str:
    """Return the region in an ARN, empty for a name."""
    return reference.split(":", 4)[3] if reference.startswith("arn:") else ""


def keys(subject: Subject) -> Iterator[Reference]:
    """Yield the keys that a service names."""
    for member in ("kmsKey", "kmsKeyId"):
        for place, key in deep(subject.service.members, member, ("service",)):
            yield Reference(subject, place, str(key), str(key))


def key_of(reference: SecretReference, found: Document | None) -> Reference | None:
    """Return the customer's key of a secret; ``None`` for the one that AWS manages."""
    key = (found or {}).get("KmsKeyId")
    if not key or "alias/aws/" in str(key):
        return None
    text = str(key)
    if not text.startswith(("arn:", "alias/")):
        parts = str((found or {}).get("ARN") or reference.key).split(":")
        text = f"arn:{parts[1]}:kms:{parts[3]}:{parts[4]}:key/{text}"
    return Reference(reference.subject, reference.place, text, text)


def judged_secret(reference: SecretReference, found: Document | None) -> Iterator[Finding]:
    """Yield what is wrong with a secret as DescribeSecret has it."""
    if found is None:
        what = "ARN" if reference.key.startswith("arn:") else "name"
        yield reference.error("there is no such secret", f"create it, or correct the {what}")
        return
    if found.get("DeletedDate"):
        yield reference.error("is scheduled for deletion", "restore it, or name another one")
        return
    versions: Document = found.get("VersionIdsToStages") or {}
    stages = {stage for told in versions.values() for stage in told}
    wanted, version = reference.stage, reference.version
    if not versions:
        yield reference.error("has no value yet", "give it one")
    elif version and version not in versions:
        yield reference.error(f"has no version {version}", "name one that it has, or none")
    elif wanted and wanted not in (versions[version] if version else stages):
        where = f"version {version} is" if version else "no version of it is"
        yield reference.error(
            f"{where}{' not' if version else ''} at stage {wanted}",
            f"there are {', '.join(sorted(stages))}",
        )
    elif not wanted and not version and "AWSCURRENT" not in stages:
        yield reference.error("has no current value (stage AWSCURRENT)", "give it one")


def judged_parameter(reference: Reference, found: t.Any) -> Iterator[Finding]:
    """Yield that a parameter does not exist."""
    if found is None:
        yield reference.error("there is no such parameter", "create it, or correct the name")


def judged_key(reference: Reference, found: Document | None) -> Iterator[Finding]:
    """Yield what is wrong with a key as DescribeKey has it."""
    if found is None:
        yield reference.error(
            f"there is no key {reference.key}, which it is encrypted with", "correct the key"
        )
    elif found.get("KeyState") not in (None, "Enabled"):
        yield reference.error(
            f"key {reference.key} cannot be used: it is {found['KeyState']}",
            "enable the key, or name another one",
        )
