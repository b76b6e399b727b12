"""Imitation: accounts move towards neighbours who earn more, and now and then try something of their own."""

from __future__ import annotations

from dataclasses import dataclass, field

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from sim.arrays import non_negative, positive
from sim.dynamics.directions import random_directions
from sim.dynamics.protocol import Feedback, State
from sim.errors import InputError
from sim.network import Network
from sim.simplex import project_to_simplex


@dataclass(frozen=True)
class Imitation:
    """Pairwise proportional imitation: w_m <- w_m + share (w_n - w_m), share = min(1, rate [u_n - u_m]_+).

    Every round each account looks at one neighbour n, drawn uniformly, and copies it in part if it earned more; all at
    once. It needs no gradient: what it and one neighbour played and earned (Helbing 1992; Schlag 1998). Adding the
    same constant to all payoffs changes nothing.

    Without mutation mixtures stay in the convex hull of those that were there, and accounts that start alike never
    move. Who earns most stays and draws the others, ever more slowly as payoffs draw level: on a connected network play
    tends to a consensus, unless payoffs become equal first. That consensus is a blend of what was there at the start
    and need not be an equilibrium: no group enters that nobody tried.

    With `mutation` an account, after imitating, takes with that probability a step of length `innovation` in a random
    direction (projected back onto the simplex), and imitation keeps what pays. On the complete graph the population
    then climbs the advantage of a lone innovator over the others: bA a - 2 bI C w - (M-2) b S w for symmetric S, one
    b S w short of the payoff gradient, because whoever crowds the others also looks better beside them (spite: Schaffer
    1988; Vega-Redondo 1997). So it drifts around the homogeneous equilibrium of the game with diversity
    bD (M-2)/(M-1), within O(1/M) of the true one, in a cloud that grows with `mutation` and `innovation`; with two
    accounts diversity has no effect at all. Where the shares imitated are small, the mean moves by about rate V grad a
    round, V the covariance of the mixtures that innovation keeps up: slowly, if its steps are short.

    Memory: none.

    Attributes:
        rate: Share moved per unit of payoff difference, > 0.
        network: Who looks at whom: a networkx graph, a `Network`, or None, where everyone may look at everyone. It
            need not be the network on which accounts crowd one another. An account without neighbours imitates nobody.
        mutation: Probability of an innovation per account and round, in [0, 1].
        innovation: Length of an innovation, > 0.
    """

    rate: float
    network: Network | nx.Graph | None = None
    mutation: float = 0.0
    innovation: float = 0.05
    _neighbours: Network | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        positive("rate", self.rate)
        positive("innovation", self.innovation)
        if non_negative("mutation", self.mutation) > 1:
            raise InputError("mutation", self.mutation, "expected a probability, in [0, 1]")
        known = self.network is None or isinstance(self.network, Network)
        object.__setattr__(self, "_neighbours", self.network if known else Network.of(self.network))

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """Let every account look at one neighbour, then innovate."""
        profile = state.profile
        payoffs = feedback.payoffs(profile)
        seen = self._seen(profile.shape[0], rng)
        share = np.clip(self.rate * (payoffs[seen] - payoffs), 0.0, 1.0)[:, None]
        moved = profile + share * (profile[seen] - profile)
        if self.mutation > 0:
            innovates = rng.random(profile.shape[0]) < self.mutation
            tried = moved + self.innovation * random_directions(rng, *profile.shape)
            moved[innovates] = project_to_simplex(tried[innovates])
        return State(moved)

    def _seen(self, accounts: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """The account that each account looks at, shape (M,); itself where it has no neighbour."""
        own = np.arange(accounts)
        # One number per account whatever the network, so that a path does not depend on who is isolated.
        draw = rng.random(accounts)
        if self._neighbours is None:
            if accounts == 1:
                return own
            # One of the M - 1 others: those from the account's own index on are shifted by one.
            other = np.floor(draw * (accounts - 1)).astype(np.int64)
            return other + (other >= own)
        network = self._neighbours
        if network.accounts != accounts:
            raise InputError("network", f"{network.accounts} accounts", f"the game has {accounts}; one node each")
        degrees = network.degrees
        if network.indices.size == 0:
            return own
        position = network.indptr[:-1] + np.floor(draw * degrees).astype(np.int64)
        chosen = network.indices[np.minimum(position, network.indices.size - 1)]
        return np.where(degrees > 0, chosen, own)
