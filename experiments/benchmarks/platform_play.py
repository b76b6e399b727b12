"""How long a round on the synthetic platform takes, and how that grows with the accounts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.benchmarks.measurement import OURS, Measurement
from experiments.play import Record, play, starting_profiles
from platforms.social.payoffs.attractiveness import Prevalence
from platforms.social.payoffs.inconsistency import GramSpread
from platforms.social.payoffs.similarity import Identity
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from sim.alignment_game import Incentives
from sim.dynamics import ExponentiatedGradient, StepSize

DRAFTS, READERS, GROUPS = 25, 400, 5


def measure_play(accounts: Sequence[int], rounds: int, report: Callable[[str], None]) -> list[Measurement]:
    """Median seconds of a round, from the drawing of voices to the step of learning, by number of accounts.

    Nobody else plays this game, so the peer is the smallest platform: the ratio is per account, and 1 means that the
    cost of a round grows as the number of accounts.
    """
    rows: list[Measurement] = []
    for number in accounts:
        report(f"play, {number} accounts")
        seconds = _seconds_per_round(number, rounds)
        per_account = seconds / number
        reference = rows[0].seconds if rows else per_account
        rows.append(
            Measurement(
                task=f"play of the synthetic platform, {GROUPS} groups, {DRAFTS} drafts, {READERS} readers",
                method=f"{OURS}, {number:,} accounts",
                unit="account and round",
                seconds=per_account,
                ratio=per_account / reference,
                note=f"{1e3 * seconds:.3g} ms a round",
            )
        )
    return rows


def _seconds_per_round(accounts: int, rounds: int) -> float:
    population = SyntheticPopulation(GROUPS, 12, 6, 1.0, seed=0)
    platform = SocialPlatform(
        table=population.table,
        incentives=Incentives(2.0, 1.0, 0.5),
        rules=PayoffRules(attractiveness=Prevalence(), inconsistency=GramSpread(), similarity=Identity()),
        settings=PlatformSettings(posts_per_round=1, drafts_per_round=DRAFTS, readers=READERS),
        dynamics=ExponentiatedGradient(StepSize(0.5)),
        start=starting_profiles([np.random.default_rng(0)], accounts, GROUPS, 2.0, 0.02)[0],
        seed=0,
    )
    ends: list[float] = []
    try:
        with SyntheticLanguageModel([model.group for model in population.models]) as language:
            play(
                [platform],
                language,
                population.models,
                record=Record(seeds=[0], start=platform.profile[None]),
                rounds=rounds + 2,
                max_tokens=20,
                temperature=1.0,
                after_round=lambda: ends.append(time.perf_counter()),
            )
    finally:
        platform.close()
    return statistics.median(later - earlier for earlier, later in pairwise(ends[1:]))
