"""A social platform under a principal: levers are set for a block of rounds and valued by what the platform reports."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from platforms.social.platform import SocialPlatform
from platforms.social.post import Post
from sim.alignment_game import Incentives
from sim.arrays import Array, non_negative, positive, whole_number


def left_out(weights: Array, shares: Array, threshold: float) -> float:
    """Share of the audience that is left out, sum_g shares_g max(0, 1 - weight_g / threshold): half a threshold, half.

    Args:
        weights: Share of the posts in each group's voice, (D,).
        shares: Share of the audience in each group, (D,).
        threshold: Weight from which a group counts as represented, above 0.

    >>> left_out(np.array([0.95, 0.05]), np.array([0.6, 0.4]), threshold=0.1)
    0.2
    """
    return float(shares @ np.maximum(0.0, 1 - weights / threshold))


class Governed:
    """What levers are worth on a platform that is played without text, in blocks; accounts are never reset.

    Called with a profile of levers it publishes their incentives, lets accounts post and learn for a block of rounds,
    and returns the block's value: engagement less `price` times the share of the audience left out, both counted on
    the posts of the block. So it is the `measure` of `sim.design.controllers.play`. What accounts have learned under
    earlier levers carries over: a block too short for them to settle values the way to the new levers.

    Args:
        platform: In any state.
        incentives: Of a profile of levers (K,).
        block: Rounds that a profile is kept, at least 1.
        threshold: Weight from which a group counts as represented.
        price: Of leaving everybody out, >= 0, in units of engagement.

    Raises:
        InputError: For any of the conditions above.
    """

    def __init__(
        self,
        platform: SocialPlatform,
        incentives: Callable[[Array], Incentives],
        *,
        block: int,
        threshold: float,
        price: float,
    ) -> None:
        self._platform, self._incentives = platform, incentives
        self._block = whole_number("block", block, minimum=1)
        self._threshold, self._price = positive("threshold", threshold), non_negative("price", price)

    def __call__(self, profile: Array, rng: np.random.Generator) -> tuple[float, dict[str, float]]:
        """Value and telemetry of a block; the platform draws by its own seed and round."""
        self._platform.publish(self._incentives(profile))
        shares = self._platform.table.shares
        counts, engagement = np.zeros(shares.size), 0.0
        for _ in range(self._block):
            drafts = self._platform.plan_round()
            paid = self._platform.play_round([Post(draft=draft, text="-", voice=draft.group) for draft in drafts])
            counts += np.bincount([draft.group for draft in drafts], minlength=shares.size)
            engagement += float(paid.engagement.mean()) / self._block
        excluded = left_out(counts / counts.sum(), shares, self._threshold)
        return engagement - self._price * excluded, {"engagement": engagement, "left out": excluded}
