"""Design a fleet, propagate it, link it by laser and route through it with networkx."""

from datetime import UTC, datetime

import networkx as nx

from planner.catalog import load_catalog
from planner.links import LaserTerminal, ground_access
from planner.network import fixed_links, link_table, plus_grid, snapshot
from planner.orbit import GroundSites, propagate, walker_delta
from planner.times import TimeGrid

start = datetime(2026, 6, 21, tzinfo=UTC)
fleet = walker_delta(
    name="shell", altitude_km=550.0, inclination_deg=53.0, satellites=1584, planes=72, phasing=39, epoch=start
)
sites = GroundSites.at({"London": (51.5, -0.1), "Singapore": (1.35, 103.8)})

ephemeris = propagate(fleet, TimeGrid(start, step_s=600.0, count=6))
terminal = LaserTerminal.from_catalog(load_catalog(), "starlink_laser")
links = link_table(ephemeris, fixed_links(plus_grid(fleet), terminal=terminal))
access = ground_access(ephemeris, sites)

for time in range(6):
    network = snapshot(links, access, time, fleet, sites).between("London", "Singapore")
    path = nx.shortest_path(network, "London", "Singapore", weight="delay_ms")
    delay_ms = nx.path_weight(network, path, weight="delay_ms")
    print(f"{10 * time} min: {2 * delay_ms:.1f} ms there and back over {len(path) - 2} satellites")
