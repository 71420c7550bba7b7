"""How far is every node of a graph from many sources at once? Least delays, ms; nodes are numbers.

The one way into the kernels of `sweep`, `dijkstra` and `walk` for the rest of the room. What is guaranteed: each figure
is the least over all ways of their delays added one after the other from the source on, in float64, to the last bit.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from queue import SimpleQueue
from types import TracebackType
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints, lock, require_shape

_MOST_LANES: Final = 128
"""Sources swept together. More would fill memory at large fleets, and gain nothing over the cost of a visit."""
_LANES_PER_VECTOR: Final = 8
"""Rows hold whole vectors of the widest registers, 64 bytes, and begin at multiples of them."""
_BYTES_PER_FLOAT: Final = 8


@dataclass(frozen=True, eq=False)
class Seeds:
    """Where each of some sources, or ends, meets the graph: rows ``offsets[s]:offsets[s + 1]`` are those of source s.

    A site is not a node: it meets the graph at the satellites in its sight, each with the delay of its contact.

    Attributes
    ----------
    offsets
        ``[source + 1]``, from 0 to the number of rows, never falling.
    node, delay_ms
        ``[row]``; no node is below 0, no delay negative or NaN.

    Raises
    ------
    ValueError
        If the columns contradict each other or this description.
    """

    offsets: IntArray
    node: IntArray
    delay_ms: FloatArray

    def __post_init__(self) -> None:
        # Kernels are compiled for arrays that can be written to, so columns are copied rather than locked.
        for name, kind in (("offsets", np.int64), ("node", np.int64), ("delay_ms", np.float64)):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=kind))
        require_shape("offsets", self.offsets, (None,))
        require_shape("node", self.node, (None,))
        require_shape("delay_ms", self.delay_ms, (len(self.node),))
        require_offsets("offsets", self.offsets, "node", self.node)
        if len(self.node) and self.node.min() < 0:
            raise ValueError(f"node: {self.node.min()} is no node; they are numbered from 0")
        if not np.all(self.delay_ms >= 0.0):
            raise ValueError("delay_ms: no delay may be negative or NaN")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def at(cls, nodes: Sequence[int] | IntArray) -> "Seeds":
        """Return sources that are nodes themselves."""
        return cls(np.arange(len(nodes) + 1), np.asarray(nodes, dtype=np.int64), np.zeros(len(nodes)))

    @classmethod
    def of_rows(cls, source: IntArray, node: IntArray, delay_ms: FloatArray, *, sources: int) -> "Seeds":
        """Return seeds from rows sorted by source."""
        return cls(np.searchsorted(source, np.arange(sources + 1)), node, delay_ms)

    def of(self, source: int) -> tuple[IntArray, FloatArray]:
        """Return nodes and delays of one source."""
        rows = slice(self.offsets[source], self.offsets[source + 1])
        return self.node[rows], self.delay_ms[rows]

    def alone(self, source: int) -> "Seeds":
        """Return the seeds of one source only."""
        node, delay_ms = self.of(source)
        return Seeds(np.array([0, len(node)]), node, delay_ms)


class Scratch:
    """Memory for the lanes of one thread, kept from one search to the next."""

    def __init__(self) -> None:
        self._memory = np.empty(0)

    def lanes(self, nodes: int, sources: int) -> FloatArray:
        """Return an uninitialised array ``[place + 1, lane]`` whose rows begin at multiples of 64 bytes."""
        width = max(1, -(-sources // _LANES_PER_VECTOR)) * _LANES_PER_VECTOR
        size = (nodes + 1) * width
        if len(self._memory) < size + _LANES_PER_VECTOR:
            self._memory = np.empty(size + _LANES_PER_VECTOR)
        skip = -(self._memory.ctypes.data // _BYTES_PER_FLOAT) % _LANES_PER_VECTOR
        return self._memory[skip : skip + size].reshape(nodes + 1, width)


@dataclass(frozen=True, eq=False)
class Graph:
    """Undirected links made ready for searches; columns as `sweep.adjacency` describes them."""

    rank: IntArray
    offsets: IntArray
    neighbour: IntArray
    weight_ms: FloatArray

    @classmethod
    def of(cls, a: IntArray, b: IntArray, weight_ms: FloatArray, *, nodes: int) -> "Graph":
        """Return the graph of links between nodes `a` and `b`; nothing is checked, an infinite weight is no link."""
        from planner.network.routing.sweep import adjacency

        return cls(*adjacency(np.array(a), np.array(b), np.array(weight_ms), nodes))

    def reach(self, seeds: Seeds, first: int, count: int, scratch: Scratch) -> FloatArray:
        """Return the least delays from sources ``first : first + count``, ``[place + 1, lane]``, in the scratch."""
        from planner.network.routing.sweep import reach

        reached = scratch.lanes(len(self.rank), count)
        graph = (self.rank, self.offsets, self.neighbour, self.weight_ms)
        last = seeds.offsets[: first + count + 1]
        reach(*graph, last, seeds.node, seeds.delay_ms, first, reached)
        return reached

    def walk(
        self,
        reached: FloatArray,
        lane: int,
        seeds: tuple[IntArray, FloatArray],
        ends: tuple[IntArray, FloatArray],
    ) -> IntArray:
        """Return the nodes of the shortest way from a source to an end; none where there is no way.

        Parameters
        ----------
        reached, lane
            What `reach` returned, and the lane of the source.
        seeds, ends
            Nodes and delays at which source and end meet the graph.
        """
        from planner.network.routing.walk import walk_back

        graph = (self.rank, self.offsets, self.neighbour, self.weight_ms)
        return self._node[walk_back(*graph, reached, lane, seeds, ends)]

    def way(self, reached: FloatArray, lane: int, start: tuple[int, Seeds], end: tuple[int, Seeds]) -> list[int]:
        """Return the nodes of the shortest way, both ends among them even if they are no nodes of the graph.

        Parameters
        ----------
        reached, lane
            As in `walk`.
        start, end
            The number to put first and last, and where that place alone meets the graph.
        """
        chain: list[int] = self.walk(reached, lane, start[1].of(0), end[1].of(0)).tolist()
        if not chain:
            return []
        return [start[0]] * (chain[0] != start[0]) + chain + [end[0]] * (chain[-1] != end[0])

    @cached_property
    def _node(self) -> IntArray:
        """The node of each place."""
        node = np.empty_like(self.rank)
        node[self.rank] = np.arange(len(self.rank))
        return node


def require_offsets(name: str, offsets: IntArray, rows_name: str, rows: IntArray) -> None:
    """Raise `ValueError` unless `offsets` rise from 0 to the number of rows, or stay."""
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(rows) or np.any(offsets[1:] < offsets[:-1]):
        raise ValueError(f"{name}: need to begin with 0, never to fall, and to end with the {len(rows)} of {rows_name}")


def lane_blocks(sources: int) -> list[tuple[int, int]]:
    """Return first source and number of sources of each block that is swept together; as even as can be."""
    blocks = -(-sources // _MOST_LANES)
    size = -(-sources // max(blocks, 1))
    return [(first, min(size, sources - first)) for first in range(0, sources, max(size, 1))]


def shortest_ms(
    a: IntArray,
    b: IntArray,
    weight_ms: FloatArray,
    sources: Seeds | Sequence[int] | IntArray,
    *,
    nodes: int,
    workers: int | None = None,
) -> FloatArray:
    """Return the least delay from every source to every node of an undirected graph.

    Parameters
    ----------
    a, b, weight_ms
        ``[link]``, both nodes and the delay of each link: none negative or NaN, infinite where it cannot be used.
    sources
        Nodes, or `Seeds` where a source meets the graph at several nodes at once.
    nodes
        How many there are; they are numbered from 0.
    workers
        Threads; as many as there are processors by default. The answer does not depend on it.

    Returns
    -------
    FloatArray
        ``[source, node]``, ms; infinite where there is no way.

    Raises
    ------
    ValueError
        For a node that does not exist, a negative or NaN delay, or columns of different lengths.
    """
    from planner.network.routing.sweep import to_nodes

    seeds = sources if isinstance(sources, Seeds) else Seeds.at(sources)
    a, b, weight_ms = ints(a), ints(b), floats(weight_ms)
    for name, column in (("a", a), ("b", b), ("weight_ms", weight_ms)):
        require_shape(name, column, a.shape[:1])
    for name, numbers in (("a", a), ("b", b), ("sources", seeds.node)):
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < nodes:
            raise ValueError(f"{name}: need nodes of 0 to {nodes - 1}")
    if not np.all(weight_ms >= 0.0):
        raise ValueError("weight_ms: no delay may be negative or NaN")
    graph = Graph.of(a, b, weight_ms, nodes=nodes)
    latency = np.empty((len(seeds), nodes))
    blocks = lane_blocks(len(seeds))

    def search(block: int, scratch: Scratch) -> None:
        first, count = blocks[block]
        to_nodes(graph.rank, graph.reach(seeds, first, count, scratch), first, latency[: first + count])

    with Crew(workers) as crew:
        crew.finish(crew.start(search, len(blocks)))
    return lock(latency)


class Crew:
    """Threads that share out numbered tasks, each with memory of its own; what has not begun is dropped on an error."""

    def __init__(self, workers: int | None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"workers: {workers} must be at least 1")
        here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(workers or here)
        self._idle: SimpleQueue[Scratch] = SimpleQueue()
        for _ in range(workers or here):
            self._idle.put(Scratch())

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self, task: Callable[[int, Scratch], None], count: int) -> list[Future[None]]:
        """Begin ``task(i, scratch)`` for every i below `count`."""
        return [self._pool.submit(self._run, task, i) for i in range(count)]

    def finish(self, tasks: list[Future[None]]) -> None:
        """Wait for tasks, and raise what one of them raised."""
        for task in tasks:
            task.result()

    def _run(self, task: Callable[[int, Scratch], None], index: int) -> None:
        scratch = self._idle.get()
        try:
            task(index, scratch)
        finally:
            self._idle.put(scratch)
