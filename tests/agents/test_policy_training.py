"""Policy gradient on the packaged model: what pays is written more, and an adapter folder holds no pickle."""

import json
import random

import numpy as np
import pytest

from agents.language.adapters import check_adapters
from agents.language.identity import model_identity
from agents.language.packaged_model import packaged_model
from agents.language.protocol import ChoiceRequest
from agents.language.transformers_model import TransformersLanguageModel
from agents.policy_training import PolicyRecipe, train_policy
from agents.subpopulations.adapter_base import check_base
from sim.errors import InputError

PROMPT = "A random digit: 3\nA random digit: 8\nA random digit: 5\nA random digit:"
LARGE, SMALL = tuple(f" {digit}" for digit in range(5, 10)), tuple(f" {digit}" for digit in range(5))


def share_of_large_digits(language, adapter):
    (score,) = language.choice_logprobs([ChoiceRequest(prompt=PROMPT, options=LARGE + SMALL, adapter=adapter)])
    chances = np.exp(score.logprobs)
    return chances[: len(LARGE)].sum() / chances.sum()


@pytest.mark.slow
def test_a_few_steps_move_the_model_towards_what_pays_and_leave_a_plain_adapter(tmp_path):
    model, folder = packaged_model(), tmp_path / "adapter"
    base = model_identity(model).weights_sha256
    recipe = PolicyRecipe(rank=2, steps=2, prompts=1, group=12, learning_rate=3e-3, max_tokens=2)
    seen, lines = [], []

    def pay(numbers, texts):
        seen.append((tuple(numbers), tuple(texts)))
        return [float(text.strip()[:1] in tuple("56789")) for text in texts]

    random.seed(5)
    np.random.seed(5)  # noqa: NPY002 - global on purpose
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    done = train_policy(model, [PROMPT], pay, recipe, folder, base=base, report=lines.append)
    assert before == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002

    assert len(lines) == len(seen) == recipe.steps
    assert [numbers for numbers, _ in seen] == [(0,) * 12] * recipe.steps
    for values in (done.reward, done.idle, done.loss, done.length):
        assert values.shape == (recipe.steps,)
        assert np.isfinite(values).all()
    assert done.reward.tolist() == pytest.approx([np.mean(pay(*call)) for call in seen[:2]])

    assert {path.name for path in folder.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "recipe.json",
    }
    assert list(tmp_path.iterdir()) == [folder]
    check_adapters({"trained": folder})
    assert check_base("trained", folder, model, base) == "weights, shapes"
    assert json.loads((folder / "recipe.json").read_text())["steps"] == 2
    with TransformersLanguageModel(model, {"trained": folder}) as language:
        assert share_of_large_digits(language, "trained") > share_of_large_digits(language, None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"group": 1}, "recipe.group"),
        ({"steps": 0}, "recipe.steps"),
        ({"learning_rate": 0.0}, "recipe.learning_rate"),
        ({"temperature": 0.0}, "recipe.temperature"),
        ({"kl": -1.0}, "recipe.kl"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused_by_name(given, field):
    with pytest.raises(InputError) as error:
        PolicyRecipe(**given)
    assert error.value.field == field


def test_nothing_to_continue_is_refused(tmp_path):
    with pytest.raises(InputError, match="prompts"):
        train_policy(tmp_path, [], lambda numbers, texts: [], PolicyRecipe(), tmp_path / "a", base="b")
