"""Words for numbers and groups, shared by the explanations."""

from __future__ import annotations

from collections.abc import Iterable

from sim.arrays import Array

THRESHOLD = 0.05
"""Weight below which a group counts as excluded (theory of the alignment game, section 5)."""


def named(groups: tuple[str, ...] | None, group: int) -> str:
    """Name of a group, or its index."""
    return f"group {group}" if groups is None else groups[group]


def joined(groups: tuple[str, ...] | None, chosen: Iterable[int]) -> str:
    """Names of several groups: a, b and c."""
    names = [named(groups, int(group)) for group in chosen]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def weights(groups: tuple[str, ...] | None, mixture: Array) -> str:
    """Every group with its weight, to three digits."""
    return ", ".join(f"{named(groups, d)} {weight:.3f}" for d, weight in enumerate(mixture))


def number(value: float) -> str:
    """A number to four significant digits."""
    return f"{value:.4g}"
