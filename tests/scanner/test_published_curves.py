"""Every number of the catalogue of published limits, and every point of their curves, from the files by another reader.

Files are HNLimits 1.2.0's (PyPI). Ranges leave out the points that close a curve at y = 1, 0.1, 0.01 or 0.001 or go
beyond the source's plot; frames are corners of these plots, in the file's units.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from approx import approx

from scanner.queries import published

MU_B = 0.5 * 5.7883818060e-14 / 195.35e-18  # d per Bohr magneton [1/GeV]: mu/2, CODATA 2018
UNITS = {"MeV": 1e-3, "GeV": 1.0, "1/GeV": 1.0, "mu_B": MU_B}
EVERY = ["e", "mu", "tau", "universal"]
# name and file(s); flavor; units; range; frame; closed; confidence level; arXiv number or report of the source
CURVES = {
    "BBN": (
        ["BBN_muB.dat"], EVERY, "MeV", "mu_B", (1.99e-13, 1e-7),
        [[0.01, 2e-13], [0.01, 1e-7]], True, 0.90, "2007.15563",
    ),
    "SN1987A": (
        ["SN1987A_muB_bottom.dat", "SN1987A_muB_top.dat"], EVERY, "MeV", "mu_B", None,
        None, True, "unstated", "1803.03262",
    ),
    "Borexino": (["Borexino_d.dat"], EVERY, "GeV", "1/GeV", (0, 1.48e-5), None, False, 0.90, "2007.15563"),
    "XENON1T": (["Xenon1T_d.dat"], EVERY, "GeV", "1/GeV", (0, 1.48e-5), None, False, 0.90, "2007.15563"),
    "Borexino + SK": (["Borexino_SK_d.dat"], EVERY, "GeV", "1/GeV", (0, 9.9e-4), None, False, 0.90, "2010.04193"),
    "LEP (a = 0)": (["LEPgz_d.dat"], EVERY, "MeV", "1/GeV", (0, 0.1), None, False, 0.95, "1803.03262"),
    "LSND": (["e/LSND_de.dat"], ["e", "universal"], "GeV", "1/GeV", (0, 1e-4), None, False, 0.95, "1803.03262"),
    "Super-Kamiokande e": (
        ["e/SK_atm_de.dat"], ["e", "universal"], "GeV", "1/GeV", None,
        [[0.005031534447484145, 9.831502870876799e-6]], True, 0.90, "2205.02234",
    ),
    "CHARM-II": (
        ["mu/CHARMII_dmu.dat"], ["mu", "universal"], "GeV", "1/GeV", (0, 1e-6), None, False, 0.90, "1707.08573",
    ),
    "MiniBooNE": (
        ["mu/MiniBooNE_dmu.dat"], ["mu", "universal"], "GeV", "1/GeV", (0, 1e-4), None, False, 0.95, "1803.03262",
    ),
    "NOMAD": (["mu/NOMAD_dmu.dat"], ["mu", "universal"], "GeV", "1/GeV", None, None, True, 0.90, "1803.03262"),
    "MINERvA": (
        ["mu/MINERvA_RHC_nominal_d_tauN_0.dat"], ["mu", "universal"], "MeV", "1/GeV", None,
        [[10.0, 1e-5]], True, 0.95, "2206.07100",
    ),
    "Super-Kamiokande mu": (
        ["mu/SK_atm_dmu.dat"], ["mu", "universal"], "GeV", "1/GeV", None,
        [[0.005036298050162299, 9.855466813750935e-6]], True, 0.90, "2205.02234",
    ),
    "DONUT": (["tau/DONUT_dtau.dat"], ["tau", "universal"], "GeV", "1/GeV", (0, 6e-5), None, False, 0.90, "ex/0102026"),
    "Super-Kamiokande tau": (
        ["tau/SK_atm_dtau.dat", "tau/SK_atm_dtau_top.dat reversed"], ["tau", "universal"], "GeV", "1/GeV",
        (0, 9.9e-6), [[0.05977686535737761, 9.93072855797981e-6], [0.005090023370697565, 9.93072855797981e-6]],
        True, 0.90, "2205.02234",
    ),
}  # fmt: skip


def entries():
    """The catalogue by name; the three of Super-Kamiokande by their flavor, too."""
    found = {}
    for entry in published._catalogue():
        flavors, name = entry["applies"]["flavor"], entry["name"]
        found[f"{name} {flavors[0]}" if name == "Super-Kamiokande" else name] = entry
    return found


def test_numbers_of_the_catalogue():
    found = entries()
    assert list(found) == list(CURVES)
    for name, row in CURVES.items():
        entry = dict(found[name])
        files, flavors, mass, coupling, limits, frame, closed, level, source = row
        names = [
            f["path"] + " reversed" * f.pop("reverse", False) for f in map(dict, entry.pop("files"))
        ]
        assert names == files
        assert source in entry.pop("source")
        assert entry.pop("note")
        assert entry.pop("name") == name.removesuffix(f" {flavors[0]}")
        expected = {
            "model": "dipole",
            "applies": {"flavor": flavors} | ({"a": [0]} if "a = 0" in name else {}),
            "mass_unit": mass,
            "coupling_unit": coupling,
            "closed": closed,
            "confidence_level": level,
        }
        expected |= {"coupling_range": list(limits)} if limits else {}
        expected |= {"frame": frame} if frame else {}
        expected |= (
            {"doubt": 3.5} if name == "SN1987A" else {}
        )  # from the data, in test_pictures.py
        assert entry == expected, name


@pytest.mark.skipif(not published.is_available(), reason="HNLimits is not installed")
@pytest.mark.parametrize("name", CURVES)
def test_points_of_the_curves(name):
    """NumPy's reader, units and ranges of the table above; where files join, or points repeat, one of them."""
    files, flavors, mass, coupling, limits, frame, *_ = CURVES[name]
    folder = Path(importlib.util.find_spec("HNLimits").origin).parent / "include/data/dipole"
    parts = []
    for file in files:
        path, _, backwards = file.partition(" ")
        part = np.loadtxt(folder / path, comments="#", ndmin=2)
        parts.append(part[::-1] if backwards else part)
    points = np.concatenate(parts)
    low, high = limits or (0, np.inf)
    points = points[(points[:, 1] >= low) & (points[:, 1] <= high)]
    points = [p for i, p in enumerate(points) if not i or tuple(p) != tuple(points[i - 1])]
    x, y = np.array(points).T
    (curve,) = (
        c
        for c in published.published_limits()
        if c.name == name.removesuffix(f" {flavors[0]}") and list(c.applies["flavor"]) == flavors
    )
    assert len(curve.mass) > 15
    assert curve.mass == approx(x * UNITS[mass], rel=1e-12)
    assert curve.coupling == approx(y * UNITS[coupling], rel=1e-4)  # digits of the Bohr magneton
    corners = [(m * UNITS[mass], approx(d * UNITS[coupling], rel=1e-4)) for m, d in frame or ()]
    assert list(curve.frame) == corners
