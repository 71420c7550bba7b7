"""What a slot promises holds at every step of it."""

from datetime import timedelta

import numpy as np
import pytest

from planner.errors import InputError
from planner.times import TimeGrid
from planner.workload import slot_capacity, slot_latency_ms


def test_a_slot_has_its_least_power_and_the_accelerators_which_that_runs(make_world) -> None:
    world = make_world([4], compute_w=[[4000.0], [2500.0], [999.0], [4000.0]])
    capacity = world.capacity
    assert capacity.compute_w[:, 0].tolist() == [2500.0, 999.0]
    assert capacity.accelerators[:, 0].tolist() == [2, 0]
    assert capacity.installed[:, 0].tolist() == [4, 4]
    assert capacity.edges_h.tolist() == pytest.approx([0.0, 1 / 3, 2 / 3])


def test_a_satellite_lost_during_a_slot_has_no_accelerators_in_it(make_world) -> None:
    # The small worlds mark a lost satellite by negative power.
    capacity = make_world([4], compute_w=[[4000.0], [4000.0], [4000.0], [-1.0]]).capacity
    assert capacity.installed[:, 0].tolist() == [4, 0]
    assert capacity.compute_w[1, 0] == 0.0


def test_the_last_slot_may_be_shorter(make_world) -> None:
    capacity = make_world([1], compute_w=[[1000.0]] * 5).capacity
    assert capacity.slots == 3
    assert np.diff(capacity.edges_h) * 60.0 == pytest.approx([20.0, 20.0, 10.0])


@pytest.mark.parametrize("slot_s", [900.0, 0.0, -600.0, float("nan"), float("inf")])
def test_a_slot_that_is_no_whole_number_of_steps_is_refused(make_world, slot_s: float) -> None:
    world = make_world()
    with pytest.raises(InputError, match="not a whole number of time steps of 600 s"):
        slot_capacity(world.budget, world.designs, slot_s=slot_s)


def test_latency_is_the_worst_round_trip_of_the_slot(make_world) -> None:
    world = make_world([1, 1], latency_ms=np.arange(8.0).reshape(4, 1, 2) + 1.0)
    assert slot_latency_ms(world.latency_ms, world.times, world.capacity)[:, 0].tolist() == [[6, 8], [14, 16]]


def test_a_satellite_out_of_reach_at_any_instant_is_out_of_reach_for_the_slot(make_world) -> None:
    world = make_world([1, 1], latency_ms=[[[1.0, 1.0]], [[np.inf, 1.0]], [[1.0, 1.0]], [[1.0, np.nan]]])
    trip = slot_latency_ms(world.latency_ms, world.times, world.capacity)
    assert trip[:, 0].tolist() == [[np.inf, 2.0], [2.0, np.inf]]


def test_a_coarser_latency_grid_holds_until_its_next_instant(make_world) -> None:
    world = make_world([1], steps=6)
    coarse = TimeGrid(world.times.start, 1800.0, 2)
    trip = slot_latency_ms(np.array([[[1.0]], [[3.0]]]), coarse, world.capacity)
    # Slots of 20 min: 0–20 within the first half hour, 20–40 in both, 40–60 in the second.
    assert trip[:, 0, 0].tolist() == [2.0, 6.0, 6.0]


def test_latencies_that_begin_after_the_plan_are_refused(make_world) -> None:
    world = make_world([1])
    late = TimeGrid(world.times.start + timedelta(hours=1), 600.0, 4)
    with pytest.raises(ValueError, match="after slot 0"):
        slot_latency_ms(world.latency_ms, late, world.capacity)
