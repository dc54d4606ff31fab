"""Curves of others: the same numbers from every way to write them, and where a file cannot be read."""

import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.nature.constants import D_PER_BOHR_MAGNETON
from scanner.outputs import accessor
from scanner.queries.curves import read_limit

CURVE = np.array([[0.1, 2.5e-6], [0.2, 1e-6], [0.4, 3e-6]])
GEV = ("GeV", "1/GeV")
WAYS = {
    "blanks": "0.1 2.5e-6\n0.2   1e-6\n0.4 3e-6\n",
    "commas": "0.1,2.5e-6\n0.2,1e-6\n0.4,3e-6\n",
    "commas and blanks": "0.1, 2.5e-6\n0.2, 1e-6\n0.4, 3e-6\n",
    "semicolons": "0,1;2,5e-6\n0,2;1e-6\n0,4;3E-6;\n",
    "semicolons and blanks": "x; y\r\n0,1; 0,0000025\r\n0,2; 1e-6\r\n0,4; 3e-6\r\n",
    "tabs": "# mine\n0,1\t2,5e-6\n\n0,2\t1e-6\n0,4\t3e-6  # the last\n",
    "decimal commas and blanks": "0,1 2,5e-6\n0,2 1e-6\n0,4 3e-6\n",
    "decimal commas, a comma and a blank": "0,1, 2,5e-6\n0,2, 1e-6\n0,4, 3e-6\n",
    "quotes": '"0.1","2.5e-6"\n"0.2","1e-6"\n"0.4","3e-6"\n',
    "digitiser": "Dataset 1,\nX,Y\n0.1,2.5e-6\n0.2,1e-6\n0.4,3e-6\n",
    "mark": "\ufeff0.1 2.5e-6\n0.2 1e-6\n0.4 3e-6",
}
TABLE = """independent_variables:
- header: {name: m, units: GEV}
  values: [{value: 0.1}, {value: 0.2}, {value: 0.3}, {value: 0.4}]
dependent_variables:
- header: {name: d, units: 'PER'}
  qualifiers: [{name: limit, value: x}]
  values: [{value: 2.5e-6}, {value: 1.0e-6}, {value: '-'}, {value: 3.0e-6}]
"""


@pytest.fixture
def read(tmp_path):
    def read(text, units=GEV, name="x.csv", **more):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_limit(tmp_path / name, "dipole", units, **more)

    return read


def points(limit):
    return np.column_stack([limit.mass, limit.coupling])


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_write_a_curve(read, way):
    found = read(WAYS[way])
    assert np.array_equal(points(found), CURVE)
    assert (found.name, found.closed, found.confidence_level) == ("x", False, "unstated")


@pytest.mark.parametrize(
    ("header", "factors"),
    [
        ("m_N [MeV], d [1/GeV]", (1e-3, 1)),
        ("m (GeV),mu (mu_B)", (1, D_PER_BOHR_MAGNETON)),
        ("m [MeV],d [GeV$^{-1}$]", (1e-3, 1)),
        ("m [MeV],d [TeV^-1]", (1e-3, 1e-3)),
        ("m [GeV],mu [μ_B]", (1, D_PER_BOHR_MAGNETON)),
        ("m_N_MeV,d_gamma_per_GeV", (1e-3, 1)),
        ("m_N_GeV,d_gamma_mu_B", (1, D_PER_BOHR_MAGNETON)),
    ],
)
def test_units_of_a_header(read, header, factors):
    assert points(read(f"{header}\n{WAYS['commas']}", None)) == approx(CURVE * factors, rel=1e-15)


def test_units_of_the_reader(read):
    assert points(read(WAYS["tabs"], ("MeV", "mu_B"))) == approx(
        CURVE * (1e-3, D_PER_BOHR_MAGNETON), rel=1e-15
    )


def test_a_table_of_hepdata(read):
    text = TABLE.replace("GEV", "MeV").replace("PER", "GeV**-1")
    with pytest.raises(InputError, match="in 'GeV\\*\\*-1', which is unknown; give one of 1/GeV"):
        read(text, None, "x.yaml")
    text = TABLE.replace("GEV", "MeV").replace("PER", "GeV$^{-1}$")
    assert points(read(text, None, "x.yaml")) == approx(CURVE * (1e-3, 1), rel=1e-15)


REFUSED = {
    "0.1 1e-6\nabc\n0.3 1e-6\n": "x.csv, line 2: 'abc' is no mass and coupling",
    "0.1 1e-6\n0.2 0\n": "x.csv, line 2: '0.2 0': mass and coupling must be above zero",
    "0.1 1e-6\n\n-0.2 1e-6\n": "line 3",
    "0.1 1e-6 3\n0.2 1e-6 4\n": "has 3 columns",
    "0.1 1e-6\n0.2 1e-6 4\n": "line 2: '0.2 1e-6 4' has 3 numbers",
    "1,5, 2\n1,6, 3\n0,1,1,5\n": "line 3",
    "hello\n": "no line has two numbers",
    "0,1;2.5e-6\n": "no line has two numbers",
    "0.1 1e-6\n": "1 points are no curve",
    "": "no line has two numbers",
    "0.1 nan\n": "no line",
    "1,2 3,4\n1,2 3\n": None,
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused(read, text):
    if REFUSED[text] is None:
        assert points(read(text)).tolist() == [[1.2, 3.4], [1.2, 3.0]]
        return
    with pytest.raises(InputError) as error:
        read(text)
    assert REFUSED[text] in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("header", "units", "words"),
    [
        ("", None, "does not state the unit of m_N; give one of GeV"),
        ("m [MeV],d\n", None, "does not state the unit of d_gamma; give one of 1/GeV"),
        ("m [MeV],d [1/GeV]\n", GEV, "m_N is in MeV by its header and not in GeV"),
        ("", ("GeV", "parsec"), "unknown unit 'parsec' of d_gamma"),
        ("", "GeV", "units of a curve are two"),
        ("m [furlong],d [1/GeV]\n", None, "m_N in 'furlong', which is unknown"),
    ],
)
def test_units_are_never_guessed(read, header, units, words):
    with pytest.raises(InputError) as error:
        read(header + WAYS["commas"], units)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "x.yaml"),
        ("comment: x\n", "no table of HEPData"),
        (TABLE.replace("2.5e-6", "no"), "x.yaml, value 1"),
        (TABLE.replace("{value: 0.3}, ", ""), "m has 3 values and d 4"),
        (TABLE.replace("{value: 0.2}", "{low: 0.1, high: 0.2}"), "x.yaml, value 2"),
    ],
)
def test_a_table_that_is_none(read, text, words):
    with pytest.raises(InputError) as error:
        read(text, GEV, "x.yaml")
    assert words in str(error.value)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_limit(tmp_path / "none.csv", "dipole", GEV)
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe0")
    with pytest.raises(InputError, match="no text in UTF-8"):
        read_limit(tmp_path / "x.csv", "dipole", GEV)


@pytest.mark.parametrize("closed", [False, True])
def test_points_in_any_order(read, closed):
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    loop = np.exp(np.column_stack([np.cos(turn), np.sin(turn) * 2 - 12]))
    line = np.column_stack([np.geomspace(0.01, 1, 60), 1e-6 * np.geomspace(1, 3, 60)])
    points_there = loop if closed else line
    mixed = np.random.default_rng(3).permutation(points_there)
    text = "".join(f"{m!r} {d!r}\n" for m, d in mixed.tolist())
    found = read(text, closed=closed)
    assert "put in order" in found.note
    steps = np.abs(
        np.diff([np.flatnonzero((points_there == p).all(axis=1))[0] for p in points(found)])
    )
    assert np.isin(steps, [1, 59]).all()


def test_a_loop_ends_where_it_begins(read):
    text = "0.1 1e-6\n0.2 1e-6\n0.2 1e-5\n0.1 1e-5\n0.1 1e-6\n"
    found = read(text)
    assert found.closed
    assert len(found.mass) == 4
    assert "order" not in found.note


def test_our_own_files_are_read_back(small, tmp_path):
    cube = accessor.open_cube(small)
    for units in (None, ["mu_B", "MeV"]):
        result = cube.scan.contour({"experiment": "FACET", "flavor": "e"}, units=units)
        plain = cube.scan.contour({"experiment": "FACET", "flavor": "e"})
        (branch,) = plain.branches
        place = tmp_path / ("a" if units else "b")
        result.to_csv(place / "c.csv")
        result.to_hepdata(place / "hepdata")
        for file in (place / "c.csv", place / "hepdata" / "table_1.yaml"):
            found = points(read_limit(file, "dipole"))
            assert found == approx(branch[: len(found)], rel=1e-15 if units else 0)
            assert len(branch) - len(found) == np.array_equal(branch[0], branch[-1])


def test_on_the_command_line(cli, small, tmp_path):
    """Files are shaded in figures that say which they were."""
    file = tmp_path / "mine.csv"
    file.write_text("50;2e-4\n100;1e-4\n400;3e-4\n")
    chosen = ("--flavor", "e")
    for command, words in (
        ("plot", chosen),
        ("plot", ()),
        ("compare", ("--by", "experiment", *chosen)),
    ):
        out = tmp_path / f"{command}{len(words)}.svg"
        options = ("--limit", file, "--limit-units", "MeV,mu_B", "-o", out)
        status, _, err = cli(command, small, *words, *options)
        assert status == 0, err
        text = out.read_text()
        assert "limits_of_files" in text
        assert "file mine.csv, sha256" in text
        assert "in MeV and mu_B" in text
        status, _, err = cli(command, small, *words, "--limit", file, "-o", tmp_path / "none.svg")
        assert status == 1
        assert "does not state the unit of m_N" in err
        assert not (tmp_path / "none.svg").exists()


def test_a_file_is_a_patch_of_a_panel(small, tmp_path):
    cube = accessor.open_cube(small)
    (tmp_path / "mine.csv").write_text("0.05 2e-4\n0.1 1e-4\n0.4 3e-4\n")
    result = cube.scan.contour({"experiment": "FACET", "flavor": "e"})
    before = [p for p in result.as_figure().axes[0].patches if p.get_fill()]
    result._query.further_limits.append(read_limit(tmp_path / "mine.csv", "dipole", GEV))
    patches = [p for p in result.as_figure().axes[0].patches if p.get_fill()]
    assert len(patches) == len(before) + 1
    assert patches[-1].get_xy()[:3].tolist() == [[0.05, 2e-4], [0.1, 1e-4], [0.4, 3e-4]]


SWAPPED = {
    "d_gamma [1/GeV], m_N [GeV]\n1e-5, 0.01\n2e-6, 0.1\n": None,
    "coupling, mass\n1e-5, 0.01\n2e-6, 0.1\n": GEV,
    "dgamma,mN\n1e-5,0.01\n2e-6,0.1\n": GEV,
    "1e-5 0.01\n2e-6 0.1\n1e-5 1\n": GEV,
    "1e-5 10\n2e-6 100\n": ("MeV", "1/GeV"),
}


@pytest.mark.parametrize("text", SWAPPED)
def test_the_coupling_before_the_mass_is_told(read, text):
    """By titles, by units and by numbers; what states otherwise is believed."""
    with pytest.raises(InputError) as error:
        read(text, SWAPPED[text])
    said = str(error.value)
    assert (
        "the first column is the coupling (d_gamma) and the second the mass (m_N); swap them"
        in said
    )
    assert len(said) < 400


def test_a_swapped_table_and_swapped_units_are_told(read):
    table = TABLE.replace("name: m, units: GEV", "name: d, units: 1/GeV")
    with pytest.raises(InputError, match="first column is the coupling"):
        read(table.replace("name: d, units: 'PER'", "name: m, units: GeV"), None, "x.yaml")
    with pytest.raises(InputError, match="give the mass first, as MeV,1/GeV"):
        read(WAYS["blanks"], ("1/GeV", "MeV"))


def test_small_masses_with_small_couplings_are_taken_as_they_are(read):
    assert read("1e-5 5e-9\n1e-4 6e-9\n").mass.tolist() == [1e-5, 1e-4]
    read("m_N [GeV], d_gamma [1/GeV]\n1e-6, 0.1\n2e-6, 0.2\n", None)  # stated: believed


def test_numbers_of_no_plane(read):
    with pytest.raises(InputError, match="all of its d_gamma lie above 1000 1/GeV"):
        read("0.1 2e3\n0.2 3e3\n")


def test_a_curve_outside_the_scan_is_told_with_the_unit_in_which_it_is_not(cli, small, tmp_path):
    file = tmp_path / "mev.csv"
    file.write_text("20000 1e-5\n30000 2e-5\n", encoding="utf-8")
    picture = str(tmp_path / "a.png")
    line = ["plot", str(small), "--flavor", "e", "--limit", str(file), "-o", picture]
    found = cli(*line, "--limit-units", "GeV,1/GeV")[2]
    assert "mev is not in the picture: its m_N (2e+04 to 3e+04 GeV) lies outside the scan" in found
    assert "in MeV it would lie within" not in found  # at 20 GeV
    file.write_text("100 1e-5\n300 2e-5\n", encoding="utf-8")
    assert (
        "in MeV it would lie within, and it is read in GeV"
        in cli(*line, "--limit-units", "GeV,1/GeV")[2]
    )
    assert "not in the picture" not in cli(*line, "--limit-units", "MeV,1/GeV")[2]


def test_an_open_limit_below_the_scan_covers_the_picture(cli, small, tmp_path):
    file = tmp_path / "below in MeV and x.csv"
    picture = str(tmp_path / "a.png")
    line = ["plot", str(small), "--flavor", "e", "-o", picture, "--limit-units", "GeV,1/GeV"]
    file.write_text("1e-6 1e-12\n1e4 1e-12\n", encoding="utf-8")
    found = cli(*line, "--limit", str(file))[2]
    assert "excludes all of the picture: its d_gamma" in found
    assert "not in the picture" not in found
    assert "not in the picture" in cli(*line, "--in-front", str(file))[2]
    file.write_text("0.1 1e-12\n0.2 1e-12\n", encoding="utf-8")
    assert "all of the picture from 0.1 to 0.2 GeV: its" in cli(*line, "--limit", str(file))[2]


def test_the_name_of_a_file_is_no_unit(cli, small, tmp_path):
    file = tmp_path / "curve in MeV and mu_B.csv"
    file.write_text("100 1e-5\n300 2e-5\n", encoding="utf-8")
    line = [
        "plot",
        str(small),
        "--flavor",
        "e",
        "--limit",
        str(file),
        "-o",
        str(tmp_path / "a.png"),
    ]
    assert "and it is read in GeV" in cli(*line, "--limit-units", "GeV,1/GeV")[2]


@pytest.mark.parametrize("header", ["dipole,", "Dipole,,", "mass,", ",mass"])
def test_one_title_says_nothing_of_an_order(read, header):
    assert read(f"{header}\n0.01,1e-5\n0.5,2e-5\n").mass.tolist() == [0.01, 0.5]
