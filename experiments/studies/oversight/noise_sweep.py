"""Noise: how far slips and false verdicts move the mixture, how each ends it, and where no rate of checks deters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.inspection_figures import Panel, panels_figure, window_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.played_game import Played, PlayedGame, checked_values, played_table, rest_points
from experiments.study import Claim, Figure, Findings
from sim.arrays import Array, whole_number
from sim.oversight import InspectionGame, Noise, deterring_check_rates

LABELS: Mapping[str, str] = {
    "solver_error": "solver's error, eps",
    "true_positive_rate": "found if wrong, k_tp",
    "false_positive_rate": "accused if right, k_fp",
}
DETERRED = (0.9, 0.1)
"""Least p and largest q that count as everything aligned and nothing audited: choices keep a floor."""
RATES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Check rates tried where theory says that none works."""


@dataclass(frozen=True, kw_only=True)
class NoiseSweep(PlayedGame):
    """One error at a time, the others zero; then slips and missed errors together.

    Attributes:
        solver_errors: eps.
        true_positive_rates: k_tp.
        false_positive_rates: k_fp.
        miss: r_miss in the map of where checks deter.
        points: Points of the map a side.
    """

    solver_errors: list[float]
    true_positive_rates: list[float]
    false_positive_rates: list[float]
    miss: float
    points: int

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        whole_number("study.points", self.points, minimum=8)
        swept = {name: checked_values(f"study.{name}s", getattr(self, f"{name}s")) for name in LABELS}
        with reporter.step("Play under every error"):
            found = {name: self.played(self._noisy(name, x)) for name, x in swept.items()}
        with reporter.step("Where checks deter"):
            errors, misses, windows = self._windows(self.points)
            inside, outside = self._checked()
        with reporter.step("Pictures"):
            panels = [self._panel(name, x, found[name]) for name, x in swept.items()]
            directory.bytes("noise.png", png(panels_figure(panels)))
            directory.bytes("window.png", png(window_figure(errors, misses, windows)))
        return Findings(
            title="Noise in the oversight game: what it moves, and where no check rate works",
            claims=(self._agreement(found), _ends(found), *_deterring(inside, outside)),
            figures=(
                Figure(
                    path="noise.png",
                    caption="Each error alone. Slips raise audits until nothing deters; missed errors lower alignment "
                    "until audits do not pay; false alarms raise alignment, then pay the auditor for themselves. "
                    f"{self.plays} plays a dot.",
                ),
                Figure(
                    path="window.png",
                    caption="Width of the range of check rates that align everything without audits, by the solver's "
                    f"slips and the share of errors that verdicts miss, at r_miss {self.miss:g}. Black: no rate does.",
                ),
            ),
            tables=tuple(
                played_table(f"{name}.csv", f"By {LABELS[name]}", {LABELS[name]: x}, found[name])
                for name, x in swept.items()
            ),
            assumptions=(*self.assumptions, f"In the map no right output is accused; r_miss is {self.miss:g}."),
            limits=(
                "Errors are independent of each other and of the task; a solver that learns to hide its errors is "
                "outside the game.",
            ),
        )

    def _noisy(self, name: str, values: Array) -> list[InspectionGame]:
        return [replace(self.game, noise=Noise(**{name: float(value)})) for value in values]

    def _panel(self, name: str, x: Array, played: Played) -> Panel:
        fine = np.linspace(x[0], x[-1], 241)
        lines = rest_points(self._noisy(name, fine))
        lines[1:][np.abs(np.diff(lines, axis=0)).max(axis=1) > 0.15] = np.nan  # a jump is no slope
        return Panel(LABELS[name], x, played.means, played.halves, fine, lines)

    def _mapped(self, error: float, missed: float, rate: float = 0.0) -> InspectionGame:
        noise = Noise(solver_error=error, true_positive_rate=1 - missed)
        return replace(self.game, noise=noise, miss=self.miss, check_rate=rate)

    def _windows(self, points: int) -> tuple[Array, Array, Array]:
        """Slips, missed shares and the width of the window of rates, (P,), (P,), (P, P); NaN where there is none."""
        errors, misses = np.linspace(0, 0.45, points), np.linspace(0, 0.9, points)
        windows = np.full((points, points), np.nan)
        for k, error in enumerate(errors):
            for j, missed in enumerate(misses):
                rates = deterring_check_rates(self._mapped(float(error), float(missed)))
                if rates.exist:
                    windows[j, k] = min(rates.below, 1.0) - rates.above
        return errors, misses, windows

    def _checked(self) -> tuple[Played, Played]:
        """Play in the middle of the window at points that have one, and at many rates at points that have none."""
        errors, misses, windows = self._windows(8)
        rows = [(float(errors[k]), float(misses[j]), windows[j, k]) for j, k in np.ndindex(windows.shape)]
        chosen = [row for row in rows[::3] if np.isnan(row[2]) or row[2] > 0.15]  # narrow ones take long to settle
        inside, outside = [], []
        for error, missed, width in chosen:
            if np.isnan(width):
                outside += [self._mapped(error, missed, rate) for rate in RATES]
            else:
                start = deterring_check_rates(self._mapped(error, missed)).above
                inside.append(self._mapped(error, missed, start + float(width) / 2))
        both = self.played([*inside, *outside])
        return both.part(slice(len(inside))), both.part(slice(len(inside), None))

    def _agreement(self, found: Mapping[str, Played]) -> Claim:
        largest = {name: played.gaps.max(axis=0) for name, played in found.items()}
        return Claim(
            name="p* and q* under noise are those of play",
            statement=f"Under each error learners' p and q are within {self.tolerance:g} of the closed form.",
            found="largest differences of p and q: "
            + "; ".join(f"{LABELS[name]}: {gap[0]:.3f} and {gap[1]:.3f}" for name, gap in largest.items()),
            holds=bool(max(gap.max() for gap in largest.values()) <= self.tolerance),
        )


def _ends(found: Mapping[str, Played]) -> Claim:
    """What the worst setting of every error leads to: the last slip, the first k_tp, the last k_fp."""
    ends = {"solver_error": -1, "true_positive_rate": 0, "false_positive_rate": -1}
    expected = {"solver_error": (0, 1), "true_positive_rate": (0, 0), "false_positive_rate": (1, 1)}
    reached = {name: found[name].means[k] for name, k in ends.items()}
    return Claim(
        name="each error ends the mixture its own way",
        statement="Too many slips: misaligned and audited. Too many missed errors: misaligned, unaudited. Too many "
        "false alarms: aligned and audited.",
        found="; ".join(f"{LABELS[name]}: p {p:.2f}, q {q:.2f}" for name, (p, q) in reached.items()),
        holds=all(bool(np.abs(reached[name] - expected[name]).max() < 0.1) for name in ends),
    )


def _deterring(inside: Played, outside: Played) -> tuple[Claim, Claim]:
    least, most = DETERRED
    works, fails = ((part.means[:, 0] > least) & (part.means[:, 1] < most) for part in (inside, outside))
    return (
        Claim(
            name="in the middle of the window checks alone deter",
            statement="Wherever theory gives a range of check rates, its middle aligns learners without audits.",
            found=f"{works.sum()} of {works.size} points; least p {inside.means[:, 0].min():.3f}, largest q "
            f"{inside.means[:, 1].max():.3f}",
            holds=bool(works.all()),
        ),
        Claim(
            name="where theory gives no check rate none works",
            statement=f"At such points none of the rates {', '.join(f'{rate:g}' for rate in RATES)} does it in play.",
            found=f"{fails.sum()} of {fails.size} games ({fails.size // len(RATES)} points) aligned without audits",
            holds=not fails.any(),
        ),
    )
