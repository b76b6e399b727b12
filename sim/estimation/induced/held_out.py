"""How well models predict payoffs of rounds they have not seen, and whether one is better than another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, read_only, whole_number
from sim.errors import InputError
from sim.estimation.induced.clustered import regress
from sim.estimation.induced.columns import quadratic_columns, shape_columns
from sim.estimation.induced.log import PlayLog

Predictor = Callable[[PlayLog], Array]
Model = Callable[[PlayLog], Predictor]
"""Takes the rounds it may learn from, and gives what it predicts for the rows of any log."""


@dataclass(frozen=True)
class Quadratic:
    """The full fit as a model of payoffs.

    Attributes:
        symmetric: As of `fit_full`.
    """

    symmetric: bool = False

    def __call__(self, log: PlayLog) -> Predictor:
        """Learn from a log."""
        columns = quadratic_columns(log, symmetric=self.symmetric, nuisance=True)
        fitted = regress(columns.terms, columns.values, log.payoffs, log.rounds)
        return lambda other: fitted.predict(quadratic_columns(other, symmetric=self.symmetric, nuisance=True).values)


@dataclass(frozen=True)
class WithShapes:
    """The scalar fit as a model of payoffs.

    Attributes:
        shapes: As of `fit_scalar`.
    """

    shapes: AlignmentGame

    def __call__(self, log: PlayLog) -> Predictor:
        """Learn from a log."""
        columns = _shaped(log, self.shapes, nuisance=True)
        terms = [f"term {i}" for i in range(columns.shape[1])]
        fitted = regress(terms, columns, log.payoffs, log.rounds)
        return lambda other: fitted.predict(_shaped(other, self.shapes, nuisance=True))


@dataclass(frozen=True)
class Published:
    """What a platform announces: given coefficients and shapes. Only the level of payoffs is learned, to its benefit.

    Attributes:
        game: Shapes and incentives.
    """

    game: AlignmentGame

    def __call__(self, log: PlayLog) -> Predictor:
        """Learn the level from a log."""
        price = self.game.incentives
        weights = np.array([price.attractiveness, price.inconsistency, price.diversity])
        level = float(np.mean(log.payoffs - _shaped(log, self.game, nuisance=False) @ weights))
        return lambda other: level + _shaped(other, self.game, nuisance=False) @ weights


class PairedTest(NamedTuple):
    """The mean difference of two models' squared errors by round.

    Attributes:
        difference: Mean squared error of the first less that of the second: negative where the first is better.
        low: Lower end of its interval.
        high: Upper end.
        p_value: Two-sided, of no difference.
    """

    difference: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Errors of several models on rounds they have not seen.

    Attributes:
        rounds: The rounds, (T,).
        losses: Model -> mean squared error in each round, (T,).
        r_squared: Model -> 1 - its squared error over that of the mean of the rounds it learned from.
    """

    rounds: Array
    losses: Mapping[str, Array]
    r_squared: Mapping[str, float]

    def paired(self, first: str, second: str, confidence: float = 0.95) -> PairedTest:
        """Compare two models round by round (Diebold and Mariano 1995).

        Errors of near rounds may be alike: autocovariances up to lag h = T^(1/3) count, with Bartlett weights, and
        the variance is divided by T - 1 - 2h in place of T.

        Raises:
            InputError: No such model.
        """
        for name in (first, second):
            if name not in self.losses:
                raise InputError("model", repr(name), f"expected one of {', '.join(self.losses)}")
        gap = self.losses[first] - self.losses[second]
        count = gap.size
        centred = gap - gap.mean()
        lags = int(count ** (1 / 3))
        variance = float(centred @ centred) / count
        for lag in range(1, lags + 1):
            variance += 2 * (1 - lag / (lags + 1)) * float(centred[lag:] @ centred[:-lag]) / count
        error = float(np.sqrt(max(variance, 0.0) / max(count - 1 - 2 * lags, 1)))
        half = float(stats.t.ppf((1 + confidence) / 2, count - 1)) * error
        mean = float(gap.mean())
        p_value = 2 * float(stats.t.sf(abs(mean) / error, count - 1)) if error > 0 else float(mean == 0)
        return PairedTest(mean, mean - half, mean + half, p_value)


def held_out(log: PlayLog, models: Mapping[str, Model], *, folds: int = 5) -> HeldOut:
    """Predict every round from fits to the others, in blocks of rounds that follow each other.

    Args:
        log: The log, with at least 2 rounds per block.
        models: By name.
        folds: Number of blocks.

    Raises:
        InputError: Too few rounds; or a model can't be fitted to what is left.
    """
    rounds = np.unique(log.rounds)
    if rounds.size < 2 * whole_number("folds", folds, minimum=2):
        raise InputError("folds", folds, f"the log has {rounds.size} rounds; use at most {rounds.size // 2} blocks")
    blocks = [np.isin(log.rounds, block) for block in np.array_split(rounds, folds)]
    period = np.searchsorted(rounds, log.rounds)
    number = np.bincount(period)
    square = {name: np.zeros(log.rows) for name in models}
    level = np.zeros(log.rows)
    for block in blocks:
        known, asked = log.only(~block), log.only(block)
        level[block] = (asked.payoffs - known.payoffs.mean()) ** 2
        for name, model in models.items():
            square[name][block] = (asked.payoffs - model(known)(asked)) ** 2
    return HeldOut(
        rounds=read_only(rounds.astype(np.float64)),
        losses={name: read_only(np.bincount(period, weights=each) / number) for name, each in square.items()},
        r_squared={name: 1 - float(each.sum() / level.sum()) for name, each in square.items()},
    )


def _shaped(log: PlayLog, game: AlignmentGame, *, nuisance: bool) -> Array:
    return shape_columns(
        log,
        attractiveness=game.attractiveness,
        inconsistency=game.inconsistency,
        similarity=game.similarity,
        nuisance=nuisance,
    ).values
