"""Adapter folders (LoRA, as peft writes them): checked before any backend loads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.language.protocol import LanguageModelError

LINEAR_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""Linear layers of a Llama-like model."""


def check_adapters(adapters: Mapping[str, Path]) -> None:
    """Check that each folder holds a LoRA adapter in safetensors.

    Raises:
        LanguageModelError: If a folder is not one. Weights in pickle files are refused: loading one runs
            its code.
    """
    for name, folder in adapters.items():
        adapter_rank(name, folder)
        if not (folder / "adapter_model.safetensors").is_file():
            raise LanguageModelError(
                f"adapter {name!r}: no adapter_model.safetensors in {folder}. Save it with "
                "peft's save_pretrained (safetensors is its default); .bin files are not loaded."
            )


def adapter_rank(name: str, folder: Path) -> int:
    """Largest rank an adapter uses in any layer."""
    config = _configuration(name, folder)
    return int(max([config["r"], *config.get("rank_pattern", {}).values()]))


def adapter_targets(adapters: Mapping[str, Path]) -> tuple[str, ...]:
    """Modules that any of the adapters changes; all linear ones where an adapter names them by a pattern."""
    targets: set[str] = set()
    for name, folder in adapters.items():
        named = _configuration(name, folder)["target_modules"]
        targets.update(LINEAR_MODULES if isinstance(named, str) else named)
    return tuple(sorted(targets))


def _configuration(name: str, folder: Path) -> dict[str, Any]:
    path = folder / "adapter_config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        missing = [key for key in ("r", "target_modules") if not config.get(key)]
    except (OSError, ValueError, AttributeError) as error:
        missing, reason = ["r"], f"{type(error).__name__}: {error}"
    else:
        reason = f"no {', '.join(missing)}"
    if missing:
        raise LanguageModelError(
            f"adapter {name!r}: {path} is no peft LoRA configuration ({reason}). "
            "Give the folder written by peft's save_pretrained."
        )
    return config


def check_known(adapter: str | None, known: Mapping[str, object], model: str) -> None:
    """Check that a request's adapter is loaded.

    Raises:
        LanguageModelError: If it is not.
    """
    if adapter is not None and adapter not in known:
        raise LanguageModelError(
            f"{model}: adapter {adapter!r} is not loaded; loaded are {sorted(known)}. Name it when making the model."
        )
