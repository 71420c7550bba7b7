"""The output folder is written whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from planner.errors import OutputError
from planner.report.folder import reserved, write_folder


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_a_new_folder_holds_exactly_what_was_written(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    with reserved(target, force=False):
        write_folder(target, {"report.json": "{}", "a.csv": "x\n"})
    assert contents(target) == {"report.json": "{}", "a.csv": "x\n"}
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_row_36_a_folder_that_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    target = tmp_path / "out"
    write_folder(target, {"report.json": "old", "costs.csv": ""})
    with pytest.raises(OutputError, match="--force replaces it"), reserved(target, force=False):
        pass
    assert contents(target)["report.json"] == "old"
    with reserved(target, force=True):
        write_folder(target, {"report.json": "new"})
    assert contents(target) == {"report.json": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_row_36_a_folder_of_somebody_elses_files_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "thesis.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="did not write"), reserved(target, force=True):
        pass
    assert contents(target) == {"thesis.tex": "mine"}


def test_row_36_force_never_removes_a_file_that_was_put_beside_the_results(tmp_path: Path) -> None:
    target = tmp_path / "out"
    write_folder(target, {"report.json": "old", "notes.txt": "mine"})
    with pytest.raises(OutputError, match=r"did not write \(notes\.txt\)"), reserved(target, force=True):
        pass
    assert contents(target) == {"report.json": "old", "notes.txt": "mine"}


@pytest.mark.parametrize("name", ["", ".", "..", "/", "a/.."])
def test_row_36_a_folder_that_cannot_be_renamed_is_refused_before_the_work(name: str) -> None:
    with pytest.raises(OutputError, match="give --out a name of its own"), reserved(Path(name), force=True):
        pass


def test_row_36_a_folder_that_may_not_be_read_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    target.mkdir()

    def denied(_: Path) -> None:
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(OutputError, match="Permission denied; nothing was changed"), reserved(target, force=True):
        pass
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_row_33_an_interrupt_while_folders_change_places_brings_the_old_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    write_folder(target, {"report.json": "old"})
    rename = Path.rename
    renames = []

    def interrupted(path: Path, to: Path) -> Path:
        renames.append(path)
        if len(renames) == 2:  # the first moved the old folder aside, the second brings the new one
            raise KeyboardInterrupt
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(target, {"report.json": "new"})
    assert contents(target) == {"report.json": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_row_36_a_full_disk_leaves_the_old_files_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    write_folder(target, {"report.json": "old"})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("planner.report.folder.os.fsync", full)
    with pytest.raises(OutputError, match="No space left on device; nothing was changed"):
        write_folder(target, {"report.json": "new"})
    assert contents(target) == {"report.json": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_row_36_a_parent_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"), reserved(tmp_path / "file" / "out", force=False):
        pass


def test_row_37_a_second_run_into_one_folder_is_refused_by_the_lock(tmp_path: Path) -> None:
    target = tmp_path / "out"
    code = (
        "import sys; from pathlib import Path; from planner.report.folder import reserved\n"
        "from planner.errors import OutputError\n"
        "try:\n    reserved(Path(sys.argv[1]), force=False).__enter__()\n"
        "except OutputError as error:\n    print(error)\n"
    )
    with reserved(target, force=False):
        second = subprocess.run([sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=True)
    assert "another run is writing here" in second.stdout
    with reserved(target, force=False):
        pass
