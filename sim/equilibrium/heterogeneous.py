"""One equilibrium of accounts that differ, boundary included, on any network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, positive, read_only, whole_number
from sim.equilibrium.exploitability import exploitability
from sim.equilibrium.supports import Terms, on_supports
from sim.equilibrium.uniqueness import Uniqueness, uniqueness
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame, has_many_accounts
from sim.quadratic import maximise_on_simplex
from sim.simplex import project_to_simplex, validated_floor, validated_profile

_ZERO = 1e-12
_SUPPORT_STEPS = 25


@dataclass(frozen=True, eq=False)
class HeterogeneousEquilibrium:
    """One equilibrium of a game, with what is needed to trust it.

    Attributes:
        profile: Mixture of every account, shape (M, D); weights on the boundary equal the floor.
        interior: Whether every weight of every account is above the floor.
        relaxed: Solution of the linear system before weights are required to be positive, shape (M, D); None where the
            system is singular, or a network too large to factorise.
        multipliers: Largest gradient of each account, shape (M,), in units of utility.
        exploitability: Largest unilateral gain, at most the tolerance asked for.
        sweeps: Rounds of sequential best response it took; 0 where linear systems alone found it.
        uniqueness: Whether it is the only equilibrium, and by which condition.
        floor: Least weight required of every group.
    """

    profile: Array
    interior: bool
    relaxed: Array | None
    multipliers: Array
    exploitability: float
    sweeps: int
    uniqueness: Uniqueness
    floor: float


class NotSettledError(ArithmeticError):
    """No equilibrium was reached; what was is at hand.

    Attributes:
        profile: The last profile, shape (M, D).
        exploitability: What an account could still gain there.
        sweeps: Rounds of sequential best response made.
    """

    def __init__(self, profile: Array, gain: float, sweeps: int) -> None:
        self.profile = profile
        self.exploitability = gain
        self.sweeps = sweeps
        super().__init__(
            f"no equilibrium after {sweeps} sweeps: an account can still gain {gain:.3g}. Best responses may cycle"
            " (an asymmetric similarity or a directed network has no potential) or creep (near a singular game):"
            " try another start=, more sweeps=, or a larger tolerance="
        )


def heterogeneous_equilibrium(
    game: HeterogeneousGame | AlignmentGame,
    *,
    floor: float = 0.0,
    start: ArrayLike | None = None,
    tolerance: float = 1e-12,
    sweeps: int = 2000,
) -> HeterogeneousEquilibrium:
    """Find one equilibrium, exactly: exploitability at most `tolerance`.

    The interior candidate solves one linear system (complete graph: through the sum of all mixtures). Where weights
    come out negative, supports are corrected and solved again; where that goes round in circles, accounts
    best-respond in turn (which climbs the potential where S and the network are symmetric) until supports settle.
    With several equilibria, the one found depends on the start. (Theory of the alignment game, section 5.)

    Args:
        game: The game.
        floor: Least weight of every group, 0 <= floor <= 1/D.
        start: Where the search starts, shape (M, D); the relaxed solution if not given.
        tolerance: Largest exploitability accepted, in units of utility, or of the largest coefficient if above 1.
        sweeps: Most sweeps of sequential best response. From half of them on accounts move half-way only.

    Raises:
        InputError: Bad floor, start, tolerance or sweeps.
        NotSettledError: The tolerance was not reached; it carries the last profile. Nothing is returned then.
    """
    game = as_heterogeneous(game)
    floor = validated_floor("floor", floor, game.dimension)
    positive("tolerance", tolerance)
    whole_number("sweeps", sweeps, minimum=0)
    terms = Terms.of(game)
    shape = (game.accounts, game.dimension)
    relaxed = on_supports(terms, np.ones(shape, dtype=bool), floor)
    if start is not None:
        profile = project_to_simplex(validated_profile("start", start, shape), floor)
    else:
        profile = project_to_simplex(np.full(shape, 1 / shape[1]) if relaxed is None else relaxed, floor)
    accepted = tolerance * max(1.0, terms.scale)
    if has_many_accounts(game):
        # Imported here: loading the compiler takes a second that few accounts need not wait for.
        from sim.population import solve_population
        from sim.population.of_game import population_of

        accounts = population_of(game)
        goal = accepted / float(accounts.stakes.max())
        solved = solve_population(accounts.population, profile, floor=floor, tolerance=goal, max_sweeps=sweeps)
        found, used = solved.mixtures, solved.sweeps
    else:
        found, used = settle(terms, profile, floor=floor, accepted=accepted, sweeps=sweeps, leap=True)
    gain = exploitability(game, found, floor)
    if gain > accepted:
        raise NotSettledError(found, gain, used)
    return HeterogeneousEquilibrium(
        profile=read_only(found),
        interior=bool(found.min() > floor + _ZERO),
        relaxed=None if relaxed is None else read_only(relaxed),
        multipliers=read_only(game.gradients(found).max(axis=1)),
        exploitability=gain,
        sweeps=used,
        uniqueness=uniqueness(game),
        floor=floor,
    )


def settle(terms: Terms, start: Array, *, floor: float, accepted: float, sweeps: int, leap: bool) -> tuple[Array, int]:
    """Sequential best response with exact finishes; the last profile and the sweeps made.

    Args:
        terms: The game.
        start: Profile to start from, weights >= floor, shape (M, D).
        floor: Least weight.
        accepted: First-order gain at which to stop, in units of utility.
        sweeps: Most sweeps.
        leap: Whether the exact finish may change supports and travel far; if not, it only polishes the point that
            best responses approach, so that the result is one that they lead to.
    """
    profile, small = start.copy(), accepted / terms.scale
    if leap:
        profile = _corrected(terms, profile, floor, small)
    for sweep in range(sweeps + 1):
        if first_order_gain(terms, profile, floor) <= small:
            return profile, sweep
        if sweep == sweeps:
            break
        before = profile
        profile = _swept(terms, profile, floor, 1.0 if 2 * sweep < sweeps else 0.5)
        settled = ((profile > floor + _ZERO) == (before > floor + _ZERO)).all()
        moved = float(np.abs(profile - before).max())
        if leap and settled and (sweep < 5 or sweep % 10 == 0):
            candidate = _corrected(terms, profile, floor, small)
            profile = candidate if first_order_gain(terms, candidate, floor) <= small else profile
        elif not leap and settled and moved < 1e-4:
            profile = _polished(terms, profile, floor, 1e3 * moved + 1e-9)
    return profile, sweeps


def first_order_gain(terms: Terms, profile: Array, floor: float) -> float:
    """Largest g'(v - w) over accounts and mixtures v >= floor, scaled: a bound on the exploitability."""
    gradients = terms.gradients(profile)
    below = gradients.max(axis=1, keepdims=True) - gradients
    return float(np.sum((profile - floor) * below, axis=1).max())


def as_heterogeneous(game: AlignmentGame | HeterogeneousGame) -> HeterogeneousGame:
    """The game as one whose accounts may differ.

    Raises:
        InputError: Not a game of this package.
    """
    if isinstance(game, HeterogeneousGame):
        return game
    if not isinstance(game, AlignmentGame):
        raise InputError("game", type(game).__name__, "expected an AlignmentGame or a HeterogeneousGame")
    return HeterogeneousGame.of(game)


def _swept(terms: Terms, profile: Array, floor: float, damping: float) -> Array:
    """One best response of every account in turn."""
    moved = profile.copy()
    network = terms.game.network
    total = moved.sum(axis=0)
    for m in range(moved.shape[0]):
        crowd = total - moved[m] if network is None else moved[network.neighbours(m)].sum(axis=0)
        linear = terms.pull[m] - terms.price[m] * (terms.similarity @ crowd)
        best = maximise_on_simplex(terms.own[m], linear, floor, near=moved[m])
        new = best if damping == 1 else moved[m] + damping * (best - moved[m])
        total += new - moved[m]
        moved[m] = new
    return moved


def _corrected(terms: Terms, profile: Array, floor: float, small: float) -> Array:
    """Solve on the supports of a profile, correct the supports, repeat; the profile itself if that does not end."""
    inside = profile > floor + _ZERO
    seen: set[bytes] = set()
    while inside.tobytes() not in seen and len(seen) < _SUPPORT_STEPS:
        seen.add(inside.tobytes())
        weights = on_supports(terms, inside, floor)
        if weights is None:
            return profile
        candidate = _tidied(weights, inside, floor)
        if candidate is not None and first_order_gain(terms, candidate, floor) <= small:
            return candidate
        gradients = terms.gradients(weights)
        level = np.where(inside, gradients, 0.0).sum(axis=1) / inside.sum(axis=1)
        inside = _next(inside, weights - floor, gradients - level[:, None])
    return profile


def _next(inside: NDArray[np.bool_], excess: Array, advantage: Array) -> NDArray[np.bool_]:
    """Drop weights below the floor, admit groups that earn more (the primal-dual active set step)."""
    chosen = np.where(inside, excess > 0, advantage > 0)
    empty = ~chosen.any(axis=1)
    chosen[empty, np.argmax(excess[empty], axis=1)] = True
    return chosen


def _polished(terms: Terms, profile: Array, floor: float, reach: float) -> Array:
    """The exact point on the present supports, if it is near."""
    inside = profile > floor + _ZERO
    weights = on_supports(terms, inside, floor)
    candidate = None if weights is None else _tidied(weights, inside, floor)
    if candidate is None or np.abs(candidate - profile).max() > reach:
        return profile
    return candidate


def _tidied(weights: Array, inside: NDArray[np.bool_], floor: float) -> Array | None:
    """Weights with rounding removed, or None where one is truly below the floor."""
    if weights.min() < floor - _ZERO:
        return None
    excess = np.where(inside, np.maximum(weights - floor, 0.0), 0.0)
    tidy: Array = floor + excess * ((1 - floor * weights.shape[1]) / excess.sum(axis=1, keepdims=True))
    return tidy
