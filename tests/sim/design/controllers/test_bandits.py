"""Bandits over arms: regret within the theorem's bound, the best arm found, a change of it followed."""

from __future__ import annotations

import numpy as np
import pytest

from sim.design.controllers import DiscountedThompson, Exp3, Fixed, Ucb1, UniformSwitching, play
from sim.errors import InputError

ARMS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
MEANS = np.array([0.3, 0.5, 0.4, 0.6])
SEEDS = range(6)


def coin(means: np.ndarray = MEANS):
    """Values 0 or 1, with the mean of the arm."""

    def measure(profile, rng):
        arm = int(np.flatnonzero((profile == ARMS).all(axis=1))[0])
        return float(rng.random() < means[arm]), {}

    return measure


def gaps(played: np.ndarray) -> np.ndarray:
    arms = (played[:, None] == ARMS[None]).all(axis=2).argmax(axis=1)
    return MEANS.max() - MEANS[arms]


def test_ucb1_keeps_its_regret_bound_on_average() -> None:
    rounds, lost = 1000, MEANS.max() - MEANS[:-1]
    bound = float(np.sum(8 * np.log(rounds) / lost) + (1 + np.pi**2 / 3) * lost.sum())
    regrets = [gaps(play(Ucb1(ARMS), coin(), rounds=rounds, seed=seed).profiles).sum() for seed in SEEDS]
    assert np.mean(regrets) < bound
    assert np.mean(regrets) < 0.6 * rounds * lost.mean()  # far better than drawing arms at random
    assert np.mean(regrets) > 10  # and it does explore


def test_thompson_without_forgetting_has_sublinear_regret_and_finds_the_best_arm() -> None:
    rounds = 1200
    late, early, right = [], [], 0
    for seed in SEEDS:
        found = play(DiscountedThompson(ARMS, discount=1.0, noise=0.5), coin(), rounds=rounds, seed=seed)
        lost = gaps(found.profiles)
        early.append(lost[:300].sum())
        late.append(lost[-300:].sum())
        right += bool((found.recommended == ARMS[3]).all())
    assert np.mean(late) < 0.4 * np.mean(early)
    assert right >= 5


def test_forgetting_follows_a_change_that_remembering_misses() -> None:
    """After 600 rounds the best arm becomes the worst one."""
    turned = MEANS.copy()
    turned[3] = 0.0
    shares = {}
    for discount in (0.97, 1.0):
        after = []
        for seed in SEEDS:
            controller = DiscountedThompson(ARMS, discount=discount, noise=0.5)
            play(controller, coin(), rounds=600, seed=seed)
            later = play(controller, coin(turned), rounds=100, seed=seed, first=600)
            after.append(np.mean((later.profiles == ARMS[3]).all(axis=1)))
        shares[discount] = np.mean(after)
    assert shares[0.97] < 0.3
    assert shares[0.97] < 0.6 * shares[1.0]


def test_thompson_plays_arms_by_their_chance_to_be_best() -> None:
    """Two arms with known posteriors N(0, 1) and N(1, 1/2): the second is best with probability Phi(1 / sqrt(3/2))."""
    controller = DiscountedThompson(
        ARMS[:2], discount=1.0, noise=1.0, memory={"count": np.array([0.0, 1.0]), "total": np.array([0.0, 2.0])}
    )
    rng = np.random.default_rng(0)
    share = np.mean([(controller.propose(rng) == ARMS[1]).all() for _ in range(4000)])
    assert share == pytest.approx(0.7929, abs=3 * np.sqrt(0.17 / 4000))


def test_the_discounted_posterior_by_hand() -> None:
    controller = DiscountedThompson(ARMS[:2], discount=0.5, noise=2.0, prior_mean=1.0, prior_deviation=2.0)
    for value in (4.0, 8.0):
        controller.observe(ARMS[0], value, {})
    mean, precision = controller._posterior()
    # n = 1.5, s = 4 / 2 + 8 = 10; precision = 1/4 + 1.5/4, mean = (1/4 + 10/4) / precision
    np.testing.assert_allclose(precision, [0.625, 0.25])
    np.testing.assert_allclose(mean, [4.4, 1.0])


def test_exp3_loses_less_than_the_lot() -> None:
    lost = {}
    for name, make in (("exp3", lambda: Exp3(ARMS, 0.2)), ("lot", lambda: UniformSwitching(ARMS))):
        lost[name] = np.mean([gaps(play(make(), coin(), rounds=500, seed=seed).profiles).sum() for seed in range(3)])
    assert lost["exp3"] < 0.75 * lost["lot"]


def test_exp3_keeps_its_regret_bound_against_values_that_an_adversary_turns() -> None:
    """The best arm of the first quarter is worth nothing later; the yardstick is the best single arm of all rounds."""
    rounds, exploration, values = 1000, 0.1, np.zeros((1000, len(ARMS)))
    values[:250, 0] = 1.0
    values[250:, 1] = 0.8
    earned = []
    for seed in range(2):
        controller, number = Exp3(ARMS, exploration), iter(range(rounds))

        def measure(profile, rng, number=number):
            return float(values[next(number), int(np.flatnonzero((profile == ARMS).all(axis=1))[0])]), {}

        earned.append(play(controller, measure, rounds=rounds, seed=seed).values.sum())
        assert controller.recommend().tolist() == ARMS[1].tolist()
    bound = (np.e - 1) * exploration * rounds + len(ARMS) * np.log(len(ARMS)) / exploration
    assert np.mean(earned) > values.sum(axis=0).max() - bound
    assert values.mean(axis=1).sum() < values.sum(axis=0).max() - bound  # drawing by lot would not do


def test_one_step_of_exp3_by_hand() -> None:
    """Three arms, gamma 0.3, value 3 on [1, 5]: p = 1/3, x = 1/2, so the log weight rises by 0.3 x 0.5 / (3 / 3)."""
    controller = Exp3(ARMS[:3], 0.3, least=1.0, span=4.0)
    controller.observe(ARMS[1], 3.0, {})
    np.testing.assert_allclose(controller.memory["log_weight"], [-0.15, 0.0, -0.15])
    share = 0.7 / (1 + 2 * np.exp(-0.15)) + 0.1
    np.testing.assert_allclose(controller._chances()[1], share)


def test_switching_draws_every_arm_alike_whatever_it_is_worth() -> None:
    found = play(UniformSwitching(ARMS), lambda profile, rng: (float(profile.sum()), {}), rounds=2000, seed=0)
    counts = (found.profiles[:, None] == ARMS[None]).all(axis=2).sum(axis=0)
    assert np.abs(counts - 500).max() < 4 * np.sqrt(2000 * 0.25 * 0.75)
    assert found.recommended.tolist() == [0.5, 0.5]


def test_fixed_stays() -> None:
    controller = Fixed([1.0, 2.0])
    found = play(controller, lambda profile, rng: (float(rng.normal()), {}), rounds=5, seed=0)
    assert (found.profiles == [1.0, 2.0]).all()
    assert found.recommended.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Ucb1([]), "arms"),
        (lambda: Ucb1([[1.0], [1.0]]), "arms"),
        (lambda: Ucb1(ARMS, span=0.0), "span"),
        (lambda: DiscountedThompson(ARMS, discount=1.5), "discount"),
        (lambda: Ucb1(ARMS).observe(np.array([0.5, 0.5]), 1.0, {}), "profile"),
        (lambda: DiscountedThompson(ARMS).observe(ARMS[0], float("nan"), {}), "value"),
        (lambda: Exp3(ARMS, 1.5), "exploration"),
        (lambda: Exp3(ARMS, span=-1.0), "span"),
        (lambda: UniformSwitching(ARMS).observe(np.array([0.5, 0.5]), 1.0, {}), "profile"),
        (lambda: Fixed([0.0]).observe(np.zeros(1), float("inf"), {}), "value"),
    ],
)
def test_bad_input_is_named(make, field) -> None:
    with pytest.raises(InputError, match=field):
        make()
