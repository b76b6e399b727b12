"""A post: who published it, in which group's voice it was meant, what it answers, what it says."""

from __future__ import annotations

from dataclasses import dataclass

UNHEARD = -1
"""Voice of a post that readers can't attribute to any group (an empty text)."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A post before it is written.

    Attributes:
        account: Index of the account.
        group: Index of the group drawn from the account's mixture.
        topic: Index of the question it is about.
        answer: Option the group's model chose on that question.
        seed: Seed of the text.
        heard: Whether readers go by the voice in the text; else they take the post for the group that was drawn.
    """

    account: int
    group: int
    topic: int
    answer: int
    seed: int
    heard: bool = True


@dataclass(frozen=True, kw_only=True)
class Post:
    """A published post: its draft, its text, and the voice that readers take it for (or UNHEARD)."""

    draft: Draft
    text: str
    voice: int
