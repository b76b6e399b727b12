"""Made-up surveys, and the real one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.estimation import OpinionTable, Respondents


@pytest.fixture(scope="session")
def random_table() -> Callable[..., OpinionTable]:
    """Maker of tables with questions of 2, 3 and 5 options and sizes from 5 to 100."""

    def make(seed: int, groups: int = 3) -> OpinionTable:
        rng = np.random.default_rng(seed)
        return OpinionTable(
            groups=tuple(f"g{k}" for k in range(groups)),
            shares=rng.dirichlet(np.full(groups, 5.0)),
            questions=("q0", "q1", "q2"),
            probabilities=tuple(rng.dirichlet(np.ones(size), size=groups) for size in (2, 3, 5)),
            ordinal=(False, True, True),
            sizes=rng.uniform(5, 100, size=(groups, 3)),
        )

    return make


@pytest.fixture(scope="session")
def random_people() -> Callable[..., Respondents]:
    """Maker of respondents with weights, of whom some miss answers and some have no weight."""

    def make(seed: int, people: int = 200, groups: int = 3) -> Respondents:
        rng = np.random.default_rng(seed)
        group = np.concatenate([np.arange(groups).repeat(4), rng.integers(groups, size=people - 4 * groups)])
        answers = np.stack([rng.integers(size, size=people) for size in (2, 3, 5)], axis=1)
        answers[4 * groups :][rng.random((people - 4 * groups, 3)) < 0.1] = -1
        weights = rng.uniform(0.5, 2, people)
        weights[-10:] = 0
        return Respondents(
            groups=tuple(f"g{k}" for k in range(groups)),
            questions=("q0", "q1", "q2"),
            options=(("no", "yes"), ("low", "mid", "high"), tuple("abcde")),
            ordinal=(False, True, False),
            group=group,
            answers=answers,
            weights=weights,
        )

    return make
