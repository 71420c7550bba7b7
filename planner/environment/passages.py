"""When does a satellite enter and leave the Earth's shadow? The compiled search behind `crossings` and `seasons`.

Sought are the instants at which the Sun's height above the limb, in its own radii (`shadow.height`), passes a level: 1
where the penumbra begins, −1 where the umbra does. Between two instants of the grid a satellite flies the cubic that
has the positions and velocities of both (Hermite), and the Sun moves straight on. Any frame that does not turn; axes
``[time, sat, xyz]``. Imports Numba: import this module inside the functions that call it.
"""

import math
from typing import Final

import numpy as np

from planner.compiled import compiled
from planner.environment.crossings import Contacts, Track
from planner.environment.shadow import height
from planner.environment.sunlight import Shape

_CHORDS: Final = 60
"""At most, in search of a contact; a handful will do."""
_FLAT: Final = 1e-12
"""Height of the Sun, in its radii, that counts as none: rounding makes 1e-13."""
_NARROWINGS: Final = 40
"""Of a step in search of its lowest Sun: to 4e-9 of it, about where rounding hides the rest."""
_GOLDEN: Final = 0.5 * (math.sqrt(5.0) - 1.0)
_ASIDE: Final = 1e-3
"""Part of a step over which the slope at its ends is taken."""


@compiled
def contacts(track: Track, shape: Shape, rows: Contacts) -> int:
    """Write the contacts of all satellites, step by step, and return how many there are; those beyond `rows` are lost.

    A passage that begins and ends within one step is found as well: where the Sun sinks at the step's beginning and
    rises at its end, its lowest place between them is sought. Steps with a NaN at an end have no contacts.
    """
    found = 0
    heights = np.empty(track[0].shape[1])
    for sat in range(heights.size):
        heights[sat] = _at_night(track, shape, 0, sat)
    for time in range(track[0].shape[0] - 1):
        for sat in range(heights.size):
            before, after = heights[sat], _at_night(track, shape, time + 1, sat)
            heights[sat] = after
            dip, lowest = 1.0, after
            if -1.0 < before < math.inf and -1.0 < after < math.inf:
                dip, lowest = _dip(track, shape, time, sat, before, after)
            for level in (1.0, -1.0):
                if before > level and lowest <= level:
                    share = _crossing(track, shape, time, sat, level, 0.0, dip)
                    found = _write(rows, found, sat, level, True, (time + share) * track[4])
                if after > level and (before <= level or lowest <= level):
                    share = _crossing(track, shape, time, sat, level, 1.0, dip if before > level else 0.0)
                    found = _write(rows, found, sat, level, False, (time + share) * track[4])
    return found


@compiled
def _at_night(track: Track, shape: Shape, time: int, sat: int) -> float:
    """Return the height of the Sun; infinity on the day side of the Earth's centre, where there is no shadow."""
    at, sun, pole = track[0][time, sat], track[2][time], track[3][time]
    if at[0] * sun[0] + at[1] * sun[1] + at[2] * sun[2] >= 0.0:
        return math.inf
    return height((at[0], at[1], at[2]), (sun[0], sun[1], sun[2]), (pole[0], pole[1], pole[2]), shape)


@compiled
def _within(track: Track, shape: Shape, time: int, sat: int, share: float) -> float:
    """Return the height of the Sun at this share of the step after instant `time`."""
    positions, velocities, suns, poles, step_s = track
    a, b, v, w = positions[time, sat], positions[time + 1, sat], velocities[time, sat], velocities[time + 1, sat]
    rest = 1.0 - share
    here, there = (1.0 + 2.0 * share) * rest * rest, (1.0 + 2.0 * rest) * share * share
    leaving, arriving = share * rest * rest * step_s, -share * share * rest * step_s
    s, t, pole = suns[time], suns[time + 1], poles[time]
    at = (
        here * a[0] + there * b[0] + leaving * v[0] + arriving * w[0],
        here * a[1] + there * b[1] + leaving * v[1] + arriving * w[1],
        here * a[2] + there * b[2] + leaving * v[2] + arriving * w[2],
    )
    sun = (rest * s[0] + share * t[0], rest * s[1] + share * t[1], rest * s[2] + share * t[2])
    return height(at, sun, (pole[0], pole[1], pole[2]), shape)


@compiled
def _crossing(track: Track, shape: Shape, time: int, sat: int, level: float, above: float, below: float) -> float:
    """Return the share of the step at which the Sun passes `level`, between one where it is above and one below.

    Regula falsi in the Illinois variant: a chord's foot, and half the height of an end that stays twice (Dowell and
    Jarratt, BIT 11, 1971, 168, doi:10.1007/BF01934364).
    """
    high = _within(track, shape, time, sat, above) - level
    low = _within(track, shape, time, sat, below) - level
    share, side = below, 0
    for _ in range(_CHORDS):
        share = below + (above - below) * (low / (low - high))
        found = _within(track, shape, time, sat, share) - level
        if abs(found) < _FLAT:
            break
        if found > 0.0:
            above, high, low = share, found, low * 0.5 if side > 0 else low
            side = 1
        else:
            below, low, high = share, found, high * 0.5 if side < 0 else high
            side = -1
    return share


@compiled
def _dip(track: Track, shape: Shape, time: int, sat: int, before: float, after: float) -> tuple[float, float]:
    """Return where within the step the Sun is lowest, and its height there; the end of the step if it has no dip."""
    if _within(track, shape, time, sat, _ASIDE) >= before or _within(track, shape, time, sat, 1.0 - _ASIDE) >= after:
        return 1.0, after
    low, high = 0.0, 1.0
    left, right = 1.0 - _GOLDEN, _GOLDEN
    at_left, at_right = _within(track, shape, time, sat, left), _within(track, shape, time, sat, right)
    for _ in range(_NARROWINGS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = _within(track, shape, time, sat, left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = _within(track, shape, time, sat, right)
    return left, at_left


@compiled
def _write(rows: Contacts, found: int, sat: int, level: float, entered: bool, when_s: float) -> int:
    if found < rows[3].size:
        rows[0][found], rows[1][found], rows[2][found], rows[3][found] = sat, level < 0.0, entered, when_s
    return found + 1


@compiled
def widest_step(track: Track) -> float:
    """Return the largest angle about the Earth's centre that any satellite turns in a step, v/r times the step."""
    widest = 0.0
    for time in range(track[0].shape[0]):
        for sat in range(track[0].shape[1]):
            r, v = track[0][time, sat], track[1][time, sat]
            turned = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) / (r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
            if turned > widest:
                widest = turned
    return math.sqrt(widest) * track[4]
