"""When does each satellite enter and leave the Earth's umbra and penumbra? Any frame that does not turn, as GCRS.

`sunlight` answers at the instants of a grid; here the contacts between them are sought. Between two instants a
satellite flies the cubic that has both positions and velocities. It leaves an orbit that turns by the angle θ in a step
by at most θ⁴ r/384: 0.3 m in low orbit with steps of a minute, 0.2 km with five. Where the limb is crossed at some
3 km/s, contacts are good to 1e-4 s and 0.1 s. A satellite that grazes the shadow crosses its edge more slowly, and the
same metres take longer: up to 0.006 s and 3 s were seen, and where the shadow is missed or met by less than them, a
passage is lost or invented. Steps beyond 20°, where a geostationary orbit loses half a second, are refused.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints, lock, require_shape
from planner.constants import EARTH_EQUATORIAL_RADIUS_KM, EARTH_FLATTENING, SUN_RADIUS_KM
from planner.environment.sunlight import Shape, shadow_frame, sunlit_fraction
from planner.times import TimeGrid

Track = tuple[FloatArray, FloatArray, FloatArray, FloatArray, float]
"""Positions and velocities ``[time, sat, xyz]``, Sun and pole ``[time, xyz]``, seconds from instant to instant."""
Contacts = tuple[IntArray, BoolArray, BoolArray, FloatArray]
"""Of each contact: satellite, umbra or penumbra, into it or out of it, seconds after the first instant."""

WIDEST_STEP_DEG: Final = 20.0
"""Largest turn about the Earth from one instant to the next."""

_QUICKEST_S: Final = 5_000.0
"""Less than the 84.5 min of a revolution at the Earth's surface."""
_SECONDS_PER_MINUTE: Final = 60.0


@dataclass(frozen=True, eq=False)
class ShadowTable:
    """Passages through the Earth's shadow ``[row]``, sorted by satellite and start, penumbra before its umbra.

    Attributes
    ----------
    times
        The grid.
    satellites
        Number of satellites that `satellite` indexes.
    satellite
        Which one.
    umbra
        True for a passage without any light, False for one without the full light, which contains the other.
    start_s, end_s
        Seconds after the first instant; NaN where the passage begins before the grid or ends after it, or after the
        satellite was lost.
    """

    times: TimeGrid
    satellites: int
    satellite: IntArray
    umbra: BoolArray
    start_s: FloatArray
    end_s: FloatArray

    def __post_init__(self) -> None:
        for column in fields(self)[2:]:
            value = lock(np.asarray(getattr(self, column.name)))
            require_shape(column.name, value, (len(self.satellite),))
            object.__setattr__(self, column.name, value)

    def __len__(self) -> int:
        return len(self.satellite)

    @cached_property
    def duration_min(self) -> FloatArray:
        """``[row]``, NaN where the grid cuts the passage."""
        return floats((self.end_s - self.start_s) / _SECONDS_PER_MINUTE)


def shadow_crossings(
    times: TimeGrid,
    positions_km: FloatArray,
    velocities_km_s: FloatArray,
    sun_km: FloatArray,
    *,
    pole: FloatArray | None = None,
    flattening: float = EARTH_FLATTENING,
    earth_radius_km: float = EARTH_EQUATORIAL_RADIUS_KM,
    sun_radius_km: float = SUN_RADIUS_KM,
) -> ShadowTable:
    """Return every passage of every satellite through umbra and penumbra.

    A passage shorter than a step is found too. The shadow is that of `sunlit_fraction`, with the same neglects.

    Parameters
    ----------
    times
        ``[time]``, steps of at most `WIDEST_STEP_DEG` of every orbit: 5 min will do down to 300 km.
    positions_km, velocities_km_s
        ``[time, sat, xyz]``; NaN from some instant on for a satellite that was lost.
    sun_km, pole, flattening, earth_radius_km, sun_radius_km
        As in `sunlit_fraction`.

    Raises
    ------
    ValueError
        As `sunlit_fraction`, and for a step that is too long.
    """
    require_shape("positions_km", positions_km, (times.count, None, 3))
    require_shape("velocities_km_s", velocities_km_s, positions_km.shape)
    suns, poles, shape = shadow_frame(times.count, sun_km, pole, flattening, earth_radius_km, sun_radius_km)
    from planner.environment.passages import widest_step

    track = (floats(positions_km), floats(velocities_km_s), suns, poles, float(times.step_s))
    widest = np.degrees(widest_step(track))
    if widest > WIDEST_STEP_DEG:
        raise ValueError(
            f"times: a satellite turns by {widest:.1f}° in a step of {times.step_s:g} s, at most {WIDEST_STEP_DEG:g}° "
            f"are allowed; take steps of {times.step_s * WIDEST_STEP_DEG / widest:.0f} s"
        )
    # Four contacts a revolution, and those of a passage under way at the start.
    found = find_contacts(track, shape, 4 * positions_km.shape[1] * (int(times.duration_s / _QUICKEST_S) + 2))
    lit = sunlit_fraction(
        positions_km[:1], suns[:1], pole=poles[:1], flattening=flattening, earth_radius_km=earth_radius_km,
        sun_radius_km=sun_radius_km,
    )[0]  # fmt: skip
    parts = [_passages(found, kind=False, inside=lit < 1.0), _passages(found, kind=True, inside=lit == 0.0)]
    satellite, umbra, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((umbra, np.nan_to_num(start, nan=-1.0), satellite))
    return ShadowTable(times, positions_km.shape[1], ints(satellite[order]), umbra[order], start[order], end[order])


def find_contacts(track: Track, shape: Shape, room: int) -> Contacts:
    """Return every contact on a track; `room` is how many there can be at most, if the estimate is right."""
    from planner.environment.passages import contacts

    while True:
        satellite, umbra, entered = np.empty(room, np.int64), np.empty(room, np.bool_), np.empty(room, np.bool_)
        when_s = np.empty(room)
        found = contacts(track, shape, (satellite, umbra, entered, when_s))
        if found <= room:
            return satellite[:found], umbra[:found], entered[:found], when_s[:found]
        room = found


def _passages(found: Contacts, *, kind: bool, inside: BoolArray) -> tuple[IntArray, BoolArray, FloatArray, FloatArray]:
    """Return satellite, kind, start and end of the passages of one kind; `inside` is ``[sat]`` at the first instant."""
    satellite, umbra, entered, when_s = found
    chosen = np.flatnonzero(umbra == kind)
    chosen = chosen[np.lexsort((when_s[chosen], satellite[chosen]))]
    who, into, when = satellite[chosen], entered[chosen], when_s[chosen]
    # An entry is followed by the exit of the same passage unless the grid ends first.
    closed = np.append(into[:-1] & ~into[1:] & (who[:-1] == who[1:]), np.zeros(min(len(who), 1), dtype=np.bool_))
    end = np.where(closed, np.append(when[1:], np.nan)[: len(when)], np.nan)
    opened = ~into & ~np.append(np.zeros(min(len(who), 1), dtype=np.bool_), closed[:-1])
    throughout = np.setdiff1d(np.flatnonzero(inside), who)
    nothing = np.full(len(throughout), np.nan)
    whose = np.concatenate([who[into], who[opened], throughout])
    start = np.concatenate([when[into], np.full(int(opened.sum()), np.nan), nothing])
    return whose, np.full(len(whose), kind), start, np.concatenate([end[into], when[opened], nothing])
