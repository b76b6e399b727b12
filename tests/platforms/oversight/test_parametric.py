"""A principal and the pairs it pays: who is paid what, who sees what, and play that goes on where it stopped."""

from functools import partial

import numpy as np
import pytest

from agents.parametric import AuditQuality, TaskPool, Training, beta_rates
from platforms.oversight.parametric import UNPAID, Principal, Setting, govern, hold
from sim.design.controllers import DiscountedThompson, Fixed, Ucb1, UniformSwitching
from sim.errors import InputError
from sim.oversight import PROFILES, OutcomeValues
from sim.oversight.events import AUDITOR_PAY, SOLVER_PAY, event_values

ARMS = np.array([profile.vector for profile in PROFILES.values()])
DEFAULT = ARMS[0]


def setting(**changes):
    known = {
        "pool": TaskPool(beta_rates(0.5, 0.8, 50)),
        "audits": AuditQuality(),
        "values": OutcomeValues(),
        "training": Training(batch=4, group=4),
        "steps": 10,
        "episodes": 50,
        "seeds": 2,
        "seed": 3,
    }
    return Setting(**(known | changes))


def test_rows_of_one_kind_are_one_and_the_same():
    """Rows are paired: runs of one seed meet the same tasks and the same luck in every row."""
    played = govern(
        {"a": Principal(partial(Fixed, DEFAULT)), "b": Principal(partial(Fixed, DEFAULT))}, setting(), rounds=4
    )
    for rate in (*played.rates, played.seen):
        assert np.array_equal(rate[0], rate[1])
    assert not np.array_equal(played.rates.value[0, 0], played.rates.value[0, 1])


def test_a_profile_pays_what_its_events_pay():
    rows = {
        "profile": Principal(partial(Fixed, DEFAULT)),
        "events": Principal(pay=(SOLVER_PAY @ DEFAULT, AUDITOR_PAY @ DEFAULT)),
        "other": Principal(pay=(AUDITOR_PAY @ DEFAULT, SOLVER_PAY @ DEFAULT)),
    }
    value = govern(rows, setting(), rounds=4).rates.value
    assert np.array_equal(value[0], value[1])
    assert not np.array_equal(value[0], value[2])


def test_without_an_auditor_nothing_is_audited():
    worth = event_values(OutcomeValues())
    played = govern({"alone": Principal(pay=(worth, worth), audited=False)}, setting(), rounds=4)
    assert played.rates.audits.max() < 1e-9
    assert (played.pairs.policies[:, 1] == UNPAID).all()
    assert np.isnan(played.profiles).all()
    assert np.isnan(played.recommended).all()


def test_what_a_controller_learns_is_what_it_saw():
    minds = []

    def make():
        minds.append(Ucb1(ARMS))
        return minds[-1]

    played = govern({"UCB1": Principal(make)}, setting(), rounds=10)
    for mind, profiles, seen in zip(minds, played.profiles[0], played.seen[0], strict=True):
        for arm, count, total in zip(ARMS, mind.memory["count"], mind.memory["total"], strict=True):
            there = (profiles == arm).all(axis=1)
            assert there.sum() == count
            assert seen[there].sum() == pytest.approx(total)


def test_what_is_seen_scatters_about_what_is():
    played = govern({"lot": Principal(partial(UniformSwitching, ARMS))}, setting(episodes=4000), rounds=12)
    error = (played.seen - played.rates.value)[0]
    assert np.abs(error).max() < 5 / np.sqrt(4000)
    assert np.abs(error).max() > 0


def test_held_profiles_go_on_as_a_fixed_principal_does():
    whole = govern({"fixed": Principal(partial(Fixed, DEFAULT))}, setting(), rounds=5)
    part = govern({"fixed": Principal(partial(Fixed, DEFAULT))}, setting(), rounds=3)
    rates, pairs = hold(np.tile(DEFAULT, (2, 1)), setting(), part.pairs, rounds=2, first=3)
    assert np.array_equal(pairs.policies, whole.pairs.policies)
    np.testing.assert_allclose(rates.value.T, whole.rates.value[0, :, 3:])


def test_a_play_goes_on_where_it_stopped():
    row = {"fixed": Principal(partial(Fixed, DEFAULT))}
    first = govern(row, setting(), rounds=3)
    second = govern(row, setting(), rounds=2, pairs=first.pairs, first=3)
    assert np.array_equal(second.seen, govern(row, setting(), rounds=5).seen[:, :, 3:])


def test_the_recommended_profile_is_the_controller_s():
    played = govern({"T": Principal(partial(DiscountedThompson, ARMS))}, setting(), rounds=10)
    assert played.recommended.shape == (1, 2, 12)
    assert all((one == ARMS).all(axis=1).any() for one in played.recommended[0])


@pytest.mark.parametrize(
    ("changes", "field"), [({"steps": 0}, "steps"), ({"episodes": 0}, "episodes"), ({"seeds": 1}, "seeds")]
)
def test_bad_settings_are_named(changes, field):
    with pytest.raises(InputError, match=field):
        setting(**changes)


def test_no_rounds_are_refused():
    with pytest.raises(InputError, match="rounds"):
        govern({"fixed": Principal(partial(Fixed, DEFAULT))}, setting(), rounds=0)
