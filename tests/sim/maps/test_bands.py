"""The excluded intervals of rays are those that maps show."""

import numpy as np
import pytest

from sim.errors import InputError
from sim.maps import exclusion_map
from sim.maps.bands import exclusion_bands, plane_shares


def random_game(seed, size=5):
    rng = np.random.default_rng(seed)
    own, crowd = (rng.normal(size=(size, 2 * size)) for _ in range(2))
    return {
        "attractiveness": rng.dirichlet(np.ones(size)),
        "inconsistency": own @ own.T / 20,
        "similarity": crowd @ crowd.T / 20,
    }


@pytest.mark.parametrize("seed", range(8))
def test_a_map_is_black_exactly_inside_the_bands(seed):
    game, axis = random_game(seed), np.logspace(-2, 2, 81)
    found = exclusion_map(**game, grid={"attractiveness": axis, "inconsistency": axis, "diversity": 1.0})
    bands = exclusion_bands(**game, ratios=1.0 / axis[::-1])
    low, high = bands.low[::-1], bands.high[::-1]  # by rising inconsistency
    level = axis[:, None] / axis[None, :]
    inside = (level > bands.interior[::-1, 0]) & (level < bands.interior[::-1, 1])
    assert np.array_equal(inside, found.interior)
    for d in range(5):
        assert np.array_equal((level > low[:, d]) & (level < high[:, d]), found.excluded(d))
    assert found.interior.any()
    assert sum(found.area(d) for d in range(5)) > 0


def test_a_region_that_closes_along_the_ratios_is_counted_apart():
    bands = exclusion_bands(**random_game(0), ratios=np.logspace(-4, 4, 400))
    low, high = np.zeros((6, 5)), np.zeros((6, 5))
    high[[1, 2, 4], 3] = 1.0
    apart = type(bands)(np.arange(6.0), np.zeros((6, 2)), low, high)
    assert [apart.pieces(d) for d in range(5)] == [0, 0, 0, 2, 0]


@pytest.mark.parametrize("diversity", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_shares_of_the_plane_are_the_limit_of_finer_and_finer_maps(seed, diversity):
    game = random_game(seed)
    exact = plane_shares(**game, diversity=diversity, rays=2000)
    edges = np.linspace(-2, 2, 1501)
    middle = 10 ** ((edges[1:] + edges[:-1]) / 2)
    grid = {"attractiveness": middle, "inconsistency": middle, "diversity": diversity}
    found = exclusion_map(**game, grid=grid, keep="areas")
    assert exact.interior == pytest.approx(1 - found.white_area, abs=1e-3)
    assert exact.excluded == pytest.approx([found.area(d) for d in range(5)], abs=1e-3)


def test_bad_input_is_named():
    game = random_game(0)
    with pytest.raises(InputError, match="ratios"):
        exclusion_bands(**game, ratios=[2.0, 1.0])
    with pytest.raises(InputError, match="threshold"):
        exclusion_bands(**game, threshold=0)
    with pytest.raises(InputError, match="inconsistency"):
        exclusion_bands(**{**game, "inconsistency": np.zeros((5, 5))}, ratios=[0.0, 1.0])
