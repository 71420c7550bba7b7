"""Which links are pointed at an instant, and since when? Links ``[link]``, what one block hands to the next."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from planner.arrays import IntArray, ints
from planner.links.rules import Mounting

__all__ = ["Held"]


@dataclass(frozen=True, eq=False)
class Held:
    """The links that were pointed at the last instant of a block.

    Attributes
    ----------
    due
        The instant at which the next block must begin.
    step_s, acquisition_s
        Of the block and its topology: what a step counts, and how many it takes.
    satellites
        How many there are.
    mounting
        The terminals that links are on; None where any can point anywhere.
    a, b
        ``[link]``, a < b, sorted.
    terminal_a, terminal_b
        ``[link]``, the terminal of the mounting that each end uses; 0 where there is no mounting.
    steps
        ``[link]``, for how many steps it has been pointed without a break, counted no further than acquisition takes.
    """

    due: datetime
    step_s: float
    acquisition_s: float
    satellites: int
    mounting: Mounting | None
    a: IntArray
    b: IntArray
    terminal_a: IntArray
    terminal_b: IntArray
    steps: IntArray

    def __post_init__(self) -> None:
        for name in ("a", "b", "terminal_a", "terminal_b", "steps"):
            object.__setattr__(self, name, ints(getattr(self, name)))

    @property
    def pairs(self) -> IntArray:
        """``[link, 2]``."""
        return ints(np.stack([self.a, self.b], axis=1))
