"""The page in a real browser: Chromium without a window (see tests/browsing.py)."""

import pytest
import watching
from browsing import browser, screen, wait
from watching import HOSTILE, page

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """The browser, with an empty profile."""
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def ledger(tmp_path):
    with watching.queue(tmp_path) as ledger:
        yield ledger


@pytest.fixture
def browse(driver, ledger, tmp_path):
    """The browser at the page of the queue; the page must do nothing that its own policy forbids."""
    with page(tmp_path) as address:
        driver.get_log("browser")
        driver.get(address)
        yield driver
        assert driver.get_log("browser") == []
        driver.get("about:blank")


def all(driver, selector):
    return driver.find_elements("css selector", selector)


def one(driver, selector):
    (found,) = all(driver, selector)
    return found


def test_it_shows_the_scans(browse):
    assert browse.title == "dipolescan"
    names = [a.text for a in all(browse, ".scan .name")]
    assert names == ["at-work", "later", "given-up", "bad", "good"]
    assert "about 5 min left" in one(browse, ".scan.running").text
    assert one(browse, ".scan.running progress").get_property("position") == 0.25
    width = one(browse, ".scan.running progress").size["width"]
    assert width > 300  # the style is there


def test_progress_goes_on_by_itself(browse, ledger):
    ledger.update("at-work", blocks_done=150)
    wait(browse, lambda d: one(d, ".scan.running progress").get_property("position") == 0.75)
    assert "75 %" in one(browse, ".scan.running").text
    ledger.update("at-work", "done", state="done")
    wait(browse, lambda d: not all(d, ".scan.running"))


def test_a_click_opens_a_scan(browse, ledger):
    one(browse, ".scan.failed .name").click()
    wait(browse, lambda d: d.current_url.endswith("/scan/bad"))
    assert one(browse, "h1").text == "bad"
    assert [e.text for e in all(browse, ".history b")] == ["submitted", "failed"]
    first, second = all(browse, "details pre")
    assert not first.is_displayed()
    all(browse, "summary")[0].click()
    assert first.is_displayed()
    assert first.text == watching.TRACEBACK
    ledger.update("bad", "retry", "ada", state="queued", message="")
    wait(browse, lambda d: len(all(d, ".history li")) == 3)
    first, second = all(browse, "details pre")  # those of the new page
    assert first.is_displayed()
    assert not second.is_displayed()
    browse.find_element("link text", "All scans").click()
    wait(browse, lambda d: len(all(d, ".scan.queued")) == 2)


def test_a_service_that_is_gone_is_told(driver, ledger, tmp_path):
    with page(tmp_path) as address:
        driver.get(address)
        assert not one(driver, "#silent").is_displayed()
    wait(driver, lambda d: one(d, "#silent").is_displayed())
    assert len(all(driver, ".scan")) == 5  # the last look
    driver.get_log("browser")  # it tells of the refused connection


def test_hostile_names_do_nothing(browse, ledger):
    watching.add(ledger, HOSTILE, "failed", who=HOSTILE, name=HOSTILE, message=HOSTILE)
    ledger.update(HOSTILE, HOSTILE, HOSTILE, HOSTILE, store=HOSTILE)
    ledger.set_failures(HOSTILE, [(HOSTILE, HOSTILE, HOSTILE)])
    wait(browse, lambda d: len(all(d, ".scan")) == 6)  # put in by the script
    browse.refresh()  # and by the parser
    shown = HOSTILE.replace("\u202e", "")
    link = next(a for a in all(browse, ".scan .name") if shown in a.text.replace("\u202e", ""))
    link.click()
    wait(browse, lambda d: "/scan/%3Cscript%3E" in d.current_url)
    assert shown in one(browse, "h1").text.replace("\u202e", "")
    assert browse.title != "broken"
    assert all(browse, "#broken, main script, main img") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_it_can_be_read_on_a_phone_by_day_and_night(browse, ledger, scheme, width):
    watching.add(ledger, "a-very-long-name-" * 7, "running", who="somebody", blocks=10**6)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browse.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    with screen(browse, width, 700):
        browse.refresh()
        assert browse.execute_script("return document.documentElement.scrollWidth") <= width
        for selector in ("body", ".user", ".failed > .state", ".done > .state", ".name"):
            assert contrast(browse, selector) >= 4.5  # WCAG 2.2, success criterion 1.4.3
        assert (luminance(browse, "body", "backgroundColor") < 0.5) == (scheme == "dark")
    browse.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def luminance(driver, selector, which):
    """Relative luminance as WCAG 2.2 defines it; colours are opaque."""
    script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    words = driver.execute_script(script, selector, which)
    levels = [int(x) / 255 for x in words.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(driver, selector):
    """Of a text with the ground that it stands on."""
    ground = "body" if selector == "body" else ".scan"
    pair = (
        luminance(driver, selector, "color"),
        luminance(driver, ground, "backgroundColor"),
    )
    return (max(pair) + 0.05) / (min(pair) + 0.05)
