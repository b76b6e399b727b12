"""The columns of a fit: the terms of the utility in coordinates that hold nothing a log could not tell.

On mixtures w = e/D + T x, T the tangent basis, the utility q'w - w'Hw/2 - w'K v + n'v (q = bA a, H = 2 bI C, K = bD S)
depends on the tangent parts only: with v = e c/D + T y,

    u = const + l'x - x'(T'HT)x/2 - x'(T'KT)y + m'y,    l = T'(q - (H + c K)e/D),

so a constant added to a, u1' + 1u' added to C (and 2 bI u to bA a), u1' or 1u' added to S (and, for u1', bD c u to
bA a) change nothing but the constant and m (theory of the alignment game, section 2). The coefficients below are l,
T'HT, T'KT and m themselves.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.induced.log import PlayLog
from sim.simplex import tangent_basis

Intercepts = Literal["common", "account", "round"]
Clusters = Literal["round", "account", "row"]

PARTS = ("attractiveness", "inconsistency", "crowding", "nuisance")


class Columns(NamedTuple):
    """Columns with their names and the part of the utility each belongs to.

    Attributes:
        values: (N, k).
        terms: Names, (k,).
        parts: One of `PARTS` for each, (k,).
    """

    values: Array
    terms: tuple[str, ...]
    parts: tuple[str, ...]

    def of(self, part: str) -> NDArray[np.int64]:
        """Places of the columns of one part."""
        return np.flatnonzero(np.array(self.parts) == part)


def own_coordinates(log: PlayLog) -> Array:
    """Coordinates x of each own mixture around the uniform one, (N, D-1)."""
    return _from_uniform(log.mixtures)


def met_coordinates(log: PlayLog) -> Array:
    """Coordinates y of what each row met, (N, D-1).

    Raises:
        InputError: Crowding is summed over numbers of others that differ: then the sum has a part outside the tangent
            space that changes with their number, and c above is no constant.
    """
    met = log.others.sum(axis=1)
    if np.ptp(met) > 1e-6 * max(float(met.max()), 1.0):
        remedy = 'use crowding="mean", or keep the rounds in which every account met equally many others'
        raise InputError("crowding", f"sum over {met.min():.6g} to {met.max():.6g} others", remedy)
    return _from_uniform(log.others)


def quadratic_columns(log: PlayLog, *, symmetric: bool, nuisance: bool) -> Columns:
    """Linear, quadratic, crowding and nuisance columns in tangent coordinates.

    Args:
        log: The log.
        symmetric: Whether T'KT is taken to be symmetric.
        nuisance: Whether payoffs may depend on what was met, whatever was played.
    """
    own, met = own_coordinates(log), met_coordinates(log)
    size = own.shape[1]
    upper = np.triu_indices(size)
    square = -own[:, upper[0]] * own[:, upper[1]] * np.where(upper[0] == upper[1], 0.5, 1.0)
    cross = -own[:, :, None] * met[:, None, :]
    if symmetric:
        both = cross + cross.transpose(0, 2, 1)
        crowd = both[:, upper[0], upper[1]] * np.where(upper[0] == upper[1], 0.5, 1.0)
        pairs = list(zip(*upper, strict=True))
    else:
        crowd = cross.reshape(len(own), -1)
        pairs = [(i, j) for i in range(size) for j in range(size)]
    blocks = {
        "attractiveness": (own, [f"linear {i}" for i in range(size)]),
        "inconsistency": (square, [f"curvature {i},{j}" for i, j in zip(*upper, strict=True)]),
        "crowding": (crowd, [f"crowding {i},{j}" for i, j in pairs]),
        "nuisance": (met if nuisance else met[:, :0], [f"others {i}" for i in range(size if nuisance else 0)]),
    }
    return _joined(blocks)


def shape_columns(
    log: PlayLog, *, attractiveness: Array, inconsistency: Array, similarity: Array, nuisance: bool
) -> Columns:
    """The three terms of the utility with given shapes a'w, -w'Cw, -w'Sv, and the nuisance."""
    own = log.mixtures
    met = _from_uniform(log.others) if nuisance else own[:, :0]
    return _joined(
        {
            "attractiveness": ((own @ attractiveness)[:, None], ["bA"]),
            "inconsistency": (-np.sum(own * (own @ inconsistency), axis=1)[:, None], ["bI"]),
            "crowding": (-np.sum(own * (log.others @ similarity.T), axis=1)[:, None], ["bD"]),
            "nuisance": (met, [f"others {i}" for i in range(met.shape[1])]),
        }
    )


def cubic_columns(log: PlayLog) -> Array:
    """What a quadratic utility has not: w_d^3, w_d^2 v_d and w_d v_d^2 of every group, (N, 3D)."""
    own, met = log.mixtures, log.others
    return np.hstack([own**3, own**2 * met, own * met**2])


def cluster_labels(log: PlayLog, clusters: Clusters) -> NDArray[np.int64]:
    """Rows that may share errors have the same number, (N,).

    Raises:
        InputError: Another word.
    """
    if clusters not in ("round", "account", "row"):
        raise InputError("clusters", repr(clusters), 'expected "round", "account" or "row"')
    return {"round": log.rounds, "account": log.accounts, "row": np.arange(log.rows)}[clusters]


def intercept_labels(log: PlayLog, intercepts: Intercepts) -> NDArray[np.int64] | None:
    """Rows with an intercept of their own have the same number, (N,); None: one intercept for all.

    Raises:
        InputError: Another word.
    """
    if intercepts == "common":
        return None
    if intercepts == "account":
        return log.accounts
    if intercepts == "round":
        labels: NDArray[np.int64] = np.unique(log.rounds, return_inverse=True)[1]
        return labels
    raise InputError("intercepts", repr(intercepts), 'expected "common", "account" or "round"')


def _from_uniform(mixtures: Array) -> Array:
    coordinates = mixtures @ tangent_basis(mixtures.shape[1])
    # What is uniform but for rounding is uniform: else the rounding would count as a direction.
    exact: Array = np.where(np.abs(coordinates) < 1e-12, 0.0, coordinates)
    return exact


def _joined(blocks: dict[str, tuple[Array, list[str]]]) -> Columns:
    return Columns(
        np.hstack([values for values, _ in blocks.values()]),
        tuple(name for _, names in blocks.values() for name in names),
        tuple(part for part, (_, names) in blocks.items() for _ in names),
    )
