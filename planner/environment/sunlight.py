"""How much of the Sun does each satellite see, and how does the Sun stand to its orbit? GCRS, axes ``[time, sat]``.

The shadow is that of the Earth's ellipsoid, without atmosphere, lit by a Sun of finite size: full light, umbra, and
between them a penumbra in which part of the solar disc shows. Neglected are the air, which bends a little light into
the umbra and dims the Sun in the last 20 km above the limb (7 s of a low orbit); the darkening of the Sun towards its
own limb (at most 2 % of its light, within a penumbra of 8 s); and the Moon's shadow, which a satellite meets for some
minutes at two to five new moons a year.
"""

from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats, lock, require_shape
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, SUN_RADIUS_KM

Shape = tuple[float, float, float]
"""Of Earth and Sun, as the kernels take it: 1/(1 − flattening), equatorial radius of the Earth, radius of the Sun."""

_UNIT_TOLERANCE: Final = 1e-9


def sunlit_fraction(
    positions_km: FloatArray,
    sun_km: FloatArray,
    *,
    pole: FloatArray | None = None,
    flattening: float = EARTH_FLATTENING,
    earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM,
    sun_radius_km: float = SUN_RADIUS_KM,
) -> FloatArray:
    """Return the visible part of the solar disc.

    Parameters
    ----------
    positions_km
        ``[time, sat, xyz]``.
    sun_km
        ``[time, xyz]``, from the Earth's centre, same frame.
    pole
        ``[time, xyz]``, unit vector of the Earth's axis in the same frame; the frame's z axis when left out. In GCRS
        the axis has precessed from z by 20″ a year since 2000: 0.15° in 2026, 0.30° in 2053. A tilt δ moves the limb
        by at most f R sin δ, here 0.06 and 0.11 km: 0.02 and 0.04 s of a low orbit.
    flattening
        Of the Earth; 0 for a sphere.
    earth_radius_km, sun_radius_km
        Equatorial radius of the Earth, radius of the Sun.

    Returns
    -------
    FloatArray
        ``[time, sat]``: 1 in full light, 0 in the umbra, between in the penumbra; NaN where the position is NaN.

    Raises
    ------
    ValueError
        If the shapes do not fit, a pole is no unit vector, a radius is not positive or the flattening is not in 0 to 1.

    Notes
    -----
    Space is stretched along the axis until the ellipsoid is a sphere (as Vallado, Fundamentals of Astrodynamics and
    Applications, 4th ed., section 5.3, does for lines of sight), then Sun and Earth are two caps of the sky: see
    `planner.environment.shadow`. One thread: at 2 ns a state, reading the positions and writing the answer
    take as long as the arithmetic.
    """
    require_shape("positions_km", positions_km, (None, None, 3))
    suns, poles, shape = shadow_frame(positions_km.shape[0], sun_km, pole, flattening, earth_radius_km, sun_radius_km)
    from planner.environment.shadow import visible_fractions

    lit = np.empty(positions_km.shape[:2])
    visible_fractions(floats(positions_km), suns, poles, shape, lit)
    return lock(lit)


def shadow_frame(
    times: int,
    sun_km: FloatArray,
    pole: FloatArray | None,
    flattening: float,
    earth_radius_km: float,
    sun_radius_km: float,
) -> tuple[FloatArray, FloatArray, Shape]:
    """Return Sun and pole, ``[time, xyz]``, and the shape of Earth and Sun as the kernels take them.

    Raises
    ------
    ValueError
        As `sunlit_fraction`.
    """
    require_shape("sun_km", sun_km, (times, 3))
    poles = np.broadcast_to([0.0, 0.0, 1.0], (times, 3)) if pole is None else np.asarray(pole)
    require_shape("pole", poles, (times, 3))
    if not np.allclose(np.linalg.norm(poles, axis=1), 1.0, rtol=0.0, atol=_UNIT_TOLERANCE):
        raise ValueError("pole: every row must be a unit vector")
    if not 0.0 <= flattening < 1.0:
        raise ValueError(f"flattening: {flattening} must be at least 0 and below 1")
    for name, radius_km in (("earth_radius_km", earth_radius_km), ("sun_radius_km", sun_radius_km)):
        if not radius_km > 0.0:
            raise ValueError(f"{name}: {radius_km} must be positive")
    return floats(sun_km), floats(poles), (1.0 / (1.0 - flattening), float(earth_radius_km), float(sun_radius_km))


def beta_deg(positions_km: FloatArray, velocities_km_s: FloatArray, sun_km: FloatArray) -> FloatArray:
    """Return the angle of the Sun above each satellite's orbital plane, positive on the side of its angular momentum.

    Parameters
    ----------
    positions_km, velocities_km_s
        ``[time, sat, xyz]``.
    sun_km
        ``[time, xyz]``, same frame.

    Returns
    -------
    FloatArray
        ``[time, sat]``, −90 to 90; NaN where the state is NaN.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    require_shape("positions_km", positions_km, (None, None, 3))
    require_shape("velocities_km_s", velocities_km_s, positions_km.shape)
    require_shape("sun_km", sun_km, (positions_km.shape[0], 3))
    normal = np.cross(positions_km, velocities_km_s)
    towards = sun_km / np.linalg.norm(sun_km, axis=1)[:, None]
    sine = np.einsum("tsi,ti->ts", normal, towards) / np.linalg.norm(normal, axis=2)
    return lock(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))
