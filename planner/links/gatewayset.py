"""Which gateways are enough? The smallest set that is available so much of the time, with proof. Axes ``[time, site]``.

Availability only grows as sites are added. So a part of the search in which even all sites left do not reach the target
holds no answer; and where one site is enough, a site adds the less the more others there are, so that what sites reach
alone bounds what they add.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, ints
from planner.links.weather import availability_fraction
from planner.outcome import Outcome

_ROUNDING: Final = 1e-12
"""What a mean of probabilities may miss the target by and still reach it."""


@dataclass(frozen=True, eq=False)
class GatewayChoice:
    """A set of gateways that reaches a target.

    Attributes
    ----------
    sites
        Their indices, ascending.
    availability_fraction
        Part of the time that enough of them are in view and clear.
    outcome
        How many they are, and how few it could be.
    """

    sites: IntArray
    availability_fraction: float
    outcome: Outcome


@dataclass
class _Search:
    """A depth-first search for a set of a given size; `left` counts the evaluations still allowed."""

    reached: Callable[[list[int]], float]
    target: float
    order: list[int]
    alone: FloatArray
    adds_less: bool
    left: int

    def find(self, size: int, chosen: list[int], start: int) -> list[int] | None:
        """Return sites that reach the target, `chosen` and some of the order from `start` on; None if there are none.

        None as well once no evaluation is left, which the caller must look at.
        """
        missing = size - len(chosen)
        if self.left <= 0:
            return None
        if missing == 0:
            self.left -= 1
            return chosen if self.reached(chosen) >= self.target else None
        rest = self.order[start:]
        if len(rest) < missing or not self._may_reach(chosen, rest, missing):
            return None
        for place in range(start, len(self.order) - missing + 1):
            found = self.find(size, [*chosen, self.order[place]], place + 1)
            if found is not None:
                return found
        return None

    def _may_reach(self, chosen: list[int], rest: list[int], missing: int) -> bool:
        self.left -= 1
        if self.reached(chosen + rest) < self.target:
            return False
        if not self.adds_less:
            return True
        # The order is by what a site reaches alone, best first.
        self.left -= 1
        return self.reached(chosen) + float(self.alone[rest[:missing]].sum()) >= self.target


def smallest_gateways(
    in_view: BoolArray,
    outage_fraction: FloatArray,
    *,
    target_fraction: float,
    at_least: int = 1,
    clear: BoolArray | None = None,
    evaluations: int = 20_000,
) -> GatewayChoice | None:
    """Return the fewest gateways of which enough are in view and clear for a part of the time.

    Parameters
    ----------
    in_view, outage_fraction, at_least, clear
        As `availability_fraction`.
    target_fraction
        Mean availability over the instants that must be reached, above 0 to 1.
    evaluations
        How many sets may be looked at. Sets are looked at in a fixed order, so the answer is the same every time.

    Returns
    -------
    GatewayChoice or None
        None if all gateways together miss the target. If evaluations run out, the set found by adding the best gateway
        one after another, and as bound the least size that is not yet excluded.

    Raises
    ------
    ValueError
        For no instant, shapes that do not fit or a value out of range.
    """
    if not 0.0 < target_fraction <= 1.0:
        raise ValueError(f"target_fraction: {target_fraction} must be above 0 to 1")
    if not len(in_view):
        raise ValueError("in_view: needs an instant at least")
    began = perf_counter()

    def reached(sites: list[int]) -> float:
        some = None if clear is None else clear[:, sites]
        return float(
            availability_fraction(in_view[:, sites], outage_fraction[sites], at_least=at_least, clear=some).mean()
        )

    count = len(outage_fraction)
    target = target_fraction - _ROUNDING
    if reached(list(range(count))) < target:
        return None
    best = _one_after_another(reached, count, target)
    alone = np.array([reached([site]) for site in range(count)])
    order = [int(site) for site in np.argsort(-alone, kind="stable")]
    search = _Search(reached, target, order, alone, at_least == 1, evaluations)
    size = at_least
    while size < len(best):
        found = search.find(size, [], 0)
        if found is not None:
            best = found
        elif search.left <= 0:
            break
        else:
            size += 1
    outcome = Outcome(
        "optimal" if size == len(best) else "feasible", "minimise", float(len(best)), float(size), "gateways",
        "branch and bound", 0, 1, f"{evaluations} evaluations", perf_counter() - began,
    )  # fmt: skip
    return GatewayChoice(ints(sorted(best)), reached(sorted(best)), outcome)


def _one_after_another(reached: Callable[[list[int]], float], count: int, target: float) -> list[int]:
    """Return a set that reaches the target, made by adding the site that helps most; ties go to the first."""
    chosen: list[int] = []
    while reached(chosen) < target if chosen else True:
        rest = [site for site in range(count) if site not in chosen]
        chosen.append(max(rest, key=lambda site: (reached([*chosen, site]), -site)))
    return chosen
