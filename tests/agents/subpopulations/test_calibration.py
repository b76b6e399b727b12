"""Tilts keep distributions, one slope is found again when it is true, and noise never looks like people."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agents.subpopulations.calibration import calibrate, calibrate_answers, tilt
from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable

OFTEN = settings(deadline=None, derandomize=True, max_examples=60)
marginals = arrays(np.float64, st.integers(2, 7), elements=st.floats(0.01, 1.0)).map(lambda w: w / w.sum())
some_leanings = arrays(np.float64, st.integers(2, 6), elements=st.floats(-50, 50))


def table(probabilities, shares):
    return OpinionTable(
        groups=tuple(f"g{g}" for g in range(len(shares))),
        shares=np.array(shares),
        questions=tuple(f"q{q}" for q in range(len(probabilities))),
        probabilities=tuple(probabilities),
        ordinal=(True,) * len(probabilities),
    )


@OFTEN
@given(marginals, some_leanings, st.floats(0, 20))
def test_tilts_are_distributions_ordered_by_leaning(marginal, leaning, slope):
    tilted = tilt(marginal, leaning, slope)
    assert tilted.shape == (len(leaning), len(marginal))
    assert (tilted >= 0).all()
    np.testing.assert_allclose(tilted.sum(axis=1), 1, atol=1e-12)
    mean = tilted @ np.arange(len(marginal))
    order = np.argsort(leaning)
    assert (np.diff(mean[order]) >= -1e-9).all()


@OFTEN
@given(marginals, some_leanings, st.floats(0, 20))
def test_no_leaning_or_no_slope_is_the_marginal(marginal, leaning, slope):
    np.testing.assert_allclose(tilt(marginal, np.zeros(3), slope), np.tile(marginal, (3, 1)), atol=1e-14)
    np.testing.assert_allclose(tilt(marginal, leaning, 0.0), np.tile(marginal, (len(leaning), 1)), atol=1e-14)


def test_tilt_by_hand_and_zeros_stay():
    odds = tilt(np.array([0.5, 0.5]), np.array([1.0]), 2.0)[0]
    assert np.log(odds[1] / odds[0]) == pytest.approx(2.0)
    assert tilt(np.array([0.5, 0.0, 0.5]), np.array([3.0]), 2.0)[0, 1] == 0.0


@pytest.mark.parametrize("slope", [0.3, 1.0, 4.0])
def test_an_exact_tilt_is_found_again(slope):
    """Two options and opposite groups: all people together answer one half, whatever the slope."""
    strength = np.random.default_rng(1).uniform(-1.0, 1.0, size=12)
    leaning = np.stack([strength, -strength])
    truth = table([tilt(np.full(2, 0.5), leaning[:, q], slope) for q in range(12)], [0.5, 0.5])
    found, calibration = calibrate(leaning + 7.0, truth)
    assert calibration.slope == pytest.approx(slope, abs=1e-4)
    for own, true in zip(found.probabilities, truth.probabilities, strict=True):
        np.testing.assert_allclose(own, true, atol=1e-5)
    assert calibration.gain == pytest.approx(calibration.ceiling, abs=1e-7)
    assert calibration.correlation == pytest.approx(1.0, abs=1e-6)


def test_a_tilt_of_uneven_marginals_and_shares_is_found_again_to_second_order():
    """Tilting moves what all people answer, by the square of the tilt: the slope is off by as much."""
    rng = np.random.default_rng(2)
    shares = rng.dirichlet(np.full(4, 5.0))
    leaning = rng.normal(size=(4, 20))
    leaning -= shares @ leaning
    commons = rng.dirichlet(np.full(6, 3.0), size=20)
    truth = table([tilt(commons[q], leaning[:, q], 0.5) for q in range(20)], shares)
    found, calibration = calibrate(leaning, truth)
    assert calibration.slope == pytest.approx(0.5, abs=0.01)
    gaps = [abs(own - true).max() for own, true in zip(found.probabilities, truth.probabilities, strict=True)]
    assert max(gaps) < 0.02
    assert calibration.gain > 0.97 * calibration.ceiling


def test_only_differences_between_groups_matter(people):
    leaning = np.random.default_rng(3).normal(size=(5, 25))
    first, second = (calibrate(leaning + level, people)[1] for level in (0.0, 11.0))
    assert second.slope == pytest.approx(first.slope, abs=1e-4)
    assert second.gain == pytest.approx(first.gain, abs=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_random_leanings_never_look_good(people, seed):
    """Negative control: noise in place of a language model earns nothing on items left out."""
    leaning = np.random.default_rng(seed).normal(size=(5, 25))
    _, calibration = calibrate(leaning, people)
    assert calibration.gain < 0.02 * calibration.ceiling
    assert calibration.correlation < 0.3
    assert calibration.ceiling > 0.05


def test_leanings_turned_round_are_of_no_use(people):
    """Negative control: the right leanings with the wrong sign; the slope can't become negative."""
    position = np.arange(6)
    truth = np.stack([p @ position for p in people.probabilities], axis=1)
    _, right = calibrate(truth, people)
    found, wrong = calibrate(-truth, people)
    assert right.gain > 0.8 * right.ceiling
    assert right.correlation > 0.9
    assert wrong.slope == pytest.approx(0.0, abs=1e-3)
    assert wrong.gain <= 1e-6
    for own, mean in zip(found.probabilities, people.mean_answers(), strict=True):
        np.testing.assert_allclose(own, np.tile(mean, (5, 1)), atol=1e-3)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.0, 3.0))
def test_nothing_beats_the_truth(seed, scale):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(3, 4.0))
    truth = table(rng.dirichlet(np.ones(4), size=(5, 3)), shares)
    found, calibration = calibrate(scale * rng.normal(size=(3, 5)) + 0.01, truth)
    assert calibration.ceiling >= calibration.gain - 1e-12
    assert calibration.ceiling >= 0
    assert all(np.allclose(own.sum(axis=1), 1) for own in found.probabilities)


def test_inputs_are_left_alone(people):
    leaning = np.random.default_rng(0).normal(size=(5, 25))
    before = leaning.copy()
    calibrate(leaning, people)
    assert np.array_equal(leaning, before)


def of_logs(logs, people):
    """Answers that deviate from the people's in the given log-odds."""
    weights = [m * np.exp(own) for m, own in zip(people.mean_answers(), logs, strict=True)]
    return replace(people, probabilities=tuple(w / w.sum(axis=1, keepdims=True) for w in weights))


@pytest.mark.parametrize("slope", [0.4, 1.0, 3.0])
def test_answers_of_which_the_people_are_an_exact_tilt_are_found_again(slope):
    rng = np.random.default_rng(5)
    leaning = np.stack([own := rng.normal(size=(8, 2)), -own], axis=1)
    leaning -= leaning.mean(axis=2, keepdims=True)
    symmetric = table([np.full((2, 2), 0.5)] * 8, [0.5, 0.5])
    people, models = of_logs(slope * leaning, symmetric), of_logs(leaning, symmetric)
    found, calibration = calibrate_answers(models, people)
    assert calibration.slope == pytest.approx(slope, abs=1e-4)
    assert calibration.gain == pytest.approx(calibration.ceiling, abs=1e-6)
    for own, true in zip(found.probabilities, people.probabilities, strict=True):
        np.testing.assert_allclose(own, true, atol=1e-4)


def test_what_the_model_answers_for_all_groups_alike_says_nothing():
    rng = np.random.default_rng(6)
    people = table(rng.dirichlet(np.ones(3), size=(6, 2)), [0.3, 0.7])
    models = replace(people, probabilities=tuple(rng.dirichlet(np.ones(3), size=(6, 2))))
    favoured = of_same_favour(models, np.array([5.0, 1.0, 0.2]))
    for own, other in zip(
        calibrate_answers(models, people)[0].probabilities,
        calibrate_answers(favoured, people)[0].probabilities,
        strict=True,
    ):
        np.testing.assert_allclose(own, other, atol=1e-6)


def of_same_favour(models, favour):
    weights = [p * favour for p in models.probabilities]
    return replace(models, probabilities=tuple(w / w.sum(axis=1, keepdims=True) for w in weights))


def test_noise_instead_of_answers_gains_nothing():
    rng = np.random.default_rng(7)
    people = table(rng.dirichlet(np.full(3, 3.0), size=(30, 3)), [0.3, 0.3, 0.4])
    noise = replace(people, probabilities=tuple(rng.dirichlet(np.full(3, 3.0), size=(30, 3))))
    _, calibration = calibrate_answers(noise, people)
    assert calibration.gain < 0.1 * calibration.ceiling
    _, true = calibrate_answers(people, people)
    assert true.gain > 0.8 * true.ceiling


def test_options_that_no_sample_chose_are_smoothed_and_exact_zeros_refused():
    people = table([np.array([[0.5, 0.5], [0.2, 0.8]])] * 2, [0.5, 0.5])
    never = replace(people, probabilities=(np.array([[1.0, 0.0], [0.5, 0.5]]),) * 2)
    with pytest.raises(InputError, match="probability of 0"):
        calibrate_answers(never, people)
    counted = replace(never, sizes=np.full((2, 2), 9.0))
    by_hand = replace(people, probabilities=(np.array([[0.95, 0.05], [0.5, 0.5]]),) * 2)
    assert calibrate_answers(counted, people)[1] == calibrate_answers(by_hand, people)[1]


@pytest.mark.parametrize("field", ["groups", "questions", "options"])
def test_another_survey_is_refused(field):
    people = table([np.array([[0.5, 0.5], [0.2, 0.8]])] * 2, [0.5, 0.5])
    people = replace(people, options=(("no", "yes"),) * 2)
    other = {"groups": ("x", "y"), "questions": ("x", "y"), "options": (("yes", "no"),) * 2}
    with pytest.raises(InputError) as caught:
        calibrate_answers(replace(people, **{field: other[field]}), people)
    assert caught.value.field == f"{field} of the survey"


def test_one_question_cannot_be_left_out():
    people = table([np.array([[0.5, 0.5], [0.2, 0.8]])], [0.5, 0.5])
    with pytest.raises(InputError, match="at least two"):
        calibrate_answers(people, people)
