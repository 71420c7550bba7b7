"""Which links find a terminal free at both ends? Links ``[link]`` of one instant, taken in the order of a key.

Where terminals are mounted, each link takes a particular one at either end. Of the free ones that can face the other
end it takes the one that the fewest links still to be considered could use, so that its loss costs least; one by which
a link of the instant before still hopes to stay counts for more than all of those. If all that can face are taken,
links that are new at this instant move to others that can face them, so that none is refused for the choices before
it. A held link stays on its terminals, or starts anew on others.
"""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from planner.arrays import FloatArray, IntArray

_Scalar = TypeVar("_Scalar", bound=np.generic)

NOT_HELD = -1
"""In place of the terminal of a link that is new; it never leaves this room's bookkeeping."""


def writable(values: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return values as kernels take them: themselves, or a copy where they are locked or scattered."""
    return np.require(values, requirements=["C", "W"])


@dataclass(frozen=True, eq=False)
class Links:
    """Links pointed at one instant ``[link]``: ends a < b, range, and the terminal at either end, 0 if unmounted."""

    a: IntArray
    b: IntArray
    range_km: FloatArray
    terminal_a: IntArray
    terminal_b: IntArray

    @classmethod
    def none(cls) -> "Links":
        """Return no links."""
        nobody = np.empty(0, dtype=np.int64)
        return cls(nobody, nobody, np.empty(0), nobody, nobody)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Links that could be pointed at one instant ``[link]``: ends, range, masks of terminals, and terminals held."""

    a: IntArray
    b: IntArray
    range_km: FloatArray
    faces_a: IntArray
    faces_b: IntArray
    held_a: IntArray
    held_b: IntArray

    def __getitem__(self, pick: IntArray) -> "Candidates":
        return Candidates(*(getattr(self, name)[pick] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Seats:
    """The terminals of one instant, which `take` uses up in place, and what took them.

    Where `mounted`, the kernels keep who sits on which terminal, ``[sat, terminal]``, else how many are free ``[sat]``.
    """

    free: IntArray
    mounted: bool
    occupant: IntArray
    movable: IntArray
    parts: list[Candidates] = field(default_factory=list)
    taken: list[IntArray] = field(default_factory=list)

    @classmethod
    def of(cls, terminals: IntArray, *, mounted: bool) -> "Seats":
        """Return seats of which none is taken; the terminals of a satellite are the first ones of the mounting."""
        from planner.network.topology.matchkernel import ABSENT, FREE

        slots = int(terminals.max(initial=0)) if mounted else 0
        occupant = np.where(np.arange(slots) < terminals[:, None], FREE, ABSENT).astype(np.int64)
        return cls(np.array(terminals, dtype=np.int64), mounted, occupant, np.zeros_like(occupant))

    def left(self) -> IntArray:
        """Return how many terminals of each satellite are free, ``[sat]``."""
        from planner.network.topology.matchkernel import FREE

        return np.count_nonzero(self.occupant == FREE, axis=1) if self.mounted else self.free

    def take(self, candidates: Candidates, key: FloatArray) -> IntArray:
        """Seat candidates in the order of rising keys, equal ones in their own; return which, in the order given."""
        from planner.network.topology import matchkernel

        a, b = writable(candidates.a), writable(candidates.b)
        if self.mounted:
            first = sum(len(part.a) for part in self.parts)
            faces = (writable(candidates.faces_a), writable(candidates.faces_b))
            held = (writable(candidates.held_a), writable(candidates.held_b))
            order = matchkernel.sorted_places(writable(key))
            mask = matchkernel.take_mounted(order, (a, b), faces, held, first, self.occupant, self.movable)
        else:
            mask = matchkernel.take_counted(writable(key), a, b, self.free)
        taken = np.flatnonzero(mask)
        self.parts.append(candidates)
        self.taken.append(taken)
        return taken

    def links(self) -> Links:
        """Return all that was taken, sorted by (a, b)."""
        if not self.parts:
            return Links.none()
        a, b, span = (
            np.concatenate([getattr(part, name)[taken] for part, taken in zip(self.parts, self.taken, strict=True)])
            for name in ("a", "b", "range_km")
        )
        order = np.lexsort((b, a))
        terminal_a, terminal_b = self._terminals(a, b) if self.mounted else (np.zeros_like(a), np.zeros_like(a))
        return Links(a[order], b[order], span[order], terminal_a[order], terminal_b[order])

    def _terminals(self, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray]:
        """Return the terminals that links ended on, ``[link]``: read from the seats, for new links were moved about."""
        firsts = np.cumsum([0] + [len(part.a) for part in self.parts])
        called = np.concatenate([first + taken for first, taken in zip(firsts, self.taken, strict=False)])
        place = np.full(firsts[-1], NOT_HELD)
        place[called] = np.arange(len(called))
        satellite, terminal = np.nonzero(self.occupant >= 0)
        link = place[self.occupant[satellite, terminal]]
        terminal_a, terminal_b = np.zeros_like(a), np.zeros_like(b)
        at_a = satellite == a[link]
        terminal_a[link[at_a]] = terminal[at_a]
        terminal_b[link[~at_a]] = terminal[~at_a]
        return terminal_a, terminal_b
