"""One report on subpopulation models: do they know their group's words, write like it, and answer like it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.language.embeddings import Embedder
from agents.language.protocol import LanguageModel
from agents.subpopulations.calibration import Calibration
from agents.subpopulations.corpus import Corpus
from agents.subpopulations.gate import Gate, separation_gate
from agents.subpopulations.recovery import Recovery, recover_groups
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.errors import InputError


@dataclass(frozen=True)
class Thresholds:
    """What subpopulation models must reach.

    Attributes:
        margin: Held-out log-likelihood under the own model less the best other, nats per token, in every group.
        recovered: Share of posts that a classifier gives back to their group, in every group.
        gain: Share of the ceiling that calibrated answers gain over "every group answers like everybody", on
            questions left out; above 0 means that the models' opinions help at all.
    """

    margin: float = 0.25
    recovered: float = 0.5
    gain: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.recovered <= 1.0:
            raise InputError("thresholds.recovered", self.recovered, "give a share from 0 to 1")
        if not self.gain < 1.0:
            raise InputError("thresholds.gain", self.gain, "give a share below 1: people themselves reach 1")


@dataclass(frozen=True)
class Finding:
    """One check: its weakest figure, what it had to reach, and whether it did."""

    check: str
    value: float
    required: float
    passed: bool


@dataclass(frozen=True)
class Quality:
    """All that is known of a population's models; None where there was nothing to check with.

    Attributes:
        thresholds: What had to be reached.
        gate: Held-out likelihood by group.
        recovery: Groups a classifier recovers from generated posts.
        calibration: Answers against a survey, on questions left out.
    """

    thresholds: Thresholds
    gate: Gate | None = None
    recovery: Recovery | None = None
    calibration: Calibration | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The checks that were made."""
        found = []
        if self.gate is not None:
            weakest = float(self.gate.margins.min())
            found.append(Finding("held-out margin, nats per token", weakest, self.gate.required, self.gate.passed))
        if self.recovery is not None:
            share = min(self.recovery.heldout, float(self.recovery.recovered.min()))
            found.append(Finding("posts recovered", share, self.recovery.required, self.recovery.passed))
        if self.calibration is not None:
            share, least = self._gained(self.calibration), self.thresholds.gain
            found.append(Finding("gain of answers, share of the ceiling", share, least, share > least))
        return tuple(found)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """What could not be checked, for the report's list of assumptions."""
        parts = {"held-out likelihood": self.gate, "recovered groups": self.recovery, "survey": self.calibration}
        return tuple(name for name, part in parts.items() if part is None)

    @property
    def passed(self) -> bool:
        """Whether every check that was made is passed; a population that nothing was checked of is not."""
        return bool(self.findings) and all(finding.passed for finding in self.findings)

    def require(self) -> None:
        """Refuse to go on with models that fail a check.

        Raises:
            InputError: The first failed check: which group, its figure, what it had to reach and what to do.
        """
        if not self.findings:
            raise InputError("quality", "nothing checked", "give held-out texts, or a survey, to check the models with")
        if self.gate is not None:
            self.gate.require()
        if self.recovery is not None:
            self.recovery.require()
        if self.calibration is not None and not self.findings[-1].passed:
            raise InputError(
                "gain of calibrated answers",
                f"{self.findings[-1].value:.1%} of the ceiling",
                f"not above the required {self.thresholds.gain:.1%}: on questions left out the models' opinions tell "
                "no more of the groups than what all people answer; ask in more wordings, or train on words of opinion",
            )

    def lines(self) -> list[str]:
        """One line per check, for the console."""
        said = [
            f"quality: {f.check} {f.value:+.2f} (need {f.required:+.2f}): {'passed' if f.passed else 'FAILED'}"
            for f in self.findings
        ]
        return said + ([f"quality: not checked: {', '.join(self.unchecked)}"] if self.unchecked else [])

    @staticmethod
    def _gained(calibration: Calibration) -> float:
        return calibration.gain / calibration.ceiling if calibration.ceiling > 0 else 0.0


def check_quality(
    language: LanguageModel,
    models: Sequence[SubpopulationModel],
    *,
    corpus: Corpus | None,
    embedder: Embedder,
    calibration: Calibration | None,
    thresholds: Thresholds,
    posts: int = 20,
    seed: int = 0,
) -> Quality:
    """Check all that there is something to check with.

    Args:
        language: The backend that serves the models.
        models: One per group.
        corpus: The groups' texts, some held out; None skips likelihood and recovery.
        embedder: Turns posts into vectors for the classifier.
        calibration: Fit to a survey, or None.
        thresholds: What must be reached.
        posts: Posts per group for the classifier.
        seed: Seed of those posts.
    """
    if corpus is None:
        return Quality(thresholds, calibration=calibration)
    gate = separation_gate(language, models, corpus.heldout, thresholds.margin)
    recovery = recover_groups(language, models, corpus, embedder, required=thresholds.recovered, posts=posts, seed=seed)
    return Quality(thresholds, gate, recovery, calibration)
