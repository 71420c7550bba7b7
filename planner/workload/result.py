"""Answers what a placement looks like: who runs where and when, what was left out and why.

Rows are sorted by slot, satellite, job and group. This module knows no solver, so that the audit may use it.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from planner.arrays import FloatArray, IntArray, floats
from planner.outcome import Outcome

Reason = Literal["latency", "power", "accelerators", "links", "contention"]
REASONS: Final[dict[Reason, str]] = {
    "latency": "too few satellites within the latency budget",
    "power": "too little power on the satellites within reach",
    "accelerators": "too few accelerators on the satellites within reach",
    "links": "no group of satellites stays connected and is large enough",
    "contention": "it would fit alone; other work was worth more there",
}


@dataclass(frozen=True)
class Unserved:
    """Replicas of a job that do not run during slots ``first_slot … last_slot``.

    Attributes
    ----------
    job
        Name of the job.
    first_slot, last_slot
        Both inclusive.
    replicas
        How many are missing in each of these slots.
    reason
        Key of `REASONS`: the limit that, taken alone, keeps them out.
    detail
        The figures behind it, for a reader, from the first of these slots.
    """

    job: str
    first_slot: int
    last_slot: int
    replicas: int
    reason: Reason
    detail: str


@dataclass(frozen=True, eq=False)
class Placement:
    """Where every job runs.

    Attributes
    ----------
    jobs
        Names, ``[job]``.
    slot_s, slots
        Length and number of slots; the last slot may be shorter.
    migration_cost_h
        Service lost by a replica that starts on another satellite than before.
    job, slot, satellite
        ``[row]``, indices.
    group
        ``[row]``, which group of a group job, counted from 0; −1 for single jobs.
    replicas
        ``[row]``, replicas running there; a group counts once, on its lowest satellite, and 0 on the others.
    accelerators
        ``[row]``, accelerators in use.
    power_w
        ``[row]``, power drawn.
    wanted_h, served_h
        ``[job]``, replica-hours asked for and run, before the loss by moves.
    moves
        ``[job]``, starts of a replica on a satellite that did not run it in the slot before, the first slot of the
        job's window apart.
    value_usd
        ``[job]``, worth of what runs, less what moves lose; their sum is the objective.
    unserved
        What does not run, and why.
    outcome
        Proof: objective against the bound.
    """

    jobs: tuple[str, ...]
    slot_s: float
    slots: int
    migration_cost_h: float
    job: IntArray
    group: IntArray
    slot: IntArray
    satellite: IntArray
    replicas: IntArray
    accelerators: IntArray
    power_w: FloatArray
    wanted_h: FloatArray
    served_h: FloatArray
    moves: IntArray
    value_usd: FloatArray
    unserved: tuple[Unserved, ...]
    outcome: Outcome

    def __post_init__(self) -> None:
        rows = len(self.job)
        for name in ("group", "slot", "satellite", "replicas", "accelerators", "power_w"):
            if len(getattr(self, name)) != rows:
                raise ValueError(f"{name}: {len(getattr(self, name))} rows, expected {rows}")

    @property
    def served_fraction(self) -> FloatArray:
        """``[job]``, replica-hours run over those asked for."""
        return floats(np.divide(self.served_h, self.wanted_h, out=np.ones_like(self.wanted_h), where=self.wanted_h > 0))
