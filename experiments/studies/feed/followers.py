"""Who follows whom at the end of a play on a feed, small enough to be looked at."""

from __future__ import annotations

import numpy as np
import pandas as pd

from platforms.social.audience.audience import Audience
from platforms.social.audience.following import NOBODY, Following
from sim.arrays import Array

FOLLOWERS = "followers.csv"


def followers(audience: Audience, following: Following, profile: Array) -> pd.DataFrame:
    """How many members of each group follow each account, and for whom the account mostly speaks.

    Args:
        audience: The members.
        following: Whom they follow.
        profile: Mixtures of the accounts, (M, G).

    Returns:
        A row for each group of members and account: members, account, mostly, followers.
    """
    counts = np.zeros((len(audience.groups), following.accounts), np.int64)
    member, place = np.nonzero(following.followed != NOBODY)
    np.add.at(counts, (audience.group[member], following.followed[member, place]), 1)
    mostly = np.asarray(audience.groups)[profile.argmax(axis=1)]
    return pd.DataFrame(
        {
            "members": np.repeat(audience.groups, following.accounts),
            "account": np.tile(np.arange(following.accounts), len(audience.groups)),
            "mostly": np.tile(mostly, len(audience.groups)),
            "followers": counts.ravel(),
        }
    )
