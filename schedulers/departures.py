"""Workers that are gone without having been told to go, as Dask's scheduler tells it at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schedulers.beside import WRITING

if TYPE_CHECKING:
    from distributed import Client

ALL, MEMORY = "all", "worker-restart-memory"  # topics of Dask


@dataclass(frozen=True)
class Departure:
    """A worker that died.

    Attributes
    ----------
    worker : str
        Its address.
    keys : frozenset of str
        Tasks that were on it, running or not.
    memory : bool
        Whether it was ended for the memory that it used.
    writing : str
        The task that it had computed, and was still writing beside the next one, if it told so.
    """

    worker: str
    keys: frozenset[str]
    memory: bool = False
    writing: str = ""


class Departures:
    """Listens for deaths of workers.

    Parameters
    ----------
    client : distributed.Client
    tell : callable
        Told each :class:`Departure`, in a thread of the client.
    """

    def __init__(self, client: Client, tell: Callable[[Departure], object]):
        self._client, self._tell = client, tell
        self._ended: set[str] = set()  # for their memory
        self._writing: dict[str, str] = {}  # the last task of each worker that computed no more
        client.subscribe_topic(ALL, self._heard)
        client.subscribe_topic(MEMORY, self._heard_of_memory)
        client.subscribe_topic(WRITING, self._heard_of_writing)

    def close(self) -> None:
        """Listen no more."""
        for topic in (ALL, MEMORY, WRITING):
            with suppress(Exception):  # the cluster may be gone
                self._client.unsubscribe_topic(topic)

    def _heard(self, event: tuple[float, Any]) -> None:
        about = event[1]
        if not isinstance(about, dict) or about.get("action") != "remove-worker":
            return
        if about.get("expected"):
            return
        worker = str(about.get("worker"))
        keys = frozenset(map(str, about.get("processing-tasks") or ()))
        writing = self._writing.pop(worker, "")
        self._tell(Departure(worker, keys, worker in self._ended, writing))
        self._ended.discard(worker)

    def _heard_of_memory(self, event: tuple[float, Any]) -> None:
        about = event[1]
        if isinstance(about, dict) and about.get("worker"):
            self._ended.add(str(about["worker"]))

    def _heard_of_writing(self, event: tuple[float, Any]) -> None:
        about = event[1]
        if isinstance(about, dict) and about.get("worker"):
            self._writing[str(about["worker"])] = str(about.get("key"))
