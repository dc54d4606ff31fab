"""Efficiencies of a search for each flavor of the coupling: made from events, or taken from a stored cube of them.

For tau, prompt leptons come from tau -> l nu nu, and the efficiency is per decay W -> tau N.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from physics.detectors.trilepton_cuts import LEPTONS, Tracker, TrileptonCuts
from physics.errors import InputError
from physics.kernel import KernelTask, StoredTables
from physics.searches.displaced_trilepton import DisplacedTrilepton, Precision
from physics.trileptons.decay import LeptonicDecay
from physics.trileptons.lifetime import NODES, TAU_TO_LEPTON, Acceptance, Shares, shares
from physics.trileptons.staged import Source
from physics.w_bosons.library import find_w_set

FLAVORS = ("e", "mu", "tau")
EFFICIENCY_AXES = ("flavor", "pair", "m_N")  # of a stored cube, before those of the search's own
NOTHING = Acceptance(np.zeros(NODES), np.zeros(NODES), 0)


def acceptance(
    search: DisplacedTrilepton, decay: LeptonicDecay | None, flavor: str, seed: int
) -> Acceptance:
    """A(T) of a search for one flavor of the coupling, one mass and one pair.

    Parameters
    ----------
    search : DisplacedTrilepton
    decay : LeptonicDecay, optional
        None if N cannot decay to the pair.
    flavor : str
        e, mu or tau.
    seed : int

    Returns
    -------
    Acceptance
        Per decay of W to l N and of N to the pair.
    """
    if decay is None or pair_of(decay) not in search.pairs:
        return NOTHING
    if flavor != "tau" and flavor not in search.prompt:
        return NOTHING
    found = _shares(
        search.collider,
        search.w_bosons,
        search.selection,
        search.tracker,
        search.precision,
        decay,
        flavor == "tau",
        seed,
    )
    if flavor != "tau":
        return found[flavor].table()
    parts = sum((TAU_TO_LEPTON[tag] * found[tag].parts for tag in search.prompt), np.zeros(()))
    return Shares(parts, found[LEPTONS[0]].events).table()


def pair_of(decay: LeptonicDecay) -> str:
    """Name of the pair: ee, mumu or emu."""
    return "".join(sorted(decay.leptons))


@lru_cache(maxsize=256)
def _shares(
    collider: str,
    w_bosons: str,
    selection: TrileptonCuts,
    tracker: Tracker,
    precision: Precision,
    decay: LeptonicDecay,
    through_tau: bool,
    seed: int,
) -> dict[str, Shares]:
    """Always for both flavors of prompt leptons, so that the number of events does not depend on those asked for."""
    chosen = find_w_set(collider, w_bosons)
    source = Source(decay, chosen.load(), chosen.name, through_tau, seed)
    return shares(source, selection, tracker, precision)


# ---- stored efficiencies ---------------------------------------------------------------------


class Efficiencies:
    """Where the kernel of a task has its efficiencies from.

    Parameters
    ----------
    task : KernelTask
        With ``tables``, if they come from a stored cube.
    """

    def __init__(self, task: KernelTask[DisplacedTrilepton]):
        self.seed = int(task.sampling["seed"])
        self.stored: StoredTables | None = task.tables
        self.labels = matching(self.stored, task) if self.stored is not None else {}

    def of(
        self, search: DisplacedTrilepton, decay: LeptonicDecay | None, flavor: str, m_N: float
    ) -> Acceptance:
        """A(T); the same numbers from a stored cube as from events."""
        if self.stored is None or decay is None or pair_of(decay) not in search.pairs:
            return acceptance(search, decay, flavor, self.seed)
        axes, arrays = self.stored.axes, self.stored.arrays[self.labels[search.tag]]
        if pair_of(decay) not in axes["pair"]:
            raise InputError(f"the stored efficiencies have no pairs {pair_of(decay)}")
        wanted = dict(zip(EFFICIENCY_AXES, (flavor, pair_of(decay), m_N), strict=True))
        place = tuple(axes[name].index(value) for name, value in wanted.items())
        return Acceptance(
            arrays["acceptance"][place],
            arrays["acceptance_error"][place],
            int(arrays["events"][place]),
        )


def matching(stored: StoredTables, task: KernelTask[DisplacedTrilepton]) -> dict[str, str]:
    """For each search of a task the label of the one in a stored cube that has its efficiencies.

    Raises
    ------
    InputError
        If the cube is foreign: another model, option, search, seed, or a mass or flavor that it lacks.
    """
    for name, value in stored.options.items():
        if task.options.get(name) != value:
            raise InputError(
                f"the stored efficiencies are for {name} = {value}, and the scan has {task.options.get(name)}"
            )
    if stored.sampling["seed"] != task.sampling["seed"]:
        raise InputError(
            f"the stored efficiencies have the seed {stored.sampling['seed']}, and the scan has {task.sampling['seed']}"
        )
    _check_axes(stored, task)
    found = {}
    for search in task.experiments:
        same = [tag for tag, other in stored.searches.items() if same_events(search, other)]
        if not same:
            raise InputError(
                f"the stored efficiencies have no search with the collider, W bosons, tracker, selection, prompt "
                f"leptons and precision of {search.tag}; they are for {', '.join(stored.searches)}"
            )
        found[search.tag] = same[0]
    return found


def same_events(search: DisplacedTrilepton, other: DisplacedTrilepton) -> bool:
    """Whether the efficiencies of one are those of the other."""
    return search.seen == other.seen and set(search.pairs) <= set(other.pairs)


def _check_axes(stored: StoredTables, task: KernelTask[DisplacedTrilepton]) -> None:
    masses = set(stored.axes["m_N"])
    for m_N in task.axes["m_N"]:
        if m_N not in masses:
            raise InputError(
                f"the stored efficiencies have no mass m_N = {m_N!r} GeV; give both scans the same values"
            )
    for flavor in task.axes["flavor"]:
        for single in FLAVORS if flavor == "universal" else (flavor,):
            if single not in stored.axes["flavor"]:
                raise InputError(f"the stored efficiencies have no flavor {single}")
