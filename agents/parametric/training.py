"""Training of many pairs of solver and auditor at once, each by the policy gradient of what it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from agents.parametric.audits import AuditQuality
from agents.parametric.kernels import Batches, Policies, Rewards, Rule, train_lanes
from agents.parametric.tasks import TaskPool
from sim.arrays import Array, finite_array, non_negative, positive, read_only, whole_number
from sim.errors import InputError
from sim.oversight.events import AUDITOR_PAY, SOLVER_PAY, Event
from sim.randomness import generator


class Schedule(Protocol):
    """Who moves when."""

    @property
    def extrapolation(self) -> float:
        """How far steps run ahead by the last change of the gradient."""
        ...

    def moves(self, steps: int) -> NDArray[np.bool_]:
        """Whether solver and auditor move at each of `steps` steps of a round, (rows, 2)."""
        ...


@dataclass(frozen=True)
class Alternating:
    """A phase of the solver, then one of the auditor, `steps` steps each: the reference's schedule."""

    extrapolation: float = field(default=0.0, init=False)

    def moves(self, steps: int) -> NDArray[np.bool_]:
        """See `Schedule`; 2 x steps rows."""
        solver = np.arange(2 * steps) < steps
        return np.column_stack([solver, ~solver])


@dataclass(frozen=True)
class Simultaneous:
    """Both at every step."""

    extrapolation: float = field(default=0.0, init=False)

    def moves(self, steps: int) -> NDArray[np.bool_]:
        """See `Schedule`."""
        return np.ones((steps, 2), bool)


@dataclass(frozen=True)
class Optimistic(Simultaneous):
    """Both at every step, by twice the present gradient less the last one."""

    extrapolation: float = field(default=1.0, init=False)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Solver and auditor of L pairs ("lanes"), each with its own policy.

    The solver attempts with chance sigmoid(intercept + slope x signal); the auditor audits an attempt likewise.

    Attributes:
        policies: (L, 2, 2): lane; solver, auditor; intercept, slope.
        last: Their last gradients, for optimistic training.
        streams: Which seed's tasks a lane meets, as its place in the list of seeds, (L,).
    """

    policies: Array
    last: Array
    streams: NDArray[np.int64]

    @classmethod
    def alike(
        cls,
        streams: Sequence[int],
        *,
        solver: tuple[float, float] = (2.0, 0.0),
        auditor: tuple[float, float] = (0.0, 0.0),
    ) -> Pairs:
        """Pairs that all start the same: by default 88% of tasks are attempted, half of the attempts audited."""
        policies = np.tile(np.array([solver, auditor], np.float64), (len(streams), 1, 1))
        return cls(read_only(policies), read_only(np.zeros_like(policies)), np.asarray(streams, np.int64))


class Pay(NamedTuple):
    """What solver and auditor of each lane earn by event, (L, 12) each."""

    solver: Array
    auditor: Array


def pay_of(profiles: Array) -> Pay:
    """What reward profiles, (L, 12), pay by event."""
    return Pay(profiles @ SOLVER_PAY.T, profiles @ AUDITOR_PAY.T)


@dataclass(frozen=True, kw_only=True)
class Training:
    """How pairs are trained.

    Attributes:
        rate: Step size, in logits per unit of (normalised) reward.
        schedule: Who moves when.
        batch: Tasks of a step.
        group: Rollouts of a task, at least 2; None for expected gradients over every task of the pool.
        normalised: Divide advantages by the group's standard deviation.
        entropy: Price of certainty, per nat.
        attachment: Price of leaving the reference policy, per nat.
        solver_slope: Whether the solver learns how much to go by its signal; else its slope stays.
        auditor_slope: Likewise.

    Raises:
        InputError: At construction, for a number out of range.
    """

    rate: float = 0.3
    schedule: Schedule = Alternating()
    batch: int = 16
    group: int | None = 8
    normalised: bool = True
    entropy: float = 0.0
    attachment: float = 0.0
    solver_slope: bool = True
    auditor_slope: bool = True

    def __post_init__(self) -> None:
        positive("rate", self.rate)
        whole_number("batch", self.batch, minimum=1)
        if self.group is not None:
            whole_number("group", self.group, minimum=2)
        non_negative("entropy", self.entropy)
        non_negative("attachment", self.attachment)


def train(
    pairs: Pairs,
    pool: TaskPool,
    audits: AuditQuality,
    pay: Pay,
    training: Training,
    *,
    steps: int,
    seeds: Sequence[int],
    round: int = 0,
    reference: Pairs | None = None,
) -> Pairs:
    """One round of training.

    Args:
        pairs: As they are; unchanged.
        pool: Tasks.
        audits: How good audits are.
        pay: By lane.
        training: How.
        steps: Of each phase, or of both at once.
        seeds: Of the streams of tasks; all draws come from (seed, round), so that lanes of one stream are paired.
        round: Number of the round.
        reference: Policies that `training.attachment` holds on to; the uniform one if not given.

    Raises:
        InputError: Payments of another number of lanes, or a lane without its seed.
    """
    whole_number("steps", steps, minimum=1)
    lanes = len(pairs.policies)
    both = np.stack([finite_array("pay", one, ndim=2) for one in pay], axis=1)
    if both.shape[0] != lanes or pairs.streams.max() >= len(seeds):
        raise InputError("pay", f"{both.shape[0]} lanes", f"expected {lanes}, and a seed for every stream")
    moves = training.schedule.moves(steps)
    chances = audits.events
    moments = np.stack([np.einsum("rae,lpe->lpra", chances, both**power) for power in (1, 2)], axis=2)
    if training.group is None:
        points = pool.every_task(seeds=seeds)
        draws = np.zeros((*points.success.shape, 0, 4))
    else:
        points = pool.draw((len(moves), training.batch), seeds=seeds, round=round)
        shape = (*points.success.shape[1:], training.group, 4)
        draws = np.stack([generator(seed, round=round, agent=-1, purpose="rollouts").random(shape) for seed in seeds])
    # The likeliest event first: a sampled rollout finds its event in one or two steps.
    order = np.argsort(-chances, axis=2, kind="stable")
    policies, last = pairs.policies.copy(), pairs.last.copy()
    learned = np.array([[1.0, training.solver_slope], [1.0, training.auditor_slope]])
    sizes = training.rate * np.tile(learned, (lanes, 1, 1))
    train_lanes(
        Policies(policies, last, np.zeros_like(policies) if reference is None else reference.policies.copy()),
        Rewards(
            np.ascontiguousarray(both[:, :, Event.ABSTAINED]),
            np.ascontiguousarray(both[:, :, order]),
            moments,
            np.take_along_axis(chances, order, axis=2).cumsum(axis=2),
        ),
        Batches(*points, draws),
        Rule(
            moves,
            sizes,
            training.schedule.extrapolation,
            training.normalised,
            float(training.entropy),
            float(training.attachment),
        ),
        pairs.streams,
    )
    return Pairs(read_only(policies), read_only(last), pairs.streams)
