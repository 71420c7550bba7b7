"""Answers what each satellite can promise for a whole slot, and how far it is from each site at worst.

A slot is a whole number of steps of the plan's grid. What a job is promised for a slot must hold at every instant of
it, so capacities are the slot's *minimum* and latencies its *maximum*. Axes ``[slot, sat]`` and ``[slot, site, sat]``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints, require_shape
from planner.errors import InputError, Problem
from planner.satellite import LIMITS, PowerBudget, RackSatellite
from planner.times import TimeGrid

_SLACK = 1e-9
"""Relative slack before rounding down, so that 120 kW over 72 × 1,666.67 W counts 72 accelerators."""


@dataclass(frozen=True, eq=False)
class SlotCapacity:
    """What satellites can promise, slot by slot.

    Attributes
    ----------
    times
        The plan's grid.
    slot_s
        Length of a slot; the last one may be shorter.
    first_step
        ``[slot + 1]``, step at which each slot begins; the last entry is the number of steps.
    installed
        ``[slot, sat]``, accelerators aboard; 0 where the satellite is lost during the slot.
    accelerators
        ``[slot, sat]``, accelerators that can run at full power: the installed ones, or fewer where power lacks.
        A job that draws less than full power may use more of the installed ones.
    compute_w
        ``[slot, sat]``, least power that the rack has during the slot.
    accelerator_power_w
        ``[sat]``, full power of one accelerator with its share of the rack.
    """

    times: TimeGrid
    slot_s: float
    first_step: IntArray
    installed: IntArray
    accelerators: IntArray
    compute_w: FloatArray
    accelerator_power_w: FloatArray

    def __post_init__(self) -> None:
        shape = (len(self.first_step) - 1, len(self.accelerator_power_w))
        for name in ("installed", "accelerators", "compute_w"):
            require_shape(name, getattr(self, name), shape)

    @property
    def slots(self) -> int:
        """Number of slots."""
        return len(self.first_step) - 1

    @property
    def satellites(self) -> int:
        """Number of satellites."""
        return len(self.accelerator_power_w)

    @property
    def edges_h(self) -> FloatArray:
        """``[slot + 1]``, hours from the start of the plan at which slots begin and the last one ends."""
        return floats(self.first_step * (self.times.step_s / 3600.0))


def slot_capacity(budget: PowerBudget, designs: Sequence[RackSatellite], *, slot_s: float) -> SlotCapacity:
    """Return the capacity of each satellite in each slot.

    Parameters
    ----------
    budget
        Power over time.
    designs
        ``[sat]``, type of each satellite.
    slot_s
        Slot length.

    Raises
    ------
    InputError
        When `slot_s` is not a whole number of the plan's steps.
    """
    step_s = budget.times.step_s
    steps = round(slot_s / step_s) if np.isfinite(slot_s) else 0
    if steps < 1 or abs(steps * step_s - slot_s) > 1e-6 * step_s:
        raise InputError(
            Problem("slot", f"{slot_s:g} s is not a whole number of time steps of {step_s:g} s; choose a multiple")
        )
    if len(designs) != budget.compute_w.shape[1]:
        raise ValueError(f"designs: {len(designs)} for {budget.compute_w.shape[1]} satellites")
    first = np.arange(0, budget.times.count, steps)
    compute_w = np.minimum.reduceat(budget.compute_w, first, axis=0)
    lost = np.logical_or.reduceat(budget.limit == LIMITS.index("lost"), first, axis=0)
    installed = np.where(lost, 0, np.array([design.accelerators for design in designs], dtype=np.int64))
    each_w = np.array([design.accelerator_power_w for design in designs], dtype=np.float64)
    powered = np.floor(compute_w / each_w * (1.0 + _SLACK)).astype(np.int64)
    return SlotCapacity(
        times=budget.times,
        slot_s=slot_s,
        first_step=ints(np.append(first, budget.times.count)),
        installed=ints(installed),
        accelerators=ints(np.minimum(installed, powered)),
        compute_w=floats(compute_w),
        accelerator_power_w=floats(each_w),
    )


def instants_of_slots(capacity: SlotCapacity, times: TimeGrid, first_slot: int, stop_slot: int) -> slice:
    """Return the instants of `times` that say what holds during slots ``first_slot:stop_slot``.

    An instant holds until the next one, so the last instant at or before the beginning belongs to them.

    Raises
    ------
    ValueError
        When `times` begins after the slots do.
    """
    shift_s = (times.start - capacity.times.start).total_seconds()
    offsets = times.offsets_s + shift_s
    edges = capacity.edges_h * 3600.0
    slack = 1e-6 * times.step_s
    first = int(np.searchsorted(offsets, edges[first_slot] + slack, side="right")) - 1
    stop = int(np.searchsorted(offsets, edges[stop_slot] - slack, side="left"))
    if first < 0:
        raise ValueError(f"times: begin {-edges[first_slot] + shift_s:g} s after slot {first_slot} does")
    return slice(first, max(stop, first + 1))


def slot_latency_ms(latency_ms: FloatArray, times: TimeGrid, capacity: SlotCapacity) -> FloatArray:
    """Return the worst round trip between site and satellite in each slot.

    Parameters
    ----------
    latency_ms
        ``[time, site, sat]``, one way; inf or NaN where unreachable.
    times
        Instants of `latency_ms`; may be coarser than the plan's grid.
    capacity
        Slots.

    Returns
    -------
    ``[slot, site, sat]``, milliseconds there and back; inf where unreachable at any instant of the slot.
    """
    require_shape("latency_ms", latency_ms, (times.count, None, capacity.satellites))
    worst = np.full((capacity.slots, *latency_ms.shape[1:]), np.inf)
    for slot in range(capacity.slots):
        worst[slot] = latency_ms[instants_of_slots(capacity, times, slot, slot + 1)].max(axis=0)
    return floats(np.where(np.isnan(worst), np.inf, 2.0 * worst))
