"""Estimators of C: what a mixture of groups costs in inconsistency.

With f the feature map, f(p) the mean feature of an answer distribution and pbar the population's answers
(theory of the alignment game, section 7). All are symmetric and positive semidefinite; shape (G, G).

Few respondents make groups look further apart than they are, and each more of one mind. With `debias` the expected
effect is taken out, from the table's effective sample sizes n_gq: with s_g = mean_q v_gq / (n_gq - 1), B loses
J diag(s) J', J = I - 1 pi' (on its diagonal s_g (1 - pi_g)^2 and the others' part in the population's answers), and
v_gq gains the factor n_gq / (n_gq - 1). What is left is unbiased; where chance makes it indefinite, the nearest
semidefinite matrix stands for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import Array, shorten
from sim.errors import InputError
from sim.estimation.features import Features, nominal
from sim.estimation.opinion_table import OpinionTable, check_length


def gram(table: OpinionTable, features: Features = nominal, *, debias: bool = False) -> Array:
    """B_gh = mean_q <f(p_gq) - f(pbar_q), f(p_hq) - f(pbar_q)>: distance from the population's answers.

    Rank at most G - 1, null vector pi.

    Raises:
        InputError: To debias, the table lacks sizes, or one is 1.
    """
    if not debias:
        return _gram(table, features)
    return _nearest_semidefinite(_gram(table, features) - _noise(table, features))


def spread(table: OpinionTable, features: Features = nominal, *, debias: bool = False) -> Array:
    """v_g = mean_q E|f(Y_gq) - f(p_gq)|^2: how much the members of a group differ, shape (G,).

    Raises:
        InputError: To debias, the table lacks sizes, or one is 1.
    """
    by_question = _spreads(table, features)
    if debias:
        by_question = by_question + _error(table, by_question)
    mean: Array = by_question.mean(axis=1)
    return mean


def gram_plus_spread(table: OpinionTable, features: Features = nominal, *, debias: bool = False) -> Array:
    """C = diag(v) + B: distance from the population plus disagreement inside each group; well conditioned.

    Most of the bias of v cancels most of that of B.

    Raises:
        InputError: To debias, the table lacks sizes, or one is 1.
    """
    combined: Array = _gram(table, features) + np.diag(spread(table, features, debias=debias))
    return _nearest_semidefinite(combined - _noise(table, features)) if debias else combined


def row_sum(table: OpinionTable, features: Features = nominal, *, debias: bool = False) -> Array:
    """C_gh = mean_q |f(p_gq) - f(p_hq)|^2 off the diagonal; C_gg = sum of the row.

    Diagonally dominant, hence positive semidefinite: the reading that fits the Gersgorin argument of
    arXiv 2602.06836. The pairwise measure is our choice; the paper's is not published.

    Raises:
        InputError: To debias, the table lacks sizes, or one is 1.
    """
    base = _gram(table, features)
    if debias:
        base = base - _noise(table, features)
    own = np.diag(base)
    pairwise = np.maximum(own[:, None] + own[None, :] - 2 * base, 0.0)
    np.fill_diagonal(pairwise, 0.0)
    dominant: Array = pairwise + np.diag(pairwise.sum(axis=1))
    return dominant


@dataclass(frozen=True, kw_only=True)
class Covariance:
    """Covariance of the groups' answers over the paraphrases of a question, or the items inside a topic.

    w'Cw is how much the mixture's answer varies from one wording to the next, averaged over topics: each topic's
    C_gh = sum_q <d_gq, d_hq> / (n - 1), d_gq = f(p_gq) - the mean of f(p_gq) over the topic's n questions (theory of
    the alignment game, section 7). Reverse-keyed items must be turned first, or agreement looks like variation.

    Attributes:
        topics: Topic of each question of the table, (Q,); at least 2 questions each, all with the same features.

    Raises:
        InputError: Not one topic per question, a topic with one question, or with questions that can't be compared.
    """

    topics: Sequence[Hashable]

    def __call__(self, table: OpinionTable, features: Features = nominal) -> Array:
        """C, shape (G, G)."""
        check_length("topics", self.topics, len(table.questions))
        means = [answers @ map_q for answers, map_q in zip(table.probabilities, features(table), strict=True)]
        by_topic = {topic: [q for q, name in enumerate(self.topics) if name == topic] for topic in self.topics}
        total = np.zeros((len(table.groups), len(table.groups)))
        for topic, members in by_topic.items():
            widths = {means[q].shape[1] for q in members}
            if len(members) < 2 or len(widths) > 1:
                given = shorten([table.questions[q] for q in members])
                remedy = "expected at least 2 questions with the same number of options"
                raise InputError(f"topic {topic!r}", given, remedy)
            stances = np.stack([means[q] for q in members])
            moved = stances - stances.mean(axis=0)
            total += np.einsum("qgf,qhf->gh", moved, moved) / (len(members) - 1)
        return total / len(by_topic)


def _gram(table: OpinionTable, features: Features) -> Array:
    deviations = [
        (table_q - mean_q) @ map_q
        for table_q, mean_q, map_q in zip(table.probabilities, table.mean_answers(), features(table), strict=True)
    ]
    stacked = np.hstack(deviations)
    product: Array = stacked @ stacked.T / len(deviations)
    return product


def _spreads(table: OpinionTable, features: Features) -> Array:
    """v_gq, shape (G, Q)."""
    by_question = [
        table_q @ np.sum(map_q**2, axis=1) - np.sum((table_q @ map_q) ** 2, axis=1)
        for table_q, map_q in zip(table.probabilities, features(table), strict=True)
    ]
    # A variance: what lies below zero is rounding.
    variances: Array = np.maximum(np.stack(by_question, axis=1), 0.0)
    return variances


def _error(table: OpinionTable, spreads: Array) -> Array:
    """v_gq / (n_gq - 1): mean squared error of f(p_gq) from few respondents, shape (G, Q)."""
    if table.sizes is None:
        raise InputError("sizes", None, "debiasing needs OpinionTable(..., sizes=...): respondents behind each answer")
    if table.sizes.min() <= 1:
        row, column = np.unravel_index(table.sizes.argmin(), table.sizes.shape)
        where = f"sizes of question {table.questions[column]!r}, group {table.groups[row]!r}"
        raise InputError(
            where, table.sizes.min(), "one respondent tells nothing of the error; leave one of the two out"
        )
    error: Array = spreads / (table.sizes - 1)
    return error


def _noise(table: OpinionTable, features: Features) -> Array:
    """What sampling error adds to B in expectation, shape (G, G)."""
    centring = np.eye(len(table.groups)) - table.shares
    error = _error(table, _spreads(table, features)).mean(axis=1)
    added: Array = (centring * error) @ centring.T
    return added


def _nearest_semidefinite(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if values[0] >= 0:
        return matrix
    nearest: Array = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return (nearest + nearest.T) / 2
