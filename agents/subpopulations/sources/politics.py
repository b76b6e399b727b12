"""POLITICS: news articles of the left, the center and the right (BIGNEWSBLN, the balanced part of BIGNEWS).

Layout (github.com/launchnlp/POLITICS; files sent on request): BIGNEWSBLN_left.json, _center.json, _right.json, each
a list of articles {"text": [paragraph, ...], ...}, perhaps with "title". The articles belong to their publishers and
no licence is stated, so nothing is shipped or downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from agents.subpopulations.corpus import Text, split_corpus
from agents.subpopulations.sources.fetch import Given, own, sha256
from agents.subpopulations.sources.source import LoadedCorpus, Source
from agents.subpopulations.subpopulation_model import POST_PROMPT
from sim.errors import InputError
from sim.randomness import generator

URL = "https://github.com/launchnlp/POLITICS"
SIDES = {"Left": "left", "Center": "center", "Right": "right"}
CHUNK = 1 << 20
LONGEST = 1 << 20
"""No paragraph is longer: JSON that goes wrong further from the end of what was read is not merely cut off."""


def load(
    path: Given | None = None, *, articles: int = 2000, paragraphs: int = 2, heldout: float = 0.1, seed: int = 0
) -> LoadedCorpus:
    """Draw articles of each side.

    Args:
        path: Folder of the three files.
        articles: How many to draw of each side, by lot from the whole file, which is never held in memory.
        paragraphs: How many of an article's first paragraphs make the text.
        heldout: Share of the texts that is held out.
        seed: Seed of both lots.

    Raises:
        InputError: No folder, a file missing or not such a list, or an article without text.
    """
    folder = own(path, URL, "BIGNEWSBLN (by the form in the repository's README)")
    files = {side: folder / f"BIGNEWSBLN_{name}.json" for side, name in SIDES.items()}
    for file in files.values():
        if not file.is_file():
            raise InputError(
                "path", folder, f"no {file.name} in it; expected {', '.join(f.name for f in files.values())}"
            )
    texts = {
        side: [_text(*found, paragraphs) for found in _draw(file, side, articles, seed)] for side, file in files.items()
    }
    source = Source(
        name="POLITICS, BIGNEWSBLN",
        licence="none stated; the articles belong to their publishers; not shipped, not downloaded",
        attribution="Liu et al., POLITICS: Pretraining with Same-story Article Comparison (NAACL Findings 2022)",
        url=URL,
        sha256=sha256(folder),
        note=f"{', '.join(f'{len(own_texts)} {side}' for side, own_texts in texts.items())}: the first {paragraphs} "
        f"paragraph(s) of articles drawn with seed {seed}",
    )
    return LoadedCorpus(split_corpus(texts, heldout, seed), source)


Article = Mapping[str, object]


def _draw(file: Path, side: str, count: int, seed: int) -> list[tuple[str, Article]]:
    """A sample without replacement in one pass (reservoir), with where each article stands."""
    lot = generator(seed, round=0, agent=-1, purpose=f"articles of {side}")
    drawn: list[tuple[str, Article]] = []
    for n, article in enumerate(_articles(file)):
        place = n if n < count else int(lot.integers(n + 1))
        if n < count:
            drawn.append((f"{file.name}, article {n + 1}", article))
        elif place < count:
            drawn[place] = (f"{file.name}, article {n + 1}", article)
    return drawn


def _articles(file: Path) -> Iterator[Article]:
    """The articles of a JSON list, one after another."""
    decoder, buffer, number = json.JSONDecoder(), "", 0
    with file.open(encoding="utf-8") as stream:
        if (start := stream.read(CHUNK).lstrip()[:1]) != "[":
            raise InputError(f"first character of {file.name}", repr(start), "expected a JSON list of articles")
        stream.seek(0)
        buffer = stream.read(CHUNK).lstrip()[1:]
        while True:
            buffer = buffer.lstrip(" \n\r\t,")
            if buffer.startswith("]"):
                return
            try:
                article, end = decoder.raw_decode(buffer)
            except json.JSONDecodeError as error:
                more = stream.read(CHUNK) if len(buffer) - error.pos <= LONGEST else ""
                if not more:
                    remedy = "the list breaks off or is not JSON; fetch the file again"
                    raise InputError(f"{file.name}, article {number + 1}", error.msg, remedy) from error
                buffer += more
                continue
            number += 1
            if not isinstance(article, dict) or not article.get("text"):
                remedy = 'expected {"text": [paragraph, ...], ...} with some text; delete it'
                raise InputError(f"{file.name}, article {number}", repr(article)[:60], remedy)
            yield article
            buffer = buffer[end:]


def _text(where: str, article: Article, paragraphs: int) -> Text:
    given = article["text"]
    parts = [str(part).strip() for part in given] if isinstance(given, list) else str(given).split("\n")
    said = " ".join([part for part in parts if part.strip()][:paragraphs])
    if not said:
        raise InputError(where, repr(given)[:60], "no text in it; delete the article")
    title = str(article.get("title") or "").strip()
    return Text(POST_PROMPT.format(topic=title) if title else "", f" {said}")
