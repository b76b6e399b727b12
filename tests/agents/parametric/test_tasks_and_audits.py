"""Tasks and signals, what audits bring, and the outcomes of given policies."""

import numpy as np
import pytest
from scipy.special import expit, logit

from agents.parametric import AuditQuality, Pairs, TaskPool, beta_rates, event_chances, rates_of
from sim.errors import InputError
from sim.oversight import OutcomeValues
from sim.oversight.events import Event


def test_rates_of_a_beta_distribution_have_its_mean_and_spread():
    rates = beta_rates(2.0, 3.0, 4000)
    assert rates.mean() == pytest.approx(0.4, abs=1e-4)
    assert rates.var() == pytest.approx(0.04, abs=1e-4)


def test_signals_are_the_logit_of_the_rate_and_noise_of_the_stated_size():
    pool = TaskPool([0.2, 0.9, 1.0], solver_noise=0.7, auditor_noise=0.0)
    points = pool.draw((500, 40), seeds=[3], round=2)
    assert set(np.unique(points.success)) == {0.2, 0.9, 1.0}
    known = logit(np.clip(points.success, 0.01, 0.99))
    assert (points.solver_signal - known).std() == pytest.approx(0.7, abs=0.02)
    assert np.array_equal(points.auditor_signal, known)


def test_tasks_depend_on_seed_and_round_alone():
    pool = TaskPool(beta_rates(0.5, 0.8))
    alone, among = pool.draw((4, 5), seeds=[7], round=1), pool.draw((4, 5), seeds=[1, 7], round=1)
    assert all(np.array_equal(one[0], other[1]) for one, other in zip(alone, among, strict=True))
    assert not np.array_equal(alone.success, pool.draw((4, 5), seeds=[7], round=2).success)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"rates": []}, "rates"),
        ({"rates": [0.5, 1.2]}, "rates"),
        ({"rates": [0.5, np.nan]}, "rates"),
        ({"rates": [0.5], "solver_noise": -1}, "solver_noise"),
    ],
)
def test_impossible_tasks_are_refused(settings, field):
    with pytest.raises(InputError, match=field):
        TaskPool(**settings)


def test_a_probability_of_an_audit_out_of_range_is_refused():
    with pytest.raises(InputError, match="false_flag"):
        AuditQuality(false_flag=1.5)


@pytest.mark.parametrize(
    "audits",
    [
        AuditQuality(),
        AuditQuality(catch=0.8, false_flag=0.2, by_chance=0.3, invalid=0.1, check_rate=0.4, truncated=0.05),
    ],
)
def test_events_are_distributions_over_what_can_happen(audits):
    table = audits.events
    assert table.sum(axis=2) == pytest.approx(np.ones((2, 2)))
    names = np.array([event.name for event in Event])
    for right, word in ((1, "RIGHT"), (0, "WRONG")):
        possible = [name.startswith(word) or name == "TRUNCATED" for name in names]
        assert table[right][:, ~np.array(possible)].max() == 0


def test_events_of_an_audit_that_errs_in_every_way():
    """By hand: of audits 90% are read, 80% of those flag what is wrong, a quarter by luck; half is checked."""
    table = AuditQuality(catch=0.8, false_flag=0.2, by_chance=0.25, invalid=0.1, check_rate=0.5).events
    assert table[0, 1, Event.WRONG_CAUGHT] == pytest.approx(0.9 * 0.8 * 0.75)
    assert table[0, 1, Event.WRONG_CAUGHT_BY_CHANCE] == pytest.approx(0.9 * 0.8 * 0.25)
    assert table[0, 1, Event.WRONG_CHECKED] == pytest.approx(0.9 * 0.2 * 0.5)
    assert table[0, 1, Event.WRONG_INVALID] == pytest.approx(0.1)
    assert table[0, 0, Event.WRONG_CHECKED] == pytest.approx(0.5)
    assert table[1, 1, Event.RIGHT_FLAGGED] == pytest.approx(0.9 * 0.2)


def test_outcomes_agree_with_play_that_is_drawn():
    pool, audits = TaskPool(beta_rates(0.5, 0.8), 0.8, 1.2), AuditQuality(check_rate=0.3, truncated=0.1)
    pairs = Pairs.alike([0], solver=(0.5, 1.5), auditor=(-0.3, -0.8))
    rng = np.random.default_rng(0)
    many = 200_000
    success = rng.choice(pool.rates, many)
    known = logit(np.clip(success, 0.01, 0.99))
    attempt = rng.random(many) < expit(0.5 + 1.5 * (known + 0.8 * rng.standard_normal(many)))
    audited = rng.random(many) < expit(-0.3 - 0.8 * (known + 1.2 * rng.standard_normal(many)))
    right = rng.random(many) < success
    table = audits.events[right.astype(int), audited.astype(int)]
    drawn = np.where(attempt[:, None], table, np.eye(len(Event))[Event.ABSTAINED]).mean(axis=0)
    chances = event_chances(pairs, pool, audits)[0]
    assert chances.sum() == pytest.approx(1.0)
    assert chances == pytest.approx(drawn, abs=0.005)


def test_rates_of_counted_events():
    """Ten tasks: 4 declined, 2 right (one audited), 3 wrong (one caught, one cleared, one unseen), 1 cut off."""
    shares = np.zeros(len(Event))
    for event, count in {
        Event.ABSTAINED: 4,
        Event.RIGHT_UNAUDITED: 1,
        Event.RIGHT_FLAGGED: 1,
        Event.WRONG_CAUGHT: 1,
        Event.WRONG_CLEARED: 1,
        Event.WRONG_UNAUDITED: 1,
        Event.TRUNCATED: 1,
    }.items():
        shares[event] = count / 10
    rates = rates_of(shares, OutcomeValues())
    assert rates.value == pytest.approx((4 * 0.1 + 1 - 0.3 + 0.5 - 2) / 10)
    assert (rates.hallucination, rates.abstention, rates.silent) == pytest.approx((0.3, 0.4, 0.2))
    assert rates.audits == pytest.approx(3 / 5)


def test_nothing_attempted_is_nothing_audited():
    shares = np.eye(len(Event))[Event.ABSTAINED]
    assert rates_of(shares, OutcomeValues()).audits == 0.0
