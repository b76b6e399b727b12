"""One small language model as solver and as auditor: does theory, fed what was measured, say what they do?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from omegaconf import DictConfig
from scipy import stats

from agents.parametric import Rates
from experiments.console import Reporter
from experiments.making import made
from experiments.report.figures import png
from experiments.report.oversight_language_figures import (
    OUTCOMES,
    SHOWN,
    measured_figure,
    outcomes_figure,
    predicted_figure,
)
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.language_heads import LIMITS, VALUES, LanguageOversight, Trained, ends, spread
from experiments.studies.oversight.language_prediction import SEEN, UNEVEN, predictions
from experiments.studies.oversight.language_store import Generated, unreadable
from experiments.studies.oversight.language_tables import by_grade, quality_rows, rate_rows, threshold_rows
from experiments.study import Claim, Figure, Findings, Table
from platforms.oversight.ledger import ledger
from platforms.oversight.measured import Measured, falls_with_grade, measure
from platforms.oversight.pipeline import Flags, Material
from platforms.oversight.resolver import Resolver
from sim.arrays import Array
from sim.oversight import PROFILES, solver_threshold
from sim.oversight.events import Event
from sim.randomness import generator

_OUTCOME_EVENTS: Mapping[str, tuple[Event, ...]] = {
    "abstained": (Event.ABSTAINED,),
    "right, not flagged": (Event.RIGHT_UNAUDITED, Event.RIGHT_CLEARED, Event.RIGHT_INVALID),
    "right, flagged": (Event.RIGHT_FLAGGED,),
    "wrong, caught": (Event.WRONG_CAUGHT, Event.WRONG_CAUGHT_BY_CHANCE, Event.WRONG_CHECKED),
    "wrong, silent": (Event.WRONG_UNAUDITED, Event.WRONG_CLEARED, Event.WRONG_INVALID),
    "no answer": (Event.TRUNCATED,),
}


@dataclass(frozen=True, kw_only=True)
class LlmOversight(LanguageOversight):
    """The pipeline end to end, and three predictions of it.

    Attributes:
        functions: The functions; None to leave code out.
        resolver: Who judges what is paid.
        parametric: Training of the parametric agents.
        parametric_rounds: Rounds of it.
        parametric_steps: Steps of a round.
        draws: Bootstrap draws behind the intervals of measured rates.
        tolerance: Largest mean difference between predicted and observed rates that counts as agreement.
    """

    functions: DictConfig | None
    resolver: DictConfig
    parametric: DictConfig
    parametric_rounds: int
    parametric_steps: int
    draws: int
    tolerance: float

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        families = {"arithmetic": self.arithmetic} | ({} if self.functions is None else {"functions": self.functions})
        with reporter.step("Answers and audits"):
            written = self.material(families, directory, reporter)
        return self.findings(written, directory, reporter)

    def findings(self, written: Mapping[str, Generated], directory: RunDirectory, reporter: Reporter) -> Findings:
        """What material says: rates, heads, predictions, claims.

        Args:
            written: Material of "arithmetic", and of "functions" if code is not left out.
            directory: Gets ledger and pictures.
            reporter: Says each step.
        """
        material, model = written["arithmetic"]
        measured = measure(material, check_rate=self.check_rate, draws=self.draws, seed=self.seed)
        with reporter.step(f"Heads under {len(PROFILES)} profiles, {self.seeds} repetitions"):
            trained = self.trained(material, self._judged(material))
        directory.table("ledger.parquet", ledger(material, trained.played, VALUES, family="arithmetic"))
        with reporter.step("Predictions"):
            predicted = predictions(
                material,
                measured,
                trained,
                parametric=made(self.parametric),
                rounds=self.parametric_rounds,
                steps=self.parametric_steps,
                seed=self.seed,
            )
        claims = [
            _falls(material, self.draws, self.seed),
            _tells_apart("audits tell wrong answers from right ones", measured),
            *(self._agrees(field, trained.rates, predicted[SEEN]) for field in SHOWN),
            self._agrees("audits", trained.rates, predicted[UNEVEN], how=", audits taken as they come"),
            _weakest(material, self.draws, self.seed),
            _ordered(trained.rates),
        ]
        tables = [
            Table(path="measured.csv", caption="What was measured of solver and auditor", rows=quality_rows(measured)),
            Table(path="rates.csv", caption="Observed and predicted", rows=rate_rows(trained.rates, predicted)),
            Table(path="thresholds.csv", caption="Thresholds by profile", rows=threshold_rows(measured)),
        ]
        if "functions" in written:
            code = written["functions"].material
            of_code = measure(code, check_rate=self.check_rate, draws=self.draws, seed=self.seed)
            with_code = self.trained(code, self._judged(code))
            directory.table("ledger_functions.parquet", ledger(code, with_code.played, VALUES, family="functions"))
            claims.append(_tells_apart("audits tell wrong code from right", of_code))
            tables += [
                Table(path="measured_functions.csv", caption="The same, of functions", rows=quality_rows(of_code)),
                Table(path="rates_functions.csv", caption="Functions, observed", rows=rate_rows(with_code.rates, {})),
            ]
        with reporter.step("Pictures"):
            figures = self._pictures(directory, material, trained, predicted)
        return Findings(
            title="A language-model solver and auditor: predicted and observed",
            claims=tuple(claims),
            figures=figures,
            tables=tuple(tables),
            assumptions=(
                "Whether an answer is handed in or audited changes no text, so texts are generated once and only the "
                "choices are trained.",
                f"{self.seeds} repetitions: tasks drawn with replacement for training, judged on the tasks not drawn.",
                "The closed forms assume that audits are equally good on all tasks; the heads meet them as they are.",
            ),
            limits=LIMITS,
            details={"model": dict(model)},
            health=unreadable(*(one.material for one in written.values())),
        )

    def _judged(self, material: Material) -> Flags | None:
        """What the resolver counts as right; None where it is exact."""
        resolver: Resolver = made(self.resolver)
        if (resolver.true_positive, resolver.false_positive) == (1.0, 0.0):
            return None
        judged = np.zeros_like(material.right)
        for number in np.unique(material.sample):
            rows = material.sample == number
            judged[rows] = ~resolver.found_wrong(~material.right[rows], task=material.task[rows], round=int(number))
        return judged

    def _agrees(self, field: str, observed: Rates, predicted: Rates, *, how: str = "") -> Claim:
        """Are observed rates near those of the thresholds?"""
        differences: Array = getattr(observed, field) - getattr(predicted, field)
        mean, low, high = self._gap(differences)
        each = np.abs(differences.mean(axis=1))
        return Claim(
            name=f"{field} as the thresholds say{how}",
            statement=f"Over the eight profiles, {SHOWN[field]} on tasks not trained on are on average within "
            f"{self.tolerance:g} of what the closed forms' thresholds give on the heads' own knowledge{how}.",
            found=f"mean difference {mean:.3f} [{low:.3f}, {high:.3f}], most under "
            f"{list(PROFILES)[int(each.argmax())]}, {each.max():.3f}",
            holds=high <= self.tolerance,
        )

    def _gap(self, differences: Array) -> tuple[float, float, float]:
        """Mean size over profiles of differences averaged over repetitions, (P, S); 95% interval over repetitions."""
        rng = generator(self.seed, round=0, agent=-1, purpose="repetitions")
        picks = rng.integers(differences.shape[1], size=(self.draws, differences.shape[1]))
        drawn = np.abs(differences[:, picks].mean(axis=2)).mean(axis=0)
        return float(np.abs(differences.mean(axis=1)).mean()), *ends(drawn)

    def _pictures(
        self, directory: RunDirectory, material: Material, trained: Trained, predicted: Mapping[str, Rates]
    ) -> tuple[Figure, ...]:
        grades, shares = by_grade(material, draws=self.draws, seed=self.seed)
        directory.bytes("measured.png", png(measured_figure(grades, shares)))
        profiles = list(PROFILES)
        directory.bytes("predicted.png", png(predicted_figure(profiles, trained.rates, predicted)))
        events = trained.played.shares.reshape(len(profiles), self.seeds, -1).mean(axis=1)
        outcomes = {name: events[:, list(_OUTCOME_EVENTS[name])].sum(axis=1) for name in OUTCOMES}
        directory.bytes("outcomes.png", png(outcomes_figure(profiles, outcomes, trained.rates.value)))
        return (
            Figure(
                path="measured.png", caption="What the model can do, by grade; bars: 95% of bootstrap draws of tasks."
            ),
            Figure(
                path="predicted.png",
                caption="Rates on tasks not trained on against three predictions; bars: 95% of repetitions.",
            ),
            Figure(path="outcomes.png", caption="What became of the tasks under each profile, and what that is worth."),
        )


def _falls(material: Material, draws: int, seed: int) -> Claim:
    tau, low, high = falls_with_grade(material, material.right, draws=draws, seed=seed)
    success = material.by_task(material.right)
    grade = material.by_task(material.grade.astype(np.float64))
    listed = ", ".join(f"{int(g)}: {success[grade == g].mean():.2f}" for g in np.unique(grade))
    return Claim(
        name="success falls with size",
        statement="Tasks of higher grade are solved less often.",
        found=f"Kendall's tau {tau:.2f} [{low:.2f}, {high:.2f}]; right answers by grade: {listed}",
        holds=bool(high < 0) if np.isfinite(tau) else None,
    )


def _weakest(material: Material, draws: int, seed: int) -> Claim:
    """Do audits fail where they are needed?"""
    wrong = material.readable & ~material.right & material.audit_readable
    tau, low, high = falls_with_grade(material, material.evidence_right, draws=draws, seed=seed, among=wrong)
    listed = ", ".join(
        f"{grade}: {material.evidence_right[wrong & (material.grade == grade)].mean():.2f}"
        for grade in np.unique(material.grade[wrong])
    )
    return Claim(
        name="audits are weakest where errors are",
        statement="The harder the tasks, the less often an audit of a wrong answer brings right evidence.",
        found=f"Kendall's tau {tau:.2f} [{low:.2f}, {high:.2f}]; right evidence by grade: {listed}",
        holds=bool(high < 0) if np.isfinite(tau) else None,
    )


def _tells_apart(name: str, measured: Measured) -> Claim:
    quality, draws = measured.quality, measured.draws
    low, high = ends(draws["catch"] - draws["false_flag"])
    return Claim(
        name=name,
        statement="An audit flags wrong outputs more often than right ones.",
        found=f"flagged are {_of(measured, 'catch')} of the wrong and {_of(measured, 'false_flag')} of the right, a "
        f"difference of {quality.catch - quality.false_flag:.2f} [{low:.2f}, {high:.2f}]; of the flags on wrong "
        f"outputs {_of(measured, 'by_chance')} rest on evidence that is itself wrong",
        holds=low > 0,
    )


def _ordered(observed: Rates) -> Claim:
    thresholds = [solver_threshold(profile) for profile in PROFILES.values()]
    ranks = np.array(
        [stats.spearmanr(thresholds, one).statistic if np.ptp(one) > 0 else 0.0 for one in observed.abstention.T]
    )
    listed = ", ".join(
        f"{name.replace('_', ' ')} {rate:.2f}"
        for name, rate in zip(PROFILES, observed.abstention.mean(axis=1), strict=True)
    )
    return Claim(
        name="a higher threshold, more abstentions",
        statement="Profiles are abstained under in the order of their attempt thresholds (rank correlation above 0).",
        found=f"Spearman's rho {spread(ranks, '.2f')}; abstentions: {listed}",
        holds=ends(ranks)[0] > 0,
    )


def _of(measured: Measured, name: str) -> str:
    low, high = ends(measured.draws[name])
    return f"{getattr(measured.quality, name):.2f} [{low:.2f}, {high:.2f}]"
