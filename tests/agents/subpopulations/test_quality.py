"""One report: every check that was made must be passed, and what could not be checked is said."""

from dataclasses import replace

import numpy as np
import pytest

from agents.subpopulations.calibration import Calibration
from agents.subpopulations.gate import Gate
from agents.subpopulations.quality import Quality, Thresholds
from agents.subpopulations.recovery import Recovery
from sim.errors import InputError

GROUPS = ("a", "b")
GATE = Gate(GROUPS, np.zeros((2, 2)), np.eye(2), np.array([0.5, 0.3]), 0.25, 4)
RECOVERY = Recovery(GROUPS, np.array([[0.9, 0.1], [0.3, 0.7]]), 0.95, 0.5, 20)
CALIBRATION = Calibration(slope=1.0, gain=0.02, ceiling=0.1, correlation=0.4)
WHOLE = Quality(Thresholds(), GATE, RECOVERY, CALIBRATION)


def test_all_checks_passed():
    assert [(f.value, f.required, f.passed) for f in WHOLE.findings] == [
        (0.3, 0.25, True),
        (pytest.approx(0.7), 0.5, True),
        (pytest.approx(0.2), 0.0, True),
    ]
    assert WHOLE.passed
    assert WHOLE.unchecked == ()
    WHOLE.require()
    assert all(line.endswith("passed") for line in WHOLE.lines())


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (replace(WHOLE, gate=replace(GATE, margins=np.array([0.5, 0.1]))), "held-out margin of b"),
        (replace(WHOLE, recovery=replace(RECOVERY, required=0.8)), "posts of b recovered by a classifier"),
        (replace(WHOLE, recovery=replace(RECOVERY, heldout=0.4)), "held-out texts whose group a classifier finds"),
        (replace(WHOLE, calibration=replace(CALIBRATION, gain=-0.01)), "gain of calibrated answers"),
        (replace(WHOLE, calibration=replace(CALIBRATION, gain=0.0)), "gain of calibrated answers"),
        (replace(WHOLE, thresholds=Thresholds(gain=0.5)), "gain of calibrated answers"),
    ],
)
def test_each_failure_is_refused_by_name(broken, field):
    assert not broken.passed
    assert sum("FAILED" in line for line in broken.lines()) == 1
    with pytest.raises(InputError) as caught:
        broken.require()
    assert caught.value.field == field


def test_what_was_not_checked_is_said_and_nothing_checked_is_no_pass():
    partly = Quality(Thresholds(), calibration=CALIBRATION)
    assert partly.passed
    assert partly.unchecked == ("held-out likelihood", "recovered groups")
    assert partly.lines()[-1] == "quality: not checked: held-out likelihood, recovered groups"
    nothing = Quality(Thresholds())
    assert not nothing.passed
    with pytest.raises(InputError, match="nothing checked"):
        nothing.require()


@pytest.mark.parametrize("bad", [{"recovered": 1.5}, {"gain": 1.0}, {"gain": float("nan")}])
def test_thresholds_that_nothing_can_meet_are_refused(bad):
    with pytest.raises(InputError):
        Thresholds(**bad)
