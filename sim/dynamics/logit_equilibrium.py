"""The logit (quantal response) equilibrium in which all accounts play the same mixture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, positive, read_only
from sim.errors import InputError
from sim.simplex import restricted_to_tangent

_SETTLED = 1e-12
_NEWTON_STEPS = 60
_SMALLEST_STRIDE = 1e-4
"""Smallest fraction of log tau that the homotopy may advance at a time before it gives up."""


@dataclass(frozen=True, eq=False)
class LogitEquilibrium:
    """A homogeneous logit equilibrium.

    Attributes:
        mixture: The mixture w of every account, shape (D,); every weight > 0 unless it underflows.
        temperature: tau.
        residual: Largest difference between w and softmax(gradient / tau), >= 0.
        unique: Whether lambda_min(sym H on T) + 2 tau > 0, which makes it the only homogeneous one. False says only
            that this sufficient test fails; the mixture is then the one that the uniform mixture leads to as the
            temperature falls.
    """

    mixture: Array
    temperature: float
    residual: float
    unique: bool


def logit_equilibrium(game: AlignmentGame, temperature: float) -> LogitEquilibrium:
    """Solve w = softmax((bA a - H w) / tau) with H = 2 bI C + (M-1) b S, the rest point of `LogitResponse`.

    Newton's method on the log scale, following the solution down from a temperature at which it is unique and nearly
    uniform (McKelvey and Palfrey 1995). Distance to the homogeneous equilibrium is O(tau), or O(tau log 1/tau)
    where a group that is left out would be as good as the others. Source: theory of the alignment game, sections 4 and
    5; the test for uniqueness uses v'diag(1/w)v >= 2 v'v for v that sums to zero.

    Args:
        game: The game; S may be asymmetric or indefinite.
        temperature: tau > 0, in units of utility.

    Raises:
        InputError: The temperature is not > 0, or the path from high temperatures ends before it is reached, which
            can only happen where `unique` would be False.

    >>> from sim.alignment_game import Incentives
    >>> game = AlignmentGame(
    ...     attractiveness=np.array([1.0, 0.0]), inconsistency=np.eye(2), similarity=np.eye(2),
    ...     incentives=Incentives(1, 1, 1), accounts=3,
    ... )
    >>> logit_equilibrium(game, 0.5).mixture.round(4).tolist()
    [0.6243, 0.3757]
    """
    target = positive("temperature", temperature)
    matrix, dimension = game.consensus_matrix, game.dimension
    pull = game.incentives.attractiveness * game.attractiveness
    # The gauge acts on nothing but rounding errors.
    matrix = matrix - matrix.mean()
    pull = pull - pull.mean()
    uniform = np.full(dimension, 1.0 / dimension)
    least = float(np.linalg.eigvalsh(restricted_to_tangent((matrix + matrix.T) / 2))[0])
    tau = max(target, 4.0 * float(np.abs(matrix).max()), float(np.abs(pull).max()))
    solved = _newton(matrix, pull, tau, np.zeros(dimension))
    scores = np.zeros(dimension) if solved is None else solved
    stride = 0.5
    while tau > target:
        following = max(target, tau * stride)
        # At the optimum scores grow like 1 / tau; carrying that over starts Newton close by.
        solved = _newton(matrix, pull, following, scores * (tau / following))
        solved = _newton(matrix, pull, following, scores) if solved is None else solved
        if solved is not None:
            scores, tau, stride = solved, following, max(stride**1.5, 0.1)
        elif stride < 1 - _SMALLEST_STRIDE:
            stride = stride**0.5
        else:
            remedy = f"the path from high temperatures ends near {tau:.6g}; use a higher temperature"
            raise InputError("temperature", target, remedy)
    mixture = _softmax(scores) if np.isfinite(scores).all() else uniform
    residual = float(np.abs(mixture - _softmax((pull - matrix @ mixture) / target)).max())
    return LogitEquilibrium(read_only(mixture), target, residual, least + 2 * target > 0)


def _newton(matrix: Array, pull: Array, tau: float, start: Array) -> Array | None:
    """Scores s with s = (q - H softmax(s)) / tau up to a constant, or None if Newton's steps do not settle."""

    def error(scores: Array) -> Array:
        difference = scores - (pull - matrix @ _softmax(scores)) / tau
        centred: Array = difference - difference.mean()
        return centred

    scores: Array = start - start.mean()
    residual = error(scores)
    for _ in range(_NEWTON_STEPS):
        size = float(np.abs(residual).max())
        if size <= _SETTLED * (1 + float(np.abs(scores).max())):
            return scores
        weights = _softmax(scores)
        jacobian = np.eye(weights.size) + matrix @ (np.diag(weights) - np.outer(weights, weights)) / tau
        try:
            step = np.linalg.solve(jacobian, residual)
        except np.linalg.LinAlgError:
            return None
        share = 1.0
        while share > 1e-8:
            trial = scores - share * step
            trial -= trial.mean()
            after = error(trial)
            if float(np.linalg.norm(after)) <= (1 - 1e-4 * share) * float(np.linalg.norm(residual)):
                break
            share /= 2
        else:
            # Rounding may stop the descent just above the tolerance; such a point is solved all the same.
            return scores if size <= 1e3 * _SETTLED * (1 + float(np.abs(scores).max())) else None
        scores, residual = trial, after
    return None


def _softmax(scores: Array) -> Array:
    grown = np.exp(scores - scores.max())
    weights: Array = grown / grown.sum()
    return weights
