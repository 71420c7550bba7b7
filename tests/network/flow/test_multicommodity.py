"""Traffic of many demands, against a linear programme over all simple paths and against networks done by hand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from planner.errors import InfeasibleError, InputError, LimitError
from planner.network import NetworkSnapshot
from planner.network.flow import Demand, TrafficPlan, audit_traffic, route_demands

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
    assert plan.unserved[0].detail == "it fits alone, but not on one path beside the others"


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
    assert rows[shared].detail == "it fits alone, but not beside the others: on its best way they fill link b to c"
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
    assert "1.5 Gbit/s more capacity on link m to d" in error.relaxation


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
