"""Whose turn it is: owners in turn, then by priority, then by age; each rule against all scans that there are."""

from collections import Counter, deque
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedulers.records import Scan
from schedulers.turns import giving_way, next_job, next_scans

USERS = range(4)


def scan(number, uid=0, priority=0):
    return Scan(
        number=number, id=f"s-{number}", name="s", uid=uid, owner="the same name", priority=priority,
        state="queued", spec="{}", store="/nowhere", submitted=0.0, started=None, finished=None,
        seconds=0.0, blocks=None, blocks_done=0, blocks_failed=0, points=None, points_done=0,
        lost_workers=0, message="",
    )  # fmt: skip


@st.composite
def queues(draw):
    """Scans that wait, that are served, and those of the served ones with blocks to send; in any order."""
    about = draw(st.lists(st.tuples(st.sampled_from(USERS), st.integers(-2, 2)), max_size=12))
    scans = draw(st.permutations([scan(i, uid, p) for i, (uid, p) in enumerate(about)]))
    fates = [draw(st.sampled_from(("waits", "sent", "sending"))) for _ in scans]
    having = {f: [s for s, fate in zip(scans, fates, strict=True) if fate == f] for f in fates}
    waiting, sending = having.get("waits", []), having.get("sending", [])
    return waiting, having.get("sent", []) + sending, sending


@given(queues())
def test_the_next_scan_of_each_user(queue):
    """Begun is what nothing else of its user goes before: neither a waiting scan nor one that is being sent."""
    waiting, _, sending = queue
    expected = [
        s
        for s in waiting
        if not any(
            o.uid == s.uid
            and (o.priority > s.priority or (o.priority == s.priority and o.number < s.number))
            for o in waiting
        )
        and not any(o.uid == s.uid and o.priority >= s.priority for o in sending)
    ]
    found = next_scans(waiting, sending)
    assert [s.id for s in found] == [s.id for s in sorted(expected, key=lambda s: s.number)]


@given(queues())
def test_nobody_waits_for_another_user(queue):
    waiting, served, sending = queue
    for user in USERS:
        alone = [[s for s in scans if s.uid == user] for scans in (waiting, served, sending)]
        found = [s for s in next_scans(waiting, sending) if s.uid == user]
        assert found == next_scans(alone[0], alone[2])
        own = {s.id for s in served if s.uid == user}
        assert giving_way(served, sending) & own == giving_way(alone[1], alone[2])


@given(queues())
def test_what_gives_way(queue):
    _, served, sending = queue
    expected = {
        s.id for s in served if any(o.uid == s.uid and o.priority > s.priority for o in sending)
    }
    assert giving_way(served, sending) == expected


@given(queues())
def test_someone_is_always_served(queue):
    """A user with scans has one to begin or one that is sent and does not pause."""
    waiting, served, sending = queue
    begun = {s.uid for s in next_scans(waiting, sending)}
    paused = giving_way(served, sending)
    at_work = {s.uid for s in sending if s.id not in paused}
    assert begun | at_work == {s.uid for s in waiting + sending}


def test_users_are_told_apart_by_number_not_by_name():
    assert next_scans([scan(0, uid=1), scan(1, uid=2)], []) == [scan(0, uid=1), scan(1, uid=2)]


@dataclass(frozen=True)
class Toy:
    owner: str
    priority: int
    number: int


@st.composite
def jobs(draw):
    about = draw(
        st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-2, 2)), min_size=1, max_size=12)
    )
    ready = draw(st.permutations([Toy(owner, p, i) for i, (owner, p) in enumerate(about)]))
    return draw(st.permutations("abcd")), ready


@given(jobs())
def test_the_next_job(case):
    """Nobody who was served longer ago has a job, and its owner has none that goes before it."""
    owners, ready = case
    found = next_job(owners, ready)
    assert found in ready
    earlier = owners[: owners.index(found.owner)]
    assert not [job for job in ready if job.owner in earlier]
    own = [job for job in ready if job.owner == found.owner]
    assert found.priority == max(job.priority for job in own)
    assert found.number == min(job.number for job in own if job.priority == found.priority)


@given(jobs(), st.integers(1, 5))
def test_owners_are_served_alike(case, rounds):
    """As the runner asks: whoever was served goes to the end. In any full round everybody comes once."""
    order, ready = case
    owners = deque(order)
    served = []
    having = {job.owner for job in ready}
    for _ in range(rounds * len(having)):
        served.append(next_job(owners, ready).owner)
        owners.remove(served[-1])
        owners.append(served[-1])
    assert Counter(served) == dict.fromkeys(having, rounds)
    for i in range(0, len(served), len(having)):
        assert set(served[i : i + len(having)]) == having


@pytest.mark.parametrize("owners", [[], ["a"], ["a", "b"]])
def test_nothing_to_send(owners):
    assert next_job(owners, []) is None
