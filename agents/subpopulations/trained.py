"""Adapters for a whole population, trained from its texts once and then found again by their content."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import platformdirs

from agents.subpopulations.corpus import Text
from agents.subpopulations.training import Recipe, content_hash, is_trained_for, train_adapter


def train_population(
    texts: Mapping[str, Sequence[Text]],
    recipe: Recipe,
    model: Path,
    *,
    base: str,
    report: Callable[[str], None],
    home: Path | None = None,
) -> dict[str, Path]:
    """Train one adapter per group on a labelled corpus; those trained before on the same content are taken as they are.

    Args:
        texts: Group -> its texts to train on.
        recipe: How to train.
        model: Folder of the base model.
        base: SHA-256 of its weights.
        report: Called with one line per step worth telling.
        home: Where adapters are kept; default: the user's cache folder.

    Returns:
        Group -> folder of its adapter.
    """
    return {
        group: trained_adapter(group, own, recipe, model, base=base, report=report, home=home)
        for group, own in texts.items()
    }


def trained_adapter(
    group: str,
    texts: Sequence[Text],
    recipe: Recipe,
    model: Path,
    *,
    base: str,
    report: Callable[[str], None],
    home: Path | None = None,
    shipped: Path | None = None,
) -> Path:
    """One group's adapter: the shipped one if it was made from this content, else one from `home`, else a new one."""
    content = content_hash(recipe, texts, base)
    place = home or platformdirs.user_cache_path("equipolis") / "adapters"
    kept = place / f"{re.sub(r'[^A-Za-z0-9]+', '-', group)}-{content[:16]}"
    for folder in (shipped, kept):
        if folder is not None and is_trained_for(folder, content):
            return folder
    started = time.monotonic()
    report(f"training the {group} adapter on {len(texts)} texts (once; about two minutes)")
    train_adapter(model, texts, recipe, kept, base=base, report=lambda line: report(f"  {line}"))
    report(f"{group} adapter trained in {time.monotonic() - started:.0f} s")
    return kept
