"""D3CODE: moral foundations of 4,309 raters of eight regions of the world.

Layout: d3-raters.csv of github.com/google-research-datasets/D3code at commit 6f1d050: Age, Gender, Region, Country,
SES and the mean score of each moral foundation (MFQ-2, 1 to 5, care to purity). A score is read as the answer it
rounds to, halves to the even one. The bytes are not pinned, so the user brings the file and its hash is recorded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.subpopulations.sources.cells import filled, numbers, positions, require_columns
from agents.subpopulations.sources.fetch import Given, own, sha256
from agents.subpopulations.sources.respondent_form import refuse_lone_respondents
from agents.subpopulations.sources.source import Loaded, Source
from agents.subpopulations.sources.table_file import TableFile, read_table
from sim.errors import InputError
from sim.estimation.respondents import Respondents

URL = "https://github.com/google-research-datasets/D3code"
LAYOUT = "D3CODE's d3-raters.csv"
FOUNDATIONS = ("care", "equality", "proportionality", "authority", "loyalty", "purity")
ANSWERS = ("1", "2", "3", "4", "5")


def load(path: Given | None = None, group: str = "Region") -> Loaded:
    """Read the raters.

    Args:
        path: The user's own d3-raters.csv.
        group: Column of the group: Region, Country, Age or Gender.

    Raises:
        InputError: No file, another layout, or a score outside 1 to 5.
    """
    file = read_table(own(path, URL, "d3-raters.csv"))
    require_columns(file, (group, *FOUNDATIONS), LAYOUT)
    cells = filled(file, group)
    groups = tuple(sorted(set(cells)))
    people = Respondents(
        groups=groups,
        questions=tuple(f"MFQ2_{name}" for name in FOUNDATIONS),
        options=(ANSWERS,) * len(FOUNDATIONS),
        ordinal=(True,) * len(FOUNDATIONS),
        group=positions(cells, groups),
        answers=np.stack([_rounded(file, name) for name in FOUNDATIONS], axis=1),
        weights=np.ones(len(cells)),
    )
    refuse_lone_respondents(people, file)
    source = Source(
        name=f"D3CODE moral foundations by {group}",
        licence="CC BY 4.0",
        attribution="Mostafazadeh Davani, Diaz, Baker, Prabhakaran: D3CODE (2024), CC BY 4.0",
        url=URL,
        sha256=sha256(file.path),
        note=f"{people.group.size} raters, unweighted; mean scores rounded to 1 to 5; balanced by design: the "
        "groups' shares are the sample's, not a population's",
    )
    wording = {f"MFQ2_{name}": f"Moral foundation score: {name} (rounded mean of items, 1-5)" for name in FOUNDATIONS}
    return Loaded(people.opinion_table(), people, source, wording)


def _rounded(file: TableFile, name: str) -> NDArray[np.int32]:
    scores = numbers(file, name)
    wrong = np.flatnonzero((scores < 1) | (scores > len(ANSWERS)))
    if wrong.size:
        at = file.rows.index[wrong[0]]
        raise InputError(
            f"{name} in {file.row(at)}", scores[wrong[0]], f"expected a mean score from 1 to {len(ANSWERS)}"
        )
    return np.rint(scores).astype(np.int32) - 1
