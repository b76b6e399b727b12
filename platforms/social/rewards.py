"""What creators are paid: by view, by engaged view, more for groups that are badly served; less for contradictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from platforms.social.payoffs.inconsistency import InconsistencyRule
from platforms.social.posts import bounds, drawn
from sim.arrays import Array, non_negative, whole_number
from sim.estimation.opinion_table import OpinionTable


class RewardRule(Protocol):
    """What a view is worth to the author of the post."""

    def worth(self, read: NDArray[np.bool_], liked: NDArray[np.bool_], need: Array) -> Array:
        """Worth of each view, zero where nothing was read, shape (N, slots).

        Args:
            read: Where a reader read a post, shape (N, slots).
            liked: Where the reader engaged with it, shape (N, slots).
            need: How badly the group of each reader was served before the round, from 0 (no worse than the mean) to 1
                (not at all), shape (N,).
        """
        ...


@dataclass(frozen=True, kw_only=True)
class CreatorRewards:
    """So much per view, per engaged view, and on top per engaged view by a reader whose group is badly served.

    Attributes:
        per_view: Worth of any view, >= 0.
        per_engaged_view: Worth of engagement on top, >= 0.
        niche: Worth of engagement on top of that, times the reader's need, >= 0.

    Raises:
        InputError: At construction: a negative worth.

    >>> rule = CreatorRewards(per_view=0.5, niche=2.0)
    >>> rule.worth(np.array([[True, True, False]]), np.array([[True, False, False]]), np.array([0.25]))
    array([[2. , 0.5, 0. ]])
    """

    per_view: float = 0.0
    per_engaged_view: float = 1.0
    niche: float = 0.0

    def __post_init__(self) -> None:
        for field in ("per_view", "per_engaged_view", "niche"):
            non_negative(field, getattr(self, field))

    def worth(self, read: NDArray[np.bool_], liked: NDArray[np.bool_], need: Array) -> Array:
        """Worth of each view, shape (N, slots)."""
        engaged = self.per_engaged_view + self.niche * need[:, None]
        worth: Array = self.per_view * read + engaged * liked
        return worth


def need_of_groups(served: Array, shares: Array) -> Array:
    """How far each group is served below the mean of all readers, from 0 (not below) to 1 (not at all), shape (G,).

    Args:
        served: Engaged views per view of each group's readers, shape (G,).
        shares: Share of each group among the readers, shape (G,).

    >>> need_of_groups(np.array([0.9, 0.3]), np.array([0.75, 0.25]))
    array([0. , 0.6])
    """
    mean = float(served @ shares)
    need: Array = np.clip(1.0 - served / mean, 0.0, 1.0) if mean > 0 else np.zeros_like(served)
    return need


@dataclass(frozen=True, kw_only=True)
class Moderation:
    """A price on contradiction: an account with mixture w pays price times w'Kw, E[K] = C.

    Attributes:
        rule: The kernel K on an account's drafts and its expectation C.
        price: Per unit of the kernel, >= 0.
        drafts_per_round: Topics on which each account drafts in every group's voice, to be compared by the kernel one
            account after the other; 0 charges the expectation w'Cw, which takes no drafts and any number of accounts.

    Raises:
        InputError: At construction: a negative price or number.
    """

    rule: InconsistencyRule
    price: float
    drafts_per_round: int = 0

    def __post_init__(self) -> None:
        non_negative("price", self.price)
        whole_number("drafts_per_round", self.drafts_per_round, minimum=0)

    def kernels(self, table: OpinionTable, accounts: int, rng: np.random.Generator) -> Array:
        """K of each account's drafts, shape (M, G, G); C, shape (1, G, G), where the expectation is charged."""
        if not self.drafts_per_round:
            return self.rule.estimate(table)[None]
        topics = rng.integers(len(table.questions), size=(accounts, self.drafts_per_round))
        shape = (accounts, self.rule.sets, self.drafts_per_round, len(table.groups))
        answers = drawn(answer_bounds(table)[topics][:, None], rng.random(shape))
        pairs = zip(answers, topics, strict=True)
        return np.stack([self.rule.kernel(drafts, about, table) for drafts, about in pairs])


def answer_bounds(table: OpinionTable) -> Array:
    """Bounds for drawing answers by inversion, shape (Q, G, K - 1); ones, never reached, where options are fewer."""
    options = max(p.shape[1] for p in table.probabilities)
    inner = np.ones((len(table.questions), len(table.groups), options - 1))
    for q, answers in enumerate(table.probabilities):
        inner[q, :, : answers.shape[1] - 1] = bounds(answers)
    return inner
