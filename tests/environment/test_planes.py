"""Orbital planes of deep-space fleets turn as the oblate Earth alone turns them."""

from datetime import UTC, datetime

import numpy as np
import pytest
from sgp4.api import WGS72, Satrec

from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_J2, EARTH_MU_KM3_S2, SECONDS_PER_DAY
from planner.environment import orbital_planes
from planner.orbit import walker_delta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_ORDER_TOLERANCE = 1e-3
"""J2 squared and J4, which the first order in J2 leaves out: 2e-4 of the rates at geostationary altitude."""
SGP4_EPOCH_JD = 2_433_281.5
"""1949-12-31 00:00, from which the library counts days."""


@pytest.mark.parametrize(("altitude_km", "inclination_deg"), [(20_180.0, 55.0), (35_786.0, 0.05), (35_786.0, 7.0)])
def test_deep_space_planes_turn_as_j2_turns_them_and_as_sgp4_begins_with(
    altitude_km: float, inclination_deg: float
) -> None:
    # Secular rates of a circle: Ω̇ = −3/2 J2 n (R/a)² cos i and ω̇ = 3/4 J2 n (R/a)² (5cos²i − 1) (Vallado, 4th ed.,
    # section 9.6), and those that the sgp4 library sets up in its deep-space mode before Moon and Sun act.
    fleet = walker_delta(
        name="w",
        altitude_km=altitude_km,
        inclination_deg=inclination_deg,
        satellites=4,
        planes=4,
        phasing=1,
        epoch=EPOCH,
    )
    planes, plane_of = orbital_planes(fleet, EPOCH)
    axis, cosine = EARTH_EQUATORIAL_RADIUS_KM + altitude_km, np.cos(np.radians(inclination_deg))
    per_day = np.degrees(SECONDS_PER_DAY) * np.sqrt(EARTH_MU_KM3_S2 / axis**3)
    first = 1.5 * EARTH_J2 * (EARTH_EQUATORIAL_RADIUS_KM / axis) ** 2 * per_day
    assert planes.raan_rate_deg_d == pytest.approx(-first * cosine, rel=FIRST_ORDER_TOLERANCE, abs=0.0)
    assert planes.perigee_rate_deg_d == pytest.approx(
        0.5 * first * (5.0 * cosine**2 - 1.0), rel=FIRST_ORDER_TOLERANCE, abs=0.0
    )
    satellite = Satrec()
    days = float(fleet.epoch_jd[0] + fleet.epoch_fraction[0] - SGP4_EPOCH_JD)
    tilt, motion = float(np.radians(inclination_deg)), float(fleet.mean_motion_rad_min[0])
    satellite.sgp4init(WGS72, "i", 1, days, 0.0, 0.0, 0.0, 0.0, 0.0, tilt, 0.0, motion, 0.0)
    assert satellite.method == "d"
    per_minute = np.degrees(1440.0)
    assert planes.raan_rate_deg_d[plane_of] == pytest.approx(satellite.nodedot * per_minute, rel=1e-12, abs=0.0)
    assert planes.perigee_rate_deg_d[plane_of] == pytest.approx(satellite.argpdot * per_minute, rel=1e-12, abs=0.0)
    period = 2.0 * np.pi / (satellite.mdot + satellite.argpdot)
    assert planes.period_min[plane_of] == pytest.approx(period, rel=1e-12, abs=0.0)
