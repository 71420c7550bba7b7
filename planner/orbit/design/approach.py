"""How near do pairs of satellites come within one step? Kernel of `planner.orbit.design.separation`.

A satellite's path over a step is the cubic through its states at both ends (Hermite), held as its four Bézier points
``[sat, point, xyz]``; the relative path of two is the cubic of the differences. Times are parts of the step.
"""

import math

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled, compiled_inline

_PARTS = 8
_HALVINGS = 40


@compiled_inline
def _squared_distance(
    x: tuple[float, float, float, float],
    y: tuple[float, float, float, float],
    z: tuple[float, float, float, float],
    at: float,
) -> tuple[float, float]:
    """Return the squared distance at a part of the step, and half its derivative."""
    left = 1.0 - at
    a, b, c, d = left * left * left, 3.0 * left * left * at, 3.0 * left * at * at, at * at * at
    e, f, g = 3.0 * left * left, 6.0 * left * at, 3.0 * at * at
    here_x = a * x[0] + b * x[1] + c * x[2] + d * x[3]
    here_y = a * y[0] + b * y[1] + c * y[2] + d * y[3]
    here_z = a * z[0] + b * z[1] + c * z[2] + d * z[3]
    rate_x = e * (x[1] - x[0]) + f * (x[2] - x[1]) + g * (x[3] - x[2])
    rate_y = e * (y[1] - y[0]) + f * (y[2] - y[1]) + g * (y[3] - y[2])
    rate_z = e * (z[1] - z[0]) + f * (z[2] - z[1]) + g * (z[3] - z[2])
    return (
        here_x * here_x + here_y * here_y + here_z * here_z,
        here_x * rate_x + here_y * rate_y + here_z * rate_z,
    )


@compiled_inline
def _floor_km(
    x: tuple[float, float, float, float], y: tuple[float, float, float, float], z: tuple[float, float, float, float]
) -> float:
    """Return a distance that the path keeps: a Bézier curve stays inside the hull of its points, so inside a ball."""
    middle_x, middle_y, middle_z = 0.5 * (x[0] + x[3]), 0.5 * (y[0] + y[3]), 0.5 * (z[0] + z[3])
    widest = 0.0
    for k in range(4):
        away_x, away_y, away_z = x[k] - middle_x, y[k] - middle_y, z[k] - middle_z
        widest = max(widest, away_x * away_x + away_y * away_y + away_z * away_z)
    return math.sqrt(middle_x * middle_x + middle_y * middle_y + middle_z * middle_z) - math.sqrt(widest)


@compiled
def nearest_pair(points_km: FloatArray, first: IntArray, second: IntArray, limit_km: float) -> tuple[int, float, float]:
    """Return which pair comes nearest within the step, how near and at what part of the step.

    The index is −1, and the distance `limit_km`, where no pair comes nearer than that.
    """
    best, found, when = limit_km, -1, 0.0
    for n in range(len(first)):
        i, j = first[n], second[n]
        x = (
            points_km[j, 0, 0] - points_km[i, 0, 0],
            points_km[j, 1, 0] - points_km[i, 1, 0],
            points_km[j, 2, 0] - points_km[i, 2, 0],
            points_km[j, 3, 0] - points_km[i, 3, 0],
        )
        y = (
            points_km[j, 0, 1] - points_km[i, 0, 1],
            points_km[j, 1, 1] - points_km[i, 1, 1],
            points_km[j, 2, 1] - points_km[i, 2, 1],
            points_km[j, 3, 1] - points_km[i, 3, 1],
        )
        z = (
            points_km[j, 0, 2] - points_km[i, 0, 2],
            points_km[j, 1, 2] - points_km[i, 1, 2],
            points_km[j, 2, 2] - points_km[i, 2, 2],
            points_km[j, 3, 2] - points_km[i, 3, 2],
        )
        if not _floor_km(x, y, z) < best:
            continue
        lowest, place = np.inf, 0
        for part in range(_PARTS + 1):
            squared, _ = _squared_distance(x, y, z, part / _PARTS)
            if squared < lowest:
                lowest, place = squared, part
        # Around the lowest sample the distance falls and rises once: halve on the sign of its slope.
        early, late = max(place - 1, 0) / _PARTS, min(place + 1, _PARTS) / _PARTS
        for _ in range(_HALVINGS):
            middle = 0.5 * (early + late)
            _, slope = _squared_distance(x, y, z, middle)
            if slope > 0.0:
                late = middle
            else:
                early = middle
        squared, _ = _squared_distance(x, y, z, 0.5 * (early + late))
        distance = math.sqrt(min(squared, lowest))
        if distance < best:
            best, found = distance, n
            when = 0.5 * (early + late) if squared <= lowest else place / _PARTS
    return found, best, when
