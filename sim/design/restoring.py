"""One verb, three ways: bring every group back to a threshold, and say what it took, what it cost and who checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array, whole_number
from sim.design.closed_form import COEFFICIENTS
from sim.design.controllers.play import play
from sim.design.controllers.protocol import Controller
from sim.design.implicit import equilibrium_at
from sim.design.intervention import smallest_change
from sim.design.levers import CoefficientLevers
from sim.design.nearest import size_of
from sim.design.objective import Measures, Objective
from sim.design.optimise import Certificate, certify, nearest_setting
from sim.design.pareto import most_engaging
from sim.design.safe import checked_coefficient, checked_threshold
from sim.errors import InputError
from sim.estimation.draws import GameDraws
from sim.estimation.estimator import GameTerms

DECADE = float(np.log(10.0))


class Method(Protocol):
    """A way to find incentives under which every group has the threshold."""

    def search(self, game: AlignmentGame, shares: Array, threshold: float, seed: int) -> Incentives | None:
        """New incentives, or None if none were found.

        Args:
            game: The game at present; each method uses of it what its principal may know.
            shares: Share of the audience in each group, (D,).
            threshold: Weight that every group shall have.
            seed: Of everything drawn.
        """
        ...


@dataclass(frozen=True)
class CertifiedChange:
    """The smallest change of one coefficient, or of all together, in closed form: the game is known.

    Attributes:
        coefficient: Which one; None for all together.
        digits: Significant digits to round to, inwards.
    """

    coefficient: str | None = None
    digits: int = 3

    def search(self, game: AlignmentGame, shares: Array, threshold: float, seed: int) -> Incentives | None:
        """See `Method`."""
        if self.coefficient is not None:
            checked_coefficient(self.coefficient)
        require_averaged(game)
        terms = GameTerms(game.attractiveness, game.inconsistency, game.similarity)
        found = smallest_change(
            GameDraws.of([terms]),
            game.incentives,
            threshold=threshold,
            coefficient=self.coefficient,
            digits=self.digits,
        )
        return None if found is None else found.incentives


@dataclass(frozen=True)
class LeastPrice:
    """The incentives of most engagement under which every group has the threshold, however large the change.

    In closed form along every ratio of bD to bI (`sim.design.pareto.most_engaging`): the game is known.
    """

    def search(self, game: AlignmentGame, shares: Array, threshold: float, seed: int) -> Incentives | None:
        """See `Method`."""
        require_averaged(game)
        terms = GameTerms(game.attractiveness, game.inconsistency, game.similarity)
        return most_engaging(terms, threshold * (1 + 1e-9))


@dataclass(frozen=True)
class ImplicitDescent:
    """The smallest change of all coefficients above zero, along the derivative of the equilibrium: the game is known.

    Attributes:
        starts: Starts of the search.
        factor: Most that a coefficient may change by.
    """

    starts: int = 6
    factor: float = 100.0

    def search(self, game: AlignmentGame, shares: Array, threshold: float, seed: int) -> Incentives | None:
        """See `Method`."""
        names = [name for name in COEFFICIENTS if getattr(game.incentives, name) > 0]
        levers = CoefficientLevers.around(game, names, factor=self.factor)
        free = np.eye(len(names)) - 1 / len(names)  # a common factor changes nothing and costs nothing
        rng = np.random.default_rng(seed)
        theta = nearest_setting(levers, levers.present, free, threshold, rng, starts=self.starts)
        if theta is None:
            return None
        return levers.incentives(theta - (theta - levers.present).mean())


@dataclass(frozen=True)
class FeedbackSearch:
    """What a controller settles on that sees no game, only the posts of each round.

    The levers are attractiveness and diversity, as powers of ten of their present values; inconsistency is held, since
    only ratios count. Each round the platform runs under the proposal, and `posts` posts are drawn from the
    equilibrium: their groups are all that is seen. The value is that of an `Objective` at the observed shares.

    Attributes:
        controller: Makes a fresh controller of two levers.
        rounds: Rounds it may learn for.
        posts: Posts seen a round.
        margin: Weight aimed at, in thresholds: above 1, since what is seen is noisy.
        representation: Worth of every group at the aim, in units of engagement relative to a's range.
        diversity: Worth of a unit of entropy: a group that is gone leaves no other slope.
        cost: Of a squared power of ten.
    """

    controller: Callable[[], Controller]
    rounds: int = 200
    posts: int = 2000
    margin: float = 1.3
    representation: float = 1.0
    diversity: float = 0.1
    cost: float = 0.2

    def search(self, game: AlignmentGame, shares: Array, threshold: float, seed: int) -> Incentives | None:
        """See `Method`; never None: whatever the controller recommends is judged."""
        whole_number("posts", self.posts, minimum=1)
        names = ["attractiveness", "diversity"]
        levers = CoefficientLevers.around(game, names, factor=1e6)
        wanted = Objective(
            views=game.attractiveness / max(float(np.ptp(game.attractiveness)), 1e-300),
            shares=shares,
            present=np.zeros(2),
            threshold=threshold,
            target=min(self.margin * threshold, 0.99 / game.dimension),
            engagement=0.1,
            representation=self.representation,
            diversity=self.diversity,
            cost=self.cost,
        )

        def measure(profile: Array, rng: np.random.Generator) -> tuple[float, dict[str, float]]:
            mixture = equilibrium_at(levers.game(levers.present + DECADE * profile))[0]
            seen = rng.multinomial(self.posts, mixture / mixture.sum()) / self.posts
            return wanted.value(seen, profile), wanted.measures(seen)._asdict()

        learned = play(self.controller(), measure, rounds=self.rounds, seed=seed)
        return levers.incentives(levers.present + DECADE * learned.recommended)


@dataclass(frozen=True, eq=False, kw_only=True)
class Restored:
    """What a method found, judged by the equilibrium solved anew.

    Attributes:
        incentives: The new coefficients.
        size: Size of the change (`sim.design.nearest`): of the logarithms of the factors, a common one free.
        before: Measures at the present incentives.
        after: Measures at the new ones.
        holds: Whether every group has the threshold there.
        certificate: The equilibrium there, by another solver.
    """

    incentives: Incentives
    size: float
    before: Measures
    after: Measures
    holds: bool
    certificate: Certificate

    @property
    def price(self) -> float:
        """Share of the engagement that is given up; below zero if there is more than before."""
        return 1 - self.after.engagement / self.before.engagement


def require_averaged(game: AlignmentGame) -> None:
    """Refuse a game whose crowding is summed: the closed forms and the maps average it.

    Raises:
        InputError: Names the field.
    """
    if game.crowding != "mean" and game.accounts > 2:
        raise InputError("game.crowding", game.crowding, 'the closed form averages crowding: crowding="mean"')


def restore(
    game: AlignmentGame, method: Method, *, shares: Array, threshold: float = 0.05, seed: int = 0
) -> Restored | None:
    """Bring every group back to the threshold, by a method of one's choice, and judge the result.

    Args:
        game: The game at present.
        method: `CertifiedChange`, `ImplicitDescent`, `LeastPrice`, `FeedbackSearch`, or one's own.
        shares: Share of the audience in each group, (D,).
        threshold: Weight that every group shall have.
        seed: Of everything the method draws.

    Returns:
        What was found and whether it holds; None if the method found nothing.

    Raises:
        InputError: As of the method; or a threshold out of range.

    >>> game = AlignmentGame(
    ...     attractiveness=np.array([0.5, 0.3, 0.2]), inconsistency=np.diag([0.3, 0.3, 0.6]), similarity=np.eye(3),
    ...     incentives=Incentives(5.0, 1.0, 1.0), accounts=10,
    ... )
    >>> found = restore(game, CertifiedChange("diversity"), shares=np.array([0.5, 0.3, 0.2]))
    >>> found.incentives.diversity, found.holds, round(found.price, 3)
    (1.83, True, 0.068)
    """
    checked_threshold(threshold, game.dimension)
    found = method.search(game, shares, threshold, seed)
    if found is None:
        return None
    goal = Objective(views=game.attractiveness, shares=shares, present=np.zeros(1), threshold=threshold)
    changed = game.with_incentives(
        attractiveness=found.attractiveness, inconsistency=found.inconsistency, diversity=found.diversity
    )
    certificate = certify(changed)
    return Restored(
        incentives=found,
        size=size_of(found, game.incentives),
        before=goal.measures(equilibrium_at(game)[0]),
        after=goal.measures(certificate.mixture),
        holds=bool(certificate.mixture.min() >= threshold * (1 - 1e-9)),
        certificate=certificate,
    )
