"""Assemble the alignment game that an opinion table implies."""

from __future__ import annotations

from sim.alignment_game import AlignmentGame, Crowding, Incentives
from sim.estimation.attractiveness import prevalence
from sim.estimation.estimator import (
    AttractivenessEstimator,
    GameEstimator,
    InconsistencyEstimator,
    SimilarityEstimator,
)
from sim.estimation.features import Features, nominal
from sim.estimation.inconsistency import gram_plus_spread
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.similarity import identity


def estimate_game(
    table: OpinionTable,
    *,
    incentives: Incentives,
    accounts: int,
    attractiveness: AttractivenessEstimator = prevalence,
    inconsistency: InconsistencyEstimator = gram_plus_spread,
    similarity: SimilarityEstimator = identity,
    features: Features = nominal,
    crowding: Crowding = "mean",
) -> AlignmentGame:
    """Estimate a, C and S, each with the estimator given; the game records which in `provenance`.

    Args:
        table: Answers of the groups.
        incentives: bA, bI, bD.
        accounts: Number of accounts M.
        attractiveness: Estimator of a; for all four see `GameEstimator`.
        inconsistency: Estimator of C.
        similarity: Estimator of S.
        features: Feature map used by the estimator of C.
        crowding: Normalisation of the crowding term.

    Raises:
        InputError: The estimates do not make a game (for example a C that is not positive semidefinite).
    """
    estimator = GameEstimator(
        attractiveness=attractiveness, inconsistency=inconsistency, similarity=similarity, features=features
    )
    terms = estimator(table)
    return AlignmentGame(
        attractiveness=terms.attractiveness,
        inconsistency=terms.inconsistency,
        similarity=terms.similarity,
        incentives=incentives,
        accounts=accounts,
        crowding=crowding,
        groups=table.groups,
        provenance=estimator.provenance,
    )
