"""Where near-Earth SGP4 puts satellites, many at a time: the compiled loops behind `nearearth`.

States come in tiles of `LANES` lanes, a lane being one satellite at one instant. Each stage of the theory is one loop
over all lanes of a tile without a branch, which the compiler turns into vector instructions. A lane never looks at
its neighbours and every loop runs over a full tile, so a state is the same bit for bit whatever is computed beside it.
Imports Numba: import this module inside the functions that call it.

Hoots and Roehrich, Spacetrack Report No. 3 (1980), section 6; Vallado et al., AIAA 2006-6753. Angles that grow with
time are added up in that paper's order, so that they are rounded alike; where they are small, theorems of addition
replace its arc tangent and its repeated sines. Lengths are Earth radii, times minutes.
"""

import math
from typing import Any, Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled, compiled_inline
from planner.constants import WGS72_RADIUS_KM
from planner.orbit.meanmotion import WGS72_J2
from planner.orbit.sgp4.nearearth import CONSTANTS, ECCENTRIC, SQRT_MU
from planner.orbit.sgp4.trigonometry import sine_cosine, sine_cosine_small, within_a_turn
from planner.orbit.sgp4.turning import NOT_FINITE, Answer, Instants, Matrix, mask, matrix, put

LANES: Final = 32
"""States of a tile: enough to fill vector registers and hide latencies, few enough to stay in the first-level cache."""

_WORK: Final = (
    "minutes", "size", "node_now", "argument", "ex", "ey", "guess", "unsolved", "sine_e", "cosine_e",
    "x", "y", "z", "vx", "vy", "vz", "code",
)  # fmt: skip
TILE: Final = np.dtype([(name, np.float64, (LANES,)) for name in (*CONSTANTS, *_WORK)])
"""Constants of each lane's satellite; minutes since its epoch; a, Ω, the mean argument of latitude, e cos ω and e sin ω
with their long-period terms; Kepler's equation; the state in TEME (km, km/s) and its error code."""

Tile = Any
"""One record of `TILE`, whose fields Numba knows."""

_KM_S: Final = WGS72_RADIUS_KM * SQRT_MU / 60.0
_MINUTES_PER_DAY: Final = 1440.0
_LEAST_ECCENTRICITY: Final = 1e-6
_FAR: Final = 3.0
"""Semi-major axis beyond any that this theory begins with: drag has run away. The 1e-12 radians at which the reference
stops become more than 1e-4 m farther out, so the answer must be missed as it misses it."""
_SOLVED_RAD: Final = 1e-12
_LONGEST_STEP_RAD: Final = 0.95
_MOST_STEPS: Final = 10
"""The loop and its limits are those of AIAA 2006-6753: an answer it cannot reach in ten steps is missed alike."""


@compiled
def fly(
    tile: Tile,
    cells: FloatArray,
    constants: FloatArray,
    columns: IntArray,
    rows: tuple[int, int, int],
    instants: Instants,
    spin_rad_s: float,
    answer: Answer,
) -> None:
    """Write the states of some satellites at all instants, in the frame asked for.

    Parameters
    ----------
    tile, cells
        Working memory: a record of `TILE`, and the same memory as ``[quantity, lane]``.
    constants, columns
        ``[constant, near-Earth satellite]`` (see `CONSTANTS`), and the column of each satellite in the answer.
    rows
        First and last + 1 of the near-Earth satellites to fly, and how many share a tile; as many instants as fit then
        go into it together.
    instants, spin_rad_s, answer
        See `turning`.
    """
    begin, end, width = rows
    utc_jd, utc_fraction, rotations = instants
    steps = LANES // width
    for first in range(begin, end, width):
        count = min(width, end - first)
        _load(cells, constants, first, count, width)
        picked = columns[first : first + count]
        dead = False
        for column in picked:
            dead |= answer[0][column] > 0
        for start in range(0, len(utc_jd), steps):
            for lane in range(steps * width):
                at = min(start + lane // width, len(utc_jd) - 1)
                days, fraction = utc_jd[at] - tile.epoch_jd[lane], utc_fraction[at] - tile.epoch_fraction[lane]
                tile.minutes[lane] = days * _MINUTES_PER_DAY + fraction * _MINUTES_PER_DAY
            _drift(tile)
            if _solve(tile) > 0:
                _solve_eccentric(tile)
            failing = _place(tile)
            for step in range(min(steps, len(utc_jd) - start)):
                _write(tile, step * width, picked, matrix(rotations, start + step), spin_rad_s, start + step, answer)
                if dead or failing > 0:
                    dead |= _mask(tile, step * width, picked, start + step, answer)


@compiled
def _load(cells: FloatArray, constants: FloatArray, first: int, count: int, width: int) -> None:
    """Spread the constants of `count` satellites over the lanes; the last satellite fills lanes that are left."""
    for row in range(constants.shape[0]):
        for lane in range(LANES):
            cells[row, lane] = constants[row, first + min(lane % width, count - 1)]


@compiled
def _drift(tile: Tile) -> None:
    """Let gravity and drag change the mean elements since the epoch, and add the long-period terms."""
    for i in range(LANES):
        t = tile.minutes[i]
        t2 = t * t
        t3 = t2 * t
        t4 = t3 * t
        anomaly = tile.anomaly[i] + tile.anomaly_rate[i] * t
        perigee = tile.perigee[i] + tile.perigee_rate[i] * t
        node = tile.node[i] + tile.node_rate[i] * t + tile.node_drag[i] * t2
        _, cosine = sine_cosine(anomaly)
        swell = 1.0 + tile.eta[i] * cosine
        moved = tile.perigee_drag[i] * t + tile.anomaly_drag[i] * (swell * swell * swell - tile.swell[i])
        anomaly = anomaly + moved
        perigee = perigee - moved
        sine, _ = sine_cosine(anomaly)
        shrunk = 1.0 - tile.c1[i] * t - tile.d2[i] * t2 - tile.d3[i] * t3 - tile.d4[i] * t4
        rounder = tile.bc4[i] * t + tile.bc5[i] * (sine - tile.anomaly_sine[i])
        ahead = tile.t2[i] * t2 + tile.t3[i] * t3 + t4 * (tile.t4[i] + t * tile.t5[i])
        size = tile.axis[i] * shrunk * shrunk
        e = tile.eccentricity[i] - rounder
        tile.code[i] = 1.0 if e >= 1.0 or e < -0.001 else 0.0
        e = max(e, _LEAST_ECCENTRICITY)
        longitude = within_a_turn(anomaly + tile.motion[i] * ahead + perigee + node)
        sine, cosine = sine_cosine(perigee)
        per_latus = 1.0 / (size * (1.0 - e * e))
        ex = e * cosine
        tile.ex[i] = ex
        tile.ey[i] = e * sine + per_latus * tile.long_perigee[i]
        tile.argument[i] = longitude - node + per_latus * tile.long_anomaly[i] * ex
        tile.size[i] = size
        tile.node_now[i] = node


@compiled_inline
def _solve(tile: Tile) -> int:
    """Solve Kepler's equation in lanes of low eccentricity; return in how many it remains to be solved.

    With E = u + d, u the mean argument of latitude, the equation is d = p cos d + q sin d, in which d is small. A step
    of Halley's from 0 leaves e⁴/6, 2e-5, and another from there e/6 times the cube of that, 1e-16.
    """
    left = 0
    for i in range(LANES):
        ex, ey = tile.ex[i], tile.ey[i]
        sine, cosine = sine_cosine(tile.argument[i])
        p, q = ex * sine - ey * cosine, ex * cosine + ey * sine
        slope = 1.0 - q
        d = p * slope / (slope * slope + 0.5 * p * p)
        s, c = sine_cosine_small(d)
        bend = p * c + q * s
        miss, slope = d - bend, 1.0 + p * s - q * c
        step = miss * slope / (0.5 * miss * bend - slope * slope)
        # The step is so small that three terms of its sine and cosine are all of them.
        half = 0.5 * step * step
        little, much = step - step * half / 3.0, 1.0 - half
        s, c = s * much + c * little, c * much - s * little
        tile.sine_e[i], tile.cosine_e[i] = sine * c + cosine * s, cosine * c - sine * s
        left += 1 if _takes_a_loop(ex, ey, tile.size[i]) else 0
    return left


@compiled
def _takes_a_loop(ex: float, ey: float, size: float) -> bool:
    return (ex * ex + ey * ey > ECCENTRIC * ECCENTRIC) | (size > _FAR)


@compiled_inline
def _solve_eccentric(tile: Tile) -> None:
    """Solve Kepler's equation in the other lanes by steps of Newton's, until each of them is there."""
    for i in range(LANES):
        tile.guess[i] = tile.argument[i]
        tile.unsolved[i] = 1.0 if _takes_a_loop(tile.ex[i], tile.ey[i], tile.size[i]) else 0.0
    for _ in range(_MOST_STEPS):
        left = 0
        for i in range(LANES):
            ex, ey, guess = tile.ex[i], tile.ey[i], tile.guess[i]
            sine, cosine = sine_cosine(guess)
            step = (tile.argument[i] - ey * cosine + ex * sine - guess) / (1.0 - cosine * ex - sine * ey)
            step = min(max(step, -_LONGEST_STEP_RAD), _LONGEST_STEP_RAD)
            on = tile.unsolved[i] > 0.0
            tile.sine_e[i] = sine if on else tile.sine_e[i]
            tile.cosine_e[i] = cosine if on else tile.cosine_e[i]
            tile.guess[i] = guess + step
            on = on and abs(step) >= _SOLVED_RAD
            tile.unsolved[i] = 1.0 if on else 0.0
            left += 1 if on else 0
        if left == 0:
            return


@compiled_inline
def _place(tile: Tile) -> int:
    """Add the short-period terms and turn elements into states; return how many lanes failed."""
    failing = 0
    for i in range(LANES):
        ex, ey, size, sine_e, cosine_e = tile.ex[i], tile.ey[i], tile.size[i], tile.sine_e[i], tile.cosine_e[i]
        sine_i, cosine_i = tile.sine[i], tile.cosine[i]
        upright, bulge = 1.0 - cosine_i * cosine_i, 3.0 * cosine_i * cosine_i - 1.0
        near, across = 1.0 - (ex * cosine_e + ey * sine_e), ex * sine_e - ey * cosine_e
        narrow = 1.0 - (ex * ex + ey * ey)
        beta, root = math.sqrt(narrow), math.sqrt(size)
        per_near, per_latus, per_root = 1.0 / near, 1.0 / (size * narrow), 1.0 / root
        # Argument of latitude: its sine and cosine, and those of its double.
        part = across / (1.0 + beta)
        sine_u, cosine_u = per_near * (sine_e - ey - ex * part), per_near * (cosine_e - ex + ey * part)
        sine_2u, cosine_2u = 2.0 * sine_u * cosine_u, 1.0 - 2.0 * sine_u * sine_u
        first = 0.5 * WGS72_J2 * per_latus
        second = first * per_latus
        radius = size * near * (1.0 - 1.5 * second * beta * bulge) + 0.5 * first * upright * cosine_2u
        s, c = sine_cosine(0.25 * second * (7.0 * cosine_i * cosine_i - 1.0) * sine_2u)
        sine_u, cosine_u = sine_u * c - cosine_u * s, cosine_u * c + sine_u * s
        sine_n, cosine_n = sine_cosine(tile.node_now[i] + 1.5 * second * cosine_i * sine_2u)
        sine_j, cosine_j = sine_cosine(tile.inclination[i] + 1.5 * second * cosine_i * sine_i * cosine_2u)
        swing = first * per_root * per_root * per_root
        outward = _KM_S * (across * per_near * per_root - swing * upright * sine_2u)
        onward = _KM_S * (beta * per_near * per_root + swing * (upright * cosine_2u + 1.5 * bulge))
        # Unit vectors along the radius and along the motion across it.
        ux, vx = cosine_n * cosine_u - sine_n * cosine_j * sine_u, -cosine_n * sine_u - sine_n * cosine_j * cosine_u
        uy, vy = sine_n * cosine_u + cosine_n * cosine_j * sine_u, -sine_n * sine_u + cosine_n * cosine_j * cosine_u
        uz, vz = sine_j * sine_u, sine_j * cosine_u
        radius_km = radius * WGS72_RADIUS_KM
        x, y, z = radius_km * ux, radius_km * uy, radius_km * uz
        vx, vy, vz = outward * ux + onward * vx, outward * uy + onward * vy, outward * uz + onward * vz
        tile.x[i], tile.y[i], tile.z[i] = x, y, z
        tile.vx[i], tile.vy[i], tile.vz[i] = vx, vy, vz
        total = x + y + z + vx + vy + vz
        # A number less itself is 0 unless it is infinite or none.
        code = 0.0 if total - total == 0.0 else float(NOT_FINITE)
        code = 6.0 if radius < 1.0 else code
        code = 4.0 if narrow < 0.0 else code
        code = tile.code[i] if tile.code[i] > 0.0 else code
        tile.code[i] = code
        failing += 1 if code > 0.0 else 0
    return failing


@compiled
def _write(tile: Tile, lane: int, picked: IntArray, turn: Matrix, spin_rad_s: float, at: int, answer: Answer) -> None:
    """Write the states of one instant, which begin at `lane`."""
    for k in range(len(picked)):
        i = lane + k
        place, motion = (tile.x[i], tile.y[i], tile.z[i]), (tile.vx[i], tile.vy[i], tile.vz[i])
        put(turn, spin_rad_s, place, motion, at, picked[k], answer)


@compiled
def _mask(tile: Tile, lane: int, picked: IntArray, at: int, answer: Answer) -> bool:
    """Blank the states of one instant whose satellites have failed by then; return whether there were any."""
    dead = False
    for k in range(len(picked)):
        dead |= mask(int(tile.code[lane + k]), at, picked[k], answer)
    return dead
