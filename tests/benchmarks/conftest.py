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
    """Return a function that times `ours` and `rival` in turns, prints medians and ratio, and returns both answers.

    `scale` is how many times the rival's work goes into ours, where running it in full would take minutes. With
    ``clock=time.process_time`` the seconds are those of processors, which a busy machine does not stretch.
    """

    def measure(
        ours: Callable[[], Any],
        rival: Callable[[], Any],
        name: str,
        *,
        scale: float = 1.0,
        clock: Callable[[], float] = perf_counter,
    ) -> tuple[Any, Any]:
        seconds: dict[Callable[[], Any], list[float]] = {ours: [], rival: []}
        answers: dict[Callable[[], Any], Any] = {}

        def timed(run: Callable[[], Any]) -> None:
            # The last answer goes first, so that neither pays for the other's memory.
            answers[run] = None
            began = clock()
            answers[run] = run()
            seconds[run].append(clock() - began)

        benchmark.pedantic(timed, args=(ours,), setup=lambda: timed(rival), rounds=ROUNDS, warmup_rounds=1)
        # The first of each warmed up.
        ours_s, rival_s = median(seconds[ours][1:]), median(seconds[rival][1:]) * scale
        benchmark.extra_info |= {
            "rival": name, "ours_s": ours_s, "rival_s": rival_s, "rival_over_ours": rival_s / ours_s,
        }  # fmt: skip
        sys.stderr.write(f"\n{benchmark.name}: {ours_s:.4f} s, {name}: {rival_s:.4f} s, ratio {rival_s / ours_s:.2f}\n")
        return answers[ours], answers[rival]

    return measure
