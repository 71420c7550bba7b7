"""Which ways through a network share nothing, and what parts its ends? One unit through each link, or each node.

Where nodes are not to be shared, each stands twice: as it is entered, and, one arc later, as it is left.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.network.flow.arcs import Arcs

_THROUGH = -1
"""Stands for the arc from a node as it is entered to the same node as it is left."""


@dataclass(eq=False)
class Residual:
    """What is still free once some units were sent; see `planner.network.flow.sending`.

    Attributes
    ----------
    arcs
        The network.
    first, tail, head, twin, cost_ms
        ``[residual arc]`` sorted by tail; `first` is ``[state + 1]``.
    of
        ``[residual arc]``, the arc of the network, or -1 through a node.
    backward
        ``[residual arc]``, whether it takes a unit back.
    open_arcs
        ``[residual arc]``, whether it is free.
    root, sink
        States.
    """

    arcs: Arcs
    first: IntArray
    tail: IntArray
    head: IntArray
    twin: IntArray
    cost_ms: FloatArray
    of: IntArray
    backward: BoolArray
    open_arcs: BoolArray
    root: int
    sink: int

    @classmethod
    def between(cls, arcs: Arcs, start: int, end: int, by: Literal["link", "node"]) -> "Residual":
        """Return the network with nothing sent."""
        carries = ((arcs.tail < arcs.satellites) | (arcs.tail == start)) & (
            (arcs.head < arcs.satellites) | (arcs.head == end)
        )
        used = np.flatnonzero(carries & (arcs.head != start) & (arcs.tail != end))
        split = arcs.nodes if by == "node" else 0
        through = np.arange(split)
        tail = np.concatenate([arcs.tail[used] + split, through])
        head = np.concatenate([arcs.head[used], through + split])
        cost = np.concatenate([arcs.delay_ms[used], np.zeros(split)])
        of = np.concatenate([used, np.full(split, _THROUGH)])
        count, states = len(tail), arcs.nodes + split
        order = np.lexsort((np.concatenate([head, tail]), np.concatenate([tail, head])))
        place = np.empty(2 * count, dtype=np.int64)
        place[order] = np.arange(2 * count)
        tails = np.concatenate([tail, head])[order]
        return cls(
            arcs=arcs,
            first=np.searchsorted(tails, np.arange(states + 1)),
            tail=tails,
            head=np.concatenate([head, tail])[order],
            twin=place[(order + count) % (2 * count)] if count else order,
            cost_ms=np.concatenate([cost, -cost])[order],
            of=np.concatenate([of, of])[order],
            backward=order >= count,
            open_arcs=order < count,
            root=start + split,
            sink=end,
        )

    def send(self, count: int) -> BoolArray:
        """Send up to `count` units; return ``[state]``, what the last search reached."""
        from planner.network.flow.sending import send

        return send(
            self.first, self.tail, self.head, self.twin, self.cost_ms, self.open_arcs, self.root, self.sink, count
        )

    def chains(self) -> list[list[int]]:
        """Return the arcs of the way of each unit sent, without loops."""
        sent = self.of[self.backward & self.open_arcs & (self.of != _THROUGH)]
        taken = np.zeros(len(self.arcs.head), dtype=np.bool_)
        taken[sent] = True
        # One unit each way along a link is none at all.
        sent = sent[~taken[self.arcs.twin[sent]]]
        leaving: dict[int, list[int]] = {}
        for arc in np.sort(sent)[::-1].tolist():
            leaving.setdefault(int(self.arcs.tail[arc]), []).append(arc)
        start, end = self.root % self.arcs.nodes, self.sink
        chains = []
        while leaving.get(start):
            chain, at = [], start
            while at != end:
                chain.append(leaving[at].pop())
                at = int(self.arcs.head[chain[-1]])
            chains.append(self._without_loops(chain))
        return chains

    def _without_loops(self, chain: list[int]) -> list[int]:
        """Return the chain without what leads back to where it was; such loops take no time."""
        kept: list[int] = []
        for arc in chain:
            kept.append(arc)
            tails = [int(self.arcs.tail[step]) for step in kept]
            if (there := int(self.arcs.head[arc])) in tails:
                del kept[tails.index(there) :]
        return kept

    def crossing(self, reached: BoolArray) -> IntArray:
        """Return the residual arcs, all of them full, that lead out of what was reached."""
        return np.flatnonzero(~self.backward & reached[self.tail] & ~reached[self.head])
