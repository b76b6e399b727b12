"""Groups move towards what service makes them, tastes towards what is shown, and at rate zero nothing moves."""

from dataclasses import replace

import numpy as np
import pytest

from platforms.social.audience.audience import Audience
from platforms.social.audience.dynamics import Retention, TasteDrift, service
from platforms.social.audience.reactions import Readings
from sim.errors import InputError

MEMBERS = 12_000


def audience(active=1.0):
    made = Audience.of(("a", "b"), [0.25, 0.75], MEMBERS, tolerance=0.2)
    return replace(made, active=np.random.default_rng(1).random(MEMBERS) < active)


def readings(made, liked):
    """Every active member read 8 posts of voice a, 2 of voice b, and engaged with a share `liked` of them."""
    there = made.active[:, None]
    seen = np.where(there, [8.0, 2.0], 0.0)
    return Readings(seen.sum(axis=1), seen, seen * np.asarray(liked)[made.group][:, None])


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("active", [1.0, 0.6])
def test_expected_sizes_follow_logistic_retention(active):
    made = audience(active)
    told = readings(made, [0.5, 0.3])
    rule = Retention(rate=0.4, outside=0.3, temperature=0.1)
    after = rule.step(made, told, rng())
    stay = 1 / (1 + np.exp(-(np.array([0.5, 0.3]) - 0.3) / 0.1))
    expected = made.sizes + 0.4 * (made.base * stay - made.sizes)
    assert np.abs(after.sizes - expected).max() < 4.5 * np.sqrt(MEMBERS * 0.25)
    assert np.abs(after.sizes - made.sizes).max() > 300
    assert np.array_equal(after.base, made.base)


def test_nothing_moves_at_rate_zero():
    made = audience(0.5)
    told = readings(made, [0.1, 0.1])
    assert np.array_equal(Retention(rate=0.0).step(made, told, rng()).active, made.active)
    assert np.array_equal(TasteDrift(rate=0.0).step(made, told, rng()).taste, made.taste)


def test_a_group_that_left_judges_by_what_the_others_are_shown():
    made = audience()
    gone = replace(made, active=made.group == 1)
    assert service(gone, readings(gone, [0.0, 0.3])) == pytest.approx([0.8 * 1.0 + 0.2 * 0.2, 0.3])
    back = Retention(rate=1.0, outside=0.5, temperature=0.01).step(gone, readings(gone, [0.0, 0.3]), rng())
    assert back.sizes.tolist() == [MEMBERS // 4, 0]


def test_taste_moves_to_the_shares_shown_and_keeps_its_sum():
    made = audience(0.5)
    after = TasteDrift(rate=0.25).step(made, readings(made, [0.0, 0.0]), rng())
    total = made.taste.sum(axis=1, keepdims=True)
    expected = 0.75 * made.taste + 0.25 * total * np.array([0.8, 0.2])
    np.testing.assert_allclose(after.taste[made.active], expected[made.active])
    np.testing.assert_array_equal(after.taste[~made.active], made.taste[~made.active])
    np.testing.assert_allclose(after.taste.sum(axis=1), total[:, 0])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Retention(rate=1.2), "rate = 1.2"),
        (lambda: Retention(rate=0.5, temperature=0.0), "temperature = 0.0"),
        (lambda: TasteDrift(rate=-0.1), "rate = -0.1"),
    ],
)
def test_bad_rates_are_named(make, says):
    with pytest.raises(InputError, match=says):
        make()
