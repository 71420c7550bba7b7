"""How long do pairs of satellites stay in range? Kernel of `planner.network.topology.value`; axes ``[pair, xyz]``."""

import math

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled


@compiled
def time_in_range_s(
    position_km: FloatArray, velocity_km_s: FloatArray, a: IntArray, b: IntArray, longest_km: float
) -> FloatArray:
    """Return the time until each pair is farther apart than `longest_km`, ``[pair]``; infinite if it never is.

    The motion of b about a is taken as straight and even in axes that turn as the two do on average.
    """
    life = np.empty(len(a))
    for n in range(len(a)):
        i, j = a[n], b[n]
        px, py, pz = position_km[i, 0], position_km[i, 1], position_km[i, 2]
        qx, qy, qz = position_km[j, 0], position_km[j, 1], position_km[j, 2]
        ux, uy, uz = velocity_km_s[i, 0], velocity_km_s[i, 1], velocity_km_s[i, 2]
        vx, vy, vz = velocity_km_s[j, 0], velocity_km_s[j, 1], velocity_km_s[j, 2]
        p_squared = px * px + py * py + pz * pz
        q_squared = qx * qx + qy * qy + qz * qz
        # r × v / r² of each, halved and added: the rate at which the axes turn.
        turn_x = 0.5 * ((py * uz - pz * uy) / p_squared + (qy * vz - qz * vy) / q_squared)
        turn_y = 0.5 * ((pz * ux - px * uz) / p_squared + (qz * vx - qx * vz) / q_squared)
        turn_z = 0.5 * ((px * uy - py * ux) / p_squared + (qx * vy - qy * vx) / q_squared)
        dx, dy, dz = qx - px, qy - py, qz - pz
        rx = (vx - ux) - (turn_y * dz - turn_z * dy)
        ry = (vy - uy) - (turn_z * dx - turn_x * dz)
        rz = (vz - uz) - (turn_x * dy - turn_y * dx)
        squared_speed = rx * rx + ry * ry + rz * rz
        opening = dx * rx + dy * ry + dz * rz
        room = max(longest_km * longest_km - (dx * dx + dy * dy + dz * dz), 0.0)
        if squared_speed > 0.0:
            life[n] = (math.sqrt(opening * opening + squared_speed * room) - opening) / squared_speed
        else:
            life[n] = math.inf
    return life
