"""Least squares with clusters: which coefficients the columns tell apart, honest errors, tests with few clusters.

Covariance CR2 (Bell and McCaffrey 2002): unbiased where errors are independent, however few the clusters. Intervals
with Satterthwaite degrees of freedom and tests with the approximate Hotelling distribution (Pustejovsky and Tipton
2018, Journal of Business & Economic Statistics 36). Everything is computed on an orthonormal basis Z of the columns, so
a cluster costs its r x r Gram matrix only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.draws import Bounds

SINGULAR = 1e-6
"""Directions of the scaled columns with a singular value below this share of the largest are not identified."""
_TOLD = 1e-4
"""A combination with less than this share of itself along directions that are not identified is told."""
_EXACT = 1e-10
"""Residuals below this share of the spread of payoffs are rounding: the columns explain everything."""


class WaldTest(NamedTuple):
    """A test that several combinations of coefficients are zero.

    Attributes:
        statistic: F statistic; NaN where it can't be computed.
        restrictions: Number of combinations q.
        freedom: Denominator degrees of freedom.
        p_value: NaN where there are too few clusters for q restrictions, or nothing to test.
    """

    statistic: float
    restrictions: int
    freedom: float
    p_value: float


class Estimates(NamedTuple):
    """Combinations of coefficients with their errors, (q,) each; NaN where not identified.

    Attributes:
        values: Estimates.
        errors: Standard errors.
        freedom: Degrees of freedom of each.
    """

    values: Array
    errors: Array
    freedom: Array

    def interval(self, confidence: float = 0.95) -> Bounds:
        """Student intervals.

        Raises:
            InputError: Confidence is not between 0 and 1.
        """
        if not 0 < confidence < 1:
            raise InputError("confidence", confidence, "expected a number between 0 and 1, such as 0.95")
        half = stats.t.ppf((1 + confidence) / 2, self.freedom) * self.errors
        return Bounds(self.values - half, self.values + half)


@dataclass(frozen=True, eq=False, kw_only=True)
class Regression:
    """A least-squares fit of payoffs on k named columns and an intercept.

    Attributes:
        terms: Names of the columns.
        coefficients: (k,); NaN where the columns don't identify one.
        identified: (k,).
        inflation: Variance inflation factor of each: variance over that with uncorrelated columns, (k,); inf where not
            identified.
        levels: Intercepts: one, or one per label, (L,).
        residuals: (N,).
        r_squared: Share of the variance (within labels, where intercepts have labels) that is explained.
        adjusted: The same, corrected for the number of coefficients.
        clusters: Number of clusters.
        rank: Number of identified directions.
        null: Directions the columns don't tell, in standard deviations of each column, (k, k - rank).
    """

    terms: tuple[str, ...]
    coefficients: Array
    identified: NDArray[np.bool_]
    inflation: Array
    levels: Array
    residuals: Array
    r_squared: float
    adjusted: float
    clusters: int
    rank: int
    null: Array
    _unit: Array
    _solution: Array
    _map: Array
    _scores: Array
    _grams: Array
    _exact: bool

    @property
    def noise(self) -> float:
        """Standard deviation of the residuals, in units of payoff."""
        free = max(self.residuals.size - self.rank - self.levels.size, 1)
        return float(np.sqrt(self.residuals @ self.residuals / free))

    def predict(self, columns: Array, labels: NDArray[np.int64] | None = None) -> Array:
        """Payoffs of other rows with the same columns, (n,); a label without an intercept gets the mean of all."""
        level = np.full(len(columns), self.levels.mean())
        if labels is not None:
            known = np.flatnonzero(~np.isnan(self.levels))
            level = np.where(np.isin(labels, known), self.levels[np.minimum(labels, self.levels.size - 1)], level)
        paid: Array = level + columns @ self._solution
        return paid

    @property
    def covariance(self) -> Array:
        """CR2 covariance of the coefficients, (k, k); of those not identified it means nothing."""
        adjusted = np.einsum("gij,gj->gi", self._roots(), self._scores)
        spread = adjusted @ self._map.T
        matrix: Array = spread.T @ spread
        return matrix

    def combine(self, weights: Array) -> Estimates:
        """Estimates of linear combinations of the coefficients.

        Args:
            weights: One combination a row, (q, k).
        """
        directions = self._map.T @ weights.T
        spread = np.einsum("gij,gj->gi", self._roots(), self._scores) @ directions
        errors = np.sqrt(np.sum(spread**2, axis=0))
        alpha, moved = self._working(directions)
        own = np.einsum("gss->gs", alpha)
        length = np.sum(moved**2, axis=1)
        cross = np.einsum("gis,gjs->sij", moved, moved)
        trace = np.sum(own - length, axis=0)
        square = np.sum(own**2 - 2 * own * length, axis=0) + np.sum(cross**2, axis=(1, 2))
        known = self._told(weights)
        freedom = np.where(square > 0, trace**2 / np.where(square > 0, square, 1.0), np.nan)
        values = weights @ self._solution
        nan = np.where(known, 1.0, np.nan)
        return Estimates(values * nan, errors * nan, freedom * nan)

    def estimates(self) -> Estimates:
        """The coefficients with their errors."""
        return self.combine(np.eye(len(self.terms)))

    def test(self, weights: Array, values: Array | None = None) -> WaldTest:
        """Test that combinations of coefficients equal given values (zero, if none are given).

        Args:
            weights: One combination a row, (q, k), linearly independent.
            values: (q,).
        """
        count = len(weights)
        if count == 0 or not self._told(weights).all():
            return WaldTest(np.nan, count, np.nan, np.nan)
        aim = np.zeros(count) if values is None else values
        gap = weights @ self._solution - aim
        if self._exact:
            agrees = bool(np.abs(gap).max() <= 1e-6 * max(1.0, float(np.abs(self._solution).max())))
            return WaldTest(0.0 if agrees else np.inf, count, np.inf, 1.0 if agrees else 0.0)
        directions = self._map.T @ weights.T
        alpha, moved = self._working(directions)
        expected = np.sum(alpha - np.einsum("gis,git->gst", moved, moved), axis=0)
        unit = 1 / np.sqrt(np.maximum(np.diag(expected), 1e-300))
        size, modes = np.linalg.eigh(expected * np.outer(unit, unit))
        if size[0] <= 1e-12 * size[-1]:
            return WaldTest(np.nan, count, np.nan, np.nan)
        root = unit[:, None] * modes / np.sqrt(size)
        freedom = _hotelling_freedom(
            np.einsum("gst,sa,tb->gab", alpha, root, root), np.einsum("gis,sa->gia", moved, root)
        )
        last = freedom - count + 1
        spread = np.einsum("gij,gj->gi", self._roots(), self._scores) @ directions @ root
        observed = spread.T @ spread
        scaled = root.T @ gap
        if last <= 0 or np.linalg.eigvalsh(observed)[0] <= 1e-12 * np.trace(observed):
            return WaldTest(np.nan, count, max(last, 0.0), np.nan)
        statistic = float(last / (freedom * count) * (scaled @ np.linalg.solve(observed, scaled)))
        return WaldTest(statistic, count, float(last), float(stats.f.sf(statistic, count, last)))

    def _told(self, weights: Array) -> NDArray[np.bool_]:
        """Whether each combination has no part along a direction that is not identified."""
        scaled = weights / self._unit
        lost = np.abs(scaled @ self.null).max(axis=1, initial=0.0)
        told: NDArray[np.bool_] = lost <= _TOLD * np.sqrt(np.sum(scaled**2, axis=1))
        return told

    def _roots(self) -> Array:
        """(I - Z_g'Z_g)^(-1/2) of every cluster, pseudo-inverse, (G, r, r)."""
        values, modes = np.linalg.eigh(self._grams)
        rest = 1 - values
        scale = np.where(rest > 1e-8, 1 / np.sqrt(np.maximum(rest, 1e-8)), 0.0)
        roots: Array = np.einsum("gik,gk,gjk->gij", modes, scale, modes)
        return roots

    def _working(self, directions: Array) -> tuple[Array, Array]:
        """Inner products of the influence of clusters under independent errors: diag(alpha) - moved moved'."""
        roots = self._roots()
        turned = np.einsum("gij,js->gis", roots, directions)
        moved = np.einsum("gij,gjs->gis", self._grams, turned)
        return np.einsum("gis,git->gst", turned, moved), moved


def regress(
    terms: Sequence[str],
    columns: Array,
    payoffs: Array,
    clusters: NDArray[np.int64],
    labels: NDArray[np.int64] | None = None,
) -> Regression:
    """Fit payoffs by least squares on columns and an intercept.

    Args:
        terms: Names of the columns.
        columns: (N, k).
        payoffs: (N,).
        clusters: Rows with the same number may share errors, (N,).
        labels: Rows with the same number have an intercept of their own, 0..L-1, (N,); None: one intercept for all.

    Raises:
        InputError: Fewer than 3 clusters, or no more rows than coefficients.
    """
    rows, count = columns.shape
    _, cluster = np.unique(clusters, return_inverse=True)
    groups = int(cluster.max()) + 1
    if groups < 3:
        raise InputError("log", f"{groups} cluster(s)", "errors are estimated between clusters: give 3 or more rounds")
    label = np.zeros(rows, np.int64) if labels is None else labels
    own_levels = int(label.max()) + 1
    if rows <= count + own_levels:
        remedy = f"{count} coefficients and {own_levels} intercept(s) need more rows; log more rounds"
        raise InputError("log", f"{rows} rows", remedy)
    paid = payoffs - _means(payoffs[:, None], label, own_levels)[label, 0]
    averages = _means(columns, label, own_levels)
    centred = columns - averages[label]
    scale = np.sqrt(np.mean(centred**2, axis=0))
    dead = scale <= 1e-10 * np.maximum(np.abs(columns).max(axis=0), 1e-300)
    unit = np.where(dead, 1.0, scale) * np.sqrt(rows)
    left, strength, right = np.linalg.svd(np.where(dead, 0.0, centred / unit), full_matrices=False)
    rank = int(np.sum(strength > SINGULAR * max(float(strength[0]), SINGULAR)))
    basis, told = left[:, :rank], right[:rank].T
    mapping = told / strength[:rank] / unit[:, None]
    weights = basis.T @ paid
    solution = mapping @ weights
    residuals = paid - basis @ weights
    # Each coefficient's own share of the directions that are told: 1 unless some of it lies in the null space.
    identified = ~dead & (1 - np.sum(told**2, axis=1) < _TOLD**2)
    inflation = np.where(identified, np.sum((told / strength[:rank]) ** 2, axis=1), np.inf)
    total = float(paid @ paid)
    unexplained = float(residuals @ residuals)
    free = rows - rank - own_levels
    if labels is None:
        basis = np.column_stack([basis, np.full(rows, rows**-0.5)])
        mapping = np.column_stack([mapping, np.zeros(count)])
    order = np.argsort(cluster, kind="stable")
    cuts = np.cumsum(np.bincount(cluster))[:-1]
    blocks = np.split(basis[order], cuts)
    errors = np.split(residuals[order], cuts)
    # Intercepts that were taken out beforehand also cost degrees of freedom.
    cost = np.sqrt((rows - rank) / free) if labels is not None else 1.0
    return Regression(
        terms=tuple(terms),
        coefficients=np.where(identified, solution, np.nan),
        identified=identified,
        inflation=inflation,
        levels=_means(payoffs[:, None], label, own_levels)[:, 0] - averages @ solution,
        residuals=residuals,
        r_squared=1 - unexplained / total if total > 0 else np.nan,
        adjusted=1 - (unexplained / free) / (total / (rows - own_levels)) if total > 0 else np.nan,
        clusters=groups,
        rank=rank,
        null=_null(right, rank, dead, count),
        _unit=unit,
        _solution=solution,
        _map=mapping,
        _scores=cost * np.stack([block.T @ error for block, error in zip(blocks, errors, strict=True)]),
        _grams=np.stack([block.T @ block for block in blocks]),
        _exact=unexplained <= (_EXACT**2) * total,
    )


def _means(values: Array, label: NDArray[np.int64], count: int) -> Array:
    sums = np.stack([np.bincount(label, weights=column, minlength=count) for column in values.T], axis=1)
    sizes = np.bincount(label, minlength=count)[:, None]
    means: Array = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.nan)
    return means


def _null(right: Array, rank: int, dead: NDArray[np.bool_], count: int) -> Array:
    """Orthonormal basis of what is not identified, (k, k - rank)."""
    told = right[:rank].T
    whole = np.eye(count) - told @ told.T
    values, modes = np.linalg.eigh(whole)
    null: Array = modes[:, values > 0.5]
    return null


def _hotelling_freedom(alpha: Array, moved: Array) -> float:
    """Freedom nu = q (q + 1) / sum of the variances of the standardised covariance's entries."""
    count = alpha.shape[1]
    cross = np.einsum("gis,gjt->stij", moved, moved)
    own = np.einsum("gss->gs", alpha)
    length = np.einsum("gis,gis->gs", moved, moved)
    inner = np.einsum("gis,git->gst", moved, moved)
    # Over all s, t, g, h: (ss)_gh (tt)_gh + (st)_gh (ts)_gh, with (st) = diag(alpha_st) - moved_s moved_t'.
    first = np.sum(own.sum(axis=1) ** 2) - 2 * np.sum(own.sum(axis=1) * length.sum(axis=1)) + np.sum(cross**2)
    second = np.sum(alpha**2) - 2 * np.sum(alpha * inner) + np.einsum("stij,stji->", cross, cross)
    return float(count * (count + 1) / (first + second))
