"""How well do accelerators train one model together, and how many act as one? A curve over size.

Data parallel over satellites: each holds the whole model over its own accelerators, works on its part of the batch, and
takes part in an all-reduce of the gradients. The batch stays what it is, so that more accelerators take less time for a
step and the same or more for the exchange. Inside a satellite nothing is charged for exchange.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.catalog import Catalog
from planner.errors import InputError, Problem
from planner.network.datacenter.circuit import CircuitLimits
from planner.network.datacenter.collectives import (
    AllReduce,
    hierarchical_all_reduce,
    ring_all_reduce,
    tree_all_reduce,
)
from planner.network.datacenter.hierarchy import embed_hierarchy_in
from planner.network.datacenter.members import Members, interconnect, member_indices
from planner.network.datacenter.ring import embed_ring_in
from planner.network.datacenter.tree import centre_of, embed_tree_in, steps_to
from planner.network.snapshot import NetworkSnapshot

Collective = Literal["ring", "ring both ways", "tree", "hierarchical"]

_COLLECTION: Final = "training_models"
_FIGURES: Final = ("parameters", "tokens_per_step", "bytes_per_gradient")
_FLOPS_PER_PARAMETER: Final = 6.0
_EVERY: Final = 32
"""Sizes of a curve up to which each is reckoned. Planner default."""
_FINE: Final = 256
"""Sizes up to which they grow by a tenth. Planner default."""
_GROWTH_FRACTION: Final = 0.1
"""Growth from one size to the next up to there. Planner default: an answer is at most that much short of the best."""
_COARSE_FRACTION: Final = 0.25
"""Growth beyond. Planner default: 10,000 satellites are 71 sizes, the last of them most of the work."""


@dataclass(frozen=True)
class TrainingModel:
    """A model and how it is trained.

    Attributes
    ----------
    name
        What to call it; the catalog's name where it is from there.
    parameters
        Weights that every token passes through.
    tokens_per_step
        Tokens of the whole batch of a step.
    bytes_per_gradient
        Bytes exchanged per weight at a synchronisation.
    inner_steps
        Steps between synchronisations: 1 is plain data parallel; more is infrequent synchronisation as in DiLoCo
        (Douillard et al., arXiv:2311.08105), which changes what is learnt and was shown for up to 500.
    compression
        Factor by which the exchange is made smaller, 1 or more; what it does to learning is the user's affair.
    title
        What to call it in a headline; its name where nothing is given.

    Raises
    ------
    InputError
        If a number is not finite or not positive, or `inner_steps` or `compression` is below 1.
    """

    name: str
    parameters: int
    tokens_per_step: int
    bytes_per_gradient: int = 2
    inner_steps: int = 1
    compression: int = 1
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", self.title or self.name)
        allowed = {"parameters": 1, "tokens_per_step": 1, "bytes_per_gradient": 1, "inner_steps": 1, "compression": 1}
        wrong = [name for name, least in allowed.items() if not least <= getattr(self, name) < np.inf]
        if wrong:
            raise InputError(
                [
                    Problem(f"training model {self.name}", f"{name} is {getattr(self, name)}; 1 or more is needed")
                    for name in wrong
                ]
            )

    @property
    def data_gb(self) -> float:
        """Gigabytes that each member puts into a synchronisation."""
        return self.parameters * self.bytes_per_gradient / self.compression / 1e9

    @classmethod
    def from_catalog(cls, catalog: Catalog, name: str) -> "TrainingModel":
        """Return a model of the catalog, trained with a synchronisation at every step; `CatalogError` if unknown."""
        entry = catalog.entry(_COLLECTION, name)
        parameters, tokens, gradient = (int(entry[figure]) for figure in _FIGURES)
        return cls(name, parameters, tokens, gradient, title=entry.title)


@dataclass(frozen=True)
class Accelerators:
    """What does the work.

    Attributes
    ----------
    per_satellite
        Accelerators of each satellite.
    peak_tflops
        Of one accelerator, dense, in the format trained in.
    mfu_fraction
        Part of the peak that the model's own arithmetic gets, exchange aside.

    Raises
    ------
    InputError
        If a number is not positive, or the part above 1.
    """

    per_satellite: int
    peak_tflops: float
    mfu_fraction: float

    def __post_init__(self) -> None:
        if not (self.per_satellite >= 1 and 0.0 < self.peak_tflops < np.inf and 0.0 < self.mfu_fraction <= 1.0):
            raise InputError(
                Problem(
                    "accelerators",
                    f"{self.per_satellite} per satellite of {self.peak_tflops:g} TFLOP/s at {self.mfu_fraction:g}; "
                    "needed are 1 or more, above 0, and above 0 up to 1",
                )
            )


def step_s(model: TrainingModel, accelerators: Accelerators, satellites: int) -> float:
    """Return the time of a step's arithmetic: ``6 · parameters · tokens / (N · F · MFU)``, N over all satellites.

    Notes
    -----
    Six operations per weight and token, forward and backward: Kaplan et al., Scaling laws for neural language models,
    arXiv:2001.08361, section 2.1.
    """
    rate = satellites * accelerators.per_satellite * accelerators.peak_tflops * 1e12 * accelerators.mfu_fraction
    return _FLOPS_PER_PARAMETER * model.parameters * model.tokens_per_step / rate


def efficiency_fraction(
    model: TrainingModel, compute_s: float, sync_s: float, *, overlap_fraction: float = 0.0
) -> float:
    """Return the part of the time spent on arithmetic: ``T_step / (T_step + max(0, T − overlap))``.

    Parameters
    ----------
    model
        Its `inner_steps` are worked off between two synchronisations.
    compute_s
        Time of one step, as `step_s`.
    sync_s
        Time of one synchronisation.
    overlap_fraction
        Part of the arithmetic between two synchronisations that can hide the exchange, 0 to 1: about two thirds where
        gradients are sent as the backward pass makes them; 0 waits for each exchange.

    Raises
    ------
    ValueError
        If `overlap_fraction` is not a part.
    """
    if not 0.0 <= overlap_fraction <= 1.0:
        raise ValueError(f"overlap_fraction: {overlap_fraction}, a part from 0 to 1 is needed")
    work = compute_s * model.inner_steps
    return work / (work + max(0.0, sync_s - overlap_fraction * work))


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
    """

    names: tuple[str, ...]
    method: Collective
    per_satellite: int
    satellites: IntArray
    step_s: FloatArray
    sync_s: FloatArray
    efficiency_fraction: FloatArray


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
        Collective that synchronises: around one ring, one way or both; up and down a tree; or rings within groups of
        about the square root of all and one of their leaders (`embed_hierarchy`).
    overhead_s
        Per link and message; the catalog's is ``training.data_parallel.overhead_s``.
    overlap_fraction
        As `efficiency_fraction`.
    members
        Satellites to choose among; None for all. The largest connected part of them is used.
    sizes
        Numbers of satellites to reckon; None takes all up to 32, then steps of a tenth up to 256 and of a
        quarter beyond, and all there are.

    Raises
    ------
    InputError
        As `interconnect` does, for an unknown method, and for sizes that are not from 1 to the satellites there are.
    """
    if method not in get_args(Collective):
        raise InputError(Problem("method", f"{method!r}, allowed are {', '.join(get_args(Collective))}"))
    order = _joining(snapshot, members)
    chosen = _sizes(len(order), sizes)
    compute = [step_s(model, accelerators, size) for size in chosen]
    sync = [_sync(snapshot, ints(order[:size]), model, method, overhead_s).time_s for size in chosen]
    efficiency = [
        efficiency_fraction(model, work, wait, overlap_fraction=overlap_fraction)
        for work, wait in zip(compute, sync, strict=True)
    ]
    return ScalingCurve(
        tuple(snapshot.satellite_names[i] for i in order.tolist()),
        method,
        accelerators.per_satellite,
        ints(chosen),
        floats(compute),
        floats(sync),
        floats(efficiency),
    )


@dataclass(frozen=True, eq=False)
class AsOne:
    """The most satellites that still train as one.

    Attributes
    ----------
    satellites
        Their names; one alone where no two do, for one has nothing to wait for.
    accelerators
        How many accelerators they carry.
    efficiency_fraction, wanted_fraction
        Their efficiency, and the least that was asked for.
    curve
        The efficiency of all sizes reckoned, by the collective that served best.
    """

    satellites: tuple[str, ...]
    accelerators: int
    efficiency_fraction: float
    wanted_fraction: float
    curve: ScalingCurve


def accelerators_as_one(
    snapshot: NetworkSnapshot,
    model: TrainingModel,
    accelerators: Accelerators,
    *,
    wanted_fraction: float,
    methods: Sequence[Collective] = ("ring",),
    overhead_s: float,
    overlap_fraction: float = 0.0,
    members: Members = None,
) -> AsOne:
    """Return the largest number of satellites that train a model at an efficiency, of all sizes and collectives.

    Parameters
    ----------
    snapshot, model, accelerators, overhead_s, overlap_fraction, members
        As `scaling_curve`.
    wanted_fraction
        Least efficiency, above 0 up to 1.
    methods
        Collectives to choose from; the earliest of equally good ones is kept. The tree asks more of a satellite than a
        ring does (see `tree_all_reduce`) and is left out unless named.

    Raises
    ------
    InputError
        As `scaling_curve` does, and where there is no satellite, no method or no such efficiency.
    """
    if not 0.0 < wanted_fraction <= 1.0 or not methods:
        raise InputError(
            Problem("wanted_fraction", f"{wanted_fraction:g} by {len(methods)} methods; above 0 up to 1, by 1 or more")
        )
    if not len(member_indices(snapshot, members)):
        raise InputError(Problem("members", "no satellite to train on; name one or more"))
    curves = [
        scaling_curve(
            snapshot,
            model,
            accelerators,
            method=method,
            overhead_s=overhead_s,
            overlap_fraction=overlap_fraction,
            members=members,
        )
        for method in methods
    ]
    found = [_most(curve, wanted_fraction) for curve in curves]
    return max(found, key=lambda one: (one.accelerators, one.efficiency_fraction))


def _most(curve: ScalingCurve, wanted_fraction: float) -> AsOne:
    """Return the largest size of a curve that is efficient enough; the first is one satellite, which always is."""
    place = int(np.flatnonzero(curve.efficiency_fraction >= wanted_fraction)[-1])
    count = int(curve.satellites[place])
    efficiency = float(curve.efficiency_fraction[place])
    return AsOne(curve.names[:count], count * curve.per_satellite, efficiency, wanted_fraction, curve)


def _sync(
    snapshot: NetworkSnapshot, members: IntArray, model: TrainingModel, method: Collective, overhead_s: float
) -> AllReduce:
    network = interconnect(snapshot, members)
    if method == "hierarchical":
        made = embed_hierarchy_in(network, data_gb=model.data_gb, overhead_s=overhead_s)
        return hierarchical_all_reduce(made.groups, made.leaders, model.data_gb, overhead_s=overhead_s)
    if method == "tree":
        return tree_all_reduce(embed_tree_in(network), model.data_gb, overhead_s=overhead_s)
    # The construction alone: dozens of rings are asked for, and the rate is the best there is either way.
    ring = embed_ring_in(network, limits=CircuitLimits(members=0))
    return ring_all_reduce(ring, model.data_gb, overhead_s=overhead_s, both_ways=method == "ring both ways")


def _joining(snapshot: NetworkSnapshot, members: Members) -> IntArray:
    """Return satellites by delay from the centre of the largest part; any first ones are connected."""
    network = interconnect(snapshot, members)
    if not len(network):
        return ints([])
    centre, away, before = centre_of(network)
    steps = steps_to(np.where(before < 0, centre, before), centre)
    order = np.lexsort((steps, away))
    return ints(network.satellites[order[np.isfinite(away[order])]])


def _sizes(most: int, sizes: Sequence[int] | None) -> list[int]:
    if sizes is not None:
        wrong = [size for size in sizes if not 1 <= size <= most]
        if wrong:
            raise InputError(Problem("sizes", f"{wrong[0]}; from 1 to {most} satellites are linked"))
        return sorted(set(sizes))
    chosen = list(range(1, min(most, _EVERY) + 1))
    while chosen and chosen[-1] < most:
        growth = _GROWTH_FRACTION if chosen[-1] < _FINE else _COARSE_FRACTION
        chosen.append(min(most, int(chosen[-1] * (1.0 + growth))))
    return chosen
