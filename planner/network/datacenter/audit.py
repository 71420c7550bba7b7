"""Are rings what they say they are? Replayed over the network; no search, no solver.

Each audit reads names, looks links up in the snapshot and adds up what it finds. Nothing found is good news.
"""

from collections import Counter
from collections.abc import Collection
from itertools import pairwise
from typing import Final

import numpy as np

from planner.network.datacenter.results import Hierarchy, Ring
from planner.network.snapshot import NetworkSnapshot
from planner.outcome import Violation

CLOSE_FRACTION: Final = 1e-9
"""Two sums of the same figures in another order differ by no more than this part."""

_Links = dict[tuple[int, int], int]
"""Place of each link by its ends, the lower one first."""


def audit_ring(
    ring: Ring,
    snapshot: NetworkSnapshot,
    members: Collection[str] | None = None,
    *,
    relays: Collection[str] | None = None,
) -> tuple[Violation, ...]:
    """Return what is wrong with a ring: members missed or met twice, hops without links, figures that links belie.

    Parameters
    ----------
    ring
        The ring. That no ring is faster than its outcome's bound is worked out anew: links faster than that must not
        connect the members. That none of its rate has fewer relays than `Ring.fewest_relays` is not.
    snapshot
        The network it is to run in.
    members
        Names of those it must visit; None for all satellites.
    relays
        Names of others that hops may pass; None for members alone.
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
    inside = wanted | set(relays or ())
    passed = {snapshot.satellite_names[i] for i in ring.passed.tolist()}
    found += [Violation("relay", f"satellite {name}", 1.0, 0.0, "times") for name in sorted(passed - inside)]
    return (*found, *_untrue_hops(ring, snapshot, hops, links), *_untrue_figures(ring, snapshot, hops, links, inside))


def _untrue_hops(ring: Ring, snapshot: NetworkSnapshot, hops: list[list[int]], links: _Links) -> list[Violation]:
    """Return hops whose start, delay or rate is not what their links give."""
    found = []
    uses = Counter(step for hop in hops for step in pairwise(hop))
    for number, hop in enumerate(hops):
        name = f"hop {number} from {ring.names[number]}"
        room = min(snapshot.capacity_gbps[links[min(s), max(s)]] / uses[s] for s in pairwise(hop))
        delay = sum(snapshot.delay_ms[links[min(s), max(s)]] for s in pairwise(hop))
        if not _close(ring.hop_gbps[number], room):
            found.append(Violation("capacity", name, float(ring.hop_gbps[number]), float(room), "Gbit/s"))
        if not _close(ring.hop_ms[number], delay):
            found.append(Violation("delay", name, float(ring.hop_ms[number]), float(delay), "ms"))
        if snapshot.satellite_names[hop[0]] != ring.names[number]:
            found.append(Violation("order", name, float(hop[0]), float(snapshot.index(ring.names[number])), "index"))
    return found


def _untrue_figures(
    ring: Ring, snapshot: NetworkSnapshot, hops: list[list[int]], links: _Links, inside: Collection[str]
) -> list[Violation]:
    """Return figures of the whole ring that its hops belie, and a bound that a ring could exceed."""
    there = Counter(step for hop in hops for step in pairwise(hop))
    each = Counter({step: there[step] + there[step[::-1]] for step in there})
    capacity = {step: float(snapshot.capacity_gbps[links[min(step), max(step)]]) for step in there}
    relays = sum(len(hop) - 2 for hop in hops)
    rate = min((capacity[step] / there[step] for step in there), default=0.0)
    both = min((capacity[step] / each[step] for step in there), default=np.inf)
    shared = {links[min(step), max(step)] for step in there if there[step] > 1}
    told = ring.outcome
    found = [
        Violation(rule, "whole ring", float(says), float(is_), unit)
        for rule, says, is_, unit in (
            ("both ways", ring.both_ways_gbps, both, "Gbit/s"),
            ("relays", ring.relays, relays, "relays"),
            ("rate", told.objective, rate, "Gbit/s"),
            ("shared links", len(set(ring.shared_links.tolist()) ^ shared), 0, "links"),
        )
        if not _close(says, is_)
    ]
    if ring.fewest_relays > relays:
        found.append(Violation("fewest relays", "whole ring", float(ring.fewest_relays), float(relays), "relays"))
    if hops and (
        told.bound < rate * (1.0 - CLOSE_FRACTION) or _joined(ring.names, snapshot, inside, above_gbps=told.bound)
    ):
        found.append(Violation("bound", "whole ring", told.bound, rate, "Gbit/s"))
    if hops and told.status == "optimal" and not _close(told.bound, rate):
        found.append(Violation("status", "whole ring", told.bound, rate, "Gbit/s"))
    return found


def _joined(names: Collection[str], snapshot: NetworkSnapshot, inside: Collection[str], *, above_gbps: float) -> bool:
    """Return whether links among some satellites that are faster than a rate connect the named ones."""
    allowed = np.array([name in inside for name in snapshot.satellite_names], dtype=bool)
    fast = snapshot.capacity_gbps > above_gbps * (1.0 + CLOSE_FRACTION)
    beside: dict[int, list[int]] = {}
    for link in np.flatnonzero(fast & allowed[snapshot.a] & allowed[snapshot.b]).tolist():
        a, b = int(snapshot.a[link]), int(snapshot.b[link])
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    wanted = {snapshot.index(name) for name in names}
    reached = {next(iter(wanted))}
    waiting = list(reached)
    while waiting:
        new = set(beside.get(waiting.pop(), ())) - reached
        reached |= new
        waiting += new
    return wanted <= reached


def _close(one: float, other: float) -> bool:
    return bool(one == other or abs(one - other) <= CLOSE_FRACTION * max(abs(other), 1e-6))


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
        # A link is shared by two groups only where a hop leaves its own, which is told as a relay.
        found += audit_ring(ring, snapshot, ring.names)
        led = len(set(ring.names) & set(made.leaders.names))
        if led != 1:
            found.append(Violation("leader", f"group {number}", float(led), 1.0, "leaders"))
    return (*found, *audit_ring(made.leaders, snapshot, made.leaders.names, relays=wanted))


def _hops(ring: Ring) -> list[list[int]]:
    """Return the satellites of each hop, both ends included."""
    around = [*ring.passed.tolist(), *ring.passed[:1].tolist()]
    return [around[first : last + 1] for first, last in pairwise(ring.start.tolist())]
