"""Real people as the yardstick: every group alike is the worst that a model without signal can do."""

import numpy as np

from experiments.studies.language.yardstick import answering_alike
from sim.estimation import gram, gram_plus_spread


def test_answering_alike_leaves_the_spread_only(opinions_of_people):
    opinions = opinions_of_people()
    table = opinions.answers.opinion_table(opinions.shares)
    alike = answering_alike(table)
    np.testing.assert_allclose(gram(alike), 0.0, atol=1e-15)
    spread = np.diag(gram_plus_spread(alike))
    np.testing.assert_allclose(spread, spread[0])
    for before, after in zip(table.mean_answers(), alike.mean_answers(), strict=True):
        np.testing.assert_allclose(before, after)
