"""The audit finds every way in which a placement can be wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.arrays import floats, ints
from planner.workload import Job, Placement

JOBS = [
    Job(name="near", accelerators=2, value_usd_h=4.0, replicas=2, site="Paris", latency_budget_ms=20.0),
    Job(name="gang", accelerators=5, value_usd_h=9.0, spread="group"),
    Job(name="late", accelerators=1, value_usd_h=1.0, start_h=1.0 / 3.0),
]


@pytest.fixture(scope="module")
def world(make_world):
    return make_world([4, 4, 4, 4], pairs=[(0, 1), (1, 2), (2, 3)], latency_ms=[[[5.0, 5.0, 15.0, 15.0]]])


@pytest.fixture(scope="module")
def good(world) -> Placement:
    placement = world.place(JOBS, migration_cost_h=0.05)
    assert placement.served_fraction.tolist() == [1.0, 1.0, 1.0]
    return placement


def _with(placement: Placement, column: str, row: int, value: float) -> Placement:
    """Return the placement with one cell changed."""
    array = getattr(placement, column).copy()
    array[row] = value
    return replace(placement, **{column: floats(array) if array.dtype.kind == "f" else ints(array)})


def _without(placement: Placement, rows: np.ndarray) -> Placement:
    columns = ("job", "group", "slot", "satellite", "replicas", "accelerators", "power_w")
    return replace(placement, **{name: np.delete(getattr(placement, name), rows) for name in columns})


def _row(placement: Placement, job: int, slot: int = 0) -> int:
    return int(np.flatnonzero((placement.job == job) & (placement.slot == slot))[0])


def _far(placement: Placement, job: int = 0) -> Placement:
    return _with(placement, "satellite", _row(placement, job), 3)


MUTATIONS: dict[str, Callable[[Placement], Placement]] = {
    "latency": _far,
    "power of row": lambda p: _with(p, "power_w", _row(p, 0), 1.0),
    "power": lambda p: _with(p, "power_w", _row(p, 0), 1e6),
    "accelerators": lambda p: _with(p, "accelerators", _row(p, 0), 40),
    "accelerators of row": lambda p: _with(p, "accelerators", _row(p, 2, 1), 0),
    "whole replica": lambda p: _with(p, "accelerators", _row(p, 0), 3),
    "replicas": lambda p: _with(p, "replicas", _row(p, 0), 9),
    "window": lambda p: _with(p, "slot", _row(p, 2, 1), 0),
    "spread": lambda p: _with(p, "group", _row(p, 0), 0),
    "whole group": lambda p: _with(p, "accelerators", _row(p, 1), 3),
    "fixed group": lambda p: _without(p, np.array([_row(p, 1, slot=1)])),
    "group counted once": lambda p: _with(p, "replicas", _row(p, 1), 2),
    "one row each": lambda p: _with(p, "satellite", _row(p, 1), int(p.satellite[p.job == 1].max())),
    "value": lambda p: _with(p, "value_usd", 0, 1e6),
    "bound": lambda p: replace(p, outcome=replace(p.outcome, bound=0.0)),
}


def test_a_good_placement_passes(world, good: Placement) -> None:
    assert world.audit(good, JOBS) == ()


@pytest.mark.parametrize("rule", MUTATIONS)
def test_each_way_of_breaking_a_placement_is_seen(world, good: Placement, rule: str) -> None:
    violations = world.audit(MUTATIONS[rule](good), JOBS)
    assert rule in {violation.rule for violation in violations}


def test_an_objective_that_is_not_the_sum_of_what_runs_is_seen(world, good: Placement) -> None:
    wrong = replace(good, outcome=replace(good.outcome, objective=good.outcome.objective * 1.01, bound=1e9))
    (violation,) = world.audit(wrong, JOBS)
    assert (violation.rule, violation.place) == ("value", "objective")


def test_a_group_whose_links_break_for_one_instant_is_seen(make_world, good: Placement) -> None:
    members = sorted(set(good.satellite[good.job == 1].tolist()))
    links = make_world([4, 4, 4, 4], pairs=[(0, 1), (1, 2), (2, 3)]).links
    keep = np.ones(len(links.a), dtype=bool)
    third = links.rows(3)
    keep[third.start : third.stop] = False
    offsets = links.offsets.copy()
    offsets[4:] -= third.stop - third.start
    columns = {name: getattr(links, name)[keep] for name in ("a", "b", "range_km", "capacity_gbps")}
    broken = replace(links, offsets=ints(offsets), **columns)
    world = make_world([4, 4, 4, 4], latency_ms=[[[5.0, 5.0, 15.0, 15.0]]])
    violations = world.audit(good, JOBS, links=broken)
    assert [(v.rule, v.found, v.allowed) for v in violations] == [("connected group", 1.0, float(len(members)))]


def test_power_that_fails_for_one_step_within_a_slot_is_seen(make_world, good: Placement) -> None:
    used = int(good.satellite[_row(good, 0)])
    power = np.full((4, 4), 4e3)
    power[1, used] = 500.0
    dimmed = make_world(
        [4, 4, 4, 4], compute_w=power, pairs=[(0, 1), (1, 2), (2, 3)], latency_ms=[[[5.0, 5.0, 15.0, 15.0]]]
    )
    (violation,) = dimmed.audit(good, JOBS)
    assert violation.rule == "power"
    assert violation.place == f"satellite {used}, step 1"


def test_a_satellite_lost_within_a_slot_is_seen(make_world, good: Placement) -> None:
    used = int(good.satellite[_row(good, 0)])
    power = np.full((4, 4), 4e3)
    power[1, used] = -1.0
    lost = make_world(
        [4, 4, 4, 4], compute_w=power, pairs=[(0, 1), (1, 2), (2, 3)], latency_ms=[[[5.0, 5.0, 15.0, 15.0]]]
    )
    assert {v.rule for v in lost.audit(good, JOBS)} == {"power", "accelerators"}


def test_a_moment_out_of_range_between_plan_steps_is_seen_on_a_finer_grid(make_world, world, good: Placement) -> None:
    from planner.times import TimeGrid

    fine = TimeGrid(world.times.start, 60.0, 40)
    latency: Any = np.repeat(world.latency_ms, 10, axis=0).copy()
    latency[7] = np.inf
    violations = world.audit(good, JOBS, latency_ms=latency, latency_times=fine)
    assert {v.rule for v in violations} == {"latency"}


def test_a_row_that_names_nothing_is_misuse(world, good: Placement) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        world.audit(_with(good, "satellite", 0, 99), JOBS)


def test_a_required_job_that_does_not_run_in_full_is_seen(world) -> None:
    jobs = [Job(name="must", accelerators=4, value_usd_h=3.0, replicas=2, required=True)]
    placement = world.place(jobs)
    first = placement.satellite[0]
    half = _without(placement, np.flatnonzero(placement.satellite == first))
    half = replace(
        half,
        value_usd=floats(placement.value_usd / 2.0),
        served_h=floats(placement.served_h / 2.0),
        outcome=replace(placement.outcome, objective=placement.outcome.objective / 2.0),
    )
    assert {violation.rule for violation in world.audit(half, jobs)} == {"required"}


def test_hours_that_were_not_run_are_seen(world, good) -> None:
    boast = replace(good, served_h=floats(good.served_h * 1.1))
    assert {violation.rule for violation in world.audit(boast, JOBS)} == {"served"}


def test_a_slot_without_any_latency_is_not_called_near(world, good) -> None:
    short = replace(world.times, count=2)  # the first of two slots only
    found = world.audit(good, JOBS, latency_ms=world.latency_ms[:2], latency_times=short)
    assert {violation.rule for violation in found} == {"latency"}
