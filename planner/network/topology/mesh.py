"""Which neighbours of a close formation are linked for good? A mesh that lasts the whole revolution.

Satellites of a formation go round their chief on ellipses that the offsets of the fleet give exactly, so the greatest
distance of each pair over a revolution is known and one pattern of links serves for ever: no acquisition in flight.
"""

from typing import Final

import numpy as np

from planner.arrays import IntArray, ints
from planner.errors import InputError, Problem
from planner.orbit.design.formation_geometry import ellipses_km, ends_km, require_one_chief
from planner.orbit.elements import Fleet

_MM_PER_KM: Final = 1e6
_LEAST_TERMINALS: Final = 2
_NOBODY: Final = -1

_MOST_OF_A_TREE: Final = 6
"""Links of one satellite in a tree that is searched for; in the plane five suffice for the shortest."""

_MOVES_EACH: Final = 5_000
"""Moves that the search tries per satellite and length. Planner default: a fortieth of it is enough to join the 81 of a
square lattice by neighbours and diagonals."""


def cluster_mesh(fleet: Fleet, *, terminals: int | IntArray | None = None) -> IntArray:
    """Return the pairs of a mesh in every formation of a fleet.

    Parameters
    ----------
    fleet
        ``[sat]``; every shell must be one formation around one chief, such as `cluster` returns.
    terminals
        Laser terminals of every satellite, or of each ``[sat]``; None sets no limit.

    Returns
    -------
    IntArray
        ``[pair, 2]``, indices a < b, sorted. Each formation is connected, no satellite has more links than terminals,
        and no link is ever longer than connecting the formation took: as a link carries less the longer it is, the
        least that any carries is as much as it can be, or with few terminals as much as was found (see Notes). Within
        that length every further link is there that terminals allow, shortest first.

    Raises
    ------
    InputError
        For a shell that is no formation, or one of three satellites or more of which one has fewer than two terminals.

    Notes
    -----
    Lengths are the greatest over a revolution, and equal if they agree to the millimetre. Connecting takes the greatest
    link of a shortest spanning tree (Kruskal, Proc. American Mathematical Society 7 (1956) 48-50,
    doi:10.1090/S0002-9939-1956-0078686-7); with terminals that tree is built from links that both ends have room for,
    and built once more with those first whose ends have the fewest neighbours. In the plane five terminals always
    suffice for the shortest. Where with fewer the longest link exceeds it, a search over lengths moves links about
    until they connect within a shorter one, and keeps the shortest found. That is no proof that none is shorter: to
    tell whether two terminals suffice for a length is as hard as to find a Hamiltonian path.
    """
    limits = np.full(len(fleet), len(fleet)) if terminals is None else np.broadcast_to(terminals, len(fleet))
    shells = np.asarray(fleet.shells, dtype=object)
    found = [np.empty((0, 2), dtype=np.int64)]
    for name in dict.fromkeys(fleet.shells):
        members = np.flatnonzero(shells == name)
        _require_room(fleet, members, limits)
        found.append(members[_mesh(_longest_mm(name, fleet[members]), limits[members])])
    pairs = np.sort(np.concatenate(found), axis=1)
    return ints(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])


def _require_room(fleet: Fleet, members: IntArray, limits: IntArray) -> None:
    least = min(_LEAST_TERMINALS, len(members) - 1)
    few = members[limits[members] < least]
    if len(few):
        raise InputError(
            Problem(
                f"satellite {fleet.names[few[0]]}",
                f"has {limits[few[0]]} laser terminals; a mesh of {len(members)} satellites takes {least} each",
            )
        )


def _longest_mm(name: str, formation: Fleet) -> IntArray:
    """Return the greatest distance of every pair over a revolution, millimetres, ``[sat, sat]``."""
    try:
        require_one_chief(formation)
        cosines, sines = ellipses_km(formation)
    except ValueError as error:
        raise InputError(Problem(f"shell {name}", f"is no formation, so there is no mesh: {error}")) from error
    longest = np.empty((len(formation), len(formation)))
    for place in range(len(formation)):
        longest[place] = ends_km(cosines - cosines[place], sines - sines[place])[1]
    return np.round(longest * _MM_PER_KM).astype(np.int64)


def _mesh(longest: IntArray, limits: IntArray) -> IntArray:
    """Return the pairs of one formation's mesh, ``[pair, 2]``."""
    if len(limits) < 2:
        return np.empty((0, 2), dtype=np.int64)
    a, b = np.triu_indices(len(limits), 1)
    length = longest[a, b]
    order = np.argsort(length, kind="stable")
    pairs, length = np.stack([a, b], axis=1)[order], length[order]
    shortest = length[_tree(pairs, np.full(len(limits), len(limits)))].max()
    tree = _tree(pairs, limits)
    if length[tree].max() > shortest:
        # The loneliest first: they have the fewest ways to be connected by links that short.
        near = pairs[length <= shortest]
        neighbours = np.bincount(near.ravel(), minlength=len(limits))
        lonely = np.argsort(neighbours[near].min(axis=1), kind="stable")
        again = np.concatenate([lonely, np.arange(len(near), len(pairs))])
        other = again[_tree(pairs[again], limits)]
        tree = other if length[other].max() < length[tree].max() else tree
        tree = _shortened(pairs, length, tree, limits, shortest)
    return pairs[_filled(pairs[length <= length[tree].max()], tree, limits)]


def _shortened(pairs: IntArray, length: IntArray, tree: IntArray, limits: IntArray, shortest: int) -> IntArray:
    """Return a tree of the ordered pairs within the limits whose longest link is as short as a search finds."""
    lengths = np.unique(length[(length >= shortest) & (length < length[tree].max())])
    low, high = 0, len(lengths)
    while low < high:
        middle = (low + high) // 2
        near = int(np.searchsorted(length, lengths[middle], side="right"))
        found = _joined(pairs[:near], limits)
        if found is None:
            low = middle + 1
        else:
            tree, high = found, int(np.searchsorted(lengths, length[found].max()))
    return tree


def _joined(pairs: IntArray, limits: IntArray) -> IntArray | None:
    """Return which of the near pairs connect all satellites within the limits; None if none such were found."""
    from planner.network.topology.meshkernel import join

    count = len(limits)
    few = np.minimum(limits, _MOST_OF_A_TREE)
    forest = _tree(pairs, few)
    tree, used = np.full((count, int(few.max())), _NOBODY, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for a, b in pairs[forest].tolist():
        tree[a, used[a]], tree[b, used[b]] = b, a
        used[[a, b]] += 1
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    starts = np.concatenate([[0], np.cumsum(np.bincount(ends[:, 0], minlength=count))])
    if not join(starts, ends[:, 1].copy(), np.array(few), tree, count - len(forest), _MOVES_EACH * count):
        return None
    return np.flatnonzero((tree[pairs[:, 0]] == pairs[:, 1, None]).any(axis=1))


def _tree(pairs: IntArray, limits: IntArray) -> IntArray:
    """Return which of the ordered pairs connect all satellites, each taken if it joins two parts that have room."""
    part = list(range(len(limits)))
    room = limits.tolist()

    def root(satellite: int) -> int:
        while part[satellite] != satellite:
            part[satellite] = part[part[satellite]]
            satellite = part[satellite]
        return satellite

    taken: list[int] = []
    for place, (a, b) in enumerate(pairs.tolist()):
        if room[a] and room[b] and root(a) != root(b):
            part[root(a)] = root(b)
            room[a] -= 1
            room[b] -= 1
            taken.append(place)
            if len(taken) == len(limits) - 1:
                break
    return np.array(taken, dtype=np.int64)


def _filled(pairs: IntArray, tree: IntArray, limits: IntArray) -> IntArray:
    """Return which of the ordered pairs are linked: the tree, and each other that both ends have room for."""
    linked = np.zeros(len(pairs), dtype=np.bool_)
    linked[tree] = True
    room = (limits - np.bincount(pairs[tree].ravel(), minlength=len(limits))).tolist()
    for place, (a, b) in enumerate(pairs.tolist()):
        if not linked[place] and room[a] and room[b]:
            room[a] -= 1
            room[b] -= 1
            linked[place] = True
    return np.flatnonzero(linked)
