"""From answers to incentives: estimate a, C and S of the alignment game from an opinion table."""

from sim.estimation.attractiveness import prevalence, reach
from sim.estimation.estimate_game import estimate_game
from sim.estimation.features import by_scale, cumulative, nominal, one_hot
from sim.estimation.inconsistency import gram, gram_plus_spread, row_sum
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.respondents import Respondents
from sim.estimation.similarity import agreement, bhattacharyya, identity

__all__ = [
    "OpinionTable",
    "Respondents",
    "agreement",
    "bhattacharyya",
    "by_scale",
    "cumulative",
    "estimate_game",
    "gram",
    "gram_plus_spread",
    "identity",
    "nominal",
    "one_hot",
    "prevalence",
    "reach",
    "row_sum",
]
