"""How does efficiency fall as more satellites train together? Curves over size, nearest to the centre first.

Curves of several models and collectives over the same satellites share what is embedded: a ring through the first 100
is the same however often gradients go around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.errors import InputError, Problem
from planner.network.datacenter.circuit import CircuitLimits
from planner.network.datacenter.collectives import (
    AllReduce,
    hierarchical_all_reduce,
    ring_all_reduce,
    tree_all_reduce,
)
from planner.network.datacenter.hierarchy import embed_hierarchy_in
from planner.network.datacenter.members import Interconnect, Members, interconnect
from planner.network.datacenter.results import Ring
from planner.network.datacenter.ring import embed_ring_in
from planner.network.datacenter.training import Accelerators, Collective, TrainingModel, efficiency_fraction, step_s
from planner.network.datacenter.tree import Tree, centre_of, embed_tree_in, steps_to
from planner.network.snapshot import NetworkSnapshot

End = Literal["satellites", "batch"]

_EVERY: Final = 32
"""Sizes of a curve up to which each is reckoned. Planner default."""
_FINE: Final = 256
"""Sizes up to which they grow by a tenth. Planner default."""
_GROWTH_FRACTION: Final = 0.1
"""Growth from one size to the next up to there. Planner default: an answer is at most that much short of the best."""
_COARSE_FRACTION: Final = 0.25
"""Growth beyond. Planner default: 10,000 satellites are 71 sizes, the last of them most of the work."""


@dataclass(frozen=True, eq=False)
class ScalingCurve:
    """How efficiency falls as more satellites join, the nearest to the centre first.

    Attributes
    ----------
    names
        Satellites in the order in which they join, ``[sat]``; those that no link leads to are not among them.
    method
        The collective.
    per_satellite
        Accelerators of each satellite.
    satellites
        Satellites that take part, ``[size]``, rising.
    step_s, sync_s
        Time of a step's arithmetic, and of one synchronisation, ``[size]``.
    efficiency_fraction
        Part of the time spent on arithmetic, ``[size]``.
    ends_with
        What no larger size is left of: ``satellites`` that links lead to, or sequences of the ``batch``, of which each
        satellite works on one at least.
    """

    names: tuple[str, ...]
    method: Collective
    per_satellite: int
    satellites: IntArray
    step_s: FloatArray
    sync_s: FloatArray
    efficiency_fraction: FloatArray
    ends_with: End

    def most(self, wanted_fraction: float) -> int:
        """Return the largest size that is efficient enough, whatever smaller ones are; 0 if there is none."""
        enough = np.flatnonzero(self.efficiency_fraction >= wanted_fraction)
        return int(self.satellites[enough[-1]]) if len(enough) else 0


def scaling_curve(
    snapshot: NetworkSnapshot,
    model: TrainingModel,
    accelerators: Accelerators,
    *,
    method: Collective = "ring",
    overhead_s: float,
    overlap_fraction: float = 0.0,
    members: Members = None,
    sizes: Sequence[int] | None = None,
) -> ScalingCurve:
    """Return the efficiency of ever more satellites, nearest to the centre first.

    Parameters
    ----------
    snapshot
        The network.
    model, accelerators
        What is trained, and on what.
    method
        Collective that synchronises.
    overhead_s
        Per link and message; the catalog's is ``training.data_parallel.overhead_s``.
    overlap_fraction
        As `efficiency_fraction`.
    members
        Satellites to choose among; None for all. The largest connected part of them is used.
    sizes
        Numbers of satellites to reckon; None takes all up to 32, then steps of a tenth up to 256 and of a quarter
        beyond, and all there are, or as many as the batch has sequences for.

    Raises
    ------
    InputError
        As `interconnect` does, for an unknown method, and for sizes that are not from 1 to the satellites there are or
        to the sequences of the batch.
    """
    return scaling_curves(
        snapshot,
        [(model, method)],
        accelerators,
        overhead_s=overhead_s,
        overlap_fraction=overlap_fraction,
        members=members,
        sizes=sizes,
    )[0]


def scaling_curves(
    snapshot: NetworkSnapshot,
    trained: Sequence[tuple[TrainingModel, Collective]],
    accelerators: Accelerators,
    *,
    overhead_s: float,
    overlap_fraction: float = 0.0,
    members: Members = None,
    sizes: Sequence[int] | None = None,
) -> tuple[ScalingCurve, ...]:
    """Return a curve for each model and collective, ``[trained]``; rings and trees are embedded once for all.

    Parameters
    ----------
    trained
        Models, or one model with several `inner_steps`, each with the collective that synchronises it.
    snapshot, accelerators, overhead_s, overlap_fraction, members, sizes
        As `scaling_curve`, and so are errors.
    """
    for _, method in trained:
        if method not in get_args(Collective):
            raise InputError(Problem("method", f"{method!r}, allowed are {', '.join(get_args(Collective))}"))
    order = joining_order(snapshot, members)
    embedded = _Embedded(snapshot, order, overhead_s)
    curves = []
    for model, method in trained:
        chosen = _sizes(len(order), model, sizes)
        compute = [step_s(model, accelerators, size) for size in chosen]
        sync = [embedded.all_reduce(size, method, model.data_gb).time_s for size in chosen]
        efficiency = [
            efficiency_fraction(model, work, wait, overlap_fraction=overlap_fraction)
            for work, wait in zip(compute, sync, strict=True)
        ]
        curves.append(
            ScalingCurve(
                tuple(snapshot.satellite_names[i] for i in order.tolist()),
                method,
                accelerators.per_satellite,
                ints(chosen),
                floats(compute),
                floats(sync),
                floats(efficiency),
                "batch" if model.most_replicas < len(order) else "satellites",
            )
        )
    return tuple(curves)


@dataclass
class _Embedded:
    """What the first satellites are joined by, each made when it is first asked for."""

    snapshot: NetworkSnapshot
    order: IntArray
    overhead_s: float
    rings: dict[int, Ring] = field(default_factory=dict)
    trees: dict[int, Tree] = field(default_factory=dict)
    hierarchies: dict[tuple[int, float], AllReduce] = field(default_factory=dict)

    def all_reduce(self, size: int, method: Collective, data_gb: float) -> AllReduce:
        if method == "hierarchical":
            return self._hierarchical(size, data_gb)
        if method == "tree":
            if size not in self.trees:
                self.trees[size] = embed_tree_in(self._first(size))
            return tree_all_reduce(self.trees[size], data_gb, overhead_s=self.overhead_s)
        if size not in self.rings:
            # The construction alone: dozens of rings are asked for, and the rate is the best there is either way.
            self.rings[size] = embed_ring_in(self._first(size), limits=CircuitLimits(members=0))
        both_ways = method == "ring both ways"
        return ring_all_reduce(self.rings[size], data_gb, overhead_s=self.overhead_s, both_ways=both_ways)

    def _hierarchical(self, size: int, data_gb: float) -> AllReduce:
        """Return the all-reduce of a hierarchy, which is made for as much data as it carries."""
        if (size, data_gb) not in self.hierarchies:
            made = embed_hierarchy_in(self._first(size), data_gb=data_gb, overhead_s=self.overhead_s)
            self.hierarchies[size, data_gb] = hierarchical_all_reduce(
                made.groups, made.leaders, data_gb, overhead_s=self.overhead_s
            )
        return self.hierarchies[size, data_gb]

    def _first(self, size: int) -> Interconnect:
        return interconnect(self.snapshot, ints(self.order[:size]))


def joining_order(snapshot: NetworkSnapshot, members: Members = None) -> IntArray:
    """Return satellites by delay from the centre of the largest part, ``[sat]``; any first ones are connected."""
    network = interconnect(snapshot, members)
    if not len(network):
        return ints([])
    centre, away, before = centre_of(network)
    steps = steps_to(np.where(before < 0, centre, before), centre)
    order = np.lexsort((steps, away))
    return ints(network.satellites[order[np.isfinite(away[order])]])


def _sizes(linked: int, model: TrainingModel, sizes: Sequence[int] | None) -> list[int]:
    most = min(linked, model.most_replicas)
    if sizes is not None:
        wrong = [size for size in sizes if not 1 <= size <= most]
        if wrong:
            raise InputError(
                Problem(
                    "sizes",
                    f"{wrong[0]}; from 1 to {most} are possible: {linked} satellites are linked, and a batch of "
                    f"{model.tokens_per_step} tokens has {model.most_replicas} sequences, one for each at least",
                )
            )
        return sorted(set(sizes))
    chosen = list(range(1, min(most, _EVERY) + 1))
    while chosen and chosen[-1] < most:
        growth = _GROWTH_FRACTION if chosen[-1] < _FINE else _COARSE_FRACTION
        chosen.append(min(most, int(chosen[-1] * (1.0 + growth))))
    return chosen
