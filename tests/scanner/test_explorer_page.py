"""The page without a browser: its numbers are those of the cube, and its server answers to its own names only."""

import csv
import io
import json
import urllib.error
import urllib.request
import zipfile
from dataclasses import replace
from pathlib import Path

import dipolescan
import numpy as np
import pytest
import toys
from approx import approx
from bokeh.document import Document
from waiting import PATIENCE

import scanner
from physics.errors import InputError
from scanner.explorer import preview
from scanner.explorer.figure import STROKES
from scanner.explorer.page import Page
from scanner.explorer.planes import Planes, few
from scanner.explorer.view import View, from_link
from scanner.explorer.watched import Watched
from scanner.outputs.curve_styles import plain_style
from scanner.queries.query import Query
from scanner.queries.thinned import thinned
from scanner.scans.store import Store

HOSTILE = "<img src=x onerror=\"document.title='broken'\">"


@pytest.fixture(scope="module")
def planes(small):
    return Planes(Watched([small]))


@pytest.fixture
def page(planes):
    return Page(Document(), planes, "axis.flavor=tau&method=fixed-count&events=10")


@pytest.fixture(scope="module")
def served(small):
    with dipolescan.explore(small, port=0) as page:
        yield page


def get(address, path="", **headers):
    request = urllib.request.Request(address + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


# ---- numbers ---------------------------------------------------------------------------------


def test_lines_are_those_of_the_cube(planes, small):
    view = planes.watched.fitted(View(method="cls", exposure=2.0, background=1.0))[0]
    found = planes.lines(view).found
    ds = scanner.open_cube(small)
    assert [line.curve.label for line in found] == ["FASER2", "FACET"]
    for line in found:
        whole = ds.scan.contour(
            {"experiment": line.curve.label, "flavor": "e"}, method="cls", exposure=6000.0, background=1.0,
        )  # fmt: skip
        assert line.level == whole.level
        assert all(np.array_equal(a, b) for a, b in zip(line.branches, whole.branches, strict=True))


def test_a_band_is_that_of_the_cube(planes, small):
    """Over the background; where the limit does not depend on it, the line is there without, and the page says why."""
    asked = View(method="cls", background=9.0, observed=9.0, background_uncertainty=0.2)
    view = planes.watched.fitted(asked)[0]
    found = planes.lines(view).found[1]
    given = {
        "background": 9.0,
        "observed": 9.0,
        "band": "background",
        "background_uncertainty": "20%",
    }
    chosen = {"experiment": "FACET", "flavor": "e"}
    whole = scanner.open_cube(small).scan.contour(chosen, method="cls", **given)
    assert found.level == whole.level
    for one, other in zip(
        found.band.outer.contour.branches, whole.band.outer.contour.branches, strict=True
    ):
        assert np.array_equal(one, other)
    page = Page(Document(), planes, view.link())
    assert len(page.picture.plot.select_one({"name": "edges"}).data_source.data["xs"]) == 4
    assert "20%" in page._band.value
    assert page._given["background"].value == page._given["observed"].value == 9.0
    lines = planes.lines(replace(view, method="fixed-count", background=None, observed=None))
    assert [line.band for line in lines.found] == [None, None]
    assert all("background" in said for said in lines.said)
    assert len(lines.said) == 2


def test_any_number_of_searches_has_lines():
    """Of many there are dashes of all kinds."""
    looks = [plain_style(n) for n in range(60)]
    assert {look["ls"] for look in looks} == set(STROKES) == set(preview.STROKES)


def test_counts_at_a_point_are_those_of_the_cube(planes, small):
    view = replace(planes.watched.fitted(View())[0], at=(0.05, 3e-6))
    for value in planes.values(view):
        label = value.selection["experiment"]
        at = {"experiment": label, "flavor": "e", "m_N": 0.05, "d_gamma": 3e-6}
        whole = scanner.open_cube(small).scan.value(at)
        # the sum over channels that is stored is rounded to 20 bits
        assert value.counts == approx(whole.counts, rel=2e-6)
        assert dict(value.by_channel) == approx(dict(whole.by_channel), rel=2e-6)


def test_some_couplings_are_read_as_the_whole_plane_is(small):
    """Straight from the files, and by Dask; of a cube that is not cut as it was opened, too."""
    ds = scanner.open_cube(small)
    chosen = [
        {"experiment": "FACET", "flavor": "tau"},
        {"experiment": "FASER2", "flavor": "e"},
        {"experiment": "FACET", "flavor": "e"},
    ]
    places = [0, 7, 40]
    for cube in (ds, ds.isel(m_N=slice(None, None, 2))):
        query = Query(cube)
        for each, found in zip(chosen, thinned(query, chosen, places), strict=True):
            assert np.array_equal(found, query.plane(each).values[:, places])


def test_what_is_not_computed_stays_unknown(partial):
    query = Query(scanner.open_cube(partial))
    (found,) = thinned(query, [{"experiment": "FACET", "flavor": "e", "generator": "toy"}], [0, 40])
    assert np.isnan(found[6:]).all()
    assert np.isfinite(found[:6]).all()


def test_a_few_of_many_couplings():
    assert few(5) == [0, 1, 2, 3, 4]
    assert few(8000)[:3] == [0, 8, 16]
    assert few(8000)[-1] == 7999
    assert len(few(8001)) <= 1002


def test_planes_that_one_step_asks_for_are_read_ahead(small):
    planes = Planes(Watched([small]))
    view = planes.watched.fitted(View())[0]
    planes.lines(view)
    assert planes.near(view) == [
        ("FASER2", {"generator": "toy", "flavor": "tau"}),
        ("FACET", {"generator": "toy", "flavor": "tau"}),
    ]
    planes.read_ahead(view)
    planes._reader.join(PATIENCE)
    assert planes.near(view) == []


# ---- the page --------------------------------------------------------------------------------


def model(page, name):
    return page._doc.get_model_by_name(name)


def shown(page):
    page.update()
    return from_link(model(page, "link").text)


def test_controls_show_the_view_of_the_link(page):
    assert model(page, "flavor").value == "tau"
    assert model(page, "method").value == "fixed-count"
    assert model(page, "events").value == "10"
    assert model(page, "exposure").value == "1"
    assert model(page, "confidence_level").visible is False


def test_each_control_changes_the_view(page):
    model(page, "searches").active = [1]
    assert shown(page).searches == ("FACET",)
    assert "FASER2" not in model(page, "legend").text
    model(page, "flavor").value = "e"
    assert shown(page).axes["flavor"] == "e"
    model(page, "events").value = "100"
    assert shown(page).events == 100.0
    assert "100 events" in model(page, "legend").text
    model(page, "exposure").value = "2"
    assert shown(page).exposure == 2.0
    model(page, "method").value = "poisson"
    view = shown(page)
    assert (view.method, view.events, view.confidence_level) == ("poisson", None, None)
    assert model(page, "events").visible is False
    assert model(page, "confidence_level").value == "0.95"
    model(page, "confidence_level").value = "0.9"
    assert shown(page).confidence_level == 0.9
    assert "2.303 events" in model(page, "legend").text
    model(page, "searches").active = []
    assert shown(page).searches == ()
    assert "No search is chosen" in model(page, "legend").text


class At:
    def __init__(self, x, y):
        self.x, self.y = x, y


def test_the_point_under_the_pointer(page):
    page._moved(At(0.05, 3e-6))
    assert shown(page).at is None  # it is not part of the link
    assert "m_N = 0.05 GeV" in model(page, "value").text
    assert "pi0" in model(page, "value").text
    page._tapped(At(0.06, 3e-6))
    assert shown(page).at == (0.06, 3e-6)
    assert not model(page, "follow").active
    page._moved(At(0.07, 3e-6))
    assert shown(page).at == (0.06, 3e-6)
    model(page, "follow").active = True
    assert shown(page).at is None
    page._tapped(At(1e5, 3e-6))  # beside the plane
    assert shown(page).at is None


def test_a_link_that_is_none_is_told(planes):
    page = Page(Document(), planes, "search=FACET&colour=red")
    assert "The link has &#x27;colour&#x27;, which no view has" in model(page, "messages").text
    assert page.view == planes.watched.fitted(View())[0]
    page = Page(Document(), planes, "cube=other:1&axis.flavor=tau")
    assert "The link is of another cube, other:1; this is toy:" in model(page, "messages").text
    assert model(page, "flavor").value == "tau"
    model(page, "flavor").value = "e"
    page.update()
    assert "another cube" not in model(page, "messages").text


def test_nothing_of_a_store_becomes_part_of_the_page(small, planes):
    watched = Watched([small])
    names = np.array(["FASER2", HOSTILE], dtype=object)
    watched.ds = watched.ds.assign_coords(experiment=("experiment", names)).assign_attrs(
        name=HOSTILE
    )
    watched.query = Query(watched.ds)
    own = Planes(watched)
    page = Page(Document(), own, "at=0.05,3e-6")
    for name in ("messages", "legend", "value"):
        assert "<img" not in model(page, name).text
    assert "&lt;img" in model(page, "legend").text
    assert "<img" not in model(page, "link").text


# ---- stores that change ----------------------------------------------------------------------


def test_a_store_that_is_filling(spectra, tmp_path):
    path = toys.fill(toys.SMALL, tmp_path / "toy.zarr", blocks=range(2)).path
    page = Page(Document(), Planes(Watched([path])), "")
    assert "2 of 5 blocks are computed" in model(page, "messages").text
    assert "not computed yet" in model(page, "messages").text
    before = page.picture._missing.data["left"]
    assert len(before) > 0
    toys.fill(toys.SMALL, path)
    page._look()
    assert model(page, "messages").text == ""
    assert len(page.picture._missing.data["left"]) == 0


def test_a_store_that_is_deleted_or_replaced(spectra, tmp_path):
    path = toys.fill(toys.SMALL, tmp_path / "toy.zarr").path
    planes = Planes(Watched([path]))
    page = Page(Document(), planes, "axis.flavor=e")
    lines = page.picture._lines.data["xs"]
    planes._reader.join(PATIENCE)
    path.rename(tmp_path / "away.zarr")
    page._look()
    assert f"There is no store at {path} any more." in model(page, "messages").text
    assert page.picture._lines.data["xs"] is lines or len(page.picture._lines.data["xs"])
    with pytest.raises(InputError, match="no store at"):
        planes.values(replace(page.view, at=(0.05, 3e-6)))
    toys.fill(toys.changed(toys.SMALL, name="another"), path)
    page._look()
    assert "Another cube lies there now, another:" in model(page, "messages").text
    with pytest.raises(InputError, match="Another cube"):
        planes.values(replace(page.view, at=(0.05, 3e-6)))
    Path(path).rename(tmp_path / "second.zarr")
    (tmp_path / "away.zarr").rename(path)
    page._look()
    assert model(page, "messages").text == ""


# ---- the server ------------------------------------------------------------------------------


def test_it_answers_to_its_own_names_and_pages_only(served):
    address = served.address
    port = address.rstrip("/").rpartition(":")[2]
    assert address.startswith("http://127.0.0.1:")
    assert get(address)[0] == 200
    assert get(address, Host=f"localhost:{port}")[0] == 200
    for path in (
        "",
        "download/contours.csv",
        "explorer/explore.js",
        "ws",
        "static/js/bokeh.min.js",
    ):
        assert get(address, path, Host=f"evil.example:{port}")[0] == 403, path
        assert get(address, path, Origin="http://evil.example")[0] == 403, path
        assert get(address, path, Origin="null")[0] == 403, path
    assert get(address, "explorer/../page.py")[0] in (403, 404)
    assert get(address, "explorer/explore.html")[0] == 404


def test_files_of_a_view(served, small):
    query = "?search=FACET&axis.flavor=tau&method=fixed-count&events=5"
    status, content = get(served.address, f"download/contours.csv{query}")
    assert status == 200
    lines = [line for line in content.decode().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    whole = scanner.open_cube(small).scan.contour(
        {"experiment": "FACET", "flavor": "tau"}, events=5
    )
    expected = whole.to_pandas()
    assert [float(row["d_gamma_per_GeV"]) for row in rows] == approx(
        expected["d_gamma_per_GeV"].tolist(), rel=1e-6
    )
    found = json.loads(get(served.address, f"download/contours.json{query}")[1])
    assert found["curves"][0]["level"] == 5.0
    archive = zipfile.ZipFile(io.BytesIO(get(served.address, f"download/hepdata.zip{query}")[1]))
    assert "submission.yaml" in archive.namelist()
    assert get(served.address, f"download/figure.svg{query}")[1].startswith(b"<?xml")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("contours.csv?search=MINE", 409, "This cube has no search 'MINE'."),
        ("contours.csv?search=", 409, "no search is chosen"),
        ("contours.csv?colour=red", 409, "has 'colour', which no view has"),
        ("contours.csv?cube=other:1", 409, "The link is of another cube"),
        ("secrets.csv", 404, "there is no file 'secrets.csv' of a view"),
    ],
)
def test_what_cannot_be_downloaded_is_told(served, path, status, said):
    found = get(served.address, f"download/{path}")
    assert found[0] == status
    assert said in found[1].decode()


def test_on_the_command_line(cli, small, tmp_path, monkeypatch):
    """Where it listens, the view that it begins with, and a page that needs no server."""
    from scanner.explorer.server import Explorer

    monkeypatch.setattr(Explorer, "wait", lambda self: None)
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    (port,) = toys.free_ports(1)
    status, out, err = cli(
        "explore",
        small,
        "--port",
        port,
        "--host",
        "localhost",
        "--browser",
        "--view",
        "search=FACET",
    )
    assert (status, err) == (0, "")
    assert out.startswith(f"http://localhost:{port}/?search=FACET ")
    assert opened == [f"http://localhost:{port}/?search=FACET"]
    status, out, err = cli("explore", small, "--port", "0", "--host", "0.0.0.0")
    assert "everybody who can reach this machine can look at" in err
    file = tmp_path / "view.html"
    status, out, err = cli("explore", small, "--view", "search=FACET&cube=other:1", "-o", file)
    assert status == 0
    assert "The link is of another cube" in err
    assert "FACET" in file.read_text()
    for words, said in (
        (("-o", tmp_path / "view.pdf"), "must end in .html"),
        (("--view", "colour=red"), "has 'colour', which no view has"),
        (("--host", "nowhere.invalid", "--port", "0"), "nobody can listen at nowhere.invalid"),
    ):
        status, out, err = cli("explore", small, *words)
        assert status == 1
        assert said in err


def test_a_page_without_a_server_asks_for_nothing(served):
    status, content = get(served.address, "download/view.html?search=FACET&search=FASER2")
    page = content.decode()
    assert status == 200
    assert len(content) < 2_000_000
    assert "default-src 'none'; script-src 'unsafe-inline'" in page
    assert "<script src=" not in page
    assert "<link" not in page
    assert "All that decides these numbers" in page


def test_stores_are_looked_at_together(small, spectra, tmp_path):
    other = toys.fill(
        toys.changed(toys.SMALL, options={"nature": "majorana"}), tmp_path / "majorana.zarr"
    ).path
    watched = Watched([small, other])
    assert watched.axes["nature"] == ["dirac", "majorana"]
    planes = Planes(watched)
    view = watched.fitted(View())[0]
    lows = [
        planes.lines(view.with_axis("nature", n)).found[0].best()[0] for n in ("dirac", "majorana")
    ]
    assert lows[0] != lows[1]
    with pytest.raises(InputError, match="give a store"):
        Watched([])


def test_a_store_of_this_product_is_left_as_it_is(small):
    before = Store(small).attrs
    Planes(Watched([small])).lines(Watched([small]).fitted(View())[0])
    assert Store(small).attrs == before
