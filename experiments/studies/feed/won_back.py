"""A group won back on a feed: the choice of a lever from predictions, and the claims that play then tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.report.feed_figures import Option
from experiments.studies.feed.feed import Feed
from experiments.studies.feed.levers import Lever
from experiments.studies.feed.prediction import Explorer
from experiments.studies.played import in_words, sure
from experiments.study import Claim
from experiments.untrusted import csv_text
from platforms.social.posts import Voices
from sim.arrays import Array
from sim.convergence.intervals import interval_over_seeds
from sim.convergence.verdict import Interval
from sim.errors import InputError
from sim.estimation.induced import InducedEquilibrium
from sim.estimation.opinion_table import OpinionTable

PRESENT, CHANGED = "present rules", "with the lever"


class Situation(NamedTuple):
    """A feed, what it is expected to do to the accounts, and what it did.

    Attributes:
        predicted: Where accounts should settle.
        ends: Mean mixture at the end of each play, (S, D).
    """

    predicted: InducedEquilibrium
    ends: Array

    def weight(self, group: int, confidence: float) -> Interval:
        """Played weight of a group, mean over plays with its interval."""
        return interval_over_seeds(self.ends[:, group], confidence)


class Choice(NamedTuple):
    """What is expected of the present rules and of the lever that was chosen, before any play.

    Attributes:
        present: Under the present rules.
        engagement: Engaged views per view there.
        feed: The feed with the lever.
        expected: Under it.
        options: Every level that was tried.
    """

    present: InducedEquilibrium
    engagement: float
    feed: Feed
    expected: InducedEquilibrium
    options: list[Option]

    @property
    def group(self) -> int:
        """The group with the least predicted weight under the present rules."""
        return int(self.present.mixture.argmin())

    @property
    def lever(self) -> Option:
        """The lever at the level that was chosen."""
        return next(option for option in self.options if option.chosen)


def chosen(
    feed: Feed,
    levers: Sequence[Lever],
    explorer: Explorer,
    table: OpinionTable,
    voices: Voices,
    *,
    target: float,
    report: Callable[[str], None],
) -> Choice:
    """The lever that is predicted to give every group the target, at the least loss of engagement.

    Of each lever the levels are tried in order, up to the first that reaches the target.

    Raises:
        InputError: None does.
    """
    present = explorer.predict(feed, table, voices).equilibrium
    group = int(present.mixture.argmin())
    report(f"present rules: {table.groups[group]} at {present.mixture[group]:.3f}")
    options: list[Option] = []
    passing: dict[int, tuple[Feed, InducedEquilibrium]] = {}
    for lever in levers:
        for level in lever.levels:
            changed = lever.at(feed, level)
            expected = explorer.predict(changed, table, voices).equilibrium
            engaged = explorer.engagement(changed, table, voices, expected.mixture)
            region = expected.region[0][group], expected.region[1][group]
            options.append(Option(lever.name, level, expected.mixture[group], *region, engaged, chosen=False))
            report(
                f"{lever.name} {level:g}: {table.groups[group]} at {expected.mixture[group]:.3f} "
                f"[{region[0]:.3f}, {region[1]:.3f}], engaged views {engaged:.3f}"
            )
            if expected.mixture.min() >= target:
                passing[len(options) - 1] = changed, expected
                break
    if not passing:
        raise InputError("study.levers", f"{len(options)} levels tried", "none reaches the target: allow larger ones")
    best = max(passing, key=lambda number: options[number].engagement)
    options[best] = options[best]._replace(chosen=True)
    report(f"chosen: {options[best].lever} {options[best].level:g}")
    return Choice(present, explorer.engagement(feed, table, voices, present.mixture), *passing[best], options)


def claims(
    found: Mapping[str, Situation],
    group: int,
    groups: tuple[str, ...],
    confidence: float,
    *,
    threshold: float,
    lever: str,
) -> tuple[Claim, ...]:
    """Exclusion, the lever, the other groups, and whether play agrees with what was predicted."""
    present, changed = found[PRESENT], found[CHANGED]
    before, after = (one.weight(group, confidence) for one in (present, changed))
    others = [changed.weight(g, confidence) for g in range(len(groups))]
    least = int(np.argmin([one.low for one in others]))
    return (
        Claim(
            name="the ranking excludes the group",
            statement=f"Under the present rules accounts give {groups[group]} less than {threshold:g}, as predicted.",
            found=f"predicted {present.predicted.mixture[group]:.3f}, played {in_words(before)}",
            holds=sure(
                yes=before.high < threshold and present.predicted.mixture[group] < threshold,
                no=before.low >= threshold or present.predicted.mixture[group] >= threshold,
            ),
        ),
        Claim(
            name="the lever wins it back",
            statement=f"With {lever}, chosen before play, they give it more than {threshold:g}.",
            found=f"predicted {changed.predicted.mixture[group]:.3f}, played {in_words(after)}",
            holds=sure(yes=after.low > max(threshold, before.high), no=after.high <= threshold),
        ),
        Claim(
            name="no other group pays for it",
            statement=f"With the lever every group has at least {threshold:g}.",
            found=f"least of all {groups[least]}: predicted {changed.predicted.mixture[least]:.3f}, played "
            f"{in_words(others[least])}",
            holds=sure(yes=all(one.low >= threshold for one in others), no=any(one.high < threshold for one in others)),
        ),
        *(
            Claim(
                name=f"play ends where predicted, {name}",
                statement="Mean mixtures end within 0.1 of the prediction (total variation).",
                found=in_words(gap := _gap(one, confidence)),
                holds=sure(yes=gap.high <= 0.1, no=gap.low > 0.1),
            )
            for name, one in found.items()
        ),
    )


def _gap(one: Situation, confidence: float) -> Interval:
    return interval_over_seeds(np.abs(one.ends - one.predicted.mixture).sum(axis=1) / 2, confidence)


def points(found: Mapping[str, Situation], confidence: float) -> dict[str, dict[str, tuple[Array, Array, Array]]]:
    """Predicted and played weights for the picture."""
    found_points = {}
    for name, one in found.items():
        played = [one.weight(g, confidence) for g in range(one.ends.shape[1])]
        ends = tuple(np.array([getattr(p, end) for p in played]) for end in ("estimate", "low", "high"))
        found_points[name] = {
            "induced": (one.predicted.mixture, *one.predicted.region),
            "played": (ends[0], ends[1], ends[2]),
        }
    return found_points


def rows(found: Mapping[str, Situation], groups: tuple[str, ...], confidence: float) -> pd.DataFrame:
    """Predicted and played weight of every group."""
    table = []
    for name, one in found.items():
        for g, group in enumerate(groups):
            played = one.weight(g, confidence)
            predicted = {"predicted": one.predicted.mixture[g], "from": one.predicted.region[0][g]}
            predicted |= {"to": one.predicted.region[1][g], "played": played.estimate}
            table.append({"rules": name, "group": group, **predicted, "low": played.low, "high": played.high})
    return pd.DataFrame(table)


def by_round(kept: Sequence[Array], feeds: int, seeds: int, groups: tuple[str, ...]) -> str:
    """Mean mixture by rules, seed and round, as CSV."""
    weights = np.array(kept).reshape(len(kept), feeds, seeds, len(groups))
    number, rules, seed = (axis.ravel() for axis in np.indices(weights.shape[:3]))
    frame = pd.DataFrame({"round": number, "rules": np.array((PRESENT, CHANGED))[rules], "play": seed})
    return csv_text(frame.join(pd.DataFrame(weights.reshape(-1, len(groups)), columns=list(groups))))


def said(option: Option) -> str:
    """A lever and its level."""
    return f"{option.lever} {option.level:g}"
