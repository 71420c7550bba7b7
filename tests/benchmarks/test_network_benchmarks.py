"""How fast links and routing are, each beside a rival measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import networkx as nx
import numpy as np

from planner.links import LaserTerminal, ground_access
from planner.network import link_table, mutual_nearest, plus_grid, satellite_latency_ms, site_latency_ms, snapshot
from planner.orbit import propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
TERMINAL = LaserTerminal("bench", 100.0, 5016.0, 10.0, 100.0)


def cities(count: int) -> GroundSites:
    rng = np.random.default_rng(7)
    return GroundSites(
        tuple(f"city {i}" for i in range(count)),
        rng.uniform(-50.0, 55.0, count),
        rng.uniform(-180.0, 180.0, count),
        np.zeros(count),
        np.full(count, 25.0),
        np.full(count, np.nan),
    )


def shell(satellites: int, planes: int) -> Any:
    return walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=planes, phasing=1, epoch=EPOCH
    )


def test_routing_between_a_hundred_cities_over_1584_satellites(beside: Callable[..., Any]) -> None:
    times = TimeGrid(EPOCH, 60.0, 1)
    fleet, sites = shell(1584, 72), cities(100)
    states = propagate(fleet, times)
    links, access = link_table(states, pairs=plus_grid(fleet), terminal=TERMINAL), ground_access(states, sites)
    view = nx.Graph(snapshot(links, access, 0, fleet, sites).between(sites.names[0]))
    few = 5

    def rival() -> dict[str, float]:
        for _ in range(few):
            lengths = nx.single_source_dijkstra_path_length(view, sites.names[0], weight="delay_ms")
        return lengths

    latency, lengths = beside(
        lambda: site_latency_ms(links, access), rival, "networkx Dijkstra per city", scale=100 / few
    )
    reached = [lengths.get(name, np.inf) for name in fleet.names]
    assert np.allclose(satellite_latency_ms(links, access)[0, 0], reached, rtol=1e-12)
    assert np.isfinite(latency).any()


def test_links_of_1584_satellites_by_nearness(beside: Callable[..., Any]) -> None:
    positions = propagate(shell(1584, 72), TimeGrid(EPOCH, 60.0, 1)).positions_km[0]

    def one_at_a_time() -> int:
        i, j = np.triu_indices(len(positions), 1)
        span = np.linalg.norm(positions[i] - positions[j], axis=1)
        order = np.argsort(span, kind="stable")
        free = np.full(len(positions), 4)
        taken = 0
        for k in order[span[order] <= 5016.0]:
            if free[i[k]] and free[j[k]]:
                free[i[k]] -= 1
                free[j[k]] -= 1
                taken += 1
        return taken

    pairs, taken = beside(
        lambda: mutual_nearest(positions, terminals=4, maximum_range_km=5016.0),
        one_at_a_time,
        "all pairs, sorted, one at a time",
    )
    # Without its check of the line of sight, which at this range takes nothing away.
    assert abs(taken - len(pairs)) <= 0.01 * taken
