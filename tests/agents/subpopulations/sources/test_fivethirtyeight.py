"""The published file gives the aggregated tables to their printed digits."""

import pandas as pd
import pytest

from agents.subpopulations.sources import fivethirtyeight
from agents.subpopulations.sources.table_file import read_table
from sim.errors import InputError


@pytest.fixture(scope="module")
def raw(data_folder):
    return data_folder / "raw" / "fivethirtyeight_nonvoters_data.csv"


@pytest.fixture(scope="module")
def part(raw):
    """The first thousand respondents."""
    return read_table(raw).rows.iloc[:1000]


@pytest.mark.parametrize("grouping", ["party5", "side6"])
def test_raw_file_gives_the_aggregated_table(data_folder, raw, grouping):
    loaded = fivethirtyeight.load(raw, grouping)
    table, people = loaded.table, loaded.respondents
    expected = pd.read_csv(data_folder / f"fivethirtyeight_nonvoters_{grouping}.csv", keep_default_na=False)
    assert set(table.questions) == set(expected["question_id"])
    assert set(table.groups) == set(expected["group"])
    for row in expected.itertuples():
        q, g = table.questions.index(row.question_id), table.groups.index(row.group)
        chosen = (people.group == g) & (people.answers[:, q] == row.option_index)
        found = (
            f"{table.probabilities[q][g, row.option_index]:.5f}",
            f"{table.sizes[g, q]:.1f}",
            f"{table.shares[g]:.5f}",
            int(chosen.sum()),
            table.options[q][row.option_index],
            table.ordinal[q],
            loaded.wording[row.question_id],
        )
        printed = (f"{row.p:.5f}", f"{row.n_eff:.1f}", f"{row.group_share:.5f}", row.n, row.option, bool(row.ordinal))
        assert found == (*printed, row.question)


def test_provenance(raw, part, tmp_path):
    source = fivethirtyeight.load(raw).source
    assert source.sha256 == fivethirtyeight.PUBLISHED.sha256
    assert source.licence == "CC BY 4.0"
    assert source.note.startswith("the published bytes")
    part.to_csv(tmp_path / "part.csv", index=False)
    fewer = fivethirtyeight.load(tmp_path / "part.csv")
    assert fewer.source.note.startswith("not the published bytes")
    assert fewer.source.sha256 != source.sha256
    assert fewer.respondents.group.size == 1000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.rename(columns={"Q30": "party"}), "missing 'Q30'"),
        (lambda f: f.drop(columns=["Q8_3"]), "missing 'Q8_3'"),
        (lambda f: f.assign(Q5=f["Q5"].map({"1": "really matters"}).fillna("")), "export codes, not labels"),
        (lambda f: f.assign(weight=["x", *f["weight"][1:]]), "weight in row 2"),
        (lambda f: f[f["Q30"].isin(["1", "2"])], "nobody in it"),
    ],
)
def test_schema_drift_is_named(part, tmp_path, change, words):
    change(part).to_csv(tmp_path / "drift.csv", index=False)
    with pytest.raises(InputError) as caught:
        fivethirtyeight.load(tmp_path / "drift.csv")
    assert words in str(caught.value)


def test_unknown_grouping(tmp_path):
    with pytest.raises(InputError, match="expected one of party5, side6"):
        fivethirtyeight.load(tmp_path, "party7")
