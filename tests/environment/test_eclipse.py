"""Closed forms for circular orbits about a spherical Earth."""

import numpy as np
import pytest

from planner.environment import beta_without_eclipse_deg, eclipse_fraction_circular, longest_eclipse_min


@pytest.mark.parametrize(("altitude_km", "expected_deg"), [(500, 68.02), (550, 67.02), (650, 65.16), (1400, 55.09)])
def test_the_angle_without_eclipse_is_that_of_the_reference(altitude_km: float, expected_deg: float) -> None:
    # Cylindrical shadow; an independent computation that the project was given as its reference.
    assert beta_without_eclipse_deg(altitude_km, shadow="cylinder") == pytest.approx(expected_deg, abs=0.01)


def test_the_sun_in_the_orbital_plane_gives_the_textbook_fraction() -> None:
    # β = 0: half the shadow's angle is asin(R/r); at 650 km 2·asin(6378.137/7028.137)/360° = 0.3620.
    expected = np.arcsin(6378.137 / 7028.137) / np.pi
    assert float(eclipse_fraction_circular(650.0, 0.0, shadow="cylinder")) == pytest.approx(expected, abs=1e-12)
    assert longest_eclipse_min(650.0, shadow="cylinder") == pytest.approx(expected * 97.728, abs=0.01)


def test_penumbra_contains_cylinder_contains_umbra() -> None:
    beta = np.linspace(-90.0, 90.0, 181)
    wide, middle, narrow = (
        eclipse_fraction_circular(550.0, beta, shadow=shadow) for shadow in ("penumbra", "cylinder", "umbra")
    )
    assert np.all(wide >= middle)
    assert np.all(middle >= narrow)
    assert wide[-1] == 0.0


def test_an_impossible_orbit_or_shadow_is_refused() -> None:
    with pytest.raises(ValueError, match="altitude_km"):
        eclipse_fraction_circular(-1.0, 0.0)
    with pytest.raises(ValueError, match="shadow"):
        eclipse_fraction_circular(550.0, 0.0, shadow="sphere")  # type: ignore[arg-type]
