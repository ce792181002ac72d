# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of the collection, from a clone that may lie anywhere on disk."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import typing as t

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["test"]
nox.options.stop_on_first_error = True
# Nox makes an environment per session and asks pip again each time; see environment() for ours.
nox.options.default_venv_backend = "none"

HERE = pathlib.Path(__file__).resolve().parent
# Outside the clone: antsibull-docs copies only what git tracks, so an ignored environment inside it
# would hide amazon.aws.
CACHE = (
    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    / "steadystate-ecs"
)
COLLECTION = pathlib.PurePath("ansible_collections", "steadystate", "ecs")
DEPENDENCY = pathlib.PurePath("ansible_collections", "amazon", "aws")


ALL_CHECKS = ("units", "integration", "molecule")
# Everything on every release, which takes longer than CI has.
THOROUGH = bool(os.environ.get("STEADYSTATE_THOROUGH"))


@dataclasses.dataclass(frozen=True)
class Release:
    """An ansible-core release, with the checks that run on it.

    `package` brings it with amazon.aws, `oldest_sdk` is the oldest botocore that this takes,
    `pythons` are its Pythons, the best first, `sanity` options of ansible-test sanity, which runs on
    every release.
    """

    package: str
    oldest_sdk: str
    pythons: tuple[str, ...]
    checks: tuple[str, ...] = ALL_CHECKS
    sanity: tuple[str, ...] = ()


# It takes as long as all other tests of sanity; `make test-matrix` runs it, and lint has ruff and
# mypy.
WITHOUT_PYLINT = () if THOROUGH else ("--skip-test", "pylint")

# The newest runs the other tests, which only read the text, and loads all files with every Python.
LOADED = (
    ()
    if THOROUGH
    else (
        *("--python", "{python}", "--test", "ansible-doc", "--test", "import"),
        *("--test", "runtime-metadata", "--test", "validate-modules"),
    )
)

RELEASES = {
    # The oldest: what modules and plugins, the story, the oldest SDK and ansible-runner need of
    # ansible-core; all the rest runs on the newest.
    "2.19": Release(
        "ansible>=12,<13",
        "1.34.0",
        ("3.11", "3.12", "3.13"),
        ALL_CHECKS if THOROUGH else ("oldest", "stories"),
        LOADED,
    ),
    "2.20": Release("ansible>=13,<14", "1.34.0", ("3.12", "3.13", "3.14")),
    "2.21": Release("ansible>=14,<15", "1.35.0", ("3.13", "3.12", "3.14"), sanity=WITHOUT_PYLINT),
    # The release candidate pins pylint to an archive on GitHub, which may be out of reach; nothing
    # of ours is ignored.
    "2.22rc": Release(
        "ansible>=15.0.0a3,<16", "1.38.23", ("3.13", "3.14"), sanity=("--skip-test", "pylint")
    ),
}
NEWEST, OLDEST = "2.21", "2.19"
CORE_INTERFACE_TESTS = (
    *(
        f"tests/unit/plugins/{place}"
        for place in (
            "filter/test_to_variables.py",
            "inventory",
            "plugin_utils",
            "modules/test_service.py",
        )
    ),
    *("tests/unit/test_awx_pattern.py", "tests/unit/test_action_groups.py"),
)
"""Unit tests of what uses ansible-core itself.

Plugins, module options, and awx.awx of the oldest package.
"""

UNDER_ANSIBLE_TEST = tuple(
    f"tests/unit/plugins/{place}"
    for place in ("modules/test_service.py", "module_utils/_aws/test_gateway.py", "inventory/")
)
"""Unit tests for `ansible-test units`: some of modules, module_utils and the controller's plugins.

It loads collections as ansible-core does, but forks for each test and runs one kind of plugin after
the other: all unit tests take 8 minutes with it and less than 2 with pytest. That modules import
nothing of the controller is also checked by sanity, for all files.
"""

SPREAD = ("-n", "auto", "--dist", "worksteal")
"""Tests take from a millisecond to a minute; an idle worker takes over some of another's."""

SCENARIOS = (
    (("--all",),)
    if THOROUGH
    else tuple(("--scenario-name", name) for name in ("default", "pipeline"))
)
"""Role scenarios; what the others show, playbook tests prove as well."""

WAITING = ("-n", str((os.cpu_count() or 2) * 3 // 2), "--dist", "worksteal")
"""Playbooks wait for a fifth of their time."""

STORIES = tuple(f"tests/integration/test_{name}.py" for name in ("story", "oldest_sdk", "runner"))
PLAYBOOKS = {
    # The stories run on the oldest release.
    "integration": (
        "tests/integration",
        *(() if THOROUGH else ("-m", "not thorough", *(f"--ignore={path}" for path in STORIES))),
    ),
    "stories": STORIES,
}

# boto3 is the newest on the day that an environment is made; tests/integration/test_oldest_sdk.py
# takes the oldest.
TESTING = (
    *(
        "ansible-runner>=2.4,<3",
        "boto3>=1.38.23,<2",
        "hypothesis>=6,<7",
        "markdown-it-py>=3,<5",
        "molecule>=26,<27",
        "moto[server]>=5,<6",
    ),
    *("policy_sentry>=0.15,<0.16", "pytest>=8,<10", "pytest-xdist>=3,<4", "selenium>=4.20,<5"),
)
LINTING = (
    "ansible-lint>=26,<27",
    "antsibull-changelog>=0.30,<1",
    "antsibull-docs>=2.20,<3",
    "mypy>=2,<3",
    "reuse>=6,<7",
    "ruff>=0.17,<0.18",
    "yamllint>=1.38,<2",
)
SITE = ("furo>=2025.12.19", "sphinx>=9,<10", "sphinx-copybutton>=0.5.2,<1")

# The pipelines of tests and demo, the tools for execution environments, and what runs rulebooks.
# They want different versions of click, botocore and more, so each has an environment of its own.
CLIENTS = {
    "STEADYSTATE_ANSIBLE_BUILDER": ("ansible-navigator>=26,<27", "ansible-builder"),
    "STEADYSTATE_ANSIBLE_NAVIGATOR": ("ansible-navigator>=26,<27", "ansible-navigator"),
    "STEADYSTATE_AWSCLI": ("awscli>=1.46,<2", "aws"),
    "STEADYSTATE_ECS_DEPLOY": ("ecs-deploy>=1.15,<2", "ecs"),
    "STEADYSTATE_DEPLOYFISH": ("deployfish>=1.18,<2", "deploy"),
    "STEADYSTATE_RULEBOOK": ("ansible-rulebook>=1.2,<2", "ansible-rulebook"),
}


def search_path() -> str:
    """PATH with the Pythons of pyenv and uv ahead of it.

    A pyenv shim on PATH may have no Python behind it, and ansible-test would run it.
    """
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv").glob(
        "versions/3.*/bin"
    )
    uv = pathlib.Path.home().glob(".local/share/uv/python/cpython-3.*/bin")
    return os.pathsep.join([*map(str, sorted(pyenv)), *map(str, sorted(uv)), os.environ["PATH"]])


def installed(version: str) -> str | None:
    """This Python version, where it is installed with all that a virtual environment needs.

    Debian packages that apart.
    """
    for directory in search_path().split(os.pathsep):
        candidate = pathlib.Path(directory, f"python{version}")
        with contextlib.suppress(OSError):
            if (
                subprocess.run(
                    [candidate, "-c", "import ensurepip, ssl"], capture_output=True, check=False
                ).returncode
                == 0
            ):
                return str(candidate)
    return None


def find_python(session: nox.Session, *versions: str) -> tuple[str, str]:
    """The first of these versions that is installed, and its path.

    Where none is, the session is skipped; in CI it fails.
    """
    for version in versions:
        if path := installed(version):
            return version, path
    missing = f"needs Python {' or '.join(versions)}; none is on PATH or under pyenv or uv"
    if os.environ.get("CI"):
        session.error(missing)
    session.skip(missing)


@contextlib.contextmanager
def locked(path: pathlib.Path) -> t.Iterator[None]:
    """Two clones may want the same environment at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_packages(session: nox.Session, python: str, requirements: t.Iterable[str]) -> None:
    """Let pip install these, and show the name of each package as it arrives."""
    options = ("--no-compile", "--disable-pip-version-check", "--progress-bar", "off")
    lines: list[str] = []
    with subprocess.Popen(
        [python, "-m", "pip", "install", *options, *requirements],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith("Collecting "):
                print(line.split()[1], end=" ", flush=True)
            elif line.startswith("Installing collected packages"):
                print("\nUnpacking", flush=True)
    if process.returncode:
        session.error("pip failed:\n" + "".join(lines[-40:]))


def environment(session: nox.Session, name: str, python: str, *requirements: str) -> pathlib.Path:
    """The `bin` of a virtual environment with these requirements.

    It is made once for all sessions and clones; changed requirements make another one.
    """
    identity = subprocess.run(
        [python, "-c", "import sys; print(sys.version, sys.base_prefix)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    key = hashlib.sha256("\n".join([identity, *requirements]).encode()).hexdigest()[:10]
    home = CACHE / "environments" / f"{name}-{key}"
    with locked(home.with_name(f"{home.name}.lock")):
        if not (home / "complete").exists():
            own = str(home / "bin" / "python")
            session.log(f"Installing {', '.join(requirements)} into {home}; once, a few minutes")
            session.run(python, "-m", "venv", "--clear", str(home), log=False)
            install_packages(session, own, requirements)
            session.log("Compiling what was installed")
            # All but the hundred collections of the ansible package that nobody imports: a third of
            # the time.
            session.run(
                own,
                "-m",
                "compileall",
                "-qq",
                "-j",
                "0",
                "-x",
                "ansible_collections/(?!amazon/)",
                str(home / "lib"),
                success_codes=[0, 1],
                log=False,
            )
            (home / "complete").touch()
    return home / "bin"


def tree(session: nox.Session, binaries: pathlib.Path) -> pathlib.Path:
    """Copy the tracked and new files to a tree, and work there with this environment.

    ansible-test insists on having them there, beside amazon.aws.
    """
    workspace = CACHE / "trees" / hashlib.sha256(str(HERE).encode()).hexdigest()[:10] / session.name
    root = workspace / "tree"
    shutil.rmtree(workspace, ignore_errors=True)
    listing = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=HERE,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listing.split("\0")):
        if (HERE / name).is_file():
            (root / COLLECTION / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HERE / name, root / COLLECTION / name, follow_symlinks=False)
    (root / DEPENDENCY).parent.mkdir(parents=True)
    (root / DEPENDENCY).symlink_to(
        next(binaries.parent.glob("lib/python*/site-packages")) / DEPENDENCY
    )
    subprocess.run(["git", "init", "-q", "."], cwd=root / COLLECTION, check=True)

    # No check may reach a real account with the credentials of whoever runs it.
    session.env.update(
        dict.fromkeys(
            (name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"),
            None,
        )
    )
    session.env["AWS_CONFIG_FILE"] = session.env["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    session.env["AWS_EC2_METADATA_DISABLED"] = "true"
    session.env["ANSIBLE_COLLECTIONS_PATH"] = session.env["PYTHONPATH"] = session.env[
        "MYPYPATH"
    ] = str(root)
    session.env["MOLECULE_EPHEMERAL_DIRECTORY"] = str(workspace / "molecule")
    session.env["PATH"] = os.pathsep.join([str(binaries), search_path()])
    # ansible-core 2.21 opens a Unix socket below it, whose path may not be longer.
    if len(tempfile.gettempdir()) > 75:
        session.env["TMPDIR"] = "/tmp"
    session.chdir(root / COLLECTION)
    return root


def run(session: nox.Session, program: str, *arguments: str, **options: t.Any) -> t.Any:
    """Run a program of the session's environment."""
    return session.run(
        shutil.which(program, path=session.env["PATH"]) or program, *arguments, **options
    )


@contextlib.contextmanager
def alongside(session: nox.Session, *commands: tuple[str, ...]) -> t.Iterator[None]:
    """Run these commands, one after the other, while the block runs.

    Alone, they would keep one core busy and leave the others idle.
    What they wrote is shown at the end, where the session fails if one of them did.
    """
    env = {
        name: value for name, value in {**os.environ, **session.env}.items() if value is not None
    }
    failed: list[str] = []
    running: list[subprocess.Popen[bytes]] = []
    ended = False
    # Held while a command starts, so that each is either terminated or not started.
    starting = threading.Lock()
    with tempfile.TemporaryFile() as log:

        def run_all() -> None:
            for program, *arguments in commands:
                path = shutil.which(program, path=env["PATH"]) or program
                with starting:
                    if ended:
                        return
                    running.append(
                        subprocess.Popen(
                            ["nice", path, *arguments],
                            env=env,
                            start_new_session=True,
                            stdin=subprocess.DEVNULL,
                            stdout=log,
                            stderr=subprocess.STDOUT,
                        )
                    )
                if running[-1].wait():
                    failed.append(" ".join((program, *arguments)))

        for command in commands:
            session.log(f"{' '.join(command)} (alongside)")
        thread = threading.Thread(target=run_all)
        thread.start()
        try:
            yield
        except BaseException:
            with starting:
                ended = True
                # With all that they have started.
                for process in running:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGTERM)
            raise
        finally:
            thread.join()
            log.seek(0)
            print(log.read().decode(errors="replace"), flush=True)
    if failed:
        session.error(f"failed: {', '.join(failed)}")


def clients(session: nox.Session, *variables: str) -> None:
    """Tell tests and demo by these variables where the third-party clients are."""
    dummy, python = find_python(session, "3.13", "3.12", "3.11")
    for variable in variables:
        requirement, command = CLIENTS[variable]
        session.env[variable] = str(
            environment(session, requirement.partition(">")[0], python, requirement) / command
        )


def browser(session: nox.Session) -> None:
    """In CI, bring the browser that the page of the drift report is tried in.

    Elsewhere that test is skipped where there is none.
    """
    if (
        os.environ.get("CI")
        and os.geteuid() == 0
        and not all(map(shutil.which, ("chromium", "chromedriver")))
    ):
        session.run("apt-get", "update", "-qq")
        session.run(
            "apt-get",
            "install",
            "-qq",
            "--yes",
            "--no-install-recommends",
            "chromium",
            "chromium-driver",
            env={"DEBIAN_FRONTEND": "noninteractive"},
        )


def sphinx(session: nox.Session) -> None:
    """Tell the tests where the Sphinx is that builds the site."""
    session.env["STEADYSTATE_SPHINX"] = str(linting_environment(session) / "sphinx-build")


def oldest_sdk(session: nox.Session, release: str) -> None:
    """Tell the tests where the oldest boto3 is that this release's amazon.aws takes."""
    dummy, python = find_python(session, *RELEASES[release].pythons)
    oldest = RELEASES[release].oldest_sdk
    binaries = environment(
        session, f"sdk-{oldest}", python, f"boto3=={oldest}", f"botocore=={oldest}"
    )
    session.env["STEADYSTATE_OLDEST_SDK"] = str(
        next(binaries.parent.glob("lib/python*/site-packages"))
    )


def testing_environment(session: nox.Session, release: str) -> tuple[str, pathlib.Path]:
    """The version of a Python for tests on this release, and the `bin` of their environment."""
    version, python = find_python(session, *RELEASES[release].pythons)
    package = RELEASES[release].package
    return version, environment(session, f"ansible-{release}", python, package, *TESTING)


def testing_tree(session: nox.Session, release: str) -> str:
    """Make a tree to run tests on this release in; return the version of their Python."""
    version, binaries = testing_environment(session, release)
    tree(session, binaries)
    return version


def linting_environment(session: nox.Session) -> pathlib.Path:
    """The `bin` of an environment for what is read rather than run."""
    dummy, python = find_python(session, *RELEASES[NEWEST].pythons)
    return environment(session, "lint", python, RELEASES[NEWEST].package, *LINTING, *SITE)


def linting_tree(session: nox.Session) -> pathlib.Path:
    """Make a tree to look at; return its root."""
    return tree(session, linting_environment(session))


def newest() -> str:
    """The newest release that this machine has a Python for."""
    return next(
        (
            name
            for name in (NEWEST, *reversed(RELEASES))
            if any(map(installed, RELEASES[name].pythons))
        ),
        NEWEST,
    )


def bring_pip() -> None:
    """Give ansible-test the pip that it would download from a host that may be out of reach."""
    cache = pathlib.Path.home() / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in ("24_2", "25_2"):
        place = cache / f"get_pip_{version}.py"
        if not place.exists():
            # Another clone, or whoever interrupts this, must not leave half of it there.
            with tempfile.TemporaryDirectory(dir=cache) as beside:
                shutil.copy(HERE / "tests" / "utils" / "get_pip.py", beside)
                pathlib.Path(beside, "get_pip.py").replace(place)


def check(release: str) -> None:
    @nox.session(name=f"check-{release}")
    def run_checks(session: nox.Session) -> None:
        """Unit tests and playbooks on one ansible-core release."""
        python = testing_tree(session, release)
        # Each playbook would compile the collection anew, as on a machine that forbids bytecode.
        session.env["PYTHONDONTWRITEBYTECODE"] = ""
        checks = RELEASES[release].checks
        clients(session, *CLIENTS)
        oldest_sdk(session, release)
        sphinx(session)
        browser(session)
        if "units" in checks:
            targets = () if THOROUGH else UNDER_ANSIBLE_TEST
            run(session, "ansible-test", "units", "--python", python, "--color", "no", *targets)
            chosen = () if THOROUGH else ("-m", "not thorough")
            run(session, "pytest", "-q", *SPREAD, *chosen, "tests/unit")
        if "oldest" in checks:
            run(session, "pytest", "-q", *SPREAD, *CORE_INTERFACE_TESTS)
        for place in (PLAYBOOKS[check] for check in checks if check in PLAYBOOKS):
            run(session, "pytest", "-q", *WAITING, *place)

    @nox.session(name=f"check-{release}-on-one-core")
    def run_on_one_core(session: nox.Session) -> None:
        """Sanity tests and role scenarios on one ansible-core release."""
        python = testing_tree(session, release)
        session.env["PYTHONDONTWRITEBYTECODE"] = ""
        bring_pip()
        options = (option.format(python=python) for option in RELEASES[release].sanity)
        run(session, "ansible-test", "sanity", "--color", "no", *options)
        if "molecule" in RELEASES[release].checks:
            clients(session, "STEADYSTATE_ECS_DEPLOY")
            for which in SCENARIOS:
                run(session, "molecule", "test", *which)


for name in RELEASES:
    check(name)


def on_one_core(*releases: str) -> tuple[str, ...]:
    """The sessions of these releases that more cores would not make faster."""
    return tuple(f"check-{release}-on-one-core" for release in releases)


def sessions(session: nox.Session, *names: str, beside: tuple[str, ...]) -> None:
    """Run sessions, and others beside them, each in its order."""
    run = (sys.executable, "-m", "nox", "--noxfile", str(HERE / "noxfile.py"), "--session")
    with alongside(session, (*run, *beside)):
        session.run(*run, *names)


@nox.session
def test(session: nox.Session) -> None:
    """Everything CI runs; the environments of later sessions are made beside the first ones."""
    names = ("lint", "docs", "demo", f"check-{NEWEST}", f"check-{OLDEST}")
    sessions(session, *names, beside=("environments", *on_one_core(NEWEST, OLDEST)))


@nox.session
def matrix(session: nox.Session) -> None:
    """All tests on all releases."""
    sessions(session, *(f"check-{name}" for name in RELEASES), beside=on_one_core(*RELEASES))


@nox.session
def environments(session: nox.Session) -> None:
    """Make the environments that `make test` needs."""
    for release in (NEWEST, OLDEST):
        testing_environment(session, release)
        oldest_sdk(session, release)
    clients(session, *CLIENTS)


@nox.session
def unit(session: nox.Session) -> None:
    """Unit tests without generated cases and real waits, the quick loop; arguments go to pytest."""
    testing_tree(session, newest())
    quick = ("--ignore-glob", "*_properties.py", "-m", "not hypothesis and not long")
    # The tree is copied anew each time; its bytecode, and pytest's, outlive it.
    session.env["PYTHONPYCACHEPREFIX"] = str(CACHE / "bytecode")
    session.env["PYTHONDONTWRITEBYTECODE"] = ""
    run(session, "pytest", "-q", *(session.posargs or [*SPREAD, *quick, "tests/unit"]))


@nox.session
def integration(session: nox.Session) -> None:
    """Real playbooks and pipelines against the simulator; arguments go to pytest."""
    testing_tree(session, newest())
    clients(session, *CLIENTS)
    oldest_sdk(session, newest())
    sphinx(session)
    run(session, "pytest", "-q", *(session.posargs or [*WAITING, "tests/integration"]))


@nox.session
def molecule(session: nox.Session) -> None:
    """The scenarios of the roles against the simulator; arguments go to molecule."""
    testing_tree(session, newest())
    clients(session, "STEADYSTATE_ECS_DEPLOY")
    run(session, "molecule", *(session.posargs or ["test", "--all"]))


@nox.session
def demo(session: nox.Session) -> None:
    """Build the collection, install it into an empty place, and tell the story with it.

    The demo itself is not in the artifact: the clone's runs with the installed collection.
    """
    testing_tree(session, newest())
    clients(session, "STEADYSTATE_ECS_DEPLOY")
    install(session)
    run(session, "python", str(HERE / "extensions" / "demo" / "demo.py"), *session.posargs)


def install(session: nox.Session) -> None:
    """Build the collection, install it into an empty place, and work there.

    It must have every module of the clone.
    """
    workspace = pathlib.Path(session.env["ANSIBLE_COLLECTIONS_PATH"]).parent
    run(
        session,
        "ansible-galaxy",
        "collection",
        "build",
        "--output-path",
        str(workspace / "dist"),
        silent=True,
    )
    place = workspace / "installed"
    session.env["ANSIBLE_COLLECTIONS_PATH"] = session.env["PYTHONPATH"] = str(place)
    session.chdir(workspace)
    [built] = (workspace / "dist").glob("*.tar.gz")
    run(
        session,
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "--collections-path",
        str(place),
        str(built),
        silent=True,
    )
    session.log(f"{built.name} has {built.stat().st_size // 1000} kB")
    found = run(
        session,
        "ansible-doc",
        "--list_files",
        "--type",
        "module",
        ".".join(COLLECTION.parts[1:]),
        silent=True,
    )
    modules = pathlib.Path("plugins", "modules")
    if missing := [
        module.name
        for module in (HERE / modules).glob("*.py")
        if str(place / COLLECTION / modules / module.name) not in found
    ]:
        session.error(f"the installed artifact lacks {', '.join(missing)}")
    session.chdir(place / COLLECTION)


@nox.session
def recordings(session: nox.Session) -> None:
    """Write the pictures of README, in docs/images of the clone, from a real run of the demo."""
    testing_tree(session, newest())
    clients(session, "STEADYSTATE_ECS_DEPLOY")
    run(session, "python", str(HERE / "docs" / "recordings.py"), *session.posargs)


@nox.session
def benchmark(session: nox.Session) -> None:
    """Measure the collection beside its peers; arguments go to `benchmarks`."""
    testing_tree(session, newest())
    clients(session, "STEADYSTATE_AWSCLI", "STEADYSTATE_ECS_DEPLOY")
    run(session, "python", "-m", ".".join([*COLLECTION.parts, "benchmarks"]), *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, types, ansible-lint, documentation and changelog."""
    linting_tree(session)
    run(session, "ruff", "check", "--no-cache", ".")
    run(session, "ruff", "format", "--no-cache", "--check", ".")
    for part in ("plugins", "extensions", "benchmarks"):
        run(
            session,
            "mypy",
            "--config-file",
            ".mypy.ini",
            "--cache-dir",
            str(CACHE / "mypy"),
            "--package",
            ".".join([*COLLECTION.parts, part]),
        )
    run(session, "yamllint", "--strict", ".")
    # Before ansible-lint, which leaves bytecode.
    run(session, "reuse", "lint", "--lines")
    run(session, "ansible-lint")
    run(session, "antsibull-changelog", "lint")
    strictly = (
        "--plugin-docs",
        "--skip-rstcheck",
        "--validate-collection-refs=dependent",
        "--check-extra-docs-refs",
    )
    run(session, "antsibull-docs", "lint-collection-docs", *strictly, ".")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation site, in docs/build of the clone; a warning is an error."""
    pages = linting_tree(session).parent / "pages"
    pages.mkdir(mode=0o700)
    options = ("--cleanup", "everything", "--fail-on-error", "--use-current", "--squash-hierarchy")
    name = ".".join(COLLECTION.parts[1:])
    run(
        session,
        "antsibull-docs",
        "--config-file",
        "docs/site/antsibull-docs.cfg",
        "collection",
        *options,
        "--dest-dir",
        str(pages),
        name,
        silent=True,
    )
    built = HERE / "docs" / "build"
    shutil.rmtree(built, ignore_errors=True)
    run(
        session,
        "sphinx-build",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        "-c",
        "docs/site",
        "-d",
        str(pages.parent / "doctrees"),
        str(pages),
        str(built),
    )
    session.log(f"{len(list(pages.rglob('*.rst')))} pages; begin with {built / 'index.html'}")


@nox.session(name="format")
def rewrite(session: nox.Session) -> None:
    """Let ruff rewrite the Python files of the clone."""
    dummy, python = find_python(session, *RELEASES[NEWEST].pythons, "3.11")
    session.env["PATH"] = str(
        environment(
            session, "ruff", python, next(name for name in LINTING if name.startswith("ruff"))
        )
    )
    run(session, "ruff", "check", "--no-cache", "--fix", "--exit-zero", ".")
    run(session, "ruff", "format", "--no-cache", ".")
