"""The contract between the game and a language model: whole rounds at once, so a backend can batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class GenerationRequest:
    """Ask for one text.

    Attributes:
        prompt: Text the model continues.
        adapter: Name of a loaded adapter; None is the base model.
        seed: Seed of this request alone: the completion doesn't depend on its neighbours in a batch.
        max_tokens: Upper bound on generated tokens.
        temperature: Sampling temperature; 0 is greedy.
        stop: Texts that end the completion (not part of it).
    """

    prompt: str
    adapter: str | None
    seed: int
    max_tokens: int
    temperature: float = 1.0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Completion:
    """One generated text, and whether it ended by itself ("stop") or at max_tokens ("length")."""

    text: str
    tokens: int
    finish_reason: str


@dataclass(frozen=True, kw_only=True)
class ChoiceRequest:
    """Ask how likely each option is as the continuation of a prompt.

    Attributes:
        prompt: Text before the option. May be empty: the option is then scored from the start token.
        options: Continuations, scored one by one.
        adapter: Name of a loaded adapter; None is the base model.
    """

    prompt: str
    options: tuple[str, ...]
    adapter: str | None


@dataclass(frozen=True, kw_only=True)
class ChoiceScore:
    """Total log-probability (nats) and length in tokens of each option, both of shape (n_options,)."""

    logprobs: NDArray[np.float64]
    tokens: NDArray[np.int64]


class LanguageModelError(RuntimeError):
    """A backend could not answer: says which backend, what happened, and what to do."""


class LanguageModel(Protocol):
    """A language model that answers a whole round of requests at once.

    A context manager: entering makes it ready (starts a server, loads weights), leaving frees it.
    Answers come back in the order of the requests.
    """

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """Write one text per request."""
        ...

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """Score the options of each request."""
        ...
