"""What every learning rule must satisfy, and when each converges."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import (
    AsynchronousBestResponse,
    Entropic,
    Euclidean,
    ExactFeedback,
    ExponentiatedGradient,
    ExtraGradient,
    FictitiousPlay,
    Floored,
    FollowTheRegularisedLeader,
    OptimisticGradient,
    OptimisticMultiplicativeWeights,
    ProjectedGradient,
    RegretMatching,
    Replicator,
    SequentialBestResponse,
    SimultaneousBestResponse,
    State,
    StepSize,
    simulate,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.simplex import sample_uniform, total_variation

STEP = StepSize(0.2)
RULES = {
    "simultaneous": SimultaneousBestResponse(),
    "damped": SimultaneousBestResponse(0.4),
    "sequential": SequentialBestResponse(),
    "one at a time": SequentialBestResponse(sweep=False),
    "gradient": ProjectedGradient(STEP),
    "exponentiated": ExponentiatedGradient(STEP),
    "replicator": Replicator(STEP),
    "regret matching": RegretMatching(),
    "regret matching plus": RegretMatching(plus=True),
    "euclidean leader": FollowTheRegularisedLeader(STEP, Euclidean()),
    "entropic leader": FollowTheRegularisedLeader(STEP, Entropic()),
    "asynchronous": AsynchronousBestResponse(),
    "fictitious play": FictitiousPlay(),
    "optimistic gradient": OptimisticGradient(StepSize(0.08)),
    "optimistic weights": OptimisticMultiplicativeWeights(STEP),
    "extra-gradient": ExtraGradient(StepSize(0.1)),
    "floored exponentiated": Floored(ExponentiatedGradient(STEP), 0.02),
    "floored sequential": Floored(SequentialBestResponse(), 0.02),
    "floored leader": Floored(FollowTheRegularisedLeader(STEP, Euclidean()), 0.02),
}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())


def random_start(game, seed=0):
    return sample_uniform(np.random.default_rng(seed), game.dimension, game.accounts)


def move(rule, game, profile, played=0):
    return rule.step(State(profile), ExactFeedback(game, played), np.random.default_rng(0)).profile


@every_rule
@pytest.mark.parametrize("seed", range(8))
def test_stays_on_the_simplex_and_changes_no_input(random_game, rule, seed):
    game = random_game(seed)
    profile = random_start(game, seed)
    untouched = profile.copy()
    for played in range(20):
        moved = move(rule, game, profile, played)
        assert moved is not profile
        assert moved.min() >= getattr(rule, "floor", 0.0)
        assert np.abs(moved.sum(axis=1) - 1).max() <= 1e-12
        if played == 0:
            assert np.array_equal(profile, untouched)
        profile = moved


@every_rule
@pytest.mark.parametrize("attraction", [1.0, 15.0], ids=["mild", "boundary"])
@pytest.mark.parametrize("seed", range(4))
def test_equilibrium_is_a_fixed_point(random_game, rule, seed, attraction):
    game = random_game(seed).with_incentives(attractiveness=attraction)
    rest = np.tile(homogeneous_equilibrium(game, getattr(rule, "floor", 0.0)).mixture, (game.accounts, 1))
    assert np.allclose(move(rule, game, rest), rest, atol=1e-10)


def test_indifferent_accounts_stay():
    game = AlignmentGame(
        attractiveness=np.zeros(3),
        inconsistency=np.zeros((3, 3)),
        similarity=np.zeros((3, 3)),
        incentives=Incentives(1, 1, 1),
        accounts=2,
    )
    profile = random_start(game)
    assert np.allclose(move(SimultaneousBestResponse(), game, profile), profile, atol=1e-15)


@every_rule
def test_relabelling_groups_permutes_the_path(random_game, rule):
    game = random_game(5, dimension=4)
    order = [2, 0, 3, 1]
    relabelled = AlignmentGame(
        attractiveness=game.attractiveness[order],
        inconsistency=game.inconsistency[np.ix_(order, order)],
        similarity=game.similarity[np.ix_(order, order)],
        incentives=game.incentives,
        accounts=game.accounts,
    )
    start = random_start(game)
    path = simulate(game, rule, start, 10, np.random.default_rng(0))
    permuted = simulate(relabelled, rule, start[:, order], 10, np.random.default_rng(0))
    assert np.allclose(permuted, path[:, :, order], atol=1e-10)


@every_rule
def test_accounts_that_start_alike_are_treated_alike_by_rules_that_move_all_at_once(random_game, rule):
    inner = getattr(rule, "rule", rule)
    game = random_game(9, accounts=3)
    moved = move(rule, game, np.tile(random_start(game)[0], (3, 1)))
    alike = bool(np.allclose(moved, moved[0], atol=1e-13))
    assert alike == (not isinstance(inner, SequentialBestResponse | AsynchronousBestResponse))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in RULES if name not in ("simultaneous", "fictitious play")])
@pytest.mark.parametrize("kappa", [0.3, 0.7])
def test_converges_below_stability_one(interior_game, name, kappa):
    rule, game = RULES[name], interior_game(kappa, seed=2)
    if name == "damped":
        rule = SimultaneousBestResponse(0.9 / (1 + (game.accounts - 1) * kappa))
    target = homogeneous_equilibrium(game, getattr(rule, "floor", 0.0)).mixture
    path = simulate(game, rule, random_start(game, 3), 600, np.random.default_rng(0))
    assert total_variation(path[-1], target).max() <= 1e-5


def test_undamped_simultaneous_response_needs_more(interior_game):
    converging, cycling = interior_game(0.2, accounts=5), interior_game(0.7, accounts=5)
    for game, limit in ((converging, True), (cycling, False)):
        target = homogeneous_equilibrium(game).mixture
        path = simulate(game, SimultaneousBestResponse(), random_start(game), 200, np.random.default_rng(0))
        assert bool(total_variation(path[-1], target).max() <= 1e-9) == limit
    assert np.allclose(path[-1], path[-3], atol=1e-9)
    assert not np.allclose(path[-1], path[-2], atol=0.01)


def test_sequential_response_never_lowers_the_potential(random_game):
    game = random_game(13, accounts=5, kappa=2.5)
    path = simulate(game, SequentialBestResponse(sweep=False), random_start(game), 60, np.random.default_rng(0))
    heights = [game.potential(profile) for profile in path]
    assert np.diff(heights).min() >= -1e-13


def test_one_at_a_time_moves_one_account(random_game):
    game = random_game(1, accounts=4)
    profile = random_start(game)
    changed = np.any(move(SequentialBestResponse(sweep=False), game, profile, played=6) != profile, axis=1)
    assert changed.tolist() == [False, False, True, False]


def test_multiplicative_rules_survive_huge_steps_and_keep_zeros(random_game):
    game = random_game(3, dimension=3, accounts=2).with_incentives(attractiveness=1e5)
    profile = np.array([[0.0, 0.4, 0.6], [0.2, 0.3, 0.5]])
    for rule in (ExponentiatedGradient(StepSize(1e4)), Replicator(StepSize(1e4))):
        moved = move(rule, game, profile)
        assert np.isfinite(moved).all()
        assert moved[0, 0] == 0.0
        assert np.abs(moved.sum(axis=1) - 1).max() <= 1e-12


def test_replicator_follows_its_equation_when_the_step_is_small(random_game):
    game = random_game(3)
    profile = random_start(game)
    gradients = game.gradients(profile)
    by_hand = profile * (1 + 1e-3 * (gradients - np.sum(profile * gradients, axis=1, keepdims=True)))
    assert np.allclose(move(Replicator(StepSize(1e-3)), game, profile), by_hand, atol=1e-15)


def test_floor_lifts_an_account_that_starts_below_it(interior_game):
    game = interior_game(0.3)
    start = np.tile([1.0, 0.0, 0.0, 0.0], (game.accounts, 1))
    rule = Floored(ExponentiatedGradient(StepSize(0.5)), 0.02)
    path = simulate(game, rule, start, 600, np.random.default_rng(0))
    assert path[1:].min() >= 0.02
    assert np.allclose(path[-1], homogeneous_equilibrium(game, 0.02).mixture, atol=1e-4)


def test_step_sizes():
    assert StepSize(0.5).at(1000) == 0.5
    assert StepSize(0.5, decay_rounds=10).at(30) == pytest.approx(0.125)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda game: SimultaneousBestResponse(0.0), "damping"),
        (lambda game: SimultaneousBestResponse(1.5), "damping"),
        (lambda game: StepSize(0.0), "step_size.initial"),
        (lambda game: StepSize(0.1, decay_rounds=-1), "step_size.decay_rounds"),
        (lambda game: StepSize(0.1).at(-1), "round"),
        (lambda game: Floored(ProjectedGradient(STEP), -0.1), "floor"),
        (lambda game: move(Floored(ProjectedGradient(STEP), 0.4), game, random_start(game)), "floor"),
        (lambda game: move(Floored(ProjectedGradient(STEP), 0.25), game, random_start(game)), "floor"),
        (lambda game: simulate(game, RULES["gradient"], [[1.0]], 1, np.random.default_rng(0)), "start"),
        (
            lambda game: simulate(game, RULES["gradient"], random_start(game), -1, np.random.default_rng(0)),
            "rounds",
        ),
    ],
)
def test_bad_settings_name_the_field(interior_game, call, field):
    with pytest.raises(InputError) as caught:
        call(interior_game(0.5))
    assert caught.value.field == field
