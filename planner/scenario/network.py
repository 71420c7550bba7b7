"""What the laser network of a plan is good for as a whole: traffic, the virtual data center, what losses leave of it.

All but churn and gateways is told of one instant, the best joined one (`LaserNetwork.best_instant`).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.catalog import Catalog
from planner.links import (
    AccessTable,
    Diversity,
    Gateways,
    LaserTerminal,
    LinkTable,
    contact_capacity_gbps,
    gateway_diversity,
    in_view,
    terminal_power_w,
)
from planner.network import (
    Churn,
    Connectivity,
    NetworkSnapshot,
    Percolation,
    SingleLosses,
    churn,
    connectivity,
    percolation,
    single_losses,
    snapshot,
)
from planner.network.flow import Demand, TrafficPlan, audit_traffic, route_demands
from planner.network.resilience.percolation import Attack, Unit
from planner.orbit import Fleet, GroundSites
from planner.satellite import RackSatellite
from planner.scenario.audited import require_clean
from planner.scenario.datacenter import DataCenter, data_center
from planner.scenario.schema import Plan

_LEAST_PLANES: Final = 3
_MOST_TRAVELLED: Final = 2_000
"""Satellites of which the most travelled are sought, which takes a search from each: a second."""


@dataclass(frozen=True, eq=False)
class Resilience:
    """What losses leave of the network at one instant.

    Attributes
    ----------
    connectivity
        How the satellites hang together.
    satellites, planes, sites
        What each single loss costs, worst first.
    random
        How the network falls apart as satellites are lost in random order.
    by_plane
        The same for whole planes; None for a fleet of fewer than three.
    aimed
        The same when the most travelled satellites go first (the most linked ones, in a large fleet).
    """

    connectivity: Connectivity
    satellites: SingleLosses
    planes: SingleLosses
    sites: SingleLosses
    random: Percolation
    by_plane: Percolation | None
    aimed: Percolation


@dataclass(frozen=True, eq=False)
class LaserNetwork:
    """The laser network of a plan, over time and at its best joined instant.

    Attributes
    ----------
    plan, catalog
        What was asked, and what it stands on.
    fleet, designs, sites, gateways
        ``[sat]`` and ``[site]``.
    terminal, terminals
        The laser terminal of every satellite, and how many each has, ``[sat]``.
    links, access
        Over time; contacts are those that antennas follow.
    site_latency_ms
        ``[time, site, site]``, one way between users, infinite where there is no way.
    """

    plan: Plan
    catalog: Catalog
    fleet: Fleet
    designs: tuple[RackSatellite, ...]
    sites: GroundSites
    gateways: Gateways
    terminal: LaserTerminal
    terminals: IntArray
    links: LinkTable
    access: AccessTable
    site_latency_ms: FloatArray

    @cached_property
    def best_instant(self) -> int:
        """The instant that pictures show: the most site pairs reachable, then the most links, then the first."""
        linked = np.diff(self.links.offsets)
        reach = np.isfinite(self.site_latency_ms).sum(axis=(1, 2))
        return int(np.lexsort((-linked, -reach))[0])

    def at(self, time: int) -> NetworkSnapshot:
        """Return the network at one instant."""
        return snapshot(
            self.links,
            self.access,
            time,
            self.fleet,
            self.sites,
            contact_capacity_gbps=contact_capacity_gbps(self.access, self.gateways),
        )

    @cached_property
    def best(self) -> NetworkSnapshot:
        """The network at its best joined instant."""
        return self.at(self.best_instant)

    @cached_property
    def churn(self) -> Churn:
        """How links come and go."""
        return churn(self.links)

    @cached_property
    def terminal_power_w(self) -> FloatArray:
        """What the laser terminals of each satellite draw, ``[time, sat]``."""
        return terminal_power_w(self.links, self.terminal, self.terminals)

    @cached_property
    def diversity(self) -> Diversity:
        """How much of the time a gateway is in view and clear, sites closing independently."""
        return gateway_diversity(self.contacts_seen, self.gateways.outage_fraction)

    @cached_property
    def contacts_seen(self) -> BoolArray:
        """Where sites have a contact, ``[time, site]``."""
        return in_view(self.access)

    @cached_property
    def traffic(self) -> TrafficPlan | None:
        """How the plan's traffic is carried, audited; None where it has none."""
        if not self.plan.traffic:
            return None
        demands = tuple(
            Demand(ask.source, ask.target, ask.gbps, latency_limit_ms=ask.maximum_ms, required=ask.required)
            for ask in self.plan.traffic
        )
        routed = route_demands(self.best, demands, objective=self.plan.network.traffic_objective)
        require_clean("traffic", audit_traffic(routed, self.best, demands))
        return routed

    @cached_property
    def data_center(self) -> DataCenter | None:
        """What the network is worth as one data center, audited; None without a laser link."""
        return data_center(self.best, self.designs, self.plan.network, self.catalog)

    @cached_property
    def resilience(self) -> Resilience:
        """What losses leave of the network."""
        asked = self.plan.network

        def falling(unit: Unit, attack: Attack) -> Percolation:
            rng = np.random.default_rng(asked.seed)
            return percolation(self.best, unit=unit, attack=attack, orders=asked.losses, rng=rng)

        planes = len(set(zip(self.fleet.shells, self.fleet.planes.tolist(), strict=True)))
        return Resilience(
            connectivity=connectivity(self.best),
            satellites=single_losses(self.best, "satellite"),
            planes=single_losses(self.best, "plane"),
            sites=single_losses(self.best, "site"),
            random=falling("satellites", "random"),
            by_plane=falling("planes", "random") if planes >= _LEAST_PLANES else None,
            aimed=falling("satellites", "betweenness" if len(self.fleet) <= _MOST_TRAVELLED else "degree"),
        )
