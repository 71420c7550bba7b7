"""How dense is the air that a satellite flies through? Total mass density by altitude and solar activity.

The table (``planner/data/atmosphere.toml``) holds the global mean of a published model at three levels of solar
activity, 120 to 2,000 km; between two altitudes the logarithm of the density is interpolated. Day and night, seasons
and storms are averaged away: this is for months and years, not for the next pass. Leading axes broadcast.

Two altitudes are told apart. The air's, in `Atmosphere`, is geodetic: above the ellipsoid. An orbit's, in
`drag_density_kg_m3` and in all that rests on it, is that of its mean semi-major axis above the equatorial radius, as
`Fleet.altitude_km` has it and as designs are given; what the satellite flies above the ellipsoid follows from it.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import BoolArray, FloatArray, floats, lock
from planner.catalog import Catalog
from planner.constants import (
    EARTH_EQUATORIAL_RADIUS_KM,
    EARTH_FLATTENING,
    EARTH_J2,
    EARTH_MU_KM3_S2,
    EARTH_SPIN_RAD_S,
)
from planner.environment.checks import require_where
from planner.errors import CatalogError, Problem

Activity = Literal["low", "mean", "high"]
"""Solar activity held for the whole time: a solar minimum, the long-term level that a lifetime is reckoned with, and
the maximum of a strong cycle. The Sun goes through all three in eleven years, so that the outer two bound what lasts
longer than a few years rather than forecast it."""

Bound = Literal["value", "low", "high"]
"""Which figure of the catalog to take: the planning value, or an end of the range that the model may be off by."""

_SPARE_KM: Final = 50.0
"""How far the outermost rows' slope is carried on: an orbit with its mean in the table flies from 11 km below that mean
(equatorial) to 26 km above it (polar)."""

_TURNS: Final = (np.arange(8) + 0.5) * np.pi / 8.0
"""Twice the arguments of latitude at which an orbit's air is taken: those of the midpoint rule over half a revolution,
after which the air repeats itself. Its mean is off only where the slope of the table changes between two of them: up to
8e-4 near 120 km, 2e-4 from 200 km on."""

_COLUMN: Final = re.compile(r"density_(\d+)_km_kg_m3")


@dataclass(frozen=True, eq=False)
class Atmosphere:
    """Density by altitude at one level of solar activity.

    Attributes
    ----------
    activity
        The level.
    altitude_km
        ``[level]``, geodetic, ascending.
    density_kg_m3
        ``[level]``, falling.
    """

    activity: Activity
    altitude_km: FloatArray
    density_kg_m3: FloatArray

    def __post_init__(self) -> None:
        if self.activity not in get_args(Activity):
            raise ValueError(f"activity: {self.activity!r} is not one of {get_args(Activity)}")
        altitude, density = floats(self.altitude_km), floats(self.density_kg_m3)
        if altitude.ndim != 1 or altitude.shape != density.shape or altitude.size < 2:
            raise ValueError(f"density_kg_m3: shape {density.shape} for altitudes {altitude.shape}; two or more needed")
        if not (np.all(np.diff(altitude) > 0.0) and np.all(np.diff(density) < 0.0) and density[-1] > 0.0):
            raise ValueError("density_kg_m3: must fall with altitude_km, and both must be above 0")
        object.__setattr__(self, "altitude_km", altitude)
        object.__setattr__(self, "density_kg_m3", density)

    @classmethod
    def from_catalog(cls, catalog: Catalog, activity: Activity, *, bound: Bound = "value") -> "Atmosphere":
        """Return entry ``atmosphere.<activity>``.

        Raises
        ------
        CatalogError
            If there is no such entry, or a plan's own figures do not fall with altitude.
        ValueError
            For an unknown bound.
        """
        if bound not in get_args(Bound):
            raise ValueError(f"bound: {bound!r} is not one of {get_args(Bound)}")
        entry = catalog.entry("atmosphere", activity)
        rows = sorted(
            (int(found[1]), float(getattr(figure, bound)))
            for name, figure in entry.figures.items()
            if (found := _COLUMN.fullmatch(name))
        )
        problems = [
            Problem(f"atmosphere.{activity}.density_{high}_km_kg_m3", _not_falling(density, below, low))
            for (low, below), (high, density) in pairwise(rows)
            if not 0.0 < density < below
        ]
        if problems:
            raise CatalogError(problems)
        return cls(activity, floats([row[0] for row in rows]), floats([row[1] for row in rows]))

    def density_at_kg_m3(self, altitude_km: ArrayLike) -> FloatArray:
        """Return the density at each geodetic altitude, ``[…]``.

        Raises
        ------
        ValueError
            For an altitude outside the table: the density there is not guessed.
        """
        altitude = self.within("altitude_km", altitude_km)
        return self.flown_kg_m3(altitude)

    def flown_kg_m3(self, altitude: FloatArray) -> FloatArray:
        """Return the density at geodetic altitudes that may lie `_SPARE_KM` outside the table."""
        return lock(np.exp(np.interp(altitude, *self._logarithm)))

    @cached_property
    def _logarithm(self) -> tuple[FloatArray, FloatArray]:
        """Altitudes and the logarithm of the density there, with a row more at either end, on the slope there."""
        altitude, logarithm = self.altitude_km, np.log(self.density_kg_m3)
        slope = np.diff(logarithm) / np.diff(altitude)
        return (
            floats([altitude[0] - _SPARE_KM, *altitude, altitude[-1] + _SPARE_KM]),
            floats([logarithm[0] - _SPARE_KM * slope[0], *logarithm, logarithm[-1] + _SPARE_KM * slope[-1]]),
        )

    def covers(self, altitude_km: ArrayLike) -> BoolArray:
        """Return where the table has an answer, ``[…]``."""
        altitude = floats(altitude_km)
        return lock((altitude >= self.altitude_km[0]) & (altitude <= self.altitude_km[-1]))

    def within(self, name: str, altitude_km: ArrayLike) -> FloatArray:
        """Return altitudes that the table covers, ``[…]``; `ValueError` naming the first that it does not."""
        altitude = floats(altitude_km)
        lowest, highest = float(self.altitude_km[0]), float(self.altitude_km[-1])
        allowed = f"lie in the density table, {lowest:g} to {highest:g} km; drag is not reckoned outside"
        return require_where(name, altitude, self.covers(altitude), allowed)


def _not_falling(density: float, below: float, low: int) -> str:
    return f"{density:g} kg/m³ must be above 0 and below the {below:g} kg/m³ at {low} km; set the row at {low} km too"


def drag_density_kg_m3(
    altitude_km: ArrayLike, *, atmosphere: Atmosphere, inclination_deg: ArrayLike = 90.0
) -> FloatArray:
    """Return the density that drags a circular orbit, averaged over a revolution.

    Parameters
    ----------
    altitude_km
        ``[…]``, mean semi-major axis above the equatorial radius, as in `Fleet.altitude_km`.
    atmosphere
        The air.
    inclination_deg
        Of the orbit, broadcasting with `altitude_km`.

    Returns
    -------
    FloatArray
        ``[…]``, ρ such that the drag on average is ½ρv²/B with the orbital speed v. Falls strictly with altitude.

    Raises
    ------
    ValueError
        For an altitude outside the table, or an inclination outside 0 to 180°.

    Notes
    -----
    With the argument of latitude u and the mean semi-major axis a, the satellite flies above the ellipsoid at

        h(u) = a − R − ¾·J₂·(R²/a)·(3cos²i − 1) + R·f·sin²i·sin²u + ¼·J₂·(R²/a)·sin²i·cos 2u

    The terms of J₂ are the short-period ones of the radius at e = 0 (Hoots and Roehrich, Spacetrack Report No. 3, 1980,
    section 6): a polar orbit flies 5 km above its mean semi-major axis, an equatorial one 10 km below. The term of f is
    the flattened Earth's (King-Hele, Satellite Orbits in an Atmosphere, 1987): up to 21 km more at the poles. The
    density is averaged over u: at 550 km and mean activity 19 % below that at a − R on a polar orbit, 15 % above on an
    equatorial one.

    The air turns with the Earth: F = (1 − ω·a·cos i/v)², 11 % less drag at 30°, 2 % more sun-synchronous (King-Hele).

    Left out: the term of J₃, which lowers an inclined orbit by up to 7.5 km over the north and lifts it by as much over
    the south: with the scale height H, I₀(7.5 km/H) times the density, 1.004 at 550 km and 1.01 at 300 km.
    """
    altitude, inclination = atmosphere.within("altitude_km", altitude_km), floats(inclination_deg)
    require_where(
        "inclination_deg", inclination, (inclination >= 0.0) & (inclination <= 180.0), "lie between 0 and 180"
    )
    sine, cosine = np.sin(np.radians(inclination)), np.cos(np.radians(inclination))
    radius = EARTH_EQUATORIAL_RADIUS_KM + altitude
    oblate_km = EARTH_J2 * EARTH_EQUATORIAL_RADIUS_KM**2 / radius
    bulge_km = 0.5 * EARTH_EQUATORIAL_RADIUS_KM * EARTH_FLATTENING * sine**2
    middle = altitude - 0.75 * oblate_km * (3.0 * cosine**2 - 1.0) + bulge_km
    swing = 0.25 * oblate_km * sine**2 - bulge_km
    met = sum(atmosphere.flown_kg_m3(middle + swing * np.cos(turn)) for turn in _TURNS) / len(_TURNS)
    carried = (1.0 - EARTH_SPIN_RAD_S * radius * cosine / np.sqrt(EARTH_MU_KM3_S2 / radius)) ** 2
    return lock(met * carried)
