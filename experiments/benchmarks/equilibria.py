"""Solvers against solvers: the homogeneous equilibrium, and the best responses of a population."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.measurement import OURS, Measurement, compared, median_seconds
from experiments.benchmarks.peers import by_daqp, by_slsqp, by_support_enumeration
from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import ExactFeedback, SimultaneousBestResponse, State
from sim.equilibrium import homogeneous_equilibrium
from sim.quadratic import maximise_on_simplex

Array = NDArray[np.float64]
Solver = Callable[[Array, Array], Array | None]


def random_game(seed: int, dimension: int, accounts: int, pull: float) -> AlignmentGame:
    """A game with C and S positive definite; a larger pull of attractiveness empties more groups."""
    rng = np.random.default_rng(seed)
    own, crowd = rng.normal(size=(2, dimension, dimension)) / np.sqrt(dimension)
    return AlignmentGame(
        attractiveness=rng.normal(size=dimension),
        inconsistency=own @ own.T + 0.3 * np.eye(dimension),
        similarity=crowd @ crowd.T + 0.1 * np.eye(dimension),
        incentives=Incentives(pull, 1.0, 0.5),
        accounts=accounts,
    )


def measure_equilibria(
    dimension: int, games: int, repeats: int, enumerated: int, report: Callable[[str], None]
) -> list[Measurement]:
    """Homogeneous equilibria, boundary included: our solver alone, our whole answer, daqp, support enumeration.

    Args:
        dimension: Number of groups D.
        games: Number of random games.
        repeats: Repeats; medians are taken over them.
        enumerated: Games given to support enumeration, whose work doubles twice with every group; 0 leaves it out.
        report: Says what is measured.
    """
    report(f"equilibria, D = {dimension}")
    solved = [random_game(seed, dimension, 10, pull=(0.03, 0.1, 0.3, 1.0)[seed % 4]) for seed in range(games)]
    problems = [(g.consensus_matrix, g.incentives.attractiveness * g.attractiveness) for g in solved]
    ours = [maximise_on_simplex(*problem) for problem in problems]
    boundary = sum(mixture.min() == 0.0 for mixture in ours)
    task = f"{games} homogeneous equilibria, D = {dimension}, {boundary} of them on the boundary"
    whole = f"{OURS}, with certificate, stability and uniqueness"
    solvers: dict[str, Solver] = {OURS: maximise_on_simplex, "daqp": by_daqp}
    calls = {name: _over(solver, problems) for name, solver in solvers.items()}
    calls[whole] = lambda: [homogeneous_equilibrium(game) for game in solved]
    seconds = {name: value / games for name, value in median_seconds(calls, repeats).items()}
    gaps = {
        OURS: None,
        "daqp": _gap([by_daqp(*problem) for problem in problems], ours),
        whole: _gap([homogeneous_equilibrium(game).mixture for game in solved], ours),
    }
    rows = [
        compared(seconds, name, task=task, unit="equilibrium", disagreement=gaps[name])
        for name in (OURS, "daqp", whole)
    ]
    if enumerated:
        name = "nashpy, support enumeration"
        few = problems[:enumerated]
        pair = {OURS: _over(maximise_on_simplex, few), name: _over(by_support_enumeration, few)}
        seconds = {who: value / enumerated for who, value in median_seconds(pair, max(1, repeats // 3)).items()}
        pairs = [(by_support_enumeration(*problem), own) for problem, own in zip(few, ours, strict=False)]
        found = [(theirs, own) for theirs, own in pairs if theirs is not None]
        gap = _gap(*map(list, zip(*found, strict=True))) if found else None
        note = f"first {enumerated} games, {enumerated - len(found)} of them missed"
        rows.append(compared(seconds, name, task=task, unit="equilibrium", disagreement=gap, note=note))
    return rows


def measure_best_responses(
    dimension: int, accounts: int, repeats: int, report: Callable[[str], None]
) -> list[Measurement]:
    """One simultaneous best response of a population, through the learning rule that a run uses.

    The peers get every account's linear term for nothing.
    """
    report(f"best responses of {accounts} accounts, D = {dimension}")
    game = random_game(1, dimension, accounts, pull=0.3)
    profile = np.random.default_rng(2).dirichlet(np.full(dimension, 0.5), size=accounts)
    rng, rule, feedback = np.random.default_rng(0), SimultaneousBestResponse(), ExactFeedback(game)
    quadratic = 2 * game.incentives.inconsistency * game.inconsistency
    linear = game.gradients(profile) + profile @ quadratic
    problems = [(quadratic, own) for own in linear]
    ours = rule.step(State(profile), feedback, rng).profile
    peers: dict[str, Solver] = {"daqp": by_daqp, "scipy SLSQP": by_slsqp}
    calls: dict[str, Callable[[], object]] = {OURS: lambda: rule.step(State(profile), feedback, rng)}
    calls |= {name: _over(solver, problems) for name, solver in peers.items()}
    seconds = {name: value / accounts for name, value in median_seconds(calls, repeats).items()}
    boundary = int((ours == 0).any(axis=1).sum())
    task = f"best responses of {accounts:,} accounts, D = {dimension}, {boundary:,} of them on the boundary"
    rows = [compared(seconds, OURS, task=task, unit="best response")]
    for name, solver in peers.items():
        gap = _gap([np.asarray(solver(*problem)) for problem in problems], list(ours))
        rows.append(compared(seconds, name, task=task, unit="best response", disagreement=gap))
    return rows


def _over(solver: Solver, problems: Sequence[tuple[Array, Array]]) -> Callable[[], object]:
    return lambda: [solver(*problem) for problem in problems]


def _gap(theirs: Sequence[Array], ours: Sequence[Array]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(theirs, ours, strict=True))
