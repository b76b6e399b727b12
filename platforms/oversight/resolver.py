"""Who is right about an output: the exact truth, or a resolver that errs at given rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import whole_number
from sim.errors import InputError
from sim.oversight.checks import share
from sim.randomness import generator


@dataclass(frozen=True)
class Resolver:
    """Says of outputs that are brought before it whether they are wrong; exact by default.

    Attributes:
        true_positive: Chance that a wrong output is found wrong (k_tp).
        false_positive: Chance that a right one is (k_fp).
        seed: What its errors are drawn by.

    Raises:
        InputError: At construction: a chance outside [0, 1], or wrong outputs found no more often than right ones.

    >>> Resolver().found_wrong([True, False], task=[0, 1], round=0).tolist()
    [True, False]
    """

    true_positive: float = 1.0
    false_positive: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        share("true_positive", self.true_positive)
        share("false_positive", self.false_positive)
        whole_number("seed", self.seed, minimum=0)
        if self.true_positive <= self.false_positive:
            remedy = f"expected more than false_positive ({self.false_positive}): else it knows nothing"
            raise InputError("true_positive", self.true_positive, remedy)

    def found_wrong(self, wrong: ArrayLike, *, task: ArrayLike, round: int) -> NDArray[np.bool_]:
        """What it says of some outputs; the same output of a task in a round is judged alike, whoever asks.

        Args:
            wrong: Whether each is truly wrong, shape (n,).
            task: Number of each one's task in the study, >= 0, shape (n,): errors are drawn by task and round.
            round: The round, >= 0.

        Returns:
            Whether each is found wrong, shape (n,).

        Raises:
            InputError: Shapes that differ, or a task number below 0.
        """
        truth, number = np.asarray(wrong, dtype=bool), np.asarray(task, dtype=np.int64)
        if truth.ndim != 1 or number.shape != truth.shape:
            raise InputError("task", f"shape {number.shape}", f"expected a number for each of {truth.shape} outputs")
        if number.size and number.min() < 0:
            raise InputError("task", int(number.min()), "expected numbers >= 0")
        rng = generator(self.seed, round=round, agent=-1, purpose="resolver")
        chance = rng.random(int(number.max(initial=-1)) + 1)[number]
        return chance < np.where(truth, self.true_positive, self.false_positive)
