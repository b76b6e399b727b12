"""The picture of a map shows what the map says."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from experiments.examples.exclusion_maps import maps
from experiments.report.figures import png
from experiments.report.map_figure import draw_map, fixed_title, map_figure
from sim.errors import InputError
from sim.maps import exclusion_map

GAME = {"attractiveness": [0.6, 0.3, 0.1], "inconsistency": np.diag([0.3, 0.3, 0.6]), "similarity": np.eye(3)}


def small_map(first, **options):
    grid = {"attractiveness": first, "inconsistency": np.logspace(-2, 2, 9), "diversity": 1.0}
    return exclusion_map(**GAME, grid=grid, groups=("x", "y", "z"), **options)


def colours(found, group):
    """Colour of every cell as drawn, (n1, n2, 3), with the axes in rising order."""
    panel = Figure().subplots()
    draw_map(panel, found, group)
    weights, black = panel.collections
    shown, dark = (mesh.to_rgba(mesh.get_array()).transpose(1, 0, 2) for mesh in (weights, black))
    return np.where(dark[..., 3:] > 0, dark[..., :3], shown[..., :3]), panel


@pytest.mark.parametrize("first", [np.logspace(-2, 2, 12), np.logspace(2, -2, 12)], ids=["rising", "falling"])
def test_black_is_excluded_and_white_has_no_interior(first):
    found = small_map(first)
    seen, panel = colours(found, "z")
    order = np.argsort(first)
    excluded, interior = found.excluded("z")[order], found.interior[order]
    assert excluded.any()
    assert (~interior).any()
    assert np.array_equal(np.all(seen == 0, axis=-1), excluded)
    assert np.array_equal(np.all(seen == 1, axis=-1), ~interior)
    assert panel.get_xscale() == panel.get_yscale() == "log"
    assert "attractiveness" in panel.get_xlabel()
    assert "inconsistency" in panel.get_ylabel()


def test_an_axis_with_zero_is_linear():
    _, panel = colours(small_map(np.array([0.0, 0.5, 1.0])), 0)
    assert panel.get_xscale() == "linear"
    assert panel.get_yscale() == "log"


def test_figure_names_what_it_shows():
    found = small_map(np.logspace(-2, 2, 12))
    figure = map_figure({fixed_title(found): found}, "z", caption="Made up for a test.", columns=1)
    texts = [figure.axes[0].get_title(), figure.get_supxlabel(), figure.axes[-1].get_ylabel()]
    texts += [text.get_text() for text in figure.legends[0].get_texts()]
    for expected in (f"{found.area('z'):.1%}", "Made up for a test.", "weight of z", "weight < 0.05", "no interior"):
        assert any(expected in text for text in texts)
    assert png(figure).startswith(b"\x89PNG")


def test_needs_mixtures_and_one_threshold():
    axis = np.logspace(-2, 2, 5)
    with pytest.raises(InputError, match="did not keep"):
        map_figure({"masks": small_map(axis, keep="masks")}, 0, caption="")
    two = {"one": small_map(axis), "other": small_map(axis, threshold=0.1)}
    with pytest.raises(InputError, match="one threshold"):
        map_figure(two, 0, caption="")
    with pytest.raises(InputError, match="at least one map"):
        map_figure({}, 0, caption="")


def test_example_shows_what_diversity_does():
    """Without diversity more of the plane has no interior equilibrium, and more of it excludes the small group."""
    found = list(maps(points=25).values())
    assert len(found) == 4
    assert found[0].white_area > found[1].white_area
    assert found[0].area("Unaligned") > found[1].area("Unaligned") > 0
