"""What is left of a network after a loss? Whether it hangs together, who still reaches whom, how late and how much.

Before and after are `NetworkSnapshot`; latencies are one way, ``[site, site]``. Sites never relay.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.arrays import FloatArray, lock
from planner.network.resilience.connectivity import components
from planner.network.snapshot import NetworkSnapshot

if TYPE_CHECKING:
    from planner.network.routing import Seeds


@dataclass(frozen=True)
class Remaining:
    """What is left of a network.

    Attributes
    ----------
    satellites_before, satellites, links_before, links
        Numbers of satellites and laser links.
    components
        Number of parts that no laser link joins; a satellite alone is one.
    largest_component_before, largest_component
        Satellites of the largest part.
    served_before, served
        Satellites that some site reaches.
    pairs_before, pairs
        Pairs of sites that reach each other.
    median_rise_ms, worst_rise_ms
        Growth of the one-way latency of the pairs of sites that still reach each other; NaN where none does.
    worst_pair
        The sites of the greatest rise; None where no latency rises.
    capacity_before_gbps, capacity_gbps
        Sum over the laser links, each direction; NaN where that of one of them is not known.
    entry_before_gbps, entry_gbps
        What all sites together can send into the laser network at most: over all satellites, the lesser of what its
        contacts and what its laser links carry. NaN where a laser link that counts has no known capacity.
    """

    satellites_before: int
    satellites: int
    links_before: int
    links: int
    components: int
    largest_component_before: int
    largest_component: int
    served_before: int
    served: int
    pairs_before: int
    pairs: int
    median_rise_ms: float
    worst_rise_ms: float
    worst_pair: tuple[str, str] | None
    capacity_before_gbps: float
    capacity_gbps: float
    entry_before_gbps: float
    entry_gbps: float

    @property
    def largest_component_fraction(self) -> float:
        """Satellites of the largest part over all satellites there were; NaN where there were none."""
        return self.largest_component / self.satellites_before if self.satellites_before else float("nan")

    @property
    def pairs_fraction(self) -> float:
        """Pairs of sites that still reach each other over those that did; NaN where none did."""
        return self.pairs / self.pairs_before if self.pairs_before else float("nan")


def remaining(before: NetworkSnapshot, after: NetworkSnapshot) -> Remaining:
    """Return what is left of a network after a loss.

    Parameters
    ----------
    before
        The whole network.
    after
        What `lose` left of it.

    Raises
    ------
    InputError
        If `after` has a satellite or site that `before` has not.
    """
    for name in (*after.satellite_names, *after.site_names):
        before.index(name)
    whole, left = pair_latency_ms(before), np.full((len(before.site_names),) * 2, np.inf)
    stayed = [before.site_names.index(name) for name in after.site_names]
    left[np.ix_(stayed, stayed)] = pair_latency_ms(after)
    median, worst, pair = rises_ms(whole, left)
    sizes, parts = np.bincount(components(before)), np.bincount(components(after))
    return Remaining(
        satellites_before=len(before.satellite_names),
        satellites=len(after.satellite_names),
        links_before=len(before.a),
        links=len(after.a),
        components=len(parts),
        largest_component_before=int(sizes.max(initial=0)),
        largest_component=int(parts.max(initial=0)),
        served_before=served(before),
        served=served(after),
        pairs_before=reachable_pairs(whole),
        pairs=reachable_pairs(left),
        median_rise_ms=median,
        worst_rise_ms=worst,
        worst_pair=None if pair is None else (before.site_names[pair[0]], before.site_names[pair[1]]),
        capacity_before_gbps=float(before.capacity_gbps.sum()),
        capacity_gbps=float(after.capacity_gbps.sum()),
        entry_before_gbps=entry_gbps(before),
        entry_gbps=entry_gbps(after),
    )


def pair_latency_ms(snapshot: NetworkSnapshot) -> FloatArray:
    """Return the least one-way delay between every two sites, ``[site, site]``; infinite where there is no way."""
    seeds = contact_seeds(snapshot)
    return lock(pairwise_ms(satellites_ms(snapshot, seeds), seeds))


def contact_seeds(snapshot: NetworkSnapshot) -> "Seeds":
    """Return where each site meets the laser network."""
    from planner.network.routing import Seeds

    order = np.argsort(snapshot.site, kind="stable")
    site, satellite, up_ms = snapshot.site[order], snapshot.satellite[order], snapshot.contact_delay_ms[order]
    return Seeds.of_rows(site, satellite, up_ms, sources=len(snapshot.site_names))


def satellites_ms(snapshot: NetworkSnapshot, seeds: "Seeds") -> FloatArray:
    """Return the least one-way delay from every site to every satellite, ``[site, sat]``."""
    from planner.network.routing import shortest_ms

    satellites = len(snapshot.satellite_names)
    return shortest_ms(snapshot.a, snapshot.b, snapshot.delay_ms, seeds, nodes=satellites, workers=1)


def pairwise_ms(reached_ms: FloatArray, seeds: "Seeds") -> FloatArray:
    """Return the delay between every two sites, ``[site, site]``, by the one to every satellite.

    The figure of a pair is that found from its first site, for both ways; 0 from a site to itself.
    """
    latency = np.full((len(seeds), len(seeds)), np.inf)
    met = np.flatnonzero(np.diff(seeds.offsets))
    if len(met):
        down = reached_ms[:, seeds.node] + seeds.delay_ms
        latency[:, met] = np.minimum.reduceat(down, seeds.offsets[met], axis=1)
    # Both directions add the same delays in opposite order, which may differ in the last bit.
    upper = np.triu(latency, 1)
    return upper + upper.T


def reachable_pairs(latency_ms: FloatArray) -> int:
    """Return how many pairs of different sites reach each other, of latencies ``[site, site]``."""
    return int(np.count_nonzero(np.isfinite(latency_ms[np.triu_indices(len(latency_ms), 1)])))


def rises_ms(before_ms: FloatArray, after_ms: FloatArray) -> tuple[float, float, tuple[int, int] | None]:
    """Return median and greatest rise of the latencies ``[site, site]`` finite in both, and the pair of the greatest.

    NaN and None where there is no such pair; no pair either where none rises.
    """
    first, second = np.triu_indices(len(before_ms), 1)
    both = np.isfinite(before_ms[first, second]) & np.isfinite(after_ms[first, second])
    first, second = first[both], second[both]
    rise = after_ms[first, second] - before_ms[first, second]
    if not len(rise):
        return float("nan"), float("nan"), None
    worst = int(np.argmax(rise))
    pair = (int(first[worst]), int(second[worst])) if rise[worst] > 0.0 else None
    return float(np.median(rise)), float(rise[worst]), pair


def served(snapshot: NetworkSnapshot) -> int:
    """Return how many satellites some site reaches."""
    part = components(snapshot)
    return int(np.count_nonzero(np.isin(part, part[snapshot.satellite])))


def entry_gbps(snapshot: NetworkSnapshot) -> float:
    """Return what all sites together can send into the laser network at most; see `Remaining`."""
    satellites = len(snapshot.satellite_names)
    lasers = np.bincount(snapshot.a, snapshot.capacity_gbps, minlength=satellites)
    lasers += np.bincount(snapshot.b, snapshot.capacity_gbps, minlength=satellites)
    unlimited = np.where(np.isnan(snapshot.contact_capacity_gbps), np.inf, snapshot.contact_capacity_gbps)
    contacts = np.bincount(snapshot.satellite, unlimited, minlength=satellites)
    seen = contacts > 0.0
    return float(np.minimum(lasers[seen], contacts[seen]).sum())
