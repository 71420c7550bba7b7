"""``planner explain`` and ``planner route`` as a user meets them: answers, exit statuses, streams, interrupts."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from planner.cli import cli
from planner.scenario import Study, load_plan

SMALL = """
version = 1
name = "small"
[time]
start = 2026-06-21T00:00:00Z
duration_h = 2.0
step_s = 120.0
[[fleet]]
kind = "sun_synchronous"
name = "dawn"
altitude_km = 650.0
planes = 2
satellites_per_plane = 12
rack = "nvl72_120kw"
[[sites]]
name = "Svalbard"
latitude_deg = 78.23
longitude_deg = 15.41
minimum_elevation_deg = 10.0
backhaul_ms = 14.0
[[sites]]
name = "Fair banks"
latitude_deg = 64.86
longitude_deg = -147.85
minimum_elevation_deg = 10.0
antennas = 1
[[sites]]
name = "South Pole"
latitude_deg = -90.0
longitude_deg = 0.0
minimum_elevation_deg = 89.0
"""
JOINED = "2026-06-21T01:48:00Z"
"""An instant of the small plan at which a way leads from Svalbard to Fair banks."""


def planner(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planner", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment},
    )  # fmt: skip


def said(folder: Path, command: str, *arguments: str) -> str:
    """Return what a question about the small plan prints, asked in this process: no start-up time to wait for."""
    done = CliRunner().invoke(cli, [command, str(folder / "small.toml"), *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "--json" in arguments or max(map(len, done.stdout.splitlines())) <= 80
    return done.stdout


def told(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return the JSON of an answer, which holds nothing that is no number."""
    answer: dict[str, Any] = json.loads(said(folder, *arguments, "--json"), parse_constant=pytest.fail)
    return answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the small plan."""
    made = tmp_path_factory.mktemp("network")
    (made / "small.toml").write_text(SMALL, encoding="utf-8")
    return made


@pytest.mark.parametrize("command", ["explain", "route"])
def test_every_help_fits_80_columns_and_ends_with_an_example(command: str, folder: Path) -> None:
    done = planner(command, "--help", cwd=folder, COLUMNS="80")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stdout.splitlines()[-1].startswith(f"  Example: planner {command} examples/")


def test_explain_says_what_every_rule_found_and_what_the_topology_does(folder: Path) -> None:
    done = planner("explain", "small.toml", "dawn-0-00", "dawn-0-01", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "dawn-0-00 and dawn-0-01 at 2026-06-21 00:00:00 UTC"
    assert max(map(len, lines)) <= 80
    assert "  linked, and the link works" in lines
    assert "  without a break since 2026-06-21 00:00:00 UTC, the plan's start" in lines
    # Chord of 30° in a circle of 7,028 km (650 km above 6,378.1 km): 2 · 7,028 · sin 15° = 3,638 km, and some by J2.
    (range_line,) = [line for line in lines if line.split()[0:1] == ["range"]]
    assert float(range_line.split()[1].replace(",", "")) == pytest.approx(3638.0, abs=15.0)
    assert any(line.startswith("  dawn-0-00, plus_grid: ") for line in lines)
    assert "\x1b" not in done.stdout


def test_explain_says_which_rule_refuses_and_that_the_grid_does_not_pair_them(folder: Path) -> None:
    text = said(folder, "explain", "dawn-0-00", "dawn-0-06", "--at", "2026-06-21T01:00:59Z")
    assert text.startswith("dawn-0-00 and dawn-0-06 at 2026-06-21 01:00:00 UTC\n")
    assert "  asked for 2026-06-21 01:00:59 UTC; this is the plan's nearest instant" in text
    assert "  plus_grid does not pair them: its pairs are fixed\n" in text
    assert "  NO  grazing altitude" in text
    answer = told(folder, "explain", "dawn-0-00", "dawn-0-06", "--at", "2026-06-21T01:01:00Z")
    assert (answer["at"], answer["asked"]) == ("2026-06-21T01:00:00Z", "2026-06-21T01:01:00Z")
    assert (answer["state"], answer["allowed"]) == ("refused", False)
    assert {"range", "grazing altitude"} <= set(answer["refused_by"])
    assert {rule["rule"] for rule in answer["rules"] if not rule["passed"]} == set(answer["refused_by"])
    assert [end["name"] for end in answer["ends"]] == ["dawn-0-00", "dawn-0-06"]


def test_route_at_an_instant_names_the_nodes_of_each_way(folder: Path) -> None:
    text = said(folder, "route", "Svalbard", "Fair banks", "--at", JOINED, "--count", "2")
    assert "  1  round trip " in text
    assert ", Fair banks\n" in text
    answer = told(folder, "route", "Svalbard", "Fair banks", "--at", JOINED, "--count", "2")
    assert answer["reachable"]
    assert len(answer["ways"]) == 2
    for way in answer["ways"]:
        assert (way["nodes"][0], way["nodes"][-1]) == ("Svalbard", "Fair banks")
        assert way["hops"] == len(way["nodes"]) - 1
        assert way["one_way_ms"] == pytest.approx(way["range_km"] / 299.792458, rel=1e-9)
        assert way["round_trip_ms"] == pytest.approx(2 * way["one_way_ms"], rel=1e-12)
        ground_ms = answer["great_circle"]["one_way_ms"]
        assert way["over_vacuum_fraction"] == pytest.approx(way["one_way_ms"] / ground_ms, rel=1e-12)
        assert way["over_vacuum_fraction"] > way["over_fibre_fraction"] > 1.0
    assert answer["backhaul_ms"] == 14.0


def test_route_says_why_there_are_no_more_disjoint_ways(folder: Path) -> None:
    arguments = ("route", "Svalbard", "Fair banks", "--at", JOINED, "--disjoint", "link")
    answer = told(folder, *arguments)
    # Fair banks has one antenna and Svalbard one satellite in view: the separator is the link nearer to the source.
    ((one, other),) = answer["separator"]["links"]
    assert (one, other) == ("Svalbard", answer["ways"][0]["nodes"][1])
    text = " ".join(said(folder, *arguments).split())
    assert f"1 of the 2 ways asked for; there are no more, for every way leads over {one} – {other}" in text
    assert len(answer["ways"]) == 1


def test_route_over_the_plan_tells_how_often_how_long_and_how_steady(folder: Path) -> None:
    text = said(folder, "route", "Svalbard", "Fair banks")
    for label in ("reachable", "round trip", "length", "links", "path changes", "stretch", "great circle"):
        assert f"\n  {label} " in text
    answer = told(folder, "route", "Svalbard", "Fair banks")
    assert answer["instants"] == 60
    assert 0.0 < answer["reachable_fraction"] <= 1.0
    trips = answer["round_trip_ms"]
    assert 0.0 < trips["least"] <= trips["median"] <= trips["worst"]


def test_satellites_are_nodes_too_and_are_held_against_no_great_circle(folder: Path) -> None:
    answer = told(folder, "route", "dawn-0-00", "dawn-0-02", "--at", JOINED)
    assert answer["ways"][0]["nodes"] == ["dawn-0-00", "dawn-0-01", "dawn-0-02"]
    assert answer["great_circle"] is None
    assert answer["ways"][0]["over_fibre_fraction"] is None


def test_row_26_no_way_is_an_answer_with_its_reason_and_without_infinity(folder: Path) -> None:
    for more in ((), ("--at", JOINED)):
        text = said(folder, "route", "Svalbard", "South Pole", *more)
        answer = told(folder, "route", "Svalbard", "South Pole", *more)
        if more:
            assert (answer["reachable"], answer["ways"]) == (False, [])
            assert answer["unreachable"] == "South Pole has no satellite high and near enough"
            assert "  no way: South Pole has no satellite high and near enough\n" in text
        else:
            assert (answer["reachable_fraction"], answer["round_trip_ms"]) == (0.0, None)
            assert answer["longest_gap_s"] == 7200.0
            assert "  reachable     0 % of the time, longest without a way 120 min\n" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "small.toml", "dawn-0-00", "dwan-0-01"), 'no satellite "dwan-0-01"; did you mean "dawn-0-01"?'),
        (("route", "small.toml", "Svalbard", "fairbanks"), 'no node "fairbanks"; did you mean "Fair banks"?'),
        (("route", "small.toml", "Svalbard", "dawn-0-00", "--at", "2026-06-21T02:00:01Z"), "is not within the plan"),
        (("explain", "none.toml", "a", "b"), "none.toml: cannot be read"),
    ],
)
def test_bad_input_exits_with_3_and_one_line(arguments: tuple[str, ...], message: str, folder: Path) -> None:
    done = planner(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"planner: {arguments[1]}: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "small.toml", "dawn-0-00"), "Missing argument 'B'"),
        (("explain", "small.toml", "dawn-0-00", "dawn-0-01", "--at", "2026-06-21T00:00:00"), "is no instant"),
        (("route", "small.toml", "Svalbard", "dawn-0-00", "--count", "2"), "give it with --at"),
        (("route", "small.toml", "Svalbard", "dawn-0-00", "--disjoint", "node"), "give it with --at"),
        (
            ("route", "small.toml", "Svalbard", "dawn-0-00", "--at", JOINED, "--relay", "--count", "2"),
            "--relay goes with",
        ),
        (("route", "small.toml", "Svalbard", "dawn-0-00", "--at", JOINED, "--count", "0"), "1<=x<=100"),
    ],
)
def test_usage_errors_exit_with_2(arguments: tuple[str, ...], message: str, folder: Path) -> None:
    done = planner(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_row_25_one_satellite_without_sites_is_refused_in_a_sentence(tmp_path: Path) -> None:
    text = SMALL[: SMALL.index("[[sites]]")].replace("planes = 2", "planes = 1").replace("plane = 12", "plane = 1")
    (tmp_path / "one.toml").write_text(text, encoding="utf-8")
    for command in ("explain", "route"):
        done = planner(command, "one.toml", "dawn-0-0", "Rome", cwd=tmp_path)
        assert done.returncode == 3
        assert "Traceback" not in done.stderr
        assert 'names look like "dawn-0-0"' in done.stderr


def test_row_28_names_lose_what_a_terminal_would_obey(tmp_path: Path) -> None:
    text = SMALL.replace('"Svalbard"', '"Sval\\u001b[31m\\u202ebard"').replace('"dawn"', '"<script>"')
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")
    for more in ((), ("--json",)):
        done = planner("route", "odd.toml", "Sval[31mbard", "Fair banks", "--at", JOINED, *more, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Sval[31mbard" in done.stdout
        assert not set(done.stdout) & {"\x1b", "\u202e"}
        assert "u001b" not in done.stdout + done.stderr
    refused = planner("route", "odd.toml", "Sval\x1bbad", "Fair banks", cwd=tmp_path)
    assert refused.returncode == 3
    assert "\x1b" not in refused.stderr


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_row_33_an_interrupt_ends_a_long_question_without_a_trace(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    # Long enough to be caught in the act: ten days at ten seconds, a way at each instant.
    text = SMALL.replace("duration_h = 2.0", "duration_h = 240.0").replace("step_s = 120.0", "step_s = 10.0")
    (tmp_path / "long.toml").write_text(text, encoding="utf-8")
    # A suite run in the background of a shell inherits a Ctrl-C that is ignored; a user's terminal does not ignore it.
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import planner.scenario.ways as ways\n"
        "found = ways.route\n"
        # Says so once the kernels are loaded and one way is found, and steps aside.
        "def route(*asked, **options):\n"
        "    answer = found(*asked, **options)\n"
        "    ways.route = found\n"
        "    print('on the way', file=sys.stderr, flush=True)\n"
        "    return answer\n"
        "ways.route = route\n"
        "sys.argv = ['planner', 'route', 'long.toml', 'Svalbard', 'Fair banks']\n"
        "from planner.__main__ import main; main()\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stderr is not None
    assert running.stderr.readline() == "on the way\n"
    time.sleep(0.2)
    running.send_signal(number)
    out, errors = running.communicate(timeout=60)
    assert running.returncode == status, errors
    assert out == ""
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["long.toml"]


def test_row_39_a_reader_that_stops_reading_is_no_error(folder: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m planner explain small.toml dawn-0-00 dawn-0-01 --json | head -1; exit ${{PIPESTATUS[0]}}",
        cwd=folder, shell=True, executable="/bin/bash", capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


def test_row_40_locale_zone_and_hash_seed_change_no_byte(folder: Path) -> None:
    arguments = ("route", "small.toml", "Svalbard", "Fair banks")
    here = planner(*arguments, cwd=folder)
    there = planner(*arguments, cwd=folder, LC_ALL="de_DE.UTF-8", TZ="Asia/Kathmandu", PYTHONHASHSEED="12345")
    assert (here.returncode, here.stderr) == (0, "")
    assert here.stdout == there.stdout


def test_stale_elements_are_warned_of_unless_quiet_and_refused_if_strict(tmp_path: Path) -> None:
    text = SMALL[: SMALL.index("[[fleet]]")] + (
        '[[fleet]]\nkind = "elements"\nname = "real"\nrack = "starlink_v2_mini_class"\nlimit = 30\n'
        'bundled = "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle"\n[links]\ntopology = "mutual_nearest"\n'
        '[[sites]]\nname = "Quito"\nlatitude_deg = -0.2\nlongitude_deg = -78.5\n'
    )
    (tmp_path / "real.toml").write_text(text.replace("2026-06-21", "2026-11-21"), encoding="utf-8")
    names = Study(load_plan(tmp_path / "real.toml")).fleet.names[:2]
    question = ("explain", "real.toml", *names)
    warned, quiet, strict = (planner(*question, *more, cwd=tmp_path) for more in ((), ("--quiet",), ("--strict",)))
    assert warned.returncode == quiet.returncode == 0
    assert warned.stderr.startswith("warning: real: ")
    assert (quiet.stdout, quiet.stderr) == (warned.stdout, "")
    assert (strict.returncode, strict.stdout) == (3, "")
