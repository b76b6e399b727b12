from dataclasses import replace

import pytest

from sim.errors import InputError
from sim.oversight import Noise, comparative_statics

NOISE = ("solver_error", "true_positive_rate", "false_positive_rate")


def moved(one, name, by):
    if name in NOISE:
        return replace(one, noise=replace(one.noise, **{name: getattr(one.noise, name) + by}))
    return replace(one, **{name: getattr(one, name) + by})


@pytest.mark.parametrize("seed", range(25))
def test_derivatives_are_differences_of_equilibria(random_inspection, seed):
    one = random_inspection(seed, mixed=True)
    noise = Noise(
        solver_error=max(one.noise.solver_error, 0.01),
        true_positive_rate=min(one.noise.true_positive_rate, 0.99),
        false_positive_rate=max(one.noise.false_positive_rate, 0.01),
    )
    one = replace(one, noise=noise, check_rate=one.check_rate or 0.02)
    one = replace(one, private_gain=min(one.private_gain, 0.9 * one.stake * one.noise.discrimination))
    if one.equilibrium().kind != "mixed":
        one = replace(one, catch=one.catch + 2 * abs(one.audit_cost) + 1, audit_cost=abs(one.audit_cost) / 4 + 0.1)
    statics = comparative_statics(one)
    step = 1e-7
    for name, slope in statics.aligned.items():
        up, down = moved(one, name, step).equilibrium(), moved(one, name, -step).equilibrium()
        assert slope == pytest.approx((up.aligned - down.aligned) / (2 * step), rel=1e-4, abs=1e-5)
        assert statics.audited[name] == pytest.approx((up.audited - down.audited) / (2 * step), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("seed", range(10))
def test_no_solver_penalty_moves_alignment_and_no_auditor_reward_moves_audits(random_inspection, seed):
    statics = comparative_statics(random_inspection(seed, mixed=True))
    assert {statics.aligned[name] for name in ("aligned", "misaligned", "private_gain")} == {0.0}
    assert {statics.audited[name] for name in ("catch", "false_positive", "audit_cost", "miss")} == {0.0}
    assert statics.audited["misaligned"] > 0 > statics.audited["aligned"]


def test_audits_fall_as_one_over_the_stake_at_the_same_alignment(game):
    eqs = [replace(game, misaligned=1 - stake).equilibrium() for stake in (1, 2, 5, 20)]
    assert [eq.audited * stake for eq, stake in zip(eqs, (1, 2, 5, 20), strict=True)] == pytest.approx([0.5] * 4)
    assert len({eq.aligned for eq in eqs}) == 1


def test_no_mixed_equilibrium_is_named(game):
    with pytest.raises(InputError, match="misaligned, unaudited"):
        comparative_statics(replace(game, catch=0.1))
