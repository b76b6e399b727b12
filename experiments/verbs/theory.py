"""What theory says of a survey: its game, where accounts settle, who is left out, and what would keep everyone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import overload

from numpy.typing import ArrayLike

from agents.subpopulations.sources.source import Loaded
from experiments.studies.evidence import Evidence, estimated
from sim.alignment_game import AlignmentGame
from sim.arrays import whole_number
from sim.design import Change, smallest_change
from sim.design.closed_form import COEFFICIENTS
from sim.design.restoring import require_averaged
from sim.equilibrium import (
    HeterogeneousEquilibrium,
    HomogeneousEquilibrium,
    heterogeneous_equilibrium,
    homogeneous_equilibrium,
)
from sim.errors import InputError
from sim.estimation import GameDraws, GameEstimator, GameTerms, bhattacharyya
from sim.heterogeneous_game import HeterogeneousGame
from sim.maps import ExclusionMap, exclusion_map, grid_around

SURVEY = GameEstimator(similarity=bhattacharyya)
"""How an audit makes a, C and S: groups that answer alike crowd each other (conf/estimate/survey.yaml)."""


def estimate(survey: Loaded, *, estimator: GameEstimator = SURVEY, draws: int = 200, seed: int = 0) -> Evidence:
    """Attractiveness a, inconsistency C and similarity S of the groups of a survey, and of the survey drawn again.

    Args:
        survey: As `load` gives it.
        estimator: Which estimator makes which term.
        draws: Bootstrap draws; 0 for none.
        seed: Of the draws.

    Returns:
        The estimates; `.game(Incentives(...), accounts)` is the game they make, `.draws` goes to `design` and to
        `sim.maps.point_risk`.

    Raises:
        InputError: As of the estimator and the bootstrap.
    """
    if whole_number("draws", draws, minimum=0) == 1:
        raise InputError("draws", 1, "one draw has no spread; expected 0, or 2 and more")
    return estimated(survey, estimator, draws=draws, seed=seed)


@overload
def solve(game: AlignmentGame) -> HomogeneousEquilibrium: ...
@overload
def solve(game: HeterogeneousGame) -> HeterogeneousEquilibrium: ...
def solve(game: AlignmentGame | HeterogeneousGame) -> HomogeneousEquilibrium | HeterogeneousEquilibrium:
    """Where the accounts settle: one mixture if they are alike, a profile if they differ.

    >>> import numpy as np
    >>> from sim.alignment_game import Incentives
    >>> game = AlignmentGame(
    ...     attractiveness=np.array([0.55, 0.35, 0.10]), inconsistency=np.diag([0.4, 0.4, 0.4]), similarity=np.eye(3),
    ...     incentives=Incentives(2.0, 1.0, 0.0), accounts=10,
    ... )
    >>> solve(game).mixture.round(3).tolist()
    [0.75, 0.25, 0.0]
    """
    if isinstance(game, HeterogeneousGame):
        return heterogeneous_equilibrium(game)
    return homogeneous_equilibrium(game)


def map_incentives(
    game: AlignmentGame, grid: Mapping[str, ArrayLike] | None = None, *, threshold: float = 0.05
) -> ExclusionMap:
    """Who is left out at which incentives.

    Args:
        game: The groups, and the incentives the map lies around.
        grid: As of `sim.maps.exclusion_map`; None: two decades to either side of the present, 200 x 200.
        threshold: Weight below which a group counts as left out.

    Raises:
        InputError: As of `exclusion_map`.
    """
    require_averaged(game)
    return exclusion_map(
        attractiveness=game.attractiveness,
        inconsistency=game.inconsistency,
        similarity=game.similarity,
        grid=grid_around(game.incentives, 200) if grid is None else grid,
        threshold=threshold,
        groups=game.groups,
    )


def design(
    game: AlignmentGame, *, threshold: float = 0.05, draws: GameDraws | None = None, share: float = 0.95
) -> dict[str, Change | None]:
    """The smallest change of incentives that keeps every group: of each coefficient alone, and of all together.

    Args:
        game: The game at present.
        threshold: Weight that every group shall have.
        draws: Bootstrap draws of the same groups: the change shall hold in a share of them, not for `game`'s own terms.
        share: That share.

    Returns:
        By lever ("together", "attractiveness", "inconsistency", "diversity") a change, certified by solving the
        equilibrium anew; None where no change suffices.

    Raises:
        InputError: As of `sim.design.smallest_change`.
    """
    require_averaged(game)
    known = GameDraws.of([GameTerms(game.attractiveness, game.inconsistency, game.similarity)])
    levers: dict[str, str | None] = {"together": None, **{name: name for name in COEFFICIENTS}}
    return {
        name: smallest_change(
            draws or known,
            game.incentives,
            threshold=threshold,
            coefficient=coefficient,
            share=share if draws else 1.0,
        )
        for name, coefficient in levers.items()
    }
