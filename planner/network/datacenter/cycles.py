"""One cycle through all members over links of their own, or as few cycles as can be joined: the frame of a ring.

Members are first covered by cycles of links (an assignment of a successor to each, cheapest in delay; two members and
their link are a cycle, and so is one member alone, at a price). Then two cycles that run side by side, with links
``u–v`` and ``x–y`` in them and links ``u–x`` and ``v–y`` between, become one. In a grid that is how a boustrophedon
comes about. What is left are cycles that no such square joins.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from planner.arrays import IntArray
from planner.network.datacenter.members import Interconnect

Cycle = list[int]

_STEPS: Final = 1e3
"""Whole steps that the longest delay is told in when links are chosen. Planner default: with finer ones the matching
may take a thousand times as long, and cycles are no better."""


def joined_cycles(network: Interconnect) -> list[Cycle]:
    """Return cycles of linked members that hold every member once, few and long; the longest first.

    Neighbours in a cycle are linked, and so are its last and first, but for cycles of one member. No link is used
    twice in one direction.
    """
    following = _cover(network)
    cycles = _Cycles(following, [network.other[network.start[i] : network.start[i + 1]] for i in range(len(network))])
    return sorted(cycles.merged(), key=lambda cycle: (-len(cycle), min(cycle)))


def _cover(network: Interconnect) -> IntArray:
    """Return a linked successor for every member, each the successor of one; itself only where it must be."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    size = len(network)
    # Whole numbers, which add without rounding: with others the matching of SciPy 1.17 may run for ever. None is 0,
    # for it takes no zero weights.
    longest = max(float(network.delay_ms.max(initial=0.0)), 1e-9)
    delay = 1.0 + np.round(network.delay_ms / longest * _STEPS)
    alone = 4.0 * size * (1.0 + _STEPS)  # dearer than all links together, so that as few as can be stand alone
    here = np.concatenate([network.a, network.b, np.arange(size)]).astype(np.int32)
    there = np.concatenate([network.b, network.a, np.arange(size)]).astype(np.int32)
    cost = np.concatenate([delay, delay, np.full(size, alone)])
    rows, columns = min_weight_full_bipartite_matching(coo_array((cost, (here, there)), (size, size)).tocsr())
    following = np.empty(size, dtype=np.int64)
    following[rows] = columns
    return following


class _Cycles:
    """Cycles while they are joined: the two next to each member, and the cycle that each is in.

    A member alone is next to itself twice, and two members are next to each other twice.
    """

    def __init__(self, following: IntArray, linked: list[IntArray]) -> None:
        self.beside = np.stack([np.argsort(following), following], axis=1).tolist()
        self.linked = [row.tolist() for row in linked]
        self.home = [-1] * len(self.linked)  # the least member of the cycle, which is its number
        self.size = {}
        for first in range(len(self.home)):
            if self.home[first] < 0:
                cycle = self.around(first)
                self.size[first] = len(cycle)
                for node in cycle:
                    self.home[node] = first

    def around(self, first: int) -> Cycle:
        """Return the cycle of a member, from there."""
        cycle, last, node = [first], first, self.beside[first][1]
        while node != first:
            cycle.append(node)
            one, other = self.beside[node]
            last, node = node, other if one == last else one
        return cycle

    def merged(self) -> list[Cycle]:
        """Return the cycles after joining side by side ones while there are any, the smallest into what is beside."""
        waiting = sorted(self.size, key=lambda number: (self.size[number], number))
        while waiting:
            again = []
            for number in waiting:
                if number not in self.size or len(self.size) == 1:
                    continue
                cycle = self.around(number)
                steps = self._step_beside(cycle)
                if steps is None:
                    again.append(number)
                else:
                    self._join(cycle, *steps)
            # A cycle that found no partner may find one once others have grown.
            waiting = again if len(again) < len(waiting) else []
        return [self.around(number) for number in self.size]

    def _step_beside(self, cycle: Cycle) -> tuple[int, int, int, int] | None:
        """Return a step u–v of a cycle and one x–y of another with links u–x and v–y between; the first there is."""
        for u, v in pairwise([*cycle, cycle[0]]):
            for x in self.linked[u]:
                if self.home[x] == self.home[u]:
                    continue
                for y in self.beside[x]:
                    # A member and both its links to one other are no square, but for cycles of one: they have a link.
                    if y in self.linked[v] and (y != x or self.size[self.home[x]] == 1) and (u != v or len(cycle) == 1):
                        return u, v, x, y
        return None

    def _join(self, cycle: Cycle, u: int, v: int, x: int, y: int) -> None:
        """Make one cycle of two: links u–x and v–y instead of steps u–v and x–y. The other's number is kept."""
        number, kept = self.home[u], self.home[x]
        for node, old, new in ((u, v, x), (v, u, y), (x, y, u), (y, x, v)):
            self.beside[node][self.beside[node].index(old)] = new
        self.size[kept] += self.size.pop(number)
        for node in cycle:
            self.home[node] = kept
