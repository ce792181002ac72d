# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift report's page works in a browser: clicks, filters, search, print.

STEADYSTATE_SCREENSHOTS names a directory for the pictures; those of the documentation are made by

    make integration ARGS="tests/integration/test_drift_page.py -k pictures"
"""

from __future__ import annotations

import base64
import json
import os
import pathlib
import re
import typing as t

import browser
import pytest
from conftest import SPEED, Ecs
from ecs_simulator import Simulator
from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.wait import WebDriverWait

from ansible_collections.steadystate.ecs.plugins.plugin_utils._report import document, history
from ansible_collections.steadystate.ecs.tests.utils.fleets import (
    HOSTILE,
    answer,
    hostile,
    of_many,
    service,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver.remote.webelement import WebElement

FLEET: t.Final = of_many(2000)
# The last night one service is mended, one is deleted, and one drifts.
NIGHTS: t.Final = [
    [service("production", name, "in_sync") for name in ("cart", "web")],
    *[
        [
            service("production", "cart", "definition_drift"),
            service("production", "web", "task_drift"),
            service("production", "old", "undeclared"),
        ]
    ]
    * 2,
    [
        service("production", "cart", "definition_drift", "service_drift"),
        service("production", "web", "in_sync"),
    ],
]
# Ansible itself refuses halves of surrogate pairs.
ATTACKS: t.Final = [hostile(text) for text in HOSTILE if "\ud83d" not in text]
LARGEST_PICTURE: t.Final = 200_000


def attention(services: list[dict[str, t.Any]], *kinds: str) -> list[str]:
    """The names of the services that are not fine, or that have one of these kinds."""
    if kinds:
        return [found["service"] for found in services if set(kinds) & set(found["kinds"])]
    return [
        found["service"]
        for found in services
        if set(found["kinds"]) - {"in_sync", "image_deployed", "deploying"}
    ]


class Page:
    """The page as somebody uses it who can see, point and type."""

    def __init__(self, driver: webdriver.Chrome, path: pathlib.Path) -> None:
        self.driver = driver
        self.address = path.as_uri()
        self.look()
        browser.visit(self.driver, self.address)

    def look(
        self, width: int = 1280, height: int = 860, scheme: str = "light", *, phone: bool = False
    ) -> None:
        """Look at it in a window of this size, as somebody who prefers light or dark."""
        browser.look(self.driver, width, height, scheme, phone=phone)

    def follow(self, cluster: str, service: str) -> None:
        """Open a link to a service that somebody has sent."""
        self.driver.get("about:blank")
        browser.visit(self.driver, f"{self.address}#{cluster}/{service}")

    def ask(self, script: str) -> t.Any:
        return self.driver.execute_script(script)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """Wait for it: a page follows a link to a part of itself a moment after the click."""
        there = expected_conditions.presence_of_element_located((By.CSS_SELECTOR, selector))
        return WebDriverWait(self.driver, 120).until(there)

    def texts(self, selector: str) -> list[str]:
        return t.cast(
            "list[str]",
            self.ask(
                f"return [...document.querySelectorAll({json.dumps(selector)})].map((found) => found.textContent)"
            ),
        )

    def names(self) -> list[str]:
        """The services that are listed, after scrolling to the end of the list."""
        while self.one("#more").is_displayed():
            self.ask("document.querySelector('#more').click()")
        return self.texts(".row .name b")

    def listed(self) -> str:
        return self.one("#status").text

    def chip(self, label: str) -> WebElement:
        return next(chip for chip in self.all(".chip") if chip.text.startswith(label))

    def search(self, words: str) -> None:
        self.one("#search").clear()
        self.one("#search").send_keys(words)

    def open(self, name: str) -> WebElement:
        """Click on a service; its details."""
        item = next(
            item
            for item in self.all("#services > li")
            if item.find_element(By.CSS_SELECTOR, ".name b").text == name
        )
        item.find_element(By.CSS_SELECTOR, ".row").click()
        return item.find_element(By.CSS_SELECTOR, ".detail")

    def open_all(self) -> None:
        """Click on every service that is listed."""
        self.names()
        self.ask("for (const row of document.querySelectorAll('.row')) row.click()")

    def focused(self) -> str:
        return str(self.ask("return document.activeElement.id || document.activeElement.className"))

    def type(self, *keys: str) -> None:
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def background(self) -> list[int]:
        """Red, green and blue of the page."""
        return [
            int(number)
            for number in re.findall(
                r"\d+", self.ask("return getComputedStyle(document.body).backgroundColor")
            )
        ][:3]

    def requests(self) -> list[str]:
        """Return what the page has loaded since the last look, without refused requests."""
        messages = [
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        ]
        refused = {
            message["params"]["requestId"]
            for message in messages
            if message["params"].get("blockedReason") == "csp"
        }
        sent = [
            message["params"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
        return [
            request["request"]["url"] for request in sent if request["requestId"] not in refused
        ]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser.started(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


def month() -> bytes:
    """The history of 30 nights in which a fleet drifts, and is mended on Mondays."""
    content = b""
    for night in range(1, 31):
        seen = [
            service(each["cluster"], each["service"], "in_sync")
            if number % 7 < night % 7 and night % 7
            else each
            for number, each in enumerate(FLEET)
        ]
        report = document.assembled(
            {**answer(seen), "clusters": ["production"]},
            generated_at=f"2026-10-{night:02}T02:00:00Z",
            fail_on=[],
        )
        run = history.recorded(report, history.read(content))
        content = history.appended(content, run, history.KEPT)
    return content


@pytest.fixture(scope="module")
def reports(
    tmp_path_factory: pytest.TempPathFactory, collections: pathlib.Path
) -> dict[str, pathlib.Path]:
    """Write pages of a fleet with and without hostile services by a playbook."""
    directory = tmp_path_factory.mktemp("reports")
    fleets = {"fleet": FLEET, "attacked": [*FLEET, *ATTACKS]}

    def options(ecs: Ecs, name: str, services: list[dict[str, t.Any]]) -> dict[str, t.Any]:
        # As the result of a module, no text of this is ever taken for a template.
        found = ecs.file(f"{name}.json", {**answer(services), "clusters": ["production"]})
        drift = f"{{{{ lookup('ansible.builtin.file', '{found}') | from_json }}}}"
        return {"drift": drift, "directory": name, "fail_on": ["missing", "definition_drift"]}

    (directory / "month").mkdir()
    (directory / "month" / history.FILE).write_bytes(month())
    fleets["month"] = FLEET

    with Simulator(speed=SPEED) as simulator:
        ecs = Ecs(simulator, directory, collections)
        nights = {
            f"night{number}": {**options(ecs, f"night{number}", services), "directory": "nights"}
            for number, services in enumerate(NIGHTS)
        }
        ecs.play(
            [
                {"steadystate.ecs.drift_report": options(ecs, name, services)}
                for name, services in fleets.items()
            ]
            + [{"steadystate.ecs.drift_report": night} for night in nights.values()]
        ).succeeded()
    return {name: directory / name / "drift.html" for name in (*fleets, "nights")}


@pytest.fixture
def page(driver: webdriver.Chrome, reports: dict[str, pathlib.Path]) -> Page:
    return Page(driver, reports["fleet"])


@pytest.fixture
def attacked(driver: webdriver.Chrome, reports: dict[str, pathlib.Path]) -> Page:
    return Page(driver, reports["attacked"])


def test_what_is_wrong_and_where_is_on_the_first_screen(page: Page) -> None:
    wrong = attention(FLEET)

    assert page.one("h1").text == f"{len(wrong)} of 2,000 services need attention"
    written, *facts = page.texts("#facts span")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", written)
    assert facts == [
        "8 clusters",
        "2,204 API calls (2 throttled)",
        "read in 12.4 s",
        "fails on missing, definition drift",
    ]
    assert page.one(".cluster").text.split("\n")[0] == "production"
    assert {row.find_element(By.CSS_SELECTOR, ".badges").text for row in page.all(".row")[:5]} <= {
        "missing",
        "unreadable",
    }
    assert sorted(page.names()) == sorted(wrong)
    assert page.driver.get_log("browser") == []


def test_chips_clusters_search_and_order_narrow_the_list_and_each_other(page: Page) -> None:
    page.chip("definition drift").click()
    assert sorted(page.names()) == sorted(attention(FLEET, "definition_drift"))
    page.chip("missing").click()
    assert sorted(page.names()) == sorted(attention(FLEET, "definition_drift", "missing"))
    next(cluster for cluster in page.all(".cluster") if cluster.text.startswith("staging")).click()
    staging = [found for found in FLEET if found["cluster"] == "staging"]
    assert sorted(page.names()) == sorted(attention(staging, "definition_drift", "missing"))
    assert page.chip("tag moved").text == f"tag moved\n{len(attention(staging, 'tag_moved'))}"
    assert page.listed() == f"{len(page.names())} services of 2,000"
    page.one("#reset").click()
    assert sorted(page.names()) == sorted(attention(FLEET))

    page.chip("All").click()
    wanted = FLEET[1234]
    page.search(f"{wanted['images'][0]['live'].upper()} {wanted['tags']['team']}")
    assert page.names() == [wanted["service"]]
    page.search("healthcheckgrace")
    grace = [
        found["service"]
        for found in FLEET
        if any(each["path"] == "healthCheckGracePeriodSeconds" for each in found["differences"])
    ]
    assert sorted(page.names()) == sorted(grace)
    page.search("nobody has this")
    assert (page.names(), page.one("#empty").is_displayed()) == ([], True)
    page.type(Keys.ESCAPE)

    page.one("#sort option[value=differences]").click()
    differences = {found["service"]: len(found["differences"]) for found in FLEET}
    assert [differences[name] for name in page.names()] == sorted(
        (differences[name] for name in attention(FLEET)), reverse=True
    )
    page.one("#sort option[value=service]").click()
    assert page.names() == sorted(attention(FLEET))


def test_of_thousands_only_what_is_looked_at_is_built(page: Page) -> None:
    page.chip("All").click()
    assert page.listed() == "2,000 services"
    built = len(page.all(".row"))
    assert built < 400

    figures = page.ask(
        """
        const search = document.getElementById("search"), figures = [];
        for (const words of ["w", "we", "web", "web-1", "web-19", "", "log_level", "registry.example/cart", ""]) {
          const began = performance.now();
          search.value = words;
          search.dispatchEvent(new Event("input"));
          document.body.offsetHeight;
          figures.push(Math.round(performance.now() - began));
        }
        return figures;
        """
    )
    print(f"milliseconds to filter 2,000 services and lay the page out: {figures}")
    page.ask("scrollTo(0, document.body.scrollHeight)")
    assert len(page.names()) == 2000


def test_a_link_to_a_service_opens_it_with_both_sides(page: Page) -> None:
    page.follow("production", "checkout")

    detail = page.one(".detail")
    assert page.ask(
        "return document.activeElement.nextElementSibling === document.querySelector('.detail')"
    ), "the keyboard is there, too"
    rows = {
        row.find_element(By.CSS_SELECTOR, ".path").text: row
        for row in detail.find_elements(By.CSS_SELECTOR, ".differences tbody tr")
    }
    shown = {
        path: [cell.text for cell in row.find_elements(By.TAG_NAME, "td")[1:]]
        for path, row in rows.items()
    }
    assert shown["memory"] == ["1024", "2048"]
    assert shown["containerDefinitions[app].environment[LOG_LEVEL]"] == ["(hidden)", "(hidden)"]
    assert shown["containerDefinitions[app].environment[FEATURE_CART]"] == ["not set", "(hidden)"]
    assert [row.find_element(By.CSS_SELECTOR, ".change").text for row in rows.values()] == [
        "~ changed",
        "+ added",
        "~ changed",
        "− removed",  # noqa: RUF001
        "~ changed",
    ]
    image = rows["containerDefinitions[app].image"]
    assert [mark.text for mark in image.find_elements(By.TAG_NAME, "mark")] == ["-hotfix"]

    page.follow("production", "web")
    assert page.one(".row[aria-expanded=true] b").text == "web", (
        "a link leads to a service that is fine, too"
    )
    page.one(".row[aria-expanded=true]").click()
    assert page.all(".detail") == []


def test_lists_mark_their_members_and_tasks_show_what_runs(page: Page) -> None:
    page.follow("production", "payments")
    assert page.texts(".detail tr:has(.path) mark")[:2] == ["subnet-0d", "subnet-0c"]
    page.follow("production", "mail")
    assert "sha256:5891b5" in page.one(".detail").text
    assert "sha256:e258d2" in page.one(".detail").text
    page.follow("production", "ledger")
    assert (
        page.one(".bad").text
        == "Access denied: ecs:DescribeServices on services ledger of cluster production."
    )


def test_hostile_text_is_text_in_every_field(attacked: Page) -> None:
    attacked.requests()
    browser.visit(attacked.driver, attacked.address)
    attacked.chip("definition drift").click()
    tags = (
        "return [...new Set([...document.querySelectorAll('*')].map((found) => found.localName))]"
    )
    before = set(attacked.ask(tags))
    attacked.open_all()

    assert len(attacked.all(".detail")) == len(attention([*FLEET, *ATTACKS], "definition_drift"))
    assert set(attacked.ask(tags)) - before == {
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "colgroup",
        "col",
        "h3",
        "pre",
        "mark",
    }
    assert attacked.ask("return window.pwned === undefined")
    with pytest.raises(NoAlertPresentException):
        attacked.driver.switch_to.alert.dismiss()
    for selector in (
        ".name b",
        ".name span",
        ".said",
        ".detail .path",
        ".detail dd",
        ".cluster .given",
    ):
        shown = set(attacked.texts(selector))
        for text in HOSTILE[:12]:
            assert text in shown or not text.strip(), (selector, text)
    assert any("\\u{202e}" in text for text in attacked.texts(".name b")), (
        "what would turn the text around is spelled out"
    )
    assert not any(
        letter in "".join(attacked.texts(".name b")) for letter in "\u202e\x00\x1b\u200b"
    )
    assert attacked.requests() == [attacked.address]
    assert attacked.driver.get_log("browser") == []


def test_even_a_script_that_got_in_could_not_run_nor_call_home(page: Page) -> None:
    page.requests()
    page.ask(
        "const script = document.createElement('script'); script.textContent = 'window.pwned = 1'; document.body.append(script)"
    )
    page.ask(
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"https://pwned.example/x.png\" onerror=\"window.pwned = 1\"><style>body{color:red}</style>')"
    )
    asked = page.driver.execute_async_script(
        "const done = arguments[0]; fetch('https://pwned.example').then(() => done('answered'), () => done('refused'))"
    )
    assert asked == "refused"
    assert page.ask("return window.pwned === undefined")
    assert page.requests() == []
    assert len(page.driver.get_log("browser")) >= 3, "the browser tells that it refused"


@pytest.fixture
def nights(driver: webdriver.Chrome, reports: dict[str, pathlib.Path]) -> Page:
    return Page(driver, reports["nights"])


def test_the_trend_of_nights_is_shown_with_what_is_new_and_gone(nights: Page) -> None:
    title = nights.one("#trend-title").text
    assert re.fullmatch(r"1 new and 2 gone since \d{4}-\d\d-\d\d \d\d:\d\d UTC", title), title
    assert [item.text.replace("\n", " ") for item in nights.all(".charts li")] == [
        "definition drift 1 no change",
        "service drift 1 +1",
        "task drift 0 −1",  # noqa: RUF001
        "undeclared 0 −1",  # noqa: RUF001
    ]
    heights = """
        return [...document.querySelectorAll('.charts svg')].map((chart) =>
          [...chart.querySelectorAll('rect')].map((bar) => Math.round(bar.getBoundingClientRect().height)))
        """
    assert [[bool(height) for height in bars] for bars in nights.ask(heights)] == [
        [False, True, True, True],
        [False, False, False, True],
        [False, True, True, False],
        [False, True, True, False],
    ]
    assert [item.text for item in nights.all(".news li")] == [
        "production/cart\nservice drift",
        "production/old\nundeclared",
        "production/web\ntask drift",
    ]
    assert [link.text for link in nights.all(".news a")] == ["production/cart", "production/web"]
    nights.one(".news a").click()
    assert nights.one(".row[aria-expanded=true] b").text == "cart"
    nights.one("#trend details summary").click()
    numbers = [row.text for row in nights.all("#trend tbody tr")]
    assert [re.sub(r"^\S+ \S+ UTC\s+(\d+)\s+", r"\1 ", row) for row in numbers] == [
        "2 1 definition drift, 1 service drift, 1 in sync",
        *["3 1 definition drift, 1 task drift, 1 undeclared"] * 2,
        "2 2 in sync",
    ]
    assert nights.driver.get_log("browser") == []


def test_the_trend_is_told_in_words_to_whoever_cannot_see_it(nights: Page) -> None:
    nights.driver.execute_cdp_cmd("Accessibility.enable", {})
    tree = nights.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    nights.driver.execute_cdp_cmd("Accessibility.disable", {})
    charts = [
        node["name"]["value"]
        for node in tree
        if not node["ignored"]
        and node["role"]["value"] == "image"
        and " runs" in node["name"]["value"]
    ]
    assert charts == [
        "definition drift: 1 now, 1 in the run before, between 0 and 1 in 4 runs",
        "service drift: 1 now, 0 in the run before, between 0 and 1 in 4 runs",
        "task drift: 0 now, 1 in the run before, between 0 and 1 in 4 runs",
        "undeclared: 0 now, 1 in the run before, between 0 and 1 in 4 runs",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_trend_can_be_read_light_dark_and_on_a_phone(nights: Page, scheme: str) -> None:
    nights.look(390, 844, scheme, phone=True)
    browser.visit(nights.driver, nights.address)
    nights.ask("for (const found of document.querySelectorAll('details')) found.open = true")
    assert nights.ask("return document.documentElement.scrollWidth") == 390
    wide = "return [...document.querySelectorAll('.trend *')].filter((found) => found.getBoundingClientRect().right > 391).length"
    assert nights.ask(wide) == 0
    # Graphics need a contrast of 3 (WCAG 2.1, 1.4.11).
    contrasts = nights.ask(
        """
        const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const luminance = (colour) => {
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
          const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((part) => part / 255)
            .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const behind = luminance(getComputedStyle(document.getElementById('trend')).backgroundColor);
        return [...document.querySelectorAll('.charts rect')].map((bar) => luminance(getComputedStyle(bar).fill))
          .map((bar) => (Math.max(bar, behind) + 0.05) / (Math.min(bar, behind) + 0.05));
        """
    )
    assert len(contrasts) == 16
    assert min(contrasts) >= 3


def test_the_first_run_says_that_the_trend_begins(page: Page) -> None:
    assert page.one("#trend-title").text == "Trend"
    page.one("#trend-title").click()
    assert "first run" in page.one("#trend-content").text
    assert page.all(".charts") == []


def test_light_and_dark_follow_the_system_until_somebody_chooses(page: Page) -> None:
    assert min(page.background()) > 200
    page.look(scheme="dark")
    assert max(page.background()) < 50
    page.one("#theme").click()
    assert min(page.background()) > 200
    page.look(scheme="light")
    page.one("#theme").click()
    assert max(page.background()) < 50


def test_a_phone_needs_no_sideways_scrolling(attacked: Page) -> None:
    attacked.look(390, 844, phone=True)
    browser.visit(attacked.driver, attacked.address)
    assert attacked.one(".row .name b").is_displayed()
    attacked.chip("definition drift").click()
    attacked.open_all()
    attacked.ask("for (const found of document.querySelectorAll('details')) found.open = true")
    assert attacked.ask("return document.documentElement.scrollWidth") == 390
    wide = "return [...document.querySelectorAll('.detail *, .row *, .cluster, .chip')].filter((found) => found.getBoundingClientRect().right > 391).length"
    assert attacked.ask(wide) == 0


def test_print_has_what_is_listed_opened_and_no_controls(page: Page) -> None:
    page.chip("service drift").click()
    listed = len(page.names())
    page.ask(
        "addEventListener('beforeprint', () => { window.printed = document.querySelectorAll('.detail').length })"
    )

    paper = base64.b64decode(page.driver.execute_cdp_cmd("Page.printToPDF", {})["data"])

    assert paper.startswith(b"%PDF")
    assert page.ask("return window.printed") == listed
    assert page.all(".detail") == []
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not any(
        page.one(selector).is_displayed()
        for selector in ("#search", "#kinds", "#theme", "#clusters")
    )
    assert page.one("h1").is_displayed()
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_keyboard_is_enough(page: Page) -> None:
    page.one("body").send_keys("/")
    assert page.focused() == "search"
    page.type("checkout", Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert page.focused() == "row"
    page.type(Keys.ENTER)
    assert len(page.all(".row[aria-expanded=true]")) == len(page.all(".detail")) == 1
    page.type(Keys.ARROW_UP, Keys.ARROW_UP)
    page.one("#sort").send_keys(Keys.ESCAPE)
    assert sorted(page.names()) == sorted(attention(FLEET))
    page.chip("missing").send_keys(Keys.ENTER)
    assert page.chip("missing").get_attribute("aria-pressed") == "true"
    assert page.ask("return document.activeElement.textContent").startswith("missing"), (
        "focus stays where the key was pressed"
    )
    page.one(".cluster").send_keys(Keys.ENTER)
    assert page.one(".cluster[aria-pressed=true]") == page.driver.switch_to.active_element


def test_whoever_cannot_see_is_told_what_everything_is(page: Page) -> None:
    page.follow("production", "cart")
    page.driver.execute_cdp_cmd("Accessibility.enable", {})
    tree = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    page.driver.execute_cdp_cmd("Accessibility.disable", {})
    roles = {"button", "searchbox", "combobox", "link", "image", "heading", "region"}
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert {role for role, _name in named} == roles
    assert [role for role, name in named if not name] == []
    summed = next(name for role, name in named if role == "image")
    assert sum(map(int, re.findall(r"\d+", summed))) == len(FLEET), summed


def test_pictures_of_the_page(
    driver: webdriver.Chrome, reports: dict[str, pathlib.Path], tmp_path: pathlib.Path
) -> None:
    page = Page(driver, reports["month"])
    place = pathlib.Path(os.environ.get("STEADYSTATE_SCREENSHOTS") or tmp_path)

    def picture(name: str) -> pathlib.Path:
        path = place / f"drift-report-{name}.png"
        path.write_bytes(
            base64.b64decode(
                page.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            )
        )
        return path

    page.chip("definition drift").click()
    page.open("cart")
    page.ask("document.activeElement.blur(); scrollTo(0, 0)")
    light = picture("light")
    page.look(scheme="dark")
    browser.visit(page.driver, page.address)
    dark = picture("dark")
    page.look(390, 844, phone=True)
    page.follow("production", "cart")
    phone = picture("phone")

    sizes = [path.stat().st_size for path in (light, dark, phone)]
    assert all(10_000 < size < LARGEST_PICTURE for size in sizes), sizes
