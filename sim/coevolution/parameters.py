"""What moves on a platform that pushes back, and how fast: the audience, the ranking, the accounts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, finite_array, non_negative, positive, read_only
from sim.equilibrium import homogeneous_equilibrium
from sim.equilibrium.stability import positive_definite_on_tangent
from sim.errors import InputError

AGREEMENT = 1e-9
"""How far the game's attractiveness may be from what the audience implies."""


def _share(field_name: str, value: float) -> float:
    number = non_negative(field_name, value)
    if number > 1:
        raise InputError(field_name, number, "expected a number from 0 to 1")
    return number


@dataclass(frozen=True, eq=False, kw_only=True)
class Audience:
    """The people who read: G groups, of whom each has innate tastes and somewhere else to go.

    Attributes:
        base: Members of each group if everybody stays, shape (G,), each > 0; people or shares.
        tastes: Innate tastes: P(a member of group g engages with a post of voice v), shape (G, V).
        outside: Service at which half of a group stays, shape (G,) or one number for all; in units of
            engagements per post read.
        temperature: How much service it takes to change minds, > 0, same units: small is a cliff.
        susceptibility: Share of a taste that comes from what is shown, the rest being innate, 0 to 1.

    Raises:
        InputError: At construction, naming the field.
    """

    base: Array
    tastes: Array
    outside: Array
    temperature: float
    susceptibility: float = 0.0

    def __post_init__(self) -> None:
        base = finite_array("audience.base", self.base, ndim=1)
        if base.size == 0 or base.min() <= 0:
            raise InputError("audience.base", base.tolist(), "every group needs members; leave out empty groups")
        tastes = finite_array("audience.tastes", self.tastes, ndim=2)
        if tastes.shape[0] != base.size:
            raise InputError("audience.tastes", f"{tastes.shape[0]} rows", f"expected {base.size}, one per group")
        if tastes.min() < 0 or tastes.max() > 1:
            raise InputError("audience.tastes", f"{tastes.min()} to {tastes.max()}", "probabilities lie in [0, 1]")
        outside = finite_array("audience.outside", np.atleast_1d(self.outside), ndim=1)
        if outside.size not in (1, base.size):
            raise InputError("audience.outside", f"{outside.size} values", f"expected 1 or {base.size}")
        object.__setattr__(self, "base", base)
        object.__setattr__(self, "tastes", tastes)
        object.__setattr__(self, "outside", read_only(np.broadcast_to(outside, base.shape).copy()))
        object.__setattr__(self, "temperature", positive("audience.temperature", self.temperature))
        object.__setattr__(self, "susceptibility", _share("audience.susceptibility", self.susceptibility))


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """How the ranking retunes its weight on attractiveness: it tests both sides and leans towards more engagement.

    Attributes:
        sharpness: Lean per unit of engagement gained per unit of log weight, >= 0.
        span: Largest lean, in units of log weight, >= 0: bA stays within a factor exp(span) of its published value.
        probe: Half width of the test, in units of log weight, > 0.
        foresight: Share of the audience that is counted as it will be, not as it is, 0 to 1.
    """

    sharpness: float = 10.0
    span: float = 1.0
    probe: float = 0.05
    foresight: float = 0.0

    def __post_init__(self) -> None:
        for name in ("sharpness", "span"):
            object.__setattr__(self, name, non_negative(f"ranking.{name}", getattr(self, name)))
        object.__setattr__(self, "probe", positive("ranking.probe", self.probe))
        object.__setattr__(self, "foresight", _share("ranking.foresight", self.foresight))


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Share of the way each part goes in a round towards where it is drawn, 0 (frozen) to 1.

    Attributes:
        audience: Share of people who reconsider whether to be there.
        taste: Of tastes.
        ranking: Of the ranking's lean.
        accounts: Damping of the accounts' best response; None for accounts that are always at equilibrium.
    """

    audience: float = 0.0
    taste: float = 0.0
    ranking: float = 0.0
    accounts: float | None = None

    def __post_init__(self) -> None:
        for name in ("audience", "taste", "ranking", "accounts"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _share(f"rates.{name}", getattr(self, name)))


@dataclass(frozen=True, eq=False, kw_only=True)
class Coevolution:
    """A platform whose audience, tastes, ranking and accounts move together.

    Attributes:
        game: The alignment game while everybody is there with innate tastes; its groups are the V voices.
        audience: The people.
        ranking: How bA retunes.
        rates: Who moves how fast.

    Raises:
        InputError: At construction: S is directed, what accounts choose isn't unique, or the game's
            attractiveness is not what the audience implies.
    """

    game: AlignmentGame
    audience: Audience
    ranking: Ranking = field(default_factory=Ranking)
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        if self.game.directed:
            raise InputError("game.directed", True, "expected a game with symmetric similarity")
        for matrix in (self.consensus,) if self.rates.accounts is None else (self.consensus, self.own_cost):
            if not positive_definite_on_tangent(matrix):
                raise InputError(
                    "game.incentives.inconsistency",
                    self.game.incentives.inconsistency,
                    "accounts are indifferent between mixtures and would jump; raise inconsistency (or diversity)",
                )
        implied = full_attractiveness(self.audience.base, self.audience.tastes)
        if implied.size != self.game.dimension:
            raise InputError(
                "audience.tastes", f"{implied.size} columns", f"expected {self.game.dimension}, one per voice"
            )
        gap = float(np.abs(implied - self.game.attractiveness).max())
        if gap > AGREEMENT:
            raise InputError(
                "game.attractiveness",
                f"a vector that is {gap:.3g} from what the audience implies",
                "use full_attractiveness(base, tastes)",
            )

    @property
    def groups(self) -> int:
        """Number of audience groups G."""
        return self.audience.base.size

    @property
    def voices(self) -> int:
        """Number of voices V."""
        return self.game.dimension

    @cached_property
    def consensus(self) -> Array:
        """A = 2 bI C + (M-1) b S, shape (V, V)."""
        return self.game.consensus_matrix

    @cached_property
    def own_cost(self) -> Array:
        """2 bI C, shape (V, V)."""
        return self.game.curvature(0)

    @cached_property
    def static(self) -> Array:
        """The static prediction: equilibrium mixture with everybody there, innate tastes, published ranking, (V,)."""
        return homogeneous_equilibrium(self.game).mixture

    def with_parameter(self, name: str, value: float) -> Coevolution:
        """The same platform with one number changed.

        Args:
            name: "attractiveness", "inconsistency" or "diversity" (coefficients of the game); "outside" (one value
                for all groups), "temperature", "susceptibility"; "sharpness", "span", "probe", "foresight";
                "audience_rate", "taste_rate", "ranking_rate" or "accounts_rate".
            value: Its new value.

        Raises:
            InputError: No such parameter, or a value out of range.
        """
        if name in COEFFICIENTS:
            return replace(self, game=self.game.with_incentives(**{name: value}))
        if name in ("outside", "temperature", "susceptibility"):
            changed: dict[str, Any] = {name: value}
            return replace(self, audience=replace(self.audience, **changed))
        if name in {one.name for one in fields(Ranking)}:
            return replace(self, ranking=replace(self.ranking, **{name: value}))
        part = name.removesuffix("_rate")
        if part != name and part in {one.name for one in fields(Rates)}:
            return replace(self, rates=replace(self.rates, **{part: value}))
        raise InputError("parameter", repr(name), f"expected one of {', '.join(PARAMETERS)}")


COEFFICIENTS = ("attractiveness", "inconsistency", "diversity")
PARAMETERS = (
    *COEFFICIENTS,
    "outside",
    "temperature",
    "susceptibility",
    *(one.name for one in fields(Ranking)),
    *(f"{one.name}_rate" for one in fields(Rates)),
)
"""Names that `Coevolution.with_parameter` knows."""


def full_attractiveness(base: ArrayLike, tastes: ArrayLike) -> Array:
    """Attractiveness of each voice while everybody is there with innate tastes, shape (V,).

    Args:
        base: Members of each group, shape (G,).
        tastes: Innate tastes, shape (G, V).

    >>> full_attractiveness([3, 1], [[1.0, 0.0], [0.2, 0.8]])
    array([0.8, 0.2])
    """
    members = np.asarray(base, dtype=np.float64)
    attractiveness: Array = members @ np.asarray(tastes, dtype=np.float64) / members.sum()
    return attractiveness
