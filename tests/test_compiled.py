"""Machine code is never older than the sources that it was made from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from planner.compiled import source_digest

HEAD = "from planner.compiled import compiled\n"
CALLEE = HEAD + "from planner.numbers import STEP\n\n\n@compiled\ndef more(x):\n    return x + STEP\n"
CALLER = HEAD + "from planner.callee import more\n\n\n@compiled\ndef run(x):\n    return more(x)\n"


@pytest.fixture
def package(tmp_path: Path, repository: Path) -> Path:
    """Return a package of its own with a kernel that calls another file's, which uses a third one's constant."""
    folder = tmp_path / "planner"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Nothing."""\n', encoding="utf-8")
    (folder / "compiled.py").write_bytes((repository / "planner/compiled.py").read_bytes())
    (folder / "numbers.py").write_text("STEP = 1.0\n", encoding="utf-8")
    (folder / "callee.py").write_text(CALLEE, encoding="utf-8")
    (folder / "caller.py").write_text(CALLER, encoding="utf-8")
    (folder / "aside.py").write_text("UNUSED = 1\n", encoding="utf-8")
    return folder


def run(package: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from planner.caller import run; print(run(1.0))"],
        cwd=package.parent, capture_output=True, text=True, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_constant_changed_two_files_away_is_compiled_anew(package: Path) -> None:
    assert run(package) == "2.0"
    (package / "numbers.py").write_text("STEP = 5.0\n", encoding="utf-8")
    assert run(package) == "6.0"
    (package / "callee.py").write_text(CALLEE.replace("x + STEP", "x - STEP"), encoding="utf-8")
    assert run(package) == "-4.0"
    # Folders of sources that are gone go when nobody has used them for a week.
    stamps = list((package / "__pycache__").glob("kernels-*/last-used"))
    assert len(stamps) == 3
    for stamp in stamps:
        os.utime(stamp, (0, 0))
    assert run(package) == "-4.0"
    assert len(list((package / "__pycache__").glob("kernels-*"))) == 1


def test_the_second_process_finds_what_the_first_compiled(package: Path) -> None:
    assert run(package) == "2.0"
    kept = sorted((package / "__pycache__").rglob("*.nbc"))
    before = [path.stat().st_mtime_ns for path in kept]
    assert kept
    assert run(package) == "2.0"
    assert [path.stat().st_mtime_ns for path in sorted((package / "__pycache__").rglob("*.nbc"))] == before


def test_a_file_that_no_kernel_uses_changes_nothing(package: Path) -> None:
    digest = source_digest(package)
    (package / "aside.py").write_text("UNUSED = 2\n", encoding="utf-8")
    assert source_digest(package) == digest


def test_the_digest_covers_what_kernels_of_this_package_take_from_elsewhere(repository: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "planner"
    shutil.copytree(repository / "planner", copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
    digest = source_digest(copy)
    for path in ("constants.py", "orbit/meanmotion.py", "environment/shadow.py", "orbit/sgp4/turning.py"):
        (copy / path).write_text((copy / path).read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert source_digest(copy) != digest, path
        digest = source_digest(copy)


def test_where_nothing_can_be_written_kernels_still_run(package: Path, tmp_path: Path) -> None:
    (package / "__pycache__").write_text("in the way", encoding="utf-8")
    cache = tmp_path / "cache"
    cache.write_text("in the way", encoding="utf-8")
    assert run(package, XDG_CACHE_HOME=str(cache), PYTHONDONTWRITEBYTECODE="1") == "2.0"


def test_a_package_that_cannot_be_written_keeps_kernels_in_the_users_cache(package: Path, tmp_path: Path) -> None:
    (package / "__pycache__").write_text("in the way", encoding="utf-8")
    assert run(package, XDG_CACHE_HOME=str(tmp_path / "cache"), PYTHONDONTWRITEBYTECODE="1") == "2.0"
    assert list((tmp_path / "cache").rglob("*.nbc"))
