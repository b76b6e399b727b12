from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import homogeneous_equilibrium, stability_number
from sim.errors import InputError
from sim.simplex import sample_uniform

seeds = st.integers(0, 100_000)


def game_of(**changes):
    fields = {
        "attractiveness": np.array([0.5, 0.3, 0.2]),
        "inconsistency": np.diag([1.0, 2.0, 3.0]),
        "similarity": np.eye(3),
        "incentives": Incentives(1, 1, 1),
        "accounts": 3,
    }
    return AlignmentGame(**(fields | changes))


def test_payoffs_by_the_definition(random_game):
    game = random_game(3)
    profile = sample_uniform(np.random.default_rng(0), game.dimension, game.accounts)
    price, b = game.incentives, game.crowding_weight
    for m, utility in enumerate(game.payoffs(profile)):
        crowd = sum(profile[m] @ game.similarity @ profile[n] for n in range(game.accounts) if n != m)
        by_hand = (
            price.attractiveness * game.attractiveness @ profile[m]
            - price.inconsistency * profile[m] @ game.inconsistency @ profile[m]
            - b * crowd
        )
        assert utility == pytest.approx(by_hand, abs=1e-13)


@pytest.mark.parametrize("crowding", ["mean", "sum"])
def test_gradients_are_the_derivatives_of_the_payoffs_and_of_the_potential(random_game, crowding):
    game = replace(random_game(4), crowding=crowding)
    rng = np.random.default_rng(1)
    profile = 0.9 * sample_uniform(rng, game.dimension, game.accounts) + 0.1 / game.dimension
    direction = rng.normal(size=game.dimension)
    direction -= direction.mean()
    push = np.zeros_like(profile)
    push[1] = 1e-5 * direction
    slope = game.gradients(profile)[1] @ direction
    change = game.payoffs(profile + push)[1] - game.payoffs(profile - push)[1]
    assert change / 2e-5 == pytest.approx(slope, abs=1e-8)
    assert (game.potential(profile + push) - game.potential(profile - push)) / 2e-5 == pytest.approx(slope, abs=1e-8)


@given(seeds)
def test_potential_is_exact(seed):
    rng = np.random.default_rng(seed)
    game = game_of(similarity=np.diag(rng.uniform(-1, 2, 3)), accounts=4)
    before = sample_uniform(rng, 3, 4)
    after = before.copy()
    after[2] = sample_uniform(rng, 3)
    gain = game.payoffs(after)[2] - game.payoffs(before)[2]
    assert game.potential(after) - game.potential(before) == pytest.approx(gain, abs=1e-13)


@given(seeds, st.floats(0, 0.3))
def test_best_response_never_lowers_utility_and_keeps_inputs(seed, floor):
    rng = np.random.default_rng(seed)
    game = game_of(incentives=Incentives(*rng.uniform(0, 3, 3)), accounts=int(rng.integers(1, 5)))
    profile = sample_uniform(rng, 3, game.accounts) * (1 - 3 * floor) + floor
    untouched = profile.copy()
    moved = profile.copy()
    moved[0] = game.best_response(0, profile, floor)
    assert np.array_equal(profile, untouched)
    assert moved[0].min() >= floor
    assert abs(moved[0].sum() - 1) <= 1e-14
    assert game.payoffs(moved)[0] >= game.payoffs(profile)[0] - 1e-14


@given(seeds, st.floats(-50, 50), st.floats(-50, 50), st.floats(-50, 50))
def test_gauge_shifts_change_no_equilibrium_and_no_stability(seed, shift_a, shift_c, shift_s):
    rng = np.random.default_rng(seed)
    game = game_of(attractiveness=rng.normal(size=3), incentives=Incentives(*rng.uniform(0.1, 3, 3)))
    shifted = replace(
        game,
        attractiveness=game.attractiveness + shift_a,
        inconsistency=game.inconsistency + shift_c,
        similarity=game.similarity + shift_s,
    )
    first, second = homogeneous_equilibrium(game), homogeneous_equilibrium(shifted)
    assert np.allclose(first.mixture, second.mixture, atol=1e-10)
    assert np.allclose(first.relaxed, second.relaxed, atol=1e-10)
    assert stability_number(shifted) == pytest.approx(stability_number(game), rel=1e-9)


@given(seeds, st.permutations(range(3)))
def test_relabelling_groups_permutes_the_result(seed, order):
    rng = np.random.default_rng(seed)
    game = game_of(attractiveness=rng.normal(size=3), incentives=Incentives(*rng.uniform(0.1, 3, 3)))
    block = np.ix_(order, order)
    relabelled = replace(
        game,
        attractiveness=game.attractiveness[order],
        inconsistency=game.inconsistency[block],
        similarity=game.similarity[block],
    )
    here, there = homogeneous_equilibrium(game), homogeneous_equilibrium(relabelled)
    assert np.allclose(there.mixture, here.mixture[order], atol=1e-13)
    assert there.interior == here.interior
    profile = sample_uniform(rng, 3, 3)
    assert np.allclose(relabelled.payoffs(profile[:, order]), game.payoffs(profile), atol=1e-13)


def test_number_of_accounts_drops_out_of_the_mean_normalisation():
    few, many = game_of(accounts=2), game_of(accounts=500)
    assert np.array_equal(few.consensus_matrix, many.consensus_matrix)
    assert few.crowding_weight == pytest.approx(499 * many.crowding_weight)
    assert game_of(accounts=4, crowding="sum").crowding_weight == 1.0
    assert np.allclose(game_of(accounts=4, crowding="sum").consensus_matrix, 2 * np.diag([1.0, 2, 3]) + 3 * np.eye(3))


@pytest.mark.parametrize("crowding", ["mean", "sum"])
def test_a_single_account_has_no_one_to_crowd(crowding):
    game = game_of(accounts=1, crowding=crowding, incentives=Incentives(1, 1, 7))
    assert game.crowding_weight == 0
    assert np.array_equal(game.consensus_matrix, 2 * game.inconsistency)
    assert np.array_equal(game.disagreement_matrix, 2 * game.inconsistency)
    alone = game.payoffs([[0.2, 0.3, 0.5]])
    assert alone == pytest.approx(game.with_incentives(diversity=0).payoffs([[0.2, 0.3, 0.5]]))


def test_arrays_are_private_read_only_copies():
    mine = np.array([0.5, 0.3, 0.2])
    game = game_of(attractiveness=mine)
    mine[0] = 99.0
    assert game.attractiveness[0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        game.inconsistency[0, 0] = 1.0


def test_with_incentives_changes_only_what_is_given():
    changed = game_of().with_incentives(diversity=4)
    assert changed.incentives == Incentives(1, 1, 4)
    with pytest.raises(InputError, match=r"incentives\.diversity = -1"):
        changed.with_incentives(diversity=-1)


ASYMMETRIC = np.array([[1, 0.5, 0], [0, 1, 0], [0, 0, 1]])


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"attractiveness": [1.0]}, "attractiveness", "at least 2 groups"),
        ({"attractiveness": [1.0, np.inf, 0]}, "attractiveness[1]", "finite"),
        ({"attractiveness": [[1.0, 2.0, 3.0]]}, "attractiveness", "expected 1 axes"),
        ({"inconsistency": np.eye(2)}, "inconsistency", "expected shape (3, 3)"),
        ({"inconsistency": np.diag([1, 1, np.nan])}, "inconsistency[2, 2]", "finite"),
        ({"inconsistency": ASYMMETRIC}, "inconsistency[0, 1] - inconsistency[1, 0]", "must be symmetric"),
        ({"inconsistency": np.diag([1.0, 1, -4])}, "inconsistency", "eigenvalue -2.33333 on the tangent space"),
        ({"similarity": ASYMMETRIC}, "similarity[0, 1] - similarity[1, 0]", "must be symmetric"),
        ({"accounts": 0}, "accounts", "integer >= 1"),
        ({"accounts": 2.5}, "accounts", "integer >= 1"),
        ({"crowding": "median"}, "crowding", '"mean" or "sum"'),
        ({"groups": ("a", "b")}, "groups", "expected 3 names"),
        ({"groups": ("a", "b", "a")}, "groups", "a name of its own"),
        ({"incentives": (1, 1, 1)}, "incentives", "expected an Incentives"),
    ],
)
def test_bad_games_name_the_field_and_the_remedy(changes, field, words):
    with pytest.raises(InputError) as caught:
        game_of(**changes)
    assert caught.value.field == field
    assert words in str(caught.value)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, "much"])
def test_bad_incentives_are_refused(bad):
    with pytest.raises(InputError, match=r"incentives\.attractiveness"):
        Incentives(bad, 1, 1)


def test_bad_accounts_and_profiles_are_refused():
    game = game_of()
    with pytest.raises(InputError, match="below the number of accounts, 3"):
        game.best_response(3, np.full((3, 3), 1 / 3))
    with pytest.raises(InputError, match=r"\(accounts, groups\) = \(3, 3\)"):
        game.payoffs(np.full((2, 3), 1 / 3))
