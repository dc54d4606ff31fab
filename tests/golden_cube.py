"""The golden cube: every search in every model that counts it, at a few points, and every bundled spec as JSON.

``python -m tests.golden_cube`` writes it anew. That is right only where a number is meant to change; the commit then
says which, and why.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np

from physics.errors import InputError
from physics.models.countings import counting_of
from physics.models.model import models
from physics.models.tasks import axes_of, make_kernel, search_in
from physics.searches.catalogue import experiments
from scanner.scans.plan import make_plan
from scanner.scans.spec import ScanSpec, bundled_specs, load_spec
from tests.inputs import installed

FOLDER = Path(__file__).with_name("golden")
COUNTS, HASHES = FOLDER / "counts.npz", FOLDER / "hashes.json"

# five couplings from the law of late decays to short lifetimes; of two masses one is above some thresholds
DIPOLE = {
    "convention": ["exact", "paper"],
    "flavor": ["e", "tau", "universal"],
    "m_N": [0.05, 2.0],
    "a": [-1.0, 0.0, np.inf],
    "d_gamma": [1e-10, 1e-7, 1e-6, 1e-4, 1e-2],
}
DARK = {"delta": [0.01, 0.3], "M_1": [0.05, 1.0], "d": [1e-10, 1e-7, 1e-6, 1e-4, 1e-2]}
LENGTH = {"m_N": [1.0, 20.0], "decay_length": [1e-4, 1e-2, 1.0, 1e2, 1e4]}
BOSON = {
    "flavor": ["mu", "tau"],
    "m_N": [0.02, 0.5],
    "m_ZD": [0.03],
    "alpha_D": [0.25],
    "epsilon": [1e-3],
    "U2": [1e-10, 1e-8, 1e-6, 1e-4, 1e-2],
}
TAU_PAIRS = {
    "radiation": ["none", "collinear"],
    "batch": [0, 3],
    "E_lepton_min": [0.2, 2.0],
    "angle_max": [1.0, 2.0, 2.9, 3.1, 3.2],
}
MIXED = {
    "flavor": ["mu", "tau"],
    "m_N": [5.0, 20.0],
    "U2": [1e-12, 1e-9, 1e-7, 1e-5, 1e-3],
}
AXES = {
    "mixing": MIXED,
    "dipole": DIPOLE,
    "dark_dipole": DARK,
    "dilepton-efficiency": LENGTH,
    "dark_boson": BOSON,
    "tau-background": TAU_PAIRS,
}
BY_EVENTS = "displaced-trilepton"  # seconds for each mass and flavor: variants have it
COLLIDER = {"m_N": [5.0, 60.0]}
LONG = {"num": 600, "start": 1e-9, "stop": 1e-2}  # a coupling axis that is interpolated

# name: model, searches, axes that are other ones (None: not there), options
VARIANTS = {
    "thresholds": ("dipole", ("FASER2-FPF", "NA62-calorimeter"), {"E_gamma_min": [1.5, 3.5]}, {}),
    "majorana": (
        "dipole",
        ("FASER2-FPF", "LEP1-OPAL", "L3-Z-photon", "FCC-ee-displaced-0.1mm"),
        {"m_N": [0.05, 5.0]},
        {"nature": "majorana"},
    ),
    "radiator": (
        "dipole",
        ("CEPC-H-basic", "LEP2-DELPHI"),
        COLLIDER,
        {"initial_state": "radiator"},
    ),
    "trileptons": (
        "dipole",
        ("HL-LHC-displaced",),
        {"m_N": [2.0], "flavor": ["e"], "a": [np.inf], "convention": ["exact"]},
        {},
    ),
    "mixed-trileptons": ("mixing", ("HL-LHC-displaced",), {"m_N": [5.0], "flavor": ["mu"]}, {}),
    "N-only": ("dipole", ("FASER2", "LEP1-OPAL"), {}, {"count_antiparticle": False}),
    "paper": ("dipole", ("FASER2", "NA62"), {}, {"constants": "paper", "form_factor": "vmd"}),
    "normalisation": ("dipole", ("SHiP",), {}, {"normalisation": "generator"}),
    "generators": ("dipole", ("FASER2",), {"generator": ["pythia8", "sibyll-2.3d"]}, {}),
    "long": ("dipole", ("FASER2-FPF", "CEPC-Z"), {"d_gamma": LONG, "flavor": ["mu"]}, {}),
    "dark-thresholds": ("dark_dipole", ("SHiP",), {"E_gamma_min": [1.5, 3.5]}, {}),
    "dark-M_2": ("dark_dipole", ("NA62", "BaBar", "thermal-relic"), {"M_1": None, "M_2": [0.1]}, {}),
    "dark-long": ("dark_dipole", ("NuCal", "BaBar", "thermal-relic"), {"d": LONG}, {}),
    "efficiency-majorana": (
        "dilepton-efficiency", ("FCC-ee-displaced-d0",), {}, {"nature": "majorana"},
    ),
}  # fmt: skip


def counted(tag: str) -> list[str]:
    """Labels of all searches that a model counts, and whose fluxes come with dipolescan."""
    found = []
    for label, search in experiments().items():
        if not installed(search):
            continue
        try:
            search = search_in(models[tag], label)
            if search.kind == BY_EVENTS:
                continue
            counting_of(tag, search.kind).check_axes(search, AXES[tag])
        except InputError:
            continue
        found.append(label)
    return found


def scan(tag: str, searches: tuple[str, ...] | list[str], axes: dict, options: dict) -> ScanSpec:
    """A scan of few points, with the axes that the searches have."""
    found = [search_in(models[tag], label) for label in searches]
    used = axes_of(models[tag], found)
    chosen = {k: v for k, v in (AXES[tag] | axes).items() if v is not None and k in used}
    return ScanSpec(
        {
            "name": "golden",
            "model": tag,
            "experiments": list(searches),
            "axes": chosen,
            "options": {"initial_state": "none"} | options if tag == "dipole" else options,
            "sampling": {"points": 256, "replicas": 4},
        }
    )


def scans() -> Iterator[tuple[str, ScanSpec]]:
    """Every search by itself, and the variants, by name."""
    for tag in AXES:
        for label in counted(tag):
            search = experiments()[label]
            along = hasattr(search, "beam") or hasattr(search, "flux")
            other = {} if along or tag != "dipole" else COLLIDER
            yield f"{tag}/{label}", scan(tag, [label], other, {})
    for name, (tag, searches, axes, options) in VARIANTS.items():
        yield f"{name}/{'+'.join(searches)}", scan(tag, searches, axes, options)


def computed(spec: ScanSpec) -> dict[str, np.ndarray]:
    """Every array of a scan, computed in one block."""
    found = {}
    for task in spec.tasks:
        kernel = make_kernel(task)
        whole = {dim: slice(0, len(task.axes[dim])) for dim in kernel.block_dims}
        for search, arrays in kernel.evaluate(whole).items():
            for name, values in arrays.items():
                found[f"{search}/{name}"] = np.ascontiguousarray(values, dtype=float)
    return found


def canonical() -> dict[str, str]:
    """Hashes of all bundled specs as they are stored, and of how they are cut."""
    found = {}
    for name in bundled_specs():
        spec = load_spec(name)
        cut = [(t.block_dims, t.block_size, list(t.variables)) for t in make_plan(spec).tasks]
        text = spec.canonical_json()
        found[f"exact/{name}"] = digest(text.encode())
        found[f"cut/{name}"] = digest(json.dumps(cut).encode())
    return found


def digest(raw: bytes) -> str:
    """Short enough for a file that people look at."""
    return hashlib.sha256(raw).hexdigest()[:24]


def machine() -> str:
    """What the last bit of a count depends on: versions and the vector instructions that are used."""
    from numpy._core._multiarray_umath import __cpu_features__ as features

    used = "+".join(name for name, there in sorted(features.items()) if there)
    numbers = " ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    return f"{platform.machine()} {numbers} {digest(used.encode())}"


def write() -> None:
    """Compute and store everything."""
    FOLDER.mkdir(exist_ok=True)
    arrays = {
        f"{name}/{key}": values for name, spec in scans() for key, values in computed(spec).items()
    }
    hashes = {name: digest(values.tobytes()) for name, values in arrays.items()}
    np.savez_compressed(COUNTS, **arrays)
    content = {"machine": machine(), "arrays": hashes, "specs": canonical()}
    HASHES.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    write()
