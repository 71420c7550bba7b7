"""Minimum cut and bisection: closed forms, all halvings tried, and what must hold for any network."""

import math
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.network.datacenter import audit_bisection, bisection, minimum_cut
from planner.network.datacenter.cutbounds import routed_bound_gbps, spectral_bound_gbps
from planner.network.datacenter.members import interconnect

PATIENT = settings(deadline=None)  # the first call may compile
SUMS = 1e-9
"""Relative: capacities added in another order; the bounds give up as much to rounding."""


@st.composite
def weighted_links(draw, most: int = 10):
    """Return a number of nodes, links between them, and their capacities."""
    size = draw(st.integers(2, most))
    pairs = draw(st.lists(st.sampled_from(list(combinations(range(size), 2))), unique=True, min_size=1))
    capacity = draw(st.lists(st.floats(0.5, 50.0), min_size=len(pairs), max_size=len(pairs)))
    return size, pairs, capacity


def _least_cut(size, pairs, capacity, counts) -> float:
    """Return the least capacity across any cut whose smaller side has one of the given counts of nodes."""
    sides = [set(side) for count in counts for side in combinations(range(size), count)]
    return min(
        math.fsum(c for (a, b), c in zip(pairs, capacity, strict=True) if (a in side) != (b in side)) for side in sides
    )


@PATIENT
@given(weighted_links())
def test_the_minimum_cut_is_the_least_of_all_cuts(network_of, case) -> None:
    size, pairs, capacity = case
    found = minimum_cut(network_of(size, pairs, capacity))
    assert found.capacity_gbps == pytest.approx(_least_cut(size, pairs, capacity, range(1, size // 2 + 1)), rel=SUMS)
    assert 1 <= len(found.side) <= size / 2
    inside = set(found.side)
    across = [c for (a, b), c in zip(pairs, capacity, strict=True) if (f"S{a}" in inside) != (f"S{b}" in inside)]
    assert math.fsum(across) == pytest.approx(found.capacity_gbps, rel=SUMS)
    assert len(across) == len(found.links)


@PATIENT
@given(weighted_links())
def test_up_to_sixteen_members_the_bisection_is_exact(network_of, case) -> None:
    size, pairs, capacity = case
    snapshot = network_of(size, pairs, capacity)
    found = bisection(snapshot)
    assert found.upper_gbps == pytest.approx(_least_cut(size, pairs, capacity, [size // 2]), rel=SUMS)
    assert (found.lower_gbps, found.outcome.status) == (found.upper_gbps, "optimal")
    assert audit_bisection(found, snapshot) == ()


@settings(max_examples=40, deadline=None)
@given(weighted_links(12))
def test_searched_bounds_enclose_the_bisection(network_of, case) -> None:
    size, pairs, capacity = case
    snapshot = network_of(size, pairs, capacity)
    exact = bisection(snapshot).upper_gbps
    found = bisection(snapshot, enumerated=2)
    assert found.lower_gbps <= exact * (1 + SUMS)
    assert found.upper_gbps >= exact * (1 - SUMS)
    assert audit_bisection(found, snapshot) == ()


def test_a_torus_of_even_sides_is_bisected_across_its_shorter_side(torus) -> None:
    # Two rings of eight links of 100 Gbit/s each are cut; the routed bound meets it (Leighton 1992, section 3.1).
    found = bisection(torus(10, 8))
    assert found.upper_gbps == 1600.0
    assert found.lower_gbps == pytest.approx(1600.0, rel=1e-8)
    assert found.outcome.status == "optimal"
    assert [len(half) for half in found.halves] == [40, 40]
    assert minimum_cut(torus(10, 8)).capacity_gbps == 400.0


def test_a_starlink_shell_of_1584_is_bisected_exactly(torus) -> None:
    # 72 planes of 22: two cuts between planes, 22 links each.
    found = bisection(torus(72, 22), rounds=1)
    assert (found.upper_gbps, found.outcome.status) == (4400.0, "optimal")
    assert minimum_cut(torus(72, 22)).capacity_gbps == 400.0


def test_the_spectral_bound_is_that_of_closed_forms(network_of) -> None:
    # Complete graph of n: λ₂ = n, so the bound is k (n − k), the bisection. Cycle of n: λ₂ = 2 − 2 cos(2π/n).
    complete = network_of(18, list(combinations(range(18), 2)), 1.0)
    assert spectral_bound_gbps(interconnect(complete))[0] == pytest.approx(81.0, rel=1e-8)
    assert bisection(complete).upper_gbps == 81.0
    cycle = network_of(20, [(i, (i + 1) % 20) for i in range(20)], 3.0)
    assert spectral_bound_gbps(interconnect(cycle))[0] == pytest.approx(
        3.0 * (2.0 - 2.0 * math.cos(math.pi / 10.0)) * 5.0, rel=1e-8
    )


def test_the_sparse_spectral_bound_is_proved_and_equals_the_dense_one(torus, monkeypatch) -> None:
    network = interconnect(torus(12, 7))
    dense, _ = spectral_bound_gbps(network)
    monkeypatch.setattr("planner.network.datacenter.cutbounds._DENSE", 10)
    sparse, _ = spectral_bound_gbps(network)
    assert 0.0 < sparse < dense
    assert sparse == pytest.approx(dense, rel=2e-6)  # the shift is 1e-6 below


def test_routing_around_load_raises_the_bound(lattice) -> None:
    network = interconnect(lattice(5, diagonals=True))
    once, often = (routed_bound_gbps(network, enough_gbps=np.inf, rounds=rounds) for rounds in (1, 20))
    assert often > 1.3 * once
    assert often <= bisection(lattice(5, diagonals=True)).upper_gbps


def test_a_path_is_cut_in_the_middle_and_a_cycle_twice(network_of) -> None:
    path = bisection(network_of(21, [(i, i + 1) for i in range(20)], 7.0))
    assert (path.upper_gbps, len(path.links)) == (7.0, 1)
    assert path.lower_gbps == pytest.approx(7.0, rel=1e-8)
    cycle = bisection(network_of(20, [(i, (i + 1) % 20) for i in range(20)], 7.0))
    assert (cycle.upper_gbps, cycle.outcome.status) == (14.0, "optimal")


def test_parts_that_make_a_half_leave_nothing_between(network_of) -> None:
    # Cliques of 9, 6 and 3: 9 against 6 + 3.
    pairs = [pair for low, high in ((0, 9), (9, 15), (15, 18)) for pair in combinations(range(low, high), 2)]
    found = bisection(network_of(18, pairs))
    assert (found.upper_gbps, found.lower_gbps, found.method) == (0.0, 0.0, "parts")
    assert found.outcome.status == "optimal"
    cut = minimum_cut(network_of(18, pairs))
    assert (cut.capacity_gbps, len(cut.links)) == (0.0, 0)


def test_parts_that_make_no_half_are_told_with_bounds(network_of) -> None:
    # Cliques of 10 and 8: one member of the ten crosses over, over nine links of 1.
    pairs = [*combinations(range(10), 2), *combinations(range(10, 18), 2)]
    found = bisection(network_of(18, pairs, 1.0))
    assert (found.upper_gbps, found.lower_gbps, found.outcome.status) == (9.0, 0.0, "feasible")


def test_row_25_none_and_one_member_have_no_bisection(network_of) -> None:
    for size in (0, 1):
        found = bisection(network_of(size, []))
        assert (found.upper_gbps, found.outcome.status) == (0.0, "empty")
        assert minimum_cut(network_of(size, [])).capacity_gbps == np.inf


@PATIENT
@given(weighted_links(), st.floats(0.1, 20.0), st.randoms(use_true_random=False))
def test_more_capacity_lowers_neither_cut_nor_bisection(network_of, case, more, random) -> None:
    size, pairs, capacity = case
    wider = list(capacity)
    wider[random.randrange(len(wider))] += more
    before, after = network_of(size, pairs, capacity), network_of(size, pairs, wider)
    assert minimum_cut(after).capacity_gbps >= minimum_cut(before).capacity_gbps * (1 - SUMS)
    assert bisection(after).upper_gbps >= bisection(before).upper_gbps * (1 - SUMS)


@PATIENT
@given(weighted_links(), st.randoms(use_true_random=False))
def test_names_in_another_order_change_neither(network_of, case, random) -> None:
    size, pairs, capacity = case
    new = list(range(size))
    random.shuffle(new)
    here, there = network_of(size, pairs, capacity), network_of(size, [(new[a], new[b]) for a, b in pairs], capacity)
    assert minimum_cut(there).capacity_gbps == pytest.approx(minimum_cut(here).capacity_gbps, rel=SUMS)
    assert bisection(there).upper_gbps == pytest.approx(bisection(here).upper_gbps, rel=SUMS)


def test_the_minimum_cut_of_random_networks_is_that_of_networkx(network_of) -> None:
    rng = np.random.default_rng(7)
    for seed in range(20):
        graph = nx.connected_watts_strogatz_graph(60, 4, 0.3, seed=seed)
        pairs = list(graph.edges)
        capacity = rng.uniform(1.0, 9.0, len(pairs))
        for (a, b), weight in zip(pairs, capacity, strict=True):
            graph.edges[a, b]["weight"] = weight
        found = minimum_cut(network_of(60, pairs, capacity))
        assert found.capacity_gbps == pytest.approx(nx.stoer_wagner(graph)[0], rel=SUMS)


@pytest.mark.parametrize("edges", [nx.path_graph(40), nx.barbell_graph(8, 5), nx.hypercube_graph(5), nx.star_graph(9)])
def test_the_minimum_cut_of_regular_shapes_is_that_of_networkx(network_of, edges) -> None:
    graph = nx.convert_node_labels_to_integers(edges)
    capacity = np.random.default_rng(3).choice([1.0, 2.0, 5.0], graph.number_of_edges())
    for (a, b), weight in zip(graph.edges, capacity, strict=True):
        graph.edges[a, b]["weight"] = weight
    found = minimum_cut(network_of(len(graph), list(graph.edges), capacity))
    assert found.capacity_gbps == nx.stoer_wagner(graph)[0]


@settings(max_examples=40, deadline=None)
@given(weighted_links(12), st.integers(1, 12))
def test_the_routed_bound_holds_where_only_some_send(network_of, case, senders) -> None:
    size, pairs, capacity = case
    network = interconnect(network_of(size, pairs, capacity))
    if network.components.max() > 0:
        return
    exact = bisection(network_of(size, pairs, capacity)).upper_gbps
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.network.datacenter.cutbounds.MOST_EVERYONE", 1)
        patch.setattr("planner.network.datacenter.cutbounds.MOST_SENDERS", min(senders, size))
        for rounds in (1, 4):
            assert routed_bound_gbps(network, enough_gbps=np.inf, rounds=rounds) <= exact * (1 + SUMS)


def test_in_a_large_network_some_senders_serve_as_well_as_all(lattice, monkeypatch) -> None:
    network = interconnect(lattice(7, diagonals=True))
    every = routed_bound_gbps(network, enough_gbps=np.inf, rounds=5)
    monkeypatch.setattr("planner.network.datacenter.cutbounds.MOST_EVERYONE", 100)
    monkeypatch.setattr("planner.network.datacenter.cutbounds.MOST_SENDERS", 60)
    some = routed_bound_gbps(network, enough_gbps=np.inf, rounds=5)
    assert some > 0.9 * every


def test_a_false_halving_does_not_pass_the_audit(torus) -> None:
    from dataclasses import replace

    snapshot = torus(4, 6)
    found = bisection(snapshot)
    first, second = found.halves
    moved = replace(found, halves=((*first, *second[:2]), second[2:]))
    assert {"balance", "capacity"} <= {violation.rule for violation in audit_bisection(moved, snapshot)}
    both = replace(found, halves=(first, (*second, first[0])))
    assert "halves" in {violation.rule for violation in audit_bisection(both, snapshot)}
    assert [v.rule for v in audit_bisection(replace(found, lower_gbps=1e9), snapshot)] == ["bound"]


def test_limits_out_of_range_are_refused(torus) -> None:
    with pytest.raises(ValueError, match="rounds: 0"):
        bisection(torus(3, 3), rounds=0)
    for enumerated in (1, 21):
        with pytest.raises(ValueError, match=f"enumerated: {enumerated}"):
            bisection(torus(3, 3), enumerated=enumerated)
