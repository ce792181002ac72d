# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all gateways call AWS through: retries, time limits, one family of errors, and the question whether what came is an answer."""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import queue
import random
import re
import threading
import time
import typing as t
import urllib.parse

try:
    import botocore
    import botocore.exceptions
    import botocore.parsers
except ImportError:
    pass  # AnsibleAWSModule says so to the user

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from .._rules import answers
from .._rules.errors import AccessDeniedError, AwsError, NoAnswerError

Answer = dict[str, t.Any]

ATTEMPTS: t.Final = 10
"""How often a call is sent that AWS refuses because it is asked too often or has a fault of its own."""

UNANSWERED_ATTEMPTS: t.Final = 5
"""How often a call is sent that is not answered."""

LONGEST_PAUSE: t.Final = 30.0

PATIENCE: t.Final = 30.0
"""Seconds after which a call that is not answered is not sent again; a single one may take longer, for the SDK waits for 60."""

LEAST: t.Final = 5.0
"""Seconds that a call has at least, however little time is left: the last look of a wait has none."""

_PASSING: t.Final = ("ThrottlingException", "ServerException", "InternalException", "InternalServerException")
"""Codes that pass besides those that amazon.aws knows."""

_CONCURRENT_REGISTRATION: t.Final = "Too many concurrent attempts to create a new revision"
"""Two registrations in one family at once are told by the text of a ClientException only (cloudposse/terraform-aws-ecs-alb-service-task issue 258)."""

_DENIED: t.Final = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "403"})
_OWN_ID: t.Final = "steadystate.ecs"
_RECEIVED: t.Final = "steadystate.ecs received"
"""Where the ``ResponseMetadata`` of an answer have the HTTP response that it was made of."""


def plain(value: t.Any) -> t.Any:
    """An answer of the SDK as values that JSON has: times in ISO 8601. The answer itself is changed, for it is nobody else's."""
    if isinstance(value, dict):
        for name, member in value.items():
            if not isinstance(member, (str, int)):
                value[name] = plain(member)
    elif isinstance(value, list):
        if value and not isinstance(value[0], (str, int)):
            value[:] = map(plain, value)
    elif isinstance(value, datetime.datetime):
        return value.isoformat()
    return value


class Api:
    """Calls of one AWS service. ``client`` is boto3's client for it, ``name`` how actions begin (``ecs`` in ``ecs:DescribeServices``).

    The SDK repeats what reads; what changes something is repeated here, where it is known whether that is safe.
    """

    def __init__(self, client: t.Any, name: str) -> None:
        self._client = client
        self._name = name
        self._limit = threading.local()
        _listen(client, name)

    @property
    def sdk(self) -> str:
        """The installed SDK, for messages about what it does not know."""
        return f"botocore {botocore.__version__}"

    @property
    def region(self) -> str:
        """The region that is asked."""
        region: str = self._client.meta.region_name
        return region

    @property
    def address(self) -> str:
        """Where calls are sent, without the credentials that an address may hold."""
        address = urllib.parse.urlsplit(str(getattr(self._client.meta, "endpoint_url", "")))
        return urllib.parse.urlunsplit(address._replace(netloc=address.netloc.rpartition("@")[2]))

    @contextlib.contextmanager
    def within(self, seconds: float) -> t.Iterator[None]:
        """Let the calls of this thread, all together, take so many seconds and no longer, ``LEAST`` at least; then NoAnswerError.

        Limits within limits: the nearest counts.
        """
        outer = self._until
        ours = time.monotonic() + max(seconds, LEAST)
        self._limit.until = ours if outer is None else min(ours, outer)
        try:
            yield
        finally:
            self._limit.until = outer

    def call(self, operation: str, resource: str, /, *, method: t.Callable[..., t.Any] | None = None, **request: t.Any) -> Answer:
        """Send a request until it is answered.

        AwsError for what AWS refuses, AccessDeniedError among it; NoAnswerError where nothing came, or nothing that answers this request. A call
        that may do something else when it is done twice (``answers.NOT_REPEATABLE``) is not sent again once it may have arrived.
        """
        action = f"{self._name}:{operation}"
        send = functools.partial(method or getattr(self._client, botocore.xform_name(operation)), **request)
        repeatable = action not in answers.NOT_REPEATABLE
        unanswered, uncertain, began = 0, False, time.monotonic()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._sent(send, action, resource, request)
            except NoAnswerError as error:
                unanswered += 1
                failed: AwsError = error
                arrived = error.facts.pop("may_have_arrived", True)
                uncertain = uncertain or arrived
                again = repeatable and arrived and unanswered < UNANSWERED_ATTEMPTS and time.monotonic() - began < PATIENCE
            except AwsError as error:
                failed = error
                uncertain = uncertain or error.facts.pop("fault_of_aws", False)
                again = error.facts.pop("passes", False)
            pause = random.uniform(0.3, 1.0) * min(2.0 ** (attempt - 1), LONGEST_PAUSE)
            if not again or attempt == ATTEMPTS or not self._has_time_for(pause):
                break
            time.sleep(pause)
        if unanswered > 1 and isinstance(failed, NoAnswerError):
            failed.message += f" ({unanswered} attempts)"
        if uncertain and not answers.reads(action):
            failed.facts |= {"may_have_been_done": True, "changed": True}
            failed.message += "; it may have been carried out all the same"
        raise failed

    def pages(self, operation: str, resource: str, member: str, /, *, most: int | None = None, token: str = "nextToken", **request: t.Any) -> list[t.Any]:
        """What ``member`` lists on all pages, or on as many as it takes to have ``most`` of them.

        A full page without a token is asked for again, for it looks like one that lost it.
        """
        found: list[t.Any] = []
        following: Answer = {}
        size = request.get("maxResults") or request.get("MaxResults") or 100
        while True:
            page = self.call(operation, resource, **request, **following)
            enough = most is not None and len(found) + len(page[member]) >= most
            if not enough and not page.get(token) and len(page[member]) >= size:
                page = self.call(operation, resource, **request, **following)
            found += page[member]
            if enough or not page.get(token):
                return found[:most]
            if following == {token: page[token]}:
                raise self._no_answer(f"{self._name}:{operation}", resource, "its pages do not end: one names itself as the next")
            following = {token: page[token]}

    def pause(self, attempt: int) -> None:
        """Wait before something is tried again that is more than one call."""
        time.sleep(random.uniform(0.3, 1.0) * min(2.0 ** (attempt - 1), LONGEST_PAUSE))

    @property
    def _until(self) -> float | None:
        return getattr(self._limit, "until", None)

    def _has_time_for(self, pause: float) -> bool:
        return self._until is None or time.monotonic() + pause < self._until

    def _sent(self, send: t.Callable[[], t.Any], action: str, resource: str, request: Answer) -> Answer:
        """One attempt: the answer, or the error that it failed with."""
        try:
            answer = send() if self._until is None else _in_time(send, self._until - time.monotonic())
        except botocore.exceptions.ClientError as error:
            raise self._refused(error, action, resource) from error
        except (botocore.exceptions.BotoCoreError, _TimeIsUpError) as error:
            raise self._unanswered(error, action, resource) from error
        except (AttributeError, KeyError, TypeError, ValueError, botocore.parsers.ResponseParserError) as error:
            # The SDK stumbles over what is JSON and no answer; it checks requests before, with errors of its own.
            raise self._no_answer(action, resource, "what came is damaged or is another document") from error
        received = _received(answer)
        lacks = answers.lacking(action, request, answer) or _shapeless(received, answers.EXPECTED[action], answer)
        if lacks:
            came = f"; {answers.what_came(received.status_code, received.content)} came" if received is not None else ""
            raise self._no_answer(action, resource, f"{lacks}{came}")
        undecided = answers.undecided(action, answer)
        if undecided:
            told = [(failure.get("arn") or "", failure.get("reason") or failure.get("failureCode") or "no reason given") for failure in undecided]
            reasons = "; ".join(f"{subject} {reason}".strip() for subject, reason in told)
            facts = {"operation": action, "resource": resource, "failures": undecided}
            raise AwsError(f"{action} on {resource} could not tell: {reasons}", code=told[0][1], **facts)
        return t.cast(Answer, plain({name: member for name, member in answer.items() if name != "ResponseMetadata"}))

    def _refused(self, error: t.Any, action: str, resource: str) -> AwsError:
        """The error for what came with a status that is none of success: AWS's own words, or somebody else's."""
        answer = error.response
        received = _received(answer)
        code, text = answer["Error"].get("Code", ""), answer["Error"].get("Message", "")
        if received is not None and not _is_of_aws(received, code):
            came = f"AWS did not send it: {answers.what_came(received.status_code, received.content)} came"
            return self._no_answer(action, resource, came, status=received.status_code)
        status = (answer.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 400
        if status >= 500 and action in answers.NOT_REPEATABLE:
            return self._no_answer(action, resource, f"AWS failed with {code}: {text}", code=code)
        facts: Answer = {"operation": action, "resource": resource}
        if code in _DENIED:
            missing = re.search(r"not authorized to perform: (\S+)", text)
            return AccessDeniedError(f"Access denied: {action} on {resource}. {text}", code=code, missing_action=missing[1] if missing else action, **facts)
        if AWSRetry.found(code, _PASSING) or _CONCURRENT_REGISTRATION in text:
            facts["passes"] = True
        facts["fault_of_aws"] = status >= 500
        return AwsError(f"{action} on {resource} failed with {code}: {text}", code=code, **facts)

    def _unanswered(self, error: Exception, action: str, resource: str) -> AwsError:
        """The error for what the SDK raised itself: it did not reach AWS, or did not send the request at all."""
        # Its texts show the value that it refuses; a value may be a secret.
        text = re.sub(r"value: .*?, type:", "type:", str(error), flags=re.DOTALL)
        text = re.sub(r"//[^/@\s]*@", "//", text)
        facts: Answer = {"operation": action, "resource": resource}
        if isinstance(error, _without_credentials()):
            return NoAnswerError(f"{action} on {resource} was not sent, for there are no credentials now: {text}", may_have_arrived=False, **facts)
        if isinstance(error, _not_sent()):
            return AwsError(f"{action} on {resource} was not sent: {text}", **facts)
        return self._no_answer(action, resource, text, may_have_arrived=not isinstance(error, _not_reached()))

    def _no_answer(self, action: str, resource: str, why: str, **facts: t.Any) -> NoAnswerError:
        told = {"operation": action, "resource": resource, "address": self.address, **facts}
        return NoAnswerError(f"{action} on {resource} was not answered by {self.address}: {why}", **told)


class _TimeIsUpError(Exception):
    """A call took longer than it had."""


def _in_time(send: t.Callable[[], t.Any], seconds: float) -> t.Any:
    """What ``send`` returns or raises, for so many seconds; a call that takes longer is left behind, it has time limits of the SDK."""
    ended: queue.SimpleQueue[tuple[t.Any, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            ended.put((send(), None))
        except BaseException as error:
            ended.put((None, error))

    # A thread of a pool would be waited for when the process ends.
    threading.Thread(target=run, daemon=True).start()
    try:
        answer, error = ended.get(timeout=max(seconds, 0.0))
    except queue.Empty:
        raise _TimeIsUpError(f"no answer came in the {max(seconds, 0):.0f} seconds that were left") from None
    if error is not None:
        raise error
    return answer


def _not_reached() -> tuple[type[Exception], ...]:
    """What the SDK raises when it did not get to AWS: nothing has been done, and it has tried again already."""
    found = botocore.exceptions
    return (found.EndpointConnectionError, found.ConnectTimeoutError, found.ProxyConnectionError)


def _without_credentials() -> tuple[type[Exception], ...]:
    """What the SDK raises when whoever gives out credentials does not answer, in the middle of a long wait, say."""
    found = botocore.exceptions
    return (found.CredentialRetrievalError, found.MetadataRetrievalError, found.TokenRetrievalError)


def _not_sent() -> tuple[type[Exception], ...]:
    """What the SDK raises before there is a request: for wrong parameters, credentials, configuration."""
    found = botocore.exceptions
    return (
        found.ParamValidationError, found.NoCredentialsError, found.PartialCredentialsError, found.UnauthorizedSSOTokenError,
        found.InvalidConfigError, found.DataNotFoundError,
    )  # fmt: skip


def _listen(client: t.Any, name: str) -> None:
    """Have the SDK hand over what it received, and leave to us to repeat what changes something."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"after-call.{service}", _keep_received, unique_id=f"{_OWN_ID} received")
    client.meta.events.register_first(f"needs-retry.{service}", functools.partial(_not_twice, name), unique_id=f"{_OWN_ID} not twice")


def _keep_received(http_response: t.Any, parsed: t.Any, **dummy: t.Any) -> None:
    if isinstance(parsed, dict) and getattr(http_response, "raw", None) is not None:
        parsed.setdefault("ResponseMetadata", {})[_RECEIVED] = http_response


def _received(answer: Answer) -> t.Any:
    """The HTTP response that an answer or an error was made of; ``None`` where it did not come through the SDK."""
    return (answer.get("ResponseMetadata") or {}).get(_RECEIVED)


def _not_twice(name: str, event_name: str, response: t.Any = None, caught_exception: Exception | None = None, **dummy: t.Any) -> None:
    """End a call that changes something where the SDK would send it again although it may have arrived."""
    operation = event_name.rpartition(".")[2]
    if answers.reads(f"{name}:{operation}"):
        return
    if caught_exception is not None and not isinstance(caught_exception, _not_reached()):
        raise caught_exception
    if response is not None and response[0].status_code >= 500:
        received, parsed = response
        _keep_received(received, parsed)
        raise botocore.exceptions.ClientError(parsed, operation)


def _is_of_aws(received: t.Any, code: str) -> bool:
    """Whether an error is AWS's own: those of a proxy or a gateway have no code of the API, whatever their status."""
    headers = {str(name).lower() for name in received.headers}
    if headers & {"x-amzn-errortype", "x-amzn-query-error"}:
        return True
    begins = received.content[:2000].lstrip()
    if begins.startswith(b"{"):
        return bool(code) and not code.isdigit()
    return re.match(rb"(<\?xml[^>]*>\s*)?<(\w+:)?(ErrorResponse|Response|Error)\b", begins) is not None


def _shapeless(received: t.Any, expected: answers.Expected, answer: Answer) -> str:
    """Why what looks like an answer is none: the SDK reads a list in what is no list, and nothing in what is no object.

    Lists with results that have members of their own have been looked at already.
    """
    told = expected is not answers.NOTHING and (expected.kind is not list or (expected.holds and answer[expected.member]))
    if received is None or told:
        return ""
    try:
        document = json.loads(received.content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return "it is no object"
    return "" if expected is answers.NOTHING or isinstance(document.get(expected.member), list) else f"it has no list of {expected.member}"
