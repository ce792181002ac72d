# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is a placeholder, and what only looks like one."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.steadystate.ecs.plugins.module_utils._rules import (
    container_definition,
    image,
    ownership,
    placeholder,
)
from ansible_collections.steadystate.ecs.plugins.module_utils._rules.errors import DeclarationError
from ansible_collections.steadystate.ecs.tests.unit.plugins.module_utils._rules.test_task_definition_properties import (
    TASK,
)


@pytest.mark.parametrize(
    "text",
    [
        "<IMAGE>",
        "<IMAGE1_NAME>",
        "arn:aws:iam::<ACCOUNT_ID>:role/x",
        "arn:aws:iam::ACCOUNT_ID:role/x",
        "arn:aws:ssm:REGION:111122223333:parameter/x",
        "<your account id>",
        "${DB_HOST}",
        "jdbc:postgresql://${DB_HOST}:5432/${DB_NAME}",
        "$DB_HOST",
        "$(DB_HOST)",
        "{{ must_env `STAGE` }}",
        "{{ stage }}",
        "${{ github.sha }}",
        "{% if stage %}a{% endif %}",
        "<%= stage %>",
        "%DB_HOST%",
        "__DB_HOST__",
        "@DB_HOST@",
        "#{DB_HOST}#",
        "[[ db.host ]]",
        "((db-host))",
        "%(stage)s",
    ],
)
def test_text_of_a_template_is_a_placeholder(text: str) -> None:
    assert placeholder.is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "pa$$word",
        "a<b and c>d",
        "<b>bold</b>",
        "https://example.com/%E3%81%82%20x",
        "%Y-%m-%d %H:%M:%S",
        "arn:aws:iam::111122223333:role/ADMIN",
        "arn:aws:iam::aws:policy/ADMIN:X",
        "someone@example.com, other@example.com",
        "__main__",
        "{}",
        '{"a": {"b": 1}}',
        "f(g(x))",
        "$5.00",
        "^[A-Z]+$",
        "[[1, 2], [3]]",
        "Foo <foo@example.com>",
    ],
)
def test_text_that_programs_read_is_none(text: str) -> None:
    assert not placeholder.is_placeholder(text)


@pytest.mark.parametrize("text", ["exec web --port ${PORT}", "echo $HOSTNAME", "echo $(date)"])
def test_a_shell_fills_in_its_own_variables(text: str) -> None:
    assert (
        list(
            placeholder.paths(
                {"command": ["sh", "-c", text], "healthCheck": {"command": ["CMD-SHELL", text]}}
            )
        )
        == []
    )
    assert list(placeholder.paths({"command": ["{{ command }}"]})) == ["command[0]"]


IMAGES: t.Final = [
    "<IMAGE1_NAME>",
    "web:${TAG}",
    "${IMAGE}",
    "$IMAGE",
    "{{ image }}",
    "registry.example/web:__TAG__",
    "%IMAGE%",
    "IMAGE_URI",
    "ACCOUNT_ID.dkr.ecr.REGION.amazonaws.com/web:1",
    "registry.example/IMAGE_NAME:1",
    "{IMAGE}",
    "web@$DIGEST",
    "web:__BUILD_ID__@sha256:00",
    "registry.example/__NAME__:1.4",
    "REGISTRY_HOST:5000/web:1",
]


@pytest.mark.parametrize("reference", IMAGES)
@pytest.mark.parametrize("member", ["image", "bootstrap_image"])
def test_role_service_refuses_an_image_that_is_a_placeholder(member: str, reference: str) -> None:
    assert image.is_placeholder(reference)
    fields = ownership.parse(["image"], {"task": TASK.shape, "service": TASK.shape})
    with pytest.raises(DeclarationError, match=r"\[web\].*image: .* is a placeholder"):
        container_definition.read(
            [{"name": "web", member: reference}], shape=TASK.shape, fields=fields, sdk="botocore 1"
        )


@pytest.mark.parametrize(
    "reference",
    [
        "nginx",
        "nginx:1.27",
        "localhost:5000/team/app:1.4_A@sha256:" + 64 * "a",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:LATEST",
        "NGINX",
        "web:1.4.BUILD_123",
        "registry.example:5000/team/web:2.1.RC_1",
        "web:v1.2.HOTFIX_7",
        "web:v1.2.HOTFIX_7@sha256:" + 64 * "a",
        "web:BUILD_123",
        "web:1.4__RC_1__2",
        "web:1.4-__RC__",
    ],
)
def test_an_image_is_none(reference: str) -> None:
    assert not image.is_placeholder(reference)
