"""Every reading of the theory that a table alone allows, by name: to see which claims hold under all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from sim.alignment_game import Crowding
from sim.estimation.attractiveness import prevalence, reach
from sim.estimation.estimator import (
    AttractivenessEstimator,
    GameEstimator,
    InconsistencyEstimator,
    Normalisation,
    SimilarityEstimator,
    as_estimated,
    unit_size,
)
from sim.estimation.features import Features, by_scale, nominal
from sim.estimation.inconsistency import gram, gram_plus_spread, row_sum
from sim.estimation.similarity import agreement, bhattacharyya, identity, jensen_shannon

ATTRACTIVENESS: Mapping[str, AttractivenessEstimator] = {"prevalence": prevalence, "reach": reach}
INCONSISTENCY: Mapping[str, InconsistencyEstimator] = {
    "gram": gram,
    "gram+spread": gram_plus_spread,
    "row-sum": row_sum,
}
SIMILARITY: Mapping[str, SimilarityEstimator] = {
    "identity": identity,
    "bhattacharyya": bhattacharyya,
    "agreement": agreement,
    "jensen-shannon": jensen_shannon,
}
FEATURES: Mapping[str, Features] = {"nominal": nominal, "by scale": by_scale}
NORMALISATIONS: Mapping[str, Normalisation] = {"as estimated": as_estimated, "unit size": unit_size}
CROWDINGS: Sequence[Crowding] = ("mean", "sum")


class Choice(NamedTuple):
    """One reading.

    Attributes:
        names: What was chosen for each of "attractiveness", "inconsistency", "similarity", "features", "normalisation"
            and "crowding".
        estimator: How it makes a, C and S of a table.
        crowding: How the crowding term is normalised. Maps average it: there "sum" is a diversity M - 1 times as large.
    """

    names: Mapping[str, str]
    estimator: GameEstimator
    crowding: Crowding


def combinations(
    *,
    attractiveness: Mapping[str, AttractivenessEstimator] = ATTRACTIVENESS,
    inconsistency: Mapping[str, InconsistencyEstimator] = INCONSISTENCY,
    similarity: Mapping[str, SimilarityEstimator] = SIMILARITY,
    features: Mapping[str, Features] = FEATURES,
    normalisations: Mapping[str, Normalisation] = NORMALISATIONS,
    crowdings: Sequence[Crowding] = CROWDINGS,
) -> Iterator[Choice]:
    """Every combination of the choices given, the last varying fastest.

    >>> found = list(combinations(attractiveness={"prevalence": prevalence}, normalisations={"unit size": unit_size}))
    >>> len(found), found[0].names["inconsistency"], found[-1].names["similarity"]
    (48, 'gram', 'jensen-shannon')
    """
    fields = ("attractiveness", "inconsistency", "similarity", "features", "normalisation", "crowding")
    for row in product(attractiveness, inconsistency, similarity, features, normalisations, crowdings):
        pull, own, crowd, map_name, scale, crowding = row
        estimator = GameEstimator(
            attractiveness=attractiveness[pull],
            inconsistency=inconsistency[own],
            similarity=similarity[crowd],
            features=features[map_name],
            normalisation=normalisations[scale],
        )
        yield Choice(dict(zip(fields, row, strict=True)), estimator, crowding)
