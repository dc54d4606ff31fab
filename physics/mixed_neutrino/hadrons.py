"""N into hadrons: a lepton and one meson, and quarks where there are more.

For N that mixes with nu_a (arXiv:1805.08567 eqs. (3.5)-(3.8), arXiv:0901.3589), over U2, for Dirac N, with h = m_h/m,

    N -> l P:   G^2 f^2 |V|^2 m^3/(16 pi) to_pseudoscalar(l, h),
    N -> l V:   G^2 f^2 |V|^2 m^3/(16 pi) to_vector(l, h),
    N -> nu P:  G^2 f^2 m^3/(32 pi) (1 - h^2)^2,
    N -> nu V:  G^2 f^2 k^2 m^3/(32 pi) (1 - h^2)^2 (1 + 2 h^2).

The current of Z gives k = sqrt(2) times the sum of T_3 - 2 Q sin^2 theta_w over the quarks of V: 1 - 2 s^2 (rho),
-2/3 s^2 (omega), -(1 - 4/3 s^2)/sqrt(2) (phi), where the photon sees 1/sqrt(2), 1/(3 sqrt(2)) and -1/3, which is the
convention of ``mesons.yaml``. arXiv:1805.08567 has 4/3 s^2 and 1 - 4/3 s^2 for omega and phi: rates four and two times
as large.

Above 1 GeV (of m, or of m - m_l with a charged lepton) quarks say how much hadrons there are,

    N -> nu q qbar:  3 G^2 m^5/(192 pi^3) [(g_L^2 + g_R^2) I_1 + g_L g_R I_2],
    N -> l u dbar:   3 |V|^2 G^2 m^5/(192 pi^3) I_1,

times :func:`quark_enhancement`; what single mesons do not fill of it is called ``hadrons``. So the hadronic width is
the larger of the two, and nothing is counted twice. Light quarks are massless, and charm opens with the D meson.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import pi, sqrt
from pathlib import Path

from physics.mixed_neutrino.leptons import to_neutrino_and_pair
from physics.mixed_neutrino.phase_space import left_left, of_muon_decay, to_pseudoscalar, to_vector
from physics.mixed_neutrino.strong_coupling import LOWEST, quark_enhancement
from physics.nature.constants import CKM, G_FERMI, LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK, QUARKS
from physics.nature.mesons import mesons
from physics.reading import read_yaml

SOURCE = "arXiv:1805.08567 sec. 3"
CHARMED = mesons()["D"].mass
# quarks of the neutral vector mesons, amplitudes
CONTENT = {
    "rho": {"u": 1 / sqrt(2), "d": -1 / sqrt(2)},
    "omega": {"u": 1 / sqrt(2), "d": 1 / sqrt(2)},
    "phi": {"s": 1.0},
}


@dataclass(frozen=True)
class CurrentMeson:
    """A meson that a weak current makes.

    Attributes
    ----------
    tag : str
    mass : float
        [GeV]
    strength : float
        Decay constant times the CKM element (charged), or times k of the Z (neutral) [GeV].
    vector : bool
    """

    tag: str
    mass: float
    strength: float
    vector: bool


@cache
def _own() -> dict[str, dict[str, dict[str, float]]]:
    content: dict[str, dict[str, dict[str, float]]] = read_yaml(
        Path(__file__).with_name("mesons.yaml"), "list of mesons"
    )
    return content


@cache
def charged_mesons() -> tuple[CurrentMeson, ...]:
    """Mesons of N -> l h."""
    found = [
        CurrentMeson(m.tag, m.mass, m.decay_constant * CKM[m.ckm], False)
        for m in mesons().values()
        if m.kind == "charged_pseudoscalar"
    ]
    for tag, data in _own()["charged_vectors"].items():
        element = CKM[str(data["ckm"])]
        found.append(CurrentMeson(tag, data["mass"], data["decay_constant"] * element, True))
    return tuple(found)


@cache
def neutral_mesons() -> tuple[CurrentMeson, ...]:
    """Mesons of N -> nu h."""
    known, constants = mesons(), _own()["neutral_pseudoscalars"]
    pseudoscalars = [
        CurrentMeson(tag, known[tag].mass, float(str(f)), False) for tag, f in constants.items()
    ]
    vectors = [
        CurrentMeson(tag, known[tag].mass, known[tag].decay_constant * weak_charge(tag), True)
        for tag in CONTENT
    ]
    return (*pseudoscalars, *vectors)


def weak_charge(tag: str) -> float:
    """K of a neutral vector meson.

    >>> round(weak_charge("rho"), 4)
    0.5376
    """
    vector = {q.tag: q.t3 - 2 * q.charge * ELECTROWEAK.sin2 for q in QUARKS}
    return sqrt(2) * sum(amplitude * vector[q] for q, amplitude in CONTENT[tag].items())


def to_lepton_and_meson(m_N: float, lepton: float, meson: CurrentMeson) -> float:
    """N -> l h over U2 [GeV]; the lepton by its mass [GeV]."""
    shape = to_vector if meson.vector else to_pseudoscalar
    phase_space = shape(lepton / m_N, meson.mass / m_N)
    return G_FERMI**2 * meson.strength**2 * m_N**3 / (16 * pi) * phase_space


def to_neutrino_and_meson(m_N: float, meson: CurrentMeson) -> float:
    """N -> nu h over U2 [GeV]."""
    return to_lepton_and_meson(m_N, 0.0, meson) / 2


def neutral_quarks(m_N: float) -> float:
    """N -> nu and quarks over U2, with what gluons add [GeV]; zero below 1 GeV."""
    if m_N <= LOWEST:
        return 0.0
    total = 0.0
    for quark in QUARKS:
        right = -quark.charge * ELECTROWEAK.sin2
        total += 3 * to_neutrino_and_pair(m_N, _opens(quark.tag), quark.t3 + right, right)
    return total * quark_enhancement(m_N)


def charged_quarks(m_N: float, lepton: float) -> float:
    """N -> l and quarks over U2, with what gluons add [GeV]; zero unless 1 GeV is left beside the lepton's mass."""
    if m_N - lepton <= LOWEST:
        return 0.0
    total = 0.0
    for pair, element in CKM.items():
        up, down = (_opens(tag) / m_N for tag in pair)
        total += 3 * element**2 * left_left(lepton / m_N, up, down)
    return of_muon_decay(m_N) * total * quark_enhancement(m_N - lepton)


def _opens(quark: str) -> float:
    """Mass of a quark in phase space [GeV]: that of its lightest meson, or zero."""
    return {"c": CHARMED, "b": mesons()["B"].mass}.get(quark, 0.0)


def hadronic_widths(m_N: float, flavor: str) -> dict[str, float]:
    """Widths of a Dirac N into hadrons, by channel.

    Parameters
    ----------
    m_N : float
        [GeV]
    flavor : str
        ``e``, ``mu`` or ``tau``.

    Returns
    -------
    dict
        Over U2 [GeV]; ``nu hadrons`` and ``mu hadrons`` are what single mesons leave.
    """
    lepton = LEPTON_MASS[flavor]
    neutral = {f"nu {m.tag}": to_neutrino_and_meson(m_N, m) for m in neutral_mesons()}
    charged = {f"{flavor} {m.tag}": to_lepton_and_meson(m_N, lepton, m) for m in charged_mesons()}
    rest = {
        "nu hadrons": max(neutral_quarks(m_N) - sum(neutral.values()), 0.0),
        f"{flavor} hadrons": max(charged_quarks(m_N, lepton) - sum(charged.values()), 0.0),
    }
    return neutral | charged | rest
