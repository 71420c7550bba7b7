"""Why a link may be or not: the same verdict as everywhere, with figures and words."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import FloatArray
from planner.constants import ASTRONOMICAL_UNIT_KM, EARTH_EQUATORIAL_RADIUS_KM
from planner.links import LinkRules, LinkVerdict, Mounting, RuleCheck, check_links, explain_link

SUN_KM = np.array([ASTRONOMICAL_UNIT_KM, 0.0, 0.0])
FULL = LinkRules(4000.0, 100.0, maximum_rate_deg_s=0.2, sun_exclusion_deg=20.0, mounting=Mounting.four_sides(50.0))
vectors = st.lists(st.floats(-1.0, 1.0), min_size=3, max_size=3).map(np.array).filter(lambda v: v @ v > 0.01)


def state(direction: FloatArray, towards: FloatArray, altitude_km: float) -> tuple[FloatArray, FloatArray]:
    """Return position and velocity of a circular orbit."""
    radial = direction / np.linalg.norm(direction)
    along = np.cross(radial, towards)
    along /= max(float(np.linalg.norm(along)), 1e-3)
    radius = EARTH_EQUATORIAL_RADIUS_KM + altitude_km
    return radius * radial, np.sqrt(398_600.4418 / radius) * along


states = st.builds(state, vectors, vectors, st.floats(400.0, 2000.0))


@given(states, st.builds(state, vectors, vectors, st.floats(400.0, 2000.0)), st.floats(0.0, 1.0))
@settings(deadline=None, max_examples=200)
def test_an_explanation_agrees_with_the_verdict_on_the_pair(
    first: tuple[FloatArray, FloatArray], second: tuple[FloatArray, FloatArray], nearness: float
) -> None:
    # The second is drawn towards the first, so that short links are among those tried.
    (a, va), (b, vb) = first, second
    b = state(nearness * a / np.linalg.norm(a) + (1.0 - nearness) * b / np.linalg.norm(b) + 1e-6, vb, 800.0)[0]
    said = explain_link(a, va, b, vb, rules=FULL, sun_km=SUN_KM)
    checked = check_links(
        np.stack([a, b])[None], np.stack([va, vb])[None], np.array([[0, 1]]), rules=FULL, sun_km=SUN_KM[None]
    )
    assert said.allowed == checked.usable[0, 0]
    assert said.allowed == (said.refused_by == ())
    for check in said.checks:
        # The figures say the same wherever they are not at their limit to rounding.
        least = check.rule in ("grazing altitude", "Sun exclusion")
        spare = (check.found - check.allowed) * (1.0 if least else -1.0)
        assert check.passed == (spare > 0.0) or abs(spare) < 1e-6 * check.allowed


def ahead(separation_deg: float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return two satellites of one orbit around z at 7,000 km, the second ahead by an angle."""
    angle = np.radians(separation_deg)
    here, there = np.array([1.0, 0.0, 0.0]), np.array([np.cos(angle), np.sin(angle), 0.0])
    spin = np.array([0.0, 0.0, np.radians(0.06)])
    return 7000.0 * here, 7000.0 * np.cross(spin, here), 7000.0 * there, 7000.0 * np.cross(spin, there)


def test_every_rule_that_is_asked_is_named_with_its_figures() -> None:
    said = explain_link(*ahead(10.0), rules=FULL, sun_km=SUN_KM)
    assert [(check.rule, check.where, check.unit, check.allowed) for check in said.checks] == [
        ("range", "", "km", 4000.0),
        ("grazing altitude", "", "km", 100.0),
        ("angular rate", "", "deg/s", 0.2),
        ("Sun exclusion", "a", "deg", 20.0),
        ("field of regard", "a", "deg", 50.0),
        ("Sun exclusion", "b", "deg", 20.0),
        ("field of regard", "b", "deg", 50.0),
    ]
    # The chord of 10 degrees; its middle; the orbit's own turn; the Sun radially out from a and 10 degrees round from
    # b; the chord 5 degrees below the horizontal. The Sun's parallax over 7,000 km is 0.003 degrees.
    chord, middle = 14_000.0 * np.sin(np.radians(5.0)), 7000.0 * np.cos(np.radians(5.0)) - EARTH_EQUATORIAL_RADIUS_KM
    found = [check.found for check in said.checks]
    assert found == pytest.approx([chord, middle, 0.06, 95.0, 5.0, 85.0, 5.0], abs=0.004)
    assert said.allowed
    assert str(said).startswith("may be linked: the ends are 1,220.18 km apart, at most 4,000 km is allowed; ")


def test_rules_that_nobody_set_are_not_asked() -> None:
    said = explain_link(*ahead(10.0), rules=LinkRules(4000.0))
    assert [check.rule for check in said.checks] == ["range", "grazing altitude", "angular rate"]
    assert said.checks[2].allowed == np.inf
    assert "turns by 0.06°/s against the stars, and no limit is set" in str(said)


def test_a_refusal_names_what_refuses_and_nothing_else() -> None:
    said = explain_link(*ahead(50.0), rules=LinkRules(4000.0, mounting=Mounting.four_sides(20.0)))
    assert said.refused_by == ("range", "grazing altitude", "field of regard")
    assert str(said) == (
        "may not be linked: the ends are 5,916.66 km apart, at most 4,000 km is allowed; the Earth is between them; "
        "from a the other end stands 25° off the best terminal's boresight, at most 20° is allowed; "
        "from b the other end stands 25° off the best terminal's boresight, at most 20° is allowed"
    )


def test_a_line_through_the_air_is_said_to_pass_too_low() -> None:
    # 7,000 km · cos(22.7°) is 80 km above the equator's radius: at 22.5° the line passes 89 km high, 100 are asked.
    said = explain_link(*ahead(45.0), rules=LinkRules(6000.0, 100.0))
    assert said.refused_by == ("grazing altitude",)
    assert "passes 89.0197 km above the ground, at least 100 km is allowed" in str(said)


def test_the_sun_is_judged_at_the_end_that_sees_it() -> None:
    # In line with the Sun on the day side, then the same line in the Earth's shadow.
    speed = np.array([0.0, 0.0, 7.0])
    low, high = np.array([7000.0, 0.0, 0.0]), np.array([7500.0, 0.0, 0.0])
    ask = partial(explain_link, rules=LinkRules(1000.0, sun_exclusion_deg=5.0), sun_km=SUN_KM)
    day = ask(low, speed, high, speed)
    assert day.refused_by == ("Sun exclusion",)
    assert [check.passed for check in day.checks if check.rule == "Sun exclusion"] == [False, True]
    assert "from a the other end stands 0° off the Sun, at least 5° is allowed" in str(day)
    night = ask(-high, speed, -low, speed)
    assert night.allowed
    assert "the Earth hides the Sun from a; the Earth hides the Sun from b" in str(night)
    told = ask(-high, speed, -low, speed, sunlit=np.array([True, False]))
    assert [check.passed for check in told.checks if check.rule == "Sun exclusion"] == [False, True]


def test_the_terminal_with_most_to_spare_is_the_one_reported() -> None:
    # The other end stands 5 degrees below the horizontal ahead: 95 from zenith of 120 allowed, 5 from fore of 6.
    sides = Mounting([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], [6.0, 120.0])  # type: ignore[arg-type] # becomes arrays
    said = explain_link(*ahead(10.0), rules=LinkRules(4000.0, mounting=sides))
    check = said.checks[3]
    assert (check.rule, check.where, check.allowed, check.passed) == ("field of regard", "a", 120.0, True)
    assert check.found == pytest.approx(95.0, abs=1e-9)


def test_row_12_a_lost_satellite_is_said_to_be_lost() -> None:
    a, va, _, vb = ahead(10.0)
    said = explain_link(a, va, np.full(3, np.nan), vb, rules=FULL, sun_km=SUN_KM)
    assert not said.allowed
    assert "range: unknown, for a satellite is lost" in str(said)


def test_one_place_is_no_link() -> None:
    a, va, _, vb = ahead(10.0)
    for rules in (LinkRules(4000.0), FULL):
        said = explain_link(a, va, a, vb, rules=rules, sun_km=SUN_KM)
        assert [(check.rule, check.found) for check in said.checks] == [("range", 0.0)]
        assert said.refused_by == ("range",)
        assert str(said) == "may not be linked: both are at one place"


def test_neighbours_of_one_orbit_that_a_low_rate_refuses_are_told_of_their_own_turn() -> None:
    said = explain_link(*ahead(10.0), rules=LinkRules(4000.0, maximum_rate_deg_s=0.05))
    assert said.refused_by == ("angular rate",)
    assert "turns by 0.06°/s against the stars, at most 0.05°/s is allowed (the satellites' own turn counts" in str(
        said
    )
    assert explain_link(*ahead(10.0), rules=LinkRules(4000.0, maximum_rate_deg_s=0.07)).allowed


def test_states_of_another_shape_are_refused() -> None:
    a, va, b, vb = ahead(10.0)
    with pytest.raises(ValueError, match="positions_km: shape"):
        explain_link(a[:2], va, b[:2], vb, rules=LinkRules(4000.0))


def test_a_verdict_counts_each_refusing_rule_once() -> None:
    checks = (
        RuleCheck("Sun exclusion", 1.0, 5.0, "deg", False, "a"),
        RuleCheck("Sun exclusion", 2.0, 5.0, "deg", False, "b"),
        RuleCheck("range", 1.0, 5.0, "km", True, ""),
    )
    assert LinkVerdict(checks).refused_by == ("Sun exclusion",)
