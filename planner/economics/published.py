"""The question: what others' estimates of orbital computing say when their arithmetic is done again.

Every function takes its inputs from ``published_estimates`` of the catalog, so that a plan can change one and see.
"""

import math
from dataclasses import dataclass

from planner.catalog import Catalog, Entry
from planner.constants import HOURS_PER_YEAR
from planner.economics.finance import volume_for
from planner.errors import InputError, Problem


@dataclass(frozen=True)
class CalculatorTotal:
    """What the McCalip calculator's default adds up to over its period.

    Attributes
    ----------
    satellites
        Number of satellites.
    mass_kg
        Mass launched.
    spacecraft_usd, launch_usd, operations_usd, replacement_usd, development_usd
        Lines; replacement is of failed accelerators, priced as spacecraft.
    """

    satellites: int
    mass_kg: float
    spacecraft_usd: float
    launch_usd: float
    operations_usd: float
    replacement_usd: float
    development_usd: float

    @property
    def total_usd(self) -> float:
        """Sum of the lines."""
        return math.fsum(
            (
                self.spacecraft_usd,
                self.launch_usd,
                self.operations_usd,
                self.replacement_usd,
                self.development_usd,
            )
        )


def calculator_total(catalog: Catalog, name: str = "mccalip") -> CalculatorTotal:
    """Return the McCalip calculator's total for the entry's inputs.

    Satellites are sized so that their *mean* power over the period, with cells fading and shadow, is the capacity.
    """
    entry = catalog.entry("published_estimates", name)
    years = int(entry["period_yr"])
    fading = math.fsum((1.0 - entry["cell_loss_per_yr"]) ** year for year in range(years)) / years
    needed_kw = entry["capacity_gw"] * 1e6 / (entry["sunlit_fraction"] * fading)
    satellites = math.ceil(needed_kw / entry["satellite_kw"])
    power_w = satellites * entry["satellite_kw"] * 1000.0
    spacecraft_usd = power_w * entry["spacecraft_usd_w"]
    mass_kg = power_w / entry["specific_power_w_kg"]
    return CalculatorTotal(
        satellites=satellites,
        mass_kg=mass_kg,
        spacecraft_usd=spacecraft_usd,
        launch_usd=mass_kg * entry["launch_usd_kg"],
        operations_usd=spacecraft_usd * entry["operations_per_yr"] * years,
        replacement_usd=spacecraft_usd * entry["gpu_loss_per_yr"] * years,
        development_usd=entry["nonrecurring_usd"],
    )


def launch_usd_kw_yr(mass_kg: float, power_kw: float, launch_usd_kg: float, life_yr: float) -> float:
    """Return the launch price of a kilowatt for a year, without interest (Suncatcher, arXiv:2511.19468, Table 1)."""
    if not (power_kw > 0.0 and life_yr > 0.0):
        raise InputError(Problem("launch price", f"{power_kw:g} kW over {life_yr:g} years: both must be positive"))
    return mass_kg / power_kw * launch_usd_kg / life_yr


def mass_for_goal_kg(catalog: Catalog, name: str = "suncatcher_learning") -> float:
    """Return the cumulative mass to orbit at which the launch price reaches the entry's goal (Wright's law)."""
    entry = catalog.entry("published_estimates", name)
    growth = volume_for(entry["start_usd_kg"], entry["goal_usd_kg"], entry["learning_fraction"])
    return entry["start_kg"] * growth


def levelised_usd_gpu_h(ownership_usd_gpu_h: float, redundancy_fraction: float, availability_fraction: float) -> float:
    """Return the price of an available accelerator-hour from its cost of ownership, spares and availability."""
    if not availability_fraction > 0.0:
        raise InputError(Problem("availability_fraction", f"{availability_fraction:g}, must be above 0: no output"))
    return ownership_usd_gpu_h * (1.0 + redundancy_fraction) / availability_fraction


def bridge_usd_gpu_h(catalog: Catalog, name: str = "semianalysis") -> tuple[float, float]:
    """Return the SemiAnalysis price of an available accelerator-hour in orbit and on the ground."""
    entry = catalog.entry("published_estimates", name)
    orbit, ground = (
        levelised_usd_gpu_h(
            entry[f"{place}_usd_gpu_h"],
            entry[f"{place}_redundancy_fraction"],
            entry[f"{place}_availability_fraction"],
        )
        for place in ("orbital", "ground")
    )
    return orbit, ground


def running_totals_usd(catalog: Catalog, name: str = "starcloud") -> tuple[float, float]:
    """Return Starcloud's totals for ground and space.

    Chips are on neither side; the space side has neither a radiator nor a bus, and launches at about $30 a kilogram.
    """
    entry = catalog.entry("published_estimates", name)
    ground = _sum(entry, "ground_energy_usd", "ground_cooling_usd", "ground_backup_usd")
    return ground, _sum(entry, "space_array_usd", "space_launch_usd", "space_shielding_usd")


def ground_energy_usd(catalog: Catalog, name: str = "starcloud") -> float:
    """Return the energy line of the same table, worked out from power, period and electricity price."""
    entry = catalog.entry("published_estimates", name)
    return entry["it_mw"] * 1000.0 * entry["period_yr"] * HOURS_PER_YEAR * entry["ground_energy_usd_kwh"]


def all_in_usd_kg(catalog: Catalog, name: str = "turyshev") -> tuple[float, float]:
    """Return the range that launch plus build may cost per kilogram (Turyshev, arXiv:2604.27197)."""
    entry = catalog.entry("published_estimates", name)
    limit = entry.assumption("all_in_usd_kw")
    mass = entry["specific_mass_kg_kw"]
    return limit.low / mass, limit.high / mass


def _sum(entry: Entry, *figures: str) -> float:
    return math.fsum(entry[figure] for figure in figures)
