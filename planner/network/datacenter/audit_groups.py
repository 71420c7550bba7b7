"""Do groups lie within their diameter, and is everyone in one? Delays and distances worked out anew.

That no group can be larger than the outcome's bound, and no fewer groups do, is what the search proves; an audit would
have to search as well. Here it is checked only that neither is belied by the groups themselves.
"""

from collections import Counter
from collections.abc import Callable, Collection

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.network.datacenter.results import Groups
from planner.network.snapshot import NetworkSnapshot
from planner.outcome import Violation

_CLOSE_FRACTION = 1e-9
_BLOCK = 256


def audit_groups(
    groups: Groups, snapshot: NetworkSnapshot, diameter_ms: float, members: Collection[str] | None = None
) -> tuple[Violation, ...]:
    """Return what is wrong with groups of satellites that reach each other within a latency.

    Parameters
    ----------
    groups
        The groups.
    snapshot
        The network whose laser links all satellites may relay over.
    diameter_ms
        What was asked for, one way.
    members
        Names of those that groups must hold; None for all satellites.

    Notes
    -----
    Least delays by SciPy from one satellite after the other, and no farther than a little beyond the diameter: seconds
    for 10,000 satellites.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    place = {name: i for i, name in enumerate(snapshot.satellite_names)}
    found = _untrue_parts(groups, place if members is None else members)
    if found:
        return tuple(found)
    graph = coo_array((snapshot.delay_ms, (snapshot.a, snapshot.b)), (len(place), len(place))).tocsr()
    index = np.array([place[name] for name in groups.names], dtype=np.int64)

    def away(sources: IntArray, targets: IntArray) -> FloatArray:
        far: FloatArray = dijkstra(graph, directed=False, indices=index[sources], limit=2.0 * diameter_ms)
        return far[:, index[targets]]

    return tuple(_too_wide(groups, away, diameter_ms, "ms"))


def audit_groups_in_range(groups: Groups, positions_km: FloatArray, diameter_km: float) -> tuple[Violation, ...]:
    """Return what is wrong with groups of satellites within a distance, at positions ``[sat, xyz]``, any frame."""
    found = _untrue_parts(groups, [str(i) for i in range(len(positions_km))])
    if found:
        return tuple(found)
    index = np.array([int(name) for name in groups.names], dtype=np.int64)

    def away(sources: IntArray, targets: IntArray) -> FloatArray:
        apart = positions_km[index[sources], None] - positions_km[index[targets]]
        # A satellite that is not there is far from all, and is in no group but its own.
        far: FloatArray = np.sqrt((apart**2).sum(axis=-1))
        return np.where(np.isnan(far), np.inf, far)

    return tuple(_too_wide(groups, away, diameter_km, "km"))


def _untrue_parts(groups: Groups, wanted: Collection[str]) -> list[Violation]:
    """Return satellites that are not in exactly one group, and counts that disagree with the groups."""
    met, asked = Counter(groups.names), set(wanted)
    found = [
        Violation("groups", f"satellite {name}", float(met[name]), float(name in asked), "times")
        for name in sorted(asked | set(met))
        if met[name] != (name in asked)
    ]
    number, count = groups.group, len(groups.sizes)
    if len(number) != len(groups.names) or ((number < 0) | (number >= count)).any():
        return [*found, Violation("groups", "numbers of groups", float(len(number)), float(count), "groups")]
    sizes = np.bincount(number, minlength=count)
    largest = int(sizes.max(initial=0))
    found += [
        Violation("size", f"group {k}", float(groups.sizes[k]), float(sizes[k]), "satellites")
        for k in np.flatnonzero((groups.sizes != sizes) | (sizes == 0)).tolist()
    ]
    if groups.outcome.objective != largest or (count and sizes[0] != largest):
        found.append(Violation("largest", "group 0", groups.outcome.objective, float(largest), "satellites"))
    if groups.outcome.bound < largest:
        found.append(Violation("bound", "largest group", groups.outcome.bound, float(largest), "satellites"))
    if groups.fewest > count:
        found.append(Violation("fewest", "groups", float(groups.fewest), float(count), "groups"))
    return found


def _too_wide(
    groups: Groups, away: Callable[[IntArray, IntArray], FloatArray], diameter: float, unit: str
) -> list[Violation]:
    """Return the pairs of one group that are farther apart than the diameter."""
    wrong = []
    for number in range(len(groups.sizes)):
        inside = np.flatnonzero(groups.group == number)
        for first in range(0, len(inside) if len(inside) > 1 else 0, _BLOCK):
            sources = inside[first : first + _BLOCK]
            far = away(sources, inside)
            beyond = (far > diameter * (1.0 + _CLOSE_FRACTION)) & (sources[:, None] < inside)
            for i, j in zip(*(places.tolist() for places in np.nonzero(beyond)), strict=True):
                place = f"group {number}: {groups.names[sources[i]]} and {groups.names[inside[j]]}"
                wrong.append(Violation("diameter", place, float(far[i, j]), diameter, unit))
    return wrong
