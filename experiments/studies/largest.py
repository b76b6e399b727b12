"""How much attractiveness the accounts bear: the largest bA at which every group keeps a weight."""

from __future__ import annotations

from experiments.studies.evidence import Estimate, Evidence, estimate
from sim.estimation import GameTerms
from sim.maps.bands import exclusion_bands


def largest_attractiveness(evidence: Evidence, diversity: float) -> Estimate:
    """Largest bA with an interior equilibrium at bI = 1, with its interval; 0 if there is none for any bA."""
    draws = evidence.draws
    every = None if draws is None else [_largest(draws[draw], diversity) for draw in range(draws.count)]
    return estimate(_largest(evidence.terms, diversity), every)


def _largest(terms: GameTerms, diversity: float) -> float:
    low, high = exclusion_bands(**terms._asdict(), ratios=[diversity]).interior[0]
    return float(high) if high > low else 0.0
