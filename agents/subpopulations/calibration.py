"""Calibrate a model's leanings into answer distributions: tilt what all people answer by what the group leans to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar

from sim.arrays import Array
from sim.estimation.opinion_table import OpinionTable


@dataclass(frozen=True)
class Calibration:
    """The fitted slope and how well it carries over to items it has not seen.

    Attributes:
        slope: Options of shift in log-odds per nat of leaning (shared by all groups and items).
        gain: Held-out gain in expected log-likelihood over "every group answers like everybody", nats per answer,
            by leave-one-item-out; negative means the leanings mislead.
        ceiling: The gain the true group distributions themselves would have, nats per answer.
        correlation: Correlation over groups and items of predicted and true mean answers (group mean minus item
            mean), slope fitted without the item.
    """

    slope: float
    gain: float
    ceiling: float
    correlation: float


def tilt(marginal: Array, leaning: Array, slope: float) -> Array:
    """Exponential tilt of a marginal: p_g(k) proportional to marginal(k) exp(slope leaning_g k).

    Args:
        marginal: Answers of all people, shape (K,).
        leaning: Leaning of each group, centred over groups, shape (G,).
        slope: Strength of the tilt.

    Returns:
        Answer distributions, shape (G, K).
    """
    position = np.linspace(-0.5, 0.5, len(marginal))
    exponent = slope * leaning[:, None] * position[None, :]
    weight: Array = marginal[None, :] * np.exp(exponent - exponent.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return weight


def calibrate(leanings: Array, people: OpinionTable) -> tuple[OpinionTable, Calibration]:
    """Turn leanings into an opinion table, with one slope fitted to real people.

    What all people answer to an item is taken from the survey; who deviates from it, and in which direction, comes
    from the language model alone, scaled by one number.

    Args:
        leanings: Leaning of each group towards each item, nats, shape (G, Q).
        people: True answer distributions of the same groups and items.

    Returns:
        The language models' opinion table and the calibration's figures.
    """
    shares = people.shares
    centred = leanings - shares @ leanings
    marginals = people.mean_answers()

    def loss(slope: float, left_out: int | None = None) -> float:
        return -sum(
            _expected_loglik(people.probabilities[q], tilt(marginals[q], centred[:, q], slope), shares)
            for q in range(len(marginals))
            if q != left_out
        )

    slope = _fit(loss)
    gain = ceiling = 0.0
    predicted, true = [], []
    for q, marginal in enumerate(marginals):
        held_out = tilt(marginal, centred[:, q], _fit(loss, q))
        flat = _expected_loglik(people.probabilities[q], np.tile(marginal, (len(shares), 1)), shares)
        gain += _expected_loglik(people.probabilities[q], held_out, shares) - flat
        ceiling += _expected_loglik(people.probabilities[q], people.probabilities[q], shares) - flat
        position = np.arange(len(marginal))
        predicted.append(held_out @ position - marginal @ position)
        true.append(people.probabilities[q] @ position - marginal @ position)
    table = replace(people, probabilities=tuple(tilt(m, centred[:, q], slope) for q, m in enumerate(marginals)))
    spread = float(np.std(predicted)) * float(np.std(true))  # zero where no group leans: then nothing is told apart
    correlation = float(np.corrcoef(np.ravel(predicted), np.ravel(true))[0, 1]) if spread > 0 else 0.0
    return table, Calibration(slope, gain / len(marginals), ceiling / len(marginals), correlation)


def _fit(loss: object, *rest: int) -> float:
    result = minimize_scalar(lambda slope: loss(slope, *rest), bounds=(0.0, 20.0), method="bounded")  # type: ignore[operator]
    return float(result.x)


def _expected_loglik(true: Array, model: Array, shares: Array) -> float:
    """Expected log-likelihood per answer of the true distributions under a model, groups weighted by share."""
    logs = np.where(true > 0, true * np.log(np.maximum(model, 1e-300)), 0.0)
    return float(shares @ logs.sum(axis=1))
