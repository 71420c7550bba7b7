"""``planner elements`` as a user meets it: inspections, conversions and downloads, their exit statuses and streams."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from planner.orbit import bundled_element_sets, read_elements

SETS = bundled_element_sets() / "gpconf"
REAL = SETS / "alpha5-tle" / "alpha5-A-last-30-days-snapshot.tle"
ROWS = SETS / "corrupt-input" / "unedited-rows.csv"
DAMAGED = SETS / "corrupt-input" / "c1-checksum-digit.tle"
COMMANDS = (
    (), ("run",), ("check",), ("schema",), ("show",), ("explain",), ("route",), ("elements",), ("elements", "fetch"),
)  # fmt: skip


def planner(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planner", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_help_fits_80_columns_and_ends_with_an_example(command: tuple[str, ...], tmp_path: Path) -> None:
    done = planner(*command, "--help", cwd=tmp_path, COLUMNS="80")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stdout.splitlines()[-1].startswith("  Example: planner ")


def test_an_inspection_fits_80_columns_and_names_shells_and_faults(tmp_path: Path) -> None:
    done = planner("elements", REAL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == f"{REAL}: 256 satellites, TLE"
    assert max(map(len, lines[1:])) <= 80
    assert "\x1b" not in done.stdout
    assert "  numbers     100404 to 100789, 256 above 99999 (Alpha-5 in a TLE)" in lines
    assert any(line.split()[:4] == ["59", "335.1", "±", "0.1"] and line.endswith("STARLINK") for line in lines)
    assert "not flying  1 at 2026-09-20 15:47 UTC (decayed: below the Earth's surface)" in done.stdout
    assert "stale       2 more than 14 d from" in done.stdout


def test_options_stand_before_or_behind_the_file(tmp_path: Path) -> None:
    behind = planner("elements", REAL, "--json", "--at", "2026-09-21T00:00:00Z", cwd=tmp_path)
    before = planner("elements", "--at", "2026-09-21T00:00:00Z", "--json", REAL, cwd=tmp_path)
    assert behind.returncode == before.returncode == 0
    assert behind.stdout == before.stdout


def test_json_holds_everything_and_nothing_that_is_no_number(tmp_path: Path) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(text)

    done = planner("elements", REAL, "--json", cwd=tmp_path)
    told = json.loads(done.stdout, parse_constant=refuse)
    assert (told["format"], told["satellites"]) == ("TLE", 256)
    assert told["at"] == told["epochs"]["last"] > "2026-09-20T15:47"
    members = [
        number
        for shell in told["shells"]
        for number in [*shell["off_plane"], *(n for plane in shell["planes"] for n in plane["catalog_numbers"])]
    ]
    everybody = read_elements(REAL).fleet.catalog_numbers.tolist()
    assert sorted(members + [thing["catalog_number"] for thing in told["outside_shells"]]) == sorted(everybody)
    assert sum(told["orbit_classes"].values()) == 256
    assert told["not_flying"][0]["reason"].startswith("decayed")
    assert (told["notes"], told["refused"]) == ([], [])


def test_row_40_zone_locale_and_hash_seed_change_no_byte(tmp_path: Path) -> None:
    plain = planner("elements", REAL, cwd=tmp_path)
    other = planner("elements", REAL, cwd=tmp_path, TZ="Asia/Kathmandu", LC_ALL="de_DE.UTF-8", PYTHONHASHSEED="7")
    assert plain.stdout == other.stdout


def test_the_wall_clock_is_used_only_where_it_is_asked_for(tmp_path: Path) -> None:
    now = json.loads(planner("elements", ROWS, "--json", "--at", "now", cwd=tmp_path).stdout)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(now["at"])) < timedelta(hours=1)


@pytest.mark.parametrize("at", ["2026-09-21", "2026-09-21T00:00:00", "yesterday", "", "0001-01-01T00:00:00+12:00"])
def test_row_19_an_instant_without_zone_is_a_usage_error(tmp_path: Path, at: str) -> None:
    done = planner("elements", ROWS, "--at", at, cwd=tmp_path)
    assert done.returncode == 2
    assert "write 2026-06-21T00:00:00Z, with its zone, or now" in done.stderr


def test_row_01_a_faulty_set_is_refused_by_its_line_and_the_others_are_inspected(tmp_path: Path) -> None:
    done = planner("elements", DAMAGED, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout.startswith(f"{DAMAGED}: 2 satellites, TLE\n")
    assert "left out" in done.stdout
    assert f"planner: {DAMAGED}:5: the checksum is 1 but the line sums to 6" in done.stderr
    told = planner("elements", DAMAGED, "--json", cwd=tmp_path)
    assert told.returncode == 3
    assert [problem["place"] for problem in json.loads(told.stdout)["refused"]] == [f"{DAMAGED}:5"]
    accepted = planner("elements", DAMAGED, "--no-checksum", cwd=tmp_path)
    assert accepted.returncode == 0
    assert accepted.stdout.startswith(f"{DAMAGED}: 3 satellites, TLE\n")
    assert "wrong checksum accepted" in accepted.stdout


@pytest.mark.parametrize("name", ["none.tle", "empty.tle", "page.html", "folder"])
def test_row_10_a_file_without_element_sets_exits_with_3_and_prints_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.tle").write_text("")
    (tmp_path / "page.html").write_text("<!DOCTYPE html><html></html>")
    (tmp_path / "folder").mkdir()
    done = planner("elements", name, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith(f"planner: {name}: ")
    assert done.stderr.count("\n") == 1


def test_row_11_strict_refuses_stale_elements_after_showing_them(tmp_path: Path) -> None:
    assert planner("elements", ROWS, cwd=tmp_path).returncode == 0
    done = planner("elements", ROWS, "--strict", "--at", "2026-09-21T00:00:00Z", cwd=tmp_path)
    assert done.returncode == 3
    assert "stale       2 more than 14 d" in done.stdout
    assert "2 of 3 element sets lie more than 14 d from 2026-09-21T00:00:00+00:00" in done.stderr


def test_row_28_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    hostile = ROWS.read_text(encoding="utf-8").replace("ISS (ZARYA)", "\x1b[31mred\u202e\x07")
    (tmp_path / "sets.csv").write_text(hostile, encoding="utf-8")
    done = planner("elements", "sets.csv", "--at", "2026-09-21T00:00:00Z", cwd=tmp_path)
    assert "[31mred" in done.stdout
    assert not set("\x1b\u202e\x07") & set(done.stdout)
    told = planner("elements", "sets.csv", "--json", "--at", "2026-09-21T00:00:00Z", cwd=tmp_path)
    assert "[31mred" in [thing["name"] for thing in json.loads(told.stdout)["stale"]]


def test_row_39_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m planner elements {REAL} --json | head -1; exit ${{PIPESTATUS[0]}}",
        cwd=tmp_path, shell=True, executable="/bin/bash", capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


def test_a_file_called_as_a_command_is_reached_by_its_path(tmp_path: Path) -> None:
    for name in ("fetch", "inspect", "--json"):
        (tmp_path / name).write_bytes(ROWS.read_bytes())
    assert planner("elements", "./fetch", cwd=tmp_path).stdout.startswith("fetch: 3 satellites")
    assert planner("elements", "inspect", cwd=tmp_path).stdout.startswith("inspect: 3 satellites")
    assert planner("elements", "--", "--json", cwd=tmp_path).stdout.startswith("--json: 3 satellites")
    assert planner("elements", "fetch", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("arguments", [(), ("--json",), (REAL, "--fast"), (REAL, "--to", "csv"), (REAL, "--force")])
def test_usage_errors_exit_with_2(tmp_path: Path, arguments: tuple[str | Path, ...]) -> None:
    done = planner("elements", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Usage: planner elements FILE [OPTIONS]" in done.stdout + done.stderr


# Conversion.


@pytest.mark.parametrize("form", ["tle", "csv", "json", "xml", "kvn"])
def test_a_file_is_converted_and_reads_back_as_the_same_satellites(tmp_path: Path, form: str) -> None:
    done = planner("elements", REAL, "--write", f"sets.{form}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"sets.{form}: 256 satellites, {form}\n"
    before, after = read_elements(REAL).fleet, read_elements(tmp_path / f"sets.{form}").fleet
    assert after.catalog_numbers.tolist() == before.catalog_numbers.tolist()
    assert after.mean_anomaly_deg.tolist() == before.mean_anomaly_deg.tolist()
    assert [path.name for path in tmp_path.iterdir()] == [f"sets.{form}"]


def test_the_format_is_that_of_the_ending_unless_it_is_given(tmp_path: Path) -> None:
    assert planner("elements", ROWS, "--write", "sets.txt", "--json", cwd=tmp_path).stdout.find('"format": "tle"') > 0
    assert planner("elements", ROWS, "--write", "sets.dat", "--to", "json", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "sets.dat").read_text(encoding="utf-8"))
    unknown = planner("elements", ROWS, "--write", "sets.elements", cwd=tmp_path)
    assert unknown.returncode == 3
    assert "say which with --to" in unknown.stderr


def test_row_36_a_conversion_keeps_what_exists_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "sets.csv").write_text("mine")
    refused = planner("elements", REAL, "--write", "sets.csv", cwd=tmp_path)
    assert refused.returncode == 3
    assert "sets.csv: exists; --force replaces it" in refused.stderr
    assert (tmp_path / "sets.csv").read_text() == "mine"
    assert planner("elements", REAL, "--write", "sets.csv", "--force", cwd=tmp_path).returncode == 0
    assert len(read_elements(tmp_path / "sets.csv").fleet) == 256


def test_row_06_a_number_that_no_tle_holds_is_refused_by_name_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text(ROWS.read_text(encoding="utf-8").replace(",25544,", ",799501234,"))
    done = planner("elements", "long.csv", "--write", "out.tle", cwd=tmp_path)
    assert done.returncode == 3
    assert "ISS (ZARYA)" in done.stderr
    assert "799501234" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["long.csv"]


def test_a_file_with_a_fault_is_not_converted(tmp_path: Path) -> None:
    done = planner("elements", DAMAGED, "--write", "out.csv", cwd=tmp_path)
    assert done.returncode == 3
    assert list(tmp_path.iterdir()) == []
    accepted = planner("elements", DAMAGED, "--write", "out.csv", "--no-checksum", cwd=tmp_path)
    assert accepted.returncode == 0
    assert "warning: " in accepted.stderr
    assert planner("elements", DAMAGED, "--write", "out.csv", "--strict", cwd=tmp_path).returncode == 2


# Downloads, from a server on this machine.


local = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def served(server: Any) -> Any:
    """A server that answers with the bundled rows."""
    server.says(ROWS.read_bytes())
    return server


def fetch(served: Any, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return planner(
        "elements", "fetch", *arguments, "--base-url", served.url, cwd=cwd, XDG_CACHE_HOME=str(cwd / "cache"),
        HOME=str(cwd), no_proxy="127.0.0.1",
    )  # fmt: skip


def files_below(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@local
def test_a_group_is_fetched_once_and_then_taken_from_the_cache(tmp_path: Path, served: Any) -> None:
    first, second = (fetch(served, "stations", cwd=tmp_path) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stdout.startswith("stations: 3 satellites, downloaded now; next from ")
    assert "not asked for again; next from " in second.stdout
    path = Path(first.stdout.splitlines()[-1])
    assert path.read_bytes() == ROWS.read_bytes()
    assert second.stdout.splitlines()[-1] == str(path)
    assert len(served.asked) == 1
    assert planner("elements", path, cwd=tmp_path).returncode == 0


@local
def test_row_36_a_copy_is_written_where_it_is_wanted_and_replaces_nothing_unasked(tmp_path: Path, served: Any) -> None:
    done = fetch(served, "stations", "--out", "mine/sets.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["group"], told["path"], told["satellites"], told["fresh"]) == ("stations", "mine/sets.csv", 3, True)
    assert (tmp_path / "mine/sets.csv").read_bytes() == ROWS.read_bytes()
    refused = fetch(served, "gps-ops", "--out", "mine/sets.csv", cwd=tmp_path)
    assert refused.returncode == 3
    assert "mine/sets.csv: exists; --force replaces it" in refused.stderr
    assert len(served.asked) == 1
    assert fetch(served, "gps-ops", "--out", "mine/sets.csv", "--force", cwd=tmp_path).returncode == 0


@local
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_row_33_an_interrupted_download_leaves_nothing(
    tmp_path: Path, served: Any, number: signal.Signals, status: int
) -> None:

    def hang(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(ROWS.read_bytes()[:50])
        request.wfile.flush()
        served.over.wait()

    served.answer = hang
    # A suite run in the background of a shell inherits a Ctrl-C that is ignored; a user's terminal does not ignore it.
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"sys.argv = ['planner', 'elements', 'fetch', 'stations', '--cache', 'cache', '--base-url', {served.url!r}]\n"
        "from planner.__main__ import main; main()\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "no_proxy": "127.0.0.1"},
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not served.asked and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    running.send_signal(number)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == status, errors
    assert "Traceback" not in errors
    assert files_below(tmp_path) == set()


def test_row_41_a_fetch_without_network_is_one_error(tmp_path: Path) -> None:
    # Port 9 of this machine (discard) has no listener; were there one, it would not speak HTTP.
    done = planner(
        "elements", "fetch", "stations", "--cache", "cache", "--base-url", "http://127.0.0.1:9/", "--timeout", "5",
        cwd=tmp_path, no_proxy="127.0.0.1",
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("planner: http://127.0.0.1:9/?GROUP=stations&FORMAT=csv: ")
    assert done.stderr.count("\n") == 1
    assert files_below(tmp_path) == set()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [((), 2), (("stations", "--format", "html"), 2), (("stations", "--timeout", "0"), 2), (("../stations",), 3),
     (("stations", "--base-url", "file:///etc/passwd"), 3)],
)  # fmt: skip
def test_a_fetch_of_nothing_is_refused(tmp_path: Path, arguments: tuple[str, ...], status: int) -> None:
    assert planner("elements", "fetch", *arguments, cwd=tmp_path).returncode == status
    assert list(tmp_path.iterdir()) == []
