"""How near satellites come to one another, within a shell and between shells, and when.

Measured from propagated states, so it holds for the instants that were propagated and for any fleet, designed or
published; what holds for ever is `envelope`'s question. Between two instants each satellite flies the cubic through
its position and velocity at both, and the nearest approach is the minimum along the relative path, so none is missed
for lying between instants. Axes ``[time, sat, xyz]``; distances are the same in every frame, but the velocities must
be seen from that frame.
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.orbit.design.envelope import ShellGap, shell_gaps_km
from planner.orbit.design.shells import period_min, require
from planner.orbit.elements import Fleet
from planner.orbit.propagate import Ephemeris, propagate
from planner.times import TimeGrid, datetime_of_julian_date

_HERMITE: Final = 384.0
"""A cubic through both ends' states misses by at most the fourth derivative times step⁴/384."""
_SAME: Final = 1e-12
"""Relative difference up to which two elements are the same but for rounding."""


@dataclass(frozen=True)
class Approach:
    """The nearest approach of any satellite of one shell to any other of the same or another shell.

    Attributes
    ----------
    shells, satellites
        Names of the two, in the order of the fleet.
    at
        When.
    distance_km
        How near they come, centre to centre.
    error_estimate_km
        About how much the interpolation between the instants may add or take: in low orbit under a metre for steps of
        a minute, growing with the fourth power of the step. It is of the right size for near-circular orbits; for
        eccentric ones the error can be several times as large. No bound.
    """

    shells: tuple[str, str]
    satellites: tuple[str, str]
    at: datetime
    distance_km: float
    error_estimate_km: float


def closest_approaches(states: Ephemeris | Iterable[Ephemeris], fleet: Fleet) -> tuple[Approach, ...]:
    """Return the nearest approach within each shell and between every two shells, nearest first.

    Parameters
    ----------
    states
        Where the fleet is, ``[time, sat, xyz]``; or consecutive blocks of it, as `propagate_blocks` makes them.
        Satellites that are NaN are left out from there on.
    fleet
        ``[sat]``, whose shells are told apart by name.

    Returns
    -------
    tuple[Approach, ...]
        One for each pair of shells, and for each shell of more than one satellite with itself; none for pairs of whom
        no two satellites were ever alive together.

    Raises
    ------
    ValueError
        If the states are not those of the fleet.

    Notes
    -----
    Satellites near enough to come closer than the nearest pair so far are found with a k-d tree of the middles of their
    paths; the pairs are then cut down by the convex hull of the relative path before its minimum is sought.
    """
    search = _Search(fleet)
    for step in _steps((states,) if isinstance(states, Ephemeris) else states, len(fleet)):
        search.look(step)
    return search.found()


def require_clearance(fleet: Fleet, *, minimum_separation_km: float, step_s: float = 60.0) -> tuple[Approach, ...]:
    """Refuse a designed fleet whose satellites come nearer to one another than allowed; return how near they come.

    Parameters
    ----------
    fleet
        ``[sat]``, shells of satellites that hold their station. Within a shell all must fly circles of one size and
        inclination: only then do they turn together, so that one revolution shows every approach there is (above 225
        minutes, where the Moon and the Sun turn planes differently, every approach of these years). Published fleets,
        whose orbits all differ a little, drift through other phases later and are refused; `closest_approaches` tells
        what they do while one looks. Between shells the phases drift through all values, so what counts is what
        `shell_gaps_km` proves for ever.
    minimum_separation_km
        Nearest that any two may come.
    step_s
        Of the run over one revolution.

    Returns
    -------
    tuple[Approach, ...]
        As `closest_approaches`, over the longest revolution of the fleet from the first epoch.

    Raises
    ------
    ValueError
        For satellites that come nearer, shells whose altitudes do not keep them apart, and several satellites in a
        shell that do not turn together: the message names them and what would mend it.
    """
    require("minimum_separation_km", minimum_separation_km, minimum_separation_km >= 0.0, "0 or more")
    minimum = f"minimum_separation_km = {minimum_separation_km:g}"
    for gap in shell_gaps_km(fleet):
        if not gap.gap_km >= minimum_separation_km:
            raise ValueError(f"shells: {_too_near(gap)} {minimum}; fly them at altitudes farther apart")
    _require_turning_together(fleet)
    if not len(fleet):
        return ()
    start = datetime_of_julian_date(float(fleet.epoch_jd[0]), float(fleet.epoch_fraction[0]))
    longest_s = 60.0 * max(period_min(float(altitude)) for altitude in np.unique(fleet.altitude_km))
    approaches = closest_approaches(propagate(fleet, TimeGrid(start, step_s, math.ceil(longest_s / step_s) + 2)), fleet)
    for near in approaches:
        if near.shells[0] == near.shells[1] and near.distance_km < minimum_separation_km:
            raise ValueError(
                f"{near.shells[0]}: {near.satellites[0]} and {near.satellites[1]} come within {near.distance_km:.3g} km"
                f" at {near.at:%Y-%m-%d %H:%M:%S} UTC, less than {minimum}; take another phasing (safest_phasing finds "
                "the best) or fewer satellites"
            )
    return approaches


def _too_near(gap: ShellGap) -> str:
    """Return the first half of a sentence that ends in what was asked for."""
    pair = f"satellites of {gap.shells[0]} and {gap.shells[1]}"
    if gap.gap_km > 0.0:
        return f"{pair} are kept no farther apart than {gap.gap_km:.3g} km by their altitudes, less than"
    return f"{pair} fly through the same altitudes, where only their phases, which drift, keep them apart, not"


def _require_turning_together(fleet: Fleet) -> None:
    names = np.array(fleet.shells, dtype=object)
    for shell in dict.fromkeys(fleet.shells):
        one = fleet[np.flatnonzero(names == shell)]
        columns = (one.mean_motion_rad_min, one.inclination_deg, one.bstar_per_radius)
        differ = any(np.ptp(column) > _SAME * np.abs(column).max() for column in columns)
        if len(one) > 1 and (differ or one.eccentricity_fraction.any()):
            raise ValueError(
                f"{shell}: its satellites do not all fly circles of one mean motion, inclination and drag, so that "
                "they meet otherwise from revolution to revolution; give closest_approaches the states of the time "
                "that matters"
            )


@dataclass(frozen=True)
class _Step:
    """States at both ends of a step, ``[end, sat, xyz]``."""

    start: datetime
    length_s: float
    positions_km: FloatArray
    velocities_km_s: FloatArray


def _steps(blocks: Iterable[Ephemeris], satellites: int) -> Iterator[_Step]:
    """Yield the steps between consecutive instants, across blocks; a single instant is a step of no length."""
    before: tuple[datetime, FloatArray, FloatArray] | None = None
    stepped = False
    for block in blocks:
        if block.positions_km.shape[1] != satellites:
            raise ValueError(f"states: {block.positions_km.shape[1]} satellites, but the fleet has {satellites}")
        for k in range(block.times.count):
            now = (block.times.datetime_at(k), block.positions_km[k], block.velocities_km_s[k])
            if before is not None:
                length_s = (now[0] - before[0]).total_seconds()
                yield _Step(before[0], length_s, np.stack([before[1], now[1]]), np.stack([before[2], now[2]]))
                stepped = True
            before = now
    if before is not None and not stepped:
        yield _Step(before[0], 0.0, np.stack([before[1]] * 2), np.stack([before[2]] * 2))


class _Search:
    """The nearest approach so far of each pair of shells."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        names = np.array(fleet.shells, dtype=object)
        self._members = {shell: np.flatnonzero(names == shell) for shell in dict.fromkeys(fleet.shells)}
        self._best: dict[tuple[str, str], Approach] = {}

    def found(self) -> tuple[Approach, ...]:
        return tuple(sorted(self._best.values(), key=lambda approach: approach.distance_km))

    def look(self, step: _Step) -> None:
        """Take note of everything nearer than before within one step."""
        from scipy.spatial import cKDTree

        points = _bezier(step)
        alive: BoolArray = np.asarray(np.isfinite(points).all(axis=(1, 2)))
        middle = 0.5 * (points[:, 0] + points[:, 3])
        reach = np.linalg.norm(points - middle[:, None], axis=2).max(axis=1)
        error_estimate_km = _interpolation_estimate_km(step, alive)
        members = {shell: index[alive[index]] for shell, index in self._members.items()}
        trees = {shell: cKDTree(middle[index]) for shell, index in members.items() if len(index)}
        for pair in itertools.combinations_with_replacement(trees, 2):
            one, other = (members[shell] for shell in pair)
            if pair[0] == pair[1] and len(one) < 2:
                continue
            limit_km = self._limit_km(pair, trees, points, members)
            radius_km = limit_km + reach[one].max() + reach[other].max()
            first, second = _near(trees, pair, radius_km)
            self._note(pair, step, points, (one[first], other[second]), limit_km, error_estimate_km)

    def _limit_km(
        self, pair: tuple[str, str], trees: dict[str, Any], points: FloatArray, members: dict[str, IntArray]
    ) -> float:
        """Return a distance that some satellites of the pair of shells are known to come within, or a hair more."""
        if pair in self._best:
            return self._best[pair].distance_km
        one, other = pair
        # Any pair's distance will do; the nearest in the middle of the step is a good one.
        rank = 2 if one == other else 1
        distance, index = trees[one].query(trees[other].data, k=[rank])
        j = int(np.argmin(distance[:, 0]))
        start_km = points[members[one][index[j, 0]], 0] - points[members[other][j], 0]
        return float(np.linalg.norm(start_km)) * (1.0 + 1e-9) + 1e-9

    def _note(
        self,
        pair: tuple[str, str],
        step: _Step,
        points: FloatArray,
        candidates: tuple[IntArray, IntArray],
        limit_km: float,
        error_estimate_km: float,
    ) -> None:
        from planner.orbit.design.approach import nearest_pair

        first, second = candidates
        n, distance_km, part = nearest_pair(points, first, second, limit_km)
        if n < 0:
            return
        i, j = sorted((int(first[n]), int(second[n])))
        at = step.start + timedelta(seconds=part * step.length_s)
        shells, names = self._fleet.shells, self._fleet.names
        self._best[pair] = Approach((shells[i], shells[j]), (names[i], names[j]), at, distance_km, error_estimate_km)


def _bezier(step: _Step) -> FloatArray:
    """Return the Bézier points of every satellite's path over a step, ``[sat, point, xyz]``."""
    (start, end), (early, late) = step.positions_km, step.velocities_km_s
    third_s = step.length_s / 3.0
    return np.stack([start, start + early * third_s, end - late * third_s, end], axis=1)


def _interpolation_estimate_km(step: _Step, alive: BoolArray) -> float:
    """Return about how far a relative path may lie from the cubic: n⁴ r step⁴/384 for each of two, with n = v/r.

    Exact for Kepler's circles. On an ellipse the fourth derivative is larger, by an eighth at perigee and by more at
    apogee, and SGP4's velocities are not quite the derivatives of its positions.
    """
    if not alive.any():
        return 0.0
    radius = np.linalg.norm(step.positions_km[:, alive], axis=2)
    speed = np.linalg.norm(step.velocities_km_s[:, alive], axis=2)
    return float(2.0 * (speed**4 / radius**3).max() * step.length_s**4 / _HERMITE)


def _near(trees: dict[str, Any], pair: tuple[str, str], radius_km: float) -> tuple[IntArray, IntArray]:
    """Return the candidates as indices into the members of each of the two shells."""
    one, other = trees[pair[0]], trees[pair[1]]
    if pair[0] == pair[1]:
        pairs = one.query_pairs(radius_km, output_type="ndarray")
        return pairs[:, 0], pairs[:, 1]
    close = one.sparse_distance_matrix(other, radius_km, output_type="ndarray")
    return close["i"].astype(np.int64), close["j"].astype(np.int64)
