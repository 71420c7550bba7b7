"""One way to measure something beside its rival in the same run."""

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import pytest

ROUNDS = 5


@pytest.fixture
def beside(benchmark: Any) -> Callable[..., Any]:
    """Return a function that times `ours`, then `rival`, prints medians and ratio, and returns both answers.

    `scale` is how many times the rival's work goes into ours, where running it in full would take minutes.
    """

    def measure(ours: Callable[[], Any], rival: Callable[[], Any], name: str, *, scale: float = 1.0) -> tuple[Any, Any]:
        answer = benchmark.pedantic(ours, rounds=ROUNDS, warmup_rounds=1)
        theirs, times_s = None, []
        for _ in range(ROUNDS):
            began = perf_counter()
            theirs = rival()
            times_s.append((perf_counter() - began) * scale)
        ours_s, rival_s = benchmark.stats.stats.median, median(times_s)
        benchmark.extra_info |= {"rival": name, "rival_s": rival_s, "rival_over_ours": rival_s / ours_s}
        sys.stderr.write(f"\n{benchmark.name}: {ours_s:.4f} s, {name}: {rival_s:.4f} s, ratio {rival_s / ours_s:.2f}\n")
        return answer, theirs

    return measure
