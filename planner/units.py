"""The one table of legal unit suffixes, and the few conversions the package needs.

A public name that holds dimensional floats, one or an array of them, ends in one of `SUFFIXES` (``range_km``,
``compute_w``); a part of one ends in ``_fraction``. A test walks every public field, property, parameter and function
and holds them to it.
"""

from typing import Final

SUFFIXES: Final[dict[str, str]] = {
    "au": "astronomical units",
    "d": "days",
    "db": "decibels, ten times the common logarithm of a power ratio",
    "deg": "degrees",
    "deg_d": "degrees per day",
    "deg_s": "degrees per second",
    "deg_yr": "degrees per year",
    "fraction": "part of one",
    "gb": "gigabytes",
    "gb_s": "gigabytes per second",
    "gbps": "gigabits per second",
    "gw": "gigawatts",
    "h": "hours",
    "jd": "Julian date, days",
    "k": "kelvin",
    "kg": "kilograms",
    "kg_kw": "kilograms per kilowatt",
    "kg_m2": "kilograms per square metre",
    "kg_m3": "kilograms per cubic metre",
    "km": "kilometres",
    "km_d": "kilometres per day",
    "km_s": "kilometres per second",
    "kw": "kilowatts",
    "kwh": "kilowatt-hours",
    "m": "metres",
    "m2": "square metres",
    "m3": "cubic metres",
    "m_s": "metres per second",
    "m_s_yr": "metres per second in a year",
    "min": "minutes",
    "mm": "millimetres",
    "months": "calendar months",
    "ms": "milliseconds",
    "mw": "megawatts",
    "per_h": "per hour",
    "per_month": "per calendar month",
    "per_km3": "per cubic kilometre",
    "per_radius": "per Earth radius",
    "per_yr": "per year",
    "photons_bit": "photons per bit",
    "rad_min": "radians per minute",
    "rad_s": "radians per second",
    "rad_yr": "rads (0.01 gray) in silicon per year",
    "rev_d": "revolutions per day",
    "rev_d2": "revolutions per day squared",
    "rev_d3": "revolutions per day cubed",
    "s": "seconds",
    "tflops": "10^12 floating-point operations per second",
    "usd": "US dollars",
    "usd_gpu_h": "US dollars per accelerator-hour",
    "usd_gw": "US dollars per gigawatt of IT power",
    "usd_h": "US dollars per hour",
    "usd_kg": "US dollars per kilogram",
    "usd_kw": "US dollars per kilowatt",
    "usd_kwh": "US dollars per kilowatt-hour",
    "usd_w": "US dollars per watt",
    "usd_yr": "US dollars per year",
    "w": "watts",
    "w_m2": "watts per square metre",
    "wh": "watt-hours",
    "yr": "years",
}


def suffix_of(name: str) -> str | None:
    """Return the longest legal unit suffix of `name`, or None when it has none."""
    parts = name.split("_")
    for first in range(len(parts)):
        candidate = "_".join(parts[first:])
        if candidate in SUFFIXES:
            return candidate
    return None
