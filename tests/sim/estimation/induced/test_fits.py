"""Fits find the game that made the payoffs, up to what changes no equilibrium."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation.induced import PlayLog, as_matrix, exploration, fit_full, fit_scalar
from sim.heterogeneous_game import HeterogeneousGame
from sim.network import Network
from sim.simplex import tangent_basis


def random_game(seed, groups=4, accounts=5, directed=False, crowding="mean"):
    rng = np.random.default_rng(seed)
    root, close = rng.normal(size=(2, groups, groups))
    return AlignmentGame(
        attractiveness=rng.dirichlet(np.ones(groups)),
        inconsistency=root @ root.T / groups + 0.2 * np.eye(groups),
        similarity=(close @ close.T + (close if directed else 0)) / groups,
        incentives=Incentives(*rng.uniform(0.3, 1.5, size=3)),
        accounts=accounts,
        crowding=crowding,
        directed=directed,
    )


def played(game, rounds=40, noise=0.0, seed=0, profiles=None):
    profiles = exploration(game.accounts, game.dimension, profiles=rounds, seed=seed) if profiles is None else profiles
    paid = np.stack([game.payoffs(profile) for profile in profiles])
    return profiles, paid + noise * np.random.default_rng(seed).normal(size=paid.shape)


def centred(matrix):
    basis = tangent_basis(len(matrix))
    return basis @ basis.T @ matrix @ basis @ basis.T


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.sampled_from(["mean", "sum"]), st.booleans())
def test_payoffs_without_noise_give_the_game_back(seed, crowding, directed):
    game = random_game(seed, directed=directed, crowding=crowding)
    log = PlayLog.of_play(*played(game), crowding=crowding)
    fit = fit_full(log)
    price = game.incentives
    np.testing.assert_allclose(
        as_matrix(fit.inconsistency)[0], price.inconsistency * centred(game.inconsistency), atol=1e-7
    )
    np.testing.assert_allclose(as_matrix(fit.similarity)[0], price.diversity * centred(game.similarity), atol=1e-7)
    uniform = np.full((5, 4), 0.25)
    slope = game.gradients(uniform)[0]
    np.testing.assert_allclose(fit.attractiveness.values, slope - slope.mean(), atol=1e-7)
    induced = fit.induced(5).game
    own, other = np.random.default_rng(seed).dirichlet(np.ones(4), size=(2, 5))
    # The same best responses, whatever the others play: the games differ in nothing that matters.
    for profile in (own, other):
        np.testing.assert_allclose(induced.best_responses(profile), game.best_responses(profile), atol=1e-5)
    assert fit.regression.r_squared == pytest.approx(1)


def test_the_induced_equilibrium_is_the_true_one():
    game = random_game(3)
    found = homogeneous_equilibrium(fit_full(PlayLog.of_play(*played(game))).induced(5).game)
    np.testing.assert_allclose(found.mixture, homogeneous_equilibrium(game).mixture, atol=1e-8)


def test_a_gauge_shift_of_the_platform_changes_no_fit():
    game = random_game(4)
    shift = np.random.default_rng(0).normal(size=4)
    price = game.incentives
    # u1' + 1u' on C and the same on S, taken back where they pull, and a constant on a.
    pull = (2 * price.inconsistency + price.diversity) * shift / price.attractiveness
    moved = AlignmentGame(
        attractiveness=game.attractiveness + pull + 7,
        inconsistency=game.inconsistency + shift[:, None] + shift[None, :],
        similarity=game.similarity + shift[:, None] + shift[None, :],
        incentives=price,
        accounts=5,
    )
    first, second = (fit_full(PlayLog.of_play(*played(each))) for each in (game, moved))
    for part in ("attractiveness", "inconsistency", "similarity"):
        np.testing.assert_allclose(getattr(second, part).values, getattr(first, part).values, atol=1e-7)


def test_relabelling_groups_permutes_the_fit_with_its_errors():
    game = random_game(5)
    profiles, paid = played(game, noise=0.05)
    order = np.array([2, 0, 3, 1])
    first, second = fit_full(PlayLog.of_play(profiles, paid)), fit_full(PlayLog.of_play(profiles[:, :, order], paid))
    for field in ("values", "errors", "freedom"):
        one = getattr(first.attractiveness, field)
        np.testing.assert_allclose(getattr(second.attractiveness, field), one[order], rtol=1e-6)
        matrix = getattr(first.similarity, field).reshape(4, 4)[np.ix_(order, order)]
        np.testing.assert_allclose(getattr(second.similarity, field), matrix.ravel(), rtol=1e-6)


def test_scalar_fit_finds_the_incentives_and_rejects_wrong_ones():
    game = random_game(6)
    fit = fit_scalar(PlayLog.of_play(*played(game, rounds=200, noise=0.05)), game)
    truth = np.array([game.incentives.attractiveness, game.incentives.inconsistency, game.incentives.diversity])
    assert (np.abs(fit.incentives.values - truth) < 4 * fit.incentives.errors).all()
    assert fit.test(game.incentives).p_value > 0.01
    assert fit.test(Incentives(truth[0], truth[1] + 0.5, truth[2])).p_value < 1e-6
    assert fit.induced(5).game.incentives.attractiveness == pytest.approx(fit.incentives.values[0])


def test_a_payoff_from_what_others_play_is_a_nuisance_and_no_incentive():
    game = random_game(7)
    profiles, paid = played(game)
    others = (profiles.sum(axis=1, keepdims=True) - profiles) / 4
    log = PlayLog.of_play(profiles, paid + others @ np.array([3.0, -1.0, 0.0, 2.0]))
    truth = np.array([game.incentives.attractiveness, game.incentives.inconsistency, game.incentives.diversity])
    np.testing.assert_allclose(fit_scalar(log, game).incentives.values, truth, atol=1e-7)
    assert not np.allclose(fit_scalar(log, game, nuisance=False).incentives.values, truth, atol=0.05)


def test_accounts_on_a_network_meet_their_neighbours():
    game = random_game(8, accounts=6)
    graph = nx.cycle_graph(6)
    real = HeterogeneousGame.of(game, graph)
    profiles, paid = played(real)
    truth = np.array([game.incentives.attractiveness, game.incentives.inconsistency, game.incentives.diversity])
    right = PlayLog.of_play(profiles, paid, network=Network.of(graph))
    np.testing.assert_allclose(fit_scalar(right, game).incentives.values, truth, atol=1e-7)
    blind = fit_scalar(PlayLog.of_play(profiles, paid), game)
    assert not np.allclose(blind.incentives.values, truth, atol=0.05)


@pytest.mark.parametrize("intercepts", ["account", "round"])
def test_levels_of_accounts_or_rounds_are_taken_out(intercepts):
    game = random_game(9)
    profiles, paid = played(game)
    levels = np.random.default_rng(1).normal(size=paid.shape[1] if intercepts == "account" else (len(paid), 1))
    log = PlayLog.of_play(profiles, paid + 5 * levels)
    truth = np.array([game.incentives.attractiveness, game.incentives.inconsistency, game.incentives.diversity])
    np.testing.assert_allclose(fit_scalar(log, game, intercepts=intercepts).incentives.values, truth, atol=1e-6)


def test_symmetry_is_tested_and_may_be_assumed():
    fair, unfair = random_game(10), random_game(10, directed=True)
    p_values = [fit_full(PlayLog.of_play(*played(game, 150, 0.05))).symmetry().p_value for game in (fair, unfair)]
    assert p_values[0] > 0.01
    assert p_values[1] < 1e-3
    assumed = fit_full(PlayLog.of_play(*played(fair, 150, 0.05)), symmetric=True)
    matrix = as_matrix(assumed.similarity)[0]
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    free = fit_full(PlayLog.of_play(*played(fair, 150, 0.05)))
    assert assumed.similarity.errors.mean() < free.similarity.errors.mean()
    assert not assumed.induced(5).game.directed
    with pytest.raises(InputError, match="symmetric"):
        assumed.symmetry()


def test_upward_curvature_is_mended_and_said():
    game = random_game(11)
    profiles, paid = played(game)
    bent = paid + 4 * profiles[:, :, 0] ** 2
    induced = fit_full(PlayLog.of_play(profiles, bent)).induced(5)
    assert induced.mended > 1
    assert np.linalg.eigvalsh(induced.game.inconsistency)[0] > -1e-9
    assert fit_full(PlayLog.of_play(profiles, paid)).induced(5).mended == 0


def test_a_negative_incentive_stays_visible_and_counts_as_zero_in_the_game():
    game = random_game(12)
    profiles, paid = played(game)
    others = (profiles.sum(axis=1, keepdims=True) - profiles) / 4
    reward = 3 * np.sum(profiles * (others @ game.similarity), axis=2)
    fit = fit_scalar(PlayLog.of_play(profiles, paid + reward), game)
    assert fit.incentives.values[2] == pytest.approx(game.incentives.diversity - 3)
    induced = fit.induced(5)
    assert induced.game.incentives.diversity == 0
    assert induced.mended == pytest.approx(3 - game.incentives.diversity)


def test_bad_choices_are_named():
    game = random_game(13)
    log = PlayLog.of_play(*played(game))
    with pytest.raises(InputError, match="clusters"):
        fit_full(log, clusters="week")
    with pytest.raises(InputError, match="intercepts"):
        fit_full(log, intercepts="none")
    with pytest.raises(InputError, match="3 groups"):
        fit_scalar(log, random_game(13, groups=3))
    with pytest.raises(InputError, match=r"30 coefficients|rows"):
        fit_full(PlayLog.of_play(*played(game, rounds=4)))
