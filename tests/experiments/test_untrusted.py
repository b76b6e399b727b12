"""What models and files say is text wherever it is shown: terminals, spreadsheets and reports obey none of it."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import experiments.backends
from agents.language.synthetic import SyntheticLanguageModel
from agents.subpopulations.sources import user_file
from experiments.backends import Backend
from experiments.command import run
from experiments.console import Reporter
from experiments.report.study import claims_table
from experiments.study import Claim
from experiments.untrusted import csv_text, plain

HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]sale[/red] [link=http://evil.example]here[/link] \x9b31m\u202egnp.exe [/bold]"
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"]


def colour_console():
    return Console(file=io.StringIO(), width=300, force_terminal=True, color_system="truecolor", legacy_windows=False)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_no_control_character_reaches_a_terminal_and_nothing_else_is_lost(text):
    text = text.replace("\n", " ").replace("\t", " ").replace("\\", "/")
    console = Console(file=io.StringIO(), color_system=None, emoji=False)
    console.print(f"[bold]{plain(text)}[/bold]", highlight=False, soft_wrap=True)
    shown = console.file.getvalue().removesuffix("\n")
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or "\u202a" <= c <= "\u202e" for c in shown)
    assert shown == "".join(c for c in text if c in set(shown))


@given(st.lists(st.sampled_from(["\\", "[red]", "[/]", "[", "]", "x", "\x1b"])).map("".join))
def test_no_text_is_markup_however_it_is_escaped(text):
    console = colour_console()
    console.print(plain(text), highlight=False)
    assert "\x1b" not in console.file.getvalue()


def test_lines_steps_and_claims_print_markup_and_escapes_as_text():
    console = colour_console()
    reporter = Reporter(console)
    reporter.line(HOSTILE)
    with reporter.step(HOSTILE):
        pass
    console.print(claims_table([Claim(name="[red]x[/red]\x9b", statement="", found=HOSTILE, holds=True)]))
    shown = console.file.getvalue()
    assert re.sub(r"\x1b\[[\d;]*m", "", shown).count("[red]sale[/red]") == 3
    assert "[red]x[/red]" in shown
    for forbidden in ("\x1b[2J", "\x1b]", "\x9b", "\x07", "\u202e", "\x1b]8;"):
        assert forbidden not in shown


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text):
    written = csv_text(pd.DataFrame({"group": [text], text: [1]}))
    back = pd.read_csv(io.StringIO(written, newline=""))
    kept = text.replace("\r", "\n")
    assert back.loc[0, "group"] == f"'{kept}"
    assert list(back) == ["group", f"'{kept}"]


def test_a_carriage_return_begins_no_row():
    assert pd.read_csv(io.StringIO(csv_text(pd.DataFrame({"text": ["a\r=1"]})))).to_numpy().tolist() == [["a\n=1"]]


def test_numbers_and_ordinary_texts_are_written_as_before():
    rows = pd.DataFrame(
        {
            "number": [-1.5, np.nan, 2.0],
            "whole": [-1, 0, 1],
            "mixed": [-1, None, "a-b"],
            "text": ["-0.5", "a=b", "+1e-3"],
            "yes": [True, False, True],
            "kind": pd.Categorical(["x", "y", "x"]),
            "when": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
        }
    )
    assert csv_text(rows) == rows.to_csv(index=False)
    assert csv_text(rows[["number"]].set_axis([0], axis=1)) == rows[["number"]].set_axis([0], axis=1).to_csv(
        index=False
    )


def test_names_in_a_file_are_read_as_they_stand(tmp_path):
    rows = [{"group": g, "question": "q", "option": o, "p": 0.5} for g in ("=left", "-right") for o in ("+a", "@b")]
    pd.DataFrame(rows).assign(group_share=0.5).to_csv(tmp_path / "own.csv", index=False)
    table = user_file.load(tmp_path / "own.csv").table
    assert sorted(table.groups) == ["-right", "=left"]


@pytest.mark.slow
def test_hostile_groups_of_a_survey_are_inert_in_every_file_of_a_study(composed, tmp_path):
    names = (
        "=cmd|'/C calc'!A0",
        "<img src=x onerror=alert(1)>",
        "[red]x[/red]\x1b[2J",
        "[a](javascript:b) ![](http://c)",
    )
    rows = [{"group": g, "q": (n * (i + 1)) % 3, "r": n % 2} for i, g in enumerate(names) for n in range(40)]
    pd.DataFrame(rows).to_csv(tmp_path / "survey.csv", index=False)
    console = colour_console()
    small = ("data=own", "study.points=12", "study.draws=8", f"data.path={tmp_path / 'survey.csv'}")
    config = composed("experiment=fig1_exclusion_maps", *small, f"run.directory={tmp_path / 'runs'}")
    assert run(config, console) == 0, console.file.getvalue()
    (path,) = (tmp_path / "runs").iterdir()
    assert "\x1b[2J" not in console.file.getvalue()
    assert f"'{names[0]}" in set(pd.read_csv(path / "areas.csv")["group"])
    for name in ("report.html", "report.md"):
        assert "<img src=x" not in (path / name).read_text()
    report = (path / "report.md").read_text()
    assert "](javascript:" not in report
    assert "](http" not in report


class Hostile(SyntheticLanguageModel):
    """Known voices, but every post carries what its reader must not obey."""

    def generate(self, requests):
        return [
            type(written)(
                text=f"{written.text} <script>alert(1)</script>{HOSTILE}",
                tokens=written.tokens,
                finish_reason=written.finish_reason,
            )
            for written in super().generate(requests)
        ]

    def choice_logprobs(self, requests):
        cut = [
            type(r)(**{**vars(r), "options": tuple(option.split(" <script>")[0] for option in r.options)})
            for r in requests
        ]
        return super().choice_logprobs(cut)


@pytest.mark.slow
def test_hostile_posts_are_text_in_the_report_of_a_run(composed, tmp_path, monkeypatch):
    known = experiments.backends.synthetic

    def hostile(**settings):
        language = known(**settings).language
        return Backend(Hostile(language.adapters, voice=language.voice), None)

    monkeypatch.setattr("experiments.backends.synthetic", hostile)
    monkeypatch.setenv("EQUIPOLIS_MODULES", __name__)
    console = colour_console()
    small = ("experiment=synthetic", "run.seeds=2", "platform.rounds=40", "platform.accounts=3")
    assert run(composed(*small, f"run.directory={tmp_path}"), console) == 0, console.file.getvalue()
    (path,) = tmp_path.iterdir()
    page = (path / "report.html").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "\x1b[2J" not in console.file.getvalue()
    assert json.loads((path / "verdict.json").read_text())["verdict"]["kind"]
