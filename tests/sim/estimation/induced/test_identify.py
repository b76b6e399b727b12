"""A log that can't tell a coefficient says which, and why."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.errors import InputError
from sim.estimation.induced import NotIdentifiedError, PlayLog, exploration, fit_full, fit_scalar, predict

GAME = AlignmentGame(
    attractiveness=np.array([0.5, 0.3, 0.2]),
    inconsistency=np.array([[0.4, 0.1, 0.0], [0.1, 0.3, 0.05], [0.0, 0.05, 0.6]]),
    similarity=np.eye(3),
    incentives=Incentives(1.0, 0.8, 0.5),
    accounts=4,
)
SCATTERED = exploration(4, 3, profiles=40)


def log_of(profiles, game=GAME, noise=0.01):
    paid = np.stack([game.payoffs(profile) for profile in profiles])
    return PlayLog.of_play(profiles, paid + noise * np.random.default_rng(0).normal(size=paid.shape))


def test_a_scattered_log_tells_everything():
    found = fit_full(log_of(SCATTERED)).identification
    assert {told.part: told.status for told in found.parts} == dict.fromkeys(
        ("attractiveness", "inconsistency", "crowding", "nuisance"), "told"
    )
    assert (found.own_directions, found.met_directions, found.alike) == (2, 2, False)


def test_others_that_never_vary_hide_crowding_behind_attractiveness():
    profiles = np.repeat(np.full((1, 4, 3), 1 / 3), 40, axis=0)
    profiles[:, 0] = SCATTERED[:, 0]  # only the first account moves, and only its rows are logged
    log = log_of(profiles)
    log = log.only(log.accounts == 0)
    fit = fit_full(log)
    crowding = fit.identification["crowding"]
    assert crowding.status == "not told"
    assert crowding.identified == 0
    assert "the others' mixtures never varied" in crowding.why
    assert fit.identification["inconsistency"].status == "told"
    assert np.isnan(fit.similarity.values).all()
    # The linear part is known all the same: at the uniform profile, crowding included.
    slope = GAME.gradients(np.full((4, 3), 1 / 3))[0]
    np.testing.assert_allclose(fit.attractiveness.values, slope - slope.mean(), atol=0.05)
    with pytest.raises(NotIdentifiedError, match=r"not told: crowding.*others' mixtures never varied"):
        predict(fit, accounts=4)


def test_accounts_alike_can_not_tell_what_they_play_from_what_they_meet():
    with pytest.raises(NotIdentifiedError) as caught:
        fit_full(log_of(np.repeat(SCATTERED[:, :1], 4, axis=1)))
    why = caught.value.remedy
    assert "inconsistency: accounts play alike in every round" in why
    assert "moves together with crowding by others" in why


def test_alike_accounts_still_tell_shapes_apart_that_differ():
    alike = np.repeat(SCATTERED[:, :1], 4, axis=1)
    fit = fit_scalar(log_of(alike), GAME, nuisance=False)
    np.testing.assert_allclose(fit.incentives.values, [1.0, 0.8, 0.5], atol=0.2)
    same = AlignmentGame(
        attractiveness=GAME.attractiveness,
        inconsistency=np.eye(3),
        similarity=np.eye(3),
        incentives=GAME.incentives,
        accounts=4,
    )
    fit = fit_scalar(log_of(alike, same), same, nuisance=False)
    assert fit.identification["attractiveness"].status == "told"
    for part, other in (("inconsistency", "crowding"), ("crowding", "inconsistency")):
        told = fit.identification[part]
        assert told.status == "not told"
        assert other in told.why
    assert np.isnan(fit.incentives.values).tolist() == [False, True, True]
    assert np.isnan(fit.test(GAME.incentives).p_value)


def test_mixtures_along_a_line_tell_one_direction():
    share = np.random.default_rng(1).random((40, 4, 1))
    line = share * np.array([0.8, 0.1, 0.1]) + (1 - share) * np.array([0.1, 0.1, 0.8])
    fit = fit_full(log_of(line))
    found = fit.identification
    assert found.own_directions == 1
    assert {told.part: (told.identified, told.coefficients) for told in found.parts} == {
        "attractiveness": (0, 2),
        "inconsistency": (1, 3),
        "crowding": (1, 4),
        "nuisance": (0, 2),
    }
    for part in ("attractiveness", "inconsistency", "crowding"):
        assert found[part].status == "not told"
        assert "along a line" in found[part].why
    # The curvature along the line itself is known: no single entry of bI C, but this combination of them.
    along = np.array([1.0, 0.0, -1.0])
    told = fit.regression.combine(np.kron(along, along)[None, :] @ fit._maps()[1])
    assert told.values[0] == pytest.approx(0.8 * along @ GAME.inconsistency @ along, abs=0.1)
    assert np.isnan(fit.inconsistency.values).all()


def test_collinear_shapes_are_named():
    # On the line between two vertices w'w is a function of (w_0 - 1/2)^2, and so is this attractiveness of a square.
    share = np.random.default_rng(2).choice([0.2, 0.8], size=(40, 4, 1))
    two = np.concatenate([share, 1 - share, np.zeros_like(share)], axis=2)
    game = AlignmentGame(
        attractiveness=np.array([1.0, 0.0, 0.0]),
        inconsistency=np.diag([1.0, 0.0, 0.0]),
        similarity=np.eye(3),
        incentives=GAME.incentives,
        accounts=4,
    )
    found = fit_scalar(log_of(two, game), game, nuisance=False).identification
    assert found["crowding"].status == "told"
    assert "inconsistency" in found["attractiveness"].why
    assert "attractiveness" in found["inconsistency"].why


def test_small_scatter_is_weakly_told_with_its_inflation():
    # A tiny curve bends away from a line: everything is identified in principle, with large errors.
    near = 0.98 * np.array([0.4, 0.35, 0.25]) + 0.02 * SCATTERED[:, :1] + 1e-4 * (SCATTERED - SCATTERED[:, :1])
    found = fit_full(log_of(near / near.sum(axis=2, keepdims=True))).identification
    assert {told.status for told in found.parts if told.part != "nuisance"} <= {"weakly told", "not told"}
    weak = [told for told in found.parts if told.status == "weakly told"]
    assert weak
    assert all(told.inflation > 100 for told in weak)
    assert all("moves together" in told.why for told in weak)


def test_nothing_to_tell_is_an_error_with_a_reason():
    still = np.repeat(SCATTERED[:1], 40, axis=0)[:, :, :]
    still = np.repeat(still[:, :1], 4, axis=1)
    with pytest.raises(NotIdentifiedError, match=r"not told: attractiveness, inconsistency, crowding") as caught:
        fit_full(log_of(still))
    assert isinstance(caught.value, InputError)
    assert "no account ever changed its mixture" in caught.value.remedy
    assert "exploration()" in caught.value.remedy


def test_sentences_name_every_part():
    lines = fit_full(log_of(SCATTERED)).identification.sentences()
    assert [line.split(":")[0] for line in lines] == ["attractiveness", "inconsistency", "crowding", "nuisance"]
    assert "2 of 2 coefficients" in lines[0]
