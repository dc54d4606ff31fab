"""The code behind a number: what changes a fingerprint, and what does not; edits are made in a copy of ``physics``."""

import ast
import shutil
from pathlib import Path

import pytest

import physics
from physics.errors import InputError
from physics.models.countings import countings
from scanner.scans import closure, fingerprint
from scanner.scans.spec import load_spec

HERE = Path(physics.__file__).parent
N_FORWARD = "physics.neutrino_dipole.counting.forward_decay"
N_PHOTONS = "physics.neutrino_dipole.counting.mono_photon"
CHI_FORWARD = "physics.dark_dipole.counting.forward_decay"
RELIC = "physics.dark_dipole.counting.thermal_relic"
PAIRS = "physics.dark_dipole.counting.pair_mono_photon"
BOSON_FORWARD = "physics.dark_boson.counting.forward_decay"
BOSON_RECOIL = "physics.dark_boson.counting.elastic_recoil"
FORWARD = {N_FORWARD, CHI_FORWARD, BOSON_FORWARD}
ALL = sorted({type(counting).__module__ for counting in countings.values()})
OF_NEUTRINOS = {
    module
    for module in ALL
    if module.endswith(
        ("upscattered_photon", "upscattered_pair", "electron_recoil", "nuclear_recoil")
    )
}

AT_COLLIDERS = {
    module for module in ALL if module.startswith("physics.neutrino_dipole") and module != N_FORWARD
}
MIXED = {
    f"physics.mixing.counting.{kind}" for kind in ("displaced_dilepton", "displaced_trilepton")
}  # their width has decays into mesons
OF_MESONS = FORWARD | OF_NEUTRINOS | MIXED | {RELIC, BOSON_RECOIL}


def forget():
    for function in vars(closure).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


def digests():
    forget()
    return {module: closure.digest_of(module) for module in ALL}


def by_source(function):
    """A function of nothing but a module's source, called once for each source."""
    real, known = function.__wrapped__, {}

    def found(name):
        source = closure._source(name)
        if source not in known:
            known[source] = real(name)
        return known[source]

    return found


@pytest.fixture(scope="module", autouse=True)
def each_source_is_read_once():
    """However often all caches are emptied: most modules are the same in each copy."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_tree", "_nodes", "_code_digest"):
            patch.setattr(closure, name, by_source(getattr(closure, name)))
        yield


@pytest.fixture(scope="module")
def before():
    """Digests of the code as it is."""
    return digests()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(HERE, root / "physics", ignore=shutil.ignore_patterns("tables", "__pycache__"))
    return root


@pytest.fixture
def copy(whole, tmp_path, monkeypatch):
    root = tmp_path / "copy"
    shutil.copytree(whole, root)
    real = closure._root.__wrapped__
    monkeypatch.setattr(
        closure, "_root", lambda package: root if package == "physics" else real(package)
    )
    forget()
    yield root / "physics"
    forget()


def changed(before):
    return {module for module, digest in digests().items() if digest != before[module]}


def test_the_real_code_has_the_same_digests_as_its_copy(copy, before):
    assert digests() == before
    assert len(set(before.values())) == len(ALL) > 5


def test_comments_docstrings_and_layout_change_nothing(copy, before):
    """In every module and every YAML file at once."""
    for path in copy.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and closure._is_text(node):
                node.value.value = "Another docstring."
        path.write_text("# a comment\n" + ast.unparse(tree) + "\n\n\n# another\n", encoding="utf-8")
    for path in copy.rglob("*.yaml"):
        path.write_text("# a comment\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert changed(before) == set()


def test_yaml_is_read_as_everywhere(tmp_path):
    """YAML 1.1 takes 010 for eight, and a file of somebody else's package may be none of ours."""

    def digest(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return closure._data_digest(tmp_path / name)

    assert digest("a.yaml", "x: 8") == digest("b.yaml", "# the same\nx: 8")
    assert digest("c.yaml", "x: 010") != digest("a.yaml", "x: 8")
    assert digest("d.yaml", "x: !own 1") != digest("e.yaml", "x: !own 2")
    assert digest("f.yaml", "x: 1\nx: 2") != digest("g.yaml", "x: 2")


@pytest.mark.parametrize(
    ("file", "old", "new", "affected"),
    [
        ("forward/decay_law.py", "ORDER = 6", "ORDER = 7", {N_FORWARD, CHI_FORWARD}),
        ("neutrino_dipole/mesons/vector.py", "3 * mass**2", "4 * mass**2", {N_FORWARD}),
        ("neutrino_dipole/decays/nu_gamma.py", "(4 * np.pi)", "(3 * np.pi)", {N_FORWARD}),
        ("neutrino_dipole/couplings.py", "SINGULAR_FLOOR = 1e-6", "SINGULAR_FLOOR = 1e-5", AT_COLLIDERS),
        ("dark_dipole/relic.py", "_SPINS = 2", "_SPINS = 3", {RELIC}),
        ("dark_dipole/decay.py", "(2 * np.pi)", "(3 * np.pi)", {CHI_FORWARD, PAIRS}),
        ("nature/constants.py", "HBAR_C = 1.973269804e-16", "HBAR_C = 1.973269805e-16", set(ALL)),
        ("nature/mesons.yaml", "mass: 0.77526", "mass: 0.77527", OF_MESONS),
        ("nature/beams/lhc-14tev.yaml", "momentum: 7000", "momentum: 6800", FORWARD | {BOSON_RECOIL}),
        ("early_universe/plasma.yaml", None, "extra: 1\n", {RELIC}),
        # importing a module runs the packages around it
        ("neutrino_dipole/__init__.py", None, "EXTRA = 1\n", AT_COLLIDERS | {N_FORWARD}),
        ("dark_dipole/counting/__init__.py", None, "EXTRA = 1\n", {CHI_FORWARD, RELIC, PAIRS}),
    ],
)  # fmt: skip
def test_edits_change_what_they_change(copy, before, file, old, new, affected):
    """These countings and no other."""
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old is None or old in text
    path.write_text(text + new if old is None else text.replace(old, new), encoding="utf-8")
    assert changed(before) == affected


def test_quantities_and_checks_change_nothing(copy, before):
    for path in [*(copy / "quantities").glob("*.py"), copy / "models" / "checks.py"]:
        path.write_text(path.read_text(encoding="utf-8") + "\nEXTRA = 1\n", encoding="utf-8")
    assert changed(before) == set()


def test_another_models_room_changes_nothing(copy, before):
    for path in (copy / "dark_dipole").rglob("*.py"):
        path.write_text(path.read_text(encoding="utf-8") + "\nEXTRA = 1\n", encoding="utf-8")
    found = changed(before)
    assert found == {module for module in ALL if module.startswith("physics.dark_dipole")}


def test_a_new_channel_counts_where_channels_are_read(copy, before, monkeypatch):
    """A file in ``neutrino_dipole/mesons`` is imported by nobody but the registry."""
    (copy / "neutrino_dipole" / "mesons" / "extra.py").write_text("EXTRA = 1\n", encoding="utf-8")
    real = closure.found_modules
    monkeypatch.setattr(
        closure,
        "found_modules",
        lambda package, pattern: [*real(package, pattern), f"{package}.extra"],
    )
    assert changed(before) == {N_FORWARD}


def test_every_small_table_is_behind_some_number(copy):
    """YAML files of ``physics`` but experiments, which are in the spec, and what spectra and fluxes are built by."""
    read = {
        path.relative_to(copy)
        for module in ALL
        for name in closure.modules_behind(module)
        for path in closure.data_files(name)
    }
    there = {path.relative_to(copy) for path in copy.rglob("*.yaml")}
    built_by = ("recipes.yaml", "decays.yaml", "solar.yaml")
    others = {path for path in there if path.parts[0] == "searches" or path.name in built_by}
    others |= {Path("w_bosons/colliders.yaml")} - read  # until a search reads it
    assert there - others == read


PLUGIN = {
    "alias": ("import {registry} as base\nfor tag in base.production_channels: print(tag)\n", True),
    "dotted": ("import {registry}\nx = {registry}.production_channels['rho']\n", True),
    "name": ("from {registry} import production_channels\nx = list(production_channels)\n", True),
    "registering": (
        "from {registry} import production_channels\nproduction_channels.add(1)\n",
        False,
    ),
}


@pytest.mark.parametrize("how", PLUGIN)
def test_registries_are_seen_however_they_are_read(how, tmp_path, monkeypatch):
    """In a package of one module: what it reads is behind it, what it only registers with is not."""
    text, reads = PLUGIN[how]
    code = text.format(registry="physics.neutrino_dipole.mesons.base")
    (tmp_path / "one_file.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    behind = closure.modules_behind("one_file")
    assert ("physics.neutrino_dipole.mesons.vector" in behind) == reads
    first = closure.digest_of("one_file")
    (tmp_path / "one_file.py").write_text(code + '"""A docstring."""\n# a comment\n')
    forget()
    assert closure.digest_of("one_file") == first
    (tmp_path / "one_file.py").write_text(code + "EXTRA = 1\n")
    forget()
    assert closure.digest_of("one_file") != first
    forget()


def test_all_files_of_a_foreign_package_count(tmp_path, monkeypatch):
    package = tmp_path / "foreign_package"
    (package / "tables").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "counting.py").write_text("X = 1\n")
    (package / "tables" / "a.csv").write_text("1\n")
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    first = closure.digest_of("foreign_package.counting")
    (package / "tables" / "a.csv").write_text("2\n")
    forget()
    assert closure.digest_of("foreign_package.counting") != first
    with pytest.raises(InputError, match=r"the source of the module foreign_package\.lost is not"):
        closure.digest_of("foreign_package.lost")
    forget()


def test_searches_and_who_registers_are_behind_a_scan():
    """A counting need not import the class of its searches, nor be registered where it is defined."""
    spec = load_spec("quickstart")
    roots = fingerprint.roots_of_scan(spec)
    assert {N_FORWARD, "physics.searches.forward_decay"} <= set(roots)
