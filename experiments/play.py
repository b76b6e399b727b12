"""Play the game: all seeds side by side, so that one round of every seed is one batch for the language model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from agents.language.protocol import LanguageModel
from agents.subpopulations.posts import Assignment, voice_logprobs, write_posts
from agents.subpopulations.subpopulation_model import SubpopulationModel
from platforms.protocol import Platform
from platforms.social.platform import RoundFeedback
from platforms.social.post import UNHEARD, Draft, Post
from sim.arrays import Array


@dataclass(frozen=True)
class Round:
    """One complete round of every seed.

    Attributes:
        profiles: Profiles after the round, (S, M, D).
        feedback: What every seed was paid.
        posts: Published posts as (seed index, post).
        logprobs: Log-likelihood of each post under each subpopulation model, (G,), or None if it was not heard.
    """

    profiles: Array
    feedback: list[RoundFeedback]
    posts: list[tuple[int, Post]]
    logprobs: list[Array | None]


@dataclass
class Record:
    """Everything a play leaves behind; rounds are added whole, so that an interruption leaves whole rounds.

    Attributes:
        seeds: Run seeds, one per platform.
        start: Starting profiles, (S, M, D).
        rounds: The rounds played.
    """

    seeds: Sequence[int]
    start: Array
    rounds: list[Round] = field(default_factory=list)

    @property
    def trajectories(self) -> Array:
        """Profiles by seed and round, shape (S, rounds + 1, M, D)."""
        return np.stack([self.start, *(played.profiles for played in self.rounds)], axis=1)

    @property
    def posts(self) -> list[tuple[int, int, Post]]:
        """Published posts as (seed index, round, post)."""
        return [(s, number, post) for number, played in enumerate(self.rounds) for s, post in played.posts]

    @property
    def logprobs(self) -> list[Array | None]:
        """Log-likelihoods in the order of `posts`."""
        return [heard for played in self.rounds for heard in played.logprobs]


def play(
    platforms: Sequence[Platform],
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    *,
    record: Record,
    rounds: int,
    max_tokens: int,
    temperature: float,
    after_round: Callable[[], None],
) -> None:
    """Play `rounds` rounds on every platform at once.

    Args:
        platforms: One per seed, in their starting state.
        language: Writes the posts and hears their voices.
        models: Subpopulation models, in the order of the groups.
        record: Filled in as complete rounds come in, so that an interrupted play keeps them.
        rounds: Rounds to play.
        max_tokens: Longest post.
        temperature: Sampling temperature of the text.
        after_round: Called after each complete round, for progress.
    """
    questions = platforms[0].table.questions
    for _ in range(rounds):
        plans = [platform.plan_round() for platform in platforms]
        drafts = [draft for plan in plans for draft in plan]
        texts = write_posts(
            language,
            models,
            [Assignment(d.group, questions[d.topic], d.seed) for d in drafts],
            max_tokens=max_tokens,
            temperature=temperature,
        )
        logprobs = _hear(language, models, drafts, texts, questions)
        posts = publish(drafts, texts, logprobs)
        paid: list[RoundFeedback] = []
        position = 0
        for platform, plan in zip(platforms, plans, strict=True):
            own = posts[position : position + len(plan)]
            position += len(plan)
            paid.append(platform.play_round(own))
        owner = [s for s, plan in enumerate(plans) for _ in plan]
        profiles = np.stack([platform.profile for platform in platforms])
        record.rounds.append(Round(profiles, paid, list(zip(owner, posts, strict=True)), logprobs))
        after_round()


def publish(drafts: Sequence[Draft], texts: Sequence[str], logprobs: Sequence[Array | None]) -> list[Post]:
    """Attach to each draft its text and the voice that readers take it for."""
    posts = []
    for draft, text, heard in zip(drafts, texts, logprobs, strict=True):
        voice = draft.group if heard is None else int(heard.argmax())
        posts.append(Post(draft=draft, text=text, voice=voice if text else UNHEARD))
    return posts


def _hear(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    drafts: Sequence[Draft],
    texts: Sequence[str],
    questions: Sequence[str],
) -> list[Array | None]:
    """Likelihood of each heard text under every subpopulation model; None where readers don't listen."""
    heard = [p for p, (draft, text) in enumerate(zip(drafts, texts, strict=True)) if draft.heard and text]
    scores = voice_logprobs(language, models, [questions[drafts[p].topic] for p in heard], [texts[p] for p in heard])
    logprobs: list[Array | None] = [None] * len(drafts)
    for p, score in zip(heard, scores, strict=True):
        logprobs[p] = score
    return logprobs


def starting_profiles(
    generators: Sequence[np.random.Generator], accounts: int, groups: int, concentration: float, floor: float
) -> list[Array]:
    """Scattered starting profiles, every weight at least `floor`: Dirichlet draws, one profile per generator."""
    return [
        floor + (1.0 - groups * floor) * rng.dirichlet(np.full(groups, concentration), size=accounts)
        for rng in generators
    ]
