"""Is the utility quadratic? Tests of the form, with errors that clusters may share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.arrays import Array
from sim.estimation.induced.clustered import WaldTest, regress
from sim.estimation.induced.columns import (
    Clusters,
    Intercepts,
    cluster_labels,
    cubic_columns,
    intercept_labels,
    quadratic_columns,
)
from sim.estimation.induced.log import PlayLog

_CLUSTERS_A_TERM = 8
"""Clusters needed for each restriction: a test of many restrictions with few clusters has hardly any power."""


class FormTest(NamedTuple):
    """Tests of the quadratic form.

    Attributes:
        cubic: That w_d^3, w_d^2 v_d and w_d v_d^2 of all groups add nothing; where there are few clusters, that the
            directions in which these vary most add nothing.
        reset: That the square and the cube of the fitted payoff add nothing (Ramsey 1969).
        p_value: Of both together, twice the smaller one (Bonferroni); NaN where neither can be computed.
    """

    cubic: WaldTest
    reset: WaldTest
    p_value: float

    def rejected(self, level: float = 0.05) -> bool | None:
        """Whether the form is rejected at that level; None where the log is too small to say."""
        return None if np.isnan(self.p_value) else bool(self.p_value < level)


def form_test(
    log: PlayLog,
    *,
    clusters: Clusters = "round",
    intercepts: Intercepts = "common",
    nuisance: bool = True,
) -> FormTest:
    """Test that payoffs are quadratic in what one plays and meets, as every alignment game's are.

    The quadratic form is fitted without given shapes, so that a rejection is about the form and not about a shape.

    Args:
        log: The log.
        clusters: As of `fit_full`.
        intercepts: As of `fit_full`.
        nuisance: As of `fit_full`.

    Raises:
        InputError: As of `fit_full`.
    """
    quadratic = quadratic_columns(log, symmetric=False, nuisance=nuisance and intercepts != "round")
    cluster, labels = cluster_labels(log, clusters), intercept_labels(log, intercepts)
    plain = regress(quadratic.terms, quadratic.values, log.payoffs, cluster, labels)
    most = plain.clusters // _CLUSTERS_A_TERM
    fitted = log.payoffs - plain.residuals
    spread = (fitted - fitted.mean()) / max(float(fitted.std()), 1e-300)

    def added(extra: Array) -> WaldTest:
        columns = _new(extra, quadratic.values, most)
        count = columns.shape[1]
        if not count or log.rows <= quadratic.values.shape[1] + count + plain.levels.size:
            return WaldTest(np.nan, count, np.nan, np.nan)
        # The old columns by a basis, so that what they can't tell apart does not matter here.
        old = _basis(quadratic.values)
        terms = [f"direction {i}" for i in range(old.shape[1])] + [f"added {i}" for i in range(count)]
        wider = regress(terms, np.hstack([old, columns]), log.payoffs, cluster, labels)
        return wider.test(np.eye(count, len(terms), old.shape[1]))

    cubic, reset = added(cubic_columns(log)), added(np.stack([spread**2, spread**3], axis=1))
    known = [test.p_value for test in (cubic, reset) if not np.isnan(test.p_value)]
    p_value = min(1.0, len(known) * min(known)) if known else np.nan
    return FormTest(cubic, reset, p_value)


def _basis(columns: Array) -> Array:
    """Orthonormal basis of centred columns, (N, r)."""
    centred = columns - columns.mean(axis=0)
    scale = np.sqrt(np.mean(centred**2, axis=0))
    left, strength, _ = np.linalg.svd(centred[:, scale > 0] / scale[scale > 0], full_matrices=False)
    basis: Array = left[:, strength > 1e-6 * float(strength.max(initial=1e-300))]
    return basis


def _new(extra: Array, old: Array, most: int) -> Array:
    """The directions of `extra` that `old` doesn't span, at most so many: those that vary most, orthonormal."""
    centred = extra - extra.mean(axis=0)
    centred = centred / np.maximum(np.sqrt(np.sum(centred**2, axis=0)), 1e-300)
    basis = _basis(old)
    left, strength, _ = np.linalg.svd(centred - basis @ (basis.T @ centred), full_matrices=False)
    columns: Array = left[:, strength > 1e-5][:, : max(most, 0)]
    return columns
