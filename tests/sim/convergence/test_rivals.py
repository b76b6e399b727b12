"""A run at the prediction rejects far rivals, and admits that it can't reject near ones."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.convergence import judge, judge_rivals
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError


@pytest.fixture
def game():
    return AlignmentGame(
        attractiveness=np.array([0.5, 0.3, 0.2]),
        inconsistency=np.diag([0.4, 0.4, 0.4]),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 1.0, 0.5),
        accounts=6,
    )


def runs_at(mixture, noise=0.004):
    rng = np.random.default_rng(0)
    runs = np.tile(mixture, (3, 61, 6, 1)) + noise * rng.normal(size=(3, 61, 6, 3))
    return runs / runs.sum(axis=-1, keepdims=True)


def test_near_rivals_are_admitted_far_ones_rejected(game):
    right = homogeneous_equilibrium(game).mixture
    near, far = right + np.array([0.01, -0.01, 0.0]), np.array([0.1, 0.2, 0.7])
    judged = judge_rivals(runs_at(right), game, right, {"far": far, "near": near}, tolerance=0.05)
    assert [rival.name for rival in judged] == ["near", "far"]
    assert judged[0].kind == "converged"
    assert judged[1].kind != "converged"
    assert judged[0].separation == pytest.approx(0.01)


def test_a_rival_off_the_simplex_is_named(game):
    right = homogeneous_equilibrium(game).mixture
    with pytest.raises(InputError, match="rival bad"):
        judge_rivals(runs_at(right), game, right, {"bad": [0.5, 0.6, 0.5]})


def test_one_seed_that_rests_clearly_elsewhere_speaks_against_convergence(game):
    right = homogeneous_equilibrium(game).mixture
    away = right + np.array([0.15, -0.15, 0.0])
    runs = np.concatenate([np.tile(right, (9, 61, 6, 1)), np.tile(away, (1, 61, 6, 1))])
    verdict = judge(runs, game, right, tolerance=0.08)
    assert verdict.seeds[-1].kind != "converged"
    assert verdict.kind == "undecided", verdict.reasons
