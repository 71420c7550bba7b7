"""The manifest as a table: who flies when on what, what stays behind, and how good that is proved to be."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from planner.arrays import FloatArray, floats
from planner.outcome import Outcome

Objective = Literal["minimum_cost", "maximum_capacity"]
OBJECTIVES: tuple[Objective, ...] = ("minimum_cost", "maximum_capacity")


@dataclass(frozen=True)
class Flight:
    """One flight.

    Attributes
    ----------
    name
        ``F001``, numbered in time order.
    month
        First day of the calendar month in which it flies.
    vehicle
        Catalog name.
    shell
        Shell that it serves.
    planes, satellites_by_plane
        The planes of that shell, and how many satellites go to each.
    mass_kg, volume_m3, it_kw
        Sums over the satellites on board.
    load_fraction
        Mass or volume on board over what the vehicle takes to that orbit, whichever is nearer to full.
    cost_usd
        Price of the flight.
    """

    name: str
    month: date
    vehicle: str
    shell: str
    planes: tuple[int, ...]
    satellites_by_plane: tuple[int, ...]
    mass_kg: float
    volume_m3: float
    it_kw: float
    load_fraction: float
    cost_usd: float

    @property
    def satellites(self) -> int:
        """Satellites on board."""
        return sum(self.satellites_by_plane)


@dataclass(frozen=True)
class LeftOut:
    """Satellites of a plane that stay on the ground, and why."""

    shell: str
    plane: int
    satellites: int
    reason: str


@dataclass(frozen=True)
class Manifest:
    """Flights in time order, satellites left out, and the proof.

    Attributes
    ----------
    flights, left_out
        The rows.
    objective
        What was optimised.
    start, deadline_months, budget_usd
        First month, number of calendar months in which flights were allowed, and money (None: no limit).
    outcome
        Objective, bound and gap: in USD for ``minimum_cost``, in kW for ``maximum_capacity``. Launch prices only: the
        satellites' own cost, which no manifest changes, would hide a poor plan.
    """

    flights: tuple[Flight, ...]
    left_out: tuple[LeftOut, ...]
    objective: Objective
    start: date
    deadline_months: int
    budget_usd: float | None
    outcome: Outcome

    @property
    def satellites(self) -> int:
        """Satellites that fly."""
        return sum(flight.satellites for flight in self.flights)

    @property
    def cost_usd(self) -> float:
        """Price of all flights."""
        return float(sum(flight.cost_usd for flight in self.flights))

    @property
    def mass_kg(self) -> float:
        """Mass of all satellites that fly."""
        return float(sum(flight.mass_kg for flight in self.flights))

    @property
    def it_kw(self) -> float:
        """IT power of all satellites that fly."""
        return float(sum(flight.it_kw for flight in self.flights))

    @property
    def launch_usd_kg(self) -> float | None:
        """Launch cost per kilogram of satellite, not of capacity bought; None when nothing flies."""
        return self.cost_usd / self.mass_kg if self.mass_kg > 0.0 else None

    @property
    def launch_usd_kw(self) -> float | None:
        """Launch cost per kilowatt of IT power; None when nothing flies."""
        return self.cost_usd / self.it_kw if self.it_kw > 0.0 else None

    @property
    def specific_mass_kg_kw(self) -> float | None:
        """Satellite mass per kilowatt of IT power; None when nothing flies."""
        return self.mass_kg / self.it_kw if self.it_kw > 0.0 else None

    @property
    def months(self) -> tuple[date, ...]:
        """First day of each calendar month of the plan, ``[month]``."""
        first = self.start.year * 12 + self.start.month - 1
        return tuple(date(k // 12, k % 12 + 1, 1) for k in range(first, first + self.deadline_months))

    @property
    def capacity_kw(self) -> FloatArray:
        """IT power launched up to the end of each month, ``[month]``."""
        return self._by_month([flight.it_kw for flight in self.flights])

    @property
    def spent_usd(self) -> FloatArray:
        """Launch cost up to the end of each month, ``[month]``."""
        return self._by_month([flight.cost_usd for flight in self.flights])

    @property
    def flights_by_vehicle(self) -> dict[str, int]:
        """Number of flights of each vehicle that flies, by name."""
        names = sorted({flight.vehicle for flight in self.flights})
        return {name: sum(flight.vehicle == name for flight in self.flights) for name in names}

    @property
    def last_month(self) -> date | None:
        """Month of the last flight; None when nothing flies."""
        return max((flight.month for flight in self.flights), default=None)

    def _by_month(self, values: list[float]) -> FloatArray:
        sums = np.zeros(self.deadline_months)
        for flight, value in zip(self.flights, values, strict=True):
            index = (flight.month.year - self.start.year) * 12 + flight.month.month - self.start.month
            sums[index] += value
        return floats(np.cumsum(sums))
