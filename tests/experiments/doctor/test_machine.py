"""The machine: too little of anything, and a GPU that does not answer, are said with what to do."""

import pytest

from experiments.doctor import machine


def program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("gib", "state"), [(1, "fail"), (4, "warn"), (20, "ok")])
def test_memory_is_held_against_what_the_model_takes(gib, state):
    found = machine.memory(gib * machine.GIB)
    assert found.state == state
    assert bool(found.remedy) == (state != "ok")


def test_this_machine_is_described():
    assert "cores" in machine.processor().found
    assert machine.memory().found.endswith("GiB free")
    assert machine.loopback().state == "ok"


def test_the_walls_of_the_sandbox_stand_or_are_missed():
    found = machine.walls()
    assert found.state in ("ok", "warn")
    assert found.remedy or "seccomp" in found.found


def test_no_gpu_is_no_fault(tmp_path):
    assert machine.gpu(str(tmp_path / "nvidia-smi")).state == "ok"


def test_a_gpu_whose_driver_does_not_answer_is_a_warning(tmp_path):
    broken = program(tmp_path / "nvidia-smi", "#!/bin/sh\necho no devices were found\nexit 6\n")
    found = machine.gpu(broken)
    assert found.state == "warn"
    assert "no devices" in found.found


def test_a_gpu_that_torch_does_not_see_is_a_warning(tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("torch sees a GPU here")
    works = program(tmp_path / "nvidia-smi", "#!/bin/sh\necho H200, 143771 MiB, 570.1\n")
    found = machine.gpu(works)
    assert found.state == "warn"
    assert "H200" in found.found


def test_shared_memory_that_is_not_there_is_no_fault(tmp_path):
    assert machine.shared_memory(tmp_path / "shm").state == "ok"
    assert "GiB free" in machine.shared_memory(tmp_path).found
