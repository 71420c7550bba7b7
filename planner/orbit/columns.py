"""Tables of columns, one row to a satellite: how they are checked, picked from and joined."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints

Pick = BoolArray | IntArray | slice | Sequence[int]
"""Which rows: a mask, indices or a slice; an empty list picks nobody."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of one length. A field is a ``tuple[str, ...]``, an `IntArray`, a `FloatArray` or a table of columns."""

    def __post_init__(self) -> None:
        for column in fields(self):
            value = getattr(self, column.name)
            if column.type == tuple[str, ...]:
                value = tuple(str(text) for text in value)
            elif column.type == IntArray:
                value = ints(value)
            elif column.type == FloatArray:
                value = floats(value)
            object.__setattr__(self, column.name, value)
        count = len(self)
        for column in fields(self):
            value = getattr(self, column.name)
            shape = np.shape(value) if isinstance(value, np.ndarray) else (len(value),)
            if shape != (count,):
                raise ValueError(f"{column.name}: shape {shape} for {count} satellites")

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def __getitem__(self, pick: Pick) -> Self:
        """Return the picked satellites (mask, indices or slice) as a table of their own."""
        index = np.arange(len(self))[pick if isinstance(pick, slice) else _indices(pick)]
        columns: dict[str, Any] = {}
        for column in fields(self):
            values = getattr(self, column.name)
            columns[column.name] = tuple(values[i] for i in index) if isinstance(values, tuple) else values[index]
        return type(self)(**columns)

    def __add__(self, other: Self) -> Self:
        """Return the satellites of both tables, this one's first."""
        columns: dict[str, Any] = {}
        for column in fields(self):
            mine, theirs = getattr(self, column.name), getattr(other, column.name)
            joined = np.concatenate([mine, theirs]) if isinstance(mine, np.ndarray) else mine + theirs
            columns[column.name] = joined
        return type(self)(**columns)


def _indices(pick: BoolArray | IntArray | Sequence[int]) -> BoolArray | IntArray:
    """Return `pick` as a mask or an index array."""
    index = np.atleast_1d(np.asarray(pick))
    return index if index.size else index.astype(np.int64)
