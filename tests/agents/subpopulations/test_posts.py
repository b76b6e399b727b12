"""Posts are asked for in the right voice, and a set of posts tells the mixture that wrote it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.language.protocol import Completion
from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.posts import Assignment, mixture_from_posts, voice_logprobs, write_posts
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.errors import InputError

GROUPS = ("a", "b")
VOICE = np.array([[0.8, 0.2], [0.3, 0.7]])
MODELS = tuple(SubpopulationModel(group=name, share=0.5, adapter=name) for name in GROUPS)
OFTEN = settings(deadline=None, derandomize=True, max_examples=40)


class Listener(SyntheticLanguageModel):
    """Keeps what it was asked, and answers with white space around a word."""

    def generate(self, requests):
        self.asked = list(requests)
        return [Completion(text="  a word \n", tokens=2, finish_reason="length") for _ in requests]


def written(weights, number, model, seed=0):
    """Posts of a mixture, and their log-likelihoods under every voice."""
    drawn = np.random.default_rng(seed).choice(len(model.adapters), size=number, p=weights)
    models = [SubpopulationModel(group=name, share=0.5, adapter=name) for name in model.adapters]
    texts = write_posts(model, models, [Assignment(int(g), "tax", n) for n, g in enumerate(drawn)], max_tokens=20)
    return drawn, texts, voice_logprobs(model, models, ["tax"] * number, texts)


def test_a_request_carries_adapter_persona_seed_topic_and_length():
    models = (MODELS[0], SubpopulationModel(group="b", share=0.5, persona="I am b.\n"))
    language = Listener(GROUPS)
    plan = [Assignment(1, "parties", 17), Assignment(0, "tax", 4), Assignment(1, "tax", 4)]
    texts = write_posts(language, models, plan, max_tokens=33, temperature=0.7)
    assert texts == ["a word"] * 3
    assert [(r.adapter, r.prompt, r.seed) for r in language.asked] == [
        (None, "I am b.\nTopic: parties\nPost:", 17),
        ("a", "Topic: tax\nPost:", 4),
        (None, "I am b.\nTopic: tax\nPost:", 4),
    ]
    assert {(r.max_tokens, r.temperature, r.stop) for r in language.asked} == {(33, 0.7, ("\n",))}


def test_voices_are_scored_post_by_post_in_the_order_of_the_groups():
    silence = {("a", "Topic: z\nPost:"): {" ": 0.1}, ("b", "Topic: z\nPost:"): {" ": 0.4}}
    language = SyntheticLanguageModel(GROUPS, silence, voice=VOICE)
    texts = ["post of b no. 0000000000000001", "post of a no. 0000000000000002", ""]
    logprobs = voice_logprobs(language, MODELS, ["x", "y", "z"], texts)
    np.testing.assert_allclose(logprobs[:2], np.log(VOICE.T[[1, 0]]), atol=1e-14)
    np.testing.assert_allclose(logprobs[2], np.log([0.1, 0.4]), atol=1e-14)  # an empty post is one that says " "
    turned = voice_logprobs(language, MODELS[::-1], ["x", "y", "z"], texts)
    assert np.array_equal(turned, logprobs[:, ::-1])


def test_each_text_is_scored_after_its_own_topic_and_persona():
    def answer(adapter, prompt, option):
        known = {"I am b.\nTopic: x\nPost: hi": 0.5, "I am b.\nTopic: y\nPost: yo": 0.25}
        return known.get(prompt + option, 0.125)

    models = [SubpopulationModel(group="b", share=1.0, persona="I am b.\n")]
    logprobs = voice_logprobs(SyntheticLanguageModel(["b"], answer), models, ["x", "x", "y"], ["hi", "yo", "yo"])
    np.testing.assert_allclose(logprobs[:, 0], np.log([0.5, 0.125, 0.25]))
    with pytest.raises(ValueError, match="zip"):
        voice_logprobs(SyntheticLanguageModel(["b"], answer), models, ["x"], ["hi", "yo"])


def test_nothing_written_nothing_heard():
    language = SyntheticLanguageModel(GROUPS)
    assert voice_logprobs(language, MODELS, [], []).shape == (0, 2)
    assert write_posts(language, MODELS, [], max_tokens=5) == []
    np.testing.assert_allclose(mixture_from_posts(np.zeros((3, 2))), [0.5, 0.5])


@pytest.mark.slow
@pytest.mark.parametrize("weight", [0.15, 0.5, 0.8])
def test_a_known_mixture_is_recovered_within_sampling_error(weight):
    number = 3000
    _, texts, logprobs = written([weight, 1 - weight], number, SyntheticLanguageModel(GROUPS, voice=VOICE))
    mixture = mixture_from_posts(logprobs, sweeps=4000)
    heard = np.mean(["of a" in text for text in texts])
    exact = (heard - VOICE[1, 0]) / (VOICE[0, 0] - VOICE[1, 0])  # the likelihood's maximum, in closed form
    assert mixture[0] == pytest.approx(exact, abs=1e-6)
    spread = np.sqrt(heard * (1 - heard) / number) / (VOICE[0, 0] - VOICE[1, 0])
    assert abs(mixture[0] - weight) < 4 * spread


def test_unmistakable_voices_are_counted_exactly():
    drawn, _, logprobs = written([0.2, 0.5, 0.3], 400, SyntheticLanguageModel(("a", "b", "c"), slip=1e-12))
    np.testing.assert_allclose(mixture_from_posts(logprobs), np.bincount(drawn) / 400, atol=1e-9)
    certain = np.where(np.arange(3) == drawn[:, None], -5.0, -5000.0)
    np.testing.assert_allclose(mixture_from_posts(certain), np.bincount(drawn) / 400, atol=1e-15)


def test_texts_that_all_voices_find_alike_say_nothing_about_the_mixture():
    _, _, logprobs = written([0.3, 0.7], 200, SyntheticLanguageModel(GROUPS, voice=VOICE))
    padded = np.vstack([logprobs, np.zeros((100, 2))])
    np.testing.assert_allclose(mixture_from_posts(padded, 20_000), mixture_from_posts(logprobs, 20_000), atol=1e-6)


@OFTEN
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(2, 5))
def test_it_keeps_the_simplex_and_follows_relabelling_and_gauge(seed, number, groups):
    rng = np.random.default_rng(seed)
    logprobs = -40 * rng.random((number, groups))
    before = logprobs.copy()
    mixture = mixture_from_posts(logprobs)
    assert np.array_equal(logprobs, before)
    assert (mixture >= 0).all()
    assert mixture.sum() == pytest.approx(1, abs=1e-12)
    order = rng.permutation(groups)
    np.testing.assert_allclose(mixture_from_posts(logprobs[:, order]), mixture[order], atol=1e-9)
    shift = 700 * rng.normal(size=(number, 1))
    np.testing.assert_allclose(mixture_from_posts(logprobs + shift), mixture, atol=1e-9)


@OFTEN
@given(st.integers(0, 10_000))
def test_more_sweeps_never_lower_the_likelihood(seed):
    logprobs = -10 * np.random.default_rng(seed).random((12, 3))
    values = [np.logaddexp.reduce(logprobs + np.log(mixture_from_posts(logprobs, n)), axis=1).sum() for n in (1, 5, 50)]
    assert np.diff(values).min() >= -1e-10


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_a_share(share):
    with pytest.raises(InputError, match="share of people"):
        SubpopulationModel(group="a", share=share)
