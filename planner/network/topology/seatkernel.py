"""Which terminal does each link take, where terminals are mounted? Kernel of `planner.network.topology.seating`.

Links are columns ``[link]``, considered one after the other; a bit mask says which terminals of a satellite can face
the other end. Who sits where is kept by satellite and terminal, ``[sat, terminal]``.
"""

import math

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.compiled import compiled, compiled_inline
from planner.network.topology.matchkernel import Places

Board = tuple[IntArray, IntArray, IntArray, IntArray]
"""``[sat, terminal]``: the link on each terminal, the mask of terminals that it may move among freely (0 where it
continues from the instant before), the mask of all that can face, and the satellite at its other end."""
Look = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Positions ``[sat, xyz]``, axes of Hill's frame ``[sat, axis, xyz]``, boresights ``[terminal, xyz]`` and half-angles
``[terminal]`` in radians. No axes where nobody knows where satellites are."""

FREE = -1
"""Occupant of a terminal that no link holds."""
ABSENT = -2
"""Occupant of a terminal that the satellite does not have."""

_HOPED_FOR = 10.0
"""Radians that a terminal seems worse by while a link hopes to stay on it: more than margins can differ."""


@compiled
def _margin_rad(satellite: int, other: int, terminal: int, look: Look) -> float:
    """Return how far inside a terminal's field of regard another satellite is; 0 where that is not known."""
    positions, axes, boresights, half_angle = look
    if not len(axes):
        return 0.0
    dx = positions[other, 0] - positions[satellite, 0]
    dy = positions[other, 1] - positions[satellite, 1]
    dz = positions[other, 2] - positions[satellite, 2]
    along = 0.0
    for axis in range(3):
        toward = dx * axes[satellite, axis, 0] + dy * axes[satellite, axis, 1] + dz * axes[satellite, axis, 2]
        along += toward * boresights[terminal, axis]
    cosine = along / math.sqrt(dx * dx + dy * dy + dz * dz)
    margin: float = half_angle[terminal] - math.acos(min(max(cosine, -1.0), 1.0))
    return margin


@compiled
def _way_to_free(
    satellite: int,
    other: int,
    wanted: int,
    board: Board,
    among: IntArray,
    hoped: BoolArray,
    look: Look,
    came: IntArray,
) -> int:
    """Return a free terminal that one of the wanted can be traded for, or −1.

    `among` ``[sat, terminal]`` says where the link on each terminal could move to, `came` by which terminal each was
    reached: its link moves on to the one reached. A terminal that is free itself comes first, then those that one link
    moved makes free, and so on; among equals the one that the link to be put there looks at with most margin.
    """
    occupant, _, _, partner = board
    seen, frontier = wanted, wanted
    came[:] = -1
    while frontier:
        best, most, reached = -1, -math.inf, 0
        for t in range(occupant.shape[1]):
            if not (frontier >> t) & 1 or occupant[satellite, t] == ABSENT:
                continue
            if occupant[satellite, t] == FREE:
                far = other if came[t] < 0 else partner[satellite, came[t]]
                margin = _margin_rad(satellite, far, t, look) - _HOPED_FOR * hoped[satellite, t]
                if margin > most:
                    best, most = t, margin
                continue
            more = among[satellite, t] & ~(seen | reached)
            reached |= more
            for u in range(occupant.shape[1]):
                if (more >> u) & 1:
                    came[u] = t
        if best >= 0:
            return best
        seen |= reached
        frontier = reached
    return -1


@compiled_inline
def _seat(
    satellite: int, other: int, end: int, link: int, masks: tuple[int, int], board: Board, came: IntArray
) -> None:
    """Move links along the way found to the free terminal `end`, and put `link` where the way began."""
    occupant, movable, faces, partner = board
    while came[end] >= 0:
        before = came[end]
        occupant[satellite, end] = occupant[satellite, before]
        partner[satellite, end] = partner[satellite, before]
        # A link that had to leave its terminal is acquired anew: nothing is lost if it moves again.
        movable[satellite, end] = faces[satellite, before]
        faces[satellite, end] = faces[satellite, before]
        end = before
    occupant[satellite, end] = link
    partner[satellite, end] = other
    movable[satellite, end], faces[satellite, end] = masks


@compiled
def _place(
    satellite: int, other: int, wanted: int, board: Board, hoped: BoolArray, look: Look, came: IntArray, moves: bool
) -> int:
    """Return a terminal that can be made free for a new link, or −1; links that continue move at the last, if any."""
    end = _way_to_free(satellite, other, wanted, board, board[1], hoped, look, came)
    if end < 0 and moves:
        end = _way_to_free(satellite, other, wanted, board, board[2], hoped, look, came)
    return end


@compiled
def take_mounted(
    order: Places,
    ends: tuple[IntArray, IntArray],
    faces: tuple[IntArray, IntArray],
    held: tuple[IntArray, IntArray],
    first: int,
    free: IntArray,
    board: Board,
    hoped: BoolArray,
    look: Look,
    moves: bool,
    taken: BoolArray,
) -> None:
    """Write which links are taken, ``[link]``: each in turn, if both ends can give it a terminal that faces it.

    Each pair of columns is that of a and that of b. `held` are the terminals that a link holds already, −1 for a new
    one. A held link keeps them where they can still face; `moves` tells whether it may be moved to seat another. Links
    are called ``first + index`` on the `board`; `hoped` ``[sat, terminal]`` tells where a held link still to come hopes
    to stay, `free` ``[sat]`` how many terminals are free. All three are carried on.
    """
    came_a, came_b = np.empty(hoped.shape[1], dtype=np.int64), np.empty(hoped.shape[1], dtype=np.int64)
    for n in order:
        i, j, link, wanted_a, wanted_b = ends[0][n], ends[1][n], first + n, faces[0][n], faces[1][n]
        held_a, held_b = held[0][n], held[1][n]
        if free[i] == 0 or free[j] == 0:
            continue
        if held_a >= 0:
            hoped[i, held_a] = hoped[j, held_b] = False
            if (wanted_a >> held_a) & 1 and (wanted_b >> held_b) & 1:
                end_a = _way_to_free(i, j, 1 << held_a, board, board[1], hoped, look, came_a)
                end_b = _way_to_free(j, i, 1 << held_b, board, board[1], hoped, look, came_b)
                if end_a >= 0 and end_b >= 0:
                    _seat(i, j, end_a, link, (0, wanted_a), board, came_a)
                    _seat(j, i, end_b, link, (0, wanted_b), board, came_b)
                    free[i] -= 1
                    free[j] -= 1
                    taken[n] = True
                    continue
        end_a = _place(i, j, wanted_a, board, hoped, look, came_a, moves)
        if end_a < 0:
            continue
        end_b = _place(j, i, wanted_b, board, hoped, look, came_b, moves)
        if end_b < 0:
            continue
        _seat(i, j, end_a, link, (wanted_a, wanted_a), board, came_a)
        _seat(j, i, end_b, link, (wanted_b, wanted_b), board, came_b)
        free[i] -= 1
        free[j] -= 1
        taken[n] = True
