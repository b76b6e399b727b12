from dataclasses import replace
from itertools import product
from math import comb, log

import numpy as np
import pytest

from sim.errors import InputError
from sim.oversight import AuditTeam, Noise


def gains(team, p, q):
    """What a deviation to each pure choice earns solver and auditor, by playing every event with the others at q."""
    game, others = team.game, team.auditors - 1
    noise = game.noise
    suspicion = {True: noise.suspicion_aligned, False: noise.suspicion_misaligned}
    solver = {}
    for aligns, chance in suspicion.items():
        looked = 1 - (1 - q) ** team.auditors
        looked += (1 - looked) * game.check_rate
        solver[aligns] = game.aligned - looked * chance * game.stake + (0 if aligns else game.private_gain)
    auditor = {True: 0.0, False: 0.0}
    for audits, aligns, too in product((True, False), (True, False), range(others + 1)):
        odds = (p if aligns else 1 - p) * comb(others, too) * q**too * (1 - q) ** (others - too)
        bad = suspicion[aligns]
        if audits:
            credit = game.catch / (too + 1 if team.credit == "shared" else 1)
            auditor[True] += odds * (bad * credit - (1 - bad) * game.false_positive - game.audit_cost)
        elif too == 0:
            auditor[False] -= odds * bad * game.check_rate * game.miss
    played = p * solver[True] + (1 - p) * solver[False], q * auditor[True] + (1 - q) * auditor[False]
    return max(solver.values()) - played[0], max(auditor.values()) - played[1]


@pytest.mark.parametrize(("credit", "auditors"), list(product(("each", "shared"), (1, 2, 3, 7))))
def test_nobody_gains_by_deviating_in_the_game_played_out(credit, auditors, random_inspection):
    kinds = set()
    for seed in range(150):
        game = random_inspection(seed)
        if not game.cyclic or min(game.catch, game.miss) < 0:
            continue
        team = AuditTeam(game=game, auditors=auditors, credit=credit)
        eq = team.equilibrium()
        assert 0 <= eq.aligned <= 1
        assert 0 <= eq.audited <= 1
        assert max(gains(team, eq.aligned, eq.audited)) < 1e-10
        kinds.add((0 < eq.aligned < 1, 0 < eq.audited < 1))
    assert len(kinds) >= 2


@pytest.mark.parametrize("credit", ["each", "shared"])
def test_a_team_of_one_is_the_inspection_game(random_inspection, credit):
    for seed in range(60):
        game = replace(random_inspection(seed, mixed=True), miss=0.5, catch=1.5)
        if game.equilibrium().kind == "mixed":
            eq, alone = AuditTeam(game=game, auditors=1, credit=credit).equilibrium(), game.equilibrium()
            assert (eq.aligned, eq.audited) == pytest.approx((alone.aligned, alone.audited))


def test_coverage_is_that_of_one_auditor_but_audits_are_more(game):
    one, *_, many = (AuditTeam(game=game, auditors=n).equilibrium() for n in (1, 2, 5, 10_000))
    assert many.coverage == pytest.approx(one.coverage)
    assert one.audits == pytest.approx(0.25)
    assert many.audits == pytest.approx(-log(0.75), rel=1e-3)


def test_shared_credit_and_free_riding_on_checks_cost_alignment(game):
    def aligned(n, credit, **changes):
        return AuditTeam(game=replace(game, **changes), auditors=n, credit=credit).equilibrium().aligned

    assert aligned(5, "each") == pytest.approx(aligned(1, "each"))
    assert np.all(np.diff([aligned(n, "shared") for n in (1, 2, 3, 5, 9)]) < 0)
    assert np.all(np.diff([aligned(n, "each", check_rate=0.1, miss=1.0) for n in (1, 2, 3, 5)]) < 0)


def test_when_nothing_deters_auditors_who_share_stop_where_a_share_pays_no_more(game):
    lost = replace(game, private_gain=3.0)
    eq = AuditTeam(game=lost, auditors=10, credit="shared").equilibrium()
    assert (eq.aligned, eq.coverage / eq.audits) == (0.0, pytest.approx(game.audit_cost / game.catch))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"auditors": 0}, "auditors"),
        ({"credit": "split"}, "credit"),
        ({"game": None}, "game"),
    ],
)
def test_bad_input_is_named(game, changes, field):
    with pytest.raises(InputError) as caught:
        AuditTeam(**({"game": game, "auditors": 2} | changes))
    assert caught.value.field == field


def test_a_game_in_which_audits_do_not_deter_is_refused(game):
    with pytest.raises(InputError, match="aligned > misaligned"):
        AuditTeam(game=replace(game, misaligned=2.0), auditors=2)


def test_a_false_alarm_can_pay_an_auditor_of_an_aligned_solver(game):
    noisy = replace(game, noise=Noise(false_positive_rate=0.6), check_rate=0.7)
    assert AuditTeam(game=noisy, auditors=2).equilibrium().audited == 1.0
