"""The question: which vehicle flies which satellites to which plane in which month, cheapest or for most power.

Within one deadline neither price nor reach depends on the month, so months enter the optimisation only as the number
of flights each vehicle can make by then; laying the chosen flights on those months afterwards, planes in order, loses
nothing. That is what keeps 80 planes × 24 months × 4 vehicles a model of a few hundred integers.
"""

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from planner.errors import InputError, LimitError, Problem
from planner.launch.rows import OBJECTIVES, Flight, Manifest, Objective
from planner.launch.solve import Answer, Goal, Network, SolveOptions, solve
from planner.launch.tapes import LEFT_OUT, Arc, by_plane, follow, tape_classes
from planner.launch.vehicles import PlaneDemand, Vehicle, month_of
from planner.launch.ways_out import explain_infeasible, explain_left_out
from planner.outcome import Outcome, Status

MOST_USD = 1e12
"""Largest price of a flight and budget accepted; beyond it sums of dollars would lose their cents in a float."""


def plan_manifest(
    demands: Sequence[PlaneDemand],
    vehicles: Sequence[Vehicle],
    *,
    objective: Objective,
    start: date,
    deadline_months: int,
    budget_usd: float | None = None,
    options: SolveOptions | None = None,
) -> Manifest:
    """Plan the flights that bring `demands` into orbit.

    Parameters
    ----------
    demands
        Satellites by plane; no demand gives an empty manifest.
    vehicles
        What may fly. A flight carries satellites of one type (mass, volume, power) to one plane, or to a run of
        neighbouring planes of a shell where the vehicle's `planes_per_flight` allows.
    objective
        ``minimum_cost``: all satellites fly, for the least launch cost. ``maximum_capacity``: as much IT power as
        flights and budget allow, and that for the least cost.
    start, deadline_months
        First calendar month, and how many calendar months flights may use.
    budget_usd
        Money for launches; None is no limit.
    options
        Solver limits and seed.

    Returns
    -------
    Manifest
        Its bound holds for every manifest that respects masses, volumes, cadence, reach and deadline, each flight
        with one type of satellite.

    Raises
    ------
    InputError
        For figures that make no sense, all of them at once.
    InfeasibleError
        When not all satellites can fly (``minimum_cost``), with a conflict that was verified and the ways out, each
        verified by solving again.
    LimitError
        When a solver limit came before any manifest, or none was found where vehicles reach unequally far, and none
        was shown to be impossible.
    """
    _check(demands, vehicles, objective, deadline_months, budget_usd)
    options = options or SolveOptions()
    began = time.perf_counter()
    network = Network(
        tape_classes(demands, vehicles),
        tuple(vehicle.planes_per_flight for vehicle in vehicles),
        tuple(vehicle.price_usd for vehicle in vehicles),
        tuple(sum(vehicle.slots(start, deadline_months)) for vehicle in vehicles),
    )
    empty = Manifest((), (), objective, start, deadline_months, budget_usd, _empty(objective, options))
    if network.satellites == 0:
        return empty
    if objective == "minimum_cost":
        answer = solve(network, Goal("cost", all_fly=True, budget_usd=budget_usd), options)
        if answer.status == "infeasible":
            raise explain_infeasible(demands, vehicles, network, start, deadline_months, budget_usd, options)
    else:
        answer = _most_power(network, budget_usd, options)
    if answer.status in ("none", "infeasible"):
        raise LimitError(
            f"no launch manifest found within {options.text}; raise node_limit or time_limit_s, or merge planes"
        )
    manifest = replace(
        empty,
        flights=_schedule(demands, vehicles, network, answer, start, deadline_months),
    )
    manifest = replace(manifest, left_out=explain_left_out(manifest, demands, vehicles))
    return replace(manifest, outcome=_outcome(manifest, network, answer, options, began))


def _most_power(network: Network, budget_usd: float | None, options: SolveOptions) -> Answer:
    """Return the most power, reached with the least money that the limits let the solver find."""
    best = solve(network, Goal("power", all_fly=False, budget_usd=budget_usd), options)
    if not best.flows:
        return best
    reached = math.fsum(network.classes[arc.tape].it_kw * arc.carried * count for arc, count in best.flows.items())
    cheaper = solve(network, Goal("cost", all_fly=False, budget_usd=budget_usd, least_kw=reached), options)
    return replace(best, flows=cheaper.flows) if cheaper.flows else best


def _schedule(
    demands: Sequence[PlaneDemand],
    vehicles: Sequence[Vehicle],
    network: Network,
    answer: Answer,
    start: date,
    deadline_months: int,
) -> tuple[Flight, ...]:
    """Lay the loads on each vehicle's earliest months, planes in the order in which they were asked for."""
    order = {(demand.shell, demand.plane): k for k, demand in enumerate(demands)}
    loads = sorted(
        (
            (arc.vehicle, by_plane(run, begin, arc))
            for tape, shape in enumerate(network.classes)
            for run, begin, path in zip(shape.runs, shape.starts, follow(shape, _of_tape(answer, tape)), strict=True)
            for arc in path
            if arc.vehicle != LEFT_OUT
        ),
        key=lambda load: (order[load[1][0][0].shell, load[1][0][0].plane], -sum(n for _, n in load[1])),
    )
    months = [
        iter([month for month, n in enumerate(vehicle.slots(start, deadline_months)) for _ in range(n)])
        for vehicle in vehicles
    ]
    placed = sorted(((next(months[vehicle]), vehicle, pieces) for vehicle, pieces in loads), key=lambda load: load[:2])
    digits = max(3, len(str(len(placed))))
    return tuple(
        _flight(f"F{k:0{digits}d}", month_of(month, start), vehicles[vehicle], pieces)
        for k, (month, vehicle, pieces) in enumerate(placed, start=1)
    )


def _of_tape(answer: Answer, tape: int) -> dict[Arc, int]:
    return {arc: count for arc, count in answer.flows.items() if arc.tape == tape}


def _flight(name: str, month: date, vehicle: Vehicle, pieces: list[tuple[PlaneDemand, int]]) -> Flight:
    first = pieces[0][0]
    mass_kg = math.fsum(count * demand.mass_kg for demand, count in pieces)
    volume_m3 = math.fsum(count * demand.volume_m3 for demand, count in pieces)
    return Flight(
        name,
        month,
        vehicle.name,
        first.shell,
        tuple(demand.plane for demand, _ in pieces),
        tuple(count for _, count in pieces),
        mass_kg,
        volume_m3,
        math.fsum(count * demand.it_kw for demand, count in pieces),
        max(
            mass_kg / vehicle.payload_kg(first.inclination_deg),
            volume_m3 / (vehicle.fairing_volume_m3 * vehicle.packing_fraction),
        ),
        vehicle.price_usd,
    )


def _outcome(manifest: Manifest, network: Network, answer: Answer, options: SolveOptions, began: float) -> Outcome:
    minimise = manifest.objective == "minimum_cost"
    value = manifest.cost_usd if minimise else manifest.it_kw
    bound = _bound(manifest, network, answer, options)
    bound = min(bound, value) if minimise else max(min(bound, network.it_kw), value)
    scale = max(abs(value), abs(bound))
    close = abs(bound - value) <= options.gap_fraction * scale
    status: Status = "optimal" if close else "feasible"
    return replace(
        _empty(manifest.objective, options),
        status=status,
        objective=value,
        bound=bound,
        solver=_solver_name(),
        limit=options.text,
        wall_s=time.perf_counter() - began,
    )


def _bound(manifest: Manifest, network: Network, answer: Answer, options: SolveOptions) -> float:
    """Return a bound on every allowed manifest.

    The flow is exact when all vehicles reach equally far (see `planner.launch.tapes`). Where they do not, the bound
    comes from letting all of them reach as far as the farthest.
    """
    minimise = manifest.objective == "minimum_cost"
    bound = answer.bound
    if network.wide is not network:
        goal = Goal("cost" if minimise else "power", all_fly=minimise, budget_usd=manifest.budget_usd)
        bound = solve(network.wide, goal, options).bound
    if math.isfinite(bound):
        return bound
    return 0.0 if minimise else network.it_kw


def _empty(objective: Objective, options: SolveOptions) -> Outcome:
    minimise = objective == "minimum_cost"
    return Outcome(
        status="empty",
        sense="minimise" if minimise else "maximise",
        objective=0.0,
        bound=0.0,
        unit="USD" if minimise else "kW",
        solver="none",
        seed=options.seed,
        workers=1,
        limit="none",
        wall_s=0.0,
    )


def _solver_name() -> str:
    from importlib.metadata import version

    return f"HiGHS through OR-Tools MathOpt {version('ortools')}"


def _check(
    demands: Sequence[PlaneDemand],
    vehicles: Sequence[Vehicle],
    objective: str,
    deadline_months: int,
    budget_usd: float | None,
) -> None:
    problems = [problem for demand in demands for problem in _demand_problems(demand)]
    places = Counter((demand.shell, demand.plane) for demand in demands)
    problems += [
        Problem(f"shell {shell}, plane {plane}", "asked for more than once; give each plane one demand")
        for (shell, plane), times in places.items()
        if times > 1
    ]
    problems += [problem for vehicle in vehicles for problem in _vehicle_problems(vehicle)]
    names = [vehicle.name for vehicle in vehicles]
    if len(set(names)) < len(names):
        problems.append(Problem("vehicles", f"{', '.join(names)}: each vehicle may be named once"))
    if demands and not vehicles:
        problems.append(Problem("vehicles", "none given; name at least one launch vehicle"))
    if objective not in OBJECTIVES:
        problems.append(Problem("objective", f'"{objective}", allowed: {", ".join(OBJECTIVES)}'))
    if deadline_months < 1:
        problems.append(Problem("deadline_months", f"{deadline_months}, must be 1 or more calendar months"))
    if budget_usd is not None and not 0.0 <= budget_usd <= MOST_USD:
        problems.append(Problem("budget_usd", f"{budget_usd:g} USD, allowed 0 to {MOST_USD:g}"))
    if problems:
        raise InputError(problems)


def _demand_problems(demand: PlaneDemand) -> list[Problem]:
    place = f"shell {demand.shell}, plane {demand.plane}"
    problems = []
    if demand.satellites < 0:
        problems.append(Problem(place, f"{demand.satellites} satellites, must be 0 or more"))
    for name in ("mass_kg", "volume_m3"):
        value = getattr(demand, name)
        if not (math.isfinite(value) and value > 0.0):
            problems.append(Problem(place, f"{name} {value:g}, must be positive"))
    if not (math.isfinite(demand.it_kw) and demand.it_kw >= 0.0):
        problems.append(Problem(place, f"it_kw {demand.it_kw:g}, must be 0 or more"))
    if not 0.0 <= demand.inclination_deg <= 180.0:
        problems.append(Problem(place, f"inclination_deg {demand.inclination_deg:g}, allowed 0 to 180"))
    return problems


def _vehicle_problems(vehicle: Vehicle) -> list[Problem]:
    problems = []
    if not 0.0 <= vehicle.price_usd <= MOST_USD:
        reason = f"price_usd {vehicle.price_usd:g}, allowed 0 to {MOST_USD:g}"
        problems.append(Problem(f"vehicle {vehicle.name}", reason))
    if not (math.isfinite(vehicle.flights_per_month) and 0.0 <= vehicle.flights_per_month <= 1e4):
        reason = f"flights_per_month {vehicle.flights_per_month:g}, allowed 0 to 10000"
        problems.append(Problem(f"vehicle {vehicle.name}", reason))
    if vehicle.planes_per_flight < 1:
        reason = f"planes_per_flight {vehicle.planes_per_flight}, must be 1 or more"
        problems.append(Problem(f"vehicle {vehicle.name}", reason))
    return problems
