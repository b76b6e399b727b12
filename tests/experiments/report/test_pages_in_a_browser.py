"""Reports in a real browser: nothing comes from elsewhere, everybody can use them, and one sheet holds the summary."""

import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader
from rich.console import Console

from experiments.command import run
from experiments.report.sweep import sweep_page
from experiments.run_directory import RunDirectory
from experiments.sweep.directory import SweepDirectory
from experiments.sweep.point import Row, summary
from tests.browser import chromium

EIGHT = ("north", "south", "east", "west", "isles", "hills", "coast", "delta")
SETTINGS = {
    "play": (
        "experiment=synthetic",
        "platform.rounds=40",
        "run.seeds=2",
        "platform.posts_per_round=1",
        "platform.readers=20",
    ),
    "audit": ("experiment=audit", "data.group=region", "study.draws=8", "study.points=20", "study.draw_points=8"),
    "study": ("experiment=penalty_invariance",),
}
KINDS = (*SETTINGS, "sweep")


@pytest.fixture(scope="module")
def pages(composed, tmp_path_factory):
    """Kind of report -> its file."""
    folder = tmp_path_factory.mktemp("reports")
    rng = np.random.default_rng(0)
    answers = {f"question {q}": rng.choice(["yes", "no", "unsure"], 200) for q in range(4)}
    pd.DataFrame({"region": rng.choice(EIGHT, 200), **answers}).to_csv(folder / "people.csv", index=False)
    found = {}
    for kind, settings in SETTINGS.items():
        more = (f"data.path={folder / 'people.csv'}",) if kind == "audit" else ()
        config = composed(*settings, *more, f"run.directory={folder}")
        console = Console(file=io.StringIO(), width=100)
        assert run(config, console) == 0, console.file.getvalue()
        found[kind] = RunDirectory(config).path / "report.html"
    found["sweep"] = swept_page(folder, found["play"].parent)
    return found


def swept_page(folder, path):
    """The report of a sweep of two points, one of them the play, the other one that failed."""
    points = [("platform.rounds=40",), ("platform.rounds=-1",)]
    rows = {
        0: Row(number=0, overrides=points[0], state="done", path=str(path), **summary(path)),
        1: Row(number=1, overrides=points[1], state="failed", message="bad input: platform.rounds = -1"),
    }
    directory = SweepDirectory(folder, "rounds", points)
    directory.write(rows, set(), {}, {})
    page = sweep_page(directory.path, directory.table(rows, set(), {}), ["platform.rounds"], "equipolis --multirun")
    (directory.path / "sweep.html").write_text(page, encoding="utf-8")
    return directory.path / "sweep.html"


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


def opened(browser, path: Path, **settings):
    page = browser.new_context(viewport={"width": 1000, "height": 1300}, **settings).new_page()
    said, fetched = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(path.as_uri())
    return page, said, fetched


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fetches_nothing_and_says_nothing(kind, pages, browser):
    page, said, fetched = opened(browser, pages[kind])
    assert said == []
    assert [url for url in fetched if not url.startswith("data:")] == [pages[kind].as_uri()]
    assert page.locator("img").count() > 0
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_everybody_can_use_it(kind, pages, browser):
    page, _, _ = opened(browser, pages[kind], bypass_csp=True)  # the checker is a script
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the summary"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_one_sheet_holds_the_summary(kind, pages, browser):
    page, _, _ = opened(browser, pages[kind])
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    (sheet,) = printed.pages
    words = " ".join(sheet.extract_text().split())
    assert "How to get this again" in words
    assert len(sheet.images) == 1, "the picture that says most"
    for line in {
        "play": ("Verdict:", "Health of the run: healthy"),
        "audit": ("holds", *EIGHT),
        "study": ("agrees",),
        "sweep": ("1 of 2 points done", "rounds = -1"),
    }[kind]:
        assert line in words
    assert os.path.getsize(pages[kind]) < 3_000_000
