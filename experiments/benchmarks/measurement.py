"""One measured figure, and how it is measured: warmed up, methods in turn, each in a burst, medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

OURS = "Equipolis"
BURST = 0.02
"""Seconds for which a call is repeated in its turn."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one method needed for one task.

    Attributes:
        task: What was solved or played, with its size.
        method: Who did it; a name that starts with "Equipolis" is ours.
        unit: What the seconds are for, such as "equilibrium".
        seconds: Median seconds per unit.
        ratio: Seconds over the seconds of the task's reference, which has ratio 1: above 1 is slower than it.
        disagreement: Largest difference in any weight of any mixture from the reference's; None for the reference.
        note: What else the reader should know.
    """

    task: str
    method: str
    unit: str
    seconds: float
    ratio: float
    disagreement: float | None = None
    note: str = ""


def compared(
    seconds: Mapping[str, float],
    method: str,
    *,
    task: str,
    unit: str,
    reference: str = OURS,
    per: int = 1,
    disagreement: float | None = None,
    note: str = "",
) -> Measurement:
    """One method of a task held against the task's reference.

    Args:
        seconds: Seconds of every method of the task, in all or for one unit.
        method: Which method.
        task: What was solved or played.
        unit: What the seconds are for.
        reference: The method with ratio 1.
        per: Units that the seconds were for.
        disagreement: Largest difference from the reference's weights.
        note: What else the reader should know.
    """
    return Measurement(
        task=task,
        method=method,
        unit=unit,
        seconds=seconds[method] / per,
        ratio=seconds[method] / seconds[reference],
        disagreement=disagreement,
        note=note,
    )


def median_seconds(calls: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each call: each is run once to warm up, then all in turn, so that a slow moment hits all.

    In its turn a call shorter than BURST is repeated until that time is over, as in a user's loop: else a call of
    microseconds is charged for the caches that a call of seconds before it has emptied.
    """
    for call in calls.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            spent: list[float] = []
            ended = time.perf_counter() + BURST
            while not spent or time.perf_counter() < ended:
                started = time.perf_counter()
                call()
                spent.append(time.perf_counter() - started)
            seconds[name].append(statistics.median(spent))
    return {name: statistics.median(values) for name, values in seconds.items()}
