"""Which learning rules stay at the homogeneous interior equilibrium, and by which inequality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, positive
from sim.equilibrium.crowding import SharedCrowding, on_tangent, skew_pull
from sim.equilibrium.stability import crowding_modes
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import tangent_basis

_MARGIN = 1e-9
_LARGEST_SWEEP = 400


@dataclass(frozen=True)
class StabilityVerdict:
    """One rule at the homogeneous interior equilibrium.

    Attributes:
        rule: Which rule.
        stable: Whether small deviations die out. At a margin of zero (within 1e-9) it is False: they need not grow.
        margin: By how much the inequality holds; below zero it fails.
        inequality: The inequality, with its number filled in.
    """

    rule: str
    stable: bool
    margin: float
    inequality: str


def stability_verdicts(
    game: AlignmentGame | HeterogeneousGame, *, step: float = 0.1, damping: float = 0.5
) -> tuple[StabilityVerdict, ...]:
    """Whether each learning rule is locally stable at the homogeneous interior equilibrium.

    Write k_j for `crowding_modes`, nu_i for the eigenvalues of the normalised adjacency (1 and -1/(M-1) on the complete
    graph) and H_i = 2 bI C + nu_i c S for the curvature in the mode i, on the tangent space. Then (theory of the
    alignment game, section 5; algorithms of the alignment game, section 5, facts 1 to 4 and 7)

    - continuous best response: 1 + nu_i Re k_j > 0 for all i, j. For S positive semidefinite: kappa_max < 1;
    - simultaneous best response: |nu_i k_j| < 1. For S positive semidefinite: (M-1) kappa_max < 1;
    - damped by alpha: |1 - alpha (1 + nu_i k_j)| < 1, that is alpha < min 2 (1 + Re) / |1 + nu_i k_j|^2;
    - sequential best response: S symmetric, as the continuous one; otherwise the spectral radius of a sweep;
    - gradient and extra-gradient, small steps: eigenvalues of H_i with positive (extra-gradient: non-negative,
      but not zero) real part;
    - gradient with a step eta: |1 - eta lambda| < 1 for the eigenvalues lambda of H_i;
    - replicator, small steps, and exponentiated gradient with a step eta: the same for (diag w - w w') H_i.

    Args:
        game: A game of identical accounts, on any network of mutual neighbours.
        step: Step eta of the rules that have one, in 1 / utility.
        damping: Share alpha of the way that damped best response moves.

    Returns:
        One verdict per rule, in the order above.

    Raises:
        InputError: Accounts that differ, no interior equilibrium, C singular on the tangent space (best responses
            then jump), a step or damping not above 0, or an asymmetric S on more than 400 accounts (100 of
            them tell the same).
    """
    positive("step", step)
    if positive("damping", damping) > 1:
        raise InputError("damping", damping, "expected a share of the way, in (0, 1]")
    shared = SharedCrowding.of(game)
    mixture = interior_mixture(shared)
    modes = crowding_modes(game)
    response = np.outer(shared.modes, modes).ravel()
    linear = [on_tangent(shared.curvature(nu)) for nu in shared.modes]
    basis = tangent_basis(game.dimension)
    spread = basis.T @ (np.diag(mixture) - np.outer(mixture, mixture)) @ basis
    straight = np.concatenate([np.linalg.eigvals(matrix) for matrix in linear])
    shaped = np.concatenate([np.linalg.eigvals(spread @ matrix) for matrix in linear])
    kept = float(1 + response.real.min())
    fast = float(np.abs(response).max())
    slow = float(np.abs(1 - damping * (1 + response)).max())
    return (
        _verdict("continuous best response", kept, f"1 + min nu_i Re k_j = {kept:.4g} > 0"),
        _verdict("simultaneous best response", 1 - fast, f"max |nu_i k_j| = {fast:.4g} < 1"),
        _verdict("damped best response", 1 - slow, f"max |1 - {damping:.4g} (1 + nu_i k_j)| = {slow:.4g} < 1"),
        _sequential(game, shared, modes, kept),
        _small("gradient, small steps", straight, "H_i"),
        _rotating("extra-gradient, small steps", straight),
        _stepped("gradient", straight, step, "H_i"),
        _small("replicator, small steps", shaped, "(diag w - ww') H_i"),
        _stepped("exponentiated gradient", shaped, step, "(diag w - ww') H_i"),
    )


def interior_mixture(shared: SharedCrowding) -> Array:
    """The homogeneous interior equilibrium of identical accounts, from the bordered system, shape (D,).

    Raises:
        InputError: There is none, or the system is singular.
    """
    dimension = shared.pull.size
    basis = tangent_basis(dimension)
    consensus = shared.own + shared.total * shared.similarity
    centred = consensus - consensus.mean()
    face = on_tangent(consensus)
    if np.linalg.svd(face, compute_uv=False)[-1] <= 1e-12 * max(float(np.abs(centred).max()), 1e-300):
        remedy = "no isolated interior equilibrium; every_homogeneous_equilibrium() lists what there is"
        raise InputError("similarity", "2 bI C + c S singular on the tangent space", remedy)
    slope = basis.T @ (shared.pull - shared.pull.mean() - centred.mean(axis=1))
    mixture: Array = 1 / dimension + basis @ np.linalg.solve(face, slope)
    if mixture.min() <= 1e-12:
        remedy = "no interior equilibrium; homogeneous_equilibrium() and explain() describe the one on the boundary"
        raise InputError(f"weight of group {int(mixture.argmin())}", f"{mixture.min():.6g}", remedy)
    return mixture


def _verdict(rule: str, margin: float, inequality: str) -> StabilityVerdict:
    return StabilityVerdict(rule, bool(margin > _MARGIN), float(margin), inequality)


def _small(rule: str, values: NDArray[np.complex128], matrix: str) -> StabilityVerdict:
    least = float(values.real.min())
    return _verdict(rule, least, f"least real part of eig {matrix} = {least:.4g} > 0")


def _rotating(rule: str, values: NDArray[np.complex128]) -> StabilityVerdict:
    """A purely imaginary eigenvalue is a rotation, which extra-gradient damps by (eta lambda)^2."""
    least = float(np.where(np.abs(values.real) > _MARGIN, values.real, np.abs(values)).min())
    return _verdict(rule, least, f"eig H_i in the closed right half plane, not 0: {least:.4g} > 0")


def _stepped(rule: str, values: NDArray[np.complex128], step: float, matrix: str) -> StabilityVerdict:
    radius = float(np.abs(1 - step * values).max())
    return _verdict(f"{rule}, step {step:.4g}", 1 - radius, f"max |1 - {step:.4g} eig {matrix}| = {radius:.6g} < 1")


def _sequential(
    game: AlignmentGame | HeterogeneousGame, shared: SharedCrowding, modes: NDArray[np.complex128], kept: float
) -> StabilityVerdict:
    rule = "sequential best response"
    if skew_pull(shared.similarity)[1] <= 1e-10 * float(np.abs(shared.similarity).max()):
        # A sweep is Gauss-Seidel on a symmetric system: it converges iff the system is positive definite.
        return _verdict(rule, kept, f"1 + min nu_i k_j = {kept:.4g} > 0 (S symmetric: a sweep climbs the potential)")
    if game.accounts > _LARGEST_SWEEP:
        remedy = f"a sweep with asymmetric S needs its full matrix, at most {_LARGEST_SWEEP} accounts"
        raise InputError("accounts", game.accounts, remedy)
    weights = _normalised(game)
    before, after = np.tril(weights, -1), np.triu(weights, 1)
    identity = np.eye(game.accounts)
    radius = 0.0
    for k in modes:
        sweep = np.linalg.solve(identity + k * before, -k * after)
        radius = max(radius, float(np.abs(np.linalg.eigvals(sweep)).max()))
    return _verdict(rule, 1 - radius, f"spectral radius of a sweep = {radius:.4g} < 1")


def _normalised(game: AlignmentGame | HeterogeneousGame) -> Array:
    count = game.accounts
    if isinstance(game, AlignmentGame) or game.network is None:
        everyone: Array = (np.ones((count, count)) - np.eye(count)) / max(count - 1, 1)
        return everyone
    rows: csr_array = game.network.adjacency
    spread: Array = rows.toarray() / np.maximum(game.network.degrees, 1)[:, None]
    return spread
