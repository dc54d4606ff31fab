"""What a store says of itself: which scan it is of, how that was cut into blocks, and the file of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from physics.errors import InputError
from physics.models.tasks import layout
from scanner.scans.opening import FORMAT
from scanner.scans.plan import Block, Plan, TaskPlan, stored_variables
from scanner.scans.spec import ScanSpec


class StoredScan:
    """The scan of a store.

    Parameters
    ----------
    path : Path
        Of the store.
    attrs : dict
        Of its root document.

    Attributes
    ----------
    format : int
        Of the store.
    """

    def __init__(self, path: Path, attrs: dict[str, Any]):
        self.path, self.attrs = path, attrs
        self.format: int = attrs["format"]

    @property
    def fingerprint(self) -> str:
        """Fingerprint of spec, code and resources."""
        found: str = self.attrs["fingerprint"]
        return found

    @property
    def identity(self) -> str:
        """Of this very store: one made again in the same place, even with the same fingerprint, has another."""
        return f"{self.fingerprint}-{self.attrs['id']}"

    @property
    def mantissa_bits(self) -> int:
        """Bits of the mantissa of stored counts."""
        return int(self.attrs.get("mantissa_bits", 52))

    @cached_property
    def spec(self) -> ScanSpec:
        """The scan that is stored here."""
        try:
            return ScanSpec(json.loads(self.attrs["spec"]))
        except (ValueError, TypeError) as error:
            raise InputError(
                f"{self.path}: its spec cannot be read by this version ({error}); read it with the version that made it"
            ) from None

    @cached_property
    def plan(self) -> Plan:
        """Its blocks, as cut when the store was made."""
        tasks = []
        for task, sizes in zip(self.spec.tasks, self.attrs["block_sizes"], strict=True):
            variables, dims = layout(task)
            if self.format == FORMAT:
                variables = stored_variables(variables)
            tasks.append(TaskPlan(task, variables, dims, dict(sizes)))
        return Plan(self.spec, tuple(tasks))

    def task_of(self, experiment: str) -> int:
        """The task that counts an experiment."""
        return self._task_of[experiment]

    @cached_property
    def _task_of(self) -> dict[str, int]:
        return {e.tag: t for t, p in enumerate(self.plan.tasks) for e in p.task.experiments}

    def keys_of(self, block: Block) -> dict[tuple[str, str], str]:
        """Keys of the files that a block fills, by experiment and variable."""
        plan = self.plan.tasks[block.task]
        at = dict(zip(plan.block_dims, block.index, strict=True))
        return {
            (e.tag, name): "/".join(
                (e.tag, name, ".".join(("c", *(str(at.get(d, 0)) for d in variable.dims))))
            )
            for e in plan.task.experiments
            for name, variable in plan.variables.items()
        }

    def files_of(self, block: Block) -> Iterator[Path]:
        """Files that a block fills."""
        return (self.path / key for key in self.keys_of(block).values())
