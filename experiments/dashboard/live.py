"""One play: where the accounts are, against the predicted point; how exploitable they are; and what they post."""

from __future__ import annotations

import numpy as np
import pandas as pd
import solara
from markupsafe import Markup

from experiments.dashboard import charts
from experiments.dashboard.live_model import Play, load_play, load_posts
from experiments.dashboard.parts import card, chip, message, show
from experiments.dashboard.runs import Run
from experiments.dashboard.simplex import mixtures_picture
from sim.errors import InputError

_SHOWN = 60
_EVERYONE = "every group"


@solara.component
def Live(run: Run, stamp: object) -> None:
    """The play of a run.

    Args:
        run: The run.
        stamp: Changes with its files, so that the page follows a play that goes on.
    """

    def loaded() -> Play | InputError | None:
        try:
            return load_play(run)
        except InputError as error:
            return error

    play = solara.use_memo(loaded, [run.path, stamp])
    if isinstance(play, InputError):
        message(play)
        return
    if play is None:
        message("No round has been played yet; this page follows as soon as one is.", note=True)
        return
    with solara.Div(classes=["eq-two"]):
        with card("Where the accounts are"):
            profile = play.profiles[:, -1].reshape(-1, len(play.groups))
            show(mixtures_picture(play.groups, profile, play.population, play.predicted))
            show(_key(play))
        with card("Mean weights by round"):
            show(weights_chart(play))
            show(charts.key([(charts.colour(d), group) for d, group in enumerate(play.groups)]))
        with card("Exploitability by round"):
            show(gains_chart(play))
        with card("Latest posts"):
            Posts(run, stamp, play.groups)


def _key(play: Play) -> Markup:
    if len(play.groups) == 3:
        return charts.key([("#56B4E9", "an account"), ("#0b5f99", "mean and its way"), ("#D55E00", "predicted")])
    return charts.key([("#ffffff", "small: an account; large: mean of a seed"), (charts.INK, "bar: predicted")])


def weights_chart(play: Play) -> Markup:
    """Mean weight of every group by round: seeds thin, their mean bold, the prediction dashed."""
    means = play.population
    ticks = charts.shares_to(float(means.max()))
    axes = _by_round(play, (0.0, ticks[-1]), ticks, "weight of the mean mixture")
    rounds = np.arange(play.rounds + 1, dtype=np.float64)
    marks = []
    for d, group in enumerate(play.groups):
        style = {"stroke": charts.colour(d), "stroke_dasharray": charts.dash(d)}
        marks += [charts.line(axes, rounds, seed[:, d], stroke_width=0.8, opacity=0.5, **style) for seed in means]
        marks.append(charts.line(axes, rounds, means[:, :, d].mean(axis=0), stroke_width=2.6, label=group, **style))
        if play.predicted is not None:
            value = float(play.predicted[d])
            marks.append(charts.level(axes, value, stroke=charts.colour(d), stroke_dasharray="6 4", label="predicted"))
    return charts.chart(axes, *marks, alt="Mean weight of every group by round; dashed: predicted")


def gains_chart(play: Play) -> Markup:
    """Largest unilateral gain by round, a line a seed, on a log scale."""
    found = play.gains()
    if found is None:
        return Markup('<p class="quiet">{}</p>').format("This run doesn't say which game it plays.")
    rounds, gains = found
    shown = np.maximum(gains, 1e-12)
    low = float(10 ** np.floor(np.log10(shown.min())))
    high = float(10 ** np.ceil(np.log10(shown.max()) + 1e-9))
    decades = np.arange(np.log10(low), np.log10(high) + 0.5)
    ticks = tuple(10.0 ** decades[:: max(1, len(decades) // 5)])
    axes = _by_round(play, (low, high), ticks, "exploitability (payoff)", logarithmic="y")
    at = rounds.astype(np.float64)
    marks = [charts.line(axes, at, seed, stroke="#0b5f99", stroke_width=1, opacity=0.5) for seed in shown]
    mean = np.exp(np.log(shown).mean(axis=0))
    marks.append(charts.line(axes, at, mean, stroke="#0b5f99", stroke_width=2.6, label="geometric mean of seeds"))
    return charts.chart(axes, *marks, alt="Exploitability by round, log scale")


def _by_round(
    play: Play, y: tuple[float, float], ticks: tuple[float, ...], label: str, logarithmic: str = ""
) -> charts.Axes:
    last = max(play.rounds, 1)
    step = max(1, round(last / 5))
    return charts.Axes(
        x=(0.0, float(last)), y=y, x_ticks=tuple(float(t) for t in range(0, last + 1, step)), y_ticks=ticks,
        x_label="round", y_label=label, logarithmic=logarithmic, width=560, height=300,
    )  # fmt: skip


@solara.component
def Posts(run: Run, stamp: object, groups: tuple[str, ...]) -> None:
    """What the accounts post, newest first."""
    group, choose = solara.use_state(_EVERYONE)

    def loaded() -> pd.DataFrame | InputError:
        try:
            return load_posts(run)
        except InputError as error:
            return error

    found = solara.use_memo(loaded, [run.path, stamp])
    if isinstance(found, InputError):
        message(found)
        return
    solara.Select(label="in the voice of", values=[_EVERYONE, *groups], value=group, on_value=choose, dense=True)
    chosen = found if group == _EVERYONE else found[found["group"] == group]
    if chosen.empty:
        show(Markup('<p class="quiet">No posts yet.</p>'))
    show(posts_list(chosen.head(_SHOWN), groups))


def posts_list(posts: pd.DataFrame, groups: tuple[str, ...]) -> Markup:
    """Posts as text: whatever they hold, it stays text."""
    one = Markup('<div class="post">{}<small>{} round {}, seed {}, account {}, on {}{}</small></div>')
    shown = []
    for post in posts.itertuples(index=False):
        group = str(post.group)
        name = chip(charts.colour(groups.index(group)) if group in groups else "#999999", group)
        voice = post.voice if isinstance(post.voice, str) else "nobody"
        heard = "" if voice == group else f"; heard as {voice}"
        text = str(post.text) or "(no text)"
        shown.append(one.format(text, name, post.round, post.seed, post.account, post.topic, heard))
    return Markup('<div class="posts" tabindex="0" aria-label="posts">{}</div>').format(Markup("").join(shown))
