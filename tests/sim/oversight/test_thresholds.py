import numpy as np
import pytest

from sim.errors import InputError
from sim.oversight import PROFILES, OutcomeValues, attempt_threshold, principal_threshold, solver_threshold


@pytest.mark.parametrize(
    ("profile", "threshold"),
    [
        ("default", 0.0),
        ("medium_abstain", 0.111),
        ("high_abstain", 0.5),
        ("strict_solver_catch", 0.25),
        ("lenient_solver_catch", -0.385),
        ("audit_seeking", 0.0),
        ("false_positive_averse", 0.0),
        ("silent_failure_penalty", 0.419),
    ],
)
def test_reference_thresholds_when_nothing_is_caught(profile, threshold):
    assert solver_threshold(PROFILES[profile]) == pytest.approx(threshold, abs=5e-4)


def test_every_profile_has_a_reference_and_the_principal_wants_more_than_any():
    assert len(PROFILES) == 8
    assert principal_threshold(OutcomeValues()) == pytest.approx(0.55)
    assert max(map(solver_threshold, PROFILES.values())) < 0.55


@pytest.mark.parametrize("catch_rate", [0.0, 0.4, 1.0])
def test_at_the_threshold_the_solver_is_indifferent(catch_rate):
    for profile in PROFILES.values():
        chance = solver_threshold(profile, catch_rate)
        wrong = (1 - catch_rate) * profile.solver_uncaught_reward - catch_rate * profile.solver_true_catch_penalty
        attempt = chance * profile.solver_base_pass_reward + (1 - chance) * wrong
        assert attempt == pytest.approx(profile.solver_abstain_reward)


def test_catching_makes_solvers_shy_and_the_principal_bold():
    rates = np.linspace(0, 1, 5)
    assert np.all(np.diff([solver_threshold(PROFILES["default"], rate) for rate in rates]) > 0)
    assert np.all(np.diff([principal_threshold(OutcomeValues(), rate) for rate in rates]) < 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"catch_rate": 2.0}, "catch_rate"), ({"correct": 0.1}, "correct"), ({"caught": "x"}, "caught")],
)
def test_bad_input_is_named(changes, field):
    given = {"abstain": 0.1, "correct": 1.0, "caught": -1.0, "uncaught": 0.1, "catch_rate": 0.0}
    with pytest.raises(InputError) as caught:
        attempt_threshold(**(given | changes))
    assert caught.value.field == field
