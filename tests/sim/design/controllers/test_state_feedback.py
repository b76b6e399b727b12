"""State feedback: the law by hand, and the damping it was made for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from sim.design.controllers import StateFeedback
from sim.errors import InputError
from sim.oversight import InspectionGame, linearise

GAME = InspectionGame(aligned=1.0, misaligned=-1.0, catch=1.0, false_positive=0.5, audit_cost=0.2, private_gain=0.5)
RNG = np.random.default_rng(0)


def test_it_leans_against_what_is_reported_and_stays_in_the_box() -> None:
    controller = StateFeedback([1.0, 2.0], [1.0, -0.5], "p", target=0.4, gain=2.0, low=[0.5, 0.0], high=[3.0, 2.1])
    assert controller.propose(RNG).tolist() == [1.0, 2.0]
    controller.observe(controller.propose(RNG), 0.0, {"p": 0.5, "q": 9.0})
    np.testing.assert_allclose(controller.propose(RNG), [0.8, 2.1])
    controller.observe(controller.propose(RNG), 0.0, {"p": 1.0})
    np.testing.assert_allclose(controller.propose(RNG), [0.5, 2.1])
    assert controller.recommend().tolist() == [1.0, 2.0]


def cycle(gain: float, step: float = 0.02, rounds: int = 6000) -> np.ndarray:
    """Distance from the equilibrium by round, of learners who take turns under a principal who sees p alone."""
    rest = GAME.equilibrium()
    principal = StateFeedback([GAME.aligned, GAME.misaligned], [1.0, 0.0], "aligned", rest.aligned, gain)
    x, y, far = logit(rest.aligned + 0.1), logit(rest.audited), []
    for _ in range(rounds):
        aligned, misaligned = principal.propose(RNG)
        x += step * (expit(y) * (aligned - misaligned) - GAME.private_gain)
        y += step * GAME.audit_margin(float(expit(x)))
        principal.observe(np.array([aligned, misaligned]), 0.0, {"aligned": float(expit(x))})
        far.append(np.hypot(expit(x) - rest.aligned, expit(y) - rest.audited))
    return np.array(far)


def test_it_damps_the_inspection_game_at_the_rate_of_theory() -> None:
    """From one turn to the next the distance shrinks by exp(-damping x period); without feedback it stays."""
    turn = round(linearise(GAME).period / 0.02)
    for gain in (0.0, 0.5):
        far = cycle(gain)
        shrunk = np.log(far[:turn].max() / far[4 * turn : 5 * turn].max()) / (4 * turn * 0.02)
        assert shrunk == pytest.approx(linearise(GAME, feedback=gain).damping, abs=0.004)
    assert linearise(GAME, feedback=0.5).damping > 0.01


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: StateFeedback([0.0], [1.0, 2.0], "p", 0.5, 1.0), "direction"),
        (lambda: StateFeedback([0.0], [1.0], "p", 0.5, -1.0), "gain"),
        (lambda: StateFeedback([0.0], [1.0], "p", float("nan"), 1.0), "target"),
        (lambda: StateFeedback([0.0], [1.0], "p", 0.5, 1.0, low=[1.0]), "base"),
        (lambda: StateFeedback([0.0], [1.0], "p", 0.5, 1.0).observe(np.zeros(1), 0.0, {"q": 1.0}), "name"),
        (lambda: StateFeedback([0.0], [1.0], "p", 0.5, 1.0).observe(np.zeros(1), 0.0, {"p": float("nan")}), "value"),
    ],
)
def test_bad_input_is_named(make, field) -> None:
    with pytest.raises(InputError, match=field):
        make()
