"""A data center at several instants is what it is at each, searched once per network."""

from dataclasses import replace

import numpy as np
import pytest

from planner.network.datacenter import bisection, embed_ring, minimum_cut, over_time


def test_each_instant_has_the_figures_of_its_own_network(suncatcher) -> None:
    snapshots = suncatcher(800.0)
    series = over_time(iter(snapshots))
    for time, snapshot in enumerate(snapshots):
        halves = bisection(snapshot, rounds=5)
        assert series.bisection_upper_gbps[time] == halves.upper_gbps
        assert series.bisection_lower_gbps[time] == halves.lower_gbps
        assert series.minimum_cut_gbps[time] == minimum_cut(snapshot).capacity_gbps
        assert series.ring_gbps[time] == embed_ring(snapshot).bottleneck_gbps
    assert series.connected.tolist() == [81, 81, 81]
    # The cluster is 2 km long and its links are straight or nearly so.
    assert (series.diameter_ms > 0.9 / 299.792458).all()


def test_links_that_stay_are_searched_once_and_delays_read_anew(torus) -> None:
    first = torus(4, 5)
    farther = replace(first, delay_ms=3.0 * first.delay_ms)
    series = over_time([first, farther, first])
    assert series.searches == 1
    assert series.ring_hop_ms.tolist() == [1.0, 3.0, 1.0]
    assert series.diameter_ms.tolist() == [4.0, 12.0, 4.0]
    assert series.ring_hop_ms[1] == pytest.approx(embed_ring(farther).longest_hop_ms)


def test_row_26_a_network_in_parts_has_no_ring(network_of) -> None:
    series = over_time([network_of(5, [(0, 1), (1, 2)]), network_of(5, [(i, i + 1) for i in range(4)])])
    assert series.connected.tolist() == [3, 5]
    assert series.ring_gbps.tolist() == [0.0, 100.0]
    assert np.isnan(series.ring_hop_ms[0])
    assert series.minimum_cut_gbps.tolist() == [0.0, 100.0]


def test_no_instants_make_an_empty_series() -> None:
    assert over_time([]).ring_gbps.shape == (0,)


def test_members_are_given_by_name_or_by_index(torus) -> None:
    names = ["S0", "S1", "S2", "S5", "S6"]
    by_name, by_index = (over_time([torus(4, 5)], members) for members in (names, np.array([0, 1, 2, 5, 6])))
    assert by_name.connected.tolist() == by_index.connected.tolist() == [5]
    assert by_name.bisection_upper_gbps.tolist() == by_index.bisection_upper_gbps.tolist()
