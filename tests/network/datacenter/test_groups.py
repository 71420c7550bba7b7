"""Groups of satellites within a diameter: every clique tried, closed forms, bounds that hold."""

from dataclasses import replace
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.network import NetworkSnapshot
from planner.network.datacenter import audit_groups, audit_groups_in_range, groups_in_range, groups_within
from planner.network.datacenter.cliquekernel import largest_group


def _away_ms(snapshot: NetworkSnapshot) -> np.ndarray:
    lengths = dict(nx.all_pairs_dijkstra_path_length(snapshot.graph, weight="delay_ms"))
    names = snapshot.satellite_names
    return np.array([[lengths[a].get(b, np.inf) for b in names] for a in names])


@st.composite
def networks(draw):
    """Return a number of nodes, links, their delays, and a diameter."""
    size = draw(st.integers(1, 10))
    choices = list(combinations(range(size), 2))
    pairs = draw(st.lists(st.sampled_from(choices), unique=True)) if choices else []
    delays = draw(st.lists(st.floats(0.0, 4.0), min_size=len(pairs), max_size=len(pairs)))
    return size, pairs, delays, draw(st.floats(0.0, 8.0))


@settings(deadline=None)
@given(networks(), st.sampled_from([0, 1, 2, 20_000]))
def test_the_largest_group_lies_within_its_bounds_and_is_exact_unless_cut_short(network_of, case, nodes) -> None:
    size, pairs, delays, diameter = case
    snapshot = network_of(size, pairs, 1.0, delays)
    away = _away_ms(snapshot)
    # One part in 10⁹: the auditor's tolerance; a diameter on the brink of a sum of delays is either.
    close, closer = away <= diameter * (1 + 1e-9), away <= diameter * (1 - 1e-9)

    def largest(near) -> int:
        graph = nx.from_numpy_array(near & near.T)
        graph.remove_edges_from(list(nx.selfloop_edges(graph)))
        return max(len(clique) for clique in nx.find_cliques(graph))

    found = groups_within(snapshot, diameter, nodes=nodes)
    assert found.sizes[0] <= largest(close)
    assert found.outcome.bound >= largest(closer)
    if nodes == 20_000:
        assert found.outcome.status == "optimal"
    assert audit_groups(found, snapshot, diameter) == ()
    assert sorted(name for k in range(len(found.sizes)) for name in found.members(k)) == sorted(found.names)
    assert 1 <= found.fewest <= len(found.sizes)


def test_a_heuristic_group_holds_all_within_half_the_diameter_of_a_centre(torus) -> None:
    # On a large torus of links of 1 ms, 25 satellites are within 3 links: 1 + 4 + 8 + 12.
    found = groups_within(torus(20, 21), 6.0, nodes=0)
    assert found.sizes[0] >= 25
    assert found.outcome.bound <= 85  # 1 + 4 (1 + … + 6) satellites are within 6 links
    assert found.outcome.status == "feasible"


def test_groups_of_a_torus_are_exact_by_search(torus) -> None:
    # All within 3 links of a centre: no larger set has diameter 6 in the plane, as a tilted square of side 6/√2 holds
    # 25 points at most.
    found = groups_within(torus(20, 21), 6.0)
    assert (int(found.sizes[0]), found.outcome.status) == (25, "optimal")


def test_others_relay_for_members(network_of) -> None:
    chain = network_of(3, [(0, 1), (1, 2)])
    assert groups_within(chain, 2.0, members=["S0", "S2"]).largest == ("S0", "S2")
    assert groups_within(chain, 1.9, members=["S0", "S2"]).largest == ("S0",)


def test_positions_group_by_distance_and_a_lost_satellite_is_alone() -> None:
    places = np.array([[0.0, 0, 0], [1.0, 0, 0], [2.0, 0, 0], [np.nan] * 3])
    found = groups_in_range(places, 1.0)
    assert found.sizes.tolist() == [2, 1, 1]
    assert found.members(int(found.group[3])) == ("3",)
    assert groups_in_range(places, 2.0).largest == ("0", "1", "2")


def test_a_larger_diameter_never_makes_the_largest_group_smaller(lattice) -> None:
    sizes = [int(groups_within(lattice(4), diameter).sizes[0]) for diameter in (0, 1, 2, 3, 4, 8, 100)]
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[1], sizes[-1]) == (1, 2, 49)


def test_row_25_no_satellite_makes_no_group(network_of) -> None:
    found = groups_within(network_of(0, []), 1.0)
    assert (len(found.sizes), found.fewest, found.outcome.status) == (0, 0, "empty")


@pytest.mark.parametrize("diameter", [-1.0, float("nan")])
def test_a_diameter_that_is_none_is_refused(torus, diameter: float) -> None:
    with pytest.raises(InputError, match="diameter_ms"):
        groups_within(torus(3, 3), diameter)
    with pytest.raises(InputError, match="diameter_km"):
        groups_in_range(np.zeros((2, 3)), diameter)


def test_the_audit_finds_a_group_that_is_too_wide_and_counts_that_are_not(torus) -> None:
    snapshot = torus(3, 4)
    found = groups_within(snapshot, 2.0)
    assert audit_groups(found, snapshot, 2.0) == ()
    everyone = replace(
        found,
        group=np.zeros(12, dtype=np.int64),
        sizes=np.array([12]),
        fewest=1,
        outcome=replace(found.outcome, objective=12.0, bound=12.0),
    )
    wrong = audit_groups(everyone, snapshot, 2.0)
    assert {violation.rule for violation in wrong} == {"diameter"}
    # Of 66 pairs those 3 links apart or more: of 12 members each has 2 (two slots and one plane away).
    assert len(wrong) == 12 * 2 // 2
    rules = [
        {violation.rule for violation in audit_groups(false, snapshot, 2.0)}
        for false in (
            replace(found, names=("S1", *found.names[1:])),
            replace(found, sizes=found.sizes + 1),
            replace(found, outcome=replace(found.outcome, bound=1.0)),
            replace(found, outcome=replace(found.outcome, objective=99.0, bound=99.0)),
            replace(found, fewest=13),
            replace(found, group=found.group - 1),
        )
    ]
    assert rules == [{"groups"}, {"size"}, {"bound"}, {"largest"}, {"fewest"}, {"groups"}]
    assert {v.rule for v in audit_groups(found, snapshot, 2.0, found.names[1:])} == {"groups"}


def test_the_audit_of_distances_takes_its_own() -> None:
    places = np.array([[0.0, 0, 0], [1.0, 0, 0], [2.0, 0, 0], [np.nan] * 3])
    found = groups_in_range(places, 1.0)
    assert audit_groups_in_range(found, places, 1.0) == ()
    assert [violation.rule for violation in audit_groups_in_range(found, places, 0.5)] == ["diameter"]
    assert {violation.rule for violation in audit_groups_in_range(found, places[:3], 1.0)} == {"groups"}


@pytest.mark.parametrize("nodes", range(1, 9))
def test_a_search_cut_short_bounds_the_largest_group_and_not_the_one_it_has(nodes: int) -> None:
    # Eight satellites close to each other: the search takes one with each node.
    near = np.array([[0xFF & ~(1 << i)] for i in range(8)], dtype=np.uint64)
    found, bound, searched = largest_group(near, 0, nodes)
    assert searched == nodes
    assert bound == 8
    assert len(found) == (8 if nodes == 8 else 0)
