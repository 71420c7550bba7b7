"""Which single loss hurts most? Every satellite, plane or site taken out alone, worst first.

Axis: ``[loss]``. Sites never relay: the loss of one costs the others nothing but the ways to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, lock
from planner.network.resilience.connectivity import connectivity
from planner.network.resilience.losing import planes_of
from planner.network.resilience.remaining import contact_seeds, pairwise_ms, reachable_pairs, satellites_ms
from planner.network.snapshot import NetworkSnapshot

if TYPE_CHECKING:
    from planner.network.routing import Seeds

Kind = Literal["satellite", "plane", "site"]
"""What is lost alone."""

_Columns = tuple[IntArray, IntArray, IntArray, FloatArray, FloatArray]
"""Those of `SingleLosses`, ``[loss]``."""

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

    Exact for every loss: all ways that lead through what is lost are searched again.

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
    if kind == "site":
        names, columns = snapshot.site_names, _without_sites(whole)
    elif kind == "satellite":
        names = snapshot.satellite_names
        columns = _without(whole, [np.array([satellite]) for satellite in range(len(names))])
    else:
        planes = planes_of(snapshot)
        names = tuple(f"{shell} {plane}".lstrip() for shell, plane in planes)
        columns = _without(whole, list(planes.values()))
    pairs_lost, unserved, parted, median_ms, worst_ms = columns
    order = np.lexsort((-np.nan_to_num(worst_ms), -parted, -unserved, -pairs_lost))
    return SingleLosses(
        kind,
        tuple(names[place] for place in order),
        pairs_lost[order],
        unserved[order],
        parted[order],
        median_ms[order],
        worst_ms[order],
    )


@dataclass(frozen=True, eq=False)
class _Whole:
    """The whole network, with what each trial compares with; ways are searched from the first site of each pair."""

    snapshot: NetworkSnapshot
    seeds: "Seeds"
    reached_ms: FloatArray
    """``[site, sat]``."""
    latency_ms: FloatArray
    """``[site, site]``."""
    critical: BoolArray
    """``[sat]``, False where the loss of the satellite alone parts nothing and takes no last contact away."""
    component: IntArray
    """``[sat]``."""
    served: BoolArray
    """``[sat]``, whether some site reaches it."""


def _whole(snapshot: NetworkSnapshot) -> _Whole:
    seeds = contact_seeds(snapshot)
    reached_ms = satellites_ms(snapshot, seeds)
    found = connectivity(snapshot)
    seen = np.zeros(len(snapshot.satellite_names), dtype=np.bool_)
    seen[snapshot.satellite] = True
    # How many satellites of each component have a contact.
    entries = np.bincount(found.component[seen], minlength=len(found.component_sizes))[found.component]
    critical = found.articulation | (seen & (entries == 1))
    return _Whole(snapshot, seeds, reached_ms, pairwise_ms(reached_ms, seeds), critical, found.component, entries > 0)


def _without(whole: _Whole, losses: Sequence[IntArray]) -> _Columns:
    """Return the columns of `SingleLosses` for the loss of sets of satellites."""
    unserved, parted = np.zeros((2, len(losses)), dtype=np.int64)
    for place, members in enumerate(losses):
        if len(members) > 1 or whole.critical[members].any():
            unserved[place], parted[place] = _parted(whole, members)
    loss, rise_ms = _delayed(whole, losses)
    cut = np.isinf(rise_ms)
    pairs_lost = np.bincount(loss[cut], minlength=len(losses)).astype(np.int64)
    stay = reachable_pairs(whole.latency_ms) - pairs_lost
    return pairs_lost, unserved, parted, *_rises_ms(loss[~cut], rise_ms[~cut], stay)


def _delayed(whole: _Whole, losses: Sequence[IntArray]) -> tuple[IntArray, FloatArray]:
    """Return loss and rise of every pair of sites that a loss delays, ``[row]``; infinite where no way is left."""
    from planner.network.resilience.lowpoint import neighbours
    from planner.network.resilience.reroute import delays

    snapshot, seeds = whole.snapshot, whole.seeds
    begin, end, via = neighbours(len(snapshot.satellite_names), np.array(snapshot.a), np.array(snapshot.b))
    graph = begin, end, np.array(snapshot.delay_ms)[via]
    contacts = seeds.offsets, seeds.node, seeds.delay_ms
    offsets = np.concatenate([[0], np.cumsum([len(members) for members in losses])]).astype(np.int64)
    lost = offsets, np.concatenate([np.empty(0, dtype=np.int64), *losses])
    found = [delays(site, np.array(far), graph, contacts, lost) for site, far in enumerate(whole.reached_ms)]
    found.append((np.empty(0, dtype=np.int64), np.empty(0)))
    loss, rise_ms = (np.concatenate(column) for column in zip(*found, strict=True))
    return loss, rise_ms


def _rises_ms(loss: IntArray, rise_ms: FloatArray, pairs: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return median and greatest rise, ``[loss]``, over `pairs` ``[loss]`` of which all but the rows given rise by 0.

    NaN where there are no pairs.
    """
    order = np.lexsort((rise_ms, loss))
    rows = np.bincount(loss, minlength=len(pairs))
    # The rises of one loss in order are as many zeros as pairs have no row, and then its rows.
    shift = np.cumsum(rows) - pairs
    zeros, ordered = pairs - rows, np.append(rise_ms[order], 0.0)

    def at(place: IntArray) -> FloatArray:
        return np.where(place < zeros, 0.0, ordered[np.where(place < zeros, -1, place + shift)])

    median_ms, worst_ms = (at((pairs - 1) // 2) + at(pairs // 2)) / 2.0, at(pairs - 1)
    return np.where(pairs, median_ms, np.nan), np.where(pairs, worst_ms, np.nan)


def _parted(whole: _Whole, members: IntArray) -> tuple[int, int]:
    """Return satellites that are left unserved, and by how many more than the lost the largest component shrinks."""
    from planner.network.resilience.forest import component_labels

    snapshot = whole.snapshot
    gone = np.zeros(len(snapshot.satellite_names), dtype=np.bool_)
    gone[members] = True
    kept = ~(gone[snapshot.a] | gone[snapshot.b])
    part = component_labels(len(gone), snapshot.a[kept], snapshot.b[kept])
    seeing = snapshot.satellite[~gone[snapshot.satellite]]
    served = np.isin(part, part[seeing]) & ~gone
    sizes = np.bincount(whole.component)
    largest = int(np.argmax(sizes))
    left = int(sizes[largest]) - int(np.count_nonzero(gone & (whole.component == largest)))
    unserved = np.count_nonzero(whole.served & ~gone) - np.count_nonzero(served)
    return int(unserved), max(0, left - int(np.bincount(part[~gone]).max(initial=0)))


def _without_sites(whole: _Whole) -> _Columns:
    """Return the columns of `SingleLosses` for the loss of each site."""
    snapshot, latency_ms = whole.snapshot, whole.latency_ms
    sites = len(snapshot.site_names)
    met = np.isfinite(latency_ms) & ~np.eye(sites, dtype=np.bool_)
    pairs_lost = met.sum(axis=1)
    unserved = np.zeros(sites, dtype=np.int64)
    for site in range(sites):
        others = whole.component[snapshot.satellite[snapshot.site != site]]
        unserved[site] = np.count_nonzero(whole.served) - np.count_nonzero(np.isin(whole.component, others))
    # The ways between the others stay as they are, where there are any.
    rise_ms = np.where(met.sum() // 2 - pairs_lost, 0.0, np.nan)
    return pairs_lost, unserved, np.zeros(sites, dtype=np.int64), rise_ms, rise_ms
