"""Networks made by hand: lattices, tori and any list of links."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import networkx as nx
import numpy as np
import pytest
from numpy.typing import ArrayLike

from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.network import NetworkSnapshot
from planner.orbit import cluster, propagate
from planner.times import TimeGrid


def _network_of(
    size: int, pairs: Sequence[tuple[int, int]], capacity_gbps: ArrayLike = 100.0, delay_ms: ArrayLike = 1.0
) -> NetworkSnapshot:
    """Return a network of satellites S0, S1, … with these links."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(f"S{i}" for i in range(size))
    count = len(pairs)
    rows = zip(pairs, np.broadcast_to(capacity_gbps, count), np.broadcast_to(delay_ms, count), strict=True)
    for (a, b), capacity, delay in rows:
        graph.add_edge(f"S{a}", f"S{b}", delay_ms=float(delay), capacity_gbps=float(capacity))
    return NetworkSnapshot.from_graph(graph)


def _torus(planes: int, slots: int, *, seam: bool = True) -> NetworkSnapshot:
    """Return a +grid: rings of slots, and between planes; without `seam` the last plane is not linked to the first."""
    pairs = [(p * slots + s, p * slots + (s + 1) % slots) for p in range(planes) for s in range(slots)]
    last = planes if seam else planes - 1
    pairs += [(p * slots + s, (p + 1) % planes * slots + s) for p in range(last) for s in range(slots)]
    return _network_of(planes * slots, pairs)


def _lattice(radius: int, *, diagonals: bool = False) -> NetworkSnapshot:
    """Return the points of a square lattice within a radius, linked to their four or eight neighbours."""
    reach = range(-radius, radius + 1)
    place = {point: i for i, point in enumerate((x, y) for x in reach for y in reach if x * x + y * y <= radius**2)}
    steps = [(1, 0), (0, 1), (1, 1), (1, -1)] if diagonals else [(1, 0), (0, 1)]
    pairs = [(i, place[x + dx, y + dy]) for (x, y), i in place.items() for dx, dy in steps if (x + dx, y + dy) in place]
    return _network_of(len(place), pairs)


def _suncatcher(gbps: float) -> list[NetworkSnapshot]:
    """Return the 81-satellite cluster at three instants of a revolution, linked within 0.3 km, all links alike."""
    epoch = datetime(2026, 3, 1, tzinfo=UTC)
    fleet = cluster(name="cluster", epoch=epoch)
    positions = propagate(fleet, TimeGrid(epoch, 1400.0, 3)).positions_km
    found = []
    for places in positions:
        away = np.linalg.norm(places[:, None] - places, axis=-1)
        a, b = np.nonzero(np.triu(away <= 0.3, 1))
        delay = away[a, b] / SPEED_OF_LIGHT_KM_S * 1e3
        found.append(_network_of(len(fleet), list(zip(a.tolist(), b.tolist(), strict=True)), gbps, delay))
    return found


@pytest.fixture(scope="session")
def network_of() -> Callable[..., NetworkSnapshot]:
    """Return a maker of networks from a number of satellites and a list of links."""
    return _network_of


@pytest.fixture(scope="session")
def torus() -> Callable[..., NetworkSnapshot]:
    """Return a maker of +grids."""
    return _torus


@pytest.fixture(scope="session")
def lattice() -> Callable[..., NetworkSnapshot]:
    """Return a maker of discs of a square lattice."""
    return _lattice


@pytest.fixture(scope="session")
def suncatcher() -> Callable[[float], list[NetworkSnapshot]]:
    """Return a maker of the Suncatcher cluster's network."""
    return _suncatcher
