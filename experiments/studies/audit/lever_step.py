"""The last step of an audit: what each lever can do, and its price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.studies.audit.findings import Grid, Step
from experiments.studies.audit.levers import Lever, Outcome, price_of
from experiments.studies.audit.standing import Standing
from experiments.studies.audit.wording import change_text, most_text
from experiments.studies.evidence import Evidence


def lever_step(evidence: Evidence, now: Standing, levers: Sequence[Lever]) -> Step:
    """What every lever can do, certified, and at what price."""
    changes, prices = [], [_price_row(evidence, "now", now)]
    for lever in levers:
        for words, outcome in (("", lever.outcome), (f", {now.confidence:.0%} of draws", lever.sure)):
            if words and evidence.draws is None:
                continue
            name = lever.name + words
            changes.append(_change_row(lever, name, outcome, now, sure=bool(words)))
            if outcome is not None and outcome.change.changed:
                prices.append(_price_row(evidence, name, outcome.after))
    lines = (
        "Changes are measured by the logarithms of their factors, a common factor being free, since only ratios of "
        "the coefficients matter (equivalently, their geometric mean is kept). Every change was certified: the "
        "equilibrium was solved anew at the printed numbers, boundary included, by a method that shares nothing with "
        "the search.",
    )
    return Step(
        title="7 Tune the levers",
        lines=lines,
        grids=(
            Grid(
                caption=f"The smallest change that brings every group to {now.threshold:g}: for the estimate, and in "
                f"{now.confidence:.0%} of the draws."
                if evidence.draws is not None
                else f"The smallest change that brings every group to {now.threshold:g}.",
                columns=("lever", "change", "size", "least weight", "every group kept"),
                rows=tuple(changes),
            ),
            Grid(
                caption="The price: what the mixture is worth before incentives weigh it (a'w, w'Cw, w'Sw), the parts "
                "of an account's utility, the effective number of groups and the stability number.",
                columns=("at", "a'w", "w'Cw", "w'Sw", "bA a'w", "-bI w'Cw", "-bD w'Sw", "groups", "kappa"),
                rows=tuple(prices),
            ),
        ),
    )


def _change_row(lever: Lever, name: str, outcome: Outcome | None, now: Standing, *, sure: bool) -> tuple[str, ...]:
    if outcome is None:
        return (name, "none suffices" + ("" if sure else f": {most_text(lever)}"), "", "", "")
    size = f"{outcome.change.size:.3f}" if np.isfinite(outcome.change.size) else "from zero"
    after = outcome.after
    kept = f"{after.all_kept:.1%}" if after.risk is not None else "yes"
    return (name, change_text(outcome, now.incentives), size, f"{after.equilibrium.mixture.min():.4f}", kept)


def _price_row(evidence: Evidence, name: str, standing: Standing) -> tuple[str, ...]:
    bare, parts = price_of(evidence, standing)
    return (
        name,
        *(f"{value:.3f}" for value in (bare.attractiveness, -bare.inconsistency, -bare.diversity)),
        *(f"{value + 0.0:.3f}" for value in parts),
        f"{standing.effective.shannon:.2f}",
        f"{standing.equilibrium.stability:.2f}",
    )
