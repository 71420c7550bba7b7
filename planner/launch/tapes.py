"""The question: which loads are worth considering, so that thousands of identical satellites stay one small network.

The planes of a shell are laid end to end as a *tape* of satellites. A flight takes a stretch of the tape, and a
manifest is a path from one end to the other whose steps are flights (or satellites left out). Where no vehicle serves
more than one plane, each plane is a tape of its own. Tapes with equal capacities and power are one `TapeClass`, planned
as one flow of several units, shorter planes entering it later: this removes the symmetry that makes a model with a
variable per plane unsolvable (arc-flow formulation, J. M. Valério de Carvalho, Ann. Oper. Res. 86, 1999).

Taking the tape in order loses nothing when all vehicles reach equally far. If two flights, the first starting at the
earlier plane, carry satellites in the wrong order, both planes lie in both reaches, so the two satellites can be
swapped; swapping until none is left gives a manifest in order with the same flights. The same argument lets a flight
end either full, at the end of its reach or at the end of a plane, and lets gaps end at the end of a plane.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from planner.launch.vehicles import PlaneDemand, Vehicle

LEFT_OUT = -1
"""Stands in for the vehicle where satellites are left on the ground."""

Run = tuple[PlaneDemand, ...]
"""Planes of one shell and one satellite type, in order, that share a tape."""


@dataclass(frozen=True)
class TapeClass:
    """Tapes that no vehicle can tell apart.

    Attributes
    ----------
    lengths
        Satellites of each plane on the tape.
    positions
        Plane numbers, counted from the first plane of the tape.
    capacities
        Satellites per flight, for each vehicle.
    it_kw
        IT power of one satellite.
    runs
        The planes themselves, one entry per tape.
    starts
        Place where each run begins: a single plane that is shorter than the longest of its class begins later.
    """

    lengths: tuple[int, ...]
    positions: tuple[int, ...]
    capacities: tuple[int, ...]
    it_kw: float
    runs: tuple[Run, ...]
    starts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Place where all tapes of the class end."""
        return sum(self.lengths)

    @property
    def satellites(self) -> int:
        """Satellites of all runs."""
        return sum(self.total - start for start in self.starts)

    @property
    def ends(self) -> tuple[int, ...]:
        """Place on the tape where each plane ends."""
        ends, place = [], 0
        for length in self.lengths:
            place += length
            ends.append(place)
        return tuple(ends)


@dataclass(frozen=True, order=True)
class Arc:
    """One step along a tape: `vehicle` carries the satellites between places `tail` and `head`, or they stay behind."""

    tape: int
    tail: int
    head: int
    vehicle: int

    @property
    def carried(self) -> int:
        """Satellites that fly with this step."""
        return 0 if self.vehicle == LEFT_OUT else self.head - self.tail


def tape_classes(demands: Sequence[PlaneDemand], vehicles: Sequence[Vehicle]) -> tuple[TapeClass, ...]:
    """Return the demands as classes of identical tapes, in an order that does not depend on names."""
    farthest = max((vehicle.planes_per_flight for vehicle in vehicles), default=1)
    groups: dict[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], float], list[Run]] = {}
    for run in _runs([demand for demand in demands if demand.satellites > 0], farthest):
        first = run[0]
        lengths = tuple(demand.satellites for demand in run)
        key = (
            lengths if len(run) > 1 else (),  # single planes of any length share a class
            tuple(demand.plane - first.plane for demand in run),
            tuple(vehicle.capacity(first) for vehicle in vehicles),
            first.it_kw,
        )
        groups.setdefault(key, []).append(run)
    return tuple(_tape_class(key, groups[key]) for key in sorted(groups))


def _tape_class(key: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], float], runs: list[Run]) -> TapeClass:
    lengths, positions, capacities, it_kw = key
    lengths = lengths or (max(run[0].satellites for run in runs),)
    starts = tuple(sum(lengths) - sum(demand.satellites for demand in run) for run in runs)
    return TapeClass(lengths, positions, capacities, it_kw, tuple(runs), starts)


def _runs(demands: Sequence[PlaneDemand], farthest: int) -> list[Run]:
    """Return runs of planes that a flight reaching `farthest` planes could step through."""
    order = {shell: k for k, shell in enumerate(dict.fromkeys(demand.shell for demand in demands))}

    def kind(demand: PlaneDemand) -> tuple[float, ...]:
        return (
            order[demand.shell],
            demand.mass_kg,
            demand.volume_m3,
            demand.it_kw,
            demand.inclination_deg,
            demand.altitude_km,
        )

    runs: list[list[PlaneDemand]] = []
    for demand in sorted(demands, key=lambda demand: (*kind(demand), demand.plane)):
        last = runs[-1][-1] if runs else None
        if last is not None and kind(last) == kind(demand) and demand.plane - last.plane < farthest:
            runs[-1].append(demand)
        else:
            runs.append([demand])
    return [tuple(run) for run in runs]


def arcs(tape: int, shape: TapeClass, reach: Sequence[int], *, leave_out: bool) -> list[Arc]:
    """Return the steps worth taking along a tape of class `shape`, from every place that can be reached.

    Parameters
    ----------
    tape
        Index of the class, copied into the arcs.
    reach
        Planes per flight of each vehicle.
    leave_out
        Whether the rest of a plane may stay behind.
    """
    ends, total = shape.ends, shape.total
    waiting = sorted(set(shape.starts))
    seen = set(waiting)
    found: list[Arc] = []
    while waiting:
        tail = waiting.pop()
        plane = bisect_right(ends, tail)
        steps = _flights(shape, ends, tail, plane, reach)
        if leave_out:
            steps.append((ends[plane], LEFT_OUT))
        found.extend(Arc(tape, tail, head, vehicle) for head, vehicle in steps)
        fresh = {head for head, _ in steps if head < total} - seen
        seen |= fresh
        waiting.extend(fresh)
    return sorted(found)


def _flights(
    shape: TapeClass, ends: tuple[int, ...], tail: int, plane: int, reach: Sequence[int]
) -> list[tuple[int, int]]:
    steps: list[tuple[int, int]] = []
    for vehicle, capacity in enumerate(shape.capacities):
        if capacity == 0:
            continue
        last = plane
        while last + 1 < len(ends) and shape.positions[last + 1] - shape.positions[plane] < reach[vehicle]:
            last += 1
        farthest = min(tail + capacity, ends[last])
        heads = {farthest, *(end for end in ends[plane:last] if end < farthest)}
        steps.extend((head, vehicle) for head in sorted(heads))
    return steps


def follow(shape: TapeClass, flows: dict[Arc, int]) -> list[list[Arc]]:
    """Split the flow of one class into a path per run, the longest loads first; `flows` must conserve units."""
    leaving: dict[int, list[Arc]] = {}
    for arc in sorted(flows, key=lambda arc: (arc.tail, -arc.carried, arc.vehicle)):
        leaving.setdefault(arc.tail, []).append(arc)
    left = dict(flows)
    paths = []
    for start in shape.starts:
        path, place = [], start
        while place < shape.total:
            arc = next(arc for arc in leaving[place] if left[arc] > 0)
            left[arc] -= 1
            path.append(arc)
            place = arc.head
        paths.append(path)
    return paths


def by_plane(run: Run, start: int, arc: Arc) -> list[tuple[PlaneDemand, int]]:
    """Return the planes that a step touches on a run beginning at `start`, and how many satellites of each."""
    pieces = []
    for demand in run:
        end = start + demand.satellites
        count = min(arc.head, end) - max(arc.tail, start)
        if count > 0:
            pieces.append((demand, count))
        start = end
    return pieces
