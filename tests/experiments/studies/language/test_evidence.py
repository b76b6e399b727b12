"""a, C and S of answers by prompt, their draws, and the paper's table from them."""

import numpy as np
import pytest

from experiments.studies.language.evidence import language_evidence, term_rows
from experiments.studies.language.paper_table import (
    PLANE,
    PUBLISHED,
    SOME,
    measured,
    paper_rows,
    published_rows,
)
from experiments.studies.planes import solve_planes
from sim.errors import InputError
from sim.estimation import GameEstimator, gram_plus_spread

DRAWS = 20


@pytest.fixture
def evidence(opinions_of_people):
    return language_evidence("people", opinions_of_people(), GameEstimator(), draws=DRAWS, seed=1)


@pytest.fixture
def planes(evidence):
    return solve_planes(evidence, points=40, threshold=0.05, fixed=((PLANE, 1.0),))


def test_terms_are_those_of_the_pooled_answers(evidence, opinions_of_people):
    opinions = opinions_of_people()
    table = opinions.answers.opinion_table(opinions.shares)
    np.testing.assert_array_equal(evidence.terms.attractiveness, opinions.shares)
    np.testing.assert_allclose(evidence.terms.inconsistency, gram_plus_spread(table), atol=1e-15)


def test_every_term_that_can_vary_varies_and_the_estimate_lies_among_the_draws(evidence):
    draws = evidence.draws
    assert draws.count == DRAWS
    for values, estimate in (
        (draws.attractiveness, evidence.terms.attractiveness),
        (np.diagonal(draws.inconsistency, axis1=1, axis2=2), np.diag(evidence.terms.inconsistency)),
    ):
        assert (values.std(axis=0) > 0).all()
        assert (np.abs(values.mean(axis=0) - estimate) < 4 * values.std(axis=0)).all()


def test_known_shares_are_not_drawn(opinions_of_people):
    known = language_evidence("known", opinions_of_people(people=None), GameEstimator(), draws=5, seed=1)
    assert np.ptp(known.draws.attractiveness, axis=0).max() == 0
    assert np.ptp(known.draws.inconsistency, axis=0).max() > 0
    assert "people" not in known.bootstrap


def test_draws_of_two_models_share_prompts_and_people(evidence, opinions_of_people):
    again = language_evidence("other name", opinions_of_people(), GameEstimator(), draws=DRAWS, seed=1)
    other = language_evidence("tilted", opinions_of_people(tilt=2.0), GameEstimator(), draws=DRAWS, seed=1)
    np.testing.assert_array_equal(evidence.draws.inconsistency, again.draws.inconsistency)
    np.testing.assert_array_equal(evidence.draws.attractiveness, other.draws.attractiveness)
    assert not np.allclose(evidence.draws.inconsistency, other.draws.inconsistency)


def test_one_draw_has_no_interval(opinions_of_people):
    with pytest.raises(InputError, match=r"study\.draws"):
        language_evidence("people", opinions_of_people(), GameEstimator(), draws=1, seed=0)


def test_rows_hold_every_entry_once(evidence):
    rows = term_rows({"one": evidence, "two": evidence})
    assert rows.groupby(["of", "term"]).size().to_dict() == {
        (of, term): size for of in ("one", "two") for term, size in (("a", 5), ("C", 15), ("S", 15))
    }
    spread = rows[(rows["of"] == "one") & (rows["term"] == "C")]
    assert (spread["low"] < spread["high"]).all()


def test_the_table_is_counted_from_the_maps(planes):
    found = planes.maps[PLANE]
    table = paper_rows("people", planes).set_index("group")
    black = np.stack([found.excluded(group) for group in planes.groups])
    assert table.loc[SOME, "area %"] == pytest.approx(100 * black.any(axis=0).mean())
    for d, group in enumerate(planes.groups):
        row = table.loc[group]
        assert row["area %"] == pytest.approx(100 * black[d].mean())
        assert row["conditional %"] * row["implied interior %"] / 100 == pytest.approx(row["area %"])
        assert row["area % low"] <= row["area %"] * 1.5
    assert (measured(planes, SOME).areas >= measured(planes, planes.groups[0]).areas).all()


def test_published_rows_are_the_papers():
    rows = published_rows().set_index("model")
    assert len(rows) == len(PUBLISHED) == 5
    implied = [45.2, 90.0, 90.9, 93.3, 91.5]
    np.testing.assert_allclose(rows["implied interior %"], implied, atol=0.06)
