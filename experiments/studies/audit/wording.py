"""The sentences of an audit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.studies.audit.levers import Lever, Outcome
from experiments.studies.audit.standing import AT_RISK, LEFT_OUT, Standing
from experiments.studies.evidence import Evidence
from experiments.studies.planes import SYMBOLS
from experiments.study import Claim
from sim.alignment_game import Incentives
from sim.arrays import Array

ESTIMATORS = {
    "prevalence": "a group attracts as many readers as it has people",
    "reach": "a group attracts those who would give the same answers",
    "gram": "how far the groups of a mixture stand apart from the whole and from each other",
    "gram_plus_spread": "how far answers stand apart, between the groups of a mixture and inside each of them",
    "row_sum": "how far each group stands apart from the others, summed",
    "identity": "accounts crowd each other only where they speak for the same group",
    "bhattacharyya": "groups that answer alike crowd each other, as much as their answer distributions overlap",
    "agreement": "groups crowd each other by the chance that two members give the same answer",
    "jensen_shannon": "groups that answer alike crowd each other, by what one answer tells of the group",
}
"""What an estimator takes its term to be, by its name."""


def incentives_text(incentives: Incentives) -> str:
    """Incentives to every digit they have.

    >>> incentives_text(Incentives(1.0, 3.25, 0.572))
    'bA 1, bI 3.25, bD 0.572'
    """
    return ", ".join(f"{symbol} {getattr(incentives, name):.12g}" for name, symbol in SYMBOLS.items())


def change_text(outcome: Outcome, now: Incentives) -> str:
    """What a change changes, in words."""
    new = outcome.change.incentives
    moved = [
        f"{SYMBOLS[name]} from {getattr(now, name):.12g} to {getattr(new, name):.12g}"
        for name in outcome.change.changed
    ]
    if not moved:
        return "nothing needs to change"
    ratios = ""
    if len(moved) > 1 and now.inconsistency > 0:
        scale = now.inconsistency / new.inconsistency
        ratios = (
            f" (only ratios matter: the same as {SYMBOLS['attractiveness']} about {new.attractiveness * scale:.3g} and "
            f"{SYMBOLS['diversity']} about {new.diversity * scale:.3g} with {SYMBOLS['inconsistency']} as it is)"
        )
    return ", ".join(moved) + ratios


def safe_text(safe: Array) -> str:
    """Safe values of a coefficient in words.

    >>> safe_text(np.array([[0.0, 0.5], [2.0, np.inf]])), safe_text(np.zeros((0, 2)))
    ('up to 0.5; from 2 on', 'none')
    """
    parts = []
    for low, high in safe:
        if np.isinf(high):
            parts.append("any" if low == 0 else f"from {low:.3g} on")
        else:
            parts.append(f"up to {high:.3g}" if low == 0 else f"{low:.3g} to {high:.3g}")
    return "; ".join(parts) or "none"


def lead(evidence: Evidence, now: Standing, levers: Sequence[Lever]) -> tuple[str, ...]:
    """The answer in a few sentences."""
    together = levers[0]
    lines = [who_is_out(evidence, now)]
    if evidence.draws is None:
        lines.append(f"How sure that is can't be said: {evidence.bootstrap}.")
    if together.outcome is None:
        lines.append(f"No change of incentives found brings every group to {now.threshold:g}: {most_text(together)}.")
        return tuple(lines)
    if together.outcome.change.changed:
        lines.append(
            f"The smallest change that brings every group to {now.threshold:g}: "
            f"{change_text(together.outcome, now.incentives)}."
        )
        alone = [lever.outcome for lever in levers[1:] if lever.outcome is not None]
        words = "; or ".join(change_text(outcome, now.incentives) for outcome in alone)
        lines.append(f"With one coefficient alone: {words or 'none suffices'}.")
    if together.sure is not None and together.sure.change.changed:
        lines.append(
            f"For that to hold in {now.confidence:.0%} of the draws of the data: "
            f"{change_text(together.sure, now.incentives)}."
        )
    elif evidence.draws is not None and together.sure is None:
        lines.append(f"No change found makes that sure: none holds in {now.confidence:.0%} of the draws of the data.")
    best = together.sure or together.outcome
    if best.change.changed:
        before, after = now.effective.shannon, best.after.effective.shannon
        lines.append(f"The effective number of represented groups goes from {before:.1f} to {after:.1f}.")
    return tuple(lines)


def who_is_out(evidence: Evidence, now: Standing) -> str:
    """Who is below the threshold at the current incentives, and who may be."""
    status = now.status()
    parts = []
    for kind, words in ((LEFT_OUT, "left out"), (AT_RISK, "at risk")):
        names = [named(evidence, now, d) for d in range(len(status)) if status[d] == kind]
        if names:
            parts.append(
                f"{len(names)} of {len(status)} groups {'is' if len(names) == 1 else 'are'} {words}: {', '.join(names)}"
            )
    where = f"At the current incentives ({incentives_text(now.incentives)}) "
    if not parts:
        return f"{where}every group has at least {now.threshold:g} of the weight."
    return f"{where}{'; '.join(parts)}."


def named(evidence: Evidence, now: Standing, group: int) -> str:
    """A group with its weight and its chance to be below the threshold."""
    text = f"{evidence.groups[group]} (weight {now.equilibrium.mixture[group]:.3f}"
    return text + (")" if now.risk is None else f", below {now.threshold:g} in {now.risk.below[group]:.0%} of draws)")


def most_text(lever: Lever) -> str:
    """How far a lever gets that does not suffice."""
    if not lever.most:
        return "whatever its value, some group has no weight"
    return f"the most that every group can have at once is {lever.most:.3g}"


def claims(evidence: Evidence, now: Standing, levers: Sequence[Lever]) -> tuple[Claim, ...]:
    """The statements that an audit tests."""
    kept, sure = now.all_kept, now.confidence
    settled = None if 1 - sure < kept < sure else kept >= sure
    doubt = "" if evidence.draws is None else f"; all are kept in {kept:.0%} of the draws"
    unsettled = "" if settled is not None else ", which does not settle it"
    single = [lever for lever in levers[1:] if lever.outcome is not None]
    enough = "; ".join(f"{lever.name}: {safe_text(lever.safe)}" for lever in levers[1:] if lever.safe is not None)
    together = levers[0]
    found = [
        Claim(
            name="every group is represented",
            statement=f"At the current incentives every group has at least {now.threshold:g} of the weight.",
            found=who_is_out(evidence, now).removesuffix(".") + doubt + unsettled,
            holds=settled,
        ),
        Claim(
            name="one lever is enough",
            statement=f"One coefficient alone, the others held, can bring every group to {now.threshold:g}.",
            found=f"values that keep every group, one lever moved: {enough}",
            holds=bool(single),
        ),
        Claim(
            name="some incentives keep every group",
            statement=f"Some change of incentives brings every group to {now.threshold:g}.",
            found=most_text(together)
            if together.outcome is None
            else (
                f"{change_text(together.outcome, now.incentives)}; solved anew there, the least weight is "
                f"{together.outcome.after.equilibrium.mixture.min():.4f}"
            ),
            holds=together.outcome is not None,
        ),
    ]
    if evidence.draws is None:
        words, holds = evidence.bootstrap, None
    elif together.sure is None:
        words, holds = "no change found does", False
    else:
        words, holds = f"{change_text(together.sure, now.incentives)}; kept in {together.sure.change.share:.1%}", True
    found.append(
        Claim(
            name="it holds beyond this sample",
            statement=f"Some change of incentives does so in {sure:.0%} of the draws of the data.",
            found=words,
            holds=holds,
        )
    )
    return tuple(found)


def limits(evidence: Evidence, now: Standing) -> tuple[str, ...]:
    """What an audit does not show."""
    lines = [
        "Incentives are in the units of the estimators: a coefficient of 1 means nothing by itself. What a platform's "
        "own incentives are in these units has to be measured on it.",
        "The theory says where accounts settle that follow these incentives; whether real accounts do is not tested.",
        "All accounts have the same incentives and see the same audience.",
        "The smallest change is the one of least relative size, not of least cost to the platform.",
        "A change that just suffices leaves a group at the threshold: with other respondents it would be below in "
        f"about half of the cases. The changes for {now.confidence:.0%} of the draws leave room for that.",
    ]
    if evidence.draws is None:
        lines.insert(0, "How sure any of this is can't be said: " + evidence.bootstrap + ".")
    elif evidence.draws.redrawn:
        lines.append(
            f"{evidence.draws.redrawn} samples of the bootstrap had a group with fewer than two answers to a question "
            "and were drawn again: that group is small."
        )
    if now.equilibrium.stability >= 1:
        lines.insert(
            0,
            f"At the current incentives accounts specialise (kappa = {now.equilibrium.stability:.2f} >= 1): the common "
            "mixture is not where they settle, and its weights are only what they average to near it.",
        )
    return tuple(lines)
