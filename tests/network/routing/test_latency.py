"""Least delays and shortest ways between sites and satellites, at instants and over tables."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from planner.errors import InputError
from planner.links import AccessTable, LaserTerminal, LinkTable, ground_access
from planner.network import (
    NetworkSnapshot,
    fixed_links,
    link_table,
    plus_grid,
    route,
    satellite_latency_ms,
    site_latency_ms,
    snapshot,
    unreachable_pairs,
)
from planner.orbit import Ephemeris, Fleet
from planner.orbit.sites import GroundSites

SUMS = 1e-12
"""Relative: the same delays added in another order."""


def test_latencies_are_those_of_networkx(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    between, down = site_latency_ms(links, access), satellite_latency_ms(links, access)
    for time in (0, 5, 11):
        network = snapshot(links, access, time, fleet, sites)
        for i, source in enumerate(sites.names):
            lengths = nx.single_source_dijkstra_path_length(network.between(source), source, weight="delay_ms")
            expected = [lengths.get(name, np.inf) for name in fleet.names]
            assert down[time, i] == pytest.approx(expected, rel=SUMS)
            for j, target in enumerate(sites.names):
                view = network.between(source, target)
                if nx.has_path(view, source, target):
                    expected_ms = nx.shortest_path_length(view, source, target, weight="delay_ms")
                    assert between[time, i, j] == pytest.approx(expected_ms, rel=SUMS)
                    assert route(network, source, target).latency_ms == pytest.approx(expected_ms, rel=SUMS)
                else:
                    assert np.isinf(between[time, i, j])


def test_latency_is_symmetric_and_nothing_to_oneself(links: LinkTable, access: AccessTable) -> None:
    latency = site_latency_ms(links, access)
    assert np.array_equal(latency, np.swapaxes(latency, 1, 2))
    assert np.all(latency[:, np.arange(4), np.arange(4)] == 0.0)


def test_delays_to_satellites_at_hand_give_the_same_latency_without_a_search(
    links: LinkTable, access: AccessTable
) -> None:
    known = satellite_latency_ms(links, access)
    assert np.array_equal(site_latency_ms(links, access, satellites_ms=known), site_latency_ms(links, access))
    with pytest.raises(ValueError, match="satellites_ms: shape"):
        site_latency_ms(links, access, satellites_ms=known[:, :, :-1])


def test_light_up_and_down_is_in_the_latency(links: LinkTable, access: AccessTable) -> None:
    # A published tool leaves the ground links out of its round trips. At 1,200 km they are at least 4 ms each way.
    latency = site_latency_ms(links, access)
    assert np.all(latency[:, 0, 1] > 2 * 4.0)


def test_sites_never_relay() -> None:
    # Two satellites without a link between them, both in sight of the middle site: the outer ones cannot talk.
    graph: nx.Graph[str] = nx.Graph()
    for name in ("west", "middle", "east"):
        graph.add_node(name, kind="site")
    graph.add_edge("west", "S1", delay_ms=2.0)
    graph.add_edge("middle", "S1", delay_ms=2.0)
    graph.add_edge("middle", "S2", delay_ms=2.0)
    graph.add_edge("east", "S2", delay_ms=2.0)
    network = NetworkSnapshot.from_graph(graph)
    assert route(network, "west", "middle").nodes == ("west", "S1", "middle")
    assert not route(network, "west", "east").reachable
    assert not route(network, "S1", "S2").reachable
    assert route(network, "S1", "middle").nodes == ("S1", "middle")


def test_a_route_names_its_nodes_and_adds_up(network_at: NetworkSnapshot) -> None:
    path = route(network_at, "Paris", "Tokyo")
    edges = [network_at.graph.edges[pair] for pair in zip(path.nodes, path.nodes[1:], strict=False)]
    assert path.nodes[0] == "Paris"
    assert path.nodes[-1] == "Tokyo"
    assert path.latency_ms == pytest.approx(sum(edge["delay_ms"] for edge in edges), rel=SUMS)
    assert path.range_km == pytest.approx(sum(edge["range_km"] for edge in edges), rel=SUMS)
    assert path.round_trip_ms == 2 * path.latency_ms


def test_a_route_back_is_the_route_reversed(network_at: NetworkSnapshot, fleet: Fleet) -> None:
    for ends in (("Paris", "Tokyo"), ("Nairobi", fleet.names[40]), (fleet.names[3], fleet.names[60])):
        there, back = route(network_at, *ends), route(network_at, *reversed(ends))
        assert there.latency_ms == back.latency_ms
        assert there.nodes == tuple(reversed(back.nodes))


def test_a_route_to_oneself_is_nothing(network_at: NetworkSnapshot) -> None:
    path = route(network_at, "Paris", "Paris")
    assert (path.nodes, path.latency_ms, path.range_km) == (("Paris",), 0.0, 0.0)


def test_a_route_to_nowhere_names_the_mistake(network_at: NetworkSnapshot) -> None:
    with pytest.raises(InputError, match='did you mean "Tokyo"'):
        route(network_at, "Paris", "Tokio")


@pytest.fixture
def network_at(links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites) -> NetworkSnapshot:
    return snapshot(links, access, 6, fleet, sites)


def test_a_way_without_delay_is_a_way() -> None:
    # Sparse matrices may drop zeros; two docked satellites are still connected.
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edge("A", "B", delay_ms=0.0)
    graph.add_edge("B", "C", delay_ms=1.0)
    assert route(NetworkSnapshot.from_graph(graph), "A", "C").nodes == ("A", "B", "C")


@given(st.integers(0, 79))
def test_removing_a_satellite_never_shortens_a_path(
    links: LinkTable, access: AccessTable, states: Ephemeris, gone: int
) -> None:
    keep, seen = (links.a != gone) & (links.b != gone), access.satellite != gone
    rows = np.repeat(np.arange(links.times.count), np.diff(links.offsets))[keep]
    contacts = np.repeat(np.arange(links.times.count), np.diff(access.offsets))[seen]
    count = links.times.count
    fewer = replace(
        links, a=links.a[keep], b=links.b[keep], range_km=links.range_km[keep], capacity_gbps=links.capacity_gbps[keep],
        offsets=np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))]),
    )  # fmt: skip
    lower = replace(
        access, site=access.site[seen], satellite=access.satellite[seen], range_km=access.range_km[seen],
        elevation_deg=access.elevation_deg[seen],
        offsets=np.concatenate([[0], np.cumsum(np.bincount(contacts, minlength=count))]),
    )  # fmt: skip
    # Least sums of fewer ways, rounded alike: not shorter even in the last bit.
    assert np.all(site_latency_ms(fewer, lower) >= site_latency_ms(links, access))
    assert np.all(site_latency_ms(fewer, lower, relay=True) >= site_latency_ms(links, access, relay=True))


def test_row_26_what_has_no_way_is_counted(links: LinkTable, access: AccessTable) -> None:
    # The shell of 60° never rises over the South Pole: its pairs with the three cities have no way.
    latency = site_latency_ms(links, access)
    assert np.isinf(latency[:, 3, :3]).all()
    assert unreachable_pairs(latency).tolist() == [3] * links.times.count


def test_row_26_a_fleet_without_lasers_reaches_only_what_one_satellite_sees(
    access: AccessTable, states: Ephemeris, fleet: Fleet, terminal: LaserTerminal, sites: GroundSites
) -> None:
    dark = link_table(states, fixed_links(np.empty((0, 2), dtype=np.int64), terminal=terminal))
    down = satellite_latency_ms(dark, access)
    assert np.count_nonzero(np.isfinite(down)) == len(access.site)
    network = snapshot(dark, access, 0, fleet, sites)
    path = route(network, "Paris", "Tokyo")
    assert (path.nodes, path.latency_ms, path.reachable) == ((), np.inf, False)


@pytest.mark.parametrize("count", [0, 1])
def test_row_25_no_satellite_or_one_no_sites_and_no_links(
    count: int, states: Ephemeris, sites: GroundSites, fleet: Fleet, terminal: LaserTerminal
) -> None:
    few = Ephemeris(
        states.times, states.positions_km[:, :count], states.velocities_km_s[:, :count], states.sgp4_errors[:count]
    )
    links = link_table(few, fixed_links(plus_grid(fleet[np.arange(count)]), terminal=terminal))
    access = ground_access(few, sites)
    assert satellite_latency_ms(links, access).shape == (12, 4, count)
    assert site_latency_ms(links, access).shape == (12, 4, 4)
    nowhere = GroundSites((), *[np.empty(0)] * 5)
    nobody = ground_access(few, nowhere)
    assert satellite_latency_ms(links, nobody).shape == (12, 0, count)
    assert site_latency_ms(links, nobody).shape == (12, 0, 0)
    assert unreachable_pairs(site_latency_ms(links, nobody)).tolist() == [0] * 12
    assert len(snapshot(links, nobody, 0, fleet[np.arange(count)], nowhere).graph) == count


def test_latencies_are_scipys_to_the_last_bit(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    # Both are the least sums over all ways, rounded at every link from the site on.
    down, between = satellite_latency_ms(links, access), site_latency_ms(links, access)
    for time in range(links.times.count):
        network = snapshot(links, access, time, fleet, sites)
        # Contacts lead from the site up only, so that no way comes down to a site and goes up again.
        ends = np.concatenate([network.a, network.b, network.site + 80])
        others = np.concatenate([network.b, network.a, network.satellite])
        delays = np.concatenate([network.delay_ms, network.delay_ms, network.contact_delay_ms])
        matrix = csr_array((delays, (ends, others)), shape=(84, 84))
        reached = dijkstra(matrix, indices=np.arange(80, 84))[:, :80]
        assert np.array_equal(down[time], reached)
        for i, source in enumerate(sites.names):
            for j, target in enumerate(sites.names):
                assert route(network, source, target).latency_ms == between[time, i, j]
            assert route(network, source, fleet.names[7]).latency_ms == reached[i, 7]


def test_threads_change_no_bit(links: LinkTable, access: AccessTable) -> None:
    for latency_ms in (satellite_latency_ms, site_latency_ms):
        alone = latency_ms(links, access, workers=1)
        assert all(np.array_equal(alone, latency_ms(links, access, workers=workers)) for workers in (2, 5, None))
    with pytest.raises(ValueError, match="workers: 0"):
        site_latency_ms(links, access, workers=0)


def test_sites_that_relay_are_nodes_like_any_other(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    alone, relayed = site_latency_ms(links, access), site_latency_ms(links, access, relay=True)
    down = satellite_latency_ms(links, access, relay=True)
    assert np.all(relayed <= alone)
    assert np.array_equal(site_latency_ms(links, access, satellites_ms=down, relay=True), relayed)
    for time in (0, 7):
        network = snapshot(links, access, time, fleet, sites)
        for i, source in enumerate(sites.names):
            lengths = nx.single_source_dijkstra_path_length(network.graph, source, weight="delay_ms")
            assert relayed[time, i] == pytest.approx([lengths.get(name, np.inf) for name in sites.names], rel=SUMS)
            assert down[time, i] == pytest.approx([lengths.get(name, np.inf) for name in fleet.names], rel=SUMS)


def test_a_site_relays_where_it_is_asked_to() -> None:
    graph: nx.Graph[str] = nx.Graph()
    for name in ("west", "middle", "east"):
        graph.add_node(name, kind="site")
    for ends in (("west", "S1"), ("middle", "S1"), ("middle", "S2"), ("east", "S2")):
        graph.add_edge(*ends, delay_ms=2.0)
    network = NetworkSnapshot.from_graph(graph)
    path = route(network, "west", "east", relay=True)
    assert (path.nodes, path.latency_ms, path.hops) == (("west", "S1", "middle", "S2", "east"), 8.0, 4)
    assert route(network, "S1", "S2", relay=True).nodes == ("S1", "middle", "S2")


def test_of_equal_ways_the_one_of_fewest_links_and_then_lowest_names_from_the_end_is_taken() -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from("ABCDEF")
    # Three ways of 4 ms from A to F: over B and C, over D, over E.
    for a, b, delay in (
        ("A", "B", 1),
        ("B", "C", 1),
        ("C", "F", 2),
        ("A", "D", 2),
        ("D", "F", 2),
        ("A", "E", 1),
        ("E", "F", 3),
    ):
        graph.add_edge(a, b, delay_ms=float(delay))
    network = NetworkSnapshot.from_graph(graph)
    assert route(network, "A", "F").nodes == ("A", "D", "F")
    assert route(network, "F", "A").nodes == ("F", "D", "A")


def test_ways_through_docked_satellites_end() -> None:
    # A ring of links without delay has ways that go round for nothing; the one of fewest links does not.
    graph: nx.Graph[str] = nx.Graph()
    nx.add_cycle(graph, "BCDE", delay_ms=0.0)
    graph.add_edge("A", "B", delay_ms=1.0)
    graph.add_edge("D", "Z", delay_ms=1e-30)
    network = NetworkSnapshot.from_graph(graph)
    path = route(network, "A", "Z")
    assert path.nodes == ("A", "B", "C", "D", "Z")
    assert path.latency_ms == 1.0


def test_tables_of_different_times_are_refused(links: LinkTable, access: AccessTable) -> None:
    with pytest.raises(ValueError, match="same times"):
        site_latency_ms(links, replace(access, times=replace(access.times, step_s=60.0)))
