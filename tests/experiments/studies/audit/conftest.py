"""A survey that no loader has seen: eight groups, thirty questions, two thousand weighted people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

GROUPS = ("Harbour", "Old town", "Hill farms", "Rail yards", "University", "River bend", "Newcomers", "Night shift")
SHARES = (0.27, 0.20, 0.15, 0.12, 0.10, 0.07, 0.05, 0.04)


@pytest.fixture(scope="session")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The survey as a CSV with a row per respondent; some answers are missing."""
    rng = np.random.default_rng(5)
    people = 2000
    group = rng.choice(8, people, p=SHARES)
    place = rng.normal(size=(8, 3)) * [1.2, 0.8, 0.5]
    columns: dict[str, object] = {
        "group": np.array(GROUPS)[group],
        "weight": rng.lognormal(0, 0.3, people).round(3),
    }
    for question in range(30):
        count = int(rng.integers(2, 6))
        pull = rng.normal(size=count) * 0.5 + place[group] @ (0.8 * rng.normal(size=(3, count)))
        answers = np.array([f"option {k + 1}" for k in (pull + rng.gumbel(size=pull.shape)).argmax(axis=1)], object)
        answers[rng.random(people) < 0.03] = ""
        columns[f"Q{question + 1}"] = answers
    path = tmp_path_factory.mktemp("survey") / "eight towns.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path
