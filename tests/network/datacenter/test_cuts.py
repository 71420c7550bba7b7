"""Minimum cut and bisection: closed forms, all halvings tried, and what must hold for any network."""

import math
from dataclasses import replace
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.network.datacenter import audit_bisection, audit_minimum_cut, bisection, minimum_cut
from planner.network.datacenter.cutbounds import routed_bound_gbps, spectral_bound_gbps
from planner.network.datacenter.members import interconnect
from planner.network.datacenter.mincut import MinimumCut

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
    once, often = (routed_bound_gbps(network, enough_gbps=np.inf, rounds=rounds)[0] for rounds in (1, 20))
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
            assert routed_bound_gbps(network, enough_gbps=np.inf, rounds=rounds)[0] <= exact * (1 + SUMS)


def test_in_a_large_network_some_senders_serve_as_well_as_all(lattice, monkeypatch) -> None:
    network = interconnect(lattice(7, diagonals=True))
    every = routed_bound_gbps(network, enough_gbps=np.inf, rounds=5)[0]
    monkeypatch.setattr("planner.network.datacenter.cutbounds.MOST_EVERYONE", 100)
    monkeypatch.setattr("planner.network.datacenter.cutbounds.MOST_SENDERS", 60)
    some = routed_bound_gbps(network, enough_gbps=np.inf, rounds=5)[0]
    assert some > 0.9 * every


@pytest.mark.parametrize(("planes", "slots"), [(20, 20), (8, 12), (12, 8), (24, 24)])
def test_the_obvious_halving_of_a_plus_grid_is_found(torus, planes: int, slots: int) -> None:
    # Two cuts along the shorter side: what the routed bound meets for even sides.
    found = bisection(torus(planes, slots), rounds=1)
    assert found.upper_gbps == 200.0 * min(planes, slots)
    assert found.outcome.status == "optimal"


def test_the_halving_of_a_square_grid_does_not_depend_on_the_order_of_its_members(torus, network_of) -> None:
    grid, new = torus(20, 20), np.random.default_rng(0).permutation(400)
    pairs = [(int(new[a]), int(new[b])) for a, b in zip(grid.a, grid.b, strict=True)]
    assert bisection(network_of(400, pairs), rounds=1).upper_gbps == 4000.0


def test_an_eigenvalue_that_iterations_missed_proves_nothing(network_of, monkeypatch) -> None:
    import scipy.sparse.linalg

    # A path has single eigenvalues: the inertia tells that one lies below what is taken for the first.
    network = interconnect(network_of(30, [(i, i + 1) for i in range(29)]))
    whole = scipy.sparse.linalg.eigsh

    def missing(*matrix, k, **options):
        values, vectors = whole(*matrix, k=k + 1, **options)
        kept = np.delete(np.argsort(values), 1)
        return values[kept], vectors[:, kept]

    monkeypatch.setattr("planner.network.datacenter.cutbounds._DENSE", 10)
    assert spectral_bound_gbps(network)[0] > 0.0
    monkeypatch.setattr(scipy.sparse.linalg, "eigsh", missing)
    assert spectral_bound_gbps(network)[0] == 0.0


def _rules(violations) -> set[str]:
    return {violation.rule for violation in violations}


@pytest.mark.parametrize("size", [(3, 5), (4, 6)])
def test_a_false_halving_does_not_pass_the_audit(torus, size) -> None:
    # Counted out, and proved by routing.
    snapshot = torus(*size)
    found = bisection(snapshot)
    first, second = found.halves
    assert audit_bisection(found, snapshot) == ()
    moved = replace(found, halves=((*first, *second[:2]), second[2:]))
    assert {"balance", "capacity", "links"} <= _rules(audit_bisection(moved, snapshot))
    both = replace(found, halves=(first, (*second, first[0])))
    assert "halves" in _rules(audit_bisection(both, snapshot))
    few = replace(found, halves=(first[:1], second[:1]), upper_gbps=0.0, lower_gbps=0.0, links=np.zeros(0, dtype=int))
    assert "halves" in _rules(audit_bisection(few, snapshot))
    other = replace(found, halves=(first, (*second[1:], "S99")))
    assert "halves" in _rules(audit_bisection(other, snapshot))
    assert _rules(audit_bisection(replace(found, lower_gbps=1e9), snapshot)) == {"bound", "objective"}
    assert _rules(audit_bisection(replace(found, links=found.links[1:]), snapshot)) == {"links"}
    assert "halves" in _rules(audit_bisection(found, snapshot, snapshot.satellite_names[1:]))


def test_a_lower_bound_without_a_proof_does_not_pass_the_audit(lattice) -> None:
    snapshot = lattice(4, diagonals=True)
    found = bisection(snapshot, rounds=5)
    assert found.lower_gbps < found.upper_gbps
    assert audit_bisection(found, snapshot) == ()
    shorter = replace(found.routing, share_fraction=found.routing.share_fraction * 0.5)
    fewer = replace(found.routing, senders=tuple(senders[:0] for senders in found.routing.senders))
    at_upper = {"lower_gbps": found.upper_gbps, "outcome": replace(found.outcome, bound=found.upper_gbps)}
    for false in (
        replace(found, **at_upper),
        replace(found, **at_upper, routed_gbps=found.upper_gbps),
        replace(found, **at_upper, spectral_gbps=found.upper_gbps),
        replace(found, **at_upper, cut_gbps=found.upper_gbps),
        replace(found, routed_gbps=1e9),
        replace(found, routing=None),
        replace(found, routing=shorter),
        replace(found, routing=fewer),
        replace(found, routing=replace(found.routing, links=found.routing.links[::-1])),
        replace(found, routing=replace(found.routing, length=-found.routing.length)),
    ):
        assert [violation.rule for violation in audit_bisection(false, snapshot)] == ["bound"]


@settings(max_examples=40, deadline=None)
@given(weighted_links(12))
def test_each_proof_alone_carries_the_bound_it_proves(network_of, case) -> None:
    size, pairs, capacity = case
    snapshot = network_of(size, pairs, capacity)
    found = bisection(snapshot, enumerated=2, rounds=3)
    none = {"spectral_gbps": np.nan, "routed_gbps": np.nan, "cut_gbps": np.nan}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.network.datacenter.audit_cuts._MOST_COUNTED", 1)
        for name in none:
            bound = getattr(found, name)
            if np.isnan(bound):
                continue
            lower = min(bound, found.upper_gbps)
            alone = replace(found, **none | {name: bound}, lower_gbps=lower)
            alone = replace(alone, outcome=replace(found.outcome, bound=lower))
            assert audit_bisection(alone, snapshot) == ()
            more = lower * 1.01
            false = replace(alone, **{name: more}, lower_gbps=more, outcome=replace(found.outcome, bound=more))
            # A minimum cut or routed bound below the halving is as high as it can be; a hundredth more is not proved.
            assert "bound" in _rules(audit_bisection(false, snapshot))


def test_beyond_dense_sizes_the_audit_counts_eigenvalues(network_of, monkeypatch) -> None:
    monkeypatch.setattr("planner.network.datacenter.audit_cuts._MOST_DENSE", 10)
    snapshot = network_of(24, list(combinations(range(24), 2)), 1.0)
    found = replace(bisection(snapshot, rounds=1), routing=None, routed_gbps=np.nan)
    assert found.lower_gbps == pytest.approx(144.0, rel=1e-6)  # complete graph: 12 · 12
    assert audit_bisection(found, snapshot) == ()
    cycle = network_of(24, [(i, (i + 1) % 24) for i in range(24)])
    told = bisection(cycle, rounds=1)
    false = replace(told, routing=None, routed_gbps=np.nan, cut_gbps=np.nan, spectral_gbps=told.lower_gbps)
    assert [violation.rule for violation in audit_bisection(false, cycle)] == ["bound"]


@PATIENT
@given(weighted_links(), st.floats(1.001, 3.0))
def test_the_audit_of_a_minimum_cut_tells_the_least_from_others(network_of, case, more) -> None:
    size, pairs, capacity = case
    snapshot = network_of(size, pairs, capacity)
    found = minimum_cut(snapshot)
    assert audit_minimum_cut(found, snapshot) == ()
    assert "capacity" in _rules(
        audit_minimum_cut(replace(found, capacity_gbps=found.capacity_gbps * more + 1), snapshot)
    )
    assert "side" in _rules(audit_minimum_cut(replace(found, side=()), snapshot))
    for count in range(1, size // 2 + 1):
        side = snapshot.satellite_names[:count]
        inside = (snapshot.a < count) != (snapshot.b < count)
        total = float(snapshot.capacity_gbps[inside].sum())
        other = MinimumCut(total, side, np.flatnonzero(inside))
        least = total <= found.capacity_gbps * (1 + SUMS)
        assert (audit_minimum_cut(other, snapshot) == ()) == least


def test_row_25_the_audit_of_cuts_of_none_and_one_member(network_of) -> None:
    for size in (0, 1):
        snapshot = network_of(size, [])
        assert audit_bisection(bisection(snapshot), snapshot) == ()
        assert audit_minimum_cut(minimum_cut(snapshot), snapshot) == ()
        false = replace(minimum_cut(snapshot), capacity_gbps=1.0)
        assert _rules(audit_minimum_cut(false, snapshot)) == {"side"}


def test_a_minimum_cut_beyond_the_proof_is_held_against_single_members(torus, monkeypatch) -> None:
    monkeypatch.setattr("planner.network.datacenter.audit_cuts._MOST_JOINED", 10)
    snapshot = torus(4, 5)
    assert audit_minimum_cut(minimum_cut(snapshot), snapshot) == ()
    names = snapshot.satellite_names
    inside = (snapshot.a < 2) != (snapshot.b < 2)
    pair = MinimumCut(600.0, names[:2], np.flatnonzero(inside))
    assert _rules(audit_minimum_cut(pair, snapshot)) == {"bound"}


def test_limits_out_of_range_are_refused(torus) -> None:
    with pytest.raises(ValueError, match="rounds: 0"):
        bisection(torus(3, 3), rounds=0)
    for enumerated in (1, 21):
        with pytest.raises(ValueError, match=f"enumerated: {enumerated}"):
            bisection(torus(3, 3), enumerated=enumerated)
