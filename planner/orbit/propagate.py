"""Where the fleet is: SGP4 under Skyfield's times and frames.

Positions come from ``sgp4.SatrecArray`` in TEME and are turned into GCRS with Skyfield's own rotation, computed once
per instant. Axes ``[time, sat, xyz]``. Long runs are made in blocks of time, so that memory stays bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock, require_shape
from planner.orbit.elements import Fleet
from planner.times import TimeGrid

_SGP4_EPOCH_JD = 2433281.5
"""1949-12-31 00:00 UTC, from which ``sgp4init`` counts days."""


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
        ``[sat]``, SGP4's error code (1–6) at that first failure, 0 where there was none.
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


def satrecs(fleet: Fleet) -> list[object]:
    """Build one ``sgp4.api.Satrec`` (WGS72, improved mode) per satellite."""
    from sgp4.api import WGS72, Satrec

    radians = np.radians(
        [fleet.argument_of_perigee_deg, fleet.inclination_deg, fleet.mean_anomaly_deg, fleet.raan_deg]
    )
    epoch_days = (fleet.epoch_jd - _SGP4_EPOCH_JD) + fleet.epoch_fraction
    made = []
    for i in range(len(fleet)):
        perigee, inclination, anomaly, node = radians[:, i]
        satrec = Satrec()
        satrec.sgp4init(
            WGS72, "i", 0, epoch_days[i], fleet.bstar_per_radius[i], 0.0, 0.0, fleet.eccentricity_fraction[i],
            perigee, inclination, anomaly, fleet.mean_motion_rad_min[i], node,
        )  # fmt: skip
        made.append(satrec)
    return made


def propagate_blocks(fleet: Fleet, times: TimeGrid, *, block: int = 512) -> Iterator[Ephemeris]:
    """Yield the ephemeris of `fleet` in consecutive parts of at most `block` instants.

    A satellite whose SGP4 state fails (error code, or a number that is not finite) is NaN from that instant to the
    end of the last block; there is no resurrection.
    """
    from sgp4.api import SatrecArray
    from skyfield.sgp4lib import TEME

    # An empty SatrecArray crashes sgp4, so an empty fleet never reaches it.
    array = SatrecArray(satrecs(fleet)) if len(fleet) else None
    dead = np.zeros(len(fleet), dtype=np.int64)
    for _, part in times.blocks(block):
        whole, fraction = part.utc_jd
        if array is None:
            empty = np.zeros((part.count, 0, 3))
            yield Ephemeris(part, floats(empty), floats(empty), ints(dead))
            continue
        codes, position, velocity = array.sgp4(np.array(whole), np.array(fraction))
        codes = np.where(np.isfinite(position).all(axis=2) | (codes > 0), codes, 6).astype(np.int64)
        rotation = np.moveaxis(np.asarray(TEME.rotation_at(part.skyfield)), 2, 0)  # GCRS → TEME, [time, 3, 3]
        states = [np.matmul(np.swapaxes(vectors, 0, 1), rotation) for vectors in (position, velocity)]
        failed, dead = _failures(codes, dead)
        for state in states:
            state[failed.T] = np.nan
        yield Ephemeris(part, lock(states[0]), lock(states[1]), ints(dead))


def _failures(codes: IntArray, dead: IntArray) -> tuple[BoolArray, IntArray]:
    """Return ``[sat, time]`` failed-from-then-on, and the code of each satellite's first failure so far."""
    failing = codes > 0
    first = np.argmax(failing, axis=1)
    now = np.where(failing.any(axis=1), codes[np.arange(len(codes)), first], 0)
    failed = np.logical_or.accumulate(failing, axis=1) | (dead > 0)[:, None]
    return failed, np.where(dead > 0, dead, now)


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
    parts = list(propagate_blocks(fleet, times))
    return Ephemeris(
        times,
        lock(np.concatenate([part.positions_km for part in parts])),
        lock(np.concatenate([part.velocities_km_s for part in parts])),
        parts[-1].sgp4_errors,
    )
