"""The fleet as a table: picking, joining, its columns, and the two mean motions."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sgp4.api import WGS72, Satrec

from planner.orbit import Fleet, meanmotion, walker_delta

AXIS_TOLERANCE_FRACTION = 1e-14
"""A few roundings."""


def shell(satellites: int = 6, planes: int = 3, *, name: str = "w") -> Fleet:
    return walker_delta(
        name=name, altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=planes, phasing=1,
        epoch=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_a_fleet_is_picked_by_mask_indices_slice_or_an_empty_list() -> None:
    fleet = shell()
    assert fleet[fleet.planes == 1].names == fleet[[2, 3]].names == fleet[2:4].names == ("w-1-0", "w-1-1")
    assert fleet[[5, 0]].names == ("w-2-1", "w-0-0")
    assert len(fleet[[]]) == len(fleet[fleet.planes > 9]) == len(fleet[0:0]) == 0


def test_two_fleets_are_joined_in_order() -> None:
    both = shell(2, 2, name="a") + shell(2, 2, name="b")
    assert both.names == ("a-0-0", "a-1-0", "b-0-0", "b-1-0")
    assert both.shells == ("a", "a", "b", "b")
    assert len(both + both[[]]) == 4


def test_columns_of_another_length_or_shape_are_refused() -> None:
    fleet = shell(2, 2)
    columns = {name: getattr(fleet, name) for name in Fleet.__dataclass_fields__}
    with pytest.raises(ValueError, match="raan_deg: shape"):
        Fleet(**{**columns, "raan_deg": [1.0]})
    with pytest.raises(ValueError, match="raan_deg: shape"):
        Fleet(**{**columns, "raan_deg": [[1.0], [2.0]]})


def test_the_columns_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        shell().raan_deg[0] = 1.0


@given(
    axis_km=st.floats(6_538.0, 50_000.0),
    eccentricity=st.floats(0.0, 0.05),
    inclination_deg=st.floats(0.0, 180.0),
)
def test_sgp4_flies_the_axis_that_the_kozai_mean_motion_was_made_for(
    axis_km: float, eccentricity: float, inclination_deg: float
) -> None:
    brouwer = meanmotion.mean_motion_rad_min(axis_km)
    kozai = meanmotion.kozai_rad_min(brouwer, eccentricity, inclination_deg)
    satrec = Satrec()
    satrec.sgp4init(
        WGS72, "i", 0, 27_000.0, 0.0, 0.0, 0.0, eccentricity, 0.0, np.radians(inclination_deg), 0.0, kozai, 0.0
    )
    # `a` is SGP4's own un-Kozaied semi-major axis in Earth radii of WGS72.
    assert satrec.a * 6378.135 == pytest.approx(axis_km, rel=AXIS_TOLERANCE_FRACTION)
    back = meanmotion.brouwer_rad_min(kozai, eccentricity, inclination_deg)
    assert back == pytest.approx(brouwer, rel=AXIS_TOLERANCE_FRACTION)


def test_the_two_mean_motions_differ_by_kilometres_in_low_orbit() -> None:
    # δ = (3/4) J2 (R/a)² (3 cos² i − 1); at 550 km and 53° it is 5.96e-5, two thirds of which is δa/a: 0.28 km. At
    # the equator it is 1.376e-3: 6.4 km.
    for inclination_deg, expected_km in ((53.0, 0.28), (0.0, 6.4)):
        brouwer = meanmotion.mean_motion_rad_min(6928.135)
        kozai = meanmotion.kozai_rad_min(brouwer, 0.0, inclination_deg)
        assert 6928.135 - meanmotion.semi_major_axis_km(kozai) == pytest.approx(expected_km, rel=0.02)


def test_an_empty_fleet_has_empty_columns() -> None:
    empty = shell()[[]]
    assert empty.altitude_km.shape == (0,)
    assert empty.names == ()
