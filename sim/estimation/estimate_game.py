"""Assemble the alignment game that an opinion table implies."""

from __future__ import annotations

from collections.abc import Callable

from sim.alignment_game import AlignmentGame, Crowding, Incentives
from sim.arrays import Array
from sim.estimation.attractiveness import prevalence
from sim.estimation.features import Features, nominal
from sim.estimation.inconsistency import gram_plus_spread
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.similarity import identity


def estimate_game(
    table: OpinionTable,
    *,
    incentives: Incentives,
    accounts: int,
    attractiveness: Callable[[OpinionTable], Array] = prevalence,
    inconsistency: Callable[[OpinionTable, Features], Array] = gram_plus_spread,
    similarity: Callable[[OpinionTable], Array] = identity,
    features: Features = nominal,
    crowding: Crowding = "mean",
) -> AlignmentGame:
    """Estimate a, C and S, each with the estimator given; the game records which in `provenance`.

    Args:
        table: Answers of the groups.
        incentives: bA, bI, bD.
        accounts: Number of accounts M.
        attractiveness: Estimator of a: `prevalence`, `reach`, or any function of the table.
        inconsistency: Estimator of C: `gram`, `gram_plus_spread`, `row_sum`, or any function of the
            table and the feature map.
        similarity: Estimator of S: `identity`, `agreement`, `bhattacharyya`, or any function of the table.
        features: Feature map used by the estimator of C: `nominal` or `by_scale`.
        crowding: Normalisation of the crowding term.

    Raises:
        InputError: The estimates do not make a game (for example a C that is not positive semidefinite).
    """
    return AlignmentGame(
        attractiveness=attractiveness(table),
        inconsistency=inconsistency(table, features),
        similarity=similarity(table),
        incentives=incentives,
        accounts=accounts,
        crowding=crowding,
        groups=table.groups,
        provenance=(
            f"attractiveness: {_name(attractiveness)}",
            f"inconsistency: {_name(inconsistency)} of {_name(features)} features",
            f"similarity: {_name(similarity)}",
        ),
    )


def _name(estimator: Callable[..., object]) -> str:
    return getattr(estimator, "__name__", repr(estimator))
