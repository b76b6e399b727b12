"""Whether a game has one equilibrium over all profiles, boundary included: by which condition, and by what margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, eigsh

from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.equilibrium.crowding import on_tangent
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import restricted_to_tangent

LARGEST_DENSE = 2000
"""Largest M (D-1) whose eigenvalues are computed as one dense matrix."""
_FLAT = 1e-12


@dataclass(frozen=True)
class Uniqueness:
    """What is known about the number of equilibria.

    Attributes:
        unique: Whether a sufficient condition for one equilibrium holds. False does not mean that there are several.
        condition: The condition that was tested, in words.
        margin: Least eigenvalue of the matrix that must be positive definite, in units of utility; for a condition that
            bounds it, the bound. `unique` is margin > 0 up to rounding.
        exact: Whether `margin` is the least eigenvalue (Lanczos: an upper estimate, below zero), so that the condition
            itself fails where it is not positive; False where it only bounds it from below.
        follows: What follows, in words.
    """

    unique: bool
    condition: str
    margin: float
    exact: bool
    follows: str


def uniqueness(game: AlignmentGame | HeterogeneousGame) -> Uniqueness:
    """Test a sufficient condition for a unique equilibrium over all profiles.

    Identical accounts on the complete graph: the symmetric parts of A = 2 bI C + (M-1) b S and B = 2 bI C - b S are
    positive definite on the tangent space (S symmetric: the potential is strictly concave).

    Accounts that differ: Rosen's diagonal strict concavity (Econometrica 1965) with weights r_m proportional to
    1/b_m, which for S and network symmetric makes sum_m r_m (..) the Hessian of a weighted potential: the
    matrix with blocks 2 bI_m C_m / b_m on the diagonal and (S_mn + S_nm') / 2 beside it, S_mn = S where n crowds m, is
    positive definite on the tangent spaces. An account that nobody crowds (b_m = 0) decides alone: it needs own
    curvature, and drops out. (Theory of the alignment game, section 5.)

    Cost: the complete graph any M, O(M D^3); a network up to M (D-1) = 2,000 by dense eigenvalues; above, first the
    per-account test 2 bI_m C_m / b_m > (neighbours + those whose neighbour m is)/2 |S|, and where that fails a Lanczos
    estimate, which can refute the condition but not prove it.

    Raises:
        InputError: Not a game of this package.
    """
    if isinstance(game, AlignmentGame):
        return _identical(game)
    if not isinstance(game, HeterogeneousGame):
        raise InputError("game", type(game).__name__, "expected an AlignmentGame or a HeterogeneousGame")
    return _rosen(game)


def _identical(game: AlignmentGame) -> Uniqueness:
    matrices = {"A": game.consensus_matrix, "B": game.disagreement_matrix}
    least = {name: _least(restricted_to_tangent(matrix)) for name, matrix in matrices.items()}
    size = max(float(np.abs(matrix - matrix.mean()).max()) for matrix in matrices.values())
    margin = min(least.values())
    unique = margin > _FLAT * size
    condition = f"A and B positive definite on the tangent space (least eigenvalues {least['A']:.6g}, {least['B']:.6g})"
    if unique:
        follows = "one equilibrium over all profiles; it is homogeneous"
    elif least["A"] <= _FLAT * size:
        follows = "there can be several homogeneous equilibria; every_homogeneous_equilibrium() lists them"
    else:
        follows = "the homogeneous equilibrium is the only homogeneous one; accounts can also specialise"
    return Uniqueness(unique, condition, margin, exact=True, follows=follows)


def _rosen(game: HeterogeneousGame) -> Uniqueness:
    prices = game.crowding_weights
    kinds = np.stack([restricted_to_tangent(matrix) for matrix in game.inconsistency])
    own = 2 * game.incentives[:, 1, None, None] * kinds[game.kinds]
    crowd = on_tangent(game.similarity)
    crowded = prices > 0
    least_own = np.linalg.eigvalsh(own)[:, 0]
    size = float(np.abs(own).max(initial=0.0)) + float(prices.max()) * float(np.abs(game.similarity).max())
    alone = float(least_own[~crowded].min(initial=np.inf))
    if alone <= _FLAT * size:
        account = int(np.flatnonzero(~crowded & (least_own <= _FLAT * size))[0])
        text = f"account {account}, which nobody crowds, has own curvature on every direction"
        return Uniqueness(False, text, alone, exact=True, follows="it is indifferent between several mixtures")
    if not crowded.any():
        follows = "one equilibrium: every account decides alone"
        return Uniqueness(True, "nobody is crowded and every account has own curvature", alone, True, follows)
    scale = float(prices.max())
    blocks = own[crowded] * (scale / prices[crowded])[:, None, None]
    name = "Rosen's diagonal strict concavity with weights 1/b_m"
    exact = True
    if game.network is None:
        margin = _complete_margin(blocks, scale * (crowd + crowd.T) / 2)
    else:
        arcs = game.network.adjacency[crowded][:, crowded]
        if blocks.shape[0] * crowd.shape[0] <= LARGEST_DENSE:
            margin = _least(_dense(blocks, arcs, scale * crowd))
        else:
            name += ", per account"
            margin = _per_account(blocks, arcs, scale * crowd)
            exact = False
            if margin <= _FLAT * size:
                estimate = _lanczos(blocks, arcs, scale * crowd)
                name += f" (not proved; Lanczos estimate of the least eigenvalue {estimate:.6g})"
                margin, exact = (estimate, True) if estimate <= 0 else (margin, False)
    margin = min(margin, alone)
    if margin > _FLAT * size:
        return Uniqueness(True, name, margin, exact, "one equilibrium over all profiles")
    follows = "there can be several equilibria; asymmetric_equilibria() looks for them"
    return Uniqueness(False, name, margin, exact, follows)


def _least(symmetric: Array) -> float:
    return float(np.linalg.eigvalsh(symmetric)[0])


def _complete_margin(blocks: Array, crowd: Array) -> float:
    """Least eigenvalue of diag(blocks) + (11' - I) x crowd, by bisection on its inertia.

    With E_m = block_m - crowd and crowd = Q diag(l) Q' (zero modes left out), the number of negative
    eigenvalues of diag(E_m - shift) + (1 x Q) diag(l) (1 x Q)' is that of
    the E_m - shift, plus the positive ones of
    diag(1/l) + Q'(sum (E_m - shift)^-1)Q, less the positive ones of diag(1/l) (Haynsworth's inertia formula).
    """
    levels, directions = np.linalg.eigh(crowd)
    acts = np.abs(levels) > 1e-14 * max(float(np.abs(levels).max()), 1e-300)
    levels, directions = levels[acts], directions[:, acts]
    own_values, own_modes = np.linalg.eigh(blocks - crowd)
    turned = np.swapaxes(own_modes, 1, 2) @ directions

    def negative(shift: float) -> int:
        moved = own_values - shift
        # Exactly singular blocks would stop the count; the nudge is far below the accuracy of the bisection.
        moved = np.where(moved == 0, 1e-300, moved)
        total = np.einsum("mij,mi,mik->jk", turned, 1 / moved, turned, optimize=True)
        whole = np.linalg.eigvalsh(np.diag(1 / levels) + total) if levels.size else np.zeros(0)
        return int((moved < 0).sum() + (whole > 0).sum() - (levels > 0).sum())

    reach = float(np.abs(levels).max(initial=0.0)) * blocks.shape[0]
    size = float(np.abs(own_values).max()) + reach
    # Not symmetric about the blocks' own least eigenvalue: at that shift the count is not defined.
    low, high = float(own_values.min()) - 1.07 * reach - 1e-3 * size, float(own_values.min()) + reach + 1e-3 * size
    # Close to an eigenvalue of a block the inverse drowns the rest: stop at half the digits above that.
    while high - low > 1e-10 * (1e-3 * size + abs(low)):
        middle = low + 0.4871 * (high - low)
        low, high = (low, middle) if negative(middle) > 0 else (middle, high)
    return float(low)


def _dense(blocks: Array, arcs: csr_array, crowd: Array) -> Array:
    beside = np.kron(arcs.toarray(), crowd)
    whole: Array = (beside + beside.T) / 2
    size = crowd.shape[0]
    for m, block in enumerate(blocks):
        whole[m * size : (m + 1) * size, m * size : (m + 1) * size] += block
    return whole


def _per_account(blocks: Array, arcs: csr_array, crowd: Array) -> float:
    """Lower bound: x'Sy >= -(x'|S|x + y'|S|y)/2 for each pair; |S| = (S'S)^(1/2), or its norm if S is asymmetric."""
    touching = (np.asarray(arcs.sum(axis=1)) + np.asarray(arcs.sum(axis=0))).ravel() / 2
    if np.abs(crowd - crowd.T).max() <= 1e-12 * np.abs(crowd).max():
        levels, directions = np.linalg.eigh((crowd + crowd.T) / 2)
        size: Array = (directions * np.abs(levels)) @ directions.T
    else:
        size = float(np.linalg.norm(crowd, 2)) * np.eye(crowd.shape[0])
    least: Array = np.linalg.eigvalsh(blocks - touching[:, None, None] * size)[:, 0]
    return float(least.min())


def _lanczos(blocks: Array, arcs: csr_array, crowd: Array) -> float:
    count, size = blocks.shape[:2]
    back = arcs.T.tocsr()

    def apply(vector: NDArray[np.float64]) -> Array:
        rows = vector.reshape(count, size)
        beside = (arcs @ (rows @ crowd.T) + back @ (rows @ crowd)) / 2
        product: Array = (np.einsum("mij,mj->mi", blocks, rows) + beside).ravel()
        return product

    operator = LinearOperator((count * size,) * 2, matvec=apply, dtype=np.float64)
    start = np.random.default_rng(0).normal(size=count * size)
    values = eigsh(operator, k=1, which="SA", return_eigenvectors=False, v0=start, tol=1e-8, maxiter=20 * count)
    return float(values[0])
