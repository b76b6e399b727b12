"""The numbers of an audit as files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.studies.audit.levers import Lever, price_of
from experiments.studies.audit.standing import Standing
from experiments.studies.evidence import Evidence
from experiments.study import Table
from sim.arrays import Array


def tables(evidence: Evidence, now: Standing, levers: Sequence[Lever]) -> tuple[Table, ...]:
    """Groups, levers, C and S."""
    return (
        Table(path="groups.csv", caption="Groups at the current incentives", rows=_groups(evidence, now)),
        Table(path="levers.csv", caption="Smallest changes and their price", rows=_levers(evidence, now, levers)),
        Table(path="inconsistency.csv", caption="C", rows=_matrix(evidence, evidence.terms.inconsistency)),
        Table(path="similarity.csv", caption="S", rows=_matrix(evidence, evidence.terms.similarity)),
    )


def _groups(evidence: Evidence, now: Standing) -> pd.DataFrame:
    draws, risk = evidence.draws, now.risk
    columns: dict[str, object] = {
        "group": evidence.groups,
        "share": evidence.loaded.table.shares,
        "attractiveness": evidence.terms.attractiveness,
        "own inconsistency": np.diag(evidence.terms.inconsistency),
        "weight": now.equilibrium.mixture,
        "status": now.status(),
    }
    if draws is not None and risk is not None:
        for end, a, own, weight in zip(
            ("low", "high"),
            draws.interval("attractiveness"),
            draws.interval("inconsistency"),
            risk.interval,
            strict=True,
        ):
            columns |= {f"attractiveness {end}": a, f"own inconsistency {end}": np.diag(own), f"weight {end}": weight}
        columns["chance below threshold"] = risk.below
    return pd.DataFrame(columns)


def _levers(evidence: Evidence, now: Standing, levers: Sequence[Lever]) -> pd.DataFrame:
    rows = [{"lever": "none (now)", "for": "", **_row(evidence, now)}]
    for lever in levers:
        for aim, outcome in (("estimate", lever.outcome), (f"{now.confidence:g} of draws", lever.sure)):
            if outcome is not None:
                size = outcome.change.size
                rows.append({"lever": lever.name, "for": aim, "size": size, **_row(evidence, outcome.after)})
    return pd.DataFrame(rows)


def _row(evidence: Evidence, standing: Standing) -> dict[str, float]:
    bare, parts = price_of(evidence, standing)
    price = standing.incentives
    return {
        "bA": price.attractiveness,
        "bI": price.inconsistency,
        "bD": price.diversity,
        "least weight": float(standing.equilibrium.mixture.min()),
        "every group kept": standing.all_kept,
        "a'w": bare.attractiveness,
        "w'Cw": -bare.inconsistency,
        "w'Sw": -bare.diversity,
        "utility of attractiveness": parts.attractiveness,
        "utility of inconsistency": parts.inconsistency,
        "utility of diversity": parts.diversity,
        "effective groups (entropy)": standing.effective.shannon,
        "effective groups (Simpson)": standing.effective.simpson,
        "kappa": standing.equilibrium.stability,
    }


def _matrix(evidence: Evidence, matrix: Array) -> pd.DataFrame:
    frame = pd.DataFrame(matrix, columns=list(evidence.groups))
    frame.insert(0, "group", evidence.groups, allow_duplicates=True)
    return frame
