# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which error of AWS is which class: by its code, by its text where the code is general, by its
status.
"""

from __future__ import annotations

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import answers, errors
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AccessDeniedError,
    AwsError,
    ConflictError,
    FaultError,
    NoAnswerError,
    NotFoundError,
    RejectedError,
    SteadyStateError,
    ThrottledError,
    TransientError,
    UnreachableError,
    UnsupportedError,
)

from ..sdk import model_of

NOT_THERE = (
    "ApplicationDoesNotExistException",
    "DeploymentDoesNotExistException",
    "DeploymentGroupDoesNotExistException",
    "DeploymentNotStartedException",
    "DeploymentTargetDoesNotExistException",
    "RevisionDoesNotExistException",
)
"""How CodeDeploy says that what was asked for does not exist, or not yet."""

NOT_NOW = (
    "DeploymentAlreadyCompletedException",
    "DeploymentIsNotInReadyStateException",
    "DeploymentLimitExceededException",
)
"""How CodeDeploy says that something else goes on, or nothing any more."""

NEVER = ("UnsupportedActionForDeploymentTypeException", "UnsupportedProtocolException")
"""What is refused for a deployment of this kind, whatever the SDK and the region have."""

TOO_MANY = ("ConcurrentUpdateException",)
"""How Application Auto Scaling asks to repeat a call that came during another."""

FAULTS = (
    "DependencyTimeoutException",
    "KMSInternalException",
    "ServiceException",
    "ServiceFailureException",
)
"""What KMS, Lambda, Service Quotas and IAM call a fault of theirs."""

CODES = [
    ("AccessDeniedException", AccessDeniedError),
    ("AccessDenied", AccessDeniedError),
    ("UnauthorizedOperation", AccessDeniedError),
    ("403", AccessDeniedError),
    ("UnknownOperationException", UnsupportedError),
    ("UnsupportedFeatureException", UnsupportedError),
    ("ClusterNotFoundException", NotFoundError),
    ("NamespaceNotFoundException", NotFoundError),
    ("RepositoryNotFoundException", NotFoundError),
    ("ResourceNotFoundException", NotFoundError),
    ("ServiceNotFoundException", NotFoundError),
    ("ServiceDeploymentNotFoundException", NotFoundError),
    ("ConflictException", ConflictError),
    *((code, NotFoundError) for code in NOT_THERE),
    *((code, ConflictError) for code in NOT_NOW),
    ("ThrottlingException", ThrottledError),
    ("Throttling", ThrottledError),
    ("RequestLimitExceeded", ThrottledError),
    ("TooManyRequestsException", ThrottledError),
    ("ServerException", FaultError),
    ("InternalError", FaultError),
    ("InternalException", FaultError),
    ("InternalFailure", FaultError),
    ("InternalServerException", FaultError),
    ("ServiceUnavailable", FaultError),
    ("ServiceUnavailableException", FaultError),
    ("Unavailable", FaultError),
    ("InvalidParameterException", RejectedError),
    ("ClientException", RejectedError),
    ("ValidationException", RejectedError),
    ("LimitExceededException", RejectedError),
    ("ServiceNotActiveException", RejectedError),
    ("ExpiredTokenException", RejectedError),
    ("", RejectedError),
]


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_a_code_of_aws_is_one_class(code: str, kind: type[AwsError]) -> None:
    assert errors.of_aws(code) is kind


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("ClientException", "Unable to describe task definition.", NotFoundError),
        (
            "ClientException",
            "Too many concurrent attempts to create a new revision of the specified family.",
            ThrottledError,
        ),
        ("InvalidParameterException", "Creation of service was not idempotent.", ConflictError),
        ("InvalidParameterException", "Unable to describe task definition.", RejectedError),
    ],
)
def test_where_the_code_is_general_the_text_tells(
    code: str, text: str, kind: type[AwsError]
) -> None:
    assert errors.of_aws(code, text) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RejectedError), (404, RejectedError), (500, FaultError), (503, FaultError)],
)
def test_an_unknown_code_is_a_fault_of_aws_by_its_status_only(
    status: int, kind: type[AwsError]
) -> None:
    assert errors.of_aws("NobodyHeardOfIt", status=status) is kind


@pytest.mark.parametrize("action", answers.EXPECTED)
def test_every_error_that_the_sdk_knows_of_an_action_is_what_its_name_says(action: str) -> None:
    for shape in model_of(action).error_shapes:
        kind = errors.of_aws(shape.metadata.get("error", {}).get("code") or shape.name)
        assert issubclass(kind, FaultError) == (
            shape.name.startswith(("Internal", "Server", "ServiceUnavailable"))
            or shape.name in FAULTS
        ), shape.name
        assert issubclass(kind, NotFoundError) == (
            shape.name.endswith(("NotFound", "NotFoundException"))
            or shape.name.startswith("NoSuch")
            or shape.name in NOT_THERE
        ), shape.name
        assert issubclass(kind, ConflictError) == (
            shape.name.startswith("Conflict") or shape.name in NOT_NOW
        ), shape.name
        assert issubclass(kind, UnsupportedError) == (
            shape.name.startswith("Unsupported") and shape.name not in NEVER
        ), shape.name
        assert issubclass(kind, AccessDeniedError) == shape.name.startswith("AccessDenied"), (
            shape.name
        )
        assert issubclass(kind, ThrottledError) == (
            shape.name.startswith(("Throttling", "TooManyRequests")) or shape.name in TOO_MANY
        ), shape.name


def test_a_wait_outlives_what_is_transient_and_concludes_nothing_from_silence() -> None:
    transient = {kind for dummy, kind in CODES if issubclass(kind, TransientError)}
    assert transient == {ThrottledError, FaultError}
    assert issubclass(UnreachableError, NoAnswerError)
    assert not issubclass(NoAnswerError, TransientError)


def test_the_facts_of_an_error_are_what_the_result_shows() -> None:
    denied = AccessDeniedError(
        "Access denied",
        code="AccessDeniedException",
        missing_action="ecs:ListTasks",
        operation="ecs:ListTasks",
    )
    assert isinstance(denied, SteadyStateError)
    assert denied.facts == {
        "error_code": "AccessDeniedException",
        "missing_action": "ecs:ListTasks",
        "operation": "ecs:ListTasks",
    }
    assert (denied.code, denied.missing_action, denied.may_have_been_done) == (
        "AccessDeniedException",
        "ecs:ListTasks",
        False,
    )
