"""The alignment game with accounts that differ, on a network of who crowds whom.

    u_m = bA_m a_m'w_m - bI_m w_m'C_m w_m - bD_m g_m sum_{n in N(m)} w_m'S w_n

Model: arXiv 2602.06836. Formulas: theory of the alignment game, sections 2, 3 and 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.alignment_game import AlignmentGame, Crowding, Incentives
from sim.arrays import Array, finite_array, read_only, shorten, whole_number
from sim.errors import InputError
from sim.game import Game
from sim.game_matrices import group_names, require_semidefinite, similarity_matrix, symmetric_matrix
from sim.network import Network
from sim.quadratic import maximise_on_simplex
from sim.simplex import validated_floor, validated_profile

_MANY, _LARGEST_DIMENSION = 1000, 64


@dataclass(frozen=True, eq=False, kw_only=True)
class HeterogeneousGame:
    """One game of M accounts that may differ in everything but S; arrays are validated, copied and read-only.

    Attributes:
        attractiveness: a_m, shape (M, D); one row (D,) is shared by all.
        inconsistency: C of each kind of account, symmetric, positive semidefinite on the tangent space, shape
            (K, D, D); one matrix (D, D) is shared by all.
        kinds: Kind of each account, 0 to K - 1, shape (M,). Left out, there is one kind, or one per account (K = M).
        similarity: S, shape (D, D); symmetric unless `directed`.
        incentives: bA_m, bI_m, bD_m, each finite and >= 0, shape (M, 3); an `Incentives` is shared by all, a
            sequence of them is one per account.
        accounts: M >= 1; needed only where no other argument tells it.
        network: Who crowds whom: a networkx graph (`Network.of`) or None, where everyone crowds everyone.
        crowding: "mean" divides an account's crowding term by its number of neighbours, "sum" does not. An account
            without neighbours is not crowded.
        directed: Whether S may be asymmetric.
        groups: Names of the D groups, or None.

    Raises:
        InputError: At construction, for any of the conditions above; the message names the field.
    """

    attractiveness: Array
    inconsistency: Array
    similarity: Array
    incentives: Array
    kinds: NDArray[np.int64]
    network: Network | None
    accounts: int
    crowding: Crowding
    directed: bool
    groups: tuple[str, ...] | None

    def __init__(
        self,
        *,
        attractiveness: ArrayLike,
        inconsistency: ArrayLike,
        similarity: ArrayLike,
        incentives: Incentives | Sequence[Incentives] | ArrayLike,
        kinds: ArrayLike | None = None,
        network: nx.Graph | Network | None = None,
        accounts: int | None = None,
        crowding: Crowding = "mean",
        directed: bool = False,
        groups: tuple[str, ...] | None = None,
    ) -> None:
        neighbours = network if isinstance(network, Network) or network is None else Network.of(network)
        pull = finite_array("attractiveness", attractiveness, ndim=_axes(attractiveness, 1, 2))
        prices = _prices(incentives)
        own = finite_array("inconsistency", inconsistency, ndim=_axes(inconsistency, 2, 3))
        sizes = {
            "accounts": accounts,
            "attractiveness": pull.shape[0] if pull.ndim == 2 else None,
            "incentives": prices.shape[0] if prices.ndim == 2 else None,
            "kinds": None if kinds is None else _length(kinds),
            "network": None if neighbours is None else neighbours.accounts,
            "inconsistency": own.shape[0] if own.ndim == 3 and len(own) > 1 and kinds is None else None,
        }
        count = _agreed(sizes)
        dimension = pull.shape[-1]
        if dimension < 2:
            raise InputError("attractiveness", f"{dimension} group(s)", "a game needs at least 2 groups")
        if crowding not in ("mean", "sum"):
            raise InputError("crowding", shorten(crowding), 'expected "mean" or "sum"')
        matrices = _inconsistencies(own, dimension)
        values: dict[str, object] = {
            "attractiveness": read_only(np.broadcast_to(pull, (count, dimension)).copy()),
            "inconsistency": matrices,
            "similarity": similarity_matrix(similarity, dimension, directed=directed),
            "incentives": read_only(np.broadcast_to(prices, (count, 3)).copy()),
            "kinds": _kinds(kinds, count, len(matrices)),
            "network": neighbours,
            "accounts": count,
            "crowding": crowding,
            "directed": directed,
            "groups": group_names(groups, dimension),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, game: AlignmentGame, network: nx.Graph | Network | None = None) -> HeterogeneousGame:
        """The same game with accounts that could differ, on a network if one is given.

        Raises:
            InputError: The network has another number of accounts.
        """
        return cls(
            attractiveness=game.attractiveness,
            inconsistency=game.inconsistency,
            similarity=game.similarity,
            incentives=game.incentives,
            network=network,
            accounts=game.accounts,
            crowding=game.crowding,
            directed=game.directed,
            groups=game.groups,
        )

    @property
    def dimension(self) -> int:
        """Number of groups D."""
        return int(self.attractiveness.shape[1])

    @property
    def neighbours(self) -> NDArray[np.int64]:
        """Number of accounts that crowd each account, shape (M,)."""
        if self.network is None:
            return np.full(self.accounts, self.accounts - 1, dtype=np.int64)
        return self.network.degrees

    @property
    def crowding_weights(self) -> Array:
        """Price b_m = g_m bD_m of similarity to one neighbour, shape (M,); g_m = 1/(neighbours of m) or 1."""
        count = self.neighbours
        share = np.where(count > 0, 1.0, 0.0) / (np.maximum(count, 1) if self.crowding == "mean" else 1)
        weights: Array = self.incentives[:, 2] * share
        return weights

    def payoffs(self, profile: ArrayLike) -> Array:
        """Utility u_m of each account, shape (M,).

        Raises:
            InputError: `profile`, shape (M, D), is not a profile of this game.
        """
        mixtures = self._profile(profile)
        pull = self.incentives[:, 0] * np.sum(mixtures * self.attractiveness, axis=1)
        cost = np.sum(mixtures * self._own_slope(mixtures), axis=1) / 2
        crowd = np.sum(mixtures * (self._crowd(mixtures) @ self.similarity.T), axis=1)
        utilities: Array = pull - cost - self.crowding_weights * crowd
        return utilities

    def gradients(self, profile: ArrayLike) -> Array:
        """Gradient of each account's utility in its own mixture, shape (M, D).

        Raises:
            InputError: `profile`, shape (M, D), is not a profile of this game.
        """
        mixtures = self._profile(profile)
        return self._linear(mixtures) - self._own_slope(mixtures)

    def best_response(self, account: int, profile: ArrayLike, floor: float = 0.0) -> Array:
        """Mixture that maximises the utility of one account against the rest of `profile`, shape (D,).

        Exact; an indifferent account stays as near as it can to its present mixture.

        Raises:
            InputError: Bad account, profile or floor.
        """
        mixtures = self._profile(profile)
        index = self._account(account)
        floor = validated_floor("floor", floor, self.dimension)
        if self.network is None:
            others = mixtures.sum(axis=0) - mixtures[index]
        else:
            others = mixtures[self.network.neighbours(index)].sum(axis=0)
        pull = self.incentives[index, 0] * self.attractiveness[index]
        linear = pull - self.crowding_weights[index] * self.similarity @ others
        return maximise_on_simplex(self.curvature(index), linear, floor, near=mixtures[index])

    def best_responses(self, profile: ArrayLike, floor: float = 0.0) -> Array:
        """Mixture of every account that is best against the rest of `profile`, shape (M, D).

        Raises:
            InputError: Bad profile or floor.
        """
        mixtures = self._profile(profile)
        floor = validated_floor("floor", floor, self.dimension)
        rows = enumerate(self._linear(mixtures))
        return np.stack([maximise_on_simplex(self.curvature(m), q, floor, near=mixtures[m]) for m, q in rows])

    def curvature(self, account: int) -> Array:
        """Matrix 2 bI_m C_m of the account's own quadratic cost, shape (D, D).

        Raises:
            InputError: No such account.
        """
        index = self._account(account)
        cost: Array = 2 * self.incentives[index, 1] * self.inconsistency[self.kinds[index]]
        return cost

    def _linear(self, mixtures: Array) -> Array:
        """Gradient less the account's own quadratic cost: what the others and the audience offer."""
        pull = self.incentives[:, :1] * self.attractiveness
        linear: Array = pull - self.crowding_weights[:, None] * (self._crowd(mixtures) @ self.similarity.T)
        return linear

    def _own_slope(self, mixtures: Array) -> Array:
        if len(self.inconsistency) == 1:
            slope = mixtures @ self.inconsistency[0]
        else:
            slope = np.einsum("mde,me->md", self.inconsistency[self.kinds], mixtures)
        scaled: Array = 2 * self.incentives[:, 1:2] * slope
        return scaled

    def _crowd(self, mixtures: Array) -> Array:
        if self.network is None:
            others: Array = mixtures.sum(axis=0) - mixtures
            return others
        return self.network.sums(mixtures)

    def _profile(self, profile: ArrayLike) -> Array:
        return validated_profile("profile", profile, (self.accounts, self.dimension))

    def _account(self, account: int) -> int:
        index = whole_number("account", account, minimum=0)
        if index >= self.accounts:
            raise InputError("account", index, f"expected an index below the number of accounts, {self.accounts}")
        return index


def has_many_accounts(game: Game) -> bool:
    """Whether a game is one for the compiled kernels of `sim.population`: 1,000 accounts or more.

    Below that numpy is fast enough to spare a first call the half minute of compiling them; the results are the same.
    """
    known = isinstance(game, AlignmentGame | HeterogeneousGame)
    return known and game.accounts >= _MANY and game.dimension <= _LARGEST_DIMENSION


def _prices(incentives: Incentives | Sequence[Incentives] | ArrayLike) -> Array:
    if isinstance(incentives, Incentives):
        return np.array([incentives.attractiveness, incentives.inconsistency, incentives.diversity])
    if isinstance(incentives, Sequence) and incentives and all(isinstance(i, Incentives) for i in incentives):
        return np.stack([_prices(each) for each in incentives])
    prices = finite_array("incentives", incentives, ndim=2)  # type: ignore[arg-type]
    if prices.shape[1] != 3:
        remedy = "expected an Incentives(...), one per account, or an array (M, 3) of bA, bI, bD"
        raise InputError("incentives", f"array of shape {prices.shape}", remedy)
    if prices.size and prices.min() < 0:
        account, which = (int(i) for i in np.argwhere(prices < 0)[0])
        raise InputError(f"incentives[{account}, {which}]", prices[account, which], "expected a number >= 0")
    return prices


def _axes(value: ArrayLike, fewer: int, more: int) -> int:
    """Number of axes to ask for: the larger where `value` has it, the smaller for anything else."""
    try:
        return more if np.ndim(value) == more else fewer
    except ValueError:  # rows of unequal length: finite_array says so
        return fewer


def _length(kinds: ArrayLike) -> int | None:
    try:
        return int(np.atleast_1d(np.asarray(kinds)).shape[0])
    except ValueError:  # rows of unequal length: _kinds says so
        return None


def _agreed(sizes: dict[str, int | None]) -> int:
    """The number of accounts that all arguments agree on."""
    given = {field: size for field, size in sizes.items() if size is not None}
    if not given:
        raise InputError("accounts", None, "nothing tells how many accounts there are; give accounts=M")
    first, count = next(iter(given.items()))
    for field, size in given.items():
        if size != count:
            raise InputError(field, f"{size} account(s)", f"expected {count}, as many as {first} has")
    return whole_number("accounts", count, minimum=1)


def _inconsistencies(own: Array, dimension: int) -> Array:
    own = own if own.ndim == 3 else own[None]
    if own.shape[0] == 0:
        raise InputError("inconsistency", f"array of shape {own.shape}", "expected (D, D), or (K, D, D) by kind")
    matrices = np.empty((own.shape[0], dimension, dimension))
    for kind, matrix in enumerate(own):
        field = "inconsistency" if own.shape[0] == 1 else f"inconsistency[{kind}]"
        matrices[kind] = symmetric_matrix(field, matrix, dimension)
        require_semidefinite(field, matrices[kind])
    return read_only(matrices)


def _kinds(kinds: ArrayLike | None, accounts: int, available: int) -> NDArray[np.int64]:
    if kinds is None:
        chosen = np.arange(accounts) if available > 1 else np.zeros(accounts, dtype=np.int64)
    else:
        try:
            chosen = np.asarray(kinds)
        except ValueError as error:
            raise InputError("kinds", shorten(kinds), "expected whole numbers, one per account") from error
        if chosen.ndim != 1 or not np.issubdtype(chosen.dtype, np.integer):
            raise InputError("kinds", shorten(kinds), "expected whole numbers, one per account")
        bad = np.flatnonzero((chosen < 0) | (chosen >= available))
        if bad.size:
            remedy = f"expected 0 to {available - 1}, one of the {available} matrices of inconsistency"
            raise InputError(f"kinds[{bad[0]}]", int(chosen[bad[0]]), remedy)
    whole = chosen.astype(np.int64)
    whole.setflags(write=False)
    return whole
