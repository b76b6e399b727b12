"""Exclusion maps against a solve per point: numpy's, and other people's exact solvers."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.measurement import OURS, Measurement, compared, median_seconds
from experiments.benchmarks.peers import by_daqp
from sim.maps import ExclusionMap, exclusion_map
from sim.maps.exclusion_map import solved_points
from sim.maps.grid import validated_grid
from sim.maps.terms import centred_terms
from sim.threads import in_chunks

Array = NDArray[np.float64]
Terms = tuple[Array, Array, Array]

ALONE = f"{OURS}, areas alone"
FRESH = f"{OURS}, new memory"
KERNELS = f"{OURS}, kernels alone"


def against_numpy(points: int, dimension: int, repeats: int, report: Callable[[str], None]) -> list[Measurement]:
    """The map of bA and bI, boundary included, against solving the interior at every point with numpy."""
    report(f"map of {points} x {points} points, D = {dimension}")
    terms, axis = random_terms(dimension), np.logspace(-2, 2, points)
    threads = numba.get_num_threads()
    write = f"writing the weights to memory, {threads} threads"
    batched, loop = "numpy, batched solves, interior alone", "numpy, Python loop of solves, interior alone"
    sample = spread_sample(points, 2000)
    room = np.empty((points, points, dimension))
    calls: dict[str, Callable[[], object]] = {
        OURS: lambda: solved_map(terms, axis, out=room),
        FRESH: lambda: solved_map(terms, axis),
        ALONE: lambda: solved_map(terms, axis, keep="areas"),
        write: lambda: written(room),
        batched: lambda: by_numpy(terms, axis),
        loop: lambda: looped(terms, axis, sample),
    }
    seconds = median_seconds(calls, repeats)
    seconds[loop] *= points**2 / len(sample)
    found = solved_map(terms, axis)
    gap = float(np.abs(by_numpy(terms, axis) - found.mixtures)[found.interior].max())
    notes = {
        OURS: f"boundary included, {threads} threads, into an array that is there (out=)",
        FRESH: "the same, with new memory every time",
        ALONE: "the same points, counted without being written",
        batched: f"disagreement where the equilibrium is interior; no answer in the other {found.white_area:.1%}",
        loop: f"timed on {len(sample):,} points and scaled",
        write: "that array, filled with a constant",
    }
    task = f"exclusion map of {points**2:,} points, D = {dimension}"
    names = (OURS, FRESH, ALONE, batched, loop, write)
    return [
        compared(
            seconds,
            name,
            task=task,
            unit="point",
            per=points**2,
            disagreement=gap if name == batched else None,
            note=notes[name],
        )
        for name in names
    ]


def against_solvers(points: int, dimension: int, repeats: int, report: Callable[[str], None]) -> list[Measurement]:
    """The map of bA and bI, boundary included, against exact solvers called at every point."""
    report(f"map of {points} x {points} points against exact solvers, D = {dimension}")
    terms, axis = random_terms(dimension), np.logspace(-2, 2, points)
    found = solved_map(terms, axis)
    everything = spread_sample(points, points**2)
    few = spread_sample(points, 24)
    peers: dict[str, tuple[Callable[[], Array], NDArray[np.int64]]] = {
        "daqp, direct loop": (lambda: over(by_daqp, terms, axis, everything), everything)
    }
    missing = []
    if batch := _moreau_batch(terms, axis):
        peers["moreau, one batch"] = batch, everything
    else:
        missing.append("moreau")
    if game := _nashopt_game():
        peers["nashopt, Lemke"] = (lambda: over(lambda h, q: game(h, q, "lemke"), terms, axis, few)), few
        peers["nashopt, HiGHS (its default)"] = (lambda: over(lambda h, q: game(h, q, "highs"), terms, axis, few)), few
    else:
        missing.append("nashopt")
    kernels = prepared(terms, axis)
    room, write = np.empty_like(found.mixtures), "writing the weights to memory, 2 threads"
    calls = {OURS: lambda: solved_map(terms, axis), KERNELS: kernels, write: lambda: written(room)}
    seconds = median_seconds(calls | {name: call for name, (call, _) in peers.items()}, repeats)
    task = f"exclusion map of {points**2:,} points, D = {dimension}, {found.white_area:.0%} of them on the boundary"
    note = f"not installed, so left out: {', '.join(missing)}" if missing else ""
    gap = float(np.abs(kernels() - found.mixtures).max())
    rows = [
        compared(seconds, OURS, task=task, unit="point", per=points**2, disagreement=None, note=note),
        compared(
            seconds,
            KERNELS,
            task=task,
            unit="point",
            per=points**2,
            disagreement=gap,
            note="input checked beforehand, as the peers' is",
        ),
        compared(seconds, write, task=task, unit="point", per=points**2, note="that array, filled with a constant"),
    ]
    for name, (call, sample) in peers.items():
        seconds[name] *= points**2 / len(sample)
        gap = float(np.abs(call() - found.mixtures.reshape(-1, dimension)[sample]).max())
        scaled = f"timed on {len(sample)} points and scaled" if len(sample) < points**2 else ""
        rows.append(compared(seconds, name, task=task, unit="point", per=points**2, disagreement=gap, note=scaled))
    return rows


def random_terms(dimension: int) -> Terms:
    """a, C and S of a game whose map has every colour."""
    rng = np.random.default_rng(1)
    own, crowd = rng.normal(size=(2, dimension, dimension)) / np.sqrt(dimension)
    identity = np.eye(dimension)
    return 0.3 * rng.normal(size=dimension), own @ own.T + 0.1 * identity, crowd @ crowd.T + 0.1 * identity


def solved_map(terms: Terms, axis: Array, keep: Any = "mixtures", out: Array | None = None) -> ExclusionMap:
    """Our map of bA and bI at bD = 1."""
    return exclusion_map(
        attractiveness=terms[0],
        inconsistency=terms[1],
        similarity=terms[2],
        grid={"attractiveness": axis, "inconsistency": axis, "diversity": 1.0},
        keep=keep,
        out=out,
    )


def prepared(terms: Terms, axis: Array) -> Callable[[], Array]:
    """The same map from input that was checked and centred beforehand: what a peer's call does."""
    given = centred_terms(*terms)
    grid = validated_grid({"attractiveness": axis, "inconsistency": axis, "diversity": 1.0})
    return lambda: solved_points(given, grid, 0.05, "mixtures")[0].mixtures


def by_numpy(terms: Terms, axis: Array) -> Array:
    """Relaxed weights of every point from batched solves of the bordered system, in blocks that fit the cache."""
    pull, own, crowd = terms
    size = pull.size
    weights = np.empty((axis.size, axis.size, size))
    matrices = np.ones((axis.size, size + 1, size + 1))
    matrices[:, :size, :size] = 2 * axis[:, None, None] * own + crowd
    matrices[:, size, size] = 0.0
    right = np.ones((axis.size, size + 1, 1))
    for row, level in enumerate(axis):
        right[:, :size, 0] = level * pull
        weights[row] = np.linalg.solve(matrices, right)[:, :size, 0]
    return weights


def looped(terms: Terms, axis: Array, sample: NDArray[np.int64]) -> list[Array]:
    """The same, one point at a time."""
    pull, own, crowd = terms
    size = pull.size
    weights = []
    for point in sample:
        row, column = divmod(int(point), axis.size)
        bordered = np.ones((size + 1, size + 1))
        bordered[:size, :size] = 2 * axis[column] * own + crowd
        bordered[size, size] = 0.0
        weights.append(np.linalg.solve(bordered, np.append(axis[row] * pull, 1.0))[:size])
    return weights


def written(room: Array) -> None:
    """The weights' memory, written once, by as many threads as a map uses."""
    in_chunks(lambda span: room[span[0] : span[1]].fill(0.2), len(room), 32)


def spread_sample(points: int, count: int) -> NDArray[np.int64]:
    """Cells (row by row) spread evenly over a square map."""
    return np.unique(np.linspace(0, points**2 - 1, count).astype(np.int64))


def over(solver: Callable[[Array, Array], Array], terms: Terms, axis: Array, sample: NDArray[np.int64]) -> Array:
    """A solver called at each cell of a sample, (n, D)."""
    pull, own, crowd = terms
    matrices = 2 * axis[:, None, None] * own + crowd
    return np.array([solver(matrices[point % axis.size], axis[point // axis.size] * pull) for point in sample])


def _moreau_batch(terms: Terms, axis: Array) -> Callable[[], Array] | None:
    """One batch of all points for moreau's active set, compiled beforehand; None if it is not installed."""
    try:
        moreau = importlib.import_module("moreau")
    except ImportError:
        return None
    pull, own, crowd = terms
    size, total = pull.size, axis.size**2
    quadratic = np.broadcast_to(2 * axis[:, None, None] * own + crowd, (axis.size, axis.size, size, size))
    linear = np.repeat(-axis[:, None] * pull, axis.size, axis=0)
    # Rows of A w + s = b: the sum is 1 (s = 0), and every weight is s >= 0.
    solver = moreau.CompiledSolver(
        n=size,
        m=size + 1,
        P_row_offsets=np.arange(size + 1) * size,
        P_col_indices=np.tile(np.arange(size), size),
        A_row_offsets=np.concatenate([[0], size + np.arange(size + 1)]),
        A_col_indices=np.tile(np.arange(size), 2),
        cones=moreau.Cones(num_zero_cones=1, num_nonneg_cones=size),
        settings=moreau.Settings(
            device="cpu",
            solver="active_set",
            batch_size=total,
            active_set_settings=moreau.ActiveSetSettings(primal_tol=1e-12),
        ),
    )
    quadratics = quadratic.reshape(total, -1)
    constraints = np.tile(np.repeat([1.0, -1.0], size), (total, 1))
    bounds = np.tile(np.append(1.0, np.zeros(size)), (total, 1))

    def call() -> Array:
        solver.setup(quadratics, constraints)
        return np.asarray(solver.solve(linear, bounds).x)

    return call


def _nashopt_game() -> Callable[[Array, Array, str], Array] | None:
    """nashopt, with the idle second player that its quick methods ask for; None if it is not installed."""
    try:
        solver = importlib.import_module("nashopt").GNEP_LQ
    except ImportError:
        return None

    def solve(quadratic: Array, linear: Array, method: str) -> Array:
        size = linear.size
        own, idle = np.zeros((2, size + 1, size + 1))
        own[:size, :size], idle[size, size] = quadratic, 1.0
        sums = np.zeros((2, size + 1))
        sums[0, :size] = sums[1, size] = 1.0
        with _quiet():
            game = solver(
                [size, 1],
                [own, idle],
                [np.append(-linear, 0.0), np.zeros(size + 1)],
                lb=np.zeros(size + 1),
                ub=np.ones(size + 1),
                Aeq=sums,
                beq=np.ones(2),
                variational=method != "highs",
                solver=method,
            )
            found = game.solve()
        return np.asarray(found.x, dtype=np.float64).ravel()[:size]

    return solve


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop what compiled code prints, which sys.stdout never sees."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
