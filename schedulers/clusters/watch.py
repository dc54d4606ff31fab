"""A look at a cluster now and then, which may take out and replace what is gone."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from tornado.ioloop import PeriodicCallback

PATIENCE = 60.0  # s, at the end, for what a look has begun


class Watch(ABC):
    """Looks at a cluster as long as it is entered, in the cluster's own loop.

    What a look has taken out of the cluster is no longer the cluster's, which would not wait for it when it closes: so
    the end waits, for a minute at most.

    Parameters
    ----------
    cluster : SpecCluster
        Of Dask.
    seconds : float
        Between two looks [s].
    """

    def __init__(self, cluster: Any, seconds: float):
        self.cluster = cluster
        self.callback = PeriodicCallback(self.look, 1000 * seconds)
        self.is_over = self.is_changing = False

    def __enter__(self) -> Self:
        self.cluster.loop.add_callback(self.callback.start)
        return self

    def __exit__(self, *_: object) -> None:
        self.cluster.sync(self._end)

    async def _end(self) -> None:
        self.is_over = True
        self.callback.stop()
        end = time.monotonic() + PATIENCE
        while self.is_changing and time.monotonic() < end:
            await asyncio.sleep(0.01)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While this lasts the end waits."""
        self.is_changing = True
        try:
            yield
        finally:
            self.is_changing = False

    @abstractmethod
    async def look(self) -> None:
        """Look once; nothing is begun any more when it is over."""
