"""Why Many Americans Don't Vote: 5,836 people surveyed by FiveThirtyEight and Ipsos in 2020.

Layout: github.com/fivethirtyeight/data, folder non-voters, nonvoters_data.csv and its codebook. Groups by party: Q30
= 1 Republican, Q30 = 2 Democrat, else Q33 = 1 or 2 for those who lean to one, else unaligned. 57 questions on
opinions; codes outside their options are no answer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from agents.subpopulations.sources.cells import filled, numbers, require_columns
from agents.subpopulations.sources.coded import codebook, codes_of, respondents
from agents.subpopulations.sources.fetch import Download, Given, obtain, sha256
from agents.subpopulations.sources.source import Loaded, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.errors import InputError

PUBLISHED = Download(
    url="https://raw.githubusercontent.com/fivethirtyeight/data/40503d9bc464efd2e31ddf5b5c7a1815176b7359/non-voters/"
    "nonvoters_data.csv",
    sha256="c3a8e5b5a2a82e137f60a63c073326f642a7794c91d8e56fc63195efcf0098f8",
    name="fivethirtyeight_nonvoters_data.csv",
)
LAYOUT = "FiveThirtyEight's nonvoters_data.csv of 2020"
PARTIES = ("Democrat", "Lean Democrat", "Unaligned", "Lean Republican", "Republican")
SIDES = ("Left", "Left", "Center", "Right", "Right")
GROUPINGS = {
    "party5": PARTIES,
    "side6": tuple(
        f"{side} / {habit}" for side in dict.fromkeys(SIDES) for habit in ("always-voter", "irregular-voter")
    ),
}


def load(path: Given | None = None, grouping: str = "party5") -> Loaded:
    """Read the survey.

    Args:
        path: The user's own copy; None for the published file, downloaded once (CC BY 4.0).
        grouping: "party5", or "side6": left, center and right (leaners with their side, the unaligned in the center),
            each split into those who always vote and the others.

    Raises:
        InputError: Unknown grouping, no file to be had, or another layout.
    """
    if grouping not in GROUPINGS:
        raise InputError("grouping", repr(grouping), f"expected one of {', '.join(GROUPINGS)}")
    file = read_table(obtain(path, PUBLISHED))
    require_columns(file, ("Q30", "Q33", "voter_category", "weight"), LAYOUT)
    questions = codebook("fivethirtyeight")
    people = respondents(
        file,
        questions,
        layout=LAYOUT,
        groups=GROUPINGS[grouping],
        group=_party(file) if grouping == "party5" else _side(file),
        weights=numbers(file, "weight", low=0.0),
    )
    digest = sha256(file.path)
    same = "the published bytes" if digest == PUBLISHED.sha256 else "not the published bytes"
    source = Source(
        name=f"FiveThirtyEight non-voters, {grouping}",
        licence="CC BY 4.0",
        attribution="FiveThirtyEight/Ipsos, Why Many Americans Don't Vote (2020), CC BY 4.0; aggregated to group-level "
        "answer shares",
        url="https://github.com/fivethirtyeight/data/tree/master/non-voters",
        sha256=digest,
        note=f"{same}; answers weighted by `weight`",
    )
    return Loaded(people.opinion_table(), people, source, {q.name: q.wording for q in questions})


def _party(file: TableFile) -> pd.Series:
    party, leaning = codes_of(file, "Q30"), codes_of(file, "Q33")
    conditions = [party == "2", party == "1", leaning == "2", leaning == "1"]
    names = ["Democrat", "Republican", "Lean Democrat", "Lean Republican"]
    return pd.Series(np.select(conditions, names, "Unaligned"), index=file.rows.index)


def _side(file: TableFile) -> pd.Series:
    sides = _party(file).map(dict(zip(PARTIES, SIDES, strict=True)))
    always = filled(file, "voter_category") == "always"
    return sides + " / " + always.map({True: "always-voter", False: "irregular-voter"})
