"""Does the fleet hang together, and what holds it? Components, single points of failure, rings.

Nodes are satellites ``[sat]``, edges laser links ``[link]`` of one `NetworkSnapshot`; sites never relay, so they hold
nothing together. All is in the snapshot's own order.
"""

from dataclasses import dataclass, fields

import numpy as np

from planner.arrays import BoolArray, IntArray, lock
from planner.network.snapshot import NetworkSnapshot


@dataclass(frozen=True, eq=False)
class Connectivity:
    """How the satellites of a network hang together.

    Attributes
    ----------
    component
        ``[sat]``, number of the component of each satellite, counted from 0 in order of their first satellites.
    degree
        ``[sat]``, number of laser links.
    articulation
        ``[sat]``, True where the loss of that satellite alone parts others from each other.
    bridge
        ``[link]``, True where the loss of that link alone does.
    block
        ``[link]``, number of the biconnected component: two links of one block lie on a ring together, so neither is a
        bridge unless it is a block of its own.
    """

    component: IntArray
    degree: IntArray
    articulation: BoolArray
    bridge: BoolArray
    block: IntArray

    def __post_init__(self) -> None:
        for column in fields(self):
            object.__setattr__(self, column.name, lock(getattr(self, column.name)))

    @property
    def component_sizes(self) -> IntArray:
        """Satellites of each component, ``[component]``."""
        return lock(np.bincount(self.component).astype(np.int64))

    @property
    def largest_component(self) -> int:
        """Satellites of the largest component; 0 where there are none."""
        return int(self.component_sizes.max(initial=0))

    @property
    def connected(self) -> bool:
        """Whether every satellite reaches every other; a single one does, none at all does not."""
        return len(self.component_sizes) == 1

    @property
    def survives_any_satellites(self) -> tuple[int, int]:
        """Number of satellites of which any set may be lost with the rest still connected: at least, at most.

        The connectivity less one, which is 0 where there is an articulation point. Bounds by degree: losing all
        neighbours of one satellite cuts it off; and two satellites without a link between them share at least
        2 · degree + 2 - satellites neighbours, all of which have to go before they are parted. Both are 0 where the
        network is not connected to begin with.
        """
        satellites, least_degree = len(self.degree), int(self.degree.min(initial=len(self.degree)))
        if not self.connected or satellites < 2:
            return 0, 0
        if self.articulation.any():
            return 0, 0
        least = min(least_degree, max(2, 2 * least_degree + 2 - satellites))
        return least - 1, least_degree - 1


def connectivity(snapshot: NetworkSnapshot) -> Connectivity:
    """Return components, articulation points, bridges and blocks of a network's laser links."""
    from planner.network.resilience.forest import component_labels
    from planner.network.resilience.lowpoint import blocks

    satellites = len(snapshot.satellite_names)
    a, b = np.array(snapshot.a), np.array(snapshot.b)
    degree = np.bincount(np.concatenate([a, b]), minlength=satellites).astype(np.int64)
    return Connectivity(component_labels(satellites, a, b), degree, *blocks(satellites, a, b))


def components(snapshot: NetworkSnapshot) -> IntArray:
    """Return the component of every satellite, ``[sat]``, counted from 0 in order of their first satellites."""
    from planner.network.resilience.forest import component_labels

    return lock(component_labels(len(snapshot.satellite_names), np.array(snapshot.a), np.array(snapshot.b)))
