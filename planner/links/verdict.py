"""May these two satellites be linked? The compiled arithmetic of `feasible_links`, `check_links` and `explain_link`.

Any Earth-centred frame that does not turn, one instant; axes ``[sat, xyz]``. Imports Numba: import this module inside
the functions that call it. Every answer comes from the functions here, which are compiled without fused or reordered
operations, so that all three callers agree to the bit. Exchanging the ends changes only signs, and no verdict.

**Past the flattened Earth.** Stretching space along the Earth's axis by k = (A + h)/(B + h) turns the ellipsoid of
half-axes A + h and B + h, the level of height h, into a sphere; straight lines stay straight, and a segment clears the
one where it clears the other (as Vallado, Fundamentals of Astrodynamics and Applications, 4th ed., section 5.3, does
for lines of sight). From the ends' sum s and difference d, stretched, the segment's least distance from the centre is
4 r² = s² − 2 t |s·d| + t² d² with t = min(|s·d|/d², 1): the foot where it lies between the ends, else the lower end.
The sum and the difference lose no digits where the ends are close, as a cross product of the ends would.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled

Bits = NDArray[np.uint8]
Vector = tuple[float, float, float]
Scene = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Positions, velocities, directions to the Sun ``[sat, xyz]`` (zero where the Earth hides it) and the axes of Hill's
frame ``[sat, axis, xyz]``. The last two are empty where no rule asks for them."""
Limits = tuple[float, float, float, float, float]
"""See `planner.links.rules.limits_of`."""
Mount = tuple[FloatArray, FloatArray]
"""Boresights ``[terminal, xyz]`` and cosines of the half-angles ``[terminal]``; none where terminals point anywhere."""
Columns = tuple[Bits, FloatArray, IntArray, IntArray]

RANGE: Final = 1
GRAZING: Final = 2
RATE: Final = 4
SUN_AT_A: Final = 8
SUN_AT_B: Final = 16
FIELD_AT_A: Final = 32
FIELD_AT_B: Final = 64
NEAR: Final = RANGE | GRAZING
ALL: Final = NEAR | RATE | SUN_AT_A | SUN_AT_B | FIELD_AT_A | FIELD_AT_B


@compiled
def _row(values: FloatArray, sat: int) -> Vector:
    return values[sat, 0], values[sat, 1], values[sat, 2]


@compiled
def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def _minus(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@compiled
def near(a: Vector, b: Vector, pole: Vector, limits: Limits) -> tuple[int, float]:
    """Return which of `NEAR` hold, and the range squared."""
    d, s = _minus(b, a), (b[0] + a[0], b[1] + a[1], b[2] + a[2])
    square, up_d, up_s = _dot(d, d), _dot(d, pole), _dot(s, pole)
    oblate = limits[2]
    d_square = square + oblate * up_d * up_d
    s_square = _dot(s, s) + oblate * up_s * up_s
    along = abs(_dot(s, d) + oblate * up_s * up_d)
    t = min(along / d_square, 1.0)
    lowest_square = s_square - 2.0 * t * along + t * t * d_square
    return RANGE * (0.0 < square <= limits[0]) + GRAZING * (lowest_square >= limits[1]), square


@compiled
def _steady(d: Vector, v: Vector, most: float) -> int:
    """Return `RATE` where |d × v|² is within a limit."""
    cross = d[1] * v[2] - d[2] * v[1], d[2] * v[0] - d[0] * v[2], d[0] * v[1] - d[1] * v[0]
    return RATE * (_dot(cross, cross) <= most)


@compiled
def _faces(
    axes: FloatArray, sat: int, sight: Vector, distance: float, boresights: FloatArray, cosines: FloatArray
) -> int:
    """Return the bit mask of a satellite's terminals whose field of regard holds the line of sight."""
    x = sight[0] * axes[sat, 0, 0] + sight[1] * axes[sat, 0, 1] + sight[2] * axes[sat, 0, 2]
    y = sight[0] * axes[sat, 1, 0] + sight[1] * axes[sat, 1, 1] + sight[2] * axes[sat, 1, 2]
    z = sight[0] * axes[sat, 2, 0] + sight[1] * axes[sat, 2, 1] + sight[2] * axes[sat, 2, 2]
    mask = 0
    for terminal in range(len(cosines)):
        mask |= int(_dot((x, y, z), _row(boresights, terminal)) >= distance * cosines[terminal]) << terminal
    return mask


@compiled
def judge(pairs: IntArray, pole: Vector, scene: Scene, limits: Limits, mount: Mount, columns: Columns) -> None:
    """Write which rules hold for each pair, its range, and the masks of terminals that can point at the other end.

    Parameters
    ----------
    pairs
        ``[pair, 2]``.
    pole
        Unit vector of the Earth's axis.
    columns
        ``[pair]``: sums of the rules' bits, `ALL` where every one holds; range; masks at either end. The masks are not
        written where terminals point anywhere.
    """
    held, ranges, masks_a, masks_b = columns
    (positions, velocities, sunward, axes), (boresights, cosines) = scene, mount
    for k in range(len(pairs)):
        a, b = pairs[k, 0], pairs[k, 1]
        bits, square = near(_row(positions, a), _row(positions, b), pole, limits)
        distance = math.sqrt(square)
        there = _minus(_row(positions, b), _row(positions, a))
        back = -there[0], -there[1], -there[2]
        turn = _minus(_row(velocities, b), _row(velocities, a))
        bits |= _steady(there, turn, limits[3] * square * square)
        if len(sunward):
            nearest = distance * limits[4]
            bits |= SUN_AT_A * (_dot(there, _row(sunward, a)) <= nearest)
            bits |= SUN_AT_B * (_dot(back, _row(sunward, b)) <= nearest)
        else:
            bits |= SUN_AT_A | SUN_AT_B
        if len(axes):
            masks_a[k] = _faces(axes, a, there, distance, boresights, cosines)
            masks_b[k] = _faces(axes, b, back, distance, boresights, cosines)
            bits |= FIELD_AT_A * (masks_a[k] != 0) | FIELD_AT_B * (masks_b[k] != 0)
        else:
            bits |= FIELD_AT_A | FIELD_AT_B
        held[k], ranges[k] = bits, distance


@compiled
def judge_all(
    positions: FloatArray,
    velocities: FloatArray,
    sky: tuple[FloatArray, FloatArray, BoolArray],
    pairs: IntArray,
    limits: Limits,
    mount: Mount,
    columns: Columns,
) -> None:
    """Write the answers of `judge` for every instant ``[time, pair]``; masks ``[time, 0]`` where there are none.

    `sky` is the Earth's pole and the Sun ``[time, xyz]`` and who is in sunlight ``[time, sat]``, which is empty where
    no rule asks for the Sun.
    """
    poles, suns, sunlit = sky
    held, ranges, masks_a, masks_b = columns
    satellites = positions.shape[1]
    sunward = np.empty((satellites if len(sunlit) else 0, 3))
    axes = np.empty((satellites if len(mount[1]) else 0, 3, 3))
    for t in range(len(positions)):
        if len(sunlit):
            look_sunward(positions[t], _row(suns, t), sunlit[t], sunward)
        set_axes(positions[t], velocities[t], axes)
        scene = (positions[t], velocities[t], sunward, axes)
        judge(pairs, _row(poles, t), scene, limits, mount, (held[t], ranges[t], masks_a[t], masks_b[t]))


@compiled
def pack(pairs: IntArray, columns: Columns, first: IntArray, second: IntArray) -> int:
    """Move the pairs that meet every rule to the front, their ends to `first` and `second`; return how many."""
    held, ranges, masks_a, masks_b = columns
    count = 0
    for k in range(len(pairs)):
        first[count], second[count], ranges[count] = pairs[k, 0], pairs[k, 1], ranges[k]
        if len(masks_a):
            masks_a[count], masks_b[count] = masks_a[k], masks_b[k]
        count += held[k] == ALL
    return count


@compiled
def look_sunward(positions: FloatArray, sun: Vector, sunlit: BoolArray, sunward: FloatArray) -> None:
    """Write each satellite's unit vector to the Sun into `sunward`, zero where `sunlit` is false."""
    for sat in range(len(sunward)):
        x, y, z = sun[0] - positions[sat, 0], sun[1] - positions[sat, 1], sun[2] - positions[sat, 2]
        scale = 1.0 / math.sqrt(x * x + y * y + z * z) if sunlit[sat] else 0.0
        sunward[sat, 0], sunward[sat, 1], sunward[sat, 2] = x * scale, y * scale, z * scale


@compiled
def set_axes(positions: FloatArray, velocities: FloatArray, axes: FloatArray) -> None:
    """Write the axes of each satellite's Hill frame: radial outwards, along the track, normal to the orbit."""
    for sat in range(len(axes)):
        x, y, z = positions[sat, 0], positions[sat, 1], positions[sat, 2]
        vx, vy, vz = velocities[sat, 0], velocities[sat, 1], velocities[sat, 2]
        nx, ny, nz = y * vz - z * vy, z * vx - x * vz, x * vy - y * vx
        scale, turn = 1.0 / math.sqrt(x * x + y * y + z * z), math.sqrt(nx * nx + ny * ny + nz * nz)
        # A satellite that falls straight down has no such frame, and no terminal that points anywhere known.
        upright = 1.0 / turn if turn > 0.0 else math.nan
        x, y, z, nx, ny, nz = x * scale, y * scale, z * scale, nx * upright, ny * upright, nz * upright
        axes[sat, 0, 0], axes[sat, 0, 1], axes[sat, 0, 2] = x, y, z
        axes[sat, 1, 0], axes[sat, 1, 1], axes[sat, 1, 2] = ny * z - nz * y, nz * x - nx * z, nx * y - ny * x
        axes[sat, 2, 0], axes[sat, 2, 1], axes[sat, 2, 2] = nx, ny, nz
