"""What the studies of closed forms share: a game, how it is played, and how the two are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.study import Table
from sim.arrays import Array, positive, whole_number
from sim.convergence.intervals import interval_over_seeds
from sim.convergence.verdict import Interval
from sim.errors import InputError
from sim.oversight import InspectionGame, sampled_play

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Played:
    """G games, each in closed form and S times played.

    Attributes:
        games: The games.
        aligned: Settled p of every play, (G, S).
        audited: Settled q of every play, (G, S).
    """

    games: tuple[InspectionGame, ...]
    aligned: Array
    audited: Array

    @property
    def predicted(self) -> Array:
        """Predictions p* and q* of every game, (G, 2); see `rest_points`."""
        return rest_points(self.games)

    @property
    def means(self) -> Array:
        """Shares p and q of every game, averaged over plays, (G, 2)."""
        return np.stack([self.aligned.mean(axis=1), self.audited.mean(axis=1)], axis=1)

    @property
    def halves(self) -> Array:
        """Half widths of the intervals of both over plays, (G, 2)."""
        both = np.stack([self.aligned, self.audited], axis=1)
        return np.array([[high - mean for mean, _, high in map(_interval, rows)] for rows in both])

    def part(self, which: slice) -> Played:
        """Some of the games."""
        return Played(self.games[which], self.aligned[which], self.audited[which])

    @property
    def gaps(self) -> Array:
        """Distances of the means from the closed form, (G, 2)."""
        return np.abs(self.means - self.predicted)


@dataclass(frozen=True, kw_only=True)
class PlayedGame:
    """A game and how it is played.

    Attributes:
        game: Where everything is held but what the study varies.
        step: Step of the learners' logits, per unit of reward.
        rounds: Rounds of play.
        batch: Outputs a turn.
        plays: Independent repetitions, at least two.
        seed: Of everything drawn.
        floor: Least probability of either choice.
        tolerance: Largest difference of a probability that counts as agreement.
    """

    game: InspectionGame
    step: float
    rounds: int
    batch: int
    plays: int
    seed: int
    floor: float
    tolerance: float

    def __post_init__(self) -> None:
        whole_number("run.seeds", self.plays, minimum=2)
        positive("study.tolerance", self.tolerance)

    def played(
        self, games: Sequence[InspectionGame], *, detection: ArrayLike | None = None, settled: float = 0.75
    ) -> Played:
        """Play games; the last share of the rounds counts, `settled`. See `sim.oversight.sampled_play`."""
        path = sampled_play(
            games,
            step=self.step,
            rounds=self.rounds,
            batch=self.batch,
            plays=self.plays,
            seed=self.seed,
            detection=detection,
            floor=self.floor,
        )
        return Played(tuple(games), *path.settled(settled))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """How the game was played, for a report."""
        return (
            f"Play: {self.plays} repetitions of {self.rounds:,} rounds; in each the solver, then the auditor, sees its "
            f"payments for {self.batch} outputs and moves its logit by {self.step:g} times an unbiased estimate of "
            f"what its choice earns. No choice falls below {self.floor:.1%}.",
            "Played numbers are averages over the last three quarters of the rounds unless said otherwise; intervals "
            "are Student's t over repetitions.",
        )


def rest_points(games: Sequence[InspectionGame]) -> Array:
    """Equilibrium p* and q* of every game, (G, 2); the worst one where there are several."""
    return np.array([(rest.aligned, rest.audited) for rest in (game.equilibrium() for game in games)])


def played_table(path: str, caption: str, settings: Mapping[str, ArrayLike], played: Played) -> Table:
    """A row a game: its settings, then p and q in closed form and in play."""
    columns = {name: np.asarray(values) for name, values in settings.items()}
    for k, what in enumerate(("aligned", "audited")):
        columns |= {
            f"{what}, closed form": played.predicted[:, k],
            f"{what}, played": played.means[:, k],
            f"{what}, half width of 95%": played.halves[:, k],
        }
    return Table(path=path, caption=f"{caption}: p and q in closed form and in play", rows=pd.DataFrame(columns))


def checked_values(field: str, values: Sequence[float], least: int = 3) -> Array:
    """Settings that are varied, ascending.

    Raises:
        InputError: Too few, or not ascending.
    """
    found = np.asarray(values, np.float64)
    if found.ndim != 1 or found.size < least or (np.diff(found) <= 0).any():
        raise InputError(field, list(values), f"expected at least {least} numbers, ascending")
    return found


def slope_over_plays(x: Array, rows: Array) -> Interval:
    """Least-squares slope of every play's numbers (G, S) on x (G,), with its interval over plays; not clipped."""
    slopes = np.polyfit(x, rows, 1)[0]
    mean, low, high = _interval(slopes)
    return Interval(mean, low, high)


def _interval(values: Array) -> tuple[float, float, float]:
    mean = float(values.mean())
    half = interval_over_seeds(values, CONFIDENCE).high - mean
    return mean, mean - half, mean + half
