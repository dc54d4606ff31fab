"""Worker processes of this machine that died and were not brought back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from distributed import LocalCluster
from distributed.core import Status

from schedulers.clusters.watch import Watch
from schedulers.words import one_line

SECONDS = 1.0  # between two looks
LOOKS = 3  # at which a worker is gone until it is given up
FRUITLESS = 3  # replacements in a row that do not start, until a user is told
log = logging.getLogger("dipolescan")
_ALIVE = (Status.starting, Status.running)


class WorkerWatch(Watch):
    """Starts workers again that their nannies have given up.

    A nanny brings a worker back that died, but not always one that dies at once, before the nanny has heard that it
    began: then it is gone for ever, and a run whose workers are all gone would wait without a word.

    Parameters
    ----------
    cluster : LocalCluster
        Its nannies live in this process.
    say : callable
        Told when workers cannot be started again.
    """

    def __init__(self, cluster: LocalCluster, say: Callable[[str], None]):
        super().__init__(cluster, SECONDS)
        self.say = say
        self.missed: dict[Any, int] = {}  # how often in a row each name had no worker
        self.fruitless = 0  # replacements in a row that did not start

    async def look(self) -> None:
        """Take the place of nannies whose workers are gone, and of those that Dask has let go of."""
        found = {name: nanny for name, nanny in self.cluster.workers.items() if _is_idle(nanny)}
        lost = set(self.cluster.worker_spec) - set(self.cluster.workers)
        self.missed = {name: self.missed.get(name, 0) + 1 for name in {*found, *lost}}
        gone = [name for name, times in self.missed.items() if times >= LOOKS]
        if not gone or self.is_over or self.is_changing:
            return
        with self.changing():
            for name in gone:
                del self.missed[name]
                if name in found:
                    await self._let_go(name, found[name])
            await self._open()

    async def _let_go(self, name: Any, nanny: Any) -> None:
        if self.cluster.workers.get(name) is not nanny:
            return
        del self.cluster.workers[name]
        try:
            await nanny.close(reason="its worker is gone")
        except Exception:
            log.debug("a nanny whose worker is gone cannot be closed", exc_info=True)

    async def _open(self) -> None:
        """Start as many as were asked for; those that Dask is starting just now are waited for."""
        try:
            await self.cluster._correct_state()
        except Exception as error:
            log.debug("a worker cannot be started", exc_info=True)
            self.fruitless += 1
            if self.fruitless == FRUITLESS:
                cause = error.__cause__ or error  # Dask's words are that it failed
                why = one_line(cause, 200) or type(cause).__name__
                self.say(
                    f"a worker that died cannot be started again ({why}); it is tried again and again"
                )
        else:
            self.fruitless = 0


def _is_idle(nanny: Any) -> bool:
    """Whether a nanny has no worker process, and starts none."""
    process = getattr(nanny, "process", None)
    return nanny.status not in _ALIVE or process is None or process.status not in _ALIVE
