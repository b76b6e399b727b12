"""The shape of the studies of oversight: the inspection game, what is varied, and how it is played."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class NoiseConfig:
    """Errors of solver and resolver; see `sim.oversight.Noise`."""

    _target_: str = "sim.oversight.Noise"
    solver_error: float = 0.0
    true_positive_rate: float = 1.0
    false_positive_rate: float = 0.0


@dataclass
class InspectionConfig:
    """An inspection game; see `sim.oversight.InspectionGame`. Defaults are the reference values of the docs."""

    _target_: str = "sim.oversight.InspectionGame"
    aligned: float = 1.0
    misaligned: float = -1.0
    catch: float = 1.0
    false_positive: float = 0.5
    audit_cost: float = 0.2
    private_gain: float = 0.5
    check_rate: float = 0.0
    miss: float = 0.0
    noise: NoiseConfig = field(default_factory=NoiseConfig)


@dataclass
class PlayedGameConfig:
    """A study of closed forms of the inspection game, held against play.

    Attributes:
        game: Where everything is held but what the study varies.
        step: Step of the learners' logits, per unit of reward.
        rounds: Rounds of play.
        batch: Outputs a turn.
        plays: Independent repetitions, at least two.
        seed: Of everything drawn.
        floor: Least probability of either choice, below 1/2: what is never tried is never learned.
        tolerance: Largest difference of a probability that counts as agreement.
    """

    _target_: str = MISSING
    _convert_: str = "all"
    game: InspectionConfig = field(default_factory=InspectionConfig)
    step: float = MISSING
    rounds: int = MISSING
    batch: int = MISSING
    plays: int = "${run.seeds}"  # type: ignore[assignment]
    seed: int = "${run.seed}"  # type: ignore[assignment]
    floor: float = 0.01
    tolerance: float = MISSING


@dataclass
class PenaltyInvarianceConfig(PlayedGameConfig):
    """Solver penalties, and for comparison auditor rewards.

    Attributes:
        stakes: r_A - r_M, at least three.
        catches: r_catch, at least three.
    """

    _target_: str = "experiments.studies.oversight.penalty_invariance.PenaltyInvariance"
    stakes: list[float] = MISSING
    catches: list[float] = MISSING


@dataclass
class RandomChecksConfig(PlayedGameConfig):
    """The rate of random checks.

    Attributes:
        rates: rho, on both sides of Omega/(r_A - r_M).
        noisy: A game with noisy verdicts and a price on misses, in which too many checks bring audits back.
        noisy_rates: rho there.
    """

    _target_: str = "experiments.studies.oversight.random_checks_phase_change.RandomChecks"
    rates: list[float] = MISSING
    noisy: InspectionConfig = field(default_factory=InspectionConfig)
    noisy_rates: list[float] = MISSING


@dataclass
class NoiseSweepConfig(PlayedGameConfig):
    """Errors of solver and resolver, one at a time; the others are zero.

    Attributes:
        solver_errors: eps.
        true_positive_rates: k_tp.
        false_positive_rates: k_fp.
        miss: r_miss in the map of where checks deter.
        points: Points of the map a side.
    """

    _target_: str = "experiments.studies.oversight.noise_sweep.NoiseSweep"
    solver_errors: list[float] = MISSING
    true_positive_rates: list[float] = MISSING
    false_positive_rates: list[float] = MISSING
    miss: float = MISSING
    points: int = MISSING


@dataclass
class DeterrenceConfig(PlayedGameConfig):
    """Becker's offenders beside the inspection game.

    Attributes:
        detections: Probabilities of detection.
        stakes: Penalties r_A - r_M.
        detection: Probability of detection where penalties are varied.
        mean_gain: Mean of the choosers' gains, which are exponential.
        choosers: How many kinds of choosers, at the quantiles of the gains.
    """

    _target_: str = "experiments.studies.oversight.deterrence.DeterrenceStudy"
    detections: list[float] = MISSING
    stakes: list[float] = MISSING
    detection: float = MISSING
    mean_gain: float = MISSING
    choosers: int = MISSING


OVERSIGHT_STUDIES: dict[str, Any] = {
    "penalty_invariance": PenaltyInvarianceConfig,
    "random_checks_phase_change": RandomChecksConfig,
    "noise_sweep": NoiseSweepConfig,
    "deterrence": DeterrenceConfig,
}
