"""Unseen rounds: the fit beats what is published where that is wrong, and does not where it is right."""

from dataclasses import replace

import numpy as np
import pytest

from sim.errors import InputError
from sim.estimation.induced import PlayLog, Published, Quadratic, WithShapes, exploration, held_out
from sim.estimation.induced.held_out import HeldOut
from sim.randomness import generator


def log_of(play, rounds=150, seed=0):
    profiles = exploration(play.accounts, 3, profiles=rounds, seed=seed)
    return PlayLog.of_play(profiles, play.payoffs(profiles, generator(seed, round=0, agent=-1, purpose="play")))


def models(game):
    return {"quadratic": Quadratic(), "shapes": WithShapes(game), "published": Published(game)}


def test_a_right_publication_is_not_beaten(kernels):
    play = kernels()
    found = held_out(log_of(play), models(play.game))
    assert set(found.losses) == {"quadratic", "shapes", "published"}
    assert all(0.3 < share < 1 for share in found.r_squared.values())
    test = found.paired("quadratic", "published")
    assert not (test.difference < 0 and test.p_value < 0.05)


def test_wrong_coefficients_are_beaten_by_both_fits_and_wrong_shapes_by_the_full_one(kernels):
    play = kernels()
    claimed = play.game.with_incentives(attractiveness=3.0, inconsistency=0.0)
    found = held_out(log_of(play), models(claimed))
    for fit in ("quadratic", "shapes"):
        test = found.paired(fit, "published")
        assert test.high < 0
        assert test.p_value < 1e-6
    twisted = replace(play.game, inconsistency=np.diag([0.1, 3.0, 0.1]), attractiveness=np.array([0.1, 0.1, 0.8]))
    found = held_out(log_of(play), models(twisted))
    assert found.paired("quadratic", "shapes").high < 0


def test_a_level_is_learned_to_the_benefit_of_what_is_published(kernels):
    play = kernels()
    log = log_of(play)
    raised = PlayLog.of_play(log.mixtures.reshape(150, 6, 3), log.payoffs.reshape(150, 6) + 9)
    first, second = (held_out(each, models(play.game)) for each in (log, raised))
    for name in first.losses:
        np.testing.assert_allclose(first.losses[name], second.losses[name], atol=1e-9)


def test_rounds_that_are_predicted_play_no_part_in_the_fit(kernels):
    """Payoffs of the last block, turned upside down, must not change how it is predicted."""
    play = kernels()
    log = log_of(play, rounds=50)
    paid = log.payoffs.reshape(50, 6).copy()
    paid[40:] = 100.0
    changed = PlayLog.of_play(log.mixtures.reshape(50, 6, 3), paid)
    loss = held_out(changed, {"quadratic": Quadratic()}).losses["quadratic"]
    assert loss[40:].min() > 99**2


def test_the_paired_test_is_a_t_test_with_room_for_lasting_errors():
    rng = np.random.default_rng(0)
    quiet = rng.normal(size=400)
    lasting = np.convolve(quiet, np.ones(8), "valid")[:390]
    tests = []
    for gap in (quiet[:390] + 0.1, lasting + 0.1):
        found = HeldOut(np.arange(390.0), {"one": gap, "other": np.zeros(390)}, {})
        tests.append(found.paired("one", "other"))
    naive = [float(gap.std(ddof=1) / np.sqrt(390)) for gap in (quiet[:390], lasting)]
    widths = [(test.high - test.low) / 2 / 1.966 for test in tests]
    assert widths[0] == pytest.approx(naive[0], rel=0.15)
    assert widths[1] > 1.8 * naive[1]
    assert tests[0].difference == pytest.approx(quiet[:390].mean() + 0.1)
    assert found.paired("other", "one").difference == -tests[1].difference


def test_equal_models_differ_in_nothing(kernels):
    play = kernels()
    found = held_out(log_of(play, 30), {"one": Published(play.game), "two": Published(play.game)})
    assert found.paired("one", "two") == (0.0, 0.0, 0.0, 1.0)


def test_too_few_rounds_and_unknown_models_are_named(kernels):
    play = kernels()
    with pytest.raises(InputError, match="6 rounds; use at most 3"):
        held_out(log_of(play, 6), models(play.game))
    with pytest.raises(InputError, match="'naive'"):
        held_out(log_of(play, 40), models(play.game)).paired("quadratic", "naive")
