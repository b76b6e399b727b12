"""Accounts that act as one: a bloc that colludes for itself, or one that only wants a group gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, read_only, whole_number
from sim.design.safe import checked_threshold
from sim.equilibrium.heterogeneous import heterogeneous_equilibrium
from sim.equilibrium.homogeneous import homogeneous_equilibrium
from sim.equilibrium.stability import positive_definite_on_tangent
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.quadratic import maximise_on_simplex
from sim.simplex import validated_mixture


@dataclass(frozen=True, eq=False, kw_only=True)
class Bloc:
    """The equilibrium of a bloc and the other accounts.

    Attributes:
        members: Accounts in the bloc, k.
        others: What each other account plays, (D,); without others, what the bloc plays.
        bloc: What each member plays, (D,); without members, what the others play.
        mixture: Share of all posts that speaks for each group, (D,).
        settled: Whether no single account of either kind, nor the bloc as a whole, would gain by leaving: the other
            accounts' game, and the bloc's joint utility, are strictly concave.
    """

    members: int
    others: Array
    bloc: Array
    mixture: Array
    settled: bool


Conspiracy = Callable[[AlignmentGame, int], Bloc]


def pinned_bloc(game: AlignmentGame, members: int, mixture: Array) -> Bloc:
    """Members post one mixture whatever happens; all others best-respond to them and to each other.

    The others' common mixture w maximises (bA a - k b S z)'w - w'(2 bI C + (M-k-1) b S)w / 2 on the simplex: the
    homogeneous equilibrium with k of the neighbours replaced by z (theory of the alignment game, section 5).

    Args:
        game: The game without a bloc; S symmetric.
        members: k, 0 <= k <= M.
        mixture: z, (D,).

    Raises:
        InputError: A directed game, bad members or mixture.
    """
    count = _checked(game, members)
    fixed = validated_mixture("mixture", mixture, game.dimension)
    rest, price = game.accounts - count, game.crowding_weight
    if rest == 0:
        return _bloc(game, count, fixed, fixed, settled=True)
    own = game.curvature(0)
    pull = game.incentives.attractiveness * game.attractiveness - count * price * game.similarity @ fixed
    others = maximise_on_simplex(own + (rest - 1) * price * game.similarity, pull)
    settled = rest == 1 or positive_definite_on_tangent(game.disagreement_matrix)
    return _bloc(game, count, others, fixed, settled=settled)


def adversarial_bloc(game: AlignmentGame, members: int) -> Bloc:
    """Members post so that the least represented group is as small as a single-minded bloc can make it.

    All put their posts on one group; the group is the one that leaves the least weight to any. Where the others keep
    all groups whichever it is, their answer is affine in the bloc's mixture, so no mixed bloc does more harm; else a
    mixed one might.

    Args:
        game: As of `pinned_bloc`.
        members: k.
    """
    found = [pinned_bloc(game, members, vertex) for vertex in np.eye(game.dimension)]
    return min(found, key=lambda each: float(each.mixture.min()))


def colluding_bloc(game: AlignmentGame, members: int) -> Bloc:
    """Members maximise the sum of their utilities; all others, each for itself, best-respond.

    A member minds what its post costs the other members as well, so it is crowded twice by each of them:
    grad = bA a - 2 bI C z - 2 (k-1) b S z - (M-k) b S w. With w the others' mixture this is a game of two players,
    of curvatures 2 bI C + (M-k-1) b S and 2 bI C + 2 (k-1) b S, solved as such.

    Args:
        game: As of `pinned_bloc`.
        members: k.

    Raises:
        InputError: As `pinned_bloc`.
        NotSettledError: As `heterogeneous_equilibrium`.
    """
    count = _checked(game, members)
    rest, price = game.accounts - count, game.crowding_weight
    if count <= 1:
        alike = homogeneous_equilibrium(game)
        return _bloc(game, count, alike.mixture, alike.mixture, settled=alike.unique)
    own, crowd = game.curvature(0), price * game.similarity
    together = positive_definite_on_tangent(own - 2 * crowd)
    if rest == 0:
        pull = game.incentives.attractiveness * game.attractiveness
        joint = maximise_on_simplex(own + 2 * (count - 1) * crowd, pull)
        return _bloc(game, count, joint, joint, settled=together)
    two = HeterogeneousGame(
        attractiveness=game.attractiveness,
        inconsistency=np.array([own + (rest - 1) * crowd, own + 2 * (count - 1) * crowd]) / 2,
        similarity=game.similarity,
        incentives=[
            [game.incentives.attractiveness, 1.0, count * price],
            [game.incentives.attractiveness, 1.0, rest * price],
        ],
        crowding="sum",
    )
    others, joint = heterogeneous_equilibrium(two).profile
    alone = rest == 1 or positive_definite_on_tangent(game.disagreement_matrix)
    return _bloc(game, count, others, joint, settled=together and alone)


def largest_bloc(game: AlignmentGame, conspiracy: Conspiracy, *, threshold: float = 0.05) -> int:
    """The largest bloc that the incentives bear: with it and any smaller one, every group keeps the threshold of posts.

    Args:
        game: The game under the lever.
        conspiracy: `colluding_bloc`, `adversarial_bloc`, or any function of the game and the number of members.
        threshold: Share of all posts that every group shall have.

    Returns:
        Number of members; -1 if the threshold is missed without any.

    Raises:
        InputError: As of the conspiracy, or a threshold out of range.
    """
    checked_threshold(threshold, game.dimension)
    for members in range(game.accounts + 1):
        if conspiracy(game, members).mixture.min() < threshold * (1 - 1e-9):
            return members - 1
    return game.accounts


def _bloc(game: AlignmentGame, count: int, others: Array, bloc: Array, *, settled: bool) -> Bloc:
    share = count / game.accounts
    mixture = (1 - share) * others + share * bloc
    return Bloc(
        members=count,
        others=read_only(np.array(others)),
        bloc=read_only(np.array(bloc)),
        mixture=read_only(mixture),
        settled=settled,
    )


def _checked(game: AlignmentGame, members: int) -> int:
    count = whole_number("members", members, minimum=0)
    if count > game.accounts:
        raise InputError("members", count, f"the game has {game.accounts} accounts")
    if game.directed:
        raise InputError("game", "a directed game", "a bloc's joint utility is solved for symmetric similarity only")
    return count
