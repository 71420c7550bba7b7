"""How much of all shortest ways leads through each satellite? Kernel of `planner.network.resilience.betweenness`."""

import numpy as np

from planner.arrays import FloatArray, IntArray
from planner.compiled import compiled


@compiled
def add_shares(
    distance: FloatArray,
    sources: IntArray,
    begin: IntArray,
    end: IntArray,
    weight: FloatArray,
    total: FloatArray,
) -> None:
    """Add to `total` ``[node]`` the shares of the shortest ways from some sources, their ends not counted.

    Brandes, J. Math. Sociol. 25, 163 (2001), doi:10.1080/0022250X.2001.9990249: equal ways share alike.

    Parameters
    ----------
    distance
        ``[source, node]``, infinite where there is no way; sums of weights along the ways.
    sources
        ``[source]``, their nodes.
    begin, end, weight
        Compressed rows of neighbours: where they begin ``[node + 1]``, and neighbour and weight of each. A weight of 0
        carries no share: neither end is before the other.
    total
        Written.
    """
    for k in range(len(sources)):
        far = distance[k]
        order = np.argsort(far)
        ways, share = np.zeros((2, len(far)))
        ways[sources[k]] = 1.0
        for node in order:
            for place in range(begin[node], begin[node + 1]):
                if weight[place] > 0.0 and far[node] + weight[place] == far[end[place]] < np.inf:
                    ways[end[place]] += ways[node]
        for node in order[::-1]:
            for place in range(begin[node], begin[node + 1]):
                other = end[place]
                if weight[place] > 0.0 and far[node] + weight[place] == far[other] < np.inf and ways[other] > 0.0:
                    share[node] += ways[node] / ways[other] * (1.0 + share[other])
            if node != sources[k] and far[node] < np.inf:
                total[node] += share[node]
