from dataclasses import replace

import nashpy
import numpy as np
import pytest

from sim.errors import InputError
from sim.oversight import InspectionGame, Noise


def enumerated(one):
    """Equilibria (p, q) by support enumeration, from payoff tables written out here by playing every event."""
    tables = np.zeros((2, 2, 2))
    noise = one.noise
    for intends, row in ((True, 0), (False, 1)):
        for slips, chance in ((False, 1 - noise.solver_error), (True, noise.solver_error)):
            wrong = intends == slips
            found = noise.true_positive_rate if wrong else noise.false_positive_rate
            for verdict, odds in ((True, chance * found), (False, chance * (1 - found))):
                gain = 0 if intends else one.private_gain
                audited = one.misaligned if verdict else one.aligned
                passed = one.check_rate * audited + (1 - one.check_rate) * one.aligned
                tables[0, row] += odds * np.array([audited + gain, passed + gain])
                bounty = one.catch if verdict else -one.false_positive
                tables[1, row] += odds * np.array([bounty - one.audit_cost, -one.check_rate * one.miss * verdict])
    found = nashpy.Game(tables[0], tables[1]).support_enumeration()
    return sorted((float(row[0]), float(column[0])) for row, column in found)


@pytest.mark.parametrize("games", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_closed_form_is_what_enumeration_finds_on_random_games(random_inspection, games):
    kinds = set()
    for seed in range(games):
        one = random_inspection(seed)
        sets = one.equilibria()
        assert all(each.single for each in sets)
        mine = sorted((each.aligned[0], each.audited[0]) for each in sets)
        assert np.allclose(mine, enumerated(one), atol=1e-7)
        kinds |= {(len(sets), one.equilibrium().kind)}
    assert {kind for count, kind in kinds if count == 1} >= {"mixed", "misaligned, unaudited", "misaligned, audited"}
    assert any(count == 3 for count, _ in kinds)


def test_payoffs_are_the_tables_of_the_paper(game):
    r_a, r_m, gain = game.aligned, game.misaligned, game.private_gain
    assert np.allclose(game.solver_payoffs(), [[r_a, r_a], [r_m + gain, r_a + gain]])
    catch, alarm, cost = game.catch, game.false_positive, game.audit_cost
    assert np.allclose(game.auditor_payoffs(), [[-alarm - cost, 0], [catch - cost, 0]])


@pytest.mark.parametrize("seed", range(20))
def test_margins_are_differences_of_payoffs(random_inspection, seed):
    one = random_inspection(seed)
    solver, auditor = one.solver_payoffs(), one.auditor_payoffs()
    for share in (0.0, 0.3, 1.0):
        weights = np.array([share, 1 - share])
        assert one.deterrence_margin(share) == pytest.approx((solver[0] - solver[1]) @ weights)
        assert one.audit_margin(share) == pytest.approx(weights @ (auditor[:, 0] - auditor[:, 1]))


def test_mixed_equilibrium_has_the_published_form(game):
    eq = game.equilibrium()
    assert (eq.aligned, eq.audited, eq.kind, eq.degenerate) == (pytest.approx(0.8 / 1.5), 0.25, "mixed", False)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"catch": 0.1}, "misaligned, unaudited"),
        ({"private_gain": 2.5}, "misaligned, audited"),
        ({"audit_cost": -0.6}, "aligned, audited"),
        ({"check_rate": 0.3}, "aligned, unaudited"),
    ],
)
def test_every_pure_equilibrium_occurs_where_the_theory_puts_it(game, changes, kind):
    eq = replace(game, **changes).equilibrium()
    assert (eq.kind, eq.degenerate) == (kind, False)


@pytest.mark.parametrize(
    ("changes", "aligned", "audited"),
    [
        ({"private_gain": 0.0}, (8 / 15, 1), (0, 0)),
        ({"private_gain": 2.0}, (0, 8 / 15), (1, 1)),
        ({"catch": 0.2}, (0, 0), (0, 0.25)),
        ({"audit_cost": -0.5}, (1, 1), (0.25, 1)),
        ({"check_rate": 0.25}, (8 / 15, 1), (0, 0)),
    ],
)
def test_at_a_tie_the_equilibria_are_a_segment_and_the_worst_end_is_reported(game, changes, aligned, audited):
    tied = replace(game, **changes)
    (segment,) = tied.equilibria()
    assert np.allclose((segment.aligned, segment.audited), (aligned, audited))
    eq = tied.equilibrium()
    assert eq.degenerate
    assert (eq.aligned, eq.audited) == (segment.aligned[0], segment.audited[0])
    for p in np.linspace(*segment.aligned, 5):
        for q in np.linspace(*segment.audited, 5):
            assert gain_from_deviating(tied, p, q) < 1e-12
    for end in ((aligned[0] - 0.05, audited[0]), (aligned[0], audited[0] - 0.05), (aligned[1] + 0.05, audited[1])):
        if min(end) >= 0 and max(end) <= 1:
            assert gain_from_deviating(tied, *end) > 1e-3


def gain_from_deviating(one, p, q):
    row, column = np.array([p, 1 - p]), np.array([q, 1 - q])
    solver, auditor = one.solver_payoffs(), one.auditor_payoffs()
    return max((solver @ column).max() - row @ solver @ column, (row @ auditor).max() - row @ auditor @ column)


def test_games_full_of_ties_have_exactly_the_equilibria_from_which_nobody_gains_by_deviating():
    rng, shares, continua = np.random.default_rng(0), np.arange(13) / 12, 0
    for _ in range(300):
        # With rewards as small as these every root of a margin is a whole number of twelfths.
        rewards = zip(
            ("aligned", "misaligned", "catch", "false_positive", "audit_cost"), rng.integers(-1, 3, 5), strict=True
        )
        tied = InspectionGame(**dict(rewards), private_gain=rng.integers(0, 3))
        sets = tied.equilibria()
        continua += not all(each.single for each in sets)
        assert not any(one != other and one.contains(other) for one in sets for other in sets)
        for p in shares:
            for q in shares:
                inside = any(
                    low - 1e-9 <= share <= high + 1e-9 and least - 1e-9 <= other <= most + 1e-9
                    for (low, high), (least, most), share, other in ((s.aligned, s.audited, p, q) for s in sets)
                )
                assert inside == (gain_from_deviating(tied, p, q) < 1e-9)
        pure = {(p, q) for p in (0, 1) for q in (0, 1) if gain_from_deviating(tied, p, q) < 1e-9}
        assert pure == published_pure_equilibria(tied)
    assert 50 < continua < 250


def published_pure_equilibria(one):
    gain, stake = one.private_gain, one.stake
    holds = {
        (0, 0): one.catch <= one.audit_cost,
        (0, 1): gain >= stake and one.catch >= one.audit_cost,
        (1, 0): gain == 0 and one.audit_cost + one.false_positive >= 0,
        (1, 1): one.audit_cost + one.false_positive <= 0 and gain <= stake,
    }
    return {pair for pair, true in holds.items() if true}


def test_a_tie_is_seen_through_rounding(game):
    tied = replace(game, aligned=1.1, misaligned=0.8, private_gain=0.3)
    assert tied.stake != tied.private_gain
    assert tied.equilibrium().degenerate


def test_nothing_at_stake_makes_everything_an_equilibrium():
    void = InspectionGame(aligned=0, misaligned=0, catch=0, false_positive=0, audit_cost=0, private_gain=0)
    (square,) = void.equilibria()
    assert (square.aligned, square.audited) == ((0, 1), (0, 1))


def test_a_dominant_player_meeting_a_tied_one_gives_a_segment(game):
    (segment,) = replace(game, aligned=-1.0, catch=0.2, false_positive=-0.2).equilibria()
    assert (segment.aligned, segment.audited) == ((0, 0), (0, 1))


def test_an_auditor_who_likes_to_confirm_has_three_equilibria_and_the_worst_is_reported(game):
    warm = replace(game, catch=0.1, false_positive=-1.0)
    kinds = [each.worst.kind for each in warm.equilibria()]
    assert kinds == ["misaligned, unaudited", "mixed", "aligned, audited"]
    assert warm.equilibrium().kind == "misaligned, unaudited"


def test_noise_formula(game):
    noise = Noise(solver_error=0.05, true_positive_rate=0.9, false_positive_rate=0.1)
    tell, found = 0.9 * 0.8, 0.95 * 0.9 + 0.05 * 0.1
    eq = replace(game, noise=noise).equilibrium()
    assert eq.audited == pytest.approx(0.5 / (tell * 2))
    assert eq.aligned == pytest.approx((found * 1.5 - 0.7) / (tell * 1.5))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"aligned": float("nan")}, "aligned"),
        ({"catch": "much"}, "catch"),
        ({"private_gain": -0.1}, "private_gain"),
        ({"check_rate": 1.2}, "check_rate"),
        ({"noise": 0.1}, "noise"),
    ],
)
def test_bad_input_is_named(game, changes, field):
    with pytest.raises(InputError) as caught:
        replace(game, **changes)
    assert caught.value.field == field


def test_unknown_reward_is_named(game):
    with pytest.raises(InputError, match="expected names among aligned"):
        game.with_rewards(private_gain=1.0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"solver_error": 0.5}, "noise.solver_error"),
        ({"true_positive_rate": 0.2, "false_positive_rate": 0.2}, "noise.true_positive_rate"),
        ({"false_positive_rate": -0.1}, "noise.false_positive_rate"),
    ],
)
def test_bad_noise_is_named(changes, field):
    with pytest.raises(InputError) as caught:
        Noise(**changes)
    assert caught.value.field == field
