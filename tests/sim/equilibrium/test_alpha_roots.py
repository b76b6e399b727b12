"""Alpha roots: B singular on the tangent space, a continuum of equilibria there and nowhere else."""

import numpy as np
import pytest

from sim.alignment_game import AlignmentGame, Incentives
from sim.equilibrium import alpha_roots, continuum_member, exploitability, homogeneous_equilibrium, stability_number
from sim.errors import InputError
from sim.simplex import restricted_to_tangent, tangent_basis


@pytest.mark.parametrize("crowding", ["mean", "sum"])
@pytest.mark.parametrize("seed", range(25))
def test_every_root_is_a_singular_b_and_the_least_is_kappa_one(random_game, seed, crowding):
    made = random_game(seed)
    game = AlignmentGame(**{name: getattr(made, name) for name in made.__dataclass_fields__} | {"crowding": crowding})
    roots = alpha_roots(game)
    assert roots.ratios.size == game.dimension - 1
    assert (np.diff(roots.ratios) >= 0).all()
    price = game.incentives.inconsistency
    for bd_ratio, ratio, direction in zip(roots.diversity, roots.ratios, roots.directions, strict=True):
        at = game.with_incentives(diversity=bd_ratio * price)
        assert at.crowding_weight / price == pytest.approx(ratio)
        push = at.disagreement_matrix @ direction
        assert np.ptp(push) <= 1e-10 * np.abs(at.disagreement_matrix).max()
        assert abs(direction.sum()) <= 1e-13
    least = game.with_incentives(diversity=roots.diversity[0] * price)
    assert stability_number(least) == pytest.approx(1)
    assert roots.present == pytest.approx(game.crowding_weight / price)


@pytest.mark.parametrize("root", [0, 1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_a_member_of_the_continuum_is_an_asymmetric_interior_equilibrium(interior_game, seed, root):
    member = continuum_member(interior_game(0.5, seed=seed), root=root, spread=0.7)
    assert np.ptp(member.profile, axis=0).max() > 0.01
    assert member.profile.min() > 0
    assert exploitability(member.game, member.profile) <= 1e-14
    assert np.allclose(member.profile.mean(axis=0), member.mean, atol=1e-14)
    assert np.allclose(member.mean, homogeneous_equilibrium(member.game).mixture, atol=1e-12)
    # A hundredth away from the root the same spread is no equilibrium.
    off = member.game.with_incentives(diversity=1.01 * member.game.incentives.diversity)
    assert exploitability(off, member.profile) > 1e-9


@pytest.mark.parametrize("seed", range(60))
def test_at_a_nonsingular_b_every_interior_equilibrium_is_homogeneous(random_game, seed):
    # Profiles with a common gradient per account solve one linear system; at a nonsingular B it has one solution.
    game = random_game(seed, accounts=3, kappa=(0.7, 1.6)[seed % 2])
    size, basis = game.dimension, tangent_basis(game.dimension)
    own = basis.T @ game.curvature(0) @ basis
    crowd = game.crowding_weight * basis.T @ game.similarity @ basis
    system = np.kron(np.eye(3), own - crowd) + np.kron(np.ones((3, 3)), crowd)
    assert np.linalg.svd(restricted_to_tangent(game.disagreement_matrix), compute_uv=False)[-1] > 1e-6
    uniform = np.tile(np.full(size, 1 / size), (3, 1))
    profile = uniform + np.linalg.solve(system, (game.gradients(uniform) @ basis).ravel()).reshape(3, -1) @ basis.T
    assert np.ptp(profile, axis=0).max() <= 1e-10
    assert np.allclose(profile[0], homogeneous_equilibrium(game).relaxed, atol=1e-10)


def game_of(own, crowd, *, accounts=3, directed=False):
    return AlignmentGame(
        attractiveness=np.zeros(len(own)),
        inconsistency=own,
        similarity=crowd,
        incentives=Incentives(1, 1, 1),
        accounts=accounts,
        directed=directed,
    )


def test_degenerate_pencils():
    flat = np.diag([1.0, 1.0, 0.0])
    assert alpha_roots(game_of(np.eye(3), np.zeros((3, 3)))).ratios.size == 0
    assert alpha_roots(game_of(np.eye(3), -np.eye(3))).ratios.size == 0
    assert alpha_roots(game_of(np.zeros((3, 3)), np.eye(3))).ratios.size == 0
    assert alpha_roots(game_of(np.ones((3, 3)), np.ones((3, 3)))).everywhere
    both = np.outer([1, -1, 0], [1, -1, 0])
    assert alpha_roots(game_of(both, both)).everywhere
    assert not alpha_roots(game_of(flat, np.eye(3))).everywhere
    turn = np.array([[0.0, 1.0, -1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 0.0]])
    assert alpha_roots(game_of(np.eye(3), turn, directed=True)).ratios.size == 0


def test_bad_requests_name_the_field(interior_game):
    with pytest.raises(InputError, match="single account"):
        alpha_roots(game_of(np.eye(3), np.eye(3), accounts=1))
    for field, settings in {"root": {"root": 3}, "spread": {"spread": 1.0}}.items():
        with pytest.raises(InputError) as caught:
            continuum_member(interior_game(0.5), **settings)
        assert caught.value.field == field
    with pytest.raises(InputError, match="no interior equilibrium"):
        continuum_member(interior_game(0.5).with_incentives(attractiveness=1e4))
