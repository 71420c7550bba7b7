"""How the frames of satellites, stars and ground sites lie to one another, instant by instant.

TEME is what SGP4 speaks, GCRS what this package stores, ITRS turns with the ground. The matrices are Skyfield's own
(precession, nutation, UT1; no polar motion, up to 15 m), made once per instant and never per satellite; axes
``[time, 3, 3]``, each turning a column vector.

Of the time that Skyfield takes, 98 % goes into sums of waves: the 1,365 terms of the nutation and those of the equation
of the equinoxes, the fastest of which take two days. Skyfield sums them at eight instants of each day and they are
interpolated between, as closely as Skyfield itself is rounded (1e-15 radians, 7 nm in low orbit); all the rest is made
for every instant, and everything where instants are farther apart.
"""

from functools import lru_cache
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.polynomial import chebyshev

from planner.arrays import FloatArray, floats, lock
from planner.constants import SECONDS_PER_DAY
from planner.times import TimeGrid, timescale

Frame = Literal["GCRS", "TEME", "ITRS"]
"""The frames that positions can be asked for in."""

_NODES: Final = 8
"""Instants of a day at which the waves are summed. One of height A and w radians per half-day is missed by 2A(w/2)⁸/8!:
2e-18 rad of the fortnight's (1e-6 rad high), 7e-18 of one of two days (1e-12 rad)."""
_DAYS_KEPT: Final = 1024
_INSTANTS_PER_PART: Final = 1024
"""Matrices are made in parts that begin at the start of a grid, so that they do not depend on who asks for which."""
_PARTS_KEPT: Final = 16
_HOURS_PER_TURN: Final = 24.0


def teme_to_gcrs(times: TimeGrid) -> FloatArray:
    """Return the matrices that turn a TEME column into GCRS, ``[time, 3, 3]``."""
    return lock(_matrices(times, 0, times.count)[0])


def gcrs_to_itrs(times: TimeGrid) -> FloatArray:
    """Return the matrices that turn a GCRS column into ITRS, ``[time, 3, 3]``.

    A velocity seen from the turning ground also loses `EARTH_SPIN_RAD_S` ẑ × position.
    """
    return lock(_matrices(times, 0, times.count)[1])


def pole_directions(times: TimeGrid) -> FloatArray:
    """Return the direction of the Earth's pole, the z axis of ITRS, in GCRS: unit vectors ``[time, xyz]``."""
    return lock(gcrs_to_itrs(times)[:, 2])


def teme_to(frame: Frame, times: TimeGrid, first: int, stop: int) -> FloatArray:
    """Return the matrices that turn a TEME column into `frame` at instants ``first:stop``, ``[time, 3, 3]``.

    They are bit for bit the same whichever instants of the grid are asked for beside them.

    Raises
    ------
    ValueError
        For a frame that does not exist.
    """
    if frame not in get_args(Frame):
        raise ValueError(f"frame: {frame!r} is not one of {', '.join(get_args(Frame))}")
    if frame == "TEME":
        return np.tile(np.eye(3), (stop - first, 1, 1))
    to_gcrs, to_itrs = _matrices(times, first, stop)
    return to_gcrs if frame == "GCRS" else np.matmul(to_itrs, to_gcrs)


def _matrices(times: TimeGrid, first: int, stop: int) -> tuple[FloatArray, FloatArray]:
    """Return TEME to GCRS and GCRS to ITRS at instants ``first:stop``."""
    found = []
    for index in range(first // _INSTANTS_PER_PART, (stop - 1) // _INSTANTS_PER_PART + 1):
        begin = index * _INSTANTS_PER_PART
        rows = slice(max(first - begin, 0), stop - begin)
        found.append([matrices[rows] for matrices in _part(times, index)])
    to_gcrs, to_itrs = (np.concatenate(matrices) for matrices in zip(*found, strict=True))
    return to_gcrs, to_itrs


@lru_cache(maxsize=_PARTS_KEPT)
def _part(times: TimeGrid, index: int) -> tuple[FloatArray, FloatArray]:
    from skyfield.framelib import itrs
    from skyfield.sgp4lib import TEME

    begin = index * _INSTANTS_PER_PART
    at = times.part(begin, min(begin + _INSTANTS_PER_PART, times.count)).skyfield
    if times.step_s < SECONDS_PER_DAY / _NODES:
        # As Skyfield's own almanac supplies a nutation, and likewise a sidereal time. The part is a grid of its own, so
        # nobody else sees this Time.
        longitude_rad, obliquity_rad, equinoxes_h = _waves(at)
        at._nutation_angles_radians = longitude_rad, obliquity_rad  # noqa: SLF001
        at.gast = (at.gmst + equinoxes_h) % _HOURS_PER_TURN
    # Skyfield's matrices lead into the frame and carry time last.
    to_gcrs = np.asarray(TEME.rotation_at(at)).transpose(2, 1, 0)
    return lock(to_gcrs), lock(np.asarray(itrs.rotation_at(at)).transpose(2, 0, 1))


def _waves(at: Any) -> FloatArray:  # noqa: ANN401 - Skyfield carries no types
    """Return what `_waves_of_day` holds at each instant of a Skyfield time, ``[3, time]``."""
    whole = np.floor(at.tt)
    days, place = np.unique(whole, return_inverse=True)
    series = np.stack([_waves_of_day(int(day)) for day in days])
    shapes = chebyshev.chebvander(2.0 * ((at.whole - whole) + at.tt_fraction) - 1.0, _NODES - 1)
    return np.asarray((series[place] * shapes[:, None, :]).sum(axis=2).T)


@lru_cache(maxsize=_DAYS_KEPT)
def _waves_of_day(day: int) -> FloatArray:
    """Return Chebyshev series over one Julian day of Terrestrial Time, ``[3, degree]``.

    Nutation in longitude and in obliquity, radians, and apparent less mean sidereal time, hours.
    """
    from skyfield.nutationlib import iau2000a_radians

    nodes = chebyshev.chebpts1(_NODES)
    at = timescale().tt_jd(day, (nodes + 1.0) / 2.0)
    half = _HOURS_PER_TURN / 2.0
    waves = np.stack([*iau2000a_radians(at), (at.gast - at.gmst + half) % _HOURS_PER_TURN - half])
    # Chebyshev polynomials are orthogonal over their own nodes.
    series = waves @ chebyshev.chebvander(nodes, _NODES - 1) * (2.0 / _NODES)
    series[:, 0] /= 2.0
    return floats(series)
