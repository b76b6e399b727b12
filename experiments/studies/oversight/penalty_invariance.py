"""Penalties on the solver do not move alignment: they only buy fewer audits. The auditor's rewards do move it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.inspection_figures import Panel, panels_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.played_game import (
    Played,
    PlayedGame,
    checked_values,
    played_table,
    rest_points,
    slope_over_plays,
)
from experiments.study import Claim, Figure, Findings
from sim.arrays import Array
from sim.oversight import InspectionGame


@dataclass(frozen=True, kw_only=True)
class PenaltyInvariance(PlayedGame):
    """Raise the solver's stake, then the auditor's reward, in closed form and in play.

    Attributes:
        stakes: r_A - r_M, at least three.
        catches: r_catch, at least three.
    """

    stakes: list[float]
    catches: list[float]

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        stakes, catches = checked_values("study.stakes", self.stakes), checked_values("study.catches", self.catches)
        with reporter.step(f"Play at {stakes.size} penalties and {catches.size} rewards"):
            played = self.played([*map(self._at_stake, self.stakes), *map(self._at_catch, self.catches)])
        penalties, rewards = played.part(slice(stakes.size)), played.part(slice(stakes.size, None))
        with reporter.step("Picture"):
            panels = [
                Panel(label, x, part.means, part.halves, _fine(x), rest_points([*map(make, _fine(x))]), logarithmic=log)
                for label, x, part, make, log in (
                    ("solver's stake, r_A - r_M", stakes, penalties, self._at_stake, True),
                    ("auditor's reward, r_catch", catches, rewards, self._at_catch, False),
                )
            ]
            directory.bytes("penalties.png", png(panels_figure(panels)))
        return Findings(
            title="Penalties on the solver buy fewer audits, not more alignment",
            claims=self._claims(stakes, penalties, rewards),
            figures=(
                Figure(
                    path="penalties.png",
                    caption="Left: harsher penalties leave p where it is and let q fall as 1/(r_A - r_M), a straight "
                    "line here. Right: the auditor's reward moves p and leaves q. Noise-free game, "
                    f"{self.plays} plays a dot.",
                ),
            ),
            tables=(
                played_table("penalties.csv", "By the solver's stake", {"stake (reward)": stakes}, penalties),
                played_table("rewards.csv", "By the auditor's reward", {"r_catch (reward)": catches}, rewards),
            ),
            assumptions=self.assumptions,
            limits=("Where the stake does not exceed Omega nothing deters, and penalties do matter: below that edge.",),
        )

    def _at_stake(self, stake: float) -> InspectionGame:
        return self.game.with_rewards(misaligned=self.game.aligned - stake)

    def _at_catch(self, catch: float) -> InspectionGame:
        return self.game.with_rewards(catch=catch)

    def _claims(self, stakes: Array, penalties: Played, rewards: Played) -> tuple[Claim, ...]:
        exact, paid = penalties.predicted, rewards.predicted
        spread, product = float(np.ptp(exact[:, 0])), float(np.ptp(exact[:, 1] * stakes))
        slope = slope_over_plays(np.log(stakes), np.log(penalties.audited))
        apart, rise = penalties.gaps[:, 0].max(), slope_over_plays(np.log(stakes), penalties.aligned)
        moved = rewards.means[-1] - rewards.means[0]
        return (
            Claim(
                name="penalties leave alignment alone, in closed form",
                statement="p* is the same at every stake, and q* times the stake is too.",
                found=f"over stakes from {stakes[0]:g} to {stakes[-1]:g}: p* = {exact[0, 0]:.4f}, spread {spread:.1g}; "
                f"spread of q* (r_A - r_M) {product:.1g}",
                holds=bool(max(spread, product) < 1e-12),
            ),
            Claim(
                name="penalties leave alignment alone, in play",
                statement=f"At every stake learners align as often as p* says, within {self.tolerance:g}.",
                found=f"largest difference {apart:.3f}; slope of p on log stake {rise.estimate:+.4f} "
                f"[{rise.low:+.4f}, {rise.high:+.4f}]",
                holds=bool(apart <= self.tolerance),
            ),
            Claim(
                name="audits fall as one over the penalty",
                statement=f"On log axes learners' audits fall by 1 per 1 of the stake, within {self.tolerance:g}.",
                found=f"slope {slope.estimate:.4f} [{slope.low:.4f}, {slope.high:.4f}]",
                holds=bool(abs(slope.estimate + 1) <= self.tolerance),
            ),
            Claim(
                name="the auditor's reward moves alignment",
                statement="Learners follow p* as r_catch rises, and audit no more and no less.",
                found=f"p rises by {moved[0]:.3f} (p*: {np.ptp(paid[:, 0]):.3f}), q by {moved[1]:+.3f} (q*: 0); "
                f"largest differences {rewards.gaps[:, 0].max():.3f} and {rewards.gaps[:, 1].max():.3f}",
                holds=bool(rewards.gaps.max() <= self.tolerance and moved[0] > 3 * self.tolerance),
            ),
        )


def _fine(values: Array) -> Array:
    return np.linspace(values[0], values[-1], 61)
