"""How fast traffic and alternative ways are found, each beside a rival measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import block_diag, coo_array, eye_array, hstack

from planner.links import LaserTerminal
from planner.network import NetworkSnapshot, plus_grid
from planner.network.flow import Demand, audit_traffic, k_shortest, max_flow_gbps, route_demands
from planner.orbit import propagate
from planner.orbit.design.walker import walker_delta
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
TERMINAL = LaserTerminal("bench", 100.0, 5016.0, 10.0, 100.0)
DEMANDS = 50


@pytest.fixture(scope="module")
def shell() -> NetworkSnapshot:
    """Return 1,584 satellites in a +grid of 100 Gbit/s."""
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=1584, planes=72, phasing=1, epoch=EPOCH
    )
    positions = propagate(fleet, TimeGrid(EPOCH, 60.0, 1)).positions_km[0]
    a, b = np.asarray(plus_grid(fleet)).T
    range_km = np.linalg.norm(positions[a] - positions[b], axis=1)
    none = np.zeros(0)
    return NetworkSnapshot(
        fleet.names, (), a, b, range_km, range_km / 299.792458, np.full(len(a), 100.0),
        none.astype(int), none.astype(int), none, none, none, {},
    )  # fmt: skip


def demands_of(network: NetworkSnapshot, most_gbps: float) -> list[Demand]:
    rng = np.random.default_rng(1)
    ends = [rng.choice(len(network.satellite_names), 2, replace=False) for _ in range(DEMANDS)]
    names = network.satellite_names
    return [Demand(names[i], names[j], float(rng.uniform(10.0, most_gbps))) for i, j in ends]


def by_arcs(network: NetworkSnapshot, demands: list[Demand]) -> float:
    """Return the least traffic in flight that serves all demands: one variable for each arc and demand."""
    nodes, index = len(network.satellite_names), {name: i for i, name in enumerate(network.satellite_names)}
    tail, head = np.concatenate([network.a, network.b]), np.concatenate([network.b, network.a])
    delay, capacity = np.tile(network.delay_ms, 2), np.tile(network.capacity_gbps, 2)
    arcs = np.arange(len(tail))
    node_arc = coo_array(
        (np.repeat([1.0, -1.0], len(tail)), (np.concatenate([tail, head]), np.concatenate([arcs, arcs]))),
        shape=(nodes, len(tail)),
    )
    balance = np.zeros((len(demands), nodes))
    for k, demand in enumerate(demands):
        balance[k, index[demand.source]], balance[k, index[demand.target]] = demand.gbps, -demand.gbps
    solved = linprog(
        np.tile(delay, len(demands)),
        A_eq=block_diag([node_arc] * len(demands), format="csr"),
        b_eq=balance.ravel(),
        A_ub=hstack([eye_array(len(tail))] * len(demands), format="csr"),
        b_ub=capacity,
        method="highs",
    )
    return float(solved.fun)


def test_fifty_demands_over_1584_satellites(shell: NetworkSnapshot, beside: Callable[..., Any]) -> None:
    demands = demands_of(shell, 60.0)
    plan, least = beside(
        lambda: route_demands(shell, demands), lambda: by_arcs(shell, demands), "HiGHS over all arcs and demands"
    )
    assert audit_traffic(plan, shell, demands) == ()
    assert plan.outcome.bound * (1.0 - 1e-6) <= least <= plan.outcome.objective * (1.0 + 1e-6)
    assert plan.outcome.objective <= least * (1.0 + 1e-4)


def test_the_least_load_of_fifty_demands_over_1584_satellites(
    shell: NetworkSnapshot, beside: Callable[..., Any]
) -> None:
    demands = demands_of(shell, 60.0)
    plan, direct = beside(
        lambda: route_demands(shell, demands, objective="least_load"),
        lambda: route_demands(shell, demands, objective="least_delay"),
        "the least delay, which knows nothing of load",
    )
    sys.stderr.write(f"\nhighest load {plan.outcome.objective:.4f}, proved {plan.outcome.bound:.4f}\n")
    assert audit_traffic(plan, shell, demands) == ()
    assert plan.outcome.bound <= plan.outcome.objective <= float(direct.link_load_gbps.max()) / 100.0


def test_the_ten_shortest_ways_over_1584_satellites(shell: NetworkSnapshot, beside: Callable[..., Any]) -> None:
    source, target = shell.satellite_names[3], shell.satellite_names[700]
    graph = nx.Graph(shell.graph)
    ours, theirs = beside(
        lambda: k_shortest(shell, source, target, 10),
        lambda: list(islice(nx.shortest_simple_paths(graph, source, target, weight="delay_ms"), 10)),
        "networkx shortest_simple_paths",
    )
    expected = [nx.path_weight(graph, path, "delay_ms") for path in theirs]
    assert [path.latency_ms for path in ours] == pytest.approx(expected, rel=1e-12)


def test_the_least_cut_between_two_hundreds_of_1584_satellites(
    shell: NetworkSnapshot, beside: Callable[..., Any]
) -> None:
    sources, targets = shell.satellite_names[:100], shell.satellite_names[800:900]
    graph = nx.DiGraph(shell.graph)
    graph.add_edges_from([("from", name) for name in sources] + [(name, "to") for name in targets])
    ours, theirs = beside(
        lambda: max_flow_gbps(shell, sources, targets),
        lambda: nx.maximum_flow_value(graph, "from", "to", capacity="capacity_gbps"),
        "networkx maximum_flow_value",
    )
    assert ours == theirs
