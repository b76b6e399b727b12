"""Platforms that push back: random ones, and one that is the logistic self-consistency equation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.coevolution import Audience, Coevolution, Ranking, Rates, full_attractiveness


def platform(base, tastes, incentives, *, inconsistency=None, rates=None, ranking=None, accounts=4, **audience):
    """A platform from its numbers; C is the identity and S too unless given."""
    base, tastes = np.asarray(base, float), np.asarray(tastes, float)
    voices = tastes.shape[1]
    return Coevolution(
        game=AlignmentGame(
            attractiveness=full_attractiveness(base, tastes),
            inconsistency=np.eye(voices) if inconsistency is None else inconsistency,
            similarity=np.eye(voices),
            incentives=Incentives(*incentives),
            accounts=accounts,
        ),
        audience=Audience(base=base, tastes=tastes, **audience),
        ranking=Ranking() if ranking is None else ranking,
        rates=Rates() if rates is None else rates,
    )


@pytest.fixture
def make() -> Callable[..., Coevolution]:
    """`platform`."""
    return platform


@pytest.fixture
def random_platform() -> Callable[[int], Coevolution]:
    """A platform by number: 2 to 4 groups and voices, everything moves at its own rate, half with learning accounts."""

    def draw(number: int) -> Coevolution:
        rng = np.random.default_rng(number)
        groups, voices = rng.integers(2, 5, 2)
        root = rng.normal(size=(voices, voices)) * 0.3
        return platform(
            rng.uniform(0.2, 1.0, groups),
            np.clip(rng.uniform(-0.5, 1.0, (groups, voices)), 0, 1),
            (rng.uniform(0.5, 6.0), rng.uniform(0.3, 1.0), rng.uniform(0.0, 1.0)),
            inconsistency=root @ root.T + np.diag(rng.uniform(0.2, 0.6, voices)),
            rates=Rates(
                audience=rng.uniform(0.1, 0.9),
                taste=rng.uniform(0.1, 0.9),
                ranking=rng.uniform(0.1, 0.9),
                accounts=None if number % 2 else rng.uniform(0.1, 0.9),
            ),
            ranking=Ranking(
                sharpness=rng.uniform(0, 30), span=rng.uniform(0.2, 1.5), foresight=rng.choice([0.0, 0.5, 1.0])
            ),
            outside=rng.uniform(0.1, 0.4, groups),
            temperature=rng.uniform(0.02, 0.1),
            susceptibility=rng.uniform(0, 0.8),
        )

    return draw


@pytest.fixture
def logistic() -> Callable[..., Coevolution]:
    """One group that likes one of two voices: its share is n = logistic((1/2 + k n - outside) / temperature)."""

    def with_gain(gain: float, temperature: float, outside: float, rate: float = 0.5) -> Coevolution:
        # w_1 = 1/2 + bA n / (2 * 2 bI) while it is below one.
        return platform(
            [1.0],
            [[1.0, 0.0]],
            (4 * gain, 1.0, 0.0),
            rates=Rates(audience=rate),
            outside=outside,
            temperature=temperature,
        )

    return with_gain


@pytest.fixture
def closed_form_folds() -> Callable[[float, float], np.ndarray]:
    """Outside options at which n = logistic((1/2 + k n - c) / tau) has a double solution: n (1 - n) = tau / k."""

    def of(gain: float, temperature: float) -> np.ndarray:
        present = (1 + np.array([1, -1]) * np.sqrt(1 - 4 * temperature / gain)) / 2
        return 0.5 + gain * present - temperature * np.log(present / (1 - present))

    return of
