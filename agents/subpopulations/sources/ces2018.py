"""Cooperative Election Study 2018: 73 opinions of Americans by ideology, and by whether they post about politics.

Layout: the Common Content of 2018 on Harvard Dataverse (doi:10.7910/DVN/ZSBZ7K), as its Stata file with codes, or as
CSV; the sample of 1,000 in the R package ccesMRPprep (`cc18_samp`) has the same columns: write it with
`haven::write_dta`. The bytes are not pinned, so the user brings the file and its hash is recorded. The cumulative
file (doi:10.7910/DVN/II2DB6) has few opinions; `respondent_form.load` reads it with `group="ideo5", weight="weight"`
and the questions named.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from agents.subpopulations.sources.cells import numbers, require_columns
from agents.subpopulations.sources.coded import codebook, codes_of, respondents
from agents.subpopulations.sources.fetch import Given, own, sha256
from agents.subpopulations.sources.source import Loaded, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.errors import InputError

URL = "https://doi.org/10.7910/DVN/ZSBZ7K"
LAYOUT = "the CES Common Content of 2018, with answer codes"
IDEOLOGIES = ("Very liberal", "Liberal", "Moderate", "Conservative", "Very conservative")
SIDES = ("Left", "Left", "Center", "Right", "Right")
POSTED = ("CC18_300d_1", "CC18_300d_2")
"""Posted a story, photo, video or link about politics; posted a comment about politics (in the last day; 1 is yes)."""
GROUPINGS = {
    "ideology5": IDEOLOGIES,
    "side6": tuple(f"{side} / {where}" for side in dict.fromkeys(SIDES) for where in ("news", "social")),
}


def load(path: Given | None = None, grouping: str = "side6", weight: str = "commonweight") -> Loaded:
    """Read the survey.

    Args:
        path: The user's own copy (.dta or CSV with codes).
        grouping: "ideology5" by `ideo5` (those not sure are left out), or "side6": left, center and right, each split
            into those who posted about politics on social media ("social") and the others ("news").
        weight: Column of the weight; people without one are left out ("commonpostweight": those of both waves).

    Raises:
        InputError: No file, unknown grouping, or another layout.
    """
    if grouping not in GROUPINGS:
        raise InputError("grouping", repr(grouping), f"expected one of {', '.join(GROUPINGS)}")
    place = own(path, URL, "the Common Content of 2018 (.dta), or a sample with its columns,")
    questions = codebook("ces2018")
    needed = ["ideo5", weight, *(POSTED if grouping == "side6" else ())]
    file = read_table(place, columns=[*needed, *(question.name for question in questions)])
    require_columns(file, needed, LAYOUT)
    file = TableFile(file.path, file.rows[file.rows[weight] != ""], file.first_row)
    people = respondents(
        file,
        questions,
        layout=LAYOUT,
        groups=GROUPINGS[grouping],
        group=_ideology(file, IDEOLOGIES) if grouping == "ideology5" else _side(file),
        weights=numbers(file, weight, low=0.0),
    )
    source = Source(
        name=f"CES 2018, {grouping}",
        licence="terms of the deposit on Harvard Dataverse; not shipped",
        attribution="Brian Schaffner, Stephen Ansolabehere, Sam Luks: CCES Common Content 2018, Harvard Dataverse",
        url=URL,
        sha256=sha256(file.path),
        note=f"{people.group.size} respondents, weighted by {weight}; social: yes to {' or '.join(POSTED)}"
        if grouping == "side6"
        else f"{people.group.size} respondents, weighted by {weight}",
    )
    return Loaded(people.opinion_table(), people, source, {q.name: q.wording for q in questions})


def _ideology(file: TableFile, names: tuple[str, ...]) -> pd.Series:
    return codes_of(file, "ideo5").map({str(n + 1): name for n, name in enumerate(names)})


def _side(file: TableFile) -> pd.Series:
    posted = np.logical_or.reduce([codes_of(file, column) == "1" for column in POSTED])
    where = pd.Series(np.where(posted, " / social", " / news"), index=file.rows.index)
    return _ideology(file, SIDES) + where
