"""Flux files: what is stated is read, what is not is asked for, and bad files are refused by line."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from approx import approx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from physics.errors import LONGEST, InputError
from physics.fluxes.darknews import file_of
from physics.fluxes.importing import FluxFiles, import_flux
from physics.fluxes.library import find_flux, read_flux_set
from physics.fluxes.places import imports
from physics.fluxes.species import NEUTRINOS
from physics.fluxes.statement import Statement, size
from physics.fluxes.table import FluxError

SAMPLES = os.environ.get("DIPOLESCAN_FASER_NU_SAMPLES")
WHOLE = Statement("per-bin", "m^-2", (), "GeV", 10.0, "1/fb", "log")
FASER_EDGES = np.array([10.0, *(12.6727 * 10 ** (k / 10) for k in range(28))])
FASER_CENTRES = (FASER_EDGES[1:] + FASER_EDGES[:-1]) / 2
DARKNEWS_HEADER = "# nus/cm^2/150 fb^-1"


def write(folder, rows, name="flux_14.txt", header=""):
    path = folder / name
    lines = [" ".join(f"{value!r}" for value in map(float, row)) for row in rows]
    path.write_text("\n".join([*([header] if header else []), *lines]) + "\n", encoding="utf-8")
    return path


def read(folder, *paths, place="mine", **more):
    statement = more.pop("statement", WHOLE)
    files = FluxFiles(paths, statement=statement, **more)
    return import_flux(files, place, "x", folder / "out").load()


def log_rows(number=5, columns=2):
    return [(10 * 2.0**i, *range(1 + i, columns + i)) for i in range(number)]


# ---- what is read ----------------------------------------------------------------------------


def test_two_columns(tmp_path):
    found = read(tmp_path, write(tmp_path, log_rows()))
    assert found.energies == approx([10, 20, 40, 80, 160])
    assert found.edges == approx([10 * 2 ** (i - 0.5) for i in range(6)])
    assert found.numbers[14] == approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert (found.species, found.exposure_units) == ((14,), "1/fb")
    assert not found.errors[14].any()
    assert np.isnan(found.area)


def test_seven_columns_are_in_their_order(tmp_path):
    found = read(tmp_path, write(tmp_path, log_rows(columns=7)))
    assert [found.numbers[pdg][0] for pdg in (12, 14, 16, -12, -14, -16)] == approx(
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    )


UNITS = {
    "per GeV": ({"content": "per-gev"}, 5 * np.sqrt(2)),
    "per MeV": ({"content": "per-mev"}, 5e3 * np.sqrt(2)),
    "cm": ({"per": "cm^-2"}, 1e4),
    "an area": ({"per": "", "through": (0.5, 0.25)}, 8.0),
    "an exposure": ({"exposure": 1.0}, 10.0),
    "MeV": ({"energy_units": "MeV"}, 1.0),
    "MeV and per GeV": ({"energy_units": "MeV", "content": "per-gev"}, 5e-3 * np.sqrt(2)),
}


@pytest.mark.parametrize("case", UNITS)
def test_units(tmp_path, case):
    """Bins are 10 GeV/sqrt(2) wide at 10 GeV."""
    changes, factor = UNITS[case]
    stated = Statement(**{**vars(WHOLE), **changes})
    found = read(tmp_path, write(tmp_path, log_rows()), statement=stated)
    assert found.numbers[14][0] == approx(0.1 * factor)
    if changes.get("energy_units"):
        assert found.energies[0] == approx(0.01)
    if changes.get("through"):
        assert found.area == approx(0.125)


def test_a_linear_grid_and_any_grid_and_a_file_of_edges(tmp_path):
    rows = [(1.0, 1), (3.0, 2), (5.0, 3)]
    stated = Statement(**{**vars(WHOLE), "edges": "linear"})
    assert read(tmp_path, write(tmp_path, rows), statement=stated).edges == approx([0, 2, 4, 6])
    rows = [(1.0, 1), (3.0, 2), (7.0, 3)]
    stated = Statement(**{**vars(WHOLE), "edges": "midpoints"})
    assert read(tmp_path, write(tmp_path, rows), statement=stated).edges == approx([0, 2, 5, 9])
    edges = tmp_path / "edges.txt"
    edges.write_text("# GeV\n0.5\n2\n4\n9\n")
    stated = Statement(**{**vars(WHOLE), "edges": str(edges)})
    assert read(tmp_path, write(tmp_path, rows), statement=stated).edges == approx([0.5, 2, 4, 9])


def test_a_header_may_state_everything(tmp_path):
    header = (
        "# content: per-bin\n# through: 2x3\n# energy-units: GeV\n# exposure: 1e20\n"
        "# exposure-units: protons on target\n# edges: log\nE numu"
    )
    found = read(tmp_path, write(tmp_path, log_rows(), header=header), statement=Statement())
    assert found.numbers[14][0] == approx(1 / 6 / 1e20)
    assert found.exposure_units == "protons on target"


@pytest.mark.parametrize("order", ["POT/GeV", "GeV/POT"])
@pytest.mark.parametrize(("area", "factor"), [("m", 1.0), ("cm", 1e4)])
def test_darknews_headers_are_understood(tmp_path, order, area, factor):
    """Rows at zero energy and species without neutrinos are left out; the outer bins are as wide as the others."""
    rows = [(2.0 * i, 0, i, 0, 0, 2 * i, 0) for i in range(4)]
    path = write(tmp_path, rows, "CHARM.dat", f"# Enu(GeV) nue ... (all in nus/{area}^2/{order})")
    written = import_flux(FluxFiles((path,)), "charm", "x", tmp_path / "out")
    found = written.load()
    assert found.species == (14, -14)
    assert found.edges == approx([1, 3, 5, 7])
    assert found.numbers[-14] == approx(np.array([4, 8, 12]) * factor)
    assert written.source["empty"] == ["nue", "nutau", "nuebar", "nutaubar"]


def faser_rows(columns=2):
    return [(energy, *range(1 + i, columns + i)) for i, energy in enumerate(FASER_CENTRES)]


def test_faser_nu_needs_no_flags(tmp_path):
    """arXiv:2105.08270: neutrinos in each bin through 25 cm x 25 cm for 150/fb."""
    paths = [write(tmp_path, faser_rows(), f"FASER_{pdg}.txt") for pdg in NEUTRINOS]
    found = read(tmp_path, *paths, layout="faser-nu", statement=Statement(), place="faser-nu")
    assert found.edges == approx(FASER_EDGES)
    assert found.energies == approx(FASER_CENTRES)
    assert found.numbers[-16] == approx(np.arange(1, 29) / 0.0625 / 150)
    assert (found.area, found.species) == (0.0625, NEUTRINOS)


def test_darknews_file_of_faser_nu_is_not_believed(tmp_path):
    """Its header says per cm^2; it is read with the layout, or where the user states the units."""
    path = write(tmp_path, faser_rows(7), "FASERnu.dat", DARKNEWS_HEADER)
    for layout in ("", "darknews", "seven-columns"):
        with pytest.raises(InputError, match=r"its header is wrong.*--layout faser-nu"):
            read(tmp_path, path, layout=layout, statement=Statement())
    right = read(tmp_path, path, layout="faser-nu", statement=Statement())
    assert right.numbers[14] == approx(np.arange(2, 30) / 0.0625 / 150)
    stated = Statement("per-bin", "", (0.25, 0.25), "GeV", 150, "1/fb", "log")
    assert read(tmp_path, path, statement=stated).numbers[14] == approx(right.numbers[14])


@pytest.mark.skipif(not SAMPLES, reason="DIPOLESCAN_FASER_NU_SAMPLES is not set")
def test_the_public_tables_are_read(tmp_path):
    """Totals of design notes: 4.75e11, 3.26e12, 1.29e10 neutrinos and antineutrinos through FASERnu."""
    paths = [Path(SAMPLES) / f"FASER_{pdg}.txt" for pdg in NEUTRINOS]
    found = read(tmp_path, *paths, layout="faser-nu", statement=Statement())
    totals = [
        sum(found.numbers[sign * pdg].sum() for sign in (1, -1)) * 0.0625 * 150
        for pdg in (12, 14, 16)
    ]
    assert totals == approx([4.71e11, 3.26e12, 1.28e10], rel=5e-3)


NUMBERS = st.floats(1e-20, 1e20) | st.just(0.0)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=20,
    deadline=None,
)
@given(
    table=st.lists(st.tuples(*[NUMBERS] * 6), min_size=2, max_size=12),
    start=st.floats(1e-3, 1e3),
    ratio=st.floats(1.01, 3),
    separator=st.sampled_from([" ", "\t", ", ", ";"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    area=st.floats(1e-2, 1e2),
    exposure=st.floats(1e-3, 1e21),
)
def test_what_is_written_is_read(tmp_path, table, start, ratio, separator, ending, area, exposure):
    """Numbers times area and exposure are those of the file, whatever its style."""
    energies = [start * ratio**i for i in range(len(table))]
    rows = [[energy, *numbers] for energy, numbers in zip(energies, table, strict=True)]
    path = tmp_path / "any.csv"
    text = ending.join(separator.join(map(repr, row)) for row in rows)
    path.write_bytes(text.encode())
    stated = Statement("per-bin", "", (area, 1.0), "GeV", exposure, "s", "log")
    columns = np.array(table).T
    if not columns.any():
        with pytest.raises(InputError, match="all its numbers are zero"):
            read(tmp_path, path, statement=stated)
        return
    found = read(tmp_path, path, statement=stated)
    assert found.energies == approx(energies)
    assert found.species == tuple(
        pdg for pdg, column in zip(NEUTRINOS, columns, strict=True) if column.any()
    )
    for pdg, column in zip(NEUTRINOS, columns, strict=True):
        if column.any():
            assert found.numbers[pdg] * area * exposure == approx(column)


# ---- what is refused -------------------------------------------------------------------------


def find_old(tmp_path):
    return read_flux_set(tmp_path / "out" / "mine" / "x").load()


def refused(tmp_path, match, *paths, **more):
    """One sentence, an older set stays, and nothing else is left."""
    old = read(tmp_path, write(tmp_path, log_rows(), "old_16.txt"))
    with pytest.raises(InputError, match=match) as caught:
        read(tmp_path, *paths, **more)
    assert len(str(caught.value)) <= LONGEST
    assert "\n" not in str(caught.value)
    left = {path.name for path in (tmp_path / "out").rglob("*")}
    assert left == {"mine", "x", "SOURCES.yaml", "flux.npz"}
    assert find_old(tmp_path).species == old.species == (16,)


TEXTS = {
    "empty": ("", "is empty"),
    "comments": ("# E number\n\n", "is empty"),
    "words": ("E number\n", "is empty"),
    "three columns": ("1 2 3\n", "line 1: 3 columns where there must be 2 or 7"),
    "one column": ("1\n2\n", "line 1: 1 column where there must be 2 or 7"),
    "a row too short": ("1 2\n2 3\n4\n", "line 3: 1 column where there must be 2"),
    "nan": ("1 2\n2 nan\n", "line 2: 'nan' is not a finite number"),
    "first nan": ("nan nan\n2 3\n", "line 1: 'nan' is not a finite number"),
    "inf": ("1 2\n2 inf\n", "line 2: 'inf' is not a finite number"),
    "text": ("1 2\n2 x\n", "line 2: 'x' is not a finite number"),
    "negative": ("1 2\n2 -3\n4 5\n", "line 2: a negative number of neutrinos, -3"),
    "negative energy": ("-1 2\n1 3\n", "line 1: the energy -1 is not above zero"),
    "at zero": ("0 2\n1 3\n", "line 1: the energy 0 is not above zero"),
    "only at zero": ("0 0\n", "no bins above zero energy"),
    "twice": ("1 2\n2 3\n2 3\n", "line 3: a second bin at the energy 2"),
    "order": ("1 2\n4 3\n2 3\n", "line 3: a bin out of order at the energy 2"),
    "gap": ("1 2\n2 3\n4 4\n16 5\n32 6\n", "line 4: the energy 16 follows 4 .* a factor 2"),
    "one row": ("1 2\n", "a single bin, whose edges cannot be told"),
    "zeros": ("1 0\n2 0\n", "all its numbers are zero"),
    "binary": ("\0\0\0", "not a text file"),
    "octal": ("1 2\n2 021\n", "line 2: '021' is not a finite number"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_bad_files_are_refused_by_line(tmp_path, case):
    text, match = TEXTS[case]
    path = tmp_path / "flux_14.txt"
    path.write_text(text)
    refused(tmp_path, match, path)


def test_a_file_that_is_not_there(tmp_path):
    refused(tmp_path, "cannot be read", tmp_path / "none_14.txt")


MISSING = {
    "content": "--content",
    "per": "--per m",
    "energy_units": "--energy-units",
    "exposure": "--exposure",
    "exposure_units": "--exposure-units",
    "edges": "--edges",
}


@pytest.mark.parametrize("key", MISSING)
def test_units_are_never_guessed(tmp_path, key):
    """Each must be stated, in the file or by the user."""
    for columns in (2, 7):
        stated = Statement(**{k: v for k, v in vars(WHOLE).items() if k != key})
        path = write(tmp_path, log_rows(columns=columns))
        refused(
            tmp_path,
            f"does not say what its numbers are; state it with {MISSING[key]}",
            path,
            statement=stated,
        )


STATEMENTS = {
    "content": ("per-event", "did you mean|unknown content"),
    "per": ("m^2", "unknown per"),
    "energy_units": ("TeV", "unknown energy-units"),
    "exposure": (-1.0, "above zero"),
    "exposure_units": ("fb", "unknown exposure-units"),
    "edges": ("nowhere.txt", "cannot be read"),
}


@pytest.mark.parametrize("key", STATEMENTS)
def test_statements_that_make_no_sense(tmp_path, key):
    value, match = STATEMENTS[key]
    stated = Statement(**{**vars(WHOLE), key: value})
    refused(tmp_path, match, write(tmp_path, log_rows()), statement=stated)


@pytest.mark.parametrize("text", ["", "1", "1x", "x", "0x1", "1x-2", "1x2x3", "nanx1", "infx1"])
def test_areas_that_are_none(text):
    with pytest.raises(InputError, match="is no area"):
        size(text)


@pytest.mark.parametrize("exposure", [1e-300, 1e308])
def test_units_with_which_numbers_overflow(tmp_path, exposure):
    stated = Statement("per-mev", "", (1e-160, 1e-160), "GeV", exposure, "s", "log")
    refused(tmp_path, "the flux of 14", write(tmp_path, log_rows()), statement=stated)


def test_two_statements_of_one_area(tmp_path):
    stated = Statement(**{**vars(WHOLE), "through": (1.0, 1.0)})
    refused(tmp_path, "two ways", write(tmp_path, log_rows()), statement=stated)


def test_a_header_with_an_impossible_value(tmp_path):
    path = write(tmp_path, log_rows(), header="# content: per-event")
    refused(tmp_path, "its header's content: unknown content 'per-event'", path)


def test_species(tmp_path):
    one, two = (write(tmp_path, log_rows(), name) for name in ("numu.txt", "b_14.txt"))
    refused(tmp_path, "does not name its neutrinos", one)
    refused(tmp_path, "does not name its neutrinos", write(tmp_path, log_rows(), "x_13.txt"))
    refused(tmp_path, "both for numu", one, two, species=(14, 14))
    refused(tmp_path, "1 species for 2 files", one, two, species=(14,))
    seven = write(tmp_path, log_rows(columns=7), "s.dat")
    refused(tmp_path, "leave out --species", seven, species=(14,))
    refused(tmp_path, "with two columns and with seven", seven, two)
    refused(tmp_path, "2 files with seven columns", seven, seven)
    refused(tmp_path, "not the layout darknews", two, layout="darknews")
    refused(tmp_path, "unknown layout", two, layout="three-columns")


def test_columns_that_a_header_names(tmp_path):
    """In whatever order, if all six are named; what is not the layout's order and not whole is refused."""
    header = "# Energy [GeV], numu, nue, nutau, numubar, nuebar, nutaubar"
    found = read(tmp_path, write(tmp_path, log_rows(columns=7), "s.dat", header))
    assert [found.numbers[pdg][0] for pdg in (14, 12, 16)] == approx([0.1, 0.2, 0.3])
    path = write(tmp_path, log_rows(columns=7), "s.dat", "E numu nue and others")
    refused(tmp_path, "its header names numu, nue, which is not the order", path)
    path = write(tmp_path, log_rows(), "a_14.txt", "# E nu_e, 14 TeV")
    refused(tmp_path, "for numu by its name and for nue by its header", path)
    assert read(tmp_path, path, species=(14,)).species == (14,)
    path = write(tmp_path, log_rows(), "a_14.txt", "# E nu_mu, 14 TeV")
    assert read(tmp_path, path).species == (14,)


def test_a_header_that_states_a_thing_twice(tmp_path):
    """The last one was taken without a word; the same twice is no harm."""
    header = "# content: per-bin\n# content: per-bin"
    assert read(tmp_path, write(tmp_path, log_rows(), header=header)).numbers
    for other in ("# content: per-gev", "# exposure: 3\n# exposure: 4"):
        with pytest.raises(
            InputError, match=r"states (content|exposure) twice, '.*' and '.*'; rem"
        ):
            read(tmp_path, write(tmp_path, log_rows(), header=f"{header}\n{other}"))


def test_energies_that_nothing_has(tmp_path):
    """A table in MeV that is said to be in GeV."""
    rows = [(1e3 * energy, number) for energy, number in log_rows()]
    table = write(tmp_path, rows)
    assert read(tmp_path, table).numbers
    with pytest.raises(
        InputError, match=r"of its numu above 7000 GeV, the most that the beam lhc-14tev"
    ):
        read(tmp_path, table, place="faser-nu2")
    with pytest.raises(InputError, match=r"energies up to .* GeV, above 1e\+12"):
        read(tmp_path, write(tmp_path, [(1e300, 1), (1e301, 1)]))


def test_a_header_with_two_units_of_energy(tmp_path):
    header = "# Enu (MeV) nue numu nutau nuebar numubar nutaubar (all in nus/cm^2/GeV/POT)"
    path = write(tmp_path, log_rows(columns=7), "s.dat", header)
    refused(tmp_path, "energies in gev and in mev", path, statement=Statement())
    path = write(tmp_path, log_rows(), header="# Energy [MeV] and number")
    stated = Statement(**{**vars(WHOLE), "energy_units": ""})
    assert read(tmp_path, path, statement=stated).energies[0] == approx(0.01)


def test_species_have_the_same_bins(tmp_path):
    one = write(tmp_path, log_rows(), "a_14.txt")
    refused(tmp_path, "a_14.txt 5; rows are missing", one, write(tmp_path, log_rows(4), "b_12.txt"))
    rows = [(energy * 1.01, number) for energy, number in log_rows()]
    refused(tmp_path, "b_12.txt, line 1: .* is not that of", one, write(tmp_path, rows, "b_12.txt"))
    zero = write(tmp_path, [(energy, 0) for energy, _ in log_rows()], "b_12.txt")
    refused(tmp_path, "b_12.txt has no neutrinos", one, zero)


def test_another_table_is_not_faser_nu(tmp_path):
    def faser(rows):
        refused(tmp_path, match, write(tmp_path, rows), layout="faser-nu", statement=Statement())

    match = "line 1: the energy 10 is not that of bin 1 .* 11.336[34] GeV"
    faser(log_rows())
    match = "ends at line 27 with 27 bins"
    faser(faser_rows()[:-1])
    match = "line 5: the energy"
    faser([row for i, row in enumerate(faser_rows()) if i != 4])
    stated = Statement(per="cm^-2")
    path = write(tmp_path, faser_rows())
    refused(tmp_path, "leave out --per", path, layout="faser-nu", statement=stated)


def test_edges_that_do_not_fit(tmp_path):
    path, edges = write(tmp_path, [(1, 1), (2, 1)]), tmp_path / "edges.txt"
    for text, match in {
        "1\n2\n": "2 edges where the 2 bins",
        "0\n3\n2\n": "line 3: the edge 2 does not increase",
        "0\n1.5\n1.7\n": "line 2: the energy 2 is not inside its bin, 1.5 to 1.7",
        "0 1 2": "line 1: 3 columns where there must be 1",
    }.items():
        edges.write_text(text)
        stated = Statement(**{**vars(WHOLE), "edges": str(edges)})
        refused(tmp_path, match, path, statement=stated)


@pytest.mark.parametrize("place", ["", "a/b", "..", "default", "x.part", "-x", "ü"])
def test_names_that_are_none(tmp_path, place):
    with pytest.raises(InputError, match="cannot be the"):
        read(tmp_path, write(tmp_path, log_rows()), place=place)
    assert not (tmp_path / "out").exists()


@pytest.fixture
def darknews(tmp_path, monkeypatch):
    """A package of that name with one file of fluxes, which must not be run."""
    folder = tmp_path / "site" / "DarkNews" / "include" / "fluxes"
    folder.mkdir(parents=True)
    (folder.parents[1] / "__init__.py").write_text("raise RuntimeError\n")
    rows = [(2.0 * i, 0, i, 0, 0, 2 * i, 0) for i in range(4)]
    path = write(folder, rows, "HORN.dat", "# nus/m^2/GeV/POT")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(sys.modules, "DarkNews", raising=False)
    return path


def test_a_file_of_an_installed_darknews(darknews, tmp_path):
    path = file_of("darknews:HORN.dat")
    assert path == darknews
    written = import_flux(FluxFiles((path,)), "horn", "x", tmp_path / "out")
    source = written.source
    assert source["command"].startswith("dipolescan flux import darknews:HORN.dat --place horn")
    assert list(source["files"]) == ["darknews:HORN.dat"]
    assert source["source"].endswith("arXiv:2207.04137")
    with pytest.raises(InputError, match=r"did you mean 'HORN\.dat'"):
        file_of("darknews:HORNS.dat")
    with pytest.raises(InputError, match=r"unknown flux file of DarkNews"):
        file_of("darknews:../fluxes/HORN.dat")


def test_darknews_that_is_not_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"is not installed: add it in your clone.*darknews"):
        file_of("darknews:HORN.dat")


@pytest.mark.parametrize("place", imports())
def test_a_place_whose_flux_is_not_shipped_says_how_to_import_it(place, tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(tmp_path))
    with pytest.raises(FluxError, match=rf"flux import darknews:\w+\.dat --place {place} --name"):
        find_flux(place)
