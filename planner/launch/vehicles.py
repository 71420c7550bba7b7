"""The question: what one flight of a vehicle lifts into a plane, and in which months it may fly.

Months are calendar months counted from the plan's first month, which is month 0. Mass in kg, volume in m³, prices in
US dollars.
"""

import math
from dataclasses import dataclass
from datetime import date

from planner.catalog import Catalog
from planner.errors import CatalogError, Problem

LOW_INCLINATION_DEG = 53.0
"""Up to here a vehicle lifts its low-orbit payload: Falcon 9's heaviest flights (17.5 t) went to 43° and 53°."""

POLAR_INCLINATION_DEG = 90.0
"""From here on it lifts its sun-synchronous payload (vehicles are rated at 97–98°; polar is within 2 % of that)."""

_ROUND = 1e-9  # a capacity of 22.999999999 satellites is 23: figures are given to four digits, floats are not exact


@dataclass(frozen=True)
class PlaneDemand:
    """Satellites that one plane needs; all of one type.

    Attributes
    ----------
    shell, plane
        Which plane; planes of a shell whose numbers are close are neighbours.
    satellites
        How many.
    mass_kg, volume_m3, it_kw
        Launch mass, stowed volume and IT power of *one* satellite.
    inclination_deg, altitude_km
        Orbit of the plane.
    """

    shell: str
    plane: int
    satellites: int
    mass_kg: float
    volume_m3: float
    it_kw: float
    inclination_deg: float
    altitude_km: float


@dataclass(frozen=True)
class Vehicle:
    """A launch vehicle as the manifest sees it.

    Attributes
    ----------
    name, title
        Catalog name and what people call it.
    payload_leo_kg, payload_sso_kg
        Mass lifted to a low insertion orbit up to 53°, and to a sun-synchronous one.
    fairing_volume_m3, fairing_diameter_m, fairing_height_m
        Envelope of the payload.
    packing_fraction
        Part of the volume that stowed satellites may fill.
    price_usd
        Price of one flight.
    flights_per_month
        Flights a calendar month; a fraction is spread evenly (0.5: every second month).
    success_fraction
        Flights that brought their payload to the right orbit. Reported, not planned with.
    available_from
        First day on which it flies customers.
    planes_per_flight
        Length of the run of neighbouring planes that one flight may serve.
    """

    name: str
    title: str
    payload_leo_kg: float
    payload_sso_kg: float
    fairing_volume_m3: float
    fairing_diameter_m: float
    fairing_height_m: float
    packing_fraction: float
    price_usd: float
    flights_per_month: float
    success_fraction: float
    available_from: date
    planes_per_flight: int = 1

    @classmethod
    def from_catalog(cls, catalog: Catalog, name: str) -> "Vehicle":
        """Return vehicle `name` of the collection ``launch_vehicles``; `CatalogError` where a figure makes no sense."""
        entry = catalog.entry("launch_vehicles", name)
        figures = {key: entry[key] for key in entry.figures}
        problems = [
            Problem(entry.assumption(key).path, f"{value:g} {rule}")
            for key, value in figures.items()
            for rule in [_wrong(key, value)]
            if rule
        ]
        if problems:
            raise CatalogError(problems)
        start = figures.pop("available_from_yr")
        planes = int(figures.pop("planes_per_flight"))
        return cls(
            name=name,
            title=entry.title,
            available_from=calendar_day(start),
            planes_per_flight=planes,
            **{key: figures[key] for key in _FLOATS},
        )

    def payload_kg(self, inclination_deg: float) -> float:
        """Return the mass lifted to `inclination_deg`.

        Linear between the low-orbit rating at 53° and the sun-synchronous one at 90°, constant outside; altitude does
        not enter, because satellites raise themselves from the insertion orbit that both ratings are for.
        """
        span = POLAR_INCLINATION_DEG - LOW_INCLINATION_DEG
        share = min(max((inclination_deg - LOW_INCLINATION_DEG) / span, 0.0), 1.0)
        return self.payload_leo_kg + share * (self.payload_sso_kg - self.payload_leo_kg)

    def capacity(self, demand: PlaneDemand) -> int:
        """Return how many satellites of `demand` one flight takes, by mass and by volume."""
        by_mass = self.payload_kg(demand.inclination_deg) / demand.mass_kg
        by_volume = self.fairing_volume_m3 * self.packing_fraction / demand.volume_m3
        return math.floor(min(by_mass, by_volume) + _ROUND)

    def slots(self, start: date, months: int) -> tuple[int, ...]:
        """Return the flights it may make in each of `months` calendar months from the month of `start`.

        Month k since it became available, or since `start` where that is later, holds
        ⌊r·(k+1)⌋ − ⌊r·k⌋ flights at r flights a month: never more than ⌈r⌉, and r on average.
        """
        waiting = max(0, month_index(self.available_from, start))
        rate = self.flights_per_month
        counts = [math.floor(rate * (k + 1) + _ROUND) - math.floor(rate * k + _ROUND) for k in range(months)]
        return tuple(0 if month < waiting else counts[month - waiting] for month in range(months))


_FLOATS = (
    "payload_leo_kg",
    "payload_sso_kg",
    "fairing_volume_m3",
    "fairing_diameter_m",
    "fairing_height_m",
    "packing_fraction",
    "price_usd",
    "flights_per_month",
    "success_fraction",
)


def _wrong(key: str, value: float) -> str:
    if not math.isfinite(value):
        return "is not a finite number"
    if key == "planes_per_flight" and (value < 1 or value != int(value)):
        return "must be a whole number, 1 or more"
    if key.endswith("fraction") and not 0.0 <= value <= 1.0:
        return "must lie between 0 and 1"
    if key in ("flights_per_month", "price_usd") and value < 0.0:
        return "must not be negative"
    if key == "available_from_yr" and not 1957.0 <= value < 2200.0:
        return "must be a calendar year between 1957 and 2200"
    if key.endswith(("_kg", "_m3", "_m")) and value <= 0.0:
        return "must be positive"
    return ""


def calendar_day(decimal_yr: float) -> date:
    """Return the first day of the month that decimal calendar year `decimal_yr` falls in."""
    year = math.floor(decimal_yr)
    return date(year, min(12, math.floor((decimal_yr - year) * 12.0 + _ROUND) + 1), 1)


def month_index(day: date, start: date) -> int:
    """Return the number of calendar months from the month of `start` to that of `day`."""
    return (day.year - start.year) * 12 + day.month - start.month


def month_of(index: int, start: date) -> date:
    """Return the first day of the calendar month `index` months after that of `start`."""
    months = start.year * 12 + start.month - 1 + index
    return date(months // 12, months % 12 + 1, 1)
