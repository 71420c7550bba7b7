"""Hot loops as machine code: the one place that says how this package compiles them.

Numba compiles a kernel at its first call and keeps the result on disk, beside the source or, where that cannot be
written, in the user's cache. Where nothing can be written, each process compiles anew. Modules that hold kernels import
Numba, so they are imported inside the functions that call them.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile `function` at its first call, for exactly the array types it is called with.

    The kernel releases the interpreter's lock, divides like NumPy (no exception for a zero) and obeys IEEE 754: no
    operation is reordered, so that the answer does not depend on how a loop was vectorised.
    """
    return _kernel(function, fastmath=False)


def compiled_inline(function: _Function) -> _Function:
    """Compile a small function for use inside kernels; a product and a sum may be fused into one rounding."""
    return _kernel(function, fastmath={"contract"})


def _kernel(function: _Function, *, fastmath: bool | set[str]) -> _Function:
    import numba

    try:
        made = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=fastmath)(function)
    except RuntimeError:  # Numba's answer when it finds no folder that it may write its cache to
        made = numba.njit(nogil=True, error_model="numpy", fastmath=fastmath)(function)
    return cast("_Function", made)
