"""The best setting of the levers, followed by the implicit derivative from many starts, and certified afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import minimize

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, finite_array, read_only, whole_number
from sim.design.implicit import equilibrium_at, equilibrium_slope
from sim.design.levers import AnyGame, Levers
from sim.design.objective import Measures, Objective
from sim.equilibrium.exploitability import exploitability
from sim.equilibrium.heterogeneous import heterogeneous_equilibrium
from sim.equilibrium.homogeneous import homogeneous_equilibrium
from sim.equilibrium.uniqueness import uniqueness
from sim.simplex import tangent_basis

_NARROW = 1e-7


@dataclass(frozen=True, eq=False, kw_only=True)
class Certificate:
    """What a setting does, solved anew by the solver for accounts that may differ.

    Attributes:
        mixture: Mean mixture of the accounts, (D,).
        exploitability: Most that any account could gain by leaving, in units of utility.
        unique: Whether a sufficient condition says that no other equilibrium exists.
        apart: Largest difference of a weight from the solver that the search used.
    """

    mixture: Array
    exploitability: float
    unique: bool
    apart: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """The best setting that was found.

    Attributes:
        theta: The setting, (K,).
        value: Of the objective.
        measures: What its mixture means.
        reached: The value that each start reached, highest first, (starts,).
        smooth: Whether the equilibrium has a two-sided derivative there.
        certificate: The equilibrium there, solved anew.
    """

    theta: Array
    value: float
    measures: Measures
    reached: Array
    smooth: bool
    certificate: Certificate


def best_design(levers: Levers, objective: Objective, rng: np.random.Generator, *, starts: int = 8) -> Design:
    """The setting of highest value: bounded quasi-Newton ascent along the implicit derivative, from several starts.

    The value is piecewise smooth and has many hills: a start climbs one of them. The first start is the objective's
    present setting, brought within the bounds; the others are uniform between them. A group that is left out gives
    no slope (a little more of a lever doesn't bring it back), so starts matter more than steps.

    Args:
        levers: The levers.
        objective: What is wanted.
        rng: Source of the starts.
        starts: How many, at least 1.

    Raises:
        InputError: As `equilibrium_slope`.
    """
    whole_number("starts", starts, minimum=1)

    def loss(theta: Array) -> tuple[float, Array]:
        slope = equilibrium_slope(levers, theta)
        in_mixture, in_levers = objective.gradient(slope.mixture, theta)
        return -objective.value(slope.mixture, theta), -(slope.mixture_jacobian @ in_mixture + in_levers)

    found = []
    for start in _starts(levers, objective.present, rng, starts):
        ended = minimize(
            loss, start, jac=True, method="L-BFGS-B", bounds=list(zip(levers.low, levers.high, strict=True))
        )
        found.append((-float(ended.fun), np.clip(ended.x, levers.low, levers.high)))
    found.sort(key=lambda each: -each[0])
    value, theta = found[0]
    slope = equilibrium_slope(levers, theta)
    return Design(
        theta=read_only(theta),
        value=value,
        measures=objective.measures(slope.mixture),
        reached=read_only(np.array([each for each, _ in found])),
        smooth=slope.smooth,
        certificate=certify(levers.game(theta)),
    )


def nearest_setting(
    levers: Levers,
    present: Array,
    metric: Array,
    threshold: float,
    rng: np.random.Generator,
    *,
    starts: int = 8,
) -> Array | None:
    """The setting nearest to the present one at which every group has the threshold, by the implicit derivative.

    Minimises l'Q l, l the change, under w_d(theta) >= threshold for every group d (sequential quadratic programming).
    With identical accounts w is taken before positivity is imposed: where all groups reach the threshold it is
    the equilibrium, and elsewhere it keeps a slope that leads there. None if no start reaches such a setting.

    Args:
        levers: The levers.
        present: The present setting, (K,).
        metric: Q, symmetric and positive semidefinite, (K, K).
        threshold: Weight that every group shall have.
        rng: Source of the starts; the first is the present setting.
        starts: How many.
    """
    present, metric = finite_array("present", present, ndim=1), finite_array("metric", metric, ndim=2)

    @lru_cache(maxsize=4)  # the value and the slope of one point are asked for apart
    def solved(key: bytes) -> tuple[Array, Array]:
        theta = np.frombuffer(key)
        game = levers.game(theta)
        if isinstance(game, AlignmentGame):
            return _relaxed(levers, game, theta)
        slope = equilibrium_slope(levers, theta)
        return slope.mixture, slope.mixture_jacobian

    def weights(theta: Array) -> tuple[Array, Array]:
        return solved(theta.tobytes())

    constraint = {
        "type": "ineq",
        "fun": lambda theta: weights(theta)[0] - threshold - _NARROW,
        "jac": lambda theta: weights(theta)[1].T,
    }
    best: tuple[float, Array] | None = None
    for start in _starts(levers, present, rng, starts):
        ended = minimize(
            lambda theta: float((theta - present) @ metric @ (theta - present)),
            start,
            jac=lambda theta: 2 * metric @ (theta - present),
            method="SLSQP",
            bounds=list(zip(levers.low, levers.high, strict=True)),
            constraints=[constraint],
            options={"maxiter": 100, "ftol": 1e-13},
        )
        theta = np.clip(ended.x, levers.low, levers.high)
        size = float((theta - present) @ metric @ (theta - present))
        if (best is None or size < best[0]) and equilibrium_at(levers.game(theta)).mean(axis=0).min() >= threshold:
            best = size, theta
    return None if best is None else best[1]


def certify(game: AnyGame) -> Certificate:
    """Solve a game anew, by supports and sequential best response from the uniform profile.

    Raises:
        NotSettledError: No equilibrium was reached.
    """
    searched = equilibrium_at(game)
    uniform = np.full((game.accounts, game.dimension), 1 / game.dimension)
    anew = heterogeneous_equilibrium(game, start=uniform)
    return Certificate(
        mixture=read_only(anew.profile.mean(axis=0)),
        exploitability=exploitability(game, anew.profile),
        unique=uniqueness(game).unique,
        apart=float(np.abs(anew.profile - searched).max()),
    )


def _relaxed(levers: Levers, game: AlignmentGame, theta: Array) -> tuple[Array, Array]:
    """The mixture before weights are required to be positive, (D,), and its derivative, (K, D)."""
    w = homogeneous_equilibrium(game).relaxed
    basis = tangent_basis(game.dimension)
    matrix = game.consensus_matrix - game.consensus_matrix.mean()
    slopes = levers.slopes(theta, w[None])[:, 0]
    moved: Array = np.linalg.solve(basis.T @ matrix @ basis, basis.T @ slopes.T).T @ basis.T
    return w, moved


def _starts(levers: Levers, present: Array, rng: np.random.Generator, count: int) -> Array:
    others = rng.uniform(levers.low, levers.high, size=(count - 1, levers.low.size))
    return np.vstack([np.clip(present, levers.low, levers.high), others])
