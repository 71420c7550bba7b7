"""Which element sets CelesTrak publishes now: one group, downloaded into a cache and never asked for too often.

CelesTrak checks for new data every two hours and asks that nobody downloads a group more often
(https://celestrak.org/NORAD/documentation/gp-data-formats.php); whoever keeps asking after an answer other than 200 is
shut out (https://celestrak.org/usage-policy.php, 2026-05-22). So every answer, a refusal too, is remembered beside the
copy, and no question leaves this machine before two hours have passed. Nothing else in this package needs a network.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from planner.errors import ElementSetError, FetchError, OutputError, Problem
from planner.orbit.files.atomic import write_whole
from planner.orbit.files.cache import LastAnswer, cache_folder, folder_name, held, remember, remembered
from planner.orbit.files.download import Answer, ask, require_address
from planner.orbit.files.reading import MAXIMUM_FILE_MB, read_elements

CELESTRAK_URL: Final = "https://celestrak.org/NORAD/elements/gp.php"
"""Where groups are asked for, as ``?GROUP=…&FORMAT=…``."""
FORMATS: Final = ("csv", "json", "xml", "kvn", "tle")
"""What a group can be asked for as; a TLE leaves out objects with a number above 99,999."""

_GROUP: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_NOT_UPDATED: Final = re.compile(
    rb"has not updated since your last successful\s+download(?:[^\n]* at (?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC)?"
)
"""From the answer, status 403, to an address that already had the newest data, whichever machine behind it asked."""
_CLOCKS_DIFFER: Final = timedelta(minutes=10)
"""How far this machine's clock may lag behind the server's. Planner default."""
_LINES: Final = ("csv", "kvn", "tle")
"""Formats whose last line ends like all the others; without that end the file was cut off."""
_ANSWERS: Final = {
    301: "the address has moved",
    403: "the server refuses this address; CelesTrak does so to whoever asks too often",
    404: "there is no such group; https://celestrak.org/NORAD/elements lists them",
}


@dataclass(frozen=True)
class Fetched:
    """A group of element sets on this machine.

    Attributes
    ----------
    group
        As it was asked for.
    path
        The copy in the cache; its time stamp is that of the download.
    satellites
        How many objects it holds.
    downloaded
        When it was downloaded, UTC.
    fresh
        True when that was now.
    next_question
        When the group may be asked for again, UTC.
    """

    group: str
    path: Path
    satellites: int
    downloaded: datetime
    fresh: bool
    next_question: datetime


def utc_now() -> datetime:
    """Return the time of this machine's clock, UTC."""
    return datetime.now(UTC)


def fetch_group(
    group: str,
    *,
    form: str = "csv",
    base_url: str = CELESTRAK_URL,
    cache: Path | None = None,
    timeout_s: float = 60.0,
    clock: Callable[[], datetime] = utc_now,
) -> Fetched:
    """Return a group of element sets, downloaded unless the server was asked less than two hours ago.

    Parameters
    ----------
    group
        Name of the group, such as ``starlink``; letters, digits and hyphens.
    form
        One of `FORMATS`.
    base_url
        Address to ask.
    cache
        Folder of the cache; `cache_folder` by default.
    timeout_s
        For the connection, for each wait, and for the whole answer.
    clock
        What tells the time, UTC.

    Raises
    ------
    FetchError
        When the group, the format or the address is none, or when there is no answer, no whole answer, or one without
        element sets. The copy of an earlier download, if any, is as it was.
    OutputError
        When the cache cannot be written, or another run is downloading the same group.
    """
    if not _GROUP.fullmatch(group):
        raise FetchError(Problem("group", f"{group!r} is no name of a group; use letters, digits and hyphens"))
    if form not in FORMATS:
        raise FetchError(Problem("format", f"{form!r} is not allowed; one of {', '.join(FORMATS)}"))
    require_address(base_url)
    folder = (cache if cache is not None else cache_folder()) / folder_name(base_url)
    record_path, path = folder / f".{group.lower()}.asked", folder / f"{group.lower()}.{form}"
    with held(folder, group.lower()):
        now = clock()
        record = remembered(record_path, now)
        if record is not None and now < record.next_question:
            if not record.fault and record.form != form:
                other = path.with_suffix(f".{record.form}")
                what = f"was downloaded as {record.form} at {_time(record.asked)} and lies in {other}; use that"
                raise FetchError(Problem(group, what + _until(record)))
            return _kept(group, path, record)
        url = f"{base_url}?GROUP={group}&FORMAT={form}"
        answer = ask(url, timeout_s=timeout_s, limit_bytes=MAXIMUM_FILE_MB * 1_000_000)
        return _taken(answer, url, group, path, record_path, LastAnswer(clock(), form))


def _taken(answer: Answer, url: str, group: str, path: Path, record_path: Path, record: LastAnswer) -> Fetched:
    """Keep what came, or remember why it was not kept."""
    satellites = 0
    newest = _NOT_UPDATED.search(answer.body[:1000])
    if newest:
        fault = _not_newest(newest, path)
    elif answer.status != 200:
        fault = _status_fault(answer)
    else:
        if record.form in _LINES and not answer.body.endswith(b"\n") and not answer.body.lstrip().startswith(b"<"):
            raise FetchError(Problem(url, "the connection broke off: the last line has no end; try again"))
        satellites, fault = _placed(answer.body, path, record.asked)
    if fault:
        remember(record_path, replace(record, fault=fault))
        raise FetchError(Problem(url, fault + _until(record) + _still(path)))
    remember(record_path, record)
    if newest:
        return _kept(group, path, record)
    return Fetched(group, path, satellites, record.asked, fresh=True, next_question=record.next_question)


def _not_newest(answer: re.Match[bytes], path: Path) -> str:
    """Return a fault unless the download that the server remembers is the one that made the copy here."""
    said = (answer["time"] or b"an unknown time").decode()
    copied = _copied(path)
    try:
        if copied is not None and copied + _CLOCKS_DIFFER >= datetime.fromisoformat(f"{said}+00:00"):
            return ""
    except ValueError:
        pass  # no time is said, or one that there is not: the copy may be old
    return f"the newest data were downloaded from this network at {said} already, but not into this cache"


def _status_fault(answer: Answer) -> str:
    what = _ANSWERS.get(answer.status, "the server has a fault" if answer.status >= 500 else "it was not understood")
    where = f" to {answer.location[:200]}" if answer.location else ""
    first = answer.body.lstrip()[:200].decode("ascii", "replace").partition("\n")[0].strip()
    said = f" (it says {first!r})" if first and not first.startswith("<") else ""
    return f"status {answer.status}: {what}{where}{said}"


def _placed(body: bytes, path: Path, now: datetime) -> tuple[int, str]:
    """Put `body` where `path` is once it has been read; return how many objects it holds, and what is wrong with it."""
    part = path.with_name(f".{path.name}.part")
    try:
        write_whole(part, body, force=True)
        satellites = len(read_elements(part).fleet)
        os.utime(part, (now.timestamp(), now.timestamp()))
        part.replace(path)
    except ElementSetError as error:
        first = error.problems[0]
        more = f" (and {len(error.problems) - 1:,} more)" if len(error.problems) > 1 else ""
        place = first.place.removeprefix(str(part)).strip(": ")
        where = f"line {place}: " if place.isdecimal() else f"{place}: " if place else ""
        return 0, f"what came was not kept: {where}{first.reason}{more}"
    except OSError as error:
        raise OutputError(Problem(str(path), f"cannot be written: {error.strerror or error}")) from None
    finally:
        part.unlink(missing_ok=True)
    return satellites, ""


def _kept(group: str, path: Path, record: LastAnswer) -> Fetched:
    """Return the copy that is here, or say why there is none and when there may be."""
    if record.fault:
        what = f"was asked for at {_time(record.asked)}: {record.fault}"
        raise FetchError(Problem(group, what + _until(record) + _still(path)))
    copied = _copied(path)
    if copied is None:
        raise FetchError(
            Problem(group, f"was downloaded at {_time(record.asked)}, but {path} is gone" + _until(record))
        )
    satellites = len(read_elements(path).fleet)
    return Fetched(group, path, satellites, copied, fresh=False, next_question=record.next_question)


def _copied(path: Path) -> datetime | None:
    """Return when the copy was downloaded, or None when there is none."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(Problem(str(path), f"cannot be read: {error.strerror or error}")) from None


def _until(record: LastAnswer) -> str:
    return f"; it is not asked for again before {_time(record.next_question)}"


def _still(path: Path) -> str:
    copied = _copied(path)
    return "" if copied is None else f"; the copy of {_time(copied)} stays in {path}"


def _time(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(' ', 'seconds')} UTC"
