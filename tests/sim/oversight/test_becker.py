import pytest

from sim.errors import InputError
from sim.oversight import Deterrence


@pytest.mark.parametrize(("detection", "offends"), [(0.24, True), (0.25, False), (0.26, False)])
def test_offends_iff_the_gain_exceeds_the_expected_penalty(detection, offends):
    assert Deterrence(gain=0.5, penalty=2.0, detection=detection).offends is offends


def test_least_detection_is_where_the_inspection_game_rests(game):
    offender = Deterrence(gain=game.private_gain, penalty=game.stake, detection=0.1)
    assert offender.deterring_detection == pytest.approx(game.equilibrium().audited)
    assert offender.deterring_penalty == pytest.approx(5.0)


def test_nothing_to_gain_needs_no_penalty_and_no_penalty_deters_nobody():
    assert Deterrence(gain=0, penalty=0, detection=0).deterring_detection == 0
    assert Deterrence(gain=0, penalty=0, detection=0).deterring_penalty == 0
    assert Deterrence(gain=1, penalty=0, detection=0).deterring_detection == float("inf")
    assert Deterrence(gain=1, penalty=0, detection=0).deterring_penalty == float("inf")


@pytest.mark.parametrize(
    ("field", "value"), [("gain", -1.0), ("penalty", float("inf")), ("detection", 1.5), ("detection", None)]
)
def test_bad_input_is_named(field, value):
    with pytest.raises(InputError) as caught:
        Deterrence(**({"gain": 1.0, "penalty": 1.0, "detection": 0.5} | {field: value}))
    assert caught.value.field == field
