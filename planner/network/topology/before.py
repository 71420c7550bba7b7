"""Which of the links that can be pointed now were pointed at the instant before? Links ``[link]``, sorted by (a, b)."""

from dataclasses import dataclass, replace

import numpy as np

from planner.arrays import IntArray, lock
from planner.network.topology.seating import NOT_HELD, Candidates, Links, writable


@dataclass(frozen=True, eq=False)
class Before:
    """The links of the instant before."""

    links: Links

    @property
    def pairs(self) -> IntArray:
        """``[link, 2]``."""
        return lock(np.stack([self.links.a, self.links.b], axis=1))

    def mark(self, candidates: Candidates) -> Candidates:
        """Return candidates, sorted, with the terminals that those among them hold which were linked before."""
        if not len(self.links.a) or not len(candidates.a):
            return candidates
        from planner.network.topology.trackkernel import places_of

        wanted = (writable(candidates.a), writable(candidates.b))
        place = places_of(wanted, (writable(self.links.a), writable(self.links.b)))
        held = place >= 0
        terminals = (
            np.where(held, column[place], NOT_HELD) for column in (self.links.terminal_a, self.links.terminal_b)
        )
        held_a, held_b = terminals
        return replace(candidates, held_a=held_a, held_b=held_b)
