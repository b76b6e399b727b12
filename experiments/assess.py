"""Hold the play against the prediction: verdict, negative control, gap, and whether the texts carried the mixture."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.subpopulations.posts import mixture_from_posts
from experiments.play import Record
from platforms.social.platform import SocialPlatform
from platforms.social.post import UNHEARD, Post
from sim.alignment_game import AlignmentGame
from sim.arrays import Array
from sim.convergence import Control, Rival, Verdict, judge, judge_rivals, negative_control
from sim.diagnosis import RateCheck
from sim.dynamics.floor import Floored
from sim.dynamics.protocol import Dynamics, Feedback, State
from sim.dynamics.rate import PredictedRate, predicted_rate
from sim.dynamics.simulate import simulate
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable
from sim.gap import Gap, split_gap
from sim.randomness import generator
from sim.simplex import total_variation

_LINEARISED_AT = 7
"""Rounds at which the mean map is linearised, the first and the last among them."""


@dataclass(frozen=True)
class Realisation:
    """Did the posts speak as the mixtures said?

    Attributes:
        voice: P(taken for h | drawn as g) over all posts, (G, G): what the payoffs went by.
        heard_voice: The same over the posts whose text was heard, (G, G).
        heard: Number of those posts.
        drawn: Share of the heard posts drawn from each group, (G,).
        recovered: Maximum-likelihood mixture of the heard texts under the subpopulation models, (G,).
        error: Total variation distance of the two.
        silent: Posts without text.
        repeated: Posts whose text an earlier post of the same seed had.
    """

    voice: Array
    heard_voice: Array
    heard: int
    drawn: Array
    recovered: Array
    error: float
    silent: int
    repeated: int


@dataclass(frozen=True)
class Assessment:
    """Everything the report says about a play.

    Attributes:
        verdict: The play against the prediction.
        control: The play against a deliberately wrong prediction.
        rivals: The play against simpler theories, nearest to the prediction first.
        people: Prediction if the groups answered as real people do, (D,); None where that isn't known.
        rate: Contraction per round of the rule's mean map over the first M rounds, linearised at the prediction; None
            if the population is too large to linearise a rule that moves accounts in turn.
        mean_map_rate: Contraction per round fitted to the exact mean map as it is to the play; None if not geometric.
        mean_map_check: That rate against the spectral radius in the rounds that were fitted; None if either is missing.
        gap: Observed minus predicted mixture, by cause.
        floor_bias: Distance by which the exploration floor moves the equilibrium.
        realisation: Whether the posts spoke as the mixtures said.
    """

    verdict: Verdict
    control: Control
    rivals: tuple[Rival, ...]
    people: Array | None
    rate: PredictedRate | None
    mean_map_rate: float | None
    mean_map_check: RateCheck | None
    gap: Gap
    floor_bias: float
    realisation: Realisation


def assess(
    record: Record,
    platforms: list[SocialPlatform],
    game: AlignmentGame,
    rule: Dynamics,
    *,
    people: OpinionTable | None,
    floor: float,
    settings: dict[str, Any],
) -> Assessment:
    """Judge a play against the equilibrium of `game`.

    Args:
        record: What was played.
        platforms: The platforms, after play.
        game: The game as estimated before play.
        rule: The learning rule the accounts used.
        people: True answers of the groups, if known.
        floor: The rule's exploration floor.
        settings: tolerance, window and confidence of the verdict.

    Returns:
        The assessment.
    """
    prediction = homogeneous_equilibrium(game, floor)
    trajectories = record.trajectories
    rounds = trajectories.shape[1] - 1
    radii = radius_by_round(game, rule, prediction.mixture, rounds)
    verdict = judge(trajectories, game, prediction.mixture, floor=floor, predicted_rate=radii, **settings)
    control = negative_control(trajectories, game, floor=floor, **settings)
    realisation = check_realisation(record, len(prediction.mixture))
    rules, table = platforms[0].rules, platforms[0].table

    def as_answered(answers: OpinionTable, voice: Array | None = None) -> AlignmentGame:
        return rules.game(answers, game.incentives, game.accounts, game.crowding, voice)

    def as_heard(answers: OpinionTable) -> AlignmentGame:
        return as_answered(answers, realisation.voice)

    rivals = {"every group alike": np.full(game.dimension, 1.0 / game.dimension), "the groups' shares": table.shares}

    heard, played = as_heard(table), as_heard(observed_table(platforms))
    settled = homogeneous_equilibrium(played, floor).mixture
    expected = mean_map(trajectories[:, 0], played, rule, rounds)
    radii = radius_by_round(played, rule, settled, rounds)
    expected_verdict = judge(expected, played, settled, floor=floor, predicted_rate=radii, **settings)
    gap = split_gap(
        predicted=prediction.mixture,
        heard=homogeneous_equilibrium(heard, floor).mixture,
        reestimated=settled,
        mean_map=expected_verdict.settled,
        observed=verdict.settled,
    )
    unfloored = homogeneous_equilibrium(game).mixture
    return Assessment(
        verdict=verdict,
        control=control,
        rivals=judge_rivals(trajectories, game, prediction.mixture, rivals, floor=floor, **settings),
        people=None if people is None else homogeneous_equilibrium(as_answered(people), floor).mixture,
        rate=_rate(game, rule, prediction.mixture),
        mean_map_rate=expected_verdict.measured_rate,
        mean_map_check=expected_verdict.rate_check,
        gap=gap,
        floor_bias=float(total_variation(unfloored, prediction.mixture)),
        realisation=realisation,
    )


def _rate(game: AlignmentGame, rule: Dynamics, mixture: Array) -> PredictedRate | None:
    """Predicted rate over M rounds: a rule that moves one account a round has none over fewer."""
    try:
        return predicted_rate(game, rule, mixture, rounds=game.accounts)
    except InputError:
        return None


@dataclass(frozen=True)
class _Later:
    """A rule as it moves `offset` rounds into the play: decaying steps have shrunk by then."""

    rule: Dynamics
    offset: int

    def step(self, state: State, feedback: Feedback, rng: np.random.Generator) -> State:
        later = copy(feedback)
        later.round += self.offset
        return self.rule.step(state, later, rng)


def radius_by_round(game: AlignmentGame, rule: Dynamics, mixture: Array, rounds: int) -> Array | None:
    """Predicted spectral radius of the rule's mean map in every round, (rounds,): steps may decay.

    Computed at a few rounds and interpolated on the log scale between them; None if it can't be linearised.
    """
    clock = np.arange(rounds, dtype=np.float64)
    at = np.unique(np.geomspace(1, rounds, _LINEARISED_AT).astype(np.int64) - 1)
    radii = []
    for played in at.tolist():
        later: Dynamics = rule
        if played:
            # The floor stays outermost, where the linearisation looks for it.
            if isinstance(rule, Floored):
                later = Floored(_Later(rule.rule, played), rule.floor)
            else:
                later = _Later(rule, played)
        rate = _rate(game, later, mixture)
        if rate is None:
            return None
        radii.append(max(rate.spectral_radius, 1e-12))
        if played and radii[-1] == radii[0]:
            break
    interpolated: Array = np.exp(np.interp(clock, at[: len(radii)], np.log(radii)))
    return interpolated


def mean_map(starts: Array, game: AlignmentGame, rule: Dynamics, rounds: int) -> Array:
    """Trajectories (S, rounds + 1, M, D) of the rule's exact mean map: same starts, same steps, no sampling."""
    rng = generator(0, round=0, agent=0, purpose="mean map")
    return np.stack([simulate(game, rule, start, rounds, rng) for start in starts])


def observed_table(platforms: list[SocialPlatform]) -> OpinionTable:
    """The opinion table as the drafts of all seeds show it; questions nobody drafted keep the table's answers."""
    table = platforms[0].table
    probabilities = []
    for q, known in enumerate(table.probabilities):
        counts = np.sum([platform.answer_counts[q] for platform in platforms], axis=0)
        total = counts.sum(axis=1, keepdims=True)
        probabilities.append(np.where(total > 0, counts / np.maximum(total, 1), known))
    return replace(table, probabilities=tuple(probabilities))


def check_realisation(record: Record, groups: int) -> Realisation:
    """Compare the groups that were drawn with the voices in the texts."""
    posts = [post for _, _, post in record.posts]
    heard = [(post, score) for post, score in zip(posts, record.logprobs, strict=True) if score is not None]
    drawn = np.bincount([post.draft.group for post, _ in heard], minlength=groups) / max(len(heard), 1)
    recovered = mixture_from_posts(np.array([score for _, score in heard])) if heard else drawn
    texts = [(s, post.text) for s, _, post in record.posts if post.text]
    return Realisation(
        voice=_confusion(posts, groups),
        heard_voice=_confusion([post for post, _ in heard], groups),
        heard=len(heard),
        drawn=drawn,
        recovered=recovered,
        error=float(total_variation(recovered, drawn)) if heard else 0.0,
        silent=sum(post.voice == UNHEARD for post in posts),
        repeated=len(texts) - len(set(texts)),
    )


def _confusion(posts: list[Post], groups: int) -> Array:
    """Share of the posts drawn as g that were taken for h, (G, G); a group without posts counts as itself."""
    counts, posted = np.zeros((groups, groups)), np.zeros(groups)
    for post in posts:
        posted[post.draft.group] += 1.0
        if post.voice != UNHEARD:
            counts[post.draft.group, post.voice] += 1.0
    share: Array = np.where(posted[:, None] > 0, counts / np.maximum(posted, 1.0)[:, None], np.eye(groups))
    return share
