"""Labelled texts: what each group says after a prompt. Adapters train on some; the gates hold the others out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.errors import InputError
from sim.randomness import generator


@dataclass(frozen=True)
class Text:
    """A prompt and what the group says after it."""

    prompt: str
    text: str


@dataclass(frozen=True)
class Corpus:
    """Texts of every group, those to train on apart from those to check with.

    Attributes:
        train: Group -> texts that an adapter or a classifier may learn from.
        heldout: The same groups -> texts that none has seen.

    Raises:
        InputError: Fewer than two groups, different groups on the two sides, a group without texts, or a text of a
            group on both sides.
    """

    train: Mapping[str, tuple[Text, ...]]
    heldout: Mapping[str, tuple[Text, ...]]

    def __post_init__(self) -> None:
        if len(self.train) < 2:
            raise InputError("corpus", f"{len(self.train)} group(s)", "give texts of at least two groups")
        if list(self.train) != list(self.heldout):
            raise InputError("held-out groups", list(self.heldout), f"give those of training: {list(self.train)}")
        for side, texts in (("train", self.train), ("held-out", self.heldout)):
            for group, own in texts.items():
                if not own:
                    raise InputError(f"{side} texts of {group!r}", 0, "give at least one text")
        for group, own in self.train.items():
            both = set(own) & set(self.heldout[group])
            if both:
                seen = next(iter(both)).text.strip()
                raise InputError(f"held-out text of {group!r}", repr(seen), "it is trained on too; take it out of one")

    @property
    def groups(self) -> tuple[str, ...]:
        """Group names in order."""
        return tuple(self.train)


def split_corpus(texts: Mapping[str, Sequence[Text]], share: float = 0.2, seed: int = 0) -> Corpus:
    """Hold texts out by lot: the same number of every group, so that each group is checked equally well.

    A text that a group says twice is kept once. What is held out of a group depends on its own texts, its name and
    the seed, not on the order of groups.

    Args:
        texts: Group -> its texts.
        share: Share of the smallest group's texts that is held out, in (0, 1); at least one text.
        seed: Seed of the lot.

    Raises:
        InputError: The share is out of range, or a group has fewer than two different texts.

    >>> corpus = split_corpus({g: [Text("", f" {g}{n}") for n in range(10)] for g in "ab"})
    >>> [len(corpus.train["a"]), len(corpus.heldout["a"]), len(corpus.heldout["b"])]
    [8, 2, 2]
    """
    if not 0.0 < share < 1.0:
        raise InputError("share", share, "give the share of texts to hold out, between 0 and 1")
    distinct = {group: tuple(dict.fromkeys(own)) for group, own in texts.items()}
    for group, own in distinct.items():
        if len(own) < 2:
            raise InputError(f"texts of {group!r}", len(own), "give at least two: one to train on, one to hold out")
    smallest = min((len(own) for own in distinct.values()), default=0)
    number = min(max(1, round(share * smallest)), smallest - 1)
    train, heldout = {}, {}
    for group, own in distinct.items():
        lot = generator(seed, round=0, agent=-1, purpose=f"held out of {group}").permutation(len(own)).tolist()
        out = set(lot[:number])
        heldout[group] = tuple(text for n, text in enumerate(own) if n in out)
        train[group] = tuple(text for n, text in enumerate(own) if n not in out)
    return Corpus(train, heldout)
