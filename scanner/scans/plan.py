"""Plans: how a scan is cut into blocks, and what it will cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np

from physics.errors import InputError
from physics.kernel import KernelTask, Variable
from physics.models.tasks import layout, seconds_per_cell
from physics.numerics.arrays import Integers
from scanner.scans.spec import ScanSpec

BLOCK_SECONDS = (
    4.0  # aimed at; well above the cost of handling a block, short enough to lose little
)
MAX_BLOCK_BYTES = 96_000_000  # large blocks make few files
MAX_FILE_BYTES = 64_000_000
MIN_PIECE_BYTES = 256_000  # below, handling a channel for itself costs more than reading all
MAX_CELL_BYTES = 256_000_000  # of one cell of the block axes: it is never cut
MIN_BLOCKS = 16  # so that a short scan still spreads over workers
_MADE_AT_ONCE = 4096  # blocks of a long list


@dataclass(frozen=True, order=True)
class Block:
    """A part of a task: for each block axis the index of the part."""

    task: int
    index: tuple[int, ...]


class Blocks(Sequence[Block]):
    """Blocks of a scan in the order of computation; each is made when it is asked for, as there may be millions.

    Parameters
    ----------
    shapes : sequence of tuple of int
        For each task the number of parts of each block axis.
    chosen : sequence of arrays of int, optional
        For each task the numbers of its blocks, ascending; all if not given.
    """

    def __init__(self, shapes: Sequence[tuple[int, ...]], chosen: Sequence[Integers] | None = None):
        self.shapes = tuple(shapes)
        self.numbers: tuple[range | Integers, ...] = (
            tuple(range(math.prod(shape)) for shape in self.shapes)
            if chosen is None
            else tuple(chosen)
        )

    def __len__(self) -> int:
        return sum(map(len, self.numbers))

    def __iter__(self) -> Iterator[Block]:
        for task, (shape, numbers) in enumerate(zip(self.shapes, self.numbers, strict=True)):
            for start in range(0, len(numbers), _MADE_AT_ONCE):
                part = np.asarray(numbers[start : start + _MADE_AT_ONCE])
                for index in zip(*(a.tolist() for a in np.unravel_index(part, shape)), strict=True):
                    yield Block(task, index)

    @overload
    def __getitem__(self, place: int) -> Block: ...

    @overload
    def __getitem__(self, place: slice) -> list[Block]: ...

    def __getitem__(self, place: int | slice) -> Block | list[Block]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        left = range(len(self))[place]  # raises IndexError, and counts from the end
        for task, (shape, numbers) in enumerate(zip(self.shapes, self.numbers, strict=True)):
            if left < len(numbers):
                index = np.unravel_index(int(numbers[left]), shape)
                return Block(task, tuple(map(int, index)))
            left -= len(numbers)
        raise AssertionError("there are as many blocks as counted")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class TaskPlan:
    """How one task is cut.

    Attributes
    ----------
    task : KernelTask
    variables : dict
        Name to :class:`physics.kernel.Variable`.
    block_dims : tuple of str
        Axes that are cut.
    block_size : dict
        Block axis to cells per block.
    """

    task: KernelTask[Any]
    variables: dict[str, Variable]
    block_dims: tuple[str, ...]
    block_size: dict[str, int]

    @property
    def blocks_per_dim(self) -> tuple[int, ...]:
        """Number of parts of each block axis."""
        return tuple(math.ceil(self.length(d) / self.block_size[d]) for d in self.block_dims)

    def length(self, dim: str) -> int:
        """Length of an axis."""
        return len(self.task.channels) if dim == "channel" else len(self.task.axes[dim])

    def selection(self, index: tuple[int, ...]) -> dict[str, slice]:
        """The part of each block axis that a block covers."""
        return {
            dim: slice(
                i * self.block_size[dim], min((i + 1) * self.block_size[dim], self.length(dim))
            )
            for dim, i in zip(self.block_dims, index, strict=True)
        }

    def region(self, variable: str, index: tuple[int, ...]) -> tuple[slice, ...]:
        """Where a block lies in the stored array of a variable."""
        cut = self.selection(index)
        return tuple(cut.get(dim, slice(None)) for dim in self.variables[variable].dims)

    def shape(self, variable: str) -> tuple[int, ...]:
        """Shape of a stored array."""
        return tuple(self.length(dim) for dim in self.variables[variable].dims)

    def chunks(self, variable: str) -> tuple[int, ...]:
        """What is read at once of a stored array: one label of each axis of labels, the block's part of the others."""
        labels = {d for d, values in self.task.axes.items() if isinstance(values[0], str)}
        return tuple(
            1 if dim in labels else self.block_size.get(dim, self.length(dim))
            for dim in self.variables[variable].dims
        )

    def pieces(self, variable: str) -> tuple[int, ...]:
        """What is compressed together: a chunk, or one channel of it if that is large enough."""
        chunks, dims = self.chunks(variable), self.variables[variable].dims
        one = tuple(1 if dim == "channel" else n for dim, n in zip(dims, chunks, strict=True))
        size = math.prod(one) * np.dtype(self.variables[variable].dtype).itemsize
        return one if size >= MIN_PIECE_BYTES else chunks

    def shards(self, variable: str) -> tuple[int, ...]:
        """A file of a stored array: all that a block fills of it."""
        dims = self.variables[variable].dims
        return tuple(self.block_size.get(dim, self.length(dim)) for dim in dims)

    def points(self, numbers: range | Integers) -> int:
        """Cells of counts that some blocks fill, by their numbers."""
        dims = self.variables["counts"].dims
        sizes = np.full((1,) * len(self.block_dims), len(self.task.experiments))
        sizes = sizes * math.prod(self.length(d) for d in dims if d not in self.block_dims)
        for axis, (dim, parts) in enumerate(zip(self.block_dims, self.blocks_per_dim, strict=True)):
            step, length = self.block_size[dim], self.length(dim)
            lengths = np.minimum(step, length - step * np.arange(parts))
            if dim in dims:
                sizes = sizes * np.expand_dims(
                    lengths, [i for i in range(len(self.block_dims)) if i != axis]
                )
        each = np.broadcast_to(sizes, self.blocks_per_dim)
        whole = len(numbers) == each.size
        return int(each.sum() if whole else each[np.unravel_index(numbers, each.shape)].sum())

    @property
    def bytes(self) -> int:
        """Size of all arrays before compression."""
        return sum(
            math.prod(self.shape(name)) * np.dtype(v.dtype).itemsize
            for name, v in self.variables.items()
        ) * len(self.task.experiments)


@dataclass(frozen=True)
class Plan:
    """All blocks of a scan."""

    spec: ScanSpec
    tasks: tuple[TaskPlan, ...]

    @cached_property
    def blocks(self) -> Blocks:
        """Every block, in the order of computation."""
        return Blocks([task.blocks_per_dim for task in self.tasks])

    @property
    def number_of_blocks(self) -> int:
        """How many blocks there are, even if these are more than can be listed."""
        return sum(math.prod(task.blocks_per_dim) for task in self.tasks)

    @property
    def points(self) -> int:
        """Cells of the stored counts: every combination of axes, channels and experiments."""
        return sum(math.prod(t.shape("counts")) * len(t.task.experiments) for t in self.tasks)

    @property
    def bytes(self) -> int:
        """Size before compression."""
        return sum(t.bytes for t in self.tasks)

    @property
    def cpu_seconds(self) -> float:
        """Estimated time on one core."""
        return sum(
            seconds_per_cell(t.task) * math.prod(t.length(dim) for dim in t.block_dims)
            for t in self.tasks
        )

    def points_of(self, block: Block) -> int:
        """Cells of counts that a block fills."""
        task = self.tasks[block.task]
        cut = {dim: s.stop - s.start for dim, s in task.selection(block.index).items()}
        dims = task.variables["counts"].dims
        cells: int = math.prod(cut.get(d, task.length(d)) for d in dims)
        return cells * len(task.task.experiments)

    def points_of_all(self, blocks: Blocks) -> int:
        """Cells of counts that some blocks fill together."""
        return sum(
            task.points(numbers) for task, numbers in zip(self.tasks, blocks.numbers, strict=True)
        )


TOTAL = "total_counts"


def stored_variables(variables: Mapping[str, Variable]) -> dict[str, Variable]:
    """What a kernel fills and, beside the counts by channel, their sum: the sum is what most queries want."""
    counts = variables["counts"]
    if "channel" not in counts.dims:
        return dict(variables)
    dims = tuple(d for d in counts.dims if d != "channel")
    words = {**counts.attrs, "long_name": f"{counts.attrs['long_name']}, sum over channels"}
    return {**variables, TOTAL: Variable(dims, counts.dtype, words)}


def make_plan(spec: ScanSpec) -> Plan:
    """Cut a scan into blocks.

    The last block axis is cut; the others are taken one by one. A block takes about ``BLOCK_SECONDS`` (less if the
    scan is short), and its arrays stay within ``MAX_BLOCK_BYTES``. Results do not depend on the cut.

    Parameters
    ----------
    spec : ScanSpec

    Returns
    -------
    Plan
    """
    return Plan(spec, tuple(_task_plan(spec, task) for task in spec.tasks))


def _task_plan(spec: ScanSpec, task: KernelTask[Any]) -> TaskPlan:
    variables, block_dims = layout(task)
    variables = stored_variables(variables)
    plan = TaskPlan(task, variables, block_dims, dict.fromkeys(block_dims, 1))
    cells = math.prod(plan.length(dim) for dim in block_dims)
    if plan.bytes / cells > MAX_CELL_BYTES:
        longest = max(task.axes, key=lambda name: 0 if name in block_dims else len(task.axes[name]))
        raise InputError(
            f"axes.{longest}: with {len(task.axes[longest]):,} values one cell of {', '.join(block_dims)} takes "
            f"{plan.bytes / cells / 1e6:,.0f} MB, more than the {MAX_CELL_BYTES / 1e6:.0f} MB that a worker should "
            "hold; take fewer values, experiments or channels"
        )
    last = block_dims[-1]
    per_cell = seconds_per_cell(task)
    aim = spec.execution.block_seconds or min(BLOCK_SECONDS, per_cell * cells / MIN_BLOCKS)
    size = spec.execution.block_size or max(1, round(aim / per_cell))
    fits = max(1, int(MAX_BLOCK_BYTES * cells / plan.bytes))
    shard = max(
        math.prod(plan.shards(name)) * np.dtype(v.dtype).itemsize for name, v in variables.items()
    )
    fits = min(fits, max(1, int(MAX_FILE_BYTES / shard)))
    return TaskPlan(
        task, variables, block_dims, {**plan.block_size, last: min(size, fits, plan.length(last))}
    )
