"""Secular rates of circular orbits, held to what SGP4 itself does to its mean elements."""

import numpy as np
import pytest
from sgp4.api import WGS72, Satrec

from planner.orbit import mean_motion_rev_d, period_min
from planner.orbit.drift import secular_rates

RATE_TOLERANCE_DEG_D = 1e-9


@pytest.mark.parametrize("inclination_deg", [0.0, 28.5, 53.0, 63.4, 86.4, 97.6, 140.0])
@pytest.mark.parametrize("altitude_km", [160.0, 550.0, 1_400.0, 5_000.0])
def test_rates_are_those_that_sgp4_initialises(altitude_km: float, inclination_deg: float) -> None:
    satrec = Satrec()
    kozai_rad_min = mean_motion_rev_d(altitude_km, inclination_deg) * 2.0 * np.pi / 1440.0
    satrec.sgp4init(
        WGS72, "i", 0, 27_000.0, 0.0, 0.0, 0.0, 0.0, 0.0, np.radians(inclination_deg), 0.0, kozai_rad_min, 0.0
    )
    rates = secular_rates(altitude_km, inclination_deg)
    per_day = np.degrees(1440.0)
    assert rates.node_deg_d == pytest.approx(satrec.nodedot * per_day, abs=RATE_TOLERANCE_DEG_D)
    along = (satrec.mdot + satrec.argpdot) * per_day
    assert rates.latitude_argument_deg_d == pytest.approx(along, abs=along * 1e-12)


def test_the_node_regresses_as_the_textbook_says() -> None:
    # The space station at 420 km and 51.64 degrees: -5.0 degrees a day. First order, by hand: -9.9641 (R/a)^3.5 cos i.
    rates = secular_rates(420.0, 51.64)
    expected = -9.9641 * (6378.135 / 6798.135) ** 3.5 * np.cos(np.radians(51.64))
    assert rates.node_deg_d == pytest.approx(expected, rel=0.005)
    assert rates.node_deg_d == pytest.approx(-4.95, abs=0.05)


def test_a_nodal_revolution_is_longer_than_the_keplerian_one_where_the_perigee_turns_back() -> None:
    # Near the poles J2 slows the satellite against its node by (3/4) J2 (R/a)^2 (8 cos^2 i - 2).
    kepler_min = period_min(700.0)
    nodal_min = 360.0 / float(secular_rates(700.0, 98.2).latitude_argument_deg_d) * 1440.0
    squared = np.cos(np.radians(98.2)) ** 2
    expected = kepler_min * (1.0 - 0.75 * 1.082616e-3 * (6378.135 / 7078.135) ** 2 * (8.0 * squared - 2.0))
    assert nodal_min == pytest.approx(expected, rel=1e-5)
    assert nodal_min > kepler_min


def test_rates_broadcast() -> None:
    rates = secular_rates(np.array([500.0, 600.0])[:, None], np.array([53.0, 97.0, 120.0]))
    assert rates.node_deg_d.shape == rates.latitude_argument_deg_d.shape == (2, 3)
    assert (rates.node_deg_d[:, 0] < 0.0).all()
    assert (rates.node_deg_d[:, 1:] > 0.0).all()
