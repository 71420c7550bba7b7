"""The heap of the search kernels, against Python's own."""

from heapq import heappop, heappush

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.network.heap import pop, push

ENTRIES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)) | st.none(), max_size=60)


@given(steps=ENTRIES)
def test_entries_leave_by_key_then_item_whatever_the_order_of_steps(
    steps: list[tuple[int, int] | None],
) -> None:
    keys, items = np.empty(len(steps)), np.empty(len(steps), dtype=np.int64)
    held, reference = 0, list[tuple[float, int]]()
    for step in steps:
        if step is not None:
            held = push(keys, items, held, float(step[0]), step[1])
            heappush(reference, (float(step[0]), step[1]))
        elif reference:
            held = pop(keys, items, held)
            assert (keys[held], items[held]) == heappop(reference)
        assert held == len(reference)
