"""Answers come back from Parquet as they were, those of any other file don't."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.subpopulations.elicitation import ElicitedAnswers
from experiments.studies.language.model_opinions import from_parquet, to_parquet
from sim.errors import InputError


def saved(opinions, tmp_path):
    path = tmp_path / "answers.parquet"
    path.write_bytes(to_parquet(opinions))
    return from_parquet(path)


def test_exact_answers_come_back_bit_for_bit(opinions_of_people, tmp_path):
    before = opinions_of_people()
    after = saved(before, tmp_path)
    for name in ("groups", "questions", "options", "ordinal", "prompts", "samples", "failures"):
        assert getattr(after.answers, name) == getattr(before.answers, name), name
    for one, other in zip(before.answers.probabilities, after.answers.probabilities, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(before.shares, after.shares)
    for name in ("people", "quality", "calibration", "model", "adapters"):
        assert getattr(after, name) == getattr(before, name), name


def test_sampled_answers_come_back_with_their_numbers(opinions_of_people, tmp_path):
    rng = np.random.default_rng(0)
    probabilities = tuple(rng.dirichlet(np.ones(options), size=(3, 2)) for options in (2, 4))
    answers = ElicitedAnswers(
        groups=("Red", "Blue"),
        questions=("first", "second"),
        options=(("yes", "no"), ("a", "b", "c", "d")),
        ordinal=(False, True),
        prompts=(("1", "2", "3"), ("1", "2", "3")),
        probabilities=probabilities,
        samples=tuple(rng.integers(1, 20, size=(3, 2)) for _ in range(2)),
        failures=rng.random((2, 2)),
    )
    after = saved(
        opinions_of_people(answers=answers, shares=np.array([0.4, 0.6]), people=None, calibration=None), tmp_path
    )
    for q in range(2):
        np.testing.assert_array_equal(after.answers.probabilities[q], probabilities[q])
        np.testing.assert_array_equal(after.answers.samples[q], answers.samples[q])
    np.testing.assert_array_equal(after.answers.failures, answers.failures)
    assert (after.people, after.calibration) == (None, None)


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"question": ["q"]}), path)
    with pytest.raises(InputError, match="not a table of answers by prompt"):
        from_parquet(path)


def test_voices_pass_only_if_every_check_does(opinions_of_people):
    assert opinions_of_people().passed
    failed = opinions_of_people(passed=False)
    assert not failed.passed
    assert failed.judged == "FAILED: held-out margin -0.50, needs +0.25"
    unchecked = opinions_of_people(quality=())
    assert (unchecked.passed, unchecked.judged) == (False, "not checked")
