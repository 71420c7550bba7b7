"""What every optimiser says about its answer: status, objective, bound and gap."""

import math
from dataclasses import dataclass
from typing import Literal

Status = Literal["optimal", "feasible", "empty"]
"""``optimal``: bound and objective meet within the tolerance asked for. ``feasible``: a limit came first.
``empty``: nothing to decide, so no solver ran. Infeasible is an error, not a status."""


@dataclass(frozen=True)
class Outcome:
    """The proof that travels with an answer.

    Attributes
    ----------
    status
        See `Status`.
    sense
        Whether the objective was maximised or minimised.
    objective, bound
        Value reached, and the best value that any answer could have, in `unit`.
    unit
        Unit of both.
    solver
        Solver and version, or "none".
    seed, workers
        What makes the run repeatable.
    limit
        The limit that was set, in words ("deterministic time 10").
    wall_s
        Wall-clock seconds spent; not part of equality of answers.
    """

    status: Status
    sense: Literal["maximise", "minimise"]
    objective: float
    bound: float
    unit: str
    solver: str
    seed: int
    workers: int
    limit: str
    wall_s: float

    @property
    def gap_fraction(self) -> float:
        """Distance of objective and bound over the larger of the two magnitudes; 0 when both are 0."""
        scale = max(abs(self.objective), abs(self.bound))
        return 0.0 if scale == 0.0 else abs(self.bound - self.objective) / scale

    def __post_init__(self) -> None:
        if not (math.isfinite(self.objective) and math.isfinite(self.bound)):
            raise ValueError(f"outcome: objective {self.objective} and bound {self.bound} must be finite")


@dataclass(frozen=True)
class Violation:
    """One rule that an answer breaks, found by an audit that knows no solver.

    Attributes
    ----------
    rule
        Name of the rule ("power", "cadence").
    place
        Where ("satellite S012, slot 3").
    found, allowed
        The two sides that disagree, in `unit`.
    unit
        Unit of both.
    """

    rule: str
    place: str
    found: float
    allowed: float
    unit: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.place}: {self.found:g} {self.unit}, allowed {self.allowed:g}"
