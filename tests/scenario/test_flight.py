"""One pass over the motion gives what whole arrays would give, whatever the blocks."""

from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest

from planner.environment import sun_positions_km, sunlit_fraction
from planner.links import LaserTerminal, ground_access
from planner.network import link_table, plus_grid
from planner.orbit import (
    Fleet,
    GroundSites,
    bundled_element_sets,
    pole_directions,
    propagate,
    read_elements,
    walker_delta,
)
from planner.scenario import flight as passing
from planner.times import TimeGrid

START = datetime(2026, 6, 21, tzinfo=UTC)
TIMES = TimeGrid(START, 300.0, 23)
SITES = GroundSites.at({"Quito": (-0.2, -78.5), "Tromsø": (69.6, 18.9)})
TERMINAL = LaserTerminal("test", 100.0, 5016.0, 10.0, 100.0)


def shell() -> Fleet:
    return walker_delta(
        name="w", altitude_km=550.0, inclination_deg=70.0, satellites=24, planes=4, phasing=1, epoch=START
    )


@pytest.mark.parametrize("block", [1, 7, 23, 100])
def test_the_size_of_the_blocks_changes_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet, sun = shell(), sun_positions_km(TIMES)
    link = partial(link_table, terminal=TERMINAL, pairs=plus_grid(fleet))
    monkeypatch.setattr(passing, "propagate_blocks", partial(passing.propagate_blocks, block=block))
    told: list[float] = []
    flight = passing.fly(fleet, TIMES, sun_km=sun, sites=SITES, link=link, progress=told.append)
    states = propagate(fleet, TIMES)
    for ours, theirs in ((flight.links, link(states)), (flight.access, ground_access(states, SITES))):
        for column in ("offsets", "a", "b", "site", "satellite", "range_km", "elevation_deg", "capacity_gbps"):
            if hasattr(theirs, column):
                assert np.array_equal(getattr(ours, column), getattr(theirs, column))
    lit = sunlit_fraction(states.positions_km, sun, pole=pole_directions(TIMES))
    assert np.array_equal(flight.sunlit_fraction, lit)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_states_of_one_instant_are_those_of_the_pass_and_leave_out_whom_it_lost() -> None:
    # Two years after their epoch some of these low satellites have come down by SGP4's own account.
    fleet = read_elements(bundled_element_sets() / "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle").fleet[:40]
    times = TimeGrid(datetime(2028, 9, 21, tzinfo=UTC), 6 * 3600.0, 4)
    link = partial(link_table, terminal=TERMINAL, pairs=np.zeros((0, 2), dtype=np.int64))
    flight = passing.fly(fleet, times, sun_km=sun_positions_km(times), sites=SITES, link=link)
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
