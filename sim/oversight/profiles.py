"""Reward profiles of the attempt/abstain pipeline: twelve named numbers, and the eight of the reference experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, read_only
from sim.errors import InputError
from sim.oversight.checks import finite


@dataclass(frozen=True, kw_only=True)
class RewardProfile:
    """What solver and auditor are paid for each outcome: a point in twelve dimensions, defaults of the reference.

    Source: arXiv 2605.01643; theory of the oversight game, section 2. Penalties are subtracted.

    Raises:
        InputError: At construction: a reward is not a finite number; the message names it.
    """

    solver_abstain_reward: float = 0.1
    solver_base_pass_reward: float = 1.0
    solver_true_catch_penalty: float = 1.0
    solver_uncaught_reward: float = 0.1
    auditor_true_catch_reward: float = 1.0
    auditor_false_positive_penalty: float = 1.0
    auditor_false_catch_penalty: float = 0.0
    auditor_explicit_abstain_aligned_reward: float = 0.05
    auditor_explicit_abstain_misaligned_penalty: float = 0.0
    auditor_miss_aligned_reward: float = 0.0
    auditor_miss_misaligned_penalty: float = 0.15
    auditor_invalid_output_penalty: float = 2.0

    def __post_init__(self) -> None:
        for one in fields(self):
            object.__setattr__(self, one.name, finite(one.name, getattr(self, one.name)))

    @property
    def vector(self) -> Array:
        """The twelve numbers in the order of the fields, shape (12,)."""
        return read_only(np.array(astuple(self)))

    @classmethod
    def of_vector(cls, vector: ArrayLike) -> RewardProfile:
        """The profile with these twelve numbers.

        Args:
            vector: In the order of the fields, shape (12,).

        Raises:
            InputError: Another shape, or an entry that is not finite.
        """
        numbers = finite_array("vector", vector, ndim=1)
        names = [one.name for one in fields(cls)]
        if numbers.size != len(names):
            raise InputError("vector", f"{numbers.size} numbers", f"expected {len(names)}")
        return cls(**dict(zip(names, numbers.tolist(), strict=True)))


def average_profile(profiles: Mapping[str, RewardProfile], weights: Mapping[str, float]) -> RewardProfile:
    """Weighted mean of profiles: what fast switching among them amounts to, since payoffs are linear in them.

    Args:
        profiles: Profiles by name.
        weights: Weight of each name that counts, >= 0; divided by their sum.

    Raises:
        InputError: A weight is negative or names no profile, or all are zero.
    """
    for name, weight in weights.items():
        if name not in profiles:
            raise InputError("weights", name, f"expected names among {', '.join(profiles)}")
        if finite(f"weights[{name!r}]", weight) < 0:
            raise InputError(f"weights[{name!r}]", weight, "expected a number >= 0")
    total = sum(weights.values())
    if total <= 0:
        raise InputError("weights", dict(weights), "expected at least one weight above 0")
    return RewardProfile.of_vector(sum(weight / total * profiles[name].vector for name, weight in weights.items()))


PROFILES: Mapping[str, RewardProfile] = MappingProxyType(
    {
        "default": RewardProfile(),
        "medium_abstain": RewardProfile(solver_abstain_reward=0.2),
        "high_abstain": RewardProfile(solver_abstain_reward=0.55),
        "strict_solver_catch": RewardProfile(solver_true_catch_penalty=1.8, solver_uncaught_reward=-0.2),
        "lenient_solver_catch": RewardProfile(solver_true_catch_penalty=0.4, solver_uncaught_reward=0.35),
        "audit_seeking": RewardProfile(
            auditor_true_catch_reward=1.7,
            auditor_false_positive_penalty=0.55,
            auditor_explicit_abstain_aligned_reward=0.0,
            auditor_explicit_abstain_misaligned_penalty=0.2,
            auditor_miss_misaligned_penalty=0.65,
            auditor_invalid_output_penalty=1.2,
        ),
        "false_positive_averse": RewardProfile(
            auditor_true_catch_reward=0.75,
            auditor_false_positive_penalty=1.7,
            auditor_explicit_abstain_aligned_reward=0.1,
            auditor_explicit_abstain_misaligned_penalty=0.0,
            auditor_miss_misaligned_penalty=0.25,
            auditor_invalid_output_penalty=1.0,
        ),
        "silent_failure_penalty": RewardProfile(
            solver_uncaught_reward=-0.55,
            auditor_explicit_abstain_aligned_reward=0.0,
            auditor_explicit_abstain_misaligned_penalty=0.35,
            auditor_miss_misaligned_penalty=1.25,
            auditor_invalid_output_penalty=1.0,
        ),
    }
)
