"""Sampled play: its payments are those of the game's tables, its averages the equilibrium, its noise the theory's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.errors import InputError
from sim.oversight import Noise, sampled_play
from sim.oversight.sampled_play import _Table

NOISE = Noise(solver_error=0.1, true_positive_rate=0.9, false_positive_rate=0.2)


def test_mean_payments_are_those_of_the_tables(game) -> None:
    noisy = replace(game, noise=NOISE, check_rate=0.3, miss=0.7)
    p, q, rng = np.full((1, 4000), 0.4), np.full((1, 4000), 0.6), np.random.default_rng(0)
    for draw, table, chances in (
        (_Table.of([noisy]).solver, noisy.solver_payoffs(), (0.6, 0.4)),
        (_Table.of([noisy]).auditor, noisy.auditor_payoffs().T, (0.4, 0.6)),
    ):
        paid, count = draw(rng, p, q, 50)
        assert (count.sum(axis=0) == 50).all()
        np.testing.assert_allclose((paid.sum(axis=-1) / count.sum(axis=-1))[:, 0], table @ chances, atol=0.01)


def test_averages_of_play_reach_the_equilibrium(game) -> None:
    changes = ({}, {"noise": NOISE}, {"check_rate": 0.15, "miss": 0.5}, {"misaligned": -3.0})
    games = [replace(game, **each) for each in changes]
    aligned, audited = sampled_play(games, step=0.1, rounds=1200, batch=50, plays=4, seed=1).settled()
    np.testing.assert_allclose(aligned.mean(axis=1), [each.equilibrium().aligned for each in games], atol=0.03)
    np.testing.assert_allclose(audited.mean(axis=1), [each.equilibrium().audited for each in games], atol=0.02)


def test_detection_that_nobody_decides_on_deters_from_the_gain_over_the_stake_on(game) -> None:
    """Becker: at Omega / (r_A - r_M) = 1/4 honesty begins to pay."""
    found = sampled_play([game] * 3, step=0.2, rounds=800, batch=50, plays=3, seed=0, detection=[0.1, 0.2, 0.3])
    aligned, audited = found.settled(0.1)
    assert (aligned[:2] < 0.05).all()
    assert (aligned[2] > 0.95).all()
    np.testing.assert_allclose(audited[:, 0], [0.1, 0.2, 0.3])


def test_probabilities_keep_their_floor_and_the_seed_decides(game) -> None:
    hopeless = replace(game, private_gain=9.0)
    one, same, other = (
        sampled_play([hopeless, game], step=0.2, rounds=60, batch=20, plays=2, seed=seed, floor=0.1)
        for seed in (0, 0, 1)
    )
    assert one.aligned.shape == (61, 2, 2)
    assert one.aligned[-1, 0] == pytest.approx([0.1, 0.1])
    np.testing.assert_array_equal(one.audited, same.audited)
    assert (one.audited[-1, 1] != other.audited[-1, 1]).any()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"step": 0.0}, "step"),
        ({"batch": 0}, "batch"),
        ({"plays": 0}, "plays"),
        ({"floor": 0.5}, "floor"),
        ({"start": (0.5, 1.0)}, "start"),
        ({"detection": [0.1, 0.2]}, "detection"),
        ({"detection": 1.5}, "detection"),
    ],
)
def test_bad_input_is_named(game, changes, field) -> None:
    with pytest.raises(InputError, match=field):
        sampled_play([game], **{"step": 0.1, "rounds": 5, "batch": 5, "plays": 2, "seed": 0, **changes})
    with pytest.raises(InputError, match="games"):
        sampled_play([], step=0.1, rounds=5, batch=5, plays=2, seed=0)
