"""From answers to incentives: a, C and S of the alignment game from an opinion table, and how sure they are."""

from sim.estimation.attractiveness import Activity, prevalence, reach
from sim.estimation.bootstrap import bootstrap_clusters, bootstrap_counts, bootstrap_respondents
from sim.estimation.choices import Choice, combinations
from sim.estimation.draws import Bounds, GameDraws, percentile_interval
from sim.estimation.estimate_game import estimate_game
from sim.estimation.estimator import GameEstimator, GameTerms, as_estimated, unit_size
from sim.estimation.features import Embedded, by_scale, cumulative, nominal, one_hot
from sim.estimation.inconsistency import Covariance, gram, gram_plus_spread, row_sum
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.respondents import Respondents
from sim.estimation.retest import Retest, pairs_of_people, pairs_of_prompts
from sim.estimation.similarity import (
    EmbeddingCosine,
    FeatureCosine,
    GivenSimilarity,
    agreement,
    bhattacharyya,
    identity,
    jensen_shannon,
)

__all__ = [
    "Activity",
    "Bounds",
    "Choice",
    "Covariance",
    "Embedded",
    "EmbeddingCosine",
    "FeatureCosine",
    "GameDraws",
    "GameEstimator",
    "GameTerms",
    "GivenSimilarity",
    "OpinionTable",
    "Respondents",
    "Retest",
    "agreement",
    "as_estimated",
    "bhattacharyya",
    "bootstrap_clusters",
    "bootstrap_counts",
    "bootstrap_respondents",
    "by_scale",
    "combinations",
    "cumulative",
    "estimate_game",
    "gram",
    "gram_plus_spread",
    "identity",
    "jensen_shannon",
    "nominal",
    "one_hot",
    "pairs_of_people",
    "pairs_of_prompts",
    "percentile_interval",
    "prevalence",
    "reach",
    "row_sum",
    "unit_size",
]
