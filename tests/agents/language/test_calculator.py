"""The calculator is what it says: right as often as set, scores and verdicts that fit."""

import numpy as np
import pytest

from agents.language.calculator import Calculator
from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModelError


def asked(prompt, seed):
    return GenerationRequest(prompt=prompt, adapter=None, seed=seed, max_tokens=5)


@pytest.mark.parametrize(
    ("prompt", "truth", "expected"), [("1 + 1 =", "2", 0.9), ("2 = 2\n12 * 11 =", "132", 0.9 * 0.25)]
)
def test_right_as_often_as_set_and_scored_so(prompt, truth, expected):
    model = Calculator(skill=0.5, care=0.9)
    texts = [one.text.strip() for one in model.generate([asked(prompt, seed) for seed in range(2000)])]
    assert np.mean([text == truth for text in texts]) == pytest.approx(expected, abs=0.04)
    wrong = str(int(truth) + 2)
    (score,) = model.choice_logprobs([ChoiceRequest(prompt=prompt, options=(f" {truth}", f" {wrong}"), adapter=None)])
    shares = [np.mean([text == one for text in texts]) for one in (truth, wrong)]
    assert np.exp(score.logprobs) == pytest.approx(shares, abs=0.04)


def test_verdicts_lean_to_the_truth_and_sum_to_one():
    model = Calculator(insight=1.0)
    for answer, lean in (("7", 2.0), ("8", -2.0)):
        (score,) = model.choice_logprobs(
            [ChoiceRequest(prompt=f"3 + 4 = {answer} is", options=(" right", " wrong"), adapter=None)]
        )
        assert score.logprobs[0] - score.logprobs[1] == pytest.approx(lean)
        assert np.exp(score.logprobs).sum() == pytest.approx(1)


def test_silence_is_no_number_and_other_prompts_are_refused():
    (completion,) = Calculator(silence=1.0).generate([asked("3 - 1 =", 0)])
    assert not any(letter.isdigit() for letter in completion.text)
    with pytest.raises(LanguageModelError, match="grades 1 to 8"):
        Calculator().generate([asked("2 * 3 + 4 =", 0)])
