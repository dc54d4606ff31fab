"""The model dark_dipole as it scans: its limit is the model dipole, axes are exact, impossible values are refused.

Formulas and kinematics have tests of their own (test_dark_dipole.py, test_dark_counts.py).
"""

from dataclasses import replace

import numpy as np
import pytest
from approx import approx
from falling_spectra import falling_folder, falling_set  # noqa: F401
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.detectors.volumes import PhotonPlane
from physics.errors import InputError
from physics.models.countings import counting_of
from physics.models.model import models
from physics.models.tasks import make_kernel, make_tasks
from physics.searches.catalogue import experiment
from physics.searches.forward_decay import Selection
from scanner.scans.spec import ScanSpec

pytestmark = pytest.mark.usefixtures("falling_set")

DIPOLE, DARK = models["dipole"], models["dark_dipole"]
FASER2 = experiment("FASER2")
NEUTRAL = ("rho", "phi", "J_psi", "pi0", "eta")
D = tuple(np.geomspace(1e-9, 1e-2, 57))
SAMPLING = {"points": 2**11, "replicas": 8, "seed": 5}


def evaluate(model, searches, axes, channels=NEUTRAL, **options):
    """(experiment) to variables, over all axes of the task."""
    chosen = model.complete_options({"normalisation": "generator"} | options)
    axes = {"generator": ("falling",)} | axes
    (task,) = make_tasks(model, searches, axes, chosen, SAMPLING, channels)
    kernel = make_kernel(task)
    return kernel.evaluate({d: slice(0, len(task.axes[d])) for d in kernel.block_dims})


# ---- the limit of a massless partner


@pytest.mark.parametrize("constants", ["measured", "paper"])
def test_massless_partner_is_the_neutrino_dipole(constants):
    """M_1 -> 0 and d -> d/sqrt(2): counts of N only, channel by channel, to 1e-9 for long and for short lifetimes."""
    masses = (0.02, 0.1, 0.4, 1.2)
    search = replace(FASER2, selection=Selection(100.0))
    dipole = evaluate(
        DIPOLE, [search], {"flavor": ("e",), "m_N": masses, "d_gamma": D},
        constants=constants, count_antiparticle=False,
    )["FASER2"]["counts"][0, 0]  # fmt: skip
    dark = evaluate(
        DARK, [search], {"delta": (1e12,), "M_2": masses, "d": tuple(np.array(D) / np.sqrt(2))},
        constants=constants,
    )["FASER2"]["counts"][0, 0]  # fmt: skip
    assert (dipole > 0).any(axis=(1, 2)).all()
    # pseudoscalars are drawn, with a partner that is not quite massless: 1e-6
    channels = list(NEUTRAL)
    for i, tag in enumerate(channels):
        tolerance = 1e-6 if tag in ("pi0", "eta") else 1e-9
        some = dipole[:, i] > 1e-12 * dipole[:, i].max()
        np.testing.assert_allclose(dark[:, i][some], dipole[:, i][some], rtol=tolerance)


def test_either_mass_may_be_the_axis():
    """The same points by M_1 and by M_2: the same counts, to rounding."""
    light = np.array([0.05, 0.2])
    by_light = evaluate(DARK, [FASER2], {"delta": (0.5,), "M_1": tuple(light), "d": D})
    by_heavy = evaluate(DARK, [FASER2], {"delta": (0.5,), "M_2": tuple(1.5 * light), "d": D})
    a, b = by_light["FASER2"]["counts"], by_heavy["FASER2"]["counts"]
    assert a.max() > 0
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12 * a.max())


# ---- thresholds


SEARCHES = [
    replace(FASER2, tag="plain", selection=Selection(0.0, 1.0)),
    replace(FASER2, tag="window", selection=Selection(50.0, 1.0, 300.0, 0.5)),
    replace(FASER2, tag="seen", selection=Selection(0.0, 1.0), calorimeter=PhotonPlane(485.0, 1.5)),
]


@pytest.mark.parametrize("model", [DIPOLE, DARK], ids=["dipole", "dark"])
def test_a_threshold_does_not_depend_on_the_others(model):
    """Each value of the axis alone, all together, and as the search's own: bit for bit the same."""
    axes = {"m_N": (0.1,), "flavor": ("e", "tau"), "d_gamma": D}
    if model is DARK:
        axes = {"M_1": (0.1,), "delta": (0.01, 0.5), "d": D}
    thresholds = (0.3, 0.5, 1.0, 2.0, 10.0, 100.0)
    together = evaluate(model, SEARCHES, axes | {"E_gamma_min": thresholds})
    for i, threshold in enumerate(thresholds):
        alone = evaluate(model, SEARCHES, axes | {"E_gamma_min": (threshold,)})
        own = [replace(s, selection=s.selection.with_threshold(threshold)) for s in SEARCHES]
        as_own = evaluate(model, own, axes)
        for search in SEARCHES:
            for name, values in as_own[search.tag].items():
                at = -3 if name == "counts" else -2
                one = np.take(together[search.tag][name], i, axis=at)
                assert np.array_equal(one, values, equal_nan=True), (search.tag, name, threshold)
                same = np.take(alone[search.tag][name], 0, axis=at)
                assert np.array_equal(same, values, equal_nan=True)
    counts = together["plain"]["counts"].sum(axis=-2)
    sharing = counts[..., 1:4, :]  # 0.5, 1 and 2 GeV are drawn from the same rung
    assert (np.diff(sharing, axis=-2) <= 0).all()
    assert counts[..., 1, :].max() > counts[..., 3, :].max() > counts[..., -1, :].max()


@pytest.mark.parametrize("share", [1.0, 0.3])
@pytest.mark.parametrize("mass", [0.001, 1.0, 30.0])
@pytest.mark.parametrize(("threshold", "rung"), [(3.9, 0.5), (4.0, 4.0), (31.9, 4.0), (32.0, 32.0)])
def test_samples_begin_where_the_hardest_photon_passes(threshold, rung, mass, share):
    """share (E + p)/2 is the threshold, for samples its rung (0.5 GeV times a power of eight); p >= 0.1 GeV."""
    chosen = Selection(0.0, threshold)
    for momentum, photon in (
        (chosen.momentum_min(mass, share), threshold),
        (chosen.sampled_momentum(mass, share), rung),
    ):
        if share * (np.hypot(0.1, mass) + 0.1) / 2 >= photon:  # passes anyway
            assert momentum == 0.1
        else:
            assert share * (np.hypot(momentum, mass) + momentum) / 2 == approx(photon, rel=1e-9)


@settings(deadline=None, max_examples=20)
@given(low=st.floats(0.1, 50), width=st.floats(1.01, 20), efficiency=st.floats(0.01, 1))
def test_windows_of_photon_energies(low, width, efficiency):
    """Events within a window are those above its lower end minus those above its upper one, times the efficiency."""
    axes = {"delta": (0.3,), "M_1": (0.1,), "d": (1e-6,)}
    high = low * width
    ends = [Selection(60.0, low, high, efficiency), Selection(60.0, low), Selection(60.0, high)]
    # from one rung down, so that they share their samples
    if len({s.sampled_momentum(0.13, 0.4) for s in ends}) > 1:
        return
    searches = [replace(FASER2, tag=f"s{i}", selection=s) for i, s in enumerate(ends)]
    found = evaluate(DARK, searches, axes, ("rho",))
    window, above, beyond = (found[f"s{i}"]["counts"].sum() for i in range(3))
    assert window == approx(efficiency * (above - beyond), rel=1e-9, abs=1e-12 * above)


# ---- bad input

SPEC = {
    "name": "dark",
    "model": "dark_dipole",
    "experiments": ["NA62", "BaBar"],
    "axes": {"delta": [0.01], "M_1": [0.1, 0.2], "d": [1e-6, 1e-5]},
}
BAD = {
    "no delta": ({"delta": None}, "axes.delta: missing"),
    "delta of zero": ({"delta": [0.0]}, "axes.delta: values must be above 1e-09.*, not 0"),
    "delta below zero": ({"delta": [-0.1, 0.1]}, "axes.delta: values must be above 1e-09.*, not -0.1"),
    "no mass": ({"M_1": None}, "axes.M_1: missing; give the values of M_1 or M_2"),
    "two masses": ({"M_2": [0.1]}, "a scan has one of M_1 and M_2; remove the other"),
    "mass of zero": ({"M_1": [0.0]}, "axes.M_1: values must be above"),
    "an axis of the other model": ({"m_N": [0.1]}, "unknown axis 'm_N' of the model 'dark_dipole'; .*there are: "),
    "no coupling": ({"d": None}, "axes.d: missing"),
    "threshold of zero": ({"E_gamma_min": [0.0]}, "axes.E_gamma_min: values must be above 0"),
    "threshold above the beam": (
        {"E_gamma_min": [1, 400]}, "E_gamma_min: 400 GeV lies above what NA62 can see, 400 GeV; give lower",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_axes(what):
    changed, message = BAD[what]
    axes = {k: v for k, v in (SPEC["axes"] | changed).items() if v is not None}
    with pytest.raises(InputError, match=message) as error:
        ScanSpec(SPEC | {"axes": axes})
    assert "\n" not in str(error.value)


def test_data_keep_their_threshold():
    """NuCal has counted 5 events above 3 GeV: below, its limit does not exist; above, it is scanned."""
    axes = SPEC["axes"] | {"E_gamma_min": [1.0, 5.0]}
    with pytest.raises(
        InputError, match="NuCal has counted its 5 events above 3 GeV and not above 1"
    ):
        ScanSpec(SPEC | {"experiments": ["NuCal", "NA62"], "axes": axes})
    ScanSpec(SPEC | {"experiments": ["NuCal"], "axes": axes | {"E_gamma_min": [3.0, 5.0]}})


def test_thresholds_within_what_a_search_sees():
    """Below its own only if it has seen nothing; below the end of its window, or the beam's energy without one."""

    def search(observed=0.0, background=0.0, E_gamma_max=None):
        cuts = Selection(E_gamma_min=3.0, E_gamma_max=E_gamma_max)
        return replace(experiment("SHiP"), selection=cuts, observed=observed, background=background)

    low, high = {"E_gamma_min": (1.0,)}, {"E_gamma_min": (2.0, 50.0)}
    search(background=2.5).check_axes(low)  # what is expected is no event
    with pytest.raises(InputError, match="has counted its 2 events above 3 GeV and not above 1"):
        search(observed=2.0).check_axes(low)
    search(observed=2.0).check_axes({"E_gamma_min": (3.0, 4.0)})
    search().check_axes(high)
    search(E_gamma_max=51.0).check_axes(high)
    for largest in (50.0, 20.0):
        with pytest.raises(InputError, match=f"50 GeV lies above what SHiP can see, {largest:g} G"):
            search(E_gamma_max=largest).check_axes(high)
    search().check_axes({"E_gamma_min": (399.0,)})
    with pytest.raises(InputError, match="400 GeV lies above what SHiP can see, 400 GeV"):
        search().check_axes({"E_gamma_min": (1.0, 400.0)})
    search(observed=2.0).check_axes({})


@pytest.mark.parametrize(
    ("axes", "known"),
    [
        ({"delta": (0.1, 1.0), "M_1": (1e-3, 20.0)}, True),
        ({"delta": (0.1,), "M_1": (0.99e-3, 1.0)}, False),
        ({"delta": (0.1,), "M_1": (1.0, 20.1)}, False),
        # M_1 = M_2/(1 + delta): 1 MeV of 2 MeV at delta = 1, 20 GeV of 22 GeV at 0.1
        ({"delta": (0.1, 1.0), "M_2": (2e-3, 1.0)}, True),
        ({"delta": (0.1, 1.0), "M_2": (1.99e-3, 1.0)}, False),
        ({"delta": (0.1,), "M_2": (1.99e-3, 1.0)}, True),
        ({"delta": (0.1, 1.0), "M_2": (1.0, 21.9)}, True),
        ({"delta": (0.1, 1.0), "M_2": (1.0, 22.1)}, False),
        ({"delta": (1.0,), "M_2": (1.0, 39.0)}, True),
    ],
)
def test_masses_at_which_the_relic_density_is_known(axes, known):
    """M_1 from 1 MeV to 20 GeV (docs/physics.md), whichever mass is the axis."""
    search = experiment("thermal-relic")
    if known:
        counting_of("dark_dipole", search.kind).check_axes(search, axes)
    else:
        with pytest.raises(InputError, match=r"is known for M_1 from 0\.001 to 20 GeV; scan"):
            counting_of("dark_dipole", search.kind).check_axes(search, axes)


def test_bad_specs():
    for changed, message in (
        ({"experiments": ["LEP1-OPAL"]}, "is not counted in the model 'dark_dipole'; it is in: dipole"),
        ({"options": {"nature": "majorana"}}, "unknown option 'nature' of the model dark_dipole"),
        ({"options": {"normalisation": "none"}}, "option normalisation: 'none' is not possible"),
        ({"channels": ["K"]}, "unknown production channel 'K'; there are: "),
        ({"model": "dark"}, "unknown model 'dark'"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            ScanSpec(SPEC | changed)


def test_axes_of_a_mixed_scan():
    """BaBar has no spectra and no threshold; each beam's default spectra have one name if they differ."""
    spec = ScanSpec(SPEC | {"axes": SPEC["axes"] | {"E_gamma_min": [1.0]}})
    assert list(spec.axes) == ["generator", "delta", "M_1", "E_gamma_min", "d"]
    assert spec.axes["generator"] == ("pythia8",)
    used = {t.experiments[0].tag: set(t.axes) for t in spec.tasks}
    assert used["NA62"] == set(spec.axes)
    assert used["BaBar"] == {"delta", "M_1", "d"}
    mixed = ScanSpec(SPEC | {"experiments": ["NA62", "FASER2", "NuCal"]})
    assert mixed.axes["generator"] == ("default",)
    from scanner.scans.fingerprint import resources

    sets = {label.rsplit("/", 1)[0] for label in resources(mixed)}
    assert sets == {
        "sps-400gev/pythia8",
        "lhc-14tev/pythia8-forward",
        "u70-70gev/pythia6",
        "sps-400gev/pythia6",  # whose factors NuCal takes over
    }
