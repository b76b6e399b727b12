"""Random checks change the phase: from mixing with audits to everything aligned and nothing audited, at one rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.inspection_figures import Panel, panels_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.played_game import Played, PlayedGame, checked_values, played_table, rest_points
from experiments.study import Claim, Figure, Findings
from sim.arrays import Array
from sim.errors import InputError
from sim.oversight import CheckRates, InspectionGame, deterring_check_rates

NEARLY_ALL = 0.9
"""Share above which everything counts as aligned, or audited: choices keep a floor."""


@dataclass(frozen=True, kw_only=True)
class RandomChecks(PlayedGame):
    """Raise the rate of random checks through its edge, and in a noisy game through both edges.

    Attributes:
        rates: rho, on both sides of Omega/(r_A - r_M).
        noisy: A game with noisy verdicts and a price on misses, in which too many checks bring audits back.
        noisy_rates: rho there.
    """

    rates: list[float]
    noisy: InspectionGame
    noisy_rates: list[float]

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        exact, noisy = deterring_check_rates(self.game), deterring_check_rates(self.noisy)
        rates = _both_sides("study.rates", self.rates, (exact.above,))
        if not noisy.below < 1:
            raise InputError("study.noisy", f"deters up to {noisy.below:g}", "expected an upper end: noise and a miss")
        noisy_rates = _both_sides("study.noisy_rates", self.noisy_rates, (noisy.above, noisy.below))
        games = [*_at(self.game, rates), *_at(self.noisy, noisy_rates)]
        with reporter.step(f"Play at {len(games)} rates"):
            played = self.played(games)
        plain, rough = played.part(slice(rates.size)), played.part(slice(rates.size, None))
        with reporter.step("Picture"):
            panels = [
                _panel("rate of random checks, rho", self.game, rates, plain, (exact.above,)),
                _panel("the same with noisy verdicts", self.noisy, noisy_rates, rough, (noisy.above, noisy.below)),
            ]
            directory.bytes("checks.png", png(panels_figure(panels)))
        return Findings(
            title="Random checks: a phase change at Omega/(r_A - r_M)",
            claims=(*_phases(rates, plain, exact.above, self.tolerance), _window(noisy_rates, rough, noisy)),
            figures=(
                Figure(
                    path="checks.png",
                    caption=f"Left: at rho = {exact.above:g} (dashed) play jumps to everything aligned, nothing "
                    "audited. Right: with noisy verdicts and a price on misses there is an upper edge, above which "
                    f"auditors look although all is aligned. {self.plays} plays a dot.",
                ),
            ),
            tables=(
                played_table("checks.csv", "By the rate of checks", {"rho": rates}, plain),
                played_table("noisy_checks.csv", "With noisy verdicts, by the rate", {"rho": noisy_rates}, rough),
            ),
            assumptions=(
                *self.assumptions,
                f"The noisy game: {self.noisy.noise}, r_miss {self.noisy.miss:g}.",
            ),
            limits=(
                "At the edge itself every p from p* to 1 is an equilibrium; near it learners take ever longer.",
                "Who pays for random checks is left out: they have no price here.",
            ),
        )


def _both_sides(field: str, values: Sequence[float], edges: tuple[float, ...]) -> Array:
    rates = checked_values(field, values)
    ends = (0.0, *edges, 1.0)
    if not all(((low < rates) & (rates < high)).any() for low, high in pairwise(ends)):
        raise InputError(field, list(values), f"expected rates on both sides of {', '.join(f'{e:.3g}' for e in edges)}")
    return rates


def _at(game: InspectionGame, rates: Array) -> list[InspectionGame]:
    return [replace(game, check_rate=float(rate)) for rate in rates]


def _panel(label: str, game: InspectionGame, rates: Array, played: Played, edges: tuple[float, ...]) -> Panel:
    ends = (0.0, *edges, float(rates[-1]))
    stretches = [np.linspace(low + 1e-9, high - 1e-9, 40) for low, high in pairwise(ends)]
    fine = np.concatenate([part for stretch in stretches for part in (stretch, [np.nan])])
    lines = np.full((fine.size, 2), np.nan)
    lines[np.isfinite(fine)] = rest_points(_at(game, fine[np.isfinite(fine)]))
    return Panel(label, rates, played.means, played.halves, fine, lines, marks=edges)


def _phases(rates: Array, played: Played, edge: float, tolerance: float) -> tuple[Claim, Claim, Claim]:
    below, above = rates < edge, rates > edge
    p = played.means[:, 0]
    low, high = played.aligned[below].max(), played.aligned[above].min()
    gaps = played.gaps[below].max(axis=0)
    return (
        Claim(
            name="the phase changes at Omega/(r_A - r_M)",
            statement=f"In every play solvers mix below rho = {edge:g} and align nearly always above it.",
            found=f"largest p below {low:.3f} (up to rho = {rates[below][-1]:g}), least p above {high:.3f} (from "
            f"{rates[above][0]:g})",
            holds=bool(low < NEARLY_ALL < high),
        ),
        Claim(
            name="below it play mixes as in closed form",
            statement=f"p and q of play are within {tolerance:g} of p* and q* = (Omega/(r_A - r_M) - rho)/(1 - rho).",
            found=f"largest differences {gaps[0]:.3f} and {gaps[1]:.3f} over {below.sum()} rates",
            holds=bool(gaps.max() <= tolerance),
        ),
        Claim(
            name="above it nothing is audited",
            statement=f"Audits have fallen to their floor: q below {1 - NEARLY_ALL:.1f} in every play.",
            found=f"largest q {played.audited[above].max():.3f}; mean p {p[above].mean():.3f}",
            holds=bool(played.audited[above].max() < 1 - NEARLY_ALL),
        ),
    )


def _window(rates: Array, played: Played, edges: CheckRates) -> Claim:
    within = (rates > edges.above) & (rates < edges.below)
    beyond = rates > edges.below
    q = played.means[:, 1]
    aligned = played.means[rates > edges.above, 0].min()
    return Claim(
        name="noisy verdicts give it an upper end",
        statement=f"From {edges.above:.3f} to {edges.below:.3f} nothing is audited; above, all is aligned and audited.",
        found=f"q up to {q[within].max():.3f} within, from {q[beyond].min():.3f} on beyond; p from {aligned:.3f} on",
        holds=bool(q[within].max() < 1 - NEARLY_ALL and min(q[beyond].min(), aligned) > NEARLY_ALL),
    )
