"""Delays and ways over time, from elements to series in blocks."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from planner.errors import InputError
from planner.links import AccessTable, Gateways, LaserTerminal, LinkTable, gateway_contacts
from planner.network import fixed_links, matched_links, plus_grid, route, site_latency_ms, snapshot
from planner.network.routing import LatencySeries, latency_series
from planner.network.topology import Topology, link_table
from planner.orbit import Ephemeris, Fleet
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
FOLLOW = (("Paris", "Tokyo"), ("Tokyo", "Paris"), ("Nairobi", "Tokyo"), ("Paris", "South Pole"))


@pytest.fixture(scope="module")
def topology(fleet: Fleet, terminal: LaserTerminal) -> Topology:
    return fixed_links(plus_grid(fleet), terminal=terminal)


@pytest.fixture(scope="module")
def series(fleet: Fleet, states: Ephemeris, sites: GroundSites, topology: Topology) -> LatencySeries:
    return latency_series(fleet, states.times, sites, topology, follow=FOLLOW)


@pytest.fixture(scope="module")
def linked(states: Ephemeris, topology: Topology) -> LinkTable:
    return link_table(states, topology)


def same(one: LatencySeries, other: LatencySeries) -> bool:
    columns = ("latency_ms", "path_offsets", "path_nodes")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in columns)


def test_a_series_is_what_the_tables_give(
    series: LatencySeries, linked: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    assert np.array_equal(series.latency_ms, site_latency_ms(linked, access))
    for time in range(series.times.count):
        network = snapshot(linked, access, time, fleet, sites)
        for pair, ends in enumerate(FOLLOW):
            path = route(network, *ends)
            assert series.path(pair, time) == path.nodes
            assert series.hops[pair, time] == path.hops


def test_a_way_back_is_the_way_reversed(series: LatencySeries) -> None:
    for time in range(series.times.count):
        assert series.path(0, time) == series.path(1, time)[::-1]


@pytest.mark.parametrize(("block", "workers"), [(1, 1), (5, 3), (12, None), (100, 2)])
def test_blocks_and_threads_change_no_bit(
    block: int, workers: int | None, series: LatencySeries, fleet: Fleet, sites: GroundSites, topology: Topology
) -> None:
    options = {"follow": FOLLOW, "block": block, "workers": workers}
    assert same(series, latency_series(fleet, series.times, sites, topology, **options))


def test_links_held_from_block_to_block_change_no_bit(
    series: LatencySeries, fleet: Fleet, sites: GroundSites, terminal: LaserTerminal
) -> None:
    # Terminals that shun the Sun and take two steps to acquire, chosen anew at each instant.
    careful = replace(terminal, sun_exclusion_deg=10.0, acquisition_s=600.0)
    topology = matched_links(terminals=3, terminal=careful)
    whole, parts = (
        latency_series(fleet, series.times, sites, topology, follow=FOLLOW, block=block) for block in (12, 5)
    )
    assert same(whole, parts)
    assert not np.array_equal(whole.latency_ms, series.latency_ms)


@pytest.mark.parametrize("antennas", [1, 2])
@pytest.mark.parametrize("relay", [False, True])
def test_antennas_limit_a_series_as_they_do_tables(
    antennas: int,
    relay: bool,
    series: LatencySeries,
    linked: LinkTable,
    access: AccessTable,
    fleet: Fleet,
    sites: GroundSites,
    topology: Topology,
) -> None:
    # An antenna keeps its satellite until it sets, so each block depends on those before it.
    gateways = Gateways.alike(4, antennas=antennas)
    followed = gateway_contacts(access, gateways)
    expected = site_latency_ms(linked, followed, relay=relay)
    for block in (1, 5, 12):
        limited = latency_series(
            fleet, series.times, sites, topology, follow=FOLLOW, gateways=gateways, relay=relay, block=block
        )
        assert np.array_equal(limited.latency_ms, expected)
        for time in (0, 7):
            network = snapshot(linked, followed, time, fleet, sites)
            ways = [route(network, *ends, relay=relay).nodes for ends in FOLLOW]
            assert [limited.path(pair, time) for pair in range(4)] == ways
    assert not np.array_equal(expected, series.latency_ms)


def test_gateways_with_an_antenna_for_every_satellite_change_nothing(
    series: LatencySeries, fleet: Fleet, sites: GroundSites, topology: Topology
) -> None:
    every = Gateways.alike(4)
    assert same(series, latency_series(fleet, series.times, sites, topology, follow=FOLLOW, gateways=every))
    with pytest.raises(ValueError, match="gateways: 3 of them, but contacts of 4 sites"):
        latency_series(fleet, series.times, sites, topology, gateways=Gateways.alike(3))


def test_sites_relay_in_a_series_as_in_tables(
    series: LatencySeries, linked: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites, topology: Topology
) -> None:
    relayed = latency_series(fleet, series.times, sites, topology, follow=FOLLOW, relay=True)
    assert np.array_equal(relayed.latency_ms, site_latency_ms(linked, access, relay=True))
    network = snapshot(linked, access, 4, fleet, sites)
    assert [relayed.path(pair, 4) for pair in range(4)] == [route(network, *ends, relay=True).nodes for ends in FOLLOW]


def test_changes_of_way_are_counted(fleet: Fleet, states: Ephemeris) -> None:
    ways = [(0, 80), (0, 80), (0, 1, 80), (), (), (0, 1, 80)]
    offsets = np.concatenate([[0], np.cumsum([len(way) for way in ways])])
    times = TimeGrid(states.times.start, 60.0, 6)
    nodes = np.array([node for way in ways for node in way])
    series = LatencySeries(times, fleet.names, ("a", "b"), np.zeros((6, 2, 2)), (("x", "a"),), offsets, nodes)
    assert series.path_changes.tolist() == [3]
    # Three changes in the five minutes from the first instant to the last.
    assert series.path_changes_per_h.tolist() == [36.0]
    assert series.hops.tolist() == [[1, 1, 2, 0, 0, 2]]
    assert series.path(0, 2) == (fleet.names[0], fleet.names[1], "a")
    assert series.path(0, 3) == ()


def test_progress_is_told_up_to_the_end(fleet: Fleet, sites: GroundSites, topology: Topology) -> None:
    told: list[float] = []
    times = TimeGrid(EPOCH, 60.0, 10)
    latency_series(fleet, times, sites, topology, block=4, progress=told.append)
    assert told == [0.4, 0.8, 1.0]


def test_row_33_an_interrupt_ends_the_run_and_leaves_no_thread(
    fleet: Fleet, sites: GroundSites, topology: Topology
) -> None:
    def interrupt(part: float) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        latency_series(fleet, TimeGrid(EPOCH, 60.0, 40), sites, topology, block=4, progress=interrupt)
    assert threading.active_count() == before


def test_row_25_a_series_without_satellites_sites_or_links(
    fleet: Fleet, sites: GroundSites, topology: Topology, terminal: LaserTerminal
) -> None:
    times = TimeGrid(EPOCH, 60.0, 3)
    none = fixed_links(np.empty((0, 2), dtype=np.int64), terminal=terminal)
    nowhere = GroundSites((), *[np.empty(0)] * 5)
    assert latency_series(fleet, times, nowhere, topology).latency_ms.shape == (3, 0, 0)
    for few in (0, 1):
        series = latency_series(fleet[np.arange(few)], times, sites, none, follow=FOLLOW)
        assert series.latency_ms.shape == (3, 4, 4)
        assert np.isinf(series.latency_ms[:, 3, :3]).all()
        assert series.hops.shape == (4, 3)
    alone = latency_series(fleet, times.part(0, 1), sites, topology, follow=FOLLOW)
    assert np.isnan(alone.path_changes_per_h).all()


def test_row_26_a_pair_without_a_way_has_no_nodes(series: LatencySeries) -> None:
    # The shell of 60° never rises over the South Pole.
    assert np.isinf(series.latency_ms[:, 0, 3]).all()
    assert not series.hops[3].any()
    assert series.path_changes[3] == 0


def test_pairs_to_follow_that_are_none_are_refused(fleet: Fleet, sites: GroundSites, topology: Topology) -> None:
    times = TimeGrid(EPOCH, 60.0, 1)
    with pytest.raises(InputError, match='no site "Atlantis"'):
        latency_series(fleet, times, sites, topology, follow=[("Paris", "Atlantis")])
    with pytest.raises(InputError, match="to itself"):
        latency_series(fleet, times, sites, topology, follow=[("Paris", "Paris")])


def test_columns_that_contradict_each_other_are_refused(series: LatencySeries) -> None:
    with pytest.raises(ValueError, match="latency_ms: shape"):
        replace(series, latency_ms=series.latency_ms[1:])
    with pytest.raises(ValueError, match="path_offsets: need"):
        replace(series, path_nodes=series.path_nodes[1:])
    falling = np.array(series.path_offsets)
    falling[1] = falling[2] + 1
    with pytest.raises(ValueError, match="path_offsets: need"):
        replace(series, path_offsets=falling)
    for wrong in (-1, 84):
        with pytest.raises(ValueError, match="path_nodes: need nodes of 0 to 83"):
            replace(series, path_nodes=np.where(series.path_nodes == series.path_nodes[5], wrong, series.path_nodes))


def test_ways_of_other_pairs_and_instants_are_refused(series: LatencySeries) -> None:
    # Rows lie pair after pair: the instant after a pair's last would be the first of the next.
    for time in (-1, 12):
        with pytest.raises(ValueError, match=f"time: {time} is not an instant of 0 to 11"):
            series.path(0, time)
    for pair in (-1, 4):
        with pytest.raises(ValueError, match=f"pair: {pair} is none of the 4"):
            series.path(pair, 0)
