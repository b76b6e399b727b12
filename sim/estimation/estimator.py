"""One recipe for a, C and S, applied alike to a table and to every draw of its bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.arrays import Array
from sim.estimation.attractiveness import prevalence
from sim.estimation.features import Features, nominal
from sim.estimation.inconsistency import gram_plus_spread
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.similarity import identity
from sim.simplex import restricted_to_tangent

AttractivenessEstimator = Callable[[OpinionTable], Array]
InconsistencyEstimator = Callable[[OpinionTable, Features], Array]
SimilarityEstimator = Callable[[OpinionTable], Array]


class GameTerms(NamedTuple):
    """a (G,), C (G, G) and S (G, G) of the alignment game."""

    attractiveness: Array
    inconsistency: Array
    similarity: Array


Normalisation = Callable[[GameTerms], GameTerms]


def as_estimated(terms: GameTerms) -> GameTerms:
    """The terms in the units of their estimators."""
    return terms


def unit_size(terms: GameTerms) -> GameTerms:
    """The terms in units of their own, so that the same incentives weigh alike on every data set.

    a is divided by its range, C and S by the mean of their eigenvalues on the tangent space; what is zero there stays.
    No gauge of the game changes the result.
    """
    a, own, crowd = terms
    return GameTerms(_over(a, np.ptp(a)), *(_over(m, _mean_eigenvalue(m)) for m in (own, crowd)))


@dataclass(frozen=True, kw_only=True)
class GameEstimator:
    """Which estimator makes which term; called with a table, it gives all three.

    Attributes:
        attractiveness: Of a: `prevalence`, `reach`, `Activity(...)`, or any function of the table.
        inconsistency: Of C: `gram`, `gram_plus_spread`, `row_sum` (each also with `debias=True`, by
            functools.partial), `Covariance(...)`, `Retest(...)`, or any function of the table and the feature map.
        similarity: Of S: `identity`, `agreement`, `bhattacharyya`, `jensen_shannon`, `FeatureCosine(...)`,
            `EmbeddingCosine(...)`, `GivenSimilarity(...)`, or any function of the table.
        features: Feature map used by the estimator of C: `nominal`, `by_scale` or `Embedded(...)`.
        normalisation: Units of the terms: `as_estimated` or `unit_size`.
    """

    attractiveness: AttractivenessEstimator = prevalence
    inconsistency: InconsistencyEstimator = gram_plus_spread
    similarity: SimilarityEstimator = identity
    features: Features = nominal
    normalisation: Normalisation = as_estimated

    def __call__(self, table: OpinionTable) -> GameTerms:
        """a, C and S of a table.

        Raises:
            InputError: An estimator refuses the table.
        """
        inconsistency = self.inconsistency(table, self.features)
        return self.normalisation(GameTerms(self.attractiveness(table), inconsistency, self.similarity(table)))

    @property
    def provenance(self) -> tuple[str, ...]:
        """Which estimators these are, in words.

        >>> GameEstimator(inconsistency=partial(gram_plus_spread, debias=True)).provenance[1]
        'inconsistency: gram_plus_spread(debias=True) of nominal features'
        """
        units = () if self.normalisation is as_estimated else (f"normalisation: {_name(self.normalisation)}",)
        return (
            f"attractiveness: {_name(self.attractiveness)}",
            f"inconsistency: {_name(self.inconsistency)} of {_name(self.features)} features",
            f"similarity: {_name(self.similarity)}",
            *units,
        )


def _mean_eigenvalue(matrix: Array) -> float:
    return float(np.trace(restricted_to_tangent(matrix)) / (len(matrix) - 1))


def _over(values: Array, size: float) -> Array:
    # A size of rounding is none.
    scaled: Array = values / size if size > 1e-12 * np.abs(values).max() else values
    return scaled


def _name(estimator: Callable[..., object]) -> str:
    if isinstance(estimator, partial):
        given = ", ".join(f"{key}={value!r}" for key, value in estimator.keywords.items())
        return f"{_name(estimator.func)}({given})"
    name: str = getattr(estimator, "__name__", type(estimator).__name__)
    return name
