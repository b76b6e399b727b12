"""One round of the coupled map: its limits are known."""

import numpy as np
import pytest

from sim.coevolution import CoupledMap, Rates, advance, engagement, fixed_points, full_house, without
from sim.coevolution.support import best_on_simplex, on_support
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.quadratic import maximise_on_simplex

OWN = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


@pytest.mark.parametrize("number", range(12))
def test_with_all_rates_zero_the_map_is_the_static_equilibrium(number, random_platform, make):
    moving = random_platform(number)
    still = make(
        moving.audience.base,
        moving.audience.tastes,
        (moving.game.incentives.attractiveness, moving.game.incentives.inconsistency, moving.game.incentives.diversity),
        inconsistency=moving.game.inconsistency,
        outside=moving.audience.outside,
        temperature=moving.audience.temperature,
        susceptibility=moving.audience.susceptibility,
        ranking=moving.ranking,
    )
    before = full_house(still)
    after = advance(still, before).state
    expected = homogeneous_equilibrium(still.game).mixture
    assert np.abs(after.mixture - expected).max() <= 1e-13
    assert np.array_equal(after.audience, still.audience.base)
    assert np.array_equal(after.tastes, still.audience.tastes)
    assert after.lean == 0.0


@pytest.mark.parametrize("number", range(12))
def test_no_state_leaves_the_box_of_all_states(number, random_platform):
    model = random_platform(number)
    value = model.game.incentives.attractiveness
    system = CoupledMap(model, "attractiveness")
    for start in system.starts(np.random.default_rng(number), 6, value):
        point = start
        for _ in range(5):
            point = system.evaluate(point, value).image
            state = system.unpack(point)
            assert (state.audience >= 0).all()
            assert (state.audience <= model.audience.base).all()
            assert (state.tastes >= 0).all()
            assert (state.tastes <= 1).all()
            assert abs(state.lean) <= model.ranking.span
            shown = system.mixture(point, value)
            assert shown.min() >= -1e-12
            assert abs(shown.sum() - 1) <= 1e-12


def test_relabelling_groups_and_voices_permutes_the_round(make):
    order = [2, 0, 1]
    rates = Rates(audience=0.3, taste=0.2, ranking=0.1)
    settings = {"rates": rates, "temperature": 0.05, "susceptibility": 0.3}
    plain = make([0.5, 0.3, 0.2], OWN, (1.0, 0.5, 0.2), outside=[0.1, 0.2, 0.3], **settings)
    turned = make([0.2, 0.5, 0.3], OWN, (1.0, 0.5, 0.2), outside=[0.3, 0.1, 0.2], **settings)
    one, other = advance(plain, full_house(plain)).state, advance(turned, full_house(turned)).state
    assert np.allclose(other.audience, one.audience[order], atol=1e-14)
    assert np.allclose(other.tastes, one.tastes[np.ix_(order, order)], atol=1e-14)
    assert np.allclose(other.mixture, one.mixture[order], atol=1e-14)
    assert other.lean == pytest.approx(one.lean, abs=1e-13)


def test_who_is_served_stays_and_who_is_not_leaves(make):
    model = make(
        [0.9, 0.1], [[1.0, 0.0], [0.0, 1.0]], (2.0, 1.0, 0.0), rates=Rates(audience=1.0), outside=0.3, temperature=0.05
    )
    state = full_house(model)
    for _ in range(50):
        state = advance(model, state).state
    assert state.audience[0] > 0.85
    assert state.audience[1] < 0.01


def test_tastes_end_between_what_is_innate_and_what_is_shown(make):
    model = make(
        [0.7, 0.3],
        [[1.0, 0.0], [0.0, 1.0]],
        (1.0, 1.0, 0.0),
        rates=Rates(taste=0.5),
        susceptibility=0.4,
        outside=0,
        temperature=1,
    )
    state = full_house(model)
    for _ in range(200):
        state = advance(model, state).state
    assert np.allclose(state.tastes, 0.6 * np.eye(2) + 0.4 * state.mixture, atol=1e-12)


def test_a_ranking_that_sees_engagement_of_the_day_leans_towards_attractiveness(random_platform):
    """Engagement at equilibrium never falls with bA: dE/dbA = a'Pa >= 0."""
    from dataclasses import replace

    for number in range(12):
        model = random_platform(number)
        model = replace(
            model, ranking=replace(model.ranking, foresight=0.0, sharpness=5.0), rates=replace(model.rates, ranking=0.5)
        )
        assert advance(model, full_house(model)).state.lean >= 0


def test_engagement_counts_who_will_be_there_with_foresight(make):
    from sim.coevolution import Ranking

    for foresight, expected in ((0.0, 0.5), (1.0, 0.25)):
        model = make([1.0], [[0.5, 0.5]], (1, 1, 0), outside=0.5, temperature=0.1, ranking=Ranking(foresight=foresight))
        assert engagement(model, full_house(model), np.array([0.5, 0.5])) == pytest.approx(expected)


def test_learning_accounts_rest_where_settled_accounts_are(make):
    settings = {"outside": 0.2, "temperature": 0.05}
    points = []
    for accounts in (None, 0.4):
        model = make(
            [0.6, 0.4],
            [[1.0, 0.0], [0.0, 1.0]],
            (0.5, 1.0, 0.5),
            rates=Rates(audience=0.2, accounts=accounts),
            **settings,
        )
        system = CoupledMap(model, "attractiveness")
        found = fixed_points(system, 0.5, system.starts(np.random.default_rng(0), 6, 0.5))
        points.append([np.append(system.unpack(p.point).audience, system.mixture(p.point, 0.5)) for p in found.points])
    assert np.allclose(points[0], points[1], atol=1e-9)


def test_a_house_without_a_group_is_settled_for_those_there(make):
    model = make([0.5, 0.3, 0.2], OWN, (1.0, 1.0, 0.0), outside=0.1, temperature=0.1)
    state = without(model, 2)
    assert state.audience.tolist() == [0.5, 0.3, 0.0]
    assert state.mixture[2] < model.static[2]


@pytest.mark.parametrize("seed", range(20))
def test_a_piece_is_the_maximiser_where_its_margins_say_so(seed):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, 4))
    quadratic, linear = root @ root.T + 0.1 * np.eye(4), 2 * rng.normal(size=4)
    exact = maximise_on_simplex(quadratic, linear)
    piece = best_on_simplex(quadratic, linear)
    assert np.abs(piece.weights - exact).max() <= 1e-12
    assert piece.margins.min() >= -1e-12
    for other in ((True, True, True, True), (True, False, True, False), (False, False, False, True)):
        if other != piece.support:
            assert on_support(quadratic, linear, other).margins.min() < 0
            assert best_on_simplex(quadratic, linear, other).support == piece.support
    many = on_support(quadratic, np.stack([linear, -linear]), piece.support)
    assert np.allclose(many.weights[0], piece.weights, atol=1e-13)
    assert np.allclose(many.weights[1], on_support(quadratic, -linear, piece.support).weights, atol=1e-13)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base": [1.0, 0.0]}, "audience.base"),
        ({"tastes": [[1.0, 2.0], [0.0, 1.0]]}, "audience.tastes"),
        ({"temperature": 0.0}, "audience.temperature"),
        ({"outside": [0.1, 0.2, 0.3]}, "audience.outside"),
        ({"susceptibility": 1.5}, "audience.susceptibility"),
        ({"incentives": (1.0, 0.0, 0.0)}, "game.incentives.inconsistency"),
    ],
)
def test_bad_platforms_are_refused_by_name(change, field, make):
    settings = {
        "base": [0.5, 0.5],
        "tastes": [[1.0, 0.0], [0.0, 1.0]],
        "incentives": (1.0, 1.0, 0.0),
        "outside": 0.1,
        "temperature": 0.1,
    } | change
    with pytest.raises(InputError) as caught:
        make(settings.pop("base"), settings.pop("tastes"), settings.pop("incentives"), **settings)
    assert caught.value.field == field


def test_a_game_that_is_not_this_audience_s_is_refused(make):
    from dataclasses import replace

    model = make([0.5, 0.5], [[1.0, 0.0], [0.0, 1.0]], (1.0, 1.0, 0.0), outside=0.1, temperature=0.1)
    with pytest.raises(InputError, match="full_attractiveness"):
        replace(model, audience=replace(model.audience, base=np.array([0.6, 0.4])))
    with pytest.raises(InputError, match="expected one of attractiveness"):
        model.with_parameter("colour", 1.0)
    with pytest.raises(InputError, match="nothing moves"):
        CoupledMap(model, "attractiveness")
    assert model.with_parameter("audience_rate", 0.5).rates.audience == 0.5
    assert model.with_parameter("outside", 0.7).audience.outside.tolist() == [0.7, 0.7]
