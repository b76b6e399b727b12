"""What a comparison says is what the runs say."""

from __future__ import annotations

import json
import shutil

from experiments.dashboard.compare_model import comparison, differing
from experiments.dashboard.runs import open_run


def test_two_runs_side_by_side(finished, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(finished, other)
    known = json.loads((other / "verdict.json").read_text())
    known["verdict"]["kind"] = "diverged"
    known["verdict"]["distance"]["estimate"] = 0.987654321
    (other / "verdict.json").write_text(json.dumps(known))
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["config"]["platform"]["rounds"] = 999
    (other / "manifest.json").write_text(json.dumps(manifest))
    runs = [open_run(finished), open_run(other)]
    facts = dict(comparison(runs))
    mine = runs[0].verdict["verdict"]
    assert facts["verdict"] == (mine["kind"], "diverged")
    assert facts["distance"][0].startswith(f"{mine['distance']['estimate']:.4g} ")
    assert facts["distance"][1].startswith("0.9877 ")
    assert any(name.startswith("health: ") for name in facts)
    assert differing(runs) == (("platform.rounds", ("32", "999")),)
    assert differing([runs[0], runs[0]]) == ()
