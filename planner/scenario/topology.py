"""From the links table of a plan to the `Topology` that decides which satellites link to which."""

from collections.abc import Iterable
from dataclasses import replace

from planner.arrays import IntArray
from planner.catalog import Catalog
from planner.errors import PlanError, Problem
from planner.links import LaserTerminal, LinkRules, Mounting
from planner.network import (
    Topology,
    cluster_mesh,
    fixed_links,
    inter_shell,
    matched_links,
    nearest_links,
    plus_grid,
)
from planner.orbit import Fleet
from planner.satellite import RackSatellite
from planner.scenario.laser import LinkSettings

_OWN_FIGURES = ("maximum_range_km", "sun_exclusion_deg", "maximum_rate_deg_s", "acquisition_s")
_SIDES = 4


def plan_terminal(settings: LinkSettings, catalog: Catalog, racks: Iterable[RackSatellite]) -> LaserTerminal:
    """Return the laser terminal of every satellite, with what the plan says of it in place.

    Raises
    ------
    PlanError
        If the satellite types carry different terminals and the plan does not say which one the links use.
    """
    name = settings.terminal
    if name is None:
        names = sorted({rack.laser_terminal for rack in racks})
        if len(names) > 1:
            reason = f"satellite types carry different terminals ({', '.join(names)}); say which one the links use"
            raise PlanError(Problem("links.terminal", reason))
        name = names[0]
    given = {figure: getattr(settings, figure) for figure in _OWN_FIGURES}
    return replace(
        LaserTerminal.from_catalog(catalog, name),
        **{figure: value for figure, value in given.items() if value is not None},
    )


def plan_topology(settings: LinkSettings, fleet: Fleet, terminal: LaserTerminal, terminals: IntArray) -> Topology:
    """Return who links to whom, by the topology that a plan asks for; `terminals` of each satellite, ``[sat]``.

    Raises
    ------
    InputError
        Where the fleet has no such topology, or too few terminals for it.
    """
    rules = LinkRules.of(
        terminal, grazing_altitude_km=settings.grazing_altitude_km, mounting=_mounting(settings, terminal, terminals)
    )
    if settings.topology == "plus_grid":
        pairs = plus_grid(fleet, terminals=terminals)
        return fixed_links(pairs, terminal=terminal, rules=rules, terminals=terminals)
    if settings.topology == "cluster_mesh":
        pairs = cluster_mesh(fleet, terminals=terminals)
        return fixed_links(pairs, terminal=terminal, rules=rules, terminals=terminals)
    if settings.topology == "inter_shell":
        return inter_shell(fleet, terminals=terminals, terminal=terminal, rules=rules)
    if settings.topology == "mutual_nearest":
        return nearest_links(terminals=terminals, terminal=terminal, rules=rules)
    kept = settings.hysteresis_fraction
    matched = matched_links(terminals=terminals, terminal=terminal, rules=rules)
    return matched if kept is None else replace(matched, hysteresis_fraction=kept)


def _mounting(settings: LinkSettings, terminal: LaserTerminal, terminals: IntArray) -> Mounting | None:
    """Return where terminals look, or None where everywhere.

    Raises
    ------
    PlanError
        For more terminals than a satellite has sides.
    """
    if settings.mounting == "anywhere":
        return None
    if terminals.max() > _SIDES:
        reason = f"there are {_SIDES} sides, but {terminals.max()} terminals; mount them anywhere, or give fewer"
        raise PlanError(Problem("links.mounting", reason))
    given = settings.field_of_regard_deg
    return Mounting.four_sides(terminal.half_angle_deg if given is None else given)
