"""How sure are a, C and S? Draw the data again, and make all three from each draw.

Draw k depends on the seed and k alone: the first draws of many are those of few. What an estimator carries with it
(`Activity`, `Retest`, `EmbeddingCosine`, `GivenSimilarity`) is the same in every draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import Array, finite_array, whole_number
from sim.errors import InputError
from sim.estimation.draws import GameDraws
from sim.estimation.estimator import GameEstimator
from sim.estimation.opinion_table import OpinionTable, check_length
from sim.estimation.respondents import Respondents
from sim.randomness import generator

_DEFAULT = GameEstimator()
_TRIES = 1000


def bootstrap_respondents(
    respondents: Respondents,
    *,
    draws: int,
    seed: int,
    estimator: GameEstimator = _DEFAULT,
    within_groups: bool = False,
) -> GameDraws:
    """Draw respondents with replacement, whole persons with their weights.

    A sample in which some group has fewer than two answers to a question makes no table with a spread: it is drawn
    again, and counted in `redrawn`. Where that is frequent, the group is too small to say anything about.

    Args:
        respondents: The people; those of weight 0 are left out.
        draws: Number of draws B >= 1.
        seed: Seed, >= 0; the same seed gives the same bits.
        estimator: How a, C and S are made.
        within_groups: Whether each group keeps its number of respondents, as where quotas were sampled.

    Raises:
        InputError: A group with fewer than two answers to a question, or so few that hardly a sample has two.
    """
    count = whole_number("draws", draws, minimum=1)
    people = np.flatnonzero(respondents.weights > 0)
    _require_two(respondents)
    strata = [people]
    if within_groups:
        strata = [people[respondents.group[people] == g] for g in range(len(respondents.groups))]
    terms, redrawn = [], 0
    for draw in range(count):
        rng = generator(seed, round=draw, agent=-1, purpose="bootstrap respondents")
        for _ in range(_TRIES):
            drawn = np.concatenate([rng.choice(stratum, stratum.size) for stratum in strata])
            times = np.bincount(drawn, minlength=respondents.group.size)
            if respondents.answered(times).min() >= 2:
                break
            redrawn += 1
        else:
            where, least = _fewest(respondents)
            remedy = f"{_TRIES} samples in a row left someone without answers; merge small groups or leave them out"
            raise InputError(where, f"{least} respondents", remedy)
        terms.append(estimator(respondents.resampled(times)))
    name = f"bootstrap: {count} draws of respondents{' within groups' if within_groups else ''}, seed {seed}"
    return GameDraws.of(terms, groups=respondents.groups, provenance=(*estimator.provenance, name), redrawn=redrawn)


def bootstrap_counts(
    table: OpinionTable, *, draws: int, seed: int, estimator: GameEstimator = _DEFAULT, draw_shares: bool = True
) -> GameDraws:
    """Draw answers from the table's own shares, as many as its effective sizes: for tables without their respondents.

    Each question is answered by other people here, as the table does not say who gave which answers together. Real
    answers go together: for a survey of 5,836 people and 57 questions whole respondents gave intervals of the same
    width for mixtures, where the groups' shares decide, but twice as wide for C, S and the areas of a map.

    Args:
        table: Table with `sizes`; they are rounded to whole numbers of answers.
        draws: Number of draws B >= 1.
        seed: Seed, >= 0; the same seed gives the same bits, whatever the order of the groups.
        estimator: How a, C and S are made.
        draw_shares: Whether the groups' shares are drawn too, from a sample of 1 / sum_g pi_g^2 / n_g people: the
            effective size of the whole that those of the groups imply. Not so where shares are known.

    Raises:
        InputError: The table has no sizes, or a group has fewer than two answers to a question.
    """
    count = whole_number("draws", draws, minimum=1)
    if table.sizes is None:
        raise InputError("sizes", None, "needs OpinionTable(..., sizes=...): respondents behind each answer")
    answers = np.rint(table.sizes).astype(np.int64)
    if answers.min() < 2:
        row, column = np.unravel_index(answers.argmin(), answers.shape)
        where = f"sizes of question {table.questions[column]!r}, group {table.groups[row]!r}"
        raise InputError(where, table.sizes.min(), "no spread without two respondents; leave one of the two out")
    people = int(np.rint(1 / np.sum(table.shares**2 / table.sizes.max(axis=1))))
    order = np.argsort(table.groups)
    terms = []
    for draw in range(count):
        drawn = [np.empty_like(shares) for shares in table.probabilities]
        for g, group in enumerate(table.groups):
            rng = generator(seed, round=draw, agent=-1, purpose=f"bootstrap answers of {group}")
            for q, shares in enumerate(table.probabilities):
                drawn[q][g] = rng.multinomial(answers[g, q], shares[g]) / answers[g, q]
        shares = table.shares
        if draw_shares:
            rng = generator(seed, round=draw, agent=-1, purpose="bootstrap shares")
            shares = np.empty_like(table.shares)
            shares[order] = rng.multinomial(people, table.shares[order]) / people
        terms.append(estimator(replace(table, probabilities=tuple(drawn), shares=shares)))
    name = f"bootstrap: {count} draws of answers{' and shares' if draw_shares else ''}, seed {seed}"
    return GameDraws.of(terms, groups=table.groups, provenance=(*estimator.provenance, name))


def bootstrap_clusters(
    table: OpinionTable,
    clusters: Sequence[ArrayLike],
    *,
    draws: int,
    seed: int,
    estimator: GameEstimator = _DEFAULT,
    sampled: bool = False,
    together: bool = False,
) -> GameDraws:
    """Draw prompts with replacement, all groups under the same ones, then the samples inside each.

    Drawing at both levels counts the noise of the samples twice, on the safe side; with one prompt it is all there is.

    Args:
        table: Names and shares of the groups, kept as they are; its answers are those of all prompts pooled.
        clusters: Per question the answers of each group under each prompt, (P_q, G, K_q): probabilities, as from
            option log-probs, or numbers of sampled answers.
        draws: Number of draws B >= 1.
        seed: Seed, >= 0; the same seed gives the same bits.
        estimator: How a, C and S are made.
        sampled: Whether `clusters` are numbers of sampled answers, drawn again inside each prompt.
        together: Whether prompt c is the same for every question, so that all questions get the same prompts.

    Raises:
        InputError: Arrays that don't fit the table, negative or not whole numbers where samples are meant, a group
            without answers, or nothing to draw: one prompt whose answers are not sampled.
    """
    count = whole_number("draws", draws, minimum=1)
    given = _checked_clusters(table, clusters, sampled=sampled, together=together)
    terms, redrawn = [], 0
    for draw in range(count):
        rng = generator(seed, round=draw, agent=-1, purpose="bootstrap prompts")
        for _ in range(_TRIES):
            same = rng.integers(len(given[0]), size=len(given[0]))
            chosen = [each[same if together else rng.integers(len(each), size=len(each))] for each in given]
            totals = [(_again(rng, each) if sampled else each).sum(axis=0) for each in chosen]
            if all(total.sum(axis=1).all() for total in totals):
                break
            redrawn += 1
        else:
            remedy = f"{_TRIES} draws in a row left a group without answers to a question; sample more answers"
            raise InputError("clusters", "too few answers", remedy)
        shares = tuple(total / total.sum(axis=1, keepdims=True) for total in totals)
        terms.append(estimator(replace(table, probabilities=shares)))
    name = f"bootstrap: {count} draws of prompts{' and samples' if sampled else ''}, seed {seed}"
    return GameDraws.of(terms, groups=table.groups, provenance=(*estimator.provenance, name), redrawn=redrawn)


def _fewest(respondents: Respondents) -> tuple[str, int]:
    answered = respondents.answered()
    row, column = np.unravel_index(answered.argmin(), answered.shape)
    where = f"respondents of group {respondents.groups[row]!r} to question {respondents.questions[column]!r}"
    return where, int(answered[row, column])


def _require_two(respondents: Respondents) -> None:
    where, least = _fewest(respondents)
    if least < 2:
        remedy = "nothing can be drawn from one answer; merge the group with another, or leave one of the two out"
        raise InputError(where, least, remedy)


def _checked_clusters(
    table: OpinionTable, clusters: Sequence[ArrayLike], *, sampled: bool, together: bool
) -> tuple[Array, ...]:
    check_length("clusters", clusters, len(table.questions))
    checked = []
    for question, answers, given in zip(table.questions, table.probabilities, clusters, strict=True):
        where = f"clusters of question {question!r}"
        values = finite_array(where, given, ndim=3)
        if values.shape[1:] != answers.shape or len(values) < 1:
            raise InputError(where, f"array of shape {values.shape}", f"expected (P, {answers.shape})")
        if values.min() < 0 or (sampled and (values != np.rint(values)).any()):
            raise InputError(where, float(values.min()), f"expected {'whole numbers' if sampled else 'shares'} >= 0")
        if not sampled and len(values) == 1:
            raise InputError(where, "1 prompt", "nothing to draw again; ask under several prompts, or sample answers")
        if not sampled and np.abs(values.sum(axis=2) - 1).max() > 1e-6:
            raise InputError(where, "shares", "expected answers that sum to 1; sampled=True for numbers of answers")
        if not values.sum(axis=(0, 2)).all():
            group = table.groups[int(values.sum(axis=(0, 2)).argmin())]
            raise InputError(where, f"no answer of group {group!r}", "sample more answers or leave the question out")
        checked.append(values)
    if together and len({len(values) for values in checked}) > 1:
        raise InputError("clusters", "numbers of prompts that differ", "expected the same prompts for all questions")
    return tuple(checked)


def _again(rng: np.random.Generator, counts: Array) -> NDArray[np.int64]:
    """Draw each row of numbers of answers again from its own shares, shape unchanged."""
    totals = counts.sum(axis=-1, keepdims=True)
    shares = np.where(totals > 0, counts / np.maximum(totals, 1), 1 / counts.shape[-1])
    return rng.multinomial(totals[..., 0].astype(np.int64), shares)
