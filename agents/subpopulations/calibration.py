"""Calibrate what a model leans to into answer distributions: tilt what all people answer by what the group leans to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.optimize import minimize_scalar

from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable


@dataclass(frozen=True)
class Calibration:
    """The fitted slope and how well it carries over to items it has not seen.

    Attributes:
        slope: Shift in log-odds per nat, shared by all groups and items: between the ends of the scale per nat of
            leaning, or between two options per nat between them.
        gain: Held-out gain in expected log-likelihood over "every group answers like everybody", nats per answer,
            by leave-one-item-out; negative means the leanings mislead.
        ceiling: The gain the true group distributions themselves would have, nats per answer.
        correlation: Correlation over groups and items of predicted and true deviations from all people (group mean
            minus item mean; on questions without a scale, share of each option), slope fitted without the item.
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
    return _tilted(marginal, slope * _along_scale(marginal, leaning))


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
    centred = leanings - people.shares @ leanings
    return _calibrated([_along_scale(m, centred[:, q]) for q, m in enumerate(people.mean_answers())], people)


def calibrate_answers(answers: OpinionTable, people: OpinionTable) -> tuple[OpinionTable, Calibration]:
    """Turn answers read from a language model into an opinion table, with one slope fitted to real people.

    p_g(k) proportional to marginal(k) (q_g(k) / qbar(k))^slope, where q_g are the model's answers and qbar their
    geometric mean over groups, weighted by share: what the model answers for every group alike says nothing. Sampled
    shares (tables with sizes) get half an answer more for each option, as an option never seen is not impossible.

    Args:
        answers: What the models answer.
        people: True answer distributions of the same groups, questions and options, in the same order.

    Returns:
        The calibrated opinion table and the calibration's figures.

    Raises:
        InputError: The two tables have other groups, questions or options, or an exact answer has probability 0.
    """
    for field in ("groups", "questions", "options"):
        if getattr(answers, field) != getattr(people, field):
            raise InputError(f"{field} of the survey", getattr(people, field), f"expected {getattr(answers, field)}")
    logs = [np.log(_smoothed(answers, q)) for q in range(len(answers.questions))]
    return _calibrated([own - people.shares @ own for own in logs], people)


def _smoothed(answers: OpinionTable, question: int) -> Array:
    own = answers.probabilities[question]
    if answers.sizes is not None:
        number = answers.sizes[:, question, None]
        smoothed: Array = (own * number + 0.5) / (number + 0.5 * own.shape[1])
        return smoothed
    if own.min() <= 0:
        where = f"answers to {answers.questions[question]!r}"
        raise InputError(where, "a probability of 0", "leave the option out: no tilt lifts it")
    return own


def _calibrated(exponents: Sequence[Array], people: OpinionTable) -> tuple[OpinionTable, Calibration]:
    """Fit one slope to all questions, and check it question by question with the question left out."""
    if len(exponents) < 2:
        raise InputError("questions to calibrate on", len(exponents), "give at least two: each is left out in turn")
    shares, marginals = people.shares, people.mean_answers()

    def loss(slope: float, left_out: int | None = None) -> float:
        return -sum(
            _expected_loglik(people.probabilities[q], _tilted(marginals[q], slope * exponents[q]), shares)
            for q in range(len(marginals))
            if q != left_out
        )

    slope = _fit(loss)
    gain = ceiling = 0.0
    predicted, true = [], []
    for q, marginal in enumerate(marginals):
        held_out = _tilted(marginal, _fit(partial(loss, left_out=q)) * exponents[q])
        flat = _expected_loglik(people.probabilities[q], np.tile(marginal, (len(shares), 1)), shares)
        gain += _expected_loglik(people.probabilities[q], held_out, shares) - flat
        ceiling += _expected_loglik(people.probabilities[q], people.probabilities[q], shares) - flat
        predicted.append(_deviation(held_out, marginal, people.is_ordinal(q)))
        true.append(_deviation(people.probabilities[q], marginal, people.is_ordinal(q)))
    probabilities = tuple(_tilted(m, slope * e) for m, e in zip(marginals, exponents, strict=True))
    found, asked = np.concatenate(predicted), np.concatenate(true)
    spread = float(np.std(found)) * float(np.std(asked))  # zero where no group leans: then nothing is told apart
    correlation = float(np.corrcoef(found, asked)[0, 1]) if spread > 0 else 0.0
    table = replace(people, probabilities=probabilities, sizes=None)
    return table, Calibration(slope, gain / len(marginals), ceiling / len(marginals), correlation)


def _along_scale(marginal: Array, leaning: Array) -> Array:
    """Exponent of each option where a leaning moves answers along the scale, shape (G, K)."""
    exponent: Array = leaning[:, None] * np.linspace(-0.5, 0.5, len(marginal))[None, :]
    return exponent


def _tilted(marginal: Array, exponent: Array) -> Array:
    weight: Array = marginal[None, :] * np.exp(exponent - exponent.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return weight


def _deviation(answers: Array, marginal: Array, ordinal: bool) -> Array:
    """What tells a group from all people: its mean answer on a scale, its share of each option elsewhere."""
    difference = answers - marginal
    return difference @ np.arange(len(marginal)) if ordinal else difference.ravel()


def _fit(loss: Callable[[float], float]) -> float:
    return float(minimize_scalar(loss, bounds=(0.0, 20.0), method="bounded").x)


def _expected_loglik(true: Array, model: Array, shares: Array) -> float:
    """Expected log-likelihood per answer of the true distributions under a model, groups weighted by share."""
    logs = np.where(true > 0, true * np.log(np.maximum(model, 1e-300)), 0.0)
    return float(shares @ logs.sum(axis=1))
