"""Is a value of the environment one that can be? Refusals that name the value, what was given, and what is allowed."""

import numpy as np
from numpy.typing import ArrayLike

from planner.arrays import BoolArray, FloatArray, floats


def require_where(name: str, values: FloatArray, allowed: BoolArray, what: str) -> FloatArray:
    """Return `values`; `ValueError` naming the first for which `allowed` is false: it must `what`."""
    if not np.all(allowed):
        raise ValueError(f"{name}: {values[~np.asarray(allowed)].flat[0]:g} must {what}")
    return values


def require_positive(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` as an array; `ValueError` naming the first that is not finite and above 0."""
    array = floats(values)
    return require_where(name, array, np.isfinite(array) & (array > 0.0), "be finite and above 0")
