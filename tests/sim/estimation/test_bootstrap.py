from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import InputError
from sim.estimation import (
    Activity,
    GameDraws,
    GameEstimator,
    OpinionTable,
    Respondents,
    bhattacharyya,
    bootstrap_clusters,
    bootstrap_counts,
    bootstrap_respondents,
    by_scale,
    gram,
    gram_plus_spread,
    percentile_interval,
)

ESTIMATORS = [
    GameEstimator(similarity=bhattacharyya),
    GameEstimator(inconsistency=gram, similarity=bhattacharyya, features=by_scale),
    GameEstimator(inconsistency=partial(gram_plus_spread, debias=True)),
]


def clusters_of(table, seed, prompts=6):
    rng = np.random.default_rng(seed)
    return [
        np.stack([rng.dirichlet(np.ones(answers.shape[1]), size=len(answers)) for _ in range(prompts)])
        for answers in table.probabilities
    ]


def same(first, second):
    return all(
        np.array_equal(getattr(first, term), getattr(second, term))
        for term in ("attractiveness", "inconsistency", "similarity")
    )


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.sampled_from(ESTIMATORS))
def test_draws_are_games_made_together(random_people, random_table, seed, estimator):
    people, table = random_people(seed), random_table(seed)
    for found in (
        bootstrap_respondents(people, draws=3, seed=seed, estimator=estimator),
        bootstrap_counts(table, draws=3, seed=seed, estimator=estimator),
        bootstrap_clusters(table, clusters_of(table, seed), draws=3, seed=seed, estimator=estimator),
    ):
        assert found.count == 3
        for matrix in (*found.inconsistency, *found.similarity):
            assert np.allclose(matrix, matrix.T, atol=1e-15)
            assert np.linalg.eigvalsh(matrix)[0] >= -1e-12
        assert np.allclose(found.attractiveness.sum(axis=1), 1)
        assert found.groups == table.groups
        assert found.provenance[:3] == estimator.provenance


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_a_seed_gives_the_same_bits_and_the_first_of_many_draws(random_people, random_table, seed):
    people, table = random_people(seed), random_table(seed)
    clusters = clusters_of(table, seed)
    for draw in (
        partial(bootstrap_respondents, people),
        partial(bootstrap_counts, table),
        partial(bootstrap_clusters, table, clusters),
    ):
        few, many, other = draw(draws=2, seed=seed), draw(draws=4, seed=seed), draw(draws=2, seed=seed + 1)
        assert np.array_equal(few.inconsistency, many.inconsistency[:2])
        assert same(few, draw(draws=2, seed=seed))
        assert not np.array_equal(few.inconsistency, other.inconsistency)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_relabelling_the_groups_permutes_the_draws(random_people, random_table, seed):
    people, table, order = random_people(seed), random_table(seed), [2, 0, 1]
    names = tuple(people.groups[g] for g in order)
    estimator = ESTIMATORS[0]
    turned = replace(people, groups=names, group=np.argsort(order)[people.group])
    moved = OpinionTable(
        groups=names,
        shares=table.shares[order],
        questions=table.questions,
        probabilities=tuple(answers[order] for answers in table.probabilities),
        sizes=table.sizes[order],
    )
    clusters = clusters_of(table, seed)
    pairs = [
        (bootstrap_respondents(source, draws=2, seed=seed, estimator=estimator) for source in (people, turned)),
        (bootstrap_counts(source, draws=2, seed=seed, estimator=estimator) for source in (table, moved)),
        (
            bootstrap_clusters(source, given_, draws=2, seed=seed, estimator=estimator)
            for source, given_ in ((table, clusters), (moved, [each[:, order] for each in clusters]))
        ),
    ]
    for first, second in pairs:
        assert np.allclose(first.attractiveness[:, order], second.attractiveness, atol=1e-14)
        for term in ("inconsistency", "similarity"):
            assert np.allclose(getattr(first, term)[:, order][:, :, order], getattr(second, term), atol=1e-13)


def test_those_without_weight_are_never_drawn(random_people):
    people = random_people(3)
    kept = people.weights > 0
    fewer = replace(people, group=people.group[kept], answers=people.answers[kept], weights=people.weights[kept])
    assert same(bootstrap_respondents(people, draws=3, seed=1), bootstrap_respondents(fewer, draws=3, seed=1))


def test_intervals_have_the_width_of_sampling():
    """Shares and answers of 400 people: their standard errors are known."""
    rng = np.random.default_rng(0)
    people = Respondents(
        groups=("a", "b"),
        questions=("q",),
        options=(("no", "yes"),),
        ordinal=(False,),
        group=np.repeat([0, 1], [100, 300]),
        answers=rng.integers(2, size=(400, 1)),
        weights=np.ones(400),
    )
    table = people.opinion_table()
    agree = table.probabilities[0][:, 1]

    def answers(given_table, features):
        return np.diag(given_table.probabilities[0][:, 1])

    estimator = GameEstimator(inconsistency=answers)
    share_error = np.sqrt(0.25 * 0.75 / 400)
    errors = np.sqrt(agree * (1 - agree) / [100, 300])
    for found in (
        bootstrap_respondents(people, draws=1000, seed=0, estimator=estimator),
        bootstrap_counts(table, draws=1000, seed=0, estimator=estimator),
    ):
        assert found.attractiveness[:, 0].std() == pytest.approx(share_error, rel=0.1)
        assert np.diagonal(found.inconsistency, axis1=1, axis2=2).std(axis=0) == pytest.approx(errors, rel=0.1)
    low, high = found.interval("attractiveness", 0.9)
    assert high[0] - low[0] == pytest.approx(2 * 1.645 * share_error, rel=0.1)
    quota = bootstrap_respondents(people, draws=5, seed=0, within_groups=True)
    assert np.array_equal(quota.attractiveness, np.tile([0.25, 0.75], (5, 1)))
    assert quota.inconsistency.std(axis=0).min() > 0
    known = bootstrap_counts(table, draws=5, seed=0, draw_shares=False)
    assert np.array_equal(known.attractiveness, np.tile([0.25, 0.75], (5, 1)))


def test_prompts_are_shared_by_groups_and_samples_add_their_own_noise(random_table):
    table = random_table(0)
    answers = clusters_of(table, 0, prompts=4)
    alike = [np.repeat(each[:1], 4, axis=0) for each in answers]
    exact = bootstrap_clusters(table, alike, draws=20, seed=0)
    assert np.ptp(exact.inconsistency, axis=0).max() < 1e-14  # prompts that say the same leave nothing to draw
    counts = [np.rint(50 * each) for each in alike]
    noisy = bootstrap_clusters(table, counts, draws=20, seed=0, sampled=True)
    assert np.ptp(noisy.inconsistency, axis=0).max() > 1e-3
    one = bootstrap_clusters(table, [each[:1] for each in counts], draws=5, seed=0, sampled=True)
    assert np.ptp(one.inconsistency, axis=0).max() > 1e-3
    # A shift that all groups of a prompt share leaves no group further from the others.
    shift = np.linspace(0, 0.3, 4)[:, None, None] * np.array([1, -1])
    shared = [np.full((4, 3, 2), 0.5) + np.array([[0.1], [0.0], [-0.1]]) * [1, -1] + shift] * 3
    two = replace(table, probabilities=tuple(each.mean(axis=0) for each in shared), sizes=None, ordinal=None)
    drawn = bootstrap_clusters(two, shared, draws=20, seed=0, estimator=GameEstimator(inconsistency=gram))
    assert np.ptp(drawn.inconsistency, axis=0).max() < 1e-14


def test_prompts_drawn_together_move_all_questions_at_once(random_table):
    table = random_table(0)
    shift = np.linspace(-0.4, 0.4, 9)
    yes = 0.5 + shift[:, None] * np.array([1.0, 0.0, 0.0])
    clusters = [np.stack([yes, 1 - yes], axis=2)] * 3
    alike = replace(table, probabilities=tuple(each.mean(axis=0) for each in clusters), sizes=None)
    draw = partial(bootstrap_clusters, alike, clusters, draws=400, seed=0, estimator=GameEstimator(inconsistency=gram))
    # The mean of B over questions is three times less sure if they move as one.
    ratio = draw(together=True).inconsistency[:, 0, 0].var() / draw(together=False).inconsistency[:, 0, 0].var()
    assert 2 < ratio < 4


def test_small_samples_are_drawn_again_and_counted():
    people = Respondents(
        groups=("rare", "many"),
        questions=("q",),
        options=(("no", "yes"),),
        ordinal=(False,),
        group=np.repeat([0, 1], [3, 97]),
        answers=np.tile([[0], [1]], (50, 1)),
        weights=np.ones(100),
    )
    found = bootstrap_respondents(people, draws=50, seed=0)
    assert found.redrawn > 0
    assert found.attractiveness[:, 0].min() >= 0.02
    lone = replace(people, group=np.repeat([0, 1], [1, 99]))
    with pytest.raises(InputError, match="group 'rare' to question 'q' = 1"):
        bootstrap_respondents(lone, draws=1, seed=0)
    with pytest.raises(InputError, match="question 'q', group 'rare'"):
        bootstrap_counts(lone.opinion_table(), draws=1, seed=0)


def test_a_group_too_small_for_any_sample_is_named():
    # Twenty-five questions, each answered by two other people of the rare group.
    answers = np.full((150, 25), -1)
    for q in range(25):
        answers[2 * q : 2 * q + 2, q] = [0, 1]
    answers[50:] = 1
    people = Respondents(
        groups=("rare", "many"),
        questions=tuple(f"q{k}" for k in range(25)),
        options=(("no", "yes"),) * 25,
        ordinal=(False,) * 25,
        group=np.repeat([0, 1], [50, 100]),
        answers=answers,
        weights=np.ones(150),
    )
    with pytest.raises(InputError, match="group 'rare'"):
        bootstrap_respondents(people, draws=1, seed=0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda each: each[:2], "expected 3"),
        (lambda each: [each[0][:, :2], *each[1:]], "question 'q0'"),
        (lambda each: [-each[0], *each[1:]], "shares >= 0"),
        (lambda each: [2 * each[0], *each[1:]], "sampled=True"),
        (lambda each: [part[:1] for part in each], "nothing to draw again"),
        (lambda each: [each[0][:3], *each[1:]], "same prompts"),
    ],
)
def test_clusters_must_fit(random_table, change, words):
    table = random_table(0)
    with pytest.raises(InputError, match=words):
        bootstrap_clusters(table, change(clusters_of(table, 0)), draws=1, seed=0, together=True)


def test_samples_must_be_counted_and_not_all_lost(random_table):
    table = random_table(0)
    counts = [np.rint(20 * each) for each in clusters_of(table, 0)]
    with pytest.raises(InputError, match="whole numbers"):
        bootstrap_clusters(table, [each + 0.5 for each in counts], draws=1, seed=0, sampled=True)
    counts[1][:, 2] = 0
    with pytest.raises(InputError, match="group 'g2'"):
        bootstrap_clusters(table, counts, draws=1, seed=0, sampled=True)


def test_bootstraps_refuse_what_they_cannot_draw(random_people, random_table):
    with pytest.raises(InputError, match="draws"):
        bootstrap_respondents(random_people(0), draws=0, seed=0)
    with pytest.raises(InputError, match="respondents behind each answer"):
        bootstrap_counts(replace(random_table(0), sizes=None), draws=1, seed=0)


def test_records_of_draws_fit_together(random_table):
    good = {"attractiveness": np.ones((2, 3)), "inconsistency": np.ones((2, 3, 3)), "similarity": np.ones((2, 3, 3))}
    assert GameDraws(**good)[1].similarity.shape == (3, 3)
    for change, words in (
        ({"inconsistency": np.ones((2, 3, 2))}, "inconsistency"),
        ({"similarity": np.ones((1, 3, 3))}, "similarity"),
        ({"attractiveness": np.ones((0, 3))}, "no draws"),
        ({"groups": ("a",)}, "3 names"),
    ):
        with pytest.raises(InputError, match=words):
            GameDraws(**(good | change))
    with pytest.raises(InputError, match="term"):
        GameDraws(**good).interval("kappa")
    with pytest.raises(InputError, match="confidence"):
        GameDraws(**good).interval("similarity", 95)
    low, high = percentile_interval([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]], 0.5)
    assert np.array_equal(low, [1.5, np.nan], equal_nan=True)
    assert np.array_equal(high, [2.5, np.nan], equal_nan=True)


def test_what_an_estimator_carries_is_the_same_in_every_draw(random_table):
    estimator = GameEstimator(attractiveness=Activity(posts={"g0": 3, "g1": 1, "g2": 0}))
    found = bootstrap_counts(random_table(0), draws=3, seed=0, estimator=estimator)
    assert np.array_equal(found.attractiveness, np.tile([0.75, 0.25, 0], (3, 1)))
    assert found.provenance[0] == "attractiveness: Activity"
    with pytest.raises(InputError, match="g0, g1, g2, g3"):
        estimator(random_table(0, groups=4))
    with pytest.raises(InputError, match="posts by someone"):
        Activity(posts={"g0": 0, "g1": 0, "g2": 0})(random_table(0))
