# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors that fail a task, and which code of AWS means which of them.

Callers catch them by class. ``facts`` are for the result that a user sees; nothing is decided by
them.
"""

from __future__ import annotations

import typing as t


class SteadyStateError(Exception):
    """A message for the user: one sentence, then facts.

    ``facts`` become keys of the failed task's result; no secret may be among them.
    """

    may_have_been_done: bool = False
    """A call failed that may have changed something all the same."""

    def __init__(self, message: str, **facts: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class DeclarationError(SteadyStateError):
    """The declaration is wrong at ``path``: the problem, and what is expected."""

    def __init__(self, path: str, problem: str, expected: str = "") -> None:
        super().__init__(f"{path}: {problem}" + (f"; {expected}" if expected else ""), path=path)
        self.path, self.problem, self.expected = path, problem, expected


class RefusedError(SteadyStateError):
    """A valid request that we decline.

    AWS would reject it, or it needs an explicit opt-in.
    """


class AwsError(SteadyStateError):
    """A call to AWS failed. What is raised is one of the classes below.

    ``code`` is the API's own name of the error, empty where none came.
    """

    missing_action: str = ""
    """The permission that the credentials lack, where that is the problem."""

    def __init__(self, message: str, *, code: str = "", **facts: t.Any) -> None:
        super().__init__(message, error_code=code, **facts)
        self.code = code


class RejectedError(AwsError):
    """AWS rejects the request, or the SDK does before it is sent.

    Repeating it changes nothing. Every code that is not listed below is one of these.
    """


class AccessDeniedError(AwsError):
    """The credentials lack the permission ``missing_action``.

    Never to be read as "does not exist".
    """

    def __init__(self, message: str, *, missing_action: str = "", **known: t.Any) -> None:
        super().__init__(message, missing_action=missing_action, **known)
        self.missing_action = missing_action


class UnsupportedError(AwsError):
    """The installed SDK, the region or the endpoint lacks the operation."""


class NotFoundError(AwsError):
    """What the call is about does not exist; ``code`` tells which part of it."""


class ConflictError(AwsError):
    """The call contradicts what exists or is going on, such as a service of that name."""


class UndecidedError(AwsError):
    """AWS answered, and could not tell about everything that was asked for.

    ``failures`` among the facts say about what and why.
    """


class TransientError(AwsError):
    """AWS could not serve the call now. Gateways repeat it, and a wait goes on."""


class ThrottledError(TransientError):
    """Too many calls; this one was not carried out."""


class FaultError(TransientError):
    """AWS failed itself (status 5xx); a mutating call may have been carried out."""


class NoAnswerError(AwsError):
    """No usable answer came: the network failed, or something else than AWS answered.

    Nothing may be concluded from it. A mutating call may have been carried out all the same: read
    back before repeating it.
    """


class UnreachableError(NoAnswerError):
    """The request did not reach AWS, so nothing was done."""


_CODES: t.Final[t.Mapping[type[AwsError], tuple[str, ...]]] = {
    AccessDeniedError: (
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "403",
    ),
    UnsupportedError: (
        "UnknownOperationException",
        "UnsupportedFeatureException",
    ),
    NotFoundError: (
        "AccessPointNotFound",
        "ApplicationDoesNotExistException",
        "ClusterNotFoundException",
        "DaemonNotFoundException",
        "DeploymentDoesNotExistException",
        "DeploymentGroupDoesNotExistException",
        "DeploymentNotStartedException",
        "DeploymentTargetDoesNotExistException",
        "FileSystemNotFound",
        "InvalidGroup.NotFound",
        "InvalidGroupId.Malformed",
        "InvalidSubnetID.Malformed",
        "InvalidSubnetID.NotFound",
        "ListenerNotFound",
        "LoadBalancerNotFound",
        "MountTargetNotFound",
        "NamespaceNotFoundException",
        "NoSuchEntity",
        "NoSuchResourceException",
        "NotFoundException",
        "ObjectNotFoundException",
        "PullThroughCacheRuleNotFoundException",
        "RepositoryNotFoundException",
        "ResourceNotFoundException",
        "RevisionDoesNotExistException",
        "RuleNotFound",
        "ServiceDeploymentNotFoundException",
        "ServiceNotFound",
        "ServiceNotFoundException",
        "TargetGroupNotFound",
        "TaskSetNotFoundException",
    ),
    ConflictError: (
        "ConflictException",
        "DeploymentAlreadyCompletedException",
        "DeploymentIsNotInReadyStateException",
        "DeploymentLimitExceededException",
    ),
    ThrottledError: (
        # Application Auto Scaling carries out another change of the same resource.
        "ConcurrentUpdateException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    ),
    FaultError: (
        "DependencyTimeoutException",
        "InternalError",
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "InternalServiceError",
        "InternalServiceException",
        "KMSInternalException",
        "ServerException",
        "ServiceException",
        "ServiceFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Unavailable",
    ),
}
"""Codes from AWS's pages on common errors and from "Errors" of each action that we call."""

_TEXTS: t.Final[tuple[tuple[str, str, type[AwsError]], ...]] = (
    ("ClientException", "Unable to describe task definition", NotFoundError),
    # cloudposse/terraform-aws-ecs-alb-service-task issue 258
    ("ClientException", "Too many concurrent attempts to create a new revision", ThrottledError),
    ("InvalidParameterException", "Creation of service was not idempotent", ConflictError),
)
"""Errors that only the text behind a general code tells."""

_BY_CODE: t.Final = {code: kind for kind, codes in _CODES.items() for code in codes}


def of_aws(code: str, text: str = "", status: int = 400) -> type[AwsError]:
    """Return the class for an error of AWS by its code, text and HTTP status."""
    told = (kind for general, part, kind in _TEXTS if code == general and part in text)
    return (
        next(told, None) or _BY_CODE.get(code) or (FaultError if status >= 500 else RejectedError)
    )
