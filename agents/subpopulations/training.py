"""Train one LoRA adapter per group on that group's words; cached by the content that determines it."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from agents.language.identity import sha256_of_file
from agents.language.precision import fastest_precision
from agents.language.quiet import no_progress_bars
from agents.subpopulations.adapter_base import RECIPE_FILE, SETTINGS_FILE, WEIGHTS_FILE, base_of_model
from agents.subpopulations.corpus import Text
from sim.arrays import positive, whole_number
from sim.errors import InputError

__all__ = ["RECIPE_FILE", "WEIGHTS_FILE", "Recipe", "content_hash", "is_trained_for", "train_adapter"]


@dataclass(frozen=True)
class Recipe:
    """How an adapter is trained; with the corpus and the base model it determines the weights.

    Attributes:
        rank: LoRA rank.
        target_modules: Layers that get a low-rank update.
        learning_rate: Peak of a linear warm-up and decay.
        steps: Optimiser steps.
        batch_size: Texts per step.
        length: Tokens a text is padded or cut to; one fixed shape keeps CPU kernels warm.
        seed: Seed of initial weights and text order.
    """

    rank: int = 2
    target_modules: tuple[str, ...] = ("q_proj", "v_proj")
    learning_rate: float = 4e-3
    steps: int = 60
    batch_size: int = 8
    length: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "target_modules", tuple(self.target_modules))
        if not self.target_modules:
            raise InputError("recipe.target_modules", [], "name at least one layer, such as q_proj")
        positive("recipe.learning_rate", self.learning_rate)
        for field in ("rank", "steps", "batch_size", "length"):
            whole_number(f"recipe.{field}", getattr(self, field), minimum=1)


def content_hash(recipe: Recipe, corpus: Sequence[Text], base: str) -> str:
    """Hash of all that determines an adapter: recipe, corpus and the base model's revision."""
    content = {"recipe": asdict(recipe), "corpus": [asdict(text) for text in corpus], "base": base}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def is_trained_for(folder: Path, content: str) -> bool:
    """Whether `folder` holds an adapter trained from exactly this content, its weights as they were saved."""
    recipe, weights = folder / RECIPE_FILE, folder / WEIGHTS_FILE
    if not (recipe.is_file() and weights.is_file()):
        return False
    record = json.loads(recipe.read_text(encoding="utf-8"))
    return bool(record.get("content") == content and record.get("weights") == sha256_of_file(weights))


def train_adapter(
    model: Path,
    corpus: Sequence[Text],
    recipe: Recipe,
    folder: Path,
    *,
    base: str,
    report: Callable[[str], None],
) -> None:
    """Train an adapter on a corpus (causal loss on the texts, not the prompts) and save it in `folder`.

    Args:
        model: Folder of the base model.
        corpus: Prompts and texts in one group's voice.
        recipe: How to train.
        folder: Where the adapter goes; appears only when complete.
        base: SHA-256 of the base model's weights, recorded with the adapter, with its name and config hash.
        report: Called with one line every ten steps.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    device: Literal["cuda", "cpu"] = "cuda" if torch.cuda.is_available() else "cpu"
    half = fastest_precision(device) == "bfloat16"
    order = np.random.default_rng(recipe.seed)
    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True, trust_remote_code=False)
    low_rank = LoraConfig(
        r=recipe.rank,
        lora_alpha=2 * recipe.rank,
        target_modules=list(recipe.target_modules),
        lora_dropout=0.0,
    )
    with no_progress_bars(), torch.random.fork_rng():  # the initial weights come from our seed, nobody else's draws do
        torch.manual_seed(recipe.seed)
        untrained = AutoModelForCausalLM.from_pretrained(
            model, dtype=torch.float32, local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
        network = get_peft_model(untrained, low_rank)
    network.to(device)
    encoded = [_encode(tokenizer, text, recipe.length) for text in corpus]
    optimizer = torch.optim.AdamW((p for p in network.parameters() if p.requires_grad), weight_decay=0.01)
    queue: list[int] = []
    started = time.monotonic()
    for step in range(recipe.steps):
        while len(queue) < recipe.batch_size:
            queue.extend(order.permutation(len(encoded)).tolist())
        batch, queue = queue[: recipe.batch_size], queue[recipe.batch_size :]
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * min(1.0, (step + 1) / 5) * (1.0 - step / recipe.steps)
        ids, labels, mask = (torch.tensor([encoded[i][part] for i in batch], device=device) for part in range(3))
        with torch.autocast(device, dtype=torch.bfloat16, enabled=half):
            loss = network(input_ids=ids, labels=labels, attention_mask=mask).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % 10 == 0:
            report(f"step {step + 1}/{recipe.steps}, loss {loss.item():.2f}, {time.monotonic() - started:.0f} s")
    _save(network, recipe, corpus, folder, model=model, base=base)


def _encode(tokenizer: Any, text: Text, length: int) -> tuple[list[int], list[int], list[int]]:
    """Token ids, labels (-100 where no loss) and attention mask, each of the fixed length."""
    start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    prompt = [*([] if start is None else [start]), *tokenizer(text.prompt, add_special_tokens=False)["input_ids"]]
    answer = [*tokenizer(text.text, add_special_tokens=False)["input_ids"], end]
    ids = (prompt + answer)[:length]
    labels = ([-100] * len(prompt) + answer)[:length]
    padding = length - len(ids)
    return ids + [end] * padding, labels + [-100] * padding, [1] * len(ids) + [0] * padding


def _save(network: Any, recipe: Recipe, corpus: Sequence[Text], folder: Path, *, model: Path, base: str) -> None:
    import torch

    partial = folder.with_name(folder.name + ".partial")
    state = {name: p for name, p in network.named_parameters() if p.requires_grad}
    for parameter in state.values():
        parameter.data = parameter.data.to(torch.bfloat16)
    network.save_pretrained(partial)
    (partial / "README.md").unlink(missing_ok=True)
    settings = partial / SETTINGS_FILE
    content = json.loads(settings.read_text(encoding="utf-8"))
    content["base_model_name_or_path"] = base
    settings.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    known = base_of_model(model, base)
    record: Mapping[str, object] = {
        "content": content_hash(recipe, corpus, base),
        "weights": sha256_of_file(partial / WEIGHTS_FILE),
        "base": base,
        "base_name": known.name,
        "base_config": known.config_sha256,
        **asdict(recipe),
    }
    (partial / RECIPE_FILE).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)  # an adapter made from other texts: a folder can't be overwritten
    partial.replace(folder)
