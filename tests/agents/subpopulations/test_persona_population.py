"""Groups from a description: read as written, refused with the place at fault, heard by a real model."""

import json
from importlib.resources import files

import numpy as np
import pytest

from agents.language.packaged_model import packaged_model
from agents.language.transformers_model import TransformersLanguageModel
from agents.subpopulations.described import described
from agents.subpopulations.persona_population import KnownPopulation, PersonaPopulation
from sim.errors import InputError

SMALL = {
    "note": "made up",
    "options": ["yes", "no"],
    "questions": {"rain?": {"north": [0.7, 0.3], "south": [0.2, 0.8]}},
    "groups": {
        "north": {"share": 0.6, "persona": "Topic: tea\nPost: Aye.\n", "heldout": {"snow": "Aye, a lot."}},
        "south": {"share": 0.4, "persona": "Topic: tea\nPost: Indeed.\n", "heldout": {"snow": "Indeed, none."}},
    },
}


def written(tmp_path, content):
    path = tmp_path / "groups.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def changed(*keys, value=None):
    """SMALL without the entry at `keys`, or with another value there."""
    copy = json.loads(json.dumps(SMALL))
    node = copy
    for key in keys[:-1]:
        node = node[key]
    if value is None:
        del node[keys[-1]]
    else:
        node[keys[-1]] = value
    return copy


def test_a_description_is_read_as_it_is_written(tmp_path):
    population = PersonaPopulation(written(tmp_path, SMALL), 0.1)
    table = population.opinions(None, lambda line: None).table
    assert table.groups == ("north", "south")
    assert table.shares.tolist() == [0.6, 0.4]
    assert table.questions == ("rain?",)
    assert table.options == (("yes", "no"),)
    assert table.probabilities[0].tolist() == [[0.7, 0.3], [0.2, 0.8]]
    request = population.models[1].post("rain?", seed=1, max_tokens=4)
    assert request.prompt == "Topic: tea\nPost: Indeed.\nTopic: rain?\nPost:"
    assert request.adapter is None
    assert population.adapters(None, "", lambda line: None) == {}
    known = KnownPopulation(written(tmp_path, SMALL))
    assert [m.adapter for m in known.models] == ["north", "south"]
    assert known.gates(None, lambda line: None) == {}
    assert known.opinions(None, lambda line: None).table.shares.tolist() == [0.6, 0.4]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "expected JSON"),
        ("[]", "groups of"),
        (changed("groups"), "groups of"),
        (changed("options"), "options of"),
        (changed("questions"), "questions of"),
        (changed("groups", "south", "share"), "share of .*south"),
        (changed("groups", "south", "share", value=0.5), "sum of shares"),
        (changed("questions", "rain?", "south"), "groups of question 'rain\\?'"),
        (changed("questions", "rain?", "south", value=[0.2, 0.9]), "'south'"),
        (changed("groups", "south", "persona"), "persona of 'south'"),
        (changed("groups", "south", "heldout"), "held-out texts"),
        (changed("groups", "south", "heldout", value={"snow": "x", "hail": "y"}), "held-out texts"),
    ],
)
def test_what_is_wrong_is_named(content, named, tmp_path):
    with pytest.raises(InputError, match=named):
        PersonaPopulation(written(tmp_path, content), 0.1)


def test_an_unknown_file_and_a_margin_of_zero_are_refused(tmp_path):
    with pytest.raises(InputError, match="support_desk"):
        described(str(tmp_path / "absent.json"))
    with pytest.raises(InputError, match="gate_margin"):
        PersonaPopulation(written(tmp_path, SMALL), 0.0)


def test_the_support_desk_is_a_whole_description():
    desk = described("support_desk")
    assert "illustration" in desk.note
    assert abs(desk.table.shares.sum() - 1) < 1e-12
    protected = desk.table.groups.index("protected")
    assert desk.table.shares[protected] == desk.table.shares.min()
    formal = np.stack(desk.table.probabilities)[:, :, 3]
    assert (formal[:, protected] > np.delete(formal, protected, axis=1).max(axis=1)).all()
    raw = json.loads((files("agents.subpopulations") / "support_desk" / "segments.json").read_text())
    for name, group in raw["groups"].items():
        for text in group["heldout"].values():
            assert text not in group["persona"], name


@pytest.mark.slow
def test_the_desks_prompts_carry_on_the_packaged_model():
    population = PersonaPopulation("support_desk", 0.25)
    with TransformersLanguageModel(packaged_model(), {}, "float32") as language:
        (gate,) = population.gates(language, lambda line: None).values()
    assert gate.passed
    np.testing.assert_array_equal(gate.confusion, np.eye(5))
