"""Think first, then answer: a chain of thought written before the answer is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.language.protocol import GenerationRequest, LanguageModel
from sim.arrays import positive, whole_number


@dataclass(frozen=True)
class Thinking:
    """How a model thinks before it answers.

    The model goes on from prompt + opening until a stop text, or until its tokens are spent; the answer is read after
    prompt + opening + thought + closing. For a model with think tags: opening "<think>" and a new line, stop
    ["</think>"], closing "</think>", a new line and "Answer:".

    Attributes:
        opening: What makes the model think.
        stop: Texts that end a thought (not part of it).
        closing: What leads from the thought to the answer.
        max_tokens: Longest thought.
        temperature: Sampling temperature of the thought.
    """

    opening: str = "Let me think."
    stop: tuple[str, ...] = ("Answer:", "\n\n")
    closing: str = "\nAnswer:"
    max_tokens: int = 48
    temperature: float = 1.0

    def __post_init__(self) -> None:
        whole_number("thinking.max_tokens", self.max_tokens, minimum=1)
        positive("thinking.temperature", self.temperature)
        object.__setattr__(self, "stop", tuple(self.stop))

    def think(
        self,
        language: LanguageModel,
        prompts: Sequence[str],
        adapters: Sequence[str | None],
        seeds: Sequence[int],
    ) -> list[str]:
        """Write one thought per prompt.

        Returns:
            Each prompt with its opening, thought and closing: what the answer is read after.
        """
        thoughts = language.generate(
            [
                GenerationRequest(
                    prompt=prompt + self.opening,
                    adapter=adapter,
                    seed=seed,
                    max_tokens=self.max_tokens,
                    temperature=self.temperature,
                    stop=self.stop,
                )
                for prompt, adapter, seed in zip(prompts, adapters, seeds, strict=True)
            ]
        )
        written = zip(prompts, thoughts, strict=True)
        return [prompt + self.opening + thought.text.rstrip() + self.closing for prompt, thought in written]
