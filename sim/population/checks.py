"""What every step does before it moves anyone: check the profile, and add up the crowd."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, positive, shorten
from sim.errors import InputError
from sim.population.chunks import CHUNK
from sim.population.layout import Supports
from sim.population.problem import Population
from sim.population.responses import add_up
from sim.quadratic import maximise_on_simplex
from sim.simplex import SUM_TOLERANCE, validated_floor
from sim.threads import in_chunks


def checked_profile(population: Population, mixtures: ArrayLike) -> tuple[Array, Array]:
    """A read-only view of `mixtures`, shape (M, D), and their sum over accounts, shape (D,).

    The sum is taken over fixed runs of accounts, so that its last bit does not depend on the number of threads.

    Raises:
        InputError: Wrong shape, or a row that is no mixture; the message names the account.
    """
    try:
        profile = np.ascontiguousarray(mixtures, dtype=np.float64).view()
    except (TypeError, ValueError) as error:
        raise InputError("mixtures", shorten(mixtures), f"expected numbers ({error})") from error
    expected = (population.accounts, population.dimension)
    if profile.shape != expected:
        raise InputError("mixtures", f"array of shape {profile.shape}", f"expected (accounts, groups) = {expected}")
    profile.setflags(write=False)

    def part(span: tuple[int, int]) -> Array:
        total = np.zeros(population.dimension)
        wrong = add_up(span, profile, total, -SUM_TOLERANCE)
        if wrong >= 0:
            remedy = "weights must be >= 0, finite and sum to 1; project_to_simplex() maps any vector to a mixture"
            raise InputError(f"mixtures[{wrong}]", shorten(profile[wrong].tolist()), remedy)
        return total

    total: Array = np.add.reduce(in_chunks(part, population.accounts, CHUNK))
    return profile, total


def checked_floor(population: Population, floor: float) -> float:
    """The floor as a float of at most 1/D.

    Raises:
        InputError: It is negative or above 1/D.
    """
    return min(validated_floor("floor", floor, population.dimension), 1.0 / population.dimension)


def checked_damping(damping: float) -> float:
    """The damping as a float.

    Raises:
        InputError: It is not in (0, 1].
    """
    share = positive("damping", damping)
    if share > 1:
        raise InputError("damping", share, "expected a share of the way, in (0, 1]")
    return share


def checked_supports(population: Population, supports: Supports | None) -> Supports:
    """A fresh copy of remembered supports, zeros (not known) if there are none.

    Raises:
        InputError: Wrong shape or type, or a group that does not exist.
    """
    if supports is None:
        return np.zeros(population.accounts, dtype=population.support_type)
    array = np.asarray(supports)
    if array.shape != (population.accounts,) or array.dtype != population.support_type:
        name = population.support_type.__name__
        expected = f"expected {name} of shape ({population.accounts},), as a step returns them"
        raise InputError("supports", f"{array.dtype} array of shape {array.shape}", expected)
    low, high = int(array.min()), int(array.max())
    if population.dimension < 63 and (low < 0 or high >= 1 << population.dimension):
        raise InputError("supports", f"{low} to {high}", f"expected bits of {population.dimension} groups")
    return array.copy()


def checked_out(population: Population, out: Array | None, profile: Array) -> Array:
    """The array to write to: a fresh one, or the one given.

    Raises:
        InputError: It has the wrong shape or type, is not writable, or overlaps the input.
    """
    if out is None:
        return np.empty((population.accounts, population.dimension))
    if out.shape != profile.shape or out.dtype != np.float64 or not (out.flags.c_contiguous and out.flags.writeable):
        expected = f"expected a writable, contiguous float64 array of shape {profile.shape}"
        raise InputError("out", f"{out.dtype} array of shape {out.shape}", expected)
    if np.may_share_memory(out, profile):
        raise InputError("out", "memory of the mixtures", "give an array of its own: a step never changes its input")
    return out


def exact_response(population: Population, account: int, mixtures: Array, total: Array, *, floor: float) -> Array:
    """Best response of one account by sim.quadratic: the mixture nearest to its present one where several are best."""
    terms = population.terms
    if population.sparse:
        others = mixtures[terms.neighbours[terms.starts[account] : terms.starts[account + 1]]].sum(axis=0)
    else:
        others = total - mixtures[account]
    price = terms.price[account if terms.price.size > 1 else 0]
    linear = terms.linear[account if terms.linear.shape[0] > 1 else 0] - price * population.similarity @ others
    kind = terms.kinds[account if terms.kinds.size > 1 else 0]
    return maximise_on_simplex(population.curvatures[kind], linear, floor, near=mixtures[account])
