"""Rebuild the shipped Big Five adapters from their texts, or verify that the shipped ones belong to them.

`make adapters` trains all into the source tree and checks their quality; `make verify-adapters` only checks.
"""

from __future__ import annotations

import argparse
import sys

from agents.language.identity import model_identity
from agents.language.packaged_model import packaged_model
from agents.language.transformers_model import TransformersLanguageModel
from agents.subpopulations.bigfive.material import STATEMENT_PROMPT, TRAITS, corpus
from agents.subpopulations.bigfive.population import SHIPPED, BigFive, shipped_adapter
from agents.subpopulations.training import content_hash, is_trained_for, train_adapter

GATE_MARGIN = 0.25


def main() -> None:
    """Rebuild or verify."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verify", action="store_true", help="check the shipped adapters, train nothing")
    verify = parser.parse_args().verify
    model = packaged_model(report=_say)
    base = model_identity(model).weights_sha256
    for recipe in SHIPPED:
        _say(f"adapters of rank {recipe.rank}")
        for trait, name in TRAITS.items():
            words, folder = corpus(trait), shipped_adapter(trait, recipe)
            if is_trained_for(folder, content_hash(recipe, words, base)):
                _say(f"{name}: belongs to these texts, this recipe and this base model")
            elif verify:
                sys.exit(f"{name}: the adapter in {folder.name}/ was made from other texts; run `make adapters`")
            else:
                _say(f"{name}: training on {len(words)} texts")
                train_adapter(model, words, recipe, folder, base=base, report=_say)
        population = BigFive("adapter", GATE_MARGIN, [STATEMENT_PROMPT], recipe=recipe)
        with TransformersLanguageModel(model, population.adapters(model, base, _say), dtype="float32") as language:
            quality = population.quality(language, population.opinions(language, _say))
        for line in quality.lines():
            _say(line)
        quality.require()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
