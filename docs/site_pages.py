"""What the site needs beside docs/: pages from the top of the repository, pictures at full size, doctests as code."""

import re
from pathlib import Path

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

TOP = Path(__file__).parents[1]
PAGES = {"SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}


class Doctests(Preprocessor):
    """Fence every doctest of a docstring: to Markdown `>>>` is a quotation."""

    def run(self, lines: list[str]) -> list[str]:
        """Fences round each run of lines that begins with a prompt and ends at an empty line."""
        fenced: list[str] = []
        within = False
        for line in [*lines, ""]:
            if not within and line.startswith(">>> "):
                within = True
                fenced += ["", "```pycon"]
            elif within and not line.strip():
                within = False
                fenced.append("```")
            fenced.append(line)
        return fenced[:-1]


class DoctestExtension(Extension):
    """Doctests as code, before the fences are read."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the preprocessor ahead of the one for fences."""
        md.preprocessors.register(Doctests(md), "doctests", 40)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Docstrings are read with the extensions of the site."""
    config.markdown_extensions.append(DoctestExtension())  # type: ignore[arg-type]
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages; their links to docs/ lose that folder."""
    for name, page in PAGES.items():
        text = (TOP / name).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Links that leave docs/ for one of these pages lead to it here; a picture opens at its full size."""
    for name, page in PAGES.items():
        markdown = re.sub(rf"\]\(((?:\.\./)*)\.\./{re.escape(name)}", rf"](\g<1>{page}", markdown)
    return re.sub(r"^(!\[[^\]]*\]\(([^)]+)\))$", r"[\1](\2)", markdown, flags=re.MULTILINE)
