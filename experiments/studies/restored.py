"""An excluded group won back: predicted, a lever chosen before any play, then both played and held against theory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from omegaconf import DictConfig, OmegaConf

from agents.subpopulations.gate import Gate
from agents.subpopulations.population import Opinions, Population
from experiments.backends import Backend
from experiments.console import Reporter
from experiments.health import Measured, of_posts
from experiments.making import made
from experiments.pipeline import game_of, platforms_of, rule_of
from experiments.recorded_play import Length, recorded_play
from experiments.report.figures import png, trajectory
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import checked_threshold
from experiments.studies.played import in_words, sure, voices_carry
from experiments.study import Claim, Figure, Findings, Table
from experiments.voices import voiced
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array, whole_number
from sim.convergence import Verdict, judge
from sim.convergence.intervals import interval_over_seeds
from sim.convergence.verdict import Interval
from sim.design import Change, smallest_change
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation import GameDraws, GameTerms

PRESENT, CHANGED = "present", "changed"


@dataclass(frozen=True, eq=False)
class Played:
    """One set of incentives: what theory says, and what play showed.

    Attributes:
        incentives: The coefficients.
        game: The game they make.
        prediction: Equilibrium with the exploration floor, (D,).
        trajectories: Profiles by seed and round, (S, rounds + 1, M, D).
        verdict: The play against the prediction.
    """

    incentives: Incentives
    game: AlignmentGame
    prediction: Array
    trajectories: Array
    verdict: Verdict

    def weight(self, group: int) -> Interval:
        """Settled weight of a group, mean over accounts and the verdict's window, with its interval over seeds."""
        settled = np.array([seed.mixture[group] for seed in self.verdict.seeds])
        return interval_over_seeds(settled, self.verdict.confidence)


@dataclass(frozen=True, kw_only=True)
class Restored:
    """Play at the present incentives and at the smallest change that represents every group, side by side.

    Attributes:
        subpopulations: The population, as in conf/subpopulations.
        language: The language model, as in conf/language.
        game: The present incentives.
        platform: Who plays and what happens in a round.
        payoffs: The kernels.
        dynamics: The accounts' learning rule.
        verdict: When play counts as having reached a prediction.
        seed: First seed; those of the two plays differ.
        seeds: Plays of each kind.
        group: The group that shall be won back.
        coefficient: The lever: one coefficient, or None for all together.
        target: Weight that every group shall have under the lever.
        threshold: Weight below which a group counts as excluded.
    """

    subpopulations: DictConfig
    language: DictConfig
    game: DictConfig
    platform: DictConfig
    payoffs: DictConfig
    dynamics: DictConfig
    verdict: DictConfig
    seed: int
    seeds: int
    group: str
    coefficient: str | None
    target: float
    threshold: float

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        checked_threshold(self.threshold)
        whole_number("run.seeds", self.seeds, minimum=2)
        population: Population = made(self.subpopulations)
        with voiced(population, self.language, directory, reporter) as (backend, gates, opinions):
            with reporter.step("Prediction and lever, before any play"):
                change = self._lever(opinions)
                reporter.line(f"lever: {said(change.incentives)}, certified: every group at {self.target:g} or above")
            with reporter.step("Play at both incentives"):
                both, health = self._play(directory, reporter, opinions, change, population=population, backend=backend)
        groups = opinions.table.groups
        group = groups.index(self.group)
        for name, one in both.items():
            picture = trajectory(
                one.trajectories,
                groups,
                prediction=one.prediction,
                control=np.full(len(groups), self.threshold),
                window=self.verdict.window,
                tolerance=self.verdict.tolerance,
            )
            directory.bytes(f"{name}.png", png(picture))
        return Findings(
            title=f"Won back by a lever: {self.group}",
            claims=claims(gates, both, group, groups, target=self.target, threshold=self.threshold),
            figures=tuple(
                Figure(
                    path=f"{name}.png",
                    caption=f"Weight of each group by round at {said(one.incentives)}, {len(one.verdict.seeds)} seeds. "
                    f"Dashed: the prediction, made before play. Dotted: {self.threshold:g}, below which a group counts "
                    "as excluded.",
                )
                for name, one in both.items()
            ),
            tables=(
                Table(path="weights.csv", caption="Settled weights, intervals over seeds", rows=rows(both, groups)),
            ),
            assumptions=(
                "Accounts, readers and payoffs as in `equipolis` plays: payoffs are the theory's kernels on posts and "
                "drafts; drafts answer from the opinion table.",
                f"The lever is the smallest change of {self.coefficient or 'all coefficients'} that gives every group "
                f"{self.target:g}; the exploration floor is {self.platform.floor:g}.",
            ),
            limits=("An opinion table that is described and not measured says what would follow, not what is.",),
            details={
                "language": backend.language.name,
                "model": asdict(backend.identity) if backend.identity else None,
                "lever": asdict(change.incentives),
            },
            health=health,
        )

    def _lever(self, opinions: Opinions) -> Change:
        game = game_of(self._config(PRESENT), opinions)
        if self.game.crowding != "mean":
            raise InputError("game.crowding", self.game.crowding, "the lever is computed for crowding = mean")
        if self.group not in opinions.table.groups:
            raise InputError("study.group", self.group, f"expected one of {', '.join(opinions.table.groups)}")
        terms = GameTerms(game.attractiveness, game.inconsistency, game.similarity)
        change = smallest_change(
            GameDraws.of([terms]), game.incentives, threshold=self.target, coefficient=self.coefficient
        )
        if change is None:
            raise InputError(
                "study.target", self.target, "no such change reaches it; lower it, or free more coefficients"
            )
        return change

    def _play(
        self,
        directory: RunDirectory,
        reporter: Reporter,
        opinions: Opinions,
        change: Change,
        *,
        population: Population,
        backend: Backend,
    ) -> tuple[dict[str, Played], Measured]:
        """All seeds of both incentives in one play, so that a round is one batch for the language model."""
        configs = {PRESENT: self._config(PRESENT), CHANGED: self._config(CHANGED, change.incentives)}
        rule = rule_of(configs[PRESENT])
        platforms = {name: platforms_of(config, opinions, rule) for name, config in configs.items()}
        every = [platform for own in platforms.values() for platform in own]
        length = Length(self.platform.rounds, self.platform.max_tokens, self.platform.temperature)
        record = recorded_play(every, backend.language, population, length, directory=directory, reporter=reporter)
        both = {}
        for n, (name, config) in enumerate(configs.items()):
            own = slice(n * self.seeds, (n + 1) * self.seeds)
            trajectories = record.trajectories[own]
            game = game_of(config, opinions)
            prediction = homogeneous_equilibrium(game, self.platform.floor).mixture
            verdict = judge(
                trajectories,
                game,
                prediction,
                floor=self.platform.floor,
                **{key: self.verdict[key] for key in ("tolerance", "window", "confidence")},
            )
            both[name] = Played(game.incentives, game, prediction, trajectories, verdict)
        return both, of_posts(record, seeds=2 * self.seeds, rounds=self.platform.rounds)

    def _config(self, name: str, incentives: Incentives | None = None) -> DictConfig:
        """What the parts of a play read: the sections of a configuration, under other incentives if given."""
        game: dict[str, object] = {str(key): value for key, value in self.game.items()}
        game |= {} if incentives is None else asdict(incentives)
        first = self.seed + (0 if name == PRESENT else self.seeds)
        return OmegaConf.create(
            {
                "game": game,
                "platform": self.platform,
                "payoffs": self.payoffs,
                "dynamics": self.dynamics,
                "run": {"seed": first, "seeds": self.seeds},
            }
        )


def claims(
    gates: Mapping[str, Gate],
    both: Mapping[str, Played],
    group: int,
    groups: tuple[str, ...],
    *,
    target: float,
    threshold: float,
) -> tuple[Claim, ...]:
    """Voices, exclusion, the lever, and whether play agrees with theory under both incentives."""
    present, changed = both[PRESENT], both[CHANGED]
    name, before, after = groups[group], present.weight(group), changed.weight(group)
    least = min(range(len(groups)), key=lambda g: changed.weight(g).low)
    return (
        voices_carry(gates),
        Claim(
            name="the group is excluded",
            statement=f"At {said(present.incentives)} accounts give {name} less than {threshold:g}.",
            found=f"predicted {present.prediction[group]:.3f}, played {in_words(before)}",
            holds=sure(yes=bool(before.high < threshold), no=bool(before.low >= threshold))
            if present.prediction[group] < threshold
            else False,
        ),
        Claim(
            name="the lever wins it back",
            statement=f"At {said(changed.incentives)}, chosen before play, they give it more, as predicted.",
            found=f"predicted {changed.prediction[group]:.3f}, played {in_words(after)}",
            holds=sure(yes=bool(after.low > max(threshold, before.high)), no=bool(after.high <= threshold)),
        ),
        Claim(
            name="no other group pays for it",
            statement=f"At {said(changed.incentives)} every group has at least {threshold:g} (aim: {target:g}).",
            found=f"least of all {groups[least]}: predicted {changed.prediction[least]:.3f}, played "
            f"{in_words(changed.weight(least))}",
            holds=sure(
                yes=bool(changed.weight(least).low >= threshold),
                no=any(changed.weight(g).high < threshold for g in range(len(groups))),
            ),
        ),
        *(
            Claim(
                name=f"play reaches the prediction, {kind} incentives",
                statement=f"At {said(one.incentives)} play settles within {one.verdict.tolerance:g} of theory.",
                found=f"distance of all accounts together {in_words(one.verdict.population_distance)}, one by one "
                f"{in_words(one.verdict.distance)}; verdict: {one.verdict.kind}",
                holds=sure(
                    yes=one.verdict.population_distance.high <= one.verdict.tolerance,
                    no=one.verdict.population_distance.low > one.verdict.tolerance,
                ),
            )
            for kind, one in both.items()
        ),
    )


def rows(both: Mapping[str, Played], groups: tuple[str, ...]) -> pd.DataFrame:
    """Predicted and played weight of each group at both incentives."""
    table = []
    for name, one in both.items():
        for g, group in enumerate(groups):
            weight = one.weight(g)
            played = {"played": weight.estimate, "low": weight.low, "high": weight.high}
            table.append({"incentives": name, "group": group, "predicted": one.prediction[g], **played})
    return pd.DataFrame(table)


def said(incentives: Incentives) -> str:
    """Incentives in words."""
    return ", ".join(f"{name} {value:g}" for name, value in asdict(incentives).items())
