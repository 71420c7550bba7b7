"""Greatest flows and least cuts, against networkx and by their own certificate."""

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.network import NetworkSnapshot
from planner.network.flow import max_flow_gbps, min_cut

SEEDS = range(25)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ends", [("s0", "s5"), ("t0", "s3"), ("t0", "t1")])
def test_flow_and_cut_agree_with_networkx(
    network: Callable[..., NetworkSnapshot], seed: int, ends: tuple[str, str]
) -> None:
    snapshot = network(seed)
    cut = min_cut(snapshot, [ends[0]], [ends[1]])
    try:
        expected = nx.maximum_flow_value(snapshot.between(*ends), *ends, capacity="capacity_gbps")
    except nx.NetworkXUnbounded:
        expected = np.inf
    # Quarters scale to whole numbers exactly.
    assert cut.capacity_gbps == cut.flow_gbps == expected
    if np.isfinite(expected):
        assert cut.capacity_gbps == snapshot.capacity_gbps[cut.links].sum()
        side = cut.source_side
        assert (side[snapshot.a[cut.links]] != side[snapshot.b[cut.links]]).all()
        assert side[snapshot.index(ends[0])]
        assert not side[snapshot.index(ends[1])]


def test_groups_flow_as_one_node_each(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "m", 1.0, 3.0), ("b", "m", 1.0, 4.0), ("m", "c", 1.0, 5.0), ("m", "d", 1.0, 1.5))
    assert max_flow_gbps(snapshot, ["a", "b"], ["c", "d"]) == 6.5
    cut = min_cut(snapshot, ["a", "b"], ["c", "d"])
    assert cut.links.tolist() == [2, 3]
    # Names sort a, m, b, c, d as they were added: link rows are (a, m), (m, b), (m, c), (m, d).
    assert cut.link_flow_gbps[2:].tolist() == [5.0, 1.5]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), link=st.integers(0, 100), extra_gbps=st.floats(0.0, 10.0))
def test_more_capacity_never_lowers_the_greatest_flow(
    network: Callable[..., NetworkSnapshot], seed: int, link: int, extra_gbps: float
) -> None:
    snapshot = network(seed)
    if not len(snapshot.a):
        return
    capacity = snapshot.capacity_gbps.copy()
    capacity[link % len(capacity)] += extra_gbps
    before = max_flow_gbps(snapshot, ["s0"], ["s5"])
    # Scaling to whole numbers may move the last digits of a double.
    assert max_flow_gbps(replace(snapshot, capacity_gbps=capacity), ["s0"], ["s5"]) >= before * (1.0 - 1e-12)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    capacities=st.lists(st.floats(1e-3, 1e4, allow_subnormal=False), min_size=15, max_size=15),
)
def test_odd_capacities_leave_a_proved_gap_of_rounding_only(
    network: Callable[..., NetworkSnapshot], seed: int, capacities: list[float]
) -> None:
    snapshot = network(seed)
    snapshot = replace(snapshot, capacity_gbps=np.array(capacities[: len(snapshot.a)]))
    cut = min_cut(snapshot, ["s0"], ["s5"])
    # Fifteen links in units of 2^-44 of all capacity at the most.
    assert cut.capacity_gbps - 1e-9 <= cut.flow_gbps <= cut.capacity_gbps * (1.0 + 1e-15)
    assert (np.abs(cut.link_flow_gbps) <= snapshot.capacity_gbps).all()


def test_a_site_outside_both_groups_carries_nothing(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "T", 1.0, np.nan), ("b", "T", 1.0, np.nan), ("a", "b", 1.0, 2.0))
    assert max_flow_gbps(snapshot, ["a"], ["b"]) == 2.0
    assert max_flow_gbps(snapshot, ["T"], ["b"]) == np.inf


def test_a_known_contact_capacity_limits(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "T", 1.0, np.nan), ("a", "b", 1.0, 2.0))
    limited = replace(snapshot, contact_capacity_gbps=np.array([0.5]))
    cut = min_cut(limited, ["T"], ["b"])
    assert cut.capacity_gbps == 0.5
    assert cut.contacts.tolist() == [0]
    assert cut.links.tolist() == []


def test_row_25_nothing_flows_where_there_are_no_links() -> None:
    cut = min_cut(NetworkSnapshot.from_graph(nx.empty_graph(["a", "b"])), ["a"], ["b"])
    assert cut.capacity_gbps == cut.flow_gbps == 0.0
    assert cut.links.tolist() == []


def test_groups_that_overlap_or_are_empty_are_refused(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 2.0))
    with pytest.raises(InputError, match="a is in both groups"):
        min_cut(snapshot, ["a", "b"], ["a"])
    with pytest.raises(InputError, match="a group is empty"):
        min_cut(snapshot, [], ["a"])


def test_a_contact_of_unlimited_capacity_carries_all_that_one_link_behind_it_does(
    line: Callable[..., NetworkSnapshot],
) -> None:
    snapshot = line(("T", "a", 1.0, np.nan), ("a", "b", 1.0, 7.0))
    cut = min_cut(snapshot, ["T"], ["b"])
    assert cut.capacity_gbps == cut.flow_gbps == 7.0
    assert cut.links.tolist() == [0]


def test_the_greatest_flow_is_one_that_fits_and_the_cut_what_nothing_passes(
    line: Callable[..., NetworkSnapshot],
) -> None:
    # 1e-20 beside 1e9 is below what whole numbers of 64 bits can tell apart.
    snapshot = line(("a", "b", 1.0, 1e-20), ("b", "c", 1.0, 1e9), ("a", "d", 1.0, 1e9), ("d", "c", 1.0, 1e9))
    cut = min_cut(snapshot, ["a"], ["b"])
    assert max_flow_gbps(snapshot, ["a"], ["b"]) == cut.flow_gbps <= cut.capacity_gbps
    narrow = min_cut(line(("a", "b", 1.0, 1e-20), ("b", "c", 1.0, 1e9)), ["a"], ["c"])
    assert narrow.capacity_gbps == 1e-20
    assert narrow.flow_gbps == 0.0
    assert max_flow_gbps(line(("a", "b", 1.0, 1e-20), ("b", "c", 1.0, 1e9)), ["a"], ["c"]) == 0.0
