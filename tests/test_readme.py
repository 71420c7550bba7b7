"""The README's commands work as written, in a fresh copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

IGNORED = shutil.ignore_patterns(
    ".git", ".venv", "out", "__pycache__", ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".benchmarks"
)


def commands(repository: Path) -> list[str]:
    """Return the shell lines of the README's first code block."""
    block = re.search(r"```(?:sh|bash)\n(.*?)```", (repository / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    return [line for line in block[1].splitlines() if line and not line.startswith("#")]


def clean_environment() -> dict[str, str]:
    """Return the environment without the virtual environment that runs this test."""
    kept = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"}}
    inside = str(Path(sys.prefix) / "bin")
    kept["PATH"] = os.pathsep.join(part for part in kept["PATH"].split(os.pathsep) if part != inside)
    return kept


@pytest.fixture(scope="module")
def index_reachable(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where pip cannot get what the commands install; in CI that is a failure, not a skip."""
    tree = tmp_path_factory.mktemp("probe") / "planner"
    shutil.copytree(repository, tree, ignore=IGNORED)
    probe = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    probe += ["--retries", "0", "--timeout", "20", ".[test]"]
    done = subprocess.run(probe, capture_output=True, text=True, cwd=tree, env=clean_environment())
    if done.returncode and not os.environ.get("CI"):
        pytest.skip("no package index with all that the README's commands install can be reached from here")
    assert done.returncode == 0, done.stderr


def test_the_readme_opens_with_two_commands(repository: Path) -> None:
    run, test = commands(repository)
    assert run.startswith("python3 -m venv .venv && ")
    assert run.endswith("planner run examples/01_first_light.toml")
    assert test.startswith("python3 -m venv .venv && ")
    assert test.endswith("python -m pytest")


@pytest.mark.usefixtures("index_reachable")
def test_the_first_command_installs_and_runs_the_first_example(repository: Path, tmp_path: Path) -> None:
    tree = tmp_path / "planner"
    shutil.copytree(repository, tree, ignore=IGNORED)
    done = subprocess.run(
        commands(repository)[0], cwd=tree, shell=True, capture_output=True, text=True, env=clean_environment()
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tree / "out/first_light/report.html").stat().st_size > 100_000


@pytest.mark.usefixtures("index_reachable")
def test_the_second_command_installs_and_passes_the_tests(repository: Path, tmp_path: Path) -> None:
    # The whole suite is running already; the copy runs one file of it, chosen by pytest's own variable, or this
    # test would call itself without end.
    tree = tmp_path / "planner"
    shutil.copytree(repository, tree, ignore=IGNORED)
    environment = {**clean_environment(), "PYTEST_ADDOPTS": "tests/links -q"}
    done = subprocess.run(
        commands(repository)[1], cwd=tree, shell=True, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ passed", done.stdout)


@pytest.mark.usefixtures("index_reachable")
def test_the_wheel_carries_the_element_sets_and_the_embedded_data(repository: Path, tmp_path: Path) -> None:
    tree = tmp_path / "planner"
    shutil.copytree(repository, tree, ignore=IGNORED)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(tree)]
    subprocess.run(build, check=True, capture_output=True, env=clean_environment())
    (wheel,) = tmp_path.glob("*.whl")
    where = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(where), str(wheel)]
    subprocess.run(install, check=True, capture_output=True, env=clean_environment())
    code = (
        "from planner.orbit import bundled_element_sets, read_elements\n"
        "import planner; assert 'installed' in planner.__file__, planner.__file__\n"
        "folder = bundled_element_sets()\n"
        "print(len(read_elements(folder / 'gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle').fleet))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True,
        env={**clean_environment(), "PYTHONPATH": str(where)},
    )  # fmt: skip
    assert done.stdout.strip() == "256", done.stderr
