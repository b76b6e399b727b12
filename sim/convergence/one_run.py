"""The verdict on a single run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import Array, read_only
from sim.convergence.intervals import uncertainty_of_run
from sim.convergence.verdict import Interval, Kind, SeedVerdict
from sim.diagnosis.motion import Motion, describe_motion
from sim.diagnosis.rate import FittedRate, fitted_rate
from sim.diagnosis.stationarity import stationarity
from sim.diagnosis.trajectory_exponent import trajectory_exponent
from sim.equilibrium.exploitability import exploitability
from sim.game import Game
from sim.simplex import total_variation

_GROWTH = 2.0
"""A distance that doubles within the window is growing, even while it is still small."""
_IMMATERIAL = 0.02
"""Share of the tolerance below which no growth of the distance is taken for leaving."""


@dataclass(frozen=True)
class Standard:
    """What a run is judged by.

    Attributes:
        prediction: Predicted mixture of every account, shape (D,), or of each, (M, D).
        tolerance: Largest distance that counts as agreement.
        gain_threshold: Exploitability up to which a profile counts as an equilibrium.
        window_rounds: Rounds at the end of the run that are averaged.
        confidence: Level of the intervals.
        floor: Least weight that deviations may use.
        only_equilibrium: Whether theory certifies the prediction as the only equilibrium of the game.
    """

    prediction: Array
    tolerance: float
    gain_threshold: float
    window_rounds: int
    confidence: float
    floor: float
    only_equilibrium: bool


_DRIFT_LEVEL = 0.01
"""Probability of calling fluctuation drift: drift is a finding, so it has to be shown."""
_PREDICTABLE = 0.9


def judge_run(trajectory: Array, game: Game, standard: Standard) -> tuple[SeedVerdict, FittedRate | None]:
    """Judge one run, shape (rounds + 1, M, D); with the rate at which it contracted, if it shows one.

    The population distance is known to half the sum of the half-widths of the settled mixture: total
    variation cannot be further off than that.
    """
    window = trajectory[-standard.window_rounds :]
    profile = window.mean(axis=0)
    mixture = profile.mean(axis=0)
    expected = standard.prediction.mean(axis=0) if standard.prediction.ndim == 2 else standard.prediction
    known = uncertainty_of_run(window, standard.prediction, standard.tolerance, standard.confidence)
    half = known.mixture
    distance = _around(float(total_variation(profile, standard.prediction).mean()), known.distance)
    population_distance = _around(float(total_variation(mixture, expected)), float(half.sum()) / 2)
    gain = exploitability(game, profile / profile.sum(axis=1, keepdims=True), standard.floor)
    motion = describe_motion(window, standard.tolerance)
    distances = _quarterly_distances(trajectory, window, standard.prediction)
    unsettled = _unsettled(motion, window, distances, distance, standard)
    kind, reason = unsettled or _settled(distance, gain, standard)
    rate = fitted_rate(trajectory, standard.window_rounds) if unsettled is None else None
    seed = SeedVerdict(
        kind=kind,
        reason=reason,
        distance=distance,
        population_distance=population_distance,
        mixture=read_only(mixture),
        interval=read_only(np.clip(np.stack([mixture - half, mixture + half], axis=1), 0.0, 1.0)),
        inside=bool(np.all(np.abs(mixture - expected) <= half)),
        exploitability=gain,
        amplitude=motion.amplitude,
        period=motion.period,
        specialised=known.specialised,
        settled=unsettled is None,
        measured_rate=None if rate is None else rate.rate,
    )
    return seed, rate


def _around(estimate: float, slack: float) -> Interval:
    return Interval(estimate, max(estimate - slack, 0.0), min(estimate + slack, 1.0))


def _quarterly_distances(trajectory: Array, window: Array, prediction: Array) -> Array:
    """Distance of the accounts' means from the prediction: at the start and in each quarter of the window."""
    profiles = [trajectory[0], *(part.mean(axis=0) for part in np.array_split(window, 4))]
    return np.array([float(total_variation(profile, prediction).mean()) for profile in profiles])


def _is_level(window: Array, prediction: Array) -> bool:
    """Whether the distance from the prediction shows no more than noise around a level."""
    by_round: Array = total_variation(window, prediction).mean(axis=1)[:, None]
    return stationarity(by_round, _DRIFT_LEVEL).stationary


def _is_steady(motion: Motion, tolerance: float, accounts: int) -> bool:
    # Independent noise of single accounts is sqrt(M) times that of their mean; what exceeds this is not noise
    # that averages out but accounts moving against each other.
    own = tolerance * np.sqrt(accounts)
    return bool(
        motion.amplitude <= tolerance
        and motion.own_amplitude <= own
        and motion.drift <= tolerance / 2
        and motion.own_drift <= own / 2
    )


def _unsettled(
    motion: Motion, window: Array, distances: Array, distance: Interval, standard: Standard
) -> tuple[Kind, str] | None:
    """The verdict on a run that has not come to rest, or None."""
    tolerance, prediction = standard.tolerance, standard.prediction
    start, first, last = float(distances[0]), float(distances[1]), float(distances[-1])
    if motion.period is not None:
        size = max(motion.amplitude, motion.own_amplitude)
        who = "single accounts return, around a mean that stays," if motion.population_rests else "it returns to itself"
        return "cycling", f"{who} every {motion.period} rounds, with amplitude {size:.3g}"
    growing = np.all(np.diff(distances[1:]) > 0) and not _is_level(window, prediction)
    if growing and last - first > tolerance and last > start:
        return "diverged", f"its distance grew from {first:.3g} to {last:.3g} within the window"
    if not _is_steady(motion, tolerance, window.shape[1]):
        return _restless(motion, window, tolerance)
    # Below a share of the tolerance a doubling is a few late posts of accounts that rest at a corner.
    if growing and last > max(_GROWTH * first, _IMMATERIAL * tolerance) and distance.low <= tolerance:
        return (
            "undecided",
            f"it is leaving: its distance grew from {first:.3g} to {last:.3g} within the window",
        )
    return None


def _restless(motion: Motion, window: Array, tolerance: float) -> tuple[Kind, str]:
    """What keeps a run moving that does not repeat itself: drift, chaos, noise, or something aperiodic."""
    together = motion.amplitude > tolerance or motion.drift > tolerance / 2
    series = window.mean(axis=1) if together else window.reshape(window.shape[0], -1)
    moved = motion.amplitude if together else motion.own_amplitude
    drifted = motion.drift if together else motion.own_drift
    level = stationarity(series, _DRIFT_LEVEL)
    if not level.stationary:
        return "undecided", (
            f"it drifts: {drifted:.3g} between the halves of the window, which noise alone would do with probability"
            f" {level.p_value:.2g}"
        )
    returns = trajectory_exponent(window)
    if returns is not None and returns.chaotic:
        return "chaotic", (
            f"it neither rests nor repeats itself: near-returns part at {returns.exponent:.3g} a round"
            f" ({returns.low:.3g} to {returns.high:.3g}), with amplitude {moved:.3g}"
        )
    if returns is not None and returns.predictability >= _PREDICTABLE:
        return "undecided", (
            f"it is aperiodic: it moves by {moved:.3g} by a rule, without repeating itself in the window and without"
            f" clear chaos (near-returns part at {returns.low:.3g} to {returns.high:.3g} a round)"
        )
    return "undecided", (
        f"noise is too strong: it moves by {moved:.3g} around a level that does not visibly drift"
        f" (p = {level.p_value:.2g}), against a tolerance of {tolerance:g}"
    )


def _settled(distance: Interval, gain: float, standard: Standard) -> tuple[Kind, str]:
    """The verdict on a run that has come to rest."""
    tolerance = standard.tolerance
    if distance.high <= tolerance:
        return "converged", f"it stays within {distance.high:.3g} of the prediction"
    if distance.low <= tolerance:
        return (
            "undecided",
            f"its distance, {distance.low:.3g} to {distance.high:.3g}, straddles the tolerance",
        )
    away = f"it rests {distance.estimate:.3g} away from the prediction"
    if gain > standard.gain_threshold:
        stakes = f"an account could gain {gain:.3g}, above {standard.gain_threshold:.3g}"
        return "undecided", f"{away}, but not at an equilibrium: {stakes}"
    if standard.only_equilibrium:
        flat = "the prediction is the only equilibrium: payoffs are nearly flat between the two"
        return "undecided", f"{away}; no account gains more than {gain:.2g} there, yet {flat}"
    return "converged elsewhere", f"{away}, at a profile where no account gains more than {gain:.2g}"
