"""What the years do to a fleet: seasons of eclipse, drag, radiation, one row to each orbital plane ``[plane]``.

A plan lasts a day or a week; its satellites are to last for years. What a day cannot show is told here from each
plane's mean orbit: a year of Sun and shadow, how long a satellite that fails stays up, what it costs to hold the
others, and the dose behind a shield.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, get_args

import numpy as np

from planner.arrays import FloatArray, IntArray, floats, ints, lock
from planner.catalog import Catalog
from planner.environment import (
    Activity,
    Atmosphere,
    DecayHistory,
    DoseTable,
    Seasons,
    annual_dose_rad_yr,
    ballistic_coefficient_kg_m2,
    decay_history,
    drag_delta_v_m_s_yr,
    eclipse_seasons,
    lifetime_yr,
)
from planner.environment.decay import GREATEST_SWING_KM
from planner.orbit import ClusterGeometry, Fleet, J2Drift, cluster_geometry, j2_drift
from planner.satellite import RackSatellite

ACTIVITIES: Final[tuple[Activity, ...]] = get_args(Activity)
"""Levels of solar activity, each held throughout; the first axis of what depends on them."""

_ALTITUDE_DIGITS: Final = 9


@dataclass(frozen=True, eq=False)
class Outlook:
    """What the years do to each orbital plane of a fleet.

    Attributes
    ----------
    seasons
        A year of Sun and shadow, ``[plane, time]``.
    shells, rack_types
        ``[plane]``, of the plane's first satellite.
    satellites
        ``[plane]``, how many fly in it.
    altitude_km
        ``[plane]``, mean semi-major axis above the equatorial radius, as the plan gives it.
    flying_kg_m2, failed_kg_m2
        ``[plane]``, ballistic coefficient of a satellite that points as it should, and of one that tumbles.
    lifetime_yr
        ``[activity, plane]``, until a satellite that fails comes down; NaN beyond the table of densities (above 2,000
        km) and for orbits that are not circular.
    drag_delta_v_m_s_yr
        ``[activity, plane]``, to hold the orbit against drag; NaN likewise.
    shielding_mm
        Aluminium for which the dose is told.
    dose_rad_yr
        ``[plane]``, in silicon; NaN outside the table (400 to 1,400 km, 30° to 150°).
    """

    seasons: Seasons
    shells: tuple[str, ...]
    rack_types: tuple[str, ...]
    satellites: IntArray
    altitude_km: FloatArray
    flying_kg_m2: FloatArray
    failed_kg_m2: FloatArray
    lifetime_yr: FloatArray
    drag_delta_v_m_s_yr: FloatArray
    shielding_mm: float
    dose_rad_yr: FloatArray

    def __len__(self) -> int:
        return len(self.shells)


def outlook(
    fleet: Fleet, designs: Sequence[RackSatellite], catalog: Catalog, *, start: datetime, shielding_mm: float
) -> Outlook:
    """Return what the years do to every orbital plane of a fleet.

    Parameters
    ----------
    fleet
        ``[sat]``.
    designs
        Type of each satellite, ``[sat]``.
    catalog
        Holds densities, doses and the drag coefficient.
    start
        First day of the year that is looked at.
    shielding_mm
        Aluminium around the electronics.

    Raises
    ------
    ValueError
        For a shielding outside the table of doses.
    """
    seasons = eclipse_seasons(fleet, start=start)
    first = ints(np.unique(seasons.plane_of, return_index=True)[1])
    racks = [designs[i] for i in first]
    planes = seasons.planes
    # To a micrometre, so that rounding pushes no altitude of a plan over the edge of a table.
    altitude = floats(np.round(fleet.altitude_km[first], _ALTITUDE_DIGITS))
    swing_km = planes.semi_major_axis_km * planes.eccentricity_fraction
    coefficient = catalog.entry("environment", "drag")["drag_coefficient"]
    mass = floats([rack.mass_kg for rack in racks])
    flying, failed = (
        ballistic_coefficient_kg_m2(mass, drag_area_m2=area_m2, drag_coefficient=coefficient)
        for area_m2 in ([rack.drag_area_m2 for rack in racks], [rack.tumbling_area_m2 for rack in racks])
    )
    lifetime, delta_v = np.full((2, len(ACTIVITIES), len(first)), np.nan)
    for row, activity in enumerate(ACTIVITIES):
        air = Atmosphere.from_catalog(catalog, activity)
        told = air.covers(altitude) & (swing_km <= GREATEST_SWING_KM)
        lifetime[row, told] = lifetime_yr(
            altitude[told],
            ballistic_coefficient_kg_m2=failed[told],
            atmosphere=air,
            inclination_deg=planes.inclination_deg[told],
        )
        delta_v[row, told] = drag_delta_v_m_s_yr(
            altitude[told],
            ballistic_coefficient_kg_m2=flying[told],
            atmosphere=air,
            inclination_deg=planes.inclination_deg[told],
        )
    return Outlook(
        seasons=seasons,
        shells=tuple(fleet.shells[i] for i in first),
        rack_types=tuple(fleet.rack_types[i] for i in first),
        satellites=ints(np.bincount(seasons.plane_of)),
        altitude_km=altitude,
        flying_kg_m2=flying,
        failed_kg_m2=failed,
        lifetime_yr=lock(lifetime),
        drag_delta_v_m_s_yr=lock(delta_v),
        shielding_mm=shielding_mm,
        dose_rad_yr=_dose(catalog, altitude, planes.inclination_deg, shielding_mm),
    )


class Formation(NamedTuple):
    """A cluster: its members, how near they come, and what the Earth's oblateness does to it."""

    shell: str
    fleet: Fleet
    geometry: ClusterGeometry
    drift: J2Drift


def formations(fleet: Fleet) -> tuple[Formation, ...]:
    """Return every cluster of a fleet, in its order; a shell is one where satellites stand beside a chief."""
    names = np.array(fleet.shells)
    members = [(shell, fleet[names == shell]) for shell in dict.fromkeys(names[fleet.offsets.flown].tolist())]
    return tuple(Formation(shell, group, cluster_geometry(group), j2_drift(group)) for shell, group in members)


def decays(found: Outlook, catalog: Catalog, plane: int) -> dict[Activity, DecayHistory]:
    """Return how a satellite of a plane comes down once it has failed, by solar activity; empty where none is told."""
    orbits = found.seasons.planes
    if not np.isfinite(found.lifetime_yr[:, plane]).all():
        return {}
    return {
        activity: decay_history(
            float(found.altitude_km[plane]),
            ballistic_coefficient_kg_m2=float(found.failed_kg_m2[plane]),
            atmosphere=Atmosphere.from_catalog(catalog, activity),
            inclination_deg=float(orbits.inclination_deg[plane]),
        )
        for activity in ACTIVITIES
    }


def _dose(catalog: Catalog, altitude: FloatArray, inclination: FloatArray, shielding_mm: float) -> FloatArray:
    table = DoseTable.from_catalog(catalog)
    dose = np.full(len(altitude), np.nan)
    # A shielding outside the table is the plan's mistake; an orbit outside it is only one of which no dose is known.
    inside = table.covers(altitude, inclination_deg=inclination, shielding_mm=table.shielding_mm[0])
    dose[inside] = annual_dose_rad_yr(
        altitude[inside], inclination_deg=inclination[inside], shielding_mm=shielding_mm, table=table
    )
    return lock(dose)
