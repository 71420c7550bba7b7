"""Which pairs may be linked: against all pairs one by one, from either end, in any frame."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.constants import ASTRONOMICAL_UNIT_KM, EARTH_EQUATORIAL_RADIUS_KM
from planner.environment import sunlit_fraction
from planner.links import (
    LinkRules,
    Mounting,
    Sightlines,
    candidate_pairs,
    check_links,
    feasible_links,
    grazing_altitude_km,
    range_km,
)
from planner.links.cells import near_pairs

SUN_KM = ASTRONOMICAL_UNIT_KM * np.array([0.6, -0.7, 0.3872983346207417])
FULL = LinkRules(4000.0, 100.0, maximum_rate_deg_s=0.2, sun_exclusion_deg=20.0, mounting=Mounting.four_sides(50.0))
ONE_BY_ONE = [
    LinkRules(4000.0),
    LinkRules(9000.0, 300.0),
    LinkRules(np.inf),
    LinkRules(6000.0, maximum_rate_deg_s=0.1),
    LinkRules(6000.0, sun_exclusion_deg=40.0),
    LinkRules(6000.0, mounting=Mounting.four_sides(35.0)),
    LinkRules(6000.0, mounting=Mounting([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]], [80.0, 30.0])),  # type: ignore[arg-type]
    FULL,
]


def scattered(count: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return satellites on circular orbits of every direction, 500 to 1,500 km high."""
    rng = np.random.default_rng(seed)
    across = rng.normal(size=(count, 3))
    radial = across / np.linalg.norm(across, axis=1)[:, None]
    along = np.cross(radial, rng.normal(size=(count, 3)))
    along /= np.linalg.norm(along, axis=1)[:, None]
    radius = rng.uniform(6878.0, 7878.0, (count, 1))
    return radius * radial, np.sqrt(398_600.4418 / radius) * along


def angle_deg(a: FloatArray, b: FloatArray) -> float:
    return float(np.degrees(np.arccos(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))))


def terminals_at(position: FloatArray, velocity: FloatArray, sight: FloatArray, rules: LinkRules) -> int:
    if rules.mounting is None:
        return -1
    radial = position / np.linalg.norm(position)
    normal = np.cross(position, velocity) / np.linalg.norm(np.cross(position, velocity))
    frame = np.stack([radial, np.cross(normal, radial), normal])
    mask = 0
    for k, (boresight, half_angle) in enumerate(
        zip(rules.mounting.boresights, rules.mounting.half_angle_deg, strict=True)
    ):
        mask |= int(angle_deg(frame.T @ boresight, sight) <= half_angle) << k
    return mask


def judged_slowly(
    positions: FloatArray, velocities: FloatArray, lit: BoolArray, rules: LinkRules
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the links and their masks by the definitions, one pair after the other."""
    found = {}
    for i in range(len(positions)):
        for j in range(i + 1, len(positions)):
            a, b, there = positions[i], positions[j], positions[j] - positions[i]
            length = np.linalg.norm(there)
            ok = length <= rules.maximum_range_km and grazing_altitude_km(a, b) >= rules.grazing_altitude_km
            turn = np.linalg.norm(np.cross(there, velocities[j] - velocities[i])) / length**2
            ok &= bool(np.degrees(turn) <= rules.maximum_rate_deg_s)
            for here, sight in ((i, there), (j, -there)):
                if rules.sun_exclusion_deg and lit[here]:
                    ok &= angle_deg(SUN_KM - positions[here], sight) >= rules.sun_exclusion_deg
            masks = tuple(
                terminals_at(positions[k], velocities[k], sight, rules) for k, sight in ((i, there), (j, -there))
            )
            if ok and all(masks):
                found[i, j] = masks[0], masks[1]
    return found


def as_rows(links: Sightlines) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in (links.a, links.b, links.faces_a, links.faces_b)), strict=True))


@pytest.mark.parametrize("rules", ONE_BY_ONE)
@pytest.mark.parametrize("seed", [1, 2])
def test_links_are_those_of_the_definitions(rules: LinkRules, seed: int) -> None:
    # No value of these lies within 1e-9 of its limit, so that rounding decides nothing.
    positions, velocities = scattered(60, seed)
    lit = sunlit_fraction(positions[None], SUN_KM[None])[0] > 0.0
    found = feasible_links(positions, velocities, rules=rules, sun_km=SUN_KM)
    expected = judged_slowly(positions, velocities, lit, rules)
    assert as_rows(found) == [(*pair, *masks) for pair, masks in sorted(expected.items())]
    assert np.array_equal(found.range_km, range_km(positions[found.a], positions[found.b]))
    assert 0 < len(found) < 60 * 59 / 2


@pytest.mark.parametrize("rules", ONE_BY_ONE)
def test_given_pairs_get_the_same_verdict_to_the_bit_in_either_order(rules: LinkRules) -> None:
    positions, velocities = scattered(40, 5)
    pairs = np.stack(np.triu_indices(40, 1), axis=1)
    sun = {"rules": rules, "sun_km": SUN_KM}
    found = feasible_links(positions, velocities, **sun)  # type: ignore[arg-type]
    over_time = {"rules": rules, "sun_km": SUN_KM[None]}
    checked = check_links(positions[None], velocities[None], pairs, **over_time)  # type: ignore[arg-type]
    usable = checked.usable[0]
    assert pairs[usable].tolist() == np.stack([found.a, found.b], axis=1).tolist()
    for name in ("range_km", "faces_a", "faces_b"):
        assert np.array_equal(getattr(checked, name)[0, usable], getattr(found, name))
    back = check_links(positions[None], velocities[None], pairs[:, ::-1], **over_time)  # type: ignore[arg-type]
    assert np.array_equal(back.usable, checked.usable)
    assert np.array_equal(back.range_km, checked.range_km)
    assert np.array_equal(back.faces_a, checked.faces_b)
    assert np.array_equal(back.faces_b, checked.faces_a)


def test_instants_are_judged_one_by_one() -> None:
    # With a Sun, a pole and a shadow of its own at each.
    states = [scattered(30, seed) for seed in (7, 8, 9)]
    positions, velocities = (np.stack(part) for part in zip(*states, strict=True))
    suns = SUN_KM * np.array([[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, 1.0, -1.0]])
    poles = np.array([[0.0, 0.0, 1.0], [0.6, 0.0, 0.8], [0.0, 1.0, 0.0]])
    pairs = np.stack(np.triu_indices(30, 1), axis=1)
    together = check_links(positions, velocities, pairs, rules=FULL, sun_km=suns, pole=poles)
    for t in range(3):
        part = slice(t, t + 1)
        alone = check_links(positions[part], velocities[part], pairs, rules=FULL, sun_km=suns[part], pole=poles[part])
        for name in ("usable", "range_km", "faces_a", "faces_b"):
            assert np.array_equal(getattr(together, name)[part], getattr(alone, name))
        found = feasible_links(positions[t], velocities[t], rules=FULL, sun_km=suns[t], pole=poles[t])
        assert pairs[together.usable[t]].tolist() == np.stack([found.a, found.b], axis=1).tolist()


def all_pairs(positions: FloatArray, longest: float, grazing: float) -> IntArray:
    i, j = np.triu_indices(len(positions), 1)
    a, b = positions[i], positions[j]
    span = range_km(a, b)
    kept = (span > 0.0) & (span <= longest) & (grazing_altitude_km(a, b) >= grazing)
    return np.stack([i[kept], j[kept]], axis=1)


@given(
    st.integers(0, 120),
    st.integers(0, 1_000_000),
    st.sampled_from([50.0, 700.0, 2500.0, 6000.0, 14_000.0, np.inf]),
    st.sampled_from([1.0, 0.03, 1e-4]),
)
@settings(deadline=None)
def test_the_cell_list_finds_what_all_pairs_do(count: int, seed: int, longest: float, spread: float) -> None:
    # From a fleet all around the Earth to a cluster within a kilometre, and a lone satellite far from it.
    positions, _ = scattered(count, seed)
    positions[1:] = positions[1:2] + spread * (positions[1:] - positions[1:2])
    positions[5::17] = np.nan
    found = candidate_pairs(positions, maximum_range_km=longest * spread)
    assert found.tolist() == all_pairs(positions, longest * spread, 80.0).tolist()


def test_satellites_just_within_the_distance_are_found_across_every_side_of_a_cell() -> None:
    # One in the middle, 200 around it at the distance less a part in 10^12: rounding must not push one out of reach.
    rng = np.random.default_rng(3)
    for middle in rng.uniform(-1.0, 1.0, (20, 3)):
        away = rng.normal(size=(200, 3))
        away *= (1.0 - 1e-12) / np.linalg.norm(away, axis=1)[:, None]
        positions = np.concatenate([[middle], middle + away])
        # No Earth: the least square of a distance from the centre is below 0.
        found = near_pairs(positions, 1.0, (0.0, 0.0, 1.0), (1.0, -1.0, 0.0, np.inf, 1.0))
        assert found[found[:, 0] == 0, 1].tolist() == list(range(1, 201))


@pytest.mark.parametrize("above_km", [-1.0, -1e-6, 1e-6, 1.0])
def test_a_pair_of_the_longest_range_is_found_as_soon_as_it_clears_the_earth(above_km: float) -> None:
    # The longest chord of satellites as low as these is where comparing ranges alone comes to suffice.
    level_km = EARTH_EQUATORIAL_RADIUS_KM + 80.0 + above_km
    ends = np.array([[-1500.0, level_km, 0.0], [1500.0, level_km, 0.0]])
    assert len(candidate_pairs(ends, maximum_range_km=3000.0)) == (above_km > 0.0)


def test_satellites_far_apart_for_their_range_cost_no_cells() -> None:
    # 1e12 cells of a kilometre would span these; only their numbers are held. Beyond 2^19 cells they grow.
    positions = np.array([[7000.0, 0.0, 0.0], [7000.0, 0.5, 0.0], [-4e8, 1e6, 0.0], [-4e8, 1e6, 0.5], [0.0, 0.0, 4e8]])
    assert candidate_pairs(positions, maximum_range_km=1.0).tolist() == [[0, 1], [2, 3]]


def test_more_partners_than_there_was_room_for_are_all_found() -> None:
    positions = np.array([7000.0, 0.0, 0.0]) + np.random.default_rng(4).uniform(0.0, 1.0, (300, 3))
    assert len(candidate_pairs(positions, maximum_range_km=10.0)) == 300 * 299 // 2


@pytest.mark.parametrize("count", [0, 1])
def test_row_25_no_satellite_or_one_has_no_links(count: int) -> None:
    positions, velocities = scattered(count, 1)
    assert candidate_pairs(positions, maximum_range_km=5000.0).shape == (0, 2)
    assert len(feasible_links(positions, velocities, rules=FULL, sun_km=SUN_KM)) == 0
    none = np.empty((0, 2), dtype=np.int64)
    checked = check_links(positions[None], velocities[None], none, rules=FULL, sun_km=SUN_KM[None])
    assert checked.usable.shape == checked.faces_a.shape == (1, 0)


@pytest.mark.parametrize("rules", [LinkRules(np.inf), FULL])
def test_row_12_a_lost_satellite_never_links(rules: LinkRules) -> None:
    positions, velocities = scattered(40, 6)
    positions[3], velocities[3] = np.nan, np.nan
    positions[5, 1], velocities[7, 2], positions[9] = np.nan, np.nan, np.inf
    found = feasible_links(positions, velocities, rules=rules, sun_km=SUN_KM)
    assert len(found) > 0
    assert not {3, 5, 7, 9} & (set(found.a.tolist()) | set(found.b.tolist()))
    pairs = np.stack(np.triu_indices(40, 1), axis=1)
    checked = check_links(positions[None], velocities[None], pairs, rules=rules, sun_km=SUN_KM[None])
    assert pairs[checked.usable[0]].tolist() == np.stack([found.a, found.b], axis=1).tolist()
    assert np.isnan(checked.range_km[0, (pairs == 3).any(axis=1)]).all()
    assert not {3, 5, 9} & set(candidate_pairs(positions, maximum_range_km=np.inf).ravel().tolist())


def test_satellites_at_one_place_never_link() -> None:
    positions, velocities = scattered(4, 6)
    positions[2] = positions[1]
    assert [1, 2] not in candidate_pairs(positions, maximum_range_km=np.inf, grazing_altitude_km=0.0).tolist()
    checked = check_links(positions[None], velocities[None], np.array([[1, 2], [1, 1]]), rules=LinkRules(np.inf))
    assert not checked.usable.any()


def turned(states: FloatArray, turn: FloatArray) -> FloatArray:
    return np.ascontiguousarray(states @ turn.T)


@given(
    st.integers(0, 1000),
    st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 0.01),
)
@settings(deadline=None, max_examples=30)
def test_turning_everything_with_sun_and_pole_changes_no_verdict(seed: int, quaternion: list[float]) -> None:
    from scipy.spatial.transform import Rotation

    turn = Rotation.from_quat(quaternion).as_matrix()
    positions, velocities = scattered(30, seed)
    pairs = np.stack(np.triu_indices(30, 1), axis=1)
    still = check_links(positions[None], velocities[None], pairs, rules=FULL, sun_km=SUN_KM[None])
    moved = check_links(
        turned(positions, turn)[None], turned(velocities, turn)[None], pairs, rules=FULL,
        sun_km=turned(SUN_KM[None], turn), pole=turned(np.array([[0.0, 0.0, 1.0]]), turn),
    )  # fmt: skip
    # A pair is at a threshold where rules a millionth wider or narrower say something else.
    looser, tighter = (
        check_links(positions[None], velocities[None], pairs, rules=scaled(FULL, by), sun_km=SUN_KM[None])
        for by in (1.0 + 1e-6, 1.0 - 1e-6)
    )
    clear = looser.usable == tighter.usable
    assert np.array_equal(still.usable[clear], moved.usable[clear])
    assert np.mean(clear) > 0.99


def scaled(rules: LinkRules, by: float) -> LinkRules:
    assert rules.mounting is not None
    return LinkRules(
        rules.maximum_range_km * by,
        rules.grazing_altitude_km / by,
        rules.maximum_rate_deg_s * by,
        rules.sun_exclusion_deg / by,
        Mounting(rules.mounting.boresights, rules.mounting.half_angle_deg * by),
    )


@given(st.integers(0, 1000), st.sampled_from([0.5, 0.8]))
@settings(deadline=None, max_examples=20)
def test_stricter_rules_never_add_a_link(seed: int, by: float) -> None:
    positions, velocities = scattered(30, seed)
    found, fewer = (
        set(as_rows(feasible_links(positions, velocities, rules=rules, sun_km=SUN_KM)))
        for rules in (FULL, scaled(FULL, by))
    )
    assert {row[:2] for row in fewer} <= {row[:2] for row in found}


def column(separation_km: float) -> tuple[FloatArray, FloatArray]:
    """Return two satellites in line with the Sun on +x, the second nearer to it, that fly alike."""
    positions = np.array([[0.0, 7500.0, 0.0], [separation_km, 7500.0, 0.0]])
    return positions, np.tile([0.0, 0.0, 7.0], (2, 1))


SUN_ON_X = np.array([ASTRONOMICAL_UNIT_KM, 0.0, 0.0])


def test_the_sun_behind_the_other_end_blinds() -> None:
    positions, velocities = column(500.0)
    judge = partial(feasible_links, positions, velocities, sun_km=SUN_ON_X)
    assert len(judge(rules=LinkRules(1000.0))) == 1
    assert len(judge(rules=LinkRules(1000.0, sun_exclusion_deg=1.0))) == 0
    # Seen the other way round it is the second that looks into the Sun, behind the first.
    assert len(judge(rules=LinkRules(1000.0, sun_exclusion_deg=1.0), sunlit=np.array([False, True]))) == 1
    assert len(judge(rules=LinkRules(1000.0, sun_exclusion_deg=1.0), sunlit=np.array([True, False]))) == 0


def test_a_sun_hidden_by_the_earth_does_not_blind() -> None:
    # On the night side, one above the other, looking sunwards through the Earth's shadow.
    positions = np.array([[-7400.0, 0.0, 0.0], [-7000.0, 0.0, 0.0]])
    velocities = np.tile([0.0, 7.5, 0.0], (2, 1))
    rules = LinkRules(1000.0, sun_exclusion_deg=5.0)
    assert len(feasible_links(positions, velocities, rules=rules, sun_km=SUN_ON_X)) == 1
    lit = np.array([True, True])
    assert len(feasible_links(positions, velocities, rules=rules, sun_km=SUN_ON_X, sunlit=lit)) == 0


@pytest.mark.parametrize(("off_deg", "links"), [(9.99, 0), (10.01, 1)])
def test_the_exclusion_is_an_angle_between_the_sun_and_the_other_end(off_deg: float, links: int) -> None:
    # The second end stands 500 km away, `off_deg` from the Sun as seen from the first; the Sun's direction differs by
    # 500 km over an astronomical unit, 2e-7 degrees, between them.
    angle = np.radians(off_deg)
    positions = np.array([[0.0, 7500.0, 0.0], [500.0 * np.cos(angle), 7500.0 + 500.0 * np.sin(angle), 0.0]])
    velocities = np.tile([0.0, 0.0, 7.0], (2, 1))
    sun = SUN_ON_X + positions[0]
    found = feasible_links(positions, velocities, rules=LinkRules(1000.0, sun_exclusion_deg=10.0), sun_km=sun)
    assert len(found) == links


def test_masks_tell_which_terminals_see_the_other_end() -> None:
    # Two in one orbit around z, the second ahead: the first looks fore (bit 0), the second aft (bit 1).
    angle = np.radians(10.0)
    positions = 7000.0 * np.array([[1.0, 0.0, 0.0], [np.cos(angle), np.sin(angle), 0.0]])
    velocities = 7.5 * np.array([[0.0, 1.0, 0.0], [-np.sin(angle), np.cos(angle), 0.0]])
    found = feasible_links(positions, velocities, rules=LinkRules(5000.0, mounting=Mounting.four_sides(30.0)))
    assert as_rows(found) == [(0, 1, 1, 2)]
    # The chord dips 5 degrees below the horizontal, half the angle between them: 4 degrees are too few.
    narrow = LinkRules(5000.0, mounting=Mounting.four_sides(4.0))
    assert len(feasible_links(positions, velocities, rules=narrow)) == 0
    anywhere = LinkRules(5000.0, mounting=Mounting.everywhere(3))
    assert as_rows(feasible_links(positions, velocities, rules=anywhere)) == [(0, 1, 7, 7)]
    assert as_rows(feasible_links(positions, velocities, rules=LinkRules(5000.0))) == [(0, 1, -1, -1)]


def test_a_terminal_that_points_anywhere_points_straight_back() -> None:
    positions = np.array([[7000.0, 0.0, 0.0], [7000.0, 300.0, 0.0]])
    velocities = np.tile([0.0, 7.5, 0.0], (2, 1))
    assert len(feasible_links(positions, velocities, rules=LinkRules(500.0, mounting=Mounting.everywhere(1)))) == 1


def test_a_line_may_pass_lower_over_the_poles_of_the_flattened_earth() -> None:
    level = 6378.137 + 70.0
    over_pole = np.array([[-2000.0, 0.0, level], [2000.0, 0.0, level]])
    over_equator = over_pole[:, [0, 2, 1]]
    assert len(candidate_pairs(over_pole, maximum_range_km=5000.0)) == 1
    assert len(candidate_pairs(over_equator, maximum_range_km=5000.0)) == 0
    y_axis = np.array([0.0, 1.0, 0.0])
    assert len(candidate_pairs(over_equator, maximum_range_km=5000.0, pole=y_axis)) == 1


def test_a_sun_that_is_needed_and_missing_is_asked_for() -> None:
    positions, velocities = scattered(3, 1)
    with pytest.raises(ValueError, match=r"sun_km: needed, since the rules keep terminals 20° off the Sun"):
        feasible_links(positions, velocities, rules=FULL)
    with pytest.raises(ValueError, match="sun_km: needed"):
        check_links(positions[None], velocities[None], np.array([[0, 1]]), rules=FULL)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"pairs": np.array([[0, 3]])}, "satellites of 0 to 2"),
        ({"pairs": np.array([[-1, 1]])}, "satellites of 0 to 2"),
        ({"pairs": np.array([0, 1])}, "pairs: shape"),
        ({"velocities_km_s": np.zeros((1, 2, 3))}, "velocities_km_s: shape"),
        ({"sun_km": SUN_KM}, "sun_km: shape"),
        ({"pole": np.array([[0.0, 1.0]])}, "pole: shape"),
        ({"pole": np.array([[0.0, 1.0, 1.0]])}, "unit vector"),
        ({"sunlit": np.ones((1, 2), dtype=bool)}, "sunlit: shape"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(changed: dict[str, Any], says: str) -> None:
    positions, velocities = scattered(3, 1)
    given = {"positions_km": positions[None], "velocities_km_s": velocities[None], "pairs": np.array([[0, 1]])}
    with pytest.raises(ValueError, match=says):
        check_links(**(given | {"rules": FULL, "sun_km": SUN_KM[None]} | changed))
