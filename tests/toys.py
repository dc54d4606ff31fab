"""A small but complete set of spectra and a scan of a second, shared by the tests of scanner and recovery."""

import socket
import subprocess
from pathlib import Path

import numpy as np
import yaml
import zarr

from physics.spectra.library import write_set
from physics.spectra.table import SpectrumTable
from scanner.scans.creation import open_or_create
from scanner.scans.plan import make_plan
from scanner.scans.record import DONE
from scanner.scans.spec import ScanSpec
from scanner.scans.tables import all_resources
from scanner.scans.work import run_block

BEAM = "lhc-14tev"
SPECIES = (
    *(111, 221, 331, 113, 223, 333, 443, 553),
    *(sign * pdg for pdg in (211, 321, 411, 431, 521) for sign in (1, -1)),
)
LOG10_P = np.linspace(1.0, 3.8, 15)
LOG10_THETA = np.linspace(-5.5, 0.5, 25)

SPEC = {
    "name": "toy",
    "experiments": ["FASER2", "FACET"],
    "axes": {
        "generator": ["toy", "toy2"],
        "flavor": ["e", "tau"],
        "m_N": {"start": 0.01, "stop": 12.0, "num": 9, "spacing": "log", "units": "GeV"},
        "d_gamma": {"start": 1e-9, "stop": 1e-1, "num": 41, "spacing": "log", "units": "1/GeV"},
    },
    "sampling": {"points": 256, "replicas": 4},
    "execution": {"block_size": 2},
}


def table(pdg, slope):
    """A spectrum that falls with momentum and with transverse momentum (mean 0.5 GeV)."""
    log_p = (LOG10_P[1:] + LOG10_P[:-1]) / 2
    log_theta = (LOG10_THETA[1:] + LOG10_THETA[:-1]) / 2
    p, theta = 10 ** log_p[:, None], 10 ** log_theta[None, :]
    transverse = p * theta
    shape = p**-slope * transverse**2 * np.exp(-transverse / 0.5) + 1e-12
    values = shape / shape.sum() * 1e9
    return SpectrumTable(
        pdg, LOG10_P, LOG10_THETA, values, values**2 * 1e-4, float(values.sum()) * 1.25
    )


def write_spectra(
    root: Path, slope: float = 0.7, generators=("toy", "toy2"), species=SPECIES
) -> Path:
    """Write sets for the LHC under a folder."""
    for i, generator in enumerate(generators):
        tables = [table(pdg, slope + 0.3 * i + 0.01 * (pdg < 0)) for pdg in species]
        sources = {pdg: {"command": f"make {generator}"} for pdg in species}
        write_set(root / BEAM / generator, tables, sources, f"synthetic ({generator})")
    return root


def changed(content, **changes):
    """A copy of a spec with keys replaced; dots are written as two underscores."""
    copy = yaml.safe_load(yaml.safe_dump(content))
    for key, value in changes.items():
        *parents, last = key.split("__")
        place = copy
        for parent in parents:
            place = place.setdefault(parent, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return copy


# a moment of work for this process: two searches and two flavors
SMALL = changed(SPEC, axes__generator=["toy"], sampling={"points": 64, "replicas": 2})

# some seconds of work for two workers, in 20 blocks
LONG = changed(
    SPEC,
    axes__m_N={"start": 0.01, "stop": 1.0, "num": 20, "spacing": "log"},
    axes__generator=["toy"],
    sampling={"points": 16384, "replicas": 4},
    execution={"block_size": 1},
)


def write_spec(path: Path, content=None, **changes) -> Path:
    """Write a spec file."""
    path.write_text(yaml.safe_dump(changed(content or SPEC, **changes), sort_keys=False))
    return path


def free_ports(number):
    """Ports that nobody listens on."""
    taken = [socket.socket() for _ in range(number)]
    try:
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]
    finally:
        for one in taken:
            one.close()


def one_sentence(text: str) -> bool:
    """Whether an error is a single line of words, and no traceback."""
    return "\n" not in text and "Traceback" not in text and 10 < len(text) < 600


def fill(content, path: Path, blocks=None):
    """Make a store and compute blocks (all, or those of these numbers) in this process."""
    spec = ScanSpec(content)
    plan = make_plan(spec)
    store = open_or_create(path, plan, all_resources(spec))
    chosen = [b for i, b in enumerate(plan.blocks) if blocks is None or i in blocks]
    for block in chosen:
        run_block(str(path), store.identity, block)
    store.mark(chosen, DONE)
    return store


def chunk_files(store, block):
    """Files that a block must have once it is finished."""
    return store.files_of(block)


def arrays(path: Path) -> dict[str, bytes]:
    """Every array of a store by its name: type, shape and the bytes of the values."""
    found = {}
    for note in sorted(path.rglob("zarr.json")):
        group = zarr.open(note.parent, mode="r")
        if isinstance(group, zarr.Array):
            values = np.asarray(group[...])
            raw = repr(values.tolist()).encode() if values.dtype.kind in "TO" else values.tobytes()
            found[str(note.parent.relative_to(path))] = (
                f"{values.dtype} {values.shape} ".encode() + raw
            )
    return found


def tree(path: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()
    }


def damage(path: Path, how: str) -> None:
    """Damage a file: it is missing, altered by one bit, cut in half, or empty."""
    raw = bytearray(path.read_bytes())
    if how == "missing":
        path.unlink()
        return
    if how == "altered":
        raw[len(raw) // 2] ^= 1
    path.write_bytes({"altered": raw, "cut": raw[: len(raw) // 2], "empty": b""}[how])


def remounted(place: Path, options: str) -> None:
    """Change the options of a mounted file system."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def rows_of(text):
    """Lines of a CSV file or of a printed table without those that say what it is."""
    return [line for line in text.splitlines() if not line.startswith("#")]
