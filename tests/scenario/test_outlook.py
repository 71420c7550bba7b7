"""The years ahead of a fleet, plane by plane, are what the rooms below say of each plane."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.catalog import load_catalog
from planner.environment import Atmosphere, DoseTable, annual_dose_rad_yr, lifetime_yr
from planner.orbit import Fleet, dawn_dusk_train, walker_delta
from planner.satellite import RackSatellite
from planner.scenario.outlook import ACTIVITIES, Outlook, decays, outlook

START = datetime(2026, 6, 21, tzinfo=UTC)
CATALOG = load_catalog()
RACK = RackSatellite.from_catalog(CATALOG, "nvl72_120kw")


def years_of(fleet: Fleet) -> Outlook:
    return outlook(fleet, [RACK] * len(fleet), CATALOG, start=START, shielding_mm=10.0)


def test_each_plane_is_told_of_once_with_its_satellites() -> None:
    fleet = dawn_dusk_train(name="t", altitudes_km=[600.0, 650.0], satellites_per_shell=7, epoch=START)
    found = years_of(fleet)
    assert found.shells == ("t-600", "t-650")
    assert found.satellites.tolist() == [7, 7]
    assert found.altitude_km == pytest.approx([600.0, 650.0], abs=1e-6)


def test_shells_that_fly_close_by_are_never_taken_for_one() -> None:
    found = years_of(dawn_dusk_train(name="t", altitudes_km=[550.0, 552.5, 555.0], satellites_per_shell=3, epoch=START))
    assert found.shells == ("t-550", "t-552.5", "t-555")
    assert found.satellites.tolist() == [3, 3, 3]


def test_a_higher_shell_lives_longer_needs_less_thrust_and_takes_more_dose() -> None:
    found = years_of(dawn_dusk_train(name="t", altitudes_km=[600.0, 650.0], satellites_per_shell=2, epoch=START))
    assert (np.diff(found.lifetime_yr, axis=1) > 0.0).all()
    assert (np.diff(found.drag_delta_v_m_s_yr, axis=1) < 0.0).all()
    assert (np.diff(found.dose_rad_yr) > 0.0).all()
    # More solar activity, denser air: from low to high.
    assert (np.diff(found.lifetime_yr, axis=0) < 0.0).all()
    assert (np.diff(found.drag_delta_v_m_s_yr, axis=0) > 0.0).all()


def test_figures_are_those_of_the_environment_at_the_altitude_that_the_plan_gives() -> None:
    found = years_of(dawn_dusk_train(name="t", altitudes_km=[650.0], satellites_per_shell=2, epoch=START))
    # What J2 lifts a polar orbit by, some 5 km, is in the drag already: its planes, which hold it too, must not add it.
    assert found.altitude_km[0] == pytest.approx(650.0, abs=1e-6)
    assert 653.0 < found.seasons.planes.semi_major_axis_km[0] - 6378.137 < 657.0
    air = Atmosphere.from_catalog(CATALOG, "mean")
    years = lifetime_yr(
        found.altitude_km[0],
        ballistic_coefficient_kg_m2=RACK.mass_kg / (2.2 * RACK.tumbling_area_m2),
        atmosphere=air,
        inclination_deg=found.seasons.planes.inclination_deg[0],
    )
    assert found.lifetime_yr[ACTIVITIES.index("mean"), 0] == pytest.approx(float(years), rel=1e-12)
    dose = annual_dose_rad_yr(
        found.altitude_km[0],
        inclination_deg=found.seasons.planes.inclination_deg[0],
        shielding_mm=10.0,
        table=DoseTable.from_catalog(CATALOG),
    )
    assert found.dose_rad_yr[0] == pytest.approx(float(dose), rel=1e-12)
    histories = decays(found, CATALOG, 0)
    assert [history.elapsed_yr[-1] for history in histories.values()] == pytest.approx(found.lifetime_yr[:, 0])


def test_the_lowest_and_the_highest_altitude_of_the_table_of_doses_are_told() -> None:
    for altitude_km in (400.0, 1400.0):
        shell = walker_delta(
            name="w", altitude_km=altitude_km, inclination_deg=53.0, satellites=2, planes=2, phasing=0, epoch=START
        )
        assert np.isfinite(years_of(shell).dose_rad_yr).all()


@pytest.mark.parametrize("altitude_km", [170.0, 2500.0, 20_000.0])
def test_what_no_table_covers_is_left_open_and_never_guessed(altitude_km: float) -> None:
    shell = walker_delta(
        name="w", altitude_km=altitude_km, inclination_deg=55.0, satellites=4, planes=2, phasing=0, epoch=START
    )
    found = years_of(shell)
    assert np.isnan(found.dose_rad_yr).all()
    assert np.isfinite(found.lifetime_yr).all() == (altitude_km < 2000.0)
    assert bool(decays(found, CATALOG, 0)) == (altitude_km < 2000.0)
    assert np.isfinite(found.seasons.eclipse_min).all()
