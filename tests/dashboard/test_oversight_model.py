"""The phase portrait is the library's learners and margins."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.dashboard.oversight_model import RULES, STARTS, flow, portrait
from sim.errors import InputError
from sim.oversight import InspectionGame, simultaneous, simultaneous_growth

GAME = InspectionGame(
    aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5, check_rate=0.1
)


def test_paths_and_rest_are_the_librarys():
    found = portrait(GAME, "at once", step=0.2, rounds=50)
    for path, start in zip(found.paths, STARTS, strict=True):
        wanted = simultaneous(GAME, start, step=0.2, rounds=50)
        assert np.abs(path.aligned - wanted.aligned).max() <= 1e-9
        assert np.abs(path.audited - wanted.audited).max() <= 1e-9
    assert found.equilibrium == GAME.equilibrium()
    assert found.growth == pytest.approx(simultaneous_growth(GAME, 0.2), abs=1e-9)


def test_the_flow_is_where_small_steps_go():
    p, q, motion = flow(GAME, points=5)
    small = 1e-6
    for i in range(5):
        for j in range(5):
            path = simultaneous(GAME, (p[i, j], q[i, j]), step=small, rounds=1)
            moved = np.array([path.aligned[1] - path.aligned[0], path.audited[1] - path.audited[0]]) / small
            assert np.abs(moved - motion[i, j]).max() <= 1e-5


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_draws_a_game_without_a_centre_too(rule):
    harmless = InspectionGame(
        aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=9.0
    )
    assert portrait(harmless, rule, step=0.2, rounds=20).motion is None


def test_an_unknown_rule_is_refused():
    with pytest.raises(InputError, match="rule"):
        portrait(GAME, "by heart", step=0.2, rounds=5)
