"""A design of experiment for a platform one owns: what accounts should play so that the log tells everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import AlignmentGame, Crowding
from sim.arrays import Array, finite_array, positive, read_only, shorten, whole_number
from sim.dynamics.protocol import Feedback, State
from sim.errors import InputError
from sim.estimation.induced.clustered import regress
from sim.estimation.induced.columns import quadratic_columns, shape_columns
from sim.estimation.induced.identify import Identification, identification
from sim.estimation.induced.log import PlayLog
from sim.network import Network
from sim.randomness import generator
from sim.simplex import sample_uniform, validated_floor, validated_mixture


@dataclass(frozen=True, eq=False)
class Script:
    """A learning rule that learns nothing: accounts play given profiles, one a round, and stay at the last.

    Start the platform at `profiles[0]` and give it this as its dynamics.

    Attributes:
        profiles: (T, M, D).
    """

    profiles: Array

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        """The profile of the next round."""
        return State(self.profiles[min(feedback.round + 1, len(self.profiles) - 1)])


def exploration(
    accounts: int,
    dimension: int,
    *,
    profiles: int,
    hold: int = 1,
    concentration: float = 1.0,
    around: ArrayLike | None = None,
    floor: float = 0.0,
    seed: int = 0,
) -> Array:
    """Scattered profiles, each held for some rounds, (profiles * hold, M, D).

    Every account draws mixtures of its own, so own and met mixtures vary apart and in all directions. A small
    concentration plays nearly pure mixtures and tells curvature best; holding saves changes where these are costly, at
    the price of fewer different profiles.

    Args:
        accounts: M >= 2.
        dimension: D >= 2.
        profiles: Number of different profiles.
        hold: Rounds each is played.
        concentration: Of the Dirichlet distribution, > 0.
        around: Mean of the mixtures, above 0 everywhere, (D,); None: the uniform one. Nearly pure mixtures around a
            mixture make the posts of a platform on which all play it, and still tell every account's own part.
        floor: Least weight of every group.
        seed: Of the draws.

    Raises:
        InputError: An argument out of range.

    >>> exploration(3, 4, profiles=5, hold=2, seed=1).shape
    (10, 3, 4)
    """
    whole_number("accounts", accounts, minimum=2)
    whole_number("dimension", dimension, minimum=2)
    whole_number("profiles", profiles, minimum=1)
    whole_number("hold", hold, minimum=1)
    floor = validated_floor("floor", floor, dimension)
    rng = generator(seed, round=0, agent=-1, purpose="exploration")
    shape = positive("concentration", concentration)
    if around is not None:
        mean = validated_mixture("around", around, dimension)
        if mean.min() <= 0:
            raise InputError("around", shorten(mean), "expected weights above 0: a group never drawn tells nothing")
        drawn = rng.dirichlet(shape * dimension * mean, size=(profiles, accounts))
    elif shape == 1.0:
        drawn = sample_uniform(rng, dimension, (profiles, accounts))
    else:
        drawn = rng.dirichlet(np.full(dimension, shape), size=(profiles, accounts))
    return read_only(np.repeat(floor + (1 - dimension * floor) * drawn, hold, axis=0))


class ExpectedErrors(NamedTuple):
    """What a design would tell, before it is played.

    Attributes:
        terms: Names of the coefficients: bA, bI, bD, or those of the full fit in tangent coordinates.
        errors: Expected standard errors, (k,); inf where the design doesn't tell one.
        identification: What the design would tell.
    """

    terms: tuple[str, ...]
    errors: Array
    identification: Identification


def expected_errors(
    profiles: Array,
    *,
    noise: float,
    shapes: AlignmentGame | None = None,
    crowding: Crowding = "mean",
    network: Network | None = None,
) -> ExpectedErrors:
    """Standard errors that playing `profiles` would give: noise times the root of the diagonal of (X'X)^-1.

    Args:
        profiles: What would be played, (T, M, D).
        noise: Standard deviation of a payoff around its expectation: `fit.regression.noise` of a short first log.
        shapes: A game with given a, C and S for the three incentives; None for the full fit.
        crowding: As in the game.
        network: Who crowds whom.

    Raises:
        NotIdentifiedError: The design tells nothing.
        InputError: As of `fit_full`; or noise is not above zero.

    >>> design = exploration(6, 3, profiles=100)
    >>> bool(expected_errors(design, noise=0.1).errors.max() < 0.5)
    True
    """
    played = finite_array("profiles", profiles, ndim=3)
    level = positive("noise", noise)
    # Payoffs play no part in the errors; these only keep the regression from being constant.
    paid = np.arange(played.shape[0] * played.shape[1], dtype=np.float64).reshape(played.shape[:2])
    log = PlayLog.of_play(played, paid, crowding=crowding, network=network)
    if shapes is None:
        columns = quadratic_columns(log, symmetric=False, nuisance=True)
    elif shapes.dimension != log.dimension:
        raise InputError("shapes", f"{shapes.dimension} groups", f"the design has {log.dimension}")
    else:
        columns = shape_columns(
            log,
            attractiveness=shapes.attractiveness,
            inconsistency=shapes.inconsistency,
            similarity=shapes.similarity,
            nuisance=True,
        )
    fitted = regress(columns.terms, columns.values, log.payoffs, np.arange(log.rows))
    scale = np.sqrt(np.sum((columns.values - columns.values.mean(axis=0)) ** 2, axis=0))
    told = np.array(columns.parts) != "nuisance"
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(fitted.identified, level * np.sqrt(fitted.inflation) / scale, np.inf)
    terms = tuple(term for term, kept in zip(columns.terms, told, strict=True) if kept)
    return ExpectedErrors(terms, read_only(errors[told].copy()), identification(log, columns, fitted))
