"""A recorded pool of posts: n texts per group and topic, written once, from which any number of accounts posts.

A hundred thousand accounts need no hundred thousand texts a round: accounts of the same group write alike. A language
model writes and hears the pool in whole batches; after that a post is an index.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from agents.language.protocol import LanguageModel
from agents.subpopulations.posts import Assignment, voice_logprobs, write_posts
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.arrays import Array, whole_number
from sim.errors import InputError
from sim.randomness import request_seed

IntArray = NDArray[np.int64]

_KEY = b"equipolis post pool"
_BATCH = 256
"""Texts asked for at once: whole batches for the backend, and no list of a million requests."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a pool was written by and for: with another origin its texts and likelihoods would be others.

    Attributes:
        model: SHA-256 of the base model's weights, or the name of a model without any.
        voices: Group -> hash of how the model is conditioned to speak for it; the order is that of all axes.
        topics: What the posts are about, in order.
        texts: Texts per group and topic.
        max_tokens: Longest post.
        temperature: Sampling temperature.
        seed: Of all texts.
    """

    model: str
    voices: Mapping[str, str]
    topics: tuple[str, ...]
    texts: int
    max_tokens: int
    temperature: float
    seed: int

    @classmethod
    def of(
        cls,
        model: str,
        models: Sequence[SubpopulationModel],
        adapters: Mapping[str, str],
        topics: Sequence[str],
        *,
        texts: int,
        max_tokens: int,
        temperature: float = 1.0,
        seed: int = 0,
    ) -> Origin:
        """The origin of a pool by these subpopulation models.

        Args:
            model: SHA-256 of the base model's weights, or the name of a model without any.
            models: One per group.
            adapters: SHA-256 of the weights of each adapter that the models name.
            topics: What to write about; in a play, the questions of the opinion table in their order.
            texts: Texts per group and topic.
            max_tokens: Longest post.
            temperature: Sampling temperature.
            seed: Of all texts.

        Raises:
            InputError: Nothing to write: no model, no topic, or no text.
        """
        whole_number("texts", texts, minimum=1)
        whole_number("max_tokens", max_tokens, minimum=1)
        if not models or not topics:
            raise InputError("pool", f"{len(models)} models, {len(topics)} topics", "give at least one of each")
        voices = {m.group: _hash(m.adapter or "", adapters.get(m.adapter or "", ""), m.persona) for m in models}
        return cls(
            model=model,
            voices=voices,
            topics=tuple(topics),
            texts=texts,
            max_tokens=max_tokens,
            temperature=float(temperature),
            seed=seed,
        )

    @property
    def cells(self) -> tuple[IntArray, IntArray]:
        """Group and topic of every text, shape (N,) each, N = groups x topics x texts: cells in blocks, in order."""
        shape = (len(self.voices), len(self.topics), self.texts)
        group, topic, _ = np.indices(shape).reshape(3, -1)
        return group, topic

    def summary(self) -> dict[str, object]:
        """The same as JSON."""
        return {**vars(self), "voices": [list(pair) for pair in self.voices.items()], "topics": list(self.topics)}


@dataclass(frozen=True, kw_only=True, eq=False)
class PostPool:
    """Texts in blocks by group, then topic, and how likely each is in every group's voice.

    Attributes:
        origin: What wrote them.
        texts: The posts, length N.
        logprobs: Log-likelihood under each subpopulation model, nats, NaN for an empty text, shape (N, G).
        voices: Group that readers hear (the likeliest), -1 for an empty text, shape (N,).
    """

    origin: Origin
    texts: tuple[str, ...]
    logprobs: Array
    voices: IntArray

    @classmethod
    def heard(cls, origin: Origin, texts: Sequence[str], logprobs: Array) -> PostPool:
        """A pool from texts and likelihoods."""
        spoken = np.array([bool(text) for text in texts])
        voices = np.where(spoken, np.where(spoken[:, None], logprobs, 0.0).argmax(axis=1), -1)
        return cls(origin=origin, texts=tuple(texts), logprobs=logprobs, voices=voices)

    def draw(self, groups: IntArray, topics: IntArray, rng: np.random.Generator) -> IntArray:
        """Indices of texts, each drawn alike from those of its group and topic, shape (P,).

        Args:
            groups: Drawn group of each post, shape (P,).
            topics: Its topic, shape (P,).
            rng: Where the choice comes from.
        """
        first = (groups * len(self.origin.topics) + topics) * self.origin.texts
        chosen: IntArray = first + rng.integers(self.origin.texts, size=len(groups))
        return chosen

    def __call__(self, group: IntArray, topic: IntArray, rng: np.random.Generator) -> IntArray:
        """Voices heard in posts from the pool, shape (P,): a feed platform takes the pool as its `voices`."""
        voices: IntArray = self.voices[self.draw(group, topic, rng)]
        return voices

    def confusion(self) -> Array:
        """P(heard as h | drawn as g) over the texts that are not empty, rows sum to one, shape (G, G).

        Raises:
            InputError: All texts of a group are empty.
        """
        size = len(self.origin.voices)
        group, _ = self.origin.cells
        spoken = self.voices >= 0
        counts = np.bincount(group[spoken] * size + self.voices[spoken], minlength=size * size).reshape(size, size)
        total = counts.sum(axis=1, keepdims=True)
        if not total.all():
            silent = tuple(self.origin.voices)[int(total.argmin())]
            raise InputError(
                f"posts of {silent!r}", "all empty", "write the pool anew with other prompts or max_tokens"
            )
        confusion: Array = counts / total
        return confusion

    @property
    def silent(self) -> int:
        """Number of empty texts."""
        return int((self.voices < 0).sum())

    @property
    def repeated(self) -> int:
        """Number of texts that an earlier one in the pool equals."""
        return len(self.texts) - len(set(self.texts))

    def save(self, path: Path) -> None:
        """Write Parquet: the file is there whole or not at all."""
        group, topic = self.origin.cells
        names = tuple(self.origin.voices)
        columns: dict[str, object] = {
            "group": np.array(names, dtype=object)[group],
            "topic": np.array(self.origin.topics, dtype=object)[topic],
            "text": list(self.texts),
        }
        columns |= {f"logprob {name}": self.logprobs[:, g] for g, name in enumerate(names)}
        table = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(self.origin.summary())})
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            with draft.open("wb") as file:
                pq.write_table(table, file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def write_pool(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    origin: Origin,
    report: Callable[[str], None] = lambda line: None,
) -> PostPool:
    """Write and hear all texts of a pool, in whole batches.

    Args:
        language: The backend that serves the models.
        models: Those of the origin, in its order.
        origin: What to write.
        report: Gets a line per batch.
    """
    group, topic = origin.cells
    seeds = [request_seed(origin.seed, round=0, agent=-1, purpose=f"pool text {n}") for n in range(len(group))]
    texts: list[str] = []
    logprobs = np.full((len(group), len(models)), np.nan)
    for start in range(0, len(group), _BATCH):
        numbers = range(start, min(start + _BATCH, len(group)))
        assignments = [Assignment(int(group[n]), origin.topics[topic[n]], seeds[n]) for n in numbers]
        texts += write_posts(
            language, models, assignments, max_tokens=origin.max_tokens, temperature=origin.temperature
        )
        heard = [n for n in numbers if texts[n]]
        if heard:
            about = [origin.topics[topic[n]] for n in heard]
            logprobs[heard] = voice_logprobs(language, models, about, [texts[n] for n in heard])
        report(f"pool of posts: {len(texts)} of {len(group)} texts")
    return PostPool.heard(origin, texts, logprobs)


def read_pool(path: Path, origin: Origin) -> PostPool:
    """Read a pool, if it is the one that is wanted.

    Args:
        path: A file written by `PostPool.save`.
        origin: What must have written it.

    Raises:
        InputError: No pool, a damaged one, or one of another model, adapter, group, topic or setting: says which.
    """
    remedy = "write it anew (remove the file), or give the path of another"
    try:
        table = pq.read_table(path)
        found = json.loads(table.schema.metadata[_KEY])
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError) as error:
        raise InputError(f"post pool {path}", type(error).__name__, f"no recorded pool of posts; {remedy}") from None
    wanted = origin.summary()
    for field, value in wanted.items():
        if found.get(field) != value:
            raise InputError(f"{field} of post pool {path}", found.get(field), f"expected {value}: {remedy}")
    group, topic = origin.cells
    names = tuple(origin.voices)
    columns = table.to_pydict()
    asked = [(names[g], origin.topics[t]) for g, t in zip(group, topic, strict=True)]
    needed = {"group", "topic", "text", *(f"logprob {name}" for name in names)}
    if not needed <= columns.keys() or list(zip(columns["group"], columns["topic"], strict=True)) != asked:
        raise InputError(f"rows of post pool {path}", table.num_rows, f"expected {len(asked)} in order; {remedy}")
    texts = [str(text) for text in columns["text"]]
    logprobs = np.array([columns[f"logprob {name}"] for name in names], dtype=np.float64).T
    if not np.isfinite(logprobs[[bool(text) for text in texts]]).all():
        raise InputError(f"log-likelihoods of post pool {path}", "not finite", remedy)
    return PostPool.heard(origin, texts, logprobs)


def recorded_pool(
    path: Path,
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    origin: Origin,
    report: Callable[[str], None] = lambda line: None,
) -> PostPool:
    """The pool in a file; written there first if there is none.

    Raises:
        InputError: The file holds another pool.
    """
    if not path.exists():
        write_pool(language, models, origin, report).save(path)
    return read_pool(path, origin)


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()
