"""How near can the satellites of two shells come, for ever: what the shape that each orbit keeps proves.

Bounds from the theory that SGP4 flies, whatever the phases and the planes, where a propagated run only shows the phases
that it met. They hold for as long as the mean altitude is held: drag, which lowers a satellite that does not hold its
own, is left out. Above 225 minutes, where the Moon and the Sun change the eccentricity, they hold for ten years.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats
from planner.constants import WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.orbit.elements import Fleet
from planner.orbit.sgp4.nearearth import DEEP_SPACE_PERIOD_MIN, WGS72_J3

_PEAR_KM: Final = -0.5 * WGS72_J3 / meanmotion.WGS72_J2 * WGS72_RADIUS_KM
"""By how much the Earth's pear shape lowers every near-circular orbit for each unit of the sine of the latitude."""
_SLACK_KM: Final = 0.05
"""For what is left out, squares of the eccentricity of 0.001 and products of it with J2: 10 m of radius each."""

_HORIZON_D: Final = 10.0 * 365.25
"""For how long the Moon and the Sun are left to work: ten years. Planner default."""
_TIDE_RAD2_D2: Final = (2.0 * math.pi / 27.321_66) ** 2 / 82.30 + (2.0 * math.pi / 365.256_36) ** 2
"""Square of each body's mean motion times its share of the mass of the pair: the Moon's sidereal month and the
Earth-Moon mass ratio of 81.30, and the sidereal year. Explanatory Supplement to the Astronomical Almanac."""
_STIRRED_FRACTION: Final = 0.001
"""Eccentricity that a circular orbit is taken to pick up at once, from sunlight and within each month. Planner default,
42 km for a geostationary orbit."""
_LIBRATION_KM: Final = 40.0
"""By how much resonance with the Earth's turning may change the mean axis; the 34 km of a geostationary satellite left
near the unstable longitudes, its largest, and some more. Planner default."""


@dataclass(frozen=True)
class ShellGap:
    """How near satellites of two shells can come for ever.

    Attributes
    ----------
    shells
        Names of the two.
    gap_km
        They come no nearer; 0 where their altitudes overlap, so that nothing but their phases keeps them apart.
    """

    shells: tuple[str, str]
    gap_km: float


@dataclass(frozen=True, eq=False)
class _Shape:
    """Distance from the centre at latitude φ: ``level − ½ oblate sin² φ − pear sin φ`` within ± swing, ``[sat]``."""

    level_km: FloatArray
    oblate_km: FloatArray
    swing_km: FloatArray


def radial_range_km(fleet: Fleet) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and the highest distance from the Earth's centre at which each satellite can be.

    Parameters
    ----------
    fleet
        ``[sat]``; members of a formation are held to their chief's range, widened by how far they stand off it.

    Returns
    -------
    lowest_km, highest_km
        ``[sat]``; for periods above 225 minutes the perigee and apogee of ten years, widened as in `shell_gaps_km`.

    Notes
    -----
    Hoots and Roehrich, Spacetrack Report No. 3 (1980), section 6. A circular mean orbit of axis a has the radius
    ``a [1 − ¾ J2 (R/a)² (3 cos² i − 1)] + ¼ J2 (R²/a) sin² i cos 2u`` from the short-period terms of J2, less
    ``C sin u`` with ``C = −½ (J3/J2) R sin i``, 7.5 km at most, from the long-period term of J3, u from the node. A
    mean eccentricity e adds at most ``a e``, and up to ``1.5 J2 (R²/a) (√((1 + e)/(1 − e)) − 1)`` to the terms of J2
    (the ratio of the radius to ``a √(1 − e²)`` stands before the first), and 1.1 e of C to those of J3, whose angle is
    the eccentric one: up to 1.07 e from the true in orbits below 225 minutes.
    """
    shape, sine = _shape(fleet), np.sin(np.radians(fleet.inclination_deg))
    swing = _PEAR_KM * sine + shape.swing_km + _SLACK_KM
    return floats(shape.level_km - 0.5 * shape.oblate_km * sine**2 - swing), floats(shape.level_km + swing)


def shell_gaps_km(fleet: Fleet) -> tuple[ShellGap, ...]:
    """Return for every two shells of a fleet how near their satellites can come, for ever, smallest first.

    Parameters
    ----------
    fleet
        ``[sat]``, whose shells are told apart by name.

    Returns
    -------
    tuple[ShellGap, ...]
        One for each two shells.

    Notes
    -----
    In the terms of `radial_range_km` the sine of the latitude is sin φ = sin i sin u, so that with s = J2 R²/a the
    waves of a circular orbit depend on the latitude alone: ``¼ s sin² i cos 2u = ¼ s sin² i − ½ s sin² φ``, and
    ``C sin u = k sin φ`` with one k for all orbits, whatever their inclination. Every orbit of a shell therefore lies
    on one surface of revolution, ``r = M − ½ s sin² φ − k sin φ``, with ``M = a − ¾ s (3 cos² i − 1) + ¼ s sin² i``,
    whatever its node and its phase. Two surfaces are apart by ``M₁ − M₂ − ½ (s₁ − s₂) sin² φ`` along the vertical: the
    k falls out, and what is linear in sin² φ is least at the equator or at a pole. Across the vertical they are nearer
    by at most half the square of their slope of 1/600, 1.4 millionths of the gap: 8 m of the largest. Nodes that drift
    and phases that meet do use the gap up, to 0.1 km.

    Eccentricity and formations widen each orbit to both sides, as in `radial_range_km`.

    Above 225 minutes the range is that of a circle of the mean axis ± ``a e``, all of the above terms, 40 km for
    resonance with the Earth's turning, and the eccentricity that the Moon and the Sun can raise in ten years. Each
    changes it at most at ``(15/8) (μ n₃²/n) e`` (quadrupole, averaged over both revolutions, circular third body;
    Kozai, Astronomical Journal 67 (1962) 591, doi:10.1086/108790), with n₃ its mean motion about the Earth and μ its
    share of the mass: by two thirds for a navigation satellite. Before that 0.001 is added to each eccentricity.
    """
    names = np.array(fleet.shells, dtype=object)
    shape = _shape(fleet)
    # The lowest and the highest of each shell's surfaces at the equator and at a pole. Of many orbits in a shell the
    # lowest is concave in sin² φ and the highest convex: their difference too is least at an end.
    surface_km = shape.level_km - 0.5 * shape.oblate_km * np.array([[0.0], [1.0]])
    floor_km, ceiling_km = surface_km - shape.swing_km, surface_km + shape.swing_km
    parts = {shell: np.flatnonzero(names == shell) for shell in dict.fromkeys(fleet.shells)}
    floors = {shell: floor_km[:, index].min(axis=1) for shell, index in parts.items()}
    ceilings = {shell: ceiling_km[:, index].max(axis=1) for shell, index in parts.items()}
    gaps = []
    for one, other in itertools.combinations(parts, 2):
        above, below = (floors[one] - ceilings[other]).min(), (floors[other] - ceilings[one]).min()
        gaps.append(ShellGap((one, other), max(float(above), float(below), _SLACK_KM) - _SLACK_KM))
    return tuple(sorted(gaps, key=lambda gap: gap.gap_km))


def _shape(fleet: Fleet) -> _Shape:
    axis, sine = fleet.semi_major_axis_km, np.sin(np.radians(fleet.inclination_deg))
    deep = 2.0 * math.pi / meanmotion.mean_motion_rad_min(axis) >= DEEP_SPACE_PERIOD_MIN
    eccentricity = np.where(deep, _stirred_fraction(fleet), fleet.eccentricity_fraction)
    squeezed = 1.0 - eccentricity**2
    oblate = meanmotion.WGS72_J2 * WGS72_RADIUS_KM**2 / (axis * squeezed)
    stretch = np.sqrt((1.0 + eccentricity) / (1.0 - eccentricity)) - 1.0
    pear = _PEAR_KM * (1.1 * eccentricity + 1.0 / squeezed - 1.0)
    away = fleet.offsets
    off_km = np.sqrt(away.radial_km**2 + away.along_track_km**2 + away.cross_track_km**2)
    # The waves of a deep orbit are counted whole, and to both sides: the Moon and the Sun turn its plane.
    waves = np.where(deep, 1.75 * oblate + 2.0 * _PEAR_KM + _LIBRATION_KM, 0.0)
    return _Shape(
        level_km=np.where(deep, axis, axis + oblate * (2.5 * sine**2 - 1.5)),
        oblate_km=np.where(deep, 0.0, oblate),
        swing_km=axis * eccentricity + 1.5 * oblate * stretch + pear + off_km + waves,
    )


def _stirred_fraction(fleet: Fleet) -> FloatArray:
    """Return the eccentricity that the Moon and the Sun can raise a deep orbit's to within the horizon; under 1."""
    rad_d = meanmotion.mean_motion_rad_min(fleet.semi_major_axis_km) * 1440.0
    growth = np.exp(1.875 * _TIDE_RAD2_D2 / rad_d * _HORIZON_D)
    return floats(np.minimum((fleet.eccentricity_fraction + _STIRRED_FRACTION) * growth, 0.999))
