"""Basins of attraction: which start ends where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from scipy.stats import binomtest

from sim.alignment_game import AlignmentGame
from sim.arrays import Array, finite_array, positive, read_only, whole_number
from sim.diagnosis.lyapunov import largest_lyapunov
from sim.diagnosis.motion import describe_motion
from sim.diagnosis.stationarity import stationarity
from sim.dynamics.exact_feedback import ExactFeedback
from sim.dynamics.protocol import Dynamics, State
from sim.equilibrium.exploitability import exploitability
from sim.errors import InputError
from sim.game import Game
from sim.simplex import total_variation, validated_profile

Fate = Literal["equilibrium", "rest", "cycle", "chaos", "unsettled"]
_EXPONENT_ROUNDS = 160
_LEAST_ROUNDS = 32


@dataclass(frozen=True, eq=False)
class LimitSet:
    """Where some of the starts end.

    Attributes:
        kind: "equilibrium": at rest, certified. "rest": at rest where an account could still gain. "cycle": it
            repeats itself. "chaos": it does neither, and neighbouring runs part. "unsettled": none of these was found.
        profile: Mean profile of the last rounds of the first run that ended there, shape (M, D); for chaos and
            unsettled runs an example only.
        period: Period of the cycle in rounds, or None.
        exploitability: Largest unilateral gain at `profile`, in units of utility.
        count: Number of starts that ended there.
        share: Their share of the starts.
        low: Lower end of the 95 % Wilson interval of the share; it means something for random starts only.
        high: Upper end.
    """

    kind: Fate
    profile: Array
    period: int | None
    exploitability: float
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Basins:
    """The limit sets of a rule in a game, and which start leads to which.

    Attributes:
        starts: First profiles, shape (N, M, D).
        labels: Index into `limits` of each start, shape (N,).
        limits: The limit sets: equilibria, other rest points, cycles, chaos, unsettled; within a kind the most
            frequent first.
    """

    starts: Array
    labels: NDArray[np.int64]
    limits: tuple[LimitSet, ...]


def simplex_grid(dimension: int, resolution: int, margin: float = 0.0) -> Array:
    """All mixtures whose weights are multiples of 1/resolution, drawn towards the centre, shape (N, D).

    Args:
        dimension: D >= 1.
        resolution: Number of steps along an edge, >= 1; N = (resolution + D - 1 choose D - 1).
        margin: Share of the way moved towards the uniform mixture, in [0, 1): multiplicative rules need an interior
            start.

    >>> simplex_grid(2, 2).tolist()
    [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    """
    size, steps = whole_number("dimension", dimension, minimum=1), whole_number("resolution", resolution, minimum=1)
    if not 0 <= margin < 1:
        raise InputError("margin", margin, "expected a share in [0, 1)")
    counts = np.zeros((1, 0), dtype=np.int64)
    for _ in range(size - 1):
        left = steps - counts.sum(axis=1)
        counts = np.concatenate([np.column_stack([np.tile(row, (n + 1, 1)), np.arange(n + 1)])
                                 for row, n in zip(counts, left, strict=True)])  # fmt: skip
    weights = np.column_stack([counts, steps - counts.sum(axis=1)]) / steps
    grid: Array = (1 - margin) * weights + margin / size
    return grid


def basins(
    game: Game,
    rule: Dynamics,
    starts: ArrayLike,
    *,
    rounds: int,
    rng: np.random.Generator,
    tolerance: float = 0.01,
    floor: float = 0.0,
) -> Basins:
    """Play a rule from many starts and gather where it ends.

    A run rests if its last quarter moves by less than tolerance / 10. Rest points closer than the tolerance
    (every account, in total variation; identical accounts may swap names) are one limit set, and an equilibrium if no
    account there could gain more than by a move of a tolerance's size in its own cost, or by 1e-9. A run that returns
    to itself within tolerance / 10, or less closely while neighbouring runs do not part, is a cycle. Any other that
    does not drift is chaos if its largest Lyapunov exponent, measured on 160 further rounds, is positive with its whole
    interval.

    Args:
        game: The game.
        rule: A learning rule.
        starts: First profiles, shape (N, M, D), or mixtures that all accounts start from, shape (N, D).
        rounds: Rounds played from each, >= 32.
        rng: Randomness for rules that use it.
        tolerance: Distance up to which two rest points are the same, in (0, 1).
        floor: Least weight that deviations may use (for `Floored` rules their floor).

    Raises:
        InputError: Bad starts, rounds or tolerance.
    """
    profiles = _starts(game, starts)
    count = whole_number("rounds", rounds, minimum=_LEAST_ROUNDS)
    if positive("tolerance", tolerance) >= 1:
        raise InputError("tolerance", tolerance, "expected a number in (0, 1)")
    limits: list[LimitSet] = []
    found = np.empty(len(profiles), dtype=np.int64)
    for k, start in enumerate(profiles):
        end = _end(*_played(game, rule, start, count, rng), rng, tolerance, floor)
        found[k] = next((j for j, known in enumerate(limits) if _same(known, end, game, tolerance)), len(limits))
        if found[k] == len(limits):
            limits.append(end)
    counts = Counter(found.tolist())
    kinds = ("equilibrium", "rest", "cycle", "chaos", "unsettled")
    order = sorted(range(len(limits)), key=lambda j: (kinds.index(limits[j].kind), -counts[j], j))
    rank = np.argsort(np.array(order))
    return Basins(
        starts=read_only(profiles),
        labels=rank[found].astype(np.int64),
        limits=tuple(_counted(limits[j], counts[j], len(profiles)) for j in order),
    )


def _starts(game: Game, starts: ArrayLike) -> Array:
    ndim = np.ndim(starts)
    if ndim not in (2, 3):
        raise InputError(
            "starts", f"array with {ndim} axes", "expected (N, M, D), or (N, D) for accounts that start alike"
        )
    given = finite_array("starts", starts, ndim=ndim)
    if given.shape[0] == 0:
        raise InputError("starts", "no start", "expected at least one")
    profiles = given if ndim == 3 else np.repeat(given[:, None], game.accounts, axis=1)
    for k, profile in enumerate(profiles):
        validated_profile(f"starts[{k}]", profile, (game.accounts, game.dimension))
    return np.array(profiles)


@dataclass(frozen=True, eq=False)
class _Run:
    game: Game
    rule: Dynamics
    state: State
    played: int


def _played(game: Game, rule: Dynamics, start: Array, rounds: int, rng: np.random.Generator) -> tuple[_Run, Array]:
    """Play, and keep the last quarter of the rounds."""
    state, path = State(start), np.empty((rounds, game.accounts, game.dimension))
    for played in range(rounds):
        state = rule.step(state, ExactFeedback(game, played), rng)
        path[played] = state.profile
    return _Run(game, rule, state, rounds), path[-max(rounds // 4, 16) :]


def _end(run: _Run, window: Array, rng: np.random.Generator, tolerance: float, floor: float) -> LimitSet:
    game = run.game
    kind, period = _fate(run, window, rng, tolerance)
    # Whole periods only: the mean of a part of one would tell where in the cycle the run stopped.
    mean = window[-(len(window) // period) * period :].mean(axis=0) if period else window.mean(axis=0)
    mean /= mean.sum(axis=1, keepdims=True)
    gain = exploitability(game, mean, floor)
    if kind == "rest" and gain <= _forgiven(game, tolerance):
        kind = "equilibrium"
    return LimitSet(kind, read_only(mean), period, gain, 0, 0.0, 0.0, 0.0)


def _fate(run: _Run, window: Array, rng: np.random.Generator, tolerance: float) -> tuple[Fate, int | None]:
    motion = describe_motion(window, tolerance / 10)
    if max(motion.own_amplitude, motion.own_drift) <= tolerance / 10:
        return "rest", None
    if motion.period is not None and _returns(window, motion.period) <= tolerance / 10:
        return "cycle", motion.period
    if motion.period is None and not stationarity(window.reshape(window.shape[0], -1), level=0.01).stationary:
        return "unsettled", None
    exponent = largest_lyapunov(
        run.game, run.rule, run.state, rounds=_EXPONENT_ROUNDS, rng=rng, transient=20, played=run.played
    )
    if exponent.chaotic:
        return "chaos", None
    return ("unsettled", None) if motion.period is None else ("cycle", motion.period)


def _returns(window: Array, period: int) -> float:
    """Mean distance of the accounts from where they were one period earlier."""
    return float(total_variation(window[period:], window[:-period]).mean())


def _forgiven(game: Game, tolerance: float) -> float:
    return max(0.5 * tolerance**2 * max(float(np.abs(game.curvature(m)).max()) for m in _kinds(game)), 1e-9)


def _kinds(game: Game) -> range:
    return range(1 if isinstance(game, AlignmentGame) else game.accounts)


def _same(known: LimitSet, end: LimitSet, game: Game, tolerance: float) -> bool:
    if known.kind != end.kind or known.period != end.period:
        return False
    if known.kind in ("chaos", "unsettled"):
        return True
    apart = total_variation(known.profile[:, None], end.profile[None])
    if float(np.diagonal(apart).max()) <= tolerance:
        return True
    if not isinstance(game, AlignmentGame):
        return False
    # Identical accounts: the same set with other names is the same limit.
    return bool(apart[linear_sum_assignment(apart)].max() <= tolerance)


def _counted(limit: LimitSet, count: int, total: int) -> LimitSet:
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return replace(limit, count=count, share=count / total, low=float(interval.low), high=float(interval.high))
