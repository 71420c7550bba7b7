"""Which satellites hang together, step by step as links are added? Kernels of percolation and connectivity.

Nodes are satellites ``[sat]``; components are trees of a disjoint-set forest with path halving and union by size. Sites
never join components: each component only remembers, one bit a site, which sites it can serve.
"""

import numpy as np

from planner.arrays import IntArray
from planner.compiled import compiled, compiled_inline

_WORD = 63
"""Sites per word: the sign bit stays free, so that words are plain int64."""


@compiled_inline
def root_of(parent: IntArray, node: int) -> int:
    """Return the root of a node's tree, and halve the way to it."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@compiled
def component_labels(nodes: int, a: IntArray, b: IntArray) -> IntArray:
    """Return the component of every node, ``[node]``; components count from 0 in order of their first node."""
    parent = np.arange(nodes)
    for k in range(len(a)):
        # The lower root stays one, so that labels come out in order.
        i, j = root_of(parent, a[k]), root_of(parent, b[k])
        parent[max(i, j)] = min(i, j)
    labels = np.empty(nodes, dtype=np.int64)
    found = 0
    for node in range(nodes):
        root = root_of(parent, node)
        if root == node:
            labels[node] = found
            found += 1
        else:
            labels[node] = labels[root]
    return labels


@compiled
def grow(
    steps: int,
    node_step: IntArray,
    a: IntArray,
    b: IntArray,
    link_step: IntArray,
    site: IntArray,
    satellite: IntArray,
    contact_step: IntArray,
    sites: int,
) -> tuple[IntArray, IntArray, IntArray]:
    """Return what the network is after each of the steps 0 to `steps`, as nodes, links and contacts are added.

    What has step ``k`` is there from state ``k`` on; a link is not there before both its ends, nor a contact before its
    satellite. Newman and Ziff, Phys. Rev. E 64, 016706 (2001), doi:10.1103/PhysRevE.64.016706.

    Returns
    -------
    largest, squares, pairs
        ``[state]``: nodes of the largest component, the sum of the squares of all components' sizes, and pairs of sites
        that some component serves both of.
    """
    nodes = len(node_step)
    largest, squares, pairs = np.zeros((3, steps + 1), dtype=np.int64)
    node_from = _by_step(node_step, steps)[1]
    link_order, link_from = _by_step(link_step, steps)
    contact_order, contact_from = _by_step(contact_step, steps)
    parent, size = np.arange(nodes), np.ones(nodes, dtype=np.int64)
    words = (sites + _WORD - 1) // _WORD
    served, met = np.zeros((nodes, words), dtype=np.int64), np.zeros((sites, words), dtype=np.int64)
    for s in range(sites):
        met[s, s // _WORD] |= np.int64(1) << (s % _WORD)
    most, square, joined = 0, 0, 0
    for state in range(steps + 1):
        added = node_from[state + 1] - node_from[state]
        square += added
        most = max(most, min(added, 1))
        for k in range(contact_from[state], contact_from[state + 1]):
            row = contact_order[k]
            root = root_of(parent, satellite[row])
            joined += _meet(met, site[row], served[root])
            served[root, site[row] // _WORD] |= np.int64(1) << (site[row] % _WORD)
        for k in range(link_from[state], link_from[state + 1]):
            row = link_order[k]
            i, j = root_of(parent, a[row]), root_of(parent, b[row])
            if i != j:
                if size[i] < size[j]:
                    i, j = j, i
                square += 2 * size[i] * size[j]
                size[i] += size[j]
                parent[j] = i
                most = max(most, size[i])
                joined += _join(met, served, i, j)
        largest[state], squares[state], pairs[state] = most, square, joined
    return largest, squares, pairs


@compiled
def _by_step(step: IntArray, steps: int) -> tuple[IntArray, IntArray]:
    """Return rows sorted by step, and where those of each step begin ``[step + 1]``: a counting sort."""
    begin = np.zeros(steps + 2, dtype=np.int64)
    for k in range(len(step)):
        begin[step[k] + 1] += 1
    for k in range(1, steps + 2):
        begin[k] += begin[k - 1]
    order, place = np.empty(len(step), dtype=np.int64), begin.copy()
    for k in range(len(step)):
        order[place[step[k]]] = k
        place[step[k]] += 1
    return order, begin


@compiled
def _join(met: IntArray, served: IntArray, i: int, j: int) -> int:
    """Let component `i` serve the sites of `j` as well; return how many pairs of sites that brings together."""
    few, many = (j, i) if np.count_nonzero(served[j]) <= np.count_nonzero(served[i]) else (i, j)
    joined = 0
    for word in range(served.shape[1]):
        bits, s = served[few, word], word * _WORD
        while bits:
            if bits & 1:
                joined += _meet(met, s, served[many])
            bits >>= 1
            s += 1
    for word in range(served.shape[1]):
        served[i, word] |= served[j, word]
    return joined


@compiled
def _meet(met: IntArray, s: int, others: IntArray) -> int:
    """Bring site `s` together with a set of sites; return how many of these pairs are new."""
    joined = 0
    for word in range(len(others)):
        fresh = others[word] & ~met[s, word]
        met[s, word] |= fresh
        t = word * _WORD
        while fresh:
            if fresh & 1:
                met[t, s // _WORD] |= np.int64(1) << (s % _WORD)
                joined += 1
            fresh >>= 1
            t += 1
    return joined
