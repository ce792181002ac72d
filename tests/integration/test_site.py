# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides in a browser: the filter of permissions, and the width of pages.

The guides are built alone, without the reference. STEADYSTATE_SITE names a built site whose pages
are looked at as well.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import typing as t

import browser
import guides
import pytest
from pipelines import installed
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from ansible_collections.steadystate.ecs.plugins.module_utils._rules.permissions import JOBS

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium import webdriver

SITE: t.Final = guides.DOCS / "site"
ROWS: t.Final = sum(map(len, JOBS.values()))
STARTS: t.Final = sum(need.action == "ecs:RunTask" for needs in JOBS.values() for need in needs)
SHOWN: t.Final = """
    return [...document.querySelectorAll('table.filterable tbody tr')]
      .filter((row) => row.getBoundingClientRect().height > 0)
      .map((row) => [...row.cells].map((cell) => cell.textContent.trim()))
    """


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser.started(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    sphinx = installed("STEADYSTATE_SPHINX")
    place = tmp_path_factory.mktemp("site")
    shutil.copytree(guides.PLACE, place / "pages")
    names = "\n".join(f"   {path.stem}" for path in sorted(guides.PLACE.glob("*.rst")))
    root = f"Guides\n======\n\n.. toctree::\n\n{names}\n"
    (place / "pages" / "guides.rst").write_text(root, encoding="utf-8")
    # What the guides say of plugins leads nowhere here, so warnings are not looked at.
    command = [sphinx, "-Q", "-b", "html", "-c", str(SITE), "-D", "root_doc=guides"]
    subprocess.run([*command, str(place / "pages"), str(place / "built")], check=True)
    return place / "built"


class Permissions:
    """The page of permissions for somebody who types, chooses and follows links."""

    def __init__(self, driver: webdriver.Chrome, address: str, width: int = 1440) -> None:
        self.driver = driver
        browser.look(driver, width, 900, phone=width < 500)
        driver.get("about:blank")
        browser.visit(driver, address)
        WebDriverWait(driver, 120).until(lambda dummy: self.rows())

    def rows(self) -> list[list[str]]:
        """Return the rows that can be seen."""
        return t.cast("list[list[str]]", self.driver.execute_script(SHOWN))

    def type(self, words: str) -> None:
        field = self.driver.find_element(By.CSS_SELECTOR, ".filter input")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.BACKSPACE, words)

    def choose(self, job: str) -> None:
        Select(self.driver.find_element(By.CSS_SELECTOR, ".filter select")).select_by_value(job)

    def status(self) -> str:
        return self.driver.find_element(By.CSS_SELECTOR, ".filter [role=status]").text


@pytest.fixture
def page(driver: webdriver.Chrome, site: pathlib.Path) -> Permissions:
    return Permissions(driver, (site / "policies.html").as_uri())


def test_typing_filters_the_permissions(page: Permissions) -> None:
    assert (len(page.rows()), page.status()) == (ROWS, f"{ROWS} rows")
    page.type("RUNTASK")
    assert {row[1] for row in page.rows()} == {"ecs:RunTask"}
    assert (len(page.rows()), page.status()) == (STARTS, f"{STARTS} of {ROWS} rows")
    page.type("passrole scheduler")
    assert {row[1] for row in page.rows()} == {"iam:PassRole"}
    assert all("Scheduler" in row[2] for row in page.rows())
    page.type("nobody has this")
    assert (page.rows(), page.status()) == ([], f"0 of {ROWS} rows")
    page.type("")
    assert len(page.rows()) == ROWS


def test_one_job_can_be_chosen_and_be_filtered_further(page: Permissions) -> None:
    page.choose("drift")
    assert [row[:2] for row in page.rows()] == [["drift", need.action] for need in JOBS["drift"]]
    page.type("ecr")
    assert {row[1].partition(":")[0] for row in page.rows()} == {"ecr"}


def test_a_link_to_a_job_shows_its_actions_whatever_was_filtered(page: Permissions) -> None:
    page.type("nobody has this")
    (link,) = (
        link
        for link in page.driver.find_elements(By.CSS_SELECTOR, "a.reference")
        if link.text == "rollback" and "#" in (link.get_attribute("href") or "")
    )
    page.driver.execute_script("arguments[0].click()", link)
    assert {row[0] for row in page.rows()} == {"rollback"}
    assert len(page.rows()) == len(JOBS["rollback"])
    again = Permissions(page.driver, page.driver.current_url)
    assert {row[0] for row in again.rows()} == {"rollback"}


def test_without_scripts_the_table_is_whole(driver: webdriver.Chrome, site: pathlib.Path) -> None:
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page = Permissions(driver, (site / "policies.html").as_uri())
        assert driver.find_elements(By.CSS_SELECTOR, ".filter") == []
        seen = driver.find_elements(By.CSS_SELECTOR, "table.filterable tbody tr")
        assert len(seen) == ROWS
        assert seen[-1].is_displayed()
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert len(page.rows()) == ROWS


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_scrolls_sideways(driver: webdriver.Chrome, site: pathlib.Path, width: int) -> None:
    built = [path for path in (site, os.environ.get("STEADYSTATE_SITE")) if path]
    pages = [page for place in built for page in sorted(pathlib.Path(place).rglob("*.html"))]
    assert pages
    browser.look(driver, width, 900, phone=width < 500)
    wide = {}
    for page in pages:
        driver.get(page.as_uri())
        found = driver.execute_script(
            """
            const inner = document.querySelectorAll('article pre, article .table-wrapper');
            return [document.scrollingElement, ...inner]
              .filter((each) => each.scrollWidth > each.clientWidth + 1)
              .map((each) => `${each.tagName}: ${each.textContent.trim().slice(0, 60)}`)
            """
        )
        if found:
            wide[page.name] = found
    assert wide == {}
