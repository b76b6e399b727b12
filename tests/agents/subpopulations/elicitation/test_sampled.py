"""Sampled answers: parsed, counted, refused when too many can't be read; a thought comes before the answer."""

from dataclasses import replace

import numpy as np
import pytest

from agents.language.protocol import Completion
from agents.language.synthetic import SyntheticLanguageModel
from agents.language.transformers_model import TransformersLanguageModel
from agents.subpopulations.elicitation import Question, SampledAnswers, Thinking
from agents.subpopulations.elicitation.sampled import parsed
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.errors import InputError

GROUPS = ("calm", "loud")
MODELS = tuple(SubpopulationModel(group=name, share=0.5, adapter=name) for name in GROUPS)
RAIN = Question("Is rain good?", ("yes", "no"))
SUN = Question("Is sun good?", ("never", "at times", "always"), ordinal=True)
LIKES = {("calm", "yes"): 0.8, ("loud", "yes"): 0.3, ("calm", "never"): 0.1, ("loud", "never"): 0.6}


class Writer(SyntheticLanguageModel):
    """Answers with a letter: the group's likes, whatever the order; mumbles in a share of answers."""

    def __init__(self, mumbles=0.0):
        super().__init__(GROUPS)
        self.mumbles, self.asked = mumbles, []

    def generate(self, requests):
        self.asked += requests
        return [Completion(text=self.write(r), tokens=3, finish_reason="stop") for r in requests]

    def write(self, request):
        if request.prompt.endswith("think."):
            return f" thought {request.seed} "
        rng = np.random.default_rng(request.seed)
        if rng.random() < self.mumbles:
            return " well, who knows"
        letters = {
            text: letter for letter, text in (x.split(". ") for x in request.prompt.splitlines() if x[1:2] == ".")
        }
        first = next(text for text in letters if (request.adapter, text) in LIKES)
        others = [text for text in letters if text != first]
        liked = rng.random() < LIKES[request.adapter, first]
        return f" {letters[first if liked else others[rng.integers(len(others))]]}."


def test_shares_are_the_known_ones_within_sampling_error():
    found = SampledAnswers(samples=1200).read(Writer(), MODELS, [RAIN, SUN])
    assert [rows.shape for rows in found.probabilities] == [(2, 2, 2), (6, 2, 3)]
    assert [n.sum(axis=0).tolist() for n in found.samples] == [[1200, 1200], [1200, 1200]]
    rain, sun = found.pooled()
    np.testing.assert_allclose(rain[:, 0], [0.8, 0.3], atol=4 * np.sqrt(0.25 / 1200))
    np.testing.assert_allclose(sun[:, 0], [0.1, 0.6], atol=4 * np.sqrt(0.25 / 1200))
    assert not found.failures.any()


def test_samples_are_spread_over_prompts_and_every_text_has_its_own_seed():
    language = Writer()
    SampledAnswers(samples=50).read(language, MODELS, [SUN])
    assert len(language.asked) == 6 * 9 * 2  # 50 answers over 6 orders: 9 each
    assert len({r.seed for r in language.asked}) == len(language.asked)
    assert {r.max_tokens for r in language.asked} == {8}


def test_unreadable_answers_are_counted_and_left_out():
    found = SampledAnswers(samples=400, most_failures=0.5).read(Writer(mumbles=0.3), MODELS, [RAIN])
    np.testing.assert_allclose(found.failures, 0.3, atol=0.1)
    np.testing.assert_allclose(found.samples[0].sum(axis=0), 400 * (1 - found.failures[:, 0]))
    np.testing.assert_allclose(found.pooled()[0][:, 0], [0.8, 0.3], atol=0.12)


def test_too_many_unreadable_answers_are_refused_with_one_of_them():
    with pytest.raises(InputError, match="such as ' well, who knows'") as caught:
        SampledAnswers(most_failures=0.1).read(Writer(mumbles=0.3), MODELS, [RAIN])
    assert caught.value.field.startswith("unreadable answers of ")


class Stumbling(Writer):
    """Answers nothing to one question, and to another under one order of its options."""

    def write(self, request):
        stuck = "sun" in request.prompt or "A. no" in request.prompt
        return " hm" if stuck else super().write(request)


def test_a_question_nobody_can_read_is_refused_and_a_silent_prompt_repeats_the_others():
    with pytest.raises(InputError, match="none could be read"):
        SampledAnswers(most_failures=0.9).read(Stumbling(), MODELS, [RAIN, SUN])
    found = SampledAnswers(most_failures=0.9, samples=100).read(Stumbling(), MODELS, [RAIN])
    np.testing.assert_allclose(found.samples[0], [[50, 50], [0, 0]])
    np.testing.assert_allclose(found.probabilities[0][0], found.probabilities[0][1])


def test_thoughts_come_first_each_answer_after_its_own():
    language = Writer()
    reading = SampledAnswers(
        wordings=("{question}\n{options}\n",),
        thinking=Thinking(opening="Let me think.", closing="\nAnswer:", max_tokens=20),
        samples=60,
    )
    found = reading.read(language, MODELS, [RAIN])
    thoughts, answers = language.asked[:120], language.asked[120:]
    assert {r.max_tokens for r in thoughts} == {20}
    for thought, answer in zip(thoughts, answers, strict=True):
        assert answer.prompt == f"{thought.prompt} thought {thought.seed}\nAnswer:"
        assert (answer.adapter, answer.seed != thought.seed) == (thought.adapter, True)
    assert found.samples[0].sum(axis=0).tolist() == [60, 60]


def test_the_same_seed_gives_the_same_answers_and_groups_keep_theirs_when_turned():
    first, again = (SampledAnswers(seed=3).read(Writer(), MODELS, [RAIN, SUN]) for _ in range(2))
    turned = SampledAnswers(seed=3).read(Writer(), MODELS[::-1], [SUN, RAIN])
    other = SampledAnswers(seed=4).read(Writer(), MODELS, [RAIN, SUN])
    for q in range(2):
        assert np.array_equal(first.probabilities[q], again.probabilities[q])
        assert np.array_equal(first.probabilities[q], turned.probabilities[1 - q][:, ::-1])
    assert not np.array_equal(first.probabilities[1], other.probabilities[1])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (" A", 0), ("B.", 1), ("(c)", 2), ("**B**: yes", 1), ("b) whatever", 1), ("\nC\nbecause", 2), ("D.", None),
        ("A good one", None), ("Apples", None), ("no", 1), ("No!", 1), ("nobody", None), ("no, but why", 2),
        ("B no", 1), ("I think B", None), ("", None), ("Yes", 0),
    ],
)  # fmt: skip
def test_what_counts_as_an_answer(text, place):
    assert parsed(text, ["yes", "no", "no, but"]) == place


@pytest.mark.parametrize(
    "bad", [{"samples": 49}, {"most_failures": 1.0}, {"max_tokens": 0}, {"wordings": ("{question}",)}]
)
def test_bad_settings_are_refused(bad):
    with pytest.raises(InputError):
        SampledAnswers(**bad)


@pytest.mark.slow
def test_the_real_model_thinks_and_answers(model_folder):
    """Shown once how it is done, the packaged model writes an answer line that can be read, most of the time."""
    example = "Question: Is fire hot?\nA. no\nB. yes\nLet me think. Fire burns.\nAnswer: B\n\n"
    reading = SampledAnswers(
        wordings=(example + "Question: {question}\n{options}\n",),
        thinking=Thinking(max_tokens=8),
        most_failures=0.4,
        max_tokens=3,
    )
    models = [SubpopulationModel(group=name, share=0.5) for name in GROUPS]
    with TransformersLanguageModel(model_folder) as language:
        found = reading.read(language, models, [RAIN])
        with pytest.raises(InputError, match="unreadable answers"):
            replace(reading, wordings=("{question} {options}",), thinking=None).read(language, models, [RAIN])
    assert found.failures.max() <= 0.4
    assert found.samples[0].sum(axis=0).min() >= 30
