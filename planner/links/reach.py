"""Which sites might see a satellite that stands in a given direction and distance from the Earth's centre? ITRS.

An index that spares comparing every satellite with every site: it may name a site too many, never one too few. Made
once for a run, because sites stand still in ITRS. See `planner.links.groundkernel` for how the sky is divided.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.orbit.sites import GroundSites

_PER_EDGE: Final = 16
"""Cells along the edge of a face of the cube: 5.6° on average, against the 8° that a satellite at 550 km is seen
within. Finer cells name fewer sites too many and take longer to make; measured, 12 to 24 come out alike."""
_SHELL_RATIO: Final = 1.1
"""Upper bound of a shell's distance over its lower one: how far a satellite is seen grows little across a shell."""
_COMPARED_AT_ONCE: Final = 1_000_000
"""Cells times sites: 8 MB of temporaries."""
_SLACK_RAD: Final = 1e-6
"""Far more than rounding: 6 m on the ground."""
_ANY_RANGE_KM: Final = 1e9


Index = tuple[FloatArray, int, IntArray, IntArray]
"""Squares of the shells' upper bounds (km²), cells along an edge of a face, where the list of each shell and cell
begins ``[shell × cell + 1]``, and the sites of the lists."""


def site_index(sites: GroundSites, itrs_km: FloatArray, tilt_rad: FloatArray, span_km: tuple[float, float]) -> Index:
    """Return the lists of sites by shell and cell.

    Parameters
    ----------
    sites
        ``[site]``.
    itrs_km
        Where they stand, ``[site, xyz]``.
    tilt_rad
        Angle between each site's zenith and the direction from the Earth's centre.
    span_km
        Least and greatest distance of a satellite from the Earth's centre.
    """
    away_km = np.linalg.norm(itrs_km, axis=1)
    towards = itrs_km / away_km[:, None]
    centres, radii = _cells(_PER_EDGE)
    bounds = _shells(span_km)
    lengths, listed = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for low, high in pairwise(bounds):
        reach = _reach_rad(sites, away_km, tilt_rad, float(low), float(high))
        cell, site = _within(centres, radii, towards, reach)
        lengths.append(np.bincount(cell, minlength=len(centres)))
        listed.append(site)
    return floats(bounds[1:] ** 2), _PER_EDGE, ints(np.cumsum(np.concatenate(lengths))), ints(np.concatenate(listed))


def _shells(span_km: tuple[float, float]) -> FloatArray:
    """Return the bounds of the shells, the outer ones a hair beyond the span; one shell that is empty for no span."""
    least, most = span_km[0] * (1.0 - _SLACK_RAD), span_km[1] * (1.0 + _SLACK_RAD)
    if not 0.0 < least <= most:
        return np.zeros(2)
    count = max(1, int(np.ceil(np.log(most / least) / np.log(_SHELL_RATIO))))
    return floats(least * (most / least) ** (np.arange(count + 1) / count))


def _within(
    centres: FloatArray, radii: FloatArray, towards: FloatArray, reach_rad: FloatArray
) -> tuple[IntArray, IntArray]:
    """Return the pairs of cell and site no farther apart than the site's reach and the cell's own, sorted."""
    step = max(1, _COMPARED_AT_ONCE // max(1, len(towards)))
    found = []
    for first in range(0, len(centres), step):
        part = slice(first, first + step)
        least = np.cos(np.clip(radii[part, None] + reach_rad + _SLACK_RAD, 0.0, np.pi))
        cell, site = np.nonzero(np.einsum("ci,si->cs", centres[part], towards) >= least)
        found.append((cell + first, site))
    cells, listed = (np.concatenate(column) for column in zip(*found, strict=True))
    return ints(cells), ints(listed)


def _reach_rad(
    sites: GroundSites, away_km: FloatArray, tilt_rad: FloatArray, low_km: float, high_km: float
) -> FloatArray:
    """Return how far from each site, seen from the Earth's centre, a contact within a shell can be at most.

    Notes
    -----
    From the law of sines, ψ = acos(R cos el / r) − el at the distance r; it grows with r. The elevation above the
    plane across the line from the Earth's centre is lower than the geodetic one by the tilt at most. From the law of
    cosines, a range d has cos ψ = (r² + R² − d²)/(2 r R), least at r² = R² − d² or at the end of the shell that is
    nearest to that.
    """
    lowest = np.radians(sites.minimum_elevation_deg) - tilt_rad
    by_elevation = np.arccos(np.minimum(away_km * np.cos(lowest) / max(high_km, 1.0), 1.0)) - lowest
    longest = np.where(np.isnan(sites.maximum_range_km), _ANY_RANGE_KM, sites.maximum_range_km)
    short = away_km**2 - longest**2
    at = np.maximum(np.clip(np.sqrt(np.maximum(short, 0.0)), low_km, high_km), 1.0)
    by_range = np.arccos(np.clip((at**2 + short) / (2.0 * at * away_km), -1.0, 1.0))
    return floats(np.minimum(by_elevation, by_range))


def _cells(per_edge: int) -> tuple[FloatArray, FloatArray]:
    """Return the directions of the cells' centres ``[cell, xyz]`` and how far their corners are from them (radians)."""
    edges = np.linspace(-1.0, 1.0, per_edge + 1)
    middle = 0.5 * (edges[1:] + edges[:-1])
    centres, corners = (_directions(side) for side in (middle, edges))
    apart = [
        np.einsum("fabi,fabi->fab", centres, corners[:, i : i + per_edge, j : j + per_edge])
        for i in (0, 1)
        for j in (0, 1)
    ]
    radii = np.arccos(np.clip(np.min(apart, axis=0), -1.0, 1.0))
    return centres.reshape(-1, 3), radii.reshape(-1)


def _directions(side: FloatArray) -> FloatArray:
    """Return unit vectors through a grid on each face of the cube, ``[face, across, along, xyz]``."""
    across, along = np.meshgrid(side, side, indexing="ij")
    one = np.ones_like(across)
    faces = []
    for axis in range(3):
        for sign in (one, -one):
            # The axis of the face, then the next two in turn.
            point = np.empty((*across.shape, 3))
            point[..., axis], point[..., (axis + 1) % 3], point[..., (axis + 2) % 3] = sign, across, along
            faces.append(point / np.linalg.norm(point, axis=-1, keepdims=True))
    return np.stack(faces)
