"""Gateways: which contacts their antennas follow, how often they change, what they carry."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog import load_catalog
from planner.errors import CatalogError
from planner.links import (
    NO_LIMIT,
    AccessTable,
    Gateways,
    HeldContacts,
    contact_capacity_gbps,
    contact_counts,
    gateway_contacts,
    gateway_contacts_of,
    ground_access,
    handovers,
    handovers_per_h,
    space_ground_capacity_gbps,
)
from planner.links.gateways import Preference
from planner.orbit import propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
PREFERENCES: tuple[Preference, ...] = get_args(Preference)
Contact = tuple[int, int, int, float]
"""Instant, site, satellite, elevation."""


def table(contacts: Sequence[Contact], *, times: int, sites: int, satellites: int, step_s: float = 60.0) -> AccessTable:
    rows = sorted(contacts)
    time, site, satellite = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(time, minlength=times))])
    elevation = np.array([row[3] for row in rows])
    grid = TimeGrid(EPOCH, step_s, times)
    return AccessTable(grid, satellites, sites, offsets, site, satellite, 1000.0 + elevation, elevation)


def triples(access: AccessTable) -> list[tuple[int, int, int]]:
    time = np.repeat(np.arange(access.times.count), np.diff(access.offsets))
    return list(zip(time.tolist(), access.site.tolist(), access.satellite.tolist(), strict=True))


def flown(minutes: int = 40) -> AccessTable:
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=400, planes=20, phasing=1, epoch=EPOCH
    )
    sites = GroundSites.at({"a": (48.0, 2.0), "b": (50.0, 8.0), "c": (-33.0, 151.0)})
    return ground_access(propagate(fleet, TimeGrid(EPOCH, 60.0, minutes)), sites)


def test_a_followed_satellite_is_kept_until_it_sets_though_another_stands_higher() -> None:
    contacts = [(0, 0, 1, 40.0), (1, 0, 1, 30.0), (1, 0, 2, 80.0), (2, 0, 2, 70.0), (2, 0, 3, 75.0)]
    followed = gateway_contacts(table(contacts, times=3, sites=1, satellites=4), Gateways.alike(1, antennas=1))
    # 1 until it is gone, then the higher of what is there.
    assert triples(followed) == [(0, 0, 1), (1, 0, 1), (2, 0, 3)]
    assert followed.elevation_deg.tolist() == [40.0, 30.0, 75.0]


def test_a_free_antenna_can_take_the_contact_that_lasts_longest() -> None:
    contacts = [(0, 0, 1, 80.0), (0, 0, 2, 30.0), (1, 0, 2, 40.0), (2, 0, 2, 50.0)]
    access = table(contacts, times=3, sites=1, satellites=3)
    one = Gateways.alike(1, antennas=1)
    assert triples(gateway_contacts(access, one)) == [(0, 0, 1), (1, 0, 2), (2, 0, 2)]
    assert triples(gateway_contacts(access, one, prefer="remaining")) == [(0, 0, 2), (1, 0, 2), (2, 0, 2)]


def test_equal_contacts_go_to_the_first_satellite() -> None:
    contacts = [(0, 0, satellite, 45.0) for satellite in (5, 3, 4)]
    access = table(contacts, times=1, sites=1, satellites=6)
    assert triples(gateway_contacts(access, Gateways.alike(1, antennas=2))) == [(0, 0, 3), (0, 0, 4)]


def test_a_satellite_serves_no_more_gateways_than_it_has_terminals() -> None:
    contacts = [(0, 0, 0, 50.0), (0, 1, 0, 60.0), (0, 1, 1, 30.0), (1, 0, 0, 80.0), (1, 1, 0, 20.0)]
    access = table(contacts, times=2, sites=2, satellites=2)
    followed = gateway_contacts(access, Gateways.alike(2), terminals_per_satellite=1)
    # The higher one gets the satellite, and keeps it.
    assert triples(followed) == [(0, 1, 0), (0, 1, 1), (1, 1, 0)]


def test_a_gateway_without_a_limit_follows_everything() -> None:
    access = flown(5)
    followed = gateway_contacts(access, Gateways.alike(3))
    assert triples(followed) == triples(access)
    assert Gateways.alike(3).antennas.tolist() == [NO_LIMIT] * 3


def test_a_gateway_without_antennas_follows_nothing() -> None:
    assert len(gateway_contacts(flown(5), Gateways.alike(3, antennas=0)).site) == 0


def test_each_preference_follows_real_contacts_within_the_antennas_and_leaves_none_idle() -> None:
    access = flown()
    gateways = replace(Gateways.alike(3, antennas=2), antennas=np.array([2, 1, 5]))
    for prefer, terminals in product(PREFERENCES, (None, 1)):
        followed = gateway_contacts(access, gateways, prefer=prefer, terminals_per_satellite=terminals)
        assert set(triples(followed)) <= set(triples(access))
        counts = contact_counts(followed)
        assert (counts <= gateways.antennas).all()
        if terminals is None:
            assert np.array_equal(counts, np.minimum(contact_counts(access), gateways.antennas))
        else:
            time = np.repeat(np.arange(access.times.count), np.diff(followed.offsets))
            assert np.bincount(time * access.satellites + followed.satellite).max() == 1


def test_what_lasts_longest_changes_hands_less_often() -> None:
    access, gateways = flown(), Gateways.alike(3, antennas=2)
    by_height, by_time = (handovers(gateway_contacts(access, gateways, prefer=prefer)).sum() for prefer in PREFERENCES)
    assert 0 < by_time < by_height


@settings(max_examples=60, deadline=None)
@given(
    present=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 4), st.integers(1, 4)),
        max_size=60,
        unique_by=lambda row: row[:3],
    ),
    antennas=st.tuples(*[st.integers(0, 3)] * 3),
    terminals=st.one_of(st.none(), st.integers(1, 2)),
    cut=st.integers(1, 5),
)
def test_following_agrees_with_going_through_it_by_hand_and_does_not_depend_on_blocks(
    present: list[tuple[int, int, int, int]], antennas: tuple[int, ...], terminals: int | None, cut: int
) -> None:
    contacts = [(t, site, satellite, 10.0 * height) for t, site, satellite, height in present]
    access = table(contacts, times=6, sites=3, satellites=5)
    gateways = replace(Gateways.alike(3, antennas=1), antennas=np.array(antennas))
    whole = gateway_contacts(access, gateways, terminals_per_satellite=terminals)
    held: set[tuple[int, int]] = set()
    by_hand = []
    for t in range(6):
        now = {(site, satellite): height for at, site, satellite, height in contacts if at == t}
        chosen = {pair for pair in held if pair in now}
        for _, site, satellite in sorted((-height, *pair) for pair, height in now.items() if pair not in chosen):
            free = sum(pair[0] == site for pair in chosen) < antennas[site]
            open_ = terminals is None or sum(pair[1] == satellite for pair in chosen) < terminals
            if free and open_:
                chosen.add((site, satellite))
        by_hand += [(t, *pair) for pair in sorted(chosen)]
        held = chosen
    assert triples(whole) == by_hand
    early = table([row for row in contacts if row[0] < cut], times=cut, sites=3, satellites=5)
    late_rows = [(t - cut, site, satellite, height) for t, site, satellite, height in contacts if t >= cut]
    first, hold = gateway_contacts_of(early, gateways, held=HeldContacts.none(), terminals_per_satellite=terminals)
    parts = triples(first)
    if cut < 6:
        late = table(late_rows, times=6 - cut, sites=3, satellites=5)
        second, _ = gateway_contacts_of(late, gateways, held=hold, terminals_per_satellite=terminals)
        parts += [(t + cut, site, satellite) for t, site, satellite in triples(second)]
    assert parts == triples(whole)


def test_handovers_are_the_contacts_that_begin_after_the_first_instant() -> None:
    contacts = [(0, 0, 0, 30.0), (1, 0, 0, 30.0), (1, 0, 1, 30.0), (2, 0, 1, 30.0), (2, 1, 1, 30.0), (3, 0, 0, 30.0)]
    access = table(contacts, times=4, sites=2, satellites=2, step_s=600.0)
    # Site 0 takes up satellite 1, then 0 again; site 1 takes up 1. Three steps of ten minutes are half an hour.
    assert handovers(access).tolist() == [2, 1]
    assert handovers_per_h(access).tolist() == [4.0, 2.0]


def test_handovers_of_one_instant_are_none_and_their_rate_is_not_known() -> None:
    access = table([(0, 0, 0, 30.0)], times=1, sites=1, satellites=1)
    assert handovers(access).tolist() == [0]
    assert np.isnan(handovers_per_h(access)).all()


def test_capacity_counts_antennas_in_use_and_expects_what_the_weather_leaves() -> None:
    contacts = [(0, 0, 0, 30.0), (0, 0, 1, 40.0), (0, 0, 2, 50.0), (1, 1, 0, 30.0)]
    access = table(contacts, times=2, sites=3, satellites=3)
    gateways = Gateways(
        np.array([2, 4, 1]), np.array([20.0, 100.0, np.nan]), np.array([0.25, 0.5, 0.0]), ("radio",) * 3
    )
    assert space_ground_capacity_gbps(access, gateways).tolist() == [[40.0, 0.0, 0.0], [0.0, 100.0, 0.0]]
    assert space_ground_capacity_gbps(access, gateways, weather=True).tolist() == [[30.0, 0.0, 0.0], [0.0, 50.0, 0.0]]
    assert contact_capacity_gbps(access, gateways).tolist() == [20.0, 20.0, 20.0, 100.0]


def test_the_capacity_of_antennas_of_unknown_rate_is_unknown() -> None:
    access = table([(0, 0, 0, 30.0)], times=2, sites=1, satellites=1)
    capacity = space_ground_capacity_gbps(access, Gateways.alike(1, antennas=1))
    assert np.isnan(capacity[0, 0])
    assert capacity[1, 0] == 0.0
    assert np.isnan(contact_capacity_gbps(access, Gateways.alike(1))).all()


def test_gateways_of_the_catalog_have_its_figures() -> None:
    names = ("starlink_ka", "optical_ground_station")
    gateways = Gateways.from_catalog(load_catalog(), names, outage_fraction=np.array([0.003, 0.314]))
    assert gateways.kind == ("radio", "optical")
    assert gateways.antennas.tolist() == [8, 1]
    assert gateways.antenna_gbps.tolist() == [20.0, 200.0]
    with pytest.raises(CatalogError, match='no entry "starlink"; did you mean "starlink_ka"'):
        Gateways.from_catalog(load_catalog(), ("starlink",), outage_fraction=np.zeros(1))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"antennas": np.array([1, -1])}, "antennas: -1 of site 1 must be at least 0"),
        ({"antenna_gbps": np.array([0.0, 1.0])}, "antenna_gbps: 0.0 of site 0 must be positive"),
        ({"antenna_gbps": np.array([1.0, np.inf])}, "antenna_gbps: inf of site 1 must be positive"),
        ({"outage_fraction": np.array([0.0, 1.1])}, "outage_fraction: 1.1 of site 1 must be from 0 to 1"),
        ({"outage_fraction": np.array([np.nan, 1.0])}, "outage_fraction: nan of site 0"),
        ({"antennas": np.array([1])}, "antennas: shape"),
        ({"kind": ("radio", "acoustic")}, "kind: 'acoustic' of site 1 is not one of radio, optical"),
    ],
)
def test_gateways_that_cannot_be_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(Gateways.alike(2, antennas=1, antenna_gbps=1.0), **changes)


def test_row_25_no_contacts_and_no_sites_give_empty_answers() -> None:
    access = table([], times=2, sites=0, satellites=3)
    followed = gateway_contacts(access, Gateways.alike(0))
    assert len(followed.site) == 0
    assert handovers_per_h(followed).shape == (0,)
    assert space_ground_capacity_gbps(followed, Gateways.alike(0)).shape == (2, 0)


def test_options_out_of_range_are_refused() -> None:
    access = table([(0, 0, 0, 30.0)], times=1, sites=1, satellites=1)
    with pytest.raises(ValueError, match="gateways: 2 of them, but contacts of 1 sites"):
        gateway_contacts(access, Gateways.alike(2))
    with pytest.raises(ValueError, match="prefer: 'nearest' is not one of elevation, remaining"):
        gateway_contacts(access, Gateways.alike(1), prefer="nearest")  # type: ignore[arg-type]  # what is refused
    with pytest.raises(ValueError, match="terminals_per_satellite: 0 must be at least 1"):
        gateway_contacts(access, Gateways.alike(1), terminals_per_satellite=0)
