"""Traffic of many demands, against a linear programme over all simple paths and against networks done by hand."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from planner.errors import InfeasibleError, InputError, LimitError
from planner.network import NetworkSnapshot
from planner.network.flow import Demand, Objective, TrafficPlan, audit_traffic, route_demands

OBJECTIVES = ("least_delay", "most_traffic", "least_load")
GAP = 1e-8
CLOSE = 1e-6
"""Relative: both programmes are solved to 1e-7 or so."""


def some_demands(snapshot: NetworkSnapshot, seed: int) -> list[Demand]:
    rng = np.random.default_rng(seed)
    names = snapshot.satellite_names + snapshot.site_names
    demands = []
    for _ in range(rng.integers(1, 6)):
        source, target = (str(name) for name in rng.choice(names, 2, replace=False))
        limit = None if rng.random() < 0.5 else float(rng.integers(3, 12))
        demands.append(Demand(source, target, float(rng.integers(1, 9)) / 4.0, latency_limit_ms=limit))
    return demands


def by_all_paths(snapshot: NetworkSnapshot, demands: Sequence[Demand], objective: str) -> tuple[float, float]:
    """Return the most traffic, and the least objective beside it, by a programme over every simple path."""
    columns = []
    for k, demand in enumerate(demands):
        view = snapshot.between(demand.source, demand.target)
        for path in nx.all_simple_paths(view, demand.source, demand.target):
            delay_ms = nx.path_weight(view, path, "delay_ms")
            if demand.latency_limit_ms is None or delay_ms <= demand.latency_limit_ms:
                columns.append((k, path, delay_ms))
    if not columns:
        return 0.0, 0.0
    links = [(u, v, data["capacity_gbps"]) for u, v, data in snapshot.graph.edges(data=True) if "capacity_gbps" in data]
    capacity = {step: gbps for u, v, gbps in links for step in ((u, v), (v, u))}
    row = {step: i for i, step in enumerate(capacity)}
    matrix = np.zeros((len(row) + len(demands), len(columns)))
    for column, (k, path, _) in enumerate(columns):
        matrix[[row[step] for step in pairwise(path) if step in row], column] = 1.0
        matrix[len(row) + k, column] = 1.0
    most = np.array([*capacity.values(), *(demand.gbps for demand in demands)])
    count = len(columns)
    served = -linprog(-np.ones(count), A_ub=matrix, b_ub=most).fun
    if objective == "most_traffic":
        return served, served
    matrix, most = np.vstack([matrix, -np.ones(count)]), np.append(most, 1e-9 - served)
    if objective == "least_delay":
        return served, linprog([delay for *_, delay in columns], A_ub=matrix, b_ub=most).fun
    load = np.zeros((len(matrix), 1))
    load[: len(row), 0], most[: len(row)] = -most[: len(row)], 0.0
    return served, linprog([0.0] * count + [1.0], A_ub=np.hstack([matrix, load]), b_ub=most).fun


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(30))
def test_answers_agree_with_a_programme_over_all_paths(
    network: Callable[..., NetworkSnapshot], seed: int, objective: str
) -> None:
    snapshot = network(seed)
    demands = some_demands(snapshot, seed)
    served, value = by_all_paths(snapshot, demands, objective)
    plan = route_demands(snapshot, demands, objective=objective, gap_fraction=GAP)  # type: ignore[arg-type]
    assert audit_traffic(plan, snapshot, demands) == ()
    assert plan.traffic.status == plan.outcome.status == "optimal"
    assert plan.traffic.objective == pytest.approx(served, rel=CLOSE, abs=CLOSE)
    assert plan.traffic.bound == pytest.approx(served, rel=CLOSE, abs=CLOSE)
    assert plan.outcome.objective == pytest.approx(value, rel=CLOSE, abs=CLOSE)
    assert plan.outcome.bound == pytest.approx(value, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(15))
def test_one_path_each_keeps_every_rule_and_never_passes_the_bound(
    network: Callable[..., NetworkSnapshot], seed: int, objective: str
) -> None:
    snapshot = network(seed)
    demands = some_demands(snapshot, seed)
    plan = route_demands(snapshot, demands, objective=objective, split=False)  # type: ignore[arg-type]
    assert audit_traffic(plan, snapshot, demands) == ()
    assert len(set(plan.demand.tolist())) == len(plan.demand)
    # Whole or not at all.
    assert plan.rate_gbps.tolist() == [demands[k].gbps for k in plan.demand.tolist()]
    assert plan.traffic.objective <= by_all_paths(snapshot, demands, "most_traffic")[0] * (1.0 + CLOSE)


def test_one_path_each_leaves_out_what_only_two_paths_could_carry(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 2.0), ("a", "c", 1.0, 2.0), ("b", "d", 1.0, 2.0), ("c", "d", 1.0, 2.0))
    demands = [Demand("a", "d", 3.0)]
    assert route_demands(snapshot, demands).served_gbps.tolist() == pytest.approx([3.0])
    plan = route_demands(snapshot, demands, split=False)
    assert plan.served_gbps.tolist() == [0.0]
    assert plan.traffic.status == "feasible"
    assert plan.unserved[0].reason == "single_path"
    assert plan.unserved[0].detail == "it may not split, and the widest single path has 2 Gbit/s"


def two_ways(line: Callable[..., NetworkSnapshot]) -> NetworkSnapshot:
    """Return a fast way a-b-d of 2 Gbit/s and a slow one a-c-d of 10."""
    return line(("a", "b", 1.0, 2.0), ("b", "d", 1.0, 5.0), ("a", "c", 4.0, 10.0), ("c", "d", 4.0, 10.0))


def test_least_delay_fills_the_fast_way_and_prices_it(line: Callable[..., NetworkSnapshot]) -> None:
    plan = route_demands(two_ways(line), [Demand("a", "d", 6.0)])
    assert [path.nodes for path in plan.paths] == [("a", "b", "d"), ("a", "c", "d")]
    assert plan.rate_gbps.tolist() == pytest.approx([2.0, 4.0])
    # 2 × 2 ms + 4 × 8 ms; a Gbit/s more on a-b moves one from 8 to 2 ms.
    assert plan.outcome.objective == pytest.approx(36.0)
    (busy,) = plan.busy
    assert (busy.source, busy.target) == ("a", "b")
    assert busy.delay_worth_ms == pytest.approx(6.0)
    assert busy.traffic_worth_fraction == 0.0


def test_least_load_shares_traffic_by_capacity(line: Callable[..., NetworkSnapshot]) -> None:
    plan = route_demands(two_ways(line), [Demand("a", "d", 6.0)], objective="least_load", gap_fraction=GAP)
    # All ways out of a have 12 Gbit/s, of which half is used; of the load on a-b and a-c each decides by its capacity.
    assert plan.outcome.objective == pytest.approx(0.5, rel=CLOSE)
    assert sum(busy.load_share_fraction for busy in plan.busy) == pytest.approx(1.0, rel=CLOSE)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 5_000))
def test_a_price_is_what_one_more_gbit_s_gains_at_most(network: Callable[..., NetworkSnapshot], seed: int) -> None:
    snapshot = network(seed)
    demands = some_demands(snapshot, seed)
    plan = route_demands(snapshot, demands, objective="most_traffic", gap_fraction=GAP)
    index = {name: i for i, name in enumerate(snapshot.satellite_names)}
    for busy in plan.busy:
        ends = sorted((index[busy.source], index[busy.target]))
        row = np.flatnonzero((snapshot.a == ends[0]) & (snapshot.b == ends[1]))
        more = snapshot.capacity_gbps.copy()
        more[row] += 1.0
        grown = route_demands(
            replace(snapshot, capacity_gbps=more), demands, objective="most_traffic", gap_fraction=GAP
        )
        # The other direction of the same link grows too, and may have a price of its own.
        worth = sum(
            other.traffic_worth_fraction
            for other in plan.busy
            if {other.source, other.target} == {busy.source, busy.target}
        )
        assert grown.traffic.objective <= plan.traffic.objective + worth + CLOSE
        assert busy.load_gbps == pytest.approx(busy.capacity_gbps, rel=CLOSE)


def test_every_unserved_demand_says_why(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 2.0, 1.0), ("b", "c", 2.0, 3.0), ("x", "y", 1.0, 1.0))
    demands = [
        Demand("a", "x", 1.0),
        Demand("a", "c", 0.5, latency_limit_ms=3.0),
        Demand("b", "a", 4.0),
        Demand("b", "c", 2.5),
        Demand("a", "c", 1.0),
    ]
    plan = route_demands(snapshot, demands)
    assert audit_traffic(plan, snapshot, demands) == ()
    rows = {row.demand: row for row in plan.unserved}
    assert rows[0].reason == "unreachable"
    assert rows[1].reason == "latency"
    assert rows[1].detail == "the fastest path from a to c takes 4 ms, allowed 3 ms"
    assert rows[2].reason == "cut"
    assert rows[2].detail == "every path crosses link b to a, with 1 Gbit/s in all"
    assert rows[2].short_gbps == pytest.approx(3.0)
    # b-c has 3 Gbit/s for the 3.5 that the last two ask for.
    (shared,) = {3, 4} & set(rows)
    assert rows[shared].reason == "shared"
    assert rows[shared].detail == "it fits alone, but not beside the others: on its fastest way they fill link b to c"
    assert plan.traffic.objective == pytest.approx(1.0 + 3.0)


def test_a_latency_limit_equal_to_the_route_is_met(network: Callable[..., NetworkSnapshot]) -> None:
    from planner.network import route

    for seed in range(10):
        snapshot = network(seed)
        delays = snapshot.delay_ms * 1.1 + 0.3
        snapshot = replace(snapshot, delay_ms=delays)
        best = route(snapshot, "s0", "s5")
        if best.reachable:
            plan = route_demands(snapshot, [Demand("s0", "s5", 0.125, latency_limit_ms=best.latency_ms)])
            assert plan.served_gbps.tolist() == pytest.approx([0.125])


def test_the_same_question_has_the_same_answer(network: Callable[..., NetworkSnapshot]) -> None:
    snapshot = network(7)
    demands = some_demands(snapshot, 7)

    def answer() -> tuple[object, ...]:
        plan = route_demands(snapshot, demands)
        return plan.paths, plan.rate_gbps.tolist(), plan.busy, plan.outcome.bound

    assert answer() == answer()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_row_25_no_demands_and_no_links_are_valid_and_empty(objective: str) -> None:
    snapshot = NetworkSnapshot.from_graph(nx.empty_graph(["a", "b"]))
    empty = route_demands(snapshot, [], objective=objective)  # type: ignore[arg-type]
    assert empty.outcome.status == empty.traffic.status == "empty"
    assert audit_traffic(empty, snapshot, []) == ()
    demands = [Demand("a", "b", 1.0)]
    plan = route_demands(snapshot, demands, objective=objective)  # type: ignore[arg-type]
    assert audit_traffic(plan, snapshot, demands) == ()
    assert plan.traffic.objective == plan.traffic.bound == plan.outcome.gap_fraction == 0.0


def test_row_26_demands_across_a_gap_are_counted_and_the_rest_is_served(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 1.0), ("x", "y", 1.0, 1.0), ("T", "b", 1.0, np.nan), ("T", "x", 1.0, np.nan))
    plan = route_demands(snapshot, [Demand("a", "y", 1.0), Demand("a", "b", 0.5)])
    assert plan.served_gbps.tolist() == pytest.approx([0.0, 0.5])
    assert [row.reason for row in plan.unserved] == ["unreachable"]
    assert np.isfinite(plan.outcome.bound)


def refusal(snapshot: NetworkSnapshot, demands: Sequence[Demand]) -> InfeasibleError:
    with pytest.raises(InfeasibleError) as caught:
        route_demands(snapshot, demands)
    return caught.value


def test_row_29_a_required_demand_beyond_a_cut_names_it_and_what_is_short(line: Callable[..., NetworkSnapshot]) -> None:
    error = refusal(two_ways(line), [Demand("a", "d", 14.0, required=True)])
    assert "a to d (14 Gbit/s): every path crosses links a to b, a to c, with 12 Gbit/s in all" in error.conflict
    assert "2 Gbit/s more capacity on" in error.relaxation


def test_row_29_required_demands_that_only_conflict_together_are_named_with_their_links(
    line: Callable[..., NetworkSnapshot],
) -> None:
    snapshot = line(("a", "m", 1.0, 9.0), ("b", "m", 1.0, 9.0), ("c", "m", 1.0, 9.0), ("m", "d", 1.0, 4.0))
    demands = [Demand(name, "d", gbps, required=True) for name, gbps in (("a", 3.0), ("b", 2.5), ("c", 0.5))]
    error = refusal(snapshot, [*demands, Demand("a", "c", 1.0)])
    # a and b alone need 5.5 of 4; a and c, or b and c, would fit.
    assert "required demands a to d (3 Gbit/s), b to d (2.5 Gbit/s) together" in error.conflict
    assert "they use link m to d for at least 5.5 Gbit/s, where there are 4 Gbit/s" in error.conflict
    # All three need 6 of 4, so 1.5 for the conflict alone would leave c out; without b the other two need 3.5.
    assert "2 Gbit/s more capacity on link m to d (no less than 2 Gbit/s would do" in error.relaxation
    assert error.relaxation.endswith("; or make b to d (2.5 Gbit/s) optional")


@pytest.mark.parametrize("seed", range(20))
def test_row_29_required_demands_are_refused_exactly_when_not_all_fit(
    network: Callable[..., NetworkSnapshot], seed: int
) -> None:
    snapshot = network(seed)
    demands = [replace(demand, required=True) for demand in some_demands(snapshot, seed)]
    fits = by_all_paths(snapshot, demands, "most_traffic")[0] >= sum(demand.gbps for demand in demands) - CLOSE
    if fits:
        plan: TrafficPlan = route_demands(snapshot, demands)
        assert plan.unserved == ()
        assert audit_traffic(plan, snapshot, demands) == ()
    else:
        refusal(snapshot, demands)


def test_a_required_demand_comes_before_a_larger_one(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 2.0), ("b", "c", 1.0, 2.0))
    # Serving the two others would carry more.
    demands = [Demand("a", "c", 2.0, required=True), Demand("a", "b", 2.0), Demand("b", "c", 2.0)]
    assert route_demands(snapshot, demands).served_gbps.tolist() == pytest.approx([2.0, 0.0, 0.0], abs=CLOSE)


def test_row_30_a_limit_leaves_a_proved_gap_and_is_never_called_optimal(
    network: Callable[..., NetworkSnapshot],
) -> None:
    limited = 0
    for seed in range(30):
        snapshot = network(seed, satellites=9)
        demands = [replace(demand, gbps=demand.gbps * 3.0) for demand in some_demands(snapshot, seed)]
        served, value = by_all_paths(snapshot, demands, "least_load")
        plan = route_demands(snapshot, demands, objective="least_load", rounds=1, gap_fraction=1e-6)
        assert plan.traffic.objective * (1.0 - CLOSE) <= served <= plan.traffic.bound * (1.0 + CLOSE)
        if plan.traffic.status == "optimal":
            assert plan.outcome.bound * (1.0 - CLOSE) <= value
        if plan.outcome.status == "feasible":
            limited += 1
            assert max(plan.outcome.gap_fraction, plan.traffic.gap_fraction) > 1e-6
        assert audit_traffic(plan, snapshot, demands) == ()
    assert limited > 0


def test_row_30_required_demands_neither_served_nor_disproved_are_a_limit(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 2.0), ("a", "c", 1.0, 2.0), ("b", "d", 1.0, 2.0), ("c", "d", 1.0, 2.0))
    with pytest.raises(LimitError, match="not given a single path"):
        route_demands(snapshot, [Demand("a", "d", 3.0, required=True)], split=False)


def test_what_no_demand_can_be_is_refused_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Demand("a", "a", -1.0, latency_limit_ms=0.0)
    assert len(caught.value.problems) == 3


def test_unknown_names_and_options_are_refused(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 2.0))
    with pytest.raises(InputError, match='no node "z"'):
        route_demands(snapshot, [Demand("a", "z", 1.0)])
    with pytest.raises(ValueError, match="rounds of at least 1"):
        route_demands(snapshot, [Demand("a", "b", 1.0)], rounds=0)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 5_000),
    decades=st.lists(st.integers(-3, 2), min_size=5, max_size=5),
    objective=st.sampled_from(OBJECTIVES),
)
def test_the_smallest_required_demand_is_served_as_fully_as_the_largest(
    network: Callable[..., NetworkSnapshot], seed: int, decades: list[int], objective: Objective
) -> None:
    snapshot = network(seed)
    demands = [
        replace(demand, gbps=demand.gbps * 10.0**decade, required=k % 2 == 0)
        for k, (demand, decade) in enumerate(zip(some_demands(snapshot, seed), decades, strict=False))
    ]
    try:
        plan = route_demands(snapshot, demands, objective=objective)
    except InfeasibleError:
        required = [demand for demand in demands if demand.required]
        asked = sum(demand.gbps for demand in required)
        assert by_all_paths(snapshot, required, "most_traffic")[0] < asked * (1.0 - 1e-12)
        return
    assert audit_traffic(plan, snapshot, demands) == ()
    for demand, served in zip(demands, plan.served_gbps.tolist(), strict=True):
        assert not demand.required or served >= demand.gbps * (1.0 - CLOSE)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("small_gbps", [1.0, 1e-2, 1e-4])
def test_a_small_demand_with_room_of_its_own_is_served_in_full_beside_large_ones(
    line: Callable[..., NetworkSnapshot], small_gbps: float, required: bool, objective: Objective
) -> None:
    snapshot = line(("a", "b", 1.0, 5000.0), ("c", "d", 60.0, 100.0))
    demands = [Demand("a", "b", 1000.0)] * 3 + [Demand("c", "d", small_gbps, required=required)]
    plan = route_demands(snapshot, demands, objective=objective)
    assert audit_traffic(plan, snapshot, demands) == ()
    assert plan.unserved == ()
    # Room is left everywhere, so nothing but the order of sums is missing.
    assert plan.served_gbps[3] == pytest.approx(small_gbps, rel=1e-12)


def applied(snapshot: NetworkSnapshot, relaxation: str) -> NetworkSnapshot:
    """Return a network with the capacity that a way out asks for."""
    single = re.search(r"([\d.e+-]+) Gbit/s more capacity on link (\w+) to (\w+)", relaxation)
    more = [single.groups()] if single else re.findall(r"([\d.e+-]+) on (\w+) to (\w+)", relaxation)
    capacity, names = snapshot.capacity_gbps.copy(), snapshot.satellite_names
    grown: dict[int, float] = {}
    for gbps, *ends in more:
        pair = sorted(names.index(name) for name in ends)
        (row,) = np.flatnonzero((snapshot.a == pair[0]) & (snapshot.b == pair[1])).tolist()
        grown[row] = max(grown.get(row, 0.0), float(gbps))
    for row, gbps in grown.items():
        capacity[row] += gbps
    return replace(snapshot, capacity_gbps=capacity)


@pytest.mark.parametrize("seed", range(40))
def test_row_29_the_way_out_lets_all_required_demands_through(
    network: Callable[..., NetworkSnapshot], seed: int
) -> None:
    snapshot = network(seed)
    demands = [
        replace(demand, gbps=2.0 * demand.gbps, latency_limit_ms=None, required=True)
        for demand in some_demands(snapshot, seed)
        if np.isfinite(by_all_paths(snapshot, [demand], "most_traffic")[0])
    ]
    demands = [demand for demand in demands if by_all_paths(snapshot, [demand], "most_traffic")[0] > 0.0]
    try:
        route_demands(snapshot, demands)
    except InfeasibleError as error:
        wider = applied(snapshot, error.relaxation)
        assert (wider.capacity_gbps != snapshot.capacity_gbps).any()
        assert audit_traffic(route_demands(wider, demands), wider, demands) == ()
        if named := re.search(r"or make (\w+) to (\w+) \(([\d.]+) Gbit/s\) optional", error.relaxation):
            ends, gbps = named.groups()[:2], float(named[3])
            eased = [
                replace(demand, required=not ((demand.source, demand.target) == ends and demand.gbps == gbps))
                for demand in demands
            ]
            assert audit_traffic(route_demands(snapshot, eased), snapshot, eased) == ()


def test_row_29_two_conflicts_have_one_way_out_for_both_and_none_that_is_not_enough(
    line: Callable[..., NetworkSnapshot],
) -> None:
    snapshot = line(("a", "b", 1.0, 5.0), ("c", "d", 1.0, 5.0))
    demands = [Demand("a", "b", 10.0, required=True), Demand("c", "d", 9.0, required=True)]
    error = refusal(snapshot, demands)
    assert "9 Gbit/s more capacity, 5 on a to b, 4 on c to d" in error.relaxation
    assert "optional" not in error.relaxation
    assert route_demands(applied(snapshot, error.relaxation), demands).unserved == ()


def test_row_29_the_least_capacity_counts_links_that_carry_nothing_yet(line: Callable[..., NetworkSnapshot]) -> None:
    snapshot = line(("a", "b", 1.0, 1.0), ("b", "c", 1.0, 1.0), ("a", "c", 1.0, 1.0))
    index = snapshot.satellite_names.index
    shut = (snapshot.a == min(index("a"), index("c"))) & (snapshot.b == max(index("a"), index("c")))
    snapshot = replace(snapshot, capacity_gbps=np.where(shut, 0.0, 1.0))
    error = refusal(snapshot, [Demand("a", "c", 10.0, required=True)])
    # One added Gbit/s on a-c does what one on each of the two others would.
    assert "9 Gbit/s more capacity on link a to c (no less than 9 Gbit/s would do" in error.relaxation


def test_what_is_left_out_of_single_paths_is_never_called_shared_without_proof(
    line: Callable[..., NetworkSnapshot],
) -> None:
    # Split, both fit: 2 + 2 = 4 Gbit/s. Unsplit, 1 on either way leaves 1 + 2, so 3 never fits, and 2.5 + 1.5 neither.
    snapshot = line(("a", "b", 1.0, 2.0), ("a", "c", 1.0, 2.0), ("b", "d", 1.0, 2.0), ("c", "d", 1.0, 2.0))
    three = [Demand("a", "d", 4.0 / 3.0)] * 3
    plan = route_demands(snapshot, three, split=False)
    (left,) = plan.unserved
    assert left.reason == "undecided"
    assert "not decided within the limit: it fits alone" in left.detail
    assert plan.traffic.status == "feasible"


def test_the_bound_of_single_paths_is_that_of_plans_that_serve_as_much(line: Callable[..., NetworkSnapshot]) -> None:
    # Ways of 2 and 8 ms with 2 Gbit/s each. Split, 4 of 6 Gbit/s flow, 2 × 2 + 2 × 8 = 20 Gbit/s·ms. In single paths
    # 1.5 each way, 3 + 12 = 15; the least for 3 Gbit/s is 2 × 2 + 1 × 8 = 12.
    snapshot = line(("a", "b", 1.0, 2.0), ("a", "c", 4.0, 2.0), ("b", "d", 1.0, 2.0), ("c", "d", 4.0, 2.0))
    demands = [Demand("a", "d", 1.5), Demand("a", "d", 1.5), Demand("a", "d", 3.0)]
    plan = route_demands(snapshot, demands, split=False, gap_fraction=GAP)
    assert plan.outcome.objective == pytest.approx(15.0)
    assert plan.outcome.bound == pytest.approx(12.0, rel=CLOSE)
    assert plan.outcome.status == "feasible"


@pytest.mark.parametrize("seed", range(40))
def test_single_paths_that_only_rounding_found_do_not_upset_the_bound(
    network: Callable[..., NetworkSnapshot], seed: int
) -> None:
    snapshot = network(seed, satellites=8)
    demands = [replace(demand, gbps=demand.gbps * 3.0) for demand in some_demands(snapshot, seed)]
    # One round of pricing, so the paths in single file are often not among those of the programme.
    plan = route_demands(snapshot, demands, split=False, rounds=1)
    assert audit_traffic(plan, snapshot, demands) == ()


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("kind", ["rates", "load"])
def test_prices_of_any_size_prove_no_more_than_the_least(
    network: Callable[..., NetworkSnapshot], seed: int, kind: Literal["rates", "load"]
) -> None:
    from planner.network.flow.generation import Settings, generate, lower_bound
    from planner.network.flow.master import Stage
    from planner.network.flow.pricing import Ask, cheapest, fastest

    snapshot = network(seed)
    ask = Ask.of(snapshot, some_demands(snapshot, seed))
    count, price = len(ask.gbps), 20.0 * np.ones(len(ask.gbps))
    exact = Settings(1e-12, 500, 0)
    first = generate(ask, Stage("rates", 0.0, np.ones(count), np.ones(count)), fastest(ask), exact)
    left = float(first.answer.unserved_gbps[~ask.closed].sum()) + 0.25
    weight = 1.0 if kind == "rates" else 0.0
    for stage in (
        Stage(kind, weight, np.zeros(count), np.ones(count), left),
        Stage("rates", 1.0, price, np.ones(count)),
    ):
        best = generate(ask, stage, first.columns, exact)
        for part in (0.5, 1.0, 1.7, 3.0):
            duals = best.answer.duals._replace(arc=best.answer.duals.arc * part, cap=best.answer.duals.cap * part)
            cost, _ = cheapest(ask, duals.arc, stage.delay_weight)
            bound = lower_bound(ask, stage, duals, cost)
            # The solver's prices are right to 1e-8 or so of the largest.
            assert bound <= best.answer.objective * (1.0 + CLOSE) + 1e-9
            assert part != 1.0 or bound == pytest.approx(best.answer.objective, rel=CLOSE, abs=CLOSE)
