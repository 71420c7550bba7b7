"""How a file of element sets becomes one of another format."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from planner.errors import OutputError, Problem
from planner.orbit import Fleet
from planner.orbit.files.atomic import write_whole
from planner.orbit.files.writing_omm import write_omm_csv, write_omm_json, write_omm_kvn, write_omm_xml
from planner.orbit.files.writing_tle import write_tle

_WRITERS: Final[dict[str, Callable[[Fleet], str]]] = {
    "tle": write_tle,
    "csv": write_omm_csv,
    "json": write_omm_json,
    "xml": write_omm_xml,
    "kvn": write_omm_kvn,
}
_ENDINGS: Final = {"txt": "tle", "3le": "tle"}


def format_of(out: Path, form: str | None) -> str:
    """Return the format to write: the one asked for, or that of the file's ending.

    Raises
    ------
    OutputError
        When neither says.
    """
    ending = out.suffix.lower().removeprefix(".")
    found = form or _ENDINGS.get(ending, ending)
    if found not in _WRITERS:
        raise OutputError(Problem(str(out), f"does not end as one of {', '.join(_WRITERS)}; say which with --to"))
    return found


def convert(fleet: Fleet, out: Path, form: str, *, force: bool) -> None:
    """Write `fleet` as the file `out`, all of it or nothing.

    Raises
    ------
    ElementSetError
        When the format cannot hold a satellite.
    OutputError
        When the file cannot be written, or exists without `force`.
    """
    write_whole(out, _WRITERS[form](fleet).encode(), force=force)
