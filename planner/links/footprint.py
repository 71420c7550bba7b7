"""How far does one satellite see, and what does that take of a constellation? Closed forms over a round Earth.

For sizing only: what a fleet really covers, over the ellipsoid and from flown orbits, is
`planner.links.coverage`'s question. Angles are seen from the Earth's centre unless said otherwise.
"""

import math
from typing import Final

from planner.constants import EARTH_EQUATORIAL_RADIUS_KM

_HALF_TURN_DEG: Final = 180.0
_QUARTER_TURN_DEG: Final = 90.0


def earth_central_angle_deg(
    altitude_km: float, elevation_deg: float, *, earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM
) -> float:
    """Return the angle from the point under a satellite to where it stands at an elevation: the footprint's radius.

    Raises
    ------
    ValueError
        If the altitude is not positive or the elevation not between 0 and 90°.

    Notes
    -----
    ``λ = acos(R cos ε / (R + h)) − ε``: Wertz and Larson, Space Mission Analysis and Design, 3rd ed., section 5.2.
    """
    if not altitude_km > 0.0:
        raise ValueError(f"altitude_km: {altitude_km} must be positive")
    if not 0.0 <= elevation_deg <= _QUARTER_TURN_DEG:
        raise ValueError(f"elevation_deg: {elevation_deg} must be between 0 and 90 degrees")
    elevation = math.radians(elevation_deg)
    edge = math.acos(earth_radius_km * math.cos(elevation) / (earth_radius_km + altitude_km))
    return math.degrees(edge - elevation)


def footprint_fraction(altitude_km: float, elevation_deg: float) -> float:
    """Return the part of the Earth's surface from which a satellite stands at least at an elevation.

    Times the number of satellites this is how many are in view on average over the globe.

    Raises
    ------
    ValueError
        As `earth_central_angle_deg`.
    """
    return math.sin(math.radians(earth_central_angle_deg(altitude_km, elevation_deg)) / 2.0) ** 2


def highest_latitude_deg(altitude_km: float, inclination_deg: float, elevation_deg: float) -> float:
    """Return the latitude, north or south, beyond which nobody ever sees a satellite of this orbit so high.

    Raises
    ------
    ValueError
        As `earth_central_angle_deg`, or for an inclination not between 0 and 180°.
    """
    if not 0.0 <= inclination_deg <= _HALF_TURN_DEG:
        raise ValueError(f"inclination_deg: {inclination_deg} must be between 0 and 180 degrees")
    reached = min(inclination_deg, _HALF_TURN_DEG - inclination_deg)
    return min(reached + earth_central_angle_deg(altitude_km, elevation_deg), _QUARTER_TURN_DEG)


def street_half_width_deg(altitude_km: float, elevation_deg: float, satellites_per_plane: int) -> float:
    """Return half the width of the street under one plane that is always covered; 0 where there is none.

    Raises
    ------
    ValueError
        As `earth_central_angle_deg`, or for no satellites.

    Notes
    -----
    ``cos c = cos λ / cos(π/S)``: the footprints of neighbours, 2π/S apart, meet at c from the track. Beste, Design of
    satellite constellations for optimal continuous coverage, IEEE Trans. Aerospace and Electronic Systems 14 (1978)
    466–473, doi:10.1109/TAES.1978.308608.
    """
    if satellites_per_plane < 1:
        raise ValueError(f"satellites_per_plane: {satellites_per_plane} must be at least 1")
    reach = math.radians(earth_central_angle_deg(altitude_km, elevation_deg))
    apart = math.pi / satellites_per_plane
    if reach <= apart or apart >= math.pi / 2.0:
        return 0.0
    return math.degrees(math.acos(math.cos(reach) / math.cos(apart)))


def star_margin_deg(altitude_km: float, elevation_deg: float, *, planes: int, satellites_per_plane: int) -> float:
    """Return by how much the streets of a polar star overlap in all; negative where they leave the equator uncovered.

    Planes that turn the same way, half a slot out of step, may lie λ + c apart, since one's footprints bulge into the
    other's gaps; at the seam, where they turn against each other, only 2 c. A star of p polar planes covers the globe
    always where (p − 1)(λ + c) + 2 c is at least 180°.

    Raises
    ------
    ValueError
        As `street_half_width_deg`, or for no planes.

    Notes
    -----
    Adams and Rider, Circular polar constellations providing continuous single or multiple coverage above a specified
    latitude, J. Astronautical Sciences 35 (1987) 155–192. λ is `earth_central_angle_deg`, c `street_half_width_deg`.
    """
    if planes < 1:
        raise ValueError(f"planes: {planes} must be at least 1")
    half = street_half_width_deg(altitude_km, elevation_deg, satellites_per_plane)
    if half == 0.0:
        return -_HALF_TURN_DEG
    spacing = earth_central_angle_deg(altitude_km, elevation_deg) + half
    return (planes - 1) * spacing + 2.0 * half - _HALF_TURN_DEG
