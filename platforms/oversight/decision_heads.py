"""Decision heads: logistic choices to attempt and to audit, on features of generated material, by policy gradient.

Solver and auditor take turns, as in the reference experiment (arXiv 2605.01643). Rows are drawn, the gradient over
the two choices of a row is taken in expectation: with chance p of the choice that gains g, it is p (1 - p) g times
the features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from agents.parametric import pay_of
from platforms.oversight.pipeline import Flags, Material
from platforms.oversight.play import expected_pay
from sim.arrays import Array, non_negative, positive, read_only, whole_number
from sim.errors import InputError
from sim.oversight.events import Event
from sim.randomness import generator


class Heads(NamedTuple):
    """Weights of L pairs of heads on standardised features, the constant last.

    Attributes:
        solver: (L, 3).
        auditor: (L, 3).
    """

    solver: Array
    auditor: Array


@dataclass(frozen=True, kw_only=True)
class HeadTraining:
    """How heads are trained.

    Attributes:
        rounds: Turns of each agent.
        steps: Steps of a turn.
        batch: Rows of a step.
        rate: Step size, in logits per unit of reward.
        entropy: Price of certainty, in reward per nat.

    Raises:
        InputError: At construction, for a number out of range.
    """

    rounds: int = 20
    steps: int = 25
    batch: int = 64
    rate: float = 1.0
    entropy: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rounds", "steps", "batch"):
            whole_number(name, getattr(self, name), minimum=1)
        positive("rate", self.rate)
        non_negative("entropy", self.entropy)


class Split(NamedTuple):
    """Tasks drawn with replacement for training; those never drawn are kept to judge by.

    Attributes:
        drawn: How often each row's task was drawn, (S, N).
        held_out: Rows of the other tasks, (S, N).
    """

    drawn: NDArray[np.int64]
    held_out: Flags


def split(material: Material, *, seeds: int, seed: int) -> Split:
    """One bootstrap draw of the tasks for each of `seeds` repetitions.

    Raises:
        InputError: So few tasks that a draw leaves none out.
    """
    drawn = np.stack(
        [
            np.bincount(
                generator(seed + s, round=0, agent=-1, purpose="tasks of the heads").integers(
                    material.tasks, size=material.tasks
                ),
                minlength=material.tasks,
            )
            for s in range(seeds)
        ]
    )[:, material.task]
    if (drawn > 0).all(axis=1).any():
        raise InputError("tasks", material.tasks, "a draw leaves no task to judge by; give more tasks")
    return Split(drawn, drawn == 0)


def designs(material: Material) -> tuple[Array, Array]:
    """Standardised features with a column of ones, of solver and auditor, (N, 3) each."""
    return _design(material.solver_features), _design(material.auditor_features)


def train_heads(
    material: Material,
    profiles: Array,
    training: HeadTraining,
    *,
    drawn: NDArray[np.int64],
    check_rate: float,
    seed: int,
    judged: Flags | None = None,
) -> Heads:
    """Train a pair of heads for every profile and repetition, P x S = L lanes in this order.

    All profiles of a repetition meet the same rows. A head starts indifferent to its features: the solver attempts
    88% of tasks, the auditor looks at half of the answers.

    Args:
        material: Answers and audits.
        profiles: Reward profiles, (P, 12).
        training: How.
        drawn: How often each row is in a repetition's tasks, (S, N).
        check_rate: rho.
        seed: Of the first repetition.
        judged: Which answers the resolver counts as right, (N,); default: the truth.
    """
    pay = pay_of(profiles)
    solver_pay, auditor_pay = (
        expected_pay(material, one, check_rate=check_rate, right=judged) for one in (pay.solver, pay.auditor)
    )
    abstain = pay.solver[:, Event.ABSTAINED, None, None]
    audit_gain = auditor_pay[:, :, 1] - auditor_pay[:, :, 0]
    of_solver, of_auditor = designs(material)
    repetitions = len(drawn)
    solver = np.zeros((len(profiles), repetitions, of_solver.shape[1]))
    auditor = np.zeros((len(profiles), repetitions, of_auditor.shape[1]))
    solver[:, :, -1] = 2.0
    for turn in range(training.rounds):
        rows = np.stack(
            [
                generator(seed + s, round=turn, agent=-1, purpose="rows of the heads").choice(
                    material.task.size, size=(2 * training.steps, training.batch), p=drawn[s] / drawn[s].sum()
                )
                for s in range(repetitions)
            ]
        )
        for step in range(2 * training.steps):
            row = rows[:, step]  # (S, B)
            x, y = of_solver[row], of_auditor[row]
            u, v = np.einsum("psk,sbk->psb", solver, x), np.einsum("psk,sbk->psb", auditor, y)
            attempt, audit = expit(u), expit(v)
            if step < training.steps:
                gain = (1 - audit) * solver_pay[:, row, 0] + audit * solver_pay[:, row, 1] - abstain
                lean = attempt * (1 - attempt) * (gain - training.entropy * u)
                solver += training.rate * np.einsum("psb,sbk->psk", lean, x) / training.batch
            else:
                seen = attempt * material.readable[row]  # nothing is audited that was not handed in
                lean = seen * audit * (1 - audit) * (audit_gain[:, row] - training.entropy * v)
                auditor += training.rate * np.einsum("psb,sbk->psk", lean, y) / training.batch
    lanes = len(profiles) * repetitions
    return Heads(read_only(solver.reshape(lanes, -1)), read_only(auditor.reshape(lanes, -1)))


def chances(material: Material, heads: Heads) -> tuple[Array, Array]:
    """Chance that each lane attempts and audits each row, (L, N) each."""
    of_solver, of_auditor = designs(material)
    return expit(heads.solver @ of_solver.T), expit(heads.auditor @ of_auditor.T)


def _design(features: Array) -> Array:
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.column_stack([scaled, np.ones(len(features))])
