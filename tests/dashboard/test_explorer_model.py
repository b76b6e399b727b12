"""The explorer's numbers are the library's, and its pictures are the paper's colours of them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from experiments.dashboard import explorer_model as model
from experiments.dashboard.runs import open_run
from experiments.dashboard.tables import SURVEY, examples, of_file, of_run
from experiments.making import made
from sim.alignment_game import Incentives
from sim.equilibrium import homogeneous_equilibrium
from sim.errors import InputError
from sim.maps import exclusion_map, incentive_slice
from sim.maps.grid import COEFFICIENTS

AT = Incentives(1.7, 0.9, 0.6)


@pytest.mark.parametrize("table", examples(), ids=lambda table: table.name)
@pytest.mark.parametrize("fixed", COEFFICIENTS)
def test_a_plane_is_the_librarys_map(table, fixed):
    axis = np.logspace(-2, 2, 200)
    grid = dict.fromkeys(COEFFICIENTS, axis) | {fixed: getattr(AT, fixed)}
    wanted = exclusion_map(**table.terms._asdict(), grid=grid, threshold=0.04)
    found = model.plane(table, fixed, getattr(AT, fixed), 0.04)
    assert np.abs(found.mixtures - wanted.mixtures).max() <= 1e-9
    assert (found.interior == wanted.interior).all()


@pytest.mark.parametrize("varied", COEFFICIENTS)
def test_a_slice_and_a_point_are_the_librarys(varied):
    table = examples()[0]
    grid = {name: getattr(AT, name) for name in COEFFICIENTS} | {varied: model.FINE}
    wanted = incentive_slice(**table.terms._asdict(), grid=grid, threshold=0.05)
    assert np.abs(model.along(table, varied, AT, 0.05).mixtures - wanted.mixtures).max() <= 1e-9
    equilibrium = homogeneous_equilibrium(table.game(AT))
    here = model.here(table, AT, 0.05)
    assert np.abs(here.equilibrium.mixture - equilibrium.mixture).max() <= 1e-9
    assert np.abs(here.equilibrium.relaxed - equilibrium.relaxed).max() <= 1e-9
    assert here.equilibrium.stability == pytest.approx(equilibrium.stability, abs=1e-9)
    assert here.below.tolist() == (equilibrium.mixture < 0.05).tolist()


def test_a_picture_shows_each_cell_in_its_colour():
    table = examples()[0]
    found = model.plane(table, "attractiveness", 2.0, 0.05)
    image = Image.open(io.BytesIO(model.picture(found, 2, 0.2)))
    pixels = np.asarray(image).T[:, ::-1]  # back to: first coefficient, second coefficient
    colours = np.asarray(image.convert("RGB")).transpose(1, 0, 2)[:, ::-1]
    assert pixels.shape == found.interior.shape
    black, white = found.excluded(2), ~found.interior
    assert black.any()
    assert white.any()
    assert (colours[black] == 0).all()
    assert (colours[white] == 255).all()
    rest = ~black & ~white
    weights, shades = found.mixtures[..., 2][rest], pixels[rest].astype(float)
    wanted = model.FIRST + np.clip((weights - 0.05) / 0.15, 0, 1) * 253
    assert np.abs(shades - wanted).max() <= 0.5 + 1e-9
    assert not (colours[rest].sum(axis=1) == 0).any()


def test_incentives_that_cost_nothing_are_refused_in_words():
    with pytest.raises(InputError, match="inconsistency"):
        model.along(examples()[0], "attractiveness", Incentives(1.0, 0.0, 0.0), 0.05)


def test_a_runs_game_is_the_one_it_was_judged_by(finished):
    run = open_run(finished)
    table = of_run(run)
    found = homogeneous_equilibrium(table.game(table.incentives), run.config["platform"]["floor"])
    assert np.abs(found.mixture - run.verdict["predicted"]).max() <= 1e-9


def test_a_table_of_answers_is_estimated_as_an_audit_does(tmp_path, composed):
    rng = np.random.default_rng(3)
    rows = [f"{'ab'[i % 2]},{rng.integers(3)},{rng.integers(2)}" for i in range(60)]
    file = tmp_path / "answers.csv"
    file.write_text("group,one,two\n" + "\n".join(rows) + "\n", encoding="utf-8")
    table = of_file(file)
    estimator = made(composed("experiment=audit", f"data.path={file}").estimate)
    assert tuple(line.replace("(debias=False)", "") for line in estimator.provenance) == SURVEY.provenance
    from agents.subpopulations.sources import user_file

    wanted = estimator(user_file.load(file).table)
    for mine, theirs in zip(table.terms, wanted, strict=True):
        assert np.abs(mine - theirs).max() <= 1e-9
