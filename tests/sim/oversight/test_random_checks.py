from dataclasses import replace

import pytest

from sim.oversight import Noise, deterring_check_rates


@pytest.mark.parametrize("rate", [0.05, 0.15, 0.24])
def test_below_the_phase_change_audits_fall_and_alignment_rises_with_misses(game, rate):
    checked = replace(game, check_rate=rate, miss=0.8)
    eq = checked.equilibrium()
    assert eq.kind == "mixed"
    assert 1 - eq.aligned == pytest.approx(0.7 / (1.5 + rate * 0.8))
    assert eq.audited == pytest.approx((0.25 - rate) / (1 - rate))


def test_the_phase_changes_at_the_private_gain_over_the_stake(game):
    rates = deterring_check_rates(game)
    assert rates.above == game.private_gain / game.stake
    assert rates.exist
    kinds = [replace(game, check_rate=rates.above + move).equilibrium() for move in (-1e-6, 0.0, 1e-6)]
    assert [eq.kind for eq in kinds] == ["mixed", "mixed", "aligned, unaudited"]
    assert [eq.degenerate for eq in kinds] == [False, True, False]
    assert kinds[1].aligned == pytest.approx(game.equilibrium().aligned)


def only_aligned_unaudited(one):
    sets = one.equilibria()
    return len(sets) == 1 and sets[0].single and sets[0].worst.kind == "aligned, unaudited"


def test_rates_in_the_window_work_and_no_other(random_inspection):
    inside = 0
    for seed in range(400):
        one = random_inspection(seed)
        rates = deterring_check_rates(one)
        for rate in (0.02, 0.2, 0.4, 0.6, 0.8, 0.98):
            works = rates.above < rate < rates.below
            assert only_aligned_unaudited(replace(one, check_rate=rate)) == works
            inside += works
    assert 200 < inside < 2200


def test_noise_with_a_price_on_misses_can_leave_no_rate_at_all(game):
    noisy = replace(game, noise=Noise(false_positive_rate=0.4), miss=1.0)
    assert deterring_check_rates(noisy).below == pytest.approx(0.25)
    assert not deterring_check_rates(noisy).exist
    assert deterring_check_rates(replace(noisy, miss=0.0)).exist
    assert not deterring_check_rates(replace(noisy, catch=2.0, miss=0.0)).exist


def test_checks_that_put_audits_off_must_be_frequent(game):
    noisy = replace(game, noise=Noise(false_positive_rate=0.4), catch=1.5, miss=-1.0)
    rates = deterring_check_rates(noisy)
    assert rates.above == pytest.approx(0.5 / 1.2)
    assert deterring_check_rates(replace(noisy, private_gain=0.01)).above == pytest.approx(0.25)


def test_no_rate_where_a_verdict_costs_the_solver_nothing(game):
    assert not deterring_check_rates(replace(game, misaligned=1.0)).exist
    assert not deterring_check_rates(replace(game, private_gain=2.0)).exist
