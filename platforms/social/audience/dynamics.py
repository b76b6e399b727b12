"""How the audience changes between rounds: members leave and come back, tastes drift. Without any it stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.special import expit

from platforms.social.audience.audience import Audience
from platforms.social.audience.reactions import Readings
from sim.arrays import Array, finite_array, positive
from sim.errors import InputError


class AudienceDynamics(Protocol):
    """A change of the audience after a round."""

    def step(self, audience: Audience, readings: Readings, rng: np.random.Generator) -> Audience:
        """The audience of the next round; `audience` is not changed."""
        ...


@dataclass(frozen=True)
class Retention:
    """Groups grow or leave with how well they are served.

    The expected active size n_g moves at `rate` towards its base size N_g times L_g:

        n_g' = n_g + rate (N_g L_g - n_g),  L_g = 1 / (1 + exp(-(service_g - outside) / temperature)).

    An active member leaves with probability rate (1 - L_g), one who has left comes back with rate L_g.

    Attributes:
        rate: From 0 (nobody moves) to 1 (everybody decides anew each round).
        outside: What service is worth elsewhere, in engaged views per view: at it half of a group stays.
        temperature: How gradually members give up, in the same unit, > 0.

    Raises:
        InputError: At construction: out of range.
    """

    rate: float
    outside: float = 0.2
    temperature: float = 0.05

    def __post_init__(self) -> None:
        rate_between("rate", self.rate)
        finite_array("outside", self.outside, ndim=0)
        positive("temperature", self.temperature)

    def step(self, audience: Audience, readings: Readings, rng: np.random.Generator) -> Audience:
        """Members leave and come back."""
        stay = expit((service(audience, readings) - self.outside) / self.temperature)[audience.group]
        turned = rng.random(audience.members) < self.rate * np.where(audience.active, 1.0 - stay, stay)
        return replace(audience, active=audience.active ^ turned)


@dataclass(frozen=True)
class TasteDrift:
    """Readers come to like what they are shown: taste moves at `rate` towards the shares of voices in their feed.

        taste_r' = taste_r + rate (|taste_r| shown_r - taste_r), |taste| = sum over voices, at most 1 each.

    How much a member likes in all is kept; what it likes drifts. Who read nothing keeps its taste.

    Attributes:
        rate: From 0 (nothing drifts) to 1.

    Raises:
        InputError: At construction: out of range.
    """

    rate: float

    def __post_init__(self) -> None:
        rate_between("rate", self.rate)

    def step(self, audience: Audience, readings: Readings, rng: np.random.Generator) -> Audience:
        """Tastes move; nothing is drawn."""
        total = readings.seen.sum(axis=1, keepdims=True)
        shown = np.divide(readings.seen, total, out=np.zeros_like(readings.seen), where=total > 0)
        target = audience.taste.sum(axis=1, keepdims=True) * shown
        moved = audience.taste + self.rate * (target - audience.taste)
        return replace(audience, taste=np.where(total > 0, np.minimum(moved, 1.0), audience.taste))


def service(audience: Audience, readings: Readings) -> Array:
    """Engaged views per view of each group's readers, shape (G,).

    A group that read nothing judges by what the others were shown: its mean taste for those voices.
    """
    engaged, views = (
        np.bincount(audience.group, weights=count, minlength=len(audience.groups))
        for count in (readings.liked.sum(axis=1), readings.views)
    )
    everybody = readings.seen.sum(axis=0) / max(float(readings.views.sum()), 1.0)
    taste = np.eye(len(audience.groups))[:, audience.group] @ audience.taste / audience.base[:, None]
    served: Array = np.where(views > 0, engaged / np.maximum(views, 1.0), taste @ everybody)
    return served


def rate_between(field: str, value: float) -> float:
    """Return `value` as a rate from 0 to 1.

    Raises:
        InputError: It is none.
    """
    rate = float(finite_array(field, value, ndim=0))
    if not 0 <= rate <= 1:
        raise InputError(field, rate, "expected a share or probability, from 0 to 1")
    return rate
