"""Sets on disk: anything missing, altered, truncated or empty stops with one sentence."""

import contextlib
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from approx import approx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from physics.spectra import library
from physics.spectra.library import SpectrumError, available, find, write_set
from physics.spectra.table import SpectrumTable

BEAM = "lhc-14tev"
P_EDGES, THETA_EDGES = np.array([0.0, 1.0, 2.0]), np.array([-3.0, -2.0, -1.0, 0.2])


def table(pdg=221, scale=1.0):
    cross_section = np.array([[1.0, 2.0, 0.0], [4.0, 5.0, 6.0]]) * scale
    total = cross_section.sum() + 1.0
    return SpectrumTable(pdg, P_EDGES, THETA_EDGES, cross_section, cross_section**2, total)


def write(root, *tables, generator="gen"):
    sources = {t.pdg: {"command": "dipolescan spectra build --seed 1"} for t in tables}
    return write_set(root / BEAM / generator, list(tables), sources, "a test")


@pytest.fixture
def user(tmp_path, monkeypatch):
    """The user's folder of sets, beside an own folder of shipped ones."""
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "user"))
    (tmp_path / "user").mkdir()
    monkeypatch.setattr(library, "SHIPPED", tmp_path / "shipped")
    return tmp_path / "user"


@pytest.fixture
def shipped(user):
    return user.with_name("shipped")


def one_sentence(error):
    text = str(error.value)
    return "\n" not in text and not text.endswith(".") and len(text) > 20


def test_round_trip(user):
    write(user, table(221), table(-211, 3.0))
    found = find(BEAM, "gen")
    assert found.description == "a test"
    assert set(found.checksums()) == {221, -211}
    for original in (table(221), table(-211, 3.0)):
        read = found.load(original.pdg)
        assert read.total == original.total
        for name in ("log10_p_edges", "log10_theta_edges", "cross_section", "variance"):
            assert np.array_equal(getattr(read, name), getattr(original, name))


def test_same_tables_give_the_same_bytes(user):
    first = find_bytes(write(user, table()))
    assert find_bytes(write(user, table(), generator="again")) == first


def find_bytes(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---- tables ----------------------------------------------------------------------------------


def damage_missing(path):
    path.unlink()


def damage_altered(path):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def damage_truncated(path):
    path.write_bytes(path.read_bytes()[:-50])


def damage_empty(path):
    path.write_bytes(b"")


def damage_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_missing, "is missing: .*221.npz does not exist"),
        (damage_altered, "is altered or truncated: .*checksum; make it again with 'dipolescan"),
        (damage_truncated, "is altered or truncated"),
        (damage_empty, "is altered or truncated"),
        (damage_folder, "cannot be read"),
    ],
)
def test_damaged_table_is_refused(user, damage, message):
    folder = write(user, table(221), table(111))
    damage(folder / "221.npz")
    found = find(BEAM, "gen")
    with pytest.raises(SpectrumError, match=message) as error:
        found.load(221)
    assert one_sentence(error)
    assert found.load(111).pdg == 111


def test_species_that_the_set_lacks(user):
    write(user, table())
    with pytest.raises(
        SpectrumError, match=r"spectrum of 443 in lhc-14tev/gen is missing"
    ) as error:
        find(BEAM, "gen").load(443)
    assert one_sentence(error)


def forge(folder, content, name="221.npz"):
    """Put a file in place with a checksum that fits."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content.save(path)
    note = yaml.safe_load((folder / "SOURCES.yaml").read_text())
    note["tables"][221]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "SOURCES.yaml").write_text(yaml.safe_dump(note))


ZERO = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (replace(table(), cross_section=ZERO), "is empty: all its bins are zero"),
        (replace(table(), cross_section=ZERO - 1), "negative or non-finite"),
        (replace(table(), cross_section=ZERO + np.nan), "negative or non-finite"),
        (replace(table(), variance=ZERO - 1), "negative or non-finite"),
        (replace(table(), cross_section=np.ones((3, 2))), r"shape \(3, 2\) on a grid of \(2, 3\)"),
        (replace(table(), total=1.0), "total .* below the sum"),
        (replace(table(), total=np.inf), "total .* infinite"),
        (replace(table(), total=np.nan), "total .* below the sum"),
        (replace(table(), log10_p_edges=P_EDGES[::-1]), "edges do not increase"),
        (replace(table(), pdg=111), "holds the species 111"),
        (replace(table(), cross_section=np.full((2, 3), "a")), "not a readable spectrum table"),
        (b"not an archive", "not a readable spectrum table"),
        (b"", "not a readable spectrum table"),
    ],
)
def test_table_that_cannot_be_counted_with(user, content, message):
    folder = write(user, table())
    forge(folder, content)
    with pytest.raises(SpectrumError, match=message) as error:
        find(BEAM, "gen").load(221)
    assert one_sentence(error)


def test_array_instead_of_an_archive(user, tmp_path):
    folder = write(user, table())
    np.save(tmp_path / "array.npy", np.ones(3))
    forge(folder, (tmp_path / "array.npy").read_bytes())
    with pytest.raises(SpectrumError, match="not a readable spectrum table"):
        find(BEAM, "gen").load(221)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_random_damage_to_an_archive_is_a_value_error(tmp_path, data):
    path = tmp_path / "221.npz"
    table().save(path)
    raw = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    if data.draw(st.booleans()):
        del raw[at:]
    else:
        raw[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    with contextlib.suppress(ValueError):
        SpectrumTable.load(path)


def test_part_of_a_table_inside_limits():
    """Whole bins count whole, a bin cut in the middle (in log) counts half."""
    whole = table()
    assert whole.within(1.0, 10**0.2) == approx(whole.cross_section.sum())
    assert whole.within(10.0, 0.1) == approx(9.0)
    assert whole.within(10**1.5, 0.1) == approx(4.5)
    assert whole.within(10.0, 10**-1.5) == approx(4.0 + 2.5)
    assert whole.within(1000.0, 1.0) == 0


# ---- sources ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"tables:",
        b"tables: {221: {file: 221.npz}}",
        b"tables: {221: {file: 221.npz, sha256: 5, command: x}}",
        b"tables: {eta: {file: 221.npz, sha256: abc, command: x}}",
        b"tables: [1, 2]",
        b"tables: {221: text}",
        b"- a list",
        b"tables: {221: [",
        b"\xff\xfe\x00",
        None,
    ],
)
def test_damaged_sources_are_refused(user, shipped, content):
    """Also where a shipped set of the same name is intact: it must not step in silently."""
    write(shipped, table())
    note = write(user, table()) / "SOURCES.yaml"
    note.unlink()
    if content is not None:
        note.write_bytes(content)
    with pytest.raises(SpectrumError, match=r"SOURCES[.]yaml is not a readable list") as error:
        find(BEAM, "gen")
    assert one_sentence(error)


# ---- where sets are --------------------------------------------------------------------------


def test_set_of_the_user_hides_a_shipped_one(user, shipped):
    write(shipped, table(scale=1.0))
    write(shipped, table(scale=1.0), generator="other")
    assert find(BEAM, "gen").folder == shipped / BEAM / "gen"
    write(user, table(scale=7.0))
    for found in (find(BEAM, "gen"), available()[BEAM, "gen"]):
        assert found.folder == user / BEAM / "gen"
        assert found.load(221).total == table(scale=7.0).total
    assert set(available()) == {(BEAM, "gen"), (BEAM, "other")}
    assert available()[BEAM, "other"].folder == shipped / BEAM / "other"


def test_no_set(user, shipped):
    with pytest.raises(SpectrumError, match="there are: none"):
        find(BEAM, "gen")
    write(shipped, table(), generator="other")
    with pytest.raises(SpectrumError, match="'gen'; there are: lhc-14tev/other"):
        find(BEAM, "gen")


def test_search_path_without_the_variable(monkeypatch):
    monkeypatch.delenv("DIPOLESCAN_SPECTRA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert library.search_path() == [Path("/data/dipolescan/spectra"), library.SHIPPED]


# ---- writing ---------------------------------------------------------------------------------


class Stop(BaseException):
    """Like an interrupt from the keyboard."""


def test_interrupted_write_leaves_the_old_set(user, monkeypatch):
    folder = write(user, table(scale=1.0))
    before = find_bytes(folder)
    save, saved = SpectrumTable.save, []

    def save_one_then_stop(self, path):
        if saved:
            raise Stop
        save(self, path)
        saved.append(path)

    monkeypatch.setattr(SpectrumTable, "save", save_one_then_stop)
    with pytest.raises(Stop):
        write(user, table(scale=2.0), table(111))
    assert saved
    assert find_bytes(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["gen"]


def test_failing_replacement_brings_the_old_set_back(user, monkeypatch):
    folder = write(user, table(scale=1.0))
    before = find_bytes(folder)
    rename = Path.rename

    def refuse_new(self, target):
        if self.name.endswith(".part"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(SpectrumError, match=r"cannot be written .No space left on device") as error:
        write(user, table(scale=2.0))
    assert one_sentence(error)
    assert find_bytes(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["gen"]


def test_bad_table_writes_nothing(user):
    empty = replace(table(111), cross_section=ZERO)
    with pytest.raises(
        SpectrumError, match="lhc-14tev/gen is not written: the table of 111 is empty"
    ):
        write(user, table(), empty)
    assert not (user / BEAM).exists()


def test_remains_of_a_killed_write_are_no_sets(user):
    folder = write(user, table())
    for name in ("gen.123.part", "gen.123.old"):
        folder.rename(folder.with_name(name))
        assert available() == {}
        folder.with_name(name).rename(folder)


def test_sources_cannot_change_file_and_checksum(user):
    note = {"command": "x", "file": "other.npz", "sha256": "0" * 64}
    write_set(user / BEAM / "gen", [table()], {221: note}, "a test")
    assert find(BEAM, "gen").load(221).pdg == 221
