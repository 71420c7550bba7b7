"""Fleets and where they are: elements, design, element-set files, propagation, frames and ground sites."""

from planner.orbit.elements import Fleet
from planner.orbit.propagate import Ephemeris, propagate, propagate_blocks

__all__ = ["Ephemeris", "Fleet", "propagate", "propagate_blocks"]
