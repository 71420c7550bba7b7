"""Where satellites are, as an Orbit Ephemeris Message that other tools read, and such a message read back.

Key-value notation of CCSDS 502.0-B-2 (Orbit Data Messages, version 2.0), section 5: a segment of metadata and states to
each satellite. Epochs are UTC; positions have 1e-9 km and velocities 1e-12 km/s, a millionth of what SGP4 is good for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from planner.arrays import FloatArray, floats
from planner.errors import ElementSetError, Problem
from planner.orbit.files.omm import shown, utc_epoch
from planner.orbit.files.writing import printable, stamp
from planner.orbit.frames import Frame
from planner.orbit.propagate import Ephemeris

_VERSIONS: Final = ("1.0", "2.0", "3.0")
_FRAMES: Final[dict[Frame, str]] = {"GCRS": "GCRF", "TEME": "TEME", "ITRS": "ITRF2000"}
"""Name of each frame in a message. Version 2.0 lists ITRF2000 (annex A); the realisations of ITRF lie centimetres
apart, far below what SGP4 is good for."""
_FRAME_NAMES: Final[dict[str, Frame]] = {"GCRF": "GCRS", "ICRF": "GCRS", "TEME": "TEME", "TEMEOFDATE": "TEME"}
_TERRESTRIAL: Final = re.compile(r"ITRF-?[0-9]{0,4}")
_NEEDED: Final = ("OBJECT_NAME", "OBJECT_ID", "CENTER_NAME", "REF_FRAME", "TIME_SYSTEM", "START_TIME", "STOP_TIME")
_FIXED: Final = {"CENTER_NAME": "EARTH", "TIME_SYSTEM": "UTC"}
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?")
_STATE_COLUMNS: Final = (7, 10)
"""Epoch, position and velocity; with accelerations, which are passed over."""


@dataclass(frozen=True, eq=False)
class OemSegment:
    """States of one object without a gap.

    Attributes
    ----------
    name, object_id
        What the object is called, and its designator or number.
    frame
        ``GCRS``, ``TEME`` or ``ITRS``.
    epoch_jd, epoch_fraction
        UTC Julian dates as midnight and fraction of the day, ``[time]``.
    positions_km, velocities_km_s
        ``[time, xyz]``.
    """

    name: str
    object_id: str
    frame: Frame
    epoch_jd: FloatArray
    epoch_fraction: FloatArray
    positions_km: FloatArray
    velocities_km_s: FloatArray


def write_oem(
    ephemeris: Ephemeris,
    names: Sequence[str],
    *,
    originator: str,
    created: datetime,
    object_ids: Sequence[str] | None = None,
) -> str:
    """Return the states of an ephemeris as an Orbit Ephemeris Message in key-value notation.

    A segment ends where a satellite's states end: what is not a number is never written. A satellite without any state
    has no segment, and a comment says so.

    Parameters
    ----------
    ephemeris
        ``[time, sat, xyz]``; its frame becomes the message's.
    names
        Name of each satellite, ``[sat]``.
    originator, created
        Who makes the message, and when.
    object_ids
        Designator or number of each satellite; its name when left out.

    Raises
    ------
    ElementSetError
        If no satellite has a state at any time: a message must hold one.
    ValueError
        For names or identities of another number than the satellites or with characters that are not printed, and for
        a time without zone.
    """
    ids = names if object_ids is None else object_ids
    alive = ephemeris.alive
    if not len(names) == len(ids) == alive.shape[1]:
        raise ValueError(f"names: {len(names)} names and {len(ids)} identities for {alive.shape[1]} satellites")
    if not alive.any():
        raise ElementSetError(Problem("OEM", "no satellite has a state at any of the times; give newer elements"))
    lost = [names[sat] for sat in np.flatnonzero(~alive.any(axis=0)).tolist()]
    epochs = [_epoch(ephemeris.times.datetime_at(i)) for i in range(ephemeris.times.count)]
    parts = ["CCSDS_OEM_VERS = 2.0\n", *(f"COMMENT {printable('name', name)} has no state\n" for name in lost)]
    parts += [f"CREATION_DATE = {stamp(created)}\nORIGINATOR = {printable('originator', originator)}\n"]
    for sat, (name, identity) in enumerate(zip(names, ids, strict=True)):
        head = (
            f"\nMETA_START\nOBJECT_NAME = {printable('name', name)}\nOBJECT_ID = {printable('object_id', identity)}\n"
            f"CENTER_NAME = EARTH\nREF_FRAME = {_FRAMES[ephemeris.frame]}\nTIME_SYSTEM = UTC\n"
        )
        for run in _runs(alive[:, sat].tolist()):
            states = np.hstack((ephemeris.positions_km[run, sat], ephemeris.velocities_km_s[run, sat]))
            parts += [head, _segment_text(epochs[run], states)]
    return "".join(parts)


def _segment_text(epochs: list[str], states: FloatArray) -> str:
    """Return the rest of the metadata and the states ``[time, 6]``."""
    lines = (
        f"{epoch} {x:.9f} {y:.9f} {z:.9f} {u:.12f} {v:.12f} {w:.12f}\n"
        for epoch, (x, y, z, u, v, w) in zip(epochs, states.tolist(), strict=True)
    )
    return f"START_TIME = {epochs[0]}\nSTOP_TIME = {epochs[-1]}\nMETA_STOP\n{''.join(lines)}"


def _epoch(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _runs(alive: list[bool]) -> Iterator[slice]:
    """Yield each run of True."""
    first: int | None = None
    for i, flies in enumerate([*alive, False]):
        if flies and first is None:
            first = i
        elif not flies and first is not None:
            yield slice(first, i)
            first = None


class _Line(NamedTuple):
    number: int
    text: str


def read_oem(text: str, *, source: str = "OEM") -> tuple[OemSegment, ...]:
    """Return the segments of an Orbit Ephemeris Message in key-value notation.

    Accelerations and covariances are passed over.

    Parameters
    ----------
    text
        Whole text; line ends do not matter.
    source
        Name of the file, for the places of problems.

    Raises
    ------
    ElementSetError
        At the first line that is not as the standard has it: another centre, time system or frame than this package
        has, a keyword missing, a state that is no seven numbers, epochs that do not rise or lie outside the segment's.
    """
    lines = [_Line(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [line for line in lines if line.text and line.text.split(maxsplit=1)[0] != "COMMENT"]
    starts = [i for i, line in enumerate(lines) if line.text == "META_START"]
    header = _keywords(lines[: starts[0] if starts else len(lines)], source)
    version = header.get("CCSDS_OEM_VERS", "")
    if version not in _VERSIONS:
        raise _refusal(source, lines[:1], f"CCSDS_OEM_VERS is {version!r}; it must be {', '.join(_VERSIONS)}")
    if not starts:
        raise _refusal(source, lines[-1:], "there is no META_START; a message has at least one segment")
    return tuple(
        _segment(lines[first + 1 : stop], source) for first, stop in zip(starts, [*starts[1:], len(lines)], strict=True)
    )


def _refusal(source: str, lines: Sequence[_Line], reason: str) -> ElementSetError:
    place = f"{source}:{lines[0].number}" if lines else source
    return ElementSetError(Problem(place, reason))


def _keywords(lines: Sequence[_Line], source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        key, equals, value = (part.strip() for part in line.text.partition("="))
        if not equals or not key:
            raise _refusal(source, [line], f"{line.text[:40]!r} is no line of the form KEYWORD = value")
        if key in found:
            raise _refusal(source, [line], f"{key} is given more than once")
        found[key] = value
    return found


def _segment(lines: list[_Line], source: str) -> OemSegment:
    """Read what follows a META_START, up to the next."""
    ends = [i for i, line in enumerate(lines) if line.text == "META_STOP"]
    if len(ends) != 1:
        raise _refusal(source, lines[:1], f"{len(ends)} META_STOP for one META_START; there must be one")
    metadata = _keywords(lines[: ends[0]], source)
    missing = [key for key in _NEEDED if not metadata.get(key) and key != "OBJECT_ID"]
    if missing:
        raise _refusal(source, lines[:1], f"{', '.join(missing)} is missing; every segment needs it")
    for key, allowed in _FIXED.items():
        if metadata[key].upper() != allowed:
            raise _refusal(source, lines[:1], f"{key}: {metadata[key]!r} is not read; it must be {allowed}")
    name = metadata["REF_FRAME"].upper().replace(" ", "")
    frame: Frame | None = "ITRS" if _TERRESTRIAL.fullmatch(name) else _FRAME_NAMES.get(name)
    if frame is None:
        allowed = ", ".join([*_FRAME_NAMES, "ITRF"])
        raise _refusal(source, lines[:1], f"REF_FRAME: {metadata['REF_FRAME']!r} is not read; it must be {allowed}")
    epochs, states = _states(_without_covariance(lines[ends[0] + 1 :], source), metadata, source)
    return OemSegment(
        metadata["OBJECT_NAME"],
        metadata.get("OBJECT_ID", ""),
        frame,
        floats([jd for jd, _ in epochs]),
        floats([fraction for _, fraction in epochs]),
        floats(states[:, :3]),
        floats(states[:, 3:]),
    )


def _without_covariance(lines: list[_Line], source: str) -> list[_Line]:
    kept, inside = [], False
    for line in lines:
        if line.text in {"COVARIANCE_START", "COVARIANCE_STOP"}:
            if inside == (line.text == "COVARIANCE_START"):
                raise _refusal(source, [line], f"{line.text} does not follow its counterpart")
            inside = not inside
        elif not inside:
            kept.append(line)
    if inside:
        raise _refusal(source, lines[-1:], "COVARIANCE_START without COVARIANCE_STOP; the file was cut off")
    return kept


def _states(lines: list[_Line], metadata: dict[str, str], source: str) -> tuple[list[tuple[float, float]], FloatArray]:
    """Return the epochs and ``[time, 6]`` states of the lines of data."""
    if not lines:
        raise _refusal(source, lines, f"the segment of {metadata['OBJECT_NAME']} holds no state")
    begin, end = (_instant(metadata[key], lines[0], source) for key in ("START_TIME", "STOP_TIME"))
    epochs: list[tuple[float, float]] = []
    states = []
    for line in lines:
        cells = line.text.split()
        if len(cells) not in _STATE_COLUMNS or not all(_NUMBER.fullmatch(cell) for cell in cells[1:]):
            raise _refusal(source, [line], "a state is an epoch and six numbers, with or without three accelerations")
        at = _instant(cells[0], line, source)
        if not begin <= at <= end or (epochs and at <= epochs[-1]):
            reason = f"epoch {cells[0]} is not after the one before it, or outside START_TIME to STOP_TIME"
            raise _refusal(source, [line], reason)
        epochs.append(at)
        states.append([float(cell) for cell in cells[1:7]])
    return epochs, floats(states)


def _instant(text: str, line: _Line, source: str) -> tuple[float, float]:
    """Return a UTC epoch as midnight and fraction of the day."""
    at = utc_epoch(text)
    if at is None:
        raise _refusal(source, [line], f"epoch {shown(text)} is not such as 2026-09-20T12:42:37.141056")
    return at
