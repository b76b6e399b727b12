"""Errors of a fit by drawing blocks of rounds again: a second opinion where errors may last over rounds."""

from __future__ import annotations

import numpy as np

from sim.arrays import Array, read_only, whole_number
from sim.errors import InputError
from sim.estimation.induced.fits import InducedFit
from sim.estimation.induced.log import PlayLog
from sim.randomness import generator


def block_bootstrap(log: PlayLog, fit: InducedFit, *, block: int, draws: int = 500, seed: int = 0) -> Array:
    """Coefficients of logs made of blocks of rounds that follow each other, drawn with replacement, (B, k).

    A moving-block bootstrap (Kunsch 1989) with one intercept; take percentile intervals of the columns. It allows for
    errors that last over about a block. Samples that don't identify a coefficient give NaN there.

    Args:
        log: The log that was fitted.
        fit: The fit, which names the columns.
        block: Rounds in a block; about the cube root of their number, or as long as errors last.
        draws: Number of samples.
        seed: Of the draws.

    Raises:
        InputError: A block longer than half the log, or another log than the fitted one.
    """
    if fit.columns.values.shape[0] != log.rows:
        raise InputError("log", f"{log.rows} rows", f"the fit has {fit.columns.values.shape[0]}; give the log it used")
    rounds, period = np.unique(log.rounds, return_inverse=True)
    if whole_number("block", block, minimum=1) > rounds.size // 2:
        raise InputError("block", block, f"the log has {rounds.size} rounds; use at most {rounds.size // 2}")
    columns = np.column_stack([np.ones(log.rows), fit.columns.values - fit.columns.values.mean(axis=0)])
    order = np.argsort(period, kind="stable")
    cuts = np.cumsum(np.bincount(period))[:-1]
    parts = list(zip(np.split(columns[order], cuts), np.split(log.payoffs[order], cuts), strict=True))
    grams = np.stack([x.T @ x for x, _ in parts])
    scores = np.stack([x.T @ u for x, u in parts])
    rng = generator(seed, round=0, agent=-1, purpose="block bootstrap")
    starts = rng.integers(rounds.size - block + 1, size=(draws, -(-rounds.size // block)))
    chosen = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, : rounds.size]
    found = np.full((draws, len(fit.columns.terms)), np.nan)
    for draw, picked in enumerate(chosen):
        times = np.bincount(picked, minlength=rounds.size).astype(np.float64)
        gram = np.tensordot(times, grams, axes=1)
        scale = np.sqrt(np.maximum(np.diag(gram), 1e-300))
        scaled = gram / np.outer(scale, scale)
        if np.linalg.eigvalsh(scaled)[0] > 1e-12:
            found[draw] = (np.linalg.solve(scaled, (times @ scores) / scale) / scale)[1:]
    return read_only(found)
