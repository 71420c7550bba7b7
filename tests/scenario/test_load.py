"""A plan file is read whole, or refused with every problem in one list."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import PlanError
from planner.scenario.load import inside_folder, load_plan, used_defaults
from planner.scenario.size import plan_size, require_size

GOOD = """
version = 1
name = "tiny"
[time]
start = 2026-06-21T00:00:00Z
duration_h = 2.0
[[fleet]]
kind = "sun_synchronous"
name = "dawn"
altitude_km = 650.0
planes = 2
satellites_per_plane = 3
rack = "nvl72_120kw"
[[sites]]
name = "Oslo"
latitude_deg = 59.9
longitude_deg = 10.7
[[jobs]]
name = "chat"
accelerators = 8
site = "Oslo"
latency_budget_ms = 60.0
value_usd_h = 20.0
"""


def plan_file(folder: Path, text: str, name: str = "plan.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str, name: str = "plan.toml") -> list[str]:
    with pytest.raises(PlanError) as caught:
        load_plan(plan_file(folder, text, name))
    assert all(str(problem).startswith(str(folder / name)) for problem in caught.value.problems)
    return [str(problem).removeprefix(str(folder / name)) for problem in caught.value.problems]


def test_a_good_plan_is_read_with_its_defaults_and_their_sources(tmp_path: Path) -> None:
    loaded = load_plan(plan_file(tmp_path, GOOD))
    assert loaded.plan.time.count == 120
    defaults = {default.key: default for default in used_defaults(loaded.plan)}
    assert defaults["links.grazing_altitude_km"].value == 80.0
    assert "Hypatia" in defaults["links.grazing_altitude_km"].source
    assert defaults["sites[0].minimum_elevation_deg"].value == 25.0
    assert "fleet[0].altitude_km" not in defaults


def test_the_same_plan_as_json_has_the_same_digest(tmp_path: Path) -> None:
    import tomllib

    as_toml = load_plan(plan_file(tmp_path, GOOD))
    table = tomllib.loads(GOOD)
    table["time"]["start"] = table["time"]["start"].isoformat()
    as_json = load_plan(plan_file(tmp_path, json.dumps(table), "plan.json"))
    assert as_json.plan == as_toml.plan
    assert as_json.sha256 == as_toml.sha256


def test_all_errors_come_in_one_list(tmp_path: Path) -> None:
    text = GOOD.replace("altitude_km = 650.0", "altitude_km = -3.0").replace("8\n", '"eight"\n')
    text = text.replace('rack = "nvl72_120kw"', 'rack = "nvl72_120k"').replace("duration_h", "duration_s")
    found = problems(tmp_path, text)
    assert len(found) == 4
    assert any("fleet[0].altitude_km: -3.0" in line for line in found)
    assert any("jobs[0].accelerators: 'eight'" in line for line in found)
    assert any('did you mean "nvl72_120kw"?' in line for line in found)
    assert any('time.duration_s: unknown key; did you mean "duration_h"?' in line for line in found)


def test_row_15_a_plan_nested_a_hundred_thousand_deep_is_refused(tmp_path: Path) -> None:
    assert "nested too deeply" in problems(tmp_path, "x = " + "[" * 100_000)[0]
    assert "nested too deeply" in problems(tmp_path, "[" * 100_000, "plan.json")[0]


def test_row_15_a_plan_of_a_hundred_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(PlanError, match=r"100,000,000 bytes; a plan has at most 5,000,000"):
        load_plan(path)


@pytest.mark.parametrize("text", ["fleet = 3", "time = []", "sites = 'Oslo'", "jobs = [[1]]", "name = 3"])
def test_row_15_a_value_of_the_wrong_type_is_refused(tmp_path: Path, text: str) -> None:
    key = text.split(" = ", maxsplit=1)[0]
    assert any(line.startswith((f": {key}", f": {key}[0]")) for line in problems(tmp_path, f"version = 1\n{text}\n"))


def test_row_16_a_duplicate_key_is_refused_with_its_line(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD.replace("planes = 2", "planes = 2\nplanes = 3"))
    assert line.startswith(":12: ")
    assert "twice" in line
    (line,) = problems(tmp_path, '{"version": 1, "version": 1}', "plan.json")
    assert 'key "version" appears twice' in line


def test_row_16_an_unknown_key_gets_a_suggestion(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD.replace("planes = 2", "plains = 2"))
    assert line == ': fleet[0].plains: unknown key; did you mean "planes"?'


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("nan", "finite"),
        ("inf", "finite"),
        ("1e999", "finite"),
        ("true", "valid number"),
        ("9" * 5000, ""),
    ],
)
def test_row_17_a_value_that_is_no_finite_number_is_refused(tmp_path: Path, written: str, complaint: str) -> None:
    (line,) = problems(tmp_path, GOOD.replace("650.0", written))
    assert complaint in line


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_row_17_json_constants_that_are_no_json_are_refused(tmp_path: Path, constant: str) -> None:
    (line,) = problems(tmp_path, f'{{"version": {constant}}}', "plan.json")
    assert constant.lstrip("-") in line


def test_row_18_a_wrong_unit_is_an_unknown_key_with_the_right_one_named(tmp_path: Path) -> None:
    assert any(
        line == ': fleet[0].altitude_m: unknown key; did you mean "altitude_km"?'
        for line in problems(tmp_path, GOOD.replace("altitude_km = 650.0", "altitude_m = 650000.0"))
    )


@pytest.mark.parametrize("altitude", ["-650.0", "0.0", "159.9"])
def test_row_18_an_altitude_below_160_km_is_refused(tmp_path: Path, altitude: str) -> None:
    (line,) = problems(tmp_path, GOOD.replace("650.0", altitude))
    assert f"fleet[0].altitude_km: {altitude}: " in line
    assert "160" in line


def test_row_19_a_time_without_zone_is_refused(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD.replace("00:00:00Z", "00:00:00"))
    assert line == ": time.start: has no time zone; write 2026-06-21T00:00:00Z"


def test_row_19_an_end_before_the_start_is_refused(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD.replace("duration_h = 2.0", "end = 2026-06-20T00:00:00Z"))
    assert "is not after start" in line


@pytest.mark.parametrize("version", [0, 2, 99])
def test_row_20_another_version_is_refused_naming_the_supported_ones(tmp_path: Path, version: int) -> None:
    (line,) = problems(tmp_path, GOOD.replace("version = 1", f"version = {version}"))
    assert line == f": version: {version} is not supported; this planner reads 1"


@pytest.mark.parametrize("name", ["../elements.tle", "/etc/passwd", "a/../../b.tle", "missing.tle", "folder"])
def test_row_23_a_file_outside_the_plans_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(PlanError, match="inside the plan's folder"):
        inside_folder(tmp_path, name, "fleet[0].file")


def test_row_23_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "plans"
    inner.mkdir()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (inner / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(PlanError, match="leads outside"):
        inside_folder(inner, "link", "fleet[0].file")


def test_row_23_a_pipe_or_device_is_refused_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PlanError, match="not a regular file"):
        inside_folder(tmp_path, "pipe", "fleet[0].file")
    with pytest.raises(PlanError, match="not a regular file"):
        load_plan(tmp_path / "pipe")
    with pytest.raises(PlanError, match="not a regular file"):
        load_plan(Path("/dev/zero"))


def test_row_24_a_huge_plan_is_refused_before_it_starts_with_a_step_that_fits(tmp_path: Path) -> None:
    text = GOOD.replace("planes = 2", "planes = 10").replace("per_plane = 3", "per_plane = 10000")
    plan = load_plan(plan_file(tmp_path, text.replace("duration_h = 2.0", "duration_h = 8760.0"))).plan
    with pytest.raises(PlanError, match=r"100,000 satellites × 525,600 steps"):
        require_size(plan, plan_size(plan))
    smaller = load_plan(plan_file(tmp_path, text)).plan.model_copy(update={"jobs": ()})
    smaller = smaller.model_copy(update={"time": smaller.time.model_copy(update={"step_s": 30.0})})
    with pytest.raises(PlanError, match=r"set time.step_s to (\d+)") as caught:
        require_size(smaller, plan_size(smaller))
    step_s = float(str(caught.value).split("step_s to ")[1].split()[0])
    fitting = smaller.model_copy(update={"time": smaller.time.model_copy(update={"step_s": step_s})})
    require_size(fitting, plan_size(fitting))


def test_a_site_that_is_not_there_gets_a_suggestion(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD.replace('site = "Oslo"', 'site = "Osl"'))
    assert line == ': jobs[0].site: no site "Osl"; did you mean "Oslo"?'


def test_a_slot_must_be_whole_steps(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD + "[placement]\nslot_min = 1.5\n")
    assert "not a multiple of time.step_s" in line


def test_an_assumption_that_does_not_exist_is_refused_by_its_path(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD + '[assumptions]\n"accelerators.h100_sxm.power" = 1.0\n')
    assert 'assumptions."accelerators.h100_sxm.power"' in line
    assert "did you mean" in line


def test_an_assumption_set_in_the_plan_says_so(tmp_path: Path) -> None:
    loaded = load_plan(plan_file(tmp_path, GOOD + '[assumptions]\n"accelerators.h100_sxm.power_w" = 650.0\n'))
    figure = loaded.catalog.entry("accelerators", "h100_sxm").assumption("power_w")
    assert figure.value == 650.0
    assert figure.source == "set in the plan"


@given(st.text(max_size=200))
def test_no_text_whatever_crashes_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "plan.toml"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    with pytest.raises(PlanError):
        load_plan(path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["version", "name", "time", "fleet", "sites", "jobs", "kind", "links", "assumptions"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_whatever_crashes_the_reader(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "plan.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(PlanError):
        load_plan(path)
