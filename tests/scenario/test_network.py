"""What the laser network of a whole plan is good for, from the plan to the figures of the report."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.errors import InfeasibleError
from planner.network.flow import audit_traffic
from planner.report import build_report, folder_contents
from planner.scenario import Study

from .conftest import StudyOf, plan_with

SHELL = {
    "kind": "walker_delta", "altitude_km": 1200.0, "inclination_deg": 60.0, "satellites": 60, "planes": 6,
    "phasing": 1, "rack": "nvl72_120kw",
}  # fmt: skip
CLUSTER = {"kind": "cluster", "name": "c", "radius_km": 0.3, "rack": "nvl72_120kw"}
NEAR = {"terminal": "suncatcher_short_range", "topology": "cluster_mesh", "terminals": 4}
LONELY = [{"kind": "sun_synchronous", "name": "one", "altitude_km": 650.0, "planes": 1, "satellites_per_plane": 1,
           "rack": "nvl72_120kw"}]  # fmt: skip
ASK = {"source": "Oslo", "target": "Quito", "gbps": 10.0}


def written(study: Study) -> dict[str, str]:
    """Work a study through to its files, all of which must hold nothing but finite numbers."""
    files = folder_contents(study, build_report(study), {})
    for name, text in files.items():
        if name.endswith(".json"):
            json.loads(text, parse_constant=pytest.fail)
        if name.endswith(".csv"):
            cells = {cell.strip().lower() for line in text.splitlines() for cell in line.split(",")}
            assert not cells & {"nan", "inf", "-inf", "infinity"}, name
    return files


TOPOLOGIES = [
    {"fleet": [SHELL | {"name": "w"}], "links": {"topology": "plus_grid"}},
    {"fleet": [SHELL | {"name": "w"}], "links": {"topology": "mutual_nearest", "terminals": 3}},
    {"fleet": [SHELL | {"name": "w"}], "links": {"topology": "matching", "terminals": 2}},
    {
        "fleet": [SHELL | {"name": "w"}],
        "links": {"topology": "matching", "mounting": "four_sides", "field_of_regard_deg": 60.0},
    },
    {
        "fleet": [SHELL | {"name": "low"}, SHELL | {"name": "high", "altitude_km": 1400.0}],
        "links": {"topology": "inter_shell", "terminals": 5},
    },
    {"fleet": [CLUSTER], "links": NEAR},
]


@pytest.mark.parametrize("tables", TOPOLOGIES, ids=lambda tables: "-".join(map(str, tables["links"].values())))
def test_row_30_every_topology_obeys_terminals_and_range_at_every_instant(
    study_of: StudyOf, tables: dict[str, Any]
) -> None:
    links = dict(tables["links"])
    if links["topology"] != "cluster_mesh":
        links["maximum_range_km"] = 8000.0
    study = study_of(fleet=tables["fleet"], links=links)
    table = study.links
    assert len(table.a)
    for time in range(study.times.count):
        rows = table.rows(time)
        used = np.bincount(np.concatenate([table.a[rows], table.b[rows]]), minlength=len(study.fleet))
        assert np.all(used <= study.terminals)
        # Links that are acquired hold terminals beside those that work.
        assert used.sum() + 2 * table.acquiring[time] <= study.terminals.sum()
    assert table.range_km.max() <= study.terminal.maximum_range_km


def test_the_best_instant_reaches_most_then_links_most_then_comes_first(study_of: StudyOf) -> None:
    study = study_of(links={"topology": "matching", "terminals": 2, "maximum_range_km": 5000.0})
    network = study.network
    reach = np.isfinite(study.site_latency_ms).sum(axis=(1, 2)).tolist()
    linked = np.diff(study.links.offsets).tolist()
    ranked = sorted(range(study.times.count), key=lambda time: (-reach[time], -linked[time], time))
    assert network.best_instant == ranked[0]
    assert network.best.at == study.times.datetime_at(ranked[0])


def test_the_network_tells_of_power_churn_and_contacts_what_the_links_say(grid: Study) -> None:
    network, links, terminal = grid.network, grid.links, grid.terminal
    working = np.diff(links.offsets)
    assert working.min() < working.max()  # so that there is churn to tell of
    # Both ends of a link draw working power, all other terminals of the fleet stand by; acquiring ones work as well.
    pointed = 2 * (working + links.acquiring)
    drawn = pointed * terminal.power_w + (4 * 60 - pointed) * terminal.standby_power_w
    assert network.terminal_power_w.sum(axis=1) == pytest.approx(drawn, rel=1e-12)
    assert network.churn.in_use.tolist() == (2 * working).tolist()
    assert network.churn.acquiring.tolist() == (2 * links.acquiring).tolist()
    assert network.contacts_seen.shape == (30, 2)
    # Weather closes neither site, so that one is clear exactly when one of them has a contact.
    assert network.diversity.availability_fraction == pytest.approx(network.contacts_seen.any(axis=1).mean())


def test_capacity_of_contacts_is_that_of_the_antennas_and_unknown_where_none_is_given(study_of: StudyOf) -> None:
    first, second = study_of().plan.model_dump()["sites"]
    best = study_of(sites=[first | {"antenna_gbps": 40.0}, second]).network.best
    rates = best.contact_capacity_gbps
    assert np.all(rates[best.site == 0] == 40.0)
    assert np.all(np.isnan(rates[best.site == 1]))


def test_traffic_is_carried_up_to_what_antennas_let_through(study_of: StudyOf) -> None:
    sites = [site | {"antennas": 1, "antenna_gbps": 7.0} for site in study_of().plan.model_dump()["sites"]]
    study = study_of(sites=sites, traffic=[ASK])
    plan = study.network.traffic
    assert plan is not None
    assert plan.served_gbps == pytest.approx([7.0], rel=1e-6)
    assert plan.unserved[0].short_gbps == pytest.approx(3.0, rel=1e-6)
    assert audit_traffic(plan, study.network.best, plan.demands) == ()


@pytest.mark.parametrize("objective", ["least_delay", "most_traffic", "least_load"])
def test_traffic_is_routed_for_what_the_plan_asks(study_of: StudyOf, objective: str) -> None:
    study = study_of(traffic=[ASK], network={"traffic_objective": objective})
    plan = study.network.traffic
    assert plan is not None
    assert plan.objective == objective
    assert plan.served_gbps == pytest.approx([10.0], rel=1e-6)


def test_a_latency_limit_counts_the_light_time_of_the_path(study_of: StudyOf) -> None:
    study = study_of()
    light_ms = float(study.site_latency_ms[study.network.best_instant, 0, 1])
    tight = study_of(traffic=[ASK | {"maximum_ms": light_ms * 0.99}, ASK | {"maximum_ms": light_ms * 1.01}])
    plan = tight.network.traffic
    assert plan is not None
    assert plan.served_gbps == pytest.approx([0.0, 10.0], abs=1e-6)
    assert plan.unserved[0].reason == "latency"


def test_no_traffic_asked_is_none_carried(grid: Study) -> None:
    assert grid.network.traffic is None


def test_required_traffic_that_cannot_be_carried_is_infeasible_with_the_way_out(study_of: StudyOf) -> None:
    study = study_of(traffic=[ASK | {"gbps": 1e6, "required": True}])
    with pytest.raises(InfeasibleError) as caught:
        _ = study.network.traffic
    assert "Oslo" in caught.value.conflict
    assert "Gbit/s" in caught.value.relaxation


def test_required_traffic_that_cannot_be_carried_ends_the_command_with_status_4(tmp_path: Path) -> None:
    plan = plan_with(traffic=[ASK | {"gbps": 1e6, "required": True}])
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "planner", "run", "plan.json"],
        cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env=os.environ.copy(),
    )  # fmt: skip
    assert done.returncode == InfeasibleError.exit_status == 4
    assert "infeasible: " in done.stderr
    assert "cheapest way out" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "small").exists()


def test_the_data_center_is_the_whole_grid_and_its_parts_fit_each_other(grid: Study) -> None:
    found = grid.network.data_center
    assert found is not None
    assert set(found.members) == set(grid.fleet.names)
    assert found.rack.name == "nvl72_120kw"
    assert 0.0 < found.bisection.lower_gbps <= found.bisection.upper_gbps
    # Cutting one satellite off takes its four links.
    assert found.minimum_cut.capacity_gbps <= 4 * grid.terminal.rate_gbps
    assert found.groups.sizes.sum() == 60
    # The less is wanted, the more train as one; nobody computes more than all the time.
    as_one = [found.as_one(wanted) for wanted in (0.01, 0.5, 0.9, 1.1)]
    assert as_one == sorted(as_one, reverse=True)
    assert as_one[-1] == 0
    assert as_one[0] <= 60
    assert all(found.as_one_rarely(wanted) >= count for wanted, count in zip((0.01, 0.5, 0.9), as_one, strict=False))


def test_satellites_of_the_rarer_type_are_no_part_of_the_data_center(study_of: StudyOf) -> None:
    few = SHELL | {"name": "few", "satellites": 12, "planes": 3, "altitude_km": 1400.0, "rack": "h100_8gpu"}
    links = {"topology": "inter_shell", "terminals": 5, "maximum_range_km": 8000.0}
    found = study_of(fleet=[few, SHELL | {"name": "many"}], links=links).network.data_center
    assert found is not None
    assert {name.split("-")[0] for name in found.members} == {"many"}
    assert len(found.members) == 60


def test_row_26_a_network_without_a_link_has_no_data_center_and_is_written_without_infinities(
    study_of: StudyOf,
) -> None:
    study = study_of(links={"maximum_range_km": 1.0}, traffic=[ASK])
    assert study.network.data_center is None
    assert study.network.resilience.connectivity.largest_component == 1
    assert np.isinf(study.site_latency_ms[:, 0, 1]).all()
    plan = study.network.traffic
    assert plan is not None
    assert plan.served_gbps.tolist() == [0.0]
    assert plan.unserved[0].reason == "unreachable"
    report = json.loads(written(study)["report.json"])
    assert report["figures"]["worst_round_trip_ms"] is None
    assert report["figures"]["mean_links"] == 0


def test_row_26_two_shells_that_no_link_joins_are_worked_through(study_of: StudyOf) -> None:
    fleet = [SHELL | {"name": "low"}, SHELL | {"name": "high", "altitude_km": 1400.0}]
    study = study_of(fleet=fleet)
    assert study.network.resilience.connectivity.component_sizes.tolist() == [60, 60]
    found = study.network.data_center
    assert found is not None
    assert len(found.members) == 60
    assert found.groups.sizes.sum() == 120  # groups part the whole fleet, not the data center alone
    page = written(study)["report.html"]
    assert "2 joined parts" in page
    assert "the laser network is in parts" in page


def test_row_25_one_satellite_is_worked_through(study_of: StudyOf) -> None:
    study = study_of(fleet=LONELY, links={"topology": "matching"})
    assert study.network.data_center is None
    assert study.network.resilience.connectivity.connected
    assert not any("in parts" in note or "ever linked" in note for note in study.warnings)
    report = json.loads(written(study)["report.json"])
    assert report["figures"]["satellites"] == 1


def test_row_25_a_network_without_sites_is_worked_through(study_of: StudyOf) -> None:
    study = study_of(sites=None)
    assert study.site_latency_ms.shape == (30, 0, 0)
    assert study.satellite_latency_ms.shape == (30, 0, 60)
    assert study.network.best_instant == 0
    assert len(study.network.resilience.sites) == 0
    page = written(study)["report.html"]
    assert "The plan has no ground sites." in page


def test_row_25_one_instant_is_worked_through(study_of: StudyOf) -> None:
    time = {"start": "2026-06-21T00:00:00Z", "duration_h": 1.0, "step_s": 3600.0}
    study = study_of(time=time, placement={"slot_min": 60.0})
    assert study.times.count == 1
    assert np.isnan(study.network.churn.made_per_h)
    written(study)


def test_only_the_sites_of_jobs_are_measured_to_every_satellite(study_of: StudyOf) -> None:
    jobs = [{"name": "j", "accelerators": 1, "site": "Quito", "latency_budget_ms": 200.0, "value_usd_h": 1.0}]
    study = study_of(jobs=[*jobs, jobs[0] | {"name": "k"}], sites=[
        site | {"backhaul_ms": 4.0} for site in study_of().plan.model_dump()["sites"]
    ])  # fmt: skip
    assert study.job_sites == ("Quito",)
    assert study.satellite_latency_ms.shape == (30, 1, 60)
    # The nearest satellite is where the shortest contact ends, and the users' backhaul comes on top.
    quito = study.access.site == 1
    time = np.repeat(np.arange(30), np.diff(study.access.offsets))[quito]
    nearest = np.full(30, np.inf)
    np.minimum.at(nearest, time, study.access.delay_ms[quito])
    assert study.satellite_latency_ms[:, 0].min(axis=1) == pytest.approx(nearest + 4.0, rel=1e-12)


def test_losses_of_a_seed_are_the_same_again_and_others_of_another(study_of: StudyOf) -> None:
    def curve(seed: int) -> list[float]:
        network = study_of(network={"seed": seed, "losses": 3}).network
        found: list[float] = network.resilience.random.largest_fraction.tolist()
        return found

    assert curve(1) == curve(1)
    assert curve(1) != curve(2)


def test_a_cluster_of_short_lasers_is_worked_through_in_metres(study_of: StudyOf) -> None:
    time = {"start": "2026-10-01T00:00:00Z", "duration_h": 0.5, "step_s": 60.0}
    study = study_of(fleet=[CLUSTER], links=NEAR, time=time)
    found = study.network.data_center
    assert found is not None
    assert len(found.members) == len(study.fleet)
    page = written(study)["report.html"]
    assert "laser links up to 300 m" in page
    assert "up to 0 km" not in page
