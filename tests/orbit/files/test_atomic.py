"""One file, all of it or nothing: reliability row 36."""

import os
from pathlib import Path

import pytest

from planner.errors import OutputError
from planner.orbit.files.atomic import write_whole


def test_a_file_is_written_with_its_folder_and_left_readable(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "sets.csv"
    write_whole(path, b"text", force=False)
    assert path.read_bytes() == b"text"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_row_36_a_file_that_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "sets.csv"
    write_whole(path, b"old", force=False)
    with pytest.raises(OutputError, match="exists; --force replaces it"):
        write_whole(path, b"new", force=False)
    assert path.read_bytes() == b"old"
    write_whole(path, b"new", force=True)
    assert path.read_bytes() == b"new"


def test_row_36_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sets.csv"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device; nothing was changed there"):
        write_whole(path, b"new", force=True)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_row_33_an_interrupt_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sets.csv"
    path.write_bytes(b"old")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new", force=True)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["folder", "link", "pipe", "below a file"])
def test_row_36_only_a_regular_file_is_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "out"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(b"")
        path = path / "sets.csv"
    with pytest.raises(OutputError):
        write_whole(path, b"new", force=True)
    assert not (tmp_path / "elsewhere").exists()
