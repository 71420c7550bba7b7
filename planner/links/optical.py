"""What is one laser terminal: its rate, range, mass and power, and what it can follow and bear? From the catalog."""

import math
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final

import numpy as np

from planner.arrays import FloatArray, floats
from planner.catalog import Catalog, Entry
from planner.errors import CatalogError, Problem
from planner.links.budget import DESIGN_BOUNDS, NOT_NEGATIVE, POSITIVE, Bound, OpticalDesign, link_rate_gbps

_RIGHT_ANGLE_DEG: Final = 90.0
_HALF_TURN_DEG: Final = 180.0
_BOUNDS: Final[dict[str, Bound]] = {
    "rate_gbps": POSITIVE,
    "maximum_range_km": POSITIVE,
    "mass_kg": NOT_NEGATIVE,
    "power_w": NOT_NEGATIVE,
    "standby_power_w": NOT_NEGATIVE,
    "sun_exclusion_deg": (lambda value: 0.0 <= value < _RIGHT_ANGLE_DEG, "at least 0 and below 90"),
    "maximum_rate_deg_s": (lambda value: value > 0.0, "above 0"),
    "acquisition_s": NOT_NEGATIVE,
    "half_angle_deg": (lambda value: 0.0 < value <= _HALF_TURN_DEG, "above 0 and at most 180"),
}
_WHOLE: Final = ("channels", "beams_a_side")


@dataclass(frozen=True)
class LaserTerminal:
    """One laser terminal as a plan uses it.

    Attributes
    ----------
    name
        Catalog name.
    rate_gbps
        Data rate in each direction at any range up to the greatest; of a terminal with a design, what its modems and
        the satellite behind them carry at most, whatever its link budget would let through.
    maximum_range_km
        Greatest range at which it closes the link.
    mass_kg, power_w
        Of one terminal, with its electronics; the power is that of a working link.
    standby_power_w
        What it draws without a link, not above `power_w`.
    sun_exclusion_deg
        Least angle between the Sun and the other end; 0 sets no limit.
    maximum_rate_deg_s
        Fastest turn of the line of sight against the stars that it can follow; see `LinkRules`.
    acquisition_s
        From the start of pointing at a new partner to the first data.
    half_angle_deg
        Of its field of regard, from the boresight of its mounting; 180 points anywhere.
    design
        Where given, the link budget that lowers the rate with range.

    Raises
    ------
    ValueError
        For a value that no terminal can have.
    """

    name: str
    rate_gbps: float
    maximum_range_km: float
    mass_kg: float
    power_w: float
    standby_power_w: float = 0.0
    sun_exclusion_deg: float = 0.0
    maximum_rate_deg_s: float = math.inf
    acquisition_s: float = 0.0
    half_angle_deg: float = 180.0
    design: OpticalDesign | None = None

    def __post_init__(self) -> None:
        for name, (holds, allowed) in _BOUNDS.items():
            if not holds(getattr(self, name)):
                raise ValueError(f"{name}: {getattr(self, name)} must be {allowed}")
        if self.standby_power_w > self.power_w:
            raise ValueError(
                f"standby_power_w: {self.standby_power_w} must be at most that of a working link, {self.power_w}"
            )

    @classmethod
    def from_catalog(cls, catalog: Catalog, name: str) -> "LaserTerminal":
        """Return terminal `name` of the collection ``laser_terminals``, with a design where it has figures of one.

        Raises
        ------
        CatalogError
            If there is no such terminal, or it lacks a figure or has one that no terminal can have.
        """
        entry = catalog.entry("laser_terminals", name)
        budget = [column.name for column in fields(OpticalDesign) if column.name in entry.figures]
        problems = [
            Problem(f"laser_terminals.{name}.{figure}", f"{entry[figure]:g} must be {allowed}")
            for figure, (holds, allowed) in [*_BOUNDS.items(), *((name, DESIGN_BOUNDS[name]) for name in budget)]
            if not holds(entry[figure])
        ]
        if entry["standby_power_w"] > entry["power_w"]:
            reason = f"{entry['standby_power_w']:g} must be at most power_w, {entry['power_w']:g}"
            problems.append(Problem(f"laser_terminals.{name}.standby_power_w", reason))
        if problems:
            raise CatalogError(problems)
        return cls(name, **{figure: entry[figure] for figure in _BOUNDS}, design=_design_of(entry) if budget else None)

    def capacity_gbps(self, range_km: FloatArray) -> FloatArray:
        """Return the rate at each range, 0 beyond the greatest, ``[…]``."""
        rate = (
            self.rate_gbps if self.design is None else np.minimum(link_rate_gbps(self.design, range_km), self.rate_gbps)
        )
        return floats(np.where(range_km <= self.maximum_range_km, rate, 0.0))


def _design_of(entry: Entry) -> OpticalDesign:
    """Return the design of a catalog entry; what has a default may be left out."""
    figures: dict[str, Any] = {
        column.name: int(entry[column.name]) if column.name in _WHOLE else entry[column.name]
        for column in fields(OpticalDesign)
        if column.default is MISSING or column.name in entry.figures
    }
    return OpticalDesign(**figures)
