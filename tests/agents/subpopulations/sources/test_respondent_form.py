import numpy as np
import pandas as pd
import pytest

from agents.subpopulations.sources import respondent_form, user_file
from sim.errors import InputError


def people():
    return pd.DataFrame(
        {
            "who": ["a", "b", "c", "d", "e", "f"],
            "group": ["X", "X", "Y", "Y", "Y", "X"],
            "age": ["old", "young", "old", "young", "old", "old"],
            "weight": [1.0, 3.0, 2.0, 2.0, 0.5, 1.0],
            "likes": ["yes", "no", "yes", "yes", "no", "NA"],
            "scale": [10, 2, 2, 10, 1, 1],
        }
    )


def test_weighted_shares_sizes_and_order_of_options(save):
    loaded = respondent_form.load(save(people()), respondent="who", questions=["likes", "scale"], ordinal=["scale"])
    table = loaded.table
    assert table.groups == ("X", "Y")
    assert table.options == (("yes", "no"), ("1", "2", "10"))
    assert table.ordinal == (False, True)
    assert np.allclose(table.shares, np.array([5.0, 4.5]) / 9.5)
    assert np.allclose(table.probabilities[0], [[0.25, 0.75], [8 / 9, 1 / 9]])
    assert np.allclose(table.probabilities[1], [[0.2, 0.6, 0.2], [1 / 9, 4 / 9, 4 / 9]])
    assert table.sizes[0, 0] == pytest.approx(16 / 10)
    assert loaded.respondents.group.size == 6
    assert "weighted by weight" in loaded.source.note


def test_unweighted_and_crossed_groups(save):
    frame = pd.concat([people(), people()]).drop(columns=["weight", "who"])
    loaded = respondent_form.load(save(frame), group=["group", "age"])
    assert loaded.table.groups == ("X / old", "X / young", "Y / old", "Y / young")
    assert np.allclose(loaded.table.shares, np.array([4, 2, 4, 2]) / 12)
    assert "unweighted" in loaded.source.note


def test_given_options_may_be_unused(save):
    options = {"likes": ["no", "perhaps", "yes"]}
    table = respondent_form.load(save(people()), questions=["likes"], options=options, ordinal=["likes"]).table
    assert table.options == (("no", "perhaps", "yes"),)
    assert np.allclose(table.probabilities[0][0], [0.75, 0, 0.25])


def edited(row, **cells):
    frame = people().astype(object)
    for name, value in cells.items():
        frame.loc[row, name] = value
    return frame


def load(path, **how):
    return respondent_form.load(path, **{"questions": ["likes", "scale"], "respondent": "who", **how})


@pytest.mark.parametrize(
    ("frame", "how", "field", "words"),
    [
        (people().drop(columns="group"), {}, "columns of data.csv", "missing 'group'"),
        (people(), {"questions": ["likes", "taste"]}, "columns of data.csv", "missing 'taste'"),
        (people(), {"weight": "w"}, "columns of data.csv", "missing 'w'"),
        (edited(2, group=""), {}, "group in row 4", "fill the cell"),
        (edited(2, weight=-1), {}, "weight in row 4", ">= 0"),
        (edited(2, weight="much"), {}, "weight in row 4", "expected a number"),
        (edited(2, who="a"), {}, "who in row 4", "the same as in row 2"),
        (edited(2, group="Z"), {}, "group 'Z' (row 4)", "one respondent has no spread"),
        (people(), {"options": {"likes": ["yes", "maybe"]}}, "likes in row 3", "expected one of 'yes', 'maybe'"),
        (people(), {"ordinal": ["likes"]}, "options of ordinal column 'likes'", "options={'likes': [...]}"),
        (people().assign(likes="yes"), {}, "column 'likes'", "everybody gave the same answer"),
        (
            pd.concat([people()] * 5).assign(scale=range(30)),
            {"respondent": None},
            "column 'scale'",
            "no closed question",
        ),
        (edited(slice(2, 4), likes="NA"), {}, "group 'Y', question 'likes'", "leave the question out"),
        (people()[["group", "weight"]], {"questions": None, "respondent": None}, "columns of data.csv", "no question"),
    ],
)
def test_errors_name_row_and_column(save, frame, how, field, words):
    with pytest.raises(InputError) as caught:
        load(save(frame), **how)
    assert caught.value.field == field
    assert words in str(caught.value)


def test_columns_that_are_no_questions_are_named_with_those_that_are(save):
    frame = pd.concat([people()] * 5).assign(age=range(30), comment=[f"well, {n}" for n in range(30)])
    with pytest.raises(InputError) as caught:
        respondent_form.load(save(frame.drop(columns="who")))
    assert caught.value.field == "column 'age', 'comment'"
    assert "questions=['likes', 'scale']" in str(caught.value)


@pytest.mark.parametrize("cell", ["n/a", ".", "NaN", "-99"])
def test_cells_that_mean_no_answer(save, cell):
    path = save(pd.concat([people()] * 3).assign(likes=["yes", "no", cell] * 6))
    given = user_file.load(path, questions=["likes"], missing=[*respondent_form.MISSING, "-99"])
    assert given.respondents.options == (("yes", "no"),)
    assert (given.respondents.answers < 0).sum() == 6
    taken = user_file.load(path, questions=["likes"])
    assert (cell in taken.respondents.options[0]) == (cell == "-99"), "an unknown code is an answer until it is named"


def test_user_file_tells_the_two_forms_apart(save):
    long = pd.DataFrame(
        [(q, o, g, n) for q in "qr" for o in "yz" for g, n in (("A", 3), ("B", 5))],
        columns=["question", "option", "group", "n"],
    )
    assert user_file.load(save(long, "long.csv")).respondents is None
    wide = user_file.load(save(people().drop(columns="who"), "wide.csv"), questions=["likes"])
    assert wide.respondents is not None
    assert "weighted by weight" in wide.source.note
    with pytest.raises(InputError, match=r"no column 'party'.*long form.*one row a respondent"):
        user_file.load(save(people(), "wide.csv"), group="party")
