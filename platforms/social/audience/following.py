"""Who follows whom: accounts whose posts a member gets, and contacts whose shared posts reach it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from platforms.social.audience.sampling import distinct
from platforms.social.posts import IntArray
from sim.arrays import whole_number
from sim.errors import InputError

NOBODY = -1
"""Stands at a free place in a list of those followed."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Following:
    """Lists of fixed length, one row per member.

    Attributes:
        followed: Accounts whose posts the member gets, NOBODY at a free place, none twice in a row, shape (R, K).
        contacts: Members whose shared posts reach the member, NOBODY at a free place, shape (R, L).
        accounts: Number of accounts M.
    """

    followed: IntArray
    contacts: IntArray
    accounts: int

    @classmethod
    def of(
        cls,
        graph: nx.Graph,
        *,
        members: Sequence[Hashable],
        accounts: Sequence[Hashable],
        capacity: int = 50,
    ) -> Following:
        """Read a graph with edges from follower to followed: any networkx generator or edge list.

        A member that follows an account gets its posts; one that follows a member gets what that member shares. In an
        undirected graph contacts are mutual. The bipartite generators of networkx number members from 0 and accounts
        after them: members=range(R), accounts=range(R, R + M).

        Args:
            graph: nx.DiGraph or nx.Graph; attributes are not used. Members and accounts without edges may be missing.
            members: Names of the members, in the order of the audience, length R.
            accounts: Names of the accounts, in the order of the profile, length M.
            capacity: Most accounts a member can follow, also later on.

        Raises:
            InputError: An unknown name, one that is both member and account, an account that follows, a member that
                follows itself, or one that follows more accounts than `capacity`.

        >>> graph = nx.DiGraph([("ann", "news"), ("bob", "ann")])
        >>> who = Following.of(graph, members=["ann", "bob"], accounts=["news"], capacity=2)
        >>> who.followed.tolist(), who.contacts.tolist()
        ([[0, -1], [-1, -1]], [[-1], [0]])
        """
        source, target = _edges(graph, _numbered(members, accounts), len(members))
        if not graph.is_directed():
            # Accounts follow nobody: an edge with one is the member's, whichever end it was written at.
            source, target = np.concatenate([source, target]), np.concatenate([target, source])
            kept = (source < len(members)) | (target >= len(members))
            source, target = source[kept], target[kept]
        if (source >= len(members)).any():
            name = accounts[int(source[source >= len(members)][0]) - len(members)]
            raise InputError("following", f"account {name!r} follows", "edges go from a member to whom it follows")
        if (source == target).any():
            name = members[int(source[source == target][0])]
            raise InputError("following", f"member {name!r} follows itself", "remove the loop")
        to_account = target >= len(members)
        places = whole_number("capacity", capacity, minimum=1)
        most = int(np.bincount(source[to_account], minlength=1).max())
        if most > places:
            name = members[int(np.bincount(source[to_account]).argmax())]
            remedy = f"member {name!r} follows {most} accounts; raise capacity to at least that"
            raise InputError("capacity", places, remedy)
        contacts = _lists(source[~to_account], target[~to_account], len(members), 0)
        followed = _lists(source[to_account], target[to_account] - len(members), len(members), places)
        return cls(followed=followed, contacts=contacts, accounts=len(accounts))

    @classmethod
    def at_random(
        cls, members: int, accounts: int, follows: int, rng: np.random.Generator, capacity: int = 50
    ) -> Following:
        """Every member follows `follows` accounts drawn without replacement, and has no contacts.

        Raises:
            InputError: More follows than accounts, or than `capacity`.
        """
        limit = min(whole_number("capacity", capacity, minimum=1), accounts)
        if whole_number("follows", follows, minimum=0) > limit:
            raise InputError("follows", follows, f"expected at most {limit}: {accounts} accounts, capacity {capacity}")
        followed = np.full((members, capacity), NOBODY)
        followed[:, :follows] = distinct(rng, members, accounts, follows)
        return cls(followed=followed, contacts=np.full((members, 0), NOBODY), accounts=accounts)

    @property
    def followers(self) -> IntArray:
        """Number of followers of each account, shape (M,)."""
        return np.bincount(self.followed[self.followed != NOBODY], minlength=self.accounts)

    def gained_since(self, before: Following) -> int:
        """Number of followings at places where `before` has another or none."""
        return int(((self.followed != before.followed) & (self.followed != NOBODY)).sum())

    def after(
        self, member: IntArray, account: IntArray, follow: NDArray[np.bool_], unfollow: NDArray[np.bool_]
    ) -> Following:
        """The lists after readers have followed and unfollowed the authors of what they read, slot by slot.

        A full list takes nobody; following twice or leaving somebody not followed changes nothing.

        Args:
            member: The readers, none twice, shape (N,).
            account: Author of the post in each of their slots, shape (N, slots).
            follow: Where the reader starts to follow, shape (N, slots).
            unfollow: Where the reader stops, shape (N, slots).
        """
        if not (follow.any() or unfollow.any()):
            return self
        followed = self.followed.copy()
        for slot in range(account.shape[1]):
            for changes, coming in ((follow[:, slot], True), (unfollow[:, slot], False)):
                who, whom = member[changes], account[changes, slot]
                rows = followed[who]
                known = rows == whom[:, None]
                sought = rows == NOBODY if coming else known
                moved = sought.any(axis=1) & ~(coming & known.any(axis=1))
                followed[who[moved], sought[moved].argmax(axis=1)] = whom[moved] if coming else NOBODY
        return replace(self, followed=followed)


def _numbered(members: Sequence[Hashable], accounts: Sequence[Hashable]) -> dict[Hashable, int]:
    numbers: dict[Hashable, int] = {}
    for number, name in enumerate([*members, *accounts]):
        if name in numbers:
            raise InputError("names", repr(name), "appears twice; members and accounts need names of their own")
        numbers[name] = number
    return numbers


def _edges(graph: nx.Graph, numbers: dict[Hashable, int], members: int) -> tuple[IntArray, IntArray]:
    unknown = next((node for node in graph if node not in numbers), None)
    if unknown is not None:
        remedy = f"neither one of the {members} members nor of the {len(numbers) - members} accounts; mend the name"
        raise InputError("following", f"node {unknown!r}", remedy)
    ends = np.array([(numbers[a], numbers[b]) for a, b in graph.edges()], dtype=np.int64).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]


def _lists(source: IntArray, target: IntArray, rows: int, least: int) -> IntArray:
    """Targets of each source as rows of one length, at least `least`, ascending, each once."""
    source, target = np.unique(np.stack([source, target]), axis=1)
    degree = np.bincount(source, minlength=rows)
    place = np.arange(source.size) - np.repeat(degree.cumsum() - degree, degree)
    lists = np.full((rows, max(int(degree.max(initial=0)), least)), NOBODY)
    lists[source, place] = target
    return lists
