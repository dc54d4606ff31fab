"""What a newcomer adds: each thing is one file (or two, where two rooms are concerned), and nothing else is edited.

Every addition is made in a copy of the packages and tried by a Python of its own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "physics" / "spectra" / "tables"


@pytest.fixture
def house(tmp_path):
    """The packages, with the large tables as a link."""
    for package in ("physics", "scanner", "schedulers"):
        ignored = shutil.ignore_patterns("tables", "__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    (tmp_path / "physics" / "spectra" / "tables").symlink_to(TABLES)
    return tmp_path


def add(house, path, text):
    place = house / path
    assert not place.exists()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def tried(house, code, status=0):
    environment = os.environ | {"PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", f"import physics; assert {str(house)!r} in physics.__file__\n{code}"],
        cwd=house, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


COUNTS = """
from scanner.scans.spec import ScanSpec
from physics.models.tasks import make_kernel
def counts(**changes):
    content = {"name": "x", "experiments": ["FASER2"], "sampling": {"points": 256, "replicas": 4}} | changes
    if content.get("model", "dipole") == "dipole":
        content.setdefault("axes", {"flavor": ["e"], "m_N": [0.1], "d_gamma": [1e-6, 1e-4]})
    scan = ScanSpec(content)
    found = {}
    for task in scan.tasks:
        kernel = make_kernel(task)
        for tag, arrays in kernel.evaluate({dim: slice(None) for dim in kernel.block_dims}).items():
            found[tag] = kernel, arrays["counts"]
    return scan, found
"""


def test_a_second_decay_of_a_meson(house):
    """One file: the first decay of the eta once more, which counts as much."""
    add(
        house,
        "physics/neutrino_dipole/mesons/eta_again.py",
        '"""eta once more."""\n'
        "from physics.nature.mesons import meson\n"
        "from physics.neutrino_dipole.mesons.base import production_channels\n"
        "from physics.neutrino_dipole.mesons.neutral_pseudoscalar import NeutralPseudoscalarDecay\n"
        "production_channels.add(NeutralPseudoscalarDecay(meson('eta'), 'eta-again'))\n",
    )
    tried(
        house,
        f"{COUNTS}\n"
        "scan, found = counts()\n"
        "kernel, values = found['FASER2']\n"
        "assert len(scan.channels) == 14\n"
        "first, again = (kernel.channels.index(tag) for tag in ('eta', 'eta-again'))\n"
        "assert (values[..., first, :] == values[..., again, :]).all() and (values[..., first, :] > 0).all()\n",
    )


def test_a_line_in_mesons_yaml_breaks_no_scan(house):
    """A meson without spectra is no channel of a scan that does not ask for it, and not in the early universe."""
    path = house / "physics" / "nature" / "mesons.yaml"
    line = (
        "phi_1680: {title: φ(1680), pdg: 100333, kind: vector, mass: 1.68, width: 0.15, "
        "decay_constant: 0.1, charge: 0.3333, br_ee: 1.0e-6}\n"
    )
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    code = (
        f"{COUNTS}\n"
        "from physics.early_universe.hadrons import narrow_resonances\n"
        "from physics.nature.mesons import mesons\n"
        "from scanner.scans.spec import load_spec\n"
        "assert 'phi_1680' in mesons() and 'phi_1680' not in narrow_resonances()\n"
        "scan, found = counts()\n"
        "assert len(scan.channels) == 13 and 'phi_1680' not in load_spec('quickstart').channels\n"
        "assert 'phi_1680' not in load_spec('2406.17599-dark').channels\n"
        "from physics.models.tasks import checksums\n"
        "checksums(counts(channels=['phi_1680'])[0].tasks[0])\n"
    )
    assert "the spectrum of 100333 in lhc-14tev/pythia8-forward is missing" in tried(house, code, 1)


def test_a_new_axis_of_a_model_is_refused_until_every_counting_has_decided(house):
    """One file; a counting that would ignore the axis stops the product, by name."""
    path = house / "physics" / "neutrino_dipole" / "model.py"
    text = path.read_text(encoding="utf-8")
    axis = 'Axis("extra_width", "x", "", "parameter", default=(0.0,)),\n            PAIR_THRESHOLD,'
    assert text.count("            PAIR_THRESHOLD,\n") == 1
    path.write_text(text.replace("            PAIR_THRESHOLD,\n", f"            {axis}\n"))
    error = tried(house, f"{COUNTS}\ncounts()", 1)
    assert "neither uses nor neglects the axis 'extra_width' of the model dipole" in error
    assert "RegistrationError: physics.neutrino_dipole.counting." in error


SEARCH = '''"""Missing N: N leaves the detector."""

from dataclasses import dataclass

from physics.reading import Number
from physics.searches.search import Search, search_kinds


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class MissingN(Search):
    """N that leaves a detector; the exposure is decays of the Z."""

    kind_title = "N that leaves"
    kind_source = "arXiv:2301.06050"

    length: Number
    kind: str = "missing-n"

    def describe(self) -> str:
        """The length."""
        return f"N leaves {self.length:g} m"
'''
COUNTING = '''"""Missing N, counted in the dipole."""

import numpy as np

from physics.models.countings import countings
from physics.neutrino_dipole.counting.mass_by_mass import PerMassCounting, PerMassKernel


class MissingKernel(PerMassKernel):
    """A toy."""

    def counts_at(self, search, chosen, m_N, flavors):
        """Counts (a, d)."""
        values = np.multiply.outer(1 + 0 * self.a, search.exposure * self.d2) / search.length
        return {flavor: (values, np.zeros(self.a.size)) for flavor in flavors}


@countings.instance
class MissingNs(PerMassCounting):
    """Missing N."""

    kind = "missing-n"
    channel = "Z"
    kernel_type = MissingKernel
'''
MINE = (
    "kind: missing-n\ntitle: M\nfacility: F\nsignature: s\nsource: arXiv:2301.06050\n"
    "exposure: 1.0e+20\nlength: 2.0\n"
)


def test_a_new_kind_of_search_that_an_old_model_counts(house):
    """One file in searches/, one in the model's counting/."""
    add(house, "physics/searches/missing_n.py", SEARCH)
    add(house, "physics/neutrino_dipole/counting/missing_n.py", COUNTING)
    add(house, "mine.yaml", MINE)
    tried(
        house,
        f"{COUNTS}\n"
        "axes = {'flavor': ['e'], 'm_N': [1.0], 'a': [0.0], 'd_gamma': [1e-9, 1e-8]}\n"
        "scan, found = counts(experiments=['mine.yaml', 'L3-Z-photon'], axes=axes)\n"
        "assert abs(found['mine'][1].ravel()[1] / 5e3 - 1) < 1e-12, found['mine'][1]\n"
        "assert len(scan.tasks) == 2\n",
    )


METHOD = '''"""Twice a number."""

from scanner.limits.methods.base import methods


@methods.instance
class Twice:
    """Twice a number of events."""

    tag, title, source = "twice", "twice", "arXiv:2301.06050"
    defaults = {"events": 3.0}
    needs_events = reads_observed = False
    of_observation = frozenset()

    def critical_signal(self, observation, events):
        """Twice the number."""
        return 2 * events
'''


def test_a_limit_method(house):
    """One file."""
    add(house, "scanner/limits/methods/twice.py", METHOD)
    tried(
        house,
        "from scanner.limits.methods.base import Observation, critical_signal\n"
        "assert critical_signal('twice', Observation(), {'events': 4.0}) == 8\n",
    )


MODEL = '''"""A model of two axes."""

from physics.models.model import GENERATOR, THRESHOLD, Axis, Model, models

models.add(
    Model(
        tag="extra",
        title="extra",
        source="arXiv:2301.06050",
        complete_options=lambda options: {"normalisation": "paper"},
        axes=(
            GENERATOR,
            Axis("m_X", "m", "GeV", "mass"),
            THRESHOLD,
            Axis("g", "g", "1/GeV", "coupling"),
        ),
    )
)
'''
FORWARD = '''"""X from phi mesons."""

import numpy as np

from physics.forward.counting import ForwardCounting
from physics.forward.decays import ALL, BoundDecay, LongLived, RestFrame
from physics.models.countings import countings
from physics.nature.mesons import meson


@countings.instance
class Forward(ForwardCounting):
    """X from phi -> X + nothing."""

    model = "extra"
    parameters = ("m_X",)
    coupling = "g"
    parents = {"phi": meson("phi")}

    def particle(self, point, labels, channels, options):
        """X, isotropic."""
        m, parent = point["m_X"], meson("phi")
        energy = (parent.mass**2 + m**2) / (2 * parent.mass)
        momentum = (parent.mass**2 - m**2) / (2 * parent.mass)

        def at_rest(u):
            one = np.ones(len(u))
            return RestFrame(energy * one, momentum * one, energy * one, momentum * one, one)

        decay = BoundDecay(parent, (333,), m < parent.mass, lambda: 1.0, at_rest, 1.0)
        return LongLived(m, 1.0, False, dict.fromkeys(labels, m**3), {"phi": {ALL: decay}})
'''
OF_Z = '''"""X from the Z."""

import numpy as np

from physics.kernel import Counting, Kernel, counts_variables
from physics.models.countings import countings


class OfZ(Kernel):
    """A toy."""

    def cell(self, point):
        """One mass."""
        g = np.asarray(self.axes["g"])
        values = {"counts": g[None] ** 2, "relative_error": 0 * g}
        return {search.tag: values for search in self.experiments}


@countings.instance
class XFromZ(Counting):
    """X from the Z."""

    model, kind = "extra", "z-decay"
    axes = frozenset({"m_X", "g"})
    neglects = {"generator": "no mesons", "E_gamma_min": "cuts of its own"}
    channels = ("Z",)

    def layout(self, task):
        """Counts."""
        return counts_variables(("m_X",), "g"), ("m_X",)

    def kernel(self, task):
        """Kernel."""
        return OfZ(task, *self.layout(task))

    def seconds_per_cell(self, task):
        """Nothing."""
        return 1e-3
'''


def test_a_model_with_two_countings_is_one_room(house):
    """Old searches of two kinds, in one scan; the search files and every other room stay as they are."""
    room = "physics/extra"
    add(house, f"{room}/__init__.py", '"""The extra model."""\n')
    add(house, f"{room}/model.py", MODEL)
    add(house, f"{room}/counting/__init__.py", '"""Its countings."""\n')
    add(house, f"{room}/counting/forward_decay.py", FORWARD)
    add(house, f"{room}/counting/z_decay.py", OF_Z)
    tried(
        house,
        f"{COUNTS}\n"
        "axes = {'m_X': [0.1], 'g': [1e-8, 1e-6]}\n"
        "scan, found = counts(model='extra', experiments=['FASER2', 'L3-Z-photon'], axes=axes)\n"
        "assert set(found) == {'FASER2', 'L3-Z-photon'}\n"
        "assert (found['FASER2'][1] > 0).all() and (found['L3-Z-photon'][1] > 0).all()\n",
    )
