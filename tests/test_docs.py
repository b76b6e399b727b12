"""Every Python block in the README and in docs/ runs and prints what it says it prints."""

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCKS = [
    (page.relative_to(ROOT).as_posix(), number, block)
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.mark.parametrize(("page", "number", "block"), BLOCKS, ids=[f"{page}-{number}" for page, number, _ in BLOCKS])
def test_block_prints_what_it_says(page, number, block):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block, f"{page}, block {number}", "exec"), {})  # noqa: S102 - our own documentation
    promised = re.findall(r"^# -> (.*)$", block, re.MULTILINE)
    assert promised, "a block must say what it prints"
    assert printed.getvalue().splitlines() == promised


def test_links_in_the_documentation_lead_somewhere():
    broken = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http") and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert not broken
