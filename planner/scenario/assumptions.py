"""Which figures of the catalog does a plan replace, and can they be what it says? Asked while the plan is read.

The rooms refuse what they cannot compute with. Here a figure is held to what its kind of quantity can be, so that a
slip of sign or unit is found with its place in the plan, and not as a strange answer.
"""

import sys
from collections.abc import Mapping
from typing import Final

from planner.catalog import Assumption, Catalog
from planner.errors import CatalogError, Problem

_SIGNED: Final = ("discount_rate_fraction", "inflation_per_yr")
"""Rates that may be negative; the rooms say how far."""

_FAR: Final = 1e6
"""A figure so many times beyond its range is a wrong unit. Planner default: between USD and millions of USD."""


def with_assumptions(catalog: Catalog, table: object) -> tuple[Catalog, list[Problem]]:
    """Return the catalog with the figures of a plan's assumptions in place, and what is wrong with them.

    Parameters
    ----------
    catalog
        The catalog as shipped.
    table
        The plan's table as it was read; values that are no numbers are left to the plan's own model.
    """
    values = _numbers(table)
    try:
        changed = catalog.override(values)
    except CatalogError as error:
        return catalog, list(error.problems)
    shipped = {figure.path: figure for figure in catalog}
    refused = {path: _why_not(shipped[path], value) for path, value in values.items()}
    return changed, [Problem(f'assumptions."{path}"', reason) for path, reason in refused.items() if reason]


def _numbers(table: object) -> dict[str, float]:
    if not isinstance(table, Mapping):
        return {}
    return {
        str(key): float(value)
        for key, value in table.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    }


def _why_not(figure: Assumption, value: float) -> str:
    """Return why a figure cannot take a value, or nothing."""
    name = figure.path.rpartition(".")[2]
    catalog = f"the catalog has {figure.low:g} to {figure.high:g}"
    if name not in _SIGNED:
        if value < 0.0:
            return f"{value:g} is negative, 0 or more is allowed; {catalog}"
        if name.endswith("_fraction") and value > 1.0:
            return f"{value:g} is more than the whole, 0 to 1 is allowed; {catalog}"
    if abs(value) > _FAR * max(figure.high, 1.0) or 0.0 < abs(value) < min(figure.low, 1.0) / _FAR:
        return f"{value:g} lies a million times beyond what is known, {catalog}; is it in {figure.unit}?"
    return ""
