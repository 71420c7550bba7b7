"""Answers how linear and integer models reach OR-Tools, and what comes back.

The only file of this room that knows OR-Tools, and the one place where objectives are scaled: the largest coefficient
becomes `_LARGEST`, so that watts, dollars and counts of any size meet the solver's absolute tolerances alike.

Linear programmes go to HiGHS (never with `threads` set: 9.15 fails then), integer ones to SCIP, both through MathOpt.
Measured with OR-Tools 9.15 on two shared cores, 240 satellites × 96 slots:

- joint relaxation, 12 single and 5 group jobs: 8,161 variables (14 kinds of satellite a slot) HiGHS 0.25 s, GLOP
  0.14 s; 161,131 variables (every satellite different) HiGHS 5.1 s, GLOP 23.7 s
- one slot's integer programme (12 jobs, 1,000–1,600 variables) to 0.1 %: SCIP 0.05–2.5 s, HiGHS 0.02–0.6 s, CP-SAT
  0.2 s to a limit of 10 s; with awkward sizes (24 to 56 of 72 accelerators) HiGHS up to 5.9 s, both others past 10 s
- all 96 of them in turn: SCIP 13 s, 8 s with 100 nodes at 0.2 %; HiGHS 23–25 s. HiGHS 9.15 also writes lines of its own
  to the standard output when it repairs a solution, which nothing in MathOpt turns off; SCIP is silent
- greedy by value per accelerator instead: 0.001 s a slot, 0.7–2.3 % below the relaxation, 20 % with awkward sizes

Models go in as arrays through the protocol buffer: 161,131 variables in 0.4 s.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.errors import SolverError

_LARGEST: Final = 1e3


@dataclass
class LinearModel:
    """A maximisation built from blocks of arrays; variables are at least 0, rows at most their right-hand side."""

    objective: list[FloatArray] = field(default_factory=list)
    upper: list[FloatArray] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    row_upper: list[FloatArray] = field(default_factory=list)
    terms: list[tuple[IntArray, IntArray, FloatArray]] = field(default_factory=list)
    variables: int = 0
    rows: int = 0

    def add_variables(self, objective: FloatArray, upper: FloatArray, *, whole: bool) -> IntArray:
        """Add variables and return their numbers."""
        count = len(objective)
        self.objective.append(np.asarray(objective, dtype=np.float64))
        self.upper.append(np.asarray(upper, dtype=np.float64))
        self.whole.extend([whole] * count)
        self.variables += count
        return np.arange(self.variables - count, self.variables)

    def add_rows(self, upper: FloatArray) -> IntArray:
        """Add rows and return their numbers."""
        count = len(upper)
        self.row_upper.append(np.asarray(upper, dtype=np.float64))
        self.rows += count
        return np.arange(self.rows - count, self.rows)

    def add_terms(self, rows: IntArray, variables: IntArray, coefficients: FloatArray | float) -> None:
        """Add ``coefficient × variable`` to rows; each pair at most once."""
        values = np.broadcast_to(np.asarray(coefficients, dtype=np.float64), np.shape(rows))
        self.terms.append((np.asarray(rows), np.asarray(variables), values))


@dataclass(frozen=True, eq=False)
class Solved:
    """What the solver says.

    Attributes
    ----------
    values
        ``[variable]``; None when a limit came before any solution.
    bound
        No solution is worth more.
    prices
        ``[row]``, worth of one more unit of each row's right-hand side; None for integer models.
    """

    values: FloatArray | None
    bound: float
    prices: FloatArray | None


def solve(model: LinearModel, *, gap_fraction: float, nodes: int, seed: int) -> Solved:
    """Maximise `model` until `gap_fraction` or `nodes` branch-and-bound nodes.

    Raises
    ------
    SolverError
        With the solver's own words, when it neither solves the model nor stops at a limit.
    """
    from ortools.math_opt.python import mathopt

    if model.variables == 0:
        return Solved(np.zeros(0), 0.0, np.zeros(model.rows))
    objective = np.concatenate(model.objective)
    scale = _LARGEST / (float(np.max(np.abs(objective))) or 1.0)
    integer = any(model.whole)
    parameters = mathopt.SolveParameters(
        random_seed=seed,
        relative_gap_tolerance=gap_fraction if integer else None,
        node_limit=nodes if integer else None,
    )
    kind = mathopt.SolverType.GSCIP if integer else mathopt.SolverType.HIGHS
    try:
        proto = mathopt.Model.from_model_proto(_proto(model, objective * scale))
        result = mathopt.solve(proto, kind, params=parameters)
    except (RuntimeError, ValueError, mathopt.InternalMathOptError) as error:
        raise SolverError(f"placement: the solver failed: {error}") from error
    reason = result.termination.reason
    good = {
        mathopt.TerminationReason.OPTIMAL,
        mathopt.TerminationReason.FEASIBLE,
        mathopt.TerminationReason.NO_SOLUTION_FOUND,
    }
    if reason not in good:
        raise SolverError(
            f"placement: the solver stopped with {reason.name}: {result.termination.detail or 'no detail'}"
        )
    return _read(result, scale, integer=integer)


def _read(result: Any, scale: float, *, integer: bool) -> Solved:  # noqa: ANN401 - MathOpt's result
    values = _column(result.variable_values()) if result.has_primal_feasible_solution() else None
    prices = None
    if not integer and result.has_dual_feasible_solution():
        prices = _column(result.dual_values()) / scale
    bound = float(result.termination.objective_bounds.dual_bound) / scale
    return Solved(values, bound, prices)


def _column(by_item: dict[Any, float]) -> FloatArray:
    """Return the values of numbered items, in whatever order the solver lists them, as an array."""
    column = np.zeros(1 + max((item.id for item in by_item), default=-1))
    for item, value in by_item.items():
        column[item.id] = value
    return column


def _proto(model: LinearModel, objective: FloatArray) -> Any:  # noqa: ANN401 - a generated protocol buffer
    """Return the model as MathOpt's protocol buffer: one bulk copy per column instead of one object per term."""
    from ortools.math_opt import model_pb2

    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(model.variables))
    proto.variables.lower_bounds.extend([0.0] * model.variables)
    proto.variables.upper_bounds.extend(np.concatenate(model.upper).tolist())
    proto.variables.integers.extend(model.whole)
    proto.objective.maximize = True
    (used,) = np.nonzero(objective)
    proto.objective.linear_coefficients.ids.extend(used.tolist())
    proto.objective.linear_coefficients.values.extend(objective[used].tolist())
    if model.rows:
        proto.linear_constraints.ids.extend(range(model.rows))
        proto.linear_constraints.lower_bounds.extend([-np.inf] * model.rows)
        proto.linear_constraints.upper_bounds.extend(np.concatenate(model.row_upper).tolist())
    if model.terms:
        rows, columns, values = (np.concatenate(part) for part in zip(*model.terms, strict=True))
        order = np.lexsort((columns, rows))
        order = order[values[order] != 0.0]
        proto.linear_constraint_matrix.row_ids.extend(rows[order].tolist())
        proto.linear_constraint_matrix.column_ids.extend(columns[order].tolist())
        proto.linear_constraint_matrix.coefficients.extend(values[order].tolist())
    return proto
