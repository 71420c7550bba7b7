"""What decides who links to whom? A `Topology`: the rules of one link, the terminals, and how partners are chosen.

Four ways to choose: fixed pairs, nearest partners, the match of greatest value, or a function of the user's own. Shells
are linked by two of them: fixed pairs come first, and what they leave free turns to nearest partners.
"""

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from planner.arrays import IntArray, ints
from planner.links.optical import LaserTerminal
from planner.links.rules import LinkRules
from planner.network.topology.scene import Chooser, Valuation
from planner.network.topology.value import link_value_gbps

__all__ = ["Topology", "chosen_links", "fixed_links", "matched_links", "nearest_links"]

HYSTERESIS_FRACTION: Final = 0.25
"""By how much a new link must be worth more than the one it replaces. Planner default: over an hour of 1,584 satellites
at 550 km with four terminals and a minute of acquisition, about a quarter more (up to 1,500 km) or a fourteenth
(5,016 km) of the links carry traffic than without; tests/benchmarks/test_topology_benchmarks.py prints by how much and
how many links are made."""

_NO_LIMIT: Final = 1 << 32


@dataclass(frozen=True, eq=False)
class Topology:
    """Who links to whom; made by `fixed_links`, `nearest_links`, `matched_links`, `chosen_links` or `inter_shell`.

    Attributes
    ----------
    choice
        ``fixed``: only `pairs`. ``nearest``: shortest links first. ``matched``: most valuable links first. ``chosen``:
        by `function`.
    terminal
        What a range carries.
    rules
        What a link must meet at every instant; never longer than the terminal reaches.
    terminals
        Laser terminals of every satellite, or of each ``[sat]``; None (fixed pairs alone) sets no limit.
    acquisition_s
        How long a new link points before it carries anything.
    pairs
        ``[pair, 2]``, a < b, sorted: links that are pointed whenever the rules allow, before all others.
    shells
        ``[sat]``, where links that are chosen lead from a shell to the one above or below: its rank by altitude.
        None where they may lead anywhere.
    hysteresis_fraction
        A held link counts for this much more than its value.
    value
        What a candidate is worth, for ``matched``.
    function
        The user's, for ``chosen``.
    """

    choice: Literal["fixed", "nearest", "matched", "chosen"]
    terminal: LaserTerminal
    rules: LinkRules
    terminals: int | IntArray | None
    acquisition_s: float
    pairs: IntArray
    shells: IntArray | None = None
    hysteresis_fraction: float = 0.0
    value: Valuation = link_value_gbps
    function: Chooser | None = None

    def __post_init__(self) -> None:
        _require(self)
        longest = min(self.rules.maximum_range_km, self.terminal.maximum_range_km)
        object.__setattr__(self, "rules", replace(self.rules, maximum_range_km=longest))
        object.__setattr__(self, "pairs", _ordered(self.pairs))
        for name in ("terminals", "shells"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, int(value) if np.ndim(value) == 0 else ints(value))
        self._require_room()

    def _require_room(self) -> None:
        """Raise `ValueError` if a satellite has more fixed links than terminals."""
        links = np.bincount(self.pairs.ravel())
        over = np.flatnonzero(links > self.counts(len(links)))
        if len(over):
            worst = int(over[0])
            raise ValueError(
                f"pairs: satellite {worst} is in {links[worst]} of them, but has "
                f"{self.counts(len(links))[worst]} laser terminals"
            )

    def counts(self, satellites: int) -> IntArray:
        """Return the terminals of each satellite, ``[sat]``; where there is no limit, more than it could need.

        Raises
        ------
        ValueError
            If the topology was made for fewer satellites.
        """
        if self.terminals is None:
            mounting = self.rules.mounting
            return ints(np.full(satellites, _NO_LIMIT if mounting is None else len(mounting)))
        if isinstance(self.terminals, int):
            return ints(np.full(satellites, self.terminals))
        if len(self.terminals) < satellites:
            raise ValueError(f"terminals: {len(self.terminals)} of them given for {satellites} satellites")
        return self.terminals[:satellites]


def fixed_links(
    pairs: IntArray,
    *,
    terminal: LaserTerminal,
    rules: LinkRules | None = None,
    terminals: int | IntArray | None = None,
    acquisition_s: float | None = None,
) -> Topology:
    """Return a topology of the same pairs for good, such as those of `plus_grid` or `cluster_mesh`.

    Parameters
    ----------
    pairs
        ``[pair, 2]``, two satellites each in any order.
    terminal
        The laser terminal of every satellite.
    rules
        What a link must meet; the terminal's own (`LinkRules.of`) when left out.
    terminals
        Laser terminals of every satellite or of each ``[sat]``, which `pairs` must keep within; None does not check.
        Where the rules have a mounting, those of the mounting.
    acquisition_s
        How long a link that was interrupted points again before it carries anything; the terminal's when left out.

    Raises
    ------
    ValueError
        For a pair of one satellite or of a negative index, a satellite in more pairs than it has terminals, or more
        terminals than the mounting has.
    """
    return _made("fixed", terminal, rules, terminals, acquisition_s, pairs=pairs)


def nearest_links(
    *,
    terminals: int | IntArray,
    terminal: LaserTerminal,
    rules: LinkRules | None = None,
    acquisition_s: float | None = None,
    hysteresis_fraction: float = 0.0,
) -> Topology:
    """Return a topology of links made shortest first at each instant anew; see `mutual_nearest`.

    Parameters
    ----------
    terminals
        Laser terminals of every satellite, or of each ``[sat]``.
    terminal, rules, acquisition_s
        As in `fixed_links`.
    hysteresis_fraction
        A link that is held counts as shorter, its range over one more than this, so that one that is to replace it must
        be clearly shorter. At least 0.

    Raises
    ------
    ValueError
        For fewer terminals than one or more than the mounting has, or a negative hysteresis.
    """
    return _made("nearest", terminal, rules, terminals, acquisition_s, hysteresis_fraction=hysteresis_fraction)


def matched_links(
    *,
    terminals: int | IntArray,
    terminal: LaserTerminal,
    rules: LinkRules | None = None,
    acquisition_s: float | None = None,
    hysteresis_fraction: float = HYSTERESIS_FRACTION,
    value: Valuation = link_value_gbps,
) -> Topology:
    """Return a topology of the most valuable links that terminals allow at each instant, old ones preferred.

    Parameters
    ----------
    terminals
        Laser terminals of every satellite, or of each ``[sat]``.
    terminal, rules, acquisition_s
        As in `fixed_links`.
    hysteresis_fraction
        The value of a link that is held counts for this much more, so that one that is to replace it must be clearly
        better. At least 0.
    value
        From a `Scene` to the value of each of its pairs, `link_value_gbps` unless something else is asked. A pair of no
        positive value is never linked.

    Raises
    ------
    ValueError
        For a negative hysteresis, or as in `nearest_links`.
    """
    return _made(
        "matched", terminal, rules, terminals, acquisition_s, hysteresis_fraction=hysteresis_fraction, value=value
    )


def chosen_links(
    function: Chooser,
    *,
    terminals: int | IntArray,
    terminal: LaserTerminal,
    rules: LinkRules | None = None,
    acquisition_s: float | None = None,
) -> Topology:
    """Return a topology that a function of the user's own chooses at each instant.

    Parameters
    ----------
    function
        From a `Scene` to the pairs to link, ``[pair, 2]``, or to `Ranked` pairs. Plain pairs are all linked: each must
        be among the scene's and both its satellites must have a terminal for it, or the run stops. Ranked pairs must
        be among the scene's too, and are linked by falling value as long as terminals last.
    terminals, terminal, rules, acquisition_s
        As in `nearest_links`.
    """
    return _made("chosen", terminal, rules, terminals, acquisition_s, function=function)


def _made(
    choice: Literal["fixed", "nearest", "matched", "chosen"],
    terminal: LaserTerminal,
    rules: LinkRules | None,
    terminals: int | IntArray | None,
    acquisition_s: float | None,
    *,
    pairs: IntArray | None = None,
    shells: IntArray | None = None,
    hysteresis_fraction: float = 0.0,
    value: Valuation = link_value_gbps,
    function: Chooser | None = None,
) -> Topology:
    """Return a topology, with what the terminal says where nothing is given."""
    return Topology(
        choice=choice,
        terminal=terminal,
        rules=LinkRules.of(terminal) if rules is None else rules,
        terminals=terminals,
        acquisition_s=terminal.acquisition_s if acquisition_s is None else acquisition_s,
        pairs=ints(np.empty((0, 2))) if pairs is None else pairs,
        shells=shells,
        hysteresis_fraction=hysteresis_fraction,
        value=value,
        function=function,
    )


def _require(topology: Topology) -> None:
    terminals = None if topology.terminals is None else np.atleast_1d(topology.terminals)
    least = 0 if np.ndim(topology.terminals if topology.terminals is not None else 0) else 1
    if terminals is not None and (terminals.dtype.kind not in "iu" or terminals.min(initial=least) < least):
        raise ValueError(f"terminals: {topology.terminals} must be whole numbers of at least {least}")
    mounting = topology.rules.mounting
    if terminals is not None and mounting is not None and terminals.max(initial=0) > len(mounting):
        raise ValueError(f"terminals: {terminals.max()} of them, but the mounting has {len(mounting)}")
    if not (math.isfinite(topology.acquisition_s) and topology.acquisition_s >= 0.0):
        raise ValueError(f"acquisition_s: {topology.acquisition_s} must be finite and at least 0")
    if not (math.isfinite(topology.hysteresis_fraction) and topology.hysteresis_fraction >= 0.0):
        raise ValueError(f"hysteresis_fraction: {topology.hysteresis_fraction} must be finite and at least 0")


def _ordered(pairs: IntArray) -> IntArray:
    """Return pairs as a < b, each once, sorted."""
    pairs = np.asarray(pairs)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or (pairs.size and pairs.dtype.kind not in "iu"):
        raise ValueError(f"pairs: shape {pairs.shape} of {pairs.dtype}, expected whole numbers [pair, 2]")
    pairs = pairs.astype(np.int64)
    if len(pairs) and (pairs.min() < 0 or np.any(pairs[:, 0] == pairs[:, 1])):
        raise ValueError("pairs: need two different satellites of index 0 or above")
    return ints(np.unique(np.sort(pairs, axis=1), axis=0))
