"""What the fleet meets on its way: one pass over its motion, block by block, that keeps everything but the positions.

A day of 10,000 satellites at a minute is 690 MB of states. Sunlight, laser links and ground contacts of a block are
worked out while its states are at hand; then the states are dropped. What has to be known of them again, at a single
instant, is cheaper propagated anew than kept (`states_at`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, lock
from planner.environment import sunlit_fraction
from planner.links import AccessTable, Coverage, LinkTable, coverage, ground_access
from planner.network import Held, Topology, links_of
from planner.orbit import Ephemeris, Fleet, GroundSites, propagate, propagate_blocks
from planner.orbit.frames import pole_directions
from planner.times import TimeGrid

Progress = Callable[[float], None]
"""Told now and then which part of the work, of one, is done."""

VIEW_ELEVATION_DEG: Final = 25.0
"""Elevation from which a satellite counts as in view of a latitude: what Starlink filed for its first shell, as Hypatia
takes it (Kassing et al., IMC 2020), and the default of a site."""

_LATITUDES_DEG: Final = np.arange(-90.0, 90.1, 5.0)
_COVERAGE_INSTANTS: Final = 1440
_COVERAGE_STATES: Final = 3_000_000
"""Satellite-instants that coverage is counted from at most: about a second of work."""


@dataclass(frozen=True, eq=False)
class Flight:
    """What one pass over the motion of a fleet found.

    Attributes
    ----------
    times
        The grid.
    sunlit_fraction
        ``[time, sat]``, visible part of the solar disc; NaN from the moment a satellite is lost.
    links
        Laser links over time.
    access
        Ground contacts over time, of every satellite in view.
    sgp4_errors
        ``[sat]``, why SGP4 lost each satellite (a key of `planner.orbit.propagate.SGP4_ERRORS`), 0 where it did not.
    """

    times: TimeGrid
    sunlit_fraction: FloatArray
    links: LinkTable
    access: AccessTable
    sgp4_errors: IntArray

    @cached_property
    def alive(self) -> BoolArray:
        """``[time, sat]``, False from the first failure on."""
        return lock(np.isfinite(self.sunlit_fraction))


def fly(
    fleet: Fleet,
    times: TimeGrid,
    *,
    sun_km: FloatArray,
    sites: GroundSites,
    topology: Topology,
    progress: Progress | None = None,
) -> Flight:
    """Propagate a fleet once and return what it met.

    Parameters
    ----------
    fleet
        ``[sat]``.
    times
        ``[time]``.
    sun_km
        ``[time, xyz]``, GCRS.
    sites
        Ground sites of the contacts.
    topology
        Who links to whom.
    progress
        Told after each block.

    Returns
    -------
    Flight
        The same, to the last bit, whatever the size of the blocks.
    """
    lit = np.empty((times.count, len(fleet)))
    poles = pole_directions(times)
    links, access = [], []
    held: Held | None = None
    first = 0
    for block in propagate_blocks(fleet, times):
        part = slice(first, first + block.times.count)
        lit[part] = sunlit_fraction(block.positions_km, sun_km[part], pole=poles[part])
        linked, held = links_of(block, topology, sun_km=sun_km[part], pole=poles[part], held=held)
        links.append(linked)
        access.append(ground_access(block, sites))
        first = part.stop
        if progress is not None:
            progress(first / times.count)
    return Flight(
        times, lock(lit), LinkTable.joined(times, links), AccessTable.joined(times, access), block.sgp4_errors
    )


def states_at(fleet: Fleet, flight: Flight, time: int) -> Ephemeris:
    """Return the states at one instant of a flight, GCRS ``[1, sat, xyz]``; NaN for satellites lost before."""
    states = propagate(fleet, flight.times.part(time, time + 1))
    lost = ~flight.alive[time]
    positions, velocities = np.array(states.positions_km), np.array(states.velocities_km_s)
    positions[:, lost] = np.nan
    velocities[:, lost] = np.nan
    return replace(
        states, positions_km=lock(positions), velocities_km_s=lock(velocities), sgp4_errors=flight.sgp4_errors
    )


def fleet_coverage(fleet: Fleet, times: TimeGrid) -> Coverage:
    """Return how many satellites each latitude has in view, over the first 1,440 instants of a grid at most.

    A fleet so large that this would take long is looked at every few steps.
    """
    count = min(times.count, _COVERAGE_INSTANTS)
    every = max(1, ceil(len(fleet) * count / _COVERAGE_STATES))
    thinned = TimeGrid(times.start, times.step_s * every, ceil(count / every))
    return coverage(
        propagate_blocks(fleet, thinned), latitudes_deg=_LATITUDES_DEG, minimum_elevation_deg=VIEW_ELEVATION_DEG
    )
