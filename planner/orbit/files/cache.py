"""What this machine keeps of what it downloaded: where, since when, and the last answer of the server to each group.

One folder to a server; in it a copy of each group and a note of the last answer, which is what keeps a group from being
asked for too often. One process at a time works on a group.
"""

import json
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from planner.errors import OutputError, Problem
from planner.orbit.files.atomic import write_whole

if TYPE_CHECKING:
    from filelock import FileLock

BETWEEN_QUESTIONS: Final = timedelta(hours=2)
"""CelesTrak checks for new data this often: https://celestrak.org/NORAD/documentation/gp-data-formats.php."""


@dataclass(frozen=True)
class LastAnswer:
    """What is remembered of the last answer.

    Attributes
    ----------
    asked
        When the group was asked for, UTC.
    form
        In which format.
    fault
        Why nothing came of it; empty when a copy did.
    """

    asked: datetime
    form: str
    fault: str = ""

    @property
    def next_question(self) -> datetime:
        """When the group may be asked for again."""
        return self.asked + BETWEEN_QUESTIONS


def cache_folder() -> Path:
    """Return where this machine's user keeps what can be downloaded again.

    ``$XDG_CACHE_HOME`` or ``~/.cache`` (XDG Base Directory Specification 0.8), ``~/Library/Caches`` on macOS,
    ``%LOCALAPPDATA%`` on Windows.

    Raises
    ------
    OutputError
        When the user has no home.
    """
    system = platform.system()
    variable = {"Windows": "LOCALAPPDATA", "Darwin": ""}.get(system, "XDG_CACHE_HOME")
    given = Path(os.environ.get(variable, "")) if variable else Path()
    try:
        usual = {"Windows": "AppData/Local", "Darwin": "Library/Caches"}.get(system, ".cache")
        # The specification has a relative path ignored.
        root = given if given.is_absolute() else Path.home() / usual
    except RuntimeError:
        raise OutputError(Problem("cache", "this user has no home folder; name a cache with --cache")) from None
    return root / "orbital-compute-planner" / "elements"


def folder_name(base_url: str) -> str:
    """Return the address as the name of a folder: copies from one server never stand for another's."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", base_url.split("://", 1)[1]).strip("-.")


def remembered(path: Path, now: datetime) -> LastAnswer | None:
    """Return what is remembered of a group; a question from the future was asked now, by a clock set back since.

    Raises
    ------
    OutputError
        When it cannot be read or put right.
    """
    try:
        text = json.loads(path.read_text(encoding="utf-8"))
        record = LastAnswer(datetime.fromisoformat(text["asked"]), str(text["form"]), str(text["fault"]))
        future = record.asked > now
        if not (record.fault or record.form.isalnum()):
            raise ValueError(record.form)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(Problem(str(path), f"cannot be read: {error.strerror or error}")) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        # Damaged: when the group was asked for is not known, so it may have been just now.
        record, future = LastAnswer(now, "", "the note about the last answer is damaged"), True
    if future:
        record = replace(record, asked=now)
        remember(path, record)
    return record


def remember(path: Path, record: LastAnswer) -> None:
    """Write down the last answer.

    Raises
    ------
    OutputError
        When that cannot be written.
    """
    write_whole(path, (json.dumps(asdict(record), default=datetime.isoformat) + "\n").encode(), force=True)


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Hold the group called `name` for this process.

    Raises
    ------
    OutputError
        When another process holds it, or when `folder` cannot be written.
    """
    from filelock import FileLock

    lock = FileLock(folder / f".{name}.lock")
    try:
        _take(lock, folder)
        yield
    finally:
        if lock.is_locked:
            # Removed while still held: filelock drops a lock whose file has lost its name and takes the new one.
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()


def _take(lock: "FileLock", folder: Path) -> None:
    from filelock import Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        reason = "another run is downloading this group; wait for it"
        if not Path(lock.lock_file).exists():
            reason = "no file can be made there; name another cache with --cache"
        raise OutputError(Problem(str(folder), reason)) from None
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}; name another cache with --cache"
        raise OutputError(Problem(str(folder), reason)) from None
