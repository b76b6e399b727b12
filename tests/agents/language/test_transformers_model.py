"""The in-process backend against known figures and against peft itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.language.batches import PADDED_TOKENS, length_batches, padded
from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModelError
from agents.language.transformers_model import TransformersLanguageModel

CAPITAL = "The capital of France is"


def write(seed: int, adapter: str | None = None, **settings: object) -> GenerationRequest:
    given: dict[str, object] = {"prompt": CAPITAL, "max_tokens": 8, **settings}
    return GenerationRequest(adapter=adapter, seed=seed, **given)  # type: ignore[arg-type]


def test_a_known_log_probability(transformers_model: TransformersLanguageModel) -> None:
    (score,) = transformers_model.choice_logprobs(
        [ChoiceRequest(prompt=CAPITAL, options=(" Paris", " Berlin, of course"), adapter=None)]
    )
    assert score.logprobs[0] == pytest.approx(-0.261, abs=5e-4)
    assert score.tokens.tolist() == [1, 4]
    assert score.logprobs[1] < -3


@pytest.mark.slow
def test_adapters_score_as_peft_does(
    transformers_model: TransformersLanguageModel, model_folder: Path, adapters: dict[str, Path]
) -> None:
    """One sequence at a time, no padding, whole-sequence logits: a second way to the same number."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    option = " a very good idea"
    requests = [
        ChoiceRequest(prompt=CAPITAL, options=(option, " Paris"), adapter=adapter)
        for adapter in ("right", None, "left")
    ]
    scores = transformers_model.choice_logprobs(requests)
    for request, score in zip(requests, scores, strict=True):
        model = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32)
        if request.adapter is not None:
            model = PeftModel.from_pretrained(model, adapters[request.adapter])
        prompt, ids = (tokenizer(text, return_tensors="pt")["input_ids"] for text in (CAPITAL, option))
        with torch.inference_mode():
            logprobs = model(torch.cat([prompt, ids], dim=1)).logits[0, prompt.shape[1] - 1 : -1].log_softmax(-1)
        expected = float(logprobs.gather(1, ids[0][:, None]).sum())
        assert score.logprobs[0] == pytest.approx(expected, abs=1e-4)
    assert len({round(float(score.logprobs[0]), 2) for score in scores}) == 3


@pytest.mark.slow
def test_a_completion_does_not_depend_on_its_neighbours(
    transformers_model: TransformersLanguageModel,
) -> None:
    requests = [
        write(seed, (None, "left")[seed % 2], prompt="I think " * (1 + seed % 3), max_tokens=3 + seed % 3)
        for seed in range(6)
    ]
    together = transformers_model.generate(requests)
    for number in (0, 5):
        assert transformers_model.generate([requests[number]]) == [together[number]]
    assert transformers_model.generate(requests[::-1]) == together[::-1]


def test_scores_do_not_depend_on_their_neighbours(transformers_model: TransformersLanguageModel) -> None:
    options = (" Paris", " a rather long answer about many things, and more of it", " London")
    (together,) = transformers_model.choice_logprobs([ChoiceRequest(prompt=CAPITAL, options=options, adapter="left")])
    alone = [
        transformers_model.choice_logprobs([ChoiceRequest(prompt=CAPITAL, options=(o,), adapter="left")])[0]
        for o in options
    ]
    np.testing.assert_allclose(together.logprobs, [float(s.logprobs[0]) for s in alone], atol=1e-4)


def test_endings(transformers_model: TransformersLanguageModel) -> None:
    greedy = write(0, temperature=0.0, max_tokens=5)
    full, stopped = transformers_model.generate([greedy, write(0, temperature=0.0, stop=("aris", "zzz"))])
    assert full.finish_reason == "length"
    assert full.tokens == 5
    assert full.text.startswith(" Paris")
    assert (stopped.text, stopped.tokens, stopped.finish_reason) == (" P", 1, "stop")


def test_seeds_matter(transformers_model: TransformersLanguageModel) -> None:
    texts = {c.text for c in transformers_model.generate([write(seed) for seed in (1, 1, 2, 3)])}
    assert len(texts) == 3


def test_errors_say_what_to_do(
    transformers_model: TransformersLanguageModel, model_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(LanguageModelError, match=r"'middle' is not loaded; loaded are \['left', 'right'\]"):
        transformers_model.generate([write(0, "middle")])
    with pytest.raises(LanguageModelError, match="the model reads 8192"):
        transformers_model.generate([write(0, max_tokens=9000)])
    for bad in ({"max_tokens": 0}, {"temperature": -1.0}, {"stop": ("",)}):
        with pytest.raises(LanguageModelError, match="Ask for at least one token"):
            transformers_model.generate([write(0, **bad)])
    with pytest.raises(LanguageModelError, match="`with` block"):
        TransformersLanguageModel(model_folder).generate([write(0)])
    with pytest.raises(LanguageModelError, match="no peft LoRA configuration"):
        TransformersLanguageModel(model_folder, {"x": tmp_path})
    (tmp_path / "adapter_config.json").write_text('{"r": 2, "target_modules": ["q_proj"]}')
    (tmp_path / "adapter_model.bin").write_bytes(b"a pickle")
    with pytest.raises(LanguageModelError, match=r"\.bin files are not loaded"):
        TransformersLanguageModel(model_folder, {"x": tmp_path})


def test_nothing_asked_nothing_answered(transformers_model: TransformersLanguageModel) -> None:
    assert transformers_model.generate([]) == []
    assert transformers_model.choice_logprobs([]) == []


def test_batches_hold_every_item_once_within_bounds() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 900, size=200).tolist()
    keys = rng.choice(["a", "b"], size=200).tolist()
    batches = length_batches(lengths, keys, 16)
    assert sorted(i for batch in batches for i in batch) == list(range(200))
    for batch in batches:
        assert len({keys[i] for i in batch}) == 1
        assert len(batch) <= 16
        assert len(batch) * padded(max(lengths[i] for i in batch)) <= PADDED_TOKENS
