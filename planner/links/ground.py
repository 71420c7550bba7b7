"""Which satellites can each ground site talk to, how high do they stand, how far are they? GCRS.

True geodetic elevation: the angle above the plane that is normal to the WGS84 ellipsoid at the site. No refraction,
which would lift a satellite by 0.5° at the horizon and 0.03° at 25°.
"""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM
from planner.links.reach import site_index
from planner.links.table import AccessTable
from planner.orbit.frames import gcrs_to_itrs
from planner.orbit.propagate import Ephemeris
from planner.orbit.sites import GroundSites, site_positions_km, site_zeniths

_QUARTER_TURN_DEG: Final = 90.0
_PLACES_PER_WORKER: Final = 200_000
"""Satellites times instants below which a thread costs more than it saves: about two milliseconds."""


@dataclass(frozen=True, eq=False)
class Contacts:
    """The columns of an `AccessTable` without its checks, for what follows a run block by block.

    Attributes
    ----------
    offsets
        ``[time + 1]``; rows ``offsets[t]:offsets[t + 1]`` are those of instant ``t``.
    site, satellite
        ``[row]``, sorted by (site, satellite) within an instant.
    range_km, elevation_deg
        ``[row]``.
    """

    offsets: IntArray
    site: IntArray
    satellite: IntArray
    range_km: FloatArray
    elevation_deg: FloatArray


def ground_access(ephemeris: Ephemeris, sites: GroundSites, *, workers: int | None = None) -> AccessTable:
    """Return every ground contact: elevation at least and slant range at most what the site allows.

    Parameters
    ----------
    ephemeris
        ``[time, sat, xyz]``, GCRS; satellites that are NaN are out of reach.
    sites
        ``[site]``; a NaN in `maximum_range_km` sets no limit.
    workers
        Threads to use; as many as there are processors, where the work is worth it, by default. The answer does not
        depend on it.

    Returns
    -------
    AccessTable
        Rows sorted by instant, site, satellite.

    Raises
    ------
    ValueError
        If the states are not in GCRS, where the sites are placed.
    """
    found = ground_contacts(ephemeris, sites, workers=workers)
    columns = (found.offsets, found.site, found.satellite, found.range_km, found.elevation_deg)
    return AccessTable(ephemeris.times, ephemeris.positions_km.shape[1], len(sites), *columns)


def ground_contacts(ephemeris: Ephemeris, sites: GroundSites, *, workers: int | None = None) -> Contacts:
    """Return what `ground_access` does as bare columns, which cost nothing beyond finding them; see there."""
    if ephemeris.frame != "GCRS":
        raise ValueError(f"ephemeris: in frame {ephemeris.frame}, but sites are placed in GCRS; propagate in GCRS")
    if workers is not None and workers < 1:
        raise ValueError(f"workers: {workers} must be at least 1")
    from planner.links.groundkernel import contacts, distance_span_km

    times, positions = ephemeris.times, floats(ephemeris.positions_km)
    site_km, zenith, rotation = site_positions_km(sites, times), site_zeniths(sites, times), gcrs_to_itrs(times)
    lowest_deg = sites.minimum_elevation_deg
    longest_km = floats(np.where(np.isnan(sites.maximum_range_km), np.inf, sites.maximum_range_km))
    upright = np.einsum("si,si->s", site_km[0], zenith[0]) / np.linalg.norm(site_km[0], axis=1)
    tilt_rad = np.arccos(np.clip(upright, -1.0, 1.0))
    index = site_index(sites, site_km[0] @ rotation[0].T, floats(tilt_rad), distance_span_km(positions))
    limits = (lowest_deg, floats(np.sin(np.radians(lowest_deg))), longest_km)

    def some(begin: int, end: int) -> tuple[IntArray, tuple[IntArray, IntArray, FloatArray, FloatArray]]:
        rows = slice(begin, end)
        return contacts((site_km[rows], zenith[rows], rotation[rows], positions[rows]), limits, index)

    count = min(workers or _workers(positions.shape[0] * positions.shape[1]), times.count)
    edges = [times.count * part // count for part in range(count + 1)]
    if count == 1:
        found = [some(0, times.count)]
    else:
        with ThreadPoolExecutor(count) as pool:
            found = list(pool.map(some, edges[:-1], edges[1:]))
    offsets = np.concatenate([[0], np.cumsum(np.concatenate([counts for counts, _ in found]))])
    joined = [np.concatenate(parts) if count > 1 else parts[0] for parts in zip(*(c for _, c in found), strict=True)]
    return Contacts(ints(offsets), ints(joined[0]), ints(joined[1]), floats(joined[2]), floats(joined[3]))


def _workers(places: int) -> int:
    """Return how many threads to use by default."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(here, places // _PLACES_PER_WORKER))


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


def slant_range_km(
    altitude_km: float, elevation_deg: float, *, earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM
) -> float:
    """Return the slant range to a satellite of a given altitude and elevation over a spherical Earth.

    For sizing only (a plan's contacts come from `ground_access`), and not the flat Earth's h/sin(el) or h/tan(el).

    Raises
    ------
    ValueError
        If the altitude is not positive and finite or the elevation not between 0 and 90°.

    Notes
    -----
    Law of cosines: d = √((R + h)² − (R cos el)²) − R sin el.
    """
    if not 0.0 < altitude_km < math.inf:
        raise ValueError(f"altitude_km: {altitude_km} must be positive and finite")
    if not 0.0 <= elevation_deg <= _QUARTER_TURN_DEG:
        raise ValueError(f"elevation_deg: {elevation_deg} must be between 0 and 90 degrees")
    elevation = math.radians(elevation_deg)
    level = earth_radius_km * math.cos(elevation)
    return math.sqrt((earth_radius_km + altitude_km) ** 2 - level**2) - earth_radius_km * math.sin(elevation)
