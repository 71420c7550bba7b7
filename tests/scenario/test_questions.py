"""Answers about one link and one way are those of the whole study, and say why."""

import copy
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from planner.errors import InputError
from planner.network import unreachable_pairs
from planner.scenario import Study, following, parse_plan
from planner.scenario.following import moment_of
from planner.scenario.questions import LinkAnswer, why_linked
from planner.scenario.ways import find_ways, way_over_time

START = datetime(2026, 6, 21, tzinfo=UTC)
PLAN: dict[str, Any] = {
    "version": 1,
    "name": "small",
    "time": {"start": "2026-06-21T00:00:00Z", "duration_h": 1.0, "step_s": 120.0},
    "fleet": [
        {
            "kind": "walker_delta", "name": name, "altitude_km": altitude_km, "inclination_deg": 60.0, "satellites": 18,
            "planes": 3, "phasing": 1, "rack": "starlink_v2_mini_class",
        }
        for name, altitude_km in (("low", 1200.0), ("high", 1300.0))
    ],
    "sites": [
        {"name": "Rome", "latitude_deg": 41.9, "longitude_deg": 12.5, "minimum_elevation_deg": 5.0, "antennas": 1},
        {"name": "Oslo", "latitude_deg": 59.9, "longitude_deg": 10.8, "minimum_elevation_deg": 5.0, "antennas": 1,
         "backhaul_ms": 3.0},
        {"name": "Lima", "latitude_deg": -12.0, "longitude_deg": -77.0, "minimum_elevation_deg": 5.0},
    ],
}  # fmt: skip
TOPOLOGIES: dict[str, dict[str, Any]] = {
    "plus_grid": {"topology": "plus_grid", "terminals": 4, "sun_exclusion_deg": 30.0, "acquisition_s": 300.0},
    "mounted": {"topology": "plus_grid", "terminals": 4, "mounting": "four_sides", "field_of_regard_deg": 70.0,
                "sun_exclusion_deg": 30.0, "acquisition_s": 300.0},
    "mutual_nearest": {"topology": "mutual_nearest", "terminals": 3, "acquisition_s": 300.0},
    "matching": {"topology": "matching", "terminals": 3, "mounting": "four_sides", "field_of_regard_deg": 80.0,
                 "acquisition_s": 300.0},
    "inter_shell": {"topology": "inter_shell", "terminals": 5, "acquisition_s": 200.0},
}  # fmt: skip
REACH_KM = 9000.0
"""Long enough for the neighbours of so thin a fleet."""


def study_of(topology: str = "plus_grid", **changes: Any) -> Study:
    plan = {**copy.deepcopy(PLAN), **copy.deepcopy(changes)}
    plan["links"] = {"maximum_range_km": REACH_KM, **TOPOLOGIES[topology], **changes.get("links", {})}
    return Study(parse_plan(plan))


def everybody(study: Study, time: int) -> dict[tuple[int, int], LinkAnswer]:
    """Return the answer for every pair among some satellites of both shells, neighbours among them."""
    moment = moment_of(study, study.times.datetime_at(time))
    few = [0, 1, 5, 7, 18, 19, 24]
    names = study.fleet.names
    return {(a, b): why_linked(study, names[a], names[b], moment) for a, b in itertools.combinations(few, 2)}


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_link_works_exactly_where_the_study_has_it(topology: str) -> None:
    study = study_of(topology)
    links = study.links
    for time in (0, 7, 29):
        rows = links.rows(time)
        there = set(zip(links.a[rows].tolist(), links.b[rows].tolist(), strict=True))
        for pair, answer in everybody(study, time).items():
            assert (answer.state == "working") == (pair in there)
            assert answer.verdict.allowed or answer.state == "refused"
            assert (answer.state == "refused") == (not answer.verdict.allowed)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_what_is_allowed_and_not_chosen_always_has_a_reason(topology: str) -> None:
    answers = everybody(study_of(topology), 19).values()
    assert all(answer.reasons for answer in answers if answer.state == "not chosen")
    assert not any(answer.reasons for answer in answers if answer.state in {"working", "acquiring"})


@pytest.mark.parametrize("topology", ["plus_grid", "mutual_nearest"])
def test_since_when_a_link_is_in_its_state_is_read_off_the_table_of_the_whole_study(topology: str) -> None:
    study = study_of(topology)
    links, time, seen = study.links, 29, set()
    working = np.zeros((30, 36, 36), dtype=np.bool_)
    working[np.repeat(np.arange(30), np.diff(links.offsets)), links.a, links.b] = True
    for (a, b), answer in everybody(study, time).items():
        past = working[:, a, b]
        seen.add(answer.state)
        if answer.state == "working":
            first = max((k + 1 for k in range(30) if not past[k]), default=0)
            assert answer.since == study.times.datetime_at(first)
            assert answer.last_worked is None
        else:
            last = max((k for k in range(30) if past[k]), default=None)
            assert answer.last_worked == (None if last is None else study.times.datetime_at(last))
        if answer.state == "acquiring":
            assert answer.since is not None
            # 300 s of acquisition are three steps of 120 s; one that has been pointed for them works.
            assert timedelta(0) <= answer.moment.at - answer.since < timedelta(seconds=300)
            assert answer.ready == answer.since + timedelta(seconds=300)
    assert {"working", "refused"} <= seen


def test_links_being_acquired_are_as_many_as_the_study_counts() -> None:
    study = study_of()
    counts = {}
    for time in (7, 19, 29):
        moment = moment_of(study, study.times.datetime_at(time))
        states = [
            why_linked(study, *(study.fleet.names[row] for row in pair), moment).state for pair in study.topology.pairs
        ]
        counts[time] = states.count("acquiring")
    assert counts == {time: study.links.acquiring[time] for time in counts}
    assert max(counts.values()) > 0


def test_a_pair_that_is_not_of_a_fixed_grid_is_said_to_be_none() -> None:
    answer = why_linked(study_of(), "low-0-0", "high-0-0")
    assert answer.reasons == ("plus_grid does not pair them: its pairs are fixed",)
    assert (answer.since, answer.ready, answer.last_worked) == (None, None, None)
    assert {partner.name for partner in answer.ends[0].partners} >= {"low-0-1", "low-0-5"}


def test_two_of_one_shell_are_not_linked_across_by_inter_shell() -> None:
    answer = why_linked(study_of("inter_shell"), "low-0-0", "low-1-2")
    assert answer.reasons[0].startswith("inter_shell does not pair them: they are in one shell")


def test_who_has_the_terminals_is_named_and_no_more_than_there_are() -> None:
    answers = everybody(study_of("mutual_nearest"), 19).values()
    chosen = [answer for answer in answers if answer.state == "not chosen"]
    assert chosen
    for answer in chosen:
        assert any(end.taken == end.terminals == 3 for end in answer.ends)
        assert answer.reasons[-1] == "the shortest links are made first"


def test_mounted_terminals_are_called_by_the_side_they_look_to() -> None:
    # Neighbours along the track, 60° apart in one plane, stand fore and aft, within 70° of it (30° below the horizon).
    answer = why_linked(study_of("mounted"), "low-0-0", "low-0-1")
    sides = [{partner.name: partner.terminal for partner in end.partners} for end in answer.ends]
    assert answer.state == "working"
    assert (answer.ends[0].facing, answer.ends[1].facing) == (("fore",), ("aft",))
    assert (sides[0]["low-0-1"], sides[1]["low-0-0"]) == ("fore", "aft")


def test_the_ends_may_be_asked_for_in_either_order() -> None:
    study = study_of("matching")
    one, other = (why_linked(study, *names) for names in (("low-0-0", "low-1-0"), ("low-1-0", "low-0-0")))
    assert one.ends == other.ends[::-1]
    assert (one.state, one.since, one.reasons[-1:]) == (other.state, other.since, other.reasons[-1:])
    assert one.verdict.refused_by == other.verdict.refused_by


@pytest.mark.parametrize(("asked_s", "index"), [(0, 0), (60, 0), (61, 1), (179, 1), (181, 2), (3500, 29), (3600, 29)])
def test_an_instant_is_moved_to_the_nearest_of_the_plan(asked_s: int, index: int) -> None:
    asked = START + timedelta(seconds=asked_s)
    moment = moment_of(study_of(), asked)
    assert (moment.index, moment.at, moment.asked) == (index, START + timedelta(seconds=120 * index), asked)


@pytest.mark.parametrize("asked_s", [-1, 3601])
def test_an_instant_outside_the_plan_is_refused_with_the_plans_span(asked_s: int) -> None:
    with pytest.raises(InputError, match=r"^at: .* is not within the plan, 2026-06-21T00:00:00Z to 2026-06-21T01:00"):
        moment_of(study_of(), START + timedelta(seconds=asked_s))


def test_nothing_beyond_the_instant_nor_of_others_than_fixed_neighbours_is_propagated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, int]] = []
    made = following.propagate_blocks

    def noted(fleet: Any, times: Any, **options: Any) -> Any:
        asked.append((len(fleet), times.count))
        return made(fleet, times, **options)

    monkeypatch.setattr(following, "propagate_blocks", noted)
    for topology in ("plus_grid", "matching"):
        study = study_of(topology)
        moment = moment_of(study, START + timedelta(minutes=10))
        why_linked(study, "low-0-0", "low-0-1", moment)
        find_ways(study, "Rome", "Oslo", moment)
    # Four neighbours each, of which each is one of the other's: two, and twice three more at most.
    assert asked[0][0] <= 8
    assert [count for _, count in asked] == [6, 6, 6, 6]
    assert [count for count, _ in asked[1:]] == [36, 36, 36]


@pytest.mark.parametrize("topology", ["plus_grid", "matching"])
def test_blocks_change_no_answer(topology: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_of(topology)
    moment = moment_of(study, START + timedelta(minutes=40))
    whole = [why_linked(study, "low-0-0", name, moment) for name in ("low-0-1", "high-1-0")]
    way = way_over_time(study, "Rome", "Lima")
    monkeypatch.setattr(following, "_STATES_PER_BLOCK", 110)
    told: list[float] = []
    assert [why_linked(study, "low-0-0", name, moment) for name in ("low-0-1", "high-1-0")] == whole
    again = way_over_time(study, "Rome", "Lima", progress=told.append)
    assert np.array_equal(again.latency_ms, way.latency_ms)
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("topology", ["plus_grid", "matching"])
def test_ways_over_time_are_those_of_the_study_with_its_antennas(topology: str) -> None:
    study = study_of(topology)
    series = way_over_time(study, "Rome", "Oslo")
    expected = study.site_latency_ms[:, 0, 1] - 3.0  # Oslo's way on the ground
    assert np.array_equal(series.reachable, np.isfinite(expected))
    known = series.reachable
    assert known.any()
    # Both add the same delays; the study adds 3 ms more, which this takes off again.
    assert series.latency_ms[known] == pytest.approx(expected[known], rel=1e-12)
    assert series.backhaul_ms == 3.0
    assert int((~known).sum()) <= int(unreachable_pairs(study.site_latency_ms).sum())


def test_the_way_at_an_instant_is_that_of_the_series_and_counts_its_changes() -> None:
    study = study_of()
    series = way_over_time(study, "Lima", "low-2-3")
    ways = [find_ways(study, "Lima", "low-2-3", moment_of(study, study.times.datetime_at(k))) for k in range(0, 30, 6)]
    for k, way in zip(range(0, 30, 6), ways, strict=True):
        assert bool(way.paths) == series.reachable[k]
        if way.paths:
            assert way.paths[0].latency_ms == pytest.approx(series.latency_ms[k], rel=1e-12)
            assert way.paths[0].hops == series.hops[k]
    assert 0 < series.path_changes <= 29
    # 30 instants two minutes apart span 58 minutes.
    assert series.path_changes_per_h == pytest.approx(series.path_changes / (58 / 60))


def test_the_longest_gap_is_counted_in_whole_steps() -> None:
    series = way_over_time(study_of(), "Rome", "Oslo")
    gaps = "".join("x" if there else "." for there in series.reachable).split("x")
    assert series.longest_gap_s == 120.0 * max(map(len, gaps))


def test_disjoint_ways_share_nothing_and_a_separator_says_why_there_are_no_more() -> None:
    study = study_of()
    moment = next(
        found for found in (moment_of(study, study.times.datetime_at(k)) for k in range(30))
        if find_ways(study, "Rome", "Lima", found).paths
    )  # fmt: skip
    by_node = find_ways(study, "Rome", "Lima", moment, count=40, by="node")
    inner = [name for path in by_node.paths for name in path.nodes[1:-1]]
    assert len(inner) == len(set(inner))
    assert by_node.separator is not None
    assert len(by_node.separator) == len(by_node.paths) < 40
    shortest = find_ways(study, "Rome", "Lima", moment, count=3)
    delays = [path.latency_ms for path in shortest.paths]
    assert delays == sorted(delays)
    assert shortest.separator is None


def test_relays_can_only_shorten_the_way_and_are_for_one_way() -> None:
    study = study_of(links={"maximum_range_km": 5500.0})
    moment = moment_of(study, START)
    alone = way_over_time(study, "Oslo", "Lima")
    relayed = way_over_time(study, "Oslo", "Lima", relay=True)
    assert (relayed.latency_ms <= alone.latency_ms).all()
    with pytest.raises(ValueError, match="relay"):
        find_ways(study, "Oslo", "Lima", moment, count=2, relay=True)


def test_two_sites_are_held_against_the_great_circle_and_a_satellite_is_not() -> None:
    study = study_of()
    ground = find_ways(study, "Rome", "Oslo").ground
    assert ground is not None
    # Great circle on a sphere of 6,371 km from these coordinates: 2,006 km; the ellipsoid differs by less than 0.5 %.
    assert ground.range_km == pytest.approx(2006.0, rel=5e-3)
    assert ground.vacuum_ms == pytest.approx(ground.range_km / 299.792458, rel=1e-12)
    group_index = study.loaded.catalog.entry("fibre", "smf28")["group_index"]
    assert ground.fibre_ms == pytest.approx(ground.vacuum_ms * group_index, rel=1e-12)
    assert find_ways(study, "Rome", "low-0-0").ground is None


def test_row_12_an_end_that_sgp4_lost_is_said_to_be_lost_and_has_no_link() -> None:
    published = {
        "kind": "elements", "name": "real", "bundled": "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle",
        "rack": "starlink_v2_mini_class", "limit": 40, "maximum_age_d": 1e4,
    }  # fmt: skip
    # Two years after their epoch some of these low satellites have come down by SGP4's own account.
    time = {"start": "2028-09-21T00:00:00Z", "duration_h": 2.0, "step_s": 600.0}
    study = study_of("mutual_nearest", fleet=[published], time=time)
    lost = study.fleet.names[int(np.flatnonzero(study.flight.sgp4_errors)[0])]
    flying = study.fleet.names[int(np.flatnonzero(study.flight.sgp4_errors == 0)[0])]
    answer = why_linked(study, lost, flying, moment_of(study, study.times.datetime_at(11)))
    assert answer.state == "refused"
    assert len(answer.lost) == 1
    assert lost in answer.lost[0]
    assert np.isnan(answer.verdict.checks[0].found)
    assert any(lost in note or "more" in note for note in find_ways(study, "Rome", flying).notes)


def test_row_25_a_plan_without_sites_has_ways_between_satellites_and_one_satellite_has_none() -> None:
    study = study_of(sites=[])
    assert find_ways(study, "low-0-0", "low-0-1").paths[0].nodes == ("low-0-0", "low-0-1")
    alone = study_of(fleet=[{**PLAN["fleet"][0], "satellites": 1, "planes": 1, "phasing": 0}], sites=[])
    with pytest.raises(InputError, match='no satellite "low-0-1"; did you mean "low-0-0"'):
        why_linked(alone, "low-0-0", "low-0-1")


def test_row_26_what_cannot_be_reached_is_counted_and_explained() -> None:
    study = study_of(links={"maximum_range_km": 10.0})
    series = way_over_time(study, "Rome", "Lima")
    assert not series.reachable.any()
    assert (series.path_changes, series.longest_gap_s) == (0, 3600.0)
    assert find_ways(study, "Rome", "low-0-0").unreachable
    assert find_ways(study, "low-0-0", "low-0-2").unreachable == (
        "low-0-0 has no link that works; low-0-2 has no link that works"
    )


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("low-0-0", "low-0-", 'no satellite "low-0-"; did you mean "low-0-'),
        ("LOW-0-1", "low-0-0", 'did you mean "low-0-1"'),
        ("low-0-0", "low-0-0", "twice; a link takes two satellites"),
        ("Rome", "low-0-0", '"Rome" is a ground site; a laser link joins two satellites'),
    ],
)
def test_a_name_that_fits_nobody_is_refused_with_the_nearest(a: str, b: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        why_linked(study_of(), a, b)


def test_row_28_a_node_is_found_by_its_name_as_it_is_shown() -> None:
    sites = [{**PLAN["sites"][0], "name": "Ro\u202eme\x07"}, PLAN["sites"][1]]
    study = study_of(sites=sites)
    assert find_ways(study, "Rome", "Oslo").source == "Ro\u202eme\x07"
    with pytest.raises(InputError, match='from "Rome" to itself is no way'):
        find_ways(study, "Ro\u202eme\x07", "Rome")
