"""The explorer in a real browser: each control, stores that change, links, files, and a page without a server."""

import dipolescan
import pytest
import toys
from browsing import browser, screen, wait

from scanner.explorer.view import from_link

pytestmark = [pytest.mark.long, pytest.mark.browser]
SPEC = toys.changed(toys.SMALL, axes__a=[0.0, 1.0, 2.0])
DEEP = """
const found = [];
function look(root) {
  for (const each of root.querySelectorAll("*")) {
    if (each.matches(arguments_[0]) && each.checkVisibility()) found.push(each);
    if (each.shadowRoot) look(each.shadowRoot);
  }
}
const arguments_ = arguments;
look(document);
return found;
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """The browser, with an empty profile."""
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def folder(spectra_root, tmp_path_factory):
    """Two stores: a finished one, and one with two blocks of five."""
    folder = tmp_path_factory.mktemp("stores")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        toys.fill(SPEC, folder / "toy.zarr")
        toys.fill(toys.changed(SPEC, name="filling"), folder / "filling.zarr", blocks=range(2))
    return folder


@pytest.fixture(scope="module")
def served(folder):
    with dipolescan.explore(folder / "toy.zarr", port=0) as page:
        yield page.address


@pytest.fixture
def browse(driver):
    """The browser; whatever it shows does nothing that the page's own policy forbids."""
    driver.get_log("browser")
    yield driver
    severe = [e["message"] for e in driver.get_log("browser") if e["level"] == "SEVERE"]
    assert severe == []
    driver.get("about:blank")


def deep(driver, selector):
    """Elements that are shown, also those in Bokeh's shadow trees."""
    return driver.execute_script(DEEP, selector)


def opened(driver, address, query=""):
    driver.get(f"{address}?{query}" if query else address)
    wait(driver, lambda d: d.execute_script("return document.documentElement.dataset.ready"))
    wait(driver, lambda d: deep(d, "input[type=checkbox]"))


def view(driver):
    return from_link(driver.current_url)


def text(driver, part):
    """Of a part of the page, with what is in shadow trees."""
    (root,) = driver.find_elements("css selector", part)
    return driver.execute_script(
        "const words = n => [...n.childNodes].map(c => c.nodeType == 3 ? c.data : c.localName == 'style' ? '' "
        ": words(c) + ' ').join('') + (n.shadowRoot ? words(n.shadowRoot) : ''); return words(arguments[0]);",
        root,
    )


def press(driver, number, key):
    """A key on one of the sliders that are shown."""
    deep(driver, ".noUi-handle")[number].send_keys(key)


def write(driver, number, words):
    """In place of what stands in one of the boxes that are shown."""
    from selenium.webdriver.common.keys import Keys

    box = deep(driver, "input[type=text]")[number]
    box.send_keys(Keys.END, *[Keys.BACKSPACE] * len(box.get_property("value")), words, Keys.TAB)


def choose(driver, number, value):
    from selenium.webdriver.support.ui import Select

    Select(deep(driver, "select")[number]).select_by_value(value)


def lines(driver):
    """Points of all lines that are drawn."""
    return driver.execute_script(
        "const doc = Bokeh.documents[0]; const plot = doc.get_model_by_name('picture'); "
        "return plot.renderers.filter(r => r.glyph.type == 'MultiLine')"
        ".flatMap(r => [...r.data_source.data.ys].map(y => [...y]));"
    )


def test_each_control_changes_lines_and_link(browse, served):
    from selenium.webdriver.common.keys import Keys

    opened(browse, served)
    assert view(browse).searches == ("FASER2", "FACET")
    before = lines(browse)
    deep(browse, "input[type=checkbox]")[0].click()
    wait(browse, lambda d: view(d).searches == ("FACET",))
    assert "FASER2" not in text(browse, "#tables")
    assert len(lines(browse)) < len(before)
    before = lines(browse)
    choose(browse, 0, "tau")
    wait(browse, lambda d: view(d).axes["flavor"] == "tau")
    assert lines(browse) != before
    press(browse, 0, Keys.ARROW_RIGHT)
    wait(browse, lambda d: view(d).axes["a"] == "1")
    before = lines(browse)
    press(browse, 1, Keys.ARROW_RIGHT)
    wait(browse, lambda d: view(d).exposure == 1.1)
    assert lines(browse) != before
    choose(browse, 1, "fixed-count")
    wait(browse, lambda d: len(deep(d, ".noUi-handle")) == 3)
    press(browse, 1, Keys.ARROW_RIGHT)
    wait(browse, lambda d: view(d).events == 3.2)
    assert "3.2 events" in text(browse, "#tables")
    choose(browse, 1, "poisson")
    wait(browse, lambda d: view(d).method == "poisson")
    press(browse, 1, Keys.ARROW_LEFT)
    wait(browse, lambda d: view(d).confidence_level == 0.94)
    assert view(browse).events is None


def test_background_observed_and_band(browse, served):
    """Numbers in boxes, a menu for the band; emptied, the search's own are back."""
    opened(browse, served, "search=FACET&method=cls")
    before = lines(browse)
    for number, name in enumerate(("background", "observed")):
        write(browse, number, "9")
        wait(browse, lambda d, name=name: getattr(view(d), name) == 9.0)
    after = lines(browse)
    assert after != before
    choose(browse, 2, "20%")
    wait(browse, lambda d: view(d).background_uncertainty == 0.2)
    wait(browse, lambda d: len(lines(d)) == 3 * len(after))
    assert " to " in text(browse, "#tables")
    choose(browse, 2, "no band")
    wait(browse, lambda d: view(d).background_uncertainty is None)
    write(browse, 0, "-1")
    wait(browse, lambda d: view(d).background in (0.0, 9.0))
    for number in (0, 1):
        write(browse, number, "")
    wait(browse, lambda d: (view(d).background, view(d).observed) == (None, None))
    wait(browse, lambda d: lines(d) == before)


def test_the_point_under_the_pointer_and_one_that_is_tapped(browse, served):
    from selenium.webdriver import ActionChains

    opened(browse, served)
    (plot,) = browse.find_elements("css selector", "#plot")
    ActionChains(browse).move_to_element(plot).perform()
    wait(browse, lambda d: "events at this point" in text(d, "#tables"))
    assert "pi0" in text(browse, "#tables")
    assert view(browse).at is None
    ActionChains(browse).move_to_element_with_offset(plot, 20, 20).click().perform()
    wait(browse, lambda d: view(d).at is not None)
    at = view(browse).at
    ActionChains(browse).move_to_element_with_offset(plot, 60, 20).perform()
    assert view(browse).at == at
    next(b for b in deep(browse, "button") if b.text == "Follow the pointer").click()
    wait(browse, lambda d: view(d).at is None)


def test_a_link_restores_the_view(browse, served):
    query = "search=FACET&axis.flavor=tau&axis.a=2&method=poisson&confidence_level=0.9&exposure=2&at=0.05,3e-06"
    opened(browse, served, query)
    boxes = [box.is_selected() for box in deep(browse, "input[type=checkbox]")]
    assert boxes == [False, True]
    assert [menu.get_property("value") for menu in deep(browse, "select")] == [
        "tau",
        "poisson",
        "no band",
    ]
    controls = text(browse, "#controls")
    assert all(word in controls for word in ("a: 2", "Confidence level: 0.9", "own: 2"))
    assert "m_N = 0.05 GeV" in text(browse, "#tables")
    shown, first = view(browse), lines(browse)
    opened(browse, browse.current_url)
    assert view(browse) == shown
    assert lines(browse) == first
    assert text(browse, "#messages").strip() == ""


def test_a_link_of_another_store_is_told(browse, served):
    opened(browse, served, "cube=other:123&axis.flavor=tau&search=NONE")
    said = text(browse, "#messages")
    assert "The link is of another cube, other:123; this is toy:" in said
    assert "This cube has no search 'NONE'." in said


def test_every_file_can_be_had(browse, served):
    opened(browse, served, "search=FACET&axis.flavor=tau")
    found = browse.execute_async_script(
        "const done = arguments[0]; Promise.all([...document.querySelectorAll('a[data-file]')]"
        ".filter(a => !/figure|hepdata/.test(a.href))  // made by the same function, slowly\n"
        ".map(a => fetch(a.href).then(r => r.blob().then(b => [a.href, r.status, b.size])))).then(done);"
    )
    assert len(found) == 3
    for address, status, size in found:
        assert "axis.flavor=tau" in address
        assert status == 200
        assert size > 500


def test_a_page_without_a_server(browse, folder, cli, tmp_path):
    file = tmp_path / "view.html"
    assert cli("explore", folder / "toy.zarr", "-o", file, "--view", "axis.flavor=tau")[0] == 0
    browse.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    browse.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    try:
        browse.get(file.as_uri())
        wait(browse, lambda d: deep(d, "canvas"))
        assert len(lines(browse)) >= 2
        assert "flavor = tau" in text(browse, "body")
        assert "cube toy" in text(browse, "body")
        with screen(browse, 390):
            assert browse.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        online = offline | {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
        browse.execute_cdp_cmd("Network.emulateNetworkConditions", online)


@pytest.mark.parametrize("width", [320, 390])
def test_it_can_be_used_on_a_phone(browse, served, width):
    with screen(browse, width):
        opened(browse, served, "at=0.05,3e-06")
        wait(browse, lambda d: "pi0" in text(d, "#tables"))
        assert browse.execute_script("return document.documentElement.scrollWidth") <= width
        plot = deep(browse, "canvas")[0].rect
        assert plot["width"] > 0.85 * width
        assert plot["height"] > 250


def test_stores_that_fill_vanish_and_change(driver, spectra, folder):
    """And a program that has ended."""
    path = folder / "filling.zarr"
    with dipolescan.explore(path, port=0) as page:
        opened(driver, page.address)
        assert "2 of 5 blocks are computed" in text(driver, "#messages")
        toys.fill(toys.changed(SPEC, name="filling"), path)
        wait(driver, lambda d: text(d, "#messages").strip() == "")
        path.rename(folder / "away.zarr")
        wait(driver, lambda d: "There is no store at" in text(d, "#messages"))
        assert len(lines(driver)) >= 2  # the last look
        toys.fill(toys.changed(SPEC, name="another"), path)
        wait(driver, lambda d: "Another cube lies there now" in text(d, "#messages"))
    wait(driver, lambda d: d.find_element("css selector", "#silent").is_displayed())
    driver.get("about:blank")
