"""Answers how much power each rack gets, moment by moment, from array and battery.

Arrays are ``[time, sat]``; each value holds over the step that begins there. The loop runs over time only.

Rules, in order of precedence:

1. The bus is always fed: from the array, else from the battery. What the battery must hold back for the bus is known
   in advance, because the Sun's course is: *reserve* below runs backwards through the sunlit fraction.
2. Policy ``throttle``: the rack gets what array and bus leave; the battery never feeds it.
   Policy ``ride_through``: the battery feeds the rack as well. Through a shadow it covers the same part φ of the
   rack's deficit at every step, φ chosen so that the energy above the reserve just lasts to the end of the shadow: in
   full umbra that is constant power. The rack is never held back in sunlight to fill the battery beyond the reserve:
   each stored watt-hour returns only η_c η_d of itself, so with every watt worth the same an optimal plan would not
   cycle the battery at all (the periodic LP in E[t+1] = E[t] + η_c c Δ − d Δ/η_d shows it).
3. What neither load nor battery takes is spilled.

Every step closes: solar + discharge = bus + compute + charge + spilled.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, require_shape
from planner.errors import PlannerWarning
from planner.satellite.budget import LIMITS, PowerBudget
from planner.satellite.design import RackSatellite
from planner.times import TimeGrid

Policy = Literal["throttle", "ride_through"]
POLICIES: Final = ("throttle", "ride_through")

_RELATIVE: Final = 1e-9
"""Relative slack for calling a power "at its cap" or a bus "not fed"; the arithmetic itself is good to 1e-12."""


class _Fleet(NamedTuple):
    """The figures of each satellite's design, ``[sat]``."""

    delivered_w: FloatArray
    bus_w: FloatArray
    rack_w: FloatArray
    cap_w: FloatArray
    full_wh: FloatArray
    floor_wh: FloatArray
    charge: FloatArray
    discharge: FloatArray


@dataclass(frozen=True)
class _Step:
    """Powers of one step, ``[sat]``, watts at the bus; the battery's state after it, watt-hours."""

    bus_w: FloatArray
    compute_w: FloatArray
    spilled_w: FloatArray
    battery_wh: FloatArray


def power_budget(
    times: TimeGrid,
    sunlit_fraction: FloatArray,
    alive: BoolArray,
    designs: Sequence[RackSatellite],
    *,
    policy: Policy = "throttle",
    age_yr: float = 0.0,
    initial_charge_fraction: float = 1.0,
) -> PowerBudget:
    """Work out the power of every satellite over time.

    Parameters
    ----------
    times
        The grid.
    sunlit_fraction
        ``[time, sat]``, part of the solar disc in view. NaN counts as lost.
    alive
        ``[time, sat]``, False where the satellite is gone: it then has 0 W of everything.
    designs
        ``[sat]``, the type of each satellite.
    policy
        See the module.
    age_yr
        Age of the arrays at the start.
    initial_charge_fraction
        State of charge of each battery when its satellite first appears, as part of its capacity.

    Returns
    -------
    PowerBudget

    Raises
    ------
    ValueError
        For shapes that disagree, an unknown policy, a negative age or a charge outside 0..1.
    """
    _check(times, sunlit_fraction, alive, designs, policy, age_yr, initial_charge_fraction)
    fleet = _columns(designs, age_yr)
    lit = np.where(np.isnan(sunlit_fraction), 0.0, sunlit_fraction)
    here = alive & ~np.isnan(sunlit_fraction)
    solar = np.where(here, lit * fleet.delivered_w, 0.0)
    hours = times.step_s / 3600.0
    reserve = _reserve_wh(solar, here, fleet, hours)
    shortage = _shortage_wh(solar, here, fleet, hours)
    first = np.clip(initial_charge_fraction * fleet.full_wh, fleet.floor_wh, fleet.full_wh)

    bus, compute, spilled, battery = (np.zeros_like(solar) for _ in range(4))
    charge = first
    before = np.zeros(len(designs), dtype=bool)
    for t in range(times.count):
        charge = np.where(before, charge, first)
        before = here[t]
        done = _step(solar[t], charge, reserve[t + 1], shortage[t], fleet, policy, hours)
        bus[t], compute[t], spilled[t] = (
            np.where(here[t], x, 0.0) for x in (done.bus_w, done.compute_w, done.spilled_w)
        )
        battery[t] = np.where(here[t], charge, 0.0)
        charge = done.battery_wh

    _warn_of_brown_outs(bus, here, fleet, designs)
    return PowerBudget(
        times=times,
        sunlit_fraction=floats(sunlit_fraction),
        solar_w=floats(solar),
        bus_w=floats(bus),
        compute_w=floats(compute),
        battery_wh=floats(battery),
        spilled_w=floats(spilled),
        limit=_limit(solar, compute, here, fleet),
    )


def _check(
    times: TimeGrid,
    sunlit_fraction: FloatArray,
    alive: BoolArray,
    designs: Sequence[RackSatellite],
    policy: str,
    age_yr: float,
    initial_charge_fraction: float,
) -> None:
    shape = (times.count, len(designs))
    require_shape("sunlit_fraction", sunlit_fraction, shape)
    require_shape("alive", alive, shape)
    if policy not in POLICIES:
        raise ValueError(f"policy: {policy!r}, allowed {', '.join(POLICIES)}")
    if not (np.isfinite(age_yr) and age_yr >= 0.0):
        raise ValueError(f"age_yr: {age_yr} must be at least 0")
    if not 0.0 <= initial_charge_fraction <= 1.0:
        raise ValueError(f"initial_charge_fraction: {initial_charge_fraction} must be between 0 and 1")


def _columns(designs: Sequence[RackSatellite], age_yr: float) -> _Fleet:
    kinds = list(dict.fromkeys(designs))
    of = {kind: index for index, kind in enumerate(kinds)}
    index = np.array([of[design] for design in designs], dtype=np.int64)
    rows = [
        (
            kind.delivered_power_w(age_yr=age_yr),
            kind.bus_power_w,
            kind.rack_power_w,
            kind.compute_cap_w,
            kind.battery_wh,
            kind.battery_floor_wh,
            kind.charge_efficiency_fraction,
            kind.discharge_efficiency_fraction,
        )
        for kind in kinds
    ]
    table = np.array(rows, dtype=np.float64).reshape(len(kinds), len(_Fleet._fields))
    return _Fleet(*(floats(column[index]) for column in table.T))


def _reserve_wh(solar: FloatArray, here: BoolArray, fleet: _Fleet, hours: float) -> FloatArray:
    """Return ``[time + 1, sat]``: stored energy above the floor that the bus needs from each instant on.

    Backwards: R[t] = max(0, R[t+1] + what the bus takes from the battery − what the array could put in). A second
    pass starts from the first one's beginning, so that what follows the last instant resembles the start of the plan.
    """
    surplus = solar - fleet.bus_w
    need = np.where(surplus < 0.0, -surplus / fleet.discharge, -surplus * fleet.charge) * hours * here
    reserve = np.zeros((len(solar) + 1, solar.shape[1]))
    for _ in range(2):
        reserve[-1] = reserve[0]
        for t in range(len(solar) - 1, -1, -1):
            reserve[t] = np.clip(reserve[t + 1] + need[t], 0.0, fleet.full_wh - fleet.floor_wh)
    return reserve


def _shortage_wh(solar: FloatArray, here: BoolArray, fleet: _Fleet, hours: float) -> FloatArray:
    """Return ``[time, sat]``: stored energy that full power would take from here to the end of this shadow."""
    deficit = np.clip(fleet.cap_w - np.maximum(solar - fleet.bus_w, 0.0), 0.0, None) * here
    shortage = np.zeros((len(solar) + 1, solar.shape[1]))
    for t in range(len(solar) - 1, -1, -1):
        shortage[t] = np.where(deficit[t] > 0.0, shortage[t + 1] + deficit[t] * hours / fleet.discharge, 0.0)
    return shortage[:-1]


def _step(
    solar: FloatArray,
    charge: FloatArray,
    reserve_after: FloatArray,
    shortage: FloatArray,
    fleet: _Fleet,
    policy: Policy,
    hours: float,
) -> _Step:
    """Share out one step: bus, then the reserve, then the rack, then the battery, and spill the rest."""
    usable = np.maximum(charge - fleet.floor_wh, 0.0)
    bus_battery = np.minimum(np.maximum(fleet.bus_w - solar, 0.0), usable * fleet.discharge / hours)
    bus = np.minimum(fleet.bus_w, solar) + bus_battery
    surplus = solar - np.minimum(fleet.bus_w, solar)
    after_bus = usable - bus_battery * hours / fleet.discharge

    for_reserve = np.clip((reserve_after - after_bus) / (fleet.charge * hours), 0.0, surplus)
    from_array = np.minimum(fleet.cap_w, surplus - for_reserve)
    from_battery = np.zeros_like(solar)
    if policy == "ride_through":
        free = np.where(for_reserve > 0.0, 0.0, np.maximum(after_bus - reserve_after, 0.0))
        covered = np.divide(free, shortage, out=np.zeros_like(free), where=shortage > 0.0)
        from_battery = (fleet.cap_w - from_array) * np.minimum(covered, 1.0)

    left = surplus - from_array
    room = (fleet.full_wh - fleet.floor_wh - after_bus) / (fleet.charge * hours)
    stored = np.clip(left, 0.0, np.maximum(room, 0.0))
    level = after_bus + stored * hours * fleet.charge - from_battery * hours / fleet.discharge
    battery = np.clip(fleet.floor_wh + level, fleet.floor_wh, fleet.full_wh)
    return _Step(bus, from_array + from_battery, left - stored, battery)


def _limit(solar: FloatArray, compute: FloatArray, here: BoolArray, fleet: _Fleet) -> IntArray:
    """Name what bounds the rack: its cap, else the battery where the array cannot even feed the bus, else the Sun."""
    number = {name: index for index, name in enumerate(LIMITS)}
    at_cap = compute >= fleet.cap_w * (1.0 - _RELATIVE)
    cap = np.where(fleet.cap_w < fleet.rack_w, number["radiator"], number["rack"])
    dark = np.where(solar < fleet.bus_w, number["battery"], number["sun"])
    return ints(np.where(here, np.where(at_cap, cap, dark), number["lost"]))


def _warn_of_brown_outs(bus: FloatArray, here: BoolArray, fleet: _Fleet, designs: Sequence[RackSatellite]) -> None:
    """Tell which satellite types cannot feed their own bus: the figures stay honest, their reader must know."""
    short = np.any(here & (bus < fleet.bus_w * (1.0 - _RELATIVE)), axis=0)
    for name in dict.fromkeys(design.name for design, lacks in zip(designs, short, strict=True) if lacks):
        warnings.warn(
            f"rack_satellites.{name}: array and battery cannot feed the bus at all times; "
            "give it a larger battery_wh or array_power_w",
            PlannerWarning,
            stacklevel=3,
        )
