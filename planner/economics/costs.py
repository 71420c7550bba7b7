"""The question: what each line of a cost sheet is, over which life, and how far it may be off.

A line carries a planning value with a low and a high end. Sums of low ends and of high ends are the outermost range:
they assume that everything goes well, or badly, at once.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from planner.catalog import Assumption, Catalog
from planner.economics.finance import recovery_per_yr
from planner.errors import InputError, Problem
from planner.launch import Manifest


@dataclass(frozen=True)
class Amount:
    """Money with its range.

    Attributes
    ----------
    usd, low_usd, high_usd
        Planning value and range, in `currency` (US dollars unless somebody gave something else).
    currency
        ISO 4217 code; lines of different currencies cannot be added.
    """

    usd: float
    low_usd: float
    high_usd: float
    currency: str = "USD"

    def times(self, factor: float, low: float | None = None, high: float | None = None) -> "Amount":
        """Return the amount times a factor with its own range (no range: an exact factor)."""
        return Amount(
            self.usd * factor,
            self.low_usd * (factor if low is None else low),
            self.high_usd * (factor if high is None else high),
            self.currency,
        )


@dataclass(frozen=True)
class CostLine:
    """One line: capital with a life (`life_yr` in years), or a cost that comes every year (`life_yr` None)."""

    name: str
    amount: Amount
    life_yr: float | None

    @property
    def is_capital(self) -> bool:
        """Whether it is paid once and lasts, rather than paid every year."""
        return self.life_yr is not None

    def yearly(self, rate_fraction: float) -> Amount:
        """Return the cost a year: the annuity of capital over its own life, or the yearly cost itself."""
        factor = 1.0 if self.life_yr is None else recovery_per_yr(rate_fraction, self.life_yr)
        return self.amount.times(factor)


def total(amounts: Iterable[Amount]) -> Amount:
    """Return the sum; `InputError` when currencies differ or an amount is not finite."""
    rows = list(amounts)
    currencies = sorted({row.currency for row in rows})
    if currencies not in ([], ["USD"]):
        reason = f"{', '.join(currencies)} in one sum; only USD is added up: convert at a rate that you name"
        raise InputError(Problem("currency", reason))
    if not all(math.isfinite(value) for row in rows for value in (row.usd, row.low_usd, row.high_usd)):
        raise InputError(Problem("cost", "an amount is not a finite number"))
    return Amount(
        math.fsum(row.usd for row in rows),
        math.fsum(row.low_usd for row in rows),
        math.fsum(row.high_usd for row in rows),
    )


def amount(figure: Assumption) -> Amount:
    """Return a catalog figure as money; `InputError` unless its unit is USD or USD per something."""
    currency = figure.unit.split("/")[0].strip()
    if currency != "USD":
        reason = f'unit "{figure.unit}"; costs are in USD: convert at a rate that you name in its source'
        raise InputError(Problem(figure.path, reason))
    return Amount(figure.value, figure.low, figure.high)


def exact(usd: float) -> Amount:
    """Return an amount without a range."""
    return Amount(usd, usd, usd)


@dataclass(frozen=True)
class SatelliteCost:
    """A number of satellites of one type, as the cost sheet sees them.

    Attributes
    ----------
    name
        Type.
    count
        Satellites.
    bus_cost, rack_cost
        Price of one satellite without its rack, and of the rack.
    it_kw
        Rated IT power of one.
    accelerator, accelerators
        What computes, and how many of them one carries.
    mass_kg
        Launch mass of one.
    life_yr
        Years in service.
    """

    name: str
    count: int
    bus_cost: Amount
    rack_cost: Amount
    it_kw: float
    accelerator: str
    accelerators: int
    mass_kg: float
    life_yr: float

    @classmethod
    def from_catalog(cls, catalog: Catalog, name: str, count: int) -> "SatelliteCost":
        """Return `count` satellites of ``rack_satellites.<name>``, costs with their ranges."""
        entry = catalog.entry("rack_satellites", name)
        accelerators = int(entry["accelerators"])
        return cls(
            name=name,
            count=count,
            bus_cost=amount(entry.assumption("bus_cost_usd")),
            rack_cost=amount(entry.assumption("rack_cost_usd")),
            it_kw=accelerators * entry["accelerator_power_w"] / 1000.0,
            accelerator=entry.label("accelerator"),
            accelerators=accelerators,
            mass_kg=entry["mass_kg"],
            life_yr=entry["life_yr"],
        )


def launch_cost(catalog: Catalog, manifest: Manifest) -> Amount:
    """Return the price of a manifest's flights, its range from the range of each vehicle's price.

    Where a plan set a vehicle's price itself, the range moves with it in proportion.
    """
    return total(
        exact(flight.cost_usd).times(1.0, *_price_range(catalog, flight.vehicle)) for flight in manifest.flights
    )


def _price_range(catalog: Catalog, vehicle: str) -> tuple[float, float]:
    if ("launch_vehicles", vehicle) not in catalog.entries:
        return 1.0, 1.0
    figure = catalog.entry("launch_vehicles", vehicle).assumption("price_usd")
    if figure.value <= 0.0:
        return 1.0, 1.0
    return min(1.0, figure.low / figure.value), max(1.0, figure.high / figure.value)
