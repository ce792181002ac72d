# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No answer is not an absence: damaged answers, pages of proxies, lost connections, hanging
calls, on the wire of the simulator.
"""

from __future__ import annotations

import inspect
import json
import re
import time
import types
import typing as t

import boto3
import botocore.exceptions
import botocore.session
import pytest
from botocore.config import Config

from ansible_collections.steadystate.ecs.plugins.module_utils._aws import (
    api,
    code_deploy,
    daemons,
    gateway,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.gateway import Gateway
from ansible_collections.steadystate.ecs.plugins.module_utils._aws.scheduler import Scheduler
from ansible_collections.steadystate.ecs.plugins.module_utils._rules import answers
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import (
    AccessDeniedError,
    AwsError,
    ConflictError,
    NoAnswerError,
    RejectedError,
    ThrottledError,
    UndecidedError,
    UnreachableError,
    UnsupportedError,
)

from ..sdk import model_of

if t.TYPE_CHECKING:
    from ...conftest import Ecs

DEFINITION: t.Final[dict[str, t.Any]] = {
    "family": "web",
    "containerDefinitions": [{"name": "web", "image": "web:1", "memory": 64, "environment": []}],
}
DAMAGES: t.Final[dict[str, dict[str, t.Any]]] = {
    "empty": {"body": "empty"},
    "half": {"body": "half"},
    "short": {"body": "short"},
    "{}": {"body": "{}"},
    "page": {"body": "html"},
    "page 403": {"body": "html", "status": 403},
    "page 502": {"body": "html", "status": 502},
    "reset": {"reset": True},
}
ALWAYS: t.Final = 1000

damaged = pytest.mark.parametrize("damage", DAMAGES)


def receiving(ecs: Ecs, operation: str, change: t.Callable[[bytes], bytes]) -> t.Any:
    """A client that receives other bodies for one operation than the simulator sent."""
    client = boto3.client(
        "ecs", endpoint_url=ecs.simulator.url, config=Config(retries={"total_max_attempts": 1})
    )
    session = client._endpoint.http_session
    send = session.send

    def sent(request: t.Any) -> t.Any:
        response = send(request)
        if request.headers["X-Amz-Target"].decode().endswith(f".{operation}"):
            response._content = change(response.content)
        return response

    session.send = sent
    return client


def answering(
    ecs: Ecs, operation: str, change: t.Callable[[dict[str, t.Any]], dict[str, t.Any]]
) -> t.Any:
    """A client that receives changed documents for one operation."""
    return receiving(ecs, operation, lambda body: json.dumps(change(json.loads(body))).encode())


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No pause between two attempts is waited for; they are noted."""
    noted: list[float] = []
    monkeypatch.setattr(
        api, "time", types.SimpleNamespace(sleep=noted.append, monotonic=time.monotonic)
    )
    return noted


@pytest.fixture
def read(ecs: Ecs) -> Gateway:
    """The gateway of a cluster that has the service web."""
    arn = ecs.client.register_task_definition(**DEFINITION)["taskDefinition"]["taskDefinitionArn"]
    ecs.client.create_service(
        cluster=ecs.cluster, serviceName="web", taskDefinition=arn, desiredCount=0
    )
    ecs.calls()
    return Gateway(ecs.client)


READS: t.Final[dict[str, t.Callable[[Gateway], t.Any]]] = {
    "DescribeServices": lambda reader: reader.service("production", "web")["serviceName"],  # type: ignore[index]
    "ListServices": lambda reader: len(reader.service_arns("production")),
    "ListClusters": lambda reader: len(reader.cluster_arns()),
    "DescribeTaskDefinition": lambda reader: reader.task_definition("web")["taskDefinition"][
        "revision"
    ],  # type: ignore[index]
    "ListTaskDefinitions": lambda reader: len(reader.task_definition_arns("web")),
    "ListServiceDeployments": lambda reader: len(reader.service_deployments("production", "web")),
}


@damaged
@pytest.mark.parametrize("operation", READS)
def test_what_reads_is_asked_again_until_it_is_answered(
    ecs: Ecs, read: Gateway, pauses: list[float], operation: str, damage: str
) -> None:
    expected = READS[operation](read)
    ecs.control.fault(operation, count=2, **DAMAGES[damage])
    assert READS[operation](read) == expected
    assert len(pauses) == 2
    assert all(0 < pause < 3 for pause in pauses)


@damaged
@pytest.mark.parametrize("operation", READS)
def test_no_answer_is_one_error_that_says_what_came_from_where(
    ecs: Ecs, read: Gateway, operation: str, damage: str
) -> None:
    ecs.calls()
    ecs.control.fault(operation, count=ALWAYS, **DAMAGES[damage])
    with pytest.raises(NoAnswerError) as none:
        READS[operation](read)
    assert f"ecs:{operation} on" in none.value.message
    assert f"was not answered by {ecs.simulator.url}: " in none.value.message
    assert none.value.facts["error_code"] == ""
    assert "may_have_been_done" not in none.value.facts
    assert "<" not in none.value.message
    if damage.startswith("page"):
        assert (
            'a body that begins "Sign in - Example Proxy Sign in Your request was stopped by the proxy."'
            in none.value.message
        )
    assert ecs.calls() == [operation] * api.UNANSWERED_ATTEMPTS


def test_a_page_with_status_403_is_not_access_denied(ecs: Ecs, read: Gateway) -> None:
    ecs.control.fault("DescribeServices", count=ALWAYS, body="html", status=403)
    with pytest.raises(NoAnswerError, match="the response is not from AWS: status 403") as none:
        read.service("production", "web")
    assert not isinstance(none.value, AccessDeniedError)
    assert "missing_action" not in none.value.facts


OF_OTHERS: t.Final = [
    b'{"message": "Forbidden"}',
    b'{"message": "Forbidden", "__type": "403"}',
    b"",
    b"Forbidden",
    b"<Forbidden/>",
    b"{",
    b"[]",
]


@pytest.mark.parametrize("body", OF_OTHERS)
@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_an_error_without_a_code_of_the_api_is_somebody_elses(
    ecs: Ecs, read: Gateway, status: int, body: bytes
) -> None:
    ecs.control.fault("DescribeServices", count=ALWAYS, code="AccessDeniedException", status=status)
    with pytest.raises(
        NoAnswerError, match=r"the response is not from AWS|is damaged or not one of AWS"
    ):
        Gateway(receiving(ecs, "DescribeServices", lambda dummy: body)).service(ecs.cluster, "web")


@pytest.mark.parametrize("damage", ["{}", "reset", "page 502"])
def test_the_address_is_told_without_credentials(ecs: Ecs, damage: str) -> None:
    address = ecs.simulator.url.replace("http://", "http://user:hunter2@")
    ecs.control.fault("ListClusters", count=ALWAYS, **DAMAGES[damage])
    session = boto3.Session(
        aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1"
    )
    with pytest.raises(NoAnswerError) as none:
        Gateway(
            session.client(
                "ecs", endpoint_url=address, config=Config(retries={"total_max_attempts": 1})
            )
        ).cluster_arns()
    assert "hunter2" not in str(none.value.facts) + none.value.message


def test_a_service_that_is_neither_found_nor_missing_is_no_absence(ecs: Ecs, read: Gateway) -> None:
    assert read.services(ecs.cluster, ["web", "gone"])[1] is None
    with pytest.raises(
        NoAnswerError, match="gone is neither among its services nor among its failures"
    ):
        Gateway(
            answering(ecs, "DescribeServices", lambda answer: answer | {"failures": []})
        ).services(ecs.cluster, ["web", "gone"])


def test_a_failure_that_does_not_say_missing_is_an_error(ecs: Ecs, read: Gateway) -> None:
    def refused(answer: dict[str, t.Any]) -> dict[str, t.Any]:
        return answer | {
            "failures": [failure | {"reason": "ACCESS_DENIED"} for failure in answer["failures"]]
        }

    with pytest.raises(
        UndecidedError, match=r"could not tell: .*service/production/gone ACCESS_DENIED"
    ):
        Gateway(answering(ecs, "DescribeServices", refused)).services(ecs.cluster, ["web", "gone"])


LISTS: t.Final[list[t.Any]] = [{}, "", {"a": 1}, None, 7]


@pytest.mark.parametrize("value", LISTS, ids=repr)
def test_a_list_that_is_none_is_not_an_empty_one(ecs: Ecs, value: t.Any) -> None:
    with pytest.raises(NoAnswerError):
        Gateway(answering(ecs, "ListServices", lambda answer: {"serviceArns": value})).service_arns(
            ecs.cluster
        )


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"text"',
        b"null",
        b"7",
        b"\xff\xfe",
        b'{"services": "text"}',
        b'{"services": [7]}',
        b'{"services": {"a": 1}}',
    ],
)
def test_a_document_that_the_sdk_stumbles_over_is_no_answer(
    ecs: Ecs, read: Gateway, body: bytes
) -> None:
    with pytest.raises(NoAnswerError):
        Gateway(receiving(ecs, "DescribeServices", lambda dummy: body)).service(ecs.cluster, "web")


def test_a_page_that_lost_its_token_is_asked_for_again(ecs: Ecs) -> None:
    for number in range(130):
        ecs.client.register_task_definition(
            family="web",
            containerDefinitions=[{"name": "web", "image": f"web:{number}", "memory": 64}],
        )
    lost = []

    def without_token(answer: dict[str, t.Any]) -> dict[str, t.Any]:
        lost.append(answer.pop("nextToken", None)) if not lost else None
        return answer

    assert (
        len(
            Gateway(answering(ecs, "ListTaskDefinitions", without_token)).task_definition_arns(
                "web"
            )
        )
        == 130
    )
    with pytest.raises(NoAnswerError, match="its pagination token is empty"):
        Gateway(
            answering(ecs, "ListTaskDefinitions", lambda answer: answer | {"nextToken": ""})
        ).task_definition_arns("web")
    with pytest.raises(NoAnswerError, match="its pages do not end"):
        Gateway(
            answering(
                ecs, "ListTaskDefinitions", lambda answer: answer | {"nextToken": "ZnJvbToxMDA="}
            )
        ).task_definition_arns("web")


REPEATED: t.Final = [
    # {} is all that TagResource ever answers.
    *(("TagResource", damage) for damage in DAMAGES if damage != "{}"),
    *((operation, damage) for operation in ("CreateService", "RunTask") for damage in DAMAGES),
]


class TestWhatChangesSomething:
    @damaged
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_registration_without_an_answer_leaves_one_revision(
        self, ecs: Ecs, read: Gateway, when: str, damage: str
    ) -> None:
        ecs.control.fault("RegisterTaskDefinition", count=2, when=when, **DAMAGES[damage])
        wanted = {
            **DEFINITION,
            "containerDefinitions": [{"name": "web", "image": "web:2", "memory": 64}],
        }
        assert read.register_task_definition(wanted, newest=1)["taskDefinition"][
            "taskDefinitionArn"
        ].endswith(":2")
        assert len(read.task_definition_arns("web")) == 2

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_nor_does_one_that_aws_failed_in(self, ecs: Ecs, read: Gateway, when: str) -> None:
        ecs.control.fault("RegisterTaskDefinition", code="ServerException", status=500, when=when)
        wanted = {
            **DEFINITION,
            "containerDefinitions": [{"name": "web", "image": "web:2", "memory": 64}],
        }
        assert read.register_task_definition(wanted, newest=1)["taskDefinition"]["revision"] == 2
        assert len(read.task_definition_arns("web")) == 2

    def test_a_revision_from_before_is_not_taken_for_the_lost_one(
        self, ecs: Ecs, read: Gateway
    ) -> None:
        ecs.control.fault("RegisterTaskDefinition", body="{}")
        assert (
            read.register_task_definition(DEFINITION, newest=1)["taskDefinition"]["revision"] == 2
        )

    def test_nor_is_what_somebody_else_registered_meanwhile(self, ecs: Ecs, read: Gateway) -> None:
        ecs.control.fault("RegisterTaskDefinition", body="{}")
        theirs = {
            **DEFINITION,
            "containerDefinitions": [{"name": "web", "image": "web:theirs", "memory": 64}],
        }
        ecs.control.before(
            "DescribeTaskDefinition",
            1,
            {"operation": "RegisterTaskDefinition", "parameters": theirs},
        )
        wanted = {
            **DEFINITION,
            "containerDefinitions": [{"name": "web", "image": "web:2", "memory": 64}],
        }
        ours = read.register_task_definition(wanted, newest=1)["taskDefinition"]
        assert (ours["revision"], ours["containerDefinitions"][0]["image"]) == (3, "web:2")

    @damaged
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_an_update_is_sent_once(self, ecs: Ecs, read: Gateway, when: str, damage: str) -> None:
        ecs.control.fault("UpdateService", when=when, **DAMAGES[damage])
        with pytest.raises(NoAnswerError) as none:
            read.update_service({"cluster": ecs.cluster, "service": "web", "desiredCount": 1})
        assert none.value.may_have_been_done
        assert none.value.facts["may_have_been_done"]
        assert none.value.facts["changed"]
        assert none.value.message.endswith("; it may have been carried out all the same")
        assert ecs.calls().count("UpdateService") == 1

    @pytest.mark.parametrize("operation", ["UpdateService", "DeleteService"])
    def test_the_sdk_does_not_repeat_it_either(
        self, ecs: Ecs, read: Gateway, operation: str
    ) -> None:
        persistent = Gateway(ecs.simulator.client(config=Config(retries={"total_max_attempts": 5})))
        for fault in (
            {"reset": True},
            {"code": "ServerException", "status": 500},
            {"body": "html", "status": 502},
        ):
            ecs.control.fault(operation, when="before", **fault)
            with pytest.raises(NoAnswerError):
                if operation == "UpdateService":
                    persistent.update_service(
                        {"cluster": ecs.cluster, "service": "web", "desiredCount": 1}
                    )
                else:
                    persistent.delete_service(ecs.cluster, "web", force=True)
        assert ecs.calls().count(operation) == 3

    def test_a_service_is_created_once_where_nobody_knows_tokens(
        self, ecs: Ecs, read: Gateway
    ) -> None:
        revision = read.task_definition("web:1")["taskDefinition"]["taskDefinitionArn"]  # type: ignore[index]
        asked = {
            "cluster": ecs.cluster,
            "serviceName": "api",
            "taskDefinition": revision,
            "desiredCount": 0,
        }
        ecs.control.fault("CreateService", when="after", reset=True)
        assert read.create_service(asked)["serviceName"] == "api"
        with pytest.raises(ConflictError, match="Creation of service was not idempotent"):
            read.create_service(asked)

    def test_what_was_refused_because_it_was_asked_too_often_is_repeated(
        self, ecs: Ecs, read: Gateway
    ) -> None:
        ecs.control.fault("UpdateService", count=3)
        assert (
            read.update_service({"cluster": ecs.cluster, "service": "web", "desiredCount": 1})[
                "desiredCount"
            ]
            == 1
        )

    def test_what_did_not_reach_aws_has_done_nothing(self, ecs: Ecs) -> None:
        session = boto3.Session(
            aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1"
        )
        nobody = Gateway(
            session.client(
                "ecs",
                endpoint_url="http://127.0.0.1:1",
                config=Config(retries={"total_max_attempts": 1}),
            )
        )
        with pytest.raises(
            UnreachableError, match=r"was not answered by http://127\.0\.0\.1:1"
        ) as none:
            nobody.update_service({"cluster": ecs.cluster, "service": "web", "desiredCount": 1})
        assert not none.value.may_have_been_done
        assert "may_have_been_done" not in none.value.facts

    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize(("operation", "damage"), REPEATED)
    def test_what_is_the_same_when_it_is_done_twice_is_repeated(
        self, ecs: Ecs, read: Gateway, operation: str, when: str, damage: str
    ) -> None:
        ecs.control.fault(operation, when=when, **DAMAGES[damage])
        found = read.service(ecs.cluster, "web")
        assert found
        if operation == "TagResource":
            read.tag(found["serviceArn"], {"team": "shop"})
            assert read.service(ecs.cluster, "web")["tags"] == [{"key": "team", "value": "shop"}]  # type: ignore[index]
        elif operation == "CreateService":
            asked = {
                "cluster": ecs.cluster,
                "serviceName": "api",
                "taskDefinition": "web:1",
                "desiredCount": 0,
                "clientToken": "one",
            }
            assert read.create_service(asked)["serviceName"] == "api"
        else:
            assert (
                len(
                    read.run_task(
                        {"cluster": ecs.cluster, "taskDefinition": "web:1", "clientToken": "one"}
                    )["tasks"]
                )
                == 1
            )
            assert len(read.tasks(ecs.cluster, family="web")) == 1
        assert ecs.calls().count(operation) == 2

    @damaged
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_schedule_is_created_once(self, ecs: Ecs, when: str, damage: str) -> None:
        wanted = {
            "GroupName": "default",
            "Name": f"nightly-{when}-{damage.replace(' ', '-').strip('{}') or 'object'}",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/production",
                "RoleArn": "arn:aws:iam::111122223333:role/r",
            },
        }
        schedules = Scheduler(ecs.client_of("scheduler"))
        ecs.control.fault("scheduler:CreateSchedule", when=when, **DAMAGES[damage])
        assert schedules.create_schedule(wanted).endswith(wanted["Name"])
        schedules.delete_schedule("default", wanted["Name"])


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (
            botocore.exceptions.CredentialRetrievalError(
                provider="container", error_msg="timed out"
            ),
            UnreachableError,
        ),
        (botocore.exceptions.MetadataRetrievalError(error_msg="timed out"), UnreachableError),
        (botocore.exceptions.NoCredentialsError(), RejectedError),
        (botocore.exceptions.ParamValidationError(report="cluster"), RejectedError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_was_not_sent_has_done_nothing_and_passes_where_credentials_are_renewed(
    ecs: Ecs, raised: Exception, kind: type[AwsError]
) -> None:
    client = ecs.simulator.client()

    def without(**dummy: t.Any) -> None:
        raise raised

    client.meta.events.register("before-call.ecs", without)
    with pytest.raises(kind, match="ecs:UpdateService on service web was not sent") as unsent:
        Gateway(client).update_service({"cluster": ecs.cluster, "service": "web"})
    assert not unsent.value.may_have_been_done
    assert not {"may_have_been_done", "changed"} & set(unsent.value.facts)


class TestTime:
    def test_a_call_that_hangs_ends_when_its_time_is_up(
        self, ecs: Ecs, read: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(api, "LEAST", 0.2)
        ecs.control.fault("DescribeServices", code=None, delay=120)
        began = time.monotonic()
        with (
            pytest.raises(NoAnswerError, match="no answer came in the 0 seconds that were left"),
            read.within(0),
        ):
            read.service(ecs.cluster, "web")
        assert time.monotonic() - began < 60
        ecs.control.reset()

    def test_attempts_end_when_time_is_up(
        self, ecs: Ecs, read: Gateway, pauses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The pause before a second attempt is as long as the time there is.
        monkeypatch.setattr(api, "_pause_after", lambda dummy: 60.0)
        monkeypatch.setattr(api, "LEAST", 60.0)
        ecs.control.fault("DescribeServices", count=ALWAYS)
        with pytest.raises(ThrottledError, match="ThrottlingException"), read.within(0):
            read.service(ecs.cluster, "web")
        assert pauses == []

    def test_without_a_limit_there_is_none(self, ecs: Ecs, read: Gateway) -> None:
        with read.within(60), read.within(5):
            assert read.service(ecs.cluster, "web")
        assert read._until is None


def test_an_operation_that_the_sdk_lacks_is_unsupported_and_the_message_names_the_version_that_has_it(
    read: Gateway,
) -> None:
    class OldSdk:
        meta = read._client.meta

    read._client = OldSdk()
    with pytest.raises(
        UnsupportedError,
        match=r"does not know ecs:ListServiceDeployments, which needs botocore 1\.35\.52",
    ) as lacks:
        read.service_deployments("production", "web")
    assert lacks.value.facts["error_code"] == "UnknownOperationException"


def _called(room: types.ModuleType) -> set[str]:
    pattern = r'self\.(?:gateway\.)?(?:call|pages)\(\s*"([A-Z]\w+)"'
    return set(re.findall(pattern, inspect.getsource(room)))


def test_every_operation_that_is_called_has_an_expectation() -> None:
    """Operations are named in the gateways as texts; the SDK knows them all, and so does the
    table.
    """
    of_ecs = _called(gateway) | _called(daemons)
    of_ecs |= {"DescribeServiceDeployments", "DescribeServiceRevisions"}
    expected = set(answers.EXPECTED)
    for prefix, called in (("ecs:", of_ecs), ("codedeploy:", _called(code_deploy))):
        assert {f"{prefix}{operation}" for operation in called} == {
            operation for operation in expected if operation.startswith(prefix)
        }
    for name in answers.EXPECTED:
        model = model_of(name)
        if answers.EXPECTED[name] is not answers.NOTHING:
            assert answers.EXPECTED[name].member in model.output_shape.members
            assert (
                not answers.EXPECTED[name].asked
                or answers.EXPECTED[name].asked in model.input_shape.members
            )
        else:
            members = set(model.output_shape.members) if model.output_shape else set()
            # RegisterScalableTarget has told its ARN only for some years.
            assert members <= {"ScalableTargetARN"}
