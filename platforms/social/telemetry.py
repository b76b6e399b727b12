"""What a round looked like: who was reached and served, how attention was spread, what was left empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platforms.social.audience.audience import Audience
from platforms.social.audience.reactions import Reactions, Readings
from sim.arrays import Array
from sim.design.price import EffectiveGroups, effective_groups


@dataclass(frozen=True, kw_only=True)
class Telemetry:
    """Figures of one round; views are posts read, by active members.

    Attributes:
        sizes: Active members of each group, (G,).
        reach: Share of the active members who read at least one post in the group's voice, (G,).
        exposure: Share of the heard views that the group's voice had, (G,).
        coverage: Share of each group's active members who engaged at least once, (G,); 0 for a group that has left.
        engagement: Engaged views per view.
        repeats: Share of views in a voice that the reader had already met in the same feed.
        concentration: Gini coefficient of views over accounts: 0 if all have as many, 1 - 1/M if one has them all.
        represented: Effective number of groups among the voices read; None if no voice was.
        polarisation: How differently the groups' feeds speak: total variation distance of the voices read in a group
            from those read by everybody, averaged over views; 0 where all see the same.
        views: Posts read.
        unfilled: Slots within the readers' budgets that held no post.
        isolated_members: Active members who were offered nothing.
        isolated_accounts: Accounts that nobody can come to see: no follower, where nothing is discovered.
        shares: Posts passed on.
        follows: New followings; a reader whose list is full takes on nobody.
        unfollows: Followings given up.
    """

    sizes: Array
    reach: Array
    exposure: Array
    coverage: Array
    engagement: float
    repeats: float
    concentration: float
    represented: EffectiveGroups | None
    polarisation: float
    views: int
    unfilled: int
    isolated_members: int
    isolated_accounts: int
    shares: int
    follows: int
    unfollows: int


def measure(
    audience: Audience,
    reactions: Reactions,
    readings: Readings,
    *,
    accounts: int,
    slots: int,
    isolated_members: int,
    isolated_accounts: int,
    follows: int,
    unfollows: int,
) -> Telemetry:
    """Figures of a round.

    Args:
        audience: Who read.
        reactions: What readers did.
        readings: The same by member and voice.
        accounts: Number of accounts M.
        slots: Length of a feed.
        isolated_members: Active members without a candidate.
        isolated_accounts: Accounts nobody can come to see.
        follows: New followings.
        unfollows: Followings given up.
    """
    groups, sizes = len(audience.groups), audience.sizes
    everybody = max(int(sizes.sum()), 1)
    seen_by_group = np.eye(groups)[:, audience.group] @ readings.seen
    heard = seen_by_group.sum()
    exposure = seen_by_group.sum(axis=0) / max(heard, 1.0)
    served = np.bincount(audience.group[readings.liked.any(axis=1)], minlength=groups)
    views = int(reactions.read.sum())
    attention = int(np.minimum(audience.budget[audience.active], slots).sum())
    return Telemetry(
        sizes=sizes.astype(np.float64),
        reach=(readings.seen > 0).sum(axis=0) / everybody,
        exposure=exposure,
        coverage=served / np.maximum(sizes, 1),
        engagement=int(reactions.liked.sum()) / max(views, 1),
        repeats=float(np.maximum(readings.seen - 1.0, 0.0).sum()) / max(views, 1),
        concentration=gini(np.bincount(reactions.account[reactions.read], minlength=accounts).astype(np.float64)),
        represented=effective_groups(exposure) if heard else None,
        polarisation=polarisation(seen_by_group),
        views=views,
        unfilled=attention - views,
        isolated_members=isolated_members,
        isolated_accounts=isolated_accounts,
        shares=int(reactions.shared.sum()),
        follows=follows,
        unfollows=unfollows,
    )


def gini(amounts: Array) -> float:
    """Gini coefficient of amounts >= 0: mean absolute difference of two of them over twice the mean; 0 if all are zero.

    >>> gini(np.array([0.0, 0.0, 0.0, 4.0]))
    0.75
    """
    total = float(amounts.sum())
    if total == 0:
        return 0.0
    rank = np.arange(1, amounts.size + 1)
    return float(((2 * rank - amounts.size - 1) @ np.sort(amounts)) / (amounts.size * total))


def polarisation(seen: Array) -> float:
    """Mean total variation distance of the groups' feeds from everybody's, weighted by views.

    Args:
        seen: Views by reader's group and voice, shape (G, G).

    >>> polarisation(np.array([[3.0, 0.0], [0.0, 3.0]])), polarisation(np.array([[2.0, 2.0], [1.0, 1.0]]))
    (0.5, 0.0)
    """
    total = float(seen.sum())
    if total == 0:
        return 0.0
    everybody = seen.sum(axis=0) / total
    return float(np.abs(seen - seen.sum(axis=1, keepdims=True) * everybody).sum()) / (2 * total)
