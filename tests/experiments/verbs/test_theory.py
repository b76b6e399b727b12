"""The verbs give what the functions they compose give, and what `equipolis audit` gives."""

import numpy as np
import pytest

from experiments.making import made
from experiments.verbs import Incentives, design, estimate, load, map_incentives, solve
from experiments.verbs.theory import SURVEY
from sim.alignment_game import AlignmentGame
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame

TABLE = """question,option,group,n
Trust in courts?,yes,North,120
Trust in courts?,no,North,80
Trust in courts?,yes,South,20
Trust in courts?,no,South,130
Trust in courts?,yes,Islands,18
Trust in courts?,no,Islands,4
"""


@pytest.fixture
def survey(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(TABLE)
    return load(file)


def test_from_a_file_to_a_lever_that_holds(survey):
    found = estimate(survey, draws=20)
    game = found.game(Incentives(2.0, 1.0, 0.5), accounts=12)
    assert (game.accounts, game.groups) == (12, ("North", "South", "Islands"))
    now = solve(game)
    assert now.mixture.min() < 0.05, "the example must leave a group out, or the lever has nothing to do"

    levers = design(game)
    assert list(levers) == ["together", "attractiveness", "inconsistency", "diversity"]
    changed = levers["attractiveness"].incentives
    assert changed.attractiveness < 2.0
    after = solve(game.with_incentives(attractiveness=changed.attractiveness))
    assert after.mixture.min() >= 0.05 * (1 - 1e-9)

    surely = design(game, draws=found.draws, share=0.9)
    assert surely["attractiveness"].share >= 0.9
    assert surely["attractiveness"].incentives.attractiveness < changed.attractiveness


def test_a_map_around_the_present_holds_the_present_equilibrium(survey):
    game = estimate(survey, draws=0).game(Incentives(0.3, 1.0, 0.5))
    around = {"attractiveness": [0.03, 0.3, 3.0], "inconsistency": 1.0, "diversity": [0.05, 0.5, 5.0]}
    drawn = map_incentives(game, around)
    assert drawn.groups == game.groups
    np.testing.assert_allclose(drawn.mixtures[1, 1], solve(game).mixture, atol=1e-12)
    assert map_incentives(game).mixtures.shape == (200, 200, 3)


def test_estimates_are_those_of_the_audit(composed, survey):
    estimator = made(composed("experiment=audit", "data.path=people.csv").study.estimator)
    for mine, audits in zip(SURVEY(survey.table), estimator(survey.table), strict=True):
        np.testing.assert_array_equal(mine, audits)


def test_accounts_that_differ_are_solved_as_such():
    a, c, s = np.array([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]]), np.eye(3), np.eye(3)
    found = solve(
        HeterogeneousGame(attractiveness=a, inconsistency=c, similarity=s, incentives=Incentives(1.0, 1.0, 1.0))
    )
    assert found.profile.shape == (2, 3)
    assert found.exploitability < 1e-12
    alike = AlignmentGame(
        attractiveness=a[0], inconsistency=c, similarity=s, incentives=Incentives(1, 1, 1), accounts=2
    )
    np.testing.assert_array_equal(solve(alike).mixture, homogeneous_equilibrium(alike).mixture)


def test_what_can_not_be_done_is_refused_by_name(survey):
    with pytest.raises(InputError, match="draws"):
        estimate(survey, draws=1)
    assert estimate(survey, draws=0).draws is None
    summed = AlignmentGame(
        attractiveness=[0.5, 0.5],
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=Incentives(1, 1, 1),
        accounts=5,
        crowding="sum",
    )
    for verb in (map_incentives, design):
        with pytest.raises(InputError, match="crowding"):
            verb(summed)
