"""How much can be lost before the network falls apart? Percolation: what hangs together against what is lost.

Satellites, links or whole planes are lost one after another in many orders; the curves are means and spreads over the
orders. Axis: ``[lost]``, from nothing lost to everything lost. Sites never relay: they are served by the components of
satellites that they see.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints
from planner.network.resilience.losing import planes_of
from planner.network.snapshot import NetworkSnapshot

Unit = Literal["satellites", "links", "planes"]
"""What is lost: satellites with all their links, single laser links, or all satellites of an orbital plane at once."""

Attack = Literal["random", "degree", "betweenness"]
"""Which goes first: any, the one with most links, or the one that most shortest ways between satellites lead through;
equals in random order. Both are those of the whole network, not reckoned anew after each loss: where all satellites
have as many links, as in a whole +grid, ``"degree"`` is no more than ``"random"``."""

_UNITS: Final = ("satellites", "links", "planes")
_ATTACKS: Final = ("random", "degree", "betweenness")


@dataclass(frozen=True, eq=False)
class Percolation:
    """What is left of a network, over many orders of loss.

    Attributes
    ----------
    unit, attack
        What is lost, and which first.
    orders
        How many orders the curves are means of.
    lost
        ``[lost]``, number of units lost: 0 to all.
    largest_fraction, largest_spread_fraction
        ``[lost]``, satellites of the largest component over all satellites of the whole network; mean and standard
        deviation over the orders.
    pairs_fraction, pairs_spread_fraction
        ``[lost]``, pairs of sites that reach each other over all pairs of sites; NaN where there are fewer than two.
    others_fraction
        ``[lost]``, mean size of the component that a satellite lies in, counting all components but the largest, over
        all satellites of the whole network. It is greatest where the network falls apart.
    """

    unit: Unit
    attack: Attack
    orders: int
    lost: IntArray
    largest_fraction: FloatArray
    largest_spread_fraction: FloatArray
    pairs_fraction: FloatArray
    pairs_spread_fraction: FloatArray
    others_fraction: FloatArray

    @property
    def lost_fraction(self) -> FloatArray:
        """``[lost]``, units lost over all units."""
        return floats(self.lost / max(1, int(self.lost[-1])))

    @property
    def threshold_fraction(self) -> float:
        """Lost fraction at which the network falls apart: where `others_fraction` is greatest.

        The usual estimator of the percolation threshold of a finite network; it moves towards the true one as the
        network grows. NaN where there is nothing to lose.
        """
        if len(self.lost) < 2:
            return float("nan")
        return float(self.lost_fraction[np.argmax(self.others_fraction)])

    @property
    def robustness_fraction(self) -> float:
        """Mean of `largest_fraction` over all losses but none.

        At most ½ where satellites are lost (Schneider et al., PNAS 108, 3838 (2011), doi:10.1073/pnas.1009440108); NaN
        where there is nothing to lose.
        """
        return float(self.largest_fraction[1:].mean()) if len(self.lost) > 1 else float("nan")

    def lost_until_fraction(self, largest_fraction: float) -> float:
        """Return the least lost fraction at which the mean `largest_fraction` is below the one given.

        NaN where it never is.
        """
        below = np.flatnonzero(self.largest_fraction < largest_fraction)
        return float(self.lost_fraction[below[0]]) if len(below) else float("nan")


def percolation(
    snapshot: NetworkSnapshot,
    *,
    unit: Unit = "satellites",
    attack: Attack = "random",
    orders: int = 100,
    rng: np.random.Generator | None = None,
) -> Percolation:
    """Return how a network falls apart as more and more of it is lost.

    Parameters
    ----------
    snapshot
        The network.
    unit, attack
        What is lost, and which first. Planes are those of the nodes' ``shell`` and ``plane``; a satellite without them
        is a plane of its own. An attack on planes takes the sum over their satellites, one on links the product of
        their ends.
    orders
        How many orders to draw.
    rng
        Where the orders come from; None for a generator with the seed 0. The same state gives the same answer.

    Returns
    -------
    Percolation
        With one entry more than there are units. Each order costs one pass over the links (Newman and Ziff, Phys. Rev.
        E 64, 016706 (2001), doi:10.1103/PhysRevE.64.016706): units are added in reverse.

    Raises
    ------
    ValueError
        If there is no such unit or attack, or `orders` is below 1.
    """
    if unit not in _UNITS or attack not in _ATTACKS:
        raise ValueError(f"unit, attack: {unit!r}, {attack!r} need to be one of {_UNITS} and one of {_ATTACKS}")
    if orders < 1:
        raise ValueError(f"orders: {orders} must be at least 1")
    rng = np.random.default_rng(0) if rng is None else rng
    group = _groups(snapshot, unit)
    units = len(snapshot.a) if unit == "links" else int(group.max(initial=-1)) + 1
    score = _scores(snapshot, unit, attack, group, units)
    totals = np.zeros((5, units + 1), dtype=np.float64)
    for _ in range(orders):
        # Highest score last, for units are added; equal scores in random order.
        step = np.empty(units, dtype=np.int64)
        step[np.lexsort((rng.random(units), score))] = np.arange(1, units + 1)
        largest, squares, pairs = _grown(snapshot, unit, group, step)
        others = (squares - largest**2) / np.maximum(1, len(snapshot.satellite_names))
        totals += (largest, largest**2, pairs, pairs**2, others)
    return _curves(snapshot, unit, attack, orders, totals[:, ::-1])


def _groups(snapshot: NetworkSnapshot, unit: Unit) -> IntArray:
    """Return the unit that each satellite is lost with, ``[sat]``."""
    group = np.arange(len(snapshot.satellite_names))
    if unit == "planes":
        for members in planes_of(snapshot).values():
            group[members] = members[0]
        group = np.unique(group, return_inverse=True)[1]
    return ints(group)


def _scores(snapshot: NetworkSnapshot, unit: Unit, attack: Attack, group: IntArray, units: int) -> FloatArray:
    """Return what an attack goes by, ``[unit]``, highest first."""
    if attack == "random":
        return np.zeros(units)
    satellites = len(group)
    a, b = snapshot.a, snapshot.b
    if attack == "degree":
        score = np.bincount(np.concatenate([a, b]), minlength=satellites).astype(np.float64)
    else:
        from planner.network.resilience.betweenness import betweenness

        score = betweenness(satellites, a, b, snapshot.delay_ms)
    return floats(score[a] * score[b] if unit == "links" else np.bincount(group, score, minlength=units))


def _grown(
    snapshot: NetworkSnapshot, unit: Unit, group: IntArray, step: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return largest component, sum of squares and pairs of sites, ``[state]``, as units are added at their steps."""
    from planner.network.resilience.forest import grow

    a, b = np.array(snapshot.a), np.array(snapshot.b)
    satellites = np.zeros(len(group), dtype=np.int64) if unit == "links" else step[group]
    links = step if unit == "links" else np.maximum(satellites[a], satellites[b])
    site, satellite = np.array(snapshot.site), np.array(snapshot.satellite)
    counts = grow(len(step), satellites, a, b, links, site, satellite, satellites[satellite], len(snapshot.site_names))
    largest, squares, pairs = (count.astype(np.float64) for count in counts)
    return largest, squares, pairs


def _curves(snapshot: NetworkSnapshot, unit: Unit, attack: Attack, orders: int, totals: FloatArray) -> Percolation:
    """Return means and spreads of sums over the orders, ``[curve, lost]``."""
    satellites, sites = len(snapshot.satellite_names), len(snapshot.site_names)
    pairs = sites * (sites - 1) / 2 or np.nan
    largest, largest_squared, met, met_squared, others = totals
    most, every = orders * max(1, satellites), orders * pairs
    return Percolation(
        unit=unit,
        attack=attack,
        orders=orders,
        lost=ints(np.arange(totals.shape[1])),
        largest_fraction=floats(largest / most),
        largest_spread_fraction=floats(_spread(largest, largest_squared, orders) / most),
        pairs_fraction=floats(met / every),
        pairs_spread_fraction=floats(_spread(met, met_squared, orders) / every),
        others_fraction=floats(others / most),
    )


def _spread(total: FloatArray, total_of_squares: FloatArray, orders: int) -> FloatArray:
    """Return the standard deviation times `orders`.

    Sums of whole numbers, so that nothing is rounded, and no spread is exactly 0, as long as the products stay below
    2^53: 9,000 orders of 10,000 satellites.
    """
    return np.sqrt(np.maximum(0.0, orders * total_of_squares - total**2))
