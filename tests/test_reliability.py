"""What users do to the planner from outside: odd plans, odd streams, odd folders. Rows are those of the fault list."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InputError, PlanError
from planner.report import build_report, folder_contents, read_report, write_folder
from planner.scenario import Study, load_plan, parse_plan

PLAN: dict[str, Any] = {
    "version": 1,
    "name": "small",
    "time": {"start": "2026-06-21T00:00:00Z", "duration_h": 0.5, "step_s": 300.0},
    "fleet": [
        {
            "kind": "sun_synchronous", "name": "dawn", "altitude_km": 650.0, "planes": 2, "satellites_per_plane": 3,
            "rack": "nvl72_120kw",
        }
    ],
    "sites": [{"name": "Svalbard", "latitude_deg": 78.23, "longitude_deg": 15.41, "minimum_elevation_deg": 10.0}],
    "jobs": [{"name": "batch", "accelerators": 36, "replicas": 2, "value_usd_h": 60.0}],
}  # fmt: skip
ELEMENTS: dict[str, Any] = {
    "kind": "elements", "name": "real", "bundled": "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle",
    "rack": "starlink_v2_mini_class", "limit": 5,
}  # fmt: skip


def plan_with(**changes: Any) -> dict[str, Any]:
    """Return the plan with values at dotted paths replaced, a double underscore for each dot."""
    plan = copy.deepcopy(PLAN)
    for path, value in changes.items():
        *tables, key = [int(part) if part.isdigit() else part for part in path.split("__")]
        table: Any = plan
        for part in tables:
            table = table.setdefault(part, {}) if isinstance(table, dict) else table[part]
        table[key] = value
    return plan


def refusal(**changes: Any) -> str:
    with pytest.raises(PlanError) as caught:
        parse_plan(plan_with(**changes))
    return str(caught.value)


def report_of(plan: dict[str, Any]) -> tuple[Study, dict[str, Any]]:
    """Work a plan through to its files; return the study and what report.json holds."""
    study = Study(parse_plan(plan))
    report = build_report(study)
    files = folder_contents(study, report, {})
    return study, json.loads(files["report.json"], parse_constant=pytest.fail)


def planner(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planner", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
    return tmp_path


def test_row_12_a_lost_satellite_is_listed_and_leaves_every_number_finite() -> None:
    # Two years after their epoch some of these low satellites have come down by SGP4's own account.
    plan = plan_with(fleet=[ELEMENTS | {"limit": 40}], links__topology="mutual_nearest", sites=[], jobs=[])
    plan["time"]["start"] = "2028-09-21T00:00:00Z"
    study, report = report_of(plan)
    assert 0 < report["figures"]["satellites_lost"] < 40
    assert any("lost from the moment SGP4 failed" in warning for warning in report["warnings"])
    assert 0.0 <= report["figures"]["compute_fraction"] <= 1.0
    assert study.budget.compute_w[~study.flight.alive].sum() == 0.0


@pytest.mark.parametrize("version", [True, 1.0, "1", None, 2])
def test_row_17_a_version_is_the_whole_number_itself(version: object) -> None:
    assert "this planner reads 1" in refusal(version=version)


def test_row_17_an_assumption_too_large_for_a_float_is_refused_by_its_place() -> None:
    assert "assumptions.launch_vehicles.falcon_9.price_usd" in refusal(
        assumptions={"launch_vehicles.falcon_9.price_usd": 10**400}
    )


@pytest.mark.parametrize(
    ("figure", "value", "says"),
    [
        ("launch_vehicles.falcon_9.price_usd", -1.0, "is negative"),
        ("home_nodes.powerwall_node.energy_usd_kwh", -0.1, "is negative"),
        ("terrestrial_sites.gigawatt_claimed.availability_fraction", 1.5, "more than the whole"),
        ("launch_vehicles.falcon_9.price_usd", 1e30, "is it in USD?"),
        ("container_sites.megapod.chips_life_yr", 1e-30, "is it in yr?"),
    ],
)
def test_row_18_an_assumption_of_the_wrong_sign_or_unit_is_refused(figure: str, value: float, says: str) -> None:
    text = refusal(assumptions={figure: value})
    assert text.startswith(f'plan: assumptions."{figure}": {value:g} ')
    assert says in text


def test_row_18_a_rate_may_be_negative() -> None:
    parse_plan(plan_with(assumptions={"finance.capital.discount_rate_fraction": -0.02}))


def test_row_18_a_step_finer_than_the_clock_is_refused() -> None:
    assert "time.step_s" in refusal(time__step_s=100.0 / 3.0)


@pytest.mark.parametrize(("planes", "spacing_deg"), [(2, 0.0), (13, 30.0)])
def test_row_18_planes_that_coincide_are_refused_with_all_other_errors(planes: int, spacing_deg: float) -> None:
    text = refusal(fleet__0__planes=planes, fleet__0__plane_spacing_deg=spacing_deg, sites__0__latitude_deg=91.0)
    assert f"makes two of {planes} planes coincide" in text
    assert "sites[0].latitude_deg" in text


@pytest.mark.parametrize(
    "start", ["1957-10-04T00:00:00Z", "1999-12-31T23:50:00Z", "2053-10-08T23:50:00Z", "2149-12-31"]
)
def test_row_19_a_plan_beyond_the_ephemeris_is_worked_through_with_a_warning(start: str) -> None:
    start = start if "T" in start else f"{start}T12:00:00Z"
    _, report = report_of(plan_with(time__start=start))
    assert any("embedded ephemeris" in warning for warning in report["warnings"])


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"time__duration_h": 1e-300}, "time.duration_h"),
        ({"time__end": "9999-12-31T00:00:00Z", "time__duration_h": None}, "time: end"),
        ({"time__start": "tomorrow"}, "time.start: 'tomorrow': must be a time"),
        ({"jobs__0__start_h": 0.5}, "jobs[0].start_h"),
        ({"jobs__0__duration_h": 1.0}, "jobs[0].duration_h"),
        ({"launch": {"vehicles": ["falcon_9"], "start": "9999-12-31", "deadline_months": 12}}, "launch.start"),
    ],
)
def test_row_19_times_that_cannot_be_are_refused_by_their_place(changes: dict[str, Any], place: str) -> None:
    assert f"plan: {place}" in refusal(**changes)


@pytest.mark.parametrize("name", ["a\x00b", "half \ud800", "x" * 5000, "..", ""])
def test_row_23_no_name_of_an_element_file_can_crash_the_reader(name: str) -> None:
    study = Study(parse_plan(plan_with(fleet=[{**ELEMENTS, "bundled": name}])))
    with pytest.raises(PlanError, match=r"fleet\[0\]\.bundled") as caught:
        _ = study.fleet
    assert len(str(caught.value)) < 400


def test_row_24_a_designed_fleet_that_would_not_fit_is_refused_before_it_is_made() -> None:
    shell = {
        "kind": "walker_delta", "altitude_km": 550.0, "inclination_deg": 53.0, "satellites": 100_000, "planes": 100,
        "rack": "nvl72_120kw",
    }  # fmt: skip
    plan = plan_with(fleet=[shell | {"name": f"shell {i}"} for i in range(100)], time__duration_h=24.0)
    with pytest.raises(PlanError, match="10,000,000 satellites"):
        _ = Study(parse_plan(plan)).fleet


def test_row_24_the_step_it_suggests_divides_the_slot() -> None:
    plan = plan_with(fleet__0__planes=100, fleet__0__satellites_per_plane=50, time__duration_h=24.0, time__step_s=60.0)
    with pytest.raises(PlanError, match=r"set time\.step_s to \d+ or more") as caught:
        _ = Study(parse_plan(plan | {"limits": {"memory_gb": 1.0}})).fleet
    step_s = float(str(caught.value).split("step_s to ")[1].split()[0])
    plan["time"]["step_s"] = step_s
    assert len(Study(parse_plan(plan | {"limits": {"memory_gb": 1.0}})).fleet) == 5000


def test_row_25_a_fleet_that_already_flies_needs_no_flight_and_says_that_its_launch_is_left_out() -> None:
    launch = {"vehicles": ["falcon_9"], "start": "2028-01-01", "deadline_months": 12}
    plan = plan_with(fleet=[ELEMENTS], links__topology="mutual_nearest", launch=launch)
    plan["time"]["start"] = "2026-09-21T00:00:00Z"
    _, report = report_of(plan)
    assert report["figures"]["flights"] == 0
    assert report["options"][0]["title"].endswith("launch left out")
    assert any("already fly" in warning for warning in report["warnings"])


@pytest.mark.parametrize("missing", ["sites", "jobs"])
def test_row_25_a_plan_without_sites_or_jobs_is_worked_through(missing: str) -> None:
    _, report = report_of(plan_with(**{missing: []}))
    assert report["figures"]["satellites"] == 6


def test_row_26_a_fleet_in_which_nothing_is_ever_linked_says_so() -> None:
    _, report = report_of(plan_with(links__maximum_range_km=1.0))
    assert any("no two satellites are ever linked" in warning for warning in report["warnings"])


@pytest.mark.parametrize(("first", "second"), [("Oslo", "Oslo\u200b"), ("a\tb", "a b"), ("\u202eOslo", "Oslo")])
def test_row_28_names_that_look_alike_are_refused(first: str, second: str) -> None:
    site = PLAN["sites"][0]
    assert "rename one" in refusal(sites=[site | {"name": first}, site | {"name": second}])


@pytest.mark.parametrize("name", [" ", "\x01\x02", "\u200b"])
def test_row_28_a_name_that_shows_nothing_is_refused(name: str) -> None:
    assert "shows nothing" in refusal(sites__0__name=name)


def test_row_28_a_site_with_the_name_of_a_satellite_is_refused() -> None:
    with pytest.raises(PlanError, match=r'the name "dawn-0-0" also stands in sites\[0\]'):
        _ = Study(parse_plan(plan_with(sites__0__name="dawn-0-0"))).fleet


def test_what_a_room_warns_of_reaches_the_report() -> None:
    # Without a battery this type cannot even feed its bus in shadow.
    plan = plan_with(time__duration_h=2.0, assumptions={"rack_satellites.nvl72_120kw.battery_wh": 0.0})
    _, report = report_of(plan)
    assert any("cannot feed the bus" in warning for warning in report["warnings"])


def test_row_28_what_a_terminal_would_obey_is_left_out_of_errors_and_warnings(folder: Path) -> None:
    (folder / "plan.json").write_text(json.dumps(plan_with(fleet=[{**ELEMENTS, "bundled": "\x1b[31m\u202e"}])))
    done = planner("run", "plan.json", cwd=folder)
    assert done.returncode == 3
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr


def test_the_resolved_plan_keeps_every_digit_and_character(tmp_path: Path) -> None:
    loaded = parse_plan(plan_with(description="two\nlines", sites__0__latitude_deg=78.123456789012))
    study = Study(loaded)
    resolved = json.loads(folder_contents(study, build_report(study), {})["plan.json"])
    (tmp_path / "again.json").write_text(json.dumps(resolved["plan"]), encoding="utf-8")
    assert load_plan(tmp_path / "again.json").sha256 == loaded.sha256


@pytest.mark.parametrize("text", ["3", "{}", '{"figures": {}}', '{"figures": 3}', "[", "[" * 100_000, "\x00"])
def test_a_report_that_is_none_is_refused_when_shown(tmp_path: Path, text: str) -> None:
    write_folder(tmp_path / "out", {"report.json": text})
    with pytest.raises(InputError, match="is not a report"):
        read_report(tmp_path / "out")


def test_what_is_wrong_with_a_plan_only_when_worked_through_names_its_file(folder: Path) -> None:
    (folder / "plan.json").write_text(json.dumps(plan_with(links__terminals=1)))
    done = planner("run", "plan.json", cwd=folder)
    assert done.returncode == 3
    assert done.stderr.startswith("planner: plan.json: satellite dawn-")


def test_row_36_a_standard_output_that_is_full_is_one_line_and_the_folder_is_whole(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "planner", "run", "plan.json", "-q"], cwd=folder, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 3
    assert done.stderr.decode().count("\n") == 1
    assert (folder / "out" / "small" / "report.json").is_file()


def test_row_39_a_run_whose_reader_has_gone_has_still_run(folder: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m planner run plan.json | true; exit ${{PIPESTATUS[0]}}",
        cwd=folder, shell=True, executable="/bin/bash", capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert (folder / "out" / "small" / "report.json").is_file()


def test_row_40_notes_on_elements_do_not_say_where_the_plan_lies(folder: Path, repository: Path) -> None:
    lines = (repository / "tle" / ELEMENTS["bundled"]).read_text(encoding="utf-8").splitlines()[:3]
    (folder / "twice.tle").write_text("\n".join([*lines, *lines]) + "\n", encoding="utf-8")
    own = {"kind": "elements", "name": "own", "file": "twice.tle", "rack": "starlink_v2_mini_class"}
    study = Study(parse_plan(plan_with(fleet=[own], time__start="2026-09-21T00:00:00Z"), folder=folder))
    (note,) = study.element_notes
    assert note.startswith("own: identical rows of one object collapsed")


def test_row_40_a_terminal_that_lacks_a_character_is_no_error(folder: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-m", "planner", "run", "plan.json"], cwd=folder, capture_output=True, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_row_43_a_plan_without_any_output_says_what_to_change() -> None:
    # At the June solstice the Sun stands at right ascension 90°; a satellite over 270° is in the middle of the shadow.
    fleet = {
        "kind": "walker_delta", "name": "dark", "altitude_km": 650.0, "inclination_deg": 0.0, "satellites": 1,
        "planes": 1, "raan_deg": 270.0, "rack": "nvl72_120kw",
    }  # fmt: skip
    plan = plan_with(
        fleet=[fleet], jobs=[], launch=None, satellites__eclipse_policy="throttle",
        time__start="2026-06-21T00:00:00Z", time__duration_h=0.1, time__step_s=60.0, placement__slot_min=2.0,
    )  # fmt: skip
    with pytest.raises(PlanError, match=r"satellites\.eclipse_policy: no satellite ever has power"):
        _ = Study(parse_plan(plan)).comparison


def test_row_43_a_budget_that_pays_for_nothing_says_what_a_flight_costs() -> None:
    launch = {
        "vehicles": ["falcon_9"], "start": "2028-01-01", "deadline_months": 12, "objective": "maximum_capacity",
        "budget_usd": 1.0,
    }  # fmt: skip
    with pytest.raises(PlanError, match=r"launch: no satellite flies \(budget: .* one more flight costs \$[\d.]+ M"):
        _ = Study(parse_plan(plan_with(launch=launch))).comparison


def test_row_43_satellites_that_no_vehicle_lifts_are_not_blamed_on_the_budget() -> None:
    launch = {
        "vehicles": ["electron"], "start": "2028-01-01", "deadline_months": 12, "objective": "maximum_capacity",
        "budget_usd": 1e9,
    }  # fmt: skip
    with pytest.raises(PlanError, match=r"no satellite flies \(one satellite exceeds the mass or the volume"):
        _ = Study(parse_plan(plan_with(launch=launch))).comparison
