"""Are a ring, a halving and groups what they say they are? Replayed over the network; no search, no solver.

Each audit reads names, looks links up in the snapshot and adds up what it finds. Nothing found is good news.
"""

from collections import Counter
from collections.abc import Collection
from itertools import combinations, pairwise

import numpy as np

from planner.arrays import FloatArray
from planner.network.datacenter.results import Bisection, Groups, Hierarchy, Ring
from planner.network.snapshot import NetworkSnapshot
from planner.outcome import Violation

_CLOSE_FRACTION = 1e-9


def audit_ring(ring: Ring, snapshot: NetworkSnapshot, members: Collection[str] | None = None) -> tuple[Violation, ...]:
    """Return what is wrong with a ring: members missed or met twice, hops without links, rates links cannot give.

    Parameters
    ----------
    ring
        The ring.
    snapshot
        The network it is to run in.
    members
        Names of those it must visit; None for all satellites.
    """
    wanted = set(snapshot.satellite_names if members is None else members)
    met = Counter(ring.names)
    found = [
        Violation("visits", f"satellite {name}", float(met[name]), float(name in wanted), "times")
        for name in sorted(wanted | set(met))
        if met[name] != (name in wanted)
    ]
    links = {pair: place for place, pair in enumerate(zip(snapshot.a.tolist(), snapshot.b.tolist(), strict=True))}
    hops = _hops(ring)
    steps = [step for hop in hops for step in pairwise(hop)]
    found += [
        Violation("link", f"{snapshot.satellite_names[a]} to {snapshot.satellite_names[b]}", 0.0, 1.0, "links")
        for a, b in sorted({(min(step), max(step)) for step in steps} - set(links))
    ]
    if found:
        return tuple(found)
    uses = Counter(steps)
    for number, hop in enumerate(hops):
        name = f"hop {number} from {ring.names[number]}"
        room = min(snapshot.capacity_gbps[links[min(s), max(s)]] / uses[s] for s in pairwise(hop))
        delay = sum(snapshot.delay_ms[links[min(s), max(s)]] for s in pairwise(hop))
        if ring.hop_gbps[number] > room * (1.0 + _CLOSE_FRACTION):
            found.append(Violation("capacity", name, float(ring.hop_gbps[number]), float(room), "Gbit/s"))
        if abs(ring.hop_ms[number] - delay) > _CLOSE_FRACTION * max(delay, 1.0):
            found.append(Violation("delay", name, float(ring.hop_ms[number]), float(delay), "ms"))
        if snapshot.satellite_names[hop[0]] != ring.names[number]:
            found.append(Violation("order", name, float(hop[0]), float(snapshot.index(ring.names[number])), "index"))
    return tuple(found)


def audit_hierarchy(
    made: Hierarchy, snapshot: NetworkSnapshot, members: Collection[str] | None = None
) -> tuple[Violation, ...]:
    """Return what is wrong with groups and their leaders: members missed or met twice, links shared, rings untrue.

    Parameters
    ----------
    made
        The rings.
    snapshot
        The network they are to run in.
    members
        Names of those that groups must hold; None for all satellites.
    """
    wanted = set(snapshot.satellite_names if members is None else members)
    met = Counter(name for ring in made.groups for name in ring.names)
    found = [
        Violation("groups", f"satellite {name}", float(met[name]), float(name in wanted), "times")
        for name in sorted(wanted | set(met))
        if met[name] != (name in wanted)
    ]
    for number, ring in enumerate(made.groups):
        found += audit_ring(ring, snapshot, ring.names)
        # A link is shared by two groups only where a hop leaves its own.
        outside = {snapshot.satellite_names[i] for i in ring.passed.tolist()} - set(ring.names)
        found += [
            Violation("own links", f"group {number} passes {name}", 1.0, 0.0, "times") for name in sorted(outside)
        ]
        led = len(set(ring.names) & set(made.leaders.names))
        if led != 1:
            found.append(Violation("leader", f"group {number}", float(led), 1.0, "leaders"))
    return (*found, *audit_ring(made.leaders, snapshot, made.leaders.names))


def _hops(ring: Ring) -> list[list[int]]:
    """Return the satellites of each hop, both ends included."""
    around = [*ring.passed.tolist(), *ring.passed[:1].tolist()]
    return [around[first : last + 1] for first, last in pairwise(ring.start.tolist())]


def audit_bisection(found: Bisection, snapshot: NetworkSnapshot) -> tuple[Violation, ...]:
    """Return what is wrong with a halving: halves that overlap or differ by two, capacity or bounds that disagree."""
    first, second = (set(half) for half in found.halves)
    wrong = []
    if first & second:
        wrong.append(Violation("halves", "members of both", float(len(first & second)), 0.0, "members"))
    if abs(len(first) - len(second)) > 1:
        wrong.append(Violation("balance", "halves", float(abs(len(first) - len(second))), 1.0, "members"))
    names = snapshot.satellite_names
    across = [
        capacity
        for a, b, capacity in zip(
            snapshot.a.tolist(), snapshot.b.tolist(), snapshot.capacity_gbps.tolist(), strict=True
        )
        if (names[a] in first and names[b] in second) or (names[a] in second and names[b] in first)
    ]
    total = float(np.sum(across))
    if abs(total - found.upper_gbps) > _CLOSE_FRACTION * max(total, 1.0):
        wrong.append(Violation("capacity", "links between the halves", found.upper_gbps, total, "Gbit/s"))
    if found.lower_gbps > found.upper_gbps:
        wrong.append(Violation("bound", "lower bound", found.lower_gbps, found.upper_gbps, "Gbit/s"))
    return tuple(wrong)


def audit_groups(groups: Groups, away_ms: FloatArray, diameter_ms: float) -> tuple[Violation, ...]:
    """Return the pairs of one group that are farther apart than its diameter.

    Parameters
    ----------
    groups
        The groups.
    away_ms
        Least delays between satellites as the auditor has them, ``[sat, sat]``.
    diameter_ms
        What was asked for.
    """
    wrong = []
    for number in range(len(groups.sizes)):
        for i, j in combinations(np.flatnonzero(groups.group == number).tolist(), 2):
            if away_ms[i, j] > diameter_ms * (1.0 + _CLOSE_FRACTION):
                place = f"group {number}: {groups.names[i]} and {groups.names[j]}"
                wrong.append(Violation("diameter", place, float(away_ms[i, j]), diameter_ms, "ms"))
    return tuple(wrong)
