# Copyright: (c) 2026, steadystate.ecs contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser without a window, which asks nothing of the network by itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import typing as t

import pytest
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

if t.TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

PROGRAMS: t.Final = ("chromium", "chromedriver")
FLAGS: t.Final = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)


@contextlib.contextmanager
def started(directory: pathlib.Path) -> Iterator[webdriver.Chrome]:
    """Start the browser with an empty profile; skip the test where there is none."""
    programs = [shutil.which(program) for program in PROGRAMS]
    if not all(programs):
        missing = (
            "needs chromium and chromedriver (of Debian: apt-get install chromium chromium-driver)"
        )
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    options = webdriver.ChromeOptions()
    options.binary_location = str(programs[0])
    for flag in (*FLAGS, f"--user-data-dir={directory}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(
        options=options, service=webdriver.ChromeService(str(programs[1]))
    ) as driver:
        yield driver


def look(
    driver: webdriver.Chrome, width: int, height: int, scheme: str = "light", *, phone: bool = False
) -> None:
    """Make the window of this size, for somebody who prefers light or dark."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )


def visit(driver: webdriver.Chrome, address: str) -> None:
    """Open a page and wait until it is laid out, which takes a busy machine a moment."""
    driver.get(address)
    WebDriverWait(driver, 120).until(
        lambda driver: driver.execute_script(
            "return document.readyState === 'complete' && location.href.startsWith(arguments[0])"
            " && document.body.getBoundingClientRect().height > 0",
            address.partition("#")[0],
        )
    )
