"""A population: what each of its accounts maximises, and whom it crowds with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import Array, read_only, shorten
from sim.errors import InputError
from sim.population.layout import Laws, Terms
from sim.population.pivot_table import LARGEST_DIMENSION, TABLE_GROUPS, laws_of, padded

Integer = TypeVar("Integer", np.int32, np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    """M accounts; account m maximises q_m'w - w'H_k w/2 over {w >= floor, sum w = 1}, k = kinds[m].

    q_m = linear_m - price_m S sum_n w_n, over all other accounts n, or over the neighbours of m where a graph is
    given. H_k = 2 bI_k C_k, linear_m = bA a and price_m = g bD in the terms of theory of the alignment game, sections 2
    and 3. Everything is checked once, here, in O(MD) time; arrays of the right type are viewed, not copied, so the
    caller must not change them afterwards.

    Memory per account: 8 D bytes of linear terms (none if shared), 8 of price and 4 of kind (none if shared), and on a
    graph 8 plus 4 per neighbour. A step adds 8 D for its result, and 2 (8 for D > 10) for supports. D = 6, all of it
    different, degree 4: 60 + 24 + 50 bytes and the profile's own 48.

    Attributes:
        linear: (M, D), or (D,) if shared by all.
        curvatures: H_k, shape (K, D, D), or (D, D) for one kind; symmetric, positive semidefinite on the tangent space.
        similarity: S, shape (D, D); may be asymmetric, [own group, other's group].
        accounts: M; needed only if nothing else has one entry per account.
        kinds: Kind of each account, shape (M,), entries 0..K-1; None if there is one kind.
        price: b_m >= 0, shape (M,) or a number.
        neighbours: (starts, indices) of a sparse graph in CSR form: account m crowds with
            indices[starts[m]:starts[m + 1]]; None for the complete graph. Not required to be symmetric; an account
            without neighbours is crowded by nobody, and a repeated one counts as often as it stands there.

    Raises:
        InputError: Shapes disagree, or an entry is not finite, negative where it must not be, or out of range.
    """

    linear: Array
    curvatures: Array
    similarity: Array
    accounts: int = 0
    kinds: NDArray[np.int32] | None = None
    price: float | Array = 0.0
    neighbours: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None
    terms: Terms = field(init=False, repr=False)

    def __post_init__(self) -> None:
        linear = np.atleast_2d(_numbers("linear", self.linear, (1, 2)))
        dimension = linear.shape[1]
        if not 2 <= dimension <= LARGEST_DIMENSION:
            raise InputError("linear", f"{dimension} group(s)", f"expected 2 to {LARGEST_DIMENSION} groups")
        curvatures = _numbers("curvatures", self.curvatures, (2, 3))
        curvatures = curvatures[None] if curvatures.ndim == 2 else curvatures
        _expect_shape("curvatures", curvatures.shape, (max(curvatures.shape[0], 1), dimension, dimension))
        similarity = _numbers("similarity", self.similarity, (2,))
        _expect_shape("similarity", similarity.shape, (dimension, dimension))
        price = np.atleast_1d(_numbers("price", self.price, (0, 1)))
        if price.size and price.min() < 0:
            raise InputError(f"price[{int(price.argmin())}]", float(price.min()), "expected prices >= 0")
        kinds = _kinds(self.kinds, curvatures.shape[0])
        # Without a graph the arrays of its edges are empty.
        starts, indices = _graph(self.neighbours)
        accounts = self._count(linear.shape[0], kinds.size, price.size, starts.size - 1)
        _check_edges(starts, indices, accounts)
        crowd = np.zeros((dimension, padded(dimension)))
        crowd[:, :dimension] = similarity.T
        values: dict[str, object] = {
            "linear": linear,
            "curvatures": curvatures,
            "similarity": similarity,
            "accounts": accounts,
            "kinds": kinds,
            "price": price,
            "terms": Terms(linear, kinds, price, read_only(crowd), starts, indices),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _count(self, rows: int, kinds: int, prices: int, nodes: int) -> int:
        """Number of accounts, agreed upon by every array that has one entry per account."""
        given = {"linear": rows, "kinds": kinds, "price": prices}
        sizes = {name: size for name, size in given.items() if size != 1}
        if nodes >= 0:
            sizes["neighbours"] = nodes
        if self.accounts:
            sizes["accounts"] = self.accounts
        found = set(sizes.values()) or {1}
        if len(found) > 1 or min(found) < 1:
            text = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise InputError("accounts", text, "every array must have one entry per account, or one for all")
        return found.pop()

    @property
    def dimension(self) -> int:
        """Number of groups D."""
        return int(self.linear.shape[-1])

    @property
    def sparse(self) -> bool:
        """Whether accounts crowd with their neighbours in a graph only."""
        return self.neighbours is not None

    @cached_property
    def laws(self) -> Laws:
        """The curvatures, ready for solving; made at first use.

        Raises:
            InputError: A curvature is asymmetric or negative on the tangent space.
        """
        return laws_of(self.curvatures, self.accounts)

    @property
    def support_type(self) -> type[np.int16] | type[np.int64]:
        """Integer type that holds one bit per group."""
        return np.int16 if self.dimension <= TABLE_GROUPS else np.int64


def _numbers(name: str, value: ArrayLike, axes: tuple[int, ...]) -> Array:
    """Read-only contiguous float64 view (a copy only if need be) with finite entries."""
    try:
        array = np.ascontiguousarray(value, dtype=np.float64) if np.ndim(value) else np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(name, shorten(value), f"expected numbers ({error})") from error
    if array.ndim not in axes:
        raise InputError(name, f"array of shape {array.shape}", f"expected {' or '.join(map(str, axes))} axes")
    if not np.isfinite(array).all():
        raise InputError(name, "NaN or infinity", "every entry must be finite")
    return read_only(array.view())


def _expect_shape(name: str, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if shape != expected:
        raise InputError(name, f"array of shape {shape}", f"expected shape {expected}")


def _whole(name: str, value: ArrayLike, kind: type[Integer]) -> NDArray[Integer]:
    array = np.asarray(value)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise InputError(name, f"{array.dtype} array of shape {array.shape}", "expected whole numbers on one axis")
    result = np.ascontiguousarray(array, dtype=kind).view()
    result.setflags(write=False)
    return result


def _kinds(kinds: ArrayLike | None, count: int) -> NDArray[np.int32]:
    if kinds is None and count != 1:
        raise InputError("kinds", None, f"with {count} curvatures, say which one each account has")
    found = _whole("kinds", np.zeros(1, dtype=np.int32) if kinds is None else kinds, np.int32)
    if found.size and not (found.min() >= 0 and found.max() < count):
        raise InputError("kinds", f"{found.min()} to {found.max()}", f"expected 0 to {count - 1}, one per curvature")
    return found


def _graph(neighbours: tuple[ArrayLike, ArrayLike] | None) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    given = (np.zeros(0, np.int64), np.zeros(0, np.int32)) if neighbours is None else neighbours
    starts, indices = _whole("neighbours[0]", given[0], np.int64), _whole("neighbours[1]", given[1], np.int32)
    if neighbours is not None and starts.size < 2:
        raise InputError("neighbours[0]", f"{starts.size} entries", "expected M + 1, in CSR form")
    return starts, indices


def _check_edges(starts: NDArray[np.int64], indices: NDArray[np.int32], accounts: int) -> None:
    if not starts.size:
        return
    if starts[0] != 0 or starts[-1] != indices.size or np.any(np.diff(starts) < 0):
        raise InputError("neighbours[0]", shorten(starts), f"expected 0, ..., {indices.size}, never falling")
    if indices.size and not (indices.min() >= 0 and indices.max() < accounts):
        remedy = f"expected accounts 0 to {accounts - 1}"
        raise InputError("neighbours[1]", f"{indices.min()} to {indices.max()}", remedy)
    owners = np.repeat(np.arange(accounts, dtype=np.int32), np.diff(starts))
    own = np.flatnonzero(owners == indices)
    if own.size:
        raise InputError(
            "neighbours", f"account {owners[own[0]]} beside itself", "remove the edges of accounts to themselves"
        )
