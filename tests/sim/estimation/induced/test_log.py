"""Logs with gaps: every row is used, mended and counted, or left out and counted, or refused by name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.estimation.induced import PlayLog, exploration
from sim.network import Network

MIXTURES = exploration(3, 3, profiles=4).reshape(-1, 3)


def rows(**changes):
    """Four rounds of three accounts with payoffs 0..11, as raw rows."""
    given = {
        "rounds": np.repeat(np.arange(4.0), 3),
        "accounts": ["a", "b", "c"] * 4,
        "mixtures": MIXTURES.copy(),
        "payoffs": np.arange(12.0),
    }
    return given | changes


def edited(field, row, value):
    values = rows()[field].copy()
    values[row] = value
    return rows(**{field: values})


def test_a_whole_log_is_the_play_itself():
    log = PlayLog.of_rows(**rows())
    play = PlayLog.of_play(MIXTURES.reshape(4, 3, 3), np.arange(12.0).reshape(4, 3))
    for field in ("rounds", "accounts", "mixtures", "payoffs", "others"):
        np.testing.assert_allclose(getattr(log, field), getattr(play, field), atol=1e-15)
    assert log.health.sentences() == ("All 12 rows are used.",)
    np.testing.assert_allclose(log.others[0], (MIXTURES[1] + MIXTURES[2]) / 2)


def test_sums_and_neighbours():
    log = PlayLog.of_rows(**rows(), crowding="sum")
    np.testing.assert_allclose(log.others[4], MIXTURES[3] + MIXTURES[5])
    named = [["b"], None, ["a", "a", "c"]] * 4
    log = PlayLog.of_rows(**rows(), neighbours=named)
    np.testing.assert_allclose(log.others[0], MIXTURES[1])
    np.testing.assert_allclose(log.others[1], (MIXTURES[0] + MIXTURES[2]) / 2)
    np.testing.assert_allclose(log.others[2], MIXTURES[0])  # nobody is its own neighbour, and once is enough


def test_a_network_is_its_neighbours_by_name():
    import networkx as nx

    played, paid = MIXTURES.reshape(4, 3, 3), np.arange(12.0).reshape(4, 3)
    log = PlayLog.of_play(played, paid, network=Network.of(nx.path_graph(3)))
    named = PlayLog.of_rows(**rows(), neighbours=[["b"], ["a", "c"], ["b"]] * 4)
    np.testing.assert_allclose(log.others, named.others)


@pytest.mark.parametrize(
    ("raw", "reason", "used"),
    [
        (edited("rounds", 4, np.nan), "without a round", 11),
        (edited("payoffs", 4, np.nan), "the payoff is missing or not finite", 11),
        (edited("payoffs", 4, np.inf), "the payoff is missing or not finite", 11),
        (edited("mixtures", (4, 1), np.nan), "a weight is missing or not finite", 11),
        (edited("mixtures", (4, 1), -0.5), "a weight is negative", 11),
        (edited("mixtures", 4, [0.9, 0.9, 0.1]), "weights don't sum to 1 within 0.02", 11),
        (rows(accounts=["a", "b", "c", "a", " ", "c"] + ["a", "b", "c"] * 2), "without an account", 11),
    ],
)
def test_gaps_are_left_out_and_counted(raw, reason, used):
    log = PlayLog.of_rows(**raw)
    assert log.health.omitted == {reason: 1}
    assert (log.health.given, log.health.used, log.rows) == (12, used, used)
    assert f"Left out, {reason}: 1." in log.health.sentences()


def test_a_missing_payoff_does_not_hide_the_mixture_from_the_others():
    whole, gap = PlayLog.of_rows(**rows()), PlayLog.of_rows(**edited("payoffs", 4, np.nan))
    np.testing.assert_allclose(gap.others, np.delete(whole.others, 4, axis=0))
    assert gap.health.partial == 0
    lost = PlayLog.of_rows(**edited("mixtures", (4, 1), np.nan))
    assert lost.health.partial == 2
    assert lost.health.absences == 1
    np.testing.assert_allclose(lost.others[3], MIXTURES[5])


def test_missing_rounds_and_vanished_accounts_are_counted():
    raw = rows(rounds=np.repeat([0.0, 1.0, 5.0, 6.0], 3))
    assert PlayLog.of_rows(**raw).health.missing_rounds == 3
    kept = [n for n in range(12) if n not in (8, 11)]
    raw = {name: [values[n] for n in kept] for name, values in rows().items()}
    health = PlayLog.of_rows(**raw).health
    assert (health.absences, health.partial) == (2, 4)


def test_lone_rows_and_unknown_neighbours_are_counted():
    raw = rows(rounds=np.array([0.0] * 11 + [1.0]), accounts=[f"a{n}" for n in range(12)])
    assert PlayLog.of_rows(**raw).health.omitted == {"nobody else is known in that round": 1}
    log = PlayLog.of_rows(**rows(), neighbours=[["b", "ghost"], ["ghost"], None] * 4)
    assert log.health.unknown_neighbours == 4  # of used rows: those that met nobody are left out
    assert log.health.omitted == {"nobody else is known in that round": 4}
    assert log.health.partial == 0


def test_rounded_mixtures_are_rescaled_and_counted():
    log = PlayLog.of_rows(**rows(mixtures=MIXTURES.round(2)))
    np.testing.assert_allclose(log.mixtures.sum(axis=1), 1, atol=1e-12)
    assert log.health.rescaled == int(np.sum(np.abs(MIXTURES.round(2).sum(axis=1) - 1) > 1e-6))


def test_the_same_row_twice_is_left_out_and_another_one_is_refused():
    raw = rows()
    again = {name: [*values, values[4]] for name, values in raw.items()}
    assert PlayLog.of_rows(**again).health.omitted == {"the same row again": 1}
    again["payoffs"][-1] = 77.0
    with pytest.raises(InputError, match=r"account 'b' in round 1 = rows 4 and 12, which differ"):
        PlayLog.of_rows(**again)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (rows(payoffs=np.full(12, 2.5)), "payoff = 2.5: every used row earned the same"),
        (rows(rounds=np.arange(12.0), accounts=["a"] * 12), "none usable"),
        (edited("rounds", 3, 1.5), r"rounds\[3\] = 1.5"),
        (rows(payoffs=np.full(12, np.nan)), "none usable.*payoff is missing.*: 12"),
        (rows(mixtures=np.full((12, 3), np.nan)), "none usable.*weight is missing.*: 12"),
        (rows(payoffs=np.arange(5.0)), "payoffs = 5 entries"),
        (rows(mixtures=np.ones((12, 1))), "2 groups or more"),
        (rows(mixtures=np.ones((0, 3))), "no rows"),
    ],
)
def test_a_log_of_nothing_is_an_error(raw, message):
    with pytest.raises(InputError, match=message):
        PlayLog.of_rows(**raw)


@settings(max_examples=40)
@given(st.permutations(range(12)), st.sets(st.integers(0, 11), max_size=8))
def test_the_order_of_rows_does_not_matter_and_every_row_is_accounted_for(order, gaps):
    payoffs = np.where(np.isin(np.arange(12), list(gaps)), np.nan, np.arange(12.0))
    raw = rows(payoffs=payoffs)
    log = PlayLog.of_rows(**raw)
    mixed = PlayLog.of_rows(**{name: [values[n] for n in order] for name, values in raw.items()})
    assert log.health == mixed.health
    assert log.health.used + sum(log.health.omitted.values()) == 12
    back = np.argsort(mixed.payoffs)
    np.testing.assert_allclose(mixed.others[back], log.others, atol=1e-15)


def test_inputs_stay_as_they_were():
    raw = rows(mixtures=MIXTURES.round(2))
    before = {name: np.array(values) for name, values in raw.items()}
    PlayLog.of_rows(**raw)
    for name, values in raw.items():
        assert np.array_equal(before[name], np.array(values))


def test_plays_that_do_not_fit_together_are_refused():
    played = MIXTURES.reshape(4, 3, 3)
    with pytest.raises(InputError, match="payoffs"):
        PlayLog.of_play(played, np.zeros((4, 2)))
    with pytest.raises(InputError, match="profiles = 1 account"):
        PlayLog.of_play(played[:, :1], np.zeros((4, 1)))
    with pytest.raises(InputError, match="crowding"):
        PlayLog.of_play(played, np.zeros((4, 3)), crowding="median")
