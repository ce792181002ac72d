# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show a playbook and a pipeline sharing a service, with real runs against the simulator.

`make demo` runs it. Every claim is checked; the exit status is 1 if one is untrue.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import typing as t

import boto3

from ansible_collections.steadystate.ecs.extensions.simulator.ecs_simulator import control

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible_collections.steadystate.ecs.extensions.demo.terminal import Terminal
else:
    # The artifact has no demo: the installed collection cannot be asked for what lies beside.
    from terminal import Terminal

HERE = pathlib.Path(__file__).resolve().parent
# That of the installed collection.
SIMULATOR = pathlib.Path(control.__file__).parents[1]
CLUSTER, SERVICE, CONTAINER, FAMILY = "production", "web", "web", "production-web"
REPOSITORY = "registry.example/web"
# A minute of ECS takes half a second: slow enough to watch, and for pipelines that poll every second.
SPEED = 120


class StoryError(Exception):
    """The demo stopped: a claim is untrue, or something it needs is missing."""


@dataclasses.dataclass(frozen=True)
class Facts:
    """The live task definition, the revisions of its family, and the calls since the last facts."""

    revision: int
    image: str
    log_level: str
    active: list[int]
    deregistered: list[int]
    calls: list[str]

    @property
    def changes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith(("Describe", "List"))]

    def lines(self) -> dict[str, str]:
        revisions = [
            *(f"{number} (deregistered)" for number in self.deregistered),
            *map(str, self.active),
        ]
        counted = collections.Counter(self.calls)
        calls = ", ".join(
            name if count == 1 else f"{name} ({count})" for name, count in counted.items()
        )
        return {
            "live revision": f"{FAMILY}:{self.revision}",
            "live image": self.image,
            "live LOG_LEVEL": self.log_level,
            "revisions": ", ".join(revisions),
            "calls made": f"{len(self.calls)}: {calls}",
        }


class Ecs:
    """Reads the simulator with boto3, like an AWS account, and its log of calls from its control port."""

    def __init__(self, url: str) -> None:
        self._client = boto3.client("ecs")
        self._control = control.Control(url)
        self._client.create_cluster(clusterName=CLUSTER)
        self._control.clear_calls()

    def deploy_before_the_next_update(self, image: str) -> None:
        """Let a pipeline deploy an image right before the next UpdateService."""
        deployed = {
            "cluster": CLUSTER,
            "service": SERVICE,
            "container": CONTAINER,
            "image": image,
        }
        self._control.before("UpdateService", 1, {"deploy": deployed})

    def facts(self) -> Facts:
        calls = [call["operation"] for call in self._control.calls()]
        service = self._client.describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
        live = self._client.describe_task_definition(taskDefinition=service["taskDefinition"])[
            "taskDefinition"
        ]
        container = live["containerDefinitions"][0]
        environment = {entry["name"]: entry["value"] for entry in container["environment"]}
        found = Facts(
            live["revision"],
            container["image"],
            environment["LOG_LEVEL"],
            self._revisions("ACTIVE"),
            self._revisions("INACTIVE"),
            calls,
        )
        self._control.clear_calls()
        return found

    def _revisions(self, status: str) -> list[int]:
        arns = self._client.list_task_definitions(familyPrefix=FAMILY, status=status, sort="ASC")[
            "taskDefinitionArns"
        ]
        return [int(arn.rpartition(":")[2]) for arn in arns]


@dataclasses.dataclass(frozen=True)
class Teller:
    """Runs the commands of the chapters, shows the result, and stops if a claim is untrue."""

    terminal: Terminal
    ecs: Ecs
    pipeline: str

    def playbook(self, *arguments: str, fails: bool = False) -> tuple[str, Facts]:
        """Run the playbook and return its output and the facts afterwards."""
        return self._run("ansible-playbook", "site.yml", *arguments, fails=fails)

    def deploy(self, image: str) -> tuple[str, Facts]:
        """Deploy an image as a pipeline does, with ecs-deploy."""
        return self._run(
            "ecs", "deploy", CLUSTER, SERVICE, "--image", CONTAINER, image, program=self.pipeline
        )

    def claim(self, claims: Mapping[str, bool]) -> None:
        for claim, true in claims.items():
            self.terminal.checked(claim, true)
        if not all(claims.values()):
            raise StoryError("A claim is not true: see above.")

    def _run(
        self, *command: str, program: str | None = None, fails: bool = False
    ) -> tuple[str, Facts]:
        status, output = self.terminal.run(command, program)
        if status and not fails:
            raise StoryError(f"{command[0]} failed with exit status {status}.")
        if fails and not status:
            raise StoryError(f"{command[0]} should have failed.")
        facts = self.ecs.facts()
        self.terminal.facts(facts.lines())
        return output, facts


def tell(teller: Teller) -> None:
    """The rows of the table in README, each with a run and its claims."""
    terminal = teller.terminal

    terminal.heading(1, "The playbook creates the service")
    terminal.prose(
        "Nothing is live yet, so the role registers a task definition with the bootstrap image, creates the service and waits for its deployment."
    )
    dummy, first = teller.playbook()
    teller.claim(
        {
            "one revision was registered and one service created": first.changes
            == ["RegisterTaskDefinition", "CreateService"],
            "the bootstrap image 1.0 is live": first.image == f"{REPOSITORY}:1.0",
        }
    )

    terminal.heading(2, "A pipeline deploys 2.0")
    terminal.prose(
        "The playbook is not told. The pipeline is another tool, fabfuel's ecs-deploy: it copies the live task definition, sets the new "
        "image, updates the service and deregisters the old revision."
    )
    dummy, deployed = teller.deploy(f"{REPOSITORY}:2.0")
    teller.claim(
        {
            "2.0 is live in a revision that the playbook does not know": (
                deployed.revision,
                deployed.image,
            )
            == (2, f"{REPOSITORY}:2.0")
        }
    )

    terminal.heading(3, "The playbook runs again and changes nothing")
    terminal.prose(
        "It still declares 1.0, but only as the bootstrap image. The role looks up what is live, keeps that image, and compares: "
        "nothing differs, so nothing is registered or updated."
    )
    output, again = teller.playbook()
    teller.claim(
        {
            "Ansible reports changed=0": changed(output) == 0,
            "the last line of the role says what runs": f"no change; production-web:2 runs {REPOSITORY}:2.0 (live)"
            in output,
            "2.0 is still live": (again.revision, again.image) == (2, f"{REPOSITORY}:2.0"),
            "it made two calls, both read-only": again.calls
            == ["DescribeServices", "DescribeTaskDefinition"],
        }
    )

    terminal.heading(4, "LOG_LEVEL changes: one new revision, with image 2.0")
    terminal.prose(
        "Now the declaration differs from what is live. The new revision has the change from the playbook and the image from the pipeline, "
        "and one call updates the service."
    )
    dummy, after = teller.playbook("-e", "log_level=debug")
    teller.claim(
        {
            "exactly one revision was registered, and one update sent": after.changes
            == ["RegisterTaskDefinition", "UpdateService"],
            "the new revision has the change": (after.revision, after.log_level) == (3, "debug"),
            "the new revision has image 2.0": after.image == f"{REPOSITORY}:2.0",
        }
    )

    terminal.heading(5, "Check mode shows what a further change would do")
    terminal.prose(
        "Check mode runs the same code and changes nothing. Values of environment variables may be secret, so the diff shows only that "
        "LOG_LEVEL would change (ecs_show_values: true shows the values)."
    )
    output, checked = teller.playbook(
        "-e", "log_level=warning", "-e", "memory=1024", "--check", "--diff"
    )
    teller.claim(
        {
            "the diff names both changes": all(
                name in output for name in ("environment[LOG_LEVEL]", "-memory: ", "+memory: ")
            ),
            "the diff hides the value": not re.search(r"LOG_LEVEL.*(debug|warning)", output),
            "nothing was registered or updated": not checked.changes
            and checked.lines() | {"calls made": ""} == after.lines() | {"calls made": ""},
        }
    )

    terminal.heading(6, "The new revision crashes, and ECS rolls it back")
    terminal.prose(
        "The tasks of this revision exit with 1. The circuit breaker of ECS stops the deployment "
        "and goes back to the last good revision. A tool that waits for a stable service would "
        "call that a success; the role fails and shows why."
    )
    output, back = teller.playbook("-e", "log_level=debug", "-e", "outcome=crash", fails=True)
    teller.claim(
        {
            "the run failed because its deployment was rolled back": "was rolled back" in output,
            "it shows the exit code and the last lines of the log": "exited with 1" in output
            and "KeyError: 'DATABASE_URL'" in output,
            "the last good revision is live, with image 2.0": (back.revision, back.image)
            == (after.revision, after.image),
        }
    )

    terminal.heading(7, "The pipeline deploys 3.0 in the middle of a run")
    terminal.prose(
        "This run looks up image 2.0 and makes its plan. The moment before it sends its update, "
        "the pipeline deploys 3.0: the local ECS is told to let that happen. The role notices "
        "what its update displaced, and makes a new plan that keeps 3.0."
    )
    teller.ecs.deploy_before_the_next_update(f"{REPOSITORY}:3.0")
    output, raced = teller.playbook("-e", "log_level=warning")
    teller.claim(
        {
            "the last line of the role says so": f"runs {REPOSITORY}:3.0 (live)" in output,
            "the change is live": raced.log_level == "warning",
            "3.0 is live: the plan with 2.0 was given up": raced.image == f"{REPOSITORY}:3.0",
        }
    )


def changed(output: str) -> int | None:
    """Return the number after changed= in Ansible's recap."""
    counters = re.search(r"\bok=\d+\s+changed=(\d+)", output)
    return int(counters[1]) if counters else None


@contextlib.contextmanager
def simulator(*, keep: bool) -> Iterator[tuple[str, int]]:
    """Run a simulator and yield its URL and process id. `keep` leaves it running unless the demo fails."""
    # In its own session, so that Ctrl-C reaches only this process, which stops the simulator.
    process = subprocess.Popen(
        [sys.executable, "-m", "ecs_simulator", "--port", "0", "--speed", str(SPEED)],
        cwd=SIMULATOR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if keep else None,
        text=True,
        start_new_session=True,
    )
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise StoryError(f"The simulator did not start: exit status {process.wait()}.")
        yield url, process.pid
    except BaseException:
        keep = False
        raise
    finally:
        if not keep:
            process.terminate()
            process.wait()


def prepare_environment(terminal: Terminal) -> None:
    """Keep this process and its children from real accounts and the user's Ansible settings."""
    for name in [
        name
        for name in os.environ
        if name.startswith(("AWS_", "ANSIBLE_")) and name != "ANSIBLE_COLLECTIONS_PATH"
    ]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["ANSIBLE_CONFIG"] = str(HERE / "ansible.cfg")
    os.environ["ANSIBLE_FORCE_COLOR" if terminal.colour else "ANSIBLE_NOCOLOR"] = "true"
    os.chdir(HERE)


def connection(url: str) -> dict[str, str]:
    """Return the environment variables that point boto3, Ansible and ecs-deploy at the simulator."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "made-up-access-key",
        "AWS_SECRET_ACCESS_KEY": "made-up-secret-key",
    }


def introduce(terminal: Terminal, url: str) -> None:
    terminal.title(
        "Your playbook owns the service. Your pipeline owns the image. Neither undoes the other."
    )
    terminal.prose(
        f"A local Amazon ECS listens on {url}: no AWS account is needed, and a simulated minute "
        "takes half a second, also in the lines of progress. All runs are real; only stars, blank lines, zero counters and the "
        "JSON of a failed task are removed from Ansible's output. This is the playbook, "
        "extensions/demo/site.yml:"
    )
    terminal.gap()
    playbook = (HERE / "site.yml").read_text(encoding="utf-8")
    terminal.quote(playbook.partition("---\n")[2].splitlines())


def explain_how_to_play_on(terminal: Terminal, url: str, pid: int, pipeline: str) -> None:
    """Show the commands to continue with the simulator of the demo."""
    terminal.title("The simulator is still running. To use it, paste this into a shell:")
    variables = {**connection(url), "ANSIBLE_CONFIG": os.environ["ANSIBLE_CONFIG"]}
    if "ANSIBLE_COLLECTIONS_PATH" in os.environ:
        variables["ANSIBLE_COLLECTIONS_PATH"] = os.environ["ANSIBLE_COLLECTIONS_PATH"]
    programs = [
        pathlib.Path(program).parent
        for program in (shutil.which("ansible-playbook"), pipeline)
        if program
    ]
    terminal.listing(
        [
            f"cd {shlex.quote(str(HERE))}",
            "unset AWS_PROFILE AWS_SESSION_TOKEN",
            *(f"export {name}={shlex.quote(value)}" for name, value in variables.items()),
            f'export PATH="{":".join(map(str, programs))}:$PATH"',
            "",
            f"ecs deploy {CLUSTER} {SERVICE} --image {CONTAINER} {REPOSITORY}:3.0",
            "ansible-playbook site.yml -e log_level=debug",
            "",
            f"kill {pid}    # stops the simulator",
        ]
    )


def find_pipeline() -> str:
    """Return the `ecs` command of ecs-deploy, which has its own environment."""
    found = os.environ.get("STEADYSTATE_ECS_DEPLOY") or shutil.which("ecs")
    if not found:
        raise StoryError(
            "The pipeline is missing: run `make demo`, or set STEADYSTATE_ECS_DEPLOY to the ecs command of the package ecs-deploy."
        )
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="demo.py", description="Show a playbook and a pipeline sharing a service."
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the simulator running and show how to use it"
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *dummy: sys.exit(143))
    terminal = Terminal()
    prepare_environment(terminal)
    began = time.monotonic()
    try:
        pipeline = find_pipeline()
        with simulator(keep=options.keep) as (url, pid):
            os.environ.update(connection(url))
            introduce(terminal, url)
            tell(Teller(terminal, Ecs(url), pipeline))
            terminal.title(
                f"Every claim is true. The demo took {time.monotonic() - began:.0f} seconds."
            )
            if options.keep:
                explain_how_to_play_on(terminal, url, pid, pipeline)
            else:
                terminal.prose(
                    "To continue yourself, run make demo ARGS=--keep: it leaves the simulator running and shows the commands."
                )
    except StoryError as error:
        terminal.failure(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
