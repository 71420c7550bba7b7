"""How many accelerators train one model as one? The largest size of a curve that is efficient enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.errors import InputError, Problem
from planner.network.datacenter.members import Members, member_indices
from planner.network.datacenter.scaling import ScalingCurve, scaling_curves
from planner.network.datacenter.training import Accelerators, Collective, TrainingModel
from planner.network.snapshot import NetworkSnapshot


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
    ended_by
        What more would lack: ``efficiency``, or, with all of the curve efficient enough, ``satellites`` that links
        lead to or sequences of the ``batch``.
    curve
        The efficiency of all sizes reckoned, by the collective that served best.
    """

    satellites: tuple[str, ...]
    accelerators: int
    efficiency_fraction: float
    wanted_fraction: float
    ended_by: Literal["efficiency", "satellites", "batch"]
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
    curves = scaling_curves(
        snapshot,
        [(model, method) for method in methods],
        accelerators,
        overhead_s=overhead_s,
        overlap_fraction=overlap_fraction,
        members=members,
    )
    found = [_most(curve, wanted_fraction) for curve in curves]
    return max(found, key=lambda one: (one.accelerators, one.efficiency_fraction))


def _most(curve: ScalingCurve, wanted_fraction: float) -> AsOne:
    """Return the largest size of a curve that is efficient enough; the first is one satellite, which always is."""
    count = curve.most(wanted_fraction)
    place = int(np.searchsorted(curve.satellites, count))
    return AsOne(
        curve.names[:count],
        count * curve.per_satellite,
        float(curve.efficiency_fraction[place]),
        wanted_fraction,
        curve.ends_with if count == curve.satellites[-1] else "efficiency",
        curve,
    )
