"""The page of the service: what it shows, that it is escaped and to read only, and that it harms nobody."""

import json
import re
import socket
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import watching
from approx import approx
from prometheus_client.parser import text_string_to_metric_families
from watching import HOSTILE, TRACEBACK, data, get, page

from schedulers import report
from schedulers.ledger import Ledger
from schedulers.records import STATES
from schedulers.tally import Tally
from schedulers.web.server import Address, offered, parse_address
from schedulers.web.watched import Watched


@pytest.fixture
def home(tmp_path):
    return tmp_path / "queue"


@pytest.fixture
def ledger(home):
    with watching.queue(home) as ledger:
        yield ledger


@pytest.fixture
def address(home, ledger):
    with page(home) as found:
        yield found


class Text(HTMLParser):
    """Elements of a page, and its text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


# ---- what it shows ---------------------------------------------------------------------------


def test_the_page_shows_every_scan(address):
    status, headers, html = get(address)
    shown = Text(html)
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=UTF-8"
    links = [about["href"] for tag, about in shown.elements if tag == "a"]
    assert [x for x in links if x.startswith("/scan/")] == [
        "/scan/at-work", "/scan/later", "/scan/given-up", "/scan/bad", "/scan/good"
    ]  # fmt: skip
    bars = [(a["value"], a["max"]) for tag, a in shown.elements if tag == "progress"]
    assert ("50", "200") in bars
    # 1500 of 2000 points are left, and 300 took 60 s
    for words in ("50 of 200 blocks", "1 failed", "about 5 min left", "25 %", "emmy", "priority 3"):
        assert words in shown.text
    assert re.search(r"3\s*workers", shown.text)
    assert re.search(r"24\s*blocks in flight", shown.text)
    assert "No cluster" not in shown.text


def test_a_cluster_that_cannot_be_had_is_told(home, ledger):
    numbers = watching.tally()
    with page(home, numbers) as address:
        numbers.cluster = replace(numbers.cluster, error="no batch job began")
        assert "no batch job began" in Text(get(address)[2]).text
        for id in ("at-work", "later"):  # and nothing is left that needs one
            ledger.update(id, state="cancelled")
        assert "No cluster" not in Text(get(address)[2]).text


def test_the_dashboard_is_linked_if_there_is_one(home, ledger):
    numbers = watching.tally()
    with page(home, numbers) as address:
        for link, linked in (("http://a:8787/status", True), ("javascript:alert(1)", False)):
            numbers.cluster = replace(numbers.cluster, dashboard=link)
            assert (f'href="{link}"' in get(address)[2]) == linked


def test_a_scan_with_its_history_and_what_failed(address):
    status, _, html = get(address, "scan/bad")
    shown = Text(html)
    assert status == 200
    for words in ("2 failed", "ran 1 h 6 min", "submitted", "m_N 1.5", TRACEBACK, "/stores/bad"):
        assert words in shown.text
    assert [tag for tag, _ in shown.elements].count("details") == 2


def test_long_queues_and_many_failures_are_cut(home, ledger):
    for i in range(130):
        watching.add(ledger, f"many-{i}")
    ledger.set_failures("bad", [(f"place {i}", "E", "T") for i in range(150)])
    with page(home) as address:
        html = get(address)[2]
        assert html.count('class="scan queued"') == 100
        assert "and 31 more" in Text(html).text
        assert "and 50 more" in Text(get(address, "scan/bad")[2]).text
        assert len(data(address, "api/scan/bad.json")["failures"]) == 150


def test_an_empty_queue_says_what_to_do(home):
    with watching.queue(home, lambda _: None), page(home, Tally()) as address:
        assert "dipolescan submit" in Text(get(address)[2]).text


@pytest.mark.parametrize("id", ["at-work", "bad", "later"])
def test_json_is_that_of_status(address, home, cli, id):
    about = data(address, "api/status.json")
    cluster = about.pop("cluster")
    told = json.loads(cli("status", "--queue", home, "--json")[1])
    assert about == told
    assert about["page"] == address
    assert cluster["blocks_in_flight"] == 24
    scan = data(address, f"api/scan/{id}.json")
    left = scan.pop("seconds_left")
    pace, _, _ = (scan.pop(name) for name in ("points_per_second", "spec", "workers"))
    assert pace == (approx(5) if id == "at-work" else None)
    assert left == (approx(300) if id == "at-work" else None)
    assert scan == json.loads(cli("status", id, "--queue", home, "--json")[1])


def test_status_names_the_page_while_it_is_there(home, ledger, cli):
    with page(home) as address:
        assert address in cli("status", "--queue", home)[1]
    assert not (home / "runner.json").exists()
    assert "http" not in cli("status", "--queue", home)[1]
    # a service that was killed leaves its note behind
    note = {"page": "http://127.0.0.1:1/", "holder": ledger.lease().holder.replace("pid", "pod")}
    (home / "runner.json").write_text(json.dumps(note))
    assert report.page_of(home, ledger) == ""
    (home / "runner.json").write_text("[")
    assert report.page_of(home, ledger) == ""


# ---- hostile text ----------------------------------------------------------------------------


@pytest.fixture
def hostile(home, ledger):
    """Every text that others can write is hostile."""
    watching.add(
        ledger, HOSTILE, "failed", who=HOSTILE, name=HOSTILE, blocks=3, message=HOSTILE
    )  # fmt: skip
    ledger.update(HOSTILE, HOSTILE, HOSTILE, HOSTILE, store=HOSTILE)
    ledger.set_failures(HOSTILE, [(HOSTILE, HOSTILE, HOSTILE)])
    watching.add(ledger, f"run{HOSTILE}", "running", who=HOSTILE, blocks=3)
    (home / "refused" / "a\udcff<b>.json.txt").write_text(HOSTILE)
    numbers = watching.tally()
    numbers.cluster = replace(numbers.cluster, error=HOSTILE)
    with page(home, numbers) as address:
        yield address


def test_hostile_text_is_text(hostile, home):
    links = [a["href"] for tag, a in Text(get(hostile)[2]).elements if tag == "a"]
    scan = next(x for x in links if x.startswith("/scan/%3Cscript"))
    for path in ("", scan.removeprefix("/")):
        status, headers, html = get(hostile, path)
        shown = Text(html)
        assert status == 200
        assert HOSTILE in shown.text
        tags = [tag for tag, _ in shown.elements]
        assert tags.count("script") == 1  # the page's own
        assert "img" not in tags
        assert "b" not in [tag for tag, about in shown.elements if about.get("id") == "broken"]
        assert not [name for _, about in shown.elements for name in about if name[:2] == "on"]
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
    about = data(hostile, "api/status.json")
    assert HOSTILE in [s["id"] for s in about["scans"]]
    assert about["refused"][0]["file"] == "a?<b>.json"


def test_hostile_labels_are_labels(hostile):
    kind, text = get(hostile, "metrics")[1:]
    assert kind["Content-Type"].startswith("text/plain")
    labels = [s.labels for m in text_string_to_metric_families(text) for s in m.samples if s.labels]
    assert {"scan": f"run{HOSTILE}", "owner": HOSTILE} in labels


# ---- to read only, and for this machine only -------------------------------------------------


@pytest.mark.parametrize("path", ["", "scan/bad", "api/status.json", "metrics", "static/page.js"])
def test_it_is_to_read_only(address, home, path):
    before = (home / "ledger.sqlite").read_bytes()
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        status, _, text = get(address, path, method)
        assert (status, text) == (405, "this page is to read only\n")
    assert get(address, path, "HEAD")[::2] == (200, "")
    assert get(address, path)[0] == 200
    assert (home / "ledger.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8790", "127.0.0.1.evil.example", "", "localhost@evil", "["],
)
@pytest.mark.parametrize("path", ["", "api/status.json", "metrics", "static/page.js", "nothing"])
def test_other_names_are_not_answered(address, host, path):
    status, _, text = get(address, path, Host=host)
    assert status in (400, 403)
    assert "at-work" not in text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:8790"])
def test_own_names_are_answered_on_any_port(address, host):
    """A tunnel may come in by another port."""
    assert get(address, Host=host)[0] == 200


def test_an_open_page_is_answered_by_any_name_and_warned_of(home, ledger, caplog):
    with page(home, address=Address("0.0.0.0", 0)) as address:
        port = address.rpartition(":")[2]
        assert get(f"http://127.0.0.1:{port}", Host="node17:8790")[0] == 200
    assert "open to everybody" in caplog.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("nothing", 404), ("scan/none", 404), ("api/scan/none.json", 404), ("static/none.js", 404),
     ("static/../app.py", 404), ("static/..%2fapp.py", 404), ("scan/%ff", 400)],
)  # fmt: skip
def test_what_is_not_there(address, path, status):
    found, headers, text = get(address, path)
    assert found == status
    assert headers["Content-Type"].startswith("text/plain")
    assert text.count("\n") == 1


# ---- metrics ---------------------------------------------------------------------------------


def metrics(address):
    """Every sample by name and labels; all names carry the prefix, a type and a help text."""
    found = {}
    for family in text_string_to_metric_families(get(address, "metrics")[2]):
        assert family.name.startswith("dipolescan_")
        assert family.documentation
        assert family.type in ("counter", "gauge")
        for sample in family.samples:
            found[(sample.name.removeprefix("dipolescan_"), *sample.labels.values())] = sample.value
    return found


def test_metrics(address, ledger, home):
    found = metrics(address)
    counters = {
        "blocks_done": 11, "blocks_failed": 12, "blocks_lost": 13, "block_retries": 14,
        "clusters_lost": 15, "points_done": 300, "workers_lost": 0,
    }  # fmt: skip
    gauges = {
        "blocks_in_flight": 24, "workers": 3, "threads": 6, "beat_age_seconds": 0.25,
        "requests_waiting": 0, "requests_refused": 0,
    }  # fmt: skip
    scan = {("scan_blocks_done", "ada", "at-work"): 50, ("scan_blocks", "ada", "at-work"): 200}
    assert found == (
        {(f"{name}_total",): value for name, value in counters.items()}
        | {(name,): value for name, value in gauges.items()}
        | {("scans", state): 1 for state in STATES}
        | scan
    )
    watching.inbox.put(home, "cancel", "at-work")
    (home / "refused" / "a.json").write_text("{}")
    (home / "refused" / "a.json.txt").write_text("no")
    ledger.update("at-work", "done", state="done")
    after = metrics(address)
    assert set(found) - set(after) == set(scan)
    assert after[("scans", "done")] == 2
    assert (after[("requests_waiting",)], after[("requests_refused",)]) == (1, 1)


def test_metrics_need_the_extra(address, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    status, _, text = get(address, "metrics")
    assert status == 501
    assert "pip install -c constraints.txt -e '.[service]'" in text
    assert get(address)[0] == 200


def test_points_are_counted_once():
    """Each scan tells how many it has filled since it was opened."""
    tally = Tally()
    for points in (10, 10, 30):
        tally.advance("a", points, 1.0)
    tally.advance("b", 5, 1.0)
    assert tally.points_done == 35
    assert tally.seconds_left("a", 60) == 2.0
    assert tally.seconds_left("c", 60) is None


# ---- health, and trouble ---------------------------------------------------------------------


@pytest.mark.parametrize(("age", "status"), [(0.5, 200), (19, 200), (21, 503)])
def test_health_is_a_beat(home, ledger, age, status):
    with page(home, age=age) as address:
        assert get(address, "healthz")[0] == status


@pytest.mark.parametrize("path", ["", "api/status.json", "metrics", "scan/bad"])
def test_a_ledger_that_cannot_be_read_is_told(address, home, path):
    (home / "ledger.sqlite").write_bytes(b"no ledger at all" * 100)
    status, _, text = get(address, path)
    assert status == 503
    assert "cannot be read" in text
    assert get(address, "healthz")[0] == 200


def test_an_error_of_the_page_stays_there(home, ledger, caplog):
    watched = Watched(home, None, lambda: 0.0)  # no tally: a mistake of the page itself
    with offered(watched, Address(port=0)) as address:
        status, _, text = get(address)
        assert (status, text) == (500, "the page cannot be made\n")
        assert get(address, "healthz")[0] == 200
    assert "a page cannot be made" in caplog.text


def test_a_port_in_use_gives_another(home, ledger, caplog):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with page(home, address=Address(port=taken)) as address:
            assert address != f"http://127.0.0.1:{taken}/"
            assert get(address)[0] == 200
    assert "takes another port" in caplog.text


@pytest.mark.parametrize("host", ["192.0.2.1", "name.invalid"])
def test_a_place_that_is_not_ours_gives_no_page(home, ledger, caplog, host):
    with page(home, address=Address(host, 0)) as address:
        assert address == ""
    assert "the page is not offered" in caplog.text


def test_a_queue_without_room_for_the_note_has_a_page(home, ledger, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report, "note_page", full)
    with page(home) as address:
        assert get(address)[0] == 200


def test_the_page_ends_with_the_service(home, ledger):
    with page(home) as address:
        get(address)
    port = int(address.rstrip("/").rpartition(":")[2])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 5)


def test_it_cannot_write(home, ledger):
    with Watched(home, Tally(), lambda: 0.0).ledger() as seen:
        seen.token = ledger.token
        with pytest.raises(Exception, match="readonly"):
            seen.update("bad", state="done")
    with Ledger(home / "ledger.sqlite") as ledger:
        assert ledger.scan("bad").state == "failed"


@pytest.mark.parametrize(
    ("text", "found"),
    [("8790", "127.0.0.1:8790"), ("0.0.0.0:80", "0.0.0.0:80"), ("[::1]:0", "[::1]:0"),
     ("localhost:1", "localhost:1")],
)  # fmt: skip
def test_addresses(text, found):
    assert str(parse_address(text)) == found
    assert parse_address(text).local == (text != "0.0.0.0:80")


@pytest.mark.parametrize("text", ["", "on", "host:", ":x", "1:99999", "-1", "1:2:x", "²"])
def test_bad_addresses_are_usage_errors(cli, tmp_path, text):
    status, out, err = cli("serve", "--queue", tmp_path, f"--http={text}")
    assert (status, out) == (2, "")
    assert "[HOST:]PORT" in err.splitlines()[-1]
