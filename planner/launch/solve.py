"""The question: which flows along the tapes are best. An integer network flow, one side constraint per vehicle.

Measured on one core (OR-Tools 9.15; 10,037 satellites of nine kinds in 80 unequal planes, five vehicles, 60 months):
HiGHS through MathOpt proves 0.00 % for minimum cost in 0.5 s and for maximum capacity in 6 s; CP-SAT with one worker on
the same arcs takes 2 s, and has 0.02 % left on the second after 67 s. Hence HiGHS. It is repeatable as long as the node
limit, not the wall clock, ends the search.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from planner.errors import SolverError
from planner.launch.tapes import LEFT_OUT, Arc, TapeClass, arcs

if TYPE_CHECKING:
    from ortools.math_opt.python import mathopt

_LARGEST = 1000.0  # the largest coefficient that a solver is given: money and power are scaled to it, here only
_WHOLE = 1e-4  # how far from a whole number HiGHS may leave an integer (its tolerance is 1e-6)


@dataclass(frozen=True)
class SolveOptions:
    """Limits on the solver.

    Attributes
    ----------
    seed
        Random seed.
    node_limit
        Branch-and-bound nodes; this limit is repeatable.
    time_limit_s
        Wall-clock seconds, a safety net; a run that it ends may differ the next time.
    gap_fraction
        An answer this close to its bound is called optimal.
    """

    seed: int = 0
    node_limit: int = 20_000
    time_limit_s: float = 120.0
    gap_fraction: float = 1e-4

    @property
    def text(self) -> str:
        """The limits in words."""
        return f"{self.node_limit} nodes, {self.time_limit_s:g} s of wall clock"


@dataclass(frozen=True)
class Network:
    """Everything the solver sees.

    Attributes
    ----------
    classes
        Tapes.
    reach
        Planes per flight, for each vehicle.
    prices_usd
        Price of a flight, for each vehicle.
    slots
        Flights allowed by the deadline, for each vehicle.
    """

    classes: tuple[TapeClass, ...]
    reach: tuple[int, ...]
    prices_usd: tuple[float, ...]
    slots: tuple[int, ...]

    @property
    def wide(self) -> "Network":
        """The same with every vehicle reaching as far as the farthest.

        What the flow cannot do there, no manifest can; here it may only be that the tape was taken in order (see
        `planner.launch.tapes`). The network itself where the two are one.
        """
        if len(set(self.reach)) <= 1 or all(len(shape.lengths) == 1 for shape in self.classes):
            return self
        return replace(self, reach=(max(self.reach),) * len(self.reach))

    @property
    def satellites(self) -> int:
        """Satellites wanted."""
        return sum(shape.satellites for shape in self.classes)

    @property
    def it_kw(self) -> float:
        """IT power wanted."""
        return sum(shape.it_kw * shape.satellites for shape in self.classes)


@dataclass(frozen=True)
class Goal:
    """What to optimise.

    ``cost`` and ``extra`` (flights of `extra_vehicle` beyond its slots) are minimised, ``power`` and ``satellites``
    maximised. `all_fly` forbids leaving satellites out; `budget_usd` and `least_kw` are constraints.
    """

    what: Literal["cost", "extra", "power", "satellites"]
    all_fly: bool
    budget_usd: float | None = None
    least_kw: float | None = None
    extra_vehicle: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the solver found: ``none`` means that a limit came before any solution; `bound` then still holds."""

    status: Literal["optimal", "feasible", "infeasible", "none"]
    flows: dict[Arc, int]
    bound: float


def solve(network: Network, goal: Goal, options: SolveOptions) -> Answer:
    """Return the best flow; `SolverError` with the solver's own message when it fails."""
    from ortools.math_opt.python import mathopt

    steps = [
        arc
        for tape, shape in enumerate(network.classes)
        for arc in arcs(tape, shape, network.reach, leave_out=not goal.all_fly)
    ]
    if len({arc.tape for arc in steps}) < len(network.classes):
        return Answer("infeasible", {}, 0.0)  # some satellite fits on no vehicle
    model = mathopt.Model()
    flows = [model.add_integer_variable(lb=0, ub=len(network.classes[arc.tape].runs)) for arc in steps]
    _conserve(model, network, steps, flows)
    extra = None if goal.extra_vehicle is None else model.add_integer_variable(lb=0, ub=network.satellites)
    for vehicle, slots in enumerate(network.slots):
        used = [flow for arc, flow in zip(steps, flows, strict=True) if arc.vehicle == vehicle]
        if used:
            more = [extra] if extra is not None and vehicle == goal.extra_vehicle else []
            model.add_linear_constraint(mathopt.fast_sum(used) - mathopt.fast_sum(more) <= slots)
    scale = _objective(model, network, goal, steps, flows, extra)
    result = _run(model, options, counts=goal.what in ("extra", "satellites"))
    return _read(result, scale, steps, flows)


def _conserve(model: Any, network: Network, steps: list[Arc], flows: list[Any]) -> None:  # noqa: ANN401 - MathOpt types are loaded late
    from ortools.math_opt.python import mathopt

    sums: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for arc, flow in zip(steps, flows, strict=True):
        sums[arc.tape, arc.tail].append(flow)
        if arc.head < network.classes[arc.tape].total:
            sums[arc.tape, arc.head].append(-flow)
    for (tape, place), terms in sums.items():
        supply = network.classes[tape].starts.count(place)
        model.add_linear_constraint(mathopt.fast_sum(terms) == supply)


def _objective(
    model: Any,  # noqa: ANN401 - MathOpt types are loaded late
    network: Network,
    goal: Goal,
    steps: list[Arc],
    flows: list[Any],
    extra: Any | None,  # noqa: ANN401
) -> float:
    """Add objective, budget and least power; return what to multiply the solver's objective by."""
    from ortools.math_opt.python import mathopt

    money = max(network.prices_usd, default=0.0) / _LARGEST or 1.0
    power = max((shape.it_kw for shape in network.classes), default=0.0) / _LARGEST or 1.0

    def total(weights: Sequence[float]) -> Any:  # noqa: ANN401
        return mathopt.fast_sum(w * flow for w, flow in zip(weights, flows, strict=True) if w)

    cost = [0.0 if a.vehicle == LEFT_OUT else network.prices_usd[a.vehicle] / money for a in steps]
    kilowatts = [network.classes[a.tape].it_kw / power * a.carried for a in steps]
    if goal.budget_usd is not None:
        model.add_linear_constraint(total(cost) <= goal.budget_usd / money)
    if goal.least_kw is not None:
        # One part in 10⁹ below what is already known to be possible, so that rounding cannot forbid it.
        model.add_linear_constraint(total(kilowatts) >= goal.least_kw / power * (1.0 - 1e-9))
    if goal.what == "cost":
        model.minimize(total(cost))
        return money
    if goal.what == "extra":
        model.minimize(extra)
        return 1.0
    model.maximize(total(kilowatts if goal.what == "power" else [float(a.carried) for a in steps]))
    return power if goal.what == "power" else 1.0


def _run(model: Any, options: SolveOptions, *, counts: bool) -> "mathopt.SolveResult":  # noqa: ANN401
    from ortools.math_opt.python import mathopt

    parameters = mathopt.SolveParameters(
        random_seed=options.seed,
        node_limit=options.node_limit,
        time_limit=timedelta(seconds=options.time_limit_s),
        relative_gap_tolerance=0.0 if counts else options.gap_fraction,
        absolute_gap_tolerance=0.999 if counts else None,  # a count that is less than one off is exact
    )
    try:
        return mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
    except (RuntimeError, ValueError, TypeError, MemoryError) as error:
        raise SolverError(f"HiGHS failed on the launch manifest: {error}") from error


def _read(result: "mathopt.SolveResult", scale: float, steps: list[Arc], flows: list[Any]) -> Answer:
    from ortools.math_opt.python import mathopt

    reason = result.termination.reason
    bound = result.termination.objective_bounds.dual_bound * scale
    known = mathopt.TerminationReason
    if reason in (known.INFEASIBLE, known.INFEASIBLE_OR_UNBOUNDED):
        return Answer("infeasible", {}, bound)
    if reason == known.NO_SOLUTION_FOUND:
        return Answer("none", {}, bound)
    if reason not in (known.OPTIMAL, known.FEASIBLE):
        raise SolverError(f"HiGHS ended with {reason.name}: {result.termination.detail}")
    counts = {}
    for arc, value in zip(steps, result.variable_values(flows), strict=True):
        if abs(value - round(value)) > _WHOLE:
            raise SolverError(f"HiGHS returned {value} where a whole number of flights was asked for")
        if round(value):
            counts[arc] = round(value)
    return Answer("optimal" if reason == known.OPTIMAL else "feasible", counts, bound)
