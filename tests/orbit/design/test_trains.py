"""Dawn-dusk trains: one plane per altitude, one local time, and spacing that is checked."""

import math
import re
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.orbit import (
    Fleet,
    dawn_dusk_train,
    raan_of_local_time_deg,
    require_clearance,
    shell_gaps_km,
    sun_synchronous_inclination_deg,
)

EPOCH = datetime(2026, 3, 20, 14, 46, tzinfo=UTC)


def train(**changes: Any) -> Fleet:
    given_ = {"name": "dawn", "altitudes_km": [600.0, 640.0, 690.0], "satellites_per_shell": 81, "epoch": EPOCH}
    return dawn_dusk_train(**{**given_, **changes})


def test_a_train_has_one_plane_at_each_altitude_and_one_local_time() -> None:
    fleet = train(rack_type="nvl72_120kw")
    assert len(fleet) == 243
    assert tuple(dict.fromkeys(fleet.shells)) == ("dawn-600", "dawn-640", "dawn-690")
    assert fleet.names[81] == "dawn-640-0-00"
    assert len(set(fleet.names)) == 243
    assert not fleet.planes.any()
    assert fleet.altitude_km[::81] == pytest.approx([600.0, 640.0, 690.0], abs=1e-6)
    assert fleet.raan_deg == pytest.approx(np.full(243, raan_of_local_time_deg(18.0, EPOCH)), abs=1e-9)
    assert set(fleet.rack_types) == {"nvl72_120kw"}


@pytest.mark.parametrize("theory", ["j2", "sgp4"])
def test_each_shell_has_the_inclination_of_its_own_altitude(theory: Any) -> None:
    fleet = train(theory=theory)
    for k, altitude_km in enumerate([600.0, 640.0, 690.0]):
        expected = sun_synchronous_inclination_deg(altitude_km, theory=theory)
        assert fleet.inclination_deg[81 * k] == pytest.approx(expected, abs=1e-12)


def test_what_is_promised_is_what_is_flown() -> None:
    fleet = train()
    found = require_clearance(fleet, minimum_separation_km=39.0)
    nearest = {near.shells: near.distance_km for near in found}
    promised = {gap.shells: gap.gap_km for gap in shell_gaps_km(fleet)}
    for pair, gap_km in promised.items():
        assert nearest[pair] >= gap_km
    # Neighbours of one plane of 81: the chord at 600 km, less 0.1 % for the waves.
    chord = 2.0 * 6978.135 * math.sin(math.pi / 81)
    assert nearest["dawn-600", "dawn-600"] == pytest.approx(chord, rel=0.0015)


@given(gap_km=st.floats(0.5, 50.0), low_km=st.floats(400.0, 1_400.0), minimum_km=st.floats(0.3, 55.0))
@settings(max_examples=40, deadline=None)
def test_a_train_is_refused_exactly_when_its_shells_keep_too_little(
    gap_km: float, low_km: float, minimum_km: float
) -> None:
    altitudes = [low_km, low_km + gap_km]
    gap = shell_gaps_km(train(altitudes_km=altitudes, satellites_per_shell=1, minimum_separation_km=0.0))[0].gap_km
    if gap >= minimum_km:
        train(altitudes_km=altitudes, satellites_per_shell=1, minimum_separation_km=minimum_km)
        return
    with pytest.raises(ValueError, match=r"altitudes_km: satellites of .* and .* can come within") as caught:
        train(altitudes_km=altitudes, satellites_per_shell=1, minimum_separation_km=minimum_km)
    # The way out that the message names is one.
    mended = float(re.search(r"at least ([\d.]+) km apart", str(caught.value)).group(1))
    if mended <= 50.0:
        train(altitudes_km=[low_km, low_km + mended], satellites_per_shell=1, minimum_separation_km=minimum_km)


def test_a_train_that_the_moon_and_the_sun_deform_is_told_to_fly_lower() -> None:
    # 225 minutes are 5,873 km: no step of 50 km makes up for the Moon's and the Sun's share there.
    with pytest.raises(ValueError, match=r"dawn-5900 can come within 0 km, .* stay below periods of 225 minutes"):
        train(altitudes_km=[5_860.0, 5_900.0], satellites_per_shell=1)
    assert len(train(altitudes_km=[5_820.0, 5_860.0], satellites_per_shell=1)) == 2


@pytest.mark.parametrize("minimum_km", [1.0, 2.0, 25.0, 300.0])
def test_satellites_too_close_along_the_track_are_refused_with_how_many_fit(minimum_km: float) -> None:
    with pytest.raises(ValueError, match="satellites_per_shell: dawn-650-0-") as caught:
        train(altitudes_km=[650.0], satellites_per_shell=50_000, minimum_separation_km=minimum_km)
    assert f"less than minimum_separation_km = {minimum_km:g}" in str(caught.value)
    most = int(re.search(r"holds at most (\d+) satellites", str(caught.value)).group(1))
    fleet = train(altitudes_km=[650.0], satellites_per_shell=most, minimum_separation_km=minimum_km)
    # At most a part in a hundred is given away.
    assert len(fleet) > 0.99 * 2.0 * math.pi * 7028.0 / minimum_km - 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"altitudes_km": []}, r"altitudes_km: \[\] is not allowed; it must be at least one altitude"),
        ({"altitudes_km": [150.0]}, "altitudes_km: 150.0 is not allowed; it must be between 160 and 100,000 km"),
        ({"altitudes_km": [650.0, math.nan]}, "altitudes_km: nan is not allowed"),
        ({"altitudes_km": [650.0, 640.0]}, "altitudes_km: 640 km after 650 km; give altitudes that rise"),
        ({"altitudes_km": [650.0, 650.0]}, "altitudes_km: 650 km after 650 km; give altitudes that rise"),
        (
            {"altitudes_km": [600.0, 651.0]},
            "altitudes_km: 651 km after 600 km is a step of 51 km, more than 50 km; put shells between them, or make",
        ),
        ({"altitudes_km": [5_980.0]}, "no orbit at 5980.0 km is sun-synchronous"),
        ({"satellites_per_shell": 0}, "satellites_per_shell: 0 is not allowed"),
        ({"minimum_separation_km": -1.0}, "minimum_separation_km: -1.0 is not allowed"),
        ({"minimum_separation_km": math.nan}, "minimum_separation_km: nan is not allowed"),
        ({"ltan_h": 24.0}, "ltan_h: 24.0 is not allowed"),
        ({"theory": "kepler"}, "theory: 'kepler' is not allowed"),
    ],
)
def test_row_18_impossible_trains_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(**changes)
