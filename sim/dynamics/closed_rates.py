"""Rates of the best-response rules in closed form, from the eigenvalues of crowding against own curvature.

k_j are the `crowding_modes` of the game, with crowding="mean" bD mu_j / (2 bI), mu_j the eigenvalues of C_T^{-1} S_T:
when all others deviate by v_j together, a best response deviates by -k_j v_j. All rates hold near a homogeneous
interior equilibrium. Source: theory of the alignment game, section 5, and the linearisation given in each docstring.

Every function raises InputError where C is singular on the tangent space or bI = 0 while there is crowding: best
responses then jump and have no rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import lambertw

from sim.alignment_game import AlignmentGame
from sim.arrays import positive
from sim.dynamics.rate import PredictedRate
from sim.equilibrium.stability import crowding_modes


def simultaneous_rate(game: AlignmentGame, damping: float = 1.0) -> PredictedRate:
    """Rate per round of `SimultaneousBestResponse(damping)`: max |1 - damping (1 + k_j)|, so max |k_j| undamped.

    Deviations that cancel over accounts shrink by max |1 - damping (1 - k_j/(M-1))|. Undamped, for a symmetric S and
    max |k_j| < 1, the rate holds globally, boundary included.

    Raises:
        InputError: As `crowding_modes`, or the damping is not > 0.
    """
    share = positive("damping", damping)
    ratios = crowding_modes(game)
    return _rate(game, 1 - share * (1 + ratios), 1 - share * (1 - _opposed(game, ratios)))


def largest_damping(game: AlignmentGame) -> float:
    """Damping below which `SimultaneousBestResponse` is locally stable: min_j 2 (1 + Re k_j) / |1 + k_j|^2.

    The minimum is also taken over -k_j/(M-1), for deviations that cancel over accounts. Above 1: the undamped rule is
    stable. 0: no damping helps.

    Raises:
        InputError: As `crowding_modes`.
    """
    ratios = crowding_modes(game)
    speeds = 1 + ratios if game.accounts == 1 else np.concatenate([1 + ratios, 1 - _opposed(game, ratios)])
    if speeds.real.min() <= 0:
        return 0.0
    return float((2 * speeds.real / np.abs(speeds) ** 2).min())


def sequential_rate(game: AlignmentGame) -> float:
    """Rate per sweep of `SequentialBestResponse()` for large M: max_j |k_j / W(k_j exp k_j)|, error O(1/M).

    W is the branch of Lambert's function, among those that do not return k itself, with the least modulus. The rate is
    below 1 for every real k > -1: a sweep converges however strong the crowding, where M is large enough that
    kappa_max = max k / (M-1) < 1. (In the limit account s M deviates by f(s), x f' = -k (x - 1) f, whence
    x = exp(-k (x - 1) / x).)

    Raises:
        InputError: As `crowding_modes`.
    """
    return max(_sweep(complex(k)) for k in crowding_modes(game))


def asynchronous_rate(game: AlignmentGame) -> PredictedRate:
    """Rate of the expected deviation per M moves of `AsynchronousBestResponse`; exact for every M.

    A move of an account drawn at random multiplies the expected mean deviation by 1 - (1 + k)/M, and the expected
    deviations that cancel by 1 - (1 - k/(M-1))/M: per M moves about exp(-(1 + k)) and exp(-(1 - k/(M-1))). Single
    paths scatter around this mean.

    Raises:
        InputError: As `crowding_modes`.
    """
    ratios, accounts = crowding_modes(game), game.accounts
    shared = (1 - (1 + ratios) / accounts) ** accounts
    return _rate(game, shared, (1 - (1 - _opposed(game, ratios)) / accounts) ** accounts)


def fictitious_play_exponent(game: AlignmentGame) -> float:
    """Exponent p of `FictitiousPlay`: errors fall like t^-p, p = min(1 + min Re k_j, 1 - max Re k_j / (M-1)).

    The average x obeys x <- x + (BR(x) - x)/(t + 2), so a mode with BR(x) - x = -c x falls like t^-Re c. Negative: the
    averages leave.

    Raises:
        InputError: As `crowding_modes`.
    """
    ratios = crowding_modes(game)
    shared = float(1 + ratios.real.min())
    return shared if game.accounts == 1 else min(shared, float(1 - _opposed(game, ratios).real.max()))


def _opposed(game: AlignmentGame, ratios: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """What a best response answers to its own account's part in deviations that cancel: k/(M-1)."""
    return ratios / max(game.accounts - 1, 1)


def _rate(game: AlignmentGame, shared: NDArray[np.complex128], opposed: NDArray[np.complex128]) -> PredictedRate:
    consensus = float(np.abs(shared).max())
    disagreement = float(np.abs(opposed).max()) if game.accounts > 1 else 0.0
    return PredictedRate(consensus, disagreement, max(consensus, disagreement))


def _sweep(ratio: complex) -> float:
    if ratio == 0:
        return 0.0
    if abs(ratio + 1) < 1e-7:
        # Both real branches meet here, and either is k.
        return 1.0
    branches = np.array([_lambert(ratio, branch) for branch in (-1, 0, 1)])
    itself = int(np.argmin(np.abs(branches - ratio)))
    # One branch returns k: it belongs to no deviation. For k with a large imaginary part that is none of these.
    if abs(branches[itself] - ratio) <= 1e-6 * (1 + abs(ratio)):
        branches = np.delete(branches, itself)
    least = float(np.abs(branches).min())
    return abs(ratio) / least if least > 0 else float("inf")


def _lambert(ratio: complex, branch: int) -> complex:
    """W(k exp k), also where exp k overflows."""
    if ratio.real < 500:
        return complex(lambertw(ratio * np.exp(ratio), branch))
    level = ratio + np.log(ratio) + 2j * np.pi * branch
    value = level
    for _ in range(20):
        value -= (value + np.log(value) - level) / (1 + 1 / value)
    return complex(value)
