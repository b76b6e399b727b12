"""The same configuration in two fresh clones: every table has the same bytes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDING = "tests/experiments/recorded"
PACKAGES = ("sim", "agents", "platforms", "experiments", "conf", RECORDING)
RUNS = {
    "synthetic": ("experiment=synthetic", "run.seeds=2", "platform.rounds=10", "platform.accounts=2"),
    "recorded": (
        *("language=recorded", f"language.path={RECORDING}/bigfive.parquet", "platform.accounts=2", "run.seeds=2"),
        *("platform.rounds=10", "platform.max_tokens=12", "platform.heard_share=0.5"),
    ),
}
FROM_HERE = "import os, experiments.command as c; assert c.__file__.startswith(os.getcwd()); c.main()"


@pytest.fixture(scope="module")
def clones(tmp_path_factory):
    """Two of them; copies of the packages where the tests run without a repository."""
    home = tmp_path_factory.mktemp("clones")
    for name in ("one", "other"):
        if (ROOT / ".git").exists():
            subprocess.run(["git", "clone", "--quiet", "--local", ROOT, home / name], check=True)  # noqa: S607
        else:
            for package in PACKAGES:
                shutil.copytree(ROOT / package, home / name / package)
    return [home / "one", home / "other"]


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_two_fresh_clones_give_identical_bytes(clones, name):
    found = []
    for clone in clones:
        arguments = [sys.executable, "-c", FROM_HERE, *RUNS[name], f"run.name={name}", "verdict.window=0.8"]
        variables = os.environ | {"PYTHONPATH": str(clone), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(arguments, cwd=clone, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        (path,) = (clone / "runs").glob(f"{name}-*")
        assert "+changes" not in json.loads((path / "begun.json").read_text())["made_by"]["git"]
        tables = {file.name: file.read_bytes() for file in (*path.glob("*.parquet"), path / "verdict.json")}
        found.append((path.name, tables))
    assert found[0] == found[1]
    assert set(found[0][1]) == {"opinions.parquet", "rounds.parquet", "posts.parquet", "verdict.json"}
