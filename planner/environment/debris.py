"""How crowded is an altitude? Catalogued objects per volume, and how often one comes close to a satellite.

The density is computed from the element sets that the caller brings: for each object, the part of its time that it
spends in each shell of altitude, over the volume of the shell. It therefore counts catalogued objects only, which are
about 10 cm and larger in low orbit; some thirty times as many from 1 cm up are in no catalogue (ESA's Annual Space
Environment Report). A shell's density is its mean over all latitudes: objects crowd near the latitudes at which they
turn, where a satellite of the same inclination meets a few times as many. Satellites that steer clear of one another
count like debris.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import FloatArray, floats, lock
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM
from planner.environment.checks import require_positive, require_where
from planner.environment.decay import SECONDS_PER_YEAR
from planner.orbit import Fleet

_BLOCK: Final = 4096
"""Objects at a time, so that memory stays bounded whatever the catalogue."""

_ROUND: Final = 1e-12
"""Eccentricity below which an orbit is a circle here: its heights differ by less than a hundredth of a millimetre."""


def shell_fraction(
    semi_major_axis_km: ArrayLike, *, eccentricity_fraction: ArrayLike, edges_km: ArrayLike
) -> FloatArray:
    """Return the part of its time that each orbit spends in each shell of altitude, ``[…, shell]``.

    Parameters
    ----------
    semi_major_axis_km, eccentricity_fraction
        ``[…]``, of Kepler orbits.
    edges_km
        ``[shell + 1]``, ascending altitudes above the equatorial radius.

    Raises
    ------
    ValueError
        For edges that do not ascend, or elements of no closed orbit.

    Notes
    -----
    On an ellipse r = a·(1 − e·cos E), and the mean anomaly E − e·sin E grows evenly with time. Time below r is
    therefore (E − e·sin E)/π with cos E = (1 − r/a)/e, cut to ±1 where the orbit stays on one side of r; a circle
    spends all its time in one shell.
    """
    axis, eccentricity, edges = floats(semi_major_axis_km), floats(eccentricity_fraction), floats(edges_km)
    if edges.ndim != 1 or edges.size < 2 or not np.all(np.diff(edges) > 0.0):
        raise ValueError(f"edges_km: {edges.tolist()} must be two or more, ascending")
    require_positive("semi_major_axis_km", axis)
    closed = (eccentricity >= 0.0) & (eccentricity < 1.0)
    require_where("eccentricity_fraction", eccentricity, closed, "be at least 0 and below 1")
    axis, eccentricity = (values[..., None] for values in np.broadcast_arrays(axis, eccentricity))
    height = 1.0 - (EARTH_EQUATORIAL_RADIUS_KM + edges) / axis
    anomaly = np.arccos(np.clip(height / np.maximum(eccentricity, _ROUND), -1.0, 1.0))
    return lock(np.diff((anomaly - eccentricity * np.sin(anomaly)) / np.pi))


def spatial_density_per_km3(fleet: Fleet, edges_km: ArrayLike) -> FloatArray:
    """Return how many objects of a fleet stand in a cubic kilometre of each shell of altitude, on average, ``[shell]``.

    Parameters
    ----------
    fleet
        ``[sat]``, a catalogue of element sets, say.
    edges_km
        ``[shell + 1]``, ascending altitudes above the equatorial radius.

    Raises
    ------
    ValueError
        For edges that do not ascend.
    """
    edges = floats(edges_km)
    held = np.zeros(edges.size - 1)
    for first in range(0, len(fleet), _BLOCK):
        block = slice(first, first + _BLOCK)
        axis, eccentricity = fleet.semi_major_axis_km[block], fleet.eccentricity_fraction[block]
        held += shell_fraction(axis, eccentricity_fraction=eccentricity, edges_km=edges).sum(axis=0)
    volume = 4.0 / 3.0 * np.pi * np.diff((EARTH_EQUATORIAL_RADIUS_KM + edges) ** 3)
    return lock(held / volume)


def close_approaches_per_yr(
    density_per_km3: ArrayLike, *, miss_distance_km: ArrayLike, relative_speed_km_s: ArrayLike
) -> FloatArray:
    """Return how many objects a year pass within a distance of one satellite, ``[…]``.

    Parameters
    ----------
    density_per_km3
        ``[…]``, of the objects around it; leave the satellite's own fleet out.
    miss_distance_km
        Radius that counts as close; that of both bodies together gives collisions.
    relative_speed_km_s
        Mean speed of an encounter, ``environment.catalogued_objects.relative_speed_km_s``.

    Raises
    ------
    ValueError
        For a negative density, or a distance or speed that is not above 0.

    Notes
    -----
    Density times the volume that the disc sweeps, n·v·π·d²: as in a gas (Kessler and Cour-Palais, J. Geophys. Res. 83
    (A6), 1978, 2637–2646, doi:10.1029/JA083iA06p02637). Satellites of one shell that keep their slots are no gas.
    """
    density = floats(density_per_km3)
    require_where("density_per_km3", density, np.isfinite(density) & (density >= 0.0), "be finite and 0 or more")
    distance = require_positive("miss_distance_km", miss_distance_km)
    speed = require_positive("relative_speed_km_s", relative_speed_km_s)
    return lock(density * speed * np.pi * distance**2 * SECONDS_PER_YEAR)
