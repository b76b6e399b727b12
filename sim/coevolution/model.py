"""One round of a platform that pushes back: the coupled map, and the parts it is made of.

With members n_g, tastes T_gv, mean mixture w and N = sum of base:

    attractiveness  a_v = sum_g n_g T_gv / N
    service         s_g = sum_v T_gv w_v
    audience        n_g <- n_g + e_a (base_g logistic((s_g - outside_g) / temperature) - n_g)
    tastes          T_gv <- T_gv + e_t ((1 - m) innate_gv + m w_v - T_gv)
    ranking         r <- r + e_r (span tanh(sharpness (E(r + h) - E(r - h)) / (2 h span)) - r),  bA = published exp(r)
    accounts        w at the homogeneous equilibrium, or w <- w + e_w (best response(w) - w)

Every part moves from the same state, towards a place inside its range: the map takes the box of all states into itself.
E(r) is engagement once accounts have settled at lean r: a test on both sides and not a derivative, since the derivative
jumps where a voice falls silent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from sim.arrays import Array
from sim.coevolution.parameters import Coevolution
from sim.coevolution.state import CoupledState
from sim.coevolution.support import Piece, Support, best_on_simplex, on_support


class Advance(NamedTuple):
    """One round.

    Attributes:
        state: The state after it.
        supports: Voices in use: in what is shown or best, then where the ranking tests more and less attractiveness.
        margins: Those of every support, in the same order, shape (..., V) or (..., 3 V); empty if accounts don't move.
    """

    state: CoupledState
    supports: tuple[Support, ...]
    margins: Array


def attractiveness(model: Coevolution, audience: Array, tastes: Array) -> Array:
    """Engagements per post of each voice, if everybody ever there met it, shape (..., V)."""
    reached: Array = (audience[..., None, :] @ tastes)[..., 0, :] / model.audience.base.sum()
    return reached


def service(tastes: Array, mixture: Array) -> Array:
    """Engagements per post read in each group, shape (..., G)."""
    served: Array = (tastes @ mixture[..., None])[..., 0]
    return served


def retention(model: Coevolution, served: Array) -> Array:
    """Share of each group that stays in the long run, shape (..., G)."""
    share: Array = expit((served - model.audience.outside) / model.audience.temperature)
    return share


def engagement(model: Coevolution, state: CoupledState, mixture: Array) -> Array:
    """Engagements per post with everybody ever there as the denominator; `foresight` counts who will be there.

    Shape (...): that of the state.
    """
    served = service(state.tastes, mixture)
    ahead = model.ranking.foresight
    present = (1 - ahead) * state.audience + ahead * model.audience.base * retention(model, served)
    total: Array = (present * served).sum(axis=-1) / model.audience.base.sum()
    return total


def advance(
    model: Coevolution,
    state: CoupledState,
    supports: tuple[Support, ...] | None = None,
    guess: tuple[Support, ...] | None = None,
) -> Advance:
    """Play one round.

    Args:
        model: The platform.
        state: Where it stands.
        supports: Voices in use, taken as given: then the round follows the smooth extension of that piece, and many
            states can be played at once, every array with leading axes.
        guess: Supports to try first; a matter of speed.
    """
    rates, lean = model.rates, np.asarray(state.lean, dtype=np.float64)
    reach = attractiveness(model, state.audience, state.tastes)
    published = model.game.incentives.attractiveness
    pieces: list[Piece] = []

    def settled(lean: Array) -> Array:
        return _follow(pieces, model.consensus, weighted(lean), supports, guess)

    def weighted(lean: Array) -> Array:
        pull: Array = published * np.exp(lean)[..., None] * reach
        return pull

    if rates.accounts is None:
        shown = mixture = settled(lean)
    else:
        shown = mixture = state.mixture
        if rates.accounts > 0:
            pull = weighted(lean) - shown @ (model.consensus - model.own_cost)
            best = _follow(pieces, model.own_cost, pull, supports, guess)
            mixture = shown + rates.accounts * (best - shown)
    if rates.ranking > 0:
        lean = lean + rates.ranking * (_leaning(model, state, settled) - lean)
    stay = model.audience.base * retention(model, service(state.tastes, shown))
    liked = (1 - model.audience.susceptibility) * model.audience.tastes + model.audience.susceptibility * shown[
        ..., None, :
    ]
    after = CoupledState(
        state.audience + rates.audience * (stay - state.audience),
        state.tastes + rates.taste * (liked - state.tastes),
        lean if lean.ndim else float(lean),
        mixture,
    )
    margins = np.concatenate([piece.margins for piece in pieces], axis=-1) if pieces else np.empty(0)
    return Advance(after, tuple(piece.support for piece in pieces), margins)


def _leaning(model: Coevolution, state: CoupledState, settled: Callable[[Array], Array]) -> Array:
    """Where a test on both sides draws the ranking's lean."""
    ranking = model.ranking
    lean = np.asarray(state.lean, dtype=np.float64)
    more, less = (engagement(model, state, settled(lean + side * ranking.probe)) for side in (1, -1))
    gain = (more - less) / (2 * ranking.probe)
    drawn: Array = ranking.span * np.tanh(ranking.sharpness * gain / ranking.span) if ranking.span > 0 else 0 * gain
    return drawn


def _follow(
    pieces: list[Piece],
    quadratic: Array,
    linear: Array,
    supports: tuple[Support, ...] | None,
    guess: tuple[Support, ...] | None,
) -> Array:
    """Weights of the next piece, which is noted in `pieces`."""
    number = len(pieces)
    if supports is not None:
        piece = on_support(quadratic, linear, supports[number])
    else:
        piece = best_on_simplex(quadratic, linear, None if guess is None else guess[number])
    pieces.append(piece)
    return piece.weights
