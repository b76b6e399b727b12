"""The shape of the studies of oversight with a language model: tasks, what is generated, how heads are trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class ArithmeticConfig:
    """Arithmetic tasks with their solver and auditor; see `platforms.oversight.families.arithmetic`."""

    _target_: str = "platforms.oversight.families.arithmetic"
    grades: list[int] = MISSING
    per_grade: int = MISSING
    seed: int = "${run.seed}"  # type: ignore[assignment]
    temperature: float = MISSING


@dataclass
class LimitsConfig:
    """What code may use in the sandbox; see `platforms.oversight.sandbox.sandbox.Limits`."""

    _target_: str = "platforms.oversight.sandbox.sandbox.Limits"
    cpu_seconds: int = 2
    seconds: float = 10.0
    memory_mib: int = 256
    output_kib: int = 64


@dataclass
class FunctionsConfig:
    """Short functions with their solver and auditor; see `platforms.oversight.families.functions`."""

    _target_: str = "platforms.oversight.families.functions"
    grades: list[int] = MISSING
    temperature: float = MISSING
    max_tokens: int = MISSING
    limits: LimitsConfig = field(default_factory=LimitsConfig)


@dataclass
class HeadTrainingConfig:
    """Training of the heads; see `platforms.oversight.decision_heads.HeadTraining`."""

    _target_: str = "platforms.oversight.decision_heads.HeadTraining"
    rounds: int = MISSING
    steps: int = MISSING
    batch: int = MISSING
    rate: float = MISSING
    entropy: float = 0.0


@dataclass
class LanguageOversightConfig:
    """A study of a language-model solver and auditor.

    Attributes:
        arithmetic: The arithmetic tasks.
        samples: Answers a task.
        audits: Audits an answer.
        training: Of the heads.
        check_rate: Share of outputs nobody flagged that are checked.
        seed: First seed.
        seeds: Repetitions: bootstrap draws of the tasks, each with its own training.
        readings: Folder where generated material is kept; null for the user's cache folder.
    """

    _target_: str = MISSING
    _recursive_: bool = False
    language: Any = "${language}"
    arithmetic: ArithmeticConfig = field(default_factory=ArithmeticConfig)
    samples: int = MISSING
    audits: int = MISSING
    training: HeadTrainingConfig = field(default_factory=HeadTrainingConfig)
    check_rate: float = 0.0
    seed: int = "${run.seed}"  # type: ignore[assignment]
    seeds: int = "${run.seeds}"  # type: ignore[assignment]
    readings: str | None = None


@dataclass
class ResolverConfig:
    """Who is right about an output; exact by default. See `platforms.oversight.resolver.Resolver`."""

    _target_: str = "platforms.oversight.resolver.Resolver"
    true_positive: float = 1.0
    false_positive: float = 0.0
    seed: int = "${run.seed}"  # type: ignore[assignment]


@dataclass
class ParametricTrainingConfig:
    """Training of the parametric agents that predict; see `agents.parametric.Training`."""

    _target_: str = "agents.parametric.Training"
    rate: float = 0.3
    batch: int = 16
    group: int = 8
    normalised: bool = True


@dataclass
class LlmOversightConfig(LanguageOversightConfig):
    """The whole pipeline, and what theory says of it.

    Attributes:
        functions: The functions; null to leave code out.
        resolver: Who judges.
        parametric: Training of the parametric agents.
        parametric_rounds: Rounds of it.
        parametric_steps: Steps of a round.
        draws: Bootstrap draws behind the intervals of measured rates.
        tolerance: Largest mean difference between predicted and observed rates that counts as agreement.
    """

    _target_: str = "experiments.studies.oversight.llm_oversight.LlmOversight"
    functions: FunctionsConfig | None = field(default_factory=FunctionsConfig)
    resolver: ResolverConfig = field(default_factory=ResolverConfig)
    parametric: ParametricTrainingConfig = field(default_factory=ParametricTrainingConfig)
    parametric_rounds: int = MISSING
    parametric_steps: int = MISSING
    draws: int = MISSING
    tolerance: float = MISSING


@dataclass
class CoverageRiskConfig(LanguageOversightConfig):
    """Coverage and risk of every profile's heads, beside the best threshold on the same scores.

    Attributes:
        coverages: Shares of answers handed in at which risks are compared.
    """

    _target_: str = "experiments.studies.oversight.coverage_risk.CoverageRisk"
    coverages: list[float] = MISSING


@dataclass
class CalculatorConfig:
    """A language model that errs with known chances; see `agents.language.calculator.Calculator`."""

    _target_: str = "experiments.studies.oversight.language_store.calculator"
    skill: float = MISSING
    care: float = MISSING
    silence: float = MISSING
    insight: float = MISSING


OVERSIGHT_LANGUAGE_STUDIES: dict[str, type] = {
    "llm_oversight": LlmOversightConfig,
    "coverage_risk": CoverageRiskConfig,
}
