"""The report of a sweep: its counts, its picture, its links; what points say is text."""

import pytest

from experiments.report.sweep import sweep_page
from experiments.report.sweep_figures import sweep_figure
from experiments.sweep.directory import SweepDirectory
from experiments.sweep.point import Row

EVIL = "<script>alert(1)</script>"


def swept(folder, points, rows):
    """Directory and table of a sweep with these points, of which these rows are known."""
    directory = SweepDirectory(folder, "grid", points)
    directory.write(rows, set(), {}, {"seconds": 3.0, "run_seconds": 5.0})
    return directory, directory.table(rows, set(), {})


def play(number, overrides, kind, distance, **more):
    numbers = {"distance": distance, "distance_low": distance / 2, "distance_high": 2 * distance, "exploitability": 0.0}
    return Row(number=number, overrides=overrides, state="done", kind=kind, numbers=numbers, **more)


@pytest.fixture
def grid(tmp_path):
    points = [(f"game.diversity={d}", f"run.seed={s}") for d in (0.5, 1.0) for s in (0, 1)]
    (tmp_path / "run-1").mkdir()
    (tmp_path / "run-1" / "report.html").write_text("report")
    rows = {
        0: play(0, points[0], "converged", 0.01, path=str(tmp_path / "run-1"), host="here"),
        1: play(1, points[1], "cycling", 0.30),
        2: Row(number=2, overrides=points[2], state="failed", message=f"bad input: {EVIL}"),
    }
    return swept(tmp_path, points, rows)


def test_the_summary_counts_what_was_found_and_what_was_not(grid):
    directory, table = grid
    page = sweep_page(directory.path, table, ["game.diversity", "run.seed"], "equipolis --multirun run.seed=0,1")
    assert "2 of 4 points done" in page
    assert "1 point: converged; 1 point: cycling" in page
    assert "1 failed, 1 missing" in page
    assert 'href="../../run-1/report.html"' in page
    assert page.count("href=") == 2, "the skip link and the one report there is"
    assert "equipolis --multirun run.seed=0,1" in page


def test_what_a_point_says_is_text(grid):
    directory, table = grid
    page = sweep_page(directory.path, table, ["game.diversity"], EVIL)
    assert EVIL not in page
    assert page.count("&lt;script&gt;") >= 2


def test_seeds_are_repetitions(grid):
    figure = sweep_figure(grid[1], ["game.diversity", "run.seed"])
    (panel,) = figure.axes
    assert panel.get_xlabel() == "game.diversity"


def test_two_keys_make_a_grid_with_mean_distances(tmp_path):
    points = [(f"a={a}", f"b={b}", f"run.seed={s}") for a in (1, 2) for b in ("x", "y") for s in (0, 1)]
    rows = {n: play(n, point, "converged", 0.1 * (n + 1)) for n, point in enumerate(points[:6])}
    figure = sweep_figure(swept(tmp_path, points, rows)[1], ["a", "b", "run.seed"])
    (panel,) = figure.axes
    assert {panel.get_xlabel(), panel.get_ylabel()} == {"a", "b"}
    assert {text.get_text() for text in panel.texts} == {"0.15", "0.35", "0.55"}
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["converged", "not done"]


def test_a_sweep_of_a_study_shows_its_claims(tmp_path):
    points = [("study.rounds=10",), ("study.rounds=20",)]
    rows = {
        n: Row(number=n, overrides=point, state="done", kind=f"1 {outcome}", claims={"it falls": outcome})
        for n, (point, outcome) in enumerate(zip(points, ("agrees", "differs"), strict=True))
    }
    directory, table = swept(tmp_path, points, rows)
    page = sweep_page(directory.path, table, ["study.rounds"], "equipolis")
    assert "it falls" in page
    assert "agrees 1, differs 1" in page


def test_a_sweep_that_found_nothing_has_a_page_without_a_picture(tmp_path):
    points = [("run.seed=0",), ("run.seed=1",)]
    directory, table = swept(tmp_path, points, {})
    page = sweep_page(directory.path, table, ["run.seed"], "equipolis")
    assert "0 of 2 points done" in page
    assert "<img" not in page
