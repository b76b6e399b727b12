"""What keeps a run from resting has a name; the measured rate is held against theory; accounts may differ."""

import networkx as nx
import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.convergence import judge, judge_rivals, negative_control
from sim.dynamics import (
    ExponentiatedGradient,
    ProjectedGradient,
    SequentialBestResponse,
    StepSize,
    predicted_rate,
    simulate,
)
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import sample_uniform


def lonely():
    return AlignmentGame(
        attractiveness=np.array([1.0, 0.0]),
        inconsistency=np.eye(2),
        similarity=np.eye(2),
        incentives=Incentives(0.5, 1.0, 0.0),
        accounts=1,
    )


def verdict_on(first_weights):
    game = lonely()
    path = np.stack([first_weights, 1 - np.asarray(first_weights)], axis=-1)[None, :, None, :]
    return judge(path, game, homogeneous_equilibrium(game).mixture)


def run_of(step, rounds=400):
    return simulate(lonely(), ExponentiatedGradient(StepSize(step)), [[0.3, 0.7]], rounds, np.random.default_rng(0))[
        :, 0, 0
    ]


def test_large_steps_are_chaotic():
    verdict = verdict_on(run_of(5.0))
    assert verdict.kind == "chaotic", verdict.reasons
    assert "near-returns part" in verdict.seeds[0].reason
    assert verdict_on(run_of(2.6)).kind == "cycling"
    assert verdict_on(run_of(1.0)).kind == "converged"


@pytest.mark.parametrize("rounds", [40, 160, 600])
@pytest.mark.parametrize("persistence", [0.0, 0.6])
def test_noise_is_called_noise(rounds, persistence):
    verdicts = []
    for seed in range(10):
        noise = np.random.default_rng(seed).normal(size=rounds + 1)
        for t in range(1, rounds + 1):
            noise[t] += persistence * noise[t - 1]
        verdicts.append(verdict_on(np.clip(0.5 + 0.1 * noise, 0, 1)))
    # A window of ten rounds of persistent noise may pass for divergence or a cycle once in a while.
    assert sum(verdict.kind in ("cycling", "chaotic", "diverged") for verdict in verdicts) <= 1
    assert sum("noise is too strong" in verdict.seeds[0].reason for verdict in verdicts) >= 7


def test_drift_is_called_drift():
    rng = np.random.default_rng(0)
    wandering = 0.625 - np.linspace(0, 0.6, 401) + 0.02 * rng.normal(size=401)
    reason = verdict_on(np.clip(wandering, 0, 1)).seeds[0].reason
    assert "drifts" in reason or "distance grew" in reason
    # Towards the prediction, not away from it.
    assert "it drifts" in verdict_on(np.clip(wandering[::-1], 0, 1)).seeds[0].reason


def test_incommensurate_periods_are_aperiodic_not_chaotic():
    clock = np.arange(801)
    verdict = verdict_on(0.5 + 0.15 * np.cos(clock * 1.0) + 0.15 * np.cos(clock * np.sqrt(5)))
    assert verdict.kind in ("undecided", "cycling")
    assert "chaotic" not in {seed.kind for seed in verdict.seeds}


def test_accounts_that_swap_places_are_told_from_a_population_that_cycles(interior_game):
    path = np.stack([np.roll(np.eye(4), shift, axis=0) for shift in range(81)])[None]
    verdict = judge(path, interior_game(0.5, accounts=4), np.full(4, 0.25))
    assert verdict.seeds[0].reason.startswith("single accounts return, around a mean that stays, every 4 rounds")


@pytest.mark.parametrize("step", [0.05, 0.1, 0.2])
def test_the_measured_rate_agrees_with_the_predicted_one_and_not_with_another(interior_game, step):
    game, rule = interior_game(0.6, seed=2), ProjectedGradient(StepSize(step))
    target = homogeneous_equilibrium(game).mixture
    starts = [sample_uniform(np.random.default_rng(s), 4, 5) for s in range(3)]
    paths = np.stack([simulate(game, rule, start, 600, np.random.default_rng(0)) for start in starts])
    right = predicted_rate(game, rule, target).spectral_radius
    verdict = judge(paths, game, target, predicted_rate=right)
    assert verdict.rate_check.agrees
    assert any("agrees with the predicted spectral radius" in reason for reason in verdict.reasons)
    assert verdict.to_dict()["rate_check"]["predicted"] == pytest.approx(right)
    wrong = judge(paths, game, target, predicted_rate=right**1.5)
    assert wrong.kind == "converged"
    assert not wrong.rate_check.agrees
    assert any("disagrees" in reason for reason in wrong.reasons)
    assert judge(paths, game, target).rate_check is None


@pytest.fixture
def different():
    """Six accounts on a ring with tastes of their own, and where they rest."""
    rng = np.random.default_rng(5)
    game = HeterogeneousGame(
        attractiveness=rng.uniform(0.0, 0.8, size=(6, 3)),
        inconsistency=np.diag([1.0, 1.2, 0.9]),
        similarity=np.eye(3),
        incentives=Incentives(1.0, 1.0, 0.6),
        network=nx.cycle_graph(6),
    )
    start = sample_uniform(rng, 3, 6)
    return game, simulate(game, SequentialBestResponse(), start, 200, rng)[-1], start


def test_accounts_that_differ_are_judged_each_by_its_own_prediction(different):
    game, rest, start = different
    path = simulate(game, ProjectedGradient(StepSize(0.2)), start, 200, np.random.default_rng(0))[None]
    verdict = judge(path, game, rest)
    assert verdict.kind == "converged", verdict.reasons
    assert verdict.prediction.shape == (6, 3)
    assert not verdict.seeds[0].specialised
    # One mixture for all is wrong for accounts that differ, even if it is their mean.
    assert judge(path, game, rest.mean(axis=0)).kind != "converged"
    control = negative_control(path, game, prediction=rest)
    assert control.rejected
    assert control.separation == pytest.approx(0.15)
    rivals = judge_rivals(path, game, rest, {"swapped": rest[::-1], "alike": np.full(3, 1 / 3)})
    assert {rival.kind for rival in rivals}.isdisjoint({"converged"})
    with pytest.raises(InputError, match="prediction"):
        negative_control(path, game)


def test_rest_of_differing_accounts_elsewhere_is_not_called_another_equilibrium(different):
    game, rest, _ = different
    path = np.broadcast_to(rest[::-1], (1, 81, 6, 3))
    assert judge(path, game, rest).kind == "undecided"


def test_a_profile_of_the_wrong_shape_is_named(interior_game):
    with pytest.raises(InputError, match="prediction"):
        judge(np.full((1, 101, 5, 4), 0.25), interior_game(0.5), np.full((3, 4), 0.25))
