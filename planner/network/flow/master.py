"""Given paths, what is the best traffic on them, and what is capacity worth? The master programme of column generation.

Variables are the rate of each path, the rate of each demand that is left unserved, and, by stage, the highest load or
capacity added to links. A link gets its row once an answer overloads it; most never do, and rows are what costs time
(1,584 satellites, 50 demands: ten times). Rates go to the solver in units of the largest demand, costs in those of the
longest of the fastest ways: the one place where they are scaled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from planner.arrays import BoolArray, FloatArray, floats
from planner.errors import SolverError
from planner.network.flow.pricing import Ask, Chain

Kind = Literal["rates", "load", "growth"]

_OVER: Final = 1e-9
"""Part of a capacity by which a load may exceed it before it is held to it; the solver keeps its rows no better."""
_WORST: Final = 0.5
"""Of the loads above the highest load that rows enforce, those in this upper part of the excess get rows next."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What is minimised, and what earlier stages fixed.

    Attributes
    ----------
    kind
        ``rates``: cost of rates within capacities. ``load``: the highest load. ``growth``: Gbit/s added to links.
    delay_weight
        Cost of a Gbit/s·ms in flight.
    unserved_weight
        ``[demand]``, cost of a Gbit/s left unserved; infinite where nothing may be.
    caps
        Groups of demands, ``[demand]``, with the most that they may leave unserved together, Gbit/s.
    """

    kind: Kind
    delay_weight: float
    unserved_weight: FloatArray
    caps: tuple[tuple[BoolArray, float], ...] = ()


class Duals(NamedTuple):
    """Prices of capacity, ``[arc]``, and of caps, ``[cap]``; what another Gbit/s of a demand costs, ``[demand]``."""

    arc: FloatArray
    cap: FloatArray
    demand: FloatArray


class Answer(NamedTuple):
    """The best on the paths at hand: objective, rate of each path, what each demand leaves unserved, prices."""

    objective: float
    rates_gbps: FloatArray
    unserved_gbps: FloatArray
    duals: Duals


class Master:
    """The programme of one stage, to which paths are added."""

    def __init__(self, ask: Ask, stage: Stage, seed: int) -> None:
        from ortools.linear_solver import pywraplp

        self.ask, self.stage = ask, stage
        self.columns: list[tuple[int, Chain]] = []
        self._gbps = float(ask.gbps.max())
        finite = ask.least_ms[np.isfinite(ask.least_ms)]
        self._cost = stage.delay_weight * float(finite.max(initial=0.0)) or 1.0
        self._model = pywraplp.Solver.CreateSolver("GLOP")
        if self._model is None:
            raise SolverError("traffic: this OR-Tools has no GLOP")
        self._model.SetSolverSpecificParametersAsString(f"random_seed: {seed}")
        self._limited = np.isfinite(ask.arcs.capacity_gbps)
        self._through: dict[int, list[int]] = {}
        self._rows: dict[int, Any] = {}
        self._paths: list[Any] = []
        self._build()

    def _build(self) -> None:
        """Add the rows of demands and caps, and the variables that are not paths."""
        model, stage, infinity = self._model, self.stage, self._model.infinity()
        self._goal = model.Objective()
        self._goal.SetMinimization()
        scaled = (self.ask.gbps / self._gbps).tolist()
        self._demands = [model.Constraint(gbps, gbps) for gbps in scaled]
        self._unserved = [
            model.NumVar(0.0, gbps if np.isfinite(weight) else 0.0, "")
            for gbps, weight in zip(scaled, stage.unserved_weight.tolist(), strict=True)
        ]
        self._caps = [model.Constraint(-infinity, most / self._gbps) for _, most in stage.caps]
        for k, variable in enumerate(self._unserved):
            self._demands[k].SetCoefficient(variable, 1.0)
            weight = float(stage.unserved_weight[k])
            if 0.0 < weight < np.inf:
                self._goal.SetCoefficient(variable, weight / self._cost)
            for row, (group, _) in zip(self._caps, stage.caps, strict=True):
                if group[k]:
                    row.SetCoefficient(variable, 1.0)
        self._load = model.NumVar(0.0, infinity, "") if stage.kind == "load" else None
        if self._load is not None:
            self._goal.SetCoefficient(self._load, 1.0)

    def add(self, demand: int, path: Chain) -> None:
        """Add a path of a demand."""
        number = len(self.columns)
        variable = self._model.NumVar(0.0, self._model.infinity(), "")
        self.columns.append((demand, path))
        self._paths.append(variable)
        self._demands[demand].SetCoefficient(variable, 1.0)
        if self.stage.delay_weight:
            delay_ms = float(self.ask.arcs.delay_ms[list(path)].sum())
            self._goal.SetCoefficient(variable, self.stage.delay_weight * delay_ms / self._cost)
        for arc in path:
            if self._limited[arc]:
                self._through.setdefault(arc, []).append(number)
                if arc in self._rows:
                    self._rows[arc].SetCoefficient(variable, 1.0)

    def _add_row(self, arc: int) -> None:
        """Hold the traffic of an arc to its capacity, times the highest load, or plus what is added."""
        capacity = float(self.ask.arcs.capacity_gbps[arc]) / self._gbps
        kind = self.stage.kind
        row = self._model.Constraint(-self._model.infinity(), 0.0 if kind == "load" else capacity)
        for number in self._through[arc]:
            row.SetCoefficient(self._paths[number], 1.0)
        if kind == "load":
            row.SetCoefficient(self._load, -capacity)
        elif kind == "growth":
            added = self._model.NumVar(0.0, self._model.infinity(), "")
            row.SetCoefficient(added, -1.0)
            self._goal.SetCoefficient(added, 1.0)
        self._rows[arc] = row

    def solve(self) -> Answer:
        """Return the best on the paths at hand.

        Raises
        ------
        SolverError
            If the solver does not find it.
        """
        while True:
            status = self._model.Solve()
            if status != self._model.OPTIMAL:
                raise SolverError(f"traffic: the solver stopped with status {status}")
            overloaded = self._overloaded()
            if not overloaded:
                return self._answer()
            for arc in overloaded:
                self._add_row(arc)

    def _overloaded(self) -> list[int]:
        """Return arcs without a row that carry too much: all, or the worst where the highest load is sought."""
        rates = [path.solution_value() * self._gbps for path in self._paths]
        loads = arc_loads_gbps(self.columns, rates, len(self._limited))
        allowed = self._load.solution_value() if self._load is not None else 1.0
        part = np.divide(
            loads, self.ask.arcs.capacity_gbps, out=np.zeros(len(loads)), where=self._limited & (loads > 0.0)
        )
        part[list(self._rows)] = 0.0
        least = allowed * (1.0 + _OVER) + _OVER
        if self._load is not None:
            least = max(least, allowed + (1.0 - _WORST) * (float(part.max(initial=0.0)) - allowed))
        return np.flatnonzero(part > least).tolist()

    def _answer(self) -> Answer:
        """Read the solver's answer."""
        load = self._load is not None
        arc, per_gbps = np.zeros(len(self._limited)), self._cost / (self._gbps if load else 1.0)
        for number, row in self._rows.items():
            arc[number] = max(0.0, -row.dual_value()) * per_gbps
        return Answer(
            objective=self._goal.Value() * self._cost * (1.0 if load else self._gbps),
            rates_gbps=floats([max(0.0, path.solution_value()) * self._gbps for path in self._paths]),
            unserved_gbps=floats([max(0.0, rest.solution_value()) * self._gbps for rest in self._unserved]),
            duals=Duals(
                floats(arc),
                floats([max(0.0, -row.dual_value()) * per_gbps for row in self._caps]),
                floats([row.dual_value() * per_gbps for row in self._demands]),
            ),
        )


def arc_loads_gbps(columns: Sequence[tuple[int, Chain]], rates_gbps: Sequence[float], arcs: int) -> FloatArray:
    """Return ``[arc]``: the rates of all paths through each arc, added up."""
    flat = np.fromiter(chain.from_iterable(path for _, path in columns), dtype=np.int64)
    each = np.repeat(np.asarray(rates_gbps, dtype=np.float64), [len(path) for _, path in columns])
    return floats(np.bincount(flat, weights=each, minlength=arcs))
