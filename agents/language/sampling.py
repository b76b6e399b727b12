"""One request's sampling state: its own generator, its stop texts, its end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.language.protocol import Completion, GenerationRequest, LanguageModelError
from agents.language.tokens import TextCodec


class Sampler:
    """Draws one completion token by token.

    Each request has its own generator, so a completion doesn't depend on the other requests of its batch:
    only two tokens within floating-point noise of a tie could change places.

    Args:
        request: What was asked.
        codec: Turns ids to text, for stop texts.
        end_ids: Tokens that end a text.
    """

    def __init__(self, request: GenerationRequest, codec: TextCodec, end_ids: frozenset[int]) -> None:
        if request.max_tokens < 1 or not request.temperature >= 0 or "" in request.stop:
            raise LanguageModelError(
                f"generation request with {request.max_tokens=}, {request.temperature=}, {request.stop=}. "
                "Ask for at least one token, a temperature of 0 or more, and no empty stop text."
            )
        self._request = request
        self._codec = codec
        self._end_ids = end_ids
        self._rng = np.random.default_rng(request.seed)
        self._ids: list[int] = []
        self.completion: Completion | None = None

    def push(self, logits: NDArray[np.float32]) -> int:
        """Draw the next token from logits of shape (vocabulary,); set `completion` when the text ends."""
        token = self._draw(logits)
        self._ids.append(token)
        ended = token in self._end_ids
        text = self._codec.text(self._ids[:-1] if ended else self._ids) if self._must_look(ended) else ""
        cut = min((at for stop in self._request.stop if (at := text.find(stop)) >= 0), default=None)
        if cut is not None or ended:
            self._finish(text[:cut], "stop")
        elif len(self._ids) >= self._request.max_tokens:
            self._finish(text, "length")
        return token

    def _must_look(self, ended: bool) -> bool:
        return bool(self._request.stop) or ended or len(self._ids) >= self._request.max_tokens

    def _finish(self, text: str, reason: str) -> None:
        self.completion = Completion(text=text, tokens=len(self._ids), finish_reason=reason)

    def _draw(self, logits: NDArray[np.float32]) -> int:
        if self._request.temperature == 0:
            return int(np.argmax(logits))
        # A race of exponentials (argmax of p / E), not the inverse of the cumulative distribution: noise of
        # 1e-6 in the logits moves every step of a sum over 49 thousand tokens, and one draw in twenty
        # lands elsewhere. In float64: in float32 one exponential in ten million is 0 and wins against any p.
        race = self._rng.standard_exponential(len(logits))
        return int(np.argmax(logits / self._request.temperature - np.log(race)))
