"""Tasks of unequal difficulty damp the cycles of solver and auditor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from agents.parametric import AuditQuality, Pairs, Simultaneous, TaskPool, Training, pay_of, train
from experiments.console import Reporter
from experiments.report.figures import png
from experiments.report.oversight_figures import Swing, damping_figure
from experiments.run_directory import RunDirectory
from experiments.studies.oversight.parametric_setting import Span, span
from experiments.study import Claim, Figure, Findings, Table
from sim.arrays import Array, positive, whole_number
from sim.errors import InputError
from sim.oversight import RewardProfile
from sim.oversight.events import SOLVER_PAY, Event

_NUDGE = 1e-4
"""Half width of difference quotients, in logits."""
_STILL = 1e-13
_STEPS = 60


class Motion(NamedTuple):
    """Play near the equilibria of one pool, one for every draw of signals, (S,) each; rates by unit of training time.

    Attributes:
        expected: Growth rate of cycles, from the Jacobian of a step.
        damping: Half the trace of the field's Jacobian.
        formula: The same in closed form.
        together: Growth rate measured, both at every step.
        by_turns: Measured, in turns.
    """

    expected: Array
    damping: Array
    formula: Array
    together: Array
    by_turns: Array


class Rest(NamedTuple):
    """Where play rests and how it turns about it.

    Attributes:
        logits: Intercepts of solver and auditor, (S, 2).
        jacobian: Of the field there, (S, 2, 2).
        values: Its eigenvalue, (S,), complex.
        left: Left eigenvector, (S, 2), complex.
    """

    logits: Array
    jacobian: Array
    values: NDArray[np.complex128]
    left: NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class HeterogeneityDamps:
    """Easy tasks and hard ones; the hard ones' difficulty is spread, step by step, about one centre.

    The solver's slope is given and only its readiness to attempt is learned, and the auditor, who sees nothing, learns
    how often to audit: an inspection game in which attempting a hard task is what is to be deterred.

    Attributes:
        audits: How good audits are.
        training: How solver and auditor learn; in the measurements in turns, by its schedule.
        solver_noise: Noise of the solver's signal.
        profile: Rewards. An unaudited attempt of a hard task must pay, a caught one not.
        centre: Logit of the hard tasks' success rate.
        easy: Success rate of the easy tasks, as many as hard ones.
        tasks: Hard tasks.
        spreads: Standard deviations of the hard tasks' logits, ascending from 0.
        slope: The solver's slope.
        cycles: Cycles over which growth is measured.
        nudge: Distance from the equilibrium at which a measurement starts, in logits.
        phase: Steps of a turn.
        seeds: Draws of signals.
        seed: Of the first.
        confidence: Of every interval.
    """

    audits: AuditQuality
    training: Training
    solver_noise: float
    profile: RewardProfile
    centre: float
    easy: float
    tasks: int
    spreads: list[float]
    slope: float
    cycles: int
    nudge: float
    phase: int
    seeds: int
    seed: int
    confidence: float

    def __post_init__(self) -> None:
        whole_number("tasks", self.tasks, minimum=2)
        whole_number("seeds", self.seeds, minimum=2)
        positive("nudge", self.nudge)
        if len(self.spreads) < 3 or self.spreads[0] != 0 or self.spreads != sorted(self.spreads):
            raise InputError("spreads", self.spreads, "expected at least three, ascending from 0")

    def run(self, directory: RunDirectory, reporter: Reporter) -> Findings:
        """See `experiments.study.Study`."""
        found: list[Motion] = []
        swings: list[Swing] = []
        for k, spread in enumerate(self.spreads):
            with reporter.step(f"Spread {spread:g}"):
                pool = self._pool(spread)
                rest = self._rest(pool, spread)
                found.append(self._motion(pool, rest))
                if k in (0, len(self.spreads) // 2, len(self.spreads) - 1):
                    far = self._path(pool, rest, 1.0, by_turns=False)
                    swings.append(Swing(spread, expit(far[:, 0, 1])))
        rates = {name: np.array([getattr(one, name) for one in found]) for name in Motion._fields}
        with reporter.step("Pictures"):
            directory.bytes("damping.png", png(damping_figure(self.spreads, rates, swings, self.confidence)))
        return Findings(
            title="Unequal tasks damp the cycles of solver and auditor",
            claims=(
                self._without(rates),
                self._damped(rates),
                self._turned(rates),
                self._covariance(rates),
                self._predicted(rates),
            ),
            figures=(
                Figure(
                    path="damping.png",
                    caption="Growth of cycles per unit of training time by spread of the hard tasks, with "
                    f"{self.confidence:.0%} intervals over {self.seeds} draws of signals; above 0 they spiral out. "
                    "Right: audits while both train at once.",
                ),
            ),
            tables=(
                Table(
                    path="damping.csv",
                    caption="Growth rates by spread, per unit of training time",
                    rows=pd.DataFrame(
                        {
                            "spread (logits)": self.spreads,
                            **{
                                name: [_short(span(row, self.confidence)) for row in table]
                                for name, table in rates.items()
                            },
                        }
                    ),
                ),
            ),
            assumptions=(
                "Expected plain gradients. The solver's slope is given, the auditor sees no signal: without spread "
                "this is a game of two numbers, a centre.",
                "Seeds draw the noise of the solver's signals; the tasks are the same.",
            ),
            limits=(
                "Rates are local: near the equilibrium.",
                "A solver that also learns its slope sharpens it without end and has no equilibrium to cycle about.",
            ),
        )

    def _pool(self, spread: float) -> TaskPool:
        hard = expit(self.centre + spread * norm.ppf((np.arange(self.tasks) + 0.5) / self.tasks))
        return TaskPool(np.concatenate([hard, np.full(self.tasks, self.easy)]), self.solver_noise, 0.0)

    def _rest(self, pool: TaskPool, spread: float) -> Rest:
        """Newton's method on the field of expected gradients, all draws of signals at once."""
        training = replace(self.training, rate=1.0, schedule=Simultaneous())
        logits = np.tile([-self.slope * self.centre, 0.0], (self.seeds, 1))

        def field(at: Array) -> Array:
            return self._train(pool, at, training, steps=1) - at

        for _ in range(_STEPS):
            jacobian = np.stack(
                [(field(logits + e) - field(logits - e)) / (2 * _NUDGE) for e in np.eye(2) * _NUDGE], axis=2
            )
            pull = field(logits)
            if np.abs(pull).max() < _STILL:
                break
            logits = logits - np.clip((np.linalg.pinv(jacobian) @ pull[:, :, None])[:, :, 0], -1, 1)
        values, left = np.linalg.eig(jacobian.transpose(0, 2, 1))
        if np.abs(pull).max() >= _STILL or not np.abs(values[:, 0].imag).min() > _NUDGE:
            raise InputError(
                "profile",
                self.profile,
                f"found no mixed equilibrium with cycles at a spread of {spread:g}; make unaudited hard attempts pay, "
                "caught ones not",
            )
        return Rest(logits, jacobian, values[:, 0], left[:, :, 0])

    def _motion(self, pool: TaskPool, rest: Rest) -> Motion:
        step = self.training.rate
        return Motion(
            expected=np.log(np.abs(1 + step * rest.values)) / step,
            damping=np.trace(rest.jacobian, axis1=1, axis2=2) / 2,
            formula=self._formula(pool, rest.logits),
            together=self._growth(rest, self._path(pool, rest, self.nudge, by_turns=False)),
            by_turns=self._growth(rest, self._path(pool, rest, self.nudge, by_turns=True)),
        )

    def _train(self, pool: TaskPool, logits: Array, training: Training, *, steps: int) -> Array:
        """The intercepts after some steps, (S, 2)."""
        policies = np.zeros((self.seeds, 2, 2))
        policies[:, :, 0], policies[:, 0, 1] = logits, self.slope
        pairs = Pairs(policies, np.zeros_like(policies), np.arange(self.seeds))
        pay = pay_of(np.tile(self.profile.vector, (self.seeds, 1)))
        seeds = [self.seed + k for k in range(self.seeds)]
        ended: Array = train(pairs, pool, self.audits, pay, training, steps=steps, seeds=seeds).policies[:, :, 0]
        return ended

    def _path(self, pool: TaskPool, rest: Rest, size: float, *, by_turns: bool) -> Array:
        """Logits after every block of steps over the measured cycles, (T, S, 2), from so far off the equilibrium."""
        training = self.training if by_turns else replace(self.training, schedule=Simultaneous())
        period = 2 * np.pi / np.abs(rest.values.imag).min()
        path = [rest.logits + np.array([size, 0.0])]
        for _ in range(int(np.ceil(self.cycles * period / (training.rate * self.phase)))):
            path.append(self._train(pool, path[-1], training, steps=self.phase))
        return np.array(path)

    def _growth(self, rest: Rest, path: Array) -> Array:
        """Slope of the logarithm of the distance from rest along the turning direction, by draw, (S,)."""
        times = self.training.rate * self.phase * np.arange(len(path))
        sizes = np.abs(((path - rest.logits) * rest.left).sum(axis=2))
        slopes: Array = np.polyfit(times, np.log(sizes), 1)[0]
        return slopes

    def _formula(self, pool: TaskPool, logits: Array) -> Array:
        """-Cov(attempt, margin), weighted by a(1 - a), times the mean weight: half the trace; derived. (S,).

        The solver's gradient is E[a(1 - a) m], a the chance of an attempt and m its margin over abstaining; its
        derivative by the intercept is E[a(1 - a)(1 - 2a) m], in which E[a(1 - a) m] = 0.
        """
        points = pool.every_task(seeds=[self.seed + k for k in range(self.seeds)])
        attempt = expit(logits[:, :1] + self.slope * points.solver_signal[:, 0])
        audit = expit(logits[:, 1])
        pay = SOLVER_PAY @ self.profile.vector
        by_right = np.tensordot(self.audits.events @ pay, np.stack([1 - audit, audit]), axes=(1, 0))
        wrong, right = by_right[:, :, None]
        margin = wrong + points.success[:, 0] * (right - wrong) - pay[Event.ABSTAINED]
        formula: Array = -(attempt * (1 - attempt) * attempt * margin).mean(axis=1)
        return formula

    def _without(self, rates: dict[str, Array]) -> Claim:
        damping, growth = span(rates["damping"][0], self.confidence), span(rates["together"][0], self.confidence)
        return Claim(
            name="equal tasks do not damp",
            statement="Where hard tasks are all alike the trace is zero (below 1% of what spread makes it), whatever "
            "noise is in the signals: training at once spirals out.",
            found=f"half the trace {_short(damping)}, growth {_short(growth)} per unit of training time",
            holds=bool(np.abs(rates["damping"][0]).max() < 0.01 * np.abs(rates["damping"]).max() and growth.low > 0),
        )

    def _damped(self, rates: dict[str, Array]) -> Claim:
        steps = [
            span(rates["by_turns"][k] - rates["by_turns"][0], self.confidence) for k in range(1, len(self.spreads))
        ]
        falls = np.diff(rates["by_turns"], axis=0)
        last = span(rates["by_turns"][-1], self.confidence)
        return Claim(
            name="unequal tasks damp",
            statement="Training in turns, cycles that neither grow nor shrink without spread shrink with it, the "
            "faster the more spread.",
            found=f"growth {_short(span(rates['by_turns'][0], self.confidence))} without spread, {_short(last)} at "
            f"{self.spreads[-1]:g} logits; it falls at {int((falls.mean(axis=1) < 0).sum())} of {len(falls)} steps",
            holds=bool(all(one.high < 0 for one in steps) and (falls.mean(axis=1) < 0).all()),
        )

    def _turned(self, rates: dict[str, Array]) -> Claim:
        last = span(rates["together"][-1], self.confidence)
        first = next((s for s, row in zip(self.spreads, rates["together"], strict=True) if row.mean() < 0), None)
        return Claim(
            name="enough spread turns the spiral round",
            statement="Training at once, which spirals out without spread, closes in with enough of it.",
            found=f"growth {_short(last)} at {self.spreads[-1]:g} logits"
            + (f"; below zero from {first:g}" if first is not None else ""),
            holds=last.high < 0,
        )

    def _covariance(self, rates: dict[str, Array]) -> Claim:
        apart = np.abs(rates["damping"] - rates["formula"])
        largest = np.abs(rates["damping"]).max()
        return Claim(
            name="the damping is a covariance",
            statement="Half the trace is minus the covariance of attempting with the margin of an attempt, under the "
            "weights a(1 - a): 0 where all margins are equal.",
            found=f"largest difference {apart.max() / largest:.1e} of the largest damping",
            holds=bool(apart.max() < 1e-3 * largest),
        )

    def _predicted(self, rates: dict[str, Array]) -> Claim:
        apart = np.abs(rates["together"] - rates["expected"])
        scale = np.abs(rates["expected"]).max()
        return Claim(
            name="play grows and shrinks as its linearisation says",
            statement="Measured growth is within 5% of the largest rate of what the Jacobian of a step gives.",
            found=f"at most {apart.max() / scale:.1%} of the largest rate",
            holds=bool(apart.max() < 0.05 * scale),
        )


def _short(one: Span) -> str:
    return f"{one.mean:.1e} [{one.low:.1e}, {one.high:.1e}]"
