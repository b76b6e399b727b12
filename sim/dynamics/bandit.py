"""Bandit gradient: climb one's own payoff knowing nothing but that payoff, by trying small detours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array, positive
from sim.dynamics.directions import random_directions
from sim.dynamics.protocol import Feedback, State
from sim.dynamics.step_size import StepSize
from sim.simplex import project_to_simplex

_LARGEST_SHARE = 0.5
"""A detour takes at most this share of the distance from the uniform mixture to the nearest face."""


@dataclass(frozen=True)
class BanditGradient:
    """Gradient ascent from one's own payoffs only: play x + delta z, be paid u, move x by eta (D-1)/delta u z.

    The centre x stays delta away from every face, so that what is played is a mixture; z is uniform on the unit sphere
    of the tangent space, drawn anew and apart by every account. The estimate (D-1)/delta u z of the gradient is
    unbiased in the alignment game, whose payoffs are quadratic; its variance grows like u^2/delta^2, so a constant
    added to payoffs matters. With `two_point` an account plays x + delta z in one round and x - delta z in the next,
    and moves every second round by eta (D-1)/(2 delta) (u+ - u-) z: unbiased too, with a variance that neither grows
    as delta shrinks nor depends on such a constant.

    The step decays like 1/t and the detour like t^-1/4: delta_t = detour (eta_t / eta_0)^(1/4). With steps of the form
    p/t, p above 1/(4 mu) and mu the least eigenvalue of A and B on the tangent space, both positive definite (kappa_max
    < 1), the mean squared distance of play from the homogeneous equilibrium falls like T^-1/2 (method, with a rate
    T^-1/3: Bravo, Leslie and Mertikopoulos 2018; T^-1/2: Drusvyatskiy, Fazel and Ratliff 2022). With two points the
    centre is faster, like 1/t or better where payoffs carry no noise, and the distance of play is the detour itself,
    delta_t^2: a detour ten times as short puts it about a hundred times below one-point play. A constant step leaves a
    cloud that does not shrink; p much too small loses the rate; above kappa_max = 1 the accounts specialise.

    Memory: four layers. The centre x; the detour just played (profile - x); the payoff of the pair's first round; and
    whether the pair's second round was just played, 0 or 1.

    Attributes:
        step_size: eta_t, in units of weight per unit of utility.
        detour: delta_0 > 0, length of the first detour. Where the simplex has no room, half of what fits is taken.
        two_point: Whether gradients are estimated from two consecutive rounds; an update then takes two rounds.
    """

    step_size: StepSize
    detour: float = 0.1
    two_point: bool = False

    def __post_init__(self) -> None:
        positive("detour", self.detour)

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Learn from what was paid for the profile just played, and play the next detour."""
        profile = state.profile
        if state.memory is None:
            return self._detour(profile, feedback.round, rng)
        centre, tried, first, second = state.memory
        paid = np.broadcast_to(feedback.payoffs(profile)[:, None], profile.shape)
        if self.two_point and not second.any():
            return State(np.maximum(centre - tried, 0.0), np.stack([centre, -tried, paid, np.ones_like(centre)]))
        # The slope along the detour: two-point differences are against its mirror image.
        rise = (paid - first) / 2 if self.two_point else paid
        squared = np.sum(tried**2, axis=1, keepdims=True)
        estimate = (profile.shape[1] - 1) * rise * tried / squared
        return self._detour(centre + self.step_size.at(feedback.round) * estimate, feedback.round, rng)

    def _detour(self, target: Array, played: int, rng: np.random.Generator) -> State:
        """Bring the centre to where a detour fits, and play one."""
        accounts, dimension = target.shape
        reach = np.sqrt(1.0 - 1.0 / dimension)  # the most a unit tangent vector takes from one weight
        decay = (self.step_size.at(played) / self.step_size.initial) ** 0.25
        length = min(self.detour * decay, _LARGEST_SHARE / (dimension * reach))
        centre = project_to_simplex(target, floor=length * reach)
        tried = length * random_directions(rng, accounts, dimension)
        nothing = np.zeros_like(centre)
        # Rounding may leave a weight an ulp below zero.
        return State(np.maximum(centre + tried, 0.0), np.stack([centre, tried, nothing, nothing]))
