"""A grid in Hydra's grammar; a point composed quickly is the point that Hydra composes."""

from __future__ import annotations

import pytest
from hydra import compose
from hydra.errors import HydraException
from omegaconf import OmegaConf

from experiments.run_directory import RunDirectory
from experiments.sweep.directory import SweepDirectory, varied
from experiments.sweep.grid import Composer, configurations, identity, points_of
from experiments.sweep.point import Row
from sim.errors import InputError

GRID = [
    "experiment=synthetic",
    "dynamics=logit,replicator",
    "game.diversity=.25,1",
    "run.name='a b'",
    "+data={path:x}",
    "run.seed=range(0,2)",
]


def test_a_composed_point_is_hydras_own():
    with configurations():
        points, composer = points_of(GRID), Composer()
        assert len(points) == 8
        for point in (points[0], points[1], points[-1]):
            assert OmegaConf.to_yaml(composer.compose(point)) == OmegaConf.to_yaml(compose("config", point))


def test_points_share_no_node():
    with configurations():
        composer = Composer()
        first = composer.compose(["experiment=synthetic", "game.diversity=1"])
        first.game.diversity = 7.0
        assert composer.compose(["experiment=synthetic"]).game.diversity == 0.5


@pytest.mark.parametrize("point", [["game.diversty=1"], ["run.seed=x"], ["dynamics=none_such"]])
def test_what_hydra_refuses_is_refused(point):
    with configurations(), pytest.raises(HydraException):
        Composer().compose(point)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("a=[1", "override"),
        ("run.seed=interval(0,1)", "list the values"),
        ("hydra/launcher=ray", "sweep.address="),
        ("sweep.workers=1,2", "one value"),
        ("run.directory=a,b", "one value"),
    ],
)
def test_a_grid_that_is_none_is_refused(argument, words):
    with configurations(), pytest.raises(InputError, match=words):
        points_of([argument])


def test_how_a_sweep_is_spread_is_no_part_of_it_nor_of_a_run(composed, tmp_path):
    here, there = ([["a=1", f"sweep.workers={n}", f"run.directory={n}"]] for n in (1, 2))
    assert identity(here) == identity(there)
    names = {
        RunDirectory(composed(f"run.directory={tmp_path}", f"sweep.workers={n}", "sweep.address=auto")).path
        for n in (1, 2)
    }
    assert len(names) == 1


def test_the_table_has_a_row_per_point_and_is_safe_to_open(tmp_path):
    points = [["x=1", f"run.name='={n}'"] for n in range(3)]
    directory = SweepDirectory(tmp_path, "s", points)
    rows = {
        0: Row(number=0, overrides=tuple(points[0]), state="done", kind="converged", numbers={"distance": 0.25}),
        1: Row(number=1, overrides=tuple(points[1]), state="failed", message="=1+1"),
    }
    directory.write(rows, {2}, {0: 1, 1: 3, 2: 1}, {})
    table = directory.table(rows, {2}, {1: 3})
    assert list(varied(points)) == ["run.name"]
    assert table["state"].tolist() == ["done", "failed", "running"]
    assert table["distance"].tolist()[0] == 0.25
    assert table["attempts"].tolist() == [0, 3, 0]
    assert "'=1+1" in (directory.path / "sweep.csv").read_text()


def test_a_sweep_under_way_keeps_a_second_start_out(tmp_path):
    directory = SweepDirectory(tmp_path, "s", [["x=1"]])
    with directory.locked("a"), pytest.raises(InputError, match="under way"), directory.locked("b"):
        pass
