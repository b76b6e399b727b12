"""The verdict on a set of runs: did the population settle where the theory said?"""

from __future__ import annotations

from collections import Counter
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, finite_array, positive, read_only
from sim.convergence.intervals import interval_over_seeds
from sim.convergence.one_run import Standard, judge_run
from sim.convergence.verdict import Interval, Kind, SeedVerdict, Verdict
from sim.diagnosis.rate import RateCheck, check_rate
from sim.equilibrium.exploitability import exploitability
from sim.equilibrium.homogeneous import homogeneous_equilibrium
from sim.equilibrium.stability import positive_definite_on_tangent, stability_number
from sim.equilibrium.uniqueness import uniqueness
from sim.errors import InputError
from sim.game import Game
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import restricted_to_tangent, validated_floor, validated_mixture, validated_profile

_LEAST_WINDOW = 8
"""Rounds needed in the window to tell noise from drift."""


def judge(
    trajectories: ArrayLike,
    game: Game,
    prediction: ArrayLike,
    *,
    tolerance: float = 0.05,
    window: float = 0.25,
    confidence: float = 0.95,
    floor: float = 0.0,
    predicted_rate: ArrayLike | None = None,
) -> Verdict:
    """Compare runs with a predicted equilibrium.

    Distances are total variation, averaged over accounts, of window means. With several seeds, `distance`,
    `population_distance` and `exploitability` carry a Student t interval over seeds; with one seed, the
    interval of that run (noise over accounts and over time; for the exploitability no interval is known, and
    its ends equal the estimate). The verdict is "converged" only if the upper end of the distance is at most
    the tolerance and every run has settled.

    Args:
        trajectories: Profiles of every run, shape (seeds, rounds + 1, M, D).
        game: The game that was to be played; it certifies other equilibria.
        prediction: Predicted mixture of every account, shape (D,), or of each, shape (M, D).
        tolerance: Largest distance that counts as agreement, in (0, 1).
        window: Share of the rounds, at the end, that is averaged, in (0, 1]; at least 8 rounds.
        confidence: Level of the intervals, in (0, 1).
        floor: Exploration floor of the accounts; gains are over mixtures that keep it.
        predicted_rate: Spectral radius per round that the measured contraction is compared with
            (`sim.dynamics.predicted_rate`); one for every round, shape (rounds,), where steps decay.

    Raises:
        InputError: Shapes disagree, a row is not a mixture, too few rounds, or a setting is out of range.
    """
    runs = _checked_runs(trajectories, game)
    standard = Standard(
        prediction=checked_prediction("prediction", prediction, game),
        tolerance=_share("tolerance", tolerance),
        gain_threshold=gain_threshold(game, tolerance),
        window_rounds=window_rounds(window, runs.shape[1] - 1),
        confidence=_share("confidence", confidence),
        floor=validated_floor("floor", floor, game.dimension),
        only_equilibrium=_is_only_equilibrium(game, checked_prediction("prediction", prediction, game), floor),
    )
    judged = [judge_run(run, game, standard) for run in runs]
    seeds = tuple(seed for seed, _ in judged)
    check = None if predicted_rate is None else check_rate([fit for _, fit in judged if fit], predicted_rate)
    distance, population, gain = _over_seeds(seeds, standard.confidence)
    kind, reasons = _decide(seeds, distance, standard)
    rates = [seed.measured_rate for seed in seeds if seed.measured_rate is not None]
    return Verdict(
        kind=kind,
        distance=distance,
        population_distance=population,
        exploitability=gain,
        settled=read_only(np.mean([seed.mixture for seed in seeds], axis=0)),
        prediction=standard.prediction,
        seeds=seeds,
        measured_rate=float(np.exp(np.mean(np.log(rates)))) if rates else None,
        rate_check=check,
        gain_threshold=standard.gain_threshold,
        tolerance=standard.tolerance,
        confidence=standard.confidence,
        reasons=(*reasons, *_remarks(game, kind, seeds), *_rate_remark(rates, check)),
    )


def checked_prediction(field: str, value: ArrayLike, game: Game) -> Array:
    """A mixture that every account is predicted to play, (D,), or one for each, (M, D).

    Raises:
        InputError: Neither; the message names what is wrong.
    """
    if np.ndim(value) == 2:
        return validated_profile(field, value, (game.accounts, game.dimension))
    return validated_mixture(field, value, game.dimension)


def gain_threshold(game: Game, tolerance: float) -> float:
    """Gain that an account `tolerance` away from its best response can have, in units of utility.

    tolerance^2 lambda_max(2 bI C_T) / 2, the largest over accounts; where no account has curvature of its own
    (bI = 0) the curvature of the consensus matrix stands in, if the accounts are identical.
    """
    # Identical accounts have one curvature between them.
    accounts = range(1 if isinstance(game, AlignmentGame) else game.accounts)
    own = max(float(np.linalg.eigvalsh(restricted_to_tangent(game.curvature(m)))[-1]) for m in accounts)
    if own <= 0 and isinstance(game, AlignmentGame):
        own = float(np.linalg.eigvalsh(restricted_to_tangent(game.consensus_matrix))[-1])
    return float(0.5 * tolerance**2 * max(own, 0.0) + 1e-12)


def _is_only_equilibrium(game: Game, prediction: Array, floor: float) -> bool:
    if isinstance(game, AlignmentGame):
        unique = positive_definite_on_tangent(game.consensus_matrix) and positive_definite_on_tangent(
            game.disagreement_matrix
        )
        if not unique:
            return False
        theirs = homogeneous_equilibrium(game, floor).mixture
        return bool(np.abs(theirs - prediction).max() <= 1e-6)
    if not isinstance(game, HeterogeneousGame) or not uniqueness(game).unique:
        return False
    profile = np.broadcast_to(prediction, (game.accounts, game.dimension))
    return exploitability(game, profile, floor) <= gain_threshold(game, 1e-6)


def _checked_runs(trajectories: ArrayLike, game: Game) -> Array:
    runs = finite_array("trajectories", trajectories, ndim=4)
    if runs.shape[0] < 1 or runs.shape[2:] != (game.accounts, game.dimension):
        raise InputError(
            "trajectories",
            f"array of shape {runs.shape}",
            f"expected (seeds, rounds + 1, accounts, groups) = (.., .., {game.accounts}, {game.dimension})",
        )
    # Platforms store profiles rounded; distances are unmoved by an error of 1e-6.
    wrong = (np.abs(runs.sum(axis=-1) - 1) > 1e-6) | (runs.min(axis=-1) < -1e-6)
    if wrong.any():
        seed, played, account = (int(i) for i in np.argwhere(wrong)[0])
        raise InputError(
            f"trajectories[{seed}, {played}, {account}]",
            runs[seed, played, account].tolist(),
            "expected a mixture: weights >= 0 that sum to 1",
        )
    return runs


def window_rounds(window: float, rounds: int) -> int:
    """Number of last rounds that a share `window` of `rounds` covers.

    Raises:
        InputError: The share is not in (0, 1], or covers too few rounds to tell noise from drift.
    """
    if positive("window", window) > 1:
        raise InputError("window", window, "expected a share of the rounds, in (0, 1]")
    length = int(np.ceil(window * rounds))
    if length < _LEAST_WINDOW:
        raise InputError(
            "window",
            f"{length} of {rounds} rounds",
            f"at least {_LEAST_WINDOW} are needed to tell noise from drift; play at least"
            f" {int(np.ceil(_LEAST_WINDOW / window))} rounds or widen the window",
        )
    return length


def _share(field: str, value: float) -> float:
    number = positive(field, value)
    if number >= 1:
        raise InputError(field, number, "expected a number in (0, 1)")
    return number


def _over_seeds(seeds: tuple[SeedVerdict, ...], confidence: float) -> tuple[Interval, Interval, Interval]:
    gains = np.array([seed.exploitability for seed in seeds])
    if len(seeds) == 1:
        gain = Interval(float(gains[0]), float(gains[0]), float(gains[0]))
        return seeds[0].distance, seeds[0].population_distance, gain
    return (
        interval_over_seeds(np.array([seed.distance.estimate for seed in seeds]), confidence),
        interval_over_seeds(np.array([seed.population_distance.estimate for seed in seeds]), confidence),
        interval_over_seeds(gains, confidence),
    )


def _decide(seeds: tuple[SeedVerdict, ...], distance: Interval, standard: Standard) -> tuple[Kind, tuple[str, ...]]:
    counts = Counter(seed.kind for seed in seeds)
    summary = ", ".join(f"{counts[kind]} {kind}" for kind in get_args(Kind) if counts[kind])
    span = f"distance {distance.estimate:.3g} ({distance.low:.3g} to {distance.high:.3g})"
    per_seed = tuple(f"seed {k}: {seed.kind}: {seed.reason}" for k, seed in enumerate(seeds))
    # A run whose own interval straddles the tolerance does not speak against the others; one that moves, or rests
    # clearly elsewhere, does.
    agree = all(
        seed.kind == "converged"
        or (seed.kind == "undecided" and seed.settled and seed.distance.low <= standard.tolerance)
        for seed in seeds
    )
    if agree and distance.high <= standard.tolerance:
        return "converged", (
            f"{span} is within the tolerance {standard.tolerance:g}; runs: {summary}",
            *per_seed,
        )
    kind, count = counts.most_common(1)[0]
    against = kind in ("converged elsewhere", "cycling", "chaotic", "diverged")
    if against and 2 * count > len(seeds) and not counts["converged"]:
        if kind != "converged elsewhere" or distance.low > standard.tolerance:
            return kind, (f"most runs agree: {summary}; {span}", *per_seed)
    elif len(counts) > 1:
        return "undecided", (f"runs disagree: {summary}; {span}", *per_seed)
    return "undecided", (f"{span} against the tolerance {standard.tolerance:g}; runs: {summary}", *per_seed)


def _remarks(game: Game, kind: Kind, seeds: tuple[SeedVerdict, ...]) -> tuple[str, ...]:
    """What the theory and the scatter of the accounts add to a verdict."""
    remarks = []
    specialised = sum(seed.specialised for seed in seeds)
    if specialised:
        remarks.append(f"accounts specialise in {specialised} of {len(seeds)} runs: they rest at different mixtures")
    if not isinstance(game, AlignmentGame):
        return tuple(remarks)
    kappa = stability_number(game)
    if kappa > 1:
        remarks.append(f"stability number {kappa:.3g} is above 1: the homogeneous equilibrium is a saddle")
    elif kind == "cycling" and kappa * (game.accounts - 1) > 1:
        remarks.append(
            f"stability number times (M - 1) is {kappa * (game.accounts - 1):.3g}, above 1: simultaneous best"
            " responses overshoot; damp them or move in turn"
        )
    return tuple(remarks)


def _rate_remark(rates: list[float], check: RateCheck | None) -> tuple[str, ...]:
    if not rates:
        return ("no rate measured: no run comes to rest after a transient that clearly exceeds its movement there",)
    if check is None:
        return ()
    words = "agrees with" if check.agrees else "disagrees with"
    found = f"measured rate {check.fitted:.3g} ({check.low:.3g} to {check.high:.3g})"
    return (f"{found} {words} the predicted spectral radius {check.predicted:.3g}",)
