"""Leanings are differences of log-probability between a group and the base model, less the group's own fluency."""

import hashlib

import numpy as np
import pytest

from agents.language.protocol import Completion
from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.bigfive import people
from agents.subpopulations.elicitation import Thinking, leanings, leanings_by_prompt
from agents.subpopulations.statements import affirm
from agents.subpopulations.subpopulation_model import SubpopulationModel

GROUPS = ("calm", "loud", "kind")
ITEMS = tuple(item.text for item in people.items())[:8]
WORDINGS = ("About me:", "To be honest:", "My friends would agree:")
MODELS = tuple(SubpopulationModel(group=name, share=1 / 3, adapter=name) for name in GROUPS)


def answer(adapter, prompt, option):
    """A probability that depends on all three and on nothing else."""
    digest = hashlib.sha256(f"{adapter}|{prompt}|{option}".encode()).digest()
    return (1 + digest[0]) / 257


def gain(adapter, persona, wording, item):
    said = " " + affirm(item)
    return np.log(answer(adapter, persona + wording, said)) - np.log(answer(None, wording, said))


def exactly(wordings=WORDINGS, personas=("",) * 3, adapters=GROUPS):
    """The definition, term by term."""
    raw = np.zeros((3, len(ITEMS)))
    for g, (adapter, persona) in enumerate(zip(adapters, personas, strict=True)):
        for q, item in enumerate(ITEMS):
            raw[g, q] = sum(gain(adapter, persona, wording, item) for wording in wordings) / len(wordings)
    return raw - raw.mean(axis=1)[:, None]


def read(ask=answer, models=MODELS, items=ITEMS, wordings=WORDINGS):
    return leanings(SyntheticLanguageModel(GROUPS, ask), models, items, wordings)


def test_leanings_are_the_known_differences():
    found = read()
    assert found.shape == (3, len(ITEMS))
    np.testing.assert_allclose(found, exactly(), atol=1e-13)
    np.testing.assert_allclose(found.mean(axis=1), 0, atol=1e-13)
    assert np.ptp(found) > 1


@pytest.mark.parametrize("wordings", [WORDINGS[:1], WORDINGS[::-1], (WORDINGS[1], WORDINGS[2], WORDINGS[0])])
def test_order_of_wordings_is_irrelevant_and_one_is_enough(wordings):
    found = read(wordings=wordings)
    np.testing.assert_allclose(found, exactly(wordings), atol=1e-13)
    if len(wordings) == 3:
        np.testing.assert_allclose(found, exactly(), atol=1e-13)


def test_a_group_that_speaks_like_the_base_model_leans_nowhere():
    found = read(lambda adapter, prompt, option: answer(None if adapter == "loud" else adapter, prompt, option))
    np.testing.assert_allclose(found[1], 0, atol=1e-13)
    assert np.abs(found[[0, 2]]).max() > 0.5


def test_what_every_model_finds_easy_to_say_is_no_opinion():
    """A short or common statement is likelier under all models alike: the base model takes that out."""
    found = read(lambda adapter, prompt, option: answer(adapter, prompt, option) * 0.9 ** len(option))
    np.testing.assert_allclose(found, exactly(), atol=1e-12)


def test_a_group_that_is_fluent_in_statements_has_no_more_opinions():
    found = read(lambda adapter, prompt, option: answer(adapter, prompt, option) * (0.01 if adapter == "kind" else 1))
    np.testing.assert_allclose(found, exactly(), atol=1e-12)


def test_personas_come_before_the_wording_and_the_base_model_has_none():
    personas = ("I am calm.\n", "I am loud.\n", "I am kind.\n")
    models = [
        SubpopulationModel(group=name, share=1 / 3, persona=persona)
        for name, persona in zip(GROUPS, personas, strict=True)
    ]
    np.testing.assert_allclose(read(models=models), exactly(personas=personas, adapters=(None,) * 3), atol=1e-13)


def test_relabelling_groups_and_items_permutes_leanings():
    order, items = [2, 0, 1], [3, 1, 7, 0, 2, 6, 5, 4]
    moved = read(models=[MODELS[g] for g in order], items=[ITEMS[q] for q in items])
    np.testing.assert_allclose(moved, read()[np.ix_(order, items)], atol=1e-13)


def test_prompts_are_kept_apart_and_their_mean_is_the_leaning():
    by_prompt = leanings_by_prompt(SyntheticLanguageModel(GROUPS, answer), MODELS, ITEMS, WORDINGS)
    assert by_prompt.shape == (3, 3, len(ITEMS))
    np.testing.assert_allclose(by_prompt.mean(axis=2), 0, atol=1e-13)
    for wording, own in zip(WORDINGS, by_prompt, strict=True):
        np.testing.assert_allclose(own, exactly((wording,)), atol=1e-13)
    np.testing.assert_allclose(by_prompt.mean(axis=0), read(), atol=1e-13)


class Thinker(SyntheticLanguageModel):
    """Thinks its adapter's name and the seed's last digit; speaks by what it has read, the thought included."""

    def generate(self, requests):
        self.asked = list(requests)
        return [Completion(text=f" {r.adapter} {r.seed % 10}\n", tokens=3, finish_reason="stop") for r in requests]


def test_a_thought_of_the_model_itself_comes_before_the_statement():
    language = Thinker(GROUPS, answer)
    thinking = Thinking(opening="Post:", stop=("\n",), closing="\n", max_tokens=9, temperature=0.5)
    found = leanings_by_prompt(language, MODELS, ITEMS[:2], WORDINGS[:2], thinking=thinking, thoughts=3, seed=4)
    assert found.shape == (6, 3, 2)
    assert len(language.asked) == 4 * 6 * 2
    assert {(r.max_tokens, r.temperature, r.stop) for r in language.asked} == {(9, 0.5, ("\n",))}
    assert len({r.seed for r in language.asked}) == len(language.asked)
    request = {(r.adapter, r.prompt): [] for r in language.asked}
    for r in language.asked:
        request[r.adapter, r.prompt].append(r.seed % 10)
    assert set(request) == {(a, f"Topic: {item}\nPost:") for a in (None, *GROUPS) for item in ITEMS[:2]}

    def said(adapter, item, number, wording):
        digit = request[adapter, f"Topic: {item}\nPost:"][number]
        return np.log(answer(adapter, f"Topic: {item}\nPost: {adapter} {digit}\n{wording}", " " + affirm(item)))

    raw = np.array(
        [
            [said(group, item, p, WORDINGS[p // 3]) - said(None, item, p, WORDINGS[p // 3]) for item in ITEMS[:2]]
            for p in range(6)
            for group in GROUPS
        ]
    ).reshape(6, 3, 2)
    np.testing.assert_allclose(found, raw - raw.mean(axis=2, keepdims=True), atol=1e-13)
