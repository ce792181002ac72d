# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call AWS with retries and time limits, and translate what fails.

Whatever comes is checked to be an answer (``_rules/answers.py``), and errors become classes
(``_rules/errors.py``).

Every gateway is an :class:`Api` with a method for each operation.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import os
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
    import botocore.loaders
    import botocore.model
    import botocore.parsers
except ImportError:
    pass  # AnsibleAWSModule says so to the user

from .._rules import answers, errors, hidden
from .._rules.documents import Document
from .._rules.errors import (
    AccessDeniedError,
    AwsError,
    FaultError,
    NoAnswerError,
    RejectedError,
    TransientError,
    UndecidedError,
    UnreachableError,
    UnsupportedError,
)

if t.TYPE_CHECKING:
    from .._rules.shape import Shape

Item = t.TypeVar("Item")

ATTEMPTS: t.Final = 10
"""Attempts at a call that AWS throttles or fails in."""

UNANSWERED_ATTEMPTS: t.Final = 5
"""Attempts at a call that is not answered."""

LONGEST_PAUSE: t.Final = 30.0

PATIENCE: t.Final = 30.0
"""Seconds after which an unanswered call is not repeated. One attempt may take 60 in the SDK."""

LEAST: t.Final = 5.0
"""Minimum seconds for a call: the last look of a wait has no time left."""

_FIRST_SDK: t.Final = {
    "ecs:ListServiceDeployments": "1.35.52",
    "ecs:DescribeServiceDeployments": "1.35.52",
    "ecs:DescribeServiceRevisions": "1.35.52",
    "ecs:StopServiceDeployment": "1.38.1",
    "ecs:DescribeExpressGatewayService": "1.41.1",
    "ecs:UpdateExpressGatewayService": "1.41.1",
    "ecs:CreateDaemon": "1.42.81",
    "ecs:ContinueServiceDeployment": "1.43.10",
}
"""The first botocore that has an operation, for those that amazon.aws's floor may lack."""

CHANGED: t.Final = "steadystate-ecs-changed"
"""Event of a client whose call has changed something, or may have; ``operation`` is its name."""

READ: t.Final = "steadystate.ecs read"
"""Key of an answer that ``answer_reader.py`` has read, so that it is plain."""

_OWN_ID: t.Final = "steadystate.ecs"
_XML_ANSWER: t.Final = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<\w+Response\b")
_RECEIVED: t.Final = "steadystate.ecs received"
"""Key of ``ResponseMetadata`` for the HTTP response that an answer was made of."""


def sdk() -> str:
    """Return the name and version of the installed SDK, for messages."""
    return f"botocore {botocore.__version__}"


@functools.cache
def loader() -> t.Any:
    """Return what reads the SDK's models, each of them once."""

    class Loader(botocore.loaders.Loader):
        """Takes each directory for a service; to look into all of them takes 20 ms."""

        def list_available_services(self, type_name: str) -> list[str]:
            """Return the names of all services, whatever models they have."""
            places = filter(os.path.isdir, self.search_paths)
            return sorted({entry.name for place in places for entry in os.scandir(place)})

    return Loader()


@functools.cache
def service_model(name: str) -> t.Any:
    """Return the SDK's model of a service, without region or credentials."""
    return botocore.model.ServiceModel(loader().load_service_model(name, "service-2"), name)


def batches(items: t.Sequence[Item], size: int) -> t.Iterator[list[Item]]:
    """Yield the items in lists of at most ``size``."""
    return (list(items[start : start + size]) for start in range(0, len(items), size))


def in_utc(moment: datetime.datetime) -> str:
    """Return ISO 8601 that sorts as text, also when clocks are set back.

    The SDK gives times in the zone of this machine.
    """
    return moment.astimezone(datetime.UTC).isoformat()


def plain(value: t.Any) -> t.Any:
    """Turn an answer of the SDK into JSON values, times into ISO 8601 in UTC.

    Modifies the answer in place.
    """
    if isinstance(value, dict):
        for name, member in value.items():
            if not isinstance(member, (str, int)):
                value[name] = plain(member)
    elif isinstance(value, list):
        if value and not isinstance(value[0], (str, int)):
            value[:] = map(plain, value)
    elif isinstance(value, datetime.datetime):
        return in_utc(value)
    return value


class Api:
    """Call one AWS service by boto3's client, which may be made at the first call.

    ``name`` is how its actions begin: ``ecs`` in ``ecs:DescribeServices``. The SDK repeats calls
    that read; calls that change something are repeated here, where it is known to be safe.
    """

    def __init__(self, client: t.Any, name: str) -> None:
        self._given = client
        self._name = name
        self._limit = threading.local()

    @functools.cached_property
    def _client(self) -> t.Any:
        return self._prepared(self._given() if callable(self._given) else self._given)

    def _prepared(self, client: t.Any) -> t.Any:
        """Return the client with what listens to its calls."""
        _listen(client, self._name)
        return client

    @property
    def _model(self) -> t.Any:
        """Return the SDK's model of the service, without a client where it can."""
        connected = not callable(self._given) or "_client" in vars(self)
        if connected or os.environ.get("AWS_DATA_PATH"):
            return self._client.meta.service_model
        return service_model(self._name)

    @property
    def sdk(self) -> str:
        """The installed SDK, for messages."""
        return sdk()

    @property
    def region(self) -> str:
        """The region that is called."""
        return str(self._client.meta.region_name)

    @property
    def address(self) -> str:
        """The endpoint, without credentials that its URL may hold."""
        address = urllib.parse.urlsplit(str(getattr(self._client.meta, "endpoint_url", "")))
        return urllib.parse.urlunsplit(address._replace(netloc=address.netloc.rpartition("@")[2]))

    def input_shape(self, operation: str) -> Shape:
        """Return the input of an operation as the installed SDK knows it."""
        return t.cast("Shape", self._model.operation_model(operation).input_shape)

    @contextlib.contextmanager
    def within(self, seconds: float) -> t.Iterator[None]:
        """Limit all calls of this thread together to ``seconds``.

        They have at least ``LEAST``. Of nested limits the nearest counts. Raises NoAnswerError when
        the time is up.
        """
        outer = self._until
        ours = time.monotonic() + max(seconds, LEAST)
        self._limit.until = ours if outer is None else min(ours, outer)
        try:
            yield
        finally:
            self._limit.until = outer

    def call(self, operation: str, resource: str, /, **request: t.Any) -> Document:
        """Send a request until it is answered.

        ``resource`` says in messages what it is about. Raises a class of AwsError: NoAnswerError
        where nothing came or what came is not an answer to this request, UnsupportedError where the
        SDK lacks the operation. A call that may do something else when it is done twice
        (``answers.NOT_REPEATABLE``) is not repeated once it may have arrived.
        """
        action = f"{self._name}:{operation}"
        send = functools.partial(self.require(operation), **request)
        repeatable = action not in answers.NOT_REPEATABLE
        unanswered, uncertain, began = 0, False, time.monotonic()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._sent(send, action, resource, request)
            except NoAnswerError as error:
                failed: AwsError = error
                unanswered += 1
                # The SDK has tried to reach AWS more than once already.
                arrived = not isinstance(error, UnreachableError)
                uncertain = uncertain or arrived
                patient = unanswered < UNANSWERED_ATTEMPTS and time.monotonic() - began < PATIENCE
                again = repeatable and arrived and patient
            except AwsError as error:
                failed = error
                uncertain = uncertain or isinstance(error, FaultError)
                again = isinstance(error, TransientError)
            else:
                if answers.changed(action, request, answer):
                    self._client.meta.events.emit(CHANGED, operation=operation)
                return answer
            pause = _pause_after(attempt)
            if not again or attempt == ATTEMPTS or not self._has_time_for(pause):
                break
            time.sleep(pause)
        if unanswered > 1 and isinstance(failed, NoAnswerError):
            failed.message += f" ({unanswered} attempts)"
        if uncertain and not answers.reads(action):
            failed.may_have_been_done = True
            failed.facts |= {"may_have_been_done": True, "changed": True}
            failed.message += "; it may have been carried out all the same"
            self._client.meta.events.emit(CHANGED, operation=operation)
        raise failed

    def pages(
        self,
        operation: str,
        resource: str,
        member: str,
        /,
        *,
        most: int | None = None,
        token: str = "nextToken",
        **request: t.Any,
    ) -> list[t.Any]:
        """Return what ``member`` lists on all pages, or the first ``most`` of it.

        A full page without a token is asked for again: it looks like one that lost its token.
        """
        found: list[t.Any] = []
        following: Document = {}
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
                why = "its pages do not end: one names itself as the next"
                raise self._no_answer(f"{self._name}:{operation}", resource, why)
            following = {token: page[token]}

    def pause(self, attempt: int) -> None:
        """Wait before repeating something that takes more than one call."""
        time.sleep(_pause_after(attempt))

    def require(self, operation: str) -> t.Callable[..., t.Any]:
        """Return the SDK's method; UnsupportedError names the version that has it."""
        method = getattr(self._client, botocore.xform_name(operation), None)
        if method is None:
            action = f"{self._name}:{operation}"
            needs = f", which needs botocore {_FIRST_SDK[action]}" if action in _FIRST_SDK else ""
            raise UnsupportedError(
                f"{sdk()} does not know {action}{needs}", code="UnknownOperationException"
            )
        return t.cast("t.Callable[..., t.Any]", method)

    @property
    def _until(self) -> float | None:
        return getattr(self._limit, "until", None)

    def _has_time_for(self, pause: float) -> bool:
        return self._until is None or time.monotonic() + pause < self._until

    def _sent(
        self, send: t.Callable[[], t.Any], action: str, resource: str, request: Document
    ) -> Document:
        """Make one attempt: return the answer or raise the error it failed with."""
        try:
            answer = (
                send() if self._until is None else _in_time(send, self._until - time.monotonic())
            )
        except botocore.exceptions.ClientError as error:
            raise self._answered_error(error, action, resource, request) from error
        except (botocore.exceptions.BotoCoreError, _TimeIsUpError) as error:
            raise self._sdk_error(error, action, resource) from error
        except (
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
            botocore.parsers.ResponseParserError,
        ) as error:
            # The SDK stumbles over JSON that is not an answer; for requests it has errors of its
            # own.
            raise self._no_answer(
                action, resource, "the response is damaged or not one of AWS"
            ) from error
        received = _received(answer)
        lacks = answers.lacking(action, request, answer) or _shapeless(
            received, answers.EXPECTED[action], answer
        )
        if lacks:
            came = (
                f"; received {answers.what_came(received.status_code, received.content)}"
                if received is not None
                else ""
            )
            raise self._no_answer(action, resource, f"{lacks}{came}")
        undecided = answers.undecided(action, answer)
        if undecided:
            raise _undecided(undecided, action, resource)
        members = {name: member for name, member in answer.items() if name != "ResponseMetadata"}
        return members if members.pop(READ, False) else t.cast(Document, plain(members))

    def _answered_error(
        self, error: t.Any, action: str, resource: str, request: Document
    ) -> AwsError:
        """Translate an answer whose HTTP status is an error, of AWS or of somebody else."""
        answer = error.response
        received = _received(answer)
        code = answer["Error"].get("Code", "")
        text = hidden.without_values(answer["Error"].get("Message", ""), request)
        if received is not None and not _is_of_aws(received, code):
            came = answers.what_came(received.status_code, received.content)
            return self._no_answer(
                action,
                resource,
                f"the response is not from AWS: {came}",
                status=received.status_code,
            )
        status = (answer.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 400
        if status >= 500 and action in answers.NOT_REPEATABLE:
            return self._no_answer(action, resource, f"AWS failed with {code}: {text}", code=code)
        facts: Document = {"code": code, "operation": action, "resource": resource}
        kind = errors.of_aws(code, text, status)
        if issubclass(kind, AccessDeniedError):
            named = re.search(r"not authorized to perform: (\S+)", text)
            missing = named[1] if named else action
            return kind(
                f"Access denied: {action} on {resource}. {text}", missing_action=missing, **facts
            )
        if code == "ClusterNotFoundException":
            text += (
                f" Asked in region {self.region} at {self.address}; check the name, the region and"
                " the account of the credentials."
            )
        return kind(f"{action} on {resource} failed with {code}: {text}", **facts)

    def _sdk_error(self, error: Exception, action: str, resource: str) -> AwsError:
        """Translate what the SDK raises itself, before or without an answer."""
        # Its texts show the value that it refuses; a value may be a secret.
        text = _without_values(str(error))
        text = re.sub(r"//[^/@\s]*@", "//", text)
        facts: Document = {"operation": action, "resource": resource}
        if isinstance(error, _without_credentials()):
            return UnreachableError(
                f"{action} on {resource} was not sent because no valid credentials are available: "
                f"{text}",
                **facts,
            )
        if isinstance(error, _not_sent()):
            return RejectedError(f"{action} on {resource} was not sent: {text}", **facts)
        kind = UnreachableError if isinstance(error, _not_reached()) else NoAnswerError
        return self._no_answer(action, resource, text, kind)

    def _no_answer(
        self,
        action: str,
        resource: str,
        why: str,
        kind: type[NoAnswerError] = NoAnswerError,
        **facts: t.Any,
    ) -> NoAnswerError:
        message = f"{action} on {resource} was not answered by {self.address}: {why}"
        return kind(message, operation=action, resource=resource, address=self.address, **facts)


def _undecided(failures: list[t.Any], action: str, resource: str) -> UndecidedError:
    """Make the error for an answer whose failures leave open whether something exists."""
    told = [
        (
            failure.get("arn") or "",
            failure.get("reason") or failure.get("failureCode") or "no reason given",
        )
        for failure in failures
    ]
    reasons = "; ".join(f"{subject} {reason}".strip() for subject, reason in told)
    message = f"{action} on {resource} could not tell: {reasons}"
    return UndecidedError(
        message, code=told[0][1], operation=action, resource=resource, failures=failures
    )


def _pause_after(attempt: int) -> float:
    """Return the seconds to wait after an attempt: exponential, with jitter."""
    return random.uniform(0.3, 1.0) * min(2.0 ** (attempt - 1), LONGEST_PAUSE)


class _TimeIsUpError(Exception):
    """A call took longer than it had."""


def _in_time(send: t.Callable[[], t.Any], seconds: float) -> t.Any:
    """Return what ``send`` does, or raise _TimeIsUpError after ``seconds``.

    A call that takes longer is left behind; the SDK's own time limits end it.
    """
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
        raise _TimeIsUpError(
            f"no answer came in the {max(seconds, 0):.0f} seconds that were left"
        ) from None
    if error is not None:
        raise error
    return answer


def _not_reached() -> tuple[type[Exception], ...]:
    """Return what the SDK raises when it did not reach AWS, after its own retries."""
    found = botocore.exceptions
    return (found.EndpointConnectionError, found.ConnectTimeoutError, found.ProxyConnectionError)


def _without_values(text: str) -> str:
    """Return the text of an error of the SDK without the values that it refuses."""
    shown, start = "", 0
    while (value := text.find("value: ", start)) >= 0 and (end := text.find(", type:", value)) >= 0:
        shown += text[start:value]
        start = end + len(", ")
    return shown + text[start:]


def _without_credentials() -> tuple[type[Exception], ...]:
    """Return what the SDK raises when credentials cannot be renewed."""
    found = botocore.exceptions
    return (found.CredentialRetrievalError, found.MetadataRetrievalError, found.TokenRetrievalError)


def _not_sent() -> tuple[type[Exception], ...]:
    """Return what the SDK raises for wrong parameters, credentials or configuration."""
    found = botocore.exceptions
    return (
        found.ParamValidationError,
        found.NoCredentialsError,
        found.PartialCredentialsError,
        found.UnauthorizedSSOTokenError,
        found.InvalidConfigError,
        found.DataNotFoundError,
    )


def _listen(client: t.Any, name: str) -> None:
    """Keep each HTTP response, and stop the SDK from repeating mutating calls."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(
        f"after-call.{service}", _keep_received, unique_id=f"{_OWN_ID} received"
    )
    client.meta.events.register_first(
        f"needs-retry.{service}",
        functools.partial(_not_twice, name),
        unique_id=f"{_OWN_ID} not twice",
    )


def _keep_received(http_response: t.Any, parsed: t.Any, **dummy: t.Any) -> None:
    if isinstance(parsed, dict) and getattr(http_response, "raw", None) is not None:
        parsed.setdefault("ResponseMetadata", {})[_RECEIVED] = http_response


def _received(answer: Document) -> t.Any:
    """Return the HTTP response that an answer or an error was made of.

    ``None`` where it did not come through the SDK.
    """
    return (answer.get("ResponseMetadata") or {}).get(_RECEIVED)


def _not_twice(
    name: str,
    event_name: str,
    response: t.Any = None,
    caught_exception: Exception | None = None,
    **dummy: t.Any,
) -> None:
    """Raise where the SDK would repeat a mutating call that may have arrived."""
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
    """Return True for an error of AWS's own.

    Those of a proxy have no code of the API, whatever their status.
    """
    headers = {str(name).lower() for name in received.headers}
    if headers & {"x-amzn-errortype", "x-amzn-query-error"}:
        return True
    begins = received.content[:2000].lstrip()
    if begins.startswith(b"{"):
        return bool(code) and not code.isdigit()
    return (
        re.match(rb"(<\?xml[^>]*>\s*)?<(\w+:)?(ErrorResponse|Response|Error)\b", begins) is not None
    )


def _shapeless(received: t.Any, expected: answers.Expected, answer: Document) -> str:
    """Say why what the SDK read is not an answer: it finds lists where there are none.

    Lists of results that have members of their own have been checked already.
    """
    told = expected is not answers.NOTHING and (
        expected.kind is not list or (expected.holds and answer[expected.member])
    )
    if received is None or told:
        return ""
    if expected is not answers.NOTHING and _XML_ANSWER.match(received.content):
        # Of what is not in such a document, the SDK makes no list.
        return ""
    try:
        document = json.loads(received.content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return "it is not an object"
    return (
        ""
        if expected is answers.NOTHING or isinstance(document.get(expected.member), list)
        else f"it has no list of {expected.member}"
    )
