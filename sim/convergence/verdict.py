"""What a verdict says, and its JSON-ready form."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from sim.arrays import Array
from sim.diagnosis.rate import RateCheck

Kind = Literal["converged", "converged elsewhere", "cycling", "chaotic", "diverged", "undecided"]


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval.

    Attributes:
        estimate: The point estimate.
        low: Lower end.
        high: Upper end.
    """

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class SeedVerdict:
    """What one run shows.

    Attributes:
        kind: The verdict on this run alone.
        reason: Why, in plain words.
        distance: Total variation from the prediction, averaged over accounts, of their window means.
        population_distance: The same for the mean of all accounts.
        mixture: Settled population mixture: mean over accounts and window, shape (D,).
        interval: Simultaneous confidence interval of that mixture, shape (D, 2).
        inside: Whether the prediction lies in `interval` in every coordinate.
        exploitability: Largest unilateral gain at the accounts' window means, in units of utility.
        amplitude: Mean total variation of the population from its window mean, within the window.
        period: Period of the cycle in rounds, of the population or of single accounts, or None.
        specialised: Whether accounts rest at mixtures that differ by more than noise (and than was predicted).
        settled: Whether the run had come to rest before it ended.
        measured_rate: Geometric contraction factor per round of the distance to the limit, or None.
    """

    kind: Kind
    reason: str
    distance: Interval
    population_distance: Interval
    mixture: Array
    interval: Array
    inside: bool
    exploitability: float
    amplitude: float
    period: int | None
    specialised: bool
    settled: bool
    measured_rate: float | None


@dataclass(frozen=True, eq=False)
class Verdict:
    """What all runs together show.

    Attributes:
        kind: "converged": all runs settle within the tolerance of the prediction. "converged elsewhere": they
            settle at a certified equilibrium, but another one. "cycling": they recur with an amplitude above
            the tolerance. "chaotic": they neither rest nor recur, without drift, and near-returns part exponentially.
            "diverged": they move away. "undecided": the evidence does not tell.
        distance: Total variation from the prediction, averaged over accounts (accounts that specialise around
            a mean that equals the prediction are far from it).
        population_distance: The same for the mean over accounts.
        exploitability: Largest unilateral gain at the settled profile, in units of utility.
        settled: Settled population mixture, mean over seeds, shape (D,).
        prediction: What was predicted, shape (D,), or (M, D) for accounts that differ.
        seeds: The verdict on each run.
        measured_rate: Contraction factor per round, geometric mean over the runs that show one, or None.
        rate_check: The measured rate against the predicted one, or None where either is missing.
        gain_threshold: Exploitability up to which a profile is certified as an equilibrium.
        tolerance: Largest distance that counts as agreement.
        confidence: Level of every interval.
        reasons: Why, in plain words.
    """

    kind: Kind
    distance: Interval
    population_distance: Interval
    exploitability: Interval
    settled: Array
    prediction: Array
    seeds: tuple[SeedVerdict, ...]
    measured_rate: float | None
    rate_check: RateCheck | None
    gain_threshold: float
    tolerance: float
    confidence: float
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The verdict as lists, numbers and strings, ready for JSON."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value
