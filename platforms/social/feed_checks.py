"""What a feed refuses to play: accounts that nobody can see, and posts that nobody planned."""

from __future__ import annotations

import numpy as np

from platforms.social.audience.following import Following
from platforms.social.post import UNHEARD
from platforms.social.posts import IntArray, PostBatch
from sim.arrays import Array
from sim.errors import InputError


def isolated(following: Following, discovery: float) -> IntArray:
    """Accounts that nobody can come to see: without followers, where nothing is discovered."""
    if discovery > 0:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(following.followers == 0)


def refuse_isolation(accounts: IntArray) -> None:
    """Refuse to start with isolated accounts: unseen they stay unseen, and learn nothing for ever.

    Raises:
        InputError: There are some; names the first.
    """
    if accounts.size:
        some = ", ".join(map(str, accounts[:5].tolist())) + (", ..." if accounts.size > 5 else "")
        remedy = f"nobody follows account {some} and discovery is 0: raise discovery, or let somebody follow"
        raise InputError("isolated accounts", accounts.size, remedy)


def refuse_unplanned(posts: PostBatch, authors: IntArray, profile: Array, groups: tuple[str, ...]) -> None:
    """Refuse posts that the accounts did not plan.

    Args:
        posts: The posts of a round.
        authors: Whose posts were planned, in order, shape (P,).
        profile: Mixtures they were drawn from, shape (M, G).
        groups: Names of the groups.

    Raises:
        InputError: Other authors, a group or voice that does not exist, or a group its author gives no weight.
    """
    if not np.array_equal(posts.account, authors):
        remedy = f"expected {len(authors) // len(profile)} of every account, in the order of the plan"
        raise InputError("posts", f"{len(posts)} posts", remedy)
    for field, column, least in (("group", posts.group, 0), ("voice", posts.voice, UNHEARD)):
        if column.min() < least or column.max() >= len(groups):
            wrong = int(column[(column < least) | (column >= len(groups))][0])
            raise InputError(
                f"posts.{field}", wrong, f"expected {least} to {len(groups) - 1}, for {len(groups)} groups"
            )
    strange = np.flatnonzero(profile[posts.account, posts.group] <= 0)
    if strange.size:
        first = strange[0]
        where = f"account {posts.account[first]}, group {groups[posts.group[first]]!r}"
        raise InputError("posts", where, "the account gives this group no weight, so it can't have drawn it")
