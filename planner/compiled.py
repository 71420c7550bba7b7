"""Hot loops as machine code: the one place that says how this package compiles them, and where it keeps the result.

Numba compiles a kernel at its first call and can keep the machine code on disk. It tells whether that is still good by
the kernel's own file alone, though the code holds inlined functions and constants of other files as well. So it is kept
in a folder named after a digest of every source that kernels are made from: a changed source has another folder.
Where nothing can be written, each process compiles anew. Modules that hold kernels import Numba, so they are imported
inside the functions that call them.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])

_PACKAGE: Final = Path(__file__).resolve().parent
_IMPORT: Final = re.compile(r"^\s*from planner([.\w]*) import ([^#\n]*)", re.MULTILINE)
_MARK: Final = "from planner.compiled import"
_FOLDER: Final = "kernels-"
_STAMP: Final = "last-used"
_KEPT_S: Final = 7 * 86_400.0


def compiled(function: _Function) -> _Function:
    """Compile `function` at its first call, for exactly the array types it is called with.

    The kernel releases the interpreter's lock, divides like NumPy (no exception for a zero) and obeys IEEE 754: no
    operation is reordered, so that the answer does not depend on how a loop was vectorised.
    """
    return _kernel(function, fastmath=False)


def compiled_inline(function: _Function) -> _Function:
    """Compile a small function for use inside kernels; a product and a sum may be fused into one rounding."""
    return _kernel(function, fastmath={"contract"})


def _kernel(function: _Function, *, fastmath: bool | set[str]) -> _Function:
    import numba

    folder, settings = kernel_folder(), cast("Any", numba.config)
    # Read while a function is decorated; put back, for other packages have kernels of their own.
    elsewhere, settings.CACHE_DIR = settings.CACHE_DIR, str(folder or "")
    try:
        made = numba.njit(cache=folder is not None, nogil=True, error_model="numpy", fastmath=fastmath)(function)
    finally:
        settings.CACHE_DIR = elsewhere
    return cast("_Function", made)


@cache
def kernel_folder() -> Path | None:
    """Return the folder of compiled kernels, made if need be: beside the package or in the user's cache.

    None where neither can be written. Folders of other sources that no process has used for a week are removed.
    """
    own_cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    name = _FOLDER + source_digest(_PACKAGE)
    for parent in (_PACKAGE / "__pycache__", Path(own_cache, "orbital-compute-planner").expanduser()):
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _STAMP).touch()
            stamps = [(path, path.stat().st_mtime) for path in parent.glob(f"{_FOLDER}*/{_STAMP}")]
        except (OSError, RuntimeError):  # the second where there is no home folder
            continue
        for stamp, used_s in stamps:
            if used_s < time.time() - _KEPT_S:
                shutil.rmtree(stamp.parent, ignore_errors=True)
        return folder
    return None


def source_digest(package: Path) -> str:
    """Return a digest of the modules that hold kernels and of all that they import from the package, at any depth."""
    wanted = [path for path in sorted(package.rglob("*.py")) if _MARK in path.read_text(encoding="utf-8")]
    seen: dict[Path, bytes] = {}
    while wanted:
        path = wanted.pop()
        if path not in seen:
            seen[path] = path.read_bytes()
            wanted += _imported(package, seen[path].decode("utf-8"))
    digest = hashlib.sha256()
    for path in sorted(seen):
        digest.update(f"{path.relative_to(package)}\0{len(seen[path])}\0".encode() + seen[path])
    return digest.hexdigest()[:16]


def _imported(package: Path, source: str) -> Iterator[Path]:
    """Yield the files of the modules that a source imports from the package."""
    for module, names in _IMPORT.findall(source):
        place = package.joinpath(*module.split(".")[1:])
        candidates = [place.with_suffix(".py"), *(place / f"{name.strip()}.py" for name in names.split(","))]
        yield from (path for path in candidates if path.is_file())
