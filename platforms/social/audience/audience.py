"""The audience: members with a group, tastes and an attention budget, some of whom may have left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platforms.social.posts import IntArray
from sim.arrays import Array, finite_array, whole_number
from sim.errors import InputError
from sim.estimation.opinion_table import unique_names
from sim.simplex import validated_mixture


@dataclass(frozen=True, eq=False, kw_only=True)
class Audience:
    """R members in G groups.

    Attributes:
        groups: Names of the groups, length G.
        group: Group of each member, shape (R,).
        taste: P(a member engages with a post | its voice), shape (R, G).
        budget: Posts each member reads in a round, >= 1, shape (R,).
        active: Who reads at present; the others have left and may come back, shape (R,).

    Raises:
        InputError: At construction: nobody there, a group without a member, a budget below 1, a taste outside [0, 1].
    """

    groups: tuple[str, ...]
    group: IntArray
    taste: Array
    budget: IntArray
    active: NDArray[np.bool_]

    def __post_init__(self) -> None:
        names = unique_names("groups", self.groups, minimum=1)
        group = np.asarray(self.group, dtype=np.int64)
        if group.size == 0:
            raise InputError("audience", "no member", "nobody reads: give every group at least one member")
        if group.min() < 0 or group.max() >= len(names):
            wrong = int(group[(group < 0) | (group >= len(names))][0])
            raise InputError("audience.group", wrong, f"expected indices of the {len(names)} groups, from 0")
        empty = np.flatnonzero(np.bincount(group, minlength=len(names)) == 0)
        if empty.size:
            remedy = "every group needs a member; give it some, enlarge the audience, or leave the group out"
            raise InputError(f"members of group {names[empty[0]]!r}", 0, remedy)
        taste = finite_array("audience.taste", self.taste, ndim=2)
        budget = np.asarray(self.budget)
        for field, given, shape in (
            ("taste", taste.shape, (group.size, len(names))),
            ("budget", budget.shape, group.shape),
            ("active", np.shape(self.active), group.shape),
        ):
            if given != shape:
                raise InputError(f"audience.{field}", f"array of shape {given}", f"expected {shape}: a row per member")
        if taste.min() < 0 or taste.max() > 1:
            worst = float(taste.min() if taste.min() < 0 else taste.max())
            raise InputError("audience.taste", worst, "a taste is a probability, from 0 to 1")
        if not np.issubdtype(budget.dtype, np.integer) or budget.min() < 1:
            raise InputError("audience.budget", budget.min(), "expected whole numbers >= 1: a member reads something")
        object.__setattr__(self, "taste", taste)

    @classmethod
    def of(
        cls, groups: Sequence[str], shares: ArrayLike, members: int, *, tolerance: float = 0.0, budget: int = 8
    ) -> Audience:
        """Members in the proportions of the shares, to the nearest whole member (largest remainders).

        Members stand in the order of their groups: a ring of contacts by index links like with like.

        Args:
            groups: Names, length G.
            shares: Share of each group, shape (G,).
            members: Number of members R.
            tolerance: P(engage) with the voice of another group; with the own group's it is 1.
            budget: Posts each member reads in a round.

        Raises:
            InputError: As the class; too few members for the smallest group.

        >>> Audience.of(("few", "many"), [0.2, 0.8], 10, tolerance=0.1).attractiveness.round(3)
        array([0.28, 0.82])
        """
        weights = validated_mixture("shares", shares, len(groups))
        whole = whole_number("members", members, minimum=1)
        exact = weights * whole
        counts = np.floor(exact).astype(np.int64)
        # Stable, so that equal remainders go to the earlier group.
        order = np.argsort(counts - exact, kind="stable")
        counts[order[: whole - counts.sum()]] += 1
        group = np.repeat(np.arange(len(groups)), counts)
        taste = np.where(np.eye(len(groups), dtype=bool), 1.0, tolerance)[group]
        every = np.full(whole, whole_number("budget", budget, minimum=1))
        return cls(groups=tuple(groups), group=group, taste=taste, budget=every, active=np.ones(whole, dtype=np.bool_))

    @property
    def members(self) -> int:
        """Number of members R, also those who have left."""
        return len(self.group)

    @property
    def base(self) -> IntArray:
        """Members of each group, also those who have left, shape (G,)."""
        return np.bincount(self.group, minlength=len(self.groups))

    @property
    def sizes(self) -> IntArray:
        """Active members of each group, shape (G,)."""
        return np.bincount(self.group[self.active], minlength=len(self.groups))

    @property
    def shares(self) -> Array:
        """Share of each group among the active members, zero if nobody is left, shape (G,)."""
        shares: Array = self.sizes / max(int(self.active.sum()), 1)
        return shares

    @property
    def attractiveness(self) -> Array:
        """Expected engagement of everybody with a post, by its voice: taste of the active, over all R, shape (G,)."""
        liked: Array = self.taste[self.active].sum(axis=0) / self.members
        return liked
