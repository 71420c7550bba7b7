"""What is there to choose links from at one instant? Satellites ``[sat]`` and the pairs ``[pair]`` that may be linked.

Positions and velocities in any Earth-centred inertial frame, axes ``[sat, xyz]``.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints, lock
from planner.links.feasible import Sightlines
from planner.links.optical import LaserTerminal

__all__ = ["Chooser", "Ranked", "Scene", "Valuation"]


@dataclass(frozen=True, eq=False)
class Scene:
    """One instant, as those who choose links see it.

    Attributes
    ----------
    at
        The instant, UTC.
    positions_km, velocities_km_s
        ``[sat, xyz]``; NaN for satellites that are lost.
    sightlines
        Every pair ``[pair]`` that the rules allow at this instant, with its range and the terminals that can face.
    held
        ``[held, 2]``, the pairs that are linked or acquiring since before, a < b, sorted. They need not be allowed
        any more.
    terminals
        ``[sat]``, laser terminals of each satellite.
    terminal
        The terminal, which says what a range carries and how long acquisition takes.
    acquisition_s
        How long a new link points before it carries anything.
    maximum_range_km
        Longest link that the rules allow.
    """

    at: datetime
    positions_km: FloatArray
    velocities_km_s: FloatArray
    sightlines: Sightlines
    held: IntArray
    terminals: IntArray
    terminal: LaserTerminal
    acquisition_s: float
    maximum_range_km: float

    @cached_property
    def pairs(self) -> IntArray:
        """``[pair, 2]``, the pairs that the rules allow, a < b, sorted."""
        return lock(np.stack([self.sightlines.a, self.sightlines.b], axis=1))

    @cached_property
    def capacity_gbps(self) -> FloatArray:
        """``[pair]``, what each allowed pair would carry."""
        return self.terminal.capacity_gbps(self.sightlines.range_km)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Pairs that a user's function offers, of which the most valuable are linked as long as terminals last.

    Attributes
    ----------
    pairs
        ``[pair, 2]``, satellites in any order, no pair twice.
    value
        ``[pair]``, in whatever unit the function likes; a pair of no positive value is never linked.
    """

    pairs: IntArray
    value: FloatArray

    def __post_init__(self) -> None:
        pairs, value = ints(self.pairs).reshape(-1, 2), floats(self.value)
        if value.shape != (len(pairs),) or not np.isfinite(value).all():
            raise ValueError(f"value: need a finite number for each of the {len(pairs)} pairs")
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "value", value)


class Valuation(Protocol):
    """What each pair that may be linked is worth."""

    def __call__(self, scene: Scene, /) -> FloatArray:
        """Return the value of each of ``scene.pairs``, ``[pair]``, in one unit throughout a run."""


class Chooser(Protocol):
    """A topology of the user's own."""

    def __call__(self, scene: Scene, /) -> IntArray | Ranked:
        """Return the pairs to link, ``[pair, 2]``, all of which must be possible, or ranked ones to pick from."""
