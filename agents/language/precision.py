"""The precision in which a device computes fastest."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Precision = Literal["float32", "bfloat16"]

_BFLOAT16_INSTRUCTIONS = frozenset({"avx512_bf16", "amx_bf16", "avx_ne_convert"})
_CPUINFO = Path("/proc/cpuinfo")


def fastest_precision(device: Literal["cpu", "cuda"], cpuinfo: Path = _CPUINFO) -> Precision:
    """bfloat16 on a GPU and on processors with instructions for it; float32 on others, which would emulate it.

    Args:
        device: Where the model runs.
        cpuinfo: The kernel's description of the processor; where there is none, no instructions are assumed.
    """
    if device == "cuda":
        return "bfloat16"
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    flags = next((line.split(":", 1)[1].split() for line in lines if line.startswith("flags")), [])
    return "bfloat16" if _BFLOAT16_INSTRUCTIONS & set(flags) else "float32"
