"""The interior equilibrium along one coefficient: a linear system whose matrix and right-hand side move linearly."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import eig

from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.design.closed_form import Centred, definite
from sim.simplex import tangent_basis


class Line(NamedTuple):
    """The equilibrium's linear system along one coefficient t: (fixed + t moving) z = still + t driven."""

    fixed: Array
    moving: Array
    still: Array
    driven: Array
    unit: float
    """Value of t at which the moving terms are as large as the fixed ones."""

    @classmethod
    def of(cls, centred: Centred, draw: int, incentives: Incentives, coefficient: str) -> Line:
        """The line of one draw; the present value of the coefficient doesn't matter."""
        a, own, crowd, own_pull, crowd_pull = (part[draw] for part in centred)
        nothing = np.zeros_like(own)
        parts = {
            "attractiveness": (nothing, a),
            "inconsistency": (own, own_pull),
            "diversity": (crowd, crowd_pull),
        }
        fixed, still = nothing, np.zeros_like(a)
        for name, (matrix, pull) in parts.items():
            if name != coefficient:
                price = getattr(incentives, name)
                fixed, still = fixed + price * matrix, still + price * pull
        moving, driven = parts[coefficient]
        here, step = (
            max(float(np.abs(m).max()), float(np.abs(v).max())) for m, v in ((fixed, still), (moving, driven))
        )
        scale, unit = here or step or 1.0, here / step if here and step else 1.0
        return cls(fixed / scale, moving / scale, still / scale, driven / scale, unit)

    def crossings(self, threshold: float) -> Array:
        """Positive t, ascending, at which some weight may be the threshold or the curvature singular."""
        basis = tangent_basis(len(self.still) + 1)
        found = [_real_roots(self.fixed, self.unit * self.moving)]
        for row in basis:
            # [fixed + t moving, -(still + t driven); row of the basis, 1/D - threshold] [z; 1] = 0.
            constant = np.block([[self.fixed, -self.still[:, None]], [row, 1 / len(basis) - threshold]])
            linear = np.block([[self.moving, -self.driven[:, None]], [np.zeros(len(row) + 1)]])
            found.append(_real_roots(constant, self.unit * linear))
        return np.unique(self.unit * np.concatenate(found))

    def safe(self, value: float, threshold: float) -> bool:
        """Whether every group reaches the threshold at t = value."""
        matrix = self.fixed + value * self.moving
        if not definite(matrix[None])[0]:
            return False
        basis = tangent_basis(len(self.still) + 1)
        weights = 1 / len(basis) + basis @ np.linalg.solve(matrix, self.still + value * self.driven)
        return bool(weights.min() >= threshold)

    def edge(self, outside: float, inside: float, threshold: float) -> float:
        """The last safe value on the way from a safe one to one that is not, with one change in between."""
        while abs(outside - inside) > 1e-12 * inside and inside > 1e-12 * self.unit:
            middle = (outside + inside) / 2
            if self.safe(middle, threshold):
                inside = middle
            else:
                outside = middle
        return float(inside)


def _real_roots(constant: Array, linear: Array) -> Array:
    """Positive t with det(constant + t linear) = 0. A root too many does no harm, so rounding is met generously."""
    top, bottom = eig(constant, -linear, right=False, homogeneous_eigvals=True)
    finite = np.abs(bottom) > 1e-14 * np.abs(top)
    roots = top[finite] / bottom[finite]
    real: Array = roots.real[(roots.real > 1e-12) & (np.abs(roots.imag) <= 1e-6 * np.abs(roots))]
    return real
