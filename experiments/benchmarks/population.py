"""A population of up to a million accounts: steps, their cost per account, and one equilibrium, against peers."""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable
from functools import partial

import clarabel
import daqp
import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from experiments.benchmarks.measurement import OURS, Measurement, compared, median_seconds
from sim.population import (
    Population,
    asynchronous_steps,
    bound_gains,
    exploitability,
    exponentiated_gradient_step,
    sequential_sweep,
    simultaneous_step,
    solve_population,
)
from sim.population.chunks import CHUNK
from sim.threads import in_chunks

Array = NDArray[np.float64]
Solver = Callable[[Population], Array]

DIMENSION = 6
SAMPLE = 20_000
"""Accounts a Python loop is timed on; its time is scaled to the whole population."""
DENSE_LIMIT = 100
"""Most accounts given to solvers of dense problems: ten times more takes them minutes."""
NASHOPT_LIMIT = 10


def random_population(seed: int, accounts: int, *, own_curvature: bool = False, graph: bool = False) -> Population:
    """Accounts with linear terms of their own, D = 6; on demand with own curvatures and prices, or on a random graph.

    The graph joins two random cycles through all accounts, so that everyone has 4 neighbours.
    """
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(accounts if own_curvature else 1, DIMENSION, DIMENSION)) / math.sqrt(DIMENSION)
    crowd = rng.normal(size=(DIMENSION, DIMENSION)) / math.sqrt(DIMENSION)
    degree = 4 if graph else max(accounts - 1, 1)
    neighbours = None
    if graph:
        columns = np.empty((accounts, 4), dtype=np.int32)
        for cycle in range(2):
            order = rng.permutation(accounts)
            columns[order, 2 * cycle], columns[order, 2 * cycle + 1] = np.roll(order, 1), np.roll(order, -1)
        neighbours = np.arange(0, 4 * accounts + 1, 4), columns.reshape(-1)
    return Population(
        linear=rng.normal(size=(accounts, DIMENSION)),
        curvatures=2 * (factors @ factors.transpose(0, 2, 1) + 0.3 * np.eye(DIMENSION)),
        similarity=crowd @ crowd.T + 0.1 * np.eye(DIMENSION),
        kinds=np.arange(accounts) if own_curvature else None,
        price=2.0 * rng.uniform(0.5, 1.5, size=accounts) / degree if own_curvature else 1.0 / degree,
        neighbours=neighbours,
    )


def measure_population(
    repeats: int,
    report: Callable[[str], None],
    accounts: int = 1_000_000,
    equilibria: tuple[int, ...] = (10, 100, 1_000, 10_000),
) -> list[Measurement]:
    """Steps on the complete and on a sparse graph, cost per account, and one equilibrium of accounts that differ.

    Args:
        repeats: Repeats; medians are taken over them.
        report: Says what is measured.
        accounts: Accounts of the steps.
        equilibria: Accounts of the equilibria.
    """
    rows = _complete(accounts, repeats, report) + _sparse(accounts, repeats, report)
    rows += _growth(accounts, repeats, report)
    for size in equilibria:
        rows += _equilibrium(size, repeats, report)
    return rows


def _start(accounts: int) -> Array:
    return np.random.default_rng(1).dirichlet(np.full(DIMENSION, 0.5), size=accounts)


def _complete(accounts: int, repeats: int, report: Callable[[str], None]) -> list[Measurement]:
    report(f"best-response steps of {accounts:,} accounts, D = {DIMENSION}")
    population, profile = random_population(0, accounts), _start(accounts)
    out, supports = np.empty_like(profile), simultaneous_step(population, profile).supports

    def stream() -> None:
        def part(span: tuple[int, int]) -> None:
            out[span[0] : span[1]] = profile[span[0] : span[1]]

        in_chunks(part, accounts, CHUNK)

    cold, warm, limit = f"{OURS}, cold", f"{OURS}, supports remembered", "reading and writing the mixtures, no more"
    loop = "daqp, one workspace, updated per account"
    calls: dict[str, Callable[[], object]] = {
        cold: lambda: simultaneous_step(population, profile, out=out),
        warm: lambda: simultaneous_step(population, profile, supports=supports, out=out),
        limit: stream,
        f"{OURS}, sequential sweep": lambda: sequential_sweep(population, profile, supports=supports, out=out),
        f"{OURS}, asynchronous": lambda: asynchronous_steps(
            population, profile, np.random.default_rng(0), supports=supports, out=out
        ),
        f"{OURS}, exponentiated gradient": lambda: exponentiated_gradient_step(population, profile, 0.1, out=out),
        f"{OURS}, two-sided bounds on all gains": lambda: bound_gains(population, profile),
    }
    seconds = median_seconds(calls, repeats)
    sample = min(SAMPLE, accounts)
    peer, theirs = _daqp_loop(population, profile.sum(axis=0) - profile[:sample])
    seconds[loop] = peer * accounts / sample
    gap = float(np.abs(theirs - simultaneous_step(population, profile).mixtures[:sample]).max())
    notes = {
        warm: f"{seconds[warm] / seconds[limit]:.1f} times the bandwidth limit",
        loop: f"linear terms given for nothing; timed on {sample:,} accounts and scaled",
        limit: "2 x 8 D bytes per account, in the same threads",
    }
    task = f"best-response step of {accounts:,} accounts with own linear terms, D = {DIMENSION}, complete graph"
    gaps = {loop: gap}
    return [
        compared(
            seconds, name, task=task, unit="step", reference=cold, disagreement=gaps.get(name), note=notes.get(name, "")
        )
        for name in seconds
    ]


def _daqp_loop(population: Population, others: Array) -> tuple[float, Array]:
    """Seconds and mixtures of the best responses of the first accounts, one daqp workspace updated for each."""
    sample = len(others)
    cost = -(population.linear[:sample] - population.terms.price[0] * others @ population.similarity.T)
    upper, lower = np.append(np.full(DIMENSION, 2.0), 1.0), np.append(np.zeros(DIMENSION), 1.0)
    found, model = np.empty((sample, DIMENSION)), daqp.Model()
    model.settings = {"primal_tol": 1e-12, "dual_tol": 1e-12}
    model.setup(population.curvatures[0].copy(), cost[0], np.ones((1, DIMENSION)), upper, lower)
    started = time.perf_counter()
    for account in range(sample):
        model.update(f=cost[account])
        found[account] = model.solve()[0]
    return time.perf_counter() - started, found


def _sparse(accounts: int, repeats: int, report: Callable[[str], None]) -> list[Measurement]:
    report(f"best-response step of {accounts:,} accounts on a graph of degree 4")
    population, profile = random_population(0, accounts, graph=True), _start(accounts)
    out, supports = np.empty_like(profile), simultaneous_step(population, profile).supports
    starts, indices = population.terms.starts, population.terms.neighbours
    matrix = sparse.csr_array((np.ones(indices.size), indices, starts), shape=(accounts, accounts))
    warm, product, loop, whole = (
        f"{OURS}, supports remembered",
        "scipy CSR product alone",
        "networkx, sum over neighbours alone",
        "networkx, then daqp for each account",
    )
    calls: dict[str, Callable[[], object]] = {
        warm: lambda: simultaneous_step(population, profile, supports=supports, out=out),
        f"{OURS}, cold": lambda: simultaneous_step(population, profile, out=out),
        f"{OURS}, sequential sweep": lambda: sequential_sweep(population, profile, supports=supports, out=out),
        product: lambda: matrix @ profile,
    }
    seconds = median_seconds(calls, repeats)
    sample = min(SAMPLE, accounts)
    graph = nx.random_regular_graph(4, sample, seed=0)

    def crowd() -> Array:
        return np.array([sum(profile[other] for other in graph.neighbors(account)) for account in range(sample)])

    peer = median_seconds({loop: crowd}, repeats)[loop]
    small = f"timed on a graph of {sample:,} accounts and scaled"
    seconds[loop] = peer * accounts / sample
    seconds[whole] = (peer + _daqp_loop(population, crowd())[0]) * accounts / sample
    note = {loop: f"crowd only, no best response; {small}", whole: f"the whole step; {small}"}
    task = (
        f"best-response step of {accounts:,} accounts with own linear terms, D = {DIMENSION}, random graph of degree 4"
    )
    return [
        compared(seconds, name, task=task, unit="step", reference=warm, note=note.get(name, "")) for name in seconds
    ]


def _growth(accounts: int, repeats: int, report: Callable[[str], None]) -> list[Measurement]:
    report("cost per account")
    sizes = [accounts // 100, accounts // 10, accounts]
    populations = {size: (random_population(0, size), _start(size)) for size in sizes}
    names = {size: f"{OURS}, {size:,} accounts" for size in sizes}
    calls: dict[str, Callable[[], object]] = {
        names[size]: partial(simultaneous_step, *pair) for size, pair in populations.items()
    }
    whole = median_seconds(calls, repeats)
    exponent = float(np.polyfit(np.log(sizes), np.log([whole[names[size]] for size in sizes]), 1)[0])
    each = {names[size]: whole[names[size]] / size for size in sizes}
    memory = 8 * DIMENSION * 3 + 2 * 2
    note = (
        f"time grows as M^{exponent:.2f}; {memory} bytes per account: linear terms, mixtures before and after, supports"
    )
    task = f"cost per account of a cold best-response step, D = {DIMENSION}, complete graph"
    return [
        compared(
            each, name, task=task, unit="account", reference=names[sizes[0]], note=note if size == accounts else ""
        )
        for size, name in names.items()
    ]


def _equilibrium(accounts: int, repeats: int, report: Callable[[str], None]) -> list[Measurement]:
    report(f"one equilibrium of {accounts:,} accounts that differ")
    population = random_population(2, accounts, own_curvature=True)
    ours = solve_population(population)
    peers: dict[str, Solver] = {}
    notes = {OURS: f"exploitability {ours.exploitability:.0e}, {ours.sweeps} sweeps, {ours.newton_steps} Newton steps"}
    if accounts <= DENSE_LIMIT:
        peers |= {"daqp, affine variational inequality": _Joint(population).by_avi}
        peers |= {"daqp, potential": _Joint(population).by_daqp}
    else:
        notes[OURS] += f"; dense solvers left out above {DENSE_LIMIT} accounts"
    aggregate = _Aggregate(population)
    peers["clarabel, sparse aggregate form"] = aggregate.by_clarabel
    if importlib.util.find_spec("osqp"):
        peers["OSQP, sparse aggregate form"] = aggregate.by_osqp
    else:
        notes[OURS] += "; OSQP left out: not installed"
    if accounts <= NASHOPT_LIMIT:
        try:
            peers["nashopt, Douglas-Rachford with daqp"] = _nashopt(population)
        except ImportError as error:
            notes[OURS] += f"; nashopt left out: {error}"
    calls: dict[str, Callable[[], object]] = {OURS: lambda: solve_population(population)}
    calls |= {name: partial(solver, population) for name, solver in peers.items()}
    seconds = median_seconds(calls, repeats if accounts <= DENSE_LIMIT else max(1, repeats // 3))
    task = f"one equilibrium of {accounts:,} accounts with own linear terms, curvatures and prices, D = {DIMENSION}"
    rows = [compared(seconds, OURS, task=task, unit="equilibrium", note=notes[OURS])]
    for name, solver in peers.items():
        mixtures = solver(population)
        gap, kept = float(np.abs(mixtures - ours.mixtures).max()), np.maximum(mixtures, 0.0)
        gain = exploitability(population, kept / kept.sum(axis=1, keepdims=True))
        note = f"exploitability {gain:.0e}; building its matrices not timed"
        rows.append(compared(seconds, name, task=task, unit="equilibrium", disagreement=gap, note=note))
    return rows


class _Joint:
    """All accounts in one dense problem."""

    def __init__(self, population: Population) -> None:
        count, size = population.accounts, DIMENSION
        price = np.repeat(population.terms.price, size)
        self.affine = price[:, None] * np.kron(1 - np.eye(count), population.similarity)
        for m in range(count):
            block = slice(m * size, (m + 1) * size)
            self.affine[block, block] = population.curvatures[m]
        self.cost = -population.linear.ravel()
        # Dividing each utility by its price changes no equilibrium and makes the game a potential game (S symmetric).
        self.potential, self.weighted = self.affine / price[:, None], self.cost / price
        self.potential = (self.potential + self.potential.T) / 2
        self.rows = np.kron(np.eye(count), np.ones((1, size)))
        self.upper = np.append(np.full(count * size, 2.0), np.ones(count))
        self.lower = np.append(np.zeros(count * size), np.ones(count))

    def by_avi(self, population: Population) -> Array:
        return self._solved(population, self.affine, self.cost, is_avi=True)

    def by_daqp(self, population: Population) -> Array:
        return self._solved(population, self.potential, self.weighted, is_avi=False)

    def _solved(self, population: Population, matrix: Array, cost: Array, *, is_avi: bool) -> Array:
        limits = {"primal_tol": 1e-12, "dual_tol": 1e-12, "iter_limit": 100_000}
        weights, _, flag, _ = daqp.solve(matrix, cost, self.rows, self.upper, self.lower, is_avi=is_avi, **limits)
        if flag != 1:
            raise ArithmeticError(f"daqp ended with flag {flag}")
        return np.asarray(weights, dtype=np.float64).reshape(population.linear.shape)


class _Aggregate:
    """The potential, with the sum of all mixtures as D more variables, so that every matrix is sparse."""

    def __init__(self, population: Population) -> None:
        count, size = population.accounts, DIMENSION
        price = population.terms.price
        blocks = population.curvatures / price[:, None, None] - population.similarity
        own = sparse.block_diag(list(blocks), format="csc")
        self.quadratic = sparse.block_diag([own, population.similarity], format="csc")
        self.linear = np.append(-(population.linear / price[:, None]).ravel(), np.zeros(size))
        mass = sparse.hstack([sparse.kron(sparse.eye(count), np.ones((1, size))), sparse.csc_matrix((count, size))])
        total = sparse.hstack([sparse.kron(np.ones((1, count)), sparse.eye(size)), -sparse.eye(size)])
        self.equal = sparse.vstack([mass, total], format="csc")
        self.bounds = sparse.eye(count * size, (count + 1) * size, format="csc")
        self.target = np.append(np.ones(count), np.zeros(size))
        self.upper = sparse.triu(self.quadratic, format="csc")
        self.stacked = sparse.vstack([self.equal, self.bounds], format="csc")
        self.cones = sparse.vstack([self.equal, -self.bounds], format="csc")

    def by_osqp(self, population: Population) -> Array:
        import osqp

        free = self.bounds.shape[0]
        solver = osqp.OSQP()
        solver.setup(
            P=self.upper,
            q=self.linear,
            A=self.stacked,
            l=np.append(self.target, np.zeros(free)),
            u=np.append(self.target, np.full(free, np.inf)),
            eps_abs=1e-9,
            eps_rel=1e-9,
            max_iter=50_000,
            polishing=True,
            verbose=False,
        )
        return np.asarray(solver.solve().x[:free], dtype=np.float64).reshape(population.linear.shape)

    def by_clarabel(self, population: Population) -> Array:
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-12
        free = self.bounds.shape[0]
        solver = clarabel.DefaultSolver(
            self.upper,
            self.linear,
            self.cones,
            np.append(self.target, np.zeros(free)),
            [clarabel.ZeroConeT(self.target.size), clarabel.NonnegativeConeT(free)],
            settings,
        )
        return np.asarray(solver.solve().x[:free], dtype=np.float64).reshape(population.linear.shape)


def _nashopt(population: Population) -> Solver:
    """The game as nashopt takes it, one cost matrix per account; an ImportError if it isn't whole."""
    from nashopt import GNEP_LQ

    count, size = population.accounts, DIMENSION
    costs, linear = [], []
    for m in range(count):
        mine = slice(m * size, (m + 1) * size)
        crowd = population.terms.price[m] * np.kron(np.ones((1, count)), population.similarity)
        cost = np.zeros((count * size, count * size))
        cost[mine] += crowd
        cost[:, mine] += crowd.T
        cost[mine, mine] = population.curvatures[m]
        costs.append(cost)
        linear.append(np.zeros(count * size))
        linear[-1][mine] = -population.linear[m]
    game = GNEP_LQ(
        [size] * count,
        costs,
        linear,
        lb=np.zeros(count * size),
        ub=np.ones(count * size),
        Aeq=np.kron(np.eye(count), np.ones((1, size))),
        beq=np.ones(count),
        variational=True,
        solver="dr_daqp",
    )
    return lambda population: np.asarray(game.solve().x, dtype=np.float64).reshape(population.linear.shape)
