"""arXiv:2301.06050, limits of LEP and CEPC against the ratio a, both conventions in one figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.annihilation.production import cross_section
from physics.neutrino_dipole.annihilation.quadratic import convention
from physics.neutrino_dipole.bosons import photon_fraction, z_total_width
from physics.neutrino_dipole.couplings import coupling_ratio_arrays
from physics.neutrino_dipole.widths.totals import branching_ratio_photon
from physics.numerics.arrays import Array
from scanner.limits.limit import Limit
from scanner.outputs.look import drawing
from scanner.outputs.plots import COLORS, axis_label
from scanner.outputs.reproduce.arxiv_2301_06050 import ARXIV, CONVENTIONS, TAN, Runner
from scanner.outputs.reproduce.arxiv_2301_06050_limits import CEPC, FLAVOR_STYLES, LEP
from scanner.outputs.reproduce.base import Comparison, Reproduction, figure
from scanner.outputs.reproduce.cube import CompleteCube
from scanner.outputs.reproduce.drawing import new_figure, own_legend, save, share_legend
from scanner.queries.computing import computed
from scanner.queries.contours import reach
from scanner.queries.provenance import provenance_of
from scanner.queries.query import Query

Z_POLE = {"LEP1-OPAL": (2.0e-5, 4.5e-4), "CEPC-Z": (1.5e-7, 3.3e-6)}  # quoted for a > 0
BRANCHING = {3.2: r"BR < $3.2 \times 10^{-6}$", 0.1: "BR < $10^{-7}$"}  # in units of 1e-6
_H_MODE = {"e": (2.5e-6, 1.3e-5), "mu": (9.9e-6, 1.6e-5)}
ABOVE_Z = {  # quoted for |a| <= 10
    ("LEP2-DELPHI", "e"): (7.1e-5, 3.5e-4),
    ("LEP2-DELPHI", "mu"): (2.5e-4, 4.1e-4),
    **{(name, f): r for name in ("CEPC-H-basic", "CEPC-H") for f, r in _H_MODE.items()},
}
SINGULAR = -2 / TAN
_NEAR = (0.004, 0.01, 0.02)
_NEARER = (0.0005, 0.001, 0.002, 0.007, 0.015, 0.03, 0.04)
# where limits and rates have their dips: without a coupling to photons, and without one to the Z
FINER = [at + sign * step for at in (SINGULAR, 2 * TAN) for sign in (-1, 1) for step in _NEARER]
RATIOS = sorted(
    {
        *np.linspace(-10, 10, 401).round(3).tolist(),
        *(SINGULAR + sign * step for sign in (-1, 1) for step in _NEAR),
        *FINER,
        float(2 * TAN),
    }
)
CONVENTION_STYLES = {"exact": {"ls": "-"}, "paper": {"ls": "--"}}


def over_ratio(run: Runner, tag: str) -> CompleteCube:
    """The scan of figures 4 and 5, with a = 2 tan(theta_w) among the values."""
    return CompleteCube(run(f"{ARXIV}-ratio", (f"axes.a={RATIOS}",), "ratio"), tag)


def limit_over_ratio(
    query: CompleteCube, name: str, flavor: str, m_N: float, tag: str, limit: Limit | None = None
) -> tuple[Array, Array]:
    """The axis a, and the lowest excluded coupling for each of its values."""
    chosen = {"experiment": name, "convention": tag, "flavor": flavor, "m_N": m_N}
    counts = query.ds["counts"].sel(chosen).sum("channel").transpose("a", "d_gamma")
    a, d = (counts[axis].values.astype(float) for axis in counts.dims)
    values = computed(counts).values
    criterion = query.stated({"experiment": name}).criterion(limit or Limit())
    plane = (query.model.axis("a"), query.coupling)
    query.remember(
        name, provenance_of(query.outline, plane, chosen, criterion, None, np.isnan(values))
    )
    return a, reach(a, d, values, criterion.critical_signal).low


def _range(a: Array, low: Array, positive: bool) -> tuple[float, float]:
    quoted = ~np.isin(a, FINER)  # more points beside the pole are for the picture
    kept = low[quoted & ((a > 0) if positive else (np.abs(a) <= 10))]
    return float(np.min(kept)), float(np.max(kept))


def _compared(
    what: str, tag: str, quoted: tuple[float, float], ours: tuple[float, float]
) -> list[Comparison]:
    pairs = zip(("lowest", "highest"), quoted, ours, strict=True)
    return [Comparison(f"{what}: {word} d", q, o, tag, "1/GeV") for word, q, o in pairs]


def _rate_axis(ax: Axes, label: str, limits: tuple[float, float]) -> Axes:
    """A second vertical axis, in red."""
    rate = ax.twinx()
    rate.set(yscale="log", ylim=limits)
    rate.set_ylabel(label, color=COLORS[1])
    rate.tick_params(axis="y", which="both", colors=COLORS[1])
    return rate


@figure(f"{ARXIV}:fig4", "rates and limits on the Z pole against a, m_N = 10 GeV")
def z_pole(folder: Path, run: Runner) -> Reproduction:
    """Figure 4: single photons left, Z to photon and invisible right; rates for d = 1e-7 in red."""
    query = over_ratio(run, f"{ARXIV}:fig4")
    made = Reproduction()
    rows: list[list[Any]] = []
    with drawing():
        canvas, (left, right) = new_figure(2)
        section = _rate_axis(
            left, r"$\sigma(e^{+}e^{-} \to N\nu)$ [pb], $d_\gamma = 10^{-7}$", (1e-9, 1e9)
        )
        ratio = _rate_axis(right, r"branching ratio, $d_\gamma = 10^{-7}$", (1e-14, 1e5))
        for tag, style in (("exact", "-"), ("paper", "--")):
            for (name, quoted), color in zip(Z_POLE.items(), ("black", COLORS[0]), strict=True):
                a, low = limit_over_ratio(query, name, "e", 10.0, tag)
                label = (LEP | CEPC)[name][0] if tag == "exact" else None
                left.plot(a, low, style, color=color, label=label)
                rows += [[name, tag, *row] for row in zip(a, low, strict=True)]
                found = _range(a, low, True)
                made.comparisons += _compared(f"{name}, 10 GeV, a > 0", tag, quoted, found)
            for (number, label), color in zip(BRANCHING.items(), ("black", COLORS[0]), strict=True):
                limit = Limit(parameters={"events": number})
                a, low = limit_over_ratio(query, "L3-Z-photon", "e", 10.0, tag, limit)
                right.plot(a, low, style, color=color, label=label if tag == "exact" else None)
                rows += [[f"Z BR < {number}e-6", tag, *row] for row in zip(a, low, strict=True)]
            for ax, values in zip((section, ratio), _z_rates(a, 10.0, 1e-7, tag), strict=True):
                ax.plot(a, values, style, color=COLORS[1], lw=1.2)
        for ax, title in ((left, "single photons"), (right, r"$Z \to \gamma$ + invisible")):
            ax.set(yscale="log", xlim=(-10, 10), ylim=(1e-9, 1e-2), xlabel="$a$")
            ax.set(title=f"{title}, $m_N$ = 10 GeV", ylabel=axis_label(query.coupling))
            own_legend(ax, CONVENTION_STYLES)
    header = ["limit", "convention", "a", "d_low_per_GeV"]
    made.files += save(canvas, folder / "fig4.png", header, rows, query.about_file())
    made.about = query.about()
    return made


def _z_rates(a: Array, m_N: float, d: float, tag: str) -> tuple[Array, Array]:
    """Cross-section of N nu at the Z pole [pb], and branching ratio of Z to a photon above 15 GeV, all N decaying."""
    found = cross_section(ELECTROWEAK.m_Z, np.full(a.shape, m_N), convention(tag))
    d_Z, d_W = coupling_ratio_arrays(a)
    photons = branching_ratio_photon([m_N], a, "e")[0] * photon_fraction(m_N, 15.0, tag == "exact")
    ratio = z_total_width([m_N], a, "e")[0] * d**2 / ELECTROWEAK.width_Z * photons
    return found.total(d, d_Z * d, d_W * d, "e"), np.maximum(ratio, 1e-30)


@figure(f"{ARXIV}:fig5", "rates and limits against a, m_N = 100 GeV")
def above_the_z(folder: Path, run: Runner) -> Reproduction:
    """Figure 5: LEP2 left, CEPC in the H mode right (basic cuts); rates within cuts for d = 1e-5 in red."""
    query = over_ratio(run, f"{ARXIV}:fig5")
    made = Reproduction()
    rows: list[list[Any]] = []
    with drawing():
        canvas, axes = new_figure(2)
        ranges = ((1e-5, 3e-3), (4e-7, 1e-4))
        for ax, name, limits in zip(axes, ("LEP2-DELPHI", "CEPC-H-basic"), ranges, strict=True):
            rate = _rate_axis(ax, r"signal [pb], $d_\gamma = 10^{-5}$", (1e-6, 1e1))
            for tag, flavor in ((t, f) for t in CONVENTIONS for f in ("e", "mu")):
                style, shown = ("-" if flavor == "e" else ":"), (1.0 if tag == "exact" else 0.4)
                a, low = limit_over_ratio(query, name, flavor, 100.0, tag)
                signal = _rate(query, name, flavor, tag)
                ax.plot(a, low, style, color="black", alpha=shown, lw=1.2)
                rate.plot(a, signal, style, color=COLORS[1], alpha=shown, lw=1.2)
                rows += [[name, tag, flavor, *row] for row in zip(a, low, signal, strict=True)]
            title = str(query.ds["title"].sel(experiment=name).values)
            ax.set(yscale="log", xlim=(-10, 10), ylim=limits, xlabel="$a$")
            ax.set(title=f"{title}, $m_N$ = 100 GeV", ylabel=axis_label(query.coupling))
        pale: dict[str, dict[str, Any]] = {"exact": {"ls": "-"}, "paper": {"ls": "-", "alpha": 0.4}}
        red = {"signal (right axis)": {"color": COLORS[1]}}
        share_legend(
            canvas, {"limit (left axis)": {"color": "black"}, **red, **FLAVOR_STYLES, **pale}
        )
    for tag in CONVENTIONS:
        for (name, flavor), quoted in ABOVE_Z.items():
            found = _range(*limit_over_ratio(query, name, flavor, 100.0, tag), False)
            cuts = ", all cuts" if name == "CEPC-H" else ""
            what = f"{name.removesuffix('-basic')}{cuts}, 100 GeV, {flavor}"
            made.comparisons += _compared(what, tag, quoted, found)
    header = ["experiment", "convention", "flavor", "a", "d_low_per_GeV", "signal_pb"]
    made.files += save(canvas, folder / "fig5.png", header, rows, query.about_file())
    made.about = query.about()
    made.notes.append(
        "The ranges quoted for CEPC fit the basic cuts; with p_T > 100 GeV see 'all cuts'."
    )
    return made


def _rate(query: Query, name: str, flavor: str, tag: str) -> Array:
    """Signal with a photon within cuts and efficiency, at d = 1e-5 and m_N = 100 GeV [pb]."""
    d = query.ds["d_gamma"].values
    counts = query.ds["counts"].sel(experiment=name, convention=tag, flavor=flavor, m_N=100.0)
    counts = counts.isel(d_gamma=int(np.argmin(abs(np.log(d / 1e-5))))).sum("channel")
    exposure = float(query.ds["exposure"].sel(experiment=name)) * 1e3
    return computed(counts).values / exposure
