"""How many satellites does a place of each latitude have in view, and for how long has it too few? GCRS.

Counted for points of the WGS84 ellipsoid, on a grid of latitudes and evenly spaced longitudes, at every instant of an
ephemeris: true geodetic elevation, as in `ground_access`, whose contacts these counts are. No contact is kept, and of
the counts ``[time, point]`` only what they come to, so that large fleets and long runs can be judged.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, require_shape
from planner.orbit.propagate import Ephemeris
from planner.orbit.sites import GroundSites, site_positions_km, site_zeniths

_BLOCK_POINTS: Final = 200_000
"""Points, or satellites, times instants looked at together: some 20 MB."""
_FULL_TURN_DEG: Final = 360.0
_POLE_DEG: Final = 90.0
_LOWEST_ELEVATION_DEG: Final = -10.0
"""As `GroundSites` allows."""
_SECONDS_PER_MINUTE: Final = 60.0


@dataclass(frozen=True, eq=False)
class Coverage:
    """What a fleet covers ``[latitude]``, over all longitudes and instants that were looked at.

    Attributes
    ----------
    latitudes_deg
        Geodetic, north positive.
    fewest, mean, most
        Satellites in view.
    covered_fraction
        Part of the instants and longitudes with at least `at_least` in view.
    longest_gap_min
        Longest time without, at the worst longitude: from an instant with that many in view to the next one; the ends
        of the run stand for such instants. 0 where no instant was without; gaps between instants are not seen.
    at_least
        How many in view count as covered.
    """

    latitudes_deg: FloatArray
    fewest: IntArray
    mean: FloatArray
    most: IntArray
    covered_fraction: FloatArray
    longest_gap_min: FloatArray
    at_least: int

    def __post_init__(self) -> None:
        for column in fields(self):
            if column.name != "at_least":
                values = getattr(self, column.name)
                locked = ints(values) if column.name in ("fewest", "most") else floats(values)
                require_shape(column.name, locked, (len(self.latitudes_deg),))
                object.__setattr__(self, column.name, locked)

    @cached_property
    def area_covered_fraction(self) -> float:
        """Part of the ground and time covered, latitudes weighted by their parallels' length; NaN at the poles only."""
        weights = np.cos(np.radians(self.latitudes_deg))
        return float(np.sum(weights * self.covered_fraction) / total) if (total := weights.sum()) > 0.0 else np.nan


def coverage(
    states: Ephemeris | Iterable[Ephemeris],
    *,
    latitudes_deg: Sequence[float] | FloatArray,
    minimum_elevation_deg: float,
    longitudes: int = 36,
    at_least: int = 1,
) -> Coverage:
    """Return how many satellites a latitude has in view: fewest, mean, most, and how long it has too few.

    Parameters
    ----------
    states
        Where the fleet is, GCRS, ``[time, sat, xyz]``; or consecutive blocks of it, as `propagate_blocks` makes them.
        Satellites that are NaN are out of view.
    latitudes_deg
        Geodetic latitudes of the band to judge, −90 to 90.
    minimum_elevation_deg
        Lowest elevation above the horizon that counts, −10 to 90.
    longitudes
        How many points of each latitude, evenly spaced from Greenwich. The Earth turns under the fleet, so few
        longitudes and a long run see as much as many and a short one.
    at_least
        How many satellites in view count as covered.

    Raises
    ------
    ValueError
        For a value out of range, no instants, or another frame.
    """
    latitudes = floats(latitudes_deg)
    if latitudes.ndim != 1 or not len(latitudes):
        raise ValueError(f"latitudes_deg: {latitudes_deg!r} is not a list of at least one latitude")
    for name, value in (("longitudes", longitudes), ("at_least", at_least)):
        if value < 1:
            raise ValueError(f"{name}: {value} must be at least 1")
    for latitude in latitudes[~(np.abs(latitudes) <= _POLE_DEG)][:1]:
        raise ValueError(f"latitudes_deg: {latitude} must be between -90 and 90 degrees")
    if not _LOWEST_ELEVATION_DEG <= minimum_elevation_deg <= _POLE_DEG:
        raise ValueError(f"minimum_elevation_deg: {minimum_elevation_deg} must be between -10 and 90 degrees")
    points = _points(latitudes, longitudes, minimum_elevation_deg)
    blocks = [states] if isinstance(states, Ephemeris) else states
    tally, step_s = _Tally.of(len(points)), 0.0
    for block in blocks:
        for seen in _counts(block, points):
            tally.add(seen, at_least)
        step_s = block.times.step_s
    if not tally.instants:
        raise ValueError("states: no block of instants was given")
    shape = (len(latitudes), longitudes)
    looked = tally.instants * longitudes
    return Coverage(
        latitudes_deg=latitudes,
        fewest=tally.fewest.reshape(shape).min(axis=1),
        mean=tally.total.reshape(shape).sum(axis=1) / looked,
        most=tally.most.reshape(shape).max(axis=1),
        covered_fraction=tally.enough.reshape(shape).sum(axis=1) / looked,
        longest_gap_min=tally.longest_gap().reshape(shape).max(axis=1) * (step_s / _SECONDS_PER_MINUTE),
        at_least=at_least,
    )


def satellites_in_view(states: Ephemeris, sites: GroundSites) -> IntArray:
    """Return how many satellites each site sees at least at its lowest elevation, ``[time, site]``.

    Parameters
    ----------
    states
        ``[time, sat, xyz]``, GCRS; satellites that are NaN are out of view.
    sites
        ``[site]``; a longest range is not allowed, since only the elevation is looked at.

    Raises
    ------
    ValueError
        If the states are not in GCRS, or a site has a longest range.
    """
    counts, first = np.zeros((states.times.count, len(sites)), dtype=np.int64), 0
    for seen in _counts(states, sites):
        counts[first : first + len(seen)] = seen
        first += len(seen)
    return ints(counts)


def _counts(states: Ephemeris, sites: GroundSites) -> Iterator[IntArray]:
    """Yield what `satellites_in_view` returns, a few instants at a time."""
    from planner.links.inview import count_in_view

    if states.frame != "GCRS":
        raise ValueError(f"states: in frame {states.frame}, but sites are placed in GCRS; propagate in that frame")
    if np.isfinite(sites.maximum_range_km).any():
        raise ValueError("maximum_range_km: counts in view know no longest range; use ground_access, or leave it out")
    sine = np.sin(np.radians(sites.minimum_elevation_deg))
    size = max(1, _BLOCK_POINTS // max(1, len(sites), states.positions_km.shape[1]))
    for first, part in states.times.blocks(size):
        # Coordinates apart, so that the kernel runs over satellites in one stride.
        across = np.ascontiguousarray(np.swapaxes(states.positions_km[first : first + part.count], 1, 2))
        yield count_in_view(site_positions_km(sites, part), site_zeniths(sites, part), across, sine)


def _points(latitudes: FloatArray, longitudes: int, minimum_elevation_deg: float) -> GroundSites:
    """Return the grid as sites, longitude fastest."""
    count = len(latitudes) * longitudes
    return GroundSites(
        names=tuple(f"point {i}" for i in range(count)),
        latitude_deg=np.repeat(latitudes, longitudes),
        longitude_deg=np.tile(np.arange(longitudes) * (_FULL_TURN_DEG / longitudes), len(latitudes)),
        elevation_m=np.zeros(count),
        minimum_elevation_deg=np.full(count, float(minimum_elevation_deg)),
        maximum_range_km=np.full(count, np.nan),
    )


@dataclass(eq=False)
class _Tally:
    """What the counts of the instants so far come to, ``[point]``.

    `enough` counts the instants with enough in view. `last` is the latest of them, or the first instant of all before
    there is one; `covered` tells whether the latest instant of all is such. `longest` is the longest gap, in steps,
    among those that have ended.
    """

    instants: int
    fewest: IntArray
    total: IntArray
    most: IntArray
    enough: IntArray
    last: IntArray
    covered: BoolArray
    longest: IntArray

    @classmethod
    def of(cls, points: int) -> "_Tally":
        """Return the tally of no instant."""
        zeros = np.zeros(points, dtype=np.int64)
        # What stands before the first instant ends no gap, so it counts as covered.
        highest = np.full(points, np.iinfo(np.int64).max)
        return cls(0, highest, zeros, zeros, zeros, zeros, np.ones(points, dtype=np.bool_), zeros)

    def add(self, seen: IntArray, at_least: int) -> None:
        """Take in the counts of the next instants, ``[time, point]``."""
        self.fewest = np.minimum(self.fewest, seen.min(axis=0))
        self.total = self.total + seen.sum(axis=0)
        self.most = np.maximum(self.most, seen.max(axis=0))
        enough = seen >= at_least
        self.enough = self.enough + enough.sum(axis=0)
        index = np.arange(self.instants, self.instants + len(seen))[:, None]
        latest = np.maximum.accumulate(np.where(enough, index, self.last), axis=0)
        # A gap ends at an instant that is covered where the one before was not.
        ends = enough & ~np.concatenate([self.covered[None], enough[:-1]])
        since = index - np.concatenate([self.last[None], latest[:-1]])
        self.longest = np.maximum(self.longest, np.where(ends, since, 0).max(axis=0))
        self.instants += len(seen)
        self.last, self.covered = latest[-1].copy(), enough[-1].copy()

    def longest_gap(self) -> IntArray:
        """Return the most steps from a covered instant to the next with one between that is not; ends are covered."""
        still_open: IntArray = np.where(self.covered, 0, self.instants - 1 - self.last)
        return np.maximum(self.longest, still_open)
