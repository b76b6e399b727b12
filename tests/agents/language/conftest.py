"""The real packaged model, two small adapters, and one real server for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.language.packaged_model import packaged_model
from agents.language.transformers_model import TransformersLanguageModel
from agents.language.vllm_server import VLLMServer


@pytest.fixture(scope="session")
def model_folder() -> Path:
    return packaged_model()


@pytest.fixture(scope="session")
def adapters(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two LoRA adapters of rank 2 with weights drawn from their own seeds, the same on every machine."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    home = tmp_path_factory.mktemp("adapters")
    folders = {}
    for seed, name in enumerate(("left", "right")):
        base = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32)
        config = LoraConfig(r=2, lora_alpha=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        model = get_peft_model(base, config)
        generator = torch.Generator().manual_seed(seed)
        for parameter_name, parameter in model.named_parameters():
            if "lora_A" in parameter_name:  # peft draws A from the process's own generator: never the same twice
                parameter.data = torch.randn(parameter.shape, generator=generator) / parameter.shape[1] ** 0.5
            if "lora_B" in parameter_name:  # peft starts B at zero: the adapter would change nothing
                parameter.data = 0.5 * torch.randn(parameter.shape, generator=generator)
        folders[name] = home / name
        model.save_pretrained(folders[name])
    return folders


@pytest.fixture(scope="session")
def transformers_model(model_folder: Path, adapters: dict[str, Path]) -> Iterator[TransformersLanguageModel]:
    with TransformersLanguageModel(model_folder, adapters, dtype="float32") as model:
        yield model


@pytest.fixture(scope="module")  # an idle server takes almost half a core from all tests that follow
def server(
    model_folder: Path, adapters: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VLLMServer]:
    pytest.importorskip("vllm")
    log = tmp_path_factory.mktemp("vllm") / "vllm.log"
    with VLLMServer(
        model_folder, adapters, "float32", kv_cache_gib=1, log=log, request_timeout=120.0, max_restarts=2, report=print
    ) as model:
        yield model
