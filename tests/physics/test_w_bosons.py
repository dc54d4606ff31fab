"""W bosons of pp collisions: the shipped sets against independent events, how they are drawn, and how sets are kept."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from approx import approx

from physics.errors import InputError
from physics.w_bosons import building, library
from physics.w_bosons.building import build_w_set, parts_of
from physics.w_bosons.colliders import collider, colliders, number_of_w
from physics.w_bosons.events import WEventsError, columns_of, from_columns
from physics.w_bosons.library import available_w_sets, find_w_set, w_events

# Events of an independent program around Pythia 8.317 with the same settings, all decays open and the W before it
# decays: LO cross-section [nb], share of W+, mean, median and 95% of p_T [GeV], rms y, P(|y| < 2.5), P(|y| < 4), quark
# along the boost. Its errors are those of 1e5 events, and its cross-section agrees to 0.6%.
REFERENCE = {
    "lhc-13tev": (136.8, 0.581, 19.0, 12.0, 59.0, 2.27, 0.653, 0.965, 0.708),
    "lhc-14tev": (148.2, 0.581, 19.3, 12.2, 60.4, 2.30, 0.645, 0.957, 0.705),
    "fcc-100tev": (1072.0, 0.548, 25.9, 16.9, 78.5, 3.24, 0.477, 0.728, 0.632),
}
RELATIVE = (0.007, 0.005, 0.005, 0.01, 0.015, 0.005, 0.004, 0.004, 0.004)


def numbers(events):
    away = np.abs(events.y)
    return (
        events.cross_section,
        (events.charge > 0).mean(),
        events.p_T.mean(),
        np.median(events.p_T),
        np.quantile(events.p_T, 0.95),
        np.sqrt((events.y**2).mean()),
        (away < 2.5).mean(),
        (away < 4).mean(),
        (events.quark_sign * events.y > 0).mean(),
    )


@pytest.mark.parametrize("tag", REFERENCE)
def test_shipped_events_have_the_distributions_of_independent_ones(tag):
    found = numbers(w_events(tag))
    for value, wanted, relative in zip(found, REFERENCE[tag], RELATIVE, strict=True):
        assert value == approx(wanted, rel=relative)


@pytest.mark.parametrize("tag", REFERENCE)
def test_a_shipped_set_says_how_it_was_made(tag):
    found = find_w_set(tag)
    assert found.source["generator"] == "pythia8mc 8.317.2"
    assert found.source["settings"] == building.recipes()["pythia8"]["settings"]
    assert found.source["command"] == (
        f"dipolescan w-bosons build --collider {tag} --recipe pythia8 --events 400000 --seed 1"
    )
    path = found.folder / "events.npz"
    assert path.stat().st_size < 2_000_000
    events = found.load()
    assert events.size == 2 * found.source["events"]
    assert (events.mass_min, events.mass_max) == (60, 100)
    assert events.weight.sum() == approx(1.0)


def test_p_t_and_rapidity_are_not_independent():
    """A product of the two distributions would put three times too many W of p_T > 60 GeV at |y| > 3.5."""
    events = w_events("lhc-14tev")
    hard, forward = events.p_T > 60, np.abs(events.y) > 3.5
    assert (hard & forward).mean() < 0.4 * hard.mean() * forward.mean()


def test_mirror_images_are_there():
    events = w_events("lhc-14tev")
    for charge in (1, -1):
        y = events.y[events.charge == charge]
        assert np.array_equal(np.sort(y), np.sort(-y))
    order = np.lexsort((events.y, events.charge))
    assert np.array_equal(order, np.arange(events.size))  # in order of charge and rapidity


def test_uniform_numbers_draw_each_event_once():
    events = w_events("fcc-100tev")
    middle = (np.arange(events.size) + 0.5) / events.size
    assert np.array_equal(events.draw(middle), np.arange(events.size))
    assert events.draw(np.array([[0.0, np.nextafter(1, 0)]])).tolist() == [[0, events.size - 1]]
    for wrong in (1.0, -0.1, np.nan):
        with pytest.raises(InputError, match=r"must lie in \[0, 1\)"):
            events.draw(np.array([wrong]))


def test_columns_keep_events_to_a_step():
    rng = np.random.default_rng(7)
    n = 500
    charge, quark = rng.choice([-1, 1], n), rng.choice([-1, 1], n)
    p_T, y, mass = rng.exponential(20, n) + 0.02, rng.normal(0, 2, n), rng.uniform(60, 100, n)
    mass[:2], p_T[0] = (60, 100), 1e-4
    found = from_columns(columns_of(charge, p_T, y, mass, quark, 60.0), 1.0, 60.0, 100.0)
    found.check()
    near = []
    for i in range(n):
        same = (found.charge == charge[i]) & (found.quark_sign == quark[i])
        near.append(
            same
            & (np.abs(found.y - y[i]) < 6e-4)
            & (np.abs(np.log(found.p_T / max(p_T[i], 0.01))) < 6e-4)
            & (np.abs(found.mass - mass[i]) < 5e-3)
        )
    assert all(found_.any() for found_ in near)
    assert found.size == 2 * n


def test_number_of_w():
    """Table 1 of arXiv:2301.08592 against leading order: 0.74 at 14 TeV, 2.7 at 100 TeV."""
    for tag, paper, ratio in (("lhc-14tev", 6e11, 0.744), ("fcc-100tev", 1.2e13, 2.70)):
        place, sigma = collider(tag), w_events(tag).cross_section
        assert number_of_w(place, sigma) == paper
        assert number_of_w(place, sigma, luminosity=place.luminosity / 10) == approx(paper / 10)
        assert number_of_w(place, sigma, "cross-section") / paper == approx(ratio, rel=2e-3)
    with pytest.raises(InputError, match="no number of W bosons for lhc-13tev"):
        number_of_w(collider(13), 137.0)
    with pytest.raises(InputError, match="did you mean 'paper'"):
        number_of_w(collider(14), 148.0, "papr")


@pytest.fixture
def user(tmp_path, monkeypatch):
    root = tmp_path / "user"
    root.mkdir()
    monkeypatch.setenv("DIPOLESCAN_W_BOSONS", str(root))
    return root


def few(place, out, events=10):
    """A set of a few events, without the generator."""
    rng = np.random.default_rng(events)
    charge, quark = rng.choice([-1, 1], events), rng.choice([-1, 1], events)
    columns = columns_of(
        charge,
        rng.exponential(20, events),
        rng.normal(0, 2, events),
        np.full(events, 80.4),
        quark,
        60.0,
    )
    folder = library.w_folder(out, place, "pythia8")
    return library.write_w_set(
        folder, columns, 100.0, (60.0, 100.0), {"command": "made here"}, "few"
    )


def test_a_users_set_hides_a_shipped_one(user):
    few("lhc-14tev", user)
    assert w_events(14).size == 20
    assert available_w_sets()["lhc-14tev", "pythia8"].description == "few"
    (user / "lhc-14tev" / "pythia8" / "SOURCES.yaml").unlink()
    with pytest.raises(WEventsError, match="not a readable list of sources"):
        w_events(14)


def test_altered_and_missing_events_are_refused(user):
    found = few("lhc-14tev", user)
    path = found.folder / "events.npz"
    assert list(found.checksums()) == ["W bosons lhc-14tev/pythia8"]
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(WEventsError, match="altered or truncated"):
        found.load()
    path.unlink()
    with pytest.raises(WEventsError, match="does not exist"):
        found.load()


@pytest.mark.parametrize(
    "text",
    ["", "[", "format: 2\nevents: {}", "format: 1\nevents: {file: 3, sha256: x, command: y}",
     "format: 1\nevents: {file: ../x, sha256: x, command: y}"],
)  # fmt: skip
def test_damaged_lists_of_sources_are_refused(user, text):
    (few("lhc-14tev", user).folder / "SOURCES.yaml").write_text(text)
    with pytest.raises(WEventsError, match="make the set again"):
        find_w_set("lhc-14tev")


@pytest.mark.parametrize("change", ["cut", "text", "masses", "nan", "none"])
def test_files_that_hold_no_events_are_refused(user, change):
    found = few("lhc-14tev", user)
    path = found.folder / "events.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    if change == "masses":
        arrays["mass_range"] = np.array([100.0, 60.0])
    if change == "nan":
        arrays["cross_section_nb"] = np.array(np.nan)
    if change == "none":
        arrays |= {name: arrays[name][:0] for name in ("positive", "along", "y", "p_T", "mass")}
    with path.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    if change == "cut":
        path.write_bytes(path.read_bytes()[:200])
    if change == "text":
        path.write_text("events")
    note = found.folder / "SOURCES.yaml"
    content = yaml.safe_load(note.read_text())
    content["events"]["sha256"] = library.sha256(path)
    note.write_text(yaml.safe_dump(content))
    with pytest.raises(WEventsError, match="cannot be used"):
        find_w_set("lhc-14tev").load()


@pytest.mark.parametrize("label", ["nowhere", "..", "", "a/b"])
def test_a_set_that_is_not_there(user, label):
    with pytest.raises(WEventsError, match="there are: fcc-100tev/pythia8, lhc-13tev/pythia8"):
        find_w_set(14, label)


def test_colliders_that_are_not_there():
    for name in ("lhc-15tev", 15, None):
        with pytest.raises(InputError, match="unknown collider of W bosons"):
            collider(name)
    assert {collider(found.sqrt_s / 1000).tag for found in colliders().values()} == set(colliders())


@pytest.mark.parametrize(("events", "seed"), [(0, 1), (10, 0), (50_000, 900_000_000)])
def test_seeds_and_numbers_out_of_range(user, events, seed):
    with pytest.raises(InputError, match="at least one event is needed, and seeds from 1 to"):
        build_w_set("lhc-14tev", "pythia8", user, events, seed)


def test_parts_have_seeds_of_their_own():
    found = parts_of(14000.0, (), 60_000, 5)
    assert [(part.events, part.seed) for part in found] == [(25_000, 5), (25_000, 6), (10_000, 7)]


def test_a_build_is_the_same_for_any_number_of_processes(user, monkeypatch):
    pytest.importorskip("pythia8mc")
    monkeypatch.setattr(building, "PART", 200)
    first = build_w_set("lhc-14tev", "pythia8", user, 500, 3, jobs=1)
    content = (first.folder / "events.npz").read_bytes()
    shutil.rmtree(first.folder)
    again = build_w_set("lhc-14tev", "pythia8", user, 500, 3, jobs=2)
    assert again.source == first.source
    assert (again.folder / "events.npz").read_bytes() == content
    assert again.load().size == 1000


def test_the_page_says_how_many():
    page = (Path(__file__).parents[2] / "docs" / "w-bosons.md").read_text(encoding="utf-8")
    sentences = []
    for tag in ("lhc-14tev", "fcc-100tev"):
        place = collider(tag)
        own = number_of_w(place, w_events(tag).cross_section, "cross-section")
        paper = place.number_of_W
        sentences.append(
            f"{place.title}: {own:.2g}, {own / paper:.2g} times the paper's {paper:.2g}."
        )
    said = page.partition("<!-- number of W -->")[2].partition("<!-- /number of W -->")[0]
    assert said.strip() == " ".join(sentences)
