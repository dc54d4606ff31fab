"""Worker processes of this machine that died and were not brought back."""

from __future__ import annotations

import asyncio
from typing import Any

from distributed import LocalCluster
from distributed.core import Status
from tornado.ioloop import PeriodicCallback

SECONDS = 1.0  # between two looks
LOOKS = 3  # at which a worker is gone until it is given up
_ALIVE = (Status.starting, Status.running)


class WorkerWatch:
    """Starts workers again that their nannies have given up.

    A nanny brings a worker back that died, but not always one that dies at once, before the nanny has heard that it
    began: then it is gone for ever, and a run whose workers are all gone would wait without a word.

    Parameters
    ----------
    cluster : LocalCluster
        Its nannies live in this process.
    """

    def __init__(self, cluster: LocalCluster):
        self.cluster: Any = cluster
        self.missed: dict[Any, int] = {}  # how often in a row each nanny had no worker
        self.callback = PeriodicCallback(self.look, 1000 * SECONDS)
        self.is_over = self.is_mending = False

    def __enter__(self) -> WorkerWatch:
        self.cluster.loop.add_callback(self.callback.start)
        return self

    def __exit__(self, *_: object) -> None:
        self.cluster.sync(self._end)

    async def _end(self) -> None:
        self.is_over = True
        self.callback.stop()
        while self.is_mending:
            await asyncio.sleep(0.01)

    async def look(self) -> None:
        """Take the place of nannies whose workers are gone."""
        found = {name: nanny for name, nanny in self.cluster.workers.items() if _is_idle(nanny)}
        self.missed = {name: self.missed.get(name, 0) + 1 for name in found}
        gone = [name for name, times in self.missed.items() if times >= LOOKS]
        if not gone or self.is_over:
            return
        self.is_mending = True
        try:
            for name in gone:
                del self.missed[name]
                if self.cluster.workers.get(name) is found[name]:
                    del self.cluster.workers[name]
                    await found[name].close(reason="its worker is gone")
            await self.cluster._correct_state()  # there are as many as were asked for
        finally:
            self.is_mending = False


def _is_idle(nanny: Any) -> bool:
    """Whether a nanny has no worker process, and starts none."""
    process = getattr(nanny, "process", None)
    return nanny.status not in _ALIVE or process is None or process.status not in _ALIVE
