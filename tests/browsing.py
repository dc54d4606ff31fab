"""Chromium without a window, for tests of pages.

Without chromium and chromedriver these tests are skipped; with DIPOLESCAN_REQUIRE_BROWSER=1 they fail.
"""

import os
import shutil
from contextlib import contextmanager

import pytest
from waiting import PATIENCE

NEEDED = ("chromium", "chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1000,900",
)  # fmt: skip


@contextmanager
def browser(profile):
    """The browser, with a profile in an empty folder."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        reason = f"{' and '.join(missing)} not found (Debian: chromium, chromium-driver)"
        if os.environ.get("DIPOLESCAN_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


def wait(driver, condition):
    """Until it is so."""
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.support.ui import WebDriverWait

    ignored = (StaleElementReferenceException, ValueError)  # the page was renewed meanwhile
    return WebDriverWait(driver, PATIENCE, 0.1, ignored).until(condition)


@contextmanager
def screen(driver, width, height=844):
    """A screen of another size, as of a phone."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        yield
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
