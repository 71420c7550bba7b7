"""Which capacity does every halving of a data center have at least? Two bounds that hold for all of them.

- *Spectral*: with the second smallest eigenvalue λ₂ of the Laplacian weighted by capacity, a part of k of n members
  has at least λ₂ k (n − k) / n across its border (Fiedler, Czechoslovak Mathematical J. 23 (1973) 298–305; Mohar, in
  Graph Theory, Combinatorics, and Applications 2, Wiley 1991, 871–898).
- *Routed*: let every two members exchange one unit by any ways whatever. A halving parts k (n − k) pairs, whose units
  all cross it; if no link carries more than c times its capacity, what crosses has at least k (n − k) / c of capacity
  (Leighton and Rao, J. ACM 46 (1999) 787–832, doi:10.1145/331524.331526, after Leiserson). Any routing gives a bound;
  the smaller its worst load, the better. On a torus of even sides it is the bisection itself. The same holds where
  only s of the members send to all: with k the smaller half, a halving parts s k of these pairs at least.

Neither is let down by a search that ended early: what is returned holds.
"""

from typing import Any, Final

import numpy as np

from planner.arrays import BoolArray, FloatArray, IntArray, floats, ints
from planner.network.datacenter.members import Interconnect
from planner.network.datacenter.results import Routing

_DENSE: Final = 400
"""Members up to which all eigenvalues are computed: some 30 ms."""

_VECTORS: Final = 6
"""Vectors of the first eigenvalue that are told at most: a square torus has 4, a cubic one 6."""

_ALIKE_FRACTION: Final = 1e-6
"""Eigenvalues this close to the first belong to it."""

_ROUNDING_FRACTION: Final = 1e-9
"""Taken off each bound, so that rounding cannot lift it above the truth: sums of thousands of floats err by 1e-12."""

_SHARPNESS: Final = 10.0
"""How strongly a round of routing shuns loaded links: the worst is e to this times as long as an idle one. Planner
default: of 2.5, 5, 10, 20 and 40 it gives the best bounds on clusters with four and with eight neighbours."""

MOST_EVERYONE: Final = 2048
"""Members up to which every round routes the traffic of all; a round of 2,048 takes a second. Planner default."""

MOST_SENDERS: Final = 512
"""Members whose traffic stands for that of all in larger data centers. Planner default."""

_GOLDEN: Final = 0.5 * (5.0**0.5 - 1.0)


def spectral_bound_gbps(network: Interconnect) -> tuple[float, FloatArray]:
    """Return the spectral bound on halvings and the vectors ``[member, vector]`` of the eigenvalues after 0, rising.

    Of vectors there are two at least, and all of the first eigenvalue up to six. The network is connected and has three
    members or more.
    """
    size = len(network)
    scale = float(network.capacity_gbps.max())
    laplacian = _laplacian(network) / scale
    second, vectors = _smallest(laplacian) if size <= _DENSE else _smallest_sparse(laplacian)
    half = size // 2
    bound = second * half * (size - half) / size * scale * (1.0 - _ROUNDING_FRACTION)
    return max(bound, 0.0), vectors


def _laplacian(network: Interconnect) -> Any:  # noqa: ANN401 - SciPy carries no types
    from scipy.sparse import coo_array, diags_array

    size = len(network)
    ends = (network.a.astype(np.int32), network.b.astype(np.int32))
    half = coo_array((network.capacity_gbps, ends), (size, size)).tocsr()
    adjacency = half + half.T
    return (diags_array(adjacency.sum(axis=1)) - adjacency).tocsc()


def _smallest(laplacian: Any) -> tuple[float, FloatArray]:  # noqa: ANN401
    """Return λ₂, less what LAPACK may be wrong by, and the next vectors."""
    values, vectors = np.linalg.eigh(laplacian.toarray())
    # Backward stable: eigenvalues err by a small multiple of the machine's epsilon times the norm.
    slip = len(values) * np.finfo(np.float64).eps * float(values[-1])
    return float(values[1]) - slip, vectors[:, 1 : 1 + _first_ones(values[1:])]


def _first_ones(values: FloatArray) -> int:
    """Return how many of the rising eigenvalues after 0 belong to the first, 2 to 6: some torus has 4 of it."""
    alike = int((values[:_VECTORS] <= values[0] * (1.0 + _ALIKE_FRACTION)).sum())
    return min(max(alike, 2), len(values))


def _smallest_sparse(laplacian: Any) -> tuple[float, FloatArray]:  # noqa: ANN401
    """Return a number that λ₂ is proved to exceed, and the next vectors.

    Lanczos iterations can miss an eigenvalue. A shift just below what they found is proved by the inertia of the
    shifted matrix (Sylvester): exactly one eigenvalue, the 0, lies below it. Where it is not proved, the bound is 0.
    """
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import eigsh

    size = laplacian.shape[0]
    start = np.sin(np.arange(size, dtype=np.float64))  # any vector, always the same
    below = -1e-3
    values, vectors = eigsh(laplacian, k=_VECTORS + 1, sigma=below, which="LM", v0=start, tol=1e-10)
    rising = np.argsort(values)
    shift = float(values[rising[1]]) * (1.0 - 1e-6)
    shifted = (laplacian - shift * eye_array(size)).tocsc()
    first = rising[1 : 1 + _first_ones(values[rising[1:]])]
    return (shift if _negative_eigenvalues(shifted) == 1 else 0.0), vectors[:, first]


def _negative_eigenvalues(matrix: Any) -> int:  # noqa: ANN401
    """Return how many eigenvalues of a symmetric matrix are negative; -1 where the factors do not tell."""
    from scipy.sparse.linalg import splu

    factors = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    if not np.array_equal(factors.perm_r, factors.perm_c):
        return -1  # rows were exchanged: the pivots are not those of a symmetric factorisation
    return int((factors.U.diagonal() < 0.0).sum())


def routed_bound_gbps(network: Interconnect, *, enough_gbps: float, rounds: int) -> tuple[float, Routing]:
    """Return the routed bound on halvings after some rounds of routing around loaded links, and the routing.

    Parameters
    ----------
    network
        Connected, of two members or more.
    enough_gbps
        The capacity of a known halving: rounds end once the bound reaches it.
    rounds
        Most rounds; the bound never falls from one to the next.

    Notes
    -----
    The first round routes everyone's traffic over the fewest links, all such ways alike; each further one by lengths
    that rise exponentially with the load so far, mixed with what was routed before so that the worst load is least:
    the fluid form of Shahrokhi and Matula, The maximum concurrent flow problem, J. ACM 37 (1990) 318–334,
    doi:10.1145/77600.77620.

    Beyond 2,048 members only 512 of them, spread evenly over their order, send in the further rounds, as much as all
    would. The bound holds nonetheless; it comes out within some per cent of the other, on either side.
    """
    from planner.network.datacenter.loadkernel import all_to_all_load

    size, capacity = len(network), np.array(network.capacity_gbps)
    rows = (np.array(network.start), np.array(network.other), np.array(network.way))
    smaller = size // 2
    pairs = smaller * (size - smaller) * (1.0 - _ROUNDING_FRACTION)
    relative = capacity / capacity.max()
    everyone = np.arange(size)
    some = everyone if size <= MOST_EVERYONE else spread(size, MOST_SENDERS)

    def load_by(length: FloatArray, senders: IntArray) -> FloatArray:
        load: FloatArray = all_to_all_load(*rows, length, senders) / capacity
        # All send half a unit to each: k (n − k) units between halves. Some, s of them, send s k / 2 at least.
        return load if len(senders) == size else load * (2.0 * (size - smaller) / len(senders))

    lengths, shares = [np.ones(len(capacity))], np.ones(1)
    load = load_by(lengths[0], everyone)
    for _ in range(1, rounds):
        worst = float(load.max())
        if pairs / worst >= enough_gbps * (1.0 - 2.0 * _ROUNDING_FRACTION):
            break
        length = np.exp(_SHARPNESS * (load / worst - 1.0)) / relative
        share, load = _mixed(load, load_by(length, some))
        if share == 0.0:
            break  # the next round would be this one again
        lengths.append(length)
        shares = np.append(shares * (1.0 - share), share)
    senders = [network.satellites, *[ints(network.satellites[some])] * (len(lengths) - 1)]
    return float(pairs / load.max()), Routing(network.links, floats(lengths), floats(shares), tuple(senders))


def spread(size: int, count: int) -> IntArray:
    """Return `count` of `size` places, rising, spread evenly and in step with no regular pattern: by the golden ratio.

    Multiples of an irrational number leave gaps of three lengths at most between their fractions (Sós 1958).
    """
    places = np.unique((np.arange(count) * _GOLDEN % 1.0 * size).astype(np.int64))
    return np.asarray(places)


def _mixed(old: FloatArray, new: FloatArray) -> tuple[float, FloatArray]:
    """Return the share of the new in the mixture whose worst load is least (convex in it), and that mixture."""
    low, high = 0.0, 1.0
    for _ in range(60):
        third = (high - low) / 3.0
        if _worst(old, new, low + third) <= _worst(old, new, high - third):
            high -= third
        else:
            low += third
    share = low if _worst(old, new, low) < float(old.max()) else 0.0
    return share, np.asarray(old + share * (new - old))


def _worst(old: FloatArray, new: FloatArray, share: float) -> float:
    return float((old + share * (new - old)).max())


def halved(order: FloatArray) -> BoolArray:
    """Return the halving that puts the half with the smallest values of `order`, ``[member]``, on one side."""
    side = np.zeros(len(order), dtype=bool)
    side[np.argsort(order, kind="stable")[: len(order) // 2]] = True
    return side
