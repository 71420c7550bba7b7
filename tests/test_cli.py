"""The command line as a user meets it: exit statuses, streams, folders, interrupts."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner.__main__ import stop
from planner.report.folder import FILES as REPLACEABLE

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
[[sites]]
name = "Fairbanks"
latitude_deg = 64.86
longitude_deg = -147.85
minimum_elevation_deg = 10.0
[[jobs]]
name = "batch"
accelerators = 36
replicas = 20
value_usd_h = 60.0
[[jobs]]
name = "chat"
site = "Svalbard"
latency_budget_ms = 120.0
accelerators = 8
replicas = 12
value_usd_h = 25.0
[launch]
vehicles = ["falcon_9", "new_glenn"]
start = 2028-01-01
deadline_months = 12
"""

FILES = {
    "plan.json", "report.html", "report.json", "run.json", "fleet.csv", "orbits.csv", "links.csv", "power.csv",
    "placement.csv", "manifest.csv", "costs.csv",
    "sites.csv", "traffic.csv", "losses.csv", "network.graphml",
}  # fmt: skip
REPRODUCIBLE = FILES - {"run.json"}  # run.json says when and how long


def planner(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planner", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the small plan has been run."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    done = planner("run", "small.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "stdout.txt").write_text(done.stdout, encoding="utf-8")
    (folder / "stderr.txt").write_text(done.stderr, encoding="utf-8")
    return folder


def test_run_writes_exactly_the_promised_files(finished: Path) -> None:
    assert {path.name for path in (finished / "out" / "small").iterdir()} == FILES
    assert [path.name for path in (finished / "out").iterdir()] == ["small"]


def test_force_may_replace_exactly_what_a_run_writes() -> None:
    assert REPLACEABLE == FILES


def test_run_prints_its_result_on_stdout_and_no_bar_on_stderr(finished: Path) -> None:
    text = (finished / "stdout.txt").read_text(encoding="utf-8")
    assert "placement" in text
    assert "gap" in text
    assert "report.html" in text
    assert "\x1b" not in text + (finished / "stderr.txt").read_text(encoding="utf-8")


def test_show_prints_the_same_summary_again(finished: Path) -> None:
    again = planner("show", Path("out") / "small", cwd=finished)
    assert again.returncode == 0
    assert again.stdout == (finished / "stdout.txt").read_text(encoding="utf-8")


def test_show_json_is_the_report_itself(finished: Path) -> None:
    shown = planner("show", "--json", Path("out") / "small", cwd=finished)
    assert json.loads(shown.stdout) == json.loads((finished / "out/small/report.json").read_text(encoding="utf-8"))


def test_the_resolved_plan_reads_back_as_the_same_plan(finished: Path) -> None:
    resolved = json.loads((finished / "out/small/plan.json").read_text(encoding="utf-8"))
    (finished / "again.json").write_text(json.dumps(resolved["plan"]), encoding="utf-8")
    done = planner("check", "--json", "again.json", cwd=finished)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sha256"] == resolved["sha256"]
    assert all(default["source"] for default in resolved["defaults"])
    assert all(figure["source"] and figure["date"] for figure in resolved["assumptions"])


def test_check_says_how_large_a_plan_is(finished: Path) -> None:
    done = planner("check", "small.toml", cwd=finished)
    assert done.returncode == 0
    assert "24 satellites × 60 steps" in done.stdout


def test_schema_is_json_schema_with_every_key_described(finished: Path) -> None:
    schema = json.loads(planner("schema", cwd=finished).stdout)
    assert schema["additionalProperties"] is False
    undescribed = [
        f"{name}.{key}"
        for name, table in schema["$defs"].items()
        for key, value in table["properties"].items()
        if "description" not in value and key != "kind"
    ]
    assert undescribed == []


def test_usage_errors_exit_with_2(finished: Path) -> None:
    assert planner("run", cwd=finished).returncode == 2
    assert planner("fly", cwd=finished).returncode == 2


def test_bad_input_exits_with_3_one_line_per_problem_and_writes_nothing(tmp_path: Path) -> None:
    text = SMALL.replace("650.0", "65.0").replace("nvl72_120kw", "nvl72")
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    done = planner("run", "bad.toml", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


def test_a_plan_that_is_not_there_exits_with_3(tmp_path: Path) -> None:
    done = planner("run", "none.toml", cwd=tmp_path)
    assert done.returncode == 3
    assert "none.toml: cannot be read: No such file or directory" in done.stderr


def test_row_25_one_satellite_without_sites_jobs_or_launch_is_a_valid_plan(tmp_path: Path) -> None:
    text = SMALL[: SMALL.index("[[sites]]")].replace("planes = 2", "planes = 1").replace("plane = 12", "plane = 1")
    (tmp_path / "one.toml").write_text(text, encoding="utf-8")
    done = planner("run", "one.toml", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"]["satellites"] == 1


def test_row_29_a_manifest_that_cannot_be_exits_with_4_and_a_way_out(tmp_path: Path) -> None:
    text = SMALL.replace("deadline_months = 12", "deadline_months = 1").replace(
        'vehicles = ["falcon_9", "new_glenn"]', 'vehicles = ["new_glenn"]'
    )
    text = text.replace("satellites_per_plane = 12", "satellites_per_plane = 600")
    text = text.replace("duration_h = 2.0", "duration_h = 0.1").replace("[placement]", "[placement]")
    (tmp_path / "late.toml").write_text(text + "[placement]\nslot_min = 2.0\n", encoding="utf-8")
    done = planner("run", "late.toml", cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    assert "infeasible" in done.stderr
    assert "cheapest way out" in done.stderr
    assert not (tmp_path / "out" / "small").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_row_33_an_interrupt_leaves_no_file_behind(tmp_path: Path, number: signal.Signals, status: int) -> None:
    # Long enough to be caught in the act: a day at ten seconds.
    text = SMALL.replace("duration_h = 2.0", "duration_h = 24.0").replace("step_s = 120.0", "step_s = 10.0")
    (tmp_path / "long.toml").write_text(text, encoding="utf-8")
    # A suite run in the background of a shell inherits a Ctrl-C that is ignored; a user's terminal does not ignore it.
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.argv = ['planner', 'run', 'long.toml']\n"
        "from planner.__main__ import main; main()\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (tmp_path / "out").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    running.send_signal(number)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == status, errors
    assert "Traceback" not in errors
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(("number", "kind"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_row_33_an_interrupt_waits_until_nothing_swallows_it(number: signal.Signals, kind: type[BaseException]) -> None:
    # A function of a package that compiled code calls back into, where an exception would be lost.
    inside: dict[str, object] = {"__name__": "llvmlite.binding", "raise_signal": signal.raise_signal}
    exec("def callback(number):\n    raise_signal(number)\n    return 'undisturbed'", inside)  # noqa: S102
    before = signal.signal(number, stop)
    try:
        assert inside["callback"](number) == "undisturbed"  # type: ignore[operator]
        with pytest.raises(kind):
            time.sleep(10.0)
    finally:
        signal.signal(number, before)


def test_row_36_a_second_run_keeps_the_first_result_unless_forced(finished: Path) -> None:
    before = (finished / "out/small/report.json").read_bytes()
    refused = planner("run", "small.toml", cwd=finished)
    assert refused.returncode == 3
    assert "--force replaces it" in refused.stderr
    assert (finished / "out/small/report.json").read_bytes() == before


def test_row_39_a_reader_that_stops_reading_is_no_error(finished: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m planner schema | head -1; exit ${{PIPESTATUS[0]}}",
        cwd=finished, shell=True, executable="/bin/bash", capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout == "{\n"
    assert done.stderr == ""


def test_row_40_locale_zone_and_hash_seed_change_no_byte(finished: Path) -> None:
    done = planner(
        "run", "small.toml", "--out", "elsewhere", "--quiet", cwd=finished,
        LC_ALL="de_DE.UTF-8", LANG="tr_TR.UTF-8", TZ="Asia/Kathmandu", PYTHONHASHSEED="12345",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for name in sorted(REPRODUCIBLE):
        first, second = (finished / folder / name for folder in ("out/small", "elsewhere"))
        assert first.read_bytes() == second.read_bytes(), name


def test_row_41_a_run_needs_no_network(finished: Path) -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise RuntimeError('network')\n"
        "socket.socket.__init__ = refuse; socket.getaddrinfo = refuse\n"
        "sys.argv = ['planner', 'run', 'small.toml', '--out', 'offline', '--quiet']\n"
        "from planner.__main__ import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=finished, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
