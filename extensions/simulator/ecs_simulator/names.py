# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, ARNs and identifiers, and the seeded random numbers that make them."""

from __future__ import annotations

import dataclasses
import string
import typing as t

from .errors import invalid_parameter

if t.TYPE_CHECKING:
    import random as random_module


@dataclasses.dataclass(frozen=True)
class Names:
    """ARNs of one account in one region."""

    region: str
    account: str
    random: random_module.Random

    def arn(self, kind: str, *parts: str) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account}:{kind}/{'/'.join(parts)}"

    def role(self, reference: str | None) -> str:
        """A role given by name or ARN; none means the service-linked role."""
        if reference and reference.startswith("arn:"):
            return reference
        name = reference or "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        return f"arn:aws:iam::{self.account}:role/{name}"

    @property
    def caller(self) -> str:
        return f"arn:aws:sts::{self.account}:assumed-role/simulator/session"

    def hexadecimal(self, length: int = 32) -> str:
        return f"{self.random.getrandbits(4 * length):0{length}x}"

    def digits(self, length: int = 19) -> str:
        return str(self.random.randrange(10 ** (length - 1), 10**length))

    def characters(self, length: int = 21) -> str:
        return "".join(self.random.choices(string.ascii_letters + string.digits + "_-", k=length))

    def uuid(self) -> str:
        digits = self.hexadecimal()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def check_cluster(arn: str, cluster: str) -> None:
    """Refuse an ARN that names another cluster than the request.

    Raises ApiError.
    """
    parts = arn.split("/")
    if arn.startswith("arn:") and len(parts) == 3 and parts[1] != cluster:
        raise invalid_parameter(
            f"Invalid identifier: Identifier is for cluster {parts[1]}. Your cluster is {cluster}"
        )


def last_part(reference: str) -> str:
    """The name in a name or ARN: everything after the last slash."""
    return reference.rpartition("/")[2]
