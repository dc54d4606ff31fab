"""The page of a scan shows its spec, its pace and a picture, all made by what it is given."""

import pytest
import watching
from watching import HOSTILE, get

from schedulers.web.server import Address, offered
from schedulers.web.watched import Watched

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


class Drawing:
    """Counts how often it is asked."""

    def __init__(self):
        self.stores = []

    def __call__(self, store):
        self.stores.append(store)
        return SVG


@pytest.fixture
def drawing():
    return Drawing()


@pytest.fixture
def ledger(tmp_path):
    with watching.queue(tmp_path) as ledger:
        yield ledger


@pytest.fixture
def address(tmp_path, ledger, drawing):
    def describe(spec):
        assert spec == "{}"
        return [("Experiments", f"FASER2, {HOSTILE}")]

    watched = Watched(tmp_path, watching.tally(), lambda: 0.25, describe, drawing)
    with offered(watched, Address(port=0)) as found:
        yield found


def test_spec_workers_and_pace(address):
    page = get(address, "scan/at-work")[2]
    assert "<dt>Experiments</dt><dd><bdi>FASER2, &lt;script&gt;" in page
    assert "<dt>Workers</dt><dd>3, of all scans</dd>" in page
    assert "5 points per second" in page  # 300 in a minute
    assert "points per second" in get(address)[2]
    found = watching.data(address, "api/scan/at-work.json")
    assert found["points_per_second"] == 5.0
    assert found["spec"][0]["key"] == "Experiments"
    assert "points per second" not in get(address, "scan/good")[2]


def test_a_picture_while_the_cube_fills(address, ledger, drawing):
    assert '<img src="/scan/at-work.svg?share=12"' in get(address, "scan/at-work")[2]
    for _ in range(3):
        status, headers, body = get(address, "scan/at-work.svg")
        assert (status, body.encode()) == (200, SVG)
        assert headers["Content-Type"] == "image/svg+xml"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
    ledger.update("at-work", blocks_done=51)
    get(address, "scan/at-work.svg")  # too soon for another one
    assert drawing.stores == ["/stores/at-work.zarr"]


def test_no_picture_of_what_has_not_begun(address, drawing):
    assert "<img" not in get(address, "scan/later")[2]
    assert get(address, "scan/later.svg")[0] == 404
    assert get(address, "scan/none.svg")[0] == 404
    assert drawing.stores == []


def test_without_one_who_draws(tmp_path, ledger):
    with watching.page(tmp_path) as address:
        assert "<img" not in get(address, "scan/at-work")[2]
        assert get(address, "scan/at-work.svg")[0] == 404
