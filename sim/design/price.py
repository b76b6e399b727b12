"""What a mixture is worth to the accounts that play it, term by term, and how many groups it represents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from sim.alignment_game import Incentives
from sim.estimation.estimator import GameTerms
from sim.simplex import validated_mixture


class UtilityParts(NamedTuple):
    """The parts of one account's utility where all play the same mixture; their sum is the utility.

    Attributes:
        attractiveness: bA a'w.
        inconsistency: -bI w'Cw.
        diversity: -bD w'Sw, with crowding averaged over the other accounts.
    """

    attractiveness: float
    inconsistency: float
    diversity: float

    @property
    def total(self) -> float:
        """The utility."""
        return sum(self)


def utility_parts(terms: GameTerms, incentives: Incentives, mixture: ArrayLike) -> UtilityParts:
    """Utility of every account at a common mixture, in parts (theory of the alignment game, section 2).

    Incentives of 1 give a'w, -w'Cw and -w'Sw as they are: only these can be compared under different incentives.

    Args:
        terms: a (D,), C (D, D) and S (D, D).
        incentives: bA, bI, bD.
        mixture: w, (D,).

    Raises:
        InputError: Not a mixture over these groups.

    >>> terms = GameTerms(np.array([0.6, 0.4]), np.eye(2), np.eye(2))
    >>> utility_parts(terms, Incentives(2.0, 1.0, 0.0), [0.5, 0.5])
    UtilityParts(attractiveness=1.0, inconsistency=-0.5, diversity=-0.0)
    """
    a, own, crowd = terms
    w = validated_mixture("mixture", mixture, len(a))
    return UtilityParts(
        attractiveness=float(incentives.attractiveness * (a @ w)),
        inconsistency=-float(incentives.inconsistency * (w @ own @ w)),
        diversity=-float(incentives.diversity * (w @ crowd @ w)),
    )


class EffectiveGroups(NamedTuple):
    """How many groups of equal weight would be as diverse (Hill numbers of order 1 and 2), each from 1 to D.

    Attributes:
        shannon: exp of the entropy.
        simpson: 1 / sum w^2, which minds small weights less.
    """

    shannon: float
    simpson: float


def effective_groups(mixture: ArrayLike) -> EffectiveGroups:
    """Effective number of groups in a mixture.

    Raises:
        InputError: Not a mixture.

    >>> effective_groups([0.5, 0.5, 0.0])
    EffectiveGroups(shannon=2.0, simpson=2.0)
    """
    w = validated_mixture("mixture", mixture)
    return EffectiveGroups(shannon=round(float(np.exp(-xlogy(w, w).sum())), 12), simpson=1 / float(w @ w))
