"""How fast positions come, each beside a rival measured in the same run; the ratio is printed.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sgp4.api import Satrec, SatrecArray

from planner.orbit import bundled_element_sets, propagate, read_elements
from planner.times import TimeGrid, timescale

DAY = TimeGrid(datetime(2026, 9, 21, tzinfo=UTC), 60.0, 1440)
PATH = bundled_element_sets() / "gpconf/alpha5-tle/alpha5-A-last-30-days-snapshot.tle"


def rivals() -> list[Any]:
    lines = PATH.read_text(encoding="ascii").splitlines()
    return [Satrec.twoline2rv(one, two) for one, two in zip(lines[1::3], lines[2::3], strict=True)]


def test_a_day_of_real_satellites_beside_bare_sgp4(beside: Callable[..., Any]) -> None:
    fleet, array = read_elements(PATH).fleet, SatrecArray(rivals())
    whole, fraction = (np.array(part) for part in DAY.utc_jd)
    ours, theirs = beside(lambda: propagate(fleet, DAY), lambda: array.sgp4(whole, fraction), "bare SatrecArray, TEME")
    # Rotation keeps lengths; a decayed satellite is NaN here and a number there.
    lengths = np.linalg.norm(ours.positions_km, axis=2)
    rival = np.linalg.norm(theirs[1], axis=2).T
    assert np.nanmax(np.abs(lengths - rival)) < 1e-5


def test_a_day_of_real_satellites_beside_skyfield(beside: Callable[..., Any]) -> None:
    from skyfield.api import EarthSatellite

    fleet = read_elements(PATH).fleet
    few = 8
    flying = [EarthSatellite.from_satrec(satrec, timescale()) for satrec in rivals()[:few]]
    ours, theirs = beside(
        lambda: propagate(fleet, DAY),
        lambda: [satellite.at(DAY.skyfield).position.km for satellite in flying],
        "Skyfield .at with a time vector",
        scale=len(fleet) / few,
    )
    assert np.allclose(ours.positions_km[:, 0], theirs[0].T, rtol=0, atol=1e-6)
