"""What theory says of the heads before they are trained, four times, each knowing less about them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from agents.parametric import Pairs, Rates, TaskPool, Training, event_chances, pay_of, rates_of, train
from experiments.studies.oversight.language_heads import VALUES, VECTORS, Trained
from platforms.oversight.decision_heads import designs
from platforms.oversight.measured import Measured
from platforms.oversight.pipeline import Flags, Material
from platforms.oversight.play import events_of
from platforms.oversight.prediction import audit_gains, audit_threshold, event_shares, predict
from sim.arrays import Array
from sim.oversight import PROFILES
from sim.oversight.events import Event

UNEVEN = "thresholds, heads' knowledge, audits as they come"
SEEN = "thresholds, heads' knowledge, audits alike"
KNOWN = "thresholds, difficulty known"
PARAMETRIC = "parametric agents"


def predictions(
    material: Material,
    measured: Measured,
    trained: Trained,
    *,
    parametric: Training,
    rounds: int,
    steps: int,
    seed: int,
) -> Mapping[str, Rates]:
    """Rates by kind of prediction, each of shape (P, S) or (P, 1).

    - `UNEVEN`: as `SEEN`, but audits need not be equally good on all answers: the chance of all that one can find is
      read from the auditor's features too.
    - `SEEN`: the closed forms' thresholds on the chance of being right that a supervised reading of the heads' features
      gives, fitted on a repetition's own tasks and applied to its held-out ones.
    - `KNOWN`: the thresholds on the tasks' measured success rates F, as if both agents knew how hard each task is.
    - `PARAMETRIC`: logistic agents with noisy signals of difficulty, trained on F and the measured audit rates.

    Args:
        material: Answers and audits.
        measured: F and the audit rates.
        trained: The heads, for their tasks; what they chose is not looked at.
        parametric: Training of the parametric agents.
        rounds: Rounds of it.
        steps: Steps of a round.
        seed: First seed of it.
    """
    return {
        UNEVEN: _seen(material, measured, trained, uneven=True),
        SEEN: _seen(material, measured, trained, uneven=False),
        KNOWN: _known(measured),
        PARAMETRIC: _parametric(measured, parametric, rounds=rounds, steps=steps, seeds=range(seed, seed + 5)),
    }


def calibrated(design: Array, right: Flags, weights: Array) -> Array:
    """Chance of being right by a logistic regression on the features, (N,); the share where all or none is right."""
    among = weights > 0
    if right[among].all() or not right[among].any():
        return np.full(len(design), float(right[among].mean()))
    fitted = LogisticRegression(C=100.0).fit(design[among, :-1], right[among], sample_weight=weights[among])
    chance: Array = fitted.predict_proba(design[:, :-1])[:, 1]
    return chance


def likely_events(design: Array, found: NDArray[np.int8], weights: Array) -> Array:
    """Chance of each event of an audit by a logistic regression on the features, (N, 12)."""
    among = weights > 0
    chances = np.zeros((len(design), len(Event)))
    kinds = np.unique(found[among])
    if kinds.size == 1:
        chances[:, kinds[0]] = 1.0
        return chances
    fitted = LogisticRegression(C=100.0, max_iter=1000).fit(
        design[among, :-1], found[among], sample_weight=weights[among]
    )
    chances[:, fitted.classes_] = fitted.predict_proba(design[:, :-1])
    return chances


def _seen(material: Material, measured: Measured, trained: Trained, *, uneven: bool) -> Rates:
    of_solver, of_auditor = designs(material)
    found = events_of(material, attempted=True, audited=True, checked=False)
    shares = np.empty((len(PROFILES), len(trained.split.drawn), len(Event)))
    for s, (drawn, held_out) in enumerate(zip(*trained.split, strict=True)):
        weights = drawn * material.readable.astype(np.float64)
        rows = held_out & material.readable
        truth = material.right[rows].astype(np.float64)
        by_solver, by_auditor = (calibrated(one, material.right, weights)[rows] for one in (of_solver, of_auditor))
        chances = likely_events(of_auditor, found, weights)[rows]
        for p, profile in enumerate(PROFILES.values()):
            if uneven:
                audited = audit_gains(profile, chances) >= 0
            else:
                audited = by_auditor <= audit_threshold(profile, measured.quality)
            predicted = predict(profile, measured.quality, solver_sees=by_solver, audited=audited, truth=truth)
            shares[p, s] = event_shares(predicted, measured.quality, truth)
    return rates_of(shares, VALUES)


def _known(measured: Measured) -> Rates:
    success, quality = measured.success, measured.quality
    shares = []
    for profile in PROFILES.values():
        audited = success <= audit_threshold(profile, quality)
        predicted = predict(profile, quality, solver_sees=success, audited=audited, truth=success)
        shares.append(event_shares(predicted, quality, success))
    return rates_of(np.array(shares)[:, None], VALUES)


def _parametric(measured: Measured, training: Training, *, rounds: int, steps: int, seeds: range) -> Rates:
    pool = TaskPool(measured.success)
    pairs = Pairs.alike(list(range(len(seeds))) * len(VECTORS))
    pay = pay_of(np.repeat(VECTORS, len(seeds), axis=0))
    for number in range(rounds):
        pairs = train(pairs, pool, measured.quality, pay, training, steps=steps, seeds=seeds, round=number)
    chances = event_chances(pairs, pool, measured.quality)
    return rates_of(chances.reshape(len(VECTORS), len(seeds), -1), VALUES)
