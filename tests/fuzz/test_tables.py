"""Malformed surveys and opinion tables, through what `equipolis audit` reads and estimates with."""

import csv
import io

import pytest

from agents.subpopulations.sources.user_file import load
from experiments.making import made
from tests.fuzz.harness import damaged, survived
from tests.surveys import COUNTS, PEOPLE, SHARES

pytestmark = pytest.mark.slow

CELLS = (
    *(
        "",
        " ",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "1e309",
        "-1",
        "0",
        "1",
        "0.5",
        "1,5",
        "1e-320",
        "9" * 400,
        "0x10",
        "1_0",
        "+1",
    ),
    *(
        "a",
        "b",
        "None",
        "NA",
        "true",
        "=1+1",
        '"',
        "'",
        "\x00",
        "\u202e",
        "é",
        "\ufeff",
        "x" * 5000,
        "a\nb",
        "question",
        "p",
    ),
)


@pytest.fixture(scope="module")
def estimator(composed):
    return made(composed("experiment=audit", "data.path=x").estimate)


@pytest.mark.parametrize("form", [PEOPLE, SHARES, COUNTS], ids=["people", "shares", "counts"])
def test_tables(form, estimator, tmp_path):
    path = tmp_path / "table.csv"
    rows = list(csv.reader(io.StringIO(form)))

    def cells(rng):
        table = [list(row) for row in rows]
        for _ in range(rng.choice((1, 1, 2, 6))):
            row = rng.choice(table)
            kind = rng.randrange(10)
            if kind == 0:
                table.remove(row) if len(table) > 1 else None
            elif kind == 1:
                table.insert(rng.randrange(len(table) + 1), list(row))
            elif kind == 2:
                row.append(rng.choice(CELLS))
            elif kind == 3 and row:
                row.pop()
            elif row:
                row[rng.randrange(len(row))] = rng.choice(CELLS)
        text = io.StringIO()
        csv.writer(text, delimiter=rng.choice(",,,;\t")).writerows(table)
        path.write_text(text.getvalue(), encoding=rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")))
        read()

    def any_byte(rng):
        path.write_bytes(damaged(form.encode(), rng))
        read()

    def read():
        loaded = load(path)
        loaded.table.check() if hasattr(loaded.table, "check") else None
        estimator(loaded.table)

    for case in (cells, any_byte):
        outcomes = survived(case, 350, f"{case.__name__} of {form[:20]}")
        assert outcomes["InputError"] > 100, outcomes
        assert outcomes["accepted"] > 10, outcomes
