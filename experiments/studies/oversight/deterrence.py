"""Deterrence: offenders who face a given probability of detection, beside those whose auditor chooses it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.inspection_figures import offences_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.played_game import Played, PlayedGame, checked_values
from experiments.study import Claim, Figure, Findings, Table
from sim.arrays import Array, positive, whole_number
from sim.oversight import Deterrence


@dataclass(frozen=True, kw_only=True)
class DeterrenceStudy(PlayedGame):
    """Choosers of one kind at many detections; a population of them, and an inspection game, at many penalties.

    Attributes:
        detections: Probabilities of detection, on both sides of Omega/(r_A - r_M).
        stakes: Penalties r_A - r_M.
        detection: Probability of detection where penalties are varied.
        mean_gain: Mean of the choosers' gains, which are exponential.
        choosers: How many kinds of choosers, at the quantiles of the gains.
    """

    detections: list[float]
    stakes: list[float]
    detection: float
    mean_gain: float
    choosers: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        positive("study.mean_gain", self.mean_gain)
        whole_number("study.choosers", self.choosers, minimum=10)
        detections = checked_values("study.detections", self.detections)
        stakes = checked_values("study.stakes", self.stakes)
        theory = Deterrence(gain=self.game.private_gain, penalty=self.game.stake, detection=0.0).deterring_detection
        with reporter.step(f"One kind of chooser at {detections.size} detections"):
            alone = self.played([self.game] * detections.size, detection=detections, settled=0.1)
        with reporter.step(f"{self.choosers} kinds of choosers and an inspection game at {stakes.size} penalties"):
            crowd = self._crowd(stakes)
            chosen = self.played([self.game.with_rewards(misaligned=self.game.aligned - s) for s in self.stakes])
        series = {
            f"detection given, {self.detection:g}": _offending(
                np.exp(-self.detection * stakes / self.mean_gain), crowd
            ),
            "detection chosen by an auditor": _offending(1 - chosen.predicted[:, 0], chosen),
        }
        with reporter.step("Picture"):
            share = _offending(np.full(detections.size, np.nan), alone)
            picture = offences_figure(detections, (share[1], share[2]), theory, stakes, series)
            directory.bytes("deterrence.png", png(picture))
        given, inspected = series.values()
        return Findings(
            title="Deterrence: harsher penalties work where detection is given, not where it is chosen",
            claims=(self._threshold(detections, alone, theory), *self._penalties(stakes, given, inspected)),
            figures=(
                Figure(
                    path="deterrence.png",
                    caption=f"Left: choosers with one gain stop offending at gain over penalty (dashed). Right: with "
                    f"detection given, a population with exponential gains (mean {self.mean_gain:g}) offends less as "
                    "the penalty rises; where an auditor chooses whom to look at, as much as before. Lines: theory; "
                    f"dots: {self.plays} plays.",
                ),
            ),
            tables=(
                Table(
                    path="penalties.csv",
                    caption="Share that offends, by penalty",
                    rows=pd.DataFrame(
                        {"penalty (reward)": stakes}
                        | {
                            f"{name}: {what}": row
                            for name, rows in series.items()
                            for what, row in zip(("theory", "play", "half width of 95%"), rows, strict=True)
                        }
                    ),
                ),
            ),
            assumptions=(
                *self.assumptions,
                "Choosers know neither gain nor detection: they learn what offending earns by trying. Shares of "
                "choosers at a given detection are those of the last tenth of the rounds.",
            ),
            limits=("Choosers weigh gain and penalty linearly: no aversion to risk, and nothing beyond money.",),
        )

    def _crowd(self, stakes: Array) -> Played:
        """Every kind of chooser at every penalty, averaged over kinds: one row a penalty."""
        levels = (np.arange(self.choosers) + 0.5) / self.choosers
        gains = -self.mean_gain * np.log1p(-levels)
        games = [
            replace(self.game, misaligned=self.game.aligned - float(stake), private_gain=float(gain))
            for stake in stakes
            for gain in gains
        ]
        found = self.played(games, detection=self.detection, settled=0.1)
        aligned, audited = (
            each.reshape(stakes.size, self.choosers, -1).mean(axis=1) for each in (found.aligned, found.audited)
        )
        return Played(tuple(games[:: self.choosers]), aligned, audited)

    def _threshold(self, detections: Array, alone: Played, theory: float) -> Claim:
        # Alignment rises with detection, but for noise at the ends.
        rising = np.maximum.accumulate(alone.aligned, axis=0)
        edges = np.array([np.interp(0.5, column, detections) for column in rising.T])
        return Claim(
            name="choosers stop offending at gain over penalty",
            statement=f"Half of what is chosen is honest at a detection of {theory:g}, within {self.tolerance:g}.",
            found=f"{edges.mean():.3f} (plays: {edges.min():.3f} to {edges.max():.3f}); offending falls from "
            f"{1 - rising[0].mean():.3f} to {1 - rising[-1].mean():.3f}",
            holds=bool(np.abs(edges - theory).max() <= self.tolerance),
        )

    def _penalties(self, stakes: Array, given: Array, inspected: Array) -> tuple[Claim, Claim]:
        apart = np.abs(given[0] - given[1]).max()
        fall, moved = given[1][0] - given[1][-1], float(np.ptp(inspected[1]))
        return (
            Claim(
                name="with detection given offences fall as theory says",
                statement=f"The share of a population that offends is that whose gain exceeds detection times penalty, "
                f"within {self.tolerance:g}.",
                found=f"largest difference {apart:.3f} over penalties from {stakes[0]:g} to {stakes[-1]:g}",
                holds=bool(apart <= self.tolerance),
            ),
            Claim(
                name="a harsher penalty deters only where detection is given",
                statement="Over the same penalties offences fall in the one case and stay in the other.",
                found=f"detection given: {given[1][0]:.3f} to {given[1][-1]:.3f}; chosen by an auditor: between "
                f"{inspected[1].min():.3f} and {inspected[1].max():.3f} (theory: {inspected[0][0]:.3f} throughout)",
                holds=bool(fall > 0.2 and moved <= 2 * self.tolerance),
            ),
        )


def _offending(theory: Array, played: Played) -> Array:
    """Share that offends in theory, in play, and half width of its interval, (3, G)."""
    return np.stack([theory, 1 - played.means[:, 0], played.halves[:, 0]])
