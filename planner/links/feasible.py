"""Which pairs of satellites may be linked? Every rule at once, for all pairs of an instant or for given ones over time.

Any Earth-centred frame that does not turn (GCRS, TEME), axes ``[time, sat, xyz]``; Sun and pole in the same frame. Both
ways of asking give the same verdict on the same pair to the bit, and the same from either end. Whether terminals are
free is not asked here: that is up to who links to whom.
"""

from dataclasses import dataclass, fields
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock, require_shape
from planner.environment.sunlight import sunlit_fraction
from planner.links.geometry import GRAZING_ALTITUDE_KM
from planner.links.rules import LinkRules, limits_of, mount_of

Vector = tuple[float, float, float]
Scene = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Positions, velocities, directions to the Sun ``[sat, xyz]``, axes of Hill's frame ``[sat, axis, xyz]``."""

_Scalar = TypeVar("_Scalar", bound=np.generic)

_Z_AXIS: Final = (0.0, 0.0, 1.0)
_UNIT_TOLERANCE: Final = 1e-9
_ALL_FACES: Final = np.int64(-1)


@dataclass(frozen=True, eq=False)
class Sightlines:
    """Pairs of satellites that may be linked at one instant ``[pair]``, sorted by (a, b).

    Attributes
    ----------
    a, b
        The satellites, ``a < b``.
    range_km
        Straight-line distance.
    faces_a, faces_b
        Bit masks of the terminals of the mounting that can point at the other end, bit 0 for the first; all ones where
        there is no mounting.
    """

    a: IntArray
    b: IntArray
    range_km: FloatArray
    faces_a: IntArray
    faces_b: IntArray

    def __post_init__(self) -> None:
        _lock_columns(self, self.a.shape)

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True, eq=False)
class Checked:
    """What the rules say of given pairs over time ``[time, pair]``.

    Attributes
    ----------
    usable
        Whether every rule holds.
    range_km
        Straight-line distance, usable or not; NaN where a satellite is lost.
    faces_a, faces_b
        As in `Sightlines`, whether the link is usable or not.
    """

    usable: BoolArray
    range_km: FloatArray
    faces_a: IntArray
    faces_b: IntArray

    def __post_init__(self) -> None:
        _lock_columns(self, self.usable.shape)


def _lock_columns(table: Sightlines | Checked, shape: tuple[int, ...]) -> None:
    """Lock every column; a mask that is the same everywhere stays one number seen at every place."""
    for column in fields(table):
        values = np.asarray(getattr(table, column.name)).view()
        require_shape(column.name, values, shape)
        values.flags.writeable = False
        object.__setattr__(table, column.name, values)


def candidate_pairs(
    positions_km: FloatArray,
    *,
    maximum_range_km: float,
    grazing_altitude_km: float = GRAZING_ALTITUDE_KM,
    pole: FloatArray | None = None,
) -> IntArray:
    """Return every pair of satellites within range and clear of the Earth, whatever else a link must meet.

    Parameters
    ----------
    positions_km
        ``[sat, xyz]``; satellites that are NaN have no pair.
    maximum_range_km, grazing_altitude_km
        As in `LinkRules`.
    pole
        ``[xyz]``, unit vector of the Earth's axis; the frame's z axis when left out.

    Returns
    -------
    IntArray
        ``[pair, 2]``, indices a < b, sorted. All pairs are never looked at: time and memory go with what is found.

    Raises
    ------
    ValueError
        If the shapes do not fit or a limit is out of bounds.
    """
    rules = LinkRules(maximum_range_km, grazing_altitude_km)
    require_shape("positions_km", positions_km, (None, 3))
    from planner.links.cells import near_pairs

    positions, limits = floats(positions_km), limits_of(rules)
    poles, _, _ = _sky(rules, positions[None], None, None, _at_once(pole))
    return lock(near_pairs(positions, rules.maximum_range_km, _vector(poles[0]), limits))


def feasible_links(
    positions_km: FloatArray,
    velocities_km_s: FloatArray,
    *,
    rules: LinkRules,
    sun_km: FloatArray | None = None,
    sunlit: BoolArray | None = None,
    pole: FloatArray | None = None,
) -> Sightlines:
    """Return every pair of satellites that may be linked at one instant.

    Parameters
    ----------
    positions_km, velocities_km_s
        ``[sat, xyz]``; satellites that are NaN have no link.
    rules
        What a link must meet.
    sun_km
        ``[xyz]`` from the Earth's centre; needed where the rules keep terminals from looking into the Sun.
    sunlit
        ``[sat]``: where false the Earth hides the Sun and it blinds nobody. When left out it is worked out: false in
        the umbra of the flattened Earth (`sunlit_fraction`), so that the last sliver of the Sun still blinds.
    pole
        ``[xyz]``, unit vector of the Earth's axis; the frame's z axis when left out.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the Sun is needed and not given.
    """
    positions, velocities = floats(positions_km), floats(velocities_km_s)
    axis, scene = instant_of(positions, velocities, rules=rules, sun_km=sun_km, sunlit=sunlit, pole=pole)
    near = candidate_pairs(
        positions, maximum_range_km=rules.maximum_range_km, grazing_altitude_km=rules.grazing_altitude_km, pole=pole
    )
    from planner.links.verdict import judge, pack

    columns, ends = columns_for((len(near),), rules), np.empty((2, len(near)), dtype=np.int64)
    judge(near, axis, scene, limits_of(rules), mount_of(rules), columns)
    count = pack(near, columns, ends[0], ends[1])
    _, range_km, faces_a, faces_b = columns
    if rules.mounting is None:
        faces_a = faces_b = np.broadcast_to(_ALL_FACES, len(near))
    return Sightlines(ends[0, :count], ends[1, :count], range_km[:count], faces_a[:count], faces_b[:count])


def check_links(
    positions_km: FloatArray,
    velocities_km_s: FloatArray,
    pairs: IntArray,
    *,
    rules: LinkRules,
    sun_km: FloatArray | None = None,
    sunlit: BoolArray | None = None,
    pole: FloatArray | None = None,
) -> Checked:
    """Return which of given pairs may be linked at each instant.

    Parameters
    ----------
    positions_km, velocities_km_s
        ``[time, sat, xyz]``; satellites that are NaN have no link.
    pairs
        ``[pair, 2]``, in either order.
    rules
        What a link must meet.
    sun_km, sunlit, pole
        ``[time, xyz]``, ``[time, sat]``, ``[time, xyz]``; see `feasible_links`.

    Raises
    ------
    ValueError
        If the shapes do not fit, a pair names no satellite, or the Sun is needed and not given.
    """
    require_shape("positions_km", positions_km, (None, None, 3))
    require_shape("velocities_km_s", velocities_km_s, positions_km.shape)
    require_shape("pairs", np.asarray(pairs), (None, 2))
    chosen, (times, satellites) = ints(pairs), positions_km.shape[:2]
    if len(chosen) and (chosen.min() < 0 or chosen.max() >= satellites):
        raise ValueError(f"pairs: need satellites of 0 to {satellites - 1}")
    sky = _sky(rules, positions_km, sun_km, sunlit, pole)
    from planner.links.verdict import ALL, judge_all

    columns = columns_for((times, len(chosen)), rules)
    judge_all(floats(positions_km), floats(velocities_km_s), sky, chosen, limits_of(rules), mount_of(rules), columns)
    held, range_km, faces_a, faces_b = columns
    if rules.mounting is None:
        faces_a = faces_b = np.broadcast_to(_ALL_FACES, held.shape)
    return Checked(held == ALL, range_km, faces_a, faces_b)


def columns_for(shape: tuple[int, ...], rules: LinkRules) -> tuple[NDArray[np.uint8], FloatArray, IntArray, IntArray]:
    """Return room for what `judge` says: rules' bits, range, masks, the last without pairs where nothing is mounted."""
    masks = shape if rules.mounting is not None else (*shape[:-1], 0)
    return np.empty(shape, dtype=np.uint8), np.empty(shape), np.empty(masks, np.int64), np.empty(masks, np.int64)


def instant_of(
    positions: FloatArray,
    velocities: FloatArray,
    *,
    rules: LinkRules,
    sun_km: FloatArray | None,
    sunlit: BoolArray | None,
    pole: FloatArray | None,
) -> tuple[Vector, Scene]:
    """Return one instant as the kernels of `planner.links.verdict` take it; parameters as in `feasible_links`."""
    require_shape("positions_km", positions, (None, 3))
    require_shape("velocities_km_s", velocities, positions.shape)
    poles, suns, lit = _sky(rules, positions[None], _at_once(sun_km), _at_once(sunlit), _at_once(pole))
    from planner.links.verdict import look_sunward, set_axes

    sunward = np.empty((len(positions) if len(lit) else 0, 3))
    axes = np.empty((0 if rules.mounting is None else len(positions), 3, 3))
    if len(lit):
        look_sunward(positions, _vector(suns[0]), lit[0], sunward)
    set_axes(positions, velocities, axes)
    return _vector(poles[0]), (positions, velocities, sunward, axes)


def _sky(
    rules: LinkRules,
    positions: FloatArray,
    sun_km: FloatArray | None,
    sunlit: BoolArray | None,
    pole: FloatArray | None,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return pole and Sun ``[time, xyz]`` and who is in sunlight ``[time, sat]``, empty where no rule asks for it."""
    times = positions.shape[:1]
    poles = np.broadcast_to(_Z_AXIS, (*times, 3)) if pole is None else np.asarray(pole, dtype=np.float64)
    require_shape("pole", poles, (*times, 3))
    if not np.allclose(np.linalg.norm(poles, axis=1), 1.0, rtol=0.0, atol=_UNIT_TOLERANCE):
        raise ValueError("pole: every row must be a unit vector")
    if not rules.asks_for_the_sun:
        return floats(poles), floats(np.zeros((*times, 3))), lock(np.zeros((0, 0), dtype=np.bool_))
    if sun_km is None:
        raise ValueError(f"sun_km: needed, since the rules keep terminals {rules.sun_exclusion_deg:g}° off the Sun")
    require_shape("sun_km", np.asarray(sun_km), (*times, 3))
    lit = (
        sunlit_fraction(positions, floats(sun_km), pole=poles) > 0.0
        if sunlit is None
        else np.asarray(sunlit, dtype=np.bool_)
    )
    require_shape("sunlit", lit, positions.shape[:2])
    return floats(poles), floats(sun_km), lock(lit)


def _at_once(values: NDArray[_Scalar] | None) -> NDArray[_Scalar] | None:
    """Return values of one instant as those of a grid of one."""
    return None if values is None else np.asarray(values)[None]


def _vector(values: FloatArray) -> Vector:
    """Return three numbers as kernels take them."""
    return float(values[0]), float(values[1]), float(values[2])
