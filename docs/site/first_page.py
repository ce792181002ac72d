# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrange the first page: roles, playbooks, guides, then plugins."""

from __future__ import annotations

import dataclasses
import re
import typing as t

MODULES: t.Final[dict[str, tuple[str, ...]]] = {
    "deploy": (
        "rollback",
        "deployment_gate",
        "stop_deployment",
        "wait_for_deployment",
        "schedule",
        "scaling",
        "daemon",
    ),
    "look up and report": (
        "deployment_info",
        "live_task_info",
        "task_definition_info",
        "preflight_info",
        "rehearsal_info",
        "drift_info",
        "drift_report",
    ),
    "operate": ("task_info", "logs", "execute_command", "run_task", "stop_task"),
    "steps of the roles": (
        "declaration_check",
        "container_definition",
        "task_definition",
        "service",
        "role_result",
    ),
    "adopt existing services": ("declaration_info", "declaration_file"),
}
"""The modules by what they are for; each module is in one group."""

ROLES: t.Final = ("service", "deploy", "rollback", "preflight", "drift", "adopt")

PLUGINS: t.Final = {
    "Lookup Plugins": "Lookups",
    "Inventory Plugins": "Inventory",
    "Filter Plugins": "Filters",
}
_SECTION: t.Final = re.compile(
    r"^(?:\.\. _(?P<label>[^\n]+):\n\n)?(?P<title>[^\n.* ][^\n]*)\n(?:-{3,}|~{3,})\n", re.MULTILINE
)
_ENTRY: t.Final = re.compile(
    r"^    (?P<page>(?P<name>\w+)_(?:module|lookup|inventory|filter|role))$"
)


@dataclasses.dataclass(frozen=True)
class Section:
    """A section of the page that antsibull-docs writes.

    ``said`` are its bullet points by name, ``pages`` the entries of its table of contents.
    """

    title: str
    label: str | None
    said: dict[str, str]
    pages: tuple[str, ...]


def arranged(page: str, landing: str) -> str:
    """Return the landing text, then the sections in the order of a reader.

    ValueError if a role or a module is missing, or there twice.
    """
    sections = {section.title: section for section in _sections(page)}
    roles, modules = sections.pop("Role Index"), sections.pop("Modules")
    changelog, index = sections.pop("Changelog"), sections.pop("Plugin Index")
    plugins = [(title, sections.pop(name)) for name, title in PLUGINS.items()]
    _check("module", [name for names in MODULES.values() for name in names], modules)
    _check("role", ROLES, roles)
    # What is left are the guides, in the order of extra-docs.yml, and the description.
    guides = [section for section in sections.values() if section.pages]
    return "\n".join(
        [
            landing,
            *_heading("Roles", roles),
            *_points(roles, ROLES),
            *_contents("Roles", _only(roles, ROLES, "role"), hidden=True),
            *(
                line
                for section in guides
                for line in (*_heading(section.title, section), *_contents(section.title, section))
            ),
            *_heading("Modules", index),
            *_label(modules),
            *(
                line
                for job, names in MODULES.items()
                for line in (
                    *_heading(job.capitalize(), None, "~"),
                    *_points(modules, names),
                    *_contents(f"Modules: {job}", _only(modules, names, "module"), hidden=True),
                )
            ),
            *(line for title, section in plugins for line in _listed(title, section)),
            *_heading("What is new", changelog),
            *_contents("What is new", changelog),
        ]
    )


def _sections(page: str) -> list[Section]:
    found = list(_SECTION.finditer(page))
    ends = [match.start() for match in found[1:]] + [len(page)]
    return [
        Section(
            match["title"],
            match["label"],
            {
                name[1]: line
                for line in page[match.end() : end].splitlines()
                if (name := re.match(r"\* :ansplugin:`(\w+) ", line))
            },
            tuple(
                line
                for line in page[match.end() : end].splitlines()
                if re.match(r"^    [\w/]+$", line)
            ),
        )
        for match, end in zip(found, ends, strict=True)
    ]


def _check(kind: str, listed: t.Sequence[str], section: Section) -> None:
    if sorted(listed) != sorted(section.said):
        wrong = set(listed) ^ set(section.said) or "listed twice"
        raise ValueError(f"docs/site/first_page.py must list each {kind} once: {wrong}")


def _only(section: Section, names: t.Sequence[str], kind: str) -> Section:
    return dataclasses.replace(section, pages=tuple(f"    {name}_{kind}" for name in names))


def _listed(title: str, section: Section) -> list[str]:
    return [
        *_heading(title, section),
        *_points(section, section.said),
        *_contents(title, section, hidden=True),
    ]


def _label(section: Section | None) -> list[str]:
    return [f".. _{section.label}:", ""] if section and section.label else []


def _heading(title: str, section: Section | None, line: str = "-") -> list[str]:
    return ["", *_label(section), title, line * len(title), ""]


def _points(section: Section, names: t.Iterable[str]) -> list[str]:
    return [*(section.said[name] for name in names), ""]


def _contents(caption: str, section: Section, *, hidden: bool = False) -> list[str]:
    return [
        ".. toctree::",
        f"    :caption: {caption}",
        "    :maxdepth: 1",
        *(["    :hidden:"] if hidden else []),
        "",
        *(_ENTRY.sub(r"    \g<name> <\g<page>>", page) for page in section.pages),
        "",
    ]
