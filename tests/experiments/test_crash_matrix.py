"""Runs killed by SIGKILL at more than two hundred points, several times each: what they end with is the same."""

import json
import os
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from experiments.progress import so_far
from experiments.run_directory import RECORDING
from tests.experiments import live_model

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
ROUNDS = 10
SYNTHETIC = (
    *("experiment=synthetic", "run.seeds=1", f"platform.rounds={ROUNDS}", "platform.accounts=2", "verdict.window=0.8"),
    "run.name=synthetic",
)
STAGES = ("Voices", "Language model: start", "Gate and opinions", "Prediction", "Play", "Verdict and report")
BEGIN = ("begun.json", "opinions.parquet")
PLAYED = ("posts-000007.parquet", "rounds.parquet", "posts.parquet")
FINISH = ("verdict.json", "report.html", "manifest.json", "rounds-000004.parquet", "progress", "DONE")
"""Files at which a matrix is killed once before and once after they are moved to their name, or removed."""


class Matrix(NamedTuple):
    """One configuration's chains of kills.

    Attributes:
        chains: Run directories, each killed and resumed again and again until it finished.
        points: Where a run was killed: stage, operation and file.
        lost: Rows of rounds that were on the disk and, after another kill or at the end, no more.
    """

    chains: list[Path]
    points: list[str]
    lost: int


@pytest.fixture(scope="module")
def host():
    variables = os.environ | {"OMP_NUM_THREADS": "1", "EQUIPOLIS_MODULES": live_model.__name__}
    arguments = [sys.executable, "-m", "tests.experiments.crash_host"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(arguments, cwd=ROOT, env=variables, text=True, **pipes) as process:

        def run(overrides, home, **kill):
            job = {"overrides": [*overrides, f"run.directory={home}"], "printed": f"{home}.txt", **kill}
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def only(home):
    (path,) = home.iterdir()
    return path


def state(path):
    """Every file of a finished run but those that hold times or the code's revision: tables, recording, verdict."""
    timed = ("manifest.json", "report.html", "begun.json", ".lock")
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and file.name not in timed
    }


def stage_of(home):
    said = Path(f"{home}.txt").read_text().splitlines()
    return next((stage for line in reversed(said) for stage in STAGES if line.startswith(stage)), "start")


def kills(rng, files, *, chains, early, timed):
    """What kills each chain, in order: the first of certain files, any early operations and times, the other files."""
    late = [{"touched": name, "done": done} for name in files for done in (False, True)]
    for chain in range(chains):
        first = [{"operation": int(rng.expovariate(1 / 12)) + 1, "done": rng.random() < 0.5} for _ in range(early)]
        first += [{"seconds": 10 ** rng.uniform(-2, 0)} for _ in range(timed)]
        first += [{"said": stage} for stage in STAGES]
        rng.shuffle(first)
        own, ahead = late[chain::chains], 2 * len(BEGIN) // chains
        yield own[:ahead] + first + own[ahead:]


def matrix(host, home, overrides, plan):
    points, chains, lost = [], [], 0
    for chain in plan:
        left = list(chain)
        while left:  # a run that finishes before its kills have all met it leaves the others to the next
            run = home / f"chain{len(chains)}"
            run.mkdir(parents=True)
            kept, status = [0], -9
            while left and status == -9:
                Path(f"{run}.txt").write_text("")
                found = host(overrides, run, **left.pop(0))
                status = found["status"]
                if status == -9:
                    points.append(f"{stage_of(run)} | {found['at'] or 'any moment'}")
                    kept.append(rows_kept(run))
            if status == -9:
                status = host(overrides, run)["status"]
            assert status == 0, Path(f"{run}.txt").read_text()
            lost += sum(max(before - after, 0) for before, after in pairwise([*kept, rows_kept(run)]))
            chains.append(only(run))
    return Matrix(chains, points, lost)


def rows_kept(run):
    """Rows of the rounds that are safe in a run directory."""
    tables = [so_far(path, "rounds") for path in run.iterdir()]
    return sum(table.num_rows for table in tables if table is not None)


@pytest.fixture(scope="module")
def undisturbed(host, tmp_path_factory):
    home = tmp_path_factory.mktemp("undisturbed")
    runs = {"synthetic": SYNTHETIC, "recorded": live_model.RUN}
    for name, overrides in runs.items():
        assert host(overrides, home / name)["status"] == 0, Path(f"{home / name}.txt").read_text()
    return {name: only(home / name) for name in runs}


@pytest.fixture(scope="module")
def matrices(host, tmp_path_factory):
    home = tmp_path_factory.mktemp("killed")
    rng = random.Random(20261121)
    synthetic = kills(rng, (*BEGIN, *PLAYED, *FINISH), chains=2, early=56, timed=12)
    recorded = kills(rng, (*BEGIN, *PLAYED, RECORDING, "verdict.json"), chains=1, early=50, timed=10)
    return {
        "synthetic": matrix(host, home / "synthetic", SYNTHETIC, synthetic),
        "recorded": matrix(host, home / "recorded", live_model.RUN, recorded),
    }


@pytest.mark.parametrize("name", ["synthetic", "recorded"])
def test_runs_that_were_killed_end_as_if_they_had_not_been(matrices, undisturbed, name):
    expected = state(undisturbed[name])
    assert {"rounds.parquet", "posts.parquet", "opinions.parquet", "verdict.json", "DONE"} <= set(expected)
    assert (RECORDING in expected) == (name == "recorded")
    assert pq.read_table(undisturbed[name] / "rounds.parquet")["round"].to_numpy().max() == ROUNDS - 1
    for chain in matrices[name].chains:
        found = state(chain)
        differing = [file for file in expected if found.get(file) != expected[file]]
        assert not differing, chain
        assert not [file for file in found if file not in expected], chain
    assert matrices[name].lost == 0


def test_more_than_two_hundred_points_in_every_stage_were_met(matrices):
    points = [point for one in matrices.values() for point in one.points]
    print(f"{len(points)} kills, {len(set(points))} kinds of points")
    assert len(points) >= 200
    assert {point.partition(" | ")[0] for point in points} >= {"start", *STAGES}
    for what in ("status.json", ".language.parquet.part", "any moment", *BEGIN, *PLAYED, *FINISH):
        assert any(what in point for point in points), what


def test_the_comparison_sees_one_changed_payoff(host, matrices, undisturbed, tmp_path):
    """The negative control: a part that an interruption left is not what is played again."""
    home = tmp_path / "sabotaged"
    assert host(SYNTHETIC, home, touched="rounds-000006.parquet", done=True)["status"] == -9
    part = only(home) / "progress" / "rounds-000002.parquet"
    table = pq.read_table(part)
    payoffs = table["payoffs"].to_pylist()
    column = table.column_names.index("payoffs")
    pq.write_table(table.set_column(column, "payoffs", [[payoffs[0] + 1e-9, *payoffs[1:]]]), part, compression="zstd")
    assert host(SYNTHETIC, home)["status"] == 2
    assert "another table than before" in " ".join(Path(f"{home}.txt").read_text().split())
    assert not (only(home) / "DONE").exists()
    chain = matrices["synthetic"].chains[0]
    (chain / "rounds.parquet").write_bytes(part.read_bytes())
    assert state(chain) != state(undisturbed["synthetic"])
