"""The alignment game: M accounts choose mixtures over D human subpopulations and compete for attention.

    u_m = bA a'w_m - bI w_m'C w_m - b sum_{n != m} w_m'S w_n

Model: arXiv 2602.06836. Formulas: theory of the alignment game, sections 1 to 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, non_negative, shorten, whole_number
from sim.errors import InputError
from sim.game_matrices import group_names, require_semidefinite, similarity_matrix, symmetric_matrix
from sim.quadratic import maximise_on_simplex, maximise_rows_on_simplex
from sim.simplex import validated_floor, validated_profile

Crowding = Literal["mean", "sum"]


@dataclass(frozen=True)
class Incentives:
    """What the platform rewards: the coefficients of the three terms of the utility, each finite and >= 0.

    Attributes:
        attractiveness: bA, per unit of attractiveness of the mixture.
        inconsistency: bI, cost per unit of inconsistency of the mixture.
        diversity: bD, cost per unit of similarity to the other accounts.
    """

    attractiveness: float
    inconsistency: float
    diversity: float

    def __post_init__(self) -> None:
        for name in ("attractiveness", "inconsistency", "diversity"):
            object.__setattr__(self, name, non_negative(f"incentives.{name}", getattr(self, name)))


@dataclass(frozen=True, eq=False, kw_only=True)
class AlignmentGame:
    """One alignment game with identical accounts; arrays are validated, copied and read-only.

    Attributes:
        attractiveness: a, shape (D,), D >= 2.
        inconsistency: C, symmetric, positive semidefinite on the tangent space, shape (D, D).
        similarity: S, shape (D, D); symmetric unless `directed`. S[d, e] is what a post of group d loses to
            another account's post of group e. It may be indefinite: then homogeneous equilibria can be many.
        incentives: bA, bI, bD.
        accounts: M >= 1. A single account has no one to crowd: the diversity term is empty.
        crowding: "mean" divides the crowding term by M - 1, "sum" does not.
        directed: Whether S may be asymmetric, so that crowding someone and being crowded differ. Such a game has
            no potential unless the antisymmetric part of S vanishes on the tangent space.
        groups: Names of the D groups, or None.
        provenance: Which estimators made a, C and S, if any did; carried along, never interpreted.

    Raises:
        InputError: At construction, for any of the conditions above; the message names the field.
    """

    attractiveness: Array
    inconsistency: Array
    similarity: Array
    incentives: Incentives
    accounts: int
    crowding: Crowding = "mean"
    directed: bool = False
    groups: tuple[str, ...] | None = None
    provenance: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        attractiveness = finite_array("attractiveness", self.attractiveness, ndim=1)
        dimension = attractiveness.size
        if dimension < 2:
            raise InputError("attractiveness", f"{dimension} group(s)", "a game needs at least 2 groups")
        inconsistency = symmetric_matrix("inconsistency", self.inconsistency, dimension)
        require_semidefinite("inconsistency", inconsistency)
        values: dict[str, object] = {
            "attractiveness": attractiveness,
            "inconsistency": inconsistency,
            "similarity": similarity_matrix(self.similarity, dimension, directed=self.directed),
            "accounts": whole_number("accounts", self.accounts, minimum=1),
            "groups": group_names(self.groups, dimension),
        }
        if not isinstance(self.incentives, Incentives):
            raise InputError("incentives", shorten(self.incentives), "expected an Incentives(...) object")
        if self.crowding not in ("mean", "sum"):
            raise InputError("crowding", shorten(self.crowding), 'expected "mean" or "sum"')
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def dimension(self) -> int:
        """Number of groups D."""
        return self.attractiveness.size

    @property
    def crowding_weight(self) -> float:
        """Price b = g bD of similarity to one other account; g = 1/(M-1) or 1, and b = 0 for M = 1."""
        if self.accounts == 1:
            return 0.0
        return self.incentives.diversity / (self.accounts - 1 if self.crowding == "mean" else 1)

    @property
    def consensus_matrix(self) -> Array:
        """A = 2 bI C + (M-1) b S, shape (D, D): curvature of the potential when all move together."""
        # With crowding="mean" the factor M - 1 is not multiplied back, so M drops out to the last digit.
        mean = self.accounts > 1 and self.crowding == "mean"
        total = self.incentives.diversity if mean else (self.accounts - 1) * self.crowding_weight
        return 2 * self.incentives.inconsistency * self.inconsistency + total * self.similarity

    @property
    def disagreement_matrix(self) -> Array:
        """B = 2 bI C - b S, shape (D, D): curvature when accounts move against each other."""
        return 2 * self.incentives.inconsistency * self.inconsistency - self.crowding_weight * self.similarity

    def with_incentives(
        self,
        *,
        attractiveness: float | None = None,
        inconsistency: float | None = None,
        diversity: float | None = None,
    ) -> AlignmentGame:
        """The same game under other incentives; what is not given stays.

        Raises:
            InputError: A coefficient is negative or not finite.
        """
        given = {"attractiveness": attractiveness, "inconsistency": inconsistency, "diversity": diversity}
        changes = {name: value for name, value in given.items() if value is not None}
        return replace(self, incentives=replace(self.incentives, **changes))

    def payoffs(self, profile: ArrayLike) -> Array:
        """Utility u_m of each account, shape (M,).

        Args:
            profile: Mixtures, shape (M, D).

        Raises:
            InputError: `profile` is not a profile of this game.
        """
        mixtures = self._profile(profile)
        price = self.incentives
        own = price.attractiveness * mixtures @ self.attractiveness - price.inconsistency * np.einsum(
            "md,de,me->m", mixtures, self.inconsistency, mixtures, optimize=True
        )
        crowd: Array = np.sum(mixtures * (self._others(mixtures) @ self.similarity.T), axis=1)
        utilities: Array = own - self.crowding_weight * crowd
        return utilities

    def gradients(self, profile: ArrayLike) -> Array:
        """Gradient of each account's utility in its own mixture, shape (M, D).

        bA a - 2 bI C w_m - b S sum_{n != m} w_n (theory of the alignment game, section 3).

        Args:
            profile: Mixtures, shape (M, D).

        Raises:
            InputError: `profile` is not a profile of this game.
        """
        mixtures = self._profile(profile)
        price = self.incentives
        gradients: Array = (
            price.attractiveness * self.attractiveness
            - 2 * price.inconsistency * mixtures @ self.inconsistency
            - self.crowding_weight * self._others(mixtures) @ self.similarity.T
        )
        return gradients

    def potential(self, profile: ArrayLike) -> float:
        """Exact potential: a unilateral move changes it by exactly that account's change in utility.

        sum_m (bA a'w_m - bI w_m'C w_m) - b sum_{m<n} w_m'S w_n (theory of the alignment game, section 5).

        Args:
            profile: Mixtures, shape (M, D).

        Raises:
            InputError: `profile` is not a profile of this game, or S has an antisymmetric part on the tangent space.
        """
        mixtures = self._profile(profile)
        skew = (self.similarity - self.similarity.T) / 2
        # w'(u 1' - 1 u')v = u'w - u'v: such a part only adds a constant pull to every account.
        pull = skew.mean(axis=1)
        rest = float(np.abs(skew - pull[:, None] + pull[None, :]).max())
        if rest > 1e-10 * float(np.abs(self.similarity).max()):
            raise InputError(
                "similarity",
                f"matrix with antisymmetric part {rest:.3g} on the tangent space",
                "such a game has no potential; use payoffs() and exploitability()",
            )
        # Every pair is charged to both of its accounts; the potential counts it once.
        others = self._others(mixtures)
        crowd = float(np.sum(mixtures * (others @ (self.similarity + self.similarity.T) / 2))) / 2
        crowd += (self.accounts - 1) * float(np.sum(mixtures @ pull))
        own = self.payoffs(mixtures).sum() + self.crowding_weight * float(
            np.sum(mixtures * (others @ self.similarity.T))
        )
        return float(own - self.crowding_weight * crowd)

    def best_response(self, account: int, profile: ArrayLike, floor: float = 0.0) -> Array:
        """Mixture that maximises the utility of one account against the rest of `profile`, shape (D,).

        Exact. Where several mixtures are best (C singular on the tangent space, or bI = 0) it is the one
        nearest to the account's present mixture: an indifferent account stays, so every equilibrium is a
        fixed point of best-response dynamics.

        Args:
            account: Index of the account, 0 <= account < M.
            profile: Mixtures, shape (M, D).
            floor: Least weight, 0 <= floor <= 1/D.

        Raises:
            InputError: Bad account, profile or floor.
        """
        mixtures = self._profile(profile)
        index = self._account(account)
        others = mixtures.sum(axis=0) - mixtures[index]
        return self._best(mixtures[index], others, validated_floor("floor", floor, self.dimension))

    def best_responses(self, profile: ArrayLike, floor: float = 0.0) -> Array:
        """Mixture of every account that is best against the rest of `profile`, shape (M, D); as `best_response`.

        Args:
            profile: Mixtures, shape (M, D).
            floor: Least weight, 0 <= floor <= 1/D.

        Raises:
            InputError: Bad profile or floor.
        """
        mixtures = self._profile(profile)
        floor = validated_floor("floor", floor, self.dimension)
        price = self.incentives
        crowd = self.crowding_weight * self._others(mixtures) @ self.similarity.T
        linear = price.attractiveness * self.attractiveness - crowd
        return maximise_rows_on_simplex(2 * price.inconsistency * self.inconsistency, linear, floor, near=mixtures)

    def curvature(self, account: int) -> Array:
        """Matrix 2 bI C of an account's own quadratic cost, shape (D, D): the same for all accounts.

        Raises:
            InputError: No such account.
        """
        self._account(account)
        return 2 * self.incentives.inconsistency * self.inconsistency

    def _best(self, own: Array, others: Array, floor: float) -> Array:
        price = self.incentives
        linear = price.attractiveness * self.attractiveness - self.crowding_weight * self.similarity @ others
        return maximise_on_simplex(2 * price.inconsistency * self.inconsistency, linear, floor, near=own)

    def _profile(self, profile: ArrayLike) -> Array:
        return validated_profile("profile", profile, (self.accounts, self.dimension))

    def _account(self, account: int) -> int:
        index = whole_number("account", account, minimum=0)
        if index >= self.accounts:
            raise InputError("account", index, f"expected an index below the number of accounts, {self.accounts}")
        return index

    @staticmethod
    def _others(mixtures: Array) -> Array:
        others: Array = mixtures.sum(axis=0) - mixtures
        return others
