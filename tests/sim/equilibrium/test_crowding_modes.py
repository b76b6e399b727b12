"""Crowding modes, the stability number on networks, and the verdict of each learning rule."""

import networkx as nx
import numpy as np
import pytest
from scipy.linalg import eigh

from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics import (
    ExactFeedback,
    ExponentiatedGradient,
    ProjectedGradient,
    Replicator,
    SequentialBestResponse,
    SimultaneousBestResponse,
    State,
    StepSize,
)
from sim.equilibrium import crowding_modes, homogeneous_equilibrium, stability_number, stability_verdicts
from sim.errors import InputError
from sim.heterogeneous_game import HeterogeneousGame
from sim.simplex import sample_uniform


def plain(*, diversity=1.0, accounts=5, crowding="mean", similarity=None, directed=False):
    return AlignmentGame(
        attractiveness=np.array([0.1, 0.05, 0.0]),
        inconsistency=np.diag([1.0, 1.2, 0.9]),
        similarity=np.eye(3) if similarity is None else similarity,
        incentives=Incentives(1.0, 1.0, diversity),
        accounts=accounts,
        crowding=crowding,
        directed=directed,
    )


def test_modes_hold_the_price_of_the_whole_neighbourhood():
    mean, total = plain(), plain(crowding="sum")
    by_hand = np.linalg.eigvals(
        np.linalg.solve(2 * _tangent(mean.inconsistency), _tangent(mean.similarity))
    ).real  # bD / 2 bI = 1/2 times mu
    assert np.allclose(np.sort(crowding_modes(mean).real), np.sort(by_hand))
    assert np.allclose(crowding_modes(total), 4 * crowding_modes(mean))
    for game in (mean, total):
        assert stability_number(game) == pytest.approx(crowding_modes(game).real.max() / 4)
        assert np.allclose(crowding_modes(HeterogeneousGame.of(game)), crowding_modes(game))


def _basis(size):
    return np.linalg.qr(np.c_[np.ones(size), np.eye(size)[:, : size - 1]])[0][:, 1:]


def _tangent(matrix):
    return _basis(len(matrix)).T @ matrix @ _basis(len(matrix))


@pytest.mark.parametrize("seed", range(15))
def test_simultaneous_best_response_contracts_at_the_largest_mode_boundary_included(random_game, seed):
    game = random_game(seed, dimension=4).with_incentives(attractiveness=(1.0, 8.0)[seed % 2])
    rate = np.abs(crowding_modes(game)).max()
    rng = np.random.default_rng(seed)

    def size(profile):
        return np.sqrt(np.einsum("md,de,me->m", profile, game.inconsistency, profile)).max()

    for _ in range(10):
        one, other = sample_uniform(rng, 4, (2, game.accounts))
        apart = size(game.best_responses(one) - game.best_responses(other))
        assert apart <= rate * size(one - other) * (1 + 1e-9)
    # The rate is reached along the mode itself.
    own, crowd = (_tangent(2 * game.incentives.inconsistency * game.inconsistency), _tangent(game.similarity))
    direction = _basis(4) @ eigh(crowd, own)[1][:, -1]
    rest = homogeneous_equilibrium(game.with_incentives(attractiveness=0.0, diversity=1e-3)).mixture
    game = game.with_incentives(attractiveness=0.0, diversity=1e-3)
    if rest.min() > 0.01:
        moved = np.tile(rest + 1e-3 * direction / np.abs(direction).max(), (game.accounts, 1))
        after = game.best_responses(moved) - rest
        assert size(after) == pytest.approx(np.abs(crowding_modes(game)).max() * size(moved - rest), rel=1e-6)


@pytest.mark.parametrize(
    ("graph", "least"),
    [
        (nx.complete_graph(6), -1 / 5),
        (nx.cycle_graph(6), -1.0),
        (nx.cycle_graph(5), np.cos(4 * np.pi / 5)),
        (nx.star_graph(5), -1.0),
        (nx.petersen_graph(), -2 / 3),
    ],
)
def test_on_a_network_kappa_is_the_mode_times_the_least_eigenvalue(graph, least):
    game = HeterogeneousGame.of(plain(accounts=graph.number_of_nodes(), diversity=2.0), graph)
    assert stability_number(game) == pytest.approx(-least * crowding_modes(game).real.max(), rel=1e-10)


def test_large_networks_take_the_end_of_the_spectrum():
    graph = nx.cycle_graph(1600)
    game = HeterogeneousGame.of(plain(accounts=1600), graph)
    assert stability_number(game) == pytest.approx(crowding_modes(game).real.max(), rel=1e-6)


def test_accounts_that_differ_or_are_crowded_unequally_have_no_common_modes():
    lonely = nx.empty_graph(3)
    lonely.add_edge(0, 1)
    game = plain(accounts=3)
    with pytest.raises(InputError, match="account 2 without neighbours"):
        crowding_modes(HeterogeneousGame.of(game, lonely))
    with pytest.raises(InputError, match="directed graph"):
        crowding_modes(HeterogeneousGame.of(game, nx.DiGraph([(0, 1), (1, 2), (2, 0)])))
    with pytest.raises(InputError, match="crowding='sum'"):
        crowding_modes(HeterogeneousGame.of(plain(accounts=3, crowding="sum"), nx.path_graph(3)))
    with pytest.raises(InputError, match="identical accounts"):
        stability_number(
            HeterogeneousGame(
                attractiveness=np.eye(3), inconsistency=np.eye(3), similarity=np.eye(3), incentives=Incentives(1, 1, 1)
            )
        )
    with pytest.raises(InputError, match="a crowding mode is infinite"):
        crowding_modes(plain().with_incentives(inconsistency=0.0))


GRAPHS = {"everyone": None, "cycle": nx.cycle_graph(6), "odd cycle": nx.cycle_graph(5), "star": nx.star_graph(4)}
STEP = 0.3
RULES = {
    "simultaneous best response": SimultaneousBestResponse(),
    "damped best response": SimultaneousBestResponse(0.5),
    "sequential best response": SequentialBestResponse(),
    "gradient, step 0.3": ProjectedGradient(StepSize(STEP)),
    "exponentiated gradient, step 0.3": ExponentiatedGradient(StepSize(STEP)),
    "gradient, small steps": ProjectedGradient(StepSize(1e-3)),
    "replicator, small steps": Replicator(StepSize(1e-3)),
}


def linear_growth(game, rule, rest):
    """Spectral radius of one step of a rule at a profile, by central differences in all directions."""
    accounts, size = rest.shape
    basis = _basis(size)
    feedback, rng = ExactFeedback(game, 0), np.random.default_rng(0)
    columns = []
    for account in range(accounts):
        for direction in basis.T:
            push = np.zeros_like(rest)
            push[account] = 1e-4 * direction
            ahead, behind = (rule.step(State(rest + s * push), feedback, rng).profile for s in (1, -1))
            columns.append(((ahead - behind) @ basis / 2e-4).ravel())
    return np.abs(np.linalg.eigvals(np.stack(columns, axis=1))).max()


@pytest.mark.slow
@pytest.mark.parametrize("skew", [0.0, 0.8], ids=["symmetric", "asymmetric"])
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS.keys())
def test_verdicts_agree_with_the_linearised_rules(graph, skew):
    accounts = 5 if graph is None else graph.number_of_nodes()
    turn = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    decided = set()
    for diversity in (0.3, 1.4, 6.0):
        alike = plain(accounts=accounts, diversity=diversity, similarity=np.eye(3) + skew * turn, directed=skew > 0)
        game = HeterogeneousGame.of(alike, graph)
        rest = np.tile(homogeneous_equilibrium(alike).mixture, (accounts, 1))
        for verdict in stability_verdicts(game, step=STEP, damping=0.5):
            rule = RULES.get(verdict.rule)
            if rule is None or abs(verdict.margin) < 1e-3:
                continue
            assert verdict.stable == (linear_growth(game, rule, rest) < 1), verdict
            decided.add((verdict.rule, verdict.stable))
    assert len(decided) >= len(RULES) + 3


def test_each_verdict_names_its_inequality():
    verdicts = {each.rule: each for each in stability_verdicts(plain(diversity=0.5))}
    assert len(verdicts) == 9
    assert verdicts["simultaneous best response"].inequality.endswith("< 1")
    assert all(each.stable == (each.margin > 1e-9) for each in verdicts.values())


def test_extra_gradient_damps_rotations_that_gradient_does_not():
    turn = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    # c = bD (M-1) = 2 on the consensus mode only turns; a tiny own cost keeps the game regular.
    game = plain(similarity=turn, directed=True, diversity=2.0).with_incentives(inconsistency=1e-12)
    verdicts = {each.rule: each for each in stability_verdicts(game.with_incentives(attractiveness=0.0))}
    assert not verdicts["gradient, small steps"].stable
    assert verdicts["extra-gradient, small steps"].stable


def test_no_interior_equilibrium_and_bad_steps_are_refused():
    with pytest.raises(InputError, match="no interior equilibrium"):
        stability_verdicts(plain().with_incentives(attractiveness=1e3))
    with pytest.raises(InputError, match="damping"):
        stability_verdicts(plain(), damping=1.5)
    with pytest.raises(InputError, match="step"):
        stability_verdicts(plain(), step=0.0)
