"""The same platform with people: members who leave and come back one by one, and accounts that learn by any rule.

A present member reconsiders with probability e_a and then stays with probability `retention`; an absent one reconsiders
as often and comes back with the same probability. The expected change is that of the coupled map, whatever the size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, finite_array, whole_number
from sim.coevolution.model import advance, attractiveness, retention, service
from sim.coevolution.parameters import Coevolution, full_attractiveness
from sim.coevolution.state import CoupledState, full_house
from sim.coevolution.support import Support
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.protocol import Dynamics, State
from sim.errors import InputError
from sim.randomness import generator


@dataclass(frozen=True, eq=False)
class MembersRun:
    """A path of a finite audience.

    Attributes:
        parameters: Value of the parameter in each round, shape (R,).
        present: Members present after each round, shape (R, G).
        left: Who left in it, shape (R, G).
        joined: Who came back in it, shape (R, G).
        shown: What the accounts showed in it, shape (R, V).
        state: Where it ends.
        profile: Mixtures of the accounts at the end if they learn by a rule, shape (M, V); else None.
    """

    parameters: Array
    present: NDArray[np.int64]
    left: NDArray[np.int64]
    joined: NDArray[np.int64]
    shown: Array
    state: CoupledState
    profile: Array | None


def with_members(model: Coevolution, members: int) -> Coevolution:
    """The same platform with a whole number of people in each group, about `members` in all.

    Raises:
        InputError: So few that a group has none.
    """
    whole_number("members", members, minimum=1)
    base = np.round(model.audience.base / model.audience.base.sum() * members)
    if base.min() < 1:
        raise InputError("members", members, "a group has no one left; use more")
    game = replace(model.game, attractiveness=full_attractiveness(base, model.audience.tastes))
    return replace(model, game=game, audience=replace(model.audience, base=base))


def play_members(
    model: Coevolution,
    parameter: str,
    values: ArrayLike,
    *,
    seed: int,
    start: CoupledState | None = None,
    rule: Dynamics | None = None,
    profile: Array | None = None,
) -> MembersRun:
    """Play one round at each value of a parameter with people who really leave and come back.

    Args:
        model: A platform whose groups have whole numbers of people, as `with_members` makes it.
        parameter: Name of the parameter.
        values: Shape (R,).
        seed: Every draw depends on it, the round and the purpose only.
        start: Where it starts; None for a full house.
        rule: Learning rule of the accounts, each with its own mixture; None for what the model's rates say.
        profile: Their first mixtures, shape (M, V); None: all as `start` says.

    Raises:
        InputError: Groups that aren't whole numbers of people.
    """
    rounds = finite_array("values", values, ndim=1)
    base = np.round(model.audience.base).astype(np.int64)
    if not np.array_equal(base, model.audience.base):
        raise InputError("audience.base", model.audience.base.tolist(), "people are whole; use with_members()")
    state = full_house(model) if start is None else start
    learning = None
    if rule is not None:
        learning = State(np.tile(state.mixture, (model.game.accounts, 1)) if profile is None else profile)
        model = replace(model, rates=replace(model.rates, accounts=0.0))
    here = np.round(state.audience).astype(np.int64)
    present, left, joined = (np.empty((rounds.size, base.size), np.int64) for _ in range(3))
    shown = np.empty((rounds.size, model.voices))
    guess: tuple[Support, ...] | None = None
    changed = model
    for played, value in enumerate(rounds):
        if played == 0 or value != rounds[played - 1]:
            changed = model.with_parameter(parameter, float(value))
        played_round = advance(changed, state, guess=guess)
        guess, after = played_round.supports, played_round.state
        visible = after.mixture if changed.rates.accounts is None else state.mixture
        stay = retention(changed, service(state.tastes, visible))
        rng = generator(seed, round=played, agent=-1, purpose="members who leave and come back")
        left[played] = rng.binomial(here, changed.rates.audience * (1 - stay))
        joined[played] = rng.binomial(base - here, changed.rates.audience * stay)
        here = here - left[played] + joined[played]
        present[played], shown[played] = here, visible
        if rule is not None and learning is not None:
            feedback = ExactFeedback(_game(changed, state), played)
            learning = rule.step(learning, feedback, generator(seed, round=played, agent=-1, purpose="learning"))
            after = replace(after, mixture=learning.profile.mean(axis=0))
        state = replace(after, audience=here.astype(np.float64))
    return MembersRun(rounds, present, left, joined, shown, state, None if learning is None else learning.profile)


def _game(model: Coevolution, state: CoupledState) -> AlignmentGame:
    """What the accounts play in a round: the published game with the attractiveness and the ranking of the moment."""
    moved = replace(model.game, attractiveness=attractiveness(model, state.audience, state.tastes))
    return moved.with_incentives(attractiveness=model.game.incentives.attractiveness * float(np.exp(state.lean)))
