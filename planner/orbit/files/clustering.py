"""Which satellites fly together: groups of one altitude and inclination, and the planes within a group.

A shell is a compact region of altitude and inclination where satellites stand far more densely than around it. Those
on their way up, down or across bridge any two shells, so that clustering by gaps alone chains them: in the public
catalogue of July 2026 (16,066 objects) gaps of 1 km and 0.03° give a first group of 3,935 satellites over 73 km.
Density clustering does not, and costs 25 ms there; single linkage over all pairs would need a gigabyte.
"""

from typing import Final, NamedTuple

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray

_PLANE_SCATTER_DEG: Final = 0.25
"""Nodes of one plane may lie this close together, as an angle between planes. Planner default: in the large shells of
Starlink, OneWeb and Iridium (2023 to 2026) neighbours within a plane were up to 0.6° apart, planes 1° and more."""
_PLANE_GAP_RATIO: Final = 2.0
"""Least ratio of the gaps between planes to those within. Planner default: below it the eye sees no planes either."""
_WIDEST_PLANE_DEG: Final = 10.0
"""A plane whose nodes spread further is none. Planner default: the loosest measured, GPS, spread over 9°."""
_LEAST_IN_PLANE: Final = 2.0
"""Mean satellites to a plane below which groups of nodes are chance. Planner default."""
_EVEN: Final = 0.95
"""Smallest over largest gap of an even ring, whose satellites are each a plane of their own. Planner default."""
_DENSER: Final = 1.5
"""Factor by which a group too wide must be denser at the next attempt."""
_CELLS_PER_LINK: Final = 10


class Reach(NamedTuple):
    """How near satellites of one group are.

    Attributes
    ----------
    link_km, link_deg
        Satellites closer than this in altitude and in inclination are neighbours.
    widest_km, widest_deg
        A group of which nine tenths spread further is not one shell.
    """

    link_km: float
    link_deg: float
    widest_km: float
    widest_deg: float


def dense_groups(altitude_km: FloatArray, inclination_deg: FloatArray, reach: Reach, least: int) -> list[IntArray]:
    """Return the rows of every compact group of at least `least` satellites.

    Parameters
    ----------
    altitude_km, inclination_deg
        ``[sat]``.
    reach
        What counts as near and as too wide.
    least
        Satellites that must stand within a link of one that is in a group, itself counted.

    Returns
    -------
    list of IntArray
        Rows in ascending order; a satellite is in one group at most. The order of the groups is not defined.

    Notes
    -----
    DBSCAN without border points (Campello, Moulavi and Sander 2013, DOI 10.1007/978-3-642-37456-2_14), repeated at
    a higher density inside a group that is too wide. Satellites are first counted into cells a tenth of a link wide,
    so that a shell of thousands costs no more than its few hundred cells.
    """
    pending = [(np.arange(len(altitude_km)), float(least))]
    found = []
    while pending:
        rows, density = pending.pop()
        for part in _connected(altitude_km[rows] / reach.link_km, inclination_deg[rows] / reach.link_deg, density):
            group = rows[part]
            if len(group) < least:
                continue
            if _width(altitude_km[group]) <= reach.widest_km and _width(inclination_deg[group]) <= reach.widest_deg:
                found.append(group)
            else:
                pending.append((group, density * _DENSER))
    return found


def _width(values: FloatArray) -> float:
    """Return the width that nine tenths of the values keep to."""
    low, high = np.quantile(values, [0.05, 0.95])
    return float(high - low)


def _connected(across: FloatArray, up: FloatArray, density: float) -> list[IntArray]:
    """Return the rows of each connected region with `density` neighbours or more; distances are in links."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    if not len(across):
        return []
    spots = np.floor(np.stack([across, up], axis=1) * _CELLS_PER_LINK).astype(np.int64)
    cells, cell_of, held = np.unique(spots, axis=0, return_inverse=True, return_counts=True)
    cell_of = cell_of.ravel()
    # Half a cell is added so that cells exactly a link apart are neighbours whatever the last bit says.
    pairs = cKDTree(cells).query_pairs(_CELLS_PER_LINK + 0.5, p=np.inf, output_type="ndarray")
    near = held.copy()
    np.add.at(near, pairs[:, 0], held[pairs[:, 1]])
    np.add.at(near, pairs[:, 1], held[pairs[:, 0]])
    dense = near >= density
    joined = pairs[dense[pairs].all(axis=1)]
    graph = coo_array((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), shape=(len(cells), len(cells)))
    _, region = connected_components(graph, directed=False)
    region_of = np.where(dense, region, -1)[cell_of]
    order = np.argsort(region_of, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(region_of[order])) + 1)
    return [part for part in parts if region_of[part[0]] >= 0]


def plane_groups(raan_deg: FloatArray, inclination_deg: float) -> list[IntArray]:
    """Return the rows of each orbital plane in ascending order of its node, or nothing when no planes can be told.

    Parameters
    ----------
    raan_deg
        Right ascensions of the ascending node at one common epoch, ``[sat]``.
    inclination_deg
        Of the shell. Planes whose nodes differ by ΔΩ are tilted against each other by about ΔΩ sin i.

    Notes
    -----
    The gaps between neighbouring nodes fall into two kinds, those within a plane and those between planes. Of the
    places where the sorted gaps jump, the finest that leaves real planes is taken, because a pair of planes beside
    each other is two planes. Satellites between planes are groups of their own here.
    """
    count = len(raan_deg)
    nodes = np.mod(raan_deg, 360.0)
    order = np.argsort(nodes, kind="stable")
    scatter_deg = _PLANE_SCATTER_DEG / max(abs(float(np.sin(np.radians(inclination_deg)))), 1e-9)
    if scatter_deg * _PLANE_GAP_RATIO >= 360.0:
        return [np.arange(count)]  # equatorial: every node names the same plane
    gaps = np.diff(nodes[order], append=nodes[order[0]] + 360.0)
    ascending = np.sort(gaps)
    if ascending[0] >= max(_EVEN * ascending[-1], scatter_deg * _PLANE_GAP_RATIO):
        return [order[i : i + 1] for i in range(count)]
    jumps = ascending[1:] / np.maximum(ascending[:-1], scatter_deg)
    for jump in np.flatnonzero(jumps >= _PLANE_GAP_RATIO):
        groups = _split(order, gaps >= ascending[jump + 1])
        if count < _LEAST_IN_PLANE * len(groups):
            continue
        if _typical_spread(nodes, groups) <= min(ascending[jump + 1], _WIDEST_PLANE_DEG):
            return sorted(groups, key=lambda group: float(middle_deg(nodes[group])))
    return []


def _split(order: IntArray, after: BoolArray) -> list[IntArray]:
    """Cut the ring `order` behind every True of `after`."""
    cuts = np.flatnonzero(after) + 1
    ring = np.roll(order, -cuts[0])
    return np.split(ring, cuts[1:] - cuts[0])


def _typical_spread(nodes: FloatArray, groups: list[IntArray]) -> float:
    """Return the angle from the first to the last node of the group that the median satellite is in."""
    spreads = [float(np.mod(nodes[group[-1]] - nodes[group[0]], 360.0)) for group in groups]
    return float(np.median(np.repeat(spreads, [len(group) for group in groups])))


def middle_deg(nodes: FloatArray) -> float:
    """Return the mean direction of nodes that lie within half a turn, degrees in [0, 360)."""
    turned = np.mod(nodes - nodes[0] + 180.0, 360.0) - 180.0
    return float(np.mod(nodes[0] + turned.mean(), 360.0))
