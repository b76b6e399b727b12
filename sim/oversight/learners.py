"""Learners: solver and auditor who each follow their own margin, in logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from sim.arrays import Array, non_negative, positive, read_only, whole_number
from sim.oversight.checks import inside
from sim.oversight.inspection_game import InspectionGame
from sim.oversight.statics import require_mixed

Pull = Callable[[float, float], float]


@dataclass(frozen=True, eq=False)
class Path:
    """A path of play.

    Attributes:
        aligned: p at the start and after each round, shape (rounds + 1,).
        audited: q likewise.
    """

    aligned: Array
    audited: Array


def simultaneous(
    game: InspectionGame,
    start: tuple[float, float],
    *,
    step: float,
    rounds: int,
    temperature: float = 0.0,
    feedback: float = 0.0,
) -> Path:
    """Both move at once: x += h (I1(q) - tau x), y += h (I2(p) - tau y).

    The path spirals out for tau = k = 0, at the rate `simultaneous_growth`; entropy or feedback draw it in.

    Args:
        game: The game.
        start: p and q at the start, strictly between 0 and 1.
        step: h > 0, per unit of reward.
        rounds: Rounds >= 1.
        temperature: tau >= 0, price of entropy.
        feedback: k >= 0: the solver's stake is r_A - r_M - k (p - p*). Needs a mixed equilibrium.

    Raises:
        InputError: For any of the conditions above; the message names the field.
    """
    solver, auditor = _pulls(game, temperature, feedback)

    def move(x: float, y: float, size: float) -> tuple[float, float]:
        return x + size * solver(x, y), y + size * auditor(x, y)

    return _run(move, start, step, rounds)


def alternating(
    game: InspectionGame,
    start: tuple[float, float],
    *,
    step: float,
    rounds: int,
    temperature: float = 0.0,
    feedback: float = 0.0,
) -> Path:
    """They take turns, the solver first, and the auditor answers to the solver's new p; otherwise as `simultaneous`.

    A phase of n steps while the other rests is one step n h here (tau = k = 0). Small cycles stay for omega h < 2.
    """
    solver, auditor = _pulls(game, temperature, feedback)

    def move(x: float, y: float, size: float) -> tuple[float, float]:
        moved = x + size * solver(x, y)
        return moved, y + size * auditor(moved, y)

    return _run(move, start, step, rounds)


def optimistic(game: InspectionGame, start: tuple[float, float], *, step: float, rounds: int) -> Path:
    """Both follow twice the present margin less the last one; converges for omega h < 1/sqrt(3). As `simultaneous`."""
    solver, auditor = _pulls(game, 0.0, 0.0)
    last: list[tuple[float, float]] = []

    def move(x: float, y: float, size: float) -> tuple[float, float]:
        now = solver(x, y), auditor(x, y)
        before = last.pop() if last else now
        last.append(now)
        return x + size * (2 * now[0] - before[0]), y + size * (2 * now[1] - before[1])

    return _run(move, start, step, rounds)


def _pulls(game: InspectionGame, temperature: float, feedback: float) -> tuple[Pull, Pull]:
    temperature, feedback = non_negative("temperature", temperature), non_negative("feedback", feedback)
    target = require_mixed(game).aligned if feedback else 0.0

    def solver(x: float, y: float) -> float:
        audited = float(expit(y))
        pull = game.deterrence_margin(audited) - temperature * x
        if feedback:
            detection = audited + (1 - audited) * game.check_rate
            pull -= detection * game.noise.discrimination * feedback * (float(expit(x)) - target)
        return pull

    def auditor(x: float, y: float) -> float:
        return game.audit_margin(float(expit(x))) - temperature * y

    return solver, auditor


def _run(
    move: Callable[[float, float, float], tuple[float, float]], start: tuple[float, float], step: float, rounds: int
) -> Path:
    step, rounds = positive("step", step), whole_number("rounds", rounds, minimum=1)
    logits = np.empty((rounds + 1, 2))
    logits[0] = logit(inside("start[0]", start[0])), logit(inside("start[1]", start[1]))
    for t in range(rounds):
        logits[t + 1] = move(float(logits[t, 0]), float(logits[t, 1]), step)
    shares = expit(logits)
    return Path(read_only(shares[:, 0].copy()), read_only(shares[:, 1].copy()))
