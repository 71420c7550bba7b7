"""Sine and cosine for loops that must run in vector registers: no branch, no table, no call.

Numba carries no vector library of its own, so a call of ``math.sin`` would take every lane of a loop one by one. Both
functions are exact to a few units of the last digit of one (4e-16). For the few values that must agree with other
programs to the last bit there are the functions of the C library, element by element; NumPy's own differ from them.
Imports Numba: import this module inside the functions that call it.
"""

import math
from math import factorial, pi
from typing import Final

import numpy as np

from planner.arrays import FloatArray
from planner.compiled import compiled, compiled_inline

_ROUND: Final = 1.5 * 2.0**52
"""Added and taken away again, it leaves the nearest whole number: doubles of that size have no fraction."""

_PER_HALF_TURN: Final = 1.0 / pi
_HALF_TURN: Final = float.fromhex("0x1.921fb544p+1")
"""The first 33 bits of π. A whole number of up to 20 bits times this is exact (Cody and Waite)."""
_HALF_TURN_REST: Final = float.fromhex("0x1.0b4611a626331p-33")
"""π less the first part, to 86 bits together."""

_PER_TURN: Final = 1.0 / (2.0 * pi)
_TURN: Final = float.fromhex("0x1.921fb54p+2")
_TURN_REST: Final = 2.0 * pi - _TURN
"""2π as a double, in two parts: a whole number of up to 23 bits times either is exact."""

# Taylor's series. Over the quarter turn on either side of 0 what they leave out is below 2e-17.
_S3, _S5, _S7, _S9, _S11, _S13, _S15, _S17, _S19, _S21 = (
    (-1) ** (order // 2) / factorial(order) for order in range(3, 22, 2)
)
_C2, _C4, _C6, _C8, _C10, _C12, _C14, _C16, _C18, _C20 = (
    (-1) ** (order // 2) / factorial(order) for order in range(2, 21, 2)
)


@compiled_inline
def sine_cosine(angle: float) -> tuple[float, float]:
    """Return sine and cosine of any angle; full precision up to 2²⁰ half turns, the angle's own beyond."""
    turns = (angle * _PER_HALF_TURN + _ROUND) - _ROUND
    rest = (angle - turns * _HALF_TURN) - turns * _HALF_TURN_REST
    # Odd half turns change the sign: half an odd number is 0.5 off the nearest whole one.
    half = (turns * 0.5 + _ROUND) - _ROUND
    sign = 1.0 - 2.0 * abs(turns - 2.0 * half)
    z = rest * rest
    high = _S11 + z * (_S13 + z * (_S15 + z * (_S17 + z * (_S19 + z * _S21))))
    sine = rest + rest * z * (_S3 + z * (_S5 + z * (_S7 + z * (_S9 + z * high))))
    high = _C10 + z * (_C12 + z * (_C14 + z * (_C16 + z * (_C18 + z * _C20))))
    cosine = 1.0 + z * (_C2 + z * (_C4 + z * (_C6 + z * (_C8 + z * high))))
    return sine * sign, cosine * sign


@compiled_inline
def sine_cosine_small(angle: float) -> tuple[float, float]:
    """Return sine and cosine of an angle of at most 0.3: what the series leave out is below 3e-17."""
    z = angle * angle
    sine = angle + angle * z * (_S3 + z * (_S5 + z * (_S7 + z * (_S9 + z * _S11))))
    cosine = 1.0 + z * (_C2 + z * (_C4 + z * (_C6 + z * (_C8 + z * (_C10 + z * _C12)))))
    return sine, cosine


@compiled_inline
def within_a_turn(angle: float) -> float:
    """Return `angle` less the nearest whole number of turns of the double 2π, exactly, up to 2²³ turns.

    SGP4 reduces by that double and not by 2π itself, which is 1.5e-9 m along the track with every turn.
    """
    turns = (angle * _PER_TURN + _ROUND) - _ROUND
    return (angle - turns * _TURN) - turns * _TURN_REST


@compiled
def library_sine(angles: FloatArray) -> FloatArray:
    """Return the C library's sine of each angle."""
    sines = np.empty_like(angles)
    for i in range(len(angles)):
        sines[i] = math.sin(angles[i])
    return sines


@compiled
def library_cosine(angles: FloatArray) -> FloatArray:
    """Return the C library's cosine of each angle."""
    cosines = np.empty_like(angles)
    for i in range(len(angles)):
        cosines[i] = math.cos(angles[i])
    return cosines


@compiled
def library_power(bases: FloatArray, exponent: float) -> FloatArray:
    """Return the C library's power of each base."""
    powers = np.empty_like(bases)
    for i in range(len(bases)):
        powers[i] = math.pow(bases[i], exponent)
    return powers
