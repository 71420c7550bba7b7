"""Array types, shape checks and locking.

Data in this package are columns: NumPy arrays with axes ``[time, sat, xyz]``, locked once made, so that a table
handed to a caller can never change under another reader.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_Scalar = TypeVar("_Scalar", bound=np.generic)


def lock(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return `array` read-only; a view of the same memory when it is contiguous."""
    locked = np.asarray(array, order="C").view()
    locked.flags.writeable = False
    return locked


def floats(values: object) -> FloatArray:
    """Return `values` as a locked float64 array."""
    return lock(np.asarray(values, dtype=np.float64))


def ints(values: object) -> IntArray:
    """Return `values` as a locked int64 array."""
    return lock(np.asarray(values, dtype=np.int64))


def require_shape(name: str, array: NDArray[_Scalar], shape: tuple[int | None, ...]) -> None:
    """Raise `ValueError` unless `array` has `shape`, where None stands for any length."""
    matches = array.ndim == len(shape) and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not matches:
        wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
        raise ValueError(f"{name}: shape {array.shape}, expected {wanted}")
