"""What a link must meet, and what is refused as a rule."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.links import LaserTerminal, LinkRules, Mounting
from planner.links.rules import MOST_TERMINALS, limits_of


def test_the_four_sides_are_fore_aft_port_and_starboard() -> None:
    # Hill's frame: x up, y ahead, z along the orbit's normal, which lies to port of one who flies upright.
    sides = Mounting.four_sides(60.0)
    up, ahead = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    port = np.cross(up, ahead)
    assert sides.boresights.tolist() == [ahead.tolist(), (-ahead).tolist(), port.tolist(), (-port).tolist()]
    assert sides.half_angle_deg.tolist() == [60.0] * 4


def test_terminals_that_point_everywhere_are_as_many_as_asked() -> None:
    assert len(Mounting.everywhere(3)) == 3
    assert np.all(Mounting.everywhere(3).half_angle_deg == 180.0)


@pytest.mark.parametrize(
    ("boresights", "half_angle", "says"),
    [
        ([[1.0, 1.0, 0.0]], [60.0], "unit vector"),
        ([[np.nan, 1.0, 0.0]], [60.0], "unit vector"),
        ([[1.0, 0.0, 0.0]], [0.0], "half_angle_deg"),
        ([[1.0, 0.0, 0.0]], [181.0], "half_angle_deg"),
        ([[1.0, 0.0, 0.0]], [np.nan], "half_angle_deg"),
        ([[1.0, 0.0, 0.0]], [60.0, 60.0], "half_angle_deg: shape"),
        (np.empty((0, 3)), np.empty(0), "0 terminals"),
        (np.tile([1.0, 0.0, 0.0], (MOST_TERMINALS + 1, 1)), np.full(MOST_TERMINALS + 1, 60.0), "17 terminals"),
    ],
)
def test_a_mounting_that_cannot_be_is_refused(boresights: object, half_angle: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Mounting(boresights, half_angle)  # type: ignore[arg-type] # what becomes an array is taken


def test_a_mounting_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Mounting.four_sides(60.0).boresights[0, 0] = 1.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maximum_range_km", 0.0),
        ("maximum_range_km", np.nan),
        ("grazing_altitude_km", -1.0),
        ("grazing_altitude_km", np.inf),
        ("grazing_altitude_km", np.nan),
        ("maximum_rate_deg_s", 0.0),
        ("maximum_rate_deg_s", np.nan),
        ("sun_exclusion_deg", -1.0),
        ("sun_exclusion_deg", 90.0),
        ("sun_exclusion_deg", np.nan),
    ],
)
def test_a_limit_out_of_bounds_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        LinkRules(**({"maximum_range_km": 5000.0} | {name: value}))


def test_rules_of_a_terminal_are_what_it_can_follow_and_bear() -> None:
    terminal = LaserTerminal("t", 100.0, 5000.0, 10.0, 100.0, sun_exclusion_deg=3.0, maximum_rate_deg_s=1.5)
    mounting = Mounting.four_sides(60.0)
    rules = LinkRules.of(terminal, grazing_altitude_km=100.0, mounting=mounting)
    assert rules == LinkRules(5000.0, 100.0, 1.5, 3.0, mounting)


def test_a_terminal_without_pointing_figures_limits_nothing_but_range() -> None:
    assert LinkRules.of(LaserTerminal("t", 100.0, 5000.0, 10.0, 100.0)) == LinkRules(5000.0)
    assert not LinkRules(5000.0).asks_for_the_sun


@pytest.mark.parametrize(("asked_km", "expected_km"), [(3000.0, 3000.0), (9000.0, 5000.0)])
def test_a_plan_can_shorten_a_terminals_range_and_not_stretch_it(asked_km: float, expected_km: float) -> None:
    terminal = LaserTerminal("t", 100.0, 5000.0, 10.0, 100.0)
    assert LinkRules.of(terminal, maximum_range_km=asked_km).maximum_range_km == expected_km


@pytest.mark.parametrize("asked_km", [math.nan, 0.0, -1.0])
def test_a_range_that_is_none_does_not_fall_back_on_the_terminals_own(asked_km: float) -> None:
    terminal = LaserTerminal("t", 100.0, 5000.0, 10.0, 100.0)
    with pytest.raises(ValueError, match=f"maximum_range_km: {asked_km} must be positive"):
        LinkRules.of(terminal, maximum_range_km=asked_km)


@given(st.floats(1e-3, 1e5))
def test_comparing_squares_decides_as_comparing_ranges(longest: float) -> None:
    square = limits_of(LinkRules(longest))[0]
    assert math.sqrt(square) <= longest < math.sqrt(math.nextafter(square, math.inf))


def test_a_range_without_limit_has_none() -> None:
    assert limits_of(LinkRules(math.inf))[0] == math.inf
