"""From the answers of a language model to a, C and S, and how sure they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from agents.subpopulations.sources.source import Loaded, Source
from experiments.studies.evidence import NO_DRAWS, Evidence, bounds
from experiments.studies.language.model_opinions import ModelOpinions
from sim.arrays import whole_number
from sim.errors import InputError
from sim.estimation import GameDraws, GameEstimator, bootstrap_clusters
from sim.randomness import generator, request_seed

LIMITS = (
    "What all people answer to an item, and one slope, come from the survey; who deviates from it and where to comes "
    "from the language model. The intervals hold both fixed, and few prompts make them too narrow.",
    "Where a is the groups' share of people, models differ by C alone, and calibrated answers differ little: see what "
    "estimate/attractiveness=reach makes of the same answers.",
    "The paper's grid, C, S and whom its table counts are not published: sizes can be compared, not reproduced.",
)


def language_evidence(
    label: str, opinions: ModelOpinions, estimator: GameEstimator, *, draws: int, seed: int
) -> Evidence:
    """a, C and S of a language model's answers; in each draw prompts are drawn again, and people for the shares.

    Draw k of two models uses the same prompts and people where they were asked the same, so differences can be taken
    draw by draw.

    Args:
        label: What the model is called in tables.
        opinions: Its answers.
        estimator: How a, C and S are made, of the answers and of every draw.
        draws: Number of draws.
        seed: Of the draws.

    Raises:
        InputError: As of the estimator and of `bootstrap_clusters`.
    """
    whole_number("study.draws", draws, minimum=2)
    table = opinions.answers.opinion_table(opinions.shares)
    clusters, found = opinions.answers.clusters(), []
    for draw in range(draws):
        drawn = table
        if opinions.people is not None:
            rng = generator(seed, round=draw, agent=-1, purpose="bootstrap shares")
            drawn = replace(table, shares=rng.multinomial(opinions.people, opinions.shares) / opinions.people)
        one = bootstrap_clusters(
            drawn,
            clusters,
            draws=1,
            seed=request_seed(seed, round=draw, agent=-1, purpose="bootstrap prompts"),
            estimator=estimator,
            sampled=opinions.answers.sampled,
            together=True,
        )
        found.append(one[0])
    people = "" if opinions.people is None else f", and of {opinions.people:,} people for the groups' shares"
    how = f"{draws} draws of {len(clusters[0])} prompts{people}; a, C and S made again from each, seed {seed}"
    provenance = (*estimator.provenance, f"bootstrap: {how}")
    return Evidence(
        loaded=Loaded(table, None, _source(label, opinions)),
        terms=estimator(table),
        draws=GameDraws.of(found, groups=table.groups, provenance=provenance),
        bootstrap=how,
        provenance=estimator.provenance,
    )


def drawn(evidence: Evidence) -> GameDraws:
    """The draws of a data set that must have some.

    Raises:
        InputError: Nothing can be drawn from it.
    """
    if evidence.draws is None:
        raise InputError("data", evidence.loaded.source.name, f"{NO_DRAWS}; give respondents, or numbers of them")
    return evidence.draws


def term_rows(evidence: dict[str, Evidence]) -> pd.DataFrame:
    """Every entry of a, C and S with its interval, by whom it is of."""
    rows: list[tuple[object, ...]] = []
    for label, one in evidence.items():
        groups, draws = one.groups, one.draws
        for g, first in enumerate(groups):
            drawn = None if draws is None else draws.attractiveness[:, g]
            rows.append((label, "a", first, "", one.terms.attractiveness[g], *bounds(drawn)))
        for term, name in (("C", "inconsistency"), ("S", "similarity")):
            for g, h in zip(*np.triu_indices(len(groups)), strict=True):
                drawn = None if draws is None else getattr(draws, name)[:, g, h]
                estimate = getattr(one.terms, name)[g, h]
                rows.append((label, term, groups[g], groups[h], estimate, *bounds(drawn)))
    return pd.DataFrame(rows, columns=["of", "term", "group", "with", "estimate", "low", "high"])


def _source(label: str, opinions: ModelOpinions) -> Source:
    return Source(
        name=label,
        licence="that of the model's publisher; answers only, no weights are kept",
        attribution=opinions.model["name"],
        url="",
        sha256=opinions.model["weights_sha256"],
        note=f"revision {opinions.model['revision']}, read with {opinions.model['backend']}; {opinions.judged}",
    )
