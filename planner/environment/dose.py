"""How much ionising radiation does a part take up in a year? Trapped particles by altitude, inclination and shielding.

The table (``planner/data/radiation.toml``) is NASA's AP-8 and AE-8 behind aluminium, computed once and checked against
published runs; ``radiation.txt`` beside it says how. Between its rows the logarithm of the dose is interpolated;
outside them nothing is said. The dose is that in silicon at the centre of a solid aluminium sphere: what stands around
a part in a satellite shields it besides.

How far to trust it: the models to a factor of about 2, interpolation to 21 % (5 % on average). Solar protons are not in
it, and in a year with a great event they leave as much again in a polar orbit. Leading axes broadcast.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, get_args

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import BoolArray, FloatArray, floats, lock
from planner.catalog import Catalog
from planner.environment.atmosphere import Bound
from planner.environment.checks import require_where
from planner.errors import CatalogError, Problem

_ENTRY: Final = re.compile(r"inclination_(\d+)")
_FIGURE: Final = re.compile(r"dose_(\d+)_km_(\d+)_mm_rad_yr")
_HALF_TURN_DEG: Final = 180.0


@dataclass(frozen=True, eq=False)
class DoseTable:
    """Dose a year on a grid.

    Attributes
    ----------
    altitude_km
        ``[altitude]``, ascending; of circular orbits above the equatorial radius.
    inclination_deg
        ``[inclination]``, ascending, up to 90; an orbit and its mirror image at 180° − i take up the same.
    shielding_mm
        ``[shielding]``, ascending; aluminium.
    dose_rad_yr
        ``[altitude, inclination, shielding]``, in silicon.
    """

    altitude_km: FloatArray
    inclination_deg: FloatArray
    shielding_mm: FloatArray
    dose_rad_yr: FloatArray

    def __post_init__(self) -> None:
        axes = [floats(axis) for axis in (self.altitude_km, self.inclination_deg, self.shielding_mm)]
        dose = floats(self.dose_rad_yr)
        if dose.shape != tuple(axis.size for axis in axes) or not np.all(dose > 0.0):
            raise ValueError(f"dose_rad_yr: shape {dose.shape}, and all of it must be above 0")
        if any(axis.ndim != 1 or axis.size < 2 or not np.all(np.diff(axis) > 0.0) for axis in axes):
            raise ValueError("altitude_km, inclination_deg, shielding_mm: two or more each, ascending")
        if not np.all(np.diff(dose, axis=2) < 0.0):
            raise ValueError("dose_rad_yr: must fall with shielding_mm")
        names = ("altitude_km", "inclination_deg", "shielding_mm", "dose_rad_yr")
        for name, values in zip(names, (*axes, dose), strict=True):
            object.__setattr__(self, name, values)

    @classmethod
    def from_catalog(cls, catalog: Catalog, *, bound: Bound = "value") -> "DoseTable":
        """Return the collection ``radiation``.

        Raises
        ------
        CatalogError
            If a figure of the grid is missing, not above 0, or a plan's own does not fall with the shielding.
        ValueError
            For an unknown bound.
        """
        if bound not in get_args(Bound):
            raise ValueError(f"bound: {bound!r} is not one of {get_args(Bound)}")
        cells = {
            (int(figure[1]), int(entry[1]), int(figure[2])): float(getattr(row.figures[name], bound))
            for row in catalog.collection("radiation")
            if (entry := _ENTRY.fullmatch(row.name))
            for name in row.figures
            if (figure := _FIGURE.fullmatch(name))
        }
        altitudes, inclinations, depths = (sorted({cell[axis] for cell in cells}) for axis in range(3))
        if problems := _problems(altitudes, inclinations, depths, cells):
            raise CatalogError(problems)
        dose = [[[cells[high, tilt, deep] for deep in depths] for tilt in inclinations] for high in altitudes]
        return cls(floats(altitudes), floats(inclinations), floats(depths), floats(dose))

    def covers(self, altitude_km: ArrayLike, *, inclination_deg: ArrayLike, shielding_mm: ArrayLike) -> BoolArray:
        """Return where the table has an answer, ``[…]``."""
        inclination = _folded(inclination_deg)
        return lock(
            _inside(self.altitude_km, floats(altitude_km))
            & _inside(self.inclination_deg, inclination)
            & _inside(self.shielding_mm, floats(shielding_mm))
        )


def annual_dose_rad_yr(
    altitude_km: ArrayLike, *, inclination_deg: ArrayLike, shielding_mm: ArrayLike, table: DoseTable
) -> FloatArray:
    """Return the dose of trapped radiation a year on a circular orbit, in silicon, ``[…]``.

    Parameters
    ----------
    altitude_km
        ``[…]``, mean semi-major axis above the equatorial radius, as in `Fleet.altitude_km`. What the oblate Earth
        makes of it (at 650 km 5 km more on a polar orbit, for 2 to 3 % more dose) is left out.
    inclination_deg
        Of the orbit, 0 to 180, broadcasting with the altitude.
    shielding_mm
        Aluminium all around, broadcasting with both; 1 mm is 0.27 g/cm².
    table
        The doses.

    Raises
    ------
    ValueError
        For anything outside the table: a dose there is not guessed.

    Notes
    -----
    The logarithm of the dose is linear in altitude, in inclination and in the logarithm of the shielding.
    """
    altitude, inclination, shielding = floats(altitude_km), floats(inclination_deg), floats(shielding_mm)
    folded = _folded(inclination)
    _require_covered("altitude_km", altitude, _inside(table.altitude_km, altitude), table.altitude_km)
    mirrored = floats([table.inclination_deg[0], _HALF_TURN_DEG - table.inclination_deg[0]])
    _require_covered("inclination_deg", inclination, _inside(table.inclination_deg, folded), mirrored)
    _require_covered("shielding_mm", shielding, _inside(table.shielding_mm, shielding), table.shielding_mm)
    places = np.broadcast_arrays(
        _place(table.altitude_km, altitude),
        _place(table.inclination_deg, folded),
        _place(np.log(table.shielding_mm), np.log(shielding)),
    )
    return lock(np.exp(_between(np.log(table.dose_rad_yr), places)))


def _folded(inclination_deg: ArrayLike) -> FloatArray:
    """Return inclinations brought to 90° or less."""
    inclination = floats(inclination_deg)
    return floats(np.minimum(inclination, _HALF_TURN_DEG - inclination))


def _inside(axis: FloatArray, values: FloatArray) -> BoolArray:
    return lock((values >= axis[0]) & (values <= axis[-1]))


def _require_covered(name: str, values: FloatArray, inside: BoolArray, ends: FloatArray) -> None:
    allowed = f"lie in the dose table, {ends[0]:g} to {ends[-1]:g}; no dose is given outside"
    require_where(name, values, inside, allowed)


def _place(axis: FloatArray, values: FloatArray) -> FloatArray:
    """Return where values stand along an axis, in rows and parts of one."""
    return floats(np.interp(values, axis, np.arange(axis.size)))


def _between(grid: FloatArray, places: Sequence[FloatArray]) -> FloatArray:
    """Return `grid` at fractional indices along its three axes, linear between neighbours."""
    lower = [np.minimum(place.astype(np.int64), size - 2) for place, size in zip(places, grid.shape, strict=True)]
    total = np.zeros(np.shape(places[0]))
    for corner in product((0, 1), repeat=3):
        weight = np.ones_like(total)
        for place, low, upper in zip(places, lower, corner, strict=True):
            weight = weight * (place - low if upper else 1.0 - (place - low))
        index = tuple(low + upper for low, upper in zip(lower, corner, strict=True))
        total = total + weight * grid[index]
    return total


def _problems(
    altitudes: list[int], inclinations: list[int], depths: list[int], cells: dict[tuple[int, int, int], float]
) -> list[Problem]:
    """Return what is missing or impossible on the grid."""
    if min(len(altitudes), len(inclinations), len(depths)) < 2:
        return [Problem("radiation", "the dose table needs two or more altitudes, inclinations and thicknesses")]
    problems = []
    for altitude, inclination in product(altitudes, inclinations):
        thinner = np.inf
        for depth in depths:
            place = f"radiation.inclination_{inclination}.dose_{altitude}_km_{depth}_mm_rad_yr"
            dose = cells.get((altitude, inclination, depth))
            if dose is None:
                problems.append(Problem(place, "missing; the dose table needs every altitude with every thickness"))
            elif not 0.0 < dose < thinner:
                problems.append(Problem(place, f"{dose:g} rad/yr must be above 0 and below that behind less shielding"))
            thinner = thinner if dose is None else dose
    return problems
