"""Rings and trees as they run over links: every order tried, proofs of what cannot be, rates that links can give."""

from dataclasses import replace
from itertools import combinations, pairwise, permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InfeasibleError
from planner.network.datacenter import CircuitLimits, audit_ring, embed_ring, embed_tree
from planner.network.datacenter.hops import ring_over
from planner.network.datacenter.members import interconnect

NO_SEARCH = CircuitLimits(members=0)


@st.composite
def connected(draw, most: int = 9):
    """Return a connected network: nodes, links, capacities and delays."""
    size = draw(st.integers(2, most))
    tree = [(draw(st.integers(0, node - 1)), node) for node in range(1, size)]
    more = draw(st.lists(st.sampled_from(list(combinations(range(size), 2))), unique=True))
    pairs = sorted({*tree, *more})
    floats = st.floats(0.5, 20.0)
    capacity = draw(st.lists(floats, min_size=len(pairs), max_size=len(pairs)))
    delay = draw(st.lists(floats, min_size=len(pairs), max_size=len(pairs)))
    return size, pairs, capacity, delay


def _widest_gbps(size, pairs, capacity) -> float:
    """Return the narrowest link of a maximum spanning tree."""
    graph = nx.Graph()
    for pair, weight in zip(pairs, capacity, strict=True):
        graph.add_edge(*pair, weight=weight)
    return min(data["weight"] for *_, data in nx.maximum_spanning_edges(graph))


@settings(deadline=None)
@given(connected())
def test_a_ring_visits_each_member_once_at_the_best_rate(network_of, case) -> None:
    size, pairs, capacity, delay = case
    snapshot = network_of(size, pairs, capacity, delay)
    ring = embed_ring(snapshot, limits=NO_SEARCH)
    assert sorted(ring.names) == sorted(snapshot.satellite_names)
    assert ring.bottleneck_gbps == pytest.approx(_widest_gbps(size, pairs, capacity), rel=1e-12)
    assert (ring.outcome.objective, ring.outcome.status) == (ring.outcome.bound, "optimal")
    assert audit_ring(ring, snapshot) == ()
    assert ring.fewest_relays <= ring.relays


@settings(deadline=None, max_examples=30)
@given(connected(6))
def test_no_order_of_members_has_a_faster_ring(network_of, case) -> None:
    # An oracle of another kind: whatever the order and the ways, a hop's rate is at most the widest way between its
    # ends.
    size, pairs, capacity, delay = case
    widest = nx.Graph()
    for pair, weight in zip(pairs, capacity, strict=True):
        widest.add_edge(*pair, weight=weight)
    tree = nx.maximum_spanning_tree(widest)

    def hop(a: int, b: int) -> float:
        way = nx.shortest_path(tree, a, b)
        return min(tree.edges[step]["weight"] for step in pairwise(way))

    orders = ((0, *rest) for rest in permutations(range(1, size)))
    best = max(min(hop(a, b) for a, b in zip(order, (*order[1:], 0), strict=True)) for order in orders)
    assert embed_ring(network_of(size, pairs, capacity, delay), limits=NO_SEARCH).bottleneck_gbps <= best * (1 + 1e-12)


@settings(deadline=None, max_examples=25)
@given(connected(7))
def test_a_ring_without_relays_is_found_wherever_there_is_one(network_of, case) -> None:
    size, pairs, _, delay = case
    linked = {frozenset(pair) for pair in pairs}
    orders = ((0, *rest) for rest in permutations(range(1, size)))
    cyclic = any(
        all(frozenset(step) in linked for step in zip(order, (*order[1:], 0), strict=True)) for order in orders
    )
    ring = embed_ring(network_of(size, pairs, 10.0, delay))
    assert (ring.relays == 0) == cyclic
    assert (ring.why_relayed == "") == cyclic
    if not cyclic:
        assert ring.longest_hop_ms > 0.0


@pytest.mark.parametrize("seed", range(6))
def test_a_tree_is_walked_around_with_hops_of_three_links_at_most(network_of, seed: int) -> None:
    # Sekanina (1960): the cube of a connected graph is Hamiltonian.
    tree = nx.random_labeled_tree(40, seed=seed)
    ring = embed_ring(network_of(40, list(tree.edges)), limits=NO_SEARCH)
    assert ring.links_per_hop.max() <= 3
    assert ring.links_per_hop.sum() == 78  # each of 39 links once in each direction
    assert ring.bottleneck_gbps == 100.0
    assert ring.both_ways_gbps == 50.0


@pytest.mark.parametrize(("planes", "slots"), [(8, 10), (9, 11), (72, 22)])
def test_a_plus_grid_has_a_ring_of_its_links_alone(torus, planes: int, slots: int) -> None:
    snapshot = torus(planes, slots)
    ring = embed_ring(snapshot, limits=NO_SEARCH)
    assert (ring.relays, ring.bottleneck_gbps, ring.both_ways_gbps) == (0, 100.0, 100.0)
    assert (ring.longest_hop_ms, len(ring.shared_links), ring.why_relayed) == (1.0, 0, "")
    assert audit_ring(ring, snapshot) == ()


def test_the_lattice_of_81_has_no_ring_without_relays_and_it_is_proved(lattice) -> None:
    # 44 points of one colour, 37 of the other: at least 7 hops between two of the larger colour, each relayed.
    snapshot = lattice(5)
    ring = embed_ring(snapshot)
    assert len(ring) == 81
    assert (ring.relays, ring.fewest_relays) == (7, 7)
    assert "44 of the other only" in ring.why_relayed
    assert "37 members of one colour" in ring.why_relayed
    assert (ring.bottleneck_gbps, int(ring.links_per_hop.max())) == (100.0, 2)
    assert audit_ring(ring, snapshot) == ()


def test_the_search_for_fewer_relays_gives_the_same_ring_every_time(lattice) -> None:
    first, second = embed_ring(lattice(4)), embed_ring(lattice(4))
    assert first.names == second.names
    assert first.passed.tolist() == second.passed.tolist()


def test_a_search_cut_short_says_so_and_keeps_the_ring_it_had(lattice) -> None:
    # The construction leaves 13 relays on this lattice; 7 are proved to be the fewest.
    ring = embed_ring(lattice(5), limits=NO_SEARCH)
    assert ring.relays > ring.fewest_relays == 7
    assert ring.why_relayed.startswith("no ring with fewer was found within 0 members")
    assert ring.bottleneck_gbps == 100.0


def test_the_suncatcher_cluster_has_a_ring_without_relays(suncatcher) -> None:
    # Linked to diagonal neighbours too (at most 282.8 m away), colours no longer forbid it.
    for snapshot in suncatcher(800.0):
        ring = embed_ring(snapshot)
        assert (len(ring), ring.relays, ring.bottleneck_gbps) == (81, 0, 800.0)
        assert ring.longest_hop_ms <= 0.3 / 299.792458
        assert audit_ring(ring, snapshot) == ()


def test_members_with_one_link_are_counted_against_the_ring(network_of) -> None:
    # A star of four: each hop between leaves passes the centre, but for the two that begin and end there.
    ring = embed_ring(network_of(5, [(0, i) for i in range(1, 5)]))
    assert (ring.relays, ring.bottleneck_gbps) == (3, 100.0)
    assert ring.fewest_relays == 3  # by colours: 4 leaves against 1
    path = embed_ring(network_of(4, [(0, 1), (1, 2), (2, 3)]))
    assert (path.relays, path.fewest_relays) == (2, 2)


def test_a_narrow_link_is_left_out_where_the_rest_is_connected(network_of) -> None:
    ring = embed_ring(network_of(4, [(0, 1), (1, 2), (2, 3), (0, 3)], [100.0, 100.0, 100.0, 1.0]))
    assert ring.bottleneck_gbps == 100.0
    assert ring.relays == 2


@settings(deadline=None, max_examples=40)
@given(connected(), st.floats(0.1, 20.0), st.randoms(use_true_random=False))
def test_more_capacity_never_slows_the_ring(network_of, case, more, random) -> None:
    size, pairs, capacity, delay = case
    wider = list(capacity)
    wider[random.randrange(len(wider))] += more
    before, after = (embed_ring(network_of(size, pairs, c, delay), limits=NO_SEARCH) for c in (capacity, wider))
    assert after.bottleneck_gbps >= before.bottleneck_gbps * (1 - 1e-12)


def test_a_ring_over_some_members_passes_the_others(torus) -> None:
    ring = embed_ring(torus(4, 4))
    some = ring.over(["S0", "S5", "S10", "S15"])
    assert sorted(some.names) == ["S0", "S10", "S15", "S5"]
    assert some.links_per_hop.sum() == 16
    assert some.hop_ms.sum() == 16.0
    assert some.relays == 12
    for bad in (["S0", "S99"], []):
        with pytest.raises(ValueError, match="names"):
            ring.over(bad)


def test_row_25_one_member_is_a_ring_without_hops_and_parts_have_none(network_of) -> None:
    alone = embed_ring(network_of(1, []))
    assert (alone.bottleneck_gbps, alone.longest_hop_ms, alone.outcome.status) == (np.inf, 0.0, "empty")
    two = embed_ring(network_of(2, [(0, 1)]))
    assert (two.relays, two.bottleneck_gbps, two.both_ways_gbps) == (0, 100.0, 50.0)
    with pytest.raises(InfeasibleError, match="fall into 2 parts, the largest of 2; S0 is outside it"):
        embed_ring(network_of(3, [(1, 2)]))


def test_a_false_ring_does_not_pass_the_audit(torus) -> None:
    snapshot = torus(3, 4)
    ring = embed_ring(snapshot)
    rules = [
        {violation.rule for violation in audit_ring(false, snapshot)}
        for false in (
            replace(ring, names=(ring.names[1], *ring.names[1:])),
            replace(ring, passed=np.roll(np.sort(ring.passed), 3)),
            replace(ring, hop_gbps=ring.hop_gbps * 2.0),
            replace(ring, hop_ms=ring.hop_ms * 2.0),
            replace(ring, names=(*ring.names[1:], ring.names[0])),
            replace(ring, hop_gbps=ring.hop_gbps * 0.5),
            replace(ring, both_ways_gbps=1e9),
            replace(ring, relays=99),
            replace(ring, fewest_relays=99),
            replace(ring, shared_links=np.array([0])),
            replace(ring, outcome=replace(ring.outcome, objective=1e9, bound=1e9)),
            replace(ring, outcome=replace(ring.outcome, bound=99.0)),
            replace(ring, outcome=replace(ring.outcome, bound=101.0)),
        )
    ]
    assert rules == [
        {"visits"},
        {"link"},
        {"capacity"},
        {"delay"},
        {"order"},
        {"capacity"},
        {"both ways"},
        {"relays"},
        {"fewest relays"},
        {"shared links"},
        {"rate", "status"},
        {"bound", "status"},
        {"status"},
    ]


def test_a_ring_slower_than_links_allow_does_not_pass_as_the_best(network_of) -> None:
    # The best ring goes out and back on the links of 100; the audited one takes the link of 1.
    pairs = [(0, 1), (1, 2), (2, 3), (0, 3)]
    slow = embed_ring(network_of(4, pairs, 1.0))
    narrow = network_of(4, pairs, [100.0, 100.0, 100.0, 1.0])
    rates = [narrow.capacity_gbps[link] for link in _links_of(slow, narrow)]
    told = replace(slow, hop_gbps=np.array(rates))
    assert [violation.rule for violation in audit_ring(told, narrow)] == ["bound"]


def _links_of(ring, snapshot) -> list[int]:
    around = [*ring.passed.tolist(), int(ring.passed[0])]
    ends = list(zip(snapshot.a.tolist(), snapshot.b.tolist(), strict=True))
    return [ends.index((min(step), max(step))) for step in pairwise(around)]


def test_hops_over_others_than_members_need_leave(torus) -> None:
    snapshot = torus(4, 4)
    some = embed_ring(snapshot).over(["S0", "S5", "S10", "S15"])
    assert {violation.rule for violation in audit_ring(some, snapshot, some.names)} == {"relay"}
    assert audit_ring(some, snapshot, some.names, relays=snapshot.satellite_names) == ()


def test_a_ring_over_some_members_is_as_fast_as_the_slowest_link_between_two(network_of) -> None:
    # A ring of six links of 1 to 6; stops at every other member leave 1, 3 and 5 the slower of two.
    pairs = [(i, i + 1) for i in range(5)] + [(0, 5)]
    ring = embed_ring(network_of(6, pairs, 1.0))
    rates = dict(zip(ring.names, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), strict=True))
    fast = replace(ring, hop_gbps=np.array([rates[name] for name in ring.names]))
    assert fast.over(ring.names[::2]).hop_gbps.tolist() == [1.0, 3.0, 5.0]


def test_the_status_of_a_ring_is_that_of_its_rate_and_bound(network_of) -> None:
    network = interconnect(network_of(3, [(0, 1), (1, 2), (0, 2)]))
    hops = [(0, 1), (1, 2), (2, 0)]
    made = [
        ring_over(network, hops, rate_gbps=rate, solver="none", seed=0, limit="none", wall_s=0.0).outcome.status
        for rate in (100.0, 200.0)
    ]
    assert made == ["optimal", "feasible"]


def test_no_more_than_two_relays_are_proved_by_a_search_among_short_hops(network_of) -> None:
    # CP-SAT proves that hops of one and two links relay six times; a hop of three links need relay but twice.
    pairs = [(0, 3), (0, 4), (0, 9), (1, 6), (2, 4), (2, 6), (4, 6), (4, 9), (5, 8), (6, 7), (7, 8)]
    ring = embed_ring(network_of(10, pairs))
    assert (ring.relays, ring.fewest_relays) == (6, 2)
    assert ring.why_relayed.startswith("no ring with fewer was found")


@settings(deadline=None, max_examples=40)
@given(connected())
def test_a_tree_reaches_everyone_at_the_best_rate_by_shortest_ways(network_of, case) -> None:
    size, pairs, capacity, delay = case
    tree = embed_tree(network_of(size, pairs, capacity, delay))
    rate = _widest_gbps(size, pairs, capacity)
    assert tree.bottleneck_gbps == pytest.approx(rate, rel=1e-12)
    graph = nx.Graph()
    graph.add_nodes_from(range(size))
    rows = zip(pairs, capacity, delay, strict=True)
    graph.add_weighted_edges_from((*pair, late) for pair, wide, late in rows if wide >= rate)
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph))
    assert tree.away_ms.max() == pytest.approx(min(max(row.values()) for row in lengths.values()), rel=1e-12)
    links = set(graph.edges) | {(b, a) for a, b in graph.edges}
    for node, parent in enumerate(tree.parent.tolist()):
        assert node == tree.root or (node, parent) in links
        assert tree.depth[node] == (0 if node == tree.root else tree.depth[parent] + 1)


def test_few_tries_find_the_centre_of_a_disc_and_one_of_a_torus(torus, lattice, monkeypatch) -> None:
    # Bounds find the middle of a disc as all tries would; on a torus, which is alike all over, any place will do.
    monkeypatch.setattr("planner.network.datacenter.tree._TOGETHER", 4)
    for snapshot in (lattice(6), torus(6, 8)):
        best = embed_tree(snapshot).away_ms.max()
        with monkeypatch.context() as patch:
            patch.setattr("planner.network.datacenter.tree._TRIED", 20)
            assert embed_tree(snapshot).away_ms.max() == best
