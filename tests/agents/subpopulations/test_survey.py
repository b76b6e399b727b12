import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.survey import load_opinion_table
from sim.errors import InputError


def rows():
    """Two groups; question q1 has an option labelled None, q2 is ordinal."""
    table = []
    for group, share, first, second in (
        ("A", 0.4, (0.3, 0.7), (0.1, 0.2, 0.7)),
        ("B", 0.6, (1.0, 0.0), (0.5, 0.25, 0.25)),
    ):
        for question, values, ordinal in (("q1", first, 0), ("q2", second, 1)):
            for index, p in enumerate(values):
                label = "None" if (question, index) == ("q1", 0) else f"option {index}"
                table.append((question, index, label, ordinal, group, p, share))
    columns = ["question_id", "option_index", "option", "ordinal", "group", "p", "group_share"]
    return pd.DataFrame(table, columns=columns)


def save(tmp_path, frame):
    path = tmp_path / "survey.csv"
    frame.to_csv(path, index=False)
    return path


def test_reads_a_ragged_table(tmp_path):
    table = load_opinion_table(save(tmp_path, rows()))
    assert table.groups == ("A", "B")
    assert table.questions == ("q1", "q2")
    assert table.shares.tolist() == [0.4, 0.6]
    assert table.ordinal == (False, True)
    assert table.options == (("None", "option 1"), ("option 0", "option 1", "option 2"))
    assert np.allclose(table.probabilities[1], [[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]])


def test_row_order_and_rounding_do_not_matter(tmp_path):
    frame = rows()
    frame["p"] += 1e-5 * (frame["option_index"] == 0)
    shuffled = pd.concat([frame.iloc[:1], frame.iloc[1:].sample(frac=1, random_state=0)])
    table = load_opinion_table(save(tmp_path, shuffled))
    question = table.questions.index("q2")
    order = [table.groups.index(group) for group in ("A", "B")]
    assert np.allclose(table.probabilities[question][order][0], [0.1, 0.2, 0.7], atol=2e-5)


def test_no_ordinal_column_means_nominal(tmp_path):
    table = load_opinion_table(save(tmp_path, rows().drop(columns=["ordinal", "option"])))
    assert table.ordinal == (False, False)
    assert table.options == (("0", "1"), ("0", "1", "2"))


def edited(**cells):
    frame = rows().astype(object)
    for name, value in cells.items():
        frame.loc[0, name] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "field", "words"),
    [
        (rows().drop(columns="p"), "columns", "missing p"),
        (rows().iloc[:0], "path", "no rows"),
        (rows().iloc[1:], "question 'q1', group 'A', option 0", "every option for every group"),
        (pd.concat([rows(), rows().iloc[:1]]), "question 'q1', group 'A', option 0", "one row per"),
        (edited(p="many"), "p of question 'q1', group 'A'", "expected a number"),
        (edited(p=0.5), "sum of p of question 'q1', group 'A'", "must sum to 1"),
        (edited(p=-0.1), "p of question 'q1', group 'A'", "expected a share >= 0"),
        (edited(group_share=0.5), "group_share of 'A'", "the same share in every row"),
        (rows().assign(group_share=0.7), "sum of group_share", "must sum to 1"),
        (edited(ordinal=1), "ordinal of question 'q1'", "the same in every row"),
    ],
)
def test_errors_name_what_is_wrong(tmp_path, frame, field, words):
    with pytest.raises(InputError) as caught:
        load_opinion_table(save(tmp_path, frame))
    assert caught.value.field == field
    assert words in str(caught.value)


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_opinion_table(tmp_path / "absent.csv")
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(InputError, match="not a readable CSV"):
        load_opinion_table(empty)
