"""The lever by every method, and the front of engagement against representation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.governance_figures import fronts_figure, prices_figure, weights_figure
from experiments.run_directory import RunDirectory
from experiments.studies.evidence import Evidence, SurveyStudy
from experiments.studies.governance.trials import Trial, game_of, tried
from experiments.studies.governance.wording import incentives_text, lever_claims, percentage
from experiments.study import Figure, Findings, Table
from sim.alignment_game import Incentives
from sim.arrays import Array, whole_number
from sim.design import FeedbackSearch, Front, Method, effective_numbers, engagement_front, swept_front
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError

_PULLS, _CROWDS = np.logspace(-3, 3, 901), np.append(0.0, np.logspace(-3, 3, 301))


@dataclass(frozen=True, kw_only=True)
class LeverStudy(SurveyStudy):
    """Who is left out at the present incentives, what brings them back by each method, and the price.

    Attributes:
        incentives: Present coefficients.
        accounts: Number of accounts.
        known: Methods that know the game, by name.
        feedback: Methods that see posts only, by name.
        rounds: Rounds that a controller may learn for.
        posts: Posts that it sees a round.
        seeds: Repetitions of each of them.
        points: Points of the front.
    """

    incentives: Incentives
    accounts: int
    known: Mapping[str, Method]
    feedback: Mapping[str, FeedbackSearch]
    rounds: int
    posts: int
    seeds: int
    points: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        whole_number("study.seeds", self.seeds, minimum=1)
        if not self.known:
            raise InputError("study.known", "nothing", "name at least one method that knows the game")
        evidence = self.evidence(reporter)
        game = game_of(evidence, self.incentives, self.accounts)
        now = homogeneous_equilibrium(game).mixture
        trials = [
            *tried(
                evidence,
                game,
                self.known,
                threshold=self.threshold,
                seeds=range(self.seed, self.seed + 1),
                feedback=False,
                reporter=reporter,
            ),
            *tried(
                evidence,
                game,
                self.feedback,
                threshold=self.threshold,
                seeds=range(self.seed, self.seed + self.seeds),
                feedback=True,
                reporter=reporter,
            ),
        ]
        with reporter.step("Fronts"):
            least = engagement_front(evidence.terms, points=self.points)
            groups = swept_front(evidence.terms, effective_numbers, pulls=_PULLS, crowds=_CROWDS)
        with reporter.step("Pictures"):
            first = next((t.found[0] for t in trials if t.found[0] is not None and t.found[0].holds), None)
            after = None if first is None else first.certificate.mixture
            directory.bytes("weights.png", png(weights_figure(evidence.groups, now, after, self.threshold)))
            directory.bytes("prices.png", png(prices_figure(trials)))
            directory.bytes(
                "fronts.png",
                png(fronts_figure(least, groups, game=game, now=now, trials=trials, threshold=self.threshold)),
            )
        name = evidence.loaded.source.name
        return Findings(
            title=f"Which lever brings every group back, and what does it cost? {name}",
            claims=lever_claims(self, evidence, now, trials, (least, groups)),
            figures=(
                Figure(
                    path="weights.png",
                    caption=f"{name}: share of posts that speaks for each group, now and after the smallest change of "
                    f"incentives. Dotted: the threshold, {percentage(self.threshold)}.",
                ),
                Figure(
                    path="prices.png",
                    caption="Share of engagement that each method gives up to bring every group back; a dot a "
                    "repetition. Hollow: the group is still left out.",
                ),
                Figure(
                    path="fronts.png",
                    caption="What is possible at best: engagement against the weight of the smallest group (left) and "
                    "against the effective number of groups (right), over all incentives. Up and to the right is "
                    "better; nothing lies beyond the line.",
                ),
            ),
            tables=(
                Table(
                    path="levers.csv",
                    caption="Every method: new incentives (first repetition), size of the change, price in engagement, "
                    "least weight, repetitions that hold, share of the draws of the data in which it holds",
                    rows=_trials_table(trials),
                ),
                Table(
                    path="front.csv",
                    caption="The front: most engagement at each weight of the smallest group",
                    rows=_front_table(least, evidence),
                ),
            ),
            assumptions=(
                *evidence.assumptions,
                f"Present incentives: {incentives_text(self.incentives)}; {self.accounts} accounts. Only ratios count.",
                "A controller sees the groups of the posts of each round and nothing else; between rounds the accounts "
                "settle at the equilibrium of the incentives it set.",
                "Every lever was certified: the equilibrium was solved anew by another solver at the printed numbers; "
                f"most that an account could still gain is {_worst(trials):.1g}.",
            ),
            limits=(
                "Engagement is a'w of the estimated game: views by readers who like their own, not measured clicks.",
                "Accounts that haven't settled when the next proposal comes would slow every controller down.",
                "The box and the arms of the controllers hold levers that work; a principal would have to guess them.",
            ),
            sources=(evidence.loaded.source,),
        )


def _worst(trials: list[Trial]) -> float:
    gains = [found.certificate.exploitability for trial in trials for found in trial.found if found is not None]
    return max(gains, default=0.0)


def _trials_table(trials: list[Trial]) -> pd.DataFrame:
    rows = []
    for trial in trials:
        some = [each for each in trial.found if each is not None]
        first = some[0] if some else None
        rows.append(
            {
                "method": trial.name,
                "sees": "posts" if trial.feedback else "the game",
                "incentives": "none suffices" if first is None else incentives_text(first.incentives),
                "size": _mean([each.size for each in some]),
                "price": _mean([each.price for each in some]),
                "least weight": _mean([each.after.least for each in some]),
                "effective groups": _mean([each.after.effective for each in some]),
                "audience left out": _mean([each.after.unserved for each in some]),
                "holds": f"{trial.held.sum():.0f} of {len(trial.found)}",
                "draws": float(np.nanmean(trial.drawn)) if np.isfinite(trial.drawn).any() else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _front_table(front: Front, evidence: Evidence) -> pd.DataFrame:
    weights: dict[str, Array] = {f"weight of {g}": front.mixtures[:, d] for d, g in enumerate(evidence.groups)}
    return pd.DataFrame(
        {
            "least weight": front.representation,
            "engagement": front.engagement,
            "bA": front.incentives[:, 0],
            "bI": front.incentives[:, 1],
            "bD": front.incentives[:, 2],
            **weights,
        }
    )
