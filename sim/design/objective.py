"""What the principal wants: engagement of the audience, groups represented, and levers moved no more than need be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp, softmax, xlogy

from sim.arrays import Array, finite_array, non_negative, positive
from sim.errors import InputError
from sim.simplex import validated_mixture


class Measures(NamedTuple):
    """What one mixture means for the audience and for the groups.

    The mixture is the mean one of all accounts: the share of all posts that speaks for each group.

    Attributes:
        engagement: a'w, expected engaged views per post, in the unit of a.
        least: Least weight of any group.
        soft_least: Smooth lower bound of `least`, see `soft_least`.
        effective: exp of the entropy of the mixture: how many groups of equal weight would be as diverse, 1 to D.
        unserved: Share of the audience whose group is below the threshold.
    """

    engagement: float
    least: float
    soft_least: float
    effective: float
    unserved: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Objective:
    """A weighted value of mixtures and levers: engagement + representation - cost.

        value = e a'w + r min(soft_least(w), target) / target + n log(effective groups) - c |theta - present|^2

    The representation counts up to a target: what no group lacks is not bought again. Smooth in w, so that it can be
    followed by its gradient; the soft minimum errs below the true one by at most log(D) / sharpness.

    Attributes:
        views: a, expected engaged views of a post for each group, (D,).
        shares: Share of the audience in each group, (D,).
        present: Levers as they are, (K,); distance is measured from here.
        threshold: Weight below which a group counts as left out, above 0 and below 1/D.
        target: Least weight asked for; the threshold if not given.
        engagement: e >= 0.
        representation: r >= 0, paid in full where every group reaches the target.
        diversity: n >= 0, per unit of entropy.
        cost: c >= 0, per unit of squared change of the levers.
        sharpness: Of the soft minimum, above 0.
    """

    views: Array
    shares: Array
    present: Array
    threshold: float = 0.05
    target: float | None = None
    engagement: float = 1.0
    representation: float = 1.0
    diversity: float = 0.0
    cost: float = 0.0
    sharpness: float = 400.0

    def __post_init__(self) -> None:
        views = finite_array("views", self.views, ndim=1)
        object.__setattr__(self, "views", views)
        object.__setattr__(self, "shares", validated_mixture("shares", self.shares, views.size))
        object.__setattr__(self, "present", finite_array("present", self.present, ndim=1))
        for name in ("engagement", "representation", "diversity", "cost"):
            non_negative(name, getattr(self, name))
        positive("sharpness", self.sharpness)
        for name, level in (("threshold", self.threshold), ("target", self.aim)):
            if positive(name, level) >= 1 / views.size:
                raise InputError(name, level, f"{views.size} groups cannot all have it; below {1 / views.size:.6g}")

    @property
    def aim(self) -> float:
        """The least weight asked for."""
        return self.threshold if self.target is None else self.target

    def measures(self, mixture: ArrayLike) -> Measures:
        """Everything that is reported about a mixture (D,)."""
        w = validated_mixture("mixture", mixture, self.views.size)
        return Measures(
            engagement=float(self.views @ w),
            least=float(w.min()),
            soft_least=soft_least(w, self.sharpness),
            effective=float(np.exp(-xlogy(w, w).sum())),
            unserved=float(self.shares[w < self.threshold].sum()),
        )

    def value(self, mixture: Array, levers: Array) -> float:
        """The value of a mixture (D,) reached by levers (K,)."""
        reached = min(soft_least(mixture, self.sharpness), self.aim) / self.aim
        variety = self.diversity * float(-xlogy(mixture, mixture).sum()) if self.diversity else 0.0
        moved = levers - self.present
        paid = self.engagement * float(self.views @ mixture)
        return paid + self.representation * reached + variety - self.cost * float(moved @ moved)

    def gradient(self, mixture: Array, levers: Array) -> tuple[Array, Array]:
        """Derivatives of the value in the mixture (D,) and in the levers (K,).

        Where the target is just reached, that from below.
        """
        slope = self.engagement * self.views
        if soft_least(mixture, self.sharpness) <= self.aim:
            slope = slope + self.representation / self.aim * softmax(-self.sharpness * mixture)
        if self.diversity:
            # The entropy rises without bound in a weight of zero; a floor keeps the slope a number.
            slope = slope - self.diversity * (np.log(np.maximum(mixture, 1e-12)) + 1)
        return slope, -2 * self.cost * (levers - self.present)


def soft_least(mixture: Array, sharpness: float) -> float:
    """-log(sum_d exp(-k w_d)) / k: at most the least weight, less than log(D) / k below it.

    >>> 0.09 < soft_least(np.array([0.1, 0.4, 0.5]), 100.0) <= 0.1
    True
    """
    return float(-logsumexp(-sharpness * mixture) / sharpness)
