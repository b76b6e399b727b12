"""A subpopulation model: one human group, and how a language model is conditioned to speak for it."""

from __future__ import annotations

from dataclasses import dataclass

from agents.language.protocol import ChoiceRequest, GenerationRequest
from sim.errors import InputError

POST_PROMPT = "Topic: {topic}\nPost:"


@dataclass(frozen=True, kw_only=True)
class SubpopulationModel:
    """One group's voice: an adapter on the base model, or a persona put before the prompt.

    Attributes:
        group: Name of the group.
        share: Share of people in the group (prevalence), in [0, 1].
        adapter: Adapter the language model answers with; None is the base model.
        persona: Text put before every prompt; empty for an adapter.
    """

    group: str
    share: float
    adapter: str | None = None
    persona: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise InputError(f"share of {self.group}", self.share, "give a share of people between 0 and 1")

    def post(self, topic: str, *, seed: int, max_tokens: int, temperature: float = 1.0) -> GenerationRequest:
        """Ask for one post on a topic."""
        return GenerationRequest(
            prompt=self.persona + POST_PROMPT.format(topic=topic),
            adapter=self.adapter,
            seed=seed,
            max_tokens=max_tokens,
            temperature=temperature,
            stop=("\n",),
        )

    def likelihood(self, prompt: str, options: tuple[str, ...]) -> ChoiceRequest:
        """Ask how likely this group is to continue `prompt` with each option."""
        return ChoiceRequest(prompt=self.persona + prompt, options=options, adapter=self.adapter)

    def post_likelihood(self, topic: str, text: str) -> ChoiceRequest:
        """Ask how likely this group is to have written `text` on `topic`."""
        return self.likelihood(POST_PROMPT.format(topic=topic), (text,))
