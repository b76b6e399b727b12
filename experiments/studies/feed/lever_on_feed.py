"""A group that a ranking excludes, won back: exclusion predicted, a lever chosen, both before play, then played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from agents.subpopulations.gate import Gate
from agents.subpopulations.population import Opinions, Population
from agents.subpopulations.post_pool import Origin, PostPool, recorded_pool
from experiments.backends import Backend
from experiments.console import Reporter
from experiments.making import made
from experiments.recorded_play import Length, recorded_play
from experiments.report.feed_figures import levers_figure, settled_figure
from experiments.report.figures import png
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import checked_threshold
from experiments.studies.feed.feed import Feed
from experiments.studies.feed.followers import FOLLOWERS, followers
from experiments.studies.feed.levers import Lever
from experiments.studies.feed.prediction import Explorer
from experiments.studies.feed.won_back import (
    CHANGED,
    PRESENT,
    Choice,
    Situation,
    by_round,
    chosen,
    claims,
    points,
    rows,
    said,
)
from experiments.studies.played import voices_carry
from experiments.study import Figure, Findings, Table
from experiments.untrusted import csv_text
from experiments.voices import voiced
from platforms.social.feed_platform import FeedPlatform
from platforms.social.posts import Confused, Voices
from sim.arrays import Array, whole_number
from sim.dynamics.floor import Floored
from sim.estimation.induced import exploration
from sim.estimation.opinion_table import OpinionTable


@dataclass(frozen=True, kw_only=True)
class LeverOnFeed:
    """Language-model accounts on a feed whose ranking excludes a group, and on the same feed with a lever pulled.

    Attributes:
        subpopulations: The population, as in conf/subpopulations.
        language: The language model, as in conf/language.
        feed: The feed at its present rules.
        levers: What may be changed.
        explorer: How the induced utility is found.
        dynamics: The accounts' learning rule.
        texts: Texts per group and topic, written and heard before play; accounts post from these. In a live play these
            only measure how posts are heard.
        live: Write every post when it is published; else take a recorded one of its group and topic.
        max_tokens: Longest post.
        temperature: Of the texts.
        rounds: Rounds of a play.
        window: Share of these, the last ones, that count as the end.
        seeds: Plays of each kind.
        threshold: Weight below which a group counts as excluded.
        target: Weight that every group shall have in the prediction under the lever.
    """

    subpopulations: DictConfig
    language: DictConfig
    feed: DictConfig
    levers: Sequence[DictConfig]
    explorer: DictConfig
    dynamics: DictConfig
    texts: int
    live: bool
    max_tokens: int
    temperature: float
    rounds: int
    window: float
    seeds: int
    threshold: float
    target: float

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        checked_threshold(self.threshold)
        whole_number("run.seeds", self.seeds, minimum=2)
        population: Population = made(self.subpopulations)
        with voiced(population, self.language, directory, reporter) as (backend, gates, opinions):
            with reporter.step("Posts, written and heard"):
                pool = self._pool(directory, reporter, population, backend, opinions)
            voices = self._voices(pool)
            feed: Feed = made(self.feed)
            levers: list[Lever] = [made(lever) for lever in self.levers]
            explorer: Explorer = made(self.explorer)
            with reporter.step("Prediction and lever, before any play"):
                choice = chosen(
                    feed, levers, explorer, opinions.table, voices, target=self.target, report=reporter.line
                )
            with reporter.step(f"Play: {self.seeds} seeds under either rules"):
                ends = self._play(
                    (feed, choice.feed),
                    explorer,
                    opinions.table,
                    voices,
                    live=(population, backend) if self.live else None,
                    directory=directory,
                    reporter=reporter,
                )
        found = {
            PRESENT: Situation(choice.present, ends[0]),
            CHANGED: Situation(choice.expected, ends[1]),
        }
        return self._findings(directory, found, choice, opinions.table.groups, gates=gates, pool=pool, backend=backend)

    def _pool(
        self,
        directory: RunDirectory,
        reporter: Reporter,
        population: Population,
        backend: Backend,
        opinions: Opinions,
    ) -> PostPool:
        origin = Origin.of(
            backend.identity.weights_sha256 if backend.identity else backend.language.name,
            population.models,
            backend.adapters,
            opinions.table.questions,
            texts=self.texts,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            seed=self.explorer.seed,
        )
        path = directory.path / "pool.parquet"
        return recorded_pool(path, backend.language, population.models, origin, reporter.line)

    def _voices(self, pool: PostPool) -> Voices:
        if not self.live:
            return pool
        share = self.feed.settings.heard_share
        return Confused(share * pool.confusion() + (1 - share) * np.eye(len(pool.origin.voices)))

    def _play(
        self,
        feeds: Sequence[Feed],
        explorer: Explorer,
        table: OpinionTable,
        voices: Voices,
        *,
        live: tuple[Population, Backend] | None,
        directory: RunDirectory,
        reporter: Reporter,
    ) -> list[Array]:
        """Mean mixtures at the end, by feed (S, D). All seeds of all feeds in turn, a round of all after the other."""
        floor = explorer.floor
        rule = Floored(made(self.dynamics), floor)
        platforms: list[FeedPlatform] = []
        for feed in feeds:
            for play_number in range(self.seeds):
                # The explorer uses its seed and the two after it. Plays start alike under both rules.
                first = explorer.seed + 3
                start = exploration(
                    explorer.accounts, len(table.groups), profiles=1, floor=floor, seed=first + play_number
                )[0]
                platforms.append(feed.platform(table, voices, rule, start, first + len(platforms)))
        if live is None:
            kept = self._from_recorded(platforms, reporter)
        else:
            population, backend = live
            length = Length(self.rounds, self.max_tokens, self.temperature)
            record = recorded_play(
                platforms, backend.language, population, length, directory=directory, reporter=reporter
            )
            kept = [played.profiles.mean(axis=1) for played in record.rounds]
        names = [rules for rules in (PRESENT, CHANGED) for _ in range(self.seeds)]
        directory.json(
            "health.json",
            {
                "feeds": [
                    {"rules": rules, "seed": platform.seed_of_run, **asdict(platform.ranking.health)}
                    for rules, platform in zip(names, platforms, strict=True)
                ]
            },
        )
        seen = [
            followers(platform.audience, platform.following, platform.profile).assign(
                rules=rules, seed=platform.seed_of_run
            )
            for rules, platform in zip(names, platforms, strict=True)
        ]
        directory.text(FOLLOWERS, csv_text(pd.concat(seen)))
        directory.text("weights_by_round.csv", by_round(kept, len(feeds), self.seeds, table.groups))
        last = np.mean(kept[-max(1, round(self.window * self.rounds)) :], axis=0)
        return list(last.reshape(len(feeds), self.seeds, -1))

    def _from_recorded(self, platforms: Sequence[FeedPlatform], reporter: Reporter) -> list[Array]:
        """Mean mixtures by round (P, D) of platforms whose posts come from the recorded ones."""
        kept: list[Array] = []
        try:
            with reporter.progress() as progress:
                for _ in progress.track(range(self.rounds), description="rounds"):
                    for platform in platforms:
                        platform.step()
                    kept.append(np.stack([platform.profile.mean(axis=0) for platform in platforms]))
        finally:
            for platform in platforms:
                platform.close()
        return kept

    def _findings(
        self,
        directory: RunDirectory,
        found: Mapping[str, Situation],
        choice: Choice,
        groups: tuple[str, ...],
        *,
        gates: Mapping[str, Gate],
        pool: PostPool,
        backend: Backend,
    ) -> Findings:
        group, confidence = choice.group, self.explorer.confidence
        directory.bytes(
            "levers.png", png(levers_figure(groups[group], choice.engagement, choice.options, self.threshold))
        )
        directory.bytes("settled.png", png(settled_figure(groups, points(found, confidence))))
        written = "written when it is published" if self.live else "taken from the recorded ones of its group and topic"
        return Findings(
            title=f"Won back on a feed: {groups[group]}",
            claims=(
                voices_carry(gates),
                *claims(found, group, groups, confidence, threshold=self.threshold, lever=said(choice.lever)),
            ),
            figures=(
                Figure(
                    path="levers.png",
                    caption=f"Every lever as predicted before play: weight of {groups[group]} by level, and against "
                    "engagement. Circled: the one chosen, which costs the least engagement of those that reach "
                    f"{self.target:g}. Dotted: {self.threshold:g}, below which a group counts as excluded, and "
                    "engagement at the present rules.",
                ),
                Figure(
                    path="settled.png",
                    caption="Predicted before play, with the region of the prediction, and played by language-model "
                    f"accounts ({self.seeds} seeds, {confidence:.0%} intervals).",
                ),
            ),
            tables=(
                Table(
                    path="levers.csv",
                    caption="Levers as predicted",
                    rows=pd.DataFrame([o._asdict() for o in choice.options]),
                ),
                Table(path="weights.csv", caption="Predicted and played weights", rows=rows(found, groups, confidence)),
            ),
            assumptions=(
                f"{self.explorer.accounts} accounts, {self.feed.members} readers in the groups' shares. Every post is "
                f"{written}; readers go by the voice in the text: the subpopulation model that finds it likeliest.",
                f"{len(pool.texts)} texts were written by {backend.language.name}, {pool.silent} of them empty; heard "
                f"as the group that spoke: {np.diag(pool.confusion()).mean():.0%}.",
                f"Accounts keep {self.explorer.floor:g} of every group, to go on learning.",
            ),
            limits=(
                "Readers are simulated: a group's members like its own voice, and others' with a fixed probability.",
                "Of each lever the first level that reaches the target is taken; combinations are not tried.",
            ),
            health={"silent_posts": pool.silent / len(pool.texts)},
            details={
                "language": backend.language.name,
                "model": asdict(backend.identity) if backend.identity else None,
                "adapters": dict(backend.adapters),
                "lever": choice.lever._asdict(),
                "engagement at the present rules": choice.engagement,
            },
        )
