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
    Groups,
    MinimumCut,
    Ring,
    ScalingCurve,
    TrainingModel,
    audit_bisection,
    audit_ring,
    bisection,
    embed_ring,
    groups_within,
    minimum_cut,
    scaling_curve,
)
from planner.network.datacenter.training import Collective
from planner.satellite import RackSatellite
from planner.scenario.audited import require_clean
from planner.scenario.laser import NetworkSettings

WAYS: Final[tuple[Collective, ...]] = ("ring", "tree", "hierarchical")
"""Collectives that the curves compare; the first of them also with gradients joined rarely."""

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
    curves: dict[str, ScalingCurve]
    rare: ScalingCurve
    rare_steps: int

    def as_one(self, wanted_fraction: float) -> int:
        """Return the most accelerators that train as one at an efficiency, joined after every step."""
        return max(self._most(curve, wanted_fraction) for curve in self.curves.values())

    def as_one_rarely(self, wanted_fraction: float) -> int:
        """Return the most that do where they are joined every `rare_steps` steps."""
        return self._most(self.rare, wanted_fraction)

    def _most(self, curve: ScalingCurve, wanted_fraction: float) -> int:
        enough = np.flatnonzero(curve.efficiency_fraction >= wanted_fraction)
        return int(curve.satellites[enough[-1]]) * self.rack.accelerators if len(enough) else 0


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
    usual = catalog.entry("training", "data_parallel")
    accelerators = Accelerators(
        per_satellite=rack.accelerators,
        peak_tflops=catalog.entry("accelerators", rack.accelerator)["dense_bf16_tflops"],
        mfu_fraction=usual["mfu_fraction"],
    )

    def curve(way: Collective, steps: int) -> ScalingCurve:
        trained = replace(model, inner_steps=steps)
        return scaling_curve(
            network, trained, accelerators, method=way, overhead_s=usual["overhead_s"], members=members
        )

    steps = int(usual["inner_steps"])
    made = DataCenter(
        members=members,
        rack=rack,
        bisection=bisection(network, members, rounds=_ROUNDS),
        minimum_cut=minimum_cut(network, members),
        ring=embed_ring(network, members),
        groups=groups_within(network, settings.diameter_ms),
        model=model,
        curves={way: curve(way, 1) for way in WAYS},
        rare=curve(WAYS[0], steps),
        rare_steps=steps,
    )
    require_clean("data center", (*audit_bisection(made.bisection, network), *audit_ring(made.ring, network, members)))
    return made


def _largest_part(network: NetworkSnapshot, designs: Sequence[RackSatellite]) -> tuple[IntArray, RackSatellite]:
    """Return the largest joined part of the most frequent type."""
    from planner.network.resilience.forest import component_labels

    name = Counter(rack.name for rack in designs).most_common(1)[0][0]
    rack = next(rack for rack in designs if rack.name == name)
    ours = np.array([design.name == name for design in designs])
    inside = ours[network.a] & ours[network.b]
    part = component_labels(len(designs), np.array(network.a[inside]), np.array(network.b[inside]))
    return ints(np.flatnonzero(ours & (part == np.argmax(np.bincount(part[ours]))))), rack
