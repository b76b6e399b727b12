"""A feed by the hundred thousand: seconds and memory of a round, with posts from a recorded pool and without text."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.post_pool import IntArray, Origin, PostPool, write_pool
from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.benchmarks.measurement import OURS, Measurement
from experiments.play import starting_profiles
from platforms.social.audience.audience import Audience
from platforms.social.audience.following import Following
from platforms.social.feed_platform import FeedPlatform, FeedSettings
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.ranking.engagement import Engagement
from platforms.social.rewards import CreatorRewards, Moderation
from sim.dynamics import ExponentiatedGradient, StepSize
from sim.estimation.opinion_table import OpinionTable
from sim.randomness import generator

GROUPS, QUESTIONS, TEXTS, POST_TOKENS = 5, 12, 40, 16
MEMBERS, BUDGET, CANDIDATES, FOLLOWS = 20_000, 8, 40, 10


@dataclass(frozen=True)
class Cost:
    """What a round cost.

    Attributes:
        seconds: Median over the rounds after the first.
        peak: Most memory held at once by arrays, from the making of the platform to the last round, GiB.
    """

    seconds: float
    peak: float


def measure_scale(
    archetypes: Sequence[int], without_text: Sequence[int], rounds: int, report: Callable[[str], None]
) -> list[Measurement]:
    """Cost of a round by number of accounts: with posts from a pool, and without text.

    Nobody else plays this game, so the peer is the smallest platform: the ratio is per account, and 1 means that the
    cost of a round grows as the number of accounts. The readers' part of a round is the same for every number and
    weighs most in small ones, so what each further account costs is given too: a linear cost is the same at every size.

    Args:
        archetypes: Numbers of accounts whose posts come from a recorded pool.
        without_text: Numbers of accounts without text.
        rounds: Rounds behind a median; one more is played first.
        report: Gets a line per measurement.
    """
    table = SyntheticPopulation(GROUPS, QUESTIONS, 6, 1.0, seed=0).table
    pool = synthetic_pool(table)
    rows = []
    for kind, numbers, voices in (("archetypes", archetypes, pool), ("without text", without_text, None)):
        costs = []
        for number in numbers:
            report(f"scale: {number:,} accounts, {kind}")
            costs.append(_cost(number, rounds, table, voices))
        rows += _rows(kind, numbers, costs)
    return rows


def feed(accounts: int, table: OpinionTable, *, members: int = MEMBERS, seed: int = 0) -> FeedPlatform:
    """A feed ranked by engagement, with moderation in expectation and readers who follow."""
    rng = generator(seed, round=0, agent=-1, purpose="benchmark feed")
    groups = len(table.groups)
    return FeedPlatform(
        table=table,
        audience=Audience.of(table.groups, table.shares, members, tolerance=0.1, budget=BUDGET),
        following=Following.at_random(members, accounts, min(FOLLOWS, accounts), rng),
        ranking=Engagement(),
        rewards=CreatorRewards(),
        settings=FeedSettings(candidates=CANDIDATES, slots=BUDGET, heard_share=0.0),
        dynamics=ExponentiatedGradient(StepSize(0.1)),
        start=starting_profiles([rng], accounts, groups, 2.0, 0.02)[0],
        seed=seed,
        moderation=Moderation(rule=GramSpread(ordinal=False), price=1.0),
    )


def play_from_pool(platform: FeedPlatform, pool: PostPool) -> IntArray:
    """One round in which every post is a text of the pool.

    Returns:
        Which text each post was, shape (P,).
    """
    posts = platform.plan_posts()
    chosen = pool.draw(
        posts.group, posts.topic, generator(platform.seed_of_run, round=platform.round, agent=-1, purpose="pool")
    )
    voice = pool.voices[chosen]
    eye = np.vstack([np.eye(len(pool.origin.voices)), np.zeros(len(pool.origin.voices))])
    platform.play_round(replace(posts, voice=voice, features=eye[voice]))
    return chosen


def synthetic_pool(table: OpinionTable) -> PostPool:
    """A pool by a synthetic language model; a round costs the same whoever wrote the texts."""
    population = SyntheticPopulation(GROUPS, QUESTIONS, 6, 1.0, seed=0)
    confused = np.full((GROUPS, GROUPS), 0.05)
    np.fill_diagonal(confused, 1.0 - 0.05 * (GROUPS - 1))
    origin = Origin.of("synthetic", population.models, {}, table.questions, texts=TEXTS, max_tokens=POST_TOKENS)
    with SyntheticLanguageModel(list(table.groups), voice=confused) as language:
        return write_pool(language, population.models, origin)


def _cost(accounts: int, rounds: int, table: OpinionTable, pool: PostPool | None) -> Cost:
    """Time first, then the same again under the memory tracer, which slows it down."""
    seconds = _played(accounts, rounds + 1, table, pool)[1:]
    tracemalloc.start()
    try:
        _played(accounts, 2, table, pool)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return Cost(statistics.median(seconds), peak / 2**30)


def _played(accounts: int, rounds: int, table: OpinionTable, pool: PostPool | None) -> list[float]:
    platform = feed(accounts, table)
    seconds = []
    try:
        for _ in range(rounds):
            started = time.perf_counter()
            if pool is None:
                platform.step()
            else:
                play_from_pool(platform, pool)
            seconds.append(time.perf_counter() - started)
    finally:
        platform.close()
    return seconds


def _rows(kind: str, numbers: Sequence[int], costs: Sequence[Cost]) -> list[Measurement]:
    each = [cost.seconds / number for number, cost in zip(numbers, costs, strict=True)]
    rows = []
    for n, (number, cost, seconds) in enumerate(zip(numbers, costs, each, strict=True)):
        note = f"{cost.seconds:.3g} s a round, {cost.peak:.2g} GiB of arrays at the peak"
        if n:
            further = (cost.seconds - costs[n - 1].seconds) / (number - numbers[n - 1])
            note += f", {1e6 * further:.2g} us for each account more than {numbers[n - 1]:,}"
        if kind == "archetypes":
            note += f", {number * POST_TOKENS:,} tokens shown for {GROUPS * QUESTIONS * TEXTS:,} texts written once"
        rows.append(
            Measurement(
                task=f"a feed of {GROUPS} groups, {MEMBERS:,} readers of {BUDGET} posts, {kind}",
                method=f"{OURS}, {number:,} accounts",
                unit="account and round",
                seconds=seconds,
                ratio=seconds / each[0],
                note=note,
            )
        )
    return rows
