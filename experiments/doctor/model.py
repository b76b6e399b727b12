"""The packaged language model: is it installed, is its converted copy whole, and does it say what it should?"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from agents.language.identity import model_identity
from agents.language.packaged_model import cached_folder, gguf_file, packaged_model
from agents.language.protocol import ChoiceRequest, GenerationRequest, LanguageModelError
from agents.language.transformers_model import TransformersLanguageModel
from agents.language.vllm_server import VLLMServer
from agents.subpopulations import bigfive
from agents.subpopulations.adapter_base import recorded_base
from experiments.doctor.finding import Finding

PARIS = -0.261
"""log p(" Paris" | "The capital of France is") of the packaged model, nats; bfloat16 weights, float32 arithmetic."""
_NEAR = 0.002
_NEAR_IN_BFLOAT16 = 0.1
_QUESTION = ChoiceRequest(prompt="The capital of France is", options=(" Paris",), adapter=None)


def packaged() -> Finding:
    """The package that holds the model."""
    try:
        file = gguf_file()
    except LanguageModelError as error:
        return Finding("packaged model", str(error), "fail", "make env")
    return Finding("packaged model", f"{file.name}, {file.stat().st_size / 2**20:.0f} MiB")


def copy(cache: Path | None = None, expected: str | None = None) -> Finding:
    """The copy that transformers and vLLM read: every byte of its weights as when the shipped adapters were trained.

    Args:
        cache: Folder of the copies; default: the user's.
        expected: SHA-256 of the weights; default: that which the shipped adapters name as their base.
    """
    what = "model copy"
    try:
        folder = cached_folder(cache)
    except LanguageModelError as error:
        return Finding(what, str(error).partition(". ")[0], "fail", "make env")
    if not folder.is_dir():
        return Finding(what, "not written yet", "ok", "the first run writes it: half a minute, 270 MB")
    remedy = f"remove {folder}; the next run writes it anew"
    try:
        weights = model_identity(folder).weights_sha256
    except (LanguageModelError, OSError) as error:
        return Finding(what, str(error)[:200], "fail", remedy)
    wanted = expected or recorded_base(Path(bigfive.__file__).parent / "adapters" / "A").weights_sha256
    if weights != wanted:
        return Finding(what, f"weights {weights[:12]}, expected {str(wanted)[:12]}: damaged", "fail", remedy)
    return Finding(what, f"weights {weights[:12]}, whole")


def answer() -> Finding:
    """What the model says in this process, in float32."""
    return _judged("answer", TransformersLanguageModel(packaged_model(), {}, "float32"), _NEAR)


def served_answer() -> Finding:
    """What it says on a vLLM server that is started for it."""
    with tempfile.TemporaryDirectory() as folder:
        return _judged("vLLM answer", VLLMServer(packaged_model(), log=Path(folder) / "vllm.log"), _NEAR_IN_BFLOAT16)


def _judged(what: str, language: TransformersLanguageModel | VLLMServer, near: float) -> Finding:
    started = time.monotonic()
    try:
        with language:
            (score,) = language.choice_logprobs([_QUESTION])
            (text,) = language.generate(
                [GenerationRequest(prompt=_QUESTION.prompt, adapter=None, seed=0, max_tokens=4)]
            )
    except LanguageModelError as error:
        return Finding(what, str(error)[:400], "fail", "language=transformers works without a server")
    value = float(score.logprobs[0])
    found = f"log p(Paris) {value:.3f}, should be {PARIS:.3f}; {text.tokens} tokens; {time.monotonic() - started:.0f} s"
    if abs(value - PARIS) > near:
        return Finding(what, found, "fail", "another model, or arithmetic that is broken: make env in a fresh checkout")
    return Finding(what, found)
