"""Design a laser network from the library: rules, topologies, delays, capacity, training and losses, no plan file."""

from datetime import UTC, datetime

import numpy as np

from planner.catalog import load_catalog
from planner.links import LaserTerminal, LinkRules, Mounting, city_sites, explain_link, ground_access, largest_cities
from planner.network import (
    Scene,
    chosen_links,
    churn,
    fixed_links,
    lose,
    matched_links,
    percolation,
    plus_grid,
    remaining,
    route,
    snapshot,
)
from planner.network.datacenter import Accelerators, TrainingModel, bisection, scaling_curve
from planner.network.flow import Demand, disjoint_paths, route_demands
from planner.network.routing import latency_series, stretch
from planner.network.topology import Ranked, link_table
from planner.orbit import propagate, walker_delta
from planner.times import TimeGrid

start = datetime(2026, 9, 1, tzinfo=UTC)
catalog = load_catalog()
fleet = walker_delta(
    name="shell", altitude_km=550.0, inclination_deg=53.0, satellites=1584, planes=72, phasing=39, epoch=start
)
sites = city_sites(largest_cities(20))
terminal = LaserTerminal.from_catalog(catalog, "starlink_laser")
states = propagate(fleet, TimeGrid(start, step_s=60.0, count=60))

# Why is this pair not linked?
pair = (0, 792)
verdict = explain_link(
    *(states.positions_km[0, pair[0]], states.velocities_km_s[0, pair[0]]),
    *(states.positions_km[0, pair[1]], states.velocities_km_s[0, pair[1]]),
    rules=LinkRules(maximum_range_km=terminal.maximum_range_km),
)
print(f"{fleet.names[pair[0]]} and {fleet.names[pair[1]]}: {verdict}\n")


def by_capacity(scene: Scene) -> Ranked:
    """Rank links by how near they are: a topology of one's own."""
    return Ranked(scene.pairs, 1.0 - scene.sightlines.range_km / scene.maximum_range_km)


# Three topologies under the same four terminals, over an hour.
rules = LinkRules.of(terminal, maximum_range_km=1500.0, mounting=Mounting.four_sides(60.0))
grid = fixed_links(plus_grid(fleet), terminal=terminal)
topologies = {
    "+grid": grid,
    "matching": matched_links(terminals=4, terminal=terminal, rules=rules),
    "one's own": chosen_links(by_capacity, terminals=4, terminal=terminal, rules=rules),
}
for name, topology in topologies.items():
    links = link_table(states, topology)
    found = churn(links)
    print(
        f"{name:10} {len(links.a) / links.times.count:6,.0f} links, {found.handovers_per_h:5.2f} new partners of a "
        f"satellite per hour, mean life {found.mean_life_s / 60.0:4.1f} min"
    )

# Delays over the hour, against glass along the ground.
followed = ("Mexico City", "Mumbai")
series = latency_series(fleet, states.times, sites, grid, follow=[followed])
over = stretch(series, sites, group_index=catalog.entry("fibre", "smf28")["group_index"])
a, b = (sites.names.index(name) for name in followed)
print(
    f"\n{followed[0]} to {followed[1]}: {2 * series.latency_ms[:, a, b].min():.1f} to "
    f"{2 * series.latency_ms[:, a, b].max():.1f} ms there and back, {series.path_changes_per_h[0]:.0f} path changes an "
    f"hour, {np.median(over.over_fibre_fraction[:, a, b]):.2f} of glass fibre\n"
)

# One instant as a network: ways, traffic, training, losses.
network = snapshot(link_table(states, grid), ground_access(states, sites), 0, fleet, sites)
print(f"shortest {route(network, *followed).round_trip_ms:.1f} ms; three ways without a shared satellite:")
for path in disjoint_paths(network, *followed, 3, by="node"):
    print(f"  {path.round_trip_ms:.1f} ms over {path.hops} hops")
traffic = route_demands(network, [Demand(*followed, gbps=500.0), Demand("Lagos", "Shanghai", gbps=300.0)])
print(
    f"carried {traffic.served_gbps.sum():,.0f} of 800 Gbit/s over {len(traffic.paths)} paths, {traffic.outcome.status}"
)
halves = bisection(network)
print(f"bisection {halves.lower_gbps:,.0f} to {halves.upper_gbps:,.0f} Gbit/s")

usual = catalog.entry("training", "data_parallel")
curve = scaling_curve(
    network,
    TrainingModel.from_catalog(catalog, "llama2_70b"),
    Accelerators(per_satellite=64, peak_tflops=918.0, mfu_fraction=usual["mfu_fraction"]),
    method="tree",
    overhead_s=usual["overhead_s"],
    sizes=[1, 4, 16, 64, 256, 976],
)
for size, efficiency in zip(curve.satellites, curve.efficiency_fraction, strict=True):
    print(f"  {size * curve.per_satellite:7,} accelerators: {efficiency:.0%} of the time spent on training")

left = remaining(network, lose(network, planes=[("shell", 0), ("shell", 1)]))
falling = percolation(network, orders=20)
print(
    f"without two planes: {left.pairs} of {left.pairs_before} city pairs joined, worst delay {left.worst_rise_ms:.1f} "
    f"ms longer; the network falls apart when {falling.threshold_fraction:.0%} of satellites are lost"
)
