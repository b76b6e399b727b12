import json

import pandas as pd
import pyarrow as pa
import pytest

from agents.subpopulations.sources.table_file import read_table
from sim.errors import InputError

FRAME = pd.DataFrame({"group": ["Süd", "None"], "p": [0.25, 1.0], "n": [3, None]})
TEXT = [["Süd", "0.25", "3"], ["None", "1.0", ""]]


def cells(file):
    return file.rows.to_numpy().tolist()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_and_marked_encodings(save, separator, encoding):
    frame = pd.DataFrame(TEXT, columns=["group", "p", "n"])
    file = read_table(save(frame, sep=separator, encoding=encoding))
    assert list(file.rows.columns) == ["group", "p", "n"]
    assert cells(file) == TEXT


def test_blank_lines_and_spaces_keep_the_count_of_rows(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text('a, b\n1 , 2\n\n"x, y", 3\n')
    file = read_table(path)
    assert cells(file) == [["1", "2"], ["x, y", "3"]]
    assert [file.row(index) for index in file.rows.index] == ["row 2", "row 4"]


def test_latin_1_is_named_and_read_when_told(save):
    path = save(FRAME, encoding="latin-1")
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert caught.value.field == "encoding of data.csv"
    assert "row 2: byte 0xfc after 'S' is not utf-8" in str(caught.value)
    assert "encoding='latin-1'" in str(caught.value)
    assert read_table(path, encoding="latin-1").rows.loc[0, "group"] == "Süd"


def test_unknown_encoding(save):
    with pytest.raises(InputError, match="no-such-code"):
        read_table(save(FRAME), encoding="no-such-code")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "must hold the column names"),
        (b"a,b\n", "no rows"),
        (b"a,b\n,\n", "no rows"),
        (b"a,b\n1,2,3\n", "rows of different lengths"),
        (b"a,b\n1,2\n1,2,3\n", "rows of different lengths"),
        (b"a,a\n1,2\n", "give every column its own name"),
        (b"PK\x03\x04rest", "save the sheet as CSV"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16 without its mark"),
    ],
)
def test_unreadable_text(tmp_path, content, words):
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_table(path)


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "absent.csv")


def test_parquet_and_stata_read_as_text(tmp_path):
    FRAME.to_parquet(tmp_path / "data.parquet")
    FRAME.to_stata(tmp_path / "data.dta", write_index=False, version=118)
    for name in ("data.parquet", "data.dta"):
        file = read_table(tmp_path / name)
        assert cells(file) == TEXT
        assert file.row(0) == "row 1"


def test_stata_codes_and_labels(tmp_path):
    labels = {"q": {1: "yes", 2: "no"}}
    pd.DataFrame({"q": [1, 2, 1]}).to_stata(tmp_path / "data.dta", write_index=False, value_labels=labels)
    assert cells(read_table(tmp_path / "data.dta")) == [["1"], ["2"], ["1"]]
    assert cells(read_table(tmp_path / "data.dta", labelled=True)) == [["yes"], ["no"], ["yes"]]


def saved_dataset(folder, frame):
    """As `datasets.Dataset.save_to_disk` writes it: Arrow streams in shards."""
    folder.mkdir(parents=True)
    table = pa.Table.from_pandas(frame)
    for n in range(2):
        sink = str(folder / f"data-0000{n}-of-00002.arrow")
        with pa.OSFile(sink, "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table.slice(n, 1))


def test_saved_datasets(tmp_path):
    saved_dataset(tmp_path / "one", FRAME)
    assert cells(read_table(tmp_path / "one")) == TEXT
    for split in ("train", "test"):
        saved_dataset(tmp_path / "many" / split, FRAME if split == "test" else FRAME[:0])
    (tmp_path / "many" / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    assert cells(read_table(tmp_path / "many", split="test")) == TEXT
    with pytest.raises(InputError, match="test, train; give one of these"):
        read_table(tmp_path / "many", split="valid")


def test_folder_of_parquet_files(tmp_path):
    (tmp_path / "data").mkdir()
    FRAME[:1].to_parquet(tmp_path / "data" / "train-00000-of-00002.parquet")
    FRAME[1:].to_parquet(tmp_path / "data" / "train-00001-of-00002.parquet")
    assert cells(read_table(tmp_path)) == TEXT


def test_broken_binary_files(tmp_path):
    for name in ("data.parquet", "data.dta"):
        (tmp_path / name).write_bytes(b"not what the ending says")
        with pytest.raises(InputError, match="not a readable"):
            read_table(tmp_path / name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="neither Parquet files nor a saved dataset"):
        read_table(tmp_path / "empty")


def test_only_the_columns_asked_for(save):
    assert list(read_table(save(FRAME), columns=["n", "group", "absent"]).rows.columns) == ["group", "n"]
