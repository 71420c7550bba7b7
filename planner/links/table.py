"""Which laser links and ground contacts exist when, and how long are they? Compressed rows per instant.

Rows of all instants lie one after another; ``offsets[t]:offsets[t + 1]`` are those of instant ``t``. Indices refer to
the satellites of the fleet and the sites of the plan, in their order there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.arrays import FloatArray, IntArray, floats, ints, lock
from planner.constants import SPEED_OF_LIGHT_KM_S
from planner.times import TimeGrid

_WHOLE = {"offsets", "a", "b", "acquiring", "acquiring_a", "acquiring_b", "site", "satellite"}
_MS_PER_S = 1e3


@dataclass(frozen=True, eq=False)
class LinkTable:
    """Laser links: rows ``offsets[t]:offsets[t + 1]`` hold instant ``t``.

    Attributes
    ----------
    times
        The grid.
    satellites
        Number of satellites that `a` and `b` index.
    offsets
        ``[time + 1]``.
    a, b
        ``[row]``, the two satellites, ``a < b``; each pair at most once per instant, rows sorted by (a, b).
    range_km
        ``[row]``, straight-line distance.
    capacity_gbps
        ``[row]``, rate in each direction.
    acquiring
        ``[time]``, links that are pointed and hold a terminal at both ends but carry nothing yet; they have no row.
        None of them where left out.
    acquiring_a, acquiring_b
        ``[acquiring link]``, the ends of those, a < b, instant after instant.

    Raises
    ------
    ValueError
        If the columns contradict each other or this description.
    """

    times: TimeGrid
    satellites: int
    offsets: IntArray
    a: IntArray
    b: IntArray
    range_km: FloatArray
    capacity_gbps: FloatArray
    acquiring: IntArray = field(default_factory=partial(ints, ()))
    acquiring_a: IntArray = field(default_factory=partial(ints, ()))
    acquiring_b: IntArray = field(default_factory=partial(ints, ()))

    def __post_init__(self) -> None:
        # No instant is too few for any grid, so the default stands for a table that says nothing of acquisition.
        if not len(self.acquiring):
            object.__setattr__(self, "acquiring", np.zeros(self.times.count, dtype=np.int64))
        _lock_columns(self, rows=len(self.a))
        if (self.acquiring < 0).any():
            raise ValueError("acquiring: need a number of links of at least 0 at every instant")
        for names in (("a", "b"), ("acquiring_a", "acquiring_b")):
            a, b = (getattr(self, name) for name in names)
            if np.any(a >= b) or (len(a) and (a.min() < 0 or b.max() >= self.satellites)):
                raise ValueError(f"{', '.join(names)}: need 0 ≤ a < b < satellites")
        _require_sorted("(a, b)", self.offsets, self.a * self.satellites + self.b)
        _require_positive("range_km", self.range_km)
        _require_positive("capacity_gbps", self.capacity_gbps)

    @classmethod
    def joined(cls, times: TimeGrid, parts: Sequence["LinkTable"]) -> "LinkTable":
        """Return the links of consecutive parts of `times` as one table; see `AccessTable.joined`."""
        columns = ("a", "b", "range_km", "capacity_gbps", "acquiring", "acquiring_a", "acquiring_b")
        if sum(part.times.count for part in parts) != times.count or len({part.satellites for part in parts}) != 1:
            raise ValueError(f"parts: need {times.count} instants of the same satellites in all")
        return cls.trusted(times, parts[0].satellites, *_joined(parts, columns))

    @classmethod
    def trusted(cls, times: TimeGrid, satellites: int, *columns: NDArray[Any]) -> "LinkTable":
        """Return a table of columns, all of them in their order, that were made to fit.

        Only the capacity is looked at, which terminals say.
        """
        table = object.__new__(cls)
        for column, value in zip(fields(cls), (times, satellites, *columns), strict=True):
            object.__setattr__(table, column.name, lock(value) if isinstance(value, np.ndarray) else value)
        _require_positive("capacity_gbps", table.capacity_gbps)
        return table

    @property
    def acquiring_terminals(self) -> IntArray:
        """``[time, sat]``, terminals of each satellite that point at a partner but do not carry traffic yet."""
        shape = (self.times.count, self.satellites)
        if not len(self.acquiring_a):
            return np.broadcast_to(np.int64(0), shape)
        time = np.repeat(np.arange(shape[0]), self.acquiring) * shape[1]
        ends = np.concatenate([time + self.acquiring_a, time + self.acquiring_b])
        return ints(np.bincount(ends, minlength=shape[0] * shape[1]).reshape(shape))

    @cached_property
    def delay_ms(self) -> FloatArray:
        """``[row]``, one-way light time."""
        return floats(self.range_km / SPEED_OF_LIGHT_KM_S * _MS_PER_S)

    def rows(self, time: int) -> slice:
        """Return the rows of instant `time`."""
        return slice(int(self.offsets[time]), int(self.offsets[time + 1]))


@dataclass(frozen=True, eq=False)
class AccessTable:
    """Ground contacts: rows ``offsets[t]:offsets[t + 1]`` hold instant ``t``.

    Attributes
    ----------
    times
        The grid.
    satellites, sites
        Numbers of satellites and sites that `satellite` and `site` index.
    offsets
        ``[time + 1]``.
    site, satellite
        ``[row]``, each pair at most once per instant, rows sorted by (site, satellite).
    range_km
        ``[row]``, slant range.
    elevation_deg
        ``[row]``, above the site's geodetic horizon, no refraction.

    Raises
    ------
    ValueError
        If the columns contradict each other or this description.
    """

    times: TimeGrid
    satellites: int
    sites: int
    offsets: IntArray
    site: IntArray
    satellite: IntArray
    range_km: FloatArray
    elevation_deg: FloatArray

    def __post_init__(self) -> None:
        _lock_columns(self, rows=len(self.site))
        for name, count in (("site", self.sites), ("satellite", self.satellites)):
            values = getattr(self, name)
            if len(values) and (values.min() < 0 or values.max() >= count):
                raise ValueError(f"{name}: need 0 ≤ {name} < {count}")
        _require_sorted("(site, satellite)", self.offsets, self.site * self.satellites + self.satellite)
        _require_positive("range_km", self.range_km)

    @classmethod
    def joined(cls, times: TimeGrid, parts: Sequence["AccessTable"]) -> "AccessTable":
        """Return the contacts of consecutive parts of `times`, at least one, as one table.

        Raises
        ------
        ValueError
            If the parts have not as many instants as `times`.
        """
        columns = ("site", "satellite", "range_km", "elevation_deg")
        return cls(times, parts[0].satellites, parts[0].sites, *_joined(parts, columns))

    def of_sites(self, sites: IntArray) -> "AccessTable":
        """Return the contacts of some sites, ``[site]`` in the order asked for, each at most once."""
        number = np.full(self.sites, -1, dtype=np.int64)
        number[sites] = np.arange(len(sites))
        time = np.repeat(np.arange(self.times.count), np.diff(self.offsets))
        rows = np.flatnonzero(number[self.site] >= 0)
        rows = rows[np.lexsort((self.satellite[rows], number[self.site[rows]], time[rows]))]
        offsets = np.concatenate([[0], np.cumsum(np.bincount(time[rows], minlength=self.times.count))])
        where = (self.range_km[rows], self.elevation_deg[rows])
        return AccessTable(
            self.times,
            self.satellites,
            len(sites),
            ints(offsets),
            number[self.site[rows]],
            self.satellite[rows],
            *where,
        )

    @cached_property
    def delay_ms(self) -> FloatArray:
        """``[row]``, one-way light time."""
        return floats(self.range_km / SPEED_OF_LIGHT_KM_S * _MS_PER_S)

    def rows(self, time: int) -> slice:
        """Return the rows of instant `time`."""
        return slice(int(self.offsets[time]), int(self.offsets[time + 1]))


def _joined(parts: Sequence[LinkTable] | Sequence[AccessTable], columns: Sequence[str]) -> list[Any]:
    """Return the offsets and the columns of tables that follow one another in time."""
    counts = np.concatenate([np.diff(part.offsets) for part in parts])
    joined = [np.concatenate([getattr(part, column) for part in parts]) for column in columns]
    return [np.concatenate([[0], np.cumsum(counts)]), *joined]


def _lock_columns(table: LinkTable | AccessTable, *, rows: int) -> None:
    """Lock every array of a table; `ValueError` unless each has one entry per row or instant and the offsets fit."""
    for column in fields(table):
        value = getattr(table, column.name)
        if isinstance(value, TimeGrid | int | np.integer):
            continue
        value = ints(value) if column.name in _WHOLE else floats(value)
        object.__setattr__(table, column.name, value)
        expected = rows
        if column.name == "acquiring":
            expected = table.times.count
        elif isinstance(table, LinkTable) and column.name.startswith("acquiring"):
            expected = int(table.acquiring.sum())
        if column.name != "offsets" and value.shape != (expected,):
            raise ValueError(f"{column.name}: shape {value.shape}, expected ({expected},)")
    offsets = table.offsets
    if (
        offsets.shape != (table.times.count + 1,)
        or offsets[0] != 0
        or offsets[-1] != rows
        or np.any(np.diff(offsets) < 0)
    ):
        raise ValueError("offsets: need one more than instants, rising from 0 to the number of rows")


def _require_sorted(name: str, offsets: IntArray, key: IntArray) -> None:
    """Raise `ValueError` unless `key` rises strictly within each instant."""
    rises = np.diff(key) > 0
    rises[np.setdiff1d(offsets[1:-1], [0, len(key)]) - 1] = True
    if not rises.all():
        raise ValueError(f"{name}: rows of one instant need to be sorted and without repeats")


def _require_positive(name: str, values: FloatArray) -> None:
    # A value that is not a number is neither.
    if not (values.min(initial=1.0) > 0.0 and values.max(initial=1.0) < np.inf):
        raise ValueError(f"{name}: every row needs a finite positive value")
