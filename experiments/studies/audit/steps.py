"""The seven steps of governance: groups, models, attractiveness, inconsistency, competition, sweep, levers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from experiments.studies.audit.findings import Grid, Step
from experiments.studies.audit.lever_step import lever_step
from experiments.studies.audit.levers import Lever
from experiments.studies.audit.standing import Standing
from experiments.studies.audit.wording import ESTIMATORS, incentives_text, safe_text
from experiments.studies.evidence import Evidence
from experiments.studies.planes import SYMBOLS
from experiments.study import Figure
from sim.arrays import Array
from sim.estimation import Bounds


def seven_steps(
    evidence: Evidence, now: Standing, levers: Sequence[Lever], figures: Mapping[str, Figure]
) -> tuple[Step, ...]:
    """All seven.

    Args:
        evidence: The data and their estimates.
        now: Standing at the current incentives.
        levers: What the levers do.
        figures: "represented", "matrices", "maps" and "sweep".
    """
    attractiveness, inconsistency = (_estimator(evidence, term) for term in ("attractiveness", "inconsistency"))
    return (
        _groups(evidence),
        _models(evidence),
        Step(
            title="3 Attractiveness: who draws the audience",
            lines=(f"{attractiveness} {_extremes(evidence, evidence.terms.attractiveness)}",),
        ),
        Step(
            title="4 Inconsistency: who contradicts themselves",
            lines=(f"{inconsistency} {_extremes(evidence, np.diag(evidence.terms.inconsistency))}",),
            grids=(_terms(evidence),),
        ),
        Step(
            title="5 Competition: who crowds whom, and who is left",
            lines=(_alike(evidence), *_equilibrium(now)),
            grids=(_standing(evidence, now),),
            figures=(figures["represented"], figures["matrices"]),
        ),
        Step(
            title="6 Sweep: where groups fall out",
            lines=tuple(
                f"{lever.coefficient} {SYMBOLS[lever.coefficient]}, the others held: values that keep every "
                f"group: {safe_text(lever.safe)} (now {getattr(now.incentives, lever.coefficient):.12g})."
                for lever in levers
                if lever.coefficient is not None and lever.safe is not None
            ),
            figures=(figures["sweep"], figures["maps"]),
        ),
        lever_step(evidence, now, levers),
    )


def _groups(evidence: Evidence) -> Step:
    table, people = evidence.loaded.table, evidence.loaded.respondents
    lines = [f"{len(table.groups)} groups: {', '.join(table.groups)}."]
    if people is not None:
        counts = np.bincount(people.group[people.weights > 0], minlength=len(table.groups))
        least = int(counts.argmin())
        lines.append(
            f"{int(counts.sum()):,} respondents; the smallest group is {table.groups[least]} with {counts[least]:,}."
        )
    return Step(title="1 Define the groups", lines=tuple(lines))


def _models(evidence: Evidence) -> Step:
    table, people = evidence.loaded.table, evidence.loaded.respondents
    options = [answers.shape[1] for answers in table.probabilities]
    ordered = sum(table.is_ordinal(q) for q in range(len(options)))
    few, many = min(options), max(options)
    span = f"{few}" if few == many else f"{few} to {many}"
    text = (
        f"Each group is modelled by its answers to {len(options)} questions with {span} options, {ordered} of them "
        "with options in an order."
    )
    if people is not None:
        missing = float(np.mean(people.answers[people.weights > 0] < 0))
        text += f" {missing:.1%} of the answers are missing and left out."
    lines = [text, *(f"To check: {doubt}." for doubt in evidence.loaded.doubts)]
    lines.append(f"{evidence.bootstrap[0].upper()}{evidence.bootstrap[1:]}.")
    return Step(title="2 Model them", lines=tuple(lines), grids=(_questions(evidence),))


def _questions(evidence: Evidence) -> Grid:
    table, people = evidence.loaded.table, evidence.loaded.respondents
    rows = []
    for q, question in enumerate(table.questions):
        named = range(1, table.probabilities[q].shape[1] + 1) if table.options is None else table.options[q]
        missing = ""
        if people is not None:
            missing = f"{float(np.mean(people.answers[people.weights > 0, q] < 0)):.1%}"
        rows.append((question, " | ".join(map(str, named)), "yes" if table.is_ordinal(q) else "no", missing))
    return Grid(
        caption="The questions as they were read: options in the order of the file or of their numbers",
        columns=("question", "options", "ordered", "missing"),
        rows=tuple(rows),
    )


def _estimator(evidence: Evidence, term: str) -> str:
    """The estimator of a term and, where it is a known one, what it says."""
    name = next(line.split(": ", 1)[1] for line in evidence.provenance if line.startswith(f"{term}: "))
    meaning = next((words for known, words in ESTIMATORS.items() if name.split("(")[0].split(" ")[0] == known), "")
    return f"Estimator {name}{': ' if meaning else ''}{meaning}."


def _extremes(evidence: Evidence, values: Array) -> str:
    high, low = (evidence.groups[int(pick(values))] for pick in (np.argmax, np.argmin))
    return f"Highest: {high} ({values.max():.3f}); lowest: {low} ({values.min():.3f})."


def _terms(evidence: Evidence) -> Grid:
    table, terms, draws = evidence.loaded.table, evidence.terms, evidence.draws
    own = np.diag(terms.inconsistency)
    a_bounds = None if draws is None else draws.interval("attractiveness")
    own_bounds = None
    if draws is not None:
        low, high = draws.interval("inconsistency")
        own_bounds = Bounds(np.diag(low), np.diag(high))
    sizes = None if table.sizes is None else table.sizes.max(axis=1)
    rows = []
    for d, group in enumerate(table.groups):
        row = [group, f"{table.shares[d]:.3f}", _with_bounds(terms.attractiveness, a_bounds, d)]
        row.append(_with_bounds(own, own_bounds, d))
        rows.append((*row, "" if sizes is None else f"{sizes[d]:,.0f}"))
    interval = "" if draws is None else ", with 95% intervals"
    return Grid(
        caption=f"What the groups bring to the competition{interval}.",
        columns=("group", "share of the people", "attractiveness a", "inconsistency C (own)", "effective respondents"),
        rows=tuple(rows),
    )


def _alike(evidence: Evidence) -> str:
    similarity, groups = evidence.terms.similarity, evidence.groups
    size = np.sqrt(np.diag(similarity))
    cosine = similarity / np.outer(size, size) - 2 * np.eye(len(groups))
    first, second = np.unravel_index(int(cosine.argmax()), cosine.shape)
    text = _estimator(evidence, "similarity")
    if np.ptp(cosine[~np.eye(len(groups), dtype=bool)]) < 1e-12:
        return text + " All pairs of groups are equally alike."
    return text + f" Most alike, and so crowding each other most: {groups[first]} and {groups[second]}."


def _equilibrium(now: Standing) -> tuple[str, ...]:
    found = now.equilibrium
    where = (
        "interior: every group has some weight"
        if found.interior
        else f"not interior: groups without any weight: {int(np.sum(found.mixture <= 0))}"
    )
    effective = now.effective
    lines = [
        f"At {incentives_text(now.incentives)} the equilibrium is {where}. {int(np.sum(~now.below))} of "
        f"{now.below.size} groups reach {now.threshold:g}; the effective number of represented groups is "
        f"{effective.shannon:.2f} (exp of the entropy) or {effective.simpson:.2f} (inverse Simpson).",
    ]
    stable = (
        "below 1: accounts that learn settle there"
        if found.stability < 1
        else ("1 or above: accounts leave the common mixture and specialise")
    )
    lines.append(f"Stability number kappa {found.stability:.3g}, {stable}.")
    if now.risk is not None:
        lines.append(
            f"Every group is kept in {now.all_kept:.0%} of the draws; no interior equilibrium exists in "
            f"{now.risk.no_interior:.0%}."
        )
    return tuple(lines)


def _standing(evidence: Evidence, now: Standing) -> Grid:
    rows = []
    bounds = None if now.risk is None else now.risk.interval
    for d, (group, status) in enumerate(zip(evidence.groups, now.status(), strict=True)):
        chance = () if now.risk is None else (f"{now.risk.below[d]:.0%}",)
        weight = _with_bounds(now.equilibrium.mixture, bounds, d)
        rows.append((group, f"{evidence.loaded.table.shares[d]:.3f}", weight, *chance, status))
    return Grid(
        caption=f"Who is represented at the current incentives. Left out, at risk, kept: below {now.threshold:g} in at "
        f"least {now.confidence:.0%}, in some, in at most {1 - now.confidence:.0%} of the draws."
        if now.risk is not None
        else "Who is represented at the current incentives.",
        columns=(
            "group",
            "share of the people",
            "weight",
            *(() if now.risk is None else (f"P(below {now.threshold:g})",)),
            "status",
        ),
        rows=tuple(rows),
    )


def _with_bounds(values: Array, bounds: Bounds | None, d: int) -> str:
    text = f"{values[d]:.3f}"
    return text if bounds is None else f"{text} [{bounds.low[d]:.3f}, {bounds.high[d]:.3f}]"
