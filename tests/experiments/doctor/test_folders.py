"""Folders that can't be written, or are too small, are named; the check leaves nothing behind."""

from pathlib import Path

import pytest

from experiments.doctor import folders

CHECKS = [folders.runs, folders.cache]


@pytest.mark.parametrize("check", CHECKS)
def test_a_folder_with_room_is_fine_and_stays_as_it_was(check, tmp_path):
    assert check(tmp_path / "new" / "folder", 1e-6).state == "ok"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("check", CHECKS)
def test_a_folder_below_a_file_or_in_a_read_only_place_is_a_failure(check, tmp_path):
    (tmp_path / "file").write_text("no folder")
    for place in (tmp_path / "file" / "runs", Path("/proc/self/runs")):  # which even the superuser can't write
        found = check(place)
        assert found.state == "fail"
        assert "another folder" in found.remedy


@pytest.mark.parametrize("check", CHECKS)
def test_too_little_room_is_a_failure_and_little_a_warning(check, tmp_path):
    assert check(tmp_path, 1e9).state == "fail"
    free = float(check(tmp_path, 1e-6).found.split()[-3])
    assert check(tmp_path, free / 2).state == "warn"


def test_kernels_that_cannot_be_kept_are_a_warning(tmp_path):
    assert folders.kernels().state == "ok"
    assert "the first start takes longer" in folders.kernels(tmp_path).found
    assert folders.kernels(Path("/proc/self/kernels")).state in ("ok", "warn")
