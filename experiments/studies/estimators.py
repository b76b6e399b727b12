"""Estimators that need more than the table of a study: a second wave of answers, or the texts of the options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agents.language.embeddings import SentenceEmbedder
from agents.subpopulations.sources.source import Loaded
from experiments.studies.evidence import Loader
from experiments.targets import named
from sim.errors import InputError
from sim.estimation import Embedded, FeatureCosine, Respondents, Retest, pairs_of_people


def function(path: str) -> Callable[..., Any]:
    """An estimator without settings.

    Args:
        path: Its place, such as sim.estimation.reach.

    Raises:
        InputError: It is not what a configuration may name.
    """
    return named(path, "path")


def retest(first: Loader, second: Loader) -> Retest:
    """C from people asked twice.

    Args:
        first: The answers that are studied.
        second: Those of the same people, in the same order, asked again.

    Raises:
        InputError: One of the two has no respondents, or they are not the same people.
    """
    return Retest(pairs=pairs_of_people(_people("first", first()), _people("second", second())))


def embedded(data: Loader) -> Embedded:
    """Features of answers: embeddings of the options' texts, each after the wording of its question.

    Args:
        data: The data set that is studied.

    Raises:
        InputError: The options have no texts.
    """
    loaded = data()
    table = loaded.table
    if table.options is None:
        raise InputError("options", None, "embeddings need the texts of the options; use nominal features")
    embedder = SentenceEmbedder()
    return Embedded(
        vectors=tuple(
            embedder.embed([f"{loaded.wording.get(question, question)} {label}" for label in labels])
            for question, labels in zip(table.questions, table.options, strict=True)
        )
    )


def embedding_cosine(data: Loader) -> FeatureCosine:
    """S from the mean embedding of each group's answers, made again with every draw.

    Args:
        data: The data set that is studied.

    Raises:
        InputError: As of `embedded`.
    """
    return FeatureCosine(features=embedded(data))


def _people(field: str, loaded: Loaded) -> Respondents:
    if loaded.respondents is None:
        raise InputError(field, loaded.source.name, "a retest needs answers person by person, in respondent form")
    return loaded.respondents
