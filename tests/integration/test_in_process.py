# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module does the same in the process of ansible-playbook as in one of its own."""

from __future__ import annotations

import json
import re
import sys
import typing as t

import pytest

if t.TYPE_CHECKING:
    import pathlib
    from collections.abc import Collection

    from conftest import Document, Ecs, Run

MODULE: t.Final = "steadystate.ecs"
LIVE: t.Final[Document] = {f"{MODULE}.live_task_info": {"cluster": "production", "service": "web"}}

NO_KEY: t.Final = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}

FAMILY: t.Final[Document] = {
    "family": "production-web",
    "container_definitions": [
        {"name": "web", "image": "registry.example/web:2.0", "memory": "{{ 256 }}"}
    ],
    "task": {"requires_compatibilities": ["EC2"]},
}
DECLARED: t.Final[Document] = {
    "name": "web",
    "image": "registry.example/web:{{ version }}",
    "memory": "{{ '256' }}",
    "essential": "{{ 'yes' }}",
    "environment": {
        "RELEASED": "{{ '2026-11-29' | ansible.builtin.to_datetime('%Y-%m-%d') }}",
        "RATIO": "{{ 1.5 }}",
        "DEBUG": "{{ true }}",
    },
}

WEB: t.Final[Document] = {"cluster": "production", "service": "web"}
MODULES: t.Final[dict[str, Document]] = {
    "container_definition": {**WEB, "tag": "2.0"},
    "daemon": {
        "cluster": "production",
        "name": "agent",
        "task_definition": {"container_definitions": [{"name": "agent", "image": "agent:1"}]},
        "capacity_providers": ["managed"],
    },
    "declaration_check": {
        **WEB,
        "containers": [{"name": "web", "memory": 256}],
        "task": {"network_mode": "awsvpc", "cpu": 256, "memory": 512},
    },
    "declaration_file": {**WEB, "path": "web.yml"},
    "declaration_info": WEB,
    "deployment_gate": WEB,
    "deployment_info": WEB,
    "drift_info": {"services": [WEB]},
    "execute_command": {**WEB, "command": "true"},
    "live_task_info": WEB,
    "logs": {**WEB, "follow": True},
    "preflight_info": {"services": [WEB]},
    "rollback": {**WEB, "task_definition": "production-web:2"},
    "run_task": {"cluster": "production", "as_service": "web", "client_token": "once"},
    "scaling": {**WEB, "min": 1, "max": 4},
    "schedule": {
        **WEB,
        "name": "nightly",
        "expression": "rate(1 day)",
        "role_arn": "arn:aws:iam::111122223333:role/scheduler",
    },
    "service": {**WEB, "options": {"desired_count": 3}, "live_fields": []},
    "stop_deployment": WEB,
    "stop_task": {"cluster": "production", "task": "0" * 32},
    "task_definition": FAMILY,
    "task_definition_info": {"family": "production-web", "schedules": False, "describe": True},
    "task_info": WEB,
    "wait_for_deployment": WEB,
}
"""Each module once, in check mode."""

NOT_THERE: t.Final = ("module execute_command", "module stop_task")
"""Those that are refused, for no task has an agent or this id."""

TASKS: t.Final[dict[str, Document]] = {
    "of the play": LIVE,
    "of the task": {**LIVE, "environment": {"AWS_ACCESS_KEY_ID": "{{ key }}-of-the-task"}},
    "of the options": {
        f"{MODULE}.live_task_info": {
            "services": ["web"],
            "aws_access_key": "options-key",
            "secret_key": "options-secret",
        }
    },
    "of a profile beside the playbook": {
        **LIVE,
        "environment": {
            "AWS_PROFILE": "deploy",
            "AWS_SHARED_CREDENTIALS_FILE": "credentials",
            **NO_KEY,
        },
    },
    "of the play again": LIVE,
    "for each": {f"{MODULE}.live_task_info": {"service": "{{ item }}"}, "loop": ["web", "api"]},
    "values of templates": {
        f"{MODULE}.container_definition": {
            "service": "web",
            "containers": [DECLARED],
            "show_values": True,
        },
        "vars": {"version": "latest"},
    },
    "check mode": {f"{MODULE}.task_definition": FAMILY, "check_mode": True, "diff": True},
    "change": {f"{MODULE}.task_definition": FAMILY},
    "hidden": {**LIVE, "no_log": True},
    "an option and its alias": {
        f"{MODULE}.task_definition": {**FAMILY, "tags": {}, "resource_tags": {}}
    },
    **{
        f"module {name}": {f"{MODULE}.{name}": options, "check_mode": True}
        for name, options in MODULES.items()
    },
    "a secret in a message": {
        f"{MODULE}.live_task_info": {"service": "no-such:swordfish", "secret_key": "swordfish"}
    },
    "an unknown option": {f"{MODULE}.live_task_info": {"service": "web", "clutser": "production"}},
    "a missing option": {f"{MODULE}.wait_for_deployment": {}},
    "options that exclude each other": {
        f"{MODULE}.live_task_info": {"service": "web", "services": ["api"]}
    },
    "options that need another": {
        f"{MODULE}.container_definition": {"service": "web", "images": {}, "container": "web"}
    },
    "a wrong type": {f"{MODULE}.wait_for_deployment": {"service": "web", "log_lines": "many"}},
    "a wrong choice": {f"{MODULE}.wait_for_deployment": {"service": "web", "on_timeout": "panic"}},
    "a profile and a key": {
        f"{MODULE}.live_task_info": {
            "service": "web",
            "profile": "deploy",
            "access_key": "options-key",
        }
    },
    "no such profile": {
        f"{MODULE}.live_task_info": {"service": "web", "profile": "nobody"},
        "environment": NO_KEY,
    },
    "no region": {
        **LIVE,
        "environment": {"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": ""},
    },
    "no address": {f"{MODULE}.live_task_info": {"service": "web", "endpoint_url": "nowhere"}},
    "refused by AWS": {f"{MODULE}.drift_info": {"all_clusters": True}},
    "debugged": {
        f"{MODULE}.live_task_info": {"service": "web", "debug_botocore_endpoint_logs": True}
    },
}
"""Name of a task -> the task: whose credentials it takes, what it returns, how it fails."""


WRONG: t.Final = list(TASKS)[list(TASKS).index("a secret in a message") : -1]
"""Those that fail; the very last is only debugged."""

NOT_EVERY_TIME: t.Final = {
    *("of the options", "of a profile beside the playbook", "of the play again", "for each"),
    *("hidden", *(name for name in WRONG[2:] if name != "no region"), "debugged"),
}


def everything(ecs: Ecs, in_process: bool, names: Collection[str] = tuple(TASKS)) -> Run:
    """A play of these tasks in a fresh account."""
    ecs.control.reset()
    ecs.control.speed(0)
    ecs.client.create_cluster(clusterName="production")
    ecs.client.create_cluster(clusterName="default")
    ecs.create(web="registry.example/web:1.0")
    ecs.control.fault(
        "ListClusters",
        count=10,
        code="AccessDeniedException",
        message="not authorized to perform: ecs:ListClusters",
    )
    tasks = [
        {"name": name, "ignore_errors": True, **task}
        for name, task in TASKS.items()
        if name in names
    ]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": tasks,
        "environment": {"AWS_ACCESS_KEY_ID": "{{ key }}"},
        "vars": {"key": "play-key"},
    }
    ecs.environment["STEADYSTATE_IN_PROCESS"] = str(in_process)
    (ecs.directory / "plays").mkdir(exist_ok=True)
    profile = "[deploy]\naws_access_key_id = profile-key\naws_secret_access_key = profile-secret\n"
    (ecs.directory / "plays" / "credentials").write_text(profile)
    return ecs.playbook(ecs.file("plays/everything.yml", [play]))


def told(run: Run) -> dict[str, tuple[str, Document]]:
    """What each task came to."""
    return {
        task.name: (task.status, json.loads(comparable(json.dumps(task.result))))
        for task in run.tasks
    }


def calls_of(run: Run) -> list[str]:
    """The calls with their parameters and callers; drift_info makes several at a time."""
    return sorted(json.dumps(request, sort_keys=True) for request in run.requests)


def comparable(text: str) -> str:
    """Return a text without what differs from run to run.

    That is times, durations, names of hidden values, and what only tells how the module was run:
    the kind of plugin that failed, and an empty `invocation` before ansible-core 2.21.
    """
    text = re.sub(r"20\d\d-\d\d-\d\dT[\d:.]+", "a time", text)
    text = re.sub(r'"(duration|elapsed)": [\d.]+', r'"\1": 0', text)
    text = re.sub(r"took \d+:\d\d", "took a time", text)
    text = re.sub(r"\(hidden [0-9a-f]{16}", "(hidden", text)
    return text.replace('"invocation": {}, ', "").replace("Action failed:", "Module failed:")


def processes(run: Run) -> dict[str, int]:
    """How many processes of their own the tasks had, which -vvv tells."""
    parts = re.split(r"^TASK \[(.*?)\] \**\n", run.stdout, flags=re.MULTILINE)
    started = re.compile(r"^Using module file .*/steadystate/ecs/", re.MULTILINE)
    shown = zip(parts[1::2], parts[2::2], strict=True)
    return {name: len(started.findall(text)) for name, text in shown}


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([name for name in TASKS if name not in NOT_EVERY_TIME], id="every time"),
        pytest.param(list(TASKS), id="all", marks=pytest.mark.thorough),
    ],
)
def test_every_task_has_the_same_result_either_way(ecs: Ecs, names: list[str]) -> None:
    here, apart = (everything(ecs, way, names).succeeded() for way in (True, False))

    results = told(here)
    assert results == told(apart)
    assert list(results) == names
    assert calls_of(here) == calls_of(apart)
    messages = {
        name: str(result.get("msg"))
        for name, (status, result) in results.items()
        if status == "ignored"
    }
    wrong = [name for name in WRONG if name in names]
    assert list(messages) == [*NOT_THERE, *wrong], "the others succeed"
    assert "swordfish" not in here.stdout + repr(results)
    assert comparable(here.stdout) == comparable(apart.stdout)
    assert "[WARNING]: containers[web].environment.RATIO is a" in here.stdout
    assert {task.action.rpartition(".")[2] for task in here.tasks} == set(MODULES)
    assert "[WARNING]: Both option tags and its alias resource_tags are set." in here.stdout
    assert results["check mode"][1]["diff"]


def test_credentials_are_those_of_each_task_and_stay_with_it(ecs: Ecs) -> None:
    run = everything(ecs, True, list(TASKS)[:5]).succeeded()

    keys = [
        request["caller"]["access_key"]
        for request in run.requests
        if request["operation"] == "DescribeServices"
    ]
    assert keys[:5] == [
        "play-key",
        "play-key-of-the-task",
        "options-key",
        "profile-key",
        "play-key",
    ]


def test_hosts_that_run_at_once_keep_their_own_credentials(ecs: Ecs) -> None:
    names = [f"web-{number}" for number in range(6)]
    for name in names:
        ecs.create(name, web="registry.example/web:1.0")
    hosts = {name: {"ansible_connection": "local", "key": f"key-of-{name}"} for name in names}
    inventory = ecs.file("inventory.json", {"all": {"hosts": hosts}})
    play = {
        "hosts": "all",
        "gather_facts": False,
        "environment": {"AWS_ACCESS_KEY_ID": "{{ key }}"},
        "tasks": [
            {
                f"{MODULE}.live_task_info": {
                    "cluster": "production",
                    "service": "{{ inventory_hostname }}",
                },
                "loop": [1, 2],
            }
        ],
    }

    run = ecs.playbook([play], "-i", inventory, "--forks", "6").succeeded()

    asked = [
        (request["parameters"]["services"], request["caller"]["access_key"])
        for request in run.requests
        if request["operation"] == "DescribeServices"
    ]
    assert sorted(asked) == sorted(([name], f"key-of-{name}") for name in names * 2)


@pytest.fixture
def apart(ecs: Ecs) -> dict[str, tuple[Document, int]]:
    """Tasks and how many processes each needs: those for which this one would not do."""
    python = script(ecs.directory / "python", f'exec {sys.executable} "$@"')
    sudo = script(ecs.directory / "sudo", 'while [ "$1" != /bin/sh ]; do shift; done; exec "$@"')
    (ecs.directory / "connection").mkdir()
    (ecs.directory / "connection" / "elsewhere.py").write_text(
        "from ansible.plugins.connection import local\n"
        "DOCUMENTATION = local.DOCUMENTATION.replace('name: local', 'name: elsewhere')\n"
        "class Connection(local.Connection):\n    transport = 'elsewhere'\n"
    )
    ecs.environment["ANSIBLE_CONNECTION_PLUGINS"] = str(ecs.directory / "connection")
    return {
        "here": (LIVE, 0),
        "this interpreter": (
            {**LIVE, "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
            0,
        ),
        "discovered interpreter": (
            {**LIVE, "vars": {"ansible_python_interpreter": "auto_silent"}},
            0,
        ),
        "delegated to this host": ({**LIVE, "delegate_to": "127.0.0.1"}, 0),
        "another interpreter": ({**LIVE, "vars": {"ansible_python_interpreter": python}}, 1),
        "another user": ({**LIVE, "become": True, "vars": {"ansible_become_exe": sudo}}, 1),
        "another connection": ({**LIVE, "vars": {"ansible_connection": "elsewhere"}}, 1),
        "delegated to another host": (
            {
                **LIVE,
                "delegate_to": "there",
                "vars": {"ansible_connection": "elsewhere", "ansible_python_interpreter": python},
            },
            1,
        ),
        "in the background": (
            {
                **LIVE,
                "async": 60,
                "poll": 1,
                "vars": {"ansible_async_dir": str(ecs.directory / "jobs")},
            },
            1,
        ),
        "as the user wants": ({**LIVE, "vars": {"ecs_in_process": "{{ false }}"}}, 1),
    }


def script(path: pathlib.Path, text: str) -> str:
    """The path of a shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_module_has_a_process_of_its_own_where_this_one_would_not_do(
    ecs: Ecs, apart: dict[str, tuple[Document, int]]
) -> None:
    ecs.create(web="registry.example/web:1.0")

    run = ecs.play(
        [{"name": name, **task} for name, (task, dummy) in apart.items()], "-vvv"
    ).succeeded()

    assert processes(run) == {name: count for name, (dummy, count) in apart.items()}
    assert {task.result["task_definition_arn"].rpartition("/")[2] for task in run.tasks} == {
        "production-web:1"
    }


def test_without_boto3_the_module_says_so(ecs: Ecs) -> None:
    missing = ecs.directory / "missing" / "boto3"
    missing.mkdir(parents=True)
    (missing / "__init__.py").write_text("raise ImportError('boto3')\n")
    ecs.environment["PYTHONPATH"] = str(missing.parent)

    assert (
        "Failed to import the required Python library (botocore and boto3)"
        in ecs.play([LIVE]).message
    )


def test_a_task_ends_when_its_time_is_up(ecs: Ecs) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.control.speed(0)
    ecs.control.deploy("production", "web", "web", "registry.example/web:hang")

    run = ecs.play(
        [
            {
                f"{MODULE}.wait_for_deployment": {"cluster": "production", "service": "web"},
                "timeout": 3,
            }
        ]
    )

    assert "Timed out after 3 second(s)" in run.message


@pytest.mark.parametrize(
    "setting", [{"AWS_ENDPOINT_URL": "localhost:8080"}, {"AWS_MAX_ATTEMPTS": "abc"}], ids=str
)
def test_a_wrong_setting_of_the_sdk_fails_the_tasks_that_need_it_and_no_others(
    ecs: Ecs, setting: dict[str, str]
) -> None:
    ecs.create(web="registry.example/web:1.0")
    ecs.environment |= {"AWS_ENDPOINT_URL": ecs.simulator.url, **setting}
    options = {**WEB, "endpoint_url": ecs.simulator.url}
    right = {"aws_config": {"retries": {"total_max_attempts": 2}}}
    tasks = [
        {"name": "before", "ansible.builtin.debug": {}},
        {"name": "environment", f"{MODULE}.live_task_info": WEB, "ignore_errors": True},
        {"name": "options", f"{MODULE}.live_task_info": {**options, **right}},
    ]

    def results(in_process: bool) -> dict[str, tuple[str, Document]]:
        ecs.environment["STEADYSTATE_IN_PROCESS"] = str(in_process)
        return told(ecs.play(tasks).succeeded())

    here = results(True)
    assert here == results(False)
    assert [status for status, dummy in here.values()] == ["ok", "ignored", "ok"]
    assert "Couldn't connect to AWS" in here["environment"][1]["msg"]
