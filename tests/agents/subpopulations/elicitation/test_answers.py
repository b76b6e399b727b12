"""The record of elicited answers: pooled as they were asked, and ready to be drawn again by prompt."""

import numpy as np
import pytest

from agents.subpopulations.elicitation import ElicitedAnswers
from sim.errors import InputError
from sim.estimation import bootstrap_clusters

SHARES = np.array([0.25, 0.75])


def answers(probabilities, samples=None, changed=None):
    named = {
        "groups": ("a", "b"),
        "questions": tuple(f"q{q}" for q in range(len(probabilities))),
        "options": tuple(tuple(f"o{k}" for k in range(np.shape(p)[2])) for p in probabilities),
        "ordinal": (False,) * len(probabilities),
        "prompts": tuple(tuple(f"p{n}" for n in range(len(p))) for p in probabilities),
        "probabilities": tuple(np.array(p) for p in probabilities),
        "samples": samples,
    }
    return ElicitedAnswers(**(named | (changed or {})))


ROWS = [[[0.2, 0.8], [0.5, 0.5]], [[0.6, 0.4], [1.0, 0.0]]]


def test_exact_answers_count_every_prompt_alike():
    found = answers([ROWS])
    np.testing.assert_allclose(found.pooled()[0], [[0.4, 0.6], [0.75, 0.25]])
    table = found.opinion_table(SHARES)
    assert (table.groups, table.questions, table.options) == (("a", "b"), ("q0",), (("o0", "o1"),))
    assert table.sizes is None
    assert not found.sampled
    assert np.array_equal(found.clusters()[0], ROWS)


def test_sampled_answers_count_by_their_number():
    found = answers([ROWS], samples=(np.array([[10, 2], [30, 0]]),))
    np.testing.assert_allclose(found.pooled()[0], [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_allclose(found.clusters()[0], [[[2, 8], [1, 1]], [[18, 12], [0, 0]]])
    np.testing.assert_allclose(found.opinion_table(SHARES).sizes, [[40], [2]])


@pytest.mark.parametrize("samples", [None, (np.full((2, 2), 10), np.full((2, 2), 10))])
def test_prompts_are_clusters_of_the_bootstrap(samples):
    rng = np.random.default_rng(0)
    rows = [rng.integers(1, 9, size=(2, 2, 3)) for _ in range(2)]
    rows = [
        (counts := np.round(10 * r / r.sum(axis=2, keepdims=True))) / counts.sum(axis=2, keepdims=True) for r in rows
    ]
    found = answers(rows, samples)
    drawn = bootstrap_clusters(
        found.opinion_table(SHARES), found.clusters(), draws=20, seed=1, sampled=found.sampled, together=True
    )
    assert drawn.inconsistency.shape == (20, 2, 2)
    assert np.ptp(drawn.inconsistency[:, 0, 0]) > 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ordinal": ()}, "elicited answers"),
        ({"prompts": (("p0",),)}, "answers to 'q0'"),
        ({"groups": ("a", "b", "c")}, "answers to 'q0'"),
        ({"probabilities": (np.full((2, 2, 2), 0.6),)}, "answers to 'q0'"),
        ({"probabilities": (np.full((2, 2, 2), np.nan),)}, "answers to 'q0'[0, 0, 0]"),
    ],
)
def test_bad_records_are_named(changed, field):
    with pytest.raises(InputError) as caught:
        answers([ROWS], changed=changed)
    assert caught.value.field == field
