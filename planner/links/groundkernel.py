"""Which satellites stand high enough and near enough over which sites? Kernel of `planner.links.ground`.

GCRS for the decision, ITRS directions for the index that spares it. Imports Numba: import this module inside the
functions that call it.

**Index.** The directions from the Earth's centre are the faces of a cube, each ``per_edge`` × ``per_edge`` cells, and
distances from it are shells. For each shell and cell a list, made once, holds every site that might have a satellite
there as a contact. Sites stand still in ITRS, so the lists hold for the whole run, and a satellite is compared with the
sites of its list only: one or two of a hundred in low orbit.

**Order.** Satellites are taken one after another and their contacts counted by site; laid out site by site in the order
in which they came, rows are sorted by site and satellite without a comparison.
"""

import math
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled, compiled_inline
from planner.links.reach import Index

_SLACK_KM: Final = 1e-3
"""What the sine of an elevation, as against the elevation itself, could be off by: some nanometres. What this lets
through is decided by the elevation."""
_DEG_PER_RAD: Final = 180.0 / math.pi

Columns = tuple[IntArray, IntArray, FloatArray, FloatArray]
"""Site, satellite, range (km) and elevation (degrees) of each contact."""


@compiled_inline
def _cell(x: float, y: float, z: float, per_edge: int) -> int:
    """Return the cell of a direction; faces are +x, −x, +y, −y, +z, −z, and across a face the other two in turn."""
    ax, ay, az = abs(x), abs(y), abs(z)
    if ax >= ay and ax >= az:
        face, most, across, along = (0 if x > 0.0 else 1), ax, y, z
    elif ay >= az:
        face, most, across, along = (2 if y > 0.0 else 3), ay, z, x
    else:
        face, most, across, along = (4 if z > 0.0 else 5), az, x, y
    scale = 0.5 * per_edge / most
    row = min(int(0.5 * per_edge + across * scale), per_edge - 1)
    column = min(int(0.5 * per_edge + along * scale), per_edge - 1)
    return (face * per_edge + max(row, 0)) * per_edge + max(column, 0)


@compiled
def contacts(
    states: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    limits: tuple[FloatArray, FloatArray, FloatArray],
    index: Index,
) -> tuple[IntArray, Columns]:
    """Return the number of contacts of each instant, and their columns.

    Parameters
    ----------
    states
        Sites (km) and their zeniths, ``[time, site, xyz]``, GCRS; the matrices from GCRS to ITRS, ``[time, 3, 3]``; the
        satellites (km), ``[time, sat, xyz]``, GCRS.
    limits
        Lowest elevation in degrees and its sine, longest range (inf for none), ``[site]``.
    index
        See `planner.links.reach`.
    """
    site_km, zenith, rotation, position_km = states
    times, sites = site_km.shape[:2]
    counts, ends = np.zeros(times, dtype=np.int64), np.zeros(sites, dtype=np.int64)
    places = np.empty(position_km.shape[1], dtype=np.int64)
    came, found = _columns(0), _columns(0)
    total = 0
    for t in range(times):
        most = _look_up(position_km[t], rotation[t], index, places)
        if most > len(came[0]):
            came = _columns(most)
        new = _decide(places, (site_km[t], zenith[t], position_km[t]), limits, (index[2], index[3]), came, ends)
        if total + new > len(found[0]):
            # Room for as many at each later instant as at those so far, and some.
            found = _grown(found, total, (total + new) * times // (t + 1) * 17 // 16 + new)
        _lay_out(came, new, ends, found, total)
        counts[t] = new
        total += new
    return counts, (found[0][:total], found[1][:total], found[2][:total], found[3][:total])


@compiled
def _look_up(position_km: FloatArray, turn: FloatArray, index: Index, places: IntArray) -> int:
    """Write the list of each satellite, −1 for none, and return how many sites the lists hold together."""
    tops, per_edge, first, _ = index
    cells = 6 * per_edge * per_edge
    together = 0
    for p in range(len(places)):
        x, y, z = position_km[p, 0], position_km[p, 1], position_km[p, 2]
        square = x * x + y * y + z * z
        if not (square > 0.0 and square <= tops[-1]):
            places[p] = -1  # NaN as well
            continue
        shell = 0
        while square > tops[shell]:
            shell += 1
        place = shell * cells + _cell(
            turn[0, 0] * x + turn[0, 1] * y + turn[0, 2] * z,
            turn[1, 0] * x + turn[1, 1] * y + turn[1, 2] * z,
            turn[2, 0] * x + turn[2, 1] * y + turn[2, 2] * z,
            per_edge,
        )
        places[p] = place
        together += first[place + 1] - first[place]
    return together


@compiled
def _decide(
    places: IntArray,
    at: tuple[FloatArray, FloatArray, FloatArray],
    limits: tuple[FloatArray, FloatArray, FloatArray],
    lists: tuple[IntArray, IntArray],
    came: Columns,
    ends: IntArray,
) -> int:
    """Write the contacts of one instant satellite by satellite, count them by site, and return how many they are."""
    site_km, zenith, position_km = at
    lowest_deg, sine, longest_km = limits
    first, listed = lists
    site, satellite, ranges_km, elevations_deg = came
    ends[:] = 0
    new = 0
    for p in range(len(places)):
        if places[p] < 0:
            continue
        x, y, z = position_km[p, 0], position_km[p, 1], position_km[p, 2]
        for k in range(first[places[p]], first[places[p] + 1]):
            s = listed[k]
            away_x, away_y, away_z = x - site_km[s, 0], y - site_km[s, 1], z - site_km[s, 2]
            up = away_x * zenith[s, 0] + away_y * zenith[s, 1] + away_z * zenith[s, 2]
            slant = math.sqrt(away_x * away_x + away_y * away_y + away_z * away_z)
            if up < slant * sine[s] - _SLACK_KM or slant > longest_km[s]:
                continue
            elevation = math.asin(min(max(up / slant, -1.0), 1.0)) * _DEG_PER_RAD
            if elevation >= lowest_deg[s]:
                site[new], satellite[new], ranges_km[new], elevations_deg[new] = s, p, slant, elevation
                ends[s] += 1
                new += 1
    return new


@compiled
def _columns(size: int) -> Columns:
    return np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64), np.empty(size), np.empty(size)


@compiled
def _grown(columns: Columns, used: int, size: int) -> Columns:
    """Return columns with room for `size` rows, of which the first `used` are those given."""
    site, satellite, slant, elevation = _columns(size)
    site[:used], satellite[:used] = columns[0][:used], columns[1][:used]
    slant[:used], elevation[:used] = columns[2][:used], columns[3][:used]
    return site, satellite, slant, elevation


@compiled
def _lay_out(came: Columns, new: int, ends: IntArray, found: Columns, total: int) -> None:
    """Put `new` rows behind the first `total` of `found`, by site; `ends` holds how many each site has."""
    site, satellite, ranges_km, elevations_deg = came
    to_site, to_satellite, to_range, to_elevation = found
    end = total
    for s in range(len(ends)):
        ends[s], end = end, end + ends[s]
    for row in range(new):
        at = ends[site[row]]
        to_site[at], to_satellite[at] = site[row], satellite[row]
        to_range[at], to_elevation[at] = ranges_km[row], elevations_deg[row]
        ends[site[row]] = at + 1


@compiled
def distance_span_km(position_km: FloatArray) -> tuple[float, float]:
    """Return the least and greatest distance from the Earth's centre ``[time, sat, xyz]``; 0 and 0 for none."""
    least, most = np.inf, 0.0
    for t in range(position_km.shape[0]):
        for p in range(position_km.shape[1]):
            x, y, z = position_km[t, p, 0], position_km[t, p, 1], position_km[t, p, 2]
            square = x * x + y * y + z * z
            # A comparison with NaN is false.
            if square < least:
                least = square
            if most < square < np.inf:
                most = square
    return (math.sqrt(least), math.sqrt(most)) if least <= most else (0.0, 0.0)
