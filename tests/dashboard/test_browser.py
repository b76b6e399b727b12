"""A real browser drives the dashboard: maps follow sliders, runs open and go on, reports are saved, nothing breaks.

Needs Chromium. Continuous integration (CI=1) fails without it; elsewhere these tests are skipped and say why.
"""

from __future__ import annotations

import base64
import io
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from experiments.dashboard import explorer_model
from experiments.dashboard.tables import examples
from tests.browser import chromium

pytestmark = pytest.mark.slow
WAIT = 60_000
"""Milliseconds: the machine may be busy."""
DRAG = """async ([k, positions]) => {
  const slider = document.querySelectorAll('.slide input')[k], image = document.querySelectorAll('.map-field img')[k]
  const taken = []
  for (const position of positions) {
    const before = image.src, start = performance.now()
    slider.value = String(position)
    slider.dispatchEvent(new Event('input'))
    while (image.src === before) await new Promise(done => setTimeout(done, 1))
    await image.decode()
    taken.push(performance.now() - start)
  }
  return taken
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address(runs) -> Iterator[str]:
    """The dashboard, served by its own command on a free port."""
    command = [sys.executable, "-m", "experiments.command", "dashboard", str(runs), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            said = []
            for line in server.stdout:
                said.append(line)
                if found := re.search(r"dashboard: (http://\S+)", line):
                    break
            assert said, "the server said nothing"
            assert found, "".join(said)
            yield found[1]
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture
def page(browser, address) -> Iterator[Page]:
    """A page whose console stays without errors and whose requests stay on this machine."""
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    wrong: list[str] = []
    hosts: set[str | None] = set()
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: hosts.add(urlsplit(asked.url).hostname))
    opened.on("response", lambda got: wrong.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    opened.set_default_timeout(WAIT)
    opened.goto(address)
    expect(opened.get_by_role("tab", name="Incentives")).to_be_visible(timeout=WAIT)
    yield opened
    opened.close()
    assert wrong == []
    assert hosts <= {"localhost", "127.0.0.1", None}


def _picture(page: Page, k: int) -> np.ndarray:
    source = page.locator(".map-field img").nth(k).get_attribute("src")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",", 1)[1]))))


def test_dragging_an_incentive_redraws_the_librarys_map(page):
    expect(page.locator(".map-field img")).to_have_count(3)
    table = examples()[0]
    before = _picture(page, 0)
    taken = page.evaluate(DRAG, [0, [-0.5 + 0.1 * k for k in range(16)]])
    page.wait_for_function("document.querySelectorAll('.slide output')[0].innerText === '10'")
    print(f"slider to picture, ms: median {np.median(taken):.0f}, least {min(taken):.0f}, most {max(taken):.0f}")
    found = explorer_model.plane(table, "attractiveness", 10.0, 0.05)
    shown = _picture(page, 0)
    assert (shown != before).any()
    assert (shown == explorer_model.colours(found, 2, explorer_model.highest_weight(found, 2))).all()
    expect(page.get_by_text("boundary: not every group is used")).to_be_visible()
    expect(page.get_by_text("What brings a group back")).to_be_visible()


def test_a_click_on_a_map_moves_both_incentives(page):
    field = page.locator(".map-field").nth(2)
    expect(field).to_be_visible()
    box = field.bounding_box()
    field.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.25})
    expect(page.locator(".slide output").nth(0)).to_have_text(re.compile(r"^0\.1"))
    expect(page.locator(".slide output").nth(1)).to_have_text(re.compile(r"^(9\.|10)"))


def test_a_lever_is_applied(page):
    page.get_by_role("tab", name="Levers").click()
    page.get_by_role("button", name="Apply: diversity alone").click()
    page.get_by_role("tab", name="Incentives").click()
    value = page.locator(".slide output").nth(2)
    expect(value).not_to_have_text("1")
    assert float(value.inner_text()) > 1.0


def test_a_run_opens_and_its_report_is_saved(page, runs, tmp_path):
    finished = next(place for place in runs.iterdir() if (place / "DONE").exists())
    page.get_by_role("tab", name="Run").click()
    _open(page, finished.name)
    expect(page.get_by_text("Mean weights by round")).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_text("Save the report").click()
    saving.value.save_as(tmp_path / "saved.html")
    assert (tmp_path / "saved.html").read_bytes() == (finished / "report.html").read_bytes()


def _open(page: Page, path: str) -> None:
    field = page.get_by_label("or the path of a run directory, then Enter")
    field.fill(path)
    field.press("Enter")


def test_bad_files_and_foreign_paths_are_messages_and_the_app_lives_on(page, runs):
    finished = next(place for place in runs.iterdir() if (place / "DONE").exists())
    bad = runs / "bad"
    shutil.copytree(finished, bad)
    try:
        (bad / "rounds.parquet").write_bytes(b"PAR1 half")
        (bad / "verdict.json").write_text('{"verdict": ')
        page.get_by_role("tab", name="Run").click()
        _open(page, "/etc/passwd")
        expect(page.get_by_text("outside of what may be opened here")).to_be_visible()
        _open(page, "bad")
        expect(page.get_by_text("verdict.json =")).to_be_visible()
        expect(page.get_by_text("rounds.parquet =")).to_be_visible()
        _open(page, finished.name)
        expect(page.get_by_text("Mean weights by round")).to_be_visible()
        expect(page.get_by_text("rounds.parquet =")).to_have_count(0)
    finally:
        shutil.rmtree(bad)


def test_a_play_is_followed_while_it_goes_on(page, runs):
    finished = next(place for place in runs.iterdir() if (place / "DONE").exists())
    live = runs / "live"
    (live / "progress").mkdir(parents=True)
    frames = {kind: pd.read_parquet(finished / f"{kind}.parquet") for kind in ("rounds", "posts")}
    evil = "<img src=x onerror=alert(1)>"
    frames["posts"].loc[frames["posts"]["round"] == 1, "text"] = evil

    def play(number: int) -> None:
        for kind in ("posts", "rounds"):
            frame = frames[kind]
            frame[frame["round"] == number].to_parquet(live / "progress" / f"{kind}-{number:06d}.parquet")
        said = f'{{"state": "running", "message": "playing", "rounds_played": {number + 1}, "rounds": 32}}'
        (live / "status.json").write_text(said)

    try:
        shutil.copy(finished / "prediction.json", live)
        (live / "status.json").write_text('{"state": "running", "message": "voices"}')
        page.get_by_role("tab", name="Run").click()
        _open(page, "live")
        expect(page.get_by_text("No round has been played yet")).to_be_visible()
        play(0)
        expect(page.get_by_text("1 of 32 rounds")).to_be_visible(timeout=WAIT)
        expect(page.get_by_text("Exploitability by round")).to_be_visible()
        play(1)
        expect(page.get_by_text("2 of 32 rounds")).to_be_visible(timeout=WAIT)
        expect(page.get_by_text(evil).first).to_be_visible()
        assert page.locator(".post img").count() == 0
    finally:
        shutil.rmtree(live)


def test_the_other_panels_open(page):
    page.get_by_role("tab", name="Oversight").click()
    expect(page.get_by_text("How they move")).to_be_visible()
    page.get_by_role("tab", name="Compare").click()
    expect(page.get_by_text("Runs side by side")).to_be_visible()
    page.keyboard.press("ArrowLeft")


@pytest.mark.parametrize(
    ("header", "value"), [("Host", "evil.example"), ("Origin", "http://evil.example"), ("Host", "127.0.0.1.evil:80")]
)
def test_foreign_names_and_pages_are_refused(address, header, value):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address, headers={header: value}), timeout=60)  # noqa: S310 - ours
    assert refused.value.code == 403
