"""Where the fleet is: SGP4 under Skyfield's times and frames.

Near-Earth satellites are flown by this package's own SGP4 (`nearearth`), the others by the sgp4 library, in one call;
``engine="sgp4"`` leaves everything to the library, from which the other differs by less than 1e-4 m unless drag has run
away (see `nearearth`). Axes ``[time, sat, xyz]``. Long runs are made in blocks of time, so that memory stays bounded.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, get_args

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, ints, lock, require_shape
from planner.constants import EARTH_SPIN_RAD_S, SECONDS_PER_DAY
from planner.orbit import formation, frames
from planner.orbit.elements import Fleet
from planner.orbit.frames import Frame
from planner.orbit.sgp4 import nearearth
from planner.orbit.sgp4.engines import Engine, NearEarthEngine, Sgp4Engine, satrec_array
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
_STATES_PER_BLOCK: Final = 1_000_000
"""Satellites times instants of one block by default: 48 MB of states."""
_STATES_PER_WORKER: Final = 100_000
"""Below about two milliseconds of work a thread costs more than it saves."""


@dataclass(frozen=True, eq=False)
class Ephemeris:
    """States of a fleet on a time grid.

    Attributes
    ----------
    times
        The grid.
    positions_km, velocities_km_s
        ``[time, sat, xyz]``; NaN from the first instant at which SGP4 failed for that satellite.
    sgp4_errors
        ``[sat]``, the code (a key of `SGP4_ERRORS`) of that first failure, 0 where there was none.
    frame
        Frame of positions and velocities. In ITRS the velocities are those seen from the turning Earth.
    """

    times: TimeGrid
    positions_km: FloatArray
    velocities_km_s: FloatArray
    sgp4_errors: IntArray
    frame: Frame = "GCRS"

    def __post_init__(self) -> None:
        shape = (self.times.count, len(self.sgp4_errors), 3)
        for name in ("positions_km", "velocities_km_s"):
            require_shape(name, getattr(self, name), shape)

    @cached_property
    def alive(self) -> BoolArray:
        """``[time, sat]``, False from the first failure on."""
        return lock(np.isfinite(self.positions_km[:, :, 0]))


def teme_states(fleet: Fleet, utc_jd: FloatArray, utc_fraction: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the sgp4 library's own answer at any instants, in its own frame, unmasked and without formation offsets.

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
    if len(fleet) == 0:
        nowhere = np.zeros((0, len(utc_jd), 3))
        return np.zeros((0, len(utc_jd)), dtype=np.int64), nowhere, nowhere.copy()
    # sgp4 wants writable, contiguous memory of its own.
    codes, positions, velocities = satrec_array(fleet, np.arange(len(fleet))).sgp4(
        np.array(utc_jd), np.array(utc_fraction)
    )
    finite = np.isfinite(positions).all(axis=2) & np.isfinite(velocities).all(axis=2)
    return np.where(finite | (codes > 0), codes, _NOT_FINITE).astype(np.int64), positions, velocities


def propagate_blocks(
    fleet: Fleet,
    times: TimeGrid,
    *,
    block: int | None = None,
    engine: Engine = "auto",
    frame: Frame = "GCRS",
    workers: int | None = None,
) -> Iterator[Ephemeris]:
    """Yield the ephemeris of `fleet` in consecutive parts of at most `block` instants.

    A satellite whose SGP4 state fails (error code, or a number that is not finite) is NaN from that instant to the
    end of the last block; there is no resurrection. Without `block`, a part holds about a million states. The states
    are those of `propagate`, bit for bit, whatever the blocks; see there for the other options.
    """
    flight = _Flight.of(fleet, engine)
    codes = np.zeros(len(fleet), dtype=np.int64)
    for first, part in times.blocks(_block(len(fleet)) if block is None else block):
        positions = np.empty((part.count, len(fleet), 3))
        velocities = np.empty_like(positions)
        flight.fly(times, slice(first, first + part.count), frame, workers, codes, positions, velocities)
        yield Ephemeris(part, lock(positions), lock(velocities), ints(codes.copy()), frame)


def propagate(
    fleet: Fleet, times: TimeGrid, *, engine: Engine = "auto", frame: Frame = "GCRS", workers: int | None = None
) -> Ephemeris:
    """Return the whole ephemeris at once; for long grids and large fleets use `propagate_blocks`.

    Parameters
    ----------
    fleet
        ``[sat]``. Members of a formation fly beside the chief whose elements their rows hold (see `Offsets`).
    times
        ``[time]``.
    engine
        ``auto`` flies near-Earth satellites (period below 225 minutes) ten to fifteen times as fast as ``sgp4``, to
        within 1e-4 m of it as long as drag has not run away (see `nearearth` for more); ``sgp4`` is the library's
        answer for every satellite.
    frame
        Frame of the answer.
    workers
        Threads to use; as many as there are processors, where the work is worth it, by default. The answer does not
        depend on it.

    Returns
    -------
    Ephemeris
        ``[time, sat, xyz]``; equal to Skyfield's ``EarthSatellite.at`` to 1 mm.

    Raises
    ------
    ValueError
        For an engine or a frame that does not exist.
    """
    flight = _Flight.of(fleet, engine)
    codes = np.zeros(len(fleet), dtype=np.int64)
    positions = np.empty((times.count, len(fleet), 3))
    velocities = np.empty_like(positions)
    block = _block(len(fleet))
    for first in range(0, times.count, block):
        rows = slice(first, min(first + block, times.count))
        flight.fly(times, rows, frame, workers, codes, positions[rows], velocities[rows])
    return Ephemeris(times, lock(positions), lock(velocities), ints(codes), frame)


def _block(satellites: int) -> int:
    return max(1, _STATES_PER_BLOCK // max(1, satellites))


@dataclass(frozen=True, eq=False)
class _Flight:
    """A fleet made ready to fly: who is flown by what, and who stands beside a chief."""

    near: NearEarthEngine | None
    rest: Sgp4Engine | None
    members: IntArray
    flown: Fleet

    @classmethod
    def of(cls, fleet: Fleet, engine: Engine) -> "_Flight":
        if engine not in get_args(Engine):
            raise ValueError(f"engine: {engine!r} is not one of {', '.join(get_args(Engine))}")
        near = nearearth.is_near_earth(fleet) if engine == "auto" else np.zeros(len(fleet), dtype=np.bool_)
        members = np.flatnonzero(fleet.offsets.flown)
        return cls(
            NearEarthEngine.of(fleet, np.flatnonzero(near)) if near.any() else None,
            Sgp4Engine.of(fleet, np.flatnonzero(~near)) if not near.all() else None,
            members,
            fleet[members],
        )

    def fly(
        self,
        times: TimeGrid,
        rows: slice,
        frame: Frame,
        workers: int | None,
        codes: IntArray,
        positions_km: FloatArray,
        velocities_km_s: FloatArray,
    ) -> None:
        """Write the states at instants `rows` of `times`, and into `codes` the failures that come first in them."""
        # Kernels are compiled for arrays that can be written to, so a locked one is copied.
        utc_jd, utc_fraction = (np.array(part[rows]) for part in times.utc_jd)
        instants = (utc_jd, utc_fraction, np.array(frames.teme_to(frame, times, rows.start, rows.stop)))
        spin_rad_s = EARTH_SPIN_RAD_S if frame == "ITRS" else 0.0
        answer = (codes, positions_km, velocities_km_s)
        if self.near is not None:
            self.near.fly(instants, spin_rad_s, answer, _workers(len(self.near.columns) * len(utc_jd), workers))
        if self.rest is not None:
            self.rest.fly(instants, spin_rad_s, answer)
        if self.members.size:
            self._stand_off(utc_jd, utc_fraction, spin_rad_s, positions_km, velocities_km_s)

    def _stand_off(
        self,
        utc_jd: FloatArray,
        utc_fraction: FloatArray,
        spin_rad_s: float,
        positions_km: FloatArray,
        velocities_km_s: FloatArray,
    ) -> None:
        """Move members from their chief, where SGP4 put them, to their own place beside it."""
        flown = self.flown
        days = (utc_jd[:, None] - flown.epoch_jd) + (utc_fraction[:, None] - flown.epoch_fraction)
        beside = formation.relative_motion(flown.offsets, formation.relative_rate_rad_s(flown), days * SECONDS_PER_DAY)
        # The axes of the moment, whichever they are, hold still while the velocities are put together.
        chief_km, chief_km_s = positions_km[:, self.members], velocities_km_s[:, self.members]
        places, motions = formation.hill_to_inertial(chief_km, chief_km_s + _carried(chief_km, spin_rad_s), *beside)
        positions_km[:, self.members] = places
        velocities_km_s[:, self.members] = motions - _carried(places, spin_rad_s)


def _carried(positions_km: FloatArray, spin_rad_s: float) -> FloatArray:
    """Return the velocity of what stands still in axes that turn about z."""
    x, y, z = np.moveaxis(positions_km, -1, 0)
    return np.stack([-spin_rad_s * y, spin_rad_s * x, 0.0 * z], axis=-1)


def _workers(states: int, asked: int | None) -> int:
    """Return how many threads to fly with."""
    if asked is not None:
        if asked < 1:
            raise ValueError(f"workers: {asked} must be at least 1")
        return asked
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(here, states // _STATES_PER_WORKER))
