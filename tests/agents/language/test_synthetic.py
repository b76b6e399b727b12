"""The model whose distributions are known: exact scores, posts that follow the voices, any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModelError
from agents.language.synthetic import SyntheticLanguageModel

VOICE = np.array([[0.7, 0.3], [0.2, 0.8]])
ANSWERS = {("a", "Taxes?"): {"yes": 0.9, "no": 0.1}, ("b", "Taxes?"): {"yes": 0.25, "no": 0.75}}


def post(seed: int, adapter: str | None = "a", prompt: str = "Write.") -> GenerationRequest:
    return GenerationRequest(prompt=prompt, adapter=adapter, seed=seed, max_tokens=20)


def test_answers_are_the_table() -> None:
    model = SyntheticLanguageModel(["a", "b"], ANSWERS)
    (score,) = model.choice_logprobs([ChoiceRequest(prompt="Taxes?", options=("no", "yes"), adapter="b")])
    np.testing.assert_allclose(score.logprobs, np.log([0.75, 0.25]), rtol=1e-15)
    assert score.tokens.tolist() == [1, 1]


def test_answers_may_be_a_function() -> None:
    model = SyntheticLanguageModel(["a"], lambda adapter, prompt, option: 1 / len(f"{adapter}{prompt}{option}"))
    (score,) = model.choice_logprobs([ChoiceRequest(prompt="p", options=("o",), adapter=None)])
    np.testing.assert_allclose(score.logprobs, -np.log(6))


def test_posts_express_groups_as_often_as_the_voice_says_and_are_scored_by_it() -> None:
    model = SyntheticLanguageModel(["a", "b"], voice=VOICE)
    texts = [completion.text for completion in model.generate([post(seed) for seed in range(4000)])]
    share = np.mean([model.expressed_group(text) == "b" for text in texts])
    assert abs(share - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 4000)
    assert len(set(texts)) == 4000
    scores = model.choice_logprobs(
        [ChoiceRequest(prompt="", options=(texts[0],), adapter=adapter) for adapter in ("a", "b", None)]
    )
    column = model.adapters.index(model.expressed_group(texts[0]) or "")
    np.testing.assert_allclose([float(s.logprobs[0]) for s in scores], np.log([*VOICE[:, column], 0.5]), rtol=1e-15)


def test_a_mixture_of_voices_has_the_likelihood_of_the_mixture() -> None:
    """sum_h p(h | w) log p(h | w) as sampled equals the exact entropy: what the kernels rely on."""
    model = SyntheticLanguageModel(["a", "b"], voice=VOICE)
    weights = np.array([0.4, 0.6])
    drawn = np.random.default_rng(0).choice(2, size=4000, p=weights)
    texts = [c.text for c in model.generate([post(i, "ab"[g]) for i, g in enumerate(drawn)])]
    scores = [
        model.choice_logprobs([ChoiceRequest(prompt="", options=tuple(texts), adapter=a)])[0].logprobs for a in "ab"
    ]
    mixture = np.log(weights @ np.exp(scores))
    exact = weights @ VOICE
    spread = np.std(mixture) / np.sqrt(len(texts))
    assert abs(mixture.mean() - exact @ np.log(exact)) < 4 * spread


@given(seeds=st.lists(st.integers(0, 2**64), min_size=1, max_size=8), data=st.data())
def test_order_and_neighbours_change_nothing(seeds: list[int], data: st.DataObject) -> None:
    model = SyntheticLanguageModel(["a", "b"], voice=VOICE)
    order = data.draw(st.permutations(range(len(seeds))))
    together = model.generate([post(seed) for seed in seeds])
    assert [model.generate([post(seeds[i])])[0] for i in order] == [together[i] for i in order]


def test_the_default_voice_is_one_s_own_but_for_a_slip() -> None:
    model = SyntheticLanguageModel(["a", "b", "c"])
    assert all(model.expressed_group(c.text) == "b" for c in model.generate([post(i, "b") for i in range(50)]))
    assert np.all(np.isfinite(np.log(model.voice)))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SyntheticLanguageModel([]), "at least one"),
        (lambda: SyntheticLanguageModel(["a", "a"]), "distinct"),
        (lambda: SyntheticLanguageModel(["a", "b"], voice=np.eye(2)), "every entry above 0"),
        (lambda: SyntheticLanguageModel(["a", "b"], voice=[[0.5, 0.6], [0.5, 0.5]]), "sum to 1"),
        (lambda: SyntheticLanguageModel(["a"]).generate([post(0, "z")]), "'z' is not loaded"),
        (
            lambda: SyntheticLanguageModel(["a"]).choice_logprobs(
                [ChoiceRequest(prompt="?", options=("x",), adapter="a")]
            ),
            "no answer is known",
        ),
        (
            lambda: SyntheticLanguageModel(["a"], lambda *_: 0.0).choice_logprobs(
                [ChoiceRequest(prompt="?", options=("x",), adapter="a")]
            ),
            "above 0",
        ),
    ],
)
def test_bad_input_is_said(make: object, words: str) -> None:
    assert callable(make)
    with pytest.raises(LanguageModelError, match=words):
        make()
