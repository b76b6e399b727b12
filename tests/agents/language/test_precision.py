"""bfloat16 only where it is not emulated."""

import pytest

from agents.language.precision import fastest_precision


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu sse avx512f avx512_bf16", "bfloat16"),
        ("fpu amx_bf16 amx_tile", "bfloat16"),
        ("fpu sse avx2 avx512f avx512_vnni", "float32"),
        ("", "float32"),
    ],
)
def test_a_processor_is_asked_for_its_instructions(tmp_path, flags, expected):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\nprocessor\t: 1\nflags\t\t: {flags}\n")
    assert fastest_precision("cpu", cpuinfo) == expected


def test_a_gpu_computes_in_it_and_an_unknown_processor_is_assumed_not_to(tmp_path):
    assert fastest_precision("cuda", tmp_path / "absent") == "bfloat16"
    assert fastest_precision("cpu", tmp_path / "absent") == "float32"
