"""How SGP4's states are written out: turned into the frame asked for, and masked from a satellite's first failure on.

The compiled last step of both engines; axes of the answer ``[time, sat, xyz]``. Imports Numba: import this module
inside the functions that call it.
"""

from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled

Instants = tuple[FloatArray, FloatArray, FloatArray]
"""UTC Julian dates as sums of two floats ``[time]``, and what turns TEME into the frame asked for ``[time, 3, 3]``."""

Answer = tuple[IntArray, FloatArray, FloatArray]
"""Code of each satellite's first failure so far ``[sat]``; positions (km), velocities (km/s) ``[time, sat, xyz]``."""

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]

NOT_FINITE: Final = 7
"""Code of a state that is not a number though SGP4 gave it none."""

_GROUP: Final = 16
"""Satellites read side by side: 16 streams of input make 384 consecutive bytes of output."""


@compiled
def matrix(rotations: FloatArray, at: int) -> Matrix:
    """Return one matrix as numbers, which a loop can keep in registers."""
    r = rotations[at]
    return (r[0, 0], r[0, 1], r[0, 2]), (r[1, 0], r[1, 1], r[1, 2]), (r[2, 0], r[2, 1], r[2, 2])


@compiled
def put(turn: Matrix, spin_rad_s: float, place: Vector, motion: Vector, at: int, column: int, answer: Answer) -> None:
    """Write one state, turned into a frame that itself turns at `spin_rad_s` about its z axis."""
    _, positions_km, velocities_km_s = answer
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = turn
    x, y, z = place
    u, v, w = motion
    turned_x, turned_y = xx * x + xy * y + xz * z, yx * x + yy * y + yz * z
    positions_km[at, column, 0] = turned_x
    positions_km[at, column, 1] = turned_y
    positions_km[at, column, 2] = zx * x + zy * y + zz * z
    velocities_km_s[at, column, 0] = xx * u + xy * v + xz * w + spin_rad_s * turned_y
    velocities_km_s[at, column, 1] = yx * u + yy * v + yz * w - spin_rad_s * turned_x
    velocities_km_s[at, column, 2] = zx * u + zy * v + zz * w


@compiled
def mask(code: int, at: int, column: int, answer: Answer) -> bool:
    """Enter a satellite's first failure, and blank its state if it ever failed; return whether it did."""
    codes, positions_km, velocities_km_s = answer
    if codes[column] == 0:
        codes[column] = code
    if codes[column] == 0:
        return False
    for axis in range(3):
        positions_km[at, column, axis] = np.nan
        velocities_km_s[at, column, axis] = np.nan
    return True


@compiled
def turn_all(
    found: IntArray,
    places_km: FloatArray,
    motions_km_s: FloatArray,
    columns: IntArray,
    rotations: FloatArray,
    spin_rad_s: float,
    answer: Answer,
) -> None:
    """Write states that lie ``[sat, time, xyz]`` in TEME, with SGP4's codes ``[sat, time]``.

    `columns` holds the column of each satellite in the answer; rows of the answer are those of `rotations`.
    """
    satellites = len(columns)
    for first in range(0, satellites, _GROUP):
        for at in range(rotations.shape[0]):
            turn = matrix(rotations, at)
            for i in range(first, min(first + _GROUP, satellites)):
                place = (places_km[i, at, 0], places_km[i, at, 1], places_km[i, at, 2])
                motion = (motions_km_s[i, at, 0], motions_km_s[i, at, 1], motions_km_s[i, at, 2])
                put(turn, spin_rad_s, place, motion, at, columns[i], answer)
                total = sum(place) + sum(motion)
                # A number less itself is 0 unless it is infinite or none.
                code = int(found[i, at]) if found[i, at] > 0 or total - total == 0.0 else NOT_FINITE
                if code > 0 or answer[0][columns[i]] > 0:
                    mask(code, at, columns[i], answer)
