"""What may not be what it was taken for is said; ordinary tables are left alone."""

import numpy as np
import pytest

from agents.subpopulations.sources.user_file import load
from sim.errors import InputError


@pytest.fixture
def wave(tmp_path):
    """An institute's export: semicolons, decimal commas, a weight of its own name, codes for no answer."""

    def write(**columns):
        rng = np.random.default_rng(0)
        drawn = {
            "region": rng.choice(["North", "South"], 60),
            "WEIGHT_POST": [f"{w:.3f}".replace(".", ",") for w in rng.uniform(0.5, 1.5, 60)],
            "trust": rng.choice(["yes", "no", "Don't know"], 60),
            "scale": rng.choice(["1", "2", "3", "-99"], 60),
            **columns,
        }
        rows = [";".join(drawn), *(";".join(map(str, row)) for row in zip(*drawn.values(), strict=True))]
        path = tmp_path / "wave.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    return write


def test_weights_and_codes_are_pointed_out(wave):
    said = load(wave(), group="region", questions=["trust", "scale"]).doubts
    assert said[0].startswith("column 'WEIGHT_POST' looks like weights")
    assert said[0].endswith("data.weight=WEIGHT_POST")
    assert '"Don\'t know" (trust)' in said[1]
    assert "'-99' (scale)" in said[1]


def test_a_table_that_was_read_as_it_is_meant_raises_no_doubt(wave):
    missing = ("", "-99", "Don't know")
    found = load(wave(), group="region", questions=["trust", "scale"], weight="WEIGHT_POST", missing=missing)
    assert found.doubts == ()
    assert 0.5 < found.respondents.weights.mean() < 1.5, "decimal commas where semicolons separate the cells"


@pytest.mark.parametrize("scale", [["1", "2", "98"], ["1", "2", "refused"], ["0", "1", "999"]])
def test_codes_apart_from_the_scale(wave, scale):
    said = load(wave(trust=["yes", "no"] * 30, scale=scale * 20), group="region", questions=["trust", "scale"]).doubts
    assert repr(scale[-1]) in said[-1]


@pytest.mark.parametrize(
    "scale", [["-2", "-1", "0", "1", "2"], ["70", "77", "90"], ["1", "2", "3"], ["97", "98", "99"]]
)
def test_scales_that_hold_such_numbers_in_their_place(wave, scale):
    weighed = {"group": "region", "weight": "WEIGHT_POST", "questions": ["trust", "scale"]}
    assert load(wave(trust=["yes", "no"] * 30, scale=(scale * 20)[:60]), **weighed).doubts == ()


def test_the_order_of_texts_is_given_as_pairs_as_on_a_command_line(wave):
    given = {"group": "region", "questions": ["trust"], "ordinal": ["trust"]}
    with pytest.raises(InputError, match=r"data\.options="):
        load(wave(), **given)
    order = ["no", "Don't know", "yes"]
    found = load(wave(), **given, options=[["trust", order]])
    assert found.table.options == (tuple(order),)
    with pytest.raises(InputError, match="expected pairs"):
        load(wave(), **given, options=["trust"])


def test_an_encoding_that_is_none_is_refused(wave):
    with pytest.raises(InputError, match="no text encoding"):
        load(wave(), group="region", encoding="ordinal")
