"""What was found about levers, in words for people who decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.evidence import Evidence
from experiments.studies.governance.trials import Trial, kept_in_draws
from experiments.study import Claim
from sim.alignment_game import Incentives
from sim.arrays import Array
from sim.design import CertifiedChange, Front, ImplicitDescent, LeastPrice
from sim.design.controllers import Fixed

if TYPE_CHECKING:
    from experiments.studies.governance.levers import LeverStudy

Known = CertifiedChange | ImplicitDescent | LeastPrice
STRAIGHT = 0.05
"""A front that departs from the line between its ends by less, both scaled to 0..1, has no knee to speak of."""
ALIKE = 0.01
"""Sizes that agree to this share are the same."""


def percentage(share: float) -> str:
    """A share of hundred.

    >>> percentage(0.0817), percentage(1.0)
    ('8.2%', '100%')
    """
    return f"{round(100 * share, 1):g}%"


def incentives_text(incentives: Incentives) -> str:
    """The three coefficients."""
    one = incentives
    return f"bA = {one.attractiveness:.3g}, bI = {one.inconsistency:.3g}, bD = {one.diversity:.3g}"


def lever_claims(
    study: LeverStudy, evidence: Evidence, now: Array, trials: list[Trial], fronts: tuple[Front, Front]
) -> tuple[Claim, ...]:
    """Every claim of the study of levers; `fronts` are those of the smallest group and of effective groups."""
    least, groups = fronts
    kept_now = kept_in_draws(evidence, study.incentives, study.threshold)
    by_name = {trial.name: trial for trial in trials}
    exact = _of(study, by_name, CertifiedChange(digits=6))
    alone = _of(study, by_name, CertifiedChange(coefficient="diversity"))
    followed = _of(study, by_name, ImplicitDescent())
    cheapest = _of(study, by_name, LeastPrice())
    movers = [
        by_name[name.replace("_", " ")]
        for name, each in study.feedback.items()
        if not isinstance(each.controller(), Fixed)
    ]
    return (
        _left_out(evidence, now, kept_now, study.threshold),
        _suffices(exact, study.threshold),
        _alone(alone),
        _same(exact, followed),
        _cheapest(exact, cheapest),
        _feedback(movers, study),
        _cheaper(exact, movers),
        _trade(least, evidence),
        _knee(groups, least),
    )


def _of(study: LeverStudy, trials: dict[str, Trial], method: Known) -> Trial | None:
    """The trial of the method of this kind and coefficient, if the study has one."""
    for name, each in study.known.items():
        if type(each) is type(method) and getattr(each, "coefficient", None) == getattr(method, "coefficient", None):
            return trials[name.replace("_", " ")]
    return None


def _left_out(evidence: Evidence, now: Array, kept: float, threshold: float) -> Claim:
    below = [
        f"{g} ({percentage(w)} of the posts, {percentage(s)} of the people)"
        for g, w, s in zip(evidence.groups, now, evidence.loaded.table.shares, strict=True)
        if w < threshold
    ]
    sure = "" if np.isnan(kept) else f"; so in {percentage(1 - kept)} of the draws of the data"
    return Claim(
        name="some group is left out",
        statement=f"At the present incentives some group has less than {percentage(threshold)} of the posts.",
        found=(f"left out: {', '.join(below)}" if below else "every group is represented") + sure,
        holds=bool(below),
    )


def _suffices(trial: Trial | None, threshold: float) -> Claim:
    name = "a change of incentives keeps every group"
    statement = f"Some change of the incentives gives every group {percentage(threshold)} of the posts or more."
    if trial is None:
        return Claim(name=name, statement=statement, found="no exact method was asked for", holds=None)
    found = trial.found[0]
    if found is None:
        return Claim(name=name, statement=statement, found="none does, shown in closed form", holds=False)
    edge = "as it stands on the threshold: see the stress tests for a margin"
    drawn = "" if np.isnan(trial.drawn[0]) else f"; it holds in {percentage(trial.drawn[0])} of the draws, {edge}"
    return Claim(
        name=name,
        statement=statement,
        found=f"the smallest change is to {incentives_text(found.incentives)} (size {found.size:.3f}); it gives up "
        f"{percentage(found.price)} of the engagement; the smallest group then has {percentage(found.after.least)}"
        f"{drawn}",
        holds=found.holds,
    )


def _alone(trial: Trial | None) -> Claim:
    found = None if trial is None else trial.found[0]
    return Claim(
        name="diversity alone is enough",
        statement="A reward for diversity alone brings every group back.",
        found="not asked for"
        if trial is None
        else "no reward for diversity, however large, is enough while the other two stay: crowding counts groups that "
        "answer alike as alike, so a group that resembles the others gains little by it"
        if found is None
        else f"{incentives_text(found.incentives)} is enough",
        holds=None if trial is None else found is not None,
    )


def _same(exact: Trial | None, followed: Trial | None) -> Claim:
    name = "the derivative finds the smallest change"
    statement = "Following the derivative of the equilibrium finds the certified smallest change."
    one, other = (None if each is None else each.found[0] for each in (exact, followed))
    if one is None or other is None:
        return Claim(name=name, statement=statement, found="one of the two found nothing", holds=None)
    return Claim(
        name=name,
        statement=statement,
        found=f"sizes {one.size:.4f} (closed form) and {other.size:.4f} (derivative)",
        holds=bool(abs(one.size - other.size) <= ALIKE * one.size),
    )


def _cheapest(exact: Trial | None, cheapest: Trial | None) -> Claim:
    name = "the smallest change is the cheapest"
    statement = "Of all incentives that keep every group, the nearest ones give up least engagement."
    one, other = (None if each is None else each.found[0] for each in (exact, cheapest))
    if one is None or other is None:
        return Claim(name=name, statement=statement, found="one of the two found nothing", holds=None)
    return Claim(
        name=name,
        statement=statement,
        found=f"the smallest change gives up {percentage(one.price)} of the engagement, a larger one, to "
        f"{incentives_text(other.incentives)} (size {other.size:.2f}), only {percentage(other.price)}; "
        f"{int(np.sum(other.certificate.mixture < other.after.least * 1.01))} groups then stand on the threshold",
        holds=bool(one.price <= other.price + 0.001),
    )


def _feedback(movers: list[Trial], study: LeverStudy) -> Claim:
    words = ", ".join(f"{each.name} {each.held.sum():.0f} of {each.held.size}" for each in movers)
    return Claim(
        name="feedback alone is enough",
        statement="A principal who sees nothing but the groups of the posts finds a lever that keeps every group, in "
        "most repetitions.",
        found=f"after {study.rounds} rounds of {study.posts:,} posts: {words}" if movers else "no controller was asked",
        holds=all(each.held.mean() > 0.5 for each in movers) if movers else None,
    )


def _cheaper(exact: Trial | None, movers: list[Trial]) -> Claim:
    held = np.concatenate([each.prices[each.held > 0] for each in movers]) if movers else np.zeros(0)
    found = None if exact is None else exact.found[0]
    usable = found is not None and held.size > 0
    return Claim(
        name="knowing the game is cheaper",
        statement="The lever found with the game at hand gives up less engagement than any found from feedback.",
        found=f"{percentage(found.price)} against {percentage(held.min())} to {percentage(held.max())}: who sees only "
        "noisy posts has to aim above the threshold"
        if usable and found is not None
        else "nothing to compare",
        holds=bool(found.price < held.min()) if usable and found is not None else None,
    )


def _trade(least: Front, evidence: Evidence) -> Claim:
    fall = (least.engagement[0] - least.engagement[-1]) / (least.representation[-1] - least.representation[0])
    return Claim(
        name="representation costs engagement",
        statement="More weight for the smallest group costs engagement, whatever the incentives.",
        found=f"from {percentage(least.representation[0])} to {percentage(least.representation[-1])} of the posts for "
        f"the smallest of {len(evidence.groups)} groups the best engagement falls from {least.engagement[0]:.3f} to "
        f"{least.engagement[-1]:.3f}: {percentage(fall / 100 / least.engagement[0])} of it for each point of a hundred",
        holds=bool(fall > 0),
    )


def _knee(groups: Front, least: Front) -> Claim:
    return Claim(
        name="the trade-off has a knee",
        statement="The front for the smallest group bends: up to some point its posts are cheap, beyond it dear.",
        found=f"the front departs from a straight line by {percentage(least.bend)} of its height for the smallest "
        f"group, by {percentage(groups.bend)} for the effective number of groups (knee at "
        f"{groups.representation[groups.knee]:.2f} groups, engagement {groups.engagement[groups.knee]:.3f}): "
        + ("a price per point, no free lunch" if least.bend < STRAIGHT else "the knee is a natural choice"),
        holds=bool(least.bend >= STRAIGHT),
    )
