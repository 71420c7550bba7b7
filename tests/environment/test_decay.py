"""Lifetimes under drag, against spheres that came down, published rules, and the integral done another way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog import load_catalog
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_MU_KM3_S2, SECONDS_PER_DAY
from planner.environment import (
    REENTRY_ALTITUDE_KM,
    Atmosphere,
    ballistic_coefficient_kg_m2,
    decay_history,
    decay_rate_km_d,
    drag_density_kg_m3,
    lifetime_yr,
)
from planner.environment.atmosphere import Activity
from planner.environment.decay import SECONDS_PER_YEAR

QUADRATURE_TOLERANCE = 5e-5
DAYS_PER_YEAR = SECONDS_PER_YEAR / SECONDS_PER_DAY

SPHERES = [
    # name, kg, m, altitude km, inclination °, days in orbit, activity on either side of the Sun that it flew under
    ("Starshine 3", 91.0, 0.94, 470.0, 67.0, 478.2, "mean", "high"),
    ("ANDE-2 Castor", 47.45, 0.4826, 350.0, 51.6, 383.4, "low", "mean"),
    ("ANDE-2 Pollux", 27.442, 0.4826, 350.0, 51.6, 241.4, "low", "mean"),
]
"""Spheres show the same area however they turn. Starshine 3: Office of Naval Research and NRL, 470 km, launched
2001-09-30, re-entered 2003-01-21, through the maximum of cycle 23 (F10.7 about 190). ANDE-2: NRL (eoPortal), released
at about 350 km on 2009-07-30, re-entered 2010-08-18 and 2010-03-28, in the minimum that followed (F10.7 about 75)."""


def air(activity: Activity) -> Atmosphere:
    return Atmosphere.from_catalog(load_catalog(), activity)


@pytest.mark.parametrize("sphere", SPHERES, ids=lambda sphere: sphere[0])
def test_spheres_came_down_between_the_two_levels_of_activity_around_theirs(
    sphere: tuple[str, float, float, float, float, float, Activity, Activity],
) -> None:
    _, mass, diameter, altitude, inclination, days, quieter, livelier = sphere
    coefficient = ballistic_coefficient_kg_m2(mass, drag_area_m2=np.pi / 4.0 * diameter**2, drag_coefficient=2.2)
    longest, shortest = (
        DAYS_PER_YEAR
        * float(
            lifetime_yr(
                altitude,
                ballistic_coefficient_kg_m2=coefficient,
                atmosphere=air(level),
                inclination_deg=inclination,
            )
        )
        for level in (quieter, livelier)
    )
    assert shortest < days < longest


def test_the_25_year_rule_is_kept_up_to_about_650_km() -> None:
    # NASA's and ESA's rule of thumb: a compact satellite (area over mass 0.01 m²/kg, C_D 2.2, so 45 kg/m²) decays
    # within 25 years from about 600 to 650 km.
    found = lifetime_yr([600.0, 650.0, 700.0], ballistic_coefficient_kg_m2=1.0 / 0.022, atmosphere=air("mean"))
    assert found[0] < 25.0 < found[2]
    assert found[1] == pytest.approx(25.0, rel=0.15)


def test_nasas_ladder_of_altitudes_is_met() -> None:
    # NASA Orbital Debris Program Office, frequently asked questions: below 600 km several years, at 800 km centuries,
    # above 1,000 km a thousand years or more. A compact satellite at mean activity.
    found = lifetime_yr([500.0, 800.0, 1000.0], ballistic_coefficient_kg_m2=45.0, atmosphere=air("mean"))
    assert 1.0 < found[0] < 10.0
    assert 100.0 < found[1] < 500.0
    assert found[2] > 1000.0


def test_a_dead_starlink_comes_down_within_five_years_at_mean_activity() -> None:
    # SpaceX to the FCC (2018): 550 km, passive decay 1 to 3 years expected, 5 at most. 260 kg; 30 m² of array and 9 m²
    # of body that tumble show half of their one-sided area.
    coefficient = ballistic_coefficient_kg_m2(260.0, drag_area_m2=19.5, drag_coefficient=2.2)
    typical, slowest = (
        float(lifetime_yr(550.0, ballistic_coefficient_kg_m2=coefficient, atmosphere=air(level), inclination_deg=53.0))
        for level in ("mean", "low")
    )
    assert 0.5 < typical < 3.0
    assert slowest > 5.0  # only if the Sun stayed at its minimum for a decade


def test_the_space_station_sinks_by_about_two_kilometres_a_month() -> None:
    # 410 km, 51.6°, 70 m a day in 2023 and up to 100 m (NASA), F10.7 about 150. The cross-section over a revolution is
    # uncertain: 450 t over 1,400 to 2,500 m² and C_D 2.2, so 82 to 146 kg/m².
    found = decay_rate_km_d(
        410.0, ballistic_coefficient_kg_m2=[82.0, 146.0], atmosphere=air("mean"), inclination_deg=51.6
    )
    assert found[1] < 0.100 < found[0]
    assert found[1] == pytest.approx(0.070, rel=0.25)


@pytest.mark.parametrize("activity", ["low", "mean", "high"])
def test_the_quadrature_is_the_integral_of_the_decay_rate(activity: Activity) -> None:
    # A trapezium over 5 m steps against Gauss–Legendre between the rows; the scale height steps where the orbit, lifted
    # by the oblate Earth, passes one.
    altitude = np.arange(REENTRY_ALTITUDE_KM, 700.0 + 1e-9, 0.005)
    rate = decay_rate_km_d(altitude, ballistic_coefficient_kg_m2=50.0, atmosphere=air(activity))
    expected = np.trapezoid(1.0 / rate, altitude) / DAYS_PER_YEAR
    found = lifetime_yr(700.0, ballistic_coefficient_kg_m2=50.0, atmosphere=air(activity))
    assert float(found) == pytest.approx(expected, rel=QUADRATURE_TOLERANCE)


def test_in_exponential_air_the_textbook_lifetime_comes_out() -> None:
    # t ≈ B·H/(ρ·√(μ a)) for a circular orbit well above re-entry (King-Hele 1987), to order H/a.
    height, axis = 50.0, np.array([120.0, 2000.0])
    thin = Atmosphere("mean", axis, 1e-12 * np.exp(-(axis - 500.0) / height))
    density = float(drag_density_kg_m3(500.0, atmosphere=thin))
    textbook = 100.0 * height / (density * 1e3 * np.sqrt(EARTH_MU_KM3_S2 * (EARTH_EQUATORIAL_RADIUS_KM + 500.0)))
    found = float(lifetime_yr(500.0, ballistic_coefficient_kg_m2=100.0, atmosphere=thin)) * SECONDS_PER_YEAR
    assert found == pytest.approx(textbook, rel=height / (EARTH_EQUATORIAL_RADIUS_KM + 500.0))


@given(
    st.floats(161.0, 1500.0), st.floats(1.0, 500.0), st.floats(0.5, 50.0), st.floats(1.01, 3.0), st.floats(0.0, 180.0)
)
@settings(max_examples=50)
def test_higher_and_heavier_live_longer_and_a_livelier_sun_shortens(
    altitude: float, step: float, coefficient: float, factor: float, inclination: float
) -> None:
    def lasts(height: float, mass: float, activity: Activity) -> float:
        found = lifetime_yr(
            height, ballistic_coefficient_kg_m2=mass, atmosphere=air(activity), inclination_deg=inclination
        )
        return float(found)

    here = lasts(altitude, coefficient, "mean")
    assert lasts(altitude + step, coefficient, "mean") > here
    assert lasts(altitude, coefficient * factor, "mean") == pytest.approx(here * factor, rel=1e-12)
    assert lasts(altitude, coefficient, "high") < here < lasts(altitude, coefficient, "low")


def test_arrays_give_what_each_alone_gives() -> None:
    altitude, inclination = np.array([[350.0], [550.0]]), np.array([30.0, 53.0, 97.6])
    together = lifetime_yr(
        altitude, ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean"), inclination_deg=inclination
    )
    assert together.shape == (2, 3)
    alone = lifetime_yr(550.0, ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean"), inclination_deg=53.0)
    assert together[1, 1] == pytest.approx(float(alone), rel=1e-12)
    assert lifetime_yr([], ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean")).shape == (0,)


def test_a_decay_begins_at_its_start_ends_at_reentry_and_lasts_its_lifetime() -> None:
    history = decay_history(550.0, ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean"), samples=100)
    lasts = float(lifetime_yr(550.0, ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean")))
    assert (history.elapsed_yr[0], history.altitude_km[0], history.altitude_km[-1]) == (0.0, 550.0, REENTRY_ALTITUDE_KM)
    assert history.elapsed_yr[-1] == pytest.approx(lasts, rel=1e-12)
    assert np.all(np.diff(history.elapsed_yr) > 0.0)
    # Half way in time a satellite has lost a small part of its height: decay speeds up.
    assert float(history.altitude_after_km(lasts / 2.0)) > 500.0
    assert np.isnan(history.altitude_after_km([0.0, lasts * 1.001])).tolist() == [False, True]


def test_the_ballistic_coefficient_is_mass_over_drag_area() -> None:
    assert float(ballistic_coefficient_kg_m2(100.0, drag_area_m2=1.0, drag_coefficient=2.0)) == 50.0


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_row_17_figures_no_satellite_can_have_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"mass_kg: .* must be finite and above 0"):
        ballistic_coefficient_kg_m2(bad, drag_area_m2=1.0, drag_coefficient=2.2)
    with pytest.raises(ValueError, match=r"drag_area_m2: .* must be finite and above 0"):
        ballistic_coefficient_kg_m2(1.0, drag_area_m2=bad, drag_coefficient=2.2)
    with pytest.raises(ValueError, match=r"drag_coefficient: .* must be finite and above 0"):
        ballistic_coefficient_kg_m2(1.0, drag_area_m2=1.0, drag_coefficient=bad)
    with pytest.raises(ValueError, match=r"ballistic_coefficient_kg_m2: .* must be finite and above 0"):
        lifetime_yr(500.0, ballistic_coefficient_kg_m2=[50.0, bad], atmosphere=air("mean"))


def test_row_18_altitudes_outside_the_air_or_below_the_end_are_refused() -> None:
    with pytest.raises(ValueError, match="altitude_km: 35786 must lie in the density table, 120 to 2000 km"):
        lifetime_yr(35_786.0, ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean"))
    with pytest.raises(ValueError, match="altitude_km: 150 must not be below the re-entry altitude of 160 km"):
        lifetime_yr([500.0, 150.0], ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean"), reentry_altitude_km=160.0)
    with pytest.raises(ValueError, match="reentry_altitude_km: 80 must lie in the density table"):
        lifetime_yr(500.0, ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean"), reentry_altitude_km=80.0)


def test_an_eccentric_orbit_is_refused_and_a_nearly_circular_one_is_not() -> None:
    figures = {"ballistic_coefficient_kg_m2": 50.0, "atmosphere": air("mean")}
    circular = lifetime_yr(550.0, **figures)  # type: ignore[arg-type]
    assert float(lifetime_yr(550.0, eccentricity_fraction=0.001, **figures)) == float(circular)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"eccentricity_fraction: 0\.01 must not make the orbit rise and fall by more"):
        lifetime_yr([550.0, 600.0], eccentricity_fraction=[0.0, 0.01], **figures)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"eccentricity_fraction: -0\.1"):
        lifetime_yr(550.0, eccentricity_fraction=-0.1, **figures)  # type: ignore[arg-type]


def test_a_history_needs_two_samples_and_no_time_before_its_start() -> None:
    with pytest.raises(ValueError, match="samples: 1 must be 2 or more"):
        decay_history(550.0, ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean"), samples=1)
    history = decay_history(300.0, ballistic_coefficient_kg_m2=50.0, atmosphere=air("mean"))
    with pytest.raises(ValueError, match="elapsed_yr: -1 must be 0 or more"):
        history.altitude_after_km(-1.0)


def test_every_rack_satellite_of_the_catalog_has_the_areas_that_drag_needs() -> None:
    # Light for their panels: 10 to 90 kg/m² flying with the array edge-on, 4 to 20 tumbling; so they come down within
    # five years from 550 km at mean activity once they tumble.
    catalog = load_catalog()
    drag = catalog.entry("environment", "drag")["drag_coefficient"]
    for entry in catalog.collection("rack_satellites"):
        flying, tumbling = (
            float(ballistic_coefficient_kg_m2(entry["mass_kg"], drag_area_m2=entry[area], drag_coefficient=drag))
            for area in ("drag_area_m2", "tumbling_area_m2")
        )
        assert 4.0 < tumbling < flying < 90.0, entry.name
        assert float(lifetime_yr(550.0, ballistic_coefficient_kg_m2=tumbling, atmosphere=air("mean"))) < 5.0
