"""Written posts play on a feed: by language models, or as the same play that columns without text are."""

import numpy as np
import pytest

from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.synthetic import SyntheticPopulation
from experiments.play import Record, play
from platforms.social.feed_feedback import FeedFeedback
from platforms.social.post import Post
from sim.dynamics import ProjectedGradient, StepSize


def as_drawn(drafts):
    return [Post(draft=draft, text=f"{n}", voice=draft.group) for n, draft in enumerate(drafts)]


def test_written_posts_and_columns_are_the_same_play(feed):
    written, silent = (feed(accounts=7, posts_per_round=2, parts={"seed": 5}) for _ in range(2))
    for _ in range(3):
        drafts, posts = written.plan_round(), silent.plan_posts()
        assert [d.group for d in drafts] == posts.group.tolist()
        assert [(d.topic, d.answer) for d in drafts] == list(zip(posts.topic, posts.answer, strict=True))
        first, second = written.play_round(as_drawn(drafts)), silent.play_round(posts)
        assert first.payoffs.tobytes() == second.payoffs.tobytes()
        assert first.gradients.tobytes() == second.gradients.tobytes()
    written.close()


def test_language_models_play_a_feed_as_they_play_the_kernels(feed):
    population = SyntheticPopulation(3, 4, 3, 1.0, seed=0)
    platforms = [feed(parts={"seed": seed, "dynamics": ProjectedGradient(StepSize(0.1))}) for seed in (1, 2)]
    record = Record(seeds=(1, 2), start=np.stack([platform.profile for platform in platforms]))
    with SyntheticLanguageModel([model.group for model in population.models]) as language:
        play(
            platforms,
            language,
            population.models,
            record=record,
            rounds=3,
            max_tokens=20,
            temperature=1.0,
            after_round=lambda: None,
        )
    assert record.trajectories.shape == (2, 4, 6, 3)
    assert all(post.text for _, _, post in record.posts)
    told = record.rounds[-1].feedback[0]
    assert isinstance(told, FeedFeedback)
    assert told.telemetry.views == 6 * 60
    silent = feed(parts={"seed": 1, "dynamics": ProjectedGradient(StepSize(0.1))})
    for _ in range(3):
        silent.step()
    assert np.array_equal(record.trajectories[0, -1], silent.profile)


def test_texts_without_a_voice_earn_nothing(feed):
    platform = feed(tolerance=1.0)
    drafts = platform.plan_round()
    paid = platform.play_round([Post(draft=draft, text="", voice=-1) for draft in drafts])
    assert not paid.payoffs.any()
    assert paid.views.sum() > 0
    assert paid.telemetry.represented is None


def test_readers_listen_to_the_share_of_texts_they_are_told_to(feed):
    heard = [np.mean([d.heard for d in feed(accounts=3000, heard_share=h).plan_round()]) for h in (0.0, 0.3, 1.0)]
    assert heard[0] == 0
    assert heard[1] == pytest.approx(0.3, abs=4.5 * np.sqrt(0.21 / 3000))
    assert heard[2] == 1


def test_embeddings_are_what_rankings_compare(feed):
    seen = []

    class Look:
        def rank(self, feeds, slots, rng):
            seen.append(feeds.posts.features)
            return feeds.candidates[:, :slots]

    platform = feed(parts={"ranking": Look(), "embed": lambda texts: np.array([[len(t), 1.0] for t in texts])})
    platform.play_round(as_drawn(platform.plan_round()))
    assert seen[0].tolist() == [[1.0, 1.0]] * 6
