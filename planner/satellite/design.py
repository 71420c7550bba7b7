"""Answers what a rack satellite is made of, and how large its array and battery must be.

Sizing follows Wertz, Everett & Puschell, *Space Mission Engineering: The New SMAD* (2011), section 21.2. Power is
electrical; the array faces the Sun unless an angle is given. No frame, no axes: one design at a time.
"""

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from planner.catalog import Catalog, Entry
from planner.constants import SOLAR_CONSTANT_W_M2
from planner.errors import CatalogError, Problem

DIRECT_TRANSFER_SUNLIT_FRACTION: Final = 0.85
"""Array to load in sunlight with direct energy transfer (SMAD 2011, section 21.2); 0.80 with peak-power tracking."""
DIRECT_TRANSFER_ECLIPSE_FRACTION: Final = 0.65
"""Array to load through the battery with direct energy transfer (ibid.); 0.60 with peak-power tracking."""

_LABELS = {"name", "title", "accelerator", "laser_terminal"}


@dataclass(frozen=True)
class RackSatellite:
    """One satellite type.

    Attributes
    ----------
    name, title
        Catalog name and title.
    accelerator, laser_terminal
        Catalog names of the accelerator and the terminal that it carries.
    accelerators, laser_terminals
        How many of each.
    accelerator_power_w
        Rated rack power over accelerators: the device with its share of CPU, switches and conversion.
    bus_overhead_fraction
        Power of everything but the rack over the rack's rated power; drawn all the time, eclipse included.
    array_power_w
        What the new array gives face to the Sun at 1,361 W/m².
    array_degradation_per_yr
        Part of it lost each year, compounding.
    path_efficiency_fraction
        Part of the array's power that reaches the bus.
    battery_wh, depth_of_discharge_fraction
        Capacity, and the part of it that may be used.
    charge_efficiency_fraction, discharge_efficiency_fraction
        One way in, one way out.
    radiator_power_w
        Heat that the radiator rejects, from rack and bus together.
    mass_kg, stowed_volume_m3
        At launch.
    drag_area_m2, tumbling_area_m2
        Cross-section that meets the air, averaged over a revolution: while it points as it should, and once it has
        failed.
    bus_cost_usd, rack_cost_usd
        Price of the satellite without its rack, and of the rack.
    life_yr
        Years in service.

    Raises
    ------
    CatalogError
        Lists every figure that no satellite can have.
    """

    name: str
    title: str
    accelerator: str
    laser_terminal: str
    accelerators: int
    laser_terminals: int
    accelerator_power_w: float
    bus_overhead_fraction: float
    array_power_w: float
    array_degradation_per_yr: float
    path_efficiency_fraction: float
    battery_wh: float
    depth_of_discharge_fraction: float
    charge_efficiency_fraction: float
    discharge_efficiency_fraction: float
    radiator_power_w: float
    mass_kg: float
    stowed_volume_m3: float
    drag_area_m2: float
    tumbling_area_m2: float
    bus_cost_usd: float
    rack_cost_usd: float
    life_yr: float

    def __post_init__(self) -> None:
        problems = [
            Problem(f"rack_satellites.{self.name}.{name}", f"{getattr(self, name):g} must be {allowed}")
            for name, allowed, low, high in _RANGES
            if not low <= getattr(self, name) <= high
        ]
        problems += [
            Problem(f"rack_satellites.{self.name}.{name}", f"{getattr(self, name)!r} must be a whole number")
            for name in ("accelerators", "laser_terminals")
            if getattr(self, name) != int(getattr(self, name))
        ]
        if problems:
            raise CatalogError(problems)

    @classmethod
    def from_catalog(cls, catalog: Catalog, name: str) -> "RackSatellite":
        """Read entry ``rack_satellites.<name>``; `CatalogError` when it is missing or impossible."""
        entry = catalog.entry("rack_satellites", name)
        return cls(**{column.name: _read(entry, column.name) for column in fields(cls)})

    @property
    def rack_power_w(self) -> float:
        """Rated power of the rack."""
        return self.accelerators * self.accelerator_power_w

    @property
    def bus_power_w(self) -> float:
        """Power that everything but the rack draws."""
        return self.bus_overhead_fraction * self.rack_power_w

    @property
    def compute_cap_w(self) -> float:
        """Most that the rack may draw: its rating, or the heat that the radiator has left beside the bus."""
        return min(self.rack_power_w, max(0.0, self.radiator_power_w - self.bus_power_w))

    @property
    def battery_floor_wh(self) -> float:
        """State of charge that the depth-of-discharge limit forbids to pass."""
        return self.battery_wh * (1.0 - self.depth_of_discharge_fraction)

    def delivered_power_w(self, *, age_yr: float) -> float:
        """Return what the array brings to the bus in full sunlight after `age_yr` years."""
        kept = float((1.0 - self.array_degradation_per_yr) ** age_yr)
        return self.array_power_w * self.path_efficiency_fraction * kept


_ANY = float(np.finfo(np.float64).max)
_RANGES: Final = (
    ("accelerators", "at least 1 and at most a million", 1, 1e6),
    ("laser_terminals", "at least 0 and at most a thousand", 0, 1e3),
    ("accelerator_power_w", "at least 1 W and at most 1 GW", 1.0, 1e9),
    ("bus_overhead_fraction", "between 0 and 10", 0.0, 10.0),
    ("array_power_w", "at least 0 W and at most 1 TW", 0.0, 1e12),
    ("array_degradation_per_yr", "at least 0 and below 1", 0.0, 1.0 - 1e-9),
    ("path_efficiency_fraction", "above 0 and at most 1", 1e-9, 1.0),
    ("battery_wh", "at least 0 Wh and at most 1 TWh", 0.0, 1e12),
    ("depth_of_discharge_fraction", "between 0 and 1", 0.0, 1.0),
    ("charge_efficiency_fraction", "above 0 and at most 1", 1e-9, 1.0),
    ("discharge_efficiency_fraction", "above 0 and at most 1", 1e-9, 1.0),
    ("radiator_power_w", "at least 0", 0.0, _ANY),
    ("mass_kg", "above 0", 1e-9, _ANY),
    ("stowed_volume_m3", "above 0", 1e-9, _ANY),
    ("drag_area_m2", "above 0", 1e-9, _ANY),
    ("tumbling_area_m2", "above 0", 1e-9, _ANY),
    ("bus_cost_usd", "at least 0", 0.0, _ANY),
    ("rack_cost_usd", "at least 0", 0.0, _ANY),
    ("life_yr", "above 0", 1e-9, _ANY),
)


def _read(entry: Entry, name: str) -> Any:  # noqa: ANN401 - text, count or figure, as the field says
    if name == "name":
        return entry.name
    if name == "title":
        return entry.title
    if name in _LABELS:
        return entry.label(name)
    value = entry[name]
    return int(value) if name in {"accelerators", "laser_terminals"} and value == int(value) else value


def array_power_w(
    *,
    eclipse_load_w: float,
    sunlit_load_w: float,
    eclipse_min: float,
    sunlit_min: float,
    eclipse_path_fraction: float = DIRECT_TRANSFER_ECLIPSE_FRACTION,
    sunlit_path_fraction: float = DIRECT_TRANSFER_SUNLIT_FRACTION,
) -> float:
    """Return the array power that carries both loads and refills the battery every orbit.

    Parameters
    ----------
    eclipse_load_w, sunlit_load_w
        Power drawn in shadow and in sunlight.
    eclipse_min, sunlit_min
        Length of each in one orbit, at the worst Sun angle of the mission.
    eclipse_path_fraction, sunlit_path_fraction
        Efficiency array → battery → load, and array → load.

    Returns
    -------
    Power at the array, at end of life: P_sa = (P_e T_e / X_e + P_d T_d / X_d) / T_d, SMAD 2011 equation 21-5.
    """
    _positive(sunlit_min=sunlit_min, eclipse_path=eclipse_path_fraction, sunlit_path=sunlit_path_fraction)
    through_battery = eclipse_load_w * eclipse_min / eclipse_path_fraction
    return (through_battery + sunlit_load_w * sunlit_min / sunlit_path_fraction) / sunlit_min


def beginning_of_life_power_w(end_of_life_power_w: float, *, degradation_per_yr: float, life_yr: float) -> float:
    """Return the power of the new array that still gives `end_of_life_power_w` after `life_yr` years."""
    if not 0.0 <= degradation_per_yr < 1.0:
        raise ValueError(f"degradation_per_yr: {degradation_per_yr} must be at least 0 and below 1")
    return end_of_life_power_w / float((1.0 - degradation_per_yr) ** life_yr)


def array_area_m2(
    power_w: float, *, cell_efficiency_fraction: float, packing_fraction: float, incidence_deg: float = 0.0
) -> float:
    """Return the area whose cells give `power_w` with the Sun `incidence_deg` off the normal at 1,361 W/m²."""
    facing = np.cos(np.radians(incidence_deg))
    _positive(cell_efficiency=cell_efficiency_fraction, packing=packing_fraction, facing=float(facing))
    return float(power_w / (SOLAR_CONSTANT_W_M2 * cell_efficiency_fraction * packing_fraction * facing))


def battery_capacity_wh(
    load_w: float, *, eclipse_min: float, depth_of_discharge_fraction: float, discharge_efficiency_fraction: float
) -> float:
    """Return the battery that carries `load_w` through an eclipse: E = P_e T_e / (DoD · η_d), SMAD 2011, 21.2."""
    _positive(depth=depth_of_discharge_fraction, discharge=discharge_efficiency_fraction)
    return load_w * eclipse_min / 60.0 / (depth_of_discharge_fraction * discharge_efficiency_fraction)


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0.0:
            raise ValueError(f"{name}: {value} must be above 0")
