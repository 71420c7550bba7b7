"""What a plan says of its lasers reaches terminal, rules and topology, or is refused by its place."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.catalog import load_catalog
from planner.errors import InputError, PlanError
from planner.links import LaserTerminal
from planner.orbit import Fleet
from planner.scenario import Study, used_defaults
from planner.scenario.laser import LinkSettings
from planner.scenario.topology import plan_terminal, plan_topology

from .conftest import Refusal, StudyOf

CATALOG_TERMINAL = LaserTerminal.from_catalog(load_catalog(), "starlink_laser")
OWN_FIGURES = ("maximum_range_km", "sun_exclusion_deg", "maximum_rate_deg_s", "acquisition_s")
CLUSTER = {"kind": "cluster", "name": "c", "radius_km": 0.3, "rack": "nvl72_120kw"}
SHELL = {
    "kind": "walker_delta", "altitude_km": 1200.0, "inclination_deg": 60.0, "satellites": 24, "planes": 4,
    "rack": "nvl72_120kw",
}  # fmt: skip
SHELLS = [SHELL | {"name": "low"}, SHELL | {"name": "high", "altitude_km": 1400.0}]


@pytest.mark.parametrize(
    ("links", "choice"),
    [
        ({"topology": "plus_grid"}, "fixed"),
        ({"topology": "inter_shell", "terminals": 5}, "nearest"),
        ({"topology": "mutual_nearest", "terminals": 3}, "nearest"),
        ({"topology": "matching", "terminals": 3}, "matched"),
    ],
)
def test_each_topology_is_made_as_asked(study_of: StudyOf, links: dict[str, Any], choice: str) -> None:
    study = study_of(fleet=SHELLS, links=links)
    assert study.topology.choice == choice
    assert study.topology.counts(48).tolist() == [links.get("terminals", 4)] * 48
    # Two in the plane and two beside it: both topologies that have a +grid have all of it.
    fixed = {"plus_grid": 2 * 48, "inter_shell": 2 * 48}.get(links["topology"], 0)
    assert len(study.topology.pairs) == fixed
    assert (study.topology.shells is not None) == (links["topology"] == "inter_shell")


def test_a_mesh_is_made_of_a_formation_and_of_nothing_else(study_of: StudyOf) -> None:
    links = {"topology": "cluster_mesh", "terminal": "suncatcher_short_range"}
    assert study_of(fleet=[CLUSTER], links=links).topology.choice == "fixed"
    with pytest.raises(InputError, match="shell w: is no formation"):
        _ = study_of(links=links).topology


@pytest.mark.parametrize("links", [{"topology": "ring"}, {"topology": None}, {"topology": 3}])
def test_a_topology_that_there_is_not_is_refused_with_those_that_there_are(
    refusal: Refusal, links: dict[str, Any]
) -> None:
    text = refusal(links=links)
    assert text.startswith("plan: links.topology: ")
    for name in ("plus_grid", "mutual_nearest", "matching", "inter_shell", "cluster_mesh"):
        assert name in text


def test_a_terminal_that_there_is_not_is_refused_with_the_nearest_one(refusal: Refusal) -> None:
    assert 'did you mean "starlink_laser"?' in refusal(links={"terminal": "starlink_lazer"})


def test_what_a_plan_says_of_its_terminals_takes_the_place_of_the_catalog(study_of: StudyOf) -> None:
    given = {
        "maximum_range_km": 3000.0, "sun_exclusion_deg": 7.0, "maximum_rate_deg_s": 0.25, "acquisition_s": 90.0,
    }  # fmt: skip
    links = {"terminal": "starlink_laser", "grazing_altitude_km": 120.0, **given}
    study = study_of(links=links)
    assert {name: getattr(study.terminal, name) for name in OWN_FIGURES} == given
    assert study.terminal.rate_gbps == CATALOG_TERMINAL.rate_gbps
    assert study.terminal.standby_power_w == CATALOG_TERMINAL.standby_power_w
    rules = study.topology.rules
    assert (rules.maximum_range_km, rules.sun_exclusion_deg, rules.maximum_rate_deg_s) == (3000.0, 7.0, 0.25)
    assert rules.grazing_altitude_km == 120.0
    assert study.topology.acquisition_s == 90.0


@pytest.mark.parametrize("figure", OWN_FIGURES)
def test_what_a_plan_leaves_out_is_the_catalogs(study_of: StudyOf, figure: str) -> None:
    study = study_of(links={"terminal": "starlink_laser"})
    assert getattr(study.terminal, figure) == getattr(CATALOG_TERMINAL, figure)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("terminals", 0), ("terminals", 17), ("terminals", 2.5), ("maximum_range_km", 0.0), ("acquisition_s", -1.0),
        ("acquisition_s", 3601.0), ("sun_exclusion_deg", 90.0), ("sun_exclusion_deg", -0.1),
        ("maximum_rate_deg_s", 0.0), ("mounting", "sideways"),
        ("hysteresis_fraction", -0.1), ("grazing_altitude_km", -1.0), ("maximum_range_km", float("inf")),
    ],
)  # fmt: skip
def test_a_setting_out_of_its_bounds_is_refused_by_its_place(refusal: Refusal, key: str, value: float) -> None:
    assert refusal(links={key: value}).startswith(f"plan: links.{key}: {value!r}: ")


def test_a_field_of_regard_mounts_four_terminals_and_no_more(study_of: StudyOf) -> None:
    study = study_of(links={"topology": "matching", "mounting": "four_sides", "field_of_regard_deg": 50.0})
    mounting = study.topology.rules.mounting
    assert mounting is not None
    assert mounting.half_angle_deg.tolist() == [50.0] * 4
    with pytest.raises(PlanError, match=r"links\.mounting: there are 4 sides, but 5 terminals"):
        _ = study_of(
            links={"topology": "matching", "mounting": "four_sides", "field_of_regard_deg": 50.0, "terminals": 5}
        ).topology


def test_hysteresis_reaches_the_match_and_is_the_planners_own_where_left_out(study_of: StudyOf) -> None:
    own = study_of(links={"topology": "matching", "hysteresis_fraction": 0.6}).topology
    usual = study_of(links={"topology": "matching"}).topology
    assert own.hysteresis_fraction == 0.6
    assert usual.hysteresis_fraction == 0.25


def test_satellite_types_of_different_terminals_need_the_plan_to_say_which(grid: Study) -> None:
    (rack,) = grid.racks.values()
    racks = [rack, replace(rack, name="other", laser_terminal="starlink_mini_laser")]
    catalog = grid.loaded.catalog
    with pytest.raises(PlanError, match=r"terminals \(starlink_laser, starlink_mini_laser\); say which one") as caught:
        plan_terminal(LinkSettings(), catalog, racks)
    assert caught.value.problems[0].place == "links.terminal"
    assert plan_terminal(LinkSettings(terminal="starlink_mini_laser"), catalog, racks).name == "starlink_mini_laser"


def test_too_few_terminals_for_a_grid_are_refused_by_the_satellite(study_of: StudyOf) -> None:
    with pytest.raises(InputError, match="satellite w-0-0"):
        _ = study_of(links={"terminals": 3}).topology


def test_shells_whose_grids_take_every_terminal_cannot_be_linked(study_of: StudyOf) -> None:
    with pytest.raises(InputError, match="give it more terminals"):
        _ = study_of(fleet=SHELLS, links={"topology": "inter_shell", "terminals": 4}).topology


def test_defaults_of_the_network_are_listed_with_what_they_mean(grid: Study) -> None:
    listed = {default.key: default for default in used_defaults(grid.plan)}
    for key, value in (
        ("network.diameter_ms", 5.0), ("network.training_model", "llama2_70b"), ("network.efficiency_fraction", 0.9),
        ("network.traffic_objective", "least_delay"), ("network.losses", 20), ("network.seed", 1),
        ("links.topology", "plus_grid"), ("links.field_of_regard_deg", None),
    ):  # fmt: skip
        assert listed[key].value == value
        assert listed[key].meaning
        assert listed[key].source


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("diameter_ms", 0.0), ("diameter_ms", 1001.0), ("efficiency_fraction", 1.0), ("efficiency_fraction", 0.0),
        ("traffic_objective", "fast"), ("losses", 0), ("losses", 1001), ("seed", -1), ("training_model", "gpt_9000"),
    ],
)  # fmt: skip
def test_a_setting_of_the_network_out_of_its_bounds_is_refused(refusal: Refusal, key: str, value: object) -> None:
    assert refusal(network={key: value}).startswith(f"plan: network.{key}: ")


def test_no_satellite_has_more_links_than_terminals_for_any_number_of_them(grid: Study) -> None:
    def topology(fleet: Fleet, terminals: int) -> int:
        counts = np.full(len(fleet), terminals)
        made = plan_topology(grid.plan.links, fleet, grid.terminal, counts)
        return int(np.bincount(made.pairs.ravel()).max())

    assert [topology(grid.fleet, terminals) for terminals in (4, 6)] == [4, 4]
