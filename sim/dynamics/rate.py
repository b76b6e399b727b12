"""How fast a learning rule must converge: its map linearised at an equilibrium, memory included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, whole_number
from sim.dynamics.extra_gradient import ExtraGradient
from sim.dynamics.fictitious_play import FictitiousPlay
from sim.dynamics.floor import Floored
from sim.dynamics.linearised import Linearised, Modes, linearise
from sim.dynamics.protocol import Dynamics
from sim.dynamics.regret_matching import RegretMatching
from sim.errors import InputError
from sim.game import Game
from sim.simplex import validated_mixture, validated_profile

_LARGEST_JACOBIAN = 600
"""Side of the largest full Jacobian taken by differences; it costs this many rounds of the rule, twice."""


@dataclass(frozen=True)
class PredictedRate:
    """Factor by which small deviations shrink per round; above 1 they grow.

    Attributes:
        consensus: Spectral radius for deviations that all accounts share.
        disagreement: Spectral radius for deviations that cancel over accounts; 0 for a single account.
        spectral_radius: Of the whole map: the asymptotic rate. For rules that treat accounts alike it is the
            larger of the two; where the order of the accounts matters, or they differ, the modes mix and it is
            their joint rate.
    """

    consensus: float
    disagreement: float
    spectral_radius: float


def predicted_rate(game: Game, rule: Dynamics, mixture: ArrayLike, *, rounds: int = 1) -> PredictedRate:
    """Rate of a rule at an equilibrium, by differences on the tangent space.

    Weights on the boundary are moved inwards only, so the rate includes how fast an excluded group's weight
    dies out. Decaying step sizes are taken at round 0. A rule with memory is linearised in profile and memory
    together, around the memory that the rule settles on when it stays at the equilibrium. Source: theory of the
    alignment game, section 5.

    Args:
        game: The game. Identical accounts on the complete graph (`AlignmentGame`) at one mixture are cheap if the
            rule treats them alike: two accounts stand for all.
        rule: A rule without randomness whose memory, if any, settles; its fixed point must include `mixture`.
        mixture: The equilibrium (for `Floored` rules the floored one): one mixture for all accounts, shape (D,), or
            a profile, shape (M, D).
        rounds: Rounds composed before the rate per round is taken: M for `SequentialBestResponse(sweep=False)`,
            whose single rounds move one account only; 2 for `ExtraGradient`.

    Raises:
        InputError: `mixture` is not a mixture, is not a fixed point of the rule; the rule draws at random, has no
            rate of its own (`FictitiousPlay`), or its memory does not settle; or accounts are not alike to the rule
            and the full Jacobian has a side above 600.
    """
    base = _profile(mixture, game)
    composed = whole_number("rounds", rounds, minimum=1)
    floor = rule.floor if isinstance(rule, Floored) else 0.0
    _require_rate(rule, composed)
    local = linearise(game, rule, base, rounds=composed)
    one_mixture = bool((base == base[0]).all())
    if isinstance(game, AlignmentGame) and one_mixture:
        modes = Modes.at(base[0], floor, local.memory_layers)
        if game.accounts == 1:
            consensus = _power_rate(_shared(local, modes), composed)
            return PredictedRate(consensus, 0.0, consensus)
        opposed, treats_alike = _opposed(local, modes)
        if treats_alike:
            consensus = _power_rate(_shared(local, modes), composed)
            disagreement = _power_rate(opposed, composed)
            return PredictedRate(consensus, disagreement, max(consensus, disagreement))
    return _joint(local, [Modes.at(weights, floor, local.memory_layers) for weights in base], composed)


def _profile(mixture: ArrayLike, game: Game) -> Array:
    if np.ndim(mixture) == 2:
        return validated_profile("mixture", mixture, (game.accounts, game.dimension))
    return np.tile(validated_mixture("mixture", mixture, game.dimension), (game.accounts, 1))


def _require_rate(rule: Dynamics, rounds: int) -> None:
    """Refuse rules that a Jacobian of one round cannot describe."""
    inner = rule
    while isinstance(inner, Floored):
        inner = inner.rule
    if isinstance(inner, FictitiousPlay):
        remedy = "its steps shrink like 1/t, so errors fall like a power of t: fictitious_play_exponent(game) gives it"
        raise InputError("rule", "FictitiousPlay", remedy)
    if isinstance(inner, RegretMatching):
        remedy = "where regrets vanish its map has a kink: no one factor describes how deviations shrink; simulate it"
        raise InputError("rule", "RegretMatching", remedy)
    if isinstance(inner, ExtraGradient) and rounds % 2:
        raise InputError("rounds", rounds, "extra-gradient takes a step in two rounds; give an even number")


def _shared(local: Linearised, modes: Modes) -> Array:
    """Response of the accounts' mean to moving all of them alike."""
    columns = []
    for k in range(modes.count):
        push = np.broadcast_to(modes.direction(k)[:, None, :], local.base.shape)
        columns.append(modes.read(local.slope(push, modes, k).mean(axis=1)))
    return np.stack(columns, axis=1)


def _opposed(local: Linearised, modes: Modes) -> tuple[Array, bool]:
    """Response of one account to moving it one way and another the other way; and whether no third reacts."""
    columns = []
    treats_alike = True
    for k in range(modes.count):
        # By linearity the opposed move is the difference of two single ones, each of them feasible.
        slopes = np.zeros_like(local.base)
        for account, sign in ((0, 1.0), (1, -1.0)):
            slopes += sign * local.slope(_push(local, modes, account, k), modes, k)
        expected = np.zeros_like(local.base)
        expected[:, 0], expected[:, 1] = slopes[:, 0], -slopes[:, 0]
        treats_alike = treats_alike and bool(np.abs(slopes - expected).max() <= 1e-4 * (1 + np.abs(slopes).max()))
        columns.append(modes.read(slopes[:, 0]))
    return np.stack(columns, axis=1), treats_alike


def _joint(local: Linearised, modes: list[Modes], rounds: int) -> PredictedRate:
    """The full Jacobian, for rules in which the order of the accounts matters, or accounts that differ."""
    accounts = len(modes)
    size = sum(each.count for each in modes)
    if size > _LARGEST_JACOBIAN:
        side = "M (D-1)" if local.memory_layers == 0 else f"M (D-1 + {local.memory_layers} D)"
        raise InputError(
            "accounts",
            accounts,
            f"this rule or game does not treat accounts alike and needs the full Jacobian, of side {side} = {size} >"
            f" {_LARGEST_JACOBIAN}; use fewer accounts, the rate varies little beyond a hundred",
        )
    # Columns in the coordinates of every account's own modes; rows stay whole so that accounts can be averaged.
    outward = [
        local.slope(_push(local, each, account, k), each, k)
        for account, each in enumerate(modes)
        for k in range(each.count)
    ]

    def radius(keep: str) -> float:
        columns = []
        for slope in outward:
            mean = slope.mean(axis=1, keepdims=True)
            kept = slope if keep == "all" else np.broadcast_to(mean, slope.shape) if keep == "mean" else slope - mean
            columns.append(np.concatenate([each.read(kept[:, m]) for m, each in enumerate(modes)]))
        return _power_rate(np.stack(columns, axis=1), rounds)

    return PredictedRate(
        consensus=radius("mean"),
        disagreement=radius("difference") if accounts > 1 else 0.0,
        spectral_radius=radius("all"),
    )


def _push(local: Linearised, modes: Modes, account: int, which: int) -> Array:
    push = np.zeros_like(local.base)
    push[:, account] = modes.direction(which)
    return push


def _power_rate(jacobian: Array, rounds: int) -> float:
    """Spectral radius per round of a map that composes `rounds` rounds."""
    radius = float(np.abs(np.linalg.eigvals(jacobian)).max())
    return float(radius ** (1.0 / rounds))
