# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module, which is a specification and a function of a call."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.warnings import warn
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ._aws.client import Gateways, noting
from ._options import Specification
from ._rules import numbers
from ._rules.errors import DeclarationError, SteadyStateError
from ._rules.hidden import masked
from ._rules.interrupts import Interrupted, InterruptedRunError
from ._signals import Signals

if t.TYPE_CHECKING:
    from ._rules.clock import Clock

Result = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Spec:
    """The options of a module, and what they ask of each other.

    Those of the connection are added to them.

    The fields are named as the arguments of AnsibleModule, where that has them. ``sealed`` names
    results with definitions, whose values are shown with the option ``show_values`` only.
    """

    options: Specification
    mutually_exclusive: t.Sequence[t.Sequence[str]] = ()
    required_one_of: t.Sequence[t.Sequence[str]] = ()
    required_if: t.Sequence[tuple[t.Any, ...]] = ()
    required_by: t.Mapping[str, t.Sequence[str]] = dataclasses.field(default_factory=dict)
    sealed: t.Sequence[str] = ()

    def constraints(self) -> dict[str, t.Any]:
        """Return all but the options, as AnsibleModule and its validator take it."""
        names = (field.name for field in dataclasses.fields(self))
        return {name: getattr(self, name) for name in names if name not in ("options", "sealed")}

    def definitions_in(self, result: Result) -> Result:
        """Return the part of a result whose values are not to be shown."""
        return {name: result[name] for name in self.sealed if name in result}

    def refuse_nulls(self, params: t.Mapping[str, t.Any]) -> None:
        """Raise DeclarationError if all options are null of which one is required.

        Ansible takes a null for given, and a module would take it for everything there is.
        """
        for names in self.required_one_of:
            if all(params[name] is None for name in names):
                raise DeclarationError(names[0], "has no value", f"give {' or '.join(names)}")

    def refuse_numbers(self, params: t.Mapping[str, t.Any]) -> None:
        """Refuse numbers that make no sense, such as negative seconds."""
        numeric = {
            name: params[name]
            for name, option in self.options.items()
            if option.get("type") in ("int", "float")
        }
        numbers.refuse(numeric, params.get("prefix") or "")

    def argument_spec(self) -> Specification:
        """Return a copy of the options, because their defaults become parameters."""
        return copy.deepcopy(self.options)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call(Gateways):
    """One call of a module, and all that its function may use.

    The caller is AnsibleModule, an action plugin or a test. ``report`` shows a
    line of progress at once where somebody reads along; elsewhere it is lost.
    In a block of ``interrupts`` a signal raises Interrupted; elsewhere it ends the process. Clean
    up in that block: further signals are ignored from then on.
    """

    params: dict[str, t.Any]
    check_mode: bool
    clock: Clock
    warn: t.Callable[[str], None]
    report: t.Callable[[str], None]
    interrupts: t.Callable[[], t.ContextManager[None]] = contextlib.nullcontext

    def reporter(self, subject: str) -> t.Callable[[str], None]:
        """Return ``report`` for lines about one subject, which begin with it."""
        return lambda line: self.report(f"{subject}: {line}")


def completed(spec: Spec, run: t.Callable[[Call], Result], call: Call) -> Result:
    """Return the result of the function of a module.

    InterruptedRunError if the run was interrupted at a moment that the function does not know. An
    error tells that something was changed before it, if the function does not tell itself.
    """
    spec.refuse_nulls(call.params)
    spec.refuse_numbers(call.params)
    changes: list[str] = []
    try:
        return run(dataclasses.replace(call, client=noting(call.client, changes)))
    except SteadyStateError as error:
        if changes:
            error.facts = {"changed": True, **error.facts}
        raise
    except Interrupted as interrupt:
        raise InterruptedRunError(
            f"interrupted by {interrupt.how}; run again to see what was done and to complete it",
            changed=True,
        ) from None


def run_module(spec: Spec, run: t.Callable[[Call], Result]) -> None:
    """Run a module as a process of its own and end with its result or its error."""
    module = _EcsModule(
        argument_spec=spec.argument_spec(),
        **spec.constraints(),
        supports_check_mode=True,
    )
    signals = Signals()
    # AnsibleAWSModule.warn tells ansible-core a second time, in a deprecated way.
    call = Call(
        client=module.client,
        params=module.params,
        check_mode=module.check_mode,
        clock=signals,
        warn=warn,
        report=lambda dummy: None,
        interrupts=signals.caught,
    )
    try:
        result = completed(spec, run, call)
    except SteadyStateError as error:
        module.fail_json(msg=error.message, **error.facts)
    if "ANSIBLE_ASYNC_DIR" in os.environ and not call.params.get("show_values"):
        # async_status returns this result: it does not pass the action that seals others.
        result = result | masked(spec.definitions_in(result))
    module.exit_json(**result)


class _Discreet(AnsibleModule):
    """An AnsibleModule that repeats none of its options.

    Values of environment variables are among them.
    """

    def _log_invocation(self) -> None:
        """Write to the system's log that the module ran, and nothing of what it was given."""
        self.log("Invoked")

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        """End with this result.

        ansible-core before 2.21 adds the options to one without ``invocation``, and AWX keeps them
        (basic.py, ``_return_formatted``).
        """
        super().exit_json(**{"invocation": {}, **result})

    def fail_json(self, msg: str, **result: t.Any) -> t.NoReturn:
        """Fail with this result, as above. Wrong options end here, too."""
        super().fail_json(msg, **{"invocation": {}, **result})


class _EcsModule(AnsibleAWSModule):
    """An AnsibleAWSModule that repeats its options neither in a result nor in the log."""

    def __init__(self, **arguments: t.Any) -> None:
        # amazon.aws takes the class from here, even where it is handed one (also in 12.0).
        AnsibleAWSModule.default_settings = {
            **AnsibleAWSModule.default_settings,
            "module_class": _Discreet,
        }
        super().__init__(**arguments)
