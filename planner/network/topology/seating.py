"""Which links find a terminal free at both ends? Links ``[link]`` of one instant, taken in the order of their value.

Where terminals are mounted, each link takes a particular one at either end. A link that is held stays where it is as
long as that can face the other end. A new one takes, of the free terminals that can, the one from whose field of regard
it is farthest from slipping: neighbours ahead, astern, to port and to starboard so come to the terminals that look
there. A terminal on which a held link hopes to stay counts as the worst. If all that can face are taken, the links on
them move to others: first those that are new at this instant and, only where that is not enough, those held, which then
start anew. So no link is ever refused for where those before it sit.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from planner.arrays import BoolArray, FloatArray, IntArray
from planner.links.rules import Mounting

if TYPE_CHECKING:  # it imports Numba
    from planner.network.topology.seatkernel import Board, Look

_Scalar = TypeVar("_Scalar", bound=np.generic)

NOT_HELD = -1
"""In place of the terminal of a link that is new; it never leaves this room's bookkeeping."""

_XYZ = 3


def writable(values: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return values as kernels take them: themselves, or a copy where they are locked or scattered."""
    return np.require(values, requirements=["C", "W"])


@dataclass(frozen=True, eq=False)
class Links:
    """Links pointed at one instant ``[link]``: ends a < b, range, and the terminal at either end, 0 if unmounted."""

    a: IntArray
    b: IntArray
    range_km: FloatArray
    terminal_a: IntArray
    terminal_b: IntArray

    @classmethod
    def none(cls) -> "Links":
        """Return no links."""
        nobody = np.empty(0, dtype=np.int64)
        return cls(nobody, nobody, np.empty(0), nobody, nobody)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Links that could be pointed at one instant ``[link]``: ends, range, masks of terminals, and terminals held.

    A column that is the same for all is one number seen at every place.
    """

    a: IntArray
    b: IntArray
    range_km: FloatArray
    faces_a: IntArray
    faces_b: IntArray
    held_a: IntArray
    held_b: IntArray

    def __getitem__(self, pick: IntArray | BoolArray) -> "Candidates":
        count = int(np.count_nonzero(pick)) if pick.dtype == np.bool_ else len(pick)
        return Candidates(*(_picked(getattr(self, name), pick, count) for name in self.__dataclass_fields__))

    @property
    def stay(self) -> BoolArray:
        """``[link]``, those held by terminals that can still face."""
        kept_a, kept_b = np.maximum(self.held_a, 0), np.maximum(self.held_b, 0)
        stay: BoolArray = (self.held_a >= 0) & (self.faces_a >> kept_a & self.faces_b >> kept_b & 1 > 0)
        return stay


def _picked(column: NDArray[_Scalar], pick: NDArray[np.generic], count: int) -> NDArray[_Scalar]:
    if len(column) and not column.strides[0]:
        return np.broadcast_to(column[0], count)
    picked: NDArray[_Scalar] = column[pick]
    return picked


def new_candidates(a: IntArray, b: IntArray, range_km: FloatArray, faces_a: IntArray, faces_b: IntArray) -> Candidates:
    """Return links that nobody holds yet."""
    nobody = np.broadcast_to(np.int64(NOT_HELD), len(a))
    return Candidates(a, b, range_km, faces_a, faces_b, nobody, nobody)


def look_of(positions_km: FloatArray, velocities_km_s: FloatArray, mounting: Mounting) -> "Look":
    """Return where satellites are and how they look, ``[sat, xyz]``, as `planner.network.topology.seatkernel` asks."""
    from planner.links.verdict import set_axes

    axes = np.empty((len(positions_km), _XYZ, _XYZ))
    set_axes(writable(positions_km), writable(velocities_km_s), axes)
    boresights, half_angle = np.array(mounting.boresights), np.radians(mounting.half_angle_deg)
    return writable(positions_km), axes, boresights, half_angle


@dataclass(frozen=True, eq=False)
class Seats:
    """The terminals of one instant, which `take` uses up in place, and what took them.

    `free` ``[sat]`` tells how many are left; where `mounted`, the `board` who sits on which, ``[sat, terminal]``.
    """

    free: IntArray
    mounted: bool
    board: "Board"
    hoped: BoolArray
    look: "Look"
    moves: bool
    parts: list[Candidates] = field(default_factory=list)
    taken: list[IntArray] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        terminals: IntArray,
        *,
        mounted: bool,
        held: Links | None = None,
        look: "Look | None" = None,
        moves: bool = True,
    ) -> "Seats":
        """Return seats of which none is taken; the terminals of a satellite are the first ones of the mounting.

        Parameters
        ----------
        terminals
            ``[sat]``.
        mounted
            Whether masks tell terminals apart.
        held
            Where mounted, the links of the instant before: which terminals they hope to stay on.
        look
            Where satellites are and how they look; of several free terminals a link takes the first without it.
        moves
            Whether a held link may be moved to another terminal to seat one more.
        """
        from planner.network.topology.seatkernel import ABSENT, FREE

        slots = int(terminals.max(initial=0)) if mounted else 0
        occupant = np.where(np.arange(slots) < terminals[:, None], FREE, ABSENT).astype(np.int64)
        hoped = np.zeros(occupant.shape, dtype=np.bool_)
        if mounted and held is not None:
            hoped[held.a, held.terminal_a] = True
            hoped[held.b, held.terminal_b] = True
        board = (occupant, np.zeros_like(occupant), np.zeros_like(occupant), np.zeros_like(occupant))
        nowhere = (np.empty((0, _XYZ)), np.empty((0, _XYZ, _XYZ)), np.empty((0, _XYZ)), np.empty(0))
        return cls(np.array(terminals, dtype=np.int64), mounted, board, hoped, look or nowhere, moves)

    def left(self) -> IntArray:
        """Return how many terminals of each satellite are free, ``[sat]``."""
        return self.free

    def take(self, candidates: Candidates, value: FloatArray, *, above: float = -np.inf) -> IntArray:
        """Seat candidates of falling value, equal ones in their order, none but those of more than `above`.

        Returns which were taken, in the order given.
        """
        from planner.network.topology import matchkernel

        a, b, value = writable(candidates.a), writable(candidates.b), writable(value)
        if self.mounted:
            mask = self._take_mounted(candidates, a, b, value, above)
        else:
            mask = matchkernel.take_counted(value, a, b, self.free, above)
        taken = np.flatnonzero(mask)
        self.parts.append(candidates)
        self.taken.append(taken)
        return taken

    def _take_mounted(
        self, candidates: Candidates, a: IntArray, b: IntArray, value: FloatArray, above: float
    ) -> BoolArray:
        from planner.network.topology.matchkernel import sorted_places
        from planner.network.topology.seatkernel import take_mounted

        first = sum(len(part.a) for part in self.parts)
        faces = (writable(candidates.faces_a), writable(candidates.faces_b))
        held = (writable(candidates.held_a), writable(candidates.held_b))
        order = sorted_places(value)
        order = order[: np.count_nonzero(value > above)]
        mask = np.zeros(len(a), dtype=np.bool_)
        take_mounted(order, (a, b), faces, held, first, self.free, self.board, self.hoped, self.look, self.moves, mask)
        return mask

    def links(self) -> Links:
        """Return all that was taken, sorted by (a, b)."""
        if not self.parts:
            return Links.none()
        a, b, span = (
            np.concatenate([getattr(part, name)[taken] for part, taken in zip(self.parts, self.taken, strict=True)])
            for name in ("a", "b", "range_km")
        )
        order = np.lexsort((b, a))
        terminal_a, terminal_b = self._terminals(a, b) if self.mounted else (np.zeros_like(a), np.zeros_like(a))
        return Links(a[order], b[order], span[order], terminal_a[order], terminal_b[order])

    def _terminals(self, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray]:
        """Return the terminals that links ended on, ``[link]``: read from the seats, for links were moved about."""
        firsts = np.cumsum([0] + [len(part.a) for part in self.parts])
        called = np.concatenate([first + taken for first, taken in zip(firsts, self.taken, strict=False)])
        place = np.full(firsts[-1], NOT_HELD)
        place[called] = np.arange(len(called))
        occupant = self.board[0]
        satellite, terminal = np.nonzero(occupant >= 0)
        link = place[occupant[satellite, terminal]]
        terminal_a, terminal_b = np.zeros_like(a), np.zeros_like(b)
        at_a = satellite == a[link]
        terminal_a[link[at_a]] = terminal[at_a]
        terminal_b[link[~at_a]] = terminal[~at_a]
        return terminal_a, terminal_b
