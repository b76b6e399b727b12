import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.sources import long_form
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


def counts():
    """The same people as counts: 50 of A, 200 of B, in the order of the file."""
    frame = rows().drop(columns=["group_share", "option_index"])
    frame["n"] = (frame["p"] * frame["group"].map({"A": 50, "B": 200})).round().astype(int)
    return frame.drop(columns="p")


def edited(row, frame=None, **cells):
    frame = (rows() if frame is None else frame).astype(object)
    for name, value in cells.items():
        frame.loc[row, name] = value
    return frame


def test_reads_a_ragged_table(save):
    loaded = long_form.load(save(rows().assign(question="How?", n_eff=12.5)))
    table = loaded.table
    assert table.groups == ("A", "B")
    assert table.questions == ("q1", "q2")
    assert table.shares.tolist() == [0.4, 0.6]
    assert table.ordinal == (False, True)
    assert table.options == (("None", "option 1"), ("option 0", "option 1", "option 2"))
    assert np.allclose(table.probabilities[1], [[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]])
    assert (table.sizes == 12.5).all()
    assert loaded.wording == {"q1": "How?", "q2": "How?"}
    assert loaded.respondents is None


def test_counts_give_shares_and_sizes(save):
    table = long_form.load(save(counts())).table
    assert np.allclose(table.shares, [0.2, 0.8])
    assert np.allclose(table.probabilities[0], [[0.3, 0.7], [1, 0]])
    assert table.sizes.tolist() == [[50, 50], [200, 200]]


def test_summed_weights_give_shares_but_no_sizes(save):
    weighed = counts().rename(columns={"n": "weight"})
    weighed["weight"] = weighed["weight"] * 0.01
    table = long_form.load(save(weighed)).table
    assert np.allclose(table.shares, [0.2, 0.8])
    assert table.sizes is None


def test_row_order_and_rounding_do_not_matter(save):
    frame = rows()
    frame["p"] += 1e-5 * (frame["option_index"] == 0)
    table = long_form.load(save(frame.sample(frac=1, random_state=0))).table
    question, group = table.questions.index("q2"), table.groups.index("A")
    assert np.allclose(table.probabilities[question][group], [0.1, 0.2, 0.7], atol=2e-5)
    assert table.probabilities[question].sum(axis=1) == pytest.approx([1, 1])


def test_without_indices_and_flags(save):
    plain = rows().drop(columns=["ordinal", "option"])
    assert long_form.load(save(plain)).table.ordinal == (False, False)
    assert long_form.load(save(plain)).table.options == (("0", "1"), ("0", "1", "2"))


@pytest.mark.parametrize(
    ("frame", "field", "words"),
    [
        (rows().drop(columns="p"), "columns of data.csv", "missing 'p'"),
        (rows().drop(columns="group"), "columns of data.csv", "missing 'group'"),
        (rows().iloc[:0], "path", "no rows"),
        (edited(2, group=""), "group in row 4", "fill the cell"),
        (edited(3, question_id=""), "question_id in row 5", "fill the cell"),
        (rows().iloc[1:], "column option, question 'q1', group 'A'", "option '0' of row 6 has no row here"),
        (rows().iloc[2:], "column group, question 'q1'", "no row of group 'A'"),
        (pd.concat([rows(), rows().iloc[:1]]), "question 'q1', option '0', group 'A'", "in row 2 and in row 12"),
        (edited(4, p="many"), "p in row 6", "expected a number"),
        (edited(4, p="0,7"), "p in row 6", "as in 0.7"),
        (edited(4, p="70%"), "p in row 6", "write 45% as 0.45"),
        (edited(4, p="inf"), "p in row 6", "expected a number"),
        (edited(4, p=""), "p in row 6", "fill the cell"),
        (edited(0, p=0.5), "sum of p of question 'q1', group 'A' (row 2, row 3)", "must sum to 1"),
        (rows().assign(p=lambda f: 100 * f["p"]), "sum of p of question 'q1', group 'A' (row 2, row 3)", "percentages"),
        (edited(0, p=-0.1), "p in row 2", "expected a number >= 0"),
        (edited(1, group_share=0.5), "group_share in row 3", "the same in every row"),
        (rows().assign(group_share=0.7), "sum of column group_share", "must sum to 1 (A 0.7, B 0.7)"),
        (rows().drop(columns="group_share"), "column group_share", "0.5 in every row"),
        (edited(0, ordinal=1), "ordinal of question 'q1' (from row 2)", "the same in every row"),
        (edited(5, option="other"), "option in row 7", "was 'None' above"),
        (
            rows().assign(n_group=lambda f: f["group"].map({"A": 1, "B": 9})),
            "n_group of group 'A' (row 2 and on)",
            "one",
        ),
        (counts().assign(n=lambda f: f["n"] * (f["group"] == "B")), "n of group 'A' (row 2 and on)", "one respondent"),
        (edited(0, counts(), n=-3), "n in row 2", ">= 0"),
    ],
)
def test_errors_name_row_and_column(save, frame, field, words):
    with pytest.raises(InputError) as caught:
        long_form.load(save(frame))
    assert caught.value.field == field
    assert words in str(caught.value)


def test_nobody_of_a_group_answered_a_question(save):
    frame = counts()
    frame.loc[(frame["group"] == "A") & (frame["question_id"] == "q2"), "n"] = 0
    with pytest.raises(InputError, match="nobody answered"):
        long_form.load(save(frame))
