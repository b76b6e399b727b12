from dataclasses import replace

import pytest
from scipy.special import logit

from sim.errors import InputError
from sim.oversight import quantal_equilibrium


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_it_is_a_fixed_point_of_logit_responses(random_inspection, seed, temperature):
    game = random_inspection(seed, mixed=True)
    eq = quantal_equilibrium(game, temperature)
    assert logit(eq.aligned) * temperature == pytest.approx(game.deterrence_margin(eq.audited), abs=1e-8)
    assert logit(eq.audited) * temperature == pytest.approx(game.audit_margin(eq.aligned), abs=1e-8)


def test_cold_it_is_the_equilibrium_and_hot_it_is_a_coin(game):
    eq, cold, hot = game.equilibrium(), quantal_equilibrium(game, 1e-4), quantal_equilibrium(game, 1e4)
    assert (cold.aligned, cold.audited) == pytest.approx((eq.aligned, eq.audited), abs=1e-3)
    assert (hot.aligned, hot.audited) == pytest.approx((0.5, 0.5), abs=1e-3)


def test_a_pure_equilibrium_has_one_too(game):
    assert quantal_equilibrium(replace(game, private_gain=3.0), 0.05).aligned < 1e-3


def test_bad_input_is_named(game):
    with pytest.raises(InputError, match=r"^temperature = 0"):
        quantal_equilibrium(game, 0)
    with pytest.raises(InputError, match=r"^game = "):
        quantal_equilibrium(replace(game, misaligned=2.0), 0.1)
