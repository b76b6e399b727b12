"""The packaged model: a copy with one wrong byte is found, and the model says what it should."""

import pytest

from agents.language.identity import model_identity
from agents.language.packaged_model import cached_folder, packaged_model
from agents.language.protocol import LanguageModelError
from agents.language.vllm_command import vllm_device
from experiments.doctor import model


@pytest.fixture
def small_copy(tmp_path):
    """A cache that holds a copy of a few bytes."""
    folder = cached_folder(tmp_path)
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_bytes(b"some bytes")
    return folder


def test_the_package_is_installed():
    assert model.packaged().state == "ok"


def test_a_copy_that_is_not_written_yet_is_no_fault(tmp_path):
    assert model.copy(tmp_path).state == "ok"


def test_a_whole_copy_is_told_from_a_damaged_and_an_incomplete_one(small_copy):
    weights = model_identity(small_copy).weights_sha256
    assert model.copy(small_copy.parent, weights).state == "ok"
    assert model.copy(small_copy.parent).state == "fail", "the shipped adapters name other weights"

    file = small_copy / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[3] ^= 1
    file.write_bytes(content)
    found = model.copy(small_copy.parent, weights)
    assert found.state == "fail"
    assert str(small_copy) in found.remedy

    (small_copy / "tokenizer.json").unlink()
    assert "tokenizer.json" in model.copy(small_copy.parent, weights).found


@pytest.mark.slow
def test_the_copy_of_this_machine_is_whole_and_says_what_it_should():
    packaged_model()
    assert model.copy().state == "ok"
    assert model.answer().state == "ok", model.answer()


@pytest.mark.slow
def test_a_server_says_it_too():
    try:
        vllm_device()
    except LanguageModelError as error:
        pytest.skip(str(error))
    found = model.served_answer()
    assert found.state == "ok", found
