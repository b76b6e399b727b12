import numpy as np
import pytest

from sim.errors import InputError
from sim.randomness import generator, request_seed

RECORDED = [945123179, 201514226]
RECORDED_REQUEST = 875376194
KEYS = [(s, r, a, p) for s in (0, 1) for r in (0, 1, 12) for a in (-1, 0, 2, 11) for p in ("start", "draw group")]


def test_numbers_depend_on_the_key_only_not_on_the_order():
    def first(key):
        seed, played, agent, purpose = key
        return generator(seed, round=played, agent=agent, purpose=purpose).random()

    forwards = {key: first(key) for key in KEYS}
    backwards = {key: first(key) for key in reversed(KEYS)}
    assert forwards == backwards
    assert len(set(forwards.values())) == len(KEYS)


def test_numbers_are_the_same_in_every_version():
    assert generator(7, round=3, agent=1, purpose="draw group").integers(10**9, size=2).tolist() == RECORDED
    assert request_seed(7, round=3, agent=1, purpose="draw group") == RECORDED_REQUEST


def test_neighbouring_keys_are_uncorrelated():
    draws = np.array([generator(5, round=r, agent=0, purpose="x").random(200) for r in range(40)])
    correlations = np.corrcoef(draws)[np.triu_indices(40, 1)]
    assert np.abs(correlations).max() < 0.35
    assert abs(correlations.mean()) < 0.02


def test_request_seeds_have_31_bits_and_differ():
    seeds = [request_seed(s, round=r, agent=a, purpose=p) for s, r, a, p in KEYS]
    assert len(set(seeds)) == len(KEYS)
    assert all(0 <= seed < 2**31 for seed in seeds)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"round": -1}, "round"),
        ({"agent": -2}, "agent"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": 3}, "purpose"),
    ],
)
def test_bad_keys_are_refused(changes, field):
    key = {"seed": 0, "round": 0, "agent": 0, "purpose": "x"} | changes
    for draw in (generator, request_seed):
        with pytest.raises(InputError) as caught:
            draw(key["seed"], round=key["round"], agent=key["agent"], purpose=key["purpose"])
        assert caught.value.field == field
