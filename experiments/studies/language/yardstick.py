"""Real people as the yardstick: do a language model's answers give their inconsistencies, and their maps?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import spearmanr

from experiments.studies.evidence import Evidence
from experiments.studies.language.evidence import drawn
from experiments.study import Claim
from sim.arrays import Array
from sim.estimation import GameEstimator, OpinionTable, percentile_interval
from sim.maps import ExclusionMap, exclusion_map


def terms_like_people(model: Evidence, people: Evidence) -> Claim:
    """Does the model see the groups' inconsistencies as they are? a is the survey's for both."""
    own, true = (np.diag(one.terms.inconsistency) for one in (model, people))
    ends = [percentile_interval(np.diagonal(drawn(one).inconsistency, axis1=1, axis2=2)) for one in (model, people)]
    agree = (ends[0].low <= ends[1].high) & (ends[1].low <= ends[0].high)
    return Claim(
        name="inconsistency like that of people",
        statement="Each group is as inconsistent in the language model's answers as in real people's.",
        found=f"intervals overlap for {agree.sum()} of {agree.size} groups; {own.min():.3f} to {own.max():.3f} against "
        f"{true.min():.3f} to {true.max():.3f}: the model makes groups differ {np.ptp(own) / np.ptp(true):.2f} times "
        f"as much as they do; rank correlation {float(spearmanr(own, true).statistic):+.2f}",
        holds=bool(agree.all()),
    )


def maps_like_people(model: Evidence, people: Evidence, known: ExclusionMap, estimator: GameEstimator) -> Claim:
    """Do the model's answers give the people's map, better than if every group answered alike?

    Only C is compared: a is the survey's for both.

    Args:
        model: The language model.
        people: The people.
        known: Their map, with mixtures.
        estimator: How C is made.
    """
    away = _distance(people, known, model.terms.inconsistency)
    low, high = percentile_interval([_distance(people, known, one) for one in drawn(model).inconsistency])
    everybody = estimator(answering_alike(people.loaded.table)).inconsistency
    alike = _distance(people, known, everybody)
    return Claim(
        name="maps like those of people",
        statement="With the language model's C, equilibria lie nearer to people's than if every group answered alike.",
        found=f"mean total variation from people's equilibria over the map: {away:.4f} [{low:.4f}, {high:.4f}] with "
        f"the model's C, {alike:.4f} with every group alike: {1 - away / alike:.0%} of the "
        "way. The people's a and S in both",
        holds=True if high < alike else False if low > alike else None,
    )


def answering_alike(table: OpinionTable) -> OpinionTable:
    """The table if every group answered as all people do: only what is inside the groups is left."""
    size = len(table.groups)
    return replace(table, probabilities=tuple(np.tile(answers, (size, 1)) for answers in table.mean_answers()))


def _distance(people: Evidence, known: ExclusionMap, inconsistency: Array) -> float:
    """Mean total variation of the equilibria, cell by cell, from a known map's, with another C in the people's game."""
    found = exclusion_map(
        attractiveness=people.terms.attractiveness,
        inconsistency=inconsistency,
        similarity=people.terms.similarity,
        grid={**dict(zip(known.grid.names, known.grid.values, strict=True)), known.grid.fixed[0]: known.grid.fixed[1]},
        threshold=known.threshold,
    )
    return float(np.abs(found.mixtures - known.mixtures).sum(axis=2).mean() / 2)
