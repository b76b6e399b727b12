"""How fast a learning rule must converge: its mean map linearised at the homogeneous equilibrium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, whole_number
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.floor import Floored
from sim.dynamics.protocol import Dynamics, State
from sim.errors import InputError
from sim.simplex import tangent_basis, validated_mixture

_LARGEST_JACOBIAN = 600
"""Side of the largest full Jacobian taken by differences; it costs this many rounds of the rule, twice."""


@dataclass(frozen=True)
class PredictedRate:
    """Factor by which small deviations shrink per round; above 1 they grow.

    Attributes:
        consensus: Spectral radius for deviations that all accounts share.
        disagreement: Spectral radius for deviations that cancel over accounts; 0 for a single account.
        spectral_radius: Of the whole map: the asymptotic rate. For rules that treat accounts alike it is the
            larger of the two; for rules that move accounts in turn the modes mix and it is their joint rate.
    """

    consensus: float
    disagreement: float
    spectral_radius: float


def predicted_rate(game: AlignmentGame, rule: Dynamics, mixture: ArrayLike, *, rounds: int = 1) -> PredictedRate:
    """Rate of a rule at the homogeneous profile of `mixture`, by differences on the tangent space.

    Weights on the boundary are moved inwards only, so the rate includes how fast an excluded group's weight
    dies out. Decaying step sizes are taken at round 0. Source: theory of the alignment game, section 5.

    Args:
        game: The game.
        rule: A rule whose step does not use randomness; its fixed point must include `mixture`.
        mixture: The homogeneous equilibrium (for `Floored` rules the floored one), shape (D,).
        rounds: Rounds composed before the rate per round is taken: M for
            `SequentialBestResponse(sweep=False)`, whose single rounds move one account only.

    Raises:
        InputError: `mixture` is not a mixture, is not a fixed point of the rule, or the rule treats accounts
            differently and M (D-1) is above 600.
    """
    weights = validated_mixture("mixture", mixture, game.dimension)
    composed = whole_number("rounds", rounds, minimum=1)
    floor = rule.floor if isinstance(rule, Floored) else 0.0
    base = np.tile(weights, (game.accounts, 1))

    def displacement(profile: Array) -> Array:
        # Rules that use randomness are refused by the fixed-point check, so any generator will do.
        rng = np.random.default_rng(0)
        state = State(profile)
        for played in range(composed):
            state = rule.step(state, ExactFeedback(game, played), rng)
        moved: Array = state.profile - base
        return moved

    drift = float(np.abs(displacement(base)).max())
    if drift > 1e-8:
        raise InputError("mixture", f"a point the rule moves by {drift:.3g}", "expected a fixed point of the rule")
    modes = _Modes.at(weights, floor)
    if game.accounts == 1:
        consensus = _power_rate(_shared(displacement, base, modes), composed)
        return PredictedRate(consensus, 0.0, consensus)
    opposed, treats_alike = _opposed(displacement, base, modes)
    if treats_alike:
        consensus = _power_rate(_shared(displacement, base, modes), composed)
        disagreement = _power_rate(opposed, composed)
        return PredictedRate(consensus, disagreement, max(consensus, disagreement))
    return _joint(displacement, base, modes, composed)


@dataclass(frozen=True)
class _Modes:
    """Directions in which a mixture can be moved, and the coordinates that read them back."""

    directions: Array
    """Shape (D, D-1)."""
    coordinates: Array
    """Shape (D-1, D); coordinates @ directions is the identity."""
    two_sided: Array
    """1.0 where the opposite direction is feasible too, shape (D-1,)."""
    step: float

    @classmethod
    def at(cls, weights: Array, floor: float) -> _Modes:
        inside = np.flatnonzero(weights > floor)
        outside = np.flatnonzero(weights <= floor)
        within = np.zeros((weights.size, max(inside.size - 1, 0)))
        if inside.size:
            within[inside] = tangent_basis(inside.size)
        # An excluded group gains weight at the expense of the others in proportion to what they can give.
        excess = weights - floor
        inwards = np.eye(weights.size)[:, outside] - (excess / excess.sum())[:, None]
        directions = np.hstack([within, inwards])
        two_sided = np.concatenate([np.ones(within.shape[1]), np.zeros(outside.size)])
        step = min(1e-5, float(excess[inside].min()) / 10)
        return cls(directions, np.linalg.pinv(directions), two_sided, step)

    def columns(self) -> list[tuple[Array, bool]]:
        """Every direction, with whether it may be taken backwards too."""
        return [(self.directions[:, k], bool(self.two_sided[k])) for k in range(self.two_sided.size)]


def _derivative(
    displacement: Callable[[Array], Array], base: Array, push: Array, step: float, two_sided: bool
) -> Array:
    forward = displacement(base + step * push)
    backward = displacement(base - step * push) if two_sided else displacement(base)
    slope: Array = (forward - backward) / (2 * step if two_sided else step)
    return slope


def _shared(displacement: Callable[[Array], Array], base: Array, modes: _Modes) -> Array:
    columns = []
    for direction, two_sided in modes.columns():
        push = np.broadcast_to(direction, base.shape)
        slope = _derivative(displacement, base, push, modes.step, two_sided)
        columns.append(modes.coordinates @ slope.mean(axis=0))
    return np.stack(columns, axis=1)


def _opposed(displacement: Callable[[Array], Array], base: Array, modes: _Modes) -> tuple[Array, bool]:
    """Response of one account to moving it one way and another the other way; and whether no third reacts."""
    columns = []
    treats_alike = True
    for direction, two_sided in modes.columns():
        # By linearity the opposed move is the difference of two single ones, each of them feasible.
        slopes = np.zeros_like(base)
        for account, sign in ((0, 1.0), (1, -1.0)):
            push = np.zeros_like(base)
            push[account] = direction
            slopes += sign * _derivative(displacement, base, push, modes.step, two_sided)
        expected = np.zeros_like(base)
        expected[0], expected[1] = slopes[0], -slopes[0]
        treats_alike = treats_alike and bool(np.abs(slopes - expected).max() <= 1e-4 * (1 + np.abs(slopes).max()))
        columns.append(modes.coordinates @ slopes[0])
    return np.stack(columns, axis=1), treats_alike


def _joint(displacement: Callable[[Array], Array], base: Array, modes: _Modes, rounds: int) -> PredictedRate:
    """The full Jacobian, for rules in which the order of the accounts matters."""
    accounts = base.shape[0]
    size = accounts * modes.two_sided.size
    if size > _LARGEST_JACOBIAN:
        raise InputError(
            "accounts",
            accounts,
            f"this rule moves accounts in turn and needs the full Jacobian, of side M (D-1) = {size} >"
            f" {_LARGEST_JACOBIAN}; use fewer accounts, the rate varies little beyond a hundred",
        )
    columns = []
    for account in range(accounts):
        for direction, two_sided in modes.columns():
            push = np.zeros_like(base)
            push[account] = direction
            slope = _derivative(displacement, base, push, modes.step, two_sided)
            columns.append((slope @ modes.coordinates.T).reshape(-1))
    jacobian = np.stack(columns, axis=1)
    mean = np.full((accounts, accounts), 1.0 / accounts)
    keep_shared = np.kron(mean, np.eye(modes.two_sided.size))
    keep_opposed = np.eye(size) - keep_shared
    return PredictedRate(
        consensus=_power_rate(keep_shared @ jacobian @ keep_shared, rounds),
        disagreement=_power_rate(keep_opposed @ jacobian @ keep_opposed, rounds),
        spectral_radius=_power_rate(jacobian, rounds),
    )


def _power_rate(jacobian: Array, rounds: int) -> float:
    """Spectral radius per round of a map that composes `rounds` rounds."""
    radius = float(np.abs(np.linalg.eigvals(jacobian)).max())
    return float(radius ** (1.0 / rounds))
