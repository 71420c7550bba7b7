"""How long do links last, and how often do satellites change partners? Figures of a `LinkTable`, ``[time]``, ``[age]``.

What counts is a link that carries traffic. One that is interrupted and comes back, acquired again or not, is lost and
made.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.links.table import LinkTable

_SECONDS_PER_HOUR: Final = 3600.0
_ENDS: Final = 2


@dataclass(frozen=True, eq=False)
class Churn:
    """How links come and go.

    Attributes
    ----------
    made_per_h, lost_per_h
        Links that appear and that go in an hour, in the whole network; NaN for a single instant.
    handovers_per_h
        New partners of a satellite in an hour, on average: each link made is one for both its ends.
    mean_life_s
        Mean life of a link within the run: the area under the survival curve, at most the length of the run. NaN
        where there are no links.
    median_life_s
        Age that half of the links do not exceed; NaN where more than half outlive the run, or there are no links.
    age_s
        ``[age]``, from 0 to the length of the run.
    survival_fraction
        ``[age]``, the part of links that last longer than this.
    in_use
        ``[time]``, terminals of the fleet that carry traffic.
    acquiring
        ``[time]``, terminals that point at a partner but do not carry traffic yet.
    """

    made_per_h: float
    lost_per_h: float
    handovers_per_h: float
    mean_life_s: float
    median_life_s: float
    age_s: FloatArray
    survival_fraction: FloatArray
    in_use: IntArray
    acquiring: IntArray


def churn(links: LinkTable) -> Churn:
    """Return how the links of a table come and go.

    Notes
    -----
    A link seen at k instants one after the other and not at the next has lived k steps. Links that are there at the
    last instant have lived at least as long: survival is the product-limit estimate of Kaplan and Meier, J. American
    Statistical Association 53 (1958) 457-481, doi:10.1080/01621459.1958.10501452. How old the links of the first
    instant are is not known; they count from there.
    """
    from planner.network.topology.churnkernel import lives

    made, lost, ended, lasting = lives(*(np.array(column) for column in (links.offsets, links.a, links.b)))
    step_s, steps = links.times.step_s, links.times.count - 1
    hours = steps * step_s / _SECONDS_PER_HOUR if steps else math.nan
    made_per_h = float(made.sum()) / hours
    survival = _survival(ended, lasting)
    # Survival is known from one age to the next up to the last instant.
    known = survival[:-1] if len(survival) > 1 else survival
    below = np.flatnonzero(survival <= 0.5)
    return Churn(
        made_per_h=made_per_h,
        lost_per_h=float(lost.sum()) / hours,
        handovers_per_h=_ENDS * made_per_h / links.satellites if links.satellites else math.nan,
        mean_life_s=float(known.sum()) * step_s,
        median_life_s=float(below[0]) * step_s if len(below) else math.nan,
        age_s=floats(np.arange(len(survival)) * step_s),
        survival_fraction=floats(survival),
        in_use=ints(_ENDS * np.diff(links.offsets)),
        acquiring=ints(_ENDS * links.acquiring),
    )


def _survival(ended: IntArray, lasting: IntArray) -> FloatArray:
    """Return the part of links that last longer than 0, 1, 2 … steps; NaN where there are none."""
    at_risk = np.cumsum((ended + lasting)[::-1])[::-1]
    if at_risk[0] == 0:
        return np.full(len(ended), math.nan)
    return floats(np.cumprod(1.0 - ended / np.maximum(at_risk, 1)))
