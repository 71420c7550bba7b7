"""Which satellites can each ground site talk to, how high do they stand, how far are they? GCRS.

True geodetic elevation: the angle above the plane that is normal to the WGS84 ellipsoid at the site. No refraction,
which would lift a satellite by 0.5° at the horizon and 0.03° at 25°.
"""

import math
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM
from planner.links.table import AccessTable, offsets_of
from planner.orbit.propagate import Ephemeris
from planner.orbit.sites import GroundSites, site_positions_km, site_zeniths

_BLOCK_PAIRS: Final = 2_000_000
"""Site-satellite-instants screened at once: about 100 MB of temporaries whatever the length of the run."""

_SLACK_KM: Final = 1e-3
"""The screening by inner products loses a few micrometres; what it lets through is decided again exactly."""


def ground_access(ephemeris: Ephemeris, sites: GroundSites) -> AccessTable:
    """Return every ground contact: elevation at least and slant range at most what the site allows.

    Parameters
    ----------
    ephemeris
        ``[time, sat, xyz]``, GCRS; satellites that are NaN are out of reach.
    sites
        ``[site]``; a NaN in `maximum_range_km` sets no limit.

    Returns
    -------
    AccessTable
        Rows sorted by instant, site, satellite.

    Raises
    ------
    ValueError
        If the states are not in GCRS, where the sites are placed.
    """
    if ephemeris.frame != "GCRS":
        raise ValueError(f"ephemeris: in frame {ephemeris.frame}, but sites are placed in GCRS; propagate in GCRS")
    times = ephemeris.times
    satellites = ephemeris.positions_km.shape[1]
    if not len(sites) or not satellites:
        empty = np.empty(0)
        offsets = np.zeros(times.count + 1, dtype=np.int64)
        none = empty.astype(np.int64)
        return AccessTable(times, satellites, len(sites), offsets, none, none, empty, empty)
    site_km, zenith = site_positions_km(sites, times), site_zeniths(sites, times)
    longest = np.where(np.isnan(sites.maximum_range_km), np.inf, sites.maximum_range_km)
    step = max(1, _BLOCK_PAIRS // (len(sites) * satellites))
    found, counts = [], []
    for first in range(0, times.count, step):
        part = slice(first, first + step)
        states = (site_km[part], zenith[part], ephemeris.positions_km[part])
        found.append(_contacts(*states, sites.minimum_elevation_deg, longest))
        counts.append(len(states[0]))
    columns = [np.concatenate(parts) for parts in zip(*(rows[1:] for rows in found), strict=True)]
    offsets = offsets_of([rows[0] for rows in found], counts)
    site, satellite = (column.astype(np.int64) for column in columns[:2])
    return AccessTable(times, satellites, len(sites), offsets, site, satellite, columns[2], columns[3])


def elevation_and_range(
    site_km: FloatArray, zenith: FloatArray, position_km: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return elevation (degrees) and slant range (km) of points seen from sites.

    Parameters
    ----------
    site_km, zenith
        ``[…, xyz]``, the site and the unit normal of its horizon.
    position_km
        ``[…, xyz]``, same frame.
    """
    sight = position_km - site_km
    slant = np.sqrt(np.einsum("...i,...i->...", sight, sight))
    sine = np.einsum("...i,...i->...", sight, zenith) / slant
    return floats(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))), floats(slant)


def _contacts(
    site_km: FloatArray, zenith: FloatArray, position_km: FloatArray, lowest_deg: FloatArray, longest_km: FloatArray
) -> tuple[IntArray, IntArray, IntArray, FloatArray, FloatArray]:
    """Return instant, site, satellite, range and elevation of each contact of one block."""
    time, site, sat = np.nonzero(_candidates(site_km, zenith, position_km, lowest_deg, longest_km))
    elevation, slant = elevation_and_range(site_km[time, site], zenith[time, site], position_km[time, sat])
    keep = (elevation >= lowest_deg[site]) & (slant <= longest_km[site])
    return time[keep], site[keep], sat[keep], slant[keep], elevation[keep]


def _candidates(
    site_km: FloatArray, zenith: FloatArray, position_km: FloatArray, lowest_deg: FloatArray, longest_km: FloatArray
) -> BoolArray:
    """Return ``[time, site, sat]``, True for every contact and a hair around; by matrix products alone."""
    across = np.swapaxes(position_km, 1, 2)
    up = np.matmul(zenith, across) - np.einsum("tsi,tsi->ts", zenith, site_km)[:, :, None]
    squared = np.matmul(site_km, across)
    squared *= -2.0
    squared += np.einsum("tsi,tsi->ts", site_km, site_km)[:, :, None]
    squared += np.einsum("tpi,tpi->tp", position_km, position_km)[:, None, :]
    slant = np.sqrt(np.maximum(squared, 0.0))
    near = slant <= longest_km[None, :, None] + _SLACK_KM
    high = up >= slant * np.sin(np.radians(lowest_deg))[None, :, None] - _SLACK_KM
    candidates: BoolArray = near & high
    return candidates


def slant_range_km(
    altitude_km: float, elevation_deg: float, *, earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM
) -> float:
    """Return the slant range to a satellite of a given altitude and elevation over a spherical Earth.

    For sizing only (a plan's contacts come from `ground_access`), and not the flat Earth's h/sin(el) or h/tan(el).

    Raises
    ------
    ValueError
        If the altitude is not positive.

    Notes
    -----
    Law of cosines: d = √((R + h)² − (R cos el)²) − R sin el.
    """
    if not altitude_km > 0.0:
        raise ValueError(f"altitude_km: {altitude_km} must be positive")
    elevation = math.radians(elevation_deg)
    level = earth_radius_km * math.cos(elevation)
    return math.sqrt((earth_radius_km + altitude_km) ** 2 - level**2) - earth_radius_km * math.sin(elevation)
