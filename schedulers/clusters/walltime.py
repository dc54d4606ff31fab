"""Walltimes of batch systems, and how long a worker may live within one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from schedulers.errors import ClusterError

STAGGER = 0.05  # of the walltime: workers that started together do not end together
MAX_STAGGER = 60.0  # s


@dataclass(frozen=True)
class Lifetime:
    """When workers end [s] after their start: ``seconds`` give or take ``stagger``."""

    seconds: int
    stagger: int

    def arguments(self) -> list[str]:
        """For ``dask worker``."""
        return ["--lifetime", f"{self.seconds}s", "--lifetime-stagger", f"{self.stagger}s"]


def worker_lifetime(walltime: float, block: float, margin: float) -> Lifetime | None:
    """How long a worker lives: even the last one ends before its job, with room for a block.

    Dask does not wait for running tasks when a lifetime is over.

    Parameters
    ----------
    walltime : float
        Of the job [s]; infinite if there is no limit.
    block : float
        Longest time of a block [s].
    margin : float
        Between the start of the job and that of the worker, and for the end of both [s].

    Returns
    -------
    Lifetime or None
        None without a limit.

    Raises
    ------
    ClusterError
        If not even the first worker to end has time for one block.

    >>> worker_lifetime(3600, block=60, margin=60)
    Lifetime(seconds=3420, stagger=60)
    """
    if math.isinf(walltime):
        return None
    stagger = math.floor(min(STAGGER * walltime, MAX_STAGGER))
    seconds = math.floor(walltime - block - margin - stagger)
    if seconds - stagger < max(block, 1):
        need = math.ceil((max(block, 1) + block + margin) / (1 - 2 * STAGGER))
        raise ClusterError(
            f"a walltime of {walltime:g} s is too short for one block of {block:g} s (it takes about {need} s with the "
            f"start of the job); ask for a longer walltime or lower block-seconds or margin"
        )
    return Lifetime(seconds, stagger)


def _number(text: str | None) -> int:
    return int(text or 0)


def _refused(system: str, text: str, forms: str) -> ClusterError:
    return ClusterError(f"{system} knows no walltime {text!r}; write {forms}")


def slurm_seconds(text: str) -> float:
    """Slurm's ``--time``: minutes, minutes:seconds, hours:minutes:seconds, days-hours[:minutes[:seconds]].

    >>> slurm_seconds("1-12"), slurm_seconds("90"), slurm_seconds("00:30:00")
    (129600.0, 5400.0, 1800.0)
    """
    if text.lower() in ("unlimited", "infinite", "-1"):
        return math.inf
    if days := re.fullmatch(r"(\d+)-(\d+)(?::(\d+))?(?::(\d+))?", text, re.ASCII):
        d, h, m, s = map(_number, days.groups())
    elif clock := re.fullmatch(r"(?:(\d+):)?(\d+):(\d+)", text, re.ASCII):
        d, (h, m, s) = 0, map(_number, clock.groups())
    elif re.fullmatch(r"\d+", text, re.ASCII):
        d, h, m, s = 0, 0, int(text), 0
    else:
        raise _refused("Slurm", text, "HH:MM:SS, D-HH:MM:SS or minutes, in quotes")
    seconds = float(((d * 24 + h) * 60 + m) * 60 + s)
    return seconds or math.inf  # --time=0 is no limit


def pbs_seconds(text: str) -> float:
    """PBS's ``walltime``: seconds, or [[hours:]minutes:]seconds.

    >>> pbs_seconds("48:00:00"), pbs_seconds("90")
    (172800.0, 90.0)
    """
    return _clock("PBS", text)


def lsf_seconds(text: str) -> float:
    """LSF's ``-W``: minutes or hours:minutes, perhaps with a host after a slash.

    >>> lsf_seconds("1:30"), lsf_seconds("90/hostA")
    (5400.0, 5400.0)
    """
    match = re.fullmatch(r"(?:(\d+):)?(\d+)(?:/\S+)?", text, re.ASCII)
    if not match:
        raise _refused("LSF", text, "HH:MM or minutes, in quotes")
    h, m = map(_number, match.groups())
    return float((h * 60 + m) * 60)


def condor_seconds(text: str) -> float:
    """HTCondor's ``allowed_job_duration`` is in seconds; hours:minutes:seconds is ours.

    >>> condor_seconds("01:00:00"), condor_seconds("3600")
    (3600.0, 3600.0)
    """
    return _clock("HTCondor", text)


def _clock(system: str, text: str) -> float:
    match = re.fullmatch(r"(?:(?:(\d+):)?(\d+):)?(\d+)", text, re.ASCII)
    if not match:
        raise _refused(system, text, "HH:MM:SS or seconds, in quotes")
    h, m, s = map(_number, match.groups())
    return float((h * 60 + m) * 60 + s)


def slurm_text(seconds: float) -> str:
    """A walltime for Slurm.

    >>> slurm_text(93784), slurm_text(5400)
    ('1-02:03:04', '01:30:00')
    """
    days, rest = divmod(round(seconds), 86400)
    return f"{days}-{clock_text(rest)}" if days else clock_text(rest)


def clock_text(seconds: float) -> str:
    """A walltime for PBS, and ours for HTCondor.

    >>> clock_text(93784)
    '26:03:04'
    """
    minutes, s = divmod(round(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{s:02d}"


def lsf_text(seconds: float) -> str:
    """A walltime for LSF, which counts minutes.

    Raises
    ------
    ClusterError
        If these are no whole minutes.

    >>> lsf_text(5400)
    '01:30'
    """
    minutes, rest = divmod(round(seconds), 60)
    if rest:
        raise ClusterError(f"LSF counts walltimes in minutes, and {seconds:g} s are no whole ones")
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
