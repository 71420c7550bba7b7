"""Where is the Sun, seen from the centre of the Earth, and how bright? GCRS, axes ``[time, xyz]``.

From 2000 to 2053 the answer comes from an excerpt of JPL's DE421 that the package carries (Sun, Earth and Moon),
checked against its SHA-256 when it is first read. Outside that span an analytic Sun takes over, with a warning.

The vector is *geometric*: Sun and Earth at the same instant, no light time, no aberration. A shadow edge is a ray
that left the Sun's limb, passed the Earth's and reached the satellite; in the barycentric frame the Sun moves 7 km
while that light travels (a millionth of a degree), and the Earth 0.3 km between limb and satellite (2,600 km, 9 ms).
The geometric vector therefore places the shadow edge within 0.3 km, 0.04 s of flight; the air, which `sunlight`
neglects, does more. It is also what Orekit's and Skyfield's shadows use.
"""

import atexit
import hashlib
import warnings
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, floats, lock, require_shape
from planner.constants import ASTRONOMICAL_UNIT_KM, SOLAR_CONSTANT_W_M2
from planner.errors import DataIntegrityError, PlannerWarning
from planner.times import TimeGrid, timescale

EPHEMERIS_SHA256: Final = "79f6c577907593d226a6d430ac781c3f630cb66ed6c1933afc0adcaa41f7eac1"
"""Of ``planner/data/de421_2000_2053.bsp``; its provenance is in ``de421_2000_2053.txt`` beside it."""

EPHEMERIS_FROM: Final = datetime(2000, 1, 1, tzinfo=UTC)
EPHEMERIS_TO: Final = datetime(2053, 10, 8, 23, 58, 50, tzinfo=UTC)
"""The excerpt covers 2000-01-01 to 2053-10-09, both 00:00 TDB, which runs some 69 s ahead of UTC."""

_FROM_TDB, _TO_TDB = 2451544.5, 2471184.5
_J2000_TT: Final = 2451545.0
_DAYS_PER_CENTURY: Final = 36_525.0


def _ephemeris_path() -> Path:
    return Path(str(files("planner") / "data" / "de421_2000_2053.bsp"))


def read_ephemeris(path: Path) -> Any:  # noqa: ANN401 - Skyfield carries no types
    """Return the ephemeris in `path` as a Skyfield kernel once its SHA-256 is the one that was shipped.

    Raises
    ------
    DataIntegrityError
        If the file is missing, unreadable or altered.
    """
    from skyfield.api import load_file

    repair = "reinstall with: pip install --force-reinstall --no-deps orbital-compute-planner"
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataIntegrityError(f"{path}: embedded ephemeris cannot be read ({error.strerror}); {repair}") from error
    if found != EPHEMERIS_SHA256:
        raise DataIntegrityError(
            f"{path}: embedded ephemeris was altered: SHA-256 {found}, shipped {EPHEMERIS_SHA256}; {repair}"
        )
    return load_file(str(path))


@cache
def ephemeris() -> Any:  # noqa: ANN401 - Skyfield carries no types
    """Return the embedded ephemeris, read and checked once per process and closed at its end."""
    kernel = read_ephemeris(_ephemeris_path())
    atexit.register(kernel.close)
    return kernel


def sun_positions_km(times: TimeGrid) -> FloatArray:
    """Return the geometric position of the Sun from the Earth's centre, GCRS.

    Parameters
    ----------
    times
        ``[time]``. Instants outside 2000–2053 get `analytic_sun_km` and one `PlannerWarning` that says so.

    Returns
    -------
    FloatArray
        ``[time, xyz]``, km.

    Raises
    ------
    DataIntegrityError
        If the embedded ephemeris is missing or altered.

    Notes
    -----
    DE421: Folkner, Williams and Boggs, JPL IOM 343R-08-003 (2008).
    """
    positions = np.empty((times.count, 3))
    inside = _covered(times)
    if inside.any():
        kernel = ephemeris()
        at = times.skyfield if inside.all() else times.skyfield[np.flatnonzero(inside)]
        positions[inside] = (kernel["sun"] - kernel["earth"]).at(at).position.km.T
    if not inside.all():
        outside = ~inside
        warnings.warn(
            f"{int(outside.sum())} of {times.count} instants lie outside the embedded ephemeris "
            f"({EPHEMERIS_FROM:%Y-%m-%d} to {EPHEMERIS_TO:%Y-%m-%d}); an analytic Sun good to 0.01° stands in",
            PlannerWarning,
            stacklevel=2,
        )
        positions[outside] = analytic_sun_km(times)[outside]
    return lock(positions)


def _covered(times: TimeGrid) -> BoolArray:
    tdb = np.asarray(times.skyfield.tdb)
    return lock((tdb >= _FROM_TDB) & (tdb <= _TO_TDB))


def analytic_sun_km(times: TimeGrid) -> FloatArray:
    """Return the geometric position of the Sun, GCRS, from a Keplerian Earth with slowly changing elements.

    Good to 0.01° within a few centuries of 2000; planetary and lunar perturbations are left out, and the Sun's
    latitude (1.2″) is taken as 0.

    Parameters
    ----------
    times
        ``[time]``.

    Returns
    -------
    FloatArray
        ``[time, xyz]``, km.

    Notes
    -----
    Meeus, Astronomical Algorithms, 2nd ed. (1998), equations 25.2 to 25.5: longitude and distance referred to the
    mean equinox of date. The mean obliquity and the precession back to GCRS are Skyfield's (IAU 2006).
    """
    from skyfield.framelib import mean_equator_and_equinox_of_date

    # A time of its own: Skyfield keeps the precession matrix that this frame asks for under the name of the method that
    # the other frames call, which would spoil the grid's shared time for them.
    at = timescale().tt_jd(np.asarray(times.skyfield.tt))
    century = (np.asarray(at.tt) - _J2000_TT) / _DAYS_PER_CENTURY
    mean_longitude_deg = 280.46646 + century * (36000.76983 + 0.0003032 * century)
    anomaly = np.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    center_deg = (
        (1.914602 - century * (0.004817 + 0.000014 * century)) * np.sin(anomaly)
        + (0.019993 - 0.000101 * century) * np.sin(2.0 * anomaly)
        + 0.000289 * np.sin(3.0 * anomaly)
    )
    longitude = np.radians(mean_longitude_deg + center_deg)
    true_anomaly = anomaly + np.radians(center_deg)
    distance_au = 1.000001018 * (1.0 - eccentricity**2) / (1.0 + eccentricity * np.cos(true_anomaly))
    # Equation 22.2, arc seconds: 23°26′21.448″ and its drift.
    obliquity = np.radians((84381.448 - century * (46.8150 + century * (0.00059 - 0.001813 * century))) / 3600.0)
    of_date = np.stack(
        [np.cos(longitude), np.sin(longitude) * np.cos(obliquity), np.sin(longitude) * np.sin(obliquity)], axis=1
    )
    rotation = np.moveaxis(np.asarray(mean_equator_and_equinox_of_date.rotation_at(at)), 2, 0)
    gcrs = np.einsum("tji,tj->ti", rotation, of_date)
    return lock(gcrs * (distance_au * ASTRONOMICAL_UNIT_KM)[:, None])


def solar_irradiance_w_m2(sun_km: FloatArray) -> FloatArray:
    """Return the power of sunlight on a surface that faces it, at the Earth's distance: 1,317 to 1,408 W/m² in a year.

    Parameters
    ----------
    sun_km
        ``[time, xyz]``, from the Earth's centre. A satellite 42,000 km nearer to the Sun has 0.06 % more.

    Returns
    -------
    FloatArray
        ``[time]``.

    Raises
    ------
    ValueError
        If the shape does not fit.

    Notes
    -----
    The nominal solar irradiance at one astronomical unit (IAU 2015 Resolution B3) over the square of the distance. The
    Sun itself varies by 0.1 % over its cycle (Kopp and Lean, Geophysical Research Letters 38, 2011, L01706,
    doi:10.1029/2010GL045777), which is left out.
    """
    require_shape("sun_km", sun_km, (None, 3))
    away_au = np.linalg.norm(sun_km, axis=1) / ASTRONOMICAL_UNIT_KM
    return floats(SOLAR_CONSTANT_W_M2 / away_au**2)
