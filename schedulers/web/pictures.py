"""Pictures of running scans: made one at a time beside the page, and not more often than they may cost."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

EVERY = 5.0  # s between two pictures of a scan
SHARE = 30.0  # times as long as the last one took, at least
MOST = 50  # pictures that are kept


class Pictures:
    """Pictures of stores, made by a callable that is given.

    Parameters
    ----------
    make : callable
        Path of a store to a picture in SVG.
    """

    def __init__(self, make: Callable[[str], bytes]):
        self._make = make
        self._pool = ThreadPoolExecutor(1, "pictures")
        self._kept: OrderedDict[str, tuple[int, float, bytes]] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, store: str, blocks: int) -> bytes:
        """The picture of a store; perhaps one that is some seconds old.

        Parameters
        ----------
        store : str
        blocks : int
            How many are done: the same are the same picture.
        """
        async with self._locks.setdefault(store, asyncio.Lock()):
            done, until, content = self._kept.get(store, (-1, 0.0, b""))
            if done == blocks or time.monotonic() < until:
                return content
            begin = time.monotonic()
            loop = asyncio.get_running_loop()
            content = await loop.run_in_executor(self._pool, self._make, store)
            now = time.monotonic()
            self._kept[store] = (blocks, now + max(EVERY, SHARE * (now - begin)), content)
            self._kept.move_to_end(store)
            while len(self._kept) > MOST:
                gone, _ = self._kept.popitem(last=False)
                self._locks.pop(gone, None)
            return content
