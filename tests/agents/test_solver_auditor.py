"""Solver and auditor ask what they should, in one batch, and see no truth; prompts are complete."""

import numpy as np
import pytest

from agents.auditor import Shown
from agents.few_shot import FewShot
from agents.language.calculator import Calculator
from agents.solver import SILENCE, agreement, mean_logprobs
from platforms.oversight.families import arithmetic
from sim.errors import InputError


class Listening(Calculator):
    """A calculator that remembers its batches."""

    def __init__(self, **given):
        super().__init__(**given)
        self.batches = []

    def generate(self, requests):
        self.batches.append(list(requests))
        return super().generate(requests)


@pytest.fixture
def agents():
    family = arithmetic(grades=[1], per_grade=1, seed=0, temperature=0.7)
    return family.solver, family.auditor


def test_a_round_is_one_batch_and_draws_are_keyed_by_question_and_sample(agents):
    solver, _ = agents
    model = Listening()
    texts = solver.answers(model, ["12 + 30", "3 + 4"], 3, seed=5)
    (batch,) = model.batches
    assert [len(row) for row in texts] == [3, 3]
    assert len({request.seed for request in batch}) == 6
    assert all(request.prompt.endswith(" =") and request.temperature == 0.7 for request in batch)
    alone = solver.answers(model, ["3 + 4"], 2, seed=5)
    assert alone[0] == texts[1][:2]
    assert [request.seed for request in model.batches[1]] == [request.seed for request in batch[3:5]]


def test_audits_draw_apart_from_answers_to_the_same_question(agents):
    solver, auditor = agents
    model = Listening()
    solver.answers(model, ["3 + 4"], 1, seed=5)
    auditor.evidence(model, [Shown("3 + 4", "7"), Shown("3 + 4", "8")], 1, seed=5)
    seeds = [request.seed for batch in model.batches for request in batch]
    assert len(set(seeds)) == 3
    assert model.batches[0][0].prompt != model.batches[1][0].prompt


def test_features_are_what_they_are_called(agents):
    solver, auditor = agents
    model = Calculator(skill=0.5, care=0.9, insight=1.0)
    found = solver.features(model, ["3 + 4"], [[" 7", " 7", " 9", ""]], [["7", "7", "9", None]])
    assert found.shape == (1, 4, 2)
    assert found[0, :, 0] == pytest.approx([np.log(0.9) / 2] * 2 + [np.log(0.1 / 3) / 2, SILENCE])
    assert found[0, :, 1] == pytest.approx([1 / 3, 1 / 3, 0, 0])
    seen = auditor.features(model, [Shown("3 + 4", "7"), Shown("3 + 4", "9")])
    assert seen[:, 0] == pytest.approx([2.0, -2.0])
    assert seen[:, 1] == pytest.approx([np.log(0.9) / 2, np.log(0.1 / 3) / 2])
    assert auditor.features(model, []).shape == (0, 2)


def test_agreement_of_one_answer_is_none_and_blank_texts_are_silent():
    assert agreement(["7"]).tolist() == [0.0]
    assert mean_logprobs(Calculator(), ["3 + 4 ="], ["  "]).tolist() == [SILENCE]


@pytest.mark.parametrize(
    ("form", "examples", "field"),
    [
        ("no fields", (), "form"),
        ("{a} = {b}", ({"a": "1"},), "examples"),
        ("{a} = {b}", ({"a": "1", "c": "2"},), "examples"),
    ],
)
def test_a_form_and_examples_that_do_not_fit_are_refused(form, examples, field):
    with pytest.raises(InputError) as caught:
        FewShot(form, examples)
    assert caught.value.field == field


def test_a_prompt_wants_every_field_but_the_last():
    shots = FewShot("{question}? {answer}! {verdict}\n", ({"question": "a", "answer": "b", "verdict": "c"},))
    assert shots.prompt(question="{x}", answer="e") == "a? b! c\n{x}? e! "
    for given in ({"question": "d"}, {"question": "d", "answer": "e", "verdict": "f"}):
        with pytest.raises(InputError, match="question, answer"):
            shots.prompt(**given)
