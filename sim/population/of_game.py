"""A game's accounts as a population for the fast kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.errors import InputError
from sim.game import Game
from sim.heterogeneous_game import HeterogeneousGame
from sim.population.problem import Population


@dataclass(frozen=True, eq=False)
class GamePopulation:
    """The population of a game, with what turns its units back into utility.

    Attributes:
        population: The accounts. Utilities of an account with bI_m > 0 are divided by bI_m where these differ, so that
            accounts share one curvature per kind of C instead of needing one each.
        stakes: Units of utility per unit of the population's payoff, shape (M,): bI_m, or 1.
    """

    population: Population
    stakes: Array


def population_of(game: Game) -> GamePopulation:
    """Give the accounts of a game to the kernels of `sim.population`, at O(MD) cost.

    Args:
        game: An `AlignmentGame` or a `HeterogeneousGame`.

    Raises:
        InputError: Another game, or one with more than 64 groups.

    >>> import numpy as np
    >>> from sim.alignment_game import Incentives
    >>> from sim.population import simultaneous_step
    >>> game = AlignmentGame(
    ...     attractiveness=np.array([1.0, 0.0]), inconsistency=np.eye(2), similarity=np.eye(2),
    ...     incentives=Incentives(1, 1, 1), accounts=3,
    ... )
    >>> simultaneous_step(population_of(game).population, np.full((3, 2), 0.5)).mixtures[0].tolist()
    [0.75, 0.25]
    """
    if isinstance(game, AlignmentGame):
        game = HeterogeneousGame.of(game)
    if not isinstance(game, HeterogeneousGame):
        raise InputError("game", type(game).__name__, "expected an AlignmentGame or a HeterogeneousGame")
    attraction, prices, crowding = game.incentives[:, 0], game.incentives[:, 1], game.crowding_weights
    network = game.network
    neighbours = None if network is None else (network.indptr, network.indices.astype(np.int32))
    kinds: NDArray[np.int64] = game.kinds
    if (prices == prices[0]).all():
        stakes = np.ones(game.accounts)
        curvatures = 2 * prices[0] * game.inconsistency
    else:
        indifferent = prices == 0
        stakes = np.where(indifferent, 1.0, prices)
        curvatures = np.concatenate([2 * game.inconsistency, np.zeros((1, game.dimension, game.dimension))])
        kinds = np.where(indifferent, len(game.inconsistency), kinds)
    population = Population(
        linear=(attraction / stakes)[:, None] * game.attractiveness,
        curvatures=curvatures,
        similarity=game.similarity,
        kinds=kinds.astype(np.int32) if len(curvatures) > 1 else None,
        accounts=game.accounts,
        price=crowding / stakes,
        neighbours=neighbours,
    )
    return GamePopulation(population, stakes)
