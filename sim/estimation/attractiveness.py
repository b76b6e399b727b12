"""Estimators of a: how much attention each group's voice attracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.arrays import Array, non_negative, shorten
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.similarity import agreement


def prevalence(table: OpinionTable) -> Array:
    """Population share of each group, a = pi, shape (G,) (theory of the alignment game, section 7)."""
    return table.shares.copy()


def reach(table: OpinionTable) -> Array:
    """Chance that a reader drawn from the population gives the same answer, a = K pi, shape (G,).

    K is the `agreement` matrix (theory of the alignment game, section 7).
    """
    reached: Array = agreement(table) @ table.shares
    return reached


@dataclass(frozen=True, eq=False, kw_only=True)
class Activity:
    """Share of the posts that each group writes (theory of the alignment game, section 7).

    Attributes:
        posts: Posts by group name, in any unit; or, `per_person`, posts that one member writes.
        per_person: Whether `posts` are rates, to be multiplied with the groups' shares.

    Raises:
        InputError: A number is negative, all are zero, or the groups are not those of the table.

    >>> table = OpinionTable(
    ...     groups=("few", "many"), shares=np.array([0.2, 0.8]), questions=("q",), probabilities=(np.eye(2),)
    ... )
    >>> Activity(posts={"many": 300, "few": 100})(table).tolist()
    [0.25, 0.75]
    >>> Activity(posts={"many": 1, "few": 4}, per_person=True)(table).tolist()
    [0.5, 0.5]
    """

    posts: Mapping[str, float]
    per_person: bool = False

    def __post_init__(self) -> None:
        numbers = {str(group): non_negative(f"posts[{group!r}]", number) for group, number in self.posts.items()}
        object.__setattr__(self, "posts", numbers)

    def __call__(self, table: OpinionTable) -> Array:
        """a, shape (G,), sum one."""
        if set(self.posts) != set(table.groups):
            remedy = f"expected a number for each of {', '.join(table.groups)}"
            raise InputError("posts", shorten(sorted(self.posts)), remedy)
        written = np.array([self.posts[group] for group in table.groups])
        if self.per_person:
            written = written * table.shares
        if written.sum() == 0:
            raise InputError("posts", shorten(dict(self.posts)), "expected posts by someone in the population")
        shares: Array = written / written.sum()
        return shares
