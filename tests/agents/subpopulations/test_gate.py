"""The gate lets distinct voices through, names the weakest, and can't be fooled by a group that speaks for another."""

import numpy as np
import pytest

from agents.language.synthetic import POST_TOKENS, SyntheticLanguageModel
from agents.subpopulations.corpus import Text
from agents.subpopulations.gate import separation_gate
from agents.subpopulations.subpopulation_model import SubpopulationModel
from sim.errors import InputError

GROUPS = ("a", "b", "c")
MODELS = tuple(SubpopulationModel(group=name, share=1 / 3, adapter=name) for name in GROUPS)
HELDOUT = {
    name: [Text(f"Topic: {n}\nPost:", f" post of {name} no. {n + 100 * g:016x}") for n in range(4)]
    for g, name in enumerate(GROUPS)
}
DISTINCT = np.array([[0.90, 0.06, 0.04], [0.10, 0.80, 0.10], [0.15, 0.15, 0.70]])


def gate(voice, required=0.25, models=MODELS):
    return separation_gate(SyntheticLanguageModel(GROUPS, voice=voice), models, HELDOUT, required)


def test_distinct_voices_pass_with_the_known_figures():
    found = gate(DISTINCT)
    logs = np.log(DISTINCT).T / POST_TOKENS  # row: whose texts, column: under which model
    rivals = np.where(np.eye(3, dtype=bool), -np.inf, logs).max(axis=1)
    np.testing.assert_allclose(found.logprobs, logs, atol=1e-14)
    np.testing.assert_allclose(found.margins, np.diag(logs) - rivals, atol=1e-14)
    assert np.array_equal(found.confusion, np.eye(3))
    assert (found.groups, found.texts, found.required) == (GROUPS, 4, 0.25)
    assert found.passed
    found.require()


def test_identical_voices_fail_and_the_message_says_what_to_do():
    found = gate(np.full((3, 3), 1 / 3))
    assert not found.passed
    np.testing.assert_allclose(found.margins, 0, atol=1e-14)
    with pytest.raises(InputError, match="train longer") as caught:
        found.require()
    assert caught.value.field == "held-out margin of a"


@pytest.mark.parametrize("weakest", range(3))
def test_the_weakest_group_is_named_with_its_margin(weakest):
    voice = np.full((3, 3), 0.05)
    np.fill_diagonal(voice, 0.9)
    rival = (weakest + 1) % 3
    voice[rival, rival], voice[rival, weakest] = 0.6, 0.35  # the neighbour nearly speaks for it
    with pytest.raises(InputError) as caught:
        gate(voice, required=0.5).require()
    assert caught.value.field == f"held-out margin of {GROUPS[weakest]}"
    assert caught.value.value == f"{np.log(0.9 / 0.35) / POST_TOKENS:+.3f} nats per token"
    assert "+0.500" in caught.value.remedy


def test_a_group_that_another_model_speaks_for_is_caught():
    """b's texts are likelier under a than under b: a negative margin, however well the others do."""
    found = gate([[0.10, 0.85, 0.05], [0.05, 0.80, 0.15], [0.01, 0.01, 0.98]], required=0.0)
    assert found.margins[1] == pytest.approx(np.log(0.80 / 0.85) / POST_TOKENS)
    assert found.confusion[1].tolist() == [1.0, 0.0, 0.0]
    assert not found.passed
    with pytest.raises(InputError, match="margin of b"):
        found.require()


def test_personas_that_the_model_ignores_fail():
    models = [SubpopulationModel(group=name, share=1 / 3, persona=f"I am {name}.\n") for name in GROUPS]
    assert not gate(DISTINCT, models=models).passed


def test_a_margin_exactly_met_passes():
    required = float(gate(DISTINCT).margins.min())
    assert gate(DISTINCT, required).passed
    assert not gate(DISTINCT, np.nextafter(required, 1)).passed


def test_relabelling_groups_permutes_the_figures():
    order = [2, 0, 1]
    found, moved = gate(DISTINCT), gate(DISTINCT, models=[MODELS[g] for g in order])
    assert np.array_equal(moved.margins, found.margins[order])
    assert np.array_equal(moved.logprobs, found.logprobs[np.ix_(order, order)])
    assert np.array_equal(moved.confusion, found.confusion[np.ix_(order, order)])
