"""Every panel renders, and text from data stays text."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import solara

from experiments.dashboard import charts, roots
from experiments.dashboard.chooser import Chooser, table_at
from experiments.dashboard.compare import Compare
from experiments.dashboard.explorer import Chosen, Explorer, Words
from experiments.dashboard.levers import Levers
from experiments.dashboard.live import posts_list
from experiments.dashboard.oversight import Oversight
from experiments.dashboard.page import Guarded, Page
from experiments.dashboard.run_panel import RunPanel
from experiments.dashboard.tables import examples
from sim.alignment_game import Incentives
from sim.errors import InputError

EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def _ignore(_: object) -> None: ...


@pytest.mark.parametrize("table", examples(), ids=lambda table: table.name)
def test_the_explorer_shows_the_equilibrium(table, rendered):
    chosen = Chosen.of(table)
    shown = rendered(Explorer(chosen, _ignore))
    assert shown.count("data:image/png;base64,") == 3
    for weight in table.game(chosen.incentives).groups:
        assert weight in shown


def test_incentives_that_cost_nothing_say_so_and_the_panel_stands(rendered):
    chosen = Chosen.of(examples()[0]).moved(inconsistency=0.0, diversity=0.0)
    shown = rendered(Explorer(chosen, _ignore))
    assert "keep one of the two above 0" in shown


def test_the_other_panels_render(rendered, finished):
    chosen = Chosen.of(examples()[1])
    assert "What brings every group" in rendered(Levers(chosen, _ignore))
    assert "open a table" in rendered(Chooser(chosen, _ignore))
    assert "How they move" in rendered(Oversight())
    assert "at least two runs" in rendered(Compare())
    assert "Putting the game into words" in rendered(Words(chosen))
    assert "Incentives" in rendered(Page())


def test_a_run_is_shown_with_verdict_play_and_posts(rendered, finished):
    shown = rendered(RunPanel(finished, _ignore))
    known = json.loads((finished / "verdict.json").read_text())
    assert known["verdict"]["kind"] in shown
    assert f"{known['verdict']['settled'][0]:.3f}" in shown
    assert "Exploitability by round" in shown
    assert "Save the report" in shown


def test_a_run_with_damaged_files_is_shown_with_messages(rendered, finished, tmp_path):
    place = tmp_path / "damaged"
    shutil.copytree(finished, place)
    (place / "rounds.parquet").write_bytes(b"PAR1")
    (place / "verdict.json").write_text('{"verdict": {"kind": 3, "settled": "x"}, "predicted": [1]}')
    (place / "prediction.json").write_text("{")
    shown = rendered(RunPanel(place, _ignore))
    assert "rounds.parquet" in shown
    assert "prediction.json" in shown
    assert "settled" in shown


def test_posts_names_and_findings_stay_text(rendered, finished, tmp_path):
    place = tmp_path / "study"
    place.mkdir()
    claim = {"name": EVIL, "statement": EVIL, "found": EVIL, "outcome": EVIL}
    findings = {"title": EVIL, "claims": [claim], "figures": [{"path": EVIL, "caption": EVIL}], "lead": [EVIL]}
    (place / "findings.json").write_text(json.dumps(findings | {"tables": [{"path": "t.csv", "caption": EVIL}]}))
    (place / "status.json").write_text(json.dumps({"state": EVIL, "message": EVIL}))
    pd.DataFrame({EVIL: [EVIL]}).to_csv(place / "t.csv", index=False)
    shown = rendered(RunPanel(place, _ignore))
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown.replace(EVIL, "") or EVIL not in shown
    assert "<img src=x" not in shown
    posts = pd.DataFrame(
        [{"seed": 0, "round": 1, "account": 2, "group": EVIL, "topic": EVIL, "text": EVIL, "voice": EVIL}]
    )
    assert "<img" not in posts_list(posts, ("a", "b"))
    axes = charts.Axes(x=(0, 1), y=(0, 1), x_ticks=(), y_ticks=(), x_label=EVIL, y_label=EVIL)
    line = charts.line(axes, np.array([0.0, 1.0]), np.array([0.0, 1.0]), label=EVIL, stroke=EVIL)
    assert "<img" not in charts.chart(axes, line, alt=EVIL)


def test_a_path_typed_into_the_field_opens_a_table_or_says_why_not(finished, runs):
    table = table_at(finished.name)
    assert table.incentives == Incentives(2.0, 1.0, 0.5)
    file = runs / "bad.csv"
    file.write_text("x,y\n1,2\n")
    try:
        with pytest.raises(InputError, match="group"):
            table_at(str(file))
    finally:
        file.unlink()
    with pytest.raises(InputError, match="outside"):
        table_at("/etc/passwd")


def test_a_panel_that_fails_says_so_in_words(rendered):
    @solara.component
    def Broken() -> None:
        raise ZeroDivisionError("by zero")

    shown = rendered(Guarded(Broken))
    assert "ZeroDivisionError: by zero" in shown
    assert "Try again" in shown
    assert roots.first() is None
