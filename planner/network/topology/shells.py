"""How are shells linked to one another? By the nearest partner of the moment in the shell above or below.

Satellites of two shells pass each other, so no fixed pair lasts. Inside its shell each satellite keeps fixed
neighbours; what terminals these leave free turn to the shell beside it.
"""

from itertools import pairwise

import numpy as np

from planner.arrays import FloatArray, IntArray, ints
from planner.errors import InputError, Problem
from planner.links.optical import LaserTerminal
from planner.links.rules import LinkRules
from planner.network.topology.grid import plus_grid
from planner.network.topology.rule import HYSTERESIS_FRACTION, Topology
from planner.orbit.elements import Fleet


def inter_shell(
    fleet: Fleet,
    *,
    terminals: int | IntArray,
    terminal: LaserTerminal,
    rules: LinkRules | None = None,
    acquisition_s: float | None = None,
    hysteresis_fraction: float = HYSTERESIS_FRACTION,
    pairs: IntArray | None = None,
) -> Topology:
    """Return a topology of fixed pairs inside shells and of the nearest partners between shells that lie side by side.

    Parameters
    ----------
    fleet
        ``[sat]``. Shells are ranked by their mean altitude, those of one altitude in the fleet's order; each is
        linked to the one above and the one below.
    terminals
        Laser terminals of every satellite, or of each ``[sat]``. What its fixed links of the moment leave free it may
        use to link to either shell beside its own.
    terminal, rules, acquisition_s
        As in `planner.network.topology.fixed_links`.
    hysteresis_fraction
        A held link between shells counts as shorter, its range over one more than this, so that satellites that pass
        each other do not change partners at every instant.
    pairs
        The fixed ones, ``[pair, 2]``; the +grid of every shell when left out.

    Returns
    -------
    Topology
        Links between shells are made shortest first at each instant, see `mutual_nearest`.

    Raises
    ------
    InputError
        Where the +grid is refused (see `plus_grid`), or the fixed links of two shells that lie side by side leave no
        terminal free to link them.
    """
    fixed = plus_grid(fleet, terminals=terminals) if pairs is None else pairs
    names = _by_altitude(fleet)
    rank = {name: place for place, name in enumerate(names)}
    topology = Topology(
        choice="nearest",
        terminal=terminal,
        rules=LinkRules.of(terminal) if rules is None else rules,
        terminals=terminals,
        acquisition_s=terminal.acquisition_s if acquisition_s is None else acquisition_s,
        pairs=fixed,
        shells=ints([rank[shell] for shell in fleet.shells]),
        hysteresis_fraction=hysteresis_fraction,
    )
    _require_spare(fleet, names, topology)
    return topology


def _by_altitude(fleet: Fleet) -> list[str]:
    """Return the names of the shells, lowest first."""
    shells = np.asarray(fleet.shells, dtype=object)
    altitude: dict[str, FloatArray] = {
        name: np.mean(fleet.altitude_km[shells == name]) for name in dict.fromkeys(fleet.shells)
    }
    return sorted(altitude, key=lambda name: float(altitude[name]))


def _require_spare(fleet: Fleet, names: list[str], topology: Topology) -> None:
    """Raise `InputError` unless some satellite on either side of each gap has a terminal that no fixed link takes."""
    counts = topology.counts(len(fleet))
    spare = counts > np.bincount(topology.pairs.ravel(), minlength=len(fleet))
    shells = np.asarray(fleet.shells, dtype=object)
    without = {name for name in names if not spare[shells == name].any()}
    problems = [
        Problem(
            f"shells {low} and {high}",
            f"the fixed links take every laser terminal of {low if low in without else high}, so none is left to link "
            "them; give it more terminals, or fewer fixed links",
        )
        for low, high in pairwise(names)
        if low in without or high in without
    ]
    if problems:
        raise InputError(problems)
