"""The network at an instant: its graph, and graphs that users bring."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.errors import InputError
from planner.links import AccessTable, LinkTable
from planner.network import NetworkSnapshot, route, snapshot
from planner.orbit import Fleet
from planner.orbit.sites import GroundSites

COLUMNS = (
    "a", "b", "range_km", "delay_ms", "capacity_gbps",
    "site", "satellite", "contact_range_km", "contact_delay_ms", "contact_elevation_deg", "contact_capacity_gbps",
)  # fmt: skip


@pytest.fixture
def network(links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites) -> NetworkSnapshot:
    return snapshot(links, access, 3, fleet, sites)


def assert_same(first: NetworkSnapshot, second: NetworkSnapshot) -> None:
    assert first.satellite_names == second.satellite_names
    assert first.site_names == second.site_names
    for name in COLUMNS:
        assert np.array_equal(getattr(first, name), getattr(second, name), equal_nan=True), name


def test_nodes_and_edges_carry_what_the_documentation_says(network: NetworkSnapshot, fleet: Fleet) -> None:
    graph = network.graph
    assert nx.is_frozen(graph)
    name = fleet.names[13]
    assert graph.nodes[name] == {"kind": "satellite", "shell": "shell", "plane": 1, "slot": 3, "rack_type": ""}
    assert graph.nodes["Paris"]["kind"] == "site"
    kinds = {(u in network.site_names) + (v in network.site_names): d["kind"] for u, v, d in graph.edges(data=True)}
    assert kinds == {0: "laser", 1: "ground"}
    for _, _, data in graph.edges(data=True):
        assert data["delay_ms"] == pytest.approx(data["range_km"] / SPEED_OF_LIGHT_KM_S * 1e3, rel=1e-12)
        extra = "capacity_gbps" if data["kind"] == "laser" else "elevation_deg"
        assert set(data) == {"kind", "range_km", "delay_ms", extra}
        assert all(type(data[key]) is float for key in ("range_km", "delay_ms", extra))


def test_the_graph_goes_back_to_the_rows_of_the_tables(
    network: NetworkSnapshot, links: LinkTable, access: AccessTable
) -> None:
    assert_same(NetworkSnapshot.from_graph(network.graph, at=network.at), network)
    rows = links.rows(3)
    assert np.array_equal(network.a, links.a[rows])
    assert np.array_equal(network.range_km, links.range_km[rows])
    assert len(network.site) == access.rows(3).stop - access.rows(3).start


@given(st.integers(2, 12), st.integers(0, 3), st.data())
def test_any_network_survives_the_way_through_a_graph(satellites: int, sites: int, data: st.DataObject) -> None:
    pairs = [(i, j) for i in range(satellites) for j in range(i + 1, satellites)]
    lasers = sorted(data.draw(st.sets(st.sampled_from(pairs))))
    all_contacts = [(s, p) for s in range(sites) for p in range(satellites)]
    contacts = sorted(data.draw(st.sets(st.sampled_from(all_contacts)))) if all_contacts else []
    span = st.floats(1e-3, 1e5)
    ranges = np.array([data.draw(span) for _ in lasers])
    slants = np.array([data.draw(span) for _ in contacts])
    made = NetworkSnapshot(
        satellite_names=tuple(f"S{i}" for i in range(satellites)),
        site_names=tuple(f"G{i}" for i in range(sites)),
        a=np.array([a for a, _ in lasers]),
        b=np.array([b for _, b in lasers]),
        range_km=ranges,
        delay_ms=ranges / SPEED_OF_LIGHT_KM_S * 1e3,
        capacity_gbps=np.where(np.arange(len(lasers)) % 2 == 0, 100.0, np.nan),
        site=np.array([s for s, _ in contacts]),
        satellite=np.array([p for _, p in contacts]),
        contact_range_km=slants,
        contact_delay_ms=slants / SPEED_OF_LIGHT_KM_S * 1e3,
        contact_elevation_deg=np.where(np.arange(len(contacts)) % 3 == 0, 45.0, np.nan),
        node_attributes={},
        contact_capacity_gbps=np.where(np.arange(len(contacts)) % 2 == 0, 20.0, np.nan),
    )
    assert_same(NetworkSnapshot.from_graph(made.graph), made)


def test_paths_of_networkx_do_not_relay_through_sites(network: NetworkSnapshot) -> None:
    view = network.between("Paris", "Tokyo")
    assert set(network.site_names) & set(view) == {"Paris", "Tokyo"}
    path = nx.shortest_path(view, "Paris", "Tokyo", weight="delay_ms")
    assert not set(path[1:-1]) & set(network.site_names)


def test_an_unknown_name_is_answered_with_the_nearest(network: NetworkSnapshot) -> None:
    with pytest.raises(InputError, match='did you mean "Paris"'):
        network.between("Pari")


def test_a_site_named_like_a_satellite_is_refused(links: LinkTable, access: AccessTable, fleet: Fleet) -> None:
    names = ("Paris", "Tokyo", "Nairobi", fleet.names[0])
    clash = GroundSites(names, np.zeros(4), np.zeros(4), np.zeros(4), np.zeros(4), np.zeros(4) + 1.0)
    with pytest.raises(InputError, match="occurs twice"):
        snapshot(links, access, 0, fleet, clash)


def test_tables_of_another_fleet_or_instant_are_refused(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    with pytest.raises(ValueError, match="not those of this fleet"):
        snapshot(links, access, 0, fleet[:10], sites)
    with pytest.raises(ValueError, match="not an instant"):
        snapshot(links, access, 12, fleet, sites)


def test_contacts_have_no_limit_unless_one_is_given(
    network: NetworkSnapshot, links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites
) -> None:
    assert np.isnan(network.contact_capacity_gbps).all()
    capacity = np.arange(1.0, len(access.site) + 1.0)
    limited = snapshot(links, access, 3, fleet, sites, contact_capacity_gbps=capacity)
    assert np.array_equal(limited.contact_capacity_gbps, capacity[access.rows(3)])
    assert_same(NetworkSnapshot.from_graph(limited.graph), limited)
    with pytest.raises(ValueError, match="contact_capacity_gbps: shape"):
        snapshot(links, access, 3, fleet, sites, contact_capacity_gbps=capacity[1:])


def test_columns_that_contradict_each_other_are_refused(network: NetworkSnapshot) -> None:
    with pytest.raises(ValueError, match="delay_ms: shape"):
        replace(network, delay_ms=network.delay_ms[1:])
    with pytest.raises(ValueError, match="b: needs to be from 0 to 79"):
        replace(network, b=network.b + 80)


MEASURES = ("range_km", "delay_ms", "contact_range_km", "contact_delay_ms")


@pytest.mark.parametrize("wrong", [-1.0, -1e-300, np.nan, np.inf])
@pytest.mark.parametrize("name", MEASURES)
def test_row_27_a_network_is_not_made_with_a_negative_or_missing_delay(
    network: NetworkSnapshot, name: str, wrong: float
) -> None:
    # A search would go round such a link for ever, or answer that there is no way.
    values = np.array(getattr(network, name))
    values[1] = wrong
    with pytest.raises(ValueError, match=f"^{name}: {wrong} is not a finite number of at least 0"):
        replace(network, **{name: values})
    values[1] = 0.0
    assert getattr(replace(network, **{name: values}), name)[1] == 0.0


@pytest.mark.parametrize("name", ["capacity_gbps", "contact_capacity_gbps"])
def test_row_27_a_network_is_not_made_with_a_negative_or_infinite_capacity(network: NetworkSnapshot, name: str) -> None:
    values = np.full(len(getattr(network, name)), np.nan)
    for wrong in (-1.0, np.inf):
        values[2] = wrong
        with pytest.raises(ValueError, match=f"^{name}: {wrong} must be finite and at least 0"):
            replace(network, **{name: values})
    values[2] = 0.0
    assert np.count_nonzero(np.isnan(getattr(replace(network, **{name: values}), name))) == len(values) - 1


def test_row_27_a_network_is_not_made_with_a_link_given_twice_or_to_itself(network: NetworkSnapshot) -> None:
    # A way names only its nodes: it would take the delay of one of two links, and the length of the other.
    order = np.random.default_rng(1).permutation(len(network.a))
    a, b = network.a[order], network.b[order]
    columns = {name: getattr(network, name)[order] for name in ("range_km", "delay_ms", "capacity_gbps")}
    shuffled = replace(network, a=b, b=a, **columns)
    assert route(shuffled, "Paris", "Tokyo") == route(network, "Paris", "Tokyo")
    first, last = sorted((int(a[-1]), int(b[-1])))
    with pytest.raises(ValueError, match=f"^a, b: {first} and {last} are joined twice"):
        replace(network, a=np.append(a[1:], b[-1]), b=np.append(b[1:], a[-1]), **columns)
    with pytest.raises(ValueError, match=f"^a, b: satellite {a[3]} linked to itself"):
        replace(network, a=a, b=np.where(np.arange(len(a)) == 3, a, b))
    site, satellite = network.site.copy(), network.satellite.copy()
    site[-1], satellite[-1] = site[0], satellite[0]
    with pytest.raises(ValueError, match=f"^site, satellite: {site[0]} and {satellite[0]} are joined twice"):
        replace(network, site=site, satellite=satellite)


def test_row_28_a_name_with_a_mark_in_it_is_told_without(network: NetworkSnapshot) -> None:
    with pytest.raises(InputError) as error:
        network.index("\x1b[31mPari\u202e")
    assert "\x1b" not in str(error.value)
    assert "\u202e" not in str(error.value)
