"""Small worlds: a fleet whose power, links and latencies are typed in, so that expected answers can be counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from planner.arrays import floats, ints
from planner.links import LinkTable
from planner.outcome import Violation
from planner.satellite import LIMITS, PowerBudget, RackSatellite
from planner.times import TimeGrid
from planner.workload import (
    Job,
    Placement,
    SlotCapacity,
    audit_placement,
    place,
    slot_capacity,
    slot_latency_ms,
)

START = datetime(2026, 6, 21, tzinfo=UTC)
STEP_S = 600.0


@dataclass(frozen=True, eq=False)
class World:
    """A fleet over time; `compute_w` ``[time, sat]``, `latency_ms` one way ``[time, site, sat]``."""

    compute_w: np.ndarray
    installed: Sequence[int]
    pairs: Sequence[tuple[int, int]]
    latency_ms: np.ndarray
    site_names: Sequence[str] = ("Paris",)
    slot_s: float = 2 * STEP_S

    @property
    def times(self) -> TimeGrid:
        return TimeGrid(START, STEP_S, len(self.compute_w))

    @property
    def designs(self) -> list[RackSatellite]:
        return [_design(count) for count in self.installed]

    @property
    def budget(self) -> PowerBudget:
        zero = floats(np.zeros_like(self.compute_w))
        lost = np.where(self.compute_w < 0.0, LIMITS.index("lost"), 0)
        power = floats(np.maximum(self.compute_w, 0.0))
        return PowerBudget(self.times, zero, power, zero, power, zero, zero, ints(lost))

    @property
    def capacity(self) -> SlotCapacity:
        return slot_capacity(self.budget, self.designs, slot_s=self.slot_s)

    @property
    def links(self) -> LinkTable:
        pairs = np.array(sorted(self.pairs), dtype=np.int64).reshape(-1, 2)
        count, rows = len(self.compute_w), len(self.pairs)
        return LinkTable(
            self.times,
            len(self.installed),
            ints(np.arange(count + 1) * rows),
            ints(np.tile(pairs[:, 0], count)),
            ints(np.tile(pairs[:, 1], count)),
            floats(np.full(count * rows, 1000.0)),
            floats(np.full(count * rows, 100.0)),
        )

    def place(self, jobs: Sequence[Job], **options: Any) -> Placement:
        trip = slot_latency_ms(self.latency_ms, self.times, self.capacity)
        options = {"links": self.links} | options
        return place(jobs, self.capacity, round_trip_ms=trip, site_names=self.site_names, **options)

    def audit(self, placement: Placement, jobs: Sequence[Job], **changes: Any) -> tuple[Violation, ...]:
        tables = {"latency_ms": self.latency_ms, "site_names": self.site_names, "links": self.links} | changes
        return audit_placement(placement, jobs, self.budget, self.designs, **tables)


def _design(accelerators: int) -> RackSatellite:
    return RackSatellite(
        name="test",
        title="Test",
        accelerator="h100_sxm",
        laser_terminal="any",
        accelerators=accelerators,
        laser_terminals=4,
        accelerator_power_w=1000.0,
        bus_overhead_fraction=0.0,
        array_power_w=1e6,
        array_degradation_per_yr=0.0,
        path_efficiency_fraction=1.0,
        battery_wh=0.0,
        depth_of_discharge_fraction=1.0,
        charge_efficiency_fraction=1.0,
        discharge_efficiency_fraction=1.0,
        radiator_power_w=1e9,
        mass_kg=1.0,
        stowed_volume_m3=1.0,
        drag_area_m2=1.0,
        tumbling_area_m2=1.0,
        bus_cost_usd=0.0,
        rack_cost_usd=0.0,
        life_yr=5.0,
    )


def small_world(
    installed: Sequence[int] = (4, 4),
    *,
    steps: int = 4,
    compute_w: object = None,
    latency_ms: object = None,
    pairs: Sequence[tuple[int, int]] = (),
    **changes: Any,
) -> World:
    """Return a world: 1 kW per accelerator, 10-minute steps, slots of two steps, full power, 5 ms one way, no links."""
    full = np.tile(np.array(installed, dtype=float) * 1000.0, (steps, 1))
    power = full if compute_w is None else np.array(compute_w, dtype=float)
    trip = np.full((len(power), 1, len(installed)), 5.0)
    if latency_ms is not None:
        trip = np.broadcast_to(np.array(latency_ms, dtype=float), trip.shape).copy()
    return World(power, installed, pairs, trip, **changes)


@pytest.fixture(scope="session")
def make_world() -> Callable[..., World]:
    """Return `small_world`."""
    return small_world
