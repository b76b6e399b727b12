"""Option log-probs: bias towards a place in the list goes out when all orders are asked; prompts stay apart."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.language.synthetic import SyntheticLanguageModel
from agents.language.transformers_model import TransformersLanguageModel
from agents.subpopulations.elicitation import OptionLogprobs, Question, option_orders, questions_of
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.errors import InputError
from sim.estimation import OpinionTable

GROUPS = ("calm", "loud")
MODELS = tuple(SubpopulationModel(group=name, share=0.5, adapter=name) for name in GROUPS)
RAIN = Question("Is rain good?", ("yes", "no", "it {depends}"))
SUN = Question("Is sun good?", ("never", "always"), ordinal=True)
TRUTH = {
    ("calm", "yes"): 0.6, ("calm", "no"): 0.3, ("calm", "it {depends}"): 0.1,
    ("loud", "yes"): 0.2, ("loud", "no"): 0.2, ("loud", "it {depends}"): 0.6,
    ("calm", "always"): 0.5, ("calm", "never"): 0.5, ("loud", "always"): 0.9, ("loud", "never"): 0.1,
}  # fmt: skip
PLACE = {"A": 1.0, "B": 0.5, "C": 0.25}


def lettered(adapter, prompt, option):
    """Likes option times place: what a letter stands for is read from the list in the prompt."""
    lines = dict(line.split(". ", 1) for line in prompt.splitlines() if line[1:2] == ".")
    letter = option.strip()
    return TRUTH[adapter, lines[letter]] * PLACE[letter]


def read(reading, answers=lettered, models=MODELS, questions=(RAIN, SUN)):
    return reading.read(SyntheticLanguageModel(GROUPS, answers), models, questions)


def test_each_prompt_holds_the_normalised_option_probabilities():
    found = read(OptionLogprobs())
    assert found.prompts == (("1:ABC", "1:ACB", "1:BAC", "1:BCA", "1:CAB", "1:CBA"), ("1:AB", "1:BA"))
    assert (found.groups, found.ordinal) == (GROUPS, (False, True))
    for p, order in enumerate(itertools.permutations(range(3))):
        for g, group in enumerate(GROUPS):
            weight = np.zeros(3)
            for place, k in enumerate(order):
                weight[k] = TRUTH[group, RAIN.options[k]] * PLACE["ABC"[place]]
            np.testing.assert_allclose(found.probabilities[0][p, g], weight / weight.sum(), atol=1e-12)


def test_without_opinions_all_orders_leave_nothing_of_the_places():
    """One order alone reads the bias towards A as an opinion."""
    biased = OptionLogprobs(orders=1).read(
        SyntheticLanguageModel(GROUPS, lambda a, p, o: PLACE[o.strip()]), MODELS, [RAIN]
    )
    assert np.ptp(biased.pooled()[0]) > 0.4
    for orders in (None, 3):
        found = OptionLogprobs(orders=orders).read(
            SyntheticLanguageModel(GROUPS, lambda a, p, o: PLACE[o.strip()]), MODELS, [RAIN]
        )
        np.testing.assert_allclose(found.pooled()[0], 1 / 3, atol=1e-12)


def test_full_texts_need_no_list():
    reading = OptionLogprobs(wordings=("{question}", "Tell me: {question}"), labels="text", orders=1)
    found = read(reading, lambda adapter, prompt, option: TRUTH[adapter, option[1:]])
    assert [len(rows) for rows in found.probabilities] == [2, 2]
    np.testing.assert_allclose(found.pooled()[0], [[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], atol=1e-12)
    np.testing.assert_allclose(found.pooled()[1], [[0.5, 0.5], [0.1, 0.9]], atol=1e-12)


def test_relabelling_groups_permutes_answers():
    for own, moved in zip(
        read(OptionLogprobs()).probabilities, read(OptionLogprobs(), models=MODELS[::-1]).probabilities, strict=True
    ):
        assert np.array_equal(own, moved[:, ::-1])


@settings(derandomize=True, max_examples=40)
@given(st.integers(2, 7), st.integers(1, 30), st.integers(0, 99))
def test_sampled_orders_are_different_and_balanced(options, orders, seed):
    found = option_orders(options, min(orders, 5), seed)
    assert len(set(found)) == len(found)
    assert all(sorted(order) == list(range(options)) for order in found)
    rotations = option_orders(options, options, seed) if options > 2 else option_orders(2, None, seed)
    assert all(len({order[place] for order in rotations}) == options for place in range(options))
    assert option_orders(options, min(orders, 5), seed) == found


def test_the_questions_of_a_survey():
    table = OpinionTable(
        groups=GROUPS,
        shares=np.array([0.5, 0.5]),
        questions=("Is sun good?",),
        probabilities=(np.full((2, 2), 0.5),),
        ordinal=(True,),
        options=(("never", "always"),),
    )
    assert questions_of(table) == (SUN,)
    named = replace(table, questions=("q7",))
    assert questions_of(named, {"q7": SUN.text}) == (Question(SUN.text, SUN.options, ordinal=True, name="q7"),)
    found = read(OptionLogprobs(), questions=questions_of(named, {"q7": SUN.text}))
    assert found.questions == ("q7",)
    np.testing.assert_allclose(found.pooled()[0], read(OptionLogprobs()).pooled()[1])
    with pytest.raises(InputError, match="option labels"):
        questions_of(replace(table, options=None))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OptionLogprobs(wordings=()), "at least one wording"),
        (lambda: OptionLogprobs(wordings="Q: {question}"), "give a list"),
        (lambda: OptionLogprobs(wordings=("{question}",)), r"lacks \{options\}"),
        (lambda: OptionLogprobs(wordings=("{question}{options}{mood}",)), r"unknown places \{mood\}"),
        (lambda: OptionLogprobs(wordings=("{question",)), "double a brace"),
        (lambda: OptionLogprobs(labels="numbers"), "letters"),
        (lambda: option_orders(6, None, 0), "720 orders; give a number"),
        (lambda: option_orders(3, 0, 0), "orders"),
        (lambda: Question("x", ("a",)), "2 to 26 different"),
        (lambda: Question("x", ("a", "a")), "2 to 26 different"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.slow
def test_the_real_model_knows_the_capital_whatever_the_order(model_folder):
    question = Question("What is the capital of France?", ("Paris", "Madrid", "Oslo"))
    models = (
        SubpopulationModel(group="plain", share=0.5),
        SubpopulationModel(group="also", share=0.5, persona="Hi.\n"),
    )
    with TransformersLanguageModel(model_folder) as language:
        found = OptionLogprobs(labels="text").read(language, models, [question])
    assert found.probabilities[0].shape == (6, 2, 3)
    assert found.pooled()[0].argmax(axis=1).tolist() == [0, 0]
    assert np.ptp(found.probabilities[0][:, 0, 0]) > 0.001  # it does depend on the order: clusters carry something
