"""Where the fleet is: SGP4 under Skyfield's times and frames.

Positions come from ``sgp4.SatrecArray`` in TEME and are turned into GCRS with Skyfield's own rotation, computed once
per instant. Axes ``[time, sat, xyz]``. Long runs are made in blocks of time, so that memory stays bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, ints, lock, require_shape
from planner.orbit.elements import Fleet
from planner.times import TimeGrid

SGP4_ERRORS: Final[dict[int, str]] = {
    0: "none",
    1: "mean eccentricity not below 1, below -0.001, or semi-major axis below 0.95 Earth radii",
    2: "mean motion below zero",
    3: "perturbed eccentricity outside 0 to 1",
    4: "semi-latus rectum below zero",
    5: "epoch elements are sub-orbital",
    6: "decayed: below the Earth's surface",
    7: "the state is not a finite number",
}
"""What each code of `Ephemeris.sgp4_errors` means: 1 to 6 are SGP4's own (Vallado et al., AIAA 2006-6753); 7 is this
package's, for the states that SGP4 returns as not-a-number without a code."""

_NOT_FINITE: Final = 7
_SGP4_EPOCH_JD: Final = 2_433_281.5
"""1949-12-31 00:00 UTC, from which ``sgp4init`` counts days."""
_STATES_PER_BLOCK: Final = 1_000_000
"""Satellites times instants of one block by default: about 200 MB while it is worked on."""


@dataclass(frozen=True, eq=False)
class Ephemeris:
    """States of a fleet on a time grid, GCRS.

    Attributes
    ----------
    times
        The grid.
    positions_km, velocities_km_s
        ``[time, sat, xyz]``; NaN from the first instant at which SGP4 failed for that satellite.
    sgp4_errors
        ``[sat]``, the code (a key of `SGP4_ERRORS`) of that first failure, 0 where there was none.
    """

    times: TimeGrid
    positions_km: FloatArray
    velocities_km_s: FloatArray
    sgp4_errors: IntArray

    def __post_init__(self) -> None:
        shape = (self.times.count, len(self.sgp4_errors), 3)
        for name in ("positions_km", "velocities_km_s"):
            require_shape(name, getattr(self, name), shape)

    @cached_property
    def alive(self) -> BoolArray:
        """``[time, sat]``, False from the first failure on."""
        return lock(np.isfinite(self.positions_km[:, :, 0]))


def teme_states(fleet: Fleet, utc_jd: FloatArray, utc_fraction: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return SGP4's own answer at any instants, in its own frame, unmasked.

    Parameters
    ----------
    fleet
        ``[sat]``.
    utc_jd, utc_fraction
        UTC Julian dates as sums of two floats, ``[time]``.

    Returns
    -------
    codes
        ``[sat, time]``, keys of `SGP4_ERRORS`; each instant on its own, whatever happened before it.
    positions_km, velocities_km_s
        ``[sat, time, xyz]``, TEME of date. Where the code is not 0 they mean nothing, finite or not.
    """
    return _teme_states(_satrec_array(fleet), np.asarray(utc_jd), np.asarray(utc_fraction))


def propagate_blocks(fleet: Fleet, times: TimeGrid, *, block: int | None = None) -> Iterator[Ephemeris]:
    """Yield the ephemeris of `fleet` in consecutive parts of at most `block` instants.

    A satellite whose SGP4 state fails (error code, or a number that is not finite) is NaN from that instant to the
    end of the last block; there is no resurrection. Without `block`, a part holds about a million states.
    """
    if block is None:
        block = max(1, _STATES_PER_BLOCK // max(1, len(fleet)))
    array = _satrec_array(fleet)
    dead = np.zeros(len(fleet), dtype=np.int64)
    for _, part in times.blocks(block):
        codes, *teme = _teme_states(array, *part.utc_jd)
        failed, dead = _failures(codes, dead)
        positions, velocities = _gcrs(teme, part)
        positions[failed.T] = np.nan
        velocities[failed.T] = np.nan
        yield Ephemeris(part, lock(positions), lock(velocities), ints(dead))


def propagate(fleet: Fleet, times: TimeGrid) -> Ephemeris:
    """Return the whole ephemeris at once; for long grids and large fleets use `propagate_blocks`.

    Parameters
    ----------
    fleet
        ``[sat]``.
    times
        ``[time]``.

    Returns
    -------
    Ephemeris
        GCRS, ``[time, sat, xyz]``; equal to Skyfield's ``EarthSatellite.at`` to 1 mm.
    """
    positions = np.empty((times.count, len(fleet), 3))
    velocities = np.empty_like(positions)
    errors = ints(np.zeros(len(fleet)))
    first = 0
    for part in propagate_blocks(fleet, times):
        rows = slice(first, first + part.times.count)
        positions[rows], velocities[rows] = part.positions_km, part.velocities_km_s
        errors = part.sgp4_errors
        first = rows.stop
    return Ephemeris(times, lock(positions), lock(velocities), errors)


def _satrec_array(fleet: Fleet) -> Any:  # noqa: ANN401 - sgp4 carries no types
    """Return an ``sgp4.api.SatrecArray`` (WGS72, improved mode), or None for an empty fleet.

    An empty SatrecArray crashes sgp4, so it is never made.
    """
    from sgp4.api import WGS72, Satrec, SatrecArray

    if len(fleet) == 0:
        return None
    radians = np.radians([fleet.argument_of_perigee_deg, fleet.inclination_deg, fleet.mean_anomaly_deg, fleet.raan_deg])
    # The reference code forms the epoch that initialises the lunar and solar terms as one float of Julian days. Its
    # rounding (20 µs) moves the most eccentric verification orbit by 4 mm, so it is kept.
    epoch_days = (fleet.epoch_jd + fleet.epoch_fraction) - _SGP4_EPOCH_JD
    made = []
    for i in range(len(fleet)):
        perigee, inclination, anomaly, node = radians[:, i]
        satrec = Satrec()
        satrec.sgp4init(
            WGS72, "i", 0, epoch_days[i], fleet.bstar_per_radius[i], 0.0, 0.0, fleet.eccentricity_fraction[i],
            perigee, inclination, anomaly, fleet.mean_motion_rad_min[i], node,
        )  # fmt: skip
        # The instant that time is counted from, on the other hand, must be exact: 20 µs are 15 cm along the track.
        satrec.jdsatepoch, satrec.jdsatepochF = fleet.epoch_jd[i], fleet.epoch_fraction[i]
        made.append(satrec)
    return SatrecArray(made)


def _teme_states(
    array: Any,  # noqa: ANN401 - sgp4 carries no types
    utc_jd: FloatArray,
    utc_fraction: FloatArray,
) -> tuple[IntArray, FloatArray, FloatArray]:
    if array is None:
        nowhere = np.zeros((0, len(utc_jd), 3))
        return np.zeros((0, len(utc_jd)), dtype=np.int64), nowhere, nowhere.copy()
    # sgp4 wants writable, contiguous memory of its own.
    codes, positions, velocities = array.sgp4(np.array(utc_jd), np.array(utc_fraction))
    finite = np.isfinite(positions).all(axis=2) & np.isfinite(velocities).all(axis=2)
    return np.where(finite | (codes > 0), codes, _NOT_FINITE).astype(np.int64), positions, velocities


def _gcrs(teme: list[FloatArray], part: TimeGrid) -> list[FloatArray]:
    """Rotate ``[sat, time, xyz]`` of TEME into ``[time, sat, xyz]`` of GCRS."""
    from skyfield.sgp4lib import TEME

    # The matrix turns a GCRS column into TEME; a row vector times it is its transpose times the column, GCRS again.
    rotation = np.moveaxis(np.asarray(TEME.rotation_at(part.skyfield)), 2, 0)
    return [np.matmul(np.swapaxes(vectors, 0, 1), rotation) for vectors in teme]


def _failures(codes: IntArray, dead: IntArray) -> tuple[BoolArray, IntArray]:
    """Return ``[sat, time]`` failed-from-then-on, and the code of each satellite's first failure so far."""
    failing = codes > 0
    first = np.argmax(failing, axis=1)
    now = np.where(failing.any(axis=1), codes[np.arange(len(codes)), first], 0)
    failed = np.logical_or.accumulate(failing, axis=1) | (dead > 0)[:, None]
    return failed, np.where(dead > 0, dead, now)
