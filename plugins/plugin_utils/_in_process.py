# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules in the controller's process, where that changes nothing but time.

Packaging a module, starting Python and importing boto3 is most of what a task takes. None of it is
needed where the module would run on this host, as this user and with this Python. Everywhere else
the module runs as any other.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import sys
import types
import typing as t

from ansible import constants as C
from ansible import context
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.common.json import Direction, get_module_decoder, get_module_encoder
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.warnings import warn
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import filter_loader, test_loader
from ansible_collections.amazon.aws.plugins.module_utils import botocore as amazon
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from . import _bytecode

_bytecode.use()

from ..module_utils._aws import client
from ..module_utils._module import Call, Spec, completed
from ..module_utils._rules import shape
from ..module_utils._rules.errors import SteadyStateError
from ..module_utils._rules.interrupts import InterruptedRunError
from ..module_utils._signals import Signals
from . import _progress, _values

Values = dict[str, t.Any]

DISCOVERED: t.Final = (None, "", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent")
"""Settings of ansible_python_interpreter that name no interpreter."""

WANTED: t.Final = os.environ.get("STEADYSTATE_IN_PROCESS", "true")
"""What counts where variable ``ecs_in_process`` is not set."""

if amazon.HAS_BOTO3 and boolean(WANTED, strict=False) and "forks" in context.CLIARGS:
    # Commands that run tasks load this before they fork a worker for each host and task; others,
    # such as ansible-doc, fork none. The first filter or test imports all of Ansible's, which each
    # worker would do again; so does the first result.
    client.load_models()
    get_module_encoder("legacy", Direction.MODULE_TO_CONTROLLER)
    get_module_decoder("legacy", Direction.CONTROLLER_TO_MODULE)
    filter_loader.get("default")
    test_loader.get("defined")
    # A worker would go through all of this again when it collects garbage, and copy its memory.
    gc.freeze()


class InProcess(ActionBase):
    """Runs the module of its name, in this process where that is possible."""

    module: types.ModuleType

    def __init_subclass__(cls, module: str = "") -> None:
        """Load the module of this or another name before Ansible forks a worker."""
        package, dummy, own = cls.__module__.rpartition(".action.")
        cls.module = importlib.import_module(f"{package}.modules.{module or own}")

    _declares: t.ClassVar[bool] = True
    """Whether the options are a declaration, and not documents of another tool."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: t.Any = None, task_vars: Values | None = None) -> Values:
        """Return the result of the module."""
        super().run(tmp, task_vars)
        try:
            options = self.options(task_vars or {})
            if self._declares:
                # On the way to the module they become text.
                shape.refuse_misread_names(options)
            return self.result_of(options, task_vars or {})
        except SteadyStateError as error:
            return _failed(error)

    def options(self, task_vars: Values) -> Values:
        """Return the options for the module; SteadyStateError where they cannot be right."""
        return dict(self._task.args)

    def result_of(self, options: Values, task_vars: Values) -> Values:
        """Return the result of the module with these options.

        Options may have marks in place of values, as results of earlier tasks do (``_values``);
        SteadyStateError about a mark of another run.
        """
        result = self._result_of(_values.opened(options), task_vars)
        if boolean(options.get("show_values", False), strict=False):
            return result
        return result | _values.seal(self.module.SPEC.definitions_in(result))

    def _result_of(self, options: Values, task_vars: Values) -> Values:
        if self._is_here(task_vars):
            with self._surroundings():
                given = _Options(
                    self._module_name,
                    self.module.SPEC,
                    _sent(options, Direction.CONTROLLER_TO_MODULE),
                )
                if not given.params.get("debug_botocore_endpoint_logs"):
                    return self._called(given, task_vars.get("inventory_hostname", "localhost"))
        result: Values = self._execute_module(
            module_name=self._module_name,
            module_args=options,
            task_vars=task_vars,
            wrap_async=bool(self._task.async_val),
        )
        return result

    @property
    def _module_name(self) -> str:
        return f"steadystate.ecs.{self.module.__name__.rpartition('.')[2]}"

    def _is_here(self, task_vars: Values) -> bool:
        """Return True if the module would run on this host, as this user, by this Python."""
        delegated = task_vars.get("ansible_delegated_vars") or {}
        variables = delegated.get(self._task.delegate_to, task_vars)
        interpreter = C.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        wanted = self._templar.template(task_vars.get("ecs_in_process", WANTED))
        return (
            amazon.HAS_BOTO3
            and self._connection.transport == "local"
            and self._connection.become is None
            and not self._task.async_val
            and self._templar.template(interpreter) in (*DISCOVERED, sys.executable)
            and boolean(wanted, strict=False)
        )

    @contextlib.contextmanager
    def _surroundings(self) -> t.Iterator[None]:
        """Give this process the environment and the directory that the module would have."""
        environment: Values = {}
        self._compute_environment_string(environment)
        before = dict(os.environ)
        with _directory(self._loader.get_basedir()), client.loaded_models():
            os.environ.update({name: str(value) for name, value in environment.items()})
            try:
                yield
            finally:
                os.environ.clear()
                os.environ.update(before)

    def _called(self, given: _Options, host: str) -> Values:
        """Return what the function of the module returns, without what must not be shown."""
        amazon.check_sdk_version_supported(warn=warn)
        signals = Signals(_progress.playbook())
        call = Call(
            client=given.client,
            params=given.params,
            check_mode=bool(self._task.check_mode),
            clock=signals,
            warn=warn,
            report=lambda line: self._report(line, host),
            interrupts=signals.caught,
        )
        try:
            given.refuse_mistakes()
            result: Values = completed(self.module.SPEC, self.module.run, call)
        except InterruptedRunError as error:
            if not self._task.no_log:
                _progress.show_last(error.message, host)
            result = _failed(error)
        except SteadyStateError as error:
            result = _failed(error)
        return given.shown(result)

    def _report(self, line: str, host: str) -> None:
        if not self._task.no_log:
            _progress.show([line], host)


@contextlib.contextmanager
def _directory(path: str) -> t.Iterator[None]:
    """Make this the current directory, and return to the one before.

    That one may be gone, or be closed to this user: sudo keeps the directory of its caller.
    """
    with contextlib.ExitStack() as leaving:
        with contextlib.suppress(OSError):
            leaving.callback(_return_to, os.getcwd())
        os.chdir(path)
        yield


def _return_to(directory: str) -> None:
    with contextlib.suppress(OSError):
        os.chdir(directory)


def _failed(error: SteadyStateError) -> Values:
    return {"failed": True, "msg": error.message, **error.facts}


def _sent(values: Values, direction: Direction) -> Values:
    """Return values as the other side of a connection gets them: plain copies."""
    return _received(_text(values, direction), direction)


def _text(value: t.Any, direction: Direction) -> str:
    return json.dumps(value, cls=get_module_encoder("legacy", direction))


def _received(text: str, direction: Direction) -> Values:
    received: Values = json.loads(text, cls=get_module_decoder("legacy", direction))
    return received


class _Options:
    """The options of a task as AnsibleAWSModule takes them.

    amazon.aws makes connections for it as for a module.
    """

    def __init__(self, name: str, spec: Spec, options: Values) -> None:
        self._name = name
        self._spec = {**aws_argument_spec(), **spec.argument_spec()}
        validator = ModuleArgumentSpecValidator(self._spec, **spec.constraints())
        self._validated = validator.validate(options)
        self.params: Values = self._validated.validated_parameters

    def refuse_mistakes(self) -> None:
        """Raise SteadyStateError about the first wrong option, in AnsibleModule's words."""
        for error in self._validated.errors:
            unknown = f"Unsupported parameters for ({self._name}) module: "
            prefix = unknown if isinstance(error, UnsupportedError) else ""
            raise SteadyStateError(f"{prefix}{error.msg}")

    def shown(self, result: Values) -> Values:
        """Return a result as the controller gets it, without secret options."""
        direction = Direction.MODULE_TO_CONTROLLER
        text = _text(result, direction)
        # To look for them in every value takes longer than all that is done with a result else.
        if any(_text(value, direction)[1:-1] in text for value in self._secret()):
            text = _text(self.hidden(result), direction)
        return _received(text, direction)

    def hidden(self, result: Values) -> Values:
        """Return a result without the values of options that are not to be logged."""
        flags = {
            name: value
            for name, value in result.items()
            if value is None or isinstance(value, bool)
        }
        return {**remove_values(result, self._secret()), **flags}

    def _secret(self) -> set[str]:
        given = (
            self.params.get(name) for name, option in self._spec.items() if option.get("no_log")
        )
        return {str(value) for value in given if value}

    def client(self, service: str, **options: t.Any) -> t.Any:
        """Return boto3's client for a service."""
        region, endpoint, connection = amazon.get_aws_connection_info(t.cast(t.Any, self))
        return amazon.boto3_conn(
            t.cast(t.Any, self),
            conn_type="client",
            resource=service,
            **{"region": region, "endpoint": endpoint, **connection, **options},
        )

    def fail_json(self, msg: str, **facts: t.Any) -> t.NoReturn:
        """Raise what amazon.aws says is wrong with the connection."""
        facts.pop("exception", None)
        raise SteadyStateError(msg, **facts)

    def fail_json_aws(self, error: Exception, msg: str) -> t.NoReturn:
        """Raise an error of the SDK."""
        self.fail_json(f"{msg}: {error}", **amazon.gather_sdk_versions())
