"""The same quadratic programme, given to other people's solvers."""

from __future__ import annotations

import warnings

import daqp
import nashpy
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]


def by_daqp(quadratic: Array, linear: Array) -> Array:
    """Dual active set in C (daqp), one call per problem."""
    size = linear.size
    upper, lower = np.append(np.full(size, 2.0), 1.0), np.append(np.zeros(size), 1.0)
    weights, _, flag, _ = daqp.solve(
        quadratic, -linear, np.ones((1, size)), upper, lower, primal_tol=1e-12, dual_tol=1e-12
    )
    if flag != 1:
        raise ArithmeticError(f"daqp ended with flag {flag}")
    return np.asarray(weights, dtype=np.float64)


def by_slsqp(quadratic: Array, linear: Array) -> Array:
    """Sequential least squares (scipy SLSQP) with the exact gradient, from the uniform mixture."""
    size = linear.size
    found = minimize(
        lambda w: w @ quadratic @ w / 2 - linear @ w,
        np.full(size, 1.0 / size),
        jac=lambda w: quadratic @ w - linear,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * size,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0, "jac": np.ones_like},
        options={"ftol": 1e-16, "maxiter": 500},
    )
    return np.asarray(found.x, dtype=np.float64)


def by_support_enumeration(quadratic: Array, linear: Array) -> Array | None:
    """Symmetric equilibrium of the bimatrix game q 1' - H (nashpy), up to the first one found.

    None if it is missed: nashpy drops a support when a weight that should be 0 is solved as -1e-17.
    """
    payoff = linear[:, None] - quadratic
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # "an even number of equilibria": one was missed
        for row, column in nashpy.Game(payoff, payoff.T).support_enumeration(tol=1e-12):
            if np.allclose(row, column, atol=1e-9):
                return np.asarray(row, dtype=np.float64)
    return None
