"""Two hundred random games: do the closed-form stability verdicts say what the rules themselves do?"""

from collections import Counter

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import (
    ExponentiatedGradient,
    ExtraGradient,
    ProjectedGradient,
    Replicator,
    SequentialBestResponse,
    SimultaneousBestResponse,
    StepSize,
    predicted_rate,
    simulate,
)
from sim.equilibrium import homogeneous_equilibrium, stability_number, stability_verdicts
from sim.simplex import tangent_basis, total_variation

GAMES = 200
STEP, SMALL, DAMPING = 0.1, 1e-3, 0.5
RULES = {
    "continuous best response": SimultaneousBestResponse(damping=0.02),
    "simultaneous best response": SimultaneousBestResponse(),
    "damped best response": SimultaneousBestResponse(damping=DAMPING),
    "sequential best response": SequentialBestResponse(),
    "gradient, small steps": ProjectedGradient(StepSize(SMALL)),
    f"gradient, step {STEP:.4g}": ProjectedGradient(StepSize(STEP)),
    "extra-gradient, small steps": ExtraGradient(StepSize(SMALL)),
    "replicator, small steps": Replicator(StepSize(SMALL)),
    f"exponentiated gradient, step {STEP:.4g}": ExponentiatedGradient(StepSize(STEP)),
}


def interior_game(seed):
    """A game with a stability number spread over both sides of 1 and of 1/(M-1), and an interior equilibrium."""
    rng = np.random.default_rng(seed)
    size, accounts = int(rng.integers(2, 6)), int(rng.integers(2, 7))
    own, crowd = rng.normal(size=(2, size, size)) / np.sqrt(size)
    base = AlignmentGame(
        attractiveness=np.zeros(size),
        inconsistency=own @ own.T + 0.3 * np.eye(size),
        similarity=crowd @ crowd.T + 0.1 * np.eye(size),
        incentives=Incentives(1.0, *10 ** rng.uniform(-0.5, 0.5, size=2)),
        accounts=accounts,
    )
    kappa = 10 ** rng.uniform(-1.5, 0.7)
    game = base.with_incentives(diversity=base.incentives.diversity * kappa / stability_number(base))
    target = 0.5 / size + 0.5 * rng.dirichlet(np.ones(size))
    return AlignmentGame(
        attractiveness=game.consensus_matrix @ target,
        inconsistency=game.inconsistency,
        similarity=game.similarity,
        incentives=game.incentives,
        accounts=accounts,
    )


@pytest.mark.slow
def test_verdicts_agree_with_the_jacobian_of_every_rule():
    counts = Counter()
    for seed in range(GAMES):
        game = interior_game(seed)
        mixture = homogeneous_equilibrium(game).mixture
        kappa, m = stability_number(game), game.accounts
        verdicts = {v.rule: v for v in stability_verdicts(game, step=STEP, damping=DAMPING)}
        for name, rule in RULES.items():
            radius = predicted_rate(game, rule, mixture, rounds=2).spectral_radius
            verdict = verdicts[name]
            if abs(radius - 1) <= 1e-6 or abs(verdict.margin) <= 1e-6:
                counts[name, "on the edge"] += 1
                continue
            counts[name, "stable" if verdict.stable else "unstable"] += 1
            assert verdict.stable == (radius < 1), (seed, name, verdict, radius)
        if abs(kappa - 1) > 1e-6:
            for name in ("sequential best response", "gradient, small steps", "replicator, small steps"):
                assert verdicts[name].stable == (kappa < 1), (seed, name)
        if abs((m - 1) * kappa - 1) > 1e-6:
            assert verdicts["simultaneous best response"].stable == ((m - 1) * kappa < 1), seed
    for name in RULES:
        row = ", ".join(f"{counts[name, how]} {how}" for how in ("stable", "unstable", "on the edge"))
        print(f"{name}: {row}")
        assert counts[name, "stable"] >= 20
        assert counts[name, "unstable"] >= 20
        assert counts[name, "on the edge"] <= 2


@pytest.mark.slow
def test_verdicts_agree_with_play_from_a_small_disturbance():
    """Played out: a deviation of 1e-4 dies out or grows as the verdict says, in thirty of those games."""
    for seed in range(30):
        game = interior_game(seed)
        mixture = homogeneous_equilibrium(game).mixture
        rng = np.random.default_rng(seed)
        push = rng.normal(size=(game.accounts, game.dimension - 1)) @ tangent_basis(game.dimension).T
        start = mixture + 1e-4 * push / np.abs(push).max()
        verdicts = {v.rule: v for v in stability_verdicts(game, step=STEP, damping=DAMPING)}
        for name in ("simultaneous best response", "damped best response", f"gradient, step {STEP:.4g}"):
            radius = predicted_rate(game, RULES[name], mixture).spectral_radius
            rounds = int(np.ceil(15 / max(abs(np.log(radius)), 1e-3)))
            if rounds > 300:  # too close to the edge to be told apart in a short play
                continue
            path = simulate(game, RULES[name], start, rounds, rng)
            first, last = (float(total_variation(path[t], mixture).max()) for t in (0, -1))
            assert (last < first) == verdicts[name].stable, (seed, name, radius, first, last)
