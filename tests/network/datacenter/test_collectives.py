"""All-reduce times: published figures, closed forms, the limits that any model of them must meet."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.network.datacenter import (
    embed_ring,
    embed_tree,
    hierarchical_all_reduce,
    ring_all_reduce,
    tree_all_reduce,
)

ALPHA_S = 1e-5
SUMS = 1e-12
"""Relative: the same terms multiplied in another order."""


@pytest.mark.parametrize(("gbps", "expected_s"), [(10_000.0, 0.221), (800.0, 2.77)])
def test_the_published_figures_for_81_satellites_hold_on_the_embedded_ring(suncatcher, gbps, expected_s) -> None:
    # 2 · 80/81 · 140 GB · 8 bit / B: 70 B parameters in bfloat16. Tolerance: the three figures printed.
    snapshot = suncatcher(gbps)[0]
    found = ring_all_reduce(embed_ring(snapshot), 140.0, overhead_s=0.0)
    assert found.bandwidth_s == pytest.approx(expected_s, rel=3e-3)
    assert found.bandwidth_s == pytest.approx(2 * 80 / 81 * 140.0 * 8 / gbps, rel=SUMS)
    assert found.time_s == pytest.approx(expected_s, rel=3e-3)
    # Light over 300 m takes 1 µs, at most, 160 times.
    assert 0.0 < found.latency_s <= 160 * 0.3 / 299_792.458


def test_latency_is_paid_at_every_step_by_the_slowest_hop(torus) -> None:
    # 4 × 5 members, links of 1 ms: 38 steps of 1 ms and one overhead.
    found = ring_all_reduce(embed_ring(torus(4, 5)), 0.0, overhead_s=ALPHA_S)
    assert found.bandwidth_s == 0.0
    assert found.latency_s == pytest.approx(38 * (1e-3 + ALPHA_S), rel=SUMS)


def test_relays_of_the_slowest_hop_are_charged(network_of) -> None:
    # A path of three: one hop of two links.
    found = ring_all_reduce(embed_ring(network_of(3, [(0, 1), (1, 2)])), 0.0, overhead_s=ALPHA_S)
    assert found.latency_s == pytest.approx(4 * 2 * (1e-3 + ALPHA_S), rel=SUMS)


def test_both_ways_halve_the_time_of_a_cycle_and_not_of_a_walk_around_a_tree(torus, network_of) -> None:
    cycle, tree = embed_ring(torus(4, 5)), embed_ring(network_of(3, [(0, 1), (1, 2)]))
    for ring, gain in ((cycle, 2.0), (tree, 1.0)):
        one, two = (ring_all_reduce(ring, 1.0, overhead_s=0.0, both_ways=both) for both in (False, True))
        assert one.bandwidth_s / two.bandwidth_s == pytest.approx(gain, rel=SUMS)


def test_a_tree_beats_the_ring_where_links_are_long_and_loses_nothing_where_data_are_large(torus) -> None:
    snapshot = torus(8, 10)
    ring, tree = embed_ring(snapshot), embed_tree(snapshot)
    assert tree.depth.max() == 9
    small = [
        f.time_s
        for f in (ring_all_reduce(ring, 1e-6, overhead_s=ALPHA_S), tree_all_reduce(tree, 1e-6, overhead_s=ALPHA_S))
    ]
    # 158 steps against 18 links: more than eight times.
    assert small[1] < small[0] / 8
    # A tree uses every link once in each direction: half of the ring's two passes, pieces aside.
    assert tree_all_reduce(tree, 1e4, overhead_s=ALPHA_S).bandwidth_s == pytest.approx(1e4 * 8 / 100.0, rel=2e-3)


def test_the_number_of_pieces_is_the_best_there_is(torus) -> None:
    tree = embed_tree(torus(4, 4))
    levels, whole_s, data_gb = 2 * int(tree.depth.max()), 0.08, 1.0
    best = min(
        (levels + pieces - 1) * (whole_s / pieces + ALPHA_S) + 2.0 * tree.away_ms.max() / 1e3
        for pieces in range(1, 2000)
    )
    assert tree_all_reduce(tree, data_gb, overhead_s=ALPHA_S).time_s == pytest.approx(best, rel=SUMS)


def test_a_hierarchy_of_planes_adds_its_three_phases_up(torus) -> None:
    snapshot = torus(4, 6)
    planes = [[f"S{p * 6 + s}" for s in range(6)] for p in range(4)]
    groups = [embed_ring(snapshot, plane) for plane in planes]
    leaders = embed_ring(snapshot, [f"S{p * 6}" for p in range(4)])
    found = hierarchical_all_reduce(groups, leaders, 10.0, overhead_s=ALPHA_S)
    whole_s = 10.0 * 8 / 100.0
    # The last phase: five links, in the whole number of pieces that takes least.
    last_s = min((4 + pieces) * (whole_s / pieces + ALPHA_S) for pieces in range(1, 2000))
    expected_s = (2 * 5 / 6 + 2 * 3 / 4) * whole_s + (2 * 5 + 2 * 3) * (1e-3 + ALPHA_S) + last_s + 5e-3
    assert found.time_s == pytest.approx(expected_s, rel=SUMS)
    flat = ring_all_reduce(embed_ring(snapshot), 10.0, overhead_s=ALPHA_S)
    assert found.latency_s < flat.latency_s
    assert found.bandwidth_s > flat.bandwidth_s


def test_in_a_single_group_the_first_phase_is_all_there_is(torus) -> None:
    ring = embed_ring(torus(3, 4))
    found = hierarchical_all_reduce([ring], ring.over(["S5"]), 10.0, overhead_s=ALPHA_S)
    assert found.time_s == ring_all_reduce(ring, 10.0, overhead_s=ALPHA_S).time_s


def test_leaders_that_are_not_one_of_each_group_are_refused(torus) -> None:
    snapshot = torus(3, 4)
    groups = [embed_ring(snapshot, [f"S{p * 4 + s}" for s in range(4)]) for p in range(3)]
    with pytest.raises(ValueError, match="exactly one member of each group"):
        hierarchical_all_reduce(groups, embed_ring(snapshot), 1.0, overhead_s=0.0)


@settings(deadline=None)
@given(st.floats(0.0, 1e4), st.floats(0.0, 1e-3), st.floats(1.0, 10.0))
def test_more_data_or_overhead_never_takes_less_time(torus, data_gb, overhead_s, factor) -> None:
    ring, tree = embed_ring(torus(3, 4)), embed_tree(torus(3, 4))
    for run, way in ((ring_all_reduce, ring), (tree_all_reduce, tree)):
        least = run(way, data_gb, overhead_s=overhead_s).time_s * (1 - 1e-9)
        assert run(way, data_gb * factor, overhead_s=overhead_s).time_s >= least
        assert run(way, data_gb, overhead_s=overhead_s * factor).time_s >= least


def test_row_25_one_member_waits_for_nobody(network_of) -> None:
    alone = network_of(1, [])
    assert ring_all_reduce(embed_ring(alone), 140.0, overhead_s=ALPHA_S).time_s == 0.0
    assert tree_all_reduce(embed_tree(alone), 140.0, overhead_s=ALPHA_S).time_s == 0.0
    assert hierarchical_all_reduce([embed_ring(alone)], embed_ring(alone), 140.0, overhead_s=ALPHA_S).time_s == 0.0


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_data_that_are_no_amount_are_refused(torus, value: float) -> None:
    ring, tree = embed_ring(torus(3, 3)), embed_tree(torus(3, 3))
    with pytest.raises(ValueError, match="data_gb"):
        ring_all_reduce(ring, value, overhead_s=0.0)
    with pytest.raises(ValueError, match="overhead_s"):
        tree_all_reduce(tree, 1.0, overhead_s=value)
