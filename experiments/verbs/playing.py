"""Accounts play with posts, and the play is held against the prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.language.protocol import LanguageModel
from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.subpopulation_model import SubpopulationModel
from experiments.assess import Assessment, assess
from experiments.play import Record, starting_profiles
from experiments.play import play as play_rounds
from platforms.social.payoffs.attractiveness import Prevalence
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.payoffs.similarity import Identity
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import whole_number
from sim.dynamics import Dynamics, Floored, ProjectedGradient, StepSize
from sim.errors import InputError
from sim.estimation import OpinionTable
from sim.randomness import generator

KERNELS = PayoffRules(attractiveness=Prevalence(), inconsistency=GramSpread(), similarity=Identity())
"""What a platform pays for unless told otherwise (the defaults of conf/config.yaml)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Played:
    """A play, and what theory needs to judge it.

    Attributes:
        game: The game whose utilities are the platform's expected payoffs.
        record: Every round: mixtures, posts, payoffs.
        platforms: One per seed, as they are after the play.
        rule: The learning rule with its floor.
        floor: Least weight that an account gives to a group.
    """

    game: AlignmentGame
    record: Record
    platforms: list[SocialPlatform]
    rule: Dynamics
    floor: float


def play(
    opinions: OpinionTable,
    incentives: Incentives,
    *,
    accounts: int = 8,
    rounds: int = 100,
    seeds: Sequence[int] = (0, 1, 2),
    dynamics: Dynamics | None = None,
    floor: float = 0.04,
    rules: PayoffRules = KERNELS,
    settings: PlatformSettings | None = None,
    language: LanguageModel | None = None,
    models: Sequence[SubpopulationModel] | None = None,
    max_tokens: int = 16,
) -> Played:
    """Let accounts that know nothing of the theory play the game with posts.

    Args:
        opinions: What each group answers, such as `load(...).table`.
        incentives: What the platform pays by.
        accounts: Accounts of each seed.
        rounds: Rounds.
        seeds: A play for each.
        dynamics: The accounts' learning rule; None: projected gradient with a step of 0.4, halved after 8 rounds.
        floor: Least weight that an account gives to a group, so that it goes on trying it.
        rules: What posts are paid for.
        settings: Posts, drafts and readers; None: four posts a round, all of them heard.
        language: Who writes the posts, entered by the caller; None: a SYNTHETIC model, whose posts say nothing but
            the group that was drawn.
        models: How each group is voiced by `language`, in the order of the groups; needed with it.
        max_tokens: Longest post.

    Raises:
        InputError: As of the platform and the learning rule; or one of `language` and `models` without the other.
    """
    if (language is None) != (models is None):
        raise InputError("language, models", "one of them", "a language model and how it voices the groups go together")
    if language is None or models is None:
        names = [f"group-{d + 1}" for d in range(len(opinions.groups))]
        language = SyntheticLanguageModel(names)
        described = zip(opinions.groups, opinions.shares.tolist(), names, strict=True)
        models = [SubpopulationModel(group=group, share=share, adapter=name) for group, share, name in described]
    rule = Floored(dynamics or ProjectedGradient(StepSize(0.4, decay_rounds=8)), floor)
    starts = starting_profiles(
        [generator(seed, round=0, agent=0, purpose="start") for seed in seeds], accounts, len(models), 2.0, floor
    )
    platforms = [
        SocialPlatform(
            table=opinions,
            incentives=incentives,
            rules=rules,
            settings=settings or PlatformSettings(posts_per_round=4),
            dynamics=rule,
            start=start,
            seed=seed,
        )
        for seed, start in zip(seeds, starts, strict=True)
    ]
    record = Record(seeds=list(seeds), start=np.stack(starts))
    try:
        play_rounds(
            platforms,
            language,
            models,
            record=record,
            rounds=whole_number("rounds", rounds, minimum=1),
            max_tokens=max_tokens,
            temperature=1.0,
            after_round=lambda: None,
        )
    finally:
        for platform in platforms:
            platform.close()
    game = rules.game(opinions, incentives, accounts, "mean")
    return Played(game=game, record=record, platforms=platforms, rule=rule, floor=floor)


def judge(played: Played, *, tolerance: float = 0.1, window: float = 0.25, confidence: float = 0.95) -> Assessment:
    """Did the play reach the predicted equilibrium; if not, where and why; how sure are we?

    Args:
        played: As `play` gives it.
        tolerance: Largest distance from the prediction that counts as agreement.
        window: Share of the rounds, the last ones, that is averaged.
        confidence: Level of every interval.

    Returns:
        The verdict, with its negative control, simpler theories on the same play, and the gap by cause.
    """
    return assess(
        played.record,
        played.platforms,
        played.game,
        played.rule,
        people=None,
        floor=played.floor,
        settings={"tolerance": tolerance, "window": window, "confidence": confidence},
    )
