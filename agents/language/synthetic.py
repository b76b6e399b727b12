"""A language model whose answers and voices are known exactly: the truth that theory is tested against.

Like a real one it answers statements (`choice_logprobs` of prompt and options) and writes posts (`generate`), and its
posts can be scored under every adapter. Unlike a real one, each of these has a known distribution:

- statements: P(option | adapter, prompt) is `answers[(adapter, prompt)][option]`;
- posts: adapter g expresses group h with probability voice(g, h), and a post is nothing but (h, nonce);
- scores of a post under adapter d: log voice(d, h). The nonce, which keeps two posts of a group from being the same
  text, is equally likely under all adapters and is left out: it would add the same constant everywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.language.protocol import (
    ChoiceRequest,
    ChoiceScore,
    Completion,
    GenerationRequest,
    LanguageModelError,
)

Answers = Mapping[tuple[str | None, str], Mapping[str, float]] | Callable[[str | None, str, str], float]

POST = re.compile(r"post of (?P<group>\S+) no\. (?P<nonce>[0-9a-f]{16})")
POST_TOKENS = 5


class SyntheticLanguageModel:
    """Known answers, known voices; exact, instant, and the same whatever the order of requests.

    Args:
        adapters: Names of the adapters, one per group, in the order of the rows of `voice`; without white
            space.
        answers: Probability of each option: a table (adapter, prompt) -> option -> probability, or a function of
            (adapter, prompt, option). Adapter None is the base model. The options of one prompt need not
            sum to 1.
        voice: Probability, shape (G, G), that adapter g (row) expresses group h (column). Default: every adapter
            expresses its own group, but for `slip`.
        slip: Probability that the default voice expresses another group: log 0 would be no log-probability.
        base_voice: What the base model expresses, shape (G,); default: every group alike.
    """

    def __init__(
        self,
        adapters: Sequence[str],
        answers: Answers | None = None,
        voice: ArrayLike | None = None,
        *,
        slip: float = 1e-6,
        base_voice: ArrayLike | None = None,
    ) -> None:
        self.name = "synthetic"
        self.adapters = tuple(adapters)
        self._answers: Answers = answers if answers is not None else {}
        size = len(self.adapters)
        if size == 0 or len(set(self.adapters)) != size or any(re.search(r"\s", a) for a in self.adapters):
            raise LanguageModelError(
                f"synthetic: adapters = {self.adapters}: give at least one, distinct, without white space."
            )
        if voice is None:
            voice = (1 - slip) * np.eye(size) + slip / size if size > 1 else np.ones((1, 1))
        self.voice = _distributions(voice, (size, size), "voice")
        self.base_voice = _distributions(
            np.full(size, 1 / size) if base_voice is None else base_voice, (size,), "base_voice"
        )

    def __enter__(self) -> Self:
        """Nothing to load."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to free."""

    def generate(self, requests: Sequence[GenerationRequest]) -> list[Completion]:
        """Write one post per request: the same (adapter, prompt, seed) gives the same post."""
        return [self._post(request) for request in requests]

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceScore]:
        """Score options: posts by the voices, everything else by the answers."""
        return [
            ChoiceScore(
                logprobs=np.log([self._probability(r.adapter, r.prompt, option) for option in r.options]),
                tokens=np.array([self._tokens(option) for option in r.options], dtype=np.int64),
            )
            for r in requests
        ]

    def expressed_group(self, text: str) -> str | None:
        """Group that a post expresses; None if the text is no post of this model."""
        match = POST.fullmatch(text.strip())
        return match["group"] if match is not None and match["group"] in self.adapters else None

    def _post(self, request: GenerationRequest) -> Completion:
        key = f"{request.seed}\0{request.adapter}\0{request.prompt}".encode()
        rng = np.random.default_rng(list(hashlib.sha256(key).digest()))
        group = self.adapters[int(rng.choice(len(self.adapters), p=self._voice_of(request.adapter)))]
        text = f"post of {group} no. {rng.integers(2**63):016x}"
        return Completion(text=text, tokens=POST_TOKENS, finish_reason="stop")

    def _voice_of(self, adapter: str | None) -> NDArray[np.float64]:
        if adapter is None:
            return self.base_voice
        if adapter not in self.adapters:
            raise LanguageModelError(
                f"synthetic: adapter {adapter!r} is not loaded; loaded are {sorted(self.adapters)}."
            )
        row: NDArray[np.float64] = self.voice[self.adapters.index(adapter)]
        return row

    def _probability(self, adapter: str | None, prompt: str, option: str) -> float:
        row = self._voice_of(adapter)
        group = self.expressed_group(option)
        if group is not None:
            return float(row[self.adapters.index(group)])
        if callable(self._answers):
            probability = float(self._answers(adapter, prompt, option))
        else:
            try:
                probability = float(self._answers[(adapter, prompt)][option])
            except KeyError as error:
                raise LanguageModelError(
                    f"synthetic: no answer is known for adapter {adapter!r}, prompt {prompt!r:.60}, "
                    f"option {option!r:.60}. Add it to `answers`."
                ) from error
        if not 0 < probability <= 1:
            raise LanguageModelError(
                f"synthetic: the answer for adapter {adapter!r}, prompt {prompt!r:.60}, "
                f"option {option!r:.60} is {probability}. Give a probability above 0, at most 1."
            )
        return probability

    def _tokens(self, option: str) -> int:
        return POST_TOKENS if self.expressed_group(option) is not None else max(1, len(option.split()))


def _distributions(given: ArrayLike, shape: tuple[int, ...], name: str) -> NDArray[np.float64]:
    table = np.array(given, dtype=np.float64)
    if table.shape != shape or not np.all(table > 0) or not np.allclose(table.sum(axis=-1), 1, atol=1e-9):
        raise LanguageModelError(
            f"synthetic: {name} = {table.tolist()}: expected shape {shape}, every entry above 0, rows that sum to 1."
        )
    table.setflags(write=False)
    return table
