# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test has arranged: faults, actions before calls; and the calls made."""

from __future__ import annotations

import dataclasses
import fnmatch
import json
import time
import typing as t

from .errors import ApiError

Document = dict[str, t.Any]

BODIES = ("empty", "half", "short", "html")
"""How the body of an answer can be damaged. It can also be a JSON object, given as text."""

PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Sign in - Example Proxy</title><style>p { color: red }</style></head>\n"
    "<body><h1>Sign in</h1><p>Your request was stopped by the proxy.</p></body></html>\n"
)
"""The answer of a proxy or a captive portal in place of AWS."""


@dataclasses.dataclass
class Fault:
    """Lets `count` calls of a pattern fail, after letting `after` of them pass.

    The call fails `when` "before" or "after" it is carried out: with the error `code`, with a
    closed connection (`reset`), or with a damaged `body`. Without a code, a reset and a body it
    is only late, by `delay` real seconds. Operations of services beside ECS are met by patterns
    that name the service, as in `scheduler:GetSchedule`.
    """

    operation: str
    count: int = 1
    code: str | None = "ThrottlingException"
    status: int | None = None
    message: str = "Rate exceeded"
    delay: float = 0.0
    reset: bool = False
    when: str = "before"
    after: int = 0
    body: str | None = None

    def __post_init__(self) -> None:
        if self.when not in ("before", "after"):
            raise ValueError(f"when must be before or after, not {self.when}")
        if self.body is not None and self.body not in BODIES and not _is_object(self.body):
            known = ", ".join(BODIES)
            raise ValueError(f"body must be one of {known} or a JSON object, not {self.body}")

    def error(self) -> ApiError | None:
        if self.reset:
            return ApiError("ConnectionReset", f"{self.when} the operation was carried out")
        if self.body is not None:
            return ApiError("DamagedAnswer", f"body: {self.body}", self.status or 200)
        return ApiError(self.code, self.message, self.status or 400) if self.code else None

    def damaged(self, text: bytes) -> Damaged | None:
        """Return what is sent in place of this answer; None leaves it as it is."""
        if self.body is None:
            return None
        half = text[: max(len(text) // 2, 1)]
        damaged = {"empty": b"", "half": half, "short": half, "html": PAGE.encode()}
        sent = damaged[self.body] if self.body in damaged else self.body.encode()
        return Damaged(
            self.status or 200,
            sent,
            len(text) if self.body == "short" else len(sent),
            "text/html" if self.body == "html" else None,
        )

    def meets(self, operation: str) -> bool:
        if (
            self.count <= 0
            or (":" in operation) != (":" in self.operation)
            or not fnmatch.fnmatchcase(operation, self.operation)
        ):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.count -= 1
        return True


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


@dataclasses.dataclass(frozen=True)
class Damaged:
    """A damaged answer.

    Where the header's `length` is more than there is, the connection ends in the middle.
    """

    status: int
    text: bytes
    length: int
    content_type: str | None


@dataclasses.dataclass
class Bucket:
    """Lets `burst` calls of a pattern pass at once, and `rate` a second after that.

    The `time` is virtual or real.
    """

    operations: str
    burst: float
    rate: float
    time: str = "virtual"
    _tokens: float = 0.0
    _seen: float | None = None

    def __post_init__(self) -> None:
        if self.time not in ("virtual", "real"):
            raise ValueError(f"time must be virtual or real, not {self.time}")
        if self.burst < 0 or self.rate < 0:
            raise ValueError("burst and rate must not be negative")
        self._tokens = self.burst

    def meets(self, operation: str) -> bool:
        return (":" in operation) == (":" in self.operations) and fnmatch.fnmatchcase(
            operation, self.operations
        )

    def takes(self, virtual: float) -> bool:
        """Take a token; return False if there is none."""
        now = virtual if self.time == "virtual" else time.monotonic()
        passed = now - (now if self._seen is None else self._seen)
        self._seen = now
        self._tokens = min(self.burst, self._tokens + passed * self.rate)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclasses.dataclass
class Prepared:
    """`actions` that run just before the `nth` call of `operation`, counted from now."""

    operation: str
    nth: int
    actions: list[Document]


class Scenario:
    def __init__(self) -> None:
        self.calls: list[Document] = []
        self._faults: list[Fault] = []
        self._prepared: list[Prepared] = []
        self._buckets: dict[str, Bucket] = {}

    def arrange_fault(self, fault: Fault) -> None:
        self._faults.append(fault)

    def forget_faults(self) -> None:
        self._faults = []

    def expects_faults(self) -> bool:
        """Return True if a fault has calls to meet."""
        return any(fault.count > 0 for fault in self._faults)

    def arrange_before(self, prepared: Prepared) -> None:
        self._prepared.append(prepared)

    def arrange_bucket(self, bucket: Bucket) -> None:
        """Add a bucket in place of the one of the same pattern."""
        self._buckets[bucket.operations] = bucket

    def throttled(self, operation: str, virtual: float) -> ApiError | None:
        """Return the refusal of a call unless every matching bucket gives a token."""
        taken = [
            bucket.takes(virtual) for bucket in self._buckets.values() if bucket.meets(operation)
        ]
        return None if all(taken) else ApiError("ThrottlingException", "Rate exceeded")

    def fault_for(self, operation: str) -> Fault | None:
        return next((fault for fault in self._faults if fault.meets(operation)), None)

    def actions_before(self, operation: str) -> list[Document]:
        """Return the actions that are due before this call of `operation`."""
        due: list[Document] = []
        for prepared in [
            prepared for prepared in self._prepared if prepared.operation == operation
        ]:
            prepared.nth -= 1
            if prepared.nth == 0:
                self._prepared.remove(prepared)
                due += prepared.actions
        return due
