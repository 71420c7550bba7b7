"""Groups and their leaders: hand cases, links of their own, and limits that no sum of everyone's data undercuts."""

import math
from dataclasses import replace
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InfeasibleError, InputError
from planner.network.datacenter import (
    Accelerators,
    TrainingModel,
    accelerators_as_one,
    audit_hierarchy,
    embed_hierarchy,
    embed_ring,
    hierarchical_all_reduce,
    minimum_cut,
    ring_all_reduce,
    scaling_curve,
)
from planner.network.datacenter.hierarchy import _ways
from planner.network.datacenter.hops import ring_over
from planner.network.datacenter.members import interconnect

ALPHA_S = 1e-5
SUMS = 1e-12
"""Relative: the same terms multiplied in another order."""


@st.composite
def connected(draw, most: int = 24):
    """Return a number of members, links that connect them, and what these carry and take."""
    size = draw(st.integers(1, most))
    tree = [(draw(st.integers(0, node - 1)), node) for node in range(1, size)]
    pairs = list(combinations(range(size), 2))
    more = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2 * size)) if pairs else []
    links = sorted({*tree, *more})
    capacity = draw(st.lists(st.sampled_from([10.0, 25.0, 100.0]), min_size=len(links), max_size=len(links)))
    delay = draw(st.lists(st.floats(0.01, 20.0), min_size=len(links), max_size=len(links)))
    return size, links, capacity, delay


def time_s(made, data_gb: float) -> float:
    return hierarchical_all_reduce(made.groups, made.leaders, data_gb, overhead_s=ALPHA_S).time_s


def test_a_path_of_four_is_two_pairs_whose_inner_ends_lead(network_of) -> None:
    snapshot = network_of(4, [(0, 1), (1, 2), (2, 3)])
    made = embed_hierarchy(snapshot, data_gb=10.0, overhead_s=ALPHA_S, size=2)
    assert sorted(sorted(group.names) for group in made.groups) == [["S0", "S1"], ["S2", "S3"]]
    assert sorted(made.leaders.names) == ["S1", "S2"]
    # Three times .8 s: 2 (k - 1)/k = 1 in pairs, among two leaders, and once more down a single link, unpieced. Hops:
    # 2 in pairs, 2 among leaders, 1 down, of 1 ms and one overhead each.
    assert time_s(made, 10.0) == pytest.approx(3 * 0.8 + 5 * (1e-3 + ALPHA_S), rel=SUMS)


def test_a_torus_of_sixteen_is_four_groups_whose_leaders_stand_side_by_side(torus) -> None:
    made = embed_hierarchy(torus(4, 4), data_gb=10.0, overhead_s=ALPHA_S, size=4)
    assert [len(group) for group in made.groups] == [4, 4, 4, 4]
    assert made.leaders.longest_hop_ms <= 2.0
    assert (made.leaders.bottleneck_gbps, len(made.leaders.shared_links)) == (100.0, 0)
    assert audit_hierarchy(made, torus(4, 4)) == ()


def test_hops_that_share_a_link_are_charged_for_it_and_shun_it_where_they_can(network_of) -> None:
    # Stops 0, 2, 1, 3 on a path: 0 to 2 and 1 to 3 both go from 1 to 2, and 2 to 1 and 3 to 0 go back. On a cycle of
    # six, 1 to 3 can go around by 0, 5 and 4, and 3 to 0 by 4 and 5.
    path, cycle = [(0, 1), (1, 2), (2, 3)], [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5)]
    for size, links, shun, gbps, delays_ms in (
        (4, path, False, 50.0, [2.0, 1.0, 2.0, 3.0]),
        (4, path, True, 50.0, [2.0, 1.0, 2.0, 3.0]),
        (6, cycle, True, 100.0, [2.0, 1.0, 4.0, 3.0]),
    ):
        network = interconnect(network_of(size, links))
        hops = _ways(network, [0, 2, 1, 3], shun)
        ring = ring_over(network, hops, rate_gbps=100.0, solver="shortest ways", seed=0, limit="none", wall_s=0.0)
        assert ring.bottleneck_gbps == gbps
        assert ring.hop_ms.tolist() == delays_ms
        assert ring.outcome.status == ("optimal" if gbps == 100.0 else "feasible")
        # 2 (g - 1)/g D/B' + 2 (g - 1) t' for four leaders and 1 GB.
        slowest_s = max(delays_ms) * (1e-3 + ALPHA_S)
        found = ring_all_reduce(ring, 1.0, overhead_s=ALPHA_S)
        assert found.time_s == pytest.approx(2 * 3 / 4 * 8.0 / gbps + 6 * slowest_s, rel=SUMS)


@settings(deadline=None, max_examples=60)
@given(connected(), st.sampled_from([0.001, 1.0, 140.0]))
def test_a_hierarchy_is_true_to_its_links_and_no_faster_than_they_allow(network_of, case, data_gb) -> None:
    size, links, capacity, delay = case
    snapshot = network_of(size, links, capacity, delay)
    made = embed_hierarchy(snapshot, data_gb=data_gb, overhead_s=ALPHA_S)
    assert audit_hierarchy(made, snapshot) == ()
    found_s = time_s(made, data_gb)
    if size == 1:
        assert found_s == 0.0
        return
    # Either side of any cut must learn the other's sum: all of the data cross it in each direction.
    assert found_s >= data_gb * 8.0 / minimum_cut(snapshot).capacity_gbps * (1.0 - SUMS)
    # Everyone's data reach everyone, over an overhead at every link.
    graph = nx.Graph()
    for (a, b), late in zip(links, delay, strict=True):
        graph.add_edge(a, b, weight=late / 1e3 + ALPHA_S)
    farthest_s = max(max(row.values()) for _, row in nx.all_pairs_dijkstra_path_length(graph))
    assert found_s >= farthest_s * (1.0 - SUMS)
    # Groups lose nothing of the rate of a ring through all, and leaders do not exceed what connects them.
    assert min(group.bottleneck_gbps for group in made.groups) >= embed_ring(snapshot).bottleneck_gbps
    assert len(made.leaders) == 1 or made.leaders.bottleneck_gbps <= made.leaders.outcome.bound


@pytest.mark.parametrize("data_gb", [0.0, 0.01])
def test_little_data_are_added_up_sooner_than_around_one_ring(torus, data_gb: float) -> None:
    snapshot = torus(12, 12)
    ring = hierarchical_all_reduce(
        [embed_ring(snapshot)], embed_ring(snapshot).over(["S0"]), data_gb, overhead_s=ALPHA_S
    )
    made = embed_hierarchy(snapshot, data_gb=data_gb, overhead_s=ALPHA_S)
    # 286 hops of one link around a ring of 144, against 2 · 11 and 11 within groups of 12 and 2 · 11 among their
    # leaders, which are 55 of two or three links: at most 165.
    assert time_s(made, data_gb) < 0.6 * ring.time_s


def test_the_size_of_groups_is_the_best_of_those_tried(torus) -> None:
    snapshot = torus(6, 6)
    free, *asked = (
        time_s(embed_hierarchy(snapshot, data_gb=1.0, overhead_s=ALPHA_S, size=size), 1.0) for size in (None, 3, 6, 12)
    )
    assert free == min(asked)


def test_the_curve_of_a_hierarchy_is_that_of_its_all_reduce(torus) -> None:
    model, accelerators = TrainingModel("70B", 70 * 10**9, 4 * 10**6, 4096), Accelerators(8, 989.0, 0.41)
    snapshot = torus(5, 7)
    curve = scaling_curve(snapshot, model, accelerators, method="hierarchical", overhead_s=ALPHA_S)
    assert np.isfinite(curve.sync_s).all()
    assert curve.sync_s[-1] == time_s(embed_hierarchy(snapshot, data_gb=140.0, overhead_s=ALPHA_S), 140.0)
    small = TrainingModel("small", 10**6, 10**9, 4096)
    both = accelerators_as_one(
        torus(12, 12), small, accelerators, wanted_fraction=0.06, methods=["ring", "hierarchical"], overhead_s=ALPHA_S
    )
    assert both.curve.method == "hierarchical"


def test_false_groups_do_not_pass_the_audit(torus) -> None:
    snapshot = torus(4, 4)
    made = embed_hierarchy(snapshot, data_gb=1.0, overhead_s=ALPHA_S, size=4)
    first, *others = made.groups
    wrong = [
        replace(made, groups=tuple(others)),
        replace(made, groups=(embed_ring(snapshot).over(first.names), *others)),
        replace(made, leaders=made.leaders.over(made.leaders.names[1:])),
        replace(made, leaders=replace(made.leaders, hop_gbps=made.leaders.hop_gbps * 2.0)),
    ]
    rules = [{violation.rule for violation in audit_hierarchy(false, snapshot)} for false in wrong]
    assert rules == [{"groups"}, {"relay"}, {"leader"}, {"capacity"}]


def test_row_25_groups_of_none_one_and_parts(network_of) -> None:
    none = embed_hierarchy(network_of(0, []), data_gb=1.0, overhead_s=0.0)
    assert (none.groups, len(none.leaders)) == ((), 0)
    one = embed_hierarchy(network_of(1, []), data_gb=1.0, overhead_s=0.0)
    assert [ring.names for ring in (*one.groups, one.leaders)] == [("S0",), ("S0",)]
    with pytest.raises(InfeasibleError, match="fall into 2 parts"):
        embed_hierarchy(network_of(3, [(1, 2)]), data_gb=1.0, overhead_s=0.0)
    with pytest.raises(InputError, match="size: 0"):
        embed_hierarchy(network_of(3, [(0, 1), (1, 2)]), data_gb=1.0, overhead_s=0.0, size=0)
    with pytest.raises(ValueError, match="data_gb"):
        embed_hierarchy(network_of(3, [(0, 1), (1, 2)]), data_gb=math.nan, overhead_s=0.0)
