"""One pass over the motion gives what whole arrays would give, whatever the blocks."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest

from planner.environment import sun_positions_km, sunlit_fraction
from planner.links import LaserTerminal, ground_access
from planner.network import Topology, fixed_links, link_table, matched_links, plus_grid
from planner.orbit import (
    Fleet,
    GroundSites,
    bundled_element_sets,
    pole_directions,
    propagate,
    propagate_blocks,
    read_elements,
    walker_delta,
)
from planner.scenario import flight as passing
from planner.times import TimeGrid

START = datetime(2026, 6, 21, tzinfo=UTC)
TIMES = TimeGrid(START, 300.0, 23)
SITES = GroundSites.at({"Quito": (-0.2, -78.5), "Tromsø": (69.6, 18.9)})
TERMINAL = LaserTerminal("test", 100.0, 5016.0, 10.0, 100.0, sun_exclusion_deg=10.0, acquisition_s=450.0)


def shell() -> Fleet:
    return walker_delta(
        name="w", altitude_km=550.0, inclination_deg=70.0, satellites=24, planes=4, phasing=1, epoch=START
    )


def grid_of(fleet: Fleet) -> Topology:
    return fixed_links(plus_grid(fleet), terminal=TERMINAL)


def match_of(fleet: Fleet) -> Topology:
    return matched_links(terminals=3, terminal=TERMINAL)


@pytest.mark.parametrize("topology_of", [grid_of, match_of])
@pytest.mark.parametrize("block", [1, 7, 23, 100])
def test_the_size_of_the_blocks_changes_nothing(
    block: int, topology_of: Callable[[Fleet], Topology], monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet, sun = shell(), sun_positions_km(TIMES)
    topology = topology_of(fleet)
    monkeypatch.setattr(passing, "propagate_blocks", partial(propagate_blocks, block=block))
    told: list[float] = []
    flight = passing.fly(fleet, TIMES, sun_km=sun, sites=SITES, topology=topology, progress=told.append)
    states = propagate(fleet, TIMES)
    links = link_table(states, topology, sun_km=sun, pole=pole_directions(TIMES))
    assert len(links.a)
    assert links.acquiring.any()  # so that what a block hands to the next one matters
    for ours, theirs in ((flight.links, links), (flight.access, ground_access(states, SITES))):
        for column in fields(theirs):
            if column.name != "times":
                assert np.array_equal(getattr(ours, column.name), getattr(theirs, column.name)), column.name
    lit = sunlit_fraction(states.positions_km, sun, pole=pole_directions(TIMES))
    assert np.array_equal(flight.sunlit_fraction, lit)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_states_of_one_instant_are_those_of_the_pass_and_leave_out_whom_it_lost() -> None:
    # Two years after their epoch some of these low satellites have come down by SGP4's own account.
    fleet = read_elements(bundled_element_sets() / "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle").fleet[:40]
    times = TimeGrid(datetime(2028, 9, 21, tzinfo=UTC), 6 * 3600.0, 4)
    topology = fixed_links(np.zeros((0, 2), dtype=np.int64), terminal=TERMINAL)
    flight = passing.fly(fleet, times, sun_km=sun_positions_km(times), sites=SITES, topology=topology)
    states = propagate(fleet, times)
    assert 0 < np.count_nonzero(flight.sgp4_errors) < 40
    assert np.array_equal(flight.sgp4_errors, states.sgp4_errors)
    assert np.array_equal(flight.alive, states.alive)
    for time in range(times.count):
        now = passing.states_at(fleet, flight, time)
        assert np.array_equal(now.positions_km[0], states.positions_km[time], equal_nan=True)
        assert np.array_equal(now.velocities_km_s[0], states.velocities_km_s[time], equal_nan=True)


def test_parts_that_do_not_fill_the_grid_are_refused() -> None:
    access = ground_access(propagate(shell(), TIMES.part(0, 3)), SITES)
    with pytest.raises(ValueError, match="offsets: need one more than instants"):
        type(access).joined(TIMES, [access])
