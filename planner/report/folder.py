"""The output folder: all of it or nothing, one writer at a time, nobody else's files touched.

Files are written into a temporary sibling, flushed to disk and renamed into place, so that a full disk, a crash or an
interrupt leaves whatever was there before as it was.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from planner.errors import OutputError, Problem

MARK: Final = "report.json"
"""A folder that holds this file, and nothing but `FILES`, is a result of the planner."""
_TABLES: Final = (
    "fleet", "orbits", "links", "power", "placement", "manifest", "costs", "sites", "traffic", "losses",
)  # fmt: skip
FILES: Final = frozenset(
    {"plan.json", "report.html", MARK, "run.json", "network.graphml"} | {f"{table}.csv" for table in _TABLES}
)
"""What the planner writes, and all that ``--force`` may replace."""


@contextmanager
def reserved(folder: Path, *, force: bool) -> Iterator[None]:
    """Hold `folder` for this process.

    Raises
    ------
    OutputError
        When another run holds it, when it exists and `force` is off, when it holds something that the planner did
        not write, when it has no name of its own to replace, or when its parent cannot be written.
    """
    if folder.name in {"", ".."}:
        raise OutputError(Problem(str(folder), "is no folder that could be replaced; give --out a name of its own"))
    lock = FileLock(folder.parent / f".{folder.name}.lock")
    try:
        _take(lock, folder, force=force)
        yield
    finally:
        if lock.is_locked:
            # Removed while still held: filelock drops a lock whose file has lost its name and takes the new one.
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()


def _take(lock: FileLock, folder: Path, *, force: bool) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        _require_replaceable(folder, force=force)
    except Timeout:
        if Path(lock.lock_file).exists():
            reason = "another run is writing here; wait for it, or choose another folder with --out"
        else:
            reason = f"no file can be made in {folder.parent}; choose another folder with --out"
        raise OutputError(Problem(str(folder), reason)) from None
    except OSError as error:
        raise OutputError(_problem(folder, error)) from None


def write_folder(folder: Path, contents: Mapping[str, str]) -> None:
    """Write `contents` (file name to text) as `folder`, replacing what the planner wrote there before.

    Raises
    ------
    OutputError
        When the disk is full or not writable; the folder is then as it was.
    """
    staging: Path | None = None
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        for name, text in contents.items():
            with (staging / name).open("w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        staging.chmod(0o755)
        _swap(staging, folder)
    except OSError as error:
        raise OutputError(_problem(folder, error)) from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def _swap(staging: Path, folder: Path) -> None:
    """Put `staging` where `folder` is; on failure put the old folder back."""
    if not folder.exists():
        staging.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.rename(old / folder.name)
    try:
        staging.rename(folder)
    finally:
        # Whatever stopped the rename, an interrupt included, the old folder is still whole and goes back.
        if not folder.exists():
            (old / folder.name).rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def _require_replaceable(folder: Path, *, force: bool) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OutputError(Problem(str(folder), "exists and is not a folder; choose another with --out"))
    if not folder.exists() or not any(folder.iterdir()):
        return
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in FILES or not path.is_file())
    if foreign or not (folder / MARK).is_file():
        named = f" ({', '.join(foreign[:3])}{' …' if len(foreign) > 3 else ''})" if foreign else ""
        raise OutputError(
            Problem(str(folder), f"holds files that the planner did not write{named}; choose another folder with --out")
        )
    if not force:
        raise OutputError(Problem(str(folder), "exists; --force replaces it, --out chooses another folder"))


def _problem(folder: Path, error: OSError) -> Problem:
    where = f" ({error.filename})" if error.filename and str(error.filename) != str(folder) else ""
    return Problem(str(folder), f"cannot be written: {error.strerror or error}{where}; nothing was changed there")
