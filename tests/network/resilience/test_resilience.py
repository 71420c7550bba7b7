"""What is left of a network after losses, and which single loss hurts most."""

from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.links import AccessTable, LinkTable
from planner.network import NetworkSnapshot, Remaining, connectivity, lose, remaining, route, single_losses, snapshot
from planner.network.resilience import pair_latency_ms, planes_of
from planner.orbit import Fleet
from planner.orbit.sites import GroundSites

SUMS = 1e-9
"""Milliseconds: the same delays added in another order."""


@pytest.fixture(scope="module")
def network(links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites) -> NetworkSnapshot:
    """Return 8 planes of 10 with three cities, and the South Pole, which sees none."""
    return snapshot(links, access, 3, fleet, sites)


@pytest.fixture(scope="module")
def bridge() -> NetworkSnapshot:
    """Return two triangles joined by one link, each with a site of its own."""
    graph: nx.Graph[str] = nx.Graph()
    for site in ("west", "east"):
        graph.add_node(site, kind="site")
    planes = zip("ABCDEF", (0, 0, 0, 1, 1, 2), strict=True)
    graph.add_nodes_from((name, {"shell": "shell", "plane": plane}) for name, plane in planes)
    for u, v in ("AB", "BC", "CA", "CD", "DE", "EF", "FD"):
        graph.add_edge(u, v, delay_ms=1.0, capacity_gbps=10.0)
    graph.add_edge("west", "A", delay_ms=2.0, capacity_gbps=5.0)
    graph.add_edge("east", "F", delay_ms=2.0)
    return NetworkSnapshot.from_graph(graph)


def test_what_is_lost_is_gone_with_its_links_and_all_else_stays(network: NetworkSnapshot) -> None:
    name = network.satellite_names[7]
    left = lose(network, satellites=[name], sites=["Tokyo"])
    expected = network.graph.copy()
    expected.remove_nodes_from([name, "Tokyo"])
    assert nx.utils.graphs_equal(left.graph, expected)
    assert left.at == network.at
    assert name not in left.satellite_names


def test_a_plane_is_lost_with_all_its_satellites(network: NetworkSnapshot) -> None:
    left = lose(network, planes=[("shell", 2)])
    gone = set(network.satellite_names) - set(left.satellite_names)
    assert gone == {network.satellite_names[i] for i in planes_of(network)[("shell", 2)]}
    assert len(gone) == 10


def test_a_laser_link_or_a_contact_is_lost_by_its_ends_in_either_order(bridge: NetworkSnapshot) -> None:
    left = lose(bridge, links=[("D", "C"), ("F", "east")])
    assert not left.graph.has_edge("C", "D")
    assert not left.graph.has_edge("F", "east")
    assert left.graph.number_of_edges() == bridge.graph.number_of_edges() - 2
    assert left.contact_capacity_gbps.tolist() == [5.0]


def test_nothing_lost_is_the_same_network(network: NetworkSnapshot) -> None:
    assert nx.utils.graphs_equal(lose(network).graph, network.graph)


def test_all_that_is_not_there_is_told_at_once_with_the_nearest_name(network: NetworkSnapshot) -> None:
    with pytest.raises(InputError) as error:
        lose(
            network,
            satellites=["shell-0-00x", "Paris"],
            planes=[("shell", 9), ("shall", 1)],
            links=[(network.satellite_names[0], network.satellite_names[40]), ("Paris", "nobody")],
            sites=["Tokio", network.satellite_names[0]],
        )
    told = [problem.reason for problem in error.value.problems]
    assert len(told) == 8
    assert any('did you mean "Tokyo"' in line for line in told)
    assert any('"Paris" is a site; give it under sites' in line for line in told)
    assert any('"shell" has 0 to 7' in line for line in told)
    assert any("shells are shell" in line for line in told)
    assert any("no link of" in line for line in told)


def test_planes_may_be_named_by_texts_beside_numbers() -> None:
    graph: nx.Graph[str] = nx.Graph()
    planes: list[Any] = [2, "upper", 10, None, [1]]
    graph.add_nodes_from((f"S{i}", {"shell": "shell", "plane": plane}) for i, plane in enumerate(planes))
    network = NetworkSnapshot.from_graph(graph)
    assert list(planes_of(network)) == [("shell", 2), ("shell", "upper"), ("shell", 10)]
    assert lose(network, planes=[("shell", 10)]).satellite_names == ("S0", "S1", "S3", "S4")
    with pytest.raises(InputError, match='"shell" has 2 to upper'):
        lose(network, planes=[("shell", 7)])


def test_what_is_given_in_another_shape_is_a_mistake(network: NetworkSnapshot) -> None:
    with pytest.raises(ValueError, match="give a sequence of names"):
        lose(network, satellites="Paris")
    with pytest.raises(ValueError, match="planes: 'shell' is not"):
        lose(network, planes=["shell"])
    with pytest.raises(ValueError, match=r"links: .* both ends"):
        lose(network, links=[("Paris", "Tokyo", "Nairobi")])


def test_what_is_left_is_counted(bridge: NetworkSnapshot) -> None:
    left = remaining(bridge, lose(bridge, links=[("C", "D")]))
    # The bridge parts the two triangles: 3 of 6 satellites each, both still served, but the sites by one side each.
    assert (left.components, left.largest_component, left.largest_component_fraction) == (2, 3, 0.5)
    assert (left.links_before, left.links, left.satellites) == (7, 6, 6)
    assert (left.served, left.pairs_before, left.pairs, left.pairs_fraction) == (6, 1, 0, 0.0)
    assert np.isnan(left.worst_rise_ms)
    assert (left.capacity_before_gbps, left.capacity_gbps) == (70.0, 60.0)
    # West sends 5 through its contact, east both links of F, for its contact is not limited.
    assert left.entry_gbps == 25.0


def test_the_rise_of_latency_is_that_of_the_way_round(bridge: NetworkSnapshot) -> None:
    # West A C D F east is 2 + 3 + 2 ms; without A to C it goes by B, 1 ms longer.
    left = remaining(bridge, lose(bridge, links=[("A", "C")]))
    assert (left.median_rise_ms, left.worst_rise_ms) == (1.0, 1.0)
    assert left.worst_pair == ("west", "east")
    assert remaining(bridge, bridge).worst_pair is None


def test_latencies_of_pairs_are_those_of_routes(network: NetworkSnapshot) -> None:
    latency = pair_latency_ms(network)
    for i, source in enumerate(network.site_names):
        for j, target in enumerate(network.site_names):
            assert latency[i, j] == pytest.approx(route(network, source, target).latency_ms, abs=SUMS)


@settings(deadline=None)  # the first example may compile a kernel
@given(st.sets(st.integers(0, 79), max_size=40), st.sets(st.integers(0, 159), max_size=30))
def test_row_26_a_loss_never_mends_anything(network: NetworkSnapshot, gone: set[int], cut: set[int]) -> None:
    names = network.satellite_names
    cut_links = [(names[network.a[k]], names[network.b[k]]) for k in sorted(cut)]
    left = lose(network, satellites=[names[i] for i in sorted(gone)], links=cut_links)
    kept = remaining(network, left)
    assert kept.largest_component <= kept.largest_component_before
    assert kept.pairs <= kept.pairs_before
    assert kept.served <= kept.served_before
    assert kept.entry_gbps <= kept.entry_before_gbps
    assert np.all(pair_latency_ms(left) >= pair_latency_ms(network) - SUMS)
    assert np.isnan(kept.worst_rise_ms) == (kept.pairs == 0)


def test_contacts_may_stand_in_any_order(network: NetworkSnapshot) -> None:
    order = np.random.default_rng(2).permutation(len(network.site))
    columns = ("site", "satellite", "contact_range_km", "contact_delay_ms", "contact_elevation_deg")
    mixed = replace(network, **{name: getattr(network, name)[order] for name in columns})
    assert np.array_equal(pair_latency_ms(mixed), pair_latency_ms(network))
    assert np.array_equal(single_losses(mixed, "satellite").names, single_losses(network, "satellite").names)


def test_two_networks_that_are_not_one_before_and_after_are_refused(
    network: NetworkSnapshot, bridge: NetworkSnapshot
) -> None:
    with pytest.raises(InputError, match="no node"):
        remaining(network, bridge)


def trial(network: NetworkSnapshot, kind: Any, name: str) -> Remaining:
    if kind == "plane":
        shell, plane = name.rsplit(" ", 1)
        return remaining(network, lose(network, planes=[(shell, int(plane))]))
    return remaining(network, lose(network, **{f"{kind}s": [name]}))


@pytest.mark.parametrize("kind", ["satellite", "plane", "site"])
@pytest.mark.parametrize("which", ["network", "bridge"])
def test_a_single_loss_costs_what_is_found_by_losing_it(
    which: str, kind: Any, network: NetworkSnapshot, bridge: NetworkSnapshot
) -> None:
    whole = {"network": network, "bridge": bridge}[which]
    losses = single_losses(whole, kind)
    assert len(losses) == len(set(losses.names))
    for k, name in enumerate(losses.names):
        left = trial(whole, kind, name)
        assert losses.pairs_lost[k] == left.pairs_before - left.pairs
        expected = [left.median_rise_ms, left.worst_rise_ms]
        assert [losses.median_rise_ms[k], losses.worst_rise_ms[k]] == pytest.approx(expected, abs=SUMS, nan_ok=True)
        gone = left.satellites_before - left.satellites
        # All satellites of these two networks are connected and served to begin with.
        assert losses.unserved[k] == left.served_before - gone - left.served
        assert losses.parted[k] == left.largest_component_before - gone - left.largest_component


@st.composite
def scattered(draw: st.DrawFn) -> NetworkSnapshot:
    """Return any small network: parted or not, with delays of 0, and many ways that are equal or equal but for sums."""
    graph: nx.Graph[str] = nx.Graph()
    satellites, sites = draw(st.integers(1, 9)), draw(st.integers(0, 4))
    names = [f"S{i}" for i in range(satellites)]
    planes = draw(st.lists(st.integers(0, 2), min_size=satellites, max_size=satellites))
    graph.add_nodes_from((name, {"shell": "shell", "plane": plane}) for name, plane in zip(names, planes, strict=True))
    graph.add_nodes_from((f"G{i}" for i in range(sites)), kind="site")
    pairs = [(u, v) for v in range(satellites) for u in range(v)]
    ends = [(names[u], names[v]) for u, v in draw(st.lists(st.sampled_from(pairs), max_size=20))] if pairs else []
    contacts = st.tuples(st.integers(0, sites - 1), st.sampled_from(names))
    ends += [(f"G{site}", name) for site, name in draw(st.lists(contacts, max_size=8))] if sites else []
    delays_ms = st.sampled_from([0.0, 0.1, 0.2, 0.3, 1.7])
    for u, v in ends:
        graph.add_edge(u, v, delay_ms=draw(delays_ms))
    return NetworkSnapshot.from_graph(graph)


@settings(deadline=None, max_examples=300)  # the first example may compile a kernel
@given(scattered(), st.sampled_from(["satellite", "plane", "site"]))
def test_a_single_loss_in_any_network_costs_to_the_last_bit_what_is_found_by_losing_it(
    network: NetworkSnapshot, kind: Any
) -> None:
    losses = single_losses(network, kind)
    part = connectivity(network).component
    served = set(part[network.satellite].tolist())
    first_largest = int(np.argmax(np.bincount(part)))
    for k, name in enumerate(losses.names):
        left = trial(network, kind, name)
        gone = {"satellite": [name], "plane": [], "site": []}[kind]
        if kind == "plane":
            gone = [network.satellite_names[i] for i in planes_of(network)[("shell", int(name[6:]))]]
        parts = [part[network.index(satellite)] for satellite in gone]
        assert losses.pairs_lost[k] == left.pairs_before - left.pairs
        assert losses.unserved[k] == left.served_before - sum(place in served for place in parts) - left.served
        shrunk = left.largest_component_before - parts.count(first_largest) - left.largest_component
        assert losses.parted[k] == max(0, shrunk)
        found = np.array([losses.median_rise_ms[k], losses.worst_rise_ms[k]])
        assert np.array_equal(found, [left.median_rise_ms, left.worst_rise_ms], equal_nan=True)


def test_the_loss_of_the_only_satellite_that_a_site_sees_leaves_all_others_unserved() -> None:
    graph: nx.Graph[str] = nx.cycle_graph(5)
    graph = nx.relabel_nodes(graph, dict(enumerate("ABCDE")))
    graph.add_node("site", kind="site")
    graph.add_edge("site", "C")
    nx.set_edge_attributes(graph, 1.0, "delay_ms")
    losses = single_losses(NetworkSnapshot.from_graph(graph), "satellite")
    # C parts nobody, for the rest of the ring still hangs together; but nothing leads down any more.
    assert losses.names == ("C", "A", "B", "D", "E")
    assert losses.unserved.tolist() == [4, 0, 0, 0, 0]
    assert losses.parted.tolist() == [0] * 5


def test_the_worst_loss_comes_first(bridge: NetworkSnapshot) -> None:
    losses = single_losses(bridge, "satellite")
    # C and D part the sites and 2 satellites; A and F take a site's only contact away, and leave 5 served by the other.
    assert set(losses.names[:4]) == {"A", "C", "D", "F"}
    assert losses.names[:2] == ("C", "D")
    assert losses.pairs_lost.tolist() == [1, 1, 1, 1, 0, 0]
    assert losses.parted.tolist()[:2] == [2, 2]
    planes = single_losses(bridge, "plane")
    assert planes.names == ("shell 1", "shell 0", "shell 2")


@pytest.mark.parametrize("kind", ["satellite", "plane", "site"])
def test_row_25_nothing_to_lose_is_no_loss(kind: Any) -> None:
    empty = NetworkSnapshot.from_graph(nx.Graph())
    assert len(single_losses(empty, kind)) == 0
    left = remaining(empty, lose(empty))
    assert (left.components, left.pairs, left.largest_component) == (0, 0, 0)
    assert np.isnan(left.largest_component_fraction)


def test_row_25_satellites_without_a_site_are_ranked_by_what_they_part() -> None:
    graph: nx.Graph[str] = nx.relabel_nodes(nx.path_graph(5), dict(enumerate("ABCDE")))
    nx.set_edge_attributes(graph, 1.0, "delay_ms")
    losses = single_losses(NetworkSnapshot.from_graph(graph), "satellite")
    # The middle of a chain of 5 leaves 2 together, its neighbours 3, its ends 4.
    assert losses.names == ("C", "B", "D", "A", "E")
    assert losses.parted.tolist() == [2, 1, 1, 0, 0]


def test_what_cannot_be_lost_is_refused(bridge: NetworkSnapshot) -> None:
    with pytest.raises(ValueError, match="kind"):
        single_losses(bridge, "link")
