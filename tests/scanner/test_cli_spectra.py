"""The command ``dipolescan spectra``: what it prints, writes and refuses."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from approx import approx
from click.testing import CliRunner

from physics.errors import InputError
from physics.models.tasks import make_kernel
from physics.nature.mesons import mesons
from physics.quantities.base import quantities
from physics.spectra import library
from physics.spectra.generators import build as builder
from physics.spectra.library import write_set
from physics.spectra.normalisation import published_total
from physics.spectra.table import SpectrumTable
from scanner.cli.spectra import command
from scanner.scans.spec import ScanSpec

BEAM = "lhc-14tev"
THETA, P = np.arange(-0.125, 0.2, 0.05), np.arange(1.825, 2.2, 0.05)  # bin centres


@pytest.fixture(autouse=True)
def user(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "user"))
    monkeypatch.setattr(library, "SHIPPED", tmp_path / "shipped")
    return tmp_path / "user"


def run(*arguments, status=0):
    """Run the command; an InputError is what the main program turns into exit status 1."""
    result = CliRunner().invoke(command, [str(word) for word in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.stdout if "--json" in arguments else result.output


def table(pdg=221, total=21.0):
    """Bins of 1..6 pb and nothing outside the grid; 4 + 5 pb are above 100 GeV and below 5 mrad."""
    cross_section = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) * total / 21
    edges = np.array([1.0, 2.0, 3.0]), np.array([-4.0, -3.0, np.log10(5e-3), 0.2])
    return SpectrumTable(pdg, *edges, cross_section, cross_section**2 * 0.01, total)


def write(root, *pdgs, generator="gen"):
    sources = {pdg: {"command": "dipolescan spectra build"} for pdg in pdgs}
    return write_set(root / BEAM / generator, [table(p) for p in pdgs], sources, "a test")


def foresee_file(folder, pdg=221, prefix="EPOSLHC_14TeV", sigma=1.0):
    folder.mkdir(exist_ok=True)
    path = folder / f"{prefix}_{pdg}.txt"
    path.write_text("\n".join(f"{t:.5e} {p:.5e} {sigma:.5e}" for t in THETA for p in P))
    return path


# ---- list ------------------------------------------------------------------------------------


def test_list(user):
    write(user, 221, 111)
    write(user.with_name("shipped"), 443, generator="own")
    text = run("list")
    for word in (BEAM, "gen", "own", "shipped", "a test", str(user / BEAM / "gen")):
        assert word in text
    assert json.loads(run("list", "--json")) == [
        {
            "beam": BEAM,
            "generator": "gen",
            "species": [111, 221],
            "where": "user",
            "folder": str(user / BEAM / "gen"),
            "description": "a test",
        },
        {
            "beam": BEAM,
            "generator": "own",
            "species": [443],
            "where": "shipped",
            "folder": str(user.with_name("shipped") / BEAM / "own"),
            "description": "a test",
        },
    ]


def test_list_without_sets(user):
    with pytest.raises(InputError, match="which is no folder"):
        run("list")
    user.mkdir()
    assert f"no sets of spectra in {user}" in run("list")
    assert json.loads(run("list", "--json")) == []


def test_list_verify(user):
    folder = write(user, 221, 111)
    write(user, 221, generator="other")
    assert run("list", "--verify").count("intact") == 2
    entries = json.loads(run("list", "--verify", "--json"))
    assert [entry["problems"] for entry in entries] == [[], []]
    path = folder / "111.npz"
    path.write_bytes(path.read_bytes()[:-1])
    run("list")  # nothing is read unless asked for
    with pytest.raises(InputError, match=r"1 table.*111 in lhc-14tev/gen is altered or truncated"):
        run("list", "--verify")
    result = CliRunner().invoke(command, ["list", "--verify", "--json"])
    problems = [entry["problems"] for entry in json.loads(result.stdout)]
    assert len(problems[0]) == 1
    assert problems[1] == []


# ---- show ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["eta", "221"])
def test_show_numbers(user, name):
    write(user, 221)
    numbers = json.loads(run("show", f"{BEAM}/gen", name, "--json"))
    assert numbers["pdg"] == 221
    assert numbers["species"] == "eta"
    assert numbers["total_pb"] == approx(21)
    assert numbers["inside_grid_pb"] == approx(21)
    assert numbers["published_total_pb"] == approx(1.69e11)
    assert numbers["fraction_p_above_100GeV_theta_below_5mrad"] == approx(9 / 21)
    assert numbers["relative_statistical_error"] == approx(np.sqrt(0.01 * 91) / 21)
    assert "figure" not in numbers
    text = run("show", f"{BEAM}/gen", name)
    assert "0.4286" in text
    assert "1.69e+11" in text


def test_show_antiparticle(user):
    write(user, 211, -211)
    assert json.loads(run("show", "--json", f"{BEAM}/gen", "pi-"))["pdg"] == -211
    assert json.loads(run("show", f"{BEAM}/gen", "--json", "--", "-211"))["pdg"] == -211
    assert json.loads(run("show", f"{BEAM}/gen", "pi+", "--json"))["pdg"] == 211


@pytest.mark.parametrize(
    ("ending", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_show_figure(user, tmp_path, ending, magic):
    write(user, 331)
    path = tmp_path / f"figure.{ending}"
    numbers = json.loads(run("show", f"{BEAM}/gen", "eta_prime", "-o", path, "--json"))
    assert numbers["figure"] == str(path)
    assert path.read_bytes().startswith(magic)
    assert path.stat().st_size > 5000


def test_figure_says_what_it_shows(user, tmp_path):
    """Labels with units, as text in the file."""
    write(user, 431, -431)
    path = tmp_path / "figure.svg"
    run("show", f"{BEAM}/gen", "D_s-", "-o", path)
    text = path.read_text()
    for comment in ("Dₛ⁻   lhc-14tev / gen", "momentum $p$ [GeV]", r"polar angle $\theta$ [rad]"):
        assert comment in text
    assert "[pb]" in text


def test_figure_of_a_single_filled_bin(user, tmp_path):
    single = table()
    one = np.zeros((2, 3))
    one[0, 1] = 21.0
    filled = SpectrumTable(221, single.log10_p_edges, single.log10_theta_edges, one, one, 21.0)
    write_set(user / BEAM / "gen", [filled], {221: {"command": "x"}}, "one bin")
    run("show", f"{BEAM}/gen", "eta", "-o", tmp_path / "figure.png")
    assert (tmp_path / "figure.png").exists()


def test_show_refusals(user, tmp_path):
    write(user, 221)
    with pytest.raises(InputError, match="unknown species 'proton'"):
        run("show", f"{BEAM}/gen", "proton")
    with pytest.raises(InputError, match=r"spectrum of 443 .* is missing"):
        run("show", f"{BEAM}/gen", "J/psi")
    with pytest.raises(InputError, match="no meson spectra"):
        run("show", f"{BEAM}/nothing", "eta")
    (tmp_path / "no").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        run("show", f"{BEAM}/gen", "eta", "-o", tmp_path / "no" / "figure.png")
    assert "BEAM/GENERATOR" in run("show", "gen", "eta", status=2)
    assert "must end in .png" in run("show", f"{BEAM}/gen", "eta", "-o", "x.gif", status=2)


# ---- import ----------------------------------------------------------------------------------


def test_import(user, tmp_path):
    foresee_file(tmp_path / "files", 221)
    foresee_file(tmp_path / "files", 130)
    text = run("import", tmp_path / "files")
    assert f"lhc-14tev/foresee-eposlhc: 1 species in {user / BEAM / 'foresee-eposlhc'}" in text
    assert "not used: EPOSLHC_14TeV_130.txt" in text
    assert "DIPOLESCAN_SPECTRA" not in text
    numbers = json.loads(run("show", f"{BEAM}/foresee-eposlhc", "eta", "--json"))
    assert numbers["total_pb"] == approx(THETA.size * P.size)
    assert numbers["relative_statistical_error"] is None


def test_import_elsewhere_as_json(user, tmp_path):
    paths = [foresee_file(tmp_path / "files", pdg, "A_14TeV") for pdg in (211, 221)]
    foresee_file(tmp_path / "files", 221, "B_14TeV")
    out = tmp_path / "out"
    answer = json.loads(run("import", *paths, "--name", "mine", "--out", out, "--json"))
    assert answer["species"] == [211, -211, 221]
    assert answer["folder"] == str(out / BEAM / "mine")
    assert answer["ignored"] == []
    text = run("import", tmp_path / "files", "--prefix", "B", "--out", out)
    assert f"set DIPOLESCAN_SPECTRA={out}" in text
    assert not user.exists()


def test_import_options(user, tmp_path):
    folder = tmp_path / "files"
    path = foresee_file(folder, 221, sigma=10.0)
    path.write_text(path.read_text().replace("1.00000e+01", "-1.00000e+00", 1))
    foresee_file(folder, 113, sigma=0.0)
    with pytest.raises(InputError, match="--skip-empty"):
        run("import", folder, "--negative", "clip")
    with pytest.raises(InputError, match=r"1 negative bins.*--negative clip"):
        run("import", folder, "--skip-empty")
    assert not user.exists()
    answer = json.loads(run("import", folder, "--skip-empty", "--negative", "clip", "--json"))
    assert answer["species"] == [221]
    assert answer["ignored"] == ["EPOSLHC_14TeV_113.txt (all bins zero)"]
    foresee_file(folder, 221, "SIBYLL_14TeV")
    with pytest.raises(InputError, match=r"order of .*--prefix: EPOSLHC_14TeV, SIBYLL_14TeV"):
        run("import", folder)


def test_import_of_several_generators(user, tmp_path):
    light, heavy = tmp_path / "light", tmp_path / "heavy"
    foresee_file(light, 113, "QGSJET_14TeV", sigma=0.0)
    foresee_file(light, 221, "QGSJET_14TeV", sigma=2.0)
    for pdg in (113, 221):
        foresee_file(light, pdg)
    foresee_file(heavy, 443, "NLO-P8_14TeV")
    order = ("--prefix", "QGSJET", "--prefix", "EPOSLHC_14TeV", "--prefix", "NLO-P8")
    answer = json.loads(run("import", light, heavy, *order, "--json"))
    assert answer["generator"] == "foresee-qgsjet+eposlhc+nlo-p8"
    assert answer["species"] == [113, 221, 443]
    zero = "QGSJET_14TeV_113.txt (all bins zero)"
    assert answer["ignored"] == ["EPOSLHC_14TeV_221.txt", zero]
    which = f"{BEAM}/foresee-qgsjet+eposlhc+nlo-p8"
    numbers = json.loads(run("show", which, "eta", "--json"))
    assert numbers["total_pb"] == approx(2.0 * THETA.size * P.size)
    assert " ".join(order) in numbers["source"]
    assert "intact" in run("list", "--verify")
    run("import", foresee_file(heavy, 553, "Pythia8_14TeV"), light / "EPOSLHC_14TeV_113.txt")
    assert (user / BEAM / "foresee-pythia8+eposlhc").is_dir()
    with pytest.raises(InputError, match=r"unknown beam 'lhc-13tev'; did you mean 'lhc-13.6tev'"):
        run("import", heavy, "--beam", "lhc-13tev")


# ---- a full set of several generators --------------------------------------------------------

LIGHT = (111, 221, 331, 113, 223, 333, 211, -211, 321, -321)
CHARM = (411, -411, 431, -431)
HEAVY = (*CHARM, 521, -521, 443, 553)


def falling(pdg, theta, p, scale):
    """Bins (n_theta, n_p) [pb] that fall with momentum and with transverse momentum."""
    p, angle = 10 ** p[None, :], 10 ** theta[:, None]
    transverse = p * np.sin(np.minimum(angle, np.pi / 2))
    shape = p**-0.7 * transverse**2 * np.exp(-transverse / (0.3 + abs(pdg) / 1e3)) * (p < 7e3)
    return scale * shape / shape.sum()


def layout(pdg, theta, p, sigma, style):
    """Text in the layout of FORESEE's light mesons, heavy mesons or quarkonia."""
    if style == "light":
        head = [
            "# This file contains the cross section for particles into the FORWARD hemisphere only",
            f"# Normalization:     {sigma.sum():.5e} pb",
            f"# pid: {pdg}",
            "#  log10(theta)    log10(p/GeV)     cross-section[pb/bin] ",
        ]
        number, gap = "{:12.5e}", "    "
    else:
        head, (number, gap) = [], ("{!r}", "\t") if style == "heavy" else ("{:.5e}", " ")
    cells = ((t, q, sigma[j, i]) for j, t in enumerate(theta) for i, q in enumerate(p))
    rows = [gap.join(number.format(float(x)) for x in cell) for cell in cells]
    return "\n".join(head + rows) + "\n"


def full_set(root):
    """Folders as FORESEE has them, with all 18 species in the three of them."""
    grids = {
        "light": (np.arange(-5.925, 0.2, 0.1), np.arange(-1.925, 4.9, 0.1)),
        "heavy": (np.arange(-5.375, 0.2, 0.05), np.arange(0.025, 4.0, 0.1)),
        "quarkonia": (np.linspace(-4.92428, 0.175719, 52), np.linspace(-0.974281, 3.92572, 50)),
    }
    tables = [("QGSJET", pdg, "light", 1e10) for pdg in (111, 221, 211, -211, 321, -321)]
    tables += [("QGSJET", pdg, "light", 0.0) for pdg in (113, 223, 333, 331)]
    tables += [("EPOSLHC", pdg, "light", 2e10) for pdg in LIGHT]
    tables += [("EPOSLHC", -411, "light", 0.0)]
    tables += [("NLO-P8", pdg, "heavy", 3e8) for pdg in CHARM]
    tables += [("Pythia8", pdg, "heavy", 4e8) for pdg in (411, -411, 521)]
    tables += [("Pythia8", pdg, "quarkonia", 4e6) for pdg in (443, 553)]
    for prefix, pdg, style, scale in tables:
        folder = root / prefix
        folder.mkdir(parents=True, exist_ok=True)
        sigma = falling(pdg, *grids[style], scale)
        if prefix == "NLO-P8":
            sigma[40, 20] = -1.0
        path = folder / f"{prefix}_14TeV_{pdg}.txt"
        path.write_text(layout(pdg, *grids[style], sigma, style))
    return [root / name for name in ("QGSJET", "EPOSLHC", "NLO-P8", "Pythia8")]


def test_full_set_of_several_generators_is_counted_with(user, tmp_path):
    """Import, then count events: three grids, four generators, zeros, negative bins, one charge."""
    folders = full_set(tmp_path / "14TeV")
    order = [word for folder in folders for word in ("--prefix", folder.name)]
    with pytest.raises(InputError, match=r"pi0, .*QGSJET_14TeV, EPOSLHC_14TeV, NLO-P8_14TeV, Pyth"):
        run("import", *folders)
    answer = json.loads(run("import", *folders, *order, "--negative", "clip", "--json"))
    name = answer["generator"]
    assert name == "foresee-qgsjet+eposlhc+nlo-p8+pythia8"
    assert set(answer["species"]) == {*LIGHT, *HEAVY}
    found = library.find(BEAM, name)
    expected = dict.fromkeys(LIGHT, ("QGSJET", 1e10))
    expected |= dict.fromkeys((113, 223, 333, 331), ("EPOSLHC", 2e10))
    expected |= dict.fromkeys(CHARM, ("NLO-P8", 3e8))
    expected |= dict.fromkeys((521, -521), ("Pythia8", 4e8))
    expected |= dict.fromkeys((443, 553), ("Pythia8", 4e6))
    prefixes = {pdg: source["prefix"] for pdg, source in found.sources.items()}
    assert prefixes == {pdg: f"{prefix}_14TeV" for pdg, (prefix, _) in expected.items()}
    for pdg, (_, total) in expected.items():
        assert found.load(pdg).total == approx(total, rel=1e-5)
    assert "EPOSLHC_14TeV_-411.txt (all bins zero)" in answer["ignored"]

    point = {"experiment": "FACET", "m_N": 0.05, "d_gamma": 1e-5, "generator": name}
    counts = {}
    for normalisation in ("paper", "generator"):
        results = quantities["events"].evaluate(point | {"normalisation": normalisation})
        counts[normalisation] = {r.name: r.value for r in results}
        assert 0 < counts[normalisation].pop("relative_error") < 0.1
    channels = {m.tag: m.pdg for m in mesons().values()}
    assert counts["generator"].keys() == {"events", *channels}
    for tag, pdg in channels.items():
        assert counts["generator"][tag] > 0
        ratio = counts["paper"][tag] / counts["generator"][tag]
        assert ratio == approx(published_total(BEAM, pdg) / expected[pdg][1], rel=1e-5)


def test_files_that_were_not_used_do_not_drown_the_result(user, tmp_path):
    folder = tmp_path / "files"
    foresee_file(folder, 221)
    names = [foresee_file(folder, 1000 + i).name for i in range(40)]
    text = run("import", folder)
    assert f"not used: 40 files, {', '.join(names[:5])} ...; --verbose or --json name all" in text
    assert names[5] not in text
    assert f"not used: {', '.join(names)}" in run("import", folder, "--verbose")
    assert json.loads(run("import", folder, "--json"))["ignored"] == names


def test_notes_on_tables_to_one_rad(user, tmp_path):
    """What is missing is said when they are imported, in lists, and with their numbers."""
    path = foresee_file(tmp_path / "files", 411, "NLO-P8_14TeV")
    inside = [f"{t:.5e} {p:.5e} 1.0" for t in THETA if t < 0 for p in P]
    path.write_text("\n".join([inside[0].replace(" 1.0", " -1.0"), *inside[1:]]))
    text = run("import", path, "--negative", "clip")
    assert "angles above 1 rad are not in the tables of D+, D-; published yields count them" in text
    assert "need normalisation: generator" in text
    assert "set to zero: D+, D- 1 negative bins, -" in text
    notes = json.loads(run("import", path, "--negative", "clip", "--json"))["notes"]
    assert len(notes) == 2
    assert "D+, D- up to 1 rad" in run("list")
    numbers = json.loads(run("show", f"{BEAM}/foresee-nlo-p8", "D-", "--json"))
    assert numbers["angles_up_to_rad"] == 1.0
    assert numbers["share_above"] is None  # no set of Pythia 8 is there in this test
    foresee_file(tmp_path / "whole", 221)
    assert json.loads(run("import", tmp_path / "whole", "--json"))["notes"] == []
    assert "angles_up_to_rad" not in json.loads(
        run("show", f"{BEAM}/foresee-eposlhc", "eta", "--json")
    )


def test_tables_of_27_tev_from_their_files_to_a_scan(user, tmp_path):
    """The message says what to write; what is written then is imported, named by a search, and counted."""
    files = tmp_path / "files"
    foresee_file(files, 221, "DPMJET_27TeV")
    with pytest.raises(InputError) as refused:
        run("import", files)
    said = str(refused.value)
    keys = re.search(r"(pp-27tev\.yaml) with (sqrt_s: 27000), (momentum: 13500), description", said)
    assert said.endswith("and give --beam pp-27tev.yaml")
    ring = tmp_path / keys[1]
    ring.write_text(
        f"description: mine\n{keys[2]}\n{keys[3]}\nabsorber_distance: 20\npipe_radius: 0.05\nspectra: other\n"
    )
    text = run("import", files, "--beam", ring)
    assert f"pp-27tev/foresee-dpmjet: 1 species in {user / 'pp-27tev' / 'foresee-dpmjet'}" in text
    assert "names the set 'other', which is not there: write spectra: foresee-dpmjet in it" in text
    assert "no yields are published for pp-27tev: scans need normalisation: generator" in text
    ring.write_text(ring.read_text().replace("other", "foresee-dpmjet"))
    assert "which is not there" not in run("import", files, "--beam", ring)
    search = tmp_path / "mine.yaml"
    search.write_text(
        "title: Mine\nfacility: here\nsignature: photon\nsource: me\nbeam: pp-27tev.yaml\nexposure: 3000\n"
        "volume: {z_min: 21, z_max: 40, r_max: 60}\nselection: {}\n"
    )
    content = {
        "name": "own",
        "experiments": [str(search)],
        "axes": {"flavor": ["e"], "m_N": [0.05], "d_gamma": [1e-6, 1e-4]},
        "sampling": {"points": 256, "replicas": 4},
    }
    for normalisation in ("generator", "paper"):
        scan = ScanSpec(content | {"options": {"normalisation": normalisation}})
        assert scan.channels == ("eta",)
        kernel = make_kernel(scan.tasks[0])
        if normalisation == "generator":
            (counted,) = kernel.evaluate({"generator": slice(0, 1), "m_N": slice(0, 1)}).values()
            assert (counted["counts"] > 0).any()
        else:
            with pytest.raises(InputError, match=r"no published yield .* use normalisation: gen"):
                kernel.evaluate({"generator": slice(0, 1), "m_N": slice(0, 1)})


def test_import_usage(tmp_path):
    run("import", status=2)
    run("import", tmp_path, "--negative", "ignore", status=2)
    with pytest.raises(InputError, match="does not exist"):
        run("import", tmp_path / "no")


# ---- build -----------------------------------------------------------------------------------


def test_build(user, monkeypatch):
    asked = []

    def fake(beam, generator, out, sqrt_s, events, seed, jobs, progress):
        asked.append((beam, generator, out, sqrt_s, events, seed, jobs))
        progress("soft", 5, 10)
        progress("hard", 10, 10)
        return write(out, 221, generator=generator)

    monkeypatch.setattr(builder, "build_set", fake)
    options = ("--generator", "gen", "--events", 10, "--seed", 7, "--jobs", 2)
    text = run("build", *options)
    assert asked == [(BEAM, "gen", user, 14000.0, 10, 7, 2)]
    assert "lhc-14tev/gen: 1 species in" in text
    answer = json.loads(run("build", *options, "--json"))  # progress does not go to stdout
    assert answer["species"] == [221]
    run("build", *options, "--out", user.with_name("out"))
    assert asked[-1][2] == user.with_name("out")


def test_build_refusals(monkeypatch):
    with pytest.raises(InputError, match="unknown beam 'x'"):
        run("build", "--beam", "x", "--generator", "pythia8")
    with pytest.raises(InputError, match="no recipe for the generator set 'x'"):
        run("build", "--generator", "x")
    for wrong in (("--events", 0), ("--jobs", 0), ("--seed", 0), ("--events", "many")):
        run("build", "--generator", "pythia8", *wrong, status=2)
    run("build", status=2)

    def fail(*args, **options):
        raise RuntimeError("Pythia 8 could not be\ninitialised")

    monkeypatch.setattr(builder, "build_set", fail)
    with pytest.raises(InputError, match="failed: Pythia 8 could not be initialised; run it again"):
        run("build", "--generator", "pythia8")


@pytest.mark.parametrize("name", ["build", "import", "list", "show"])
def test_help_has_examples(name):
    text = run(name, "--help")
    assert f"Examples:\n    dipolescan spectra {name}" in text
    assert "--json" in text
    assert str(Path.home()) not in text
