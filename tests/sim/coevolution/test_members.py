"""People who leave and come back: on average the coupled map, and every run repeatable."""

from dataclasses import replace

import numpy as np
import pytest

from sim.coevolution import CoupledMap, Rates, advance, compare, full_house, play_members, with_members, without
from sim.dynamics import SimultaneousBestResponse
from sim.errors import InputError

TWO = [[1.0, 0.0], [0.0, 1.0]]


@pytest.fixture
def crowd(make):
    model = make(
        [0.7, 0.3],
        TWO,
        (0.8, 1.0, 0.2),
        rates=Rates(audience=0.3, taste=0.1, ranking=0.1),
        outside=0.4,
        temperature=0.1,
        susceptibility=0.2,
    )
    return with_members(model, 1000)


def test_the_average_of_many_audiences_is_the_coupled_map(crowd):
    runs = np.array([play_members(crowd, "attractiveness", [0.8], seed=seed).present[0] for seed in range(400)])
    expected = advance(crowd, full_house(crowd)).state.audience
    error = runs.std(axis=0) / np.sqrt(len(runs))
    assert (np.abs(runs.mean(axis=0) - expected) < 4 * error).all()
    assert (runs.std(axis=0) > 1).all()


def test_members_are_counted_and_a_seed_repeats_a_run(crowd):
    values = np.full(40, 0.8)
    one, again, other = (play_members(crowd, "attractiveness", values, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.present, again.present)
    assert not np.array_equal(one.present, other.present)
    change = np.diff(np.vstack([crowd.audience.base, one.present]), axis=0)
    assert np.array_equal(change, one.joined - one.left)
    assert (one.present >= 0).all()
    assert (one.present <= crowd.audience.base).all()
    assert one.left.sum() > 0
    assert one.joined.sum() > 0


def test_accounts_may_learn_by_any_rule(crowd):
    """Best responses, slowly damped: with people frozen the accounts arrive at the static equilibrium."""
    still = replace(crowd, rates=Rates())
    start = replace(full_house(still), mixture=np.array([0.2, 0.8]))
    profile = np.array([[0.1, 0.9], [0.3, 0.7], [0.5, 0.5], [1.0, 0.0]])
    rule = SimultaneousBestResponse(damping=0.3)
    run = play_members(still, "attractiveness", np.full(200, 0.8), seed=0, start=start, rule=rule, profile=profile)
    assert run.profile.shape == (4, 2)
    assert np.abs(run.profile - still.static).max() < 1e-6
    assert np.array_equal(run.present[-1], still.audience.base)


def test_audiences_that_cannot_be_people_are_refused(make, crowd):
    model = make([0.7, 0.3], TWO, (0.8, 1.0, 0.2), rates=Rates(audience=0.3), outside=0.4, temperature=0.1)
    with pytest.raises(InputError, match="with_members"):
        play_members(model, "attractiveness", [0.8], seed=0)
    with pytest.raises(InputError, match="no one left"):
        with_members(model, 1)


def test_static_and_dynamic_stand_side_by_side(make):
    """A group that is kept with everybody there is lost once it was away; the static prediction knows nothing of it."""
    model = make(
        [0.6, 0.4],
        TWO,
        (1.0, 1.0, 0.0),
        inconsistency=0.8 * np.eye(2),
        rates=Rates(audience=0.2),
        outside=0.33,
        temperature=0.03,
    )
    found = compare(
        model, "attractiveness", [0.05, 1.0, 1.4], starts=[full_house(model), without(model, 1)], threshold=0.3
    )
    assert found.at_rest.all()
    assert not found.excluded_statically.any()
    assert np.allclose(found.static[1], model.static)
    assert not found.depends_on_history[0].any()
    assert found.depends_on_history[2, 1]
    assert found.present[2, 0, 1] > 0.8
    assert found.present[2, 1, 1] < 0.1


def test_only_what_moves_is_a_coordinate(make):
    for rates, size in ((Rates(audience=0.1), 2), (Rates(taste=0.1), 4), (Rates(ranking=0.1, accounts=0.2), 2)):
        model = make([0.7, 0.3], TWO, (0.8, 1.0, 0.2), rates=rates, outside=0.4, temperature=0.1)
        assert CoupledMap(model, "attractiveness").dimension == size
