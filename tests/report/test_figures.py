import json
from datetime import UTC, datetime

import numpy as np
import plotly.graph_objects as go
import pytest

from planner.arrays import floats, ints
from planner.links import Coverage
from planner.orbit import cluster, cluster_geometry, propagate
from planner.report import figures
from planner.report.figures_common import percent
from planner.report.html import plot_json
from planner.times import TimeGrid

from .samples import NASTY, budget_of

NO_PAIRS = ints(np.zeros((0, 2)))
CLUSTER = cluster(name="c", epoch=datetime(2027, 3, 20, tzinfo=UTC), radius_km=0.4)
COVERED = Coverage(
    latitudes_deg=floats([-60.0, -30.0, 0.0, 30.0, 60.0]), fewest=ints([1, 1, 0, 1, 1]), mean=floats(np.full(5, 1.5)),
    most=ints(np.full(5, 3)), covered_fraction=floats([1.0, 1.0, 0.5, 1.0, 1.0]), longest_gap_min=floats(np.zeros(5)),
    at_least=1,
)  # fmt: skip


def legal(figure):
    """Check that Plotly accepts the figure, every property of it, in both themes."""
    for theme in ("light", "dark"):
        go.Figure(figures.resolve(figure.plot, theme))
    assert figure.headline
    assert figure.alt
    json.loads(plot_json(figure.plot), parse_constant=pytest.fail)
    return figure


def world_map(sample, **options):
    ours = {"instant": "then", "pairs": sample.pairs, "sunlit_fraction": floats([1, 0.5, 0, 1, 1, 1, 1, np.nan])}
    return figures.world_map(
        sample.fleet.names, floats(np.linspace(-80, 80, 8)), floats(np.linspace(-179, 179, 8)), **(ours | options)
    )


def every_figure(sample, name="x"):
    count = len(sample.fleet)
    power = floats(np.full((3, count), 1e5))
    budget = budget_of(sample.times, power)
    pair = [(name, "b")]
    months = {"month": ["2027-01", "2027-03"], "satellites": [1, 2]}
    lines = {"option": [name], "line": [name], "usd_gpu_h": [1.0], "usd_gw": [1e10]}
    totals = {"option": [name], "low_usd_gw": [np.nan], "high_usd_gw": [2e10]}
    return [
        world_map(sample, site_names=[name], site_latitude_deg=[1.0], site_longitude_deg=[2.0], subsolar_deg=(0.0, 9.0),
                  routes=[[name, sample.fleet.names[0]]]),
        figures.fleet_view(sample.fleet, sample.ephemeris, time=1, sun_km=sample.sun_km,
                           sunlit_fraction=floats(np.ones(count)), pairs=sample.pairs),
        figures.eclipse_seasons(sample.times, floats([[60.0, -61.0, 62.0]]), floats([[0.0, 5.0, 9.0]]), [name]),
        figures.decay({name: (floats([0.0, 3.0]), floats([650.0, 120.0]))}, floor_km=120.0),
        figures.coverage_by_latitude(COVERED, minimum_elevation_deg=25.0),
        figures.cluster_view(CLUSTER, cluster_geometry(CLUSTER)),
        figures.fleet_power(budget, rated_w=floats(np.full(count, 1.2e5)), used_w=floats([1.0, 2.0, 3.0])),
        figures.satellite_power(budget, [name] * count),
        figures.power_limits(budget),
        figures.latency_over_time(sample.times, floats([[1.0], [np.inf], [np.nan]]), pair,
                                  fibre_round_trip_ms=floats([0.9])),
        figures.latency_bounds(floats([[1.0], [np.inf], [2.0]]), pair, vacuum_round_trip_ms=floats([0.5]),
                               fibre_round_trip_ms=floats([0.7])),
        figures.placement_use(sample.times, np.ones((3, count)), np.full((3, count), 2.0), [name] * count),
        figures.jobs_served({"job": [name], "asked_accelerator_h": [3.0], "served_accelerator_h": [1.0]}),
        figures.unserved_reasons({"reason": [name], "accelerator_h": [2.0]}),
        figures.flights_by_month({"month": ["2027-01", "2027-03"], "vehicle": [name, name], "flights": [1, 2]}),
        figures.fleet_in_orbit(months, months),
        figures.option_costs(lines, totals, measure="usd_gw"),
    ]  # fmt: skip


def test_every_figure_is_one_that_plotly_accepts(sample):
    for figure in every_figure(sample):
        assert legal(figure).plot, figure.id


def test_figures_have_anchors_of_their_own(sample):
    anchors = [figure.id for figure in every_figure(sample)]
    assert len(set(anchors)) == len(anchors)


def test_row_25_every_figure_of_nothing_draws_nothing_and_says_why(sample):
    none = propagate(sample.fleet[[]], sample.times)
    budget = budget_of(sample.times, floats(np.zeros((3, 0))))
    nobody = floats([])
    empty = [
        figures.world_map([], nobody, nobody, instant="then", pairs=NO_PAIRS),
        figures.fleet_view(
            sample.fleet[[]], none, time=0, sun_km=sample.sun_km, sunlit_fraction=nobody, pairs=NO_PAIRS
        ),
        figures.fleet_power(budget, rated_w=nobody),
        figures.satellite_power(budget, []),
        figures.power_limits(budget),
        figures.latency_over_time(sample.times, floats(np.zeros((3, 0))), []),
        figures.latency_bounds(floats(np.zeros((3, 0))), [], vacuum_round_trip_ms=nobody, fibre_round_trip_ms=nobody),
        figures.placement_use(sample.times, np.zeros((3, 0)), np.zeros((3, 0)), []),
        figures.jobs_served({}),
        figures.unserved_reasons({}),
        figures.flights_by_month({}),
        figures.fleet_in_orbit({}, {}),
        figures.option_costs({}, {}, measure="usd_gpu_h"),
    ]
    for figure in empty:
        assert not figure.plot, figure.id
        assert figure.headline
        assert figure.alt


def test_row_25_one_satellite_without_links_sites_or_jobs_is_drawn(sample):
    one = sample.fleet[[0]]
    alone = propagate(one, sample.times)
    lit = floats([1.0])
    legal(figures.fleet_view(one, alone, time=0, sun_km=sample.sun_km, sunlit_fraction=lit, pairs=NO_PAIRS))
    legal(figures.world_map(one.names, floats([1.0]), floats([2.0]), instant="then", pairs=NO_PAIRS))
    legal(figures.satellite_power(budget_of(sample.times, floats(np.zeros((3, 1)))), one.names))
    legal(figures.fleet_power(budget_of(sample.times, floats(np.zeros((3, 1)))), rated_w=floats([0.0])))
    idle = figures.placement_use(sample.times, np.zeros((3, 1)), np.zeros((3, 1)), one.names)
    assert legal(idle).plot == {}
    assert idle.alt == "No job runs on any satellite."


def test_row_26_a_time_without_a_path_is_a_gap(sample):
    figure = figures.latency_over_time(sample.times, floats([[100.0], [np.inf], [120.0]]), [("Paris", "Tokyo")])
    assert figure.plot["data"][0]["y"] == [100.0, None, 120.0]
    assert "33 % of the time there is no path" in figure.headline


def test_row_26_pairs_that_never_meet_are_said_so(sample):
    figure = legal(figures.latency_over_time(sample.times, floats(np.full((3, 1), np.inf)), [("Paris", "Tokyo")]))
    assert figure.headline.startswith("No path")
    bounds = figures.latency_bounds(
        floats(np.full((3, 1), np.inf)), [("Paris", "Tokyo")],
        vacuum_round_trip_ms=floats([60.0]), fibre_round_trip_ms=floats([90.0]),
    )  # fmt: skip
    assert legal(bounds).plot["data"][-1]["x"] == [None]


def test_row_28_names_cannot_become_markup_in_any_figure(sample):
    for figure in every_figure(sample, NASTY):
        text = json.dumps(figure.plot)
        for markup in ("<script", "</script", "<b>", "</b", "<a ", "</a", "<!--", "\\u202e", "\\u0000"):
            assert markup not in text, (figure.id, markup)
        assert "%{x} &" not in text, figure.id


def test_row_12_a_lost_satellite_is_not_drawn(sample):
    latitude = floats([0.0, np.nan, 2.0])
    figure = figures.world_map(list("abc"), latitude, latitude, instant="then", pairs=ints([[0, 1], [0, 2]]))
    assert figure.headline.startswith("2 satellites with 1 laser link")
    assert figure.plot["data"][-1]["text"] == ["a", "c"]


def test_what_the_earth_hides_is_left_out_of_the_view(sample):
    lit = floats(np.ones(len(sample.fleet)))
    figure = figures.fleet_view(
        sample.fleet, sample.ephemeris, time=0, sun_km=sample.sun_km, sunlit_fraction=lit, pairs=NO_PAIRS, view="pole"
    )
    drawn = [trace for trace in figure.plot["data"] if trace["mode"] == "markers" and trace.get("text")]
    # Seen from above the north pole, what is drawn is north of the equator or outside the Earth's disc.
    radius = np.linalg.norm(sample.ephemeris.positions_km[0], axis=1) / 6378.137
    north = sample.ephemeris.positions_km[0, :, 2] > 0
    beside = np.hypot(*sample.ephemeris.positions_km[0, :, :2].T) / 6378.137 >= 1.0
    assert len(drawn[0]["text"]) == int((north | beside).sum()) < len(radius)


def test_heat_maps_keep_the_lowest_moment_of_each_span(sample):
    times = TimeGrid(sample.times.start, 60.0, 288)
    power = np.full((288, 2), 5e4)
    power[3, 1] = 1e4
    limit = np.zeros((288, 2))
    limit[3, 1] = 2
    trace = figures.satellite_power(budget_of(times, floats(power), ints(limit)), ["a", "b"]).plot["data"][0]
    assert len(trace["x"]) == 144
    assert trace["z"][1][:3] == [50.0, 10.0, 50.0]
    assert trace["text"][1][:3] == ["rack", "battery", "rack"]


def test_large_fleets_are_thinned_and_say_so(sample):
    count = 5000
    place = floats(np.zeros(count))
    figure = figures.world_map([f"s{i}" for i in range(count)], place, place, instant="then", pairs=NO_PAIRS)
    assert len(figure.plot["data"][-1]["x"]) == 3000
    assert "3000 of 5000 satellites" in figure.caption


def test_months_without_a_flight_are_shown_empty():
    figure = figures.flights_by_month({"month": ["2027-12", "2028-02"], "vehicle": ["A", "B"], "flights": [1, 2]})
    assert figure.plot["data"][0]["x"] == ["2027-12-01", "2028-01-01", "2028-02-01"]
    assert [trace["y"] for trace in figure.plot["data"]] == [[1, 0, 0], [0, 0, 2]]


def test_costs_stack_to_the_total_and_whiskers_span_its_range():
    lines = {"option": ["a", "a", "b"], "line": ["chips", "launch", "chips"], "usd_gpu_h": [1.0, 2.0, 1.5]}
    totals = {"option": ["a", "b"], "low_usd_gpu_h": [2.5, np.nan], "high_usd_gpu_h": [4.0, np.nan]}
    figure = figures.option_costs(lines, totals, measure="usd_gpu_h")
    total = figure.plot["data"][-1]
    assert total["x"] == [3.0, 1.5]
    assert total["error_x"]["array"] == [1.0, 0.0]
    assert total["error_x"]["arrayminus"] == [0.5, 0.0]
    assert "“b” is cheapest at 1.5 and “a” dearest at 3" in figure.headline


def test_percentages_never_round_a_part_to_all_or_nothing():
    assert [percent(v) for v in (0.0, 1.0, 0.5, 0.9996, 0.0004)] == ["0 %", "100 %", "50 %", "99.96 %", "0.04 %"]


def test_the_seasons_headline_counts_the_days_of_the_worst_plane(sample):
    year = TimeGrid(sample.times.start, 86_400.0, 365)
    shade = np.zeros((2, 365))
    shade[1, 100:110] = 12.5
    figure = legal(figures.eclipse_seasons(year, floats(np.full((2, 365), 70.0)), floats(shade), ["a", "b"]))
    # The 100th day after 20 March is 28 June.
    assert figure.headline == (
        "The orbit of b meets the shadow on 10 days of the year, for 12.5 minutes a revolution at most, around 28 June"
    )
    figure = legal(figures.eclipse_seasons(year, floats(np.full((1, 365), 70.0)), floats(shade[:1]), ["a"]))
    assert figure.headline == "No revolution of the year meets the shadow"


def test_no_orbits_make_pictures_that_say_so(sample):
    none = floats(np.zeros((0, 3)))
    assert "no orbits" in legal_nothing(figures.eclipse_seasons(sample.times, none, none, []))
    assert "No orbit is circular and below 2,000 km" in legal_nothing(figures.decay({}, floor_km=120.0))


def legal_nothing(figure):
    assert not figure.plot
    return figure.alt


def test_the_coverage_headline_names_the_latitudes_that_are_always_covered():
    figure = legal(figures.coverage_by_latitude(COVERED, minimum_elevation_deg=25.0))
    # Weighted by the cosine of latitude: (4 parts full weight 0.5+0.866+0.866+0.5, the equator half of 1) of 3.732.
    assert figure.headline == (
        "Latitudes −60° to −30° and 30° to 60° always have a satellite in view; ground and time are covered to 87 %"
    )


def test_the_cluster_headline_says_how_near_and_how_far():
    # Lattice points up to two spacings of 100 m from the centre: 13; neighbours come within the spacing, and the way
    # along the track reaches twice as far as the lattice.
    figure = legal(figures.cluster_view(CLUSTER, cluster_geometry(CLUSTER)))
    assert figure.headline == "13 satellites within 400 m of their chief never come nearer than 100 m"
