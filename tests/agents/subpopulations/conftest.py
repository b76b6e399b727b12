"""The real packaged model, the real people, and an adapter of two steps, once for the whole session."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.language.embeddings import SentenceEmbedder
from agents.language.identity import model_identity
from agents.language.packaged_model import packaged_model
from agents.subpopulations.bigfive.material import TRAITS
from agents.subpopulations.bigfive.people import people_table
from sim.estimation.opinion_table import OpinionTable


@pytest.fixture(scope="session")
def model_folder() -> Path:
    return packaged_model()


@pytest.fixture(scope="session")
def base_hash(model_folder: Path) -> str:
    """Hash of the packaged model's weights: what a shipped adapter names as its base."""
    return model_identity(model_folder).weights_sha256


@pytest.fixture(scope="session")
def embedder() -> SentenceEmbedder:
    return SentenceEmbedder()


@pytest.fixture(scope="session")
def people() -> OpinionTable:
    return people_table(TRAITS)
