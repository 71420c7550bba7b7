"""Given paths, what is the best traffic on them, and what is capacity worth? The master programme of column generation.

Variables are the rate of each path, the rate of each demand that is left unserved, and, by stage, the highest load or
capacity added to links. A link gets its row once an answer overloads it; most never do, and rows are what costs time.

The one place where figures are scaled: rates go to the solver as parts of their own demand and rows of links as parts
of their capacity, so that its tolerance is the same part of the smallest demand as of the largest.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from planner.arrays import FloatArray, floats
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
        ``[demand]``, cost of a Gbit/s left unserved.
    most_unserved_fraction
        ``[demand]``, the part of each demand that may be left unserved.
    left_gbps
        The most that all demands with any path may leave unserved together; infinite for no such cap.
    """

    kind: Kind
    delay_weight: float
    unserved_weight: FloatArray
    most_unserved_fraction: FloatArray
    left_gbps: float = math.inf


class Duals(NamedTuple):
    """Prices of capacity, ``[arc]``, and of the cap; what another Gbit/s of a demand costs, ``[demand]``."""

    arc: FloatArray
    cap: float
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
        self._gbps = ask.gbps.tolist()
        self._worth = _worth(ask, stage)
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
        """Add the rows of demands and of the cap, and the variables that are not paths."""
        model, stage, infinity = self._model, self.stage, self._model.infinity()
        self._goal = model.Objective()
        self._goal.SetMinimization()
        self._demands = [model.Constraint(1.0, 1.0) for _ in self._gbps]
        self._unserved = [model.NumVar(0.0, most, "") for most in stage.most_unserved_fraction.tolist()]
        capped = math.isfinite(stage.left_gbps)
        self._cap_gbps = max(stage.left_gbps, min(self._gbps)) if capped else 1.0
        self._cap = model.Constraint(-infinity, stage.left_gbps / self._cap_gbps) if capped else None
        for k, variable in enumerate(self._unserved):
            self._demands[k].SetCoefficient(variable, 1.0)
            self._goal.SetCoefficient(variable, float(stage.unserved_weight[k]) * self._gbps[k] / self._worth)
            if self._cap is not None and not self.ask.closed[k]:
                self._cap.SetCoefficient(variable, self._gbps[k] / self._cap_gbps)
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
            self._goal.SetCoefficient(variable, self.stage.delay_weight * delay_ms * self._gbps[demand] / self._worth)
        for arc in path:
            if self._limited[arc]:
                self._through.setdefault(arc, []).append(number)
                if arc in self._rows:
                    self._rows[arc].SetCoefficient(variable, self._gbps[demand] / self._unit_gbps(arc))

    def _unit_gbps(self, arc: int) -> float:
        """Return what the row of an arc counts in: its capacity, or the largest demand where it has none."""
        return float(self.ask.arcs.capacity_gbps[arc]) or max(self._gbps)

    def _add_row(self, arc: int) -> None:
        """Hold the traffic of an arc to its capacity, times the highest load, or plus what is added."""
        unit_gbps, kind = self._unit_gbps(arc), self.stage.kind
        part = float(self.ask.arcs.capacity_gbps[arc]) / unit_gbps
        row = self._model.Constraint(-self._model.infinity(), 0.0 if kind == "load" else part)
        for number in self._through[arc]:
            row.SetCoefficient(self._paths[number], self._gbps[self.columns[number][0]] / unit_gbps)
        if kind == "load":
            row.SetCoefficient(self._load, -part)
        elif kind == "growth":
            added = self._model.NumVar(0.0, self._model.infinity(), "")
            row.SetCoefficient(added, -1.0)
            self._goal.SetCoefficient(added, unit_gbps / self._worth)
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
        loads = arc_loads_gbps(self.columns, self._rates_gbps(), len(self._limited))
        allowed = self._load.solution_value() if self._load is not None else 1.0
        used, capacity = self._limited & (loads > 0.0), self.ask.arcs.capacity_gbps
        part = np.where(used, np.inf, 0.0)
        np.divide(loads, capacity, out=part, where=used & (capacity > 0.0))
        part[list(self._rows)] = 0.0
        least = allowed * (1.0 + _OVER) + _OVER
        if self._load is not None:
            least = max(least, allowed + (1.0 - _WORST) * (float(part.max(initial=0.0)) - allowed))
        return np.flatnonzero(part > least).tolist()

    def _rates_gbps(self) -> list[float]:
        """Return ``[path]``, the solver's rates."""
        return [
            max(0.0, path.solution_value()) * self._gbps[k]
            for path, (k, _) in zip(self._paths, self.columns, strict=True)
        ]

    def _answer(self) -> Answer:
        """Read the solver's answer."""
        arc = np.zeros(len(self._limited))
        for number, row in self._rows.items():
            arc[number] = max(0.0, -row.dual_value()) * self._worth / self._unit_gbps(number)
        cap = 0.0 if self._cap is None else max(0.0, -self._cap.dual_value()) * self._worth / self._cap_gbps
        unserved = [max(0.0, rest.solution_value()) for rest in self._unserved]
        return Answer(
            objective=self._goal.Value() * self._worth,
            rates_gbps=floats(self._rates_gbps()),
            unserved_gbps=floats(np.array(unserved) * self.ask.gbps),
            duals=Duals(
                floats(arc),
                cap,
                floats(np.array([row.dual_value() for row in self._demands]) * self._worth / self.ask.gbps),
            ),
        )


def _worth(ask: Ask, stage: Stage) -> float:
    """Return the unit of the objective: what the largest demand would cost on the longest of the fastest ways."""
    if stage.kind == "load":
        return 1.0
    if stage.kind == "growth":
        return float(ask.gbps.max())
    longest_ms = float(ask.least_ms[np.isfinite(ask.least_ms)].max(initial=0.0))
    in_flight = stage.delay_weight * longest_ms * float(ask.gbps.max())
    return in_flight or float((stage.unserved_weight * ask.gbps).max()) or 1.0


def arc_loads_gbps(columns: Sequence[tuple[int, Chain]], rates_gbps: Sequence[float], arcs: int) -> FloatArray:
    """Return ``[arc]``: the rates of all paths through each arc, added up."""
    flat = np.fromiter(chain.from_iterable(path for _, path in columns), dtype=np.int64)
    each = np.repeat(np.asarray(rates_gbps, dtype=np.float64), [len(path) for _, path in columns])
    return floats(np.bincount(flat, weights=each, minlength=arcs))
