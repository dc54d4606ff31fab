"""Tables in FORESEE's layout (arXiv:2105.07077): every variant is read, every damage is named."""

import contextlib
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from approx import approx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from physics.errors import InputError
from physics.models.tasks import checksums
from physics.nature.beams import beams
from physics.spectra.foresee import import_set
from physics.spectra.foresee_files import select
from physics.spectra.foresee_table import EmptyFileError, read
from physics.spectra.library import SHIPPED, SpectrumError, read_set
from physics.spectra.normalisation import load_species
from scanner.scans.spec import ScanSpec

THETA = np.array([-0.125, -0.075, -0.025, 0.025, 0.075, 0.125, 0.175])  # bin centres
P = np.array([1.025, 1.075, 1.125, 1.175, 1.225])
BEAM = "lhc-14tev"


def sigma_on(theta, p, scale=1e9):
    """A smooth positive table (n_theta, n_p) [pb]."""
    return scale * np.exp(-((p[None, :] - 1.1) ** 2) * 50) * (1 + theta[:, None] ** 2)


def text_of(theta, p, sigma, style="hash", pdg=221, order=None, number="{:.5e}"):
    """A file as FORESEE's folders hold it; sigma has the shape (n_theta, n_p)."""
    gap = "\t" if style.startswith("tab") else "    "
    rows = [
        gap.join(number.format(x) for x in (theta[j], p[i], sigma[j, i]))
        for j in range(theta.size)
        for i in range(p.size)
    ]
    if order is not None:
        rows = [rows[k] for k in order]
    mark = "# " if style in ("hash", "tab-hash") else ""
    header = [
        f"{mark}This file contains the cross section for the FORWARD hemisphere only",
        f"{mark}Normalization: {gap}{sigma.sum():.12e}{gap} pb",
        f"{mark}PID: {pdg}",
        f"{mark}log10(theta){gap}log10(p/GeV){gap}cross-section[pb/bin]",
    ]
    lines = rows if style == "bare" else header + rows
    return "\n".join(lines) + ("" if style.startswith("tab") else "\n")


def write(folder, pdg=221, prefix="EPOSLHC_14TeV", text=None, **options):
    path = folder / f"{prefix}_{pdg}.txt"
    good = text_of(THETA, P, sigma_on(THETA, P), pdg=pdg, **options)
    path.write_text(good if text is None else text)
    return path


# ---- reading ---------------------------------------------------------------------------------


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_round_trip_of_every_variant(tmp_path, data):
    """What is written is read: centres become edges, rows in any order, all headers (rel. 1e-5)."""
    n_theta = data.draw(st.integers(2, 9))
    n_p = data.draw(st.integers(2, 9))
    step = data.draw(st.floats(0.02, 0.2))
    top = 0.196 + data.draw(st.floats(-0.7, 0.45)) * step  # the last bin reaches pi/2
    theta = top - step * np.arange(n_theta)[::-1]
    p = data.draw(st.floats(-2, 2)) + step * np.arange(n_p)
    size = n_theta * n_p
    values = data.draw(st.lists(st.floats(0, 1e12), min_size=size, max_size=size))
    sigma = np.array(values).reshape(n_theta, n_p)
    sigma[0, 0] += 1e9
    style = data.draw(st.sampled_from(["hash", "tab", "tab-hash", "bare"]))
    number = data.draw(st.sampled_from(["{:.5e}", "{!r}"]))
    number = "{:.17g}" if number == "{!r}" else number
    order = data.draw(st.permutations(range(size)))
    path = tmp_path / "X_14TeV_221.txt"
    path.write_text(text_of(theta, p, sigma, style, order=order, number=number))
    table = read(path, 221).table
    table.check()
    assert table.cross_section == approx(sigma.T, rel=1e-5)
    assert table.total == approx(sigma.sum(), rel=1e-5)
    assert table.log10_theta_edges == approx(np.append(theta - step / 2, top + step / 2), abs=2e-5)
    assert table.log10_p_edges == approx(np.append(p - step / 2, p[-1] + step / 2), abs=2e-5)
    assert not table.variance.any()


def test_shifted_grid_with_six_digits(tmp_path):
    """The grid of FORESEE's J/psi and Upsilon files: steps of 0.05 rounded to the sixth digit."""
    theta = np.linspace(-4.97428, 0.175719, 104)
    p = np.linspace(-0.974281, 3.97572, 100)
    path = write(tmp_path, 443, text=text_of(theta, p, sigma_on(theta, p), "bare", 443))
    table = read(path, 443).table
    assert table.cross_section.shape == (100, 104)
    assert table.log10_p_edges[[0, -1]] == approx([-0.999281, 4.000720], abs=1e-6)


def line(number, new):
    def change(lines):
        lines[number - 1] = new
        return lines

    return change


def cut(first, last=None):
    def change(lines):
        del lines[first - 1 : last]
        return lines

    return change


# 4 header lines, then rows: row r of (theta j, p i) is line 5 + 5 j + i
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (line(7, "-1.25e-01 1.125e+00"), r"line 7: 2 columns .* three"),
        (line(7, "-1.25e-01 1.125e+00 1.0 2.0"), r"line 7: 4 columns .* three"),
        (line(8, "-1.25e-01 1.175e+00 nan"), r"line 8: .*not three finite numbers"),
        (line(8, "-1.25e-01 1.175e+00 inf"), r"line 8: .*not three finite numbers"),
        (line(9, "-1.25e-01 one 1.0"), r"line 9: .*not three finite numbers"),
        (line(7, "-1.25e-01 1.135e+00 1.0"), r"line 7: log10\(p/GeV\) = 1.135 is not on .* grid"),
        (line(7, "-1.25e-01 9.900e+01 1.0"), r"line 7: log10\(p/GeV\) = 99 is not on .* grid"),
        (line(11, "-7.5e-02 1.025e+00 1.0"), r"line 11: a second row for log10\(theta\) = -0.075"),
        (cut(12, 12), r"lost rows: it ends at line 38 .* -0.075, log10\(p/GeV\) = 1.125"),
        (cut(15, 19), r"line 15: log10\(theta\) = 0.025 is not on .* grid"),
        (cut(37), r"truncated .* it ends at line 36 with 32 rows .* needs 35"),
        (cut(35), r"part of the hemisphere|sum to"),
        (cut(5), r"is empty: it has no rows"),
        (lambda lines: [], r"is empty: it has no rows"),
        (lambda lines: ["hello world", *lines], r"line 1: 2 columns"),
        (lambda lines: [lines[0], "some words here", *lines[1:]], r"line 2: .*not three finite"),
        (
            line(2, "# Normalization: 1e15 pb"),
            r"truncated or altered: its bins sum to .* 1e\+15 pb",
        ),
        (line(3, "# PID: -211"), r"species -211 by its header and 221 by its name"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path, change, message):
    good = text_of(THETA, P, sigma_on(THETA, P))
    assert len(good.splitlines()) == 39
    path = write(tmp_path, text="\n".join(change(good.splitlines())) + "\n")
    with pytest.raises(InputError, match=message) as error:
        read(path, 221)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_one_column_of_bins_is_refused(tmp_path):
    path = write(tmp_path, text=text_of(THETA, P[:1], sigma_on(THETA, P[:1])))
    with pytest.raises(InputError, match=r"single value of log10\(p/GeV\)"):
        read(path, 221)


def test_swapped_columns_are_refused(tmp_path):
    rows = [" ".join(f"{x:g}" for x in (p, t, 1.0)) for t in THETA for p in P]
    with pytest.raises(InputError, match="angles beyond the forward hemisphere"):
        read(write(tmp_path, text="\n".join(rows)), 221)


def test_whole_missing_block_of_a_file_without_header_is_refused(tmp_path):
    """Nothing but the angle that the grid ends at tells of such a cut."""
    theta = THETA[:-1]
    path = write(tmp_path, text=text_of(theta, P, sigma_on(theta, P), "bare"))
    with pytest.raises(InputError, match=r"angles end at 1.41 rad, not at pi/2"):
        read(path, 221)


def test_binary_and_unreadable_files(tmp_path):
    path = tmp_path / "X_14TeV_221.txt"
    for content in (bytes(range(256)), b"1 2 3\n\x00\x00"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a text file"):
            read(path, 221)
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path, 221)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_random_damage_never_passes_as_another_error(tmp_path, data):
    """A damaged file is refused with an InputError, or the damage left its table countable."""
    raw = bytearray(text_of(THETA, P, sigma_on(THETA, P)).encode())
    start = data.draw(st.integers(0, len(raw) - 1))
    raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    path = tmp_path / "X_14TeV_221.txt"
    path.write_bytes(raw)
    with contextlib.suppress(InputError):
        read(path, 221).table.check()


def test_zeros_are_refused(tmp_path):
    """FORESEE's QGSJET rho, omega, phi and eta' files hold only zeros."""
    path = write(tmp_path, text=text_of(THETA, P, np.zeros((7, 5))))
    with pytest.raises(EmptyFileError, match=r"holds only zeros.*leave this file out") as error:
        read(path, 221)
    assert path.name in str(error.value)


def test_negative_bins_are_refused_or_clipped(tmp_path):
    sigma = sigma_on(THETA, P, 100.0)
    sigma[0, 0], sigma[3, 2] = -7.0, -3.0
    path = write(tmp_path, 411, text=text_of(THETA, P, sigma, "bare"))
    share = f"{-10 / sigma.sum():.2%}"
    with pytest.raises(InputError, match=f"2 negative bins, {share} of its total.*--negative clip"):
        read(path, 411)
    table = read(path, 411, negative="clip").table
    assert table.total == approx(sigma.sum(), rel=1e-5)
    assert table.cross_section.min() == 0
    ratio = table.cross_section[sigma.T > 0] / sigma.T[sigma.T > 0]
    assert ratio == approx(sigma.sum() / sigma[sigma > 0].sum(), rel=1e-5)
    table.check()


def test_negative_total_and_unknown_choice(tmp_path):
    path = write(tmp_path, text=text_of(THETA, P, -sigma_on(THETA, P), "bare"))
    with pytest.raises(InputError, match="not a positive cross-section"):
        read(path, 221, negative="clip")
    with pytest.raises(InputError, match="negative: 'ignore' is not possible"):
        read(path, 221, negative="ignore")


# ---- import ----------------------------------------------------------------------------------


def test_import_of_a_folder(tmp_path):
    for pdg in (111, 221, 211, -211, 411, 130, 2112):
        write(tmp_path, pdg)
    (tmp_path / "readme.txt").write_text("not a table")
    folder = import_set(tmp_path, BEAM, "epos", tmp_path / "out")
    found = read_set(folder)
    assert folder == tmp_path / "out" / BEAM / "epos"
    assert set(found.sources) == {111, 221, 211, -211, 411, -411}
    source = found.sources[221]
    original = (tmp_path / "EPOSLHC_14TeV_221.txt").read_bytes()
    assert source["original_file"] == "EPOSLHC_14TeV_221.txt"
    assert source["original_sha256"] == hashlib.sha256(original).hexdigest()
    assert source["generator"] == "FORESEE layout, EPOSLHC_14TeV"
    assert source["command"].startswith("dipolescan spectra import")
    assert {"EPOSLHC_14TeV_130.txt", "EPOSLHC_14TeV_2112.txt", "readme.txt"} == set(
        source["ignored"].split(", ")
    )
    assert found.load(221).cross_section == approx(sigma_on(THETA, P).T, rel=1e-5)


def test_one_charge_stands_for_both(tmp_path):
    write(tmp_path, 431)
    write(tmp_path, -521)
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out"))
    assert set(found.sources) == {431, -431, 521, -521}
    assert "table of 431 stands for -431" in found.sources[-431]["charge"]
    assert "charge" not in found.sources[431]
    for pdg in (431, 521):
        assert np.array_equal(found.load(pdg).cross_section, found.load(-pdg).cross_section)


def test_both_charges_are_kept_apart(tmp_path):
    write(tmp_path, 211, text=text_of(THETA, P, sigma_on(THETA, P, 3.0), "bare"))
    write(tmp_path, -211, text=text_of(THETA, P, sigma_on(THETA, P, 2.0), "bare"))
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out"))
    assert found.load(211).total / found.load(-211).total == approx(1.5)
    assert "charge" not in found.sources[-211]


def test_charges_on_two_grids_are_refused(tmp_path):
    write(tmp_path, 211)
    write(tmp_path, -211, text=text_of(THETA, P + 0.01, sigma_on(THETA, P), pdg=-211))
    with pytest.raises(InputError, match="different grids"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out")


def test_several_generators_need_a_prefix(tmp_path):
    for prefix in ("EPOSLHC_14TeV", "SIBYLL_14TeV"):
        write(tmp_path, prefix=prefix)
    write(tmp_path, 130, prefix="Other_14TeV")  # of no use, so not in the way
    with pytest.raises(InputError, match="--prefix: EPOSLHC_14TeV, SIBYLL_14TeV"):
        select(tmp_path)
    for prefix in ("SIBYLL", "SIBYLL_14TeV"):
        assert select(tmp_path, [prefix]).prefixes == ("SIBYLL_14TeV",)
        assert set(select(tmp_path, [prefix]).files) == {221}
        assert "EPOSLHC_14TeV_221.txt" in select(tmp_path, [prefix]).ignored
    for prefixes in (["QGSJET"], ["SIBYLL", "QGSJET"]):
        with pytest.raises(InputError, match=r"no table QGSJET_<pdg>.txt .*EPOSLHC_14TeV, SIBYLL"):
            select(tmp_path, prefixes)


def test_one_generator_at_two_energies_needs_the_energy(tmp_path):
    for prefix in ("EPOSLHC_13TeV", "EPOSLHC_14TeV"):
        write(tmp_path, prefix=prefix)
    with pytest.raises(InputError, match="--prefix: EPOSLHC_13TeV, EPOSLHC_14TeV"):
        select(tmp_path, ["EPOSLHC"])
    with pytest.raises(InputError, match="13 TeV but the beam lhc-14tev has 14 TeV"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=["EPOSLHC_13TeV"])
    assert import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=["EPOSLHC_14TeV"]).exists()


def test_every_generator_of_a_set_has_the_energy_of_the_beam(tmp_path):
    write(tmp_path, 221)
    write(tmp_path, 443, prefix="Pythia8_13TeV")
    for prefixes in ((), ("EPOSLHC", "Pythia8")):
        with pytest.raises(InputError, match=r"Pythia8_13TeV_\*.txt are for 13 TeV but the beam"):
            import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=prefixes)


def test_unknown_beam(tmp_path):
    write(tmp_path)
    for beam in ("lhc-13tev", "", "../x"):
        with pytest.raises(InputError, match=r"^unknown beam .*there are: lhc-13") as error:
            import_set(tmp_path, beam, "x", tmp_path / "out")
        assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


# ---- several generators ----------------------------------------------------------------------


def scaled(folder, pdg, prefix, scale):
    """A table whose scale tells which file it came from."""
    text = text_of(THETA, P, sigma_on(THETA, P, scale), "bare")
    return write(folder, pdg, f"{prefix}_14TeV", text)


def zeros(folder, pdg, prefix):
    return scaled(folder, pdg, prefix, 0.0)


def origins(found):
    return {pdg: source["original_file"] for pdg, source in sorted(found.sources.items())}


def test_disjoint_generators_make_one_set(tmp_path):
    paths = [write(tmp_path, 221), write(tmp_path, 443, prefix="Pythia8_14TeV")]
    for where in (tmp_path, paths):
        assert select(where).prefixes == ("EPOSLHC_14TeV", "Pythia8_14TeV")
        assert select(where).generators == ("EPOSLHC", "Pythia8")
        found = read_set(import_set(where, BEAM, "x", tmp_path / "out"))
        assert origins(found) == {221: "EPOSLHC_14TeV_221.txt", 443: "Pythia8_14TeV_443.txt"}
        assert [found.sources[pdg]["prefix"] for pdg in (221, 443)] == list(select(where).prefixes)
        for pdg, path in zip((221, 443), paths, strict=True):
            source = found.sources[pdg]
            assert source["original_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
            assert source["generator"] == f"FORESEE layout, {source['prefix']}"
            assert "passed_over" not in source
        assert found.sources[221]["ignored"] == ""
        assert "EPOSLHC_14TeV_*.txt and Pythia8_14TeV_*.txt" in found.description
    assert select(paths[::-1]).prefixes == ("Pythia8_14TeV", "EPOSLHC_14TeV")


def test_common_species_need_an_order(tmp_path):
    for pdg in (221, 111):
        write(tmp_path, pdg)
    for pdg in (221, -211):
        write(tmp_path, pdg, prefix="SIBYLL_14TeV")
    expected = r"tables of eta by several .* order of preference, .*: EPOSLHC_14TeV, SIBYLL_14TeV$"
    with pytest.raises(InputError, match=expected):
        import_set(tmp_path, BEAM, "x", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("order", [("A", "B", "C"), ("C", "B_14TeV", "A"), ("B", "B_14TeV", "A")])
def test_the_first_prefix_that_has_a_species_wins(tmp_path, order):
    there = {"A": (111, 221), "B": (221, 333), "C": (111, 333, 443)}
    scale = {"A": 1.0, "B": 2.0, "C": 3.0}
    for prefix, pdgs in there.items():
        for pdg in pdgs:
            scaled(tmp_path, pdg, prefix, scale[prefix])
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=order))
    wanted = {}
    for name in order:
        for pdg in there[name[0]]:
            wanted.setdefault(pdg, name[0])
    assert origins(found) == {pdg: f"{wanted[pdg]}_14TeV_{pdg}.txt" for pdg in sorted(wanted)}
    one = sigma_on(THETA, P, 1.0).sum()
    for pdg, prefix in wanted.items():
        assert found.sources[pdg]["prefix"] == f"{prefix}_14TeV"
        assert found.load(pdg).total == approx(scale[prefix] * one, rel=1e-5)
    files = {path.name for path in tmp_path.glob("*.txt")}
    assert set(found.sources[221]["ignored"].split(", ")) == files - set(origins(found).values())
    words = " ".join(f"--prefix {name}" for name in order)
    assert words in found.sources[221]["command"]


def test_zeros_fall_to_the_next_prefix(tmp_path):
    """QGSJET has no vector mesons; its files of them are there, and hold zeros."""
    for pdg in (111, 221):
        write(tmp_path, pdg, "QGSJET_14TeV")
    for prefix in ("QGSJET", "SIBYLL"):
        zeros(tmp_path, 113, prefix)
    for pdg in (113, 221):
        write(tmp_path, pdg)
    order = ("QGSJET", "SIBYLL", "EPOSLHC")
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=order))
    assert origins(found) == {
        111: "QGSJET_14TeV_111.txt",
        113: "EPOSLHC_14TeV_113.txt",
        221: "QGSJET_14TeV_221.txt",
    }
    note = "QGSJET_14TeV_113.txt (all bins zero), SIBYLL_14TeV_113.txt (all bins zero)"
    assert found.sources[113]["passed_over"] == note
    assert "passed_over" not in found.sources[221]
    assert found.sources[111]["ignored"] == f"EPOSLHC_14TeV_221.txt, {note}"
    assert "SIBYLL" not in found.description


def test_zeros_of_all_prefixes_stop_or_are_skipped(tmp_path):
    for prefix in ("A", "B"):
        zeros(tmp_path, 113, prefix)
    order = ("A", "B")
    with pytest.raises(
        InputError, match=r"A_14TeV_\*.txt, B_14TeV_\*.txt hold only zeros; nothing"
    ):
        import_set(tmp_path, BEAM, "x", tmp_path / "out", skip_empty=True, prefixes=order)
    scaled(tmp_path, 221, "B", 1.0)
    with pytest.raises(EmptyFileError, match=r"A_14TeV_113.txt holds only zeros.*--skip-empty"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=order)
    folder = import_set(tmp_path, BEAM, "x", tmp_path / "out", skip_empty=True, prefixes=order)
    assert origins(read_set(folder)) == {221: "B_14TeV_221.txt"}


def test_only_zeros_fall_to_the_next_prefix(tmp_path):
    """A damaged table stops the import; one that is not needed is not read."""
    write(tmp_path, text="1 2\n")
    write(tmp_path, prefix="SIBYLL_14TeV")
    with pytest.raises(InputError, match=r"EPOSLHC_14TeV_221.txt, line 1: 2 columns"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=("EPOSLHC", "SIBYLL"))
    folder = import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=("SIBYLL", "EPOSLHC"))
    assert origins(read_set(folder)) == {221: "SIBYLL_14TeV_221.txt"}


def test_charges_of_several_prefixes(tmp_path):
    """A file of the other charge comes before sharing, also from another prefix."""
    scaled(tmp_path, 411, "A", 1.0)  # its other charge is in B
    scaled(tmp_path, -411, "B", 2.0)
    zeros(tmp_path, -431, "A")  # B's only charge of it stands for both
    scaled(tmp_path, 431, "B", 2.0)
    scaled(tmp_path, 521, "A", 1.0)  # only here
    zeros(tmp_path, -321, "A")  # B has both
    for pdg in (321, -321):
        scaled(tmp_path, pdg, "B", 2.0)
    order = ("A", "B")
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out", prefixes=order))
    own = {411: "A", -411: "B", 431: "B", 521: "A", 321: "B", -321: "B"}
    shared = {-431: 431, -521: 521}
    expected = {pdg: f"{prefix}_14TeV_{pdg}.txt" for pdg, prefix in own.items()}
    expected |= {pdg: expected[other] for pdg, other in shared.items()}
    assert origins(found) == expected
    assert {pdg for pdg, source in found.sources.items() if "charge" in source} == set(shared)
    zero = {pdg: s["passed_over"] for pdg, s in found.sources.items() if "passed_over" in s}
    assert zero == {pdg: f"A_14TeV_{pdg}.txt (all bins zero)" for pdg in (-431, -321)}


def test_a_zero_charge_of_the_same_prefix_is_not_shared(tmp_path):
    scaled(tmp_path, 411, "A", 1.0)
    zeros(tmp_path, -411, "A")
    with pytest.raises(EmptyFileError, match=r"A_14TeV_-411.txt holds only zeros"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out")
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out", skip_empty=True))
    assert set(found.sources) == {411}


def test_grids_may_differ_but_not_between_charges(tmp_path):
    write(tmp_path, 221)
    other = text_of(THETA, P + 0.01, sigma_on(THETA, P), "bare")
    write(tmp_path, 443, "Pythia8_14TeV", other)
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out"))
    assert not found.load(221).same_grid(found.load(443))
    write(tmp_path, 411)
    write(tmp_path, -411, "Pythia8_14TeV", other)
    message = "EPOSLHC_14TeV_411.txt and Pythia8_14TeV_-411.txt are on different grids"
    with pytest.raises(InputError, match=message):
        import_set(tmp_path, BEAM, "x", tmp_path / "out")


def test_nothing_usable(tmp_path):
    with pytest.raises(InputError, match=r"no table .* of a species that is used"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out")
    write(tmp_path, 2112)
    with pytest.raises(InputError, match=r"no table .* of a species that is used"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out")
    with pytest.raises(InputError, match="does not exist"):
        import_set(tmp_path / "no", BEAM, "x", tmp_path / "out")
    with pytest.raises(InputError, match="is not named"):
        import_set([Path(__file__)], BEAM, "x", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_empty_tables_stop_or_are_skipped(tmp_path):
    write(tmp_path, 113, text=text_of(THETA, P, np.zeros((7, 5)), pdg=113))
    with pytest.raises(InputError, match="nothing to import"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out", skip_empty=True)
    write(tmp_path, 221)
    with pytest.raises(InputError, match=r"EPOSLHC_14TeV_113.txt holds only zeros.*--skip-empty"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out")
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out", skip_empty=True))
    assert set(found.sources) == {221}
    assert "EPOSLHC_14TeV_113.txt (all bins zero)" in found.sources[221]["ignored"]


def test_a_bad_file_leaves_the_old_set(tmp_path):
    path = write(tmp_path, 221)
    write(tmp_path, 111)
    folder = import_set(tmp_path, BEAM, "x", tmp_path / "out")
    before = {f.name: f.read_bytes() for f in folder.iterdir()}
    path.write_text(path.read_text()[:-100])
    with pytest.raises(InputError, match=r"truncated|columns"):
        import_set(tmp_path, BEAM, "x", tmp_path / "out")
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == before
    assert [f.name for f in folder.parent.iterdir()] == ["x"]


@pytest.mark.parametrize("label", ["", "../x", "a/b", "x.part", "x.old", ".hidden", "a b"])
def test_labels_that_are_no_names(tmp_path, label):
    write(tmp_path)
    with pytest.raises(SpectrumError, match="cannot be the generator of a set"):
        import_set(tmp_path, BEAM, label, tmp_path / "out")


# ---- tables to 1 rad -------------------------------------------------------------------------

FORWARD = THETA[:3]  # their bins end at 1 rad


def to_one_rad(folder, pdg, prefix="NLO-P8_14TeV", p=P):
    sigma = sigma_on(FORWARD, p)
    sigma[0, 0] = -1e6
    return write(folder, pdg, prefix, text_of(FORWARD, p, sigma, "bare"))


def test_tables_to_one_rad_say_what_they_lack(tmp_path):
    """The share of D above 1 rad is that of the set of Pythia 8, counted here bin by bin."""
    for pdg in (411, -411):
        to_one_rad(tmp_path, pdg)
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out", "clip"))
    reference = read_set(SHIPPED / BEAM / "pythia8").load(411)
    wide = reference.log10_theta_edges[:-1] > -1e-9
    expected = reference.cross_section[:, wide].sum() / reference.total
    assert 0.05 < expected < 0.08
    lacks = found.sources[411]["missing"]
    assert lacks["angles_above_rad"] == 1.0
    assert lacks["share"] == approx(expected, rel=0.01)
    assert lacks["measured_in"] == "lhc-14tev/pythia8"
    assert found.sources[411]["clipped"].startswith("1 negative bins, -")
    assert found.description.endswith("; D+, D- up to 1 rad")
    assert found.load(411).largest_angle == 1.0
    assert found.load(411).scaled(2).largest_angle == 1.0


def test_whole_tables_lack_nothing(tmp_path):
    write(tmp_path, 221)
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out"))
    assert found.load(221).largest_angle == np.inf
    assert not {"missing", "clipped", "energy", "above_beam"} & found.sources[221].keys()


def test_one_charge_to_one_rad_stands_for_both(tmp_path):
    to_one_rad(tmp_path, 431)
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out", "clip"))
    assert found.load(-431).largest_angle == 1.0
    assert found.sources[-431]["missing"]["angles_above_rad"] == 1.0


def test_published_yields_need_all_angles(tmp_path, monkeypatch):
    """What is there can be counted as it is; a published number of the whole hemisphere cannot be shared out."""
    to_one_rad(tmp_path, 411)
    import_set(tmp_path, BEAM, "x", tmp_path / "out", "clip")
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "out"))
    assert len(load_species(BEAM, "x", 411, "generator")) == 2
    for normalisation in ("paper", "paper-absorbed"):
        with pytest.raises(
            InputError,
            match=r"count all angles, .* of D\+ .* ends at 1 rad; use normalisation: gen",
        ):
            load_species(BEAM, "x", 411, normalisation)


def test_a_scan_of_such_tables_is_refused_before_it_runs(tmp_path, monkeypatch):
    to_one_rad(tmp_path, 411)
    import_set(tmp_path, BEAM, "x", tmp_path / "out", "clip")
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "out"))
    axes = {"generator": ["x"], "flavor": ["e"], "m_N": [0.05], "d_gamma": [1e-6]}
    content = {"name": "n", "experiments": ["FACET"], "channels": ["D"], "axes": axes}
    with pytest.raises(InputError, match=r"of D\+ for the beam lhc-14tev ends at 1 rad"):
        checksums(ScanSpec(content).tasks[0])
    as_it_is = ScanSpec(content | {"options": {"normalisation": "generator"}})
    assert set(checksums(as_it_is.tasks[0])) == {"lhc-14tev/x/411", "lhc-14tev/x/-411"}


@pytest.mark.parametrize("last", [1, 2, 4, 5])
def test_other_ends_are_those_of_damaged_files(tmp_path, last):
    theta = THETA[: last + 1]
    path = write(tmp_path, text=text_of(theta, P, sigma_on(theta, P), "bare"))
    if last == 2:
        assert read(path, 221).table.largest_angle == 1.0
        return
    with pytest.raises(InputError, match=r"angles end at .* rad, not at pi/2 \(or 1 rad"):
        read(path, 221)


def test_a_cut_at_one_rad_is_found_by_the_header(tmp_path):
    lines = text_of(THETA, P, sigma_on(THETA, P)).splitlines()
    path = write(tmp_path, text="\n".join(lines[: 4 + 3 * P.size]))
    with pytest.raises(InputError, match=r"truncated or altered: its bins sum to"):
        read(path, 221)


def test_without_a_set_of_pythia_no_share_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("physics.spectra.library.SHIPPED", tmp_path / "none")
    monkeypatch.delenv("DIPOLESCAN_SPECTRA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    to_one_rad(tmp_path, 411)
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out", "clip"))
    assert found.sources[411]["missing"] == {"angles_above_rad": 1.0}


# ---- units, energies and momenta -------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[pb/bin]", "[mb/bin]"),
        ("[pb/bin]", " [fb]"),
        (" pb\n", " fb\n"),
        (" pb\n", " mb\n"),
        ("log10(p/GeV)", "log10(p/MeV)"),
        ("log10(p/GeV)", "log10(p [TeV])"),
        ("log10(theta)", "ln(theta)"),
        ("log10(theta)", "log10(theta/mrad)"),
        ("the FORWARD hemisphere only", "both hemispheres"),
        ("the FORWARD hemisphere only", "the forward and backward hemispheres"),
    ],
)
def test_headers_of_other_units_are_refused(tmp_path, old, new):
    good = text_of(THETA, P, sigma_on(THETA, P))
    assert read(write(tmp_path, text=good), 221).clipped == 0
    assert old in good
    with pytest.raises(InputError, match="is not in this layout by its header, which has"):
        read(write(tmp_path, text=good.replace(old, new)), 221)


@pytest.mark.parametrize("tev", ["13.6", "27", "100"])
def test_tables_of_other_energies_go_into_a_beam_of_ones_own(tmp_path, tev):
    write(tmp_path, prefix=f"DPMJET_{tev}TeV")
    with pytest.raises(InputError) as refused:
        import_set(tmp_path, BEAM, "x", tmp_path / "out")
    known = [tag for tag, place in beams().items() if place.sqrt_s == float(tev) * 1e3]
    words = known or [
        f"sqrt_s: {float(tev) * 1e3:g}, momentum: {float(tev) * 500:g}",
        "docs/specs.md",
    ]
    for word in ("are for", "has 14 TeV", "give --beam", *words):
        assert word in str(refused.value)
    ring = tmp_path / "my-ring.yaml"
    ring.write_text(
        f"description: mine\nsqrt_s: {float(tev) * 1e3}\nmomentum: {float(tev) * 500}\n"
        "absorber_distance: 20\npipe_radius: 0.05\nspectra: x\n"
    )
    folder = import_set(tmp_path, str(ring), "x", tmp_path / "out")
    assert folder == tmp_path / "out" / "my-ring" / "x"
    assert read_set(folder).load(221).total > 0
    (tmp_path / "other").mkdir()
    write(tmp_path / "other", prefix="DPMJET_33TeV")
    with pytest.raises(
        InputError, match=r"correct sqrt_s in .*my-ring\.yaml, or give other tables"
    ):
        import_set(tmp_path / "other", str(ring), "x", tmp_path / "out")


def test_fixed_targets_have_other_units(tmp_path):
    write(tmp_path, prefix="mine")
    with pytest.raises(InputError, match="sps-400gev is one on a fixed target"):
        import_set(tmp_path, "sps-400gev", "x", tmp_path / "out")


def test_an_energy_that_is_nowhere_is_noted(tmp_path):
    write(tmp_path, prefix="mine")
    found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out"))
    assert found.sources[221]["energy"] == "not in the file's name, taken to be 14 TeV"


def test_momenta_above_the_beam(tmp_path):
    """Tails of 3e-8 are kept and noted; a thousandth is another unit of the second column."""
    p = 3.7 + 0.05 * np.arange(7)  # the last three bins lie above 7 TeV
    for share, refused in ((4e-8, False), (1e-3, True)):
        sigma = np.ones((THETA.size, p.size))
        sigma[:, 4:] = share
        write(tmp_path, text=text_of(THETA, p, sigma, "bare"))
        if refused:
            with pytest.raises(InputError, match=r"of its mesons above 7000 GeV, .*log10\(p/GeV\)"):
                import_set(tmp_path, BEAM, "x", tmp_path / "out")
        else:
            found = read_set(import_set(tmp_path, BEAM, "x", tmp_path / "out"))
            assert found.sources[221]["above_beam"] == "3e-08 of the total lies above 7000 GeV"


# ---- FORESEE's own files ---------------------------------------------------------------------

SAMPLES = os.environ.get("DIPOLESCAN_FORESEE_SAMPLES")


@pytest.mark.skipif(not SAMPLES, reason="DIPOLESCAN_FORESEE_SAMPLES is not set")
@pytest.mark.parametrize(
    ("prefix", "pdg", "shape", "published"),
    # arXiv:2308.16608 table 1 took its numbers from these files: they agree to its three digits
    [("EPOSLHC", 221, (140, 150), 1.69e11), ("Pythia8", 443, (100, 104), 3.93e7)],
)
def test_samples_give_the_published_totals(tmp_path, prefix, pdg, shape, published):
    found = read_set(import_set(Path(SAMPLES), BEAM, "x", tmp_path / "out", prefixes=[prefix]))
    table = found.load(pdg)
    assert set(found.sources) == {pdg}
    assert table.cross_section.shape == shape
    assert table.total == approx(published, rel=3e-3)


@pytest.mark.skipif(not SAMPLES, reason="DIPOLESCAN_FORESEE_SAMPLES is not set")
@pytest.mark.parametrize("prefixes", [("EPOSLHC", "Pythia8"), ("Pythia8_14TeV", "EPOSLHC")])
def test_samples_of_two_generators_make_one_set(tmp_path, prefixes):
    found = read_set(import_set(Path(SAMPLES), BEAM, "x", tmp_path / "out", prefixes=prefixes))
    assert origins(found) == {221: "EPOSLHC_14TeV_221.txt", 443: "Pythia8_14TeV_443.txt"}
    assert found.sources[443]["prefix"] == "Pythia8_14TeV"
    assert found.load(221).cross_section.shape == (140, 150)
    assert found.load(443).total == approx(3.93e7, rel=3e-3)


@pytest.mark.skipif(not SAMPLES, reason="DIPOLESCAN_FORESEE_SAMPLES is not set")
def test_samples_of_next_to_leading_order(tmp_path):
    """Angles to 1 rad, 93 of 8000 bins negative."""
    with pytest.raises(InputError, match="93 negative bins"):
        import_set(Path(SAMPLES), BEAM, "x", tmp_path / "out", prefixes=["NLO-P8"])
    folder = import_set(Path(SAMPLES), BEAM, "x", tmp_path / "out", "clip", prefixes=["NLO-P8"])
    found = read_set(folder)
    assert set(found.sources) == {411, -411}
    assert found.load(411).largest_angle == 1.0
    assert found.load(411).total == approx(1.466e9, rel=1e-3)


@pytest.mark.skipif(not SAMPLES, reason="DIPOLESCAN_FORESEE_SAMPLES is not set")
def test_samples_of_13_6_tev(tmp_path):
    ring = tmp_path / "ring.yaml"
    ring.write_text(
        "description: mine\nsqrt_s: 13600\nmomentum: 6800\nabsorber_distance: 20\npipe_radius: 0.05\nspectra: x\n"
    )
    options = {"prefixes": ["Pythia8-Forward"]}
    with pytest.raises(InputError, match=r"are for 13\.6 TeV but the beam lhc-14tev has 14 TeV"):
        import_set(Path(SAMPLES), BEAM, "x", tmp_path / "out", **options)
    found = read_set(import_set(Path(SAMPLES), str(ring), "x", tmp_path / "out", **options))
    assert found.load(221).total == approx(1.7199e11, rel=1e-3)
