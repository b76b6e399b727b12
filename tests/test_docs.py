"""Every block of code in the README and in docs/ runs and prints what it says; every link leads somewhere.

A block of Python ends with the lines that it prints, after `# -> `. A block of commands (`sh`) may be followed by one
of `text`: lines that the commands print. A block with a title is a file. What can't run here says why, in a comment
`<!-- not run: ... -->` above it; its commands must exist and compose all the same. The blocks of a page share a folder.
"""

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from experiments.command import spelled_out

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(
    r"(?:<!-- not run: (?P<reason>[^\n]*?) -->\n)?"
    r"^```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


class Block(NamedTuple):
    """One block of code.

    Attributes:
        language: python, sh, text, ...
        text: The code.
        title: Name of the file it is, or None.
        reason: Why it is not run, or None.
    """

    language: str
    text: str
    title: str | None
    reason: str | None

    @property
    def promised(self) -> list[str]:
        """Lines that a block of Python says it prints."""
        return re.findall(r"^# -> (.*)$", self.text, re.MULTILINE)

    @property
    def commands(self) -> list[str]:
        """Its commands, a line each, without comments."""
        joined = self.text.replace("\\\n", " ")
        return [line.split("  #")[0].strip() for line in joined.splitlines() if line.strip()]


def name_of(page: Path) -> str:
    """A page as one says it."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> list[Block]:
    """All blocks of a page, in order."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [Block(m["language"], m["text"], m["title"], m["reason"]) for m in found]


def every(page: Path, language: str) -> list[Block]:
    return [block for block in blocks_of(page) if block.language == language and block.title is None]


WITH_COMMANDS = [page for page in PAGES if every(page, "sh")]
FOLLOWED = [page for page in WITH_COMMANDS if any(block.reason is None for block in every(page, "sh"))]
WITH_PYTHON = [page for page in PAGES if page not in FOLLOWED and every(page, "python")]
VERBS = ("dashboard", "doctor", "pdf", "recording")
"""Commands that take no configuration."""
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
def test_python_prints_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number, block in enumerate(every(page, "python")):
        if block.reason is None:
            execute(block, f"{name_of(page)}, block {number}")


def execute(block: Block, where: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.text, where, "exec"), {})  # noqa: S102 - our own documentation
    assert block.promised, f"{where} must say what it prints"
    assert printed.getvalue().splitlines() == block.promised, where


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_commands_exist_and_their_keys_too(page, composed):
    for block in every(page, "sh"):
        for command in block.commands:
            words = shlex.split(command)
            if words[0] == "make":
                assert set(words[1:]) <= {"..."} | set(TARGETS), command
            elif words[0] == "equipolis" and words[1] not in VERBS and "--config-dir" not in words:
                composed(*(first_of(word) for word in spelled_out(words[1:]) if not word.startswith("-")))


def first_of(override: str) -> str:
    """An override with the first of the values that a sweep gives it."""
    parsed = OverridesParser.create().parse_override(override)
    return (
        f"{parsed.input_line.partition('=')[0]}={next(parsed.sweep_string_iterator())}"
        if parsed.is_sweep_override()
        else override
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", FOLLOWED, ids=name_of)
def test_a_page_followed_from_top_to_bottom(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "COLUMNS": "120", "OMP_NUM_THREADS": "1"}
    printed = ""
    for block in blocks_of(page):
        if block.reason is not None:
            printed = ""
        elif block.title is not None:
            Path(block.title).parent.mkdir(parents=True, exist_ok=True)
            Path(block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            execute(block, name_of(page))
        elif block.language == "sh":
            done = subprocess.run(
                ["/bin/bash", "-euo", "pipefail", "-c", block.text],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=900,
            )
            assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"
            printed = squeezed(done.stdout)
        elif block.language == "text" and printed:
            for line in block.text.splitlines():
                assert squeezed(line) in printed, f"{line!r} is not what was printed:\n{printed}"


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_what_is_not_run_says_why():
    for page in WITH_COMMANDS:
        for block in every(page, "sh"):
            assert block.reason is None or len(block.reason.split()) >= 3, f"{name_of(page)}: {block.text}"


@pytest.mark.parametrize("page", [*PAGES, ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"], ids=name_of)
def test_links_lead_somewhere(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        found = page.parent / file if file else page
        if target.startswith("http"):
            continue
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert not broken


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub and the site make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("notebook", sorted((ROOT / "docs").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_fetches_nothing(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    fetched = set()
    for page in tmp_path.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        fetched |= set(re.findall(r"<(?:link|script|img|iframe)\b[^>]*?(?:href|src)=[\"']?(https?://[^\"'\s>]+)", html))
    assert not fetched, "the site must work without a network"
