"""Tables of the language-model studies: what was measured, by grade and in all, observed and predicted, thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from agents.parametric import Rates
from experiments.studies.oversight.language_heads import ends
from platforms.oversight.measured import Measured
from platforms.oversight.pipeline import Material
from platforms.oversight.prediction import audit_threshold
from sim.arrays import Array
from sim.oversight import PROFILES, solver_threshold
from sim.randomness import generator


def by_grade(material: Material, *, draws: int, seed: int) -> tuple[list[int], dict[str, tuple[Array, Array, Array]]]:
    """Grades, and shares by grade with 95% intervals over tasks of the grade: success, catches, false flags."""
    grades = [int(grade) for grade in np.unique(material.grade)]
    wrong = material.readable & ~material.right
    shares = {
        "right answers": (material.right, np.ones_like(wrong)),
        "wrong answers flagged when audited": (material.flagged & wrong, wrong & material.audit_readable),
        "right answers flagged when audited": (
            material.flagged & material.right,
            material.right & material.audit_readable,
        ),
        "right evidence on wrong answers": (material.evidence_right & wrong, wrong & material.audit_readable),
    }
    grade = material.by_task(material.grade.astype(np.float64))
    rng = generator(seed, round=0, agent=-1, purpose="tasks of a grade")
    found: dict[str, tuple[Array, Array, Array]] = {}
    for name, (hit, among) in shares.items():
        hits, cases = material.by_task(hit), material.by_task(among)
        columns = []
        for one in grades:
            tasks = np.flatnonzero(grade == one)
            picks = np.concatenate([tasks[None], rng.choice(tasks, size=(draws, tasks.size))])
            total = cases[picks].sum(axis=1)
            share = np.divide(hits[picks].sum(axis=1), total, out=np.full(len(picks), np.nan), where=total > 0)
            drawn = share[1:][np.isfinite(share[1:])]
            columns.append([share[0], *(np.quantile(drawn, [0.025, 0.975]) if drawn.size else (np.nan, np.nan))])
        mean, low, high = np.array(columns).T
        found[name] = (mean, low, high)
    return grades, found


def quality_rows(measured: Measured) -> pd.DataFrame:
    """Rates of solver and auditor with their 95% intervals."""
    rows = [
        {"rate": name, "value": value, **dict(zip(("low", "high"), ends(measured.draws[name]), strict=True))}
        for name, value in asdict(measured.quality).items()
        if name in measured.draws
    ]
    return pd.DataFrame([*rows, {"rate": "success, mean over tasks", "value": measured.success.mean()}])


def rate_rows(observed: Rates, predicted: Mapping[str, Rates]) -> pd.DataFrame:
    """Mean and range of repetitions of every rate, a row a profile, observed first."""
    rows = []
    for kind, rates in {"observed": observed, **predicted}.items():
        for p, profile in enumerate(PROFILES):
            row: dict[str, object] = {"profile": profile, "of": kind}
            for field in rates._fields:
                samples = getattr(rates, field)[p]
                row |= {field: samples.mean(), f"{field} low": ends(samples)[0], f"{field} high": ends(samples)[1]}
            rows.append(row)
    return pd.DataFrame(rows)


def threshold_rows(measured: Measured) -> pd.DataFrame:
    """Thresholds of solver and auditor under each profile, at the measured rates."""
    caught = measured.quality.catch * (1 - measured.quality.invalid)
    return pd.DataFrame(
        [
            {
                "profile": name,
                "attempt from, nothing audited": solver_threshold(profile),
                "attempt from, everything audited": solver_threshold(profile, caught),
                "audit up to": audit_threshold(profile, measured.quality),
            }
            for name, profile in PROFILES.items()
        ]
    )
