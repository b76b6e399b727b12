"""One equilibrium of a population whose accounts differ, boundary included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.arrays import Array, positive, whole_number
from sim.population.certificate import first_order_gap, gains_at
from sim.population.checks import checked_floor, checked_profile
from sim.population.layout import Supports
from sim.population.newton import (
    ARRIVED,
    MORE,
    NOWHERE,
    STEPS,
    TRIAL,
    Desk,
    Path,
    Runs,
    advance,
    answer_in_runs,
    face,
    iterate,
)
from sim.population.pivot_table import padded
from sim.population.problem import Population
from sim.population.step import sweep_in_place

_ALONE, _RUNS = 1024, 64
"""Most accounts that one thread answers for, and into how many runs more of them are cut."""
_KEPT = 1 << 20
"""Most numbers in the tableaus that are kept between passes: 8 MiB, about what a processor's caches hold."""
_FIRST_SWEEPS = 4
_GRAPH_SWEEPS_PER_CHECK = 4


@dataclass(frozen=True, eq=False)
class PopulationEquilibrium:
    """An equilibrium, with its certificate.

    Attributes:
        mixtures: Mixture of each account, shape (M, D).
        exploitability: No account gains more than this by leaving, in units of utility. The first-order gap, which
            bounds all gains, if that meets the tolerance; else the largest exact gain.
        sweeps: Sequential best-response sweeps done; 0 where Newton's method alone got there.
        newton_steps: Passes of Newton's method over all accounts.
        converged: Whether the exploitability asked for was reached.
    """

    mixtures: Array
    exploitability: float
    sweeps: int
    newton_steps: int
    converged: bool


def solve_population(
    population: Population,
    start: ArrayLike | None = None,
    *,
    floor: float = 0.0,
    tolerance: float = 1e-12,
    max_sweeps: int = 2000,
) -> PopulationEquilibrium:
    """One equilibrium: nobody gains more than `tolerance` by leaving.

    Complete graph: given the total s of all mixtures, every account's own equilibrium weights are piecewise linear
    in s, so the equilibrium is a root of D piecewise linear equations. Newton's method on those, a pass over the
    accounts per step and O(MD) memory, ends exactly after a handful of steps. Where it fails (several equilibria, flat
    accounts) sequential best responses take over, which climb the potential where there is one, and it tries again.
    Sparse graph: sequential best responses. Which equilibrium is found, if there are several, depends on the start.

    Args:
        population: Who plays.
        start: Profile to start from, shape (M, D); uniform mixtures if not given.
        floor: Least weight, 0 <= floor <= 1/D.
        tolerance: Largest gain allowed, > 0, in units of utility.
        max_sweeps: Most sequential sweeps. Without success by then the best profile so far comes back, with
            converged=False: such a game need not have a stable equilibrium under best responses.

    Raises:
        InputError: An argument has the wrong shape, or is out of range.
    """
    least, goal = checked_floor(population, floor), positive("tolerance", tolerance)
    whole_number("max_sweeps", max_sweeps, minimum=0)
    shape = (population.accounts, population.dimension)
    if start is None:
        mixtures, total = np.full(shape, 1.0 / shape[1]), np.full(shape[1], shape[0] / shape[1])
    else:
        profile, total = checked_profile(population, start)
        mixtures = np.array(profile)
    state = _Search(population, mixtures, total, least, goal)
    if start is not None:
        state.certify()
    smooth = not population.sparse and bool((population.laws.matrices[:, -1, 1] > 0).all())
    per_round, sweeps = _FIRST_SWEEPS if smooth else _GRAPH_SWEEPS_PER_CHECK, 0
    while state.gain > goal:
        if smooth and state.newton():
            break
        if sweeps >= max_sweeps:
            state.certify()
            break
        allowed = min(per_round, max_sweeps - sweeps)
        state.sweep(allowed)
        sweeps += allowed
        per_round = min(2 * per_round, 64) if smooth else per_round
    return PopulationEquilibrium(state.mixtures, state.gain, sweeps, state.newton_steps, state.gain <= goal)


class _Search:
    """A profile on its way to equilibrium."""

    def __init__(self, population: Population, mixtures: Array, total: Array, floor: float, goal: float) -> None:
        self.population, self.floor, self.goal = population, floor, goal
        self.mixtures, self.total = mixtures, total
        self.supports: Supports = np.zeros(population.accounts, dtype=population.support_type)
        self.gain = np.inf
        self.newton_steps = 0

    def certify(self) -> None:
        """Bound the gains at the present profile; find them exactly if the bound is above the goal."""
        view = self.mixtures.view()
        view.setflags(write=False)
        self.gain = first_order_gap(self.population, view, self.total, self.floor)
        if self.gain > self.goal:
            self.gain = float(gains_at(self.population, view, self.total, self.floor).max())

    def sweep(self, sweeps: int) -> None:
        """Sequential best responses, and a fresh certificate."""
        natural = np.zeros(0, dtype=np.int64)
        for _ in range(sweeps):
            change = sweep_in_place(
                self.population, self.mixtures, self.total, self.supports, order=natural, floor=self.floor, damping=1.0
            )
            if change == 0:
                break
        self.total = checked_profile(self.population, self.mixtures)[1]
        self.certify()

    def newton(self) -> bool:
        """Newton's method on the total from here; keeps what it found only if that meets the goal."""
        size, accounts = self.total.size, self.mixtures.shape[0]
        totals = np.zeros((3, size))
        totals[TRIAL] = self.total
        path = Path(totals, np.array([np.inf, 1.0, 0.0]), np.empty((size, size + 1)))
        # Before any certificate all mixtures are uniform, which the kernel calls 0: every group.
        fresh = self.gain == np.inf
        supports = np.zeros(accounts, np.int64) if fresh else _bits(self.mixtures, self.floor)
        terms, matrices, width = self.population.terms, self.population.laws.matrices, padded(size + 2)
        keeping = accounts * (size + 2) * width <= _KEPT
        desk = Desk(
            np.empty(size),
            self.population.similarity,
            supports,
            np.empty((accounts, size)),
            np.zeros((size + 1, width)),
            np.zeros((accounts if keeping else 1, size + 2, width)),
            np.full(accounts if keeping else 0, NOWHERE),
        )
        if accounts <= _ALONE:
            status = iterate(terms, matrices, desk, self.floor, path)
        else:
            own = np.zeros((0 if keeping else _RUNS, size + 2, width))
            runs = Runs(np.zeros(_RUNS, np.int64), np.zeros((_RUNS, size + 1, width)), own)
            status = MORE
            while status == MORE:
                face(desk, self.floor, path)
                answer_in_runs(terms, matrices, desk, self.floor, runs)
                desk.added[:] = runs.added.sum(axis=0)
                status = advance(int(runs.lost.sum()), desk, path)
        self.newton_steps += int(path.facts[STEPS])
        if status != ARRIVED:
            return False
        found = _Search(self.population, desk.mixtures, desk.added[0, :size].copy(), self.floor, self.goal)
        found.certify()
        if found.gain <= self.goal:
            self.mixtures, self.total, self.gain = found.mixtures, found.total, found.gain
        return found.gain <= self.goal


def _bits(mixtures: Array, floor: float) -> NDArray[np.int64]:
    """Supports of mixtures, as the bits of integers, shape (M,)."""
    bits: NDArray[np.int64] = (mixtures > floor) @ (np.int64(1) << np.arange(mixtures.shape[1], dtype=np.int64))
    return bits
