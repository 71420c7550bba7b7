"""What the inspection of an element-set file says: lines for a terminal of 80 columns, and JSON."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from planner.arrays import BoolArray, IntArray
from planner.errors import Problem, legible
from planner.orbit import ElementFile, Fleet, Inspection, Shell
from planner.orbit.elements import STALE_AFTER_D
from planner.orbit.files.inspection import (
    HIGH_DRAG_PER_RADIUS,
    LARGEST_FIVE_DIGITS,
    LARGEST_IN_TLE,
    LOW_PERIGEE_KM,
    ORBIT_CLASSES,
)
from planner.orbit.propagate import SGP4_ERRORS

_WIDTH: Final = 80
_LABEL: Final = 12
_MOST_SHELLS: Final = 20
"""Shells that the terminal shows; JSON holds all."""
_MOST_NAMES: Final = 5
_UNBROKEN: Final = "\N{NO-BREAK SPACE}"
"""Stands for the blanks of a name until the lines are broken."""


def inspection_lines(source: str, held: ElementFile, inspection: Inspection) -> Iterator[str]:
    """Yield the inspection for a reader, line by line; names are not yet made legible."""
    yield f"{source}: {_many(len(held.fleet), 'satellite')}, {held.format}"
    yield ""
    yield from _item("numbers", _numbers(held.fleet.catalog_numbers))
    yield from _item("epochs", _epochs(inspection))
    yield from _item("age", _ages(inspection))
    kinds = Counter(inspection.orbit_classes)
    yield from _item("orbits", ", ".join(f"{kind} {kinds[kind]:,}" for kind in ORBIT_CLASSES if kinds[kind]))
    yield ""
    yield from _shell_lines(inspection)
    yield ""
    yield from _faults(held.fleet, inspection)
    for note in held.notes:
        yield from _item("note", note.removeprefix(f"{source}: "))


def _item(label: str, text: str) -> Iterator[str]:
    """Yield a labelled text, wrapped."""
    lines = textwrap.wrap(legible(text), _WIDTH - 2 - _LABEL, break_on_hyphens=False)
    for number, line in enumerate(lines):
        yield f"  {'' if number else label:{_LABEL}}{line.replace(_UNBROKEN, ' ')}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _moment(at: datetime | None) -> str:
    return "–" if at is None else at.replace(tzinfo=None).isoformat(" ", "minutes")


def _numbers(numbers: IntArray) -> str:
    """Say which catalogue numbers there are, and what they need of a format."""
    known = numbers[numbers > 0]
    if not len(known):
        return "no object has a catalogue number"
    alpha = int(np.count_nonzero((known > LARGEST_FIVE_DIGITS) & (known <= LARGEST_IN_TLE)))
    long = int(np.count_nonzero(known > LARGEST_IN_TLE))
    parts = [f"{known.min()} to {known.max()}"]
    parts += [f"{alpha:,} above {LARGEST_FIVE_DIGITS} (Alpha-5 in a TLE)"] if alpha else []
    parts += [f"{long:,} above {LARGEST_IN_TLE} (no TLE can hold them)"] if long else []
    parts += [f"{len(numbers) - len(known):,} without a number"] if len(known) < len(numbers) else []
    return ", ".join(parts if len(parts) > 1 else [*parts, "all of five digits at most"])


def _epochs(inspection: Inspection) -> str:
    first, median, last = inspection.first_epoch, inspection.median_epoch, inspection.last_epoch
    return f"{_moment(first)} to {_moment(last)} UTC, median {_moment(median)}"


def _ages(inspection: Inspection) -> str:
    ages = _age_figures(inspection)
    newest = inspection.at == inspection.last_epoch
    when = f"{_moment(inspection.at)} UTC{' (newest epoch)' if newest else ''}"
    figures = [f"{label} {age:,.1f} d" for label, age in ages.items() if label != "newest" or not newest]
    return f"at {when}: {', '.join(figures)}"


def _age_figures(inspection: Inspection) -> dict[str, float]:
    """Return the age of the median, the oldest and the newest elements, days."""
    median = inspection.median_epoch or inspection.at
    return {
        "median": (inspection.at - median) / timedelta(days=1),
        "oldest": float(inspection.age_d.max()),
        "newest": float(inspection.age_d.min()),
    }


def _shell_lines(inspection: Inspection) -> Iterator[str]:
    """Yield the table of shells and what is in none."""
    shells, outside = inspection.shells, inspection.outside
    if shells:
        yield "  satellites  altitude km    inclination °  planes × each  off plane  names"
    for shell in shells[:_MOST_SHELLS]:
        yield _shell_line(shell).rstrip()
    rest = shells[_MOST_SHELLS:]
    if rest:
        yield f"  {sum(map(len, rest)):>10,}  in {len(rest)} smaller shells, which --json lists"
    if len(outside):
        kinds = Counter(inspection.orbit_classes[row] for row in outside.tolist())
        named = ", ".join(f"{kind} {kinds[kind]:,}" for kind in ORBIT_CLASSES if kinds[kind])
        yield f"  {len(outside):>10,}  in no shell: {named}"
    if shells:
        yield "  ± half of the range; off plane: satellites in none of the planes"


def _shell_line(shell: Shell) -> str:
    low_km, high_km = shell.altitude_range_km
    low_deg, high_deg = shell.inclination_range_deg
    altitude = f"{shell.altitude_km:.1f} ± {(high_km - low_km) / 2.0:.1f}"
    inclination = f"{shell.inclination_deg:.2f} ± {(high_deg - low_deg) / 2.0:.2f}"
    off = f"{shell.off_plane:,}" if shell.planes and shell.off_plane else ""
    label = shell.label if len(shell.label) <= _LABEL else shell.label[: _LABEL - 1] + "…"
    return f"  {len(shell):>10,}  {altitude:<13}  {inclination:<13}  {_planes(shell):<13}  {off:>9}  {label}"


def _planes(shell: Shell) -> str:
    """Return ``72 × 22``, ``72 × 19–28``, or that no planes can be told."""
    if not shell.planes:
        return "unclear"
    sizes = sorted(len(plane) for plane in shell.planes)
    each = f"{sizes[0]:,}" if sizes[0] == sizes[-1] else f"{sizes[0]:,}–{sizes[-1]:,}"
    return f"{len(sizes):,} × {each}"


def _faults(fleet: Fleet, inspection: Inspection) -> Iterator[str]:
    """Yield what an operator must look at, or that there is nothing."""
    when = _moment(inspection.at)
    errors = inspection.sgp4_errors
    for code in np.unique(errors[errors > 0]).tolist():
        those = errors == code
        what = f"{int(those.sum()):,} at {when} UTC ({SGP4_ERRORS[code]})"
        yield from _item("not flying", f"{what}: {_named(fleet, those)}")
    checks = (
        ("low", inspection.low, f"with a perigee below {LOW_PERIGEE_KM:g} km"),
        ("high drag", inspection.high_drag, f"with B* beyond ±{HIGH_DRAG_PER_RADIUS:g} (thrusting, or very light)"),
        ("stale", inspection.stale, f"more than {STALE_AFTER_D:g} d from {when} UTC"),
    )
    for label, mask, what in checks:
        if mask.any():
            yield from _item(label, f"{int(mask.sum()):,} {what}: {_named(fleet, mask)}")
    if not errors.any() and not any(mask.any() for _, mask, _ in checks):
        yield from _item("faults", "none: all fly, none low, of high drag or stale")


def _named(fleet: Fleet, mask: BoolArray) -> str:
    return _list([fleet.names[row] for row in np.flatnonzero(mask)])


def _list(names: Sequence[str]) -> str:
    """Return the first few names and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(legible(name).replace(" ", _UNBROKEN) for name in names[:_MOST_NAMES]) + more


def inspection_json(source: str, held: ElementFile, inspection: Inspection) -> dict[str, Any]:
    """Return the inspection as JSON can hold it; nothing in it is shortened."""
    fleet = held.fleet
    kinds = Counter(inspection.orbit_classes)
    numbers = fleet.catalog_numbers
    fallen = inspection.sgp4_errors > 0
    return {
        "file": legible(source),
        "format": held.format,
        "satellites": len(fleet),
        "at": _iso(inspection.at),
        "catalog_numbers": {
            "lowest": int(numbers.min()),
            "highest": int(numbers.max()),
            "above_99999": int(np.count_nonzero(numbers > LARGEST_FIVE_DIGITS)),
            "above_339999": int(np.count_nonzero(numbers > LARGEST_IN_TLE)),
        },
        "epochs": {
            "first": _iso(inspection.first_epoch),
            "median": _iso(inspection.median_epoch),
            "last": _iso(inspection.last_epoch),
        },
        "age_d": {label: _round(age) for label, age in _age_figures(inspection).items()},
        "orbit_classes": {kind: kinds[kind] for kind in ORBIT_CLASSES},
        "shells": [_shell_json(shell, fleet) for shell in inspection.shells],
        "outside_shells": _objects(fleet, inspection.outside),
        "not_flying": [
            {**thing, "sgp4_error": int(code), "reason": SGP4_ERRORS[int(code)]}
            for thing, code in zip(_objects(fleet, np.flatnonzero(fallen)), inspection.sgp4_errors[fallen], strict=True)
        ],
        "low": _objects(fleet, np.flatnonzero(inspection.low)),
        "high_drag": _objects(fleet, np.flatnonzero(inspection.high_drag)),
        "stale": _objects(fleet, np.flatnonzero(inspection.stale)),
        "notes": [legible(note) for note in held.notes],
        "refused": [_problem(problem) for problem in held.refused],
    }


def _shell_json(shell: Shell, fleet: Fleet) -> dict[str, Any]:
    numbers = fleet.catalog_numbers
    in_planes = np.concatenate([*shell.planes, np.zeros(0, dtype=np.int64)])
    return {
        "satellites": len(shell),
        "label": legible(shell.label),
        "altitude_km": _round(shell.altitude_km),
        "altitude_range_km": [_round(value) for value in shell.altitude_range_km],
        "inclination_deg": _round(shell.inclination_deg),
        "inclination_range_deg": [_round(value) for value in shell.inclination_range_deg],
        "epoch": _iso(shell.epoch),
        "planes": [
            {"raan_deg": _round(raan), "satellites": len(plane), "catalog_numbers": numbers[plane].tolist()}
            for raan, plane in zip(shell.plane_raan_deg, shell.planes, strict=True)
        ],
        "off_plane": numbers[np.setdiff1d(shell.rows, in_planes)].tolist(),
    }


def _objects(fleet: Fleet, rows: IntArray) -> list[dict[str, Any]]:
    """Return name and number of each row; 0 stands for an object that has no number."""
    return [
        {"name": legible(fleet.names[row]), "catalog_number": int(fleet.catalog_numbers[row])} for row in rows.tolist()
    ]


def _problem(problem: Problem) -> dict[str, str]:
    return {"place": legible(problem.place), "reason": legible(problem.reason)}


def _round(value: float) -> float:
    """Return a figure to six places, which is a millimetre, a nanodegree's hundred or a tenth of a second."""
    return round(float(value), 6)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
