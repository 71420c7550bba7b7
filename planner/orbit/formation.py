"""How satellites of a formation move around their chief, and where that puts them: Hill–Clohessy–Wiltshire.

Mean elements cannot hold a formation: SGP4 is right to a kilometre and satellites stand a hundred metres apart. So the
chief is propagated and the motion relative to it is added. The frame is Hill's (see `Offsets`): x radial, y along the
motion, z cross-track; axes ``[time, sat, xyz]``.

How right it is, for chiefs on nearly circular orbits: in a cluster of 1 km at 650 km, satellites flown in the field of
a point mass and J2 from a trimmed start (see `j2_drift`) stay within 10 m of this motion for a
day, and their distances from each other within 1 % of its ranges. Across the track J2 alone would change the rate by
3° a day: a formation that is not flat is taken to be held in step.
"""

from typing import Final

import numpy as np

from planner.arrays import FloatArray
from planner.constants import WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.orbit.elements import Fleet, Offsets

_SECONDS_PER_MINUTE: Final = 60.0


def relative_motion(
    offsets: Offsets, mean_motion_rad_s: FloatArray, elapsed_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return where satellites stand beside their chief some time after the epoch of their offsets.

    Parameters
    ----------
    offsets
        The state at the epoch, any, drifting ones too; ``[sat]``.
    mean_motion_rad_s
        Rate of the relative motion, ``[sat]``: what `relative_rate_rad_s` returns for the fleet. A cluster is designed
        with it; under another rate its satellites would drift.
    elapsed_s
        Seconds since the epoch, ``[time]``, or ``[time, sat]`` where epochs differ; negative before it.

    Returns
    -------
    relative_km, relative_km_s
        ``[time, sat, xyz]`` in the chief's Hill frame; the velocity is the one seen in that turning frame.

    Notes
    -----
    Clohessy and Wiltshire, Terminal guidance system for satellite rendezvous, J. Aerospace Sciences 27 (1960) 653–658,
    doi:10.2514/8.8704, solved in closed form as in Vallado, Fundamentals of Astrodynamics and Applications, 4th ed.,
    chapter 6.
    """
    elapsed = np.asarray(elapsed_s, dtype=np.float64)
    rate = np.asarray(mean_motion_rad_s, dtype=np.float64)
    angle = rate * (elapsed[:, None] if elapsed.ndim == 1 else elapsed)
    sine, cosine = np.sin(angle), np.cos(angle)
    x, y, z = offsets.radial_km, offsets.along_track_km, offsets.cross_track_km
    # Velocities over the rate, which makes kilometres of them.
    u, v, w = (
        component / rate
        for component in (offsets.radial_rate_km_s, offsets.along_track_rate_km_s, offsets.cross_track_rate_km_s)
    )
    # 2x + v vanishes for a satellite of the chief's energy; it is what drifts, by 3 angle times itself.
    surplus = 2.0 * x + v
    radial = 2.0 * surplus - (3.0 * x + 2.0 * v) * cosine + u * sine
    along = y - 2.0 * u + 2.0 * (3.0 * x + 2.0 * v) * sine + 2.0 * u * cosine - 3.0 * surplus * angle
    radial_rate = (3.0 * x + 2.0 * v) * sine + u * cosine
    along_rate = 2.0 * (3.0 * x + 2.0 * v) * cosine - 2.0 * u * sine - 3.0 * surplus
    cross, cross_rate = z * cosine + w * sine, w * cosine - z * sine
    places = np.stack([radial, along, cross], axis=-1)
    rates = np.stack([radial_rate, along_rate, cross_rate], axis=-1) * rate[:, None]
    return places, rates


def hill_to_inertial(
    chief_km: FloatArray, chief_km_s: FloatArray, relative_km: FloatArray, relative_km_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the states of satellites from those of their chiefs and their relative states in the Hill frame.

    Parameters
    ----------
    chief_km, chief_km_s
        State of each satellite's chief in an inertial frame, ``[..., xyz]``.
    relative_km, relative_km_s
        State in the chief's Hill frame, ``[..., xyz]``; the velocity as seen in that turning frame.

    Returns
    -------
    positions_km, velocities_km_s
        ``[..., xyz]`` in the chief's frame.

    Notes
    -----
    The frame turns with ``ω = r × v / r²``, the osculating rate; the velocity is ``v + ρ' + ω × ρ`` (Alfriend et al.,
    Spacecraft Formation Flying, Elsevier 2010). Perturbations also turn the frame about the radius, at a thousandth of
    that rate or so; that part is left out.
    """
    radial, along, normal, turning = _hill_frame(chief_km, chief_km_s)
    x, y, z = np.moveaxis(np.asarray(relative_km, dtype=np.float64), -1, 0)[..., None]
    dx, dy, dz = np.moveaxis(np.asarray(relative_km_s, dtype=np.float64), -1, 0)[..., None]
    places = chief_km + x * radial + y * along + z * normal
    # ω × ρ with ω along z.
    rates = chief_km_s + (dx - turning * y) * radial + (dy + turning * x) * along + dz * normal
    return places, rates


def relative_rate_rad_s(fleet: Fleet) -> FloatArray:
    """Return the rate at which satellites go round their chief, ``[sat]``: that of the chief's mean anomaly.

    The relative ellipse is a difference of eccentricity vectors, which the oblate Earth turns as it turns the
    perigee: the ellipse comes round once from perigee to perigee (anomalistic), not from node to node. Brouwer's mean
    motion lacks the rate that J2 adds to the mean anomaly: with it alone a satellite 1 km from its chief at 650 km
    would be some 60 m off after a day instead of less than 10 m.

    Notes
    -----
    Hoots and Roehrich, Spacetrack Report No. 3 (1980), section 6, the secular rate of the mean anomaly to first order
    in J2.
    """
    eccentricity, inclination = fleet.eccentricity_fraction, fleet.inclination_deg
    brouwer = meanmotion.brouwer_rad_min(fleet.mean_motion_rad_min, eccentricity, inclination)
    axis = meanmotion.semi_major_axis_km(brouwer)
    squared_cosine = np.cos(np.radians(inclination)) ** 2
    oblateness = 0.75 * meanmotion.WGS72_J2 * (WGS72_RADIUS_KM / axis) ** 2
    shape = (1.0 - eccentricity**2) ** 1.5
    return np.asarray(brouwer / _SECONDS_PER_MINUTE * (1.0 + oblateness * (3.0 * squared_cosine - 1.0) / shape))


def _hill_frame(chief_km: FloatArray, chief_km_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the Hill frame's unit vectors x, y, z, ``[..., xyz]``, and its rate about z, ``[..., 1]``, rad/s."""
    radius = np.linalg.norm(chief_km, axis=-1, keepdims=True)
    momentum = np.cross(chief_km, chief_km_s)
    size = np.linalg.norm(momentum, axis=-1, keepdims=True)
    radial, normal = chief_km / radius, momentum / size
    return radial, np.cross(normal, radial), normal, np.asarray(size / radius**2)
