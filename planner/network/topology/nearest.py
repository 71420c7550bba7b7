"""Who is whose nearest free partner? Links made shortest first at one instant, positions ``[sat, xyz]``.

All pairs in range would be far too many to sort, so the range grows in stages. A stage holds every pair that comes
after those of the stage before and before those of the next, between satellites that still have a terminal free; what
is longer cannot come in between. Whoever is still free after a stage has no free partner within it, so few pairs come
with the next although it reaches twice as far.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, ints, lock, require_shape
from planner.links.feasible import Sightlines
from planner.links.geometry import GRAZING_ALTITUDE_KM
from planner.links.rules import LinkRules
from planner.network.topology.seating import Candidates, Seats, new_candidates

__all__ = ["mutual_nearest"]

_METRES_PER_KM: Final = 1e3

_FIRST_NEIGHBOURS: Final = 4
"""Neighbours per terminal within the first stage's range, if satellites were spread evenly. Only speed depends on
it."""

GROWTH: Final = 2.0
"""How much farther each stage reaches. Only speed depends on it."""

Finder = Callable[[IntArray, float], Candidates]
"""From satellites, rising, and a range to the pairs among them that may be linked up to that range."""


def mutual_nearest(
    positions_km: FloatArray,
    *,
    terminals: int | IntArray,
    maximum_range_km: float,
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
) -> IntArray:
    """Return links made shortest first between satellites that both have a terminal free.

    Each link is, at the moment it is made, the nearest free partner of both its ends: what a fleet settles into when
    every satellite keeps asking its nearest free neighbour. No satellite gets more links than terminals, and none
    could be added between two that have one left.

    Parameters
    ----------
    positions_km
        ``[sat, xyz]``; satellites that are NaN get no link.
    terminals
        Laser terminals of every satellite, or of each ``[sat]``.
    maximum_range_km
        Longest link.
    grazing_altitude_km
        Lowest altitude that a link may pass.

    Returns
    -------
    IntArray
        ``[pair, 2]``, indices a < b, sorted. Ranges that agree to the metre count as equal, and then the lower indices
        come first, so that rounding never decides.

    Raises
    ------
    ValueError
        If `terminals` is below 1 or the range is not positive.
    """
    from planner.links.feasible import feasible_links

    require_shape("positions_km", positions_km, (None, 3))
    counts = ints(np.broadcast_to(terminals, len(positions_km)))
    if counts.min(initial=1) < 1 or not maximum_range_km > 0.0:
        raise ValueError(f"terminals: {terminals} must be at least 1, maximum_range_km: {maximum_range_km} positive")
    still = np.zeros_like(positions_km)

    def find(members: IntArray, reach_km: float) -> Candidates:
        rules = LinkRules(reach_km, grazing_altitude_km)
        return new_links(among(members, feasible_links(positions_km[members], still[members], rules=rules)))

    seats = Seats.of(counts, mounted=False)
    seat_nearest(seats, positions_km, find, maximum_range_km)
    links = seats.links()
    return lock(np.stack([links.a, links.b], axis=1))


def new_links(sightlines: Sightlines) -> Candidates:
    """Return sightlines as links that nobody holds yet."""
    columns = (sightlines.range_km, sightlines.faces_a, sightlines.faces_b)
    return new_candidates(sightlines.a, sightlines.b, *columns)


def among(members: IntArray, sightlines: Sightlines) -> Sightlines:
    """Return the sightlines among some satellites, rising, by the numbers that these have in the fleet."""
    ends = (members[sightlines.a], members[sightlines.b])
    return Sightlines(*ends, sightlines.range_km, sightlines.faces_a, sightlines.faces_b)


def seat_nearest(
    seats: Seats,
    positions_km: FloatArray,
    find: Finder,
    longest_km: float,
    *,
    shells: IntArray | None = None,
    hysteresis_fraction: float = 0.0,
) -> None:
    """Seat links shortest first, in stages of growing range.

    Parameters
    ----------
    seats
        Used up in place.
    positions_km
        ``[sat, xyz]``.
    find
        The pairs that may be linked.
    longest_km
        Where it ends.
    shells
        ``[sat]``, ranks; links lead from one rank to the next. None lets them lead anywhere.
    hysteresis_fraction
        A held link counts as shorter: its range over one more than this.
    """
    alive = np.isfinite(positions_km).all(axis=1)
    favour, done_m, stage_m = 1.0 + hysteresis_fraction, -math.inf, math.inf
    while done_m < longest_km * _METRES_PER_KM:
        members = _open_ends(alive & (seats.left() > 0), shells)
        if len(members) < 2:
            return
        if done_m < 0.0:
            stage_m = first_stage_m(positions_km[members], int(np.median(seats.left()[members])))
        else:
            stage_m *= GROWTH
        # A metre more for what is rounded down to the last of the stage.
        reach_km = min((stage_m * favour + 1.0) / _METRES_PER_KM, longest_km)
        if reach_km == longest_km:
            stage_m = math.inf
        candidates = find(members, reach_km)
        # By metres, so that rounding never decides which of two equal ranges comes first.
        metres = np.round(candidates.range_km * _METRES_PER_KM)
        key = np.where(candidates.held_a >= 0, metres / favour, metres)
        now = (key > done_m) & (key <= stage_m)
        if shells is not None:
            now &= np.abs(shells[candidates.a] - shells[candidates.b]) == 1
        chosen = np.flatnonzero(now)
        seats.take(candidates[chosen], -key[chosen])
        done_m = stage_m


def _open_ends(free: BoolArray, shells: IntArray | None) -> IntArray:
    """Return the satellites that are free and, where only shells beside each other are linked, have free ones there."""
    if shells is None or not len(free):
        return np.flatnonzero(free)
    inhabited = np.bincount(shells[free], minlength=int(shells.max()) + 1) > 0
    beside = np.zeros_like(inhabited)
    beside[:-1] |= inhabited[1:]
    beside[1:] |= inhabited[:-1]
    return np.flatnonzero(free & beside[shells])


def first_stage_m(positions_km: FloatArray, terminals: int) -> float:
    """Return a range, in whole metres, that holds a few neighbours for each terminal.

    On a sphere of radius r, n satellites spread evenly have ``n (R/2r)²`` within the chord R.
    """
    radius_km = float(np.median(np.sqrt((positions_km**2).sum(axis=1))))
    wanted = _FIRST_NEIGHBOURS * max(terminals, 1)
    return math.ceil(2.0 * radius_km * math.sqrt(wanted / len(positions_km)) * _METRES_PER_KM)
