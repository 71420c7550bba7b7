"""The question: why satellites cannot fly, and what would let them; every statement is checked by solving again.

A conflict names what is asked for and the most that flights allow, proved by maximising the number of satellites
flown. A way out is either more flights of one vehicle by the same date or a later date; each is the smallest that
works, found by solving for it, and carries the launch cost of the manifest that it allows. Where vehicles reach
unequally far, conflicts are proved with all of them reaching as far as the farthest, and a way out is a manifest that
was found, perhaps not the smallest.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from planner.errors import InfeasibleError, LimitError
from planner.launch.rows import LeftOut, Manifest
from planner.launch.solve import Answer, Goal, Network, SolveOptions, solve
from planner.launch.vehicles import PlaneDemand, Vehicle, month_of

LONGEST_MONTHS = 1200
"""How far ahead a later date is looked for: a hundred years."""

PRICE_FRACTION = 0.01
"""How closely ways out are priced: proving the last percent of a nearly full schedule takes minutes."""


@dataclass(frozen=True)
class WayOut:
    """One change that lets all satellites fly.

    Attributes
    ----------
    vehicle, extra_flights
        Vehicle and how many flights more it would need by the deadline ("" and 0 for a later date).
    extra_months
        How many months later the deadline would have to be (0 for more flights).
    cost_usd
        Launch cost of a manifest that this allows, within 1 % of the cheapest.
    text
        The same in words.
    """

    vehicle: str
    extra_flights: int
    extra_months: int
    cost_usd: float
    text: str


def explain_infeasible(
    demands: Sequence[PlaneDemand],
    vehicles: Sequence[Vehicle],
    network: Network,
    start: date,
    deadline_months: int,
    budget_usd: float | None,
    options: SolveOptions,
) -> InfeasibleError | LimitError:
    """Return the error for a fleet for which no manifest was found: verified conflict, cheapest way out first."""
    hopeless = _too_large(demands, vehicles)
    if hopeless is not None:
        return hopeless
    wanted = network.satellites
    cheapest = solve(network.wide, Goal("cost", all_fly=True), options)
    if cheapest.status != "infeasible":  # flights may suffice, so it is the money, or not proved
        if budget_usd is not None and (cheapest.bound > budget_usd or (cheapest.flows and network.wide is network)):
            return _too_dear(network, cheapest.bound, budget_usd, options)
        return LimitError(
            f"no launch manifest for {wanted} satellites found, nor shown to be impossible; raise node_limit or "
            "time_limit_s, or give all vehicles the same planes_per_flight"
        )
    carried = math.floor(solve(network.wide, Goal("satellites", all_fly=False), options).bound + 1e-6)
    most = min(wanted - 1, carried)
    by = month_of(deadline_months - 1, start)
    flights = ", ".join(f"{vehicle.title} {slots}" for vehicle, slots in zip(vehicles, network.slots, strict=True))
    ways = ways_out(vehicles, network, start, deadline_months, options, budget_usd=budget_usd)
    return InfeasibleError(
        f"{wanted} satellites are to fly by {by:%Y-%m}, but the flights until then ({flights}) carry at most {most}: "
        f"short by {wanted - most} satellites",
        ", or ".join(way.text for way in ways) or "none found: no vehicle that can carry them ever flies",
    )


def _too_dear(network: Network, least_usd: float, budget_usd: float, options: SolveOptions) -> InfeasibleError:
    found = solve(network, Goal("cost", all_fly=True), options)
    return InfeasibleError(
        f"launching all {network.satellites} satellites costs at least {_money(least_usd)}, the budget is "
        f"{_money(budget_usd)}",
        f"raise the launch budget to {_enough(_cost(network, found))}"
        if found.flows
        else "none found, whatever the budget",
    )


def ways_out(
    vehicles: Sequence[Vehicle],
    network: Network,
    start: date,
    deadline_months: int,
    options: SolveOptions,
    *,
    budget_usd: float | None = None,
) -> tuple[WayOut, ...]:
    """Return the smallest changes that let all satellites of `network` fly, the cheapest first.

    A way that costs more than `budget_usd` names the budget that it takes as well.
    """
    by = month_of(deadline_months - 1, start)
    options = replace(options, gap_fraction=max(options.gap_fraction, PRICE_FRACTION))
    ways = []
    for index, vehicle in enumerate(vehicles):
        extra = _fewest_more(network, index, options)
        if extra is None:
            continue
        slots = tuple(n + extra * (k == index) for k, n in enumerate(network.slots))
        cost_usd = _cost(network, solve(replace(network, slots=slots), Goal("cost", all_fly=True), options))
        more = f"{extra} more {vehicle.title} flight{'s' * (extra != 1)} by {by:%Y-%m}"
        ways.append(WayOut(vehicle.name, extra, 0, cost_usd, f"{more} ({_price(cost_usd, budget_usd)})"))
    later = _later(vehicles, network, start, deadline_months, options, budget_usd)
    return tuple(sorted(ways + ([later] if later else []), key=lambda way: (way.cost_usd, way.extra_flights)))


def _fewest_more(network: Network, vehicle: int, options: SolveOptions) -> int | None:
    """Return how many flights of `vehicle` are missing, proved by a manifest that uses them; None if none helps."""
    answer = solve(network, Goal("extra", all_fly=True, extra_vehicle=vehicle), options)
    if not answer.flows:
        return None
    used = sum(count for arc, count in answer.flows.items() if arc.vehicle == vehicle)
    return max(0, used - network.slots[vehicle])


def _later(
    vehicles: Sequence[Vehicle],
    network: Network,
    start: date,
    deadline_months: int,
    options: SolveOptions,
    budget_usd: float | None,
) -> WayOut | None:
    """Return the earliest later deadline: feasibility is monotone in it, so double, then bisect."""
    any_manifest = replace(options, gap_fraction=1.0)  # the search asks only whether one exists

    def plan(months: int, limits: SolveOptions = any_manifest) -> Answer:
        slots = tuple(sum(vehicle.slots(start, months)) for vehicle in vehicles)
        return solve(replace(network, slots=slots), Goal("cost", all_fly=True), limits)

    low, high = deadline_months, deadline_months
    while True:
        low, high = high, min(2 * high, LONGEST_MONTHS)
        if plan(high).flows:
            break
        if high == LONGEST_MONTHS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if plan(middle).flows:
            high = middle
        else:
            low = middle
    cost_usd = _cost(network, plan(high, options))
    more = high - deadline_months
    when = f"{more} month{'s' * (more != 1)} later, by {month_of(high - 1, start):%Y-%m}"
    return WayOut("", 0, more, cost_usd, f"{when} ({_price(cost_usd, budget_usd)})")


def _too_large(demands: Sequence[PlaneDemand], vehicles: Sequence[Vehicle]) -> InfeasibleError | None:
    """Return the error for satellites that no vehicle can carry even alone."""
    for demand in demands:
        if demand.satellites and not any(vehicle.capacity(demand) for vehicle in vehicles):
            mass_kg = max(vehicle.payload_kg(demand.inclination_deg) for vehicle in vehicles)
            volume_m3 = max(vehicle.fairing_volume_m3 * vehicle.packing_fraction for vehicle in vehicles)
            return InfeasibleError(
                f"a satellite of shell {demand.shell} ({demand.mass_kg:g} kg, {demand.volume_m3:g} m³ stowed) fits on "
                f"none of {', '.join(vehicle.title for vehicle in vehicles)}, which lift up to {mass_kg:,.0f} kg to "
                f"{demand.inclination_deg:g}° and hold up to {volume_m3:,.0f} m³",
                "add a vehicle that takes it or make the satellite smaller; more flights or months do not help",
            )
    return None


def explain_left_out(
    manifest: Manifest, demands: Sequence[PlaneDemand], vehicles: Sequence[Vehicle]
) -> tuple[LeftOut, ...]:
    """Return the satellites of `demands` that `manifest` does not fly, each with the reason."""
    flown: dict[tuple[str, int], int] = {}
    for flight in manifest.flights:
        for plane, count in zip(flight.planes, flight.satellites_by_plane, strict=True):
            flown[flight.shell, plane] = flown.get((flight.shell, plane), 0) + count
    rows = []
    for demand in demands:
        missing = demand.satellites - flown.get((demand.shell, demand.plane), 0)
        if missing:
            rows.append(LeftOut(demand.shell, demand.plane, missing, _reason(manifest, demand, vehicles)))
    return tuple(rows)


def _reason(manifest: Manifest, demand: PlaneDemand, vehicles: Sequence[Vehicle]) -> str:
    able = [vehicle for vehicle in vehicles if vehicle.capacity(demand)]
    if not able:
        return "one satellite exceeds the mass or the volume that every vehicle takes"
    used = manifest.flights_by_vehicle
    free = [
        vehicle
        for vehicle in able
        if sum(vehicle.slots(manifest.start, manifest.deadline_months)) > used.get(vehicle.name, 0)
    ]
    if not free:
        return f"every flight until {manifest.months[-1]:%Y-%m} that could carry it is taken"
    left_usd = math.inf if manifest.budget_usd is None else manifest.budget_usd - manifest.cost_usd
    cheapest = min(free, key=lambda vehicle: (vehicle.price_usd, vehicle.name))
    if cheapest.price_usd > left_usd:
        return f"budget: {_money(left_usd)} left, one more flight costs {_money(cheapest.price_usd)} ({cheapest.title})"
    return "within the solver's gap: another flight would fit, see the bound"


def _cost(network: Network, answer: Answer) -> float:
    return math.fsum(network.prices_usd[arc.vehicle] * count for arc, count in answer.flows.items() if arc.vehicle >= 0)


def _money(usd: float) -> str:
    return f"${usd / 1e6:,.1f} M"


def _enough(usd: float) -> str:
    """Return the amount rounded up, so that what is printed suffices."""
    return _money(math.ceil(usd / 1e5 - 1e-9) * 1e5)


def _price(cost_usd: float, budget_usd: float | None) -> str:
    if budget_usd is not None and cost_usd > budget_usd:
        return f"and a launch budget of {_enough(cost_usd)}, now {_money(budget_usd)}"
    return f"about {_money(cost_usd)} for all launches"
