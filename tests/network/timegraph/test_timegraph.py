"""When a message can get there, beside networkx on the time-expanded graph."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.links import AccessTable, LinkTable
from planner.network import (
    ContactPlan,
    contact_plan,
    earliest_arrival,
    satellite_latency_ms,
    time_expanded_graph,
    time_respecting_graph,
)
from planner.orbit import Fleet
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

START = datetime(2026, 3, 1, tzinfo=UTC)
SUMS = 1e-9
"""Seconds: the same delays added in another order."""


def plan_of(
    contacts: list[tuple[int, int, int, int, int]], *, satellites: int, sites: int, seconds: int
) -> ContactPlan:
    """Return a plan of contacts (a, b, start, end, delay), all in whole seconds."""
    rows = np.array(sorted(contacts), dtype=np.float64).reshape(-1, 5)
    return ContactPlan(
        satellite_names=tuple(f"S{i}" for i in range(satellites)),
        site_names=tuple(f"G{i}" for i in range(sites)),
        times=TimeGrid(START, 1.0, seconds),
        a=rows[:, 0].astype(np.int64),
        b=rows[:, 1].astype(np.int64),
        start_s=rows[:, 2],
        end_s=rows[:, 3],
        delay_ms=rows[:, 4] * 1e3,
        capacity_gbps=np.full(len(rows), np.nan),
        node_attributes={},
    )


@st.composite
def plans(draw: st.DrawFn) -> ContactPlan:
    satellites, sites, seconds = draw(st.integers(1, 6)), draw(st.integers(0, 3)), draw(st.integers(2, 12))
    pairs = [(a, b) for b in range(satellites + sites) for a in range(min(b, satellites))]
    moments = st.tuples(st.integers(0, seconds), st.integers(0, seconds)).map(sorted)
    contact = st.tuples(st.sampled_from(pairs), moments, st.integers(1, 3)) if pairs else st.nothing()
    drawn = draw(st.lists(contact, max_size=15)) if pairs else []
    rows = [(a, b, start, end, delay) for (a, b), (start, end), delay in drawn]
    return plan_of(rows, satellites=satellites, sites=sites, seconds=seconds)


@settings(deadline=None)  # the first example may compile a kernel
@given(plans(), st.data())
def test_the_earliest_arrival_is_that_on_the_time_expanded_graph(plan: ContactPlan, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(plan.names))
    at = data.draw(st.integers(0, plan.times.count))
    found = earliest_arrival(plan, source, at_s=float(at))
    for place, name in enumerate(plan.names):
        ends = [end for end in dict.fromkeys((source, name)) if end in plan.site_names]
        graph = time_expanded_graph(plan, *ends, tick_s=1.0)
        assert nx.is_directed_acyclic_graph(graph)
        # Only the source and the target may be sites, and the target is left as soon as it is reached.
        there = nx.descendants(graph, (source, at)) | {(source, at)}
        ticks = [tick for node, tick in there if node == name]
        assert found.arrival_s[place] == (min(ticks) if ticks else np.inf)


@settings(deadline=None)
@given(plans(), st.data())
def test_a_journey_goes_by_open_contacts_and_waits_in_between(plan: ContactPlan, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(plan.names))
    found = earliest_arrival(plan, source)
    for place, name in enumerate(plan.names):
        journey = found.journey(name)
        assert journey.reachable == np.isfinite(found.arrival_s[place])
        if not journey.reachable:
            assert found.datetime_at(name) is None
            continue
        assert (journey.nodes[0], journey.nodes[-1]) == (source, name)
        assert not set(journey.nodes[1:-1]) & set(plan.site_names)
        assert (0.0, *journey.arrivals_s)[-1] == found.arrival_s[place]
        ready = 0.0
        for (u, v), leaves, comes in zip(
            pairwise(journey.nodes), journey.departures_s, journey.arrivals_s, strict=True
        ):
            contacts = plan.graph.get_edge_data(u, v).values()
            assert leaves >= ready
            assert any(
                edge["start_s"] <= leaves and comes <= edge["end_s"] and comes == leaves + edge["delay_ms"] / 1e3
                for edge in contacts
            )
            ready = comes


@settings(deadline=None)
@given(plans(), st.data())
def test_a_message_that_is_there_later_is_nowhere_sooner(plan: ContactPlan, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(plan.names))
    early, late = sorted(data.draw(st.tuples(*[st.floats(0.0, plan.times.duration_s)] * 2)))
    assert np.all(
        earliest_arrival(plan, source, at_s=late).arrival_s >= earliest_arrival(plan, source, at_s=early).arrival_s
    )


def test_what_is_never_connected_at_one_instant_still_delivers() -> None:
    # G0 sees S0 in the first second, S0 meets S1 in the fourth, S1 sees G1 in the eighth.
    plan = plan_of([(0, 2, 0, 2, 1), (0, 1, 3, 5, 1), (1, 3, 7, 9, 1)], satellites=2, sites=2, seconds=9)
    found = earliest_arrival(plan, "G0")
    journey = found.journey("G1")
    assert journey.nodes == ("G0", "S0", "S1", "G1")
    assert journey.departures_s == (0.0, 3.0, 7.0)
    assert journey.arrivals_s == (1.0, 4.0, 8.0)
    assert found.datetime_at("G1") == START + timedelta(seconds=8)
    assert not earliest_arrival(plan, "G1").journey("G0").reachable


def test_sites_do_not_relay_but_keep_what_they_have() -> None:
    plan = plan_of([(0, 2, 0, 3, 1), (1, 2, 2, 9, 1)], satellites=2, sites=1, seconds=9)
    assert np.isinf(earliest_arrival(plan, "S0").arrival_s[1])
    assert earliest_arrival(plan, "G0").arrival_s.tolist() == [1.0, 3.0, 0.0]


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 40), st.sampled_from([0.1, 0.3, 0.7, 1e-3, 60.0]))
def test_whole_ticks_are_whole_whatever_rounding_says(begins: int, open_for: int, lasts: int, tick_s: float) -> None:
    # A contact of n ticks that a message takes m to cross is entered at the first n - m + 1 of them.
    ends = begins + open_for
    plan = plan_of([(0, 1, 0, 1, 1)], satellites=2, sites=0, seconds=1)
    plan = replace(
        plan,
        times=TimeGrid(START, tick_s, ends),
        start_s=np.array([begins * tick_s]),
        end_s=np.array([ends * tick_s]),
        delay_ms=np.array([lasts * tick_s * 1e3]),
    )
    graph = time_expanded_graph(plan, tick_s=tick_s)
    leaves = sorted(k for (name, k), _, kind in graph.edges(data="kind") if kind == "laser" and name == "S0")
    assert leaves == list(range(begins, ends - lasts + 1))


def test_a_contact_just_as_long_as_its_delay_has_an_edge() -> None:
    plan = plan_of([(0, 1, 0, 1, 1)], satellites=2, sites=0, seconds=1)
    plan = replace(plan, times=TimeGrid(START, 0.3, 1), end_s=np.array([0.3]), delay_ms=np.array([300.0]))
    assert earliest_arrival(plan, "S0").arrival_s[1] == 0.3
    graph = time_expanded_graph(plan, tick_s=0.1)
    assert ("S1", 3) in nx.descendants(graph, ("S0", 0))
    # A window of 3 ticks has 4 instants.
    assert graph.nodes["S1", 3]["time_s"] == pytest.approx(0.3, abs=SUMS)


def test_contacts_are_the_rows_of_the_tables_joined(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    plan = contact_plan(links, access, fleet, sites, first=2, stop=9)
    step = links.times.step_s
    rows = {}
    for time in range(2, 9):
        at, seen = links.rows(time), access.rows(time)
        lasers = zip(links.a[at].tolist(), links.b[at].tolist(), links.delay_ms[at], strict=True)
        ground = zip(
            access.satellite[seen].tolist(), (access.site[seen] + 80).tolist(), access.delay_ms[seen], strict=True
        )
        rows |= {(a, b, time - 2): delay for a, b, delay in (*lasers, *ground)}
    covered = {}
    for a, b, start, end, delay in zip(plan.a, plan.b, plan.start_s, plan.end_s, plan.delay_ms, strict=True):
        instants = range(round(start / step), round(end / step))
        assert delay == max(rows[a, b, k] for k in instants)
        # A contact could not have been longer.
        assert (a, b, instants.start - 1) not in rows
        assert (a, b, instants.stop) not in rows
        covered |= dict.fromkeys(((a, b, k) for k in instants), delay)
    assert covered.keys() == rows.keys()
    assert plan.times == links.times.part(2, 9)


def test_a_network_that_stands_still_delivers_as_fast_as_its_shortest_ways(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    plan = contact_plan(links, access, fleet, sites, first=4, stop=5)
    for place, name in enumerate(sites.names):
        latency = satellite_latency_ms(links, access)[4, place]
        assert earliest_arrival(plan, name).arrival_s[:80] == pytest.approx(latency / 1e3, abs=SUMS)


def test_more_time_reaches_more_and_never_later(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    short, long = (contact_plan(links, access, fleet, sites, stop=stop) for stop in (1, 12))
    # Delays are the longest of a contact: they may grow with the window by the change of range, 7,500 km of light.
    change_s = 40 * 7500.0 / 299_792.458
    for name in sites.names:
        assert np.all(earliest_arrival(long, name).arrival_s <= earliest_arrival(short, name).arrival_s + change_s)


def test_the_graph_has_an_edge_each_way_for_every_contact(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    plan = contact_plan(links, access, fleet, sites)
    graph = time_respecting_graph(links, access, fleet, sites)
    assert nx.is_frozen(graph)
    assert graph.number_of_edges() == 2 * len(plan)
    assert graph.nodes["Paris"]["kind"] == "site"
    assert graph.graph["start"] == links.times.start.isoformat()
    lasers = [data for _, _, data in graph.edges(data=True) if data["kind"] == "laser"]
    assert len(lasers) == 2 * np.count_nonzero(plan.b < 80)
    assert all(data["capacity_gbps"] == 100.0 for data in lasers)
    assert not any("capacity_gbps" in data for _, _, data in graph.edges("Paris", data=True))
    assert set(plan.between("Paris")) == {*fleet.names, "Paris"}


@given(st.integers(0, 11), st.integers(1, 12))
def test_contacts_of_a_part_are_no_longer_than_those_of_the_whole(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites, first: int, stop: int
) -> None:
    if first >= stop:
        with pytest.raises(ValueError, match="non-empty range"):
            contact_plan(links, access, fleet, sites, first=first, stop=stop)
        return
    part, whole = (
        contact_plan(links, access, fleet, sites, first=first, stop=stop),
        contact_plan(links, access, fleet, sites),
    )
    assert len(part) <= len(whole)
    assert part.end_s.max(initial=0.0) <= part.times.duration_s
    assert np.all(part.end_s > part.start_s)


def test_row_25_a_window_without_a_contact_reaches_only_its_source() -> None:
    plan = plan_of([], satellites=1, sites=1, seconds=2)
    assert len(plan) == 0
    assert earliest_arrival(plan, "S0").arrival_s.tolist() == [0.0, np.inf]
    assert earliest_arrival(plan, "S0").journey("S0").nodes == ("S0",)
    assert plan.graph.number_of_edges() == 0


def test_ground_contacts_take_the_least_of_their_capacities(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    rates = np.arange(1.0, len(access.site) + 1.0)
    plan = contact_plan(links, access, fleet, sites, contact_capacity_gbps=rates)
    ground = plan.b >= len(fleet)
    # Rates rise with the row, so the least is that of the first instant of each contact.
    first = np.round(plan.start_s[ground] / links.times.step_s).astype(int)
    for a, b, time, rate in zip(plan.a[ground], plan.b[ground], first, plan.capacity_gbps[ground], strict=True):
        rows = access.rows(time)
        same = (access.satellite[rows] == a) & (access.site[rows] == b - len(fleet))
        assert rate == rates[rows][same].item()


@pytest.mark.parametrize(
    ("column", "value"),
    [("a", 5), ("b", 0), ("start_s", -1.0), ("start_s", 2.0), ("end_s", 9.0), ("delay_ms", np.nan), ("delay_ms", -1.0)],
)
def test_contacts_that_cannot_be_are_refused(column: str, value: float) -> None:
    plan = plan_of([(0, 1, 0, 1, 1)], satellites=2, sites=0, seconds=2)
    with pytest.raises(ValueError, match=r"need"):
        replace(plan, **{column: np.array([value])})


def test_what_is_not_there_is_refused(links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites) -> None:
    plan = plan_of([(0, 1, 0, 2, 1)], satellites=2, sites=0, seconds=2)
    with pytest.raises(InputError, match='no node "S9"'):
        earliest_arrival(plan, "S9")
    for at in (-1.0, 2.1, float("nan")):
        with pytest.raises(ValueError, match="at_s"):
            earliest_arrival(plan, "S0", at_s=at)
    for tick in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="tick_s"):
            time_expanded_graph(plan, tick_s=tick)
    with pytest.raises(ValueError, match="not those of this fleet"):
        contact_plan(links, access, fleet[:10], sites)
