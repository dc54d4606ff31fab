"""A ledger with scans in every state, offered as a page by this process."""

import json
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager

from waiting import PATIENCE

from schedulers import inbox, lease
from schedulers.ledger import Ledger
from schedulers.tally import ClusterState, Tally
from schedulers.web.server import Address, offered
from schedulers.web.watched import Watched

HOSTILE = (
    "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"
    '"><b id=broken>&amp; \u202e'
)
TRACEBACK = 'Traceback (most recent call last):\n  File "<stdin>", line 1\nValueError: it\'s </pre>'


def add(ledger, id, state="queued", who="ada", name="a scan", **columns):
    """A scan in this state."""
    ledger.add(
        who, id=id, name=name, uid=1000, owner=who, priority=columns.pop("priority", 0),
        state=state, spec="{}", store=f"/stores/{id}.zarr", submitted=time.time() - 500, **columns,
    )  # fmt: skip


def fill(ledger):
    """One scan in each state."""
    now = time.time()
    add(ledger, "at-work", "running", blocks=200, points=2000, started=now - 90)
    ledger.update(
        "at-work", "started", "service",
        blocks_done=50, points_done=500, blocks_failed=1, lost_workers=2, seconds=90.0,
    )  # fmt: skip
    add(ledger, "later", who="emmy", priority=3)
    add(ledger, "good", "done", blocks=7, points=70, started=now - 900, finished=now - 800)
    ledger.update("good", "done", "service", blocks_done=7, points_done=70, seconds=100.0)
    add(ledger, "bad", "failed", blocks=9, points=90, started=now - 700, finished=now - 600)
    message = "2 blocks failed (m_N 1.5: ValueError: it's </pre>)"
    ledger.update(
        "bad", "failed", "service", message, message=message,
        blocks_done=7, blocks_failed=2, points_done=70, seconds=4000.0,
    )  # fmt: skip
    error = "ValueError: it's </pre>"
    ledger.set_failures(
        "bad", [("m_N 1.5", error, TRACEBACK), ("m_N 2.5", error, TRACEBACK.replace("1", "2"))]
    )
    add(ledger, "given-up", "cancelled", blocks=9, finished=now - 300)


@contextmanager
def queue(home, scans=fill):
    """A ledger that this process holds, to write."""
    inbox.make_folders(home)
    with closing(Ledger(home / "ledger.sqlite", writable=True, create=True)) as ledger:
        lease.acquire(ledger)
        scans(ledger)
        yield ledger


def tally():
    """Numbers that are all different."""
    about = Tally(11, 12, 13, 14, 15, cluster=ClusterState(3, 6, 24))
    about.advance("at-work", 300, 60.0)
    return about


@contextmanager
def page(home, numbers=None, age=0.25, address=None):
    """The address of the page of a queue."""
    watched = Watched(home, numbers or tally(), lambda: age)
    with offered(watched, address or Address(port=0)) as found:
        yield found


def get(address, path="", method="GET", **headers):
    """Status, headers and body."""
    request = urllib.request.Request(address + path, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read().decode()


def data(address, path):
    """JSON."""
    return json.loads(get(address, path)[2])
