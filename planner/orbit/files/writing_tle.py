"""What a fleet says as two-line element sets.

The columns are those of `tle`, filled as CelesTrak fills them: the eccentricity cut to seven digits, B*
and the second derivative rounded to five, names padded to 24 columns, an exponent of zero written ``+0``. So a set
that CelesTrak published comes back byte for byte, from its TLE and from its OMM. gpconf measured the rules on 304 of
304 sets (https://doi.org/10.5281/zenodo.22867654); no document states them.
"""

import re
from datetime import date
from typing import Final

from planner.errors import Problem
from planner.orbit.elements import Fleet
from planner.orbit.files.records import Record
from planner.orbit.files.tle import ALPHA5, FIRST_YEAR, checksum
from planner.orbit.files.writing import epoch, epoch_day, records_to_write, require_writable

LARGEST_TLE_NUMBER: Final = 339_999
"""Largest catalogue number that five columns hold, as Alpha-5 ``Z9999``."""

_DAY_UNITS: Final = 10**8
_DESIGNATOR: Final = re.compile(r"([0-9]{4})-([0-9]{3}[A-Z]{1,3})")
_OTHER_DESIGNATOR: Final = re.compile(r"[A-Z0-9][A-Z0-9 ]{0,7}")
_NO_DESIGNATOR: Final = ("", "UNKNOWN")
"""CCSDS 502.0-B-3, table 4-2, has UNKNOWN for an object without one."""
_LIKE_A_LINE: Final = ("0 ", "1 ", "2 ")
_LEAST_POWER: Final = -9
_CUT_SLACK: Final = 1e-6
"""Of a digit, before the eccentricity is cut: far above a float's error, far below the next decimals published."""


def write_tle(fleet: Fleet, *, name_lines: bool = True, first_number: int | None = None) -> str:
    """Return the fleet as two-line element sets (TLE); with the names before them as three-line sets.

    The columns round: angles to 1e-4 degrees, the epoch to 1e-8 days, the mean motion to 1e-8 revolutions a day, the
    eccentricity down to 1e-7, B* to five digits. Angles are turned into 0 to 360 degrees; the ephemeris type is 0.

    Parameters
    ----------
    fleet
        ``[sat]``.
    name_lines
        False writes two lines to a set; read back, the satellites are then called by their numbers.
    first_number
        Number of the first satellite that has none, as designed ones do; the next ones follow. From 300000 to 339999
        no published set of 2026 had one; 80000 to 89999 and 270000 up are those of analyst objects. Without it
        satellites without number are refused.

    Returns
    -------
    str
        Lines of 69 columns, ended by line feeds; numbers from 100,000 on are Alpha-5.

    Raises
    ------
    ElementSetError
        With every satellite that the columns cannot hold, by name: no number or one above 339,999, a number given
        twice, a member of a formation, an epoch before 1957 or after 2056, a value without room in its columns.
    """
    records, problems = records_to_write(fleet, first_number)
    problems += [problem for record in records for problem in _problems(record)]
    require_writable(problems)
    lines = []
    for record in records:
        if name_lines and record.name:
            lines.append(_name_line(record.name))
        lines += [_with_checksum(_line_1(record)), _with_checksum(_line_2(record))]
    return "".join(line + "\n" for line in lines)


def _problems(record: Record) -> list[Problem]:
    """Return what the columns cannot hold of one satellite that other formats can."""
    place, reasons = record.place, []
    if record.catalog_number > LARGEST_TLE_NUMBER:
        reasons.append(
            f"catalogue number {record.catalog_number} is above {LARGEST_TLE_NUMBER}, the largest that a TLE holds; "
            "write OMM instead"
        )
    day = epoch_day(record)
    if day and not 1900 + FIRST_YEAR <= day.year < 2000 + FIRST_YEAR:
        reasons.append(f"the epoch lies in {day.year}; a TLE holds 1957 to 2056")
    if _designator(record.designator) is None:
        reasons.append(f"designator {record.designator!r} is not such as 1998-067A, of 1957 to 2056, nor 8 letters")
    if not abs(record.mean_motion_dot_rev_d2) < 1.0 - 0.5 / _DAY_UNITS:
        reasons.append(f"first derivative of the mean motion {record.mean_motion_dot_rev_d2:g} is not between -1 and 1")
    for label, number, most in (
        ("element set number", record.element_set_number, 9_999),
        ("revolution number", record.revolution, 99_999),
    ):
        if number > most:
            reasons.append(f"{label} {number} is not allowed; 0 to {most}")
    return [Problem(place, reason) for reason in reasons]


def _name_line(name: str) -> str:
    """Return the line of a name; one that looks like a line of elements or of 3LE gets the ``0`` of 3LE."""
    return f"{'0 ' if name.startswith(_LIKE_A_LINE) else ''}{name:<24}"


def _with_checksum(line: str) -> str:
    return f"{line}{checksum(line)}"


def _line_1(record: Record) -> str:
    ordinal, units = epoch(record, _DAY_UNITS)
    day = date.fromordinal(ordinal)
    return (
        f"1 {_number(record.catalog_number)}{record.classification} {_designator(record.designator):<8} "
        f"{day.year % 100:02d}{day.timetuple().tm_yday:03d}.{units:08d} "
        f"{_derivative(record.mean_motion_dot_rev_d2)} {_power(record.mean_motion_ddot_rev_d3)} "
        f"{_power(record.bstar_per_radius)} 0 {record.element_set_number:4d}"
    )


def _line_2(record: Record) -> str:
    eccentricity = int(record.eccentricity_fraction * 1e7 + _CUT_SLACK)
    return (
        f"2 {_number(record.catalog_number)} {record.inclination_deg:8.4f} {_turned(record.raan_deg):8.4f} "
        f"{min(eccentricity, 9_999_999):07d} {_turned(record.argument_of_perigee_deg):8.4f} "
        f"{_turned(record.mean_anomaly_deg):8.4f} {record.mean_motion_rev_d:11.8f}{record.revolution:5d}"
    )


def _number(number: int) -> str:
    return f"{number:05d}" if number < 100_000 else f"{ALPHA5[number // 10_000 - 10]}{number % 10_000:04d}"


def _designator(designator: str) -> str | None:
    """Return ``1998-067A`` as ``98067A``, another one as it stands, None for one that the columns cannot hold."""
    match = _DESIGNATOR.fullmatch(designator)
    if match:
        year = int(match[1])
        return f"{match[1][2:]}{match[2]}" if 1900 + FIRST_YEAR <= year < 2000 + FIRST_YEAR else None
    if designator in _NO_DESIGNATOR:
        return ""
    return designator if _OTHER_DESIGNATOR.fullmatch(designator) else None


def _turned(angle_deg: float) -> float:
    """Return an angle within 0 to 360 degrees, also once it is rounded to four decimals."""
    turned = round(angle_deg % 360.0, 4)
    return 0.0 if turned >= 360.0 else turned


def _derivative(value: float) -> str:
    units = round(value * 1e8)
    return f"{'-' if units < 0 else ' '}.{abs(units):08d}"


def _power(value: float) -> str:
    """Return ``±ddddd±d``: digits after an implied point, then a power of ten.

    The values here stay below 1e6. Below 1e-10 the digits begin with zeros, down to nothing.
    """
    digits, _, exponent = f"{abs(value):.4e}".partition("e")
    power = int(exponent) + 1
    mantissa = int(digits.replace(".", ""))
    if power < _LEAST_POWER:
        mantissa, power = round(abs(value) * 10.0 ** (5 - _LEAST_POWER)), _LEAST_POWER
    if mantissa == 0:
        return " 00000+0"
    return f"{'-' if value < 0.0 else ' '}{mantissa:05d}{power:+d}"
