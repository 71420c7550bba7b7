"""How much longer is a signal's way through the fleet than the shortest way over the ground? Sites ``[site, site]``.

The great circle here is the geodesic of the WGS84 ellipsoid between two sites at its surface, in vacuum or in glass. No
cable lies on it: real routes are longer still, so a stretch against it flatters neither side.
"""

from dataclasses import dataclass

import numpy as np

from planner.arrays import FloatArray, floats, require_shape
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, SPEED_OF_LIGHT_KM_S
from planner.network.routing.series import LatencySeries
from planner.orbit.sites import GroundSites

_MS_PER_S = 1e3


def great_circle_ms(sites: GroundSites, *, group_index: float = 1.0) -> FloatArray:
    """Return the one-way light time along the shortest line over the ground between every two sites.

    Parameters
    ----------
    sites
        ``[site]``; their heights are left out.
    group_index
        Of what the light goes through: 1 is vacuum; a fibre's is in the catalog (collection ``fibre``).

    Returns
    -------
    FloatArray
        ``[site, site]``, ms; symmetric, 0 on the diagonal.

    Raises
    ------
    ValueError
        For an index below 1.

    Notes
    -----
    Andoyer and Lambert's formula, first order in the flattening: Thomas, Spheroidal geodesics, reference systems and
    local geometry, US Naval Oceanographic Office SP-138 (1970). Its error grows towards the antipodes. Against
    GeographicLib's geodesic (Karney, doi:10.1007/s00190-012-0578-z), over 40,000 pairs anywhere and some thousands at
    each of these distances from an antipode, the worst was 0.0011 % from 20° on, 0.0024 % at 10°, 0.0049 % at 5°,
    0.0096 % at 2.6°, 0.025 % at 1° and 0.077 % at 0.25°, the greatest of all; half of all pairs miss by less than
    0.0001 %.
    """
    if not group_index >= 1.0:
        raise ValueError(f"group_index: {group_index} must be at least 1, which is vacuum")
    return floats(_geodesic_km(sites) * (group_index * _MS_PER_S / SPEED_OF_LIGHT_KM_S))


def _geodesic_km(sites: GroundSites) -> FloatArray:
    """Return the length of the geodesic between every two sites, ``[site, site]``."""
    # Reduced latitudes; P and Q are half their sum and half their difference.
    reduced = np.arctan((1.0 - EARTH_FLATTENING) * np.tan(np.radians(sites.latitude_deg)))
    mean, half = (reduced[:, None] + reduced) / 2.0, (reduced[:, None] - reduced) / 2.0
    turned = np.radians(sites.longitude_deg[:, None] - sites.longitude_deg) / 2.0
    across, along = np.sin(turned) ** 2, np.cos(turned) ** 2
    # Squared sine and cosine of half the arc, each as a sum, so that neither loses digits where it is small.
    sine = np.sin(half) ** 2 * along + np.cos(mean) ** 2 * across
    cosine = np.cos(half) ** 2 * along + np.sin(mean) ** 2 * across
    arc = 2.0 * np.arctan2(np.sqrt(sine), np.sqrt(cosine))
    near, far = np.sin(mean) ** 2 * np.cos(half) ** 2, np.cos(mean) ** 2 * np.sin(half) ** 2
    # Neither quotient exceeds 1; where the divisor is 0, as from a site to itself, so is what it divides.
    x = (arc - np.sin(arc)) * np.divide(near, cosine, out=np.zeros_like(near), where=cosine > 0.0)
    y = (arc + np.sin(arc)) * np.divide(far, sine, out=np.zeros_like(far), where=sine > 0.0)
    length_km = EARTH_EQUATORIAL_RADIUS_KM * (arc - EARTH_FLATTENING / 2.0 * (x + y))
    # No two points of an oblate ellipsoid are farther apart than its poles.
    return floats(np.minimum(length_km, EARTH_EQUATORIAL_RADIUS_KM * np.pi * (1.0 - EARTH_FLATTENING / 2.0)))


@dataclass(frozen=True, eq=False)
class Stretch:
    """The way through the fleet over the shortest line over the ground.

    Attributes
    ----------
    vacuum_ms, fibre_ms
        ``[site, site]``, one way along the ground in vacuum and in glass.
    over_vacuum_fraction, over_fibre_fraction
        ``[time, site, site]``, the latency of the series as a part of either: below 1 the fleet is faster. NaN from a
        site to itself, infinite where there is no way.
    """

    vacuum_ms: FloatArray
    fibre_ms: FloatArray
    over_vacuum_fraction: FloatArray
    over_fibre_fraction: FloatArray


def stretch(series: LatencySeries, sites: GroundSites, *, group_index: float) -> Stretch:
    """Return how the latencies of a series compare with light along the ground.

    Parameters
    ----------
    series
        As `latency_series` gives it.
    sites
        Those of the series.
    group_index
        Of the fibre on the ground.

    Raises
    ------
    ValueError
        If the sites are not those of the series, or for an index below 1.
    """
    if sites.names != series.site_names:
        raise ValueError("sites: not those of the series")
    require_shape("latency_ms", series.latency_ms, (None, len(sites), len(sites)))
    vacuum, fibre = great_circle_ms(sites), great_circle_ms(sites, group_index=group_index)
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing over nothing, from a site to itself
        parts = [floats(series.latency_ms / ground) for ground in (vacuum, fibre)]
    return Stretch(vacuum, fibre, parts[0], parts[1])
