"""What is a link worth? Its rate, less where it is long and less where acquiring it takes much of its life.

One instant, links ``[pair]``; any Earth-centred inertial frame.
"""

from typing import Final

import numpy as np

from planner.arrays import FloatArray, floats
from planner.links.optical import LaserTerminal
from planner.network.topology.scene import Scene

__all__ = ["expected_life_s", "link_value_gbps"]

_LONGEST_WORTH: Final = 0.5
"""Worth of a link of the greatest range beside one of no length at the same rate. Planner default: it has to prefer
short links, which delay less and leave fewer satellites without a partner near by, and yet a long link that carries
twice as much is worth the same."""

_SHORTEST_LIFE_S: Final = 1e-9
"""Stands for a life of nothing, by which no number can be divided."""

_ROUNDING: Final = 1e-9
"""Part by which rounding may make a longer link seem to carry more."""


def expected_life_s(scene: Scene) -> FloatArray:
    """Return how long each allowed pair can be expected to stay within the greatest range, ``[pair]``, may be infinite.

    Notes
    -----
    With d from a to b and w its rate in axes that turn at the mean of both satellites' rates r × v/r², the pair is
    out of range when ``|d + w t|`` reaches the limit. Neighbours in one plane stand still in those axes and never are;
    in fixed axes they would seem to part. It is good for minutes, as long as w hardly changes, which is what matters:
    lives that are long against acquisition are all worth about the same.
    """
    from planner.network.topology.lifekernel import time_in_range_s

    ends = (np.array(scene.sightlines.a), np.array(scene.sightlines.b))
    states = (np.array(scene.positions_km), np.array(scene.velocities_km_s))
    return floats(time_in_range_s(*states, *ends, float(scene.maximum_range_km)))


def link_value_gbps(scene: Scene) -> FloatArray:
    """Return the value of each allowed pair, ``[pair]``, as the rate of a link of no length that lasts.

    Notes
    -----
    ``capacity · (1 − ½ range/greatest range) · life/(life + acquisition)``. The last factor is the part of the time
    that a terminal is of use if it goes through such links one after the other: the life expected, see
    `expected_life_s`, out of that and the acquisition that each begins with. Without acquisition it is one.
    """
    worth = _lasting_gbps(scene.terminal, scene.sightlines.range_km, scene.maximum_range_km)
    if scene.acquisition_s > 0.0:
        worth = worth / (1.0 + scene.acquisition_s / np.maximum(expected_life_s(scene), _SHORTEST_LIFE_S))
    return floats(worth)


def most_value_gbps(terminal: LaserTerminal, range_km: float, maximum_range_km: float) -> float:
    """Return what no link longer than a range exceeds in `link_value_gbps`: the value of one so long that lasts.

    A terminal carries no more over a longer range.
    """
    return float(_lasting_gbps(terminal, floats([range_km]), maximum_range_km)[0]) * (1.0 + _ROUNDING)


def _lasting_gbps(terminal: LaserTerminal, range_km: FloatArray, maximum_range_km: float) -> FloatArray:
    """Return the value of links that last for ever."""
    worth: FloatArray = terminal.capacity_gbps(range_km) * (1.0 - (1.0 - _LONGEST_WORTH) * range_km / maximum_range_km)
    return worth
