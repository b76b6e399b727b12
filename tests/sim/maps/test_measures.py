"""Areas, components and masks count what they say; what was not kept is refused."""

import itertools

import numpy as np
import pytest

from agents.subpopulations.sources import long_form
from sim.alignment_game import Incentives
from sim.errors import InputError
from sim.estimation import bhattacharyya, estimate_game
from sim.maps import exclusion_map, incentive_slice, map_slice

AXIS = np.logspace(-2, 2, 40)
GRID = {"attractiveness": AXIS, "inconsistency": AXIS, "diversity": 1.0}


def test_measures_count_cells(random_terms):
    for seed, fixed in itertools.product(range(4), GRID):
        grid = {**dict.fromkeys(GRID, AXIS), fixed: 1.0}
        found = exclusion_map(**random_terms(seed, 5), grid=grid, threshold=0.07)
        assert found.white_area == pytest.approx(1 - found.interior.mean())
        for d in range(5):
            black = (found.mixtures.min(axis=-1) > 1e-12) & (found.mixtures[..., d] < 0.07)
            assert np.array_equal(found.excluded(d), black)
            assert found.area(d) == pytest.approx(black.mean())
            assert found.conditional_area(d) == pytest.approx(black.sum() / found.interior.sum())
            low = found.mixtures[..., d] < 0.07
            assert np.array_equal(found.unrepresented(d), low)
            assert found.unrepresented_area(d) == pytest.approx(low.mean())


def test_masks_and_areas_alone_say_the_same(random_terms):
    for fixed, seed in itertools.product(GRID, range(2)):
        grid = {**dict.fromkeys(GRID, AXIS), fixed: 1.0}
        terms = random_terms(seed, 4)
        full, masks, areas = (exclusion_map(**terms, grid=grid, keep=keep) for keep in ("mixtures", "masks", "areas"))
        assert np.array_equal(full.interior, masks.interior)
        for d in range(4):
            assert np.array_equal(full.excluded(d), masks.excluded(d))
            assert np.array_equal(full.unrepresented(d), masks.unrepresented(d))
            assert full.components(d).count == masks.components(d).count
            assert full.area(d) == masks.area(d) == areas.area(d)
            assert full.conditional_area(d) == areas.conditional_area(d)
            assert full.unrepresented_area(d) == areas.unrepresented_area(d)
        for refused in (lambda m=masks: m.mixtures, lambda m=areas: m.interior, lambda m=areas: m.excluded(0)):
            with pytest.raises(InputError, match="did not keep"):
                refused()
        with pytest.raises(InputError, match="did not keep"):
            areas.components(0)
        with pytest.raises(InputError, match="did not keep"):
            map_slice(masks, **{masks.grid.names[0]: float(AXIS[0])})


def test_without_boundary_white_cells_are_nan_and_only_they(random_terms):
    terms = random_terms(1, 5)
    full, inner = exclusion_map(**terms, grid=GRID), exclusion_map(**terms, grid=GRID, boundary=False)
    assert 0 < inner.white_area < 1
    assert np.array_equal(np.isnan(inner.mixtures).any(axis=-1), ~inner.interior)
    assert np.array_equal(np.isnan(inner.mixtures).all(axis=-1), ~inner.interior)
    assert np.array_equal(inner.mixtures[inner.interior], full.mixtures[full.interior])
    assert [inner.area(d) for d in range(5)] == [full.area(d) for d in range(5)]
    assert np.array_equal(inner.excluded(0), full.excluded(0))
    for ask in (inner.unrepresented, inner.unrepresented_area):
        with pytest.raises(InputError, match="boundary=True"):
            ask(0)


def test_no_interior_cell_has_no_conditional_area():
    """Twins without any difference but attractiveness, and no price on mixing them: never interior."""
    found = exclusion_map(
        attractiveness=[1, 0, 0.5],
        inconsistency=np.zeros((3, 3)),
        similarity=np.diag([0, 0, 1.0]),
        grid={"attractiveness": [1, 2], "inconsistency": [1, 2], "diversity": 0.5},
    )
    assert found.white_area == 1
    assert found.conditional_area(0) is None


def test_components_join_neighbours_in_value(random_terms):
    order = np.random.default_rng(3).permutation(AXIS.size)
    mixed = GRID | {"attractiveness": AXIS[order]}
    seen = 0
    for seed in range(6):
        terms = random_terms(seed, 5)
        tidy, shuffled = exclusion_map(**terms, grid=GRID), exclusion_map(**terms, grid=mixed)
        for d in range(5):
            parts, same = tidy.components(d), shuffled.components(d)
            assert parts.count == same.count == parts.sizes.size
            assert np.array_equal(parts.sizes, same.sizes)
            assert np.array_equal(parts.labels > 0, tidy.excluded(d))
            assert np.array_equal(same.labels > 0, shuffled.excluded(d))
            assert parts.sizes.sum() == tidy.excluded(d).sum()
            assert list(parts.sizes) == sorted(parts.sizes, reverse=True)
            assert [np.sum(parts.labels == k + 1) for k in range(parts.count)] == list(parts.sizes)
            assert tidy.components(d, connectivity=8).count <= parts.count
            seen += parts.count
    assert seen > 6


def test_groups_by_name(random_terms):
    found = exclusion_map(**random_terms(0, 3), grid=GRID, groups=("left", "centre", "right"))
    assert np.array_equal(found.excluded("right"), found.excluded(2))
    assert found.area("left") == found.area(0) == found.area(np.int64(0))
    for bad, said in (("middle", "left, centre, right"), (3, "from 0 to 2"), (-1, "from 0"), (1.0, "from 0")):
        with pytest.raises(InputError, match=said):
            found.area(bad)
    with pytest.raises(InputError, match="unnamed"):
        exclusion_map(**random_terms(0, 3), grid=GRID).area("left")
    with pytest.raises(InputError, match="4"):
        found.components(0, connectivity=6)


def test_slices_are_lines_of_maps(random_terms):
    terms = random_terms(5, 4)
    found = exclusion_map(**terms, grid=GRID)
    value = float(AXIS[17])
    for name, line in (("attractiveness", np.s_[17, :]), ("inconsistency", np.s_[:, 17])):
        cut = map_slice(found, **{name: value})
        (varied,) = set(GRID) - {name, "diversity"}
        alone = incentive_slice(**terms, grid=dict(GRID) | {name: value, varied: AXIS})
        assert cut.name == alone.name == varied
        assert cut.fixed == alone.fixed == {name: value, "diversity": 1.0}
        assert np.array_equal(cut.mixtures, found.mixtures[line])
        assert np.abs(cut.mixtures - alone.mixtures).max() <= 1e-13
        assert np.array_equal(cut.interior, found.interior[line])
        for d in range(4):
            assert np.array_equal(cut.excluded[:, d], found.excluded(d)[line])
    with pytest.raises(InputError, match="does not interpolate"):
        map_slice(found, attractiveness=0.0123)
    with pytest.raises(InputError, match="axes of this map"):
        map_slice(found, diversity=1.0)
    with pytest.raises(InputError, match="one 1-d array"):
        incentive_slice(**terms, grid=GRID)


@pytest.fixture
def party(data_folder):
    table = long_form.load(data_folder / "fivethirtyeight_nonvoters_party5.csv").table
    game = estimate_game(table, incentives=Incentives(1, 1, 1), accounts=10, similarity=bhattacharyya)
    return {
        "attractiveness": game.attractiveness,
        "inconsistency": game.inconsistency,
        "similarity": game.similarity,
        "groups": table.groups,
    }


def test_published_shares_of_the_survey_map(party):
    """The published 3.84% and 8.2% are the cells in which some group is excluded; Unaligned alone has fewer."""
    axis = np.logspace(-2, 2, 25)
    found = exclusion_map(**party, grid={"attractiveness": axis, "inconsistency": axis, "diversity": 1.0})
    assert 100 * found.white_area == pytest.approx(53.1, abs=0.051)
    anyone = np.any([found.excluded(group) for group in party["groups"]], axis=0)
    assert 100 * anyone.mean() == pytest.approx(3.84, abs=0.0051)
    assert 100 * anyone.sum() / found.interior.sum() == pytest.approx(8.2, abs=0.051)
    assert 100 * found.area("Unaligned") == pytest.approx(3.04, abs=0.0051)


@pytest.mark.parametrize(("diversity", "expected"), [(0.0, 0.78), (1.0, 0.82), (5.0, 1.03)])
def test_largest_attraction_with_an_interior_equilibrium(party, diversity, expected):
    line = np.linspace(0, 3, 3001)
    found = incentive_slice(**party, grid={"attractiveness": line, "inconsistency": 1.0, "diversity": diversity})
    assert line[found.interior].max() == pytest.approx(expected, abs=0.0061)
    assert np.all(np.diff(np.flatnonzero(found.interior)) == 1)
