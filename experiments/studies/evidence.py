"""What every study of opinions starts from: the data, the terms they imply, and the terms of data drawn again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from agents.subpopulations.sources.source import Loaded
from experiments.console import Reporter
from sim.alignment_game import AlignmentGame, Incentives
from sim.arrays import Array, positive, whole_number
from sim.estimation import (
    GameDraws,
    GameEstimator,
    GameTerms,
    bootstrap_counts,
    bootstrap_respondents,
    percentile_interval,
)

Loader = Callable[[], Loaded]

_SHOWN = 12  # questions named on the terminal; the report lists them all
NO_DRAWS = "point estimates only: the data say neither who answered nor how many"
EQUILIBRIUM = (
    "Predictions are the homogeneous equilibrium of the alignment game (arXiv 2602.06836, reconstructed), with "
    "crowding averaged over the other accounts; no language model plays."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """One data set, estimated.

    Attributes:
        loaded: The data.
        terms: a, C and S of the data.
        draws: a, C and S of the data drawn again, or None where nothing can be drawn.
        bootstrap: How they were drawn, in words.
        provenance: Which estimators made a, C and S.
    """

    loaded: Loaded
    terms: GameTerms
    draws: GameDraws | None
    bootstrap: str
    provenance: tuple[str, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return self.loaded.table.groups

    def game(self, incentives: Incentives, accounts: int = 10) -> AlignmentGame:
        """The game of these groups at some incentives, crowding averaged over the other accounts."""
        return AlignmentGame(
            **self.terms._asdict(),
            incentives=incentives,
            accounts=accounts,
            groups=self.groups,
            provenance=self.provenance,
        )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What every number rests on."""
        return (EQUILIBRIUM, f"Estimators: {'; '.join(self.provenance)}.", f"Intervals of 95%: {self.bootstrap}.")


def gather(data: Loader, estimator: GameEstimator, *, draws: int, seed: int, reporter: Reporter) -> Evidence:
    """Load a data set and estimate its game, with as good a bootstrap as the data allow.

    Args:
        data: The loader.
        estimator: How a, C and S are made, of the data and of every draw.
        draws: Number of draws.
        seed: Of the draws.
        reporter: Says what was loaded.

    Raises:
        InputError: As of the loader, the estimator and the bootstrap.
    """
    whole_number("study.draws", draws, minimum=2)
    loaded = data()
    table, people = loaded.table, loaded.respondents
    size = f", {people.group.size:,} respondents" if people is not None else ""
    reporter.line(f"{loaded.source.name}: {len(table.groups)} groups, {len(table.questions)} questions{size}")
    reporter.line(f"questions: {', '.join(table.questions[:_SHOWN])}{' ...' if len(table.questions) > _SHOWN else ''}")
    for doubt in loaded.doubts:
        reporter.warning(doubt)
    found = estimated(loaded, estimator, draws=draws, seed=seed)
    reporter.line(found.bootstrap)
    return found


def estimated(loaded: Loaded, estimator: GameEstimator, *, draws: int, seed: int) -> Evidence:
    """The game of a data set, with as good a bootstrap as the data allow.

    Args:
        loaded: The data.
        estimator: How a, C and S are made, of the data and of every draw.
        draws: Number of draws; 0 for none.
        seed: Of the draws.

    Raises:
        InputError: As of the estimator and the bootstrap.
    """
    table, people = loaded.table, loaded.respondents
    drawn: GameDraws | None = None
    if draws == 0:
        how = "point estimates only, as asked for"
    elif people is not None:
        drawn = bootstrap_respondents(people, draws=draws, seed=seed, estimator=estimator)
        how = f"{draws} draws of respondents, a, C and S made again from each, seed {seed}"
    elif table.sizes is not None:
        drawn = bootstrap_counts(table, draws=draws, seed=seed, estimator=estimator)
        how = (
            f"{draws} draws of answers and of the groups' shares, as the table doesn't say who gave which answers "
            f"together (intervals of areas may be half as wide as those from respondents), seed {seed}"
        )
    else:
        how = NO_DRAWS
    return Evidence(loaded=loaded, terms=estimator(table), draws=drawn, bootstrap=how, provenance=estimator.provenance)


@dataclass(frozen=True, kw_only=True)
class SurveyStudy:
    """Settings of a study of one data set.

    Attributes:
        data: The loader.
        estimator: How a, C and S are made.
        draws: Bootstrap draws behind every interval.
        seed: Of the draws.
        threshold: Weight below which a group counts as excluded.
    """

    data: Loader
    estimator: GameEstimator
    draws: int
    seed: int
    threshold: float

    def evidence(self, reporter: Reporter) -> Evidence:
        """Load and estimate, as a step of the run."""
        checked_threshold(self.threshold)
        with reporter.step("Data and estimates"):
            return gather(self.data, self.estimator, draws=self.draws, seed=self.seed, reporter=reporter)


@dataclass(frozen=True, kw_only=True)
class MapStudy(SurveyStudy):
    """Settings of a study with maps.

    Attributes:
        points: Points along each axis of a map, from 0.01 to 100.
    """

    points: int


def axis(points: int) -> Array:
    """The values of a coefficient on a map: 0.01 to 100 on a log scale."""
    values: Array = np.logspace(-2, 2, whole_number("study.points", points, minimum=2))
    return values


def checked_threshold(threshold: float) -> float:
    """A threshold above zero."""
    return positive("study.threshold", threshold)


class Estimate(NamedTuple):
    """A number with the ends of its 95% percentile interval over the draws; NaN where there are none.

    >>> str(Estimate(0.72, 0.70, 0.74)), Estimate(0.0384, 0.035, 0.04).percent, Estimate(0.5, np.nan, np.nan).percent
    ('0.72 [0.7, 0.74]', '3.84% [3.5, 4]', '50%')
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        text = f"{self.value:.3g}"
        return text if np.isnan(self.low) else f"{text} [{self.low:.3g}, {self.high:.3g}]"

    @property
    def percent(self) -> str:
        """The same as a share of hundred."""
        return self._hundred("%")

    @property
    def points(self) -> str:
        """The difference of two shares, in percentage points."""
        return self._hundred(" points")

    def _hundred(self, unit: str) -> str:
        text = f"{100 * self.value:.3g}{unit}"
        return text if np.isnan(self.low) else f"{text} [{100 * self.low:.3g}, {100 * self.high:.3g}]"


def estimate(value: float, draws: ArrayLike | None) -> Estimate:
    """A number with its interval.

    Args:
        value: From the data.
        draws: From every draw, or None.
    """
    return Estimate(float(value), *bounds(draws))


def bounds(draws: ArrayLike | None) -> tuple[float, float]:
    """Ends of the 95% percentile interval of one number over the draws; NaN where there are none."""
    if draws is None:
        return np.nan, np.nan
    low, high = percentile_interval(draws)
    return float(low), float(high)


def percent(value: float, draws: ArrayLike | None) -> str:
    """A share with its interval, in words."""
    return estimate(value, draws).percent


def number(value: float, draws: ArrayLike | None) -> str:
    """A number with its interval, in words."""
    return str(estimate(value, draws))
