"""How one file is written: all of it or nothing.

The text goes into a temporary sibling, is flushed to the disk and renamed into place, so that a full disk, a crash or
an interrupt leaves whatever was there before as it was.
"""

import os
import tempfile
from pathlib import Path
from typing import Final

from planner.errors import OutputError, Problem

_MODE: Final = 0o644


def require_writable(path: Path, *, force: bool) -> None:
    """Make sure that `path` may become a file: there is none yet, or `force` allows to replace a regular one.

    Raises
    ------
    OutputError
        Saying which.
    """
    if path.is_dir() or path.name in {"", ".."}:
        raise OutputError(Problem(str(path), "is a folder; give the name of a file"))
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise OutputError(Problem(str(path), "is not a regular file; give another name"))
    if path.exists() and not force:
        raise OutputError(Problem(str(path), "exists; --force replaces it"))


def write_whole(path: Path, data: bytes, *, force: bool) -> None:
    """Write `data` as the file `path`, making its folder where there is none.

    Raises
    ------
    OutputError
        When `require_writable` says no, or when the disk is full or not writable; the file is then as it was.
    """
    require_writable(path, force=force)
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(_MODE)
        part.replace(path)
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}; nothing was changed there"
        raise OutputError(Problem(str(path), reason)) from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
