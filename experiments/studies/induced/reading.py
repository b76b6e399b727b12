"""What one log says: fits, form, unseen rounds, and where accounts should settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.errors import InputError
from sim.estimation.induced import (
    Comparison,
    FormTest,
    FullFit,
    HeldOut,
    InducedEquilibrium,
    PlayLog,
    Published,
    Quadratic,
    ScalarFit,
    WithShapes,
    compare,
    fit_full,
    fit_scalar,
    form_test,
    held_out,
    predict,
)
from sim.estimation.induced.columns import Clusters, Intercepts
from sim.estimation.induced.held_out import Model

FITTED, SHAPED, PUBLISHED = "fitted", "fitted with given shapes", "published"
_FOLDS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """One log, read.

    Attributes:
        log: The log.
        full: Fit without given shapes.
        shaped: Fit with given shapes, or None where none are given.
        form: Tests of the quadratic form.
        unseen: Errors on rounds not seen, or None where the log is too short, which `unseen_why` says.
        unseen_why: "" or the reason.
        prediction: Where accounts should settle, or None, and then `prediction_why` says why.
        prediction_why: "" or the reason.
        end: Mean mixture of the last rounds, (D,).
        comparison: The prediction against `end`, or None.
        persistence: Correlation of an account's residual with its next one; NaN where accounts have no two rounds that
            follow each other.
        persistent: Pairs behind it.
    """

    log: PlayLog
    full: FullFit
    shaped: ScalarFit | None
    form: FormTest
    unseen: HeldOut | None
    unseen_why: str
    prediction: InducedEquilibrium | None
    prediction_why: str
    end: Array
    comparison: Comparison | None
    persistence: float
    persistent: int


def read(
    log: PlayLog,
    published: AlignmentGame | None,
    *,
    clusters: Clusters,
    intercepts: Intercepts,
    symmetric: bool,
    draws: int,
    confidence: float,
    window: float,
    seed: int,
) -> Reading:
    """Fit, test and predict.

    Args:
        log: The log.
        published: Published coefficients with given shapes, or None.
        clusters: As of `fit_full`.
        intercepts: As of `fit_full`.
        symmetric: As of `fit_full`.
        draws: Draws behind the region of the prediction.
        confidence: Of the region.
        window: Share of the rounds, the last ones, that count as the end.
        seed: Of the draws.

    Raises:
        InputError: Nothing can be told, or too few rounds.
    """
    full = fit_full(log, clusters=clusters, intercepts=intercepts, symmetric=symmetric)
    shaped = None if published is None else fit_scalar(log, published, clusters=clusters, intercepts=intercepts)
    models: dict[str, Model] = {FITTED: Quadratic(symmetric=symmetric)}
    if published is not None:
        models |= {SHAPED: WithShapes(published), PUBLISHED: Published(published)}
    unseen, unseen_why = _unseen(log, models)
    accounts = round(log.rows / np.unique(log.rounds).size)
    prediction, prediction_why = None, ""
    try:
        prediction = predict(full, accounts=max(accounts, 2), draws=draws, confidence=confidence, seed=seed)
    except InputError as error:
        prediction_why = str(error)
    rounds = np.unique(log.rounds)
    last = rounds[-max(1, round(window * rounds.size)) :]
    end = log.mixtures[np.isin(log.rounds, last)].mean(axis=0)
    end = end / end.sum()
    persistence, pairs = _persistence(log, full.regression.residuals)
    return Reading(
        log=log,
        full=full,
        shaped=shaped,
        form=form_test(log, clusters=clusters, intercepts=intercepts),
        unseen=unseen,
        unseen_why=unseen_why,
        prediction=prediction,
        prediction_why=prediction_why,
        end=end,
        comparison=None if prediction is None else compare(prediction, end),
        persistence=persistence,
        persistent=pairs,
    )


def _unseen(log: PlayLog, models: Mapping[str, Model]) -> tuple[HeldOut | None, str]:
    try:
        return held_out(log, models, folds=_FOLDS), ""
    except InputError as error:
        return None, str(error)


def _persistence(log: PlayLog, residuals: Array) -> tuple[float, int]:
    """Correlation of an account's residual with that of the next round."""
    order = np.lexsort((log.rounds, log.accounts))
    follows = (np.diff(log.accounts[order]) == 0) & (np.diff(log.rounds[order]) == 1)
    first, second = residuals[order][:-1][follows], residuals[order][1:][follows]
    if first.size < 10 or first.std() == 0 or second.std() == 0:
        return float("nan"), int(first.size)
    return float(np.corrcoef(first, second)[0, 1]), int(first.size)
