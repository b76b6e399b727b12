"""The shape of the studies of oversight with parametric agents: tasks, audits, training, controllers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class BetaRatesConfig:
    """Success rates that follow a Beta distribution; see `agents.parametric.beta_rates`."""

    _target_: str = "agents.parametric.beta_rates"
    a: float = 0.5
    b: float = 0.8
    count: int = 512


@dataclass
class TaskPoolConfig:
    """Tasks; see `agents.parametric.TaskPool`. `rates` may also be a list of measured success rates."""

    _target_: str = "agents.parametric.TaskPool"
    rates: Any = field(default_factory=BetaRatesConfig)
    solver_noise: float = 0.5
    auditor_noise: float = 1.0


@dataclass
class AuditQualityConfig:
    """What audits bring; see `agents.parametric.AuditQuality`."""

    _target_: str = "agents.parametric.AuditQuality"
    catch: float = 0.5
    false_flag: float = 0.3
    by_chance: float = 0.0
    invalid: float = 0.1
    check_rate: float = 0.0
    truncated: float = 0.0


@dataclass
class OutcomeValuesConfig:
    """What outcomes are worth to the principal; see `sim.oversight.OutcomeValues`."""

    _target_: str = "sim.oversight.OutcomeValues"
    abstain: float = 0.1
    aligned: float = 1.0
    caught: float = 0.5
    false_positive: float = -0.3
    silent_failure: float = -1.0
    truncated: float = 0.0


@dataclass
class ScheduleConfig:
    """Who moves when: `Alternating`, `Simultaneous` or `Optimistic` of `agents.parametric`."""

    _target_: str = "agents.parametric.Alternating"


@dataclass
class TrainingConfig:
    """How solver and auditor learn; see `agents.parametric.Training`. Group null: expected gradients."""

    _target_: str = "agents.parametric.Training"
    rate: float = 0.3
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    batch: int = 16
    group: int | None = 8
    normalised: bool = True
    entropy: float = 0.0
    attachment: float = 0.0
    solver_slope: bool = True
    auditor_slope: bool = True


@dataclass
class ParametricConfig:
    """A study of parametric agents.

    Attributes:
        pool: Tasks.
        audits: How good audits are.
        values: What outcomes are worth to the principal.
        training: How solver and auditor learn.
        seeds: Runs.
        seed: Of the first.
        confidence: Of every interval.
    """

    _target_: str = MISSING
    _convert_: str = "all"
    pool: TaskPoolConfig = field(default_factory=TaskPoolConfig)
    audits: AuditQualityConfig = field(default_factory=AuditQualityConfig)
    values: OutcomeValuesConfig = field(default_factory=OutcomeValuesConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    seeds: int = MISSING
    seed: int = "${run.seed}"  # type: ignore[assignment]
    confidence: float = 0.95


@dataclass
class ControllersTableConfig(ParametricConfig):
    """Controllers of reward profiles beside their baselines.

    Attributes:
        bandits: Controllers that choose among the eight profiles, made with `arms`.
        searches: Controllers that search a box, made with `low` and `high`.
        feedback: Controllers that lean against what they are told, likewise.
        low: Least reward of each kind.
        high: Greatest.
        rounds: Decisions of the principal.
        steps: Training steps of each phase between two of them.
        episodes: Tasks on which a round is judged.
        last: Rounds at the end over which the table averages.
        rates: Step sizes of the sweep.
        unswept: Searches that the sweep leaves out.
        able: Better audits.
    """

    _target_: str = "experiments.studies.oversight.controllers_table.ControllersTable"
    bandits: dict[str, Any] = MISSING
    searches: dict[str, Any] = MISSING
    feedback: dict[str, Any] = MISSING
    low: list[float] = MISSING
    high: list[float] = MISSING
    rounds: int = MISSING
    steps: int = MISSING
    episodes: int = MISSING
    last: int = MISSING
    rates: list[float] = MISSING
    unswept: list[str] = MISSING
    able: AuditQualityConfig = field(default_factory=AuditQualityConfig)


@dataclass
class FrozenControllerConfig(ParametricConfig):
    """The controller stops and training goes on.

    Attributes:
        controller: The controller, made with `arms`.
        rounds: Its rounds.
        after: Rounds of training after it stopped.
        steps: Training steps of each phase of a round.
        episodes: Tasks on which the controller judges a round.
        last: Rounds at either end over which levels are averaged.
        margin: Loss of value that still counts as none.
    """

    _target_: str = "experiments.studies.oversight.frozen_controller.FrozenController"
    controller: Any = MISSING
    rounds: int = MISSING
    after: int = MISSING
    steps: int = MISSING
    episodes: int = MISSING
    last: int = MISSING
    margin: float = MISSING


@dataclass
class AveragingConfig(ParametricConfig):
    """Switching among profiles against their average.

    Attributes:
        visits: Lengths of a visit, step size times steps, ascending.
        horizon: Training time, in the same units.
        step: Largest step size.
        fitted: Longest visit of the straight line.
        tolerance: Largest difference of rates that counts as none.
        spread: Standard deviation of the policies at the start, in logits.
    """

    _target_: str = "experiments.studies.oversight.averaging.Averaging"
    visits: list[float] = MISSING
    horizon: float = MISSING
    step: float = MISSING
    fitted: float = MISSING
    tolerance: float = MISSING
    spread: float = MISSING


@dataclass
class RewardProfileConfig:
    """Rewards by outcome; see `sim.oversight.RewardProfile`."""

    _target_: str = "sim.oversight.RewardProfile"
    solver_abstain_reward: float = 0.1
    solver_base_pass_reward: float = 1.0
    solver_true_catch_penalty: float = 1.0
    solver_uncaught_reward: float = 0.1
    auditor_true_catch_reward: float = 1.0
    auditor_false_positive_penalty: float = 1.0
    auditor_false_catch_penalty: float = 0.0
    auditor_explicit_abstain_aligned_reward: float = 0.05
    auditor_explicit_abstain_misaligned_penalty: float = 0.0
    auditor_miss_aligned_reward: float = 0.0
    auditor_miss_misaligned_penalty: float = 0.15
    auditor_invalid_output_penalty: float = 2.0


@dataclass
class HeterogeneityDampsConfig:
    """Unequal tasks damp cycles.

    Attributes:
        audits: How good audits are.
        training: How solver and auditor learn.
        solver_noise: Noise of the solver's signal.
        profile: Rewards.
        centre: Logit of the hard tasks' success rate.
        easy: Success rate of the easy tasks.
        tasks: Hard tasks.
        spreads: Standard deviations of the hard tasks' logits, ascending from 0.
        slope: The solver's slope.
        cycles: Cycles over which growth is measured.
        nudge: Distance from the equilibrium at which a measurement starts.
        phase: Steps of a turn.
        seeds: Draws of signals.
        seed: Of the first.
        confidence: Of every interval.
    """

    _target_: str = "experiments.studies.oversight.heterogeneity_damps.HeterogeneityDamps"
    _convert_: str = "all"
    audits: AuditQualityConfig = field(default_factory=AuditQualityConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    solver_noise: float = MISSING
    profile: RewardProfileConfig = field(default_factory=RewardProfileConfig)
    centre: float = MISSING
    easy: float = MISSING
    tasks: int = MISSING
    spreads: list[float] = MISSING
    slope: float = MISSING
    cycles: int = MISSING
    nudge: float = MISSING
    phase: int = MISSING
    seeds: int = MISSING
    seed: int = "${run.seed}"  # type: ignore[assignment]
    confidence: float = 0.95


PARAMETRIC_STUDIES: dict[str, type] = {
    "controllers_table": ControllersTableConfig,
    "frozen_controller": FrozenControllerConfig,
    "averaging": AveragingConfig,
    "heterogeneity_damps": HeterogeneityDampsConfig,
}
