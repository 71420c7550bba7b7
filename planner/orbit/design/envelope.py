"""How near can the satellites of two shells come, for ever: what the range of each one's radius proves.

Bounds from the theory that SGP4 flies, near the Earth, for as long as the mean altitude is held: they hold whatever
the phases, and so for ever, where a propagated run only shows the phases that it met. Satellites above 225 minutes, in
whose orbits the Moon and the Sun work, have none (NaN).
"""

import itertools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats
from planner.constants import WGS72_RADIUS_KM
from planner.orbit import meanmotion
from planner.orbit.drift import secular_rates
from planner.orbit.elements import Fleet

_J3_OVER_J2: Final = -2.538_81e-6 / 1.082_616e-3
"""Third over second zonal harmonic inside SGP4. Vallado et al., AIAA 2006-6753, appendix C."""
_DEEP_SPACE_MIN: Final = 225.0
"""Period from which SGP4 adds the Moon and the Sun. Spacetrack Report No. 3, section 6."""
_SLACK_KM: Final = 0.05
"""For what is left out, squares of the eccentricity of 0.001 and products of it with J2: 10 m of radius each."""
_HORIZON_D: Final = 10.0 * 365.25
"""For how long nodes that part slowly are taken to go on parting: ten years. Planner default."""


@dataclass(frozen=True)
class ShellGap:
    """How near satellites of two shells can come for ever.

    Attributes
    ----------
    shells
        Names of the two.
    gap_km
        They come no nearer; 0 where nothing but their phases keeps them apart.
    """

    shells: tuple[str, str]
    gap_km: float


@dataclass(frozen=True, eq=False)
class _Radii:
    """Distance from the centre, ``mean + twice cos 2u − once sin u`` within ± eccentric, u from the node ``[sat]``."""

    mean_km: FloatArray
    twice_km: FloatArray
    once_km: FloatArray
    eccentric_km: FloatArray


def radial_range_km(fleet: Fleet) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and the highest distance from the Earth's centre at which each satellite can be.

    Parameters
    ----------
    fleet
        ``[sat]``; members of a formation are held to their chief's range, widened by how far they stand off it.

    Returns
    -------
    lowest_km, highest_km
        ``[sat]``; NaN for periods above 225 minutes.

    Notes
    -----
    Hoots and Roehrich, Spacetrack Report No. 3 (1980), section 6. A circular mean orbit of axis a has the radius
    ``a [1 − ¾ J2 (R/a)² (3 cos² i − 1)] + ¼ J2 (R²/a) sin² i cos 2u`` from the short-period terms of J2, less
    ``C sin u`` with ``C = −½ (J3/J2) R sin i``, 7.5 km at most, from the long-period term of J3. A mean eccentricity e
    adds at most ``a e``, and ``¾ J2 e`` of the terms above.
    """
    radii = _radii(fleet)
    swing = radii.twice_km + radii.once_km + radii.eccentric_km + _SLACK_KM
    return floats(radii.mean_km - swing), floats(radii.mean_km + swing)


def shell_gaps_km(fleet: Fleet) -> tuple[ShellGap, ...]:
    """Return for every two shells of a fleet how near their satellites can come, for ever, smallest first.

    Two shells whose ranges of radius do not overlap are that far apart, whatever their planes. Shells of circular
    orbits whose planes lie, and stay, nearly in one another keep more: both rise and fall together by the 9 km or so of
    `radial_range_km`, so that nearly the whole difference in altitude remains.

    Parameters
    ----------
    fleet
        ``[sat]``, whose shells are told apart by name.

    Returns
    -------
    tuple[ShellGap, ...]
        One for each two shells; NaN where one of them has satellites above 225 minutes.
    """
    names = np.array(fleet.shells, dtype=object)
    parts = {shell: fleet[np.flatnonzero(names == shell)] for shell in dict.fromkeys(fleet.shells)}
    gaps = []
    for pair in itertools.combinations(parts, 2):
        one, other = (parts[shell] for shell in pair)
        # np.maximum keeps a NaN, Python's max does not.
        gap = np.maximum(_radial_gap_km(one, other), _coplanar_gap_km(one, other))
        gaps.append(ShellGap(pair, float(np.maximum(gap, 0.0))))
    return tuple(sorted(gaps, key=lambda shells: shells.gap_km))


def _radial_gap_km(one: Fleet, other: Fleet) -> float:
    """Return by how much the ranges of radius of two shells miss each other; negative where they overlap."""
    (low, high), (lowest, highest) = radial_range_km(one), radial_range_km(other)
    return float(np.maximum(low.min() - highest.max(), lowest.min() - high.max()))


def _radii(fleet: Fleet) -> _Radii:
    axis = fleet.semi_major_axis_km
    sine, cosine = (function(np.radians(fleet.inclination_deg)) for function in (np.sin, np.cos))
    eccentricity = fleet.eccentricity_fraction
    short = meanmotion.WGS72_J2 * WGS72_RADIUS_KM**2 / (axis * (1.0 - eccentricity**2))
    near = 2.0 * math.pi / meanmotion.mean_motion_rad_min(axis) < _DEEP_SPACE_MIN
    away = fleet.offsets
    off_km = np.sqrt(away.radial_km**2 + away.along_track_km**2 + away.cross_track_km**2)
    return _Radii(
        mean_km=np.where(near, axis - 0.75 * short * (3.0 * cosine**2 - 1.0), np.nan),
        twice_km=0.25 * short * sine**2,
        once_km=-0.5 * _J3_OVER_J2 * WGS72_RADIUS_KM * sine / (1.0 - eccentricity**2),
        eccentric_km=axis * eccentricity + 1.5 * short * eccentricity + off_km,
    )


def _coplanar_gap_km(one: Fleet, other: Fleet) -> float:
    """Return the gap of shells in nearly one plane; −inf where they are not, or are not two shells of circles.

    Where two satellites stand at the same argument of latitude u, their radii differ by at least the constant parts'
    difference less those of the two waves. Elsewhere the waves may differ by their slope, under 2 B + C a radian, times
    the difference in u, but then the satellites are apart along the track as well, by seven thousand kilometres a
    radian: what remains is the difference that points of the two planes have in u where they are nearest, the nodes'
    cos i Ω and half the square of the angle between the planes.
    """
    if not (_alike(one) and _alike(other)):
        return -math.inf
    parting_deg = np.abs(_nodes_apart_deg(one, other)).max() + _HORIZON_D * abs(_node_deg_d(one) - _node_deg_d(other))
    parting, tilt = math.radians(parting_deg), abs(np.radians(one.inclination_deg[0] - other.inclination_deg[0]))
    cosine = math.cos(math.radians(float(one.inclination_deg[0])))
    askew = parting * abs(cosine) + parting * tilt + 0.5 * (parting**2 + tilt**2)
    a, b = _radii(one[:1]), _radii(other[:1])
    waves = abs(a.twice_km - b.twice_km) + abs(a.once_km - b.once_km)
    slope = np.maximum(2.0 * a.twice_km + a.once_km, 2.0 * b.twice_km + b.once_km)
    gap = np.abs(a.mean_km - b.mean_km) - waves - slope * askew - _SLACK_KM
    return float(gap[0])


def _alike(shell: Fleet) -> bool:
    """Return whether all orbits of a shell are circles of one size and inclination, flown without drag and alone."""
    columns = (shell.mean_motion_rad_min, shell.inclination_deg)
    circles = not shell.eccentricity_fraction.any() and not shell.bstar_per_radius.any()
    return circles and not shell.offsets.flown.any() and all(np.ptp(column) == 0.0 for column in columns)


def _nodes_apart_deg(one: Fleet, other: Fleet) -> FloatArray:
    """Return by how much nodes of the two shells differ, −180 to 180; of all pairs of planes."""
    apart = np.unique(one.raan_deg)[:, None] - np.unique(other.raan_deg)[None, :]
    return floats((apart + 180.0) % 360.0 - 180.0)


def _node_deg_d(shell: Fleet) -> float:
    return float(secular_rates(shell.altitude_km[0], shell.inclination_deg[0]).node_deg_d)
