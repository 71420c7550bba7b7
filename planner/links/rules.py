"""Which conditions must a laser link meet? Range, grazing altitude, angular rate, the Sun, and where terminals look.

The same for every satellite of a fleet. Directions of terminals are given in the satellite's own Hill frame (as in
`planner.orbit.formation`): x radially outwards, y along the track, z along the orbit's normal. The satellite is taken
to fly steadily in that attitude.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats, require_shape
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING
from planner.links.geometry import GRAZING_ALTITUDE_KM
from planner.links.optical import LaserTerminal

MOST_TERMINALS: Final = 16
"""Of one satellite: bits of the masks that say which of them can point at the other end."""

_UNIT_TOLERANCE: Final = 1e-9
_HALF_TURN_DEG: Final = 180.0
_RIGHT_ANGLE_DEG: Final = 90.0


@dataclass(frozen=True, eq=False)
class Mounting:
    """Where the laser terminals of a satellite can point.

    Attributes
    ----------
    boresights
        ``[terminal, xyz]``, unit vectors in Hill's frame: the middle of each terminal's field of regard.
    half_angle_deg
        ``[terminal]``, from the boresight to the edge of the field of regard; 180 points anywhere.

    Raises
    ------
    ValueError
        For no terminal or more than `MOST_TERMINALS`, a boresight that is no unit vector, or an angle not above 0 and
        at most 180.
    """

    boresights: FloatArray
    half_angle_deg: FloatArray

    def __post_init__(self) -> None:
        boresights, half_angle = floats(self.boresights), floats(self.half_angle_deg)
        require_shape("boresights", boresights, (None, 3))
        require_shape("half_angle_deg", half_angle, (len(boresights),))
        if not 1 <= len(boresights) <= MOST_TERMINALS:
            raise ValueError(f"boresights: {len(boresights)} terminals, allowed 1 to {MOST_TERMINALS}")
        if not np.allclose(np.linalg.norm(boresights, axis=1), 1.0, rtol=0.0, atol=_UNIT_TOLERANCE):
            raise ValueError("boresights: every row must be a unit vector")
        if not np.all((half_angle > 0.0) & (half_angle <= _HALF_TURN_DEG)):
            raise ValueError(f"half_angle_deg: {half_angle} must be above 0 and at most 180 degrees")
        object.__setattr__(self, "boresights", boresights)
        object.__setattr__(self, "half_angle_deg", half_angle)

    def __len__(self) -> int:
        return len(self.boresights)

    @classmethod
    def everywhere(cls, terminals: int) -> "Mounting":
        """Return `terminals` terminals that each point anywhere."""
        return cls(np.tile([0.0, 1.0, 0.0], (terminals, 1)), np.full(terminals, _HALF_TURN_DEG))

    @classmethod
    def four_sides(cls, half_angle_deg: float) -> "Mounting":
        """Return four terminals that look fore, aft, to port (along the orbit's normal) and to starboard."""
        sides = [[0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]
        return cls(floats(sides), np.full(len(sides), half_angle_deg))


@dataclass(frozen=True)
class LinkRules:
    """What a laser link must meet at every instant, at both ends alike.

    Attributes
    ----------
    maximum_range_km
        Longest link; infinity sets no limit.
    grazing_altitude_km
        Lowest altitude above the WGS84 ellipsoid that the line between the ends may pass, from 0.
    maximum_rate_deg_s
        Fastest turn of the line of sight against the stars that terminals can follow. It holds the satellites' own turn
        (0.063°/s at 550 km): a neighbour in the same orbit, at rest for a satellite that flies upright, turns by that
        much, and a lower limit refuses it. Against the stars, the turn is one number for both ends and asks for no
        attitude. What a mount on an upright satellite has to follow differs from it by the satellite's own turn at
        most: for a mount that follows ω, ω + 0.063°/s would let every link through that it can follow, and
        ω − 0.063°/s lets none through that it cannot.
    sun_exclusion_deg
        Least angle between the Sun and the other end, seen from either end, from 0 (no limit) to below 90.
    mounting
        Where the terminals look; None lets every satellite point anywhere.

    Raises
    ------
    ValueError
        For a value out of these bounds.
    """

    maximum_range_km: float
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM
    maximum_rate_deg_s: float = math.inf
    sun_exclusion_deg: float = 0.0
    mounting: Mounting | None = None

    def __post_init__(self) -> None:
        for name in ("maximum_range_km", "maximum_rate_deg_s"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"{name}: {getattr(self, name)} must be positive")
        if not 0.0 <= self.grazing_altitude_km < math.inf:
            raise ValueError(f"grazing_altitude_km: {self.grazing_altitude_km} must be finite and at least 0")
        if not 0.0 <= self.sun_exclusion_deg < _RIGHT_ANGLE_DEG:
            raise ValueError(f"sun_exclusion_deg: {self.sun_exclusion_deg} must be at least 0 and below 90")

    @classmethod
    def of(
        cls,
        terminal: LaserTerminal,
        *,
        maximum_range_km: float | None = None,
        grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
        mounting: Mounting | None = None,
    ) -> "LinkRules":
        """Return what a terminal can follow and bear.

        Parameters
        ----------
        terminal
            Sets range, angular rate and Sun exclusion.
        maximum_range_km
            A shorter limit than the terminal's own; a longer one changes nothing.
        grazing_altitude_km, mounting
            As in the class; the terminal's half-angle counts once it is mounted, as by
            ``Mounting.four_sides(terminal.half_angle_deg)``.

        Raises
        ------
        ValueError
            For a value out of the bounds of the class.
        """
        longest = terminal.maximum_range_km
        if maximum_range_km is not None:
            if not maximum_range_km > 0.0:
                raise ValueError(f"maximum_range_km: {maximum_range_km} must be positive")
            longest = min(longest, maximum_range_km)
        return cls(
            maximum_range_km=longest,
            grazing_altitude_km=grazing_altitude_km,
            maximum_rate_deg_s=terminal.maximum_rate_deg_s,
            sun_exclusion_deg=terminal.sun_exclusion_deg,
            mounting=mounting,
        )

    @property
    def asks_for_the_sun(self) -> bool:
        """Return whether the Sun's direction is needed to judge a link."""
        return self.sun_exclusion_deg > 0.0


def limits_of(rules: LinkRules) -> tuple[float, float, float, float, float]:
    """Return the rules as the kernels of `planner.links.verdict` compare them.

    Returns
    -------
    tuple
        Largest range squared, km²; square of twice the half-axis of the stretched level, km²; k² − 1 of the stretch;
        largest angular rate squared, rad²/s²; cosine of the Sun exclusion.
    """
    level_km = EARTH_EQUATORIAL_RADIUS_KM + rules.grazing_altitude_km
    polar_km = EARTH_EQUATORIAL_RADIUS_KM * (1.0 - EARTH_FLATTENING) + rules.grazing_altitude_km
    return (
        _largest_square(rules.maximum_range_km),
        (2.0 * level_km) ** 2,
        (level_km / polar_km) ** 2 - 1.0,
        math.radians(rules.maximum_rate_deg_s) ** 2,
        math.cos(math.radians(rules.sun_exclusion_deg)),
    )


def _largest_square(length: float) -> float:
    """Return the largest float whose root is at most `length`: comparing squares then decides as comparing roots."""
    square = length * length
    if math.isinf(length):
        return square
    while math.sqrt(square) > length:
        square = math.nextafter(square, 0.0)
    while math.sqrt(math.nextafter(square, math.inf)) <= length:
        square = math.nextafter(square, math.inf)
    return square


def mount_of(rules: LinkRules) -> tuple[FloatArray, FloatArray]:
    """Return boresights ``[terminal, xyz]`` and cosines of half-angles ``[terminal]``, empty without a mounting.

    A terminal that points anywhere has the cosine −2, so that rounding leaves it no blind spot.
    """
    if rules.mounting is None:
        return floats(np.empty((0, 3))), floats(np.empty(0))
    half_angle = rules.mounting.half_angle_deg
    cosines = np.where(half_angle < _HALF_TURN_DEG, np.cos(np.radians(half_angle)), -2.0)
    return rules.mounting.boresights, floats(cosines)
