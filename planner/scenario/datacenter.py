"""Which part of the laser network is one data center at an instant? Its cuts, ring, groups and training, audited."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.arrays import IntArray, ints
from planner.catalog import Catalog
from planner.network import NetworkSnapshot
from planner.network.datacenter import (
    Accelerators,
    Bisection,
    CircuitLimits,
    Groups,
    MinimumCut,
    Ring,
    ScalingCurve,
    TrainingModel,
    audit_bisection,
    audit_groups,
    audit_minimum_cut,
    audit_ring,
    bisection,
    embed_ring,
    groups_within,
    memory_note,
    minimum_cut,
    scaling_curves,
)
from planner.network.datacenter.training import Collective
from planner.satellite import RackSatellite
from planner.scenario.audited import require_clean
from planner.scenario.laser import NetworkSettings

WAYS: Final[tuple[Collective, ...]] = ("ring", "tree", "hierarchical")
"""Collectives that the curves compare; the first of them also with gradients joined rarely."""

_RELAYS: Final = CircuitLimits(effort=1)
"""Of the search for a ring with fewer relays, about a second: its rate is the best there is without it."""

_ROUNDS: Final = 5
"""Of routing for the lower bound of the bisection: a second at 1,584 satellites, and within a few per cent of 20."""


@dataclass(frozen=True, eq=False)
class DataCenter:
    """The largest joined part of the most frequent satellite type, taken as one data center.

    Attributes
    ----------
    members
        Names of its satellites.
    rack
        Their type.
    bisection, minimum_cut, ring
        What it carries across: the worst halving, the weakest cut, a ring through all.
    groups
        All satellites parted into groups within the plan's diameter.
    model
        What is trained.
    memory_note
        That it does not fit into the memory of a satellite's accelerators, "" where it does.
    curves
        By way of joining gradients after every step, efficiency over the number of satellites.
    rare
        The same for the ring where gradients are joined every `rare_steps` steps.
    rare_steps
        What the catalog has for it.
    """

    members: tuple[str, ...]
    rack: RackSatellite
    bisection: Bisection
    minimum_cut: MinimumCut
    ring: Ring
    groups: Groups
    model: TrainingModel
    memory_note: str
    curves: dict[str, ScalingCurve]
    rare: ScalingCurve
    rare_steps: int

    def as_one(self, wanted_fraction: float) -> int:
        """Return the most satellites that train as one at an efficiency, joined after every step; 0 if none does."""
        return max(curve.most(wanted_fraction) for curve in self.curves.values())

    def as_one_rarely(self, wanted_fraction: float) -> int:
        """Return the most that do where they are joined every `rare_steps` steps."""
        return self.rare.most(wanted_fraction)


def data_center(
    network: NetworkSnapshot, designs: Sequence[RackSatellite], settings: NetworkSettings, catalog: Catalog
) -> DataCenter | None:
    """Return what the laser network is worth as one data center; None for a fleet without a laser link.

    Parameters
    ----------
    network
        At one instant.
    designs
        Type of each satellite, ``[sat]``.
    settings
        Diameter, model and efficiency that the plan asks for.
    catalog
        Of the model, of the accelerators and of how training goes.

    Raises
    ------
    AuditError
        If cuts, ring or groups do not stand up to being worked out again.
    """
    chosen, rack = _largest_part(network, designs)
    if len(chosen) < 2:
        return None
    members = tuple(network.satellite_names[i] for i in chosen)
    model = TrainingModel.from_catalog(catalog, settings.training_model)
    usual, kind = catalog.entry("training", "data_parallel"), catalog.entry("accelerators", rack.accelerator)
    accelerators = Accelerators(
        per_satellite=rack.accelerators,
        peak_tflops=kind["dense_bf16_tflops"],
        mfu_fraction=usual["mfu_fraction"],
        memory_gb=kind["memory_gb"],
    )
    steps = int(usual["inner_steps"])
    runs = [*((model, way) for way in WAYS), (replace(model, inner_steps=steps), WAYS[0])]
    *curves, rare = scaling_curves(network, runs, accelerators, overhead_s=usual["overhead_s"], members=members)
    made = DataCenter(
        members=members,
        rack=rack,
        bisection=bisection(network, members, rounds=_ROUNDS),
        minimum_cut=minimum_cut(network, members),
        ring=embed_ring(network, members, limits=_RELAYS),
        groups=groups_within(network, settings.diameter_ms),
        model=model,
        memory_note=memory_note(model, accelerators),
        curves=dict(zip(WAYS, curves, strict=True)),
        rare=rare,
        rare_steps=steps,
    )
    _require_sound(made, network, settings.diameter_ms)
    return made


def _require_sound(made: DataCenter, network: NetworkSnapshot, diameter_ms: float) -> None:
    """Raise `AuditError` where what was found does not stand up to being worked out again."""
    violations = (
        *audit_bisection(made.bisection, network, made.members),
        *audit_minimum_cut(made.minimum_cut, network, made.members),
        *audit_ring(made.ring, network, made.members),
        *audit_groups(made.groups, network, diameter_ms),
    )
    require_clean("data center", violations)


def _largest_part(network: NetworkSnapshot, designs: Sequence[RackSatellite]) -> tuple[IntArray, RackSatellite]:
    """Return the largest joined part of the most frequent type."""
    from planner.network.resilience.forest import component_labels

    name = Counter(rack.name for rack in designs).most_common(1)[0][0]
    rack = next(rack for rack in designs if rack.name == name)
    ours = np.array([design.name == name for design in designs])
    inside = ours[network.a] & ours[network.b]
    part = component_labels(len(designs), np.array(network.a[inside]), np.array(network.b[inside]))
    return ints(np.flatnonzero(ours & (part == np.argmax(np.bincount(part[ours]))))), rack
