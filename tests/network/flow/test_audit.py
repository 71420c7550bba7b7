"""The audit of traffic: an honest plan passes, and each forgery is named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.arrays import floats, ints
from planner.network import NetworkSnapshot, Path
from planner.network.flow import Demand, TrafficPlan, audit_traffic, route_demands

DEMANDS = [Demand("a", "d", 6.0, latency_limit_ms=20.0, required=True), Demand("T", "d", 1.0)]


@pytest.fixture
def snapshot(line: Callable[..., NetworkSnapshot]) -> NetworkSnapshot:
    return line(
        ("a", "b", 1.0, 2.0), ("b", "d", 1.0, 5.0), ("a", "c", 4.0, 10.0), ("c", "d", 4.0, 10.0),
        ("a", "T", 2.0, np.nan), ("d", "T", 1.0, np.nan),
    )  # fmt: skip


@pytest.fixture
def plan(snapshot: NetworkSnapshot) -> TrafficPlan:
    return route_demands(snapshot, DEMANDS)


def rules(plan: TrafficPlan, snapshot: NetworkSnapshot, demands: list[Demand] = DEMANDS) -> set[str]:
    return {violation.rule for violation in audit_traffic(plan, snapshot, demands)}


def with_path(plan: TrafficPlan, number: int, **changes: Any) -> TrafficPlan:
    paths = list(plan.paths)
    paths[number] = replace(paths[number], **changes)
    return replace(plan, paths=tuple(paths))


def test_an_honest_plan_passes(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    assert [path.nodes for path in plan.paths] == [("a", "b", "d"), ("a", "c", "d"), ("T", "d")]
    assert rules(plan, snapshot) == set()


def test_rates_beyond_capacity_and_demand_are_found(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    more = replace(plan, rate_gbps=floats(plan.rate_gbps * 2.0))
    assert {"capacity", "demand", "served", "load", "traffic of outcome", "objective of outcome"} <= rules(
        more, snapshot
    )


def test_a_contact_beyond_its_capacity_is_found(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    narrow = replace(snapshot, contact_capacity_gbps=np.array([0.5, 0.5]))
    assert rules(plan, narrow) == {"capacity"}


def test_a_wrong_delay_or_range_is_found(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    assert rules(with_path(plan, 0, latency_ms=1.0), snapshot) == {"latency"}
    assert rules(with_path(plan, 0, range_km=1.0), snapshot) == {"range"}


def test_a_site_that_relays_is_found(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    assert "site that relays" in rules(with_path(plan, 1, nodes=("a", "T", "d"), latency_ms=3.0), snapshot)


def test_links_that_do_not_exist_loops_and_wrong_ends_are_found(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    assert "link that does not exist" in rules(with_path(plan, 1, nodes=("a", "d")), snapshot)
    assert "loop" in rules(with_path(plan, 1, nodes=("a", "b", "a", "c", "d")), snapshot)
    assert "ends of path" in rules(with_path(plan, 1, nodes=("b", "d")), snapshot)
    assert "ends of path" in rules(replace(plan, demand=ints([0, 1, 1])), snapshot)


def test_a_path_beyond_its_latency_limit_is_found(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    tight = [replace(DEMANDS[0], latency_limit_ms=7.0), DEMANDS[1]]
    assert rules(plan, snapshot, tight) == {"latency limit"}


def test_a_required_demand_left_short_and_a_hidden_shortfall_are_found(
    plan: TrafficPlan, snapshot: NetworkSnapshot
) -> None:
    greater = [replace(DEMANDS[0], gbps=9.0), DEMANDS[1]]
    assert rules(plan, snapshot, greater) == {"required demand", "shortfall"}


def test_a_rate_of_nothing_is_found(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    idle = replace(
        plan,
        paths=(*plan.paths, Path(("T", "a", "c", "d"), 10.0, plan.paths[1].range_km + 599.584916)),
        demand=ints([0, 0, 1, 1]),
        rate_gbps=floats([*plan.rate_gbps, 0.0]),
    )
    assert rules(idle, snapshot) == {"rate"}


def test_an_objective_better_than_its_bound_is_found(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    vain = replace(plan, outcome=replace(plan.outcome, bound=plan.outcome.objective + 1.0))
    assert rules(vain, snapshot) == {"bound of objective"}


def test_columns_that_do_not_belong_together_are_refused(plan: TrafficPlan, snapshot: NetworkSnapshot) -> None:
    with pytest.raises(ValueError, match="different lengths"):
        audit_traffic(replace(plan, rate_gbps=floats([1.0])), snapshot, DEMANDS)
    with pytest.raises(ValueError, match="does not exist"):
        audit_traffic(replace(plan, demand=ints([0, 0, 9])), snapshot, DEMANDS)
    with pytest.raises(ValueError, match="another network"):
        audit_traffic(replace(plan, link_load_gbps=floats(np.zeros((2, 2)))), snapshot, DEMANDS)
