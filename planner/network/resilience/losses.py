"""Which single loss hurts most? Every satellite, plane or site taken out alone, worst first.

Axis: ``[loss]``. Sites never relay: the loss of one costs the others nothing but the ways to it.
"""

from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, lock
from planner.network.resilience.connectivity import connectivity
from planner.network.resilience.losing import planes_of
from planner.network.resilience.remaining import pairwise_ms, reachable_pairs, rises_ms, satellites_ms
from planner.network.snapshot import NetworkSnapshot

Kind = Literal["satellite", "plane", "site"]
"""What is lost alone."""

_ROUNDING: Final = 1e-9
"""Relative: far above what sums of a few hundred delays in another order differ by."""
_KINDS: Final = ("satellite", "plane", "site")


@dataclass(frozen=True, eq=False)
class SingleLosses:
    """What each single loss costs, worst first: by pairs, then satellites unserved, then the worst rise.

    Attributes
    ----------
    kind
        What is lost.
    names
        ``[loss]``, names of satellites or sites; of a plane its shell and number, ``"shell 3"``.
    pairs_lost
        ``[loss]``, pairs of sites that no longer reach each other.
    unserved
        ``[loss]``, satellites that are still there but that no site reaches any more.
    parted
        ``[loss]``, by how many satellites the largest component shrinks beyond the lost ones in it.
    median_rise_ms, worst_rise_ms
        ``[loss]``, growth of the one-way latency of the pairs of sites that still reach each other; NaN where none
        does.
    """

    kind: Kind
    names: tuple[str, ...]
    pairs_lost: IntArray
    unserved: IntArray
    parted: IntArray
    median_rise_ms: FloatArray
    worst_rise_ms: FloatArray

    def __post_init__(self) -> None:
        for column in fields(self):
            if isinstance(getattr(self, column.name), np.ndarray):
                object.__setattr__(self, column.name, lock(getattr(self, column.name)))

    def __len__(self) -> int:
        return len(self.names)


def single_losses(snapshot: NetworkSnapshot, kind: Kind) -> SingleLosses:
    """Return what each single loss costs, worst first; equals in the order of the network.

    Exact for every satellite: only the sites whose shortest ways lead through it are searched from again.

    Parameters
    ----------
    snapshot
        The network.
    kind
        ``"satellite"``, ``"plane"`` (those of `planes_of`) or ``"site"``.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind: {kind!r} needs to be one of {_KINDS}")
    whole = _whole(snapshot)
    names, rows = snapshot.site_names, []
    if kind == "site":
        rows = [_without_site(whole, site) for site in range(len(names))]
    elif kind == "satellite":
        names = snapshot.satellite_names
        rows = [_without(whole, np.array([satellite])) for satellite in range(len(names))]
    else:
        planes = planes_of(snapshot)
        names = tuple(f"{shell} {plane}".lstrip() for shell, plane in planes)
        rows = [_without(whole, members) for members in planes.values()]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 5)
    pairs_lost, unserved, parted = table[:, :3].astype(np.int64).T
    median_ms, worst_ms = table[:, 3:].T
    order = np.lexsort((-np.nan_to_num(worst_ms), -parted, -unserved, -pairs_lost))
    columns = (column[order] for column in (pairs_lost, unserved, parted, median_ms, worst_ms))
    return SingleLosses(kind, tuple(names[place] for place in order), *columns)


@dataclass(frozen=True, eq=False)
class _Whole:
    """The whole network, with what each trial compares with; ways are searched from the first site of each pair."""

    snapshot: NetworkSnapshot
    latency_ms: FloatArray
    """``[site, site]``."""
    used: BoolArray
    """``[site, sat]``, whether the shortest ways from a site to those after it lead through a satellite."""
    critical: BoolArray
    """``[sat]``, False where the loss of the satellite parts nothing and takes no contact away."""
    component: IntArray
    """``[sat]``."""
    served: BoolArray
    """``[sat]``, whether some site reaches it."""


def _whole(snapshot: NetworkSnapshot) -> _Whole:
    satellites, sites = len(snapshot.satellite_names), len(snapshot.site_names)
    reached_ms = satellites_ms(snapshot, np.arange(sites))
    latency_ms = pairwise_ms(snapshot, reached_ms, np.arange(sites))
    used = np.zeros((sites, satellites), dtype=np.bool_)
    for first in range(sites):
        # A satellite lies on a shortest way if the ways to it from both ends make up that of the pair. A few more than
        # do are searched again, and nothing is found to have changed.
        through = reached_ms[first] + reached_ms[first + 1 :]
        limit = latency_ms[first, first + 1 :, None] * (1.0 + _ROUNDING)
        used[first] = np.any((through <= limit) & np.isfinite(limit), axis=0)
    found = connectivity(snapshot)
    seen = np.zeros(satellites, dtype=np.bool_)
    seen[snapshot.satellite] = True
    served = np.isin(found.component, found.component[snapshot.satellite])
    return _Whole(snapshot, latency_ms, used, found.articulation | seen, found.component, served)


def _without(whole: _Whole, members: IntArray) -> tuple[float, ...]:
    """Return the columns of `SingleLosses` for the loss of some satellites."""
    snapshot, latency_ms = whole.snapshot, whole.latency_ms
    gone = np.zeros(len(snapshot.satellite_names), dtype=np.bool_)
    gone[members] = True
    again = np.flatnonzero(whole.used[:, members].any(axis=1))
    if len(again):
        fresh = pairwise_ms(snapshot, satellites_ms(snapshot, again, gone=gone), again)
        latency_ms = latency_ms.copy()
        # Pairs are searched from their first site.
        for row, site in enumerate(again):
            latency_ms[site, site:] = latency_ms[site:, site] = fresh[row, site:]
    unserved, parted = _parted(whole, gone) if whole.critical[members].any() or len(members) > 1 else (0, 0)
    return _pairs_lost(whole.latency_ms, latency_ms), unserved, parted, *rises_ms(whole.latency_ms, latency_ms)[:2]


def _parted(whole: _Whole, gone: BoolArray) -> tuple[int, int]:
    """Return satellites that are left unserved, and by how many more than the lost the largest component shrinks."""
    from planner.network.resilience.forest import component_labels

    snapshot = whole.snapshot
    kept = ~(gone[snapshot.a] | gone[snapshot.b])
    part = component_labels(len(gone), snapshot.a[kept], snapshot.b[kept])
    seeing = snapshot.satellite[~gone[snapshot.satellite]]
    served = np.isin(part, part[seeing]) & ~gone
    sizes = np.bincount(whole.component)
    largest = int(np.argmax(sizes))
    left = int(sizes[largest]) - int(np.count_nonzero(gone & (whole.component == largest)))
    unserved = np.count_nonzero(whole.served & ~gone) - np.count_nonzero(served)
    return int(unserved), max(0, left - int(np.bincount(part[~gone]).max(initial=0)))


def _without_site(whole: _Whole, site: int) -> tuple[float, ...]:
    """Return the columns of `SingleLosses` for the loss of a site."""
    snapshot = whole.snapshot
    left = whole.latency_ms.copy()
    left[site] = left[:, site] = np.inf
    others = whole.component[snapshot.satellite[snapshot.site != site]]
    unserved = np.count_nonzero(whole.served) - np.count_nonzero(np.isin(whole.component, others))
    return _pairs_lost(whole.latency_ms, left), int(unserved), 0, *rises_ms(left, left)[:2]


def _pairs_lost(before_ms: FloatArray, after_ms: FloatArray) -> int:
    return reachable_pairs(before_ms) - reachable_pairs(after_ms)
