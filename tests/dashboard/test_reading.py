"""Damaged, half-written, huge and foreign files: a message that names the file, and nothing else."""

from __future__ import annotations

import pytest

from experiments.dashboard import reading
from experiments.dashboard.run_panel import beside
from experiments.dashboard.runs import open_run
from sim.errors import InputError


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1, 2]", b'{"a": NaN}', b"\xff\xfe\x00", b"[" * 100_000, b'{"a": 1}}', b"null"]
)
def test_what_is_no_json_object_is_named(content, tmp_path):
    file = tmp_path / "verdict.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"verdict\.json"):
        reading.read_json(file)


def test_a_huge_file_is_not_read(tmp_path):
    file = tmp_path / "verdict.json"
    with file.open("wb") as sparse:
        sparse.truncate(reading.LARGEST_FILE + 1)
    with pytest.raises(InputError, match="too large"):
        reading.read_json(file)
    with pytest.raises(InputError, match="too large"):
        reading.read_csv(file)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"group,a\n"])
def test_what_is_no_parquet_is_named(content, tmp_path):
    file = tmp_path / "rounds.parquet"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"rounds\.parquet"):
        reading.read_parquet(file)


def test_a_run_with_damaged_parts_opens_and_lists_them(finished, tmp_path):
    for name in ("status.json", "verdict.json", "manifest.json"):
        (tmp_path / name).write_text("{ half")
    run = open_run(tmp_path)
    assert run.state == "unknown"
    assert [problem.split(" ")[0] for problem in run.problems] == ["status.json", "manifest.json", "verdict.json"]


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="no run lies there"):
        open_run(tmp_path)


@pytest.mark.parametrize("name", ["../../secret.png", "/etc/passwd", "a/../../b"])
def test_a_run_names_no_file_of_others(name, tmp_path):
    with pytest.raises(InputError, match="out of the run directory"):
        beside(tmp_path, name)


@pytest.mark.parametrize("values", [None, "1", [], [1, "2"], [float("nan")], [True], {"a": 1}])
def test_what_is_no_list_of_numbers_is_named(values):
    with pytest.raises(InputError, match="predicted"):
        reading.numbers(values, "predicted")
