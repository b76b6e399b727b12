"""How good solver and auditor are, from generated material: success by task, catch and false-flag rates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from agents.parametric import AuditQuality
from platforms.oversight.pipeline import Flags, Material
from sim.arrays import Array
from sim.randomness import generator


class Measured(NamedTuple):
    """What the closed forms and the parametric agents need.

    Attributes:
        success: F, share of right answers among the readable ones by task, (T,); 0 where none is.
        quality: Catch and false-flag rates and the rest of `AuditQuality`.
        draws: Bootstrap draws of the quality's numbers by name, (D,) each.
    """

    success: Array
    quality: AuditQuality
    draws: dict[str, Array]


def measure(material: Material, *, check_rate: float, draws: int, seed: int) -> Measured:
    """Rates with intervals from a bootstrap over tasks; a rate of no cases counts as 0.

    Args:
        material: Answers and audits.
        check_rate: rho, which is set, not measured.
        draws: Bootstrap draws.
        seed: Of the bootstrap.
    """
    rng = generator(seed, round=0, agent=-1, purpose="bootstrap of tasks")
    counts = rng.multinomial(material.tasks, np.full(material.tasks, 1 / material.tasks), size=draws)
    found = rates(material, np.concatenate([np.ones((1, material.tasks)), counts]))
    sound, readable = material.by_task(material.right), material.by_task(material.readable)
    quality = {name: float(column[0]) for name, column in found.items()}
    return Measured(
        success=np.divide(sound, readable, out=np.zeros(material.tasks), where=readable > 0),
        quality=AuditQuality(check_rate=check_rate, **quality),
        draws={name: column[1:] for name, column in found.items()},
    )


def rates(material: Material, weights: Array) -> dict[str, Array]:
    """Rates of `AuditQuality` under weights of the tasks, (D, T); one array of shape (D,) a rate."""
    wrong, right = material.readable & ~material.right, material.right
    caught = wrong & material.flagged
    shares: dict[str, tuple[Flags, Flags]] = {
        "catch": (material.flagged, wrong & material.audit_readable),
        "false_flag": (material.flagged, right & material.audit_readable),
        "by_chance": (~material.evidence_right, caught),
        "invalid": (~material.audit_readable, material.readable),
        "truncated": (~material.readable, np.ones_like(material.readable)),
    }
    return {name: _share(material, hit & among, among, weights) for name, (hit, among) in shares.items()}


def _share(material: Material, hit: Flags, among: Flags, weights: Array) -> Array:
    total = weights @ material.by_task(among)
    share: Array = np.divide(weights @ material.by_task(hit), total, out=np.zeros(len(weights)), where=total > 0)
    return share


def falls_with_grade(
    material: Material, what: Flags, *, draws: int, seed: int, among: Flags | None = None
) -> tuple[float, float, float]:
    """Rank correlation (Kendall's tau-b) of a share and grade over tasks, with a 95% bootstrap interval.

    NaN where shares or grades are all alike.

    Args:
        material: Answers and audits.
        what: What is counted, (N,).
        draws: Bootstrap draws.
        seed: Of the bootstrap.
        among: Rows that count, (N,); tasks without any are left out. Default: all.
    """
    rows = np.ones_like(what) if among is None else among
    cases = material.by_task(rows)
    tasks = np.flatnonzero(cases)
    share = material.by_task(what & rows)[tasks] / cases[tasks]
    grade = material.by_task(material.grade.astype(np.float64))[tasks]
    rng = generator(seed, round=0, agent=-1, purpose="bootstrap of grades")
    picks = rng.integers(tasks.size, size=(draws, tasks.size))
    drawn = np.array([stats.kendalltau(share[pick], grade[pick]).statistic for pick in picks])
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn.size else (np.nan, np.nan)
    return float(stats.kendalltau(share, grade).statistic), float(low), float(high)
