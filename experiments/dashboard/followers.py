"""Who follows whom on a feed: groups of members on the left, accounts on the right, lines as wide as followers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import solara
from markupsafe import Markup

from experiments.dashboard import charts
from experiments.dashboard.parts import card, message, show
from experiments.dashboard.reading import read_csv
from experiments.studies.feed.followers import FOLLOWERS
from sim.errors import InputError

_LEFT, _RIGHT, _TOP, _ROW, _WIDTH = 170.0, 560.0, 20.0, 30.0, 760.0
_WIDEST = 12.0
_MOST = 40
"""Accounts that are drawn, the most followed first."""


@solara.component
def Followers(place: Path) -> None:
    """The follower graph of a run that has one.

    Args:
        place: The run directory.
    """
    plays, choose = solara.use_state(0)
    with card("Who follows whom at the end"):
        try:
            frame = read_csv(place / FOLLOWERS)
            named = [f"{rules}, seed {seed}" for rules, seed in frame[["rules", "seed"]].drop_duplicates().to_numpy()]
            solara.Select("play", named, value=named[plays], on_value=lambda name: choose(named.index(name)))
            rules, seed = frame[["rules", "seed"]].drop_duplicates().to_numpy()[plays]
            one = frame[(frame["rules"] == rules) & (frame["seed"] == seed)]
            show(followers_picture(one))
        except (InputError, KeyError, ValueError, TypeError, IndexError) as error:
            message(error if isinstance(error, InputError) else f"{FOLLOWERS}: damaged ({error})")


def followers_picture(frame: pd.DataFrame) -> Markup:
    """The graph of one play.

    Args:
        frame: Rows of one play, as `experiments.studies.feed.followers` writes them.
    """
    counts = frame.pivot_table(index="members", columns="account", values="followers", aggfunc="sum", sort=False)
    groups = [str(group) for group in counts.index]
    mostly = frame.drop_duplicates("account").set_index("account")["mostly"].astype(str)
    shown = list(counts.sum(axis=0).sort_values(ascending=False, kind="stable").index[:_MOST])
    height = 2 * _TOP + _ROW * max(len(groups), len(shown))
    left = _TOP + (np.arange(len(groups)) + 0.5) * (height - 2 * _TOP) / len(groups)
    right = _TOP + (np.arange(len(shown)) + 0.5) * (height - 2 * _TOP) / len(shown)
    widest = max(float(counts.to_numpy().max()), 1.0)
    marks = []
    for d, group in enumerate(groups):
        for k, account in enumerate(shown):
            count = int(counts.loc[counts.index[d], account])
            if count:
                said = charts.tag("title", f"{count} of {group} follow account {account}")
                middle = (_LEFT + _RIGHT) / 2
                way = f"M{_LEFT} {left[d]:.1f}C{middle} {left[d]:.1f} {middle} {right[k]:.1f} {_RIGHT} {right[k]:.1f}"
                style = {"stroke": charts.colour(d), "stroke_width": _WIDEST * count / widest, "opacity": 0.45}
                marks.append(charts.tag("path", said, d=way, fill="none", **style))
    for d, group in enumerate(groups):
        marks.append(charts.tag("circle", cx=_LEFT, cy=float(left[d]), r=7, fill=charts.colour(d), stroke="white"))
        marks.append(charts.tag("text", group, x=_LEFT - 14, y=float(left[d]) + 4, class_="left"))
    for k, account in enumerate(shown):
        voice = mostly[account]
        fill = charts.colour(groups.index(voice)) if voice in groups else "#999999"
        marks.append(charts.tag("circle", cx=_RIGHT, cy=float(right[k]), r=7, fill=fill, stroke="white"))
        words = f"account {account}, mostly {voice}: {int(counts[account].sum())}"
        marks.append(charts.tag("text", words, x=_RIGHT + 14, y=float(right[k]) + 4, class_="start"))
    return charts.picture(_WIDTH, height, *marks, alt="Members by group and the accounts that they follow")
