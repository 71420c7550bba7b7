"""What a fleet says as Orbit Mean-Elements Messages: CSV, JSON, XML and key-value notation.

Keywords and their order are those of CCSDS 502.0-B-3, tables 4-1 to 4-3, laid out as CelesTrak publishes them, so that
what reads its files reads these. Numbers are the shortest decimals that read back as the same floats; epochs have
microseconds. Any catalogue number of up to nine digits is written as it is.
"""

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from io import StringIO
from typing import Final
from xml.sax.saxutils import escape

from planner.errors import Problem
from planner.orbit.elements import Fleet
from planner.orbit.files.records import Record
from planner.orbit.files.writing import epoch, printable, records_to_write, require_writable, stamp

_VERSION: Final = "2.0"
"""What CelesTrak declares; the keywords written here mean the same in version 3.0."""
_SCHEMA: Final = "https://sanaregistry.org/r/ndmxml_unqualified/ndmxml-2.0.0-master-2.0.xsd"
_METADATA: Final = {
    "CENTER_NAME": "EARTH",
    "REF_FRAME": "TEME",
    "TIME_SYSTEM": "UTC",
    "MEAN_ELEMENT_THEORY": "SGP4",
}
_IDENTITY: Final = ("OBJECT_NAME", "OBJECT_ID")
_MEAN_ELEMENTS: Final = (
    "EPOCH",
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
)
_TLE_PARAMETERS: Final = (
    "EPHEMERIS_TYPE",
    "CLASSIFICATION_TYPE",
    "NORAD_CAT_ID",
    "ELEMENT_SET_NO",
    "REV_AT_EPOCH",
    "BSTAR",
    "MEAN_MOTION_DOT",
    "MEAN_MOTION_DDOT",
)
_WORDS: Final = (*_IDENTITY, "EPOCH", "CLASSIFICATION_TYPE")
_US_PER_DAY: Final = 86_400_000_000
_FORMULA: Final = ("=", "+", "-", "@")


def write_omm_csv(fleet: Fleet, *, first_number: int | None = None) -> str:
    """Return the fleet as OMM CSV: a row of keywords, then one row to a satellite.

    Parameters
    ----------
    fleet
        ``[sat]``.
    first_number
        Number of the first satellite that has none, as designed ones do; the next ones follow. From 300000 to 339999
        no published set of 2026 had one. Without it satellites without number are refused.

    Raises
    ------
    ElementSetError
        With every satellite that mean elements cannot hold, by name: no number or one given twice, a member of a
        formation, an element that no orbit has, a name that cannot be printed or that a spreadsheet would run.
    """
    records, problems = records_to_write(fleet, first_number)
    reason = "begins with =, +, - or @, which a spreadsheet would run as a formula; rename it, or write JSON or XML"
    for record in records:
        if record.name.startswith(_FORMULA) or record.designator.startswith(_FORMULA):
            problems.append(Problem(record.place, reason))
    require_writable(problems)
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow((*_IDENTITY, *_MEAN_ELEMENTS, *_TLE_PARAMETERS))
    rows.writerows(_values(record).values() for record in records)
    return text.getvalue()


def write_omm_json(fleet: Fleet, *, first_number: int | None = None) -> str:
    """Return the fleet as OMM JSON: an array with one object to a satellite and line; as `write_omm_csv`."""
    objects = []
    for record in _records(fleet, first_number):
        words = _values(record)
        # A number is written as its text stands: it is a JSON number already.
        pairs = (f"{json.dumps(key)}:{json.dumps(text) if key in _WORDS else text}" for key, text in words.items())
        objects.append("{" + ",".join(pairs) + "}")
    return "[" + ",\n".join(objects) + "]\n"


def write_omm_xml(
    fleet: Fleet, *, first_number: int | None = None, originator: str = "", created: datetime | None = None
) -> str:
    """Return the fleet as OMM XML: an ``ndm`` with one ``omm`` to a satellite; as `write_omm_csv`.

    Parameters
    ----------
    fleet, first_number
        As for `write_omm_csv`.
    originator, created
        Who made the messages and when. The standard wants both; without them the elements stay empty, as in
        CelesTrak's messages.

    Raises
    ------
    ElementSetError
        As `write_omm_csv`.
    ValueError
        If `created` has no time zone or `originator` holds characters that are not printed.
    """
    head = _element("CREATION_DATE", stamp(created)) + _element("ORIGINATOR", printable("originator", originator))
    messages = []
    for record in _records(fleet, first_number):
        values = _values(record)
        metadata = {key: values[key] for key in _IDENTITY} | _METADATA
        messages.append(
            f'<omm id="CCSDS_OMM_VERS" version="{_VERSION}">\n<header>{head}</header>\n<body><segment>\n'
            f"<metadata>{_elements(metadata, tuple(metadata))}</metadata>\n"
            f"<data>\n<meanElements>{_elements(values, _MEAN_ELEMENTS)}</meanElements>\n"
            f"<tleParameters>{_elements(values, _TLE_PARAMETERS)}</tleParameters>\n</data>\n</segment></body>\n</omm>\n"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ndm xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:noNamespaceSchemaLocation="{_SCHEMA}">\n{"".join(messages)}</ndm>\n'
    )


def write_omm_kvn(
    fleet: Fleet, *, first_number: int | None = None, originator: str = "", created: datetime | None = None
) -> str:
    """Return the fleet as OMM in key-value notation, message after message; as `write_omm_xml`."""
    maker = printable("originator", originator)
    head = {"CCSDS_OMM_VERS": _VERSION, "CREATION_DATE": stamp(created), "ORIGINATOR": maker}
    lines = []
    for record in _records(fleet, first_number):
        values = _values(record)
        metadata = {key: values.pop(key) for key in _IDENTITY} | _METADATA
        for block in (head, metadata, values):
            lines += [f"{key:<19} = {text}".rstrip() + "\n" for key, text in block.items()]
            lines.append("\n")
    return "".join(lines)


def _records(fleet: Fleet, first_number: int | None) -> list[Record]:
    records, problems = records_to_write(fleet, first_number)
    require_writable(problems)
    return records


def _values(record: Record) -> dict[str, str]:
    """Return the keywords of one satellite with their texts, in the order of CelesTrak's columns."""
    return {
        "OBJECT_NAME": record.name,
        "OBJECT_ID": record.designator,
        "EPOCH": _epoch(record),
        "MEAN_MOTION": _decimal(record.mean_motion_rev_d),
        "ECCENTRICITY": _decimal(record.eccentricity_fraction),
        "INCLINATION": _decimal(record.inclination_deg),
        "RA_OF_ASC_NODE": _decimal(record.raan_deg),
        "ARG_OF_PERICENTER": _decimal(record.argument_of_perigee_deg),
        "MEAN_ANOMALY": _decimal(record.mean_anomaly_deg),
        "EPHEMERIS_TYPE": "0",
        "CLASSIFICATION_TYPE": record.classification,
        "NORAD_CAT_ID": str(record.catalog_number),
        "ELEMENT_SET_NO": str(record.element_set_number),
        "REV_AT_EPOCH": str(record.revolution),
        "BSTAR": _decimal(record.bstar_per_radius),
        "MEAN_MOTION_DOT": _decimal(record.mean_motion_dot_rev_d2),
        "MEAN_MOTION_DDOT": _decimal(record.mean_motion_ddot_rev_d3),
    }


def _decimal(value: float) -> str:
    """Return the shortest decimal of `value`; with an exponent it has a point too (CCSDS 502.0-B-3, 7.5.7)."""
    text = repr(value)
    if "e" not in text:
        return text
    digits, _, exponent = text.partition("e")
    return f"{digits if '.' in digits else digits + '.0'}E{exponent}"


def _epoch(record: Record) -> str:
    ordinal, units = epoch(record, _US_PER_DAY)
    seconds, microseconds = divmod(units, 1_000_000)
    minutes, second = divmod(seconds, 60)
    return f"{date.fromordinal(ordinal)}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{microseconds:06d}"


def _elements(values: dict[str, str], keys: Sequence[str]) -> str:
    return "".join(_element(key, values[key]) for key in keys)


def _element(key: str, text: str) -> str:
    return f"<{key}>{escape(text)}</{key}>"
