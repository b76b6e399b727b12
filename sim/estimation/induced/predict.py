"""Where accounts settle under a fitted game, how sure that is, and whether play went there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.arrays import Array, finite_array, read_only, whole_number
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation.draws import Bounds
from sim.estimation.induced.fits import InducedFit, InducedGame
from sim.randomness import generator
from sim.simplex import total_variation, validated_floor, validated_profile


@dataclass(frozen=True, eq=False, kw_only=True)
class InducedEquilibrium:
    """The homogeneous equilibrium of an induced game with its confidence region.

    Attributes:
        induced: The game of the estimate.
        mixture: Its equilibrium, boundary included, (D,).
        draws: Equilibria of games drawn from the error of the fit, (B, D).
        deviation: Standard deviation of each weight over the draws, (D,).
        radius: The region holds mixtures within so many deviations of `mixture` in every weight.
        region: Ends of the region, (D,) each: jointly at the stated confidence, within 0 and 1.
        confidence: Of the region.
        interior: Whether every weight of `mixture` is above the floor.
        stability: kappa of the estimate; above 1 accounts leave a common mixture and specialise.
        specialise: Share of the draws with kappa above 1.
        mended: Share of the draws that are no game as drawn (negative incentive or curvature) and were mended.
        unsolved: Draws without a unique equilibrium that could be solved for; they are not among `draws`.
        floor: Least weight of every group.
    """

    induced: InducedGame
    mixture: Array
    draws: Array
    deviation: Array
    radius: float
    region: Bounds
    confidence: float
    interior: bool
    stability: float
    specialise: float
    mended: float
    unsolved: int
    floor: float


def predict(
    fit: InducedFit,
    *,
    accounts: int,
    floor: float = 0.0,
    draws: int = 500,
    confidence: float = 0.95,
    seed: int = 0,
) -> InducedEquilibrium:
    """Solve the induced game, and games drawn from the error of the fit.

    Coefficients are drawn from a multivariate t with the fit's covariance and its least degrees of freedom.

    Args:
        fit: A scalar or a full fit in which everything is told.
        accounts: M of the platform that is predicted.
        floor: Least weight that every account keeps of every group.
        draws: Number of draws, at least 50.
        confidence: Of the region.
        seed: Of the draws.

    Raises:
        NotIdentifiedError: A part of the utility is not told.
        InputError: The induced game of the estimate has no unique homogeneous equilibrium to solve for, or most draws
            have none.
    """
    whole_number("draws", draws, minimum=50)
    if not 0 < confidence < 1:
        raise InputError("confidence", confidence, "expected a number between 0 and 1, such as 0.95")
    induced = fit.induced(accounts)
    validated_floor("floor", floor, induced.game.dimension)
    found = homogeneous_equilibrium(induced.game, floor)
    mixtures, kappas, mended, unsolved = [], [], 0, 0
    for coefficients in _drawn(fit, draws, seed):
        one = fit.induced(accounts, coefficients)
        mended += one.mended > 0
        try:
            solved = homogeneous_equilibrium(one.game, floor)
        except InputError:
            unsolved += 1
            continue
        mixtures.append(solved.mixture)
        kappas.append(solved.stability)
    if unsolved > draws // 2:
        remedy = "the log leaves open whether there is one equilibrium or several; log more rounds"
        raise InputError("fit", f"{unsolved} of {draws} draws without a unique equilibrium", remedy)
    points = np.array(mixtures)
    deviation = np.sqrt(np.mean((points - found.mixture) ** 2, axis=0))
    radius = float(np.quantile(_reach(points - found.mixture, deviation), confidence))
    half = radius * deviation
    return InducedEquilibrium(
        induced=induced,
        mixture=found.mixture,
        draws=read_only(points),
        deviation=read_only(deviation),
        radius=radius,
        region=Bounds(np.maximum(found.mixture - half, 0.0), np.minimum(found.mixture + half, 1.0)),
        confidence=confidence,
        interior=found.interior,
        stability=found.stability,
        specialise=float(np.mean(np.array(kappas) > 1)),
        mended=mended / draws,
        unsolved=unsolved,
        floor=floor,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """A prediction against where play ended.

    Attributes:
        played: Mean mixture at the end, over runs, (D,).
        error: Its standard error over runs, (D,); zero for one run, whose error is not known.
        distance: Total variation from the predicted mixture.
        inside: Whether every weight lies in the region, widened by the error of the played point.
        farthest: Group whose weight lies farthest out, in deviations.
        excess: How far out that is, over the radius: 1 is the edge.
    """

    played: Array
    error: Array
    distance: float
    inside: bool
    farthest: int
    excess: float


def compare(prediction: InducedEquilibrium, played: ArrayLike) -> Comparison:
    """Say whether play ended inside the region of a prediction.

    Args:
        prediction: The prediction.
        played: Mean mixture at the end of each run, (S, D), or of one, (D,). Average it over accounts and over the last
            rounds.

    Raises:
        InputError: Rows that are no mixtures of the prediction's groups.
    """
    runs = np.atleast_2d(np.asarray(played, np.float64))
    ends = validated_profile("played", finite_array("played", runs, ndim=2), (len(runs), prediction.mixture.size))
    mean = ends.mean(axis=0)
    error = ends.std(axis=0, ddof=1) / np.sqrt(len(ends)) if len(ends) > 1 else np.zeros(mean.size)
    spread = np.sqrt(prediction.deviation**2 + error**2)
    gap = np.abs(mean - prediction.mixture)
    # A weight the region holds fixed, such as one on the floor in every draw, leaves rounding to play.
    out = np.where(gap <= 1e-9, 0.0, gap / np.maximum(spread, 1e-12)) / max(prediction.radius, 1e-12)
    farthest = int(out.argmax())
    return Comparison(
        played=read_only(mean),
        error=read_only(error),
        distance=float(total_variation(mean, prediction.mixture)),
        inside=bool(out[farthest] <= 1),
        farthest=farthest,
        excess=float(out[farthest]),
    )


def _reach(gaps: Array, deviation: Array) -> Array:
    """Largest gap of each draw, in deviations of its weight, (B,)."""
    moving = deviation > 1e-12
    reach: Array = np.max(np.abs(gaps[:, moving]) / deviation[moving], axis=1, initial=0.0)
    return reach


def _drawn(fit: InducedFit, draws: int, seed: int) -> Array:
    regression = fit.regression
    place = np.flatnonzero(np.array(fit.columns.parts) != "nuisance")
    values, modes = np.linalg.eigh(regression.covariance[np.ix_(place, place)])
    freedom = float(np.nanmin(regression.estimates().freedom[place]))
    rng = generator(seed, round=0, agent=-1, purpose="draws of induced incentives")
    normal = rng.normal(size=(draws, place.size)) * np.sqrt(np.maximum(values, 0.0)) @ modes.T
    tails = np.sqrt(freedom / rng.chisquare(freedom, size=(draws, 1)))
    coefficients = np.zeros((draws, len(regression.terms)))
    coefficients[:, place] = regression.coefficients[place] + tails * normal
    return coefficients
